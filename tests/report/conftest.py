"""A whole set of results for the tests of what is published, made once, and the browser that opens it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from shanhai.core.paths import OUTPUTS
from shanhai.run.batch import reproduce
from shanhai.run.ownership import folder_held

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""Names that the browser has on different systems."""

REQUIRED = "SHANHAI_BROWSER"
"""Variable that says ``required`` where a missing browser is a failure: in the job that decides what lands."""

NO_BROWSER = "No Chromium is installed, so no page is opened; on Debian and Ubuntu: sudo apt-get install chromium"

WAIT = 3600
"""Seconds that a worker waits while another makes the results."""


@pytest.fixture(scope="session")
def results_folder() -> Path:
    """Results of ``reproduce`` in both languages, with the report: those of the last test run if nothing changed."""
    folder = OUTPUTS / "tests"
    with folder_held(folder, patience=WAIT):
        assert reproduce(folder / "results")
    return folder / "results"


@pytest.fixture(scope="session")
def report_folder(results_folder: Path) -> Path:
    """The report that belongs to the results."""
    return results_folder / "report"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium of the system, ended with its file: its event loop would be in the way of kernels."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None and os.environ.get(REQUIRED) != "required":
        pytest.skip(NO_BROWSER)
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=options)
        yield started
        started.close()


@pytest.fixture
def browser_page(browser: Browser) -> Iterator[Page]:
    """A page without a network, 1280 x 900; at the end nothing was asked of one, and the console has no error."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    page = context.new_page()
    wrong: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            wrong.append(f"console: {message.text}")

    def asked(request: Request) -> None:
        if not request.url.startswith(("file:", "data:", "blob:", "about:")):
            wrong.append(f"request: {request.url}")

    page.on("console", heard)
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    page.on("request", asked)
    yield page
    context.close()
    assert wrong == []
