"""JupyterLab in a real browser: the start page in the user's language, no question, a changed notebook kept."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from shanhai.core.paths import ROOT

SECONDS_TO_START = 60

OPENED = 60_000
"""Milliseconds that a page of JupyterLab may take."""


@contextmanager
def lab(home: Path, language: str) -> Iterator[str]:
    """JupyterLab on the project, as a user with this locale and no settings starts it; gives its address."""
    names = {"HOME": str(home), "LC_ALL": language}
    unset = ("JUPYTER_CONFIG_DIR", "JUPYTER_CONFIG_PATH", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "PYTHONWARNINGS")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    command = [sys.executable, "-P", "-m", "shanhai", "lab", "--no-browser", "--allow-root"]
    command += ["--IdentityProvider.token=t", "--ServerApp.port_retries=50"]
    log = home / "log"
    with log.open("wb") as stream:
        server = subprocess.Popen(command, env=environment | names, cwd=home, stderr=stream)
        try:
            end = time.monotonic() + SECONDS_TO_START
            while not (found := re.search(r"http://127\.0\.0\.1:\d+/", log.read_text(encoding="utf-8"))):
                assert server.poll() is None and time.monotonic() < end, log.read_text(encoding="utf-8")
                time.sleep(0.2)
            yield found[0]
        finally:
            server.terminate()
            server.wait(30)


@pytest.fixture
def lab_page(browser: Browser, tmp_path: Path) -> Iterator[Callable[[str], Page]]:
    """Opens JupyterLab as it comes up for a user of a locale."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        servers = []

        def opened(language: str) -> Page:
            server = lab(tmp_path, language)
            address = server.__enter__()
            servers.append(server)
            page = context.new_page()
            page.goto(f"{address}?token=t")
            return page

        yield opened
        for server in servers:
            server.__exit__(None, None, None)


@pytest.mark.parametrize(
    ("locale", "name", "menu", "heading"),
    [
        ("C.UTF-8", "00-start-here.ipynb", "File", "What the notebooks answer"),
        ("zh_CN.UTF-8", "00-start-here-zh.ipynb", "文件", "各笔记本的结论"),
    ],
)
def test_it_opens_on_the_start_page_in_the_language_of_the_user(
    locale: str, name: str, menu: str, heading: str, lab_page: Callable[[str], Page]
) -> None:
    page = lab_page(locale)
    expect(page.get_by_role("tab", name=re.compile(rf"^{re.escape(name)}"))).to_be_visible(timeout=OPENED)
    expect(page.get_by_role("menuitem", name=menu, exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name=heading)).to_be_attached(timeout=OPENED)
    pictures = page.locator(".jp-RenderedMarkdown img")
    expect(pictures.first).to_have_js_property("complete", True, timeout=OPENED)
    assert pictures.first.evaluate("image => image.naturalWidth") > 300
    # JupyterLab asks about news three seconds after it has come up
    page.wait_for_timeout(6000)
    assert page.locator(".Toastify__toast").count() == 0
    assert page.get_by_role("dialog").count() == 0


def test_the_whole_project_is_there_and_a_link_leads_to_the_report_or_says_how_to_make_it(
    lab_page: Callable[[str], Page],
) -> None:
    page = lab_page("C.UTF-8")
    page.get_by_role("link", name="report", exact=True).wait_for(timeout=OPENED)
    with page.expect_popup() as popup:
        page.get_by_role("link", name="report", exact=True).click()
    report = popup.value
    report.wait_for_load_state()
    if (ROOT / "outputs" / "reproduce" / "report" / "index.html").is_file():
        assert report.evaluate("document.styleSheets.length") > 0
    else:
        assert "python3 bootstrap.py reproduce" in report.inner_text("body")
    page.locator(".jp-BreadCrumbs-home").click()
    for folder in ("data", "lib", "notebooks", "tests"):
        expect(page.locator(".jp-DirListing-item", has_text=re.compile(rf"^{folder}"))).to_be_visible()
