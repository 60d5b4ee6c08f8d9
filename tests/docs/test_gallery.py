"""Pictures of the pages: each drawn by a block of code, shown in both languages, small, the same bytes each time.

``test_pages.py`` runs the blocks and looks at what they draw.
"""

import re
from pathlib import Path

import pytest

from shanhai.core.paths import DOCS
from shanhai.run.gallery import PAGE, blocks, draw, examples

USED = "gallery-curve.png"
ELSEWHERE = {"growth.png", "gdp-per-head.png"}
"""Measured by the benchmark, and drawn from the project's data for the README."""


NO_ESTIMATES = {"follow-targets", "assess-collaboration"}
"""Pages that say where a path leads to or what was agreed."""

_ROWS = re.findall(
    r"^\| (?:errors|borders|specification|policy|development) \| (.*) \|$",
    (DOCS / "README.md").read_text("utf-8"),
    re.M,
)
METHODS = [page for row in _ROWS for page in re.findall(r"\]\(([\w-]+)\.md\)", row) if page not in NO_ESTIMATES]


def shown(page: Path) -> list[str]:
    """Pictures of a page, in their order."""
    return re.findall(r"!\[[^\]]+\]\((?:\.\./)?([\w-]+\.png)\)", page.read_text(encoding="utf-8"))


def test_every_block_of_the_gallery_draws() -> None:
    assert [name for _, name in examples(PAGE)] == shown(PAGE)
    assert len(shown(PAGE)) >= 8


def test_every_picture_is_drawn_by_one_block_and_is_small() -> None:
    drawn = [name for page in DOCS.glob("*.md") for _, name in examples(page) if name]
    assert sorted(drawn) == sorted(blocks())
    assert {path.name for path in DOCS.glob("*.png")} - ELSEWHERE == set(drawn)
    assert [name for name in drawn if (DOCS / name).stat().st_size > 60_000] == []


@pytest.mark.parametrize("page", [page.stem for page in DOCS.glob("zh/*.md")])
def test_both_languages_show_the_same_pictures(page: str) -> None:
    assert shown(DOCS / "zh" / f"{page}.md") == shown(DOCS / f"{page}.md")


@pytest.mark.parametrize("page", METHODS)
def test_a_page_on_a_method_has_a_figure_and_says_what_others_do_and_when_not_to_use_it(page: str) -> None:
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    assert shown(DOCS / f"{page}.md")
    assert "When not to use" in text
    assert re.search(r"\b[Cc]onventions\b", text)


@pytest.mark.slow
def test_a_picture_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    for copy in ("first.png", "second.png"):
        draw(blocks()[USED], tmp_path / copy)
    assert (tmp_path / "first.png").read_bytes() == (tmp_path / "second.png").read_bytes()
