"""The interactive pages in a browser without a network: what is chosen is shown, to mouse, keyboard, screen reader."""

import csv
import re
from math import log
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from shanhai.data.frames.panel import build_county_frame
from shanhai.report.results import Results

NAMES = ("map", "curve", "gap", "placebo")
TAGS = ("en", "zh")
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def pages(report_folder: Path) -> Path:
    return report_folder / "explore"


def visit(page: Page, pages: Path, name: str, fragment: str = "") -> Page:
    page.goto("about:blank")  # an address that differs in its fragment alone would not load again
    page.goto(f"{(pages / name).as_uri()}.html{fragment}")
    return page


def status(page: Page) -> str:
    return page.inner_text("#status")


def table(page: Page, place: str) -> list[list[str]]:
    # the rows come with the event "toggle", some time after the click
    page.locator(f"{place} td").first.wait_for(state="attached")
    return page.eval_on_selector_all(
        f"{place} tr", "rows => rows.map(row => [...row.cells].map(cell => cell.textContent.trim()))"
    )


@pytest.mark.parametrize("name", [f"{name}-{tag}" for name in NAMES for tag in TAGS])
def test_a_page_has_no_serious_fault_of_access(browser_page: Page, pages: Path, name: str) -> None:
    visit(browser_page, pages, name)
    for summary in browser_page.query_selector_all("details > summary"):
        summary.click()
    found = Axe().run(browser_page).response["violations"]
    serious = [fault for fault in found if fault["impact"] in ("serious", "critical")]
    assert {fault["id"]: fault["nodes"][0]["html"][:200] for fault in serious} == {}
    assert browser_page.title() == browser_page.inner_text("h1")
    assert browser_page.get_attribute("html", "lang") == {"en": "en", "zh": "zh-CN"}[name[-2:]]


@pytest.mark.parametrize("name", [f"{name}-{tag}" for name in NAMES for tag in TAGS])
def test_a_phone_shows_a_page_without_sideways_scroll(browser_page: Page, pages: Path, name: str) -> None:
    browser_page.set_viewport_size(PHONE)
    visit(browser_page, pages, name)
    assert browser_page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert status(browser_page)


@pytest.mark.parametrize("name", [f"{name}-{tag}" for name in NAMES for tag in TAGS])
def test_chinese_is_no_box(browser_page: Page, pages: Path, name: str) -> None:
    """Each character that is shown differs from a box where the machine has no font: drawn, it is not what a character
    looks like that no font holds."""
    visit(browser_page, pages, name)
    boxes = browser_page.evaluate(
        """async () => {
          await document.fonts.ready;
          const canvas = document.createElement("canvas");
          const context = canvas.getContext("2d", {willReadFrequently: true});
          canvas.width = canvas.height = 40;
          context.font = `32px ${getComputedStyle(document.body).fontFamily}`;
          const drawn = (letter) => {
            context.clearRect(0, 0, 40, 40);
            context.fillText(letter, 2, 32);
            return context.getImageData(0, 0, 40, 40).data.join();
          };
          const box = drawn("\\u{10FFFF}");
          const options = [...document.querySelectorAll("option")].map((one) => one.value + one.text);
          const text = document.body.innerText + options;
          const letters = [...new Set(text.match(/[\\u4e00-\\u9fff]/g))];
          await Promise.all(letters.map((letter) => document.fonts.load(context.font, letter)));
          return [letters.length, letters.filter((letter) => drawn(letter) === box).join("")];
        }"""
    )
    assert boxes[0] > (1 if name.endswith("en") else 100)
    assert boxes[1] == ""


def test_the_map_follows_its_choices_and_its_address_follows_it(browser_page: Page, pages: Path) -> None:
    page = visit(browser_page, pages, "map-en")
    fills = "() => [...document.querySelectorAll('#map .county')].map(county => county.getAttribute('fill')).join()"
    assert "GDP per head" in status(page)
    before = page.evaluate(fills)
    page.select_option("#indicator", "lights_per_km2")
    page.select_option("#year", "2015")
    assert "2015" in status(page)
    assert page.evaluate(fills) != before
    page.select_option("#extent", "china")
    assert page.locator("#map .county").count() > 2800
    page.select_option("#zoom", "510000")
    assert page.get_attribute("#map", "viewBox") != page.evaluate(
        "() => '0.0 0.0 ' + document.querySelector('#map').viewBox.baseVal.width.toFixed(1)"
    )
    assert set(page.url.partition("#")[2].split("&")) == {
        "indicator=lights_per_km2", "year=2015", "extent=china", "zoom=510000",
    }  # fmt: skip
    page.click("#other-language")
    assert "map-zh.html" in page.url
    assert "2015年夜间灯光" in status(page)
    assert page.input_value("#zoom") == "510000"


