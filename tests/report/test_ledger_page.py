"""The ledger in a browser: filters filter, heads sort, the address opens and filters, in both languages."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

import pytest
from playwright.sync_api import Page, expect

from shanhai.claims.claims import claims_from
from shanhai.claims.engine import find
from shanhai.claims.evidence import project_evidence
from shanhai.claims.findings import findings_records
from shanhai.core.paths import LIBRARY
from shanhai.data.load import load_table
from shanhai.report.ledger import ledger_html
from shanhai.report.results import LANGUAGES, Language, Results

CLAIMS = ("B01a", "B10", "M27a", "M27b", "M74b", "Q13a", "Q13b", "Q16a", "S01")
"""Two of them contradicted, four on Quzhou, two without figures, two parts of M27; all of them need small tables."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page in each language, made of the fragment alone."""
    to = tmp_path_factory.mktemp("ledger")
    claims = {claim.id: claim for claim in claims_from(load_table("claims"))}
    results = Results(Path(), MappingProxyType({}), MappingProxyType({}))
    results.__dict__["findings"] = findings_records([find(claims[name], project_evidence()) for name in CLAIMS])
    for name in ("ledger.css", "ledger.js"):
        shutil.copy(LIBRARY / "report" / "ledger" / name, to / name)
    for language in LANGUAGES:
        html = ledger_html(results, language)
        (to / f"{language}.html").write_text(
            f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>Ledger</title>'
            '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="ledger.css"></head>'
            f'<body><main><h1>Ledger</h1>{html}</main><script src="ledger.js"></script></body></html>',
            encoding="utf-8",
        )
    return to


@pytest.fixture
def opened(browser_page: Page, folder: Path) -> Callable[..., Page]:
    """Opens the page of a language at an address."""

    def open_page(language: Language = "en", address: str = "") -> Page:
        browser_page.goto("about:blank")
        browser_page.goto(f"{(folder / f'{language}.html').as_uri()}{address}")
        return browser_page

    return open_page


def shown(page: Page) -> list[str]:
    """Claims that are seen, in their order."""
    return [str(claim.get_attribute("id")) for claim in page.locator(".ledger-claim:visible").all()]


def test_filters_filter_and_the_page_says_how_many_are_left(opened: Callable[..., Page]) -> None:
    page = opened()
    assert shown(page) == list(CLAIMS)
    expect(page.get_by_role("status")).to_contain_text("9 of 9 entries shown")
    page.get_by_label("Verdict").select_option("contradicted")
    assert shown(page) == ["B10", "M74b"]
    expect(page.get_by_role("status")).to_contain_text("2 of 9 entries shown")
    page.get_by_label("Document").select_option("bazhong-2024")
    assert shown(page) == ["B10"]
    assert page.url.endswith("#document=bazhong-2024&verdict=contradicted")
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_role("status")).to_contain_text("9 of 9 entries shown")
    assert "=" not in page.url
    page.get_by_label("Words").fill("no such words")
    expect(page.get_by_text("No entry fits.")).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_places_and_words_are_found_in_either_language_and_case(
    opened: Callable[..., Page], language: Language
) -> None:
    page = opened(language)
    for place in ("quzhou", "衢州"):
        page.locator("[name=place]").fill(place)
        assert shown(page) == ["Q13a", "Q16a", "S01"]
    page.locator("[name=place]").fill("")
    for words in ("M74B", "嵊泗", "SHENGSI"):
        page.locator("[name=words]").fill(words)
        assert "M74b" in shown(page) and len(shown(page)) < 4


def test_heads_sort_up_and_down(opened: Callable[..., Page]) -> None:
    page = opened()
    head = page.get_by_role("columnheader", name="Official figures give")
    expect(head).to_have_attribute("aria-sort", "none")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    # 6 of 6, 18.7, 25.4, 26.1, 38.4 and 66.0 percent; what has no number stays last
    assert shown(page)[:6] == ["S01", "Q13b", "Q13a", "M74b", "M27b", "M27a"]
    head.get_by_role("button").press("Enter")
    expect(head).to_have_attribute("aria-sort", "descending")
    assert shown(page)[:2] == ["M27a", "M27b"] and set(shown(page)[6:]) == {"B01a", "B10", "Q16a"}
    again = opened("en", f"#{page.url.partition('#')[2]}")
    assert shown(again)[:2] == ["M27a", "M27b"]
    page.get_by_role("button", name="Verdict").click()
    first = page.locator(".ledger-claim").first.get_attribute("data-verdict")
    assert first == "reproduced"


def test_the_address_opens_a_claim_a_whole_or_a_filtered_ledger(opened: Callable[..., Page]) -> None:
    page = opened("en", "#Q13a")
    expect(page.locator("#Q13a details")).to_have_attribute("open", "")
    expect(page.locator("#Q13a summary")).to_be_focused()
    page = opened("zh", "#M27")
    assert page.locator(".ledger-claim details[open]").count() == 2
    page = opened("zh", "#verdict=contradicted&place=Shengsi")
    assert shown(page) == ["M74b"]
    assert page.locator("[name=place]").input_value() == "嵊泗县"
    expect(page.locator(".ledger-count")).to_be_in_viewport()
    page = opened("zh", "?verdict=reproduced")
    assert "Q13a" in shown(page) and "B10" not in shown(page)
    page.locator("#Q13a dl a[href], .ledger-verdicts a").first.click()  # a link inside the page
    assert "Q13a" in shown(page)
    page = opened("en", "#nothing%E0%A4%A")
    assert shown(page) == list(CLAIMS)


def test_a_phone_has_no_sideways_scrolling_and_a_printer_all_that_is_shown(opened: Callable[..., Page]) -> None:
    page = opened("zh", "#M27")
    for width in (390, 800, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.emulate_media(media="print")
    assert page.locator(".ledger-filters").is_hidden()
    assert len(shown(page)) == len(CLAIMS) and page.locator("#M27a dl").is_visible()


def test_without_a_script_every_claim_is_there(browser_page: Page, folder: Path) -> None:
    context = browser_page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    page = context.new_page()
    page.goto((folder / "en.html").as_uri())
    assert page.locator(".ledger-claim:visible").count() == len(CLAIMS)
    assert page.locator(".ledger-filters").is_hidden()
    page.locator("#M74b summary").click()
    assert re.search(r"lib/shanhai/claims/papers/\w+\.py:\d+", page.locator("#M74b dl").inner_text())
    context.close()
