"""Pages of the methods and their reference in a browser: accessible by day and by night, and whole on paper."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PAGES = (
    *("en/api/index", "en/api/regression", "en/api/discontinuity", "en/methods/coverage", "en/methods/pooling"),
    *("en/methods/gallery", "zh/api/regression", "zh/methods/coverage"),
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_pages_are_accessible(browser_page: Page, report_folder: Path, name: str, scheme: str) -> None:
    browser_page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no button that is between two colours
    browser_page.goto((report_folder / f"{name}.html").as_uri())
    assert browser_page.get_attribute("html", "data-theme") == scheme
    found = Axe().run(browser_page, options={"preload": False}).response["violations"]  # no style is asked for again
    assert {fault["id"]: fault["nodes"][0]["html"][:200] for fault in found} == {}


def test_no_code_is_cut_off_on_paper(browser_page: Page, report_folder: Path) -> None:
    browser_page.set_viewport_size({"width": 700, "height": 1000})  # of A4 within its margins
    browser_page.goto((report_folder / "en/methods/pooling.html").as_uri())
    cut = "[...document.querySelectorAll('pre')].filter((code) => code.scrollWidth > code.clientWidth + 1).length"
    assert browser_page.evaluate(cut) > 0  # on a screen it scrolls
    browser_page.emulate_media(media="print")
    assert browser_page.evaluate(cut) == 0