def test_the_map_says_of_a_county_what_the_frame_has(browser_page: Page, pages: Path) -> None:
    frame = build_county_frame().set_index("code")
    page = visit(browser_page, pages, "map-en", "#indicator=gdp_per_capita&year=2021")
    page.locator("#map [aria-label^='Kaihua']").hover()
    value = f"{frame['gdp_per_capita_2021']['330824']:,.0f} yuan"
    assert value in page.inner_text("#card")
    assert "Kaihua 开化县" in page.inner_text("#card")
    assert page.get_attribute("#report", "href") == "../en/places/330824.html"


def test_a_figure_that_is_missing_is_said_to_be_missing(browser_page: Page, pages: Path) -> None:
    frame = build_county_frame()
    lacks = frame[frame["lights_2021"].isna() & frame["area_km2"].notna()].iloc[0]
    page = visit(browser_page, pages, "map-zh", "#extent=china&indicator=lights_per_km2&year=2021")
    page.fill("#find", lacks["code"])
    page.press("#find", "Enter")
    assert "无数据" in page.inner_text("#card")
    shape = page.locator(f"#map [aria-label^='{lacks['name_zh']}：无数据']").first
    assert (shape.get_attribute("fill") or shape.locator("path").get_attribute("fill")) == "url(#missing)"


def test_the_keyboard_goes_from_county_to_county_and_opens_the_report_of_one(browser_page: Page, pages: Path) -> None:
    page = visit(browser_page, pages, "map-en", "#place=330824")
    page.focus("#find")
    page.keyboard.press("Tab")
    named = "document.activeElement.getAttribute('aria-label')"
    assert page.evaluate(named).startswith("Kaihua: ")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(named).startswith("Changshan: ")
    assert "Changshan" in page.inner_text("#card")
    assert page.get_attribute("#cursor", "d") == page.evaluate("document.activeElement.firstChild.getAttribute('d')")
    target = page.evaluate("document.activeElement.href.baseVal")
    assert target == "../en/places/330822.html"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/en/places/330822\.html$"), wait_until="commit")


def test_links_of_the_map_are_the_places_of_the_results(browser_page: Page, pages: Path, results_folder: Path) -> None:
    runs = Results.read(results_folder).editions["en"].values()
    counties = {run.parameters["county"] for run in runs if run.parameters.get("county")}
    page = visit(browser_page, pages, "map-zh", "#extent=china")
    links = page.eval_on_selector_all("#map a", "links => links.map(link => link.href.baseVal)")
    assert [link for link in links if not (pages / link).is_file()] == []
    assert {re.findall(r"\d{6}", link)[0] for link in links} == counties


def test_the_table_of_the_map_holds_every_county(browser_page: Page, pages: Path) -> None:
    page = visit(browser_page, pages, "map-en", "#indicator=urban_share")
    page.click("#table summary")
    rows = table(page, "#table")
    frame = build_county_frame()
    drawn = frame[frame["province_code"].eq("330000") & frame["area_km2"].notna()]
    shares = {name: f"{share:.2f}" for name, share in zip(drawn["name_zh"], drawn["urban_share_2020"], strict=True)}
    assert {row[1]: row[3] for row in rows[1:]} == shares


