"""A run in Chinese is Chinese throughout: passages, tables with heads and notes, texts in figures.

The same run shows that every figure brings the data that it is drawn from.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from artists import faults
from cells import executed
from matplotlib.figure import Figure
from matplotlib.text import Text

import shanhai.render
import shanhai.render.publish
from shanhai.core.notebooks import study_notebooks
from shanhai.core.paths import OUTPUT_VARIABLE, RUN_VARIABLE
from shanhai.render import PublishedFigure

PAPERS = study_notebooks().values()

ALLOWED = {
    # methods and statistics that the literature writes in Latin letters
    *(
        "wild cluster bootstrap",
        "score wild cluster bootstrap",
        "bootstrap",
        "jackknife",
        "dyadic",
        "specification curve",
    ),
    *("robustness value", "donut", "log", "exp", "max"),
    # units and files
    *("km", "csv", "json", "toml", "shanhai", "data", "docs", "lib"),
}
"""English that Chinese print keeps, in lower case."""

_KEPT = re.compile(r"`[^`]*`|\]\([^)]*\)|[A-Za-z0-9_./-]+\.(?:csv|json|toml|md|py|tif)|\[replace\]")
"""Code, links and files."""


def english_in(text: str) -> list[str]:
    """Words in small Latin letters that are no names, units or terms kept in print; capitals begin a name.

    References keep the language of the work, so a list of them is not searched.
    """
    body = re.split(r"^#+ 参考文献", text, flags=re.MULTILINE)[0]
    bare = _KEPT.sub(" ", body)
    for kept in sorted(ALLOWED, key=len, reverse=True):
        bare = re.sub(rf"(?<![A-Za-z]){kept}(?![A-Za-z])", " ", bare)
    return re.findall(r"(?<![A-Za-zÀ-ÿ])[a-z]{3,}(?![A-Za-zÀ-ÿ])", bare)


def texts_of(item: Any) -> Iterator[str]:
    """What a reader sees of something shown: its Markdown or fixed-width text, or the texts of a figure."""
    if isinstance(item, PublishedFigure):
        yield item.caption
        item = item.figure
    if isinstance(item, Figure):
        yield from (text.get_text() for text in item.findobj(Text) if text.get_visible())
    else:
        yield getattr(item, "markdown", "") or repr(item)


def test_names_units_and_code_are_no_english_and_words_are() -> None:
    assert (
        english_in("据Dong & Cui（2023），VIIRS灯光见`data/lights.csv`，标准误为wild cluster bootstrap；相距3 km。")
        == []
    )
    assert english_in("省界 border 县；goes with 21 %") == ["border", "goes", "with"]
    assert english_in("结论\n\n### 参考文献\n\nDong, L. 2023. The border effect.") == []


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.stem)
def test_what_a_notebook_shows_in_chinese_holds_no_english_and_figures_bring_what_they_draw(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong: dict[str, list[str]] = {}

    def shown(figure: Figure, name: str, caption: str = "", _: object = (), data: Any = None) -> Figure:
        assert not english_in(caption), name
        wrong.update({name: found} if (found := faults(figure, data)) else {})
        return figure

    for module in (shanhai.render, shanhai.render.publish):
        monkeypatch.setattr(module, "publish_figure", shown)
    monkeypatch.setenv(OUTPUT_VARIABLE, str(tmp_path))
    monkeypatch.setenv(RUN_VARIABLE, path.stem)
    found = {
        text[:80]: words
        for item in executed(path, language="zh")
        for text in texts_of(item)
        if (words := english_in(text))
    }
    assert (found, wrong) == ({}, {})
