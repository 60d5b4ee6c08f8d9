"""A page is one file: what it holds is escaped, what it may load is nothing, what it says stands in its words."""

import html
import json
import re
from base64 import b64decode, b64encode
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from shanhai.core.errors import ReportError
from shanhai.core.paths import LIBRARY
from shanhai.report.explore._page import LARGEST, NAMES, WORDS, Explorer, build_page

FOLDER = LIBRARY / "report" / "explore"

EVIL = "</script><script>alert('衢')</script>\u2028&amp;"


@pytest.fixture
def page() -> Explorer:
    """The page of gaps with a name that would break out of its element."""
    return build_page("gap", "zh", {"places": [EVIL]}, year="2021", census="2020", lights="<b>2021</b>")


def one(pattern: str, text: str) -> str:
    (found,) = re.findall(pattern, text, re.DOTALL)
    return str(found)


def test_data_cannot_end_the_element_they_stand_in(page: Explorer) -> None:
    inside = one(r'<script type="application/json" id="data">(.*?)</script>', page.html)
    assert "<" not in inside
    assert json.loads(inside)["places"] == [EVIL]
    assert page.html.count("<script") == 2


def test_texts_are_escaped(page: Explorer) -> None:
    assert "<b>2021</b>" not in page.html
    assert "&lt;b&gt;2021&lt;/b&gt;" in page.html


def test_the_policy_allows_this_script_and_this_style_and_no_network(page: Explorer) -> None:
    policy = one(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page.html)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    for kind, pattern in (("script-src", r"<script>(.*?)</script>"), ("style-src", r"<style>(.*?)</style>")):
        digest = b64encode(sha256(one(pattern, page.html).encode()).digest()).decode()
        assert rules[kind] == f"'sha256-{digest}'"
    assert {rules["font-src"], rules["img-src"]} == {"data:"}


@pytest.mark.parametrize("file", [*FOLDER.glob("*.js"), *FOLDER.glob("*.html"), *FOLDER.glob("*.css")], ids=str)
def test_nothing_refers_to_a_network_or_runs_text_as_code(file: Path) -> None:
    text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    banned = r"https?:|//\w+\.|\bfetch\(|XMLHttp|import\(|\beval\(|innerHTML|outerHTML|insertAdjacent|document\.write"
    assert re.findall(banned, text) == []
    assert re.findall(r"\son\w+=|javascript:|\sstyle=", text) == []


def test_the_font_holds_every_chinese_character_of_the_page(page: Explorer) -> None:
    font = TTFont(BytesIO(b64decode(one(r"base64,([A-Za-z0-9+/=]+)\)", page.html))))
    shown = set(re.findall("[\u4e00-\u9fff，。（）；：“”]", page.html)) - set("“”")
    assert "衢" in shown
    assert shown <= {chr(code) for code in font.getBestCmap()}


def test_a_page_of_more_than_the_limit_is_refused() -> None:
    with pytest.raises(ReportError, match=r"gap-en\.html would have 3,\d+,\d+ bytes; allowed: 3,000,000"):
        build_page("gap", "en", {"places": "x" * LARGEST}, year="2021", census="2020", lights="2021")


def test_a_cell_of_jupyterlab_shows_the_page_in_a_frame_without_rights(page: Explorer) -> None:
    frame = page._repr_html_()
    assert html.unescape(one(r'srcdoc="([^"]*)"', frame)) == page.html
    assert one(r'sandbox="([^"]*)"', frame) == "allow-scripts"
    assert one(r'title="([^"]*)"', frame) == "两地差距"


@pytest.mark.parametrize("name", NAMES)
def test_each_word_of_a_page_is_said_by_its_script_or_its_markup(name: str) -> None:
    scripts = {file: (FOLDER / f"{file}.js").read_text(encoding="utf-8") for file in ("common", name)}
    marked = (FOLDER / f"{name}.html").read_text(encoding="utf-8") + (FOLDER / "shell.html").read_text(encoding="utf-8")
    said = "\n".join(scripts.values())
    for key in WORDS.labels(f"{name}.script"):
        assert f'"{key}"' in scripts[name], key
    for key in WORDS.labels("common.script"):
        assert f'"{key}"' in said or name in ("curve", "placebo"), key
    asked = set(re.findall(r"\$(\w+)", marked))
    assert set(WORDS.labels(f"{name}.page")) - {"name"} <= asked
    spoken = set(re.findall(r'\bsay\(\w* ?[?(]? ?"(\w+)"', said))
    assert spoken <= {*WORDS.labels(f"{name}.script"), *WORDS.labels("common.script")}