def test_the_curve_is_that_of_the_results_and_options_take_part_of_it_away(
    browser_page: Page, pages: Path, results_folder: Path
) -> None:
    file = Results.read(results_folder).run("13-check-robustness").exhibit("figure", "curve").files["csv"]
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))

    def said(kept: list[dict[str, Any]]) -> tuple[str, str]:
        estimates = sorted(float(row["estimate"]) for row in kept)
        middle = (estimates[(len(kept) - 1) // 2] + estimates[len(kept) // 2]) / 2
        negative = sum(float(row["p"]) < 0.05 and float(row["estimate"]) < 0 for row in kept)
        counted = f"{len(kept):,} of {len(rows):,} specifications"
        return f"{counted}: median {middle:.3f}", f"{100 * negative / len(kept):.1f}% negative"

    page = visit(browser_page, pages, "curve-en")
    for text in said(rows):
        assert text in status(page)
    for name in ("light per head", "light per km²"):
        page.get_by_label(f"outcome: {name}").uncheck()
    for text in said([row for row in rows if row["outcome"] == "gdp"]):
        assert text in status(page)
    assert "outcome=gdp" in page.url
    page.click("#only-main")
    assert "1 of" in status(page)
    (main,) = [row for row in rows if row["is_main"] == "True"]
    estimate, low, high = (float(main[key]) for key in ("estimate", "low", "high"))
    assert f"{estimate:.3f}, 95% CI [{low:.3f}, {high:.3f}]" in page.inner_text("#one")
    page.get_by_label("outcome: GDP per head").uncheck()
    assert status(page).startswith("No specification is left")


def test_the_curve_is_looked_at_one_by_one_with_the_keyboard(browser_page: Page, pages: Path) -> None:
    page = visit(browser_page, pages, "curve-zh")
    assert "预设主模型" in page.inner_text("#one")
    first = int(page.input_value("#rank"))
    page.focus("#rank")
    page.keyboard.press("ArrowRight")
    assert int(page.input_value("#rank")) == first + 1
    assert f"第{first + 1:,}个" in page.inner_text("#one")
    page.keyboard.press("Home")
    assert page.inner_text("#one").startswith("第1个")


def test_a_gap_is_found_by_names_of_either_language_and_refuses_ambiguous_ones(browser_page: Page, pages: Path) -> None:
    page = visit(browser_page, pages, "gap-en")

    def ask(place: str, reference: str) -> str:
        for field, text in (("#place", place), ("#reference", reference)):
            page.fill(field, text)
            page.press(field, "Enter")
        return status(page)

    frame = build_county_frame().set_index("code")["gdp_per_capita_2021"]
    ratio = frame["330824"] / frame["330881"]
    assert ask("开化县", "Jiangshan") == (
        f"Kaihua: GDP per head in 2021 was {100 - 100 * ratio:.1f}% below that of Jiangshan "
        f"({log(ratio):.3f} log points)."
    )
    assert "Bazhou" in ask("Bazhou", "330881")
    assert "several places" in status(page)
    assert page.get_attribute("#place", "aria-invalid") is not None
    assert "no place" in ask("<b>Atlantis</b>", "330881")
    assert not page.is_visible("#found")
    assert "place=511900" in (ask("巴中", "金华") and page.url)
    page.click("#swap")
    assert status(page).startswith("Jinhua City")


def test_placebo_maps_stand_still_until_play_and_build_up_their_distribution(browser_page: Page, pages: Path) -> None:
    page = visit(browser_page, pages, "placebo-en")
    real = page.get_attribute("#map", "aria-label")
    page.wait_for_timeout(1500)
    assert page.get_attribute("#map", "aria-label") == real
    page.click("#next")
    assert status(page).startswith("Map 1 of 96")
    page.focus("#number")
    page.keyboard.press("End")
    assert status(page).startswith("Map 96 of 96")
    assert page.locator("#dots circle").count() == 96
    page.click("#real")
    assert page.locator("#dots circle").count() == 0
    page.click("#play")
    page.locator("#dots circle").nth(1).wait_for()
    assert page.get_attribute("#status", "aria-live") == "off"
    page.click("#play")
    stopped = page.locator("#dots circle").count()
    page.wait_for_timeout(1500)
    assert page.locator("#dots circle").count() == stopped
    assert page.get_attribute("#status", "aria-live") == "polite"


def test_placebo_maps_do_not_play_where_less_motion_is_asked_for(browser_page: Page, pages: Path) -> None:
    browser_page.emulate_media(reduced_motion="reduce")
    page = visit(browser_page, pages, "placebo-zh")
    assert page.is_disabled("#play")
    assert page.is_visible("#still")
    page.click("#next")
    assert status(page).startswith("第1幅")


@pytest.mark.parametrize("name", NAMES)
def test_paper_shows_what_is_chosen_and_no_controls(browser_page: Page, pages: Path, name: str) -> None:
    page = visit(browser_page, pages, f"{name}-zh")
    page.emulate_media(media="print")
    assert page.is_visible("#status")
    controls = page.query_selector_all("select, button, input[type=text], input[type=range], nav")
    assert len(controls) > 2
    assert not any(control.is_visible() for control in controls)


def test_a_page_works_in_a_frame_of_jupyterlab(browser_page: Page, pages: Path) -> None:
    """In ``srcdoc`` there is no folder around the page: nothing links out of it, and its choices work."""
    text = (pages / "map-en.html").read_text(encoding="utf-8")
    frame = "<iframe id='frame' title='map' sandbox='allow-scripts' width='900' height='800'></iframe>"
    browser_page.set_content(frame)
    browser_page.eval_on_selector("#frame", "(frame, text) => { frame.srcdoc = text; }", text)
    inside = browser_page.frame_locator("#frame")
    inside.locator("#indicator").select_option("relief_m")
    assert "Relief" in inside.locator("#status").inner_text()
    assert inside.locator("#map a, nav a").count() == 0
