"""Pages before Sphinx reads them: Markdown and notebooks in a folder of a language, with what each is about."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from shanhai.core.places import NATION, ZHEJIANG, Place
from shanhai.data.load import load_places
from shanhai.render.words import Words
from shanhai.report.results import Language, Run

WORDS = Words.beside(__file__)
"""Words of the site."""

_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>$~@&:^=%\"'])")
_NOTEBOOK = re.compile(r"\[(?P<text>[^\]]*)\]\((?:\.\./)*(?:notebooks/)?(?P<stem>\d\d-[\w-]+)\.ipynb\)")
_FENCE = re.compile(r"(`{3,}|~{3,})[^\n]*")
_CHINESE_PART = re.compile(r"\s+(?=[\u3400-\u9fff])")


@dataclass
class Source:
    """Folder of a language in which pages are written.

    Attributes
    ----------
    folder : Path
    language : {"en", "zh"}
    first : mapping of str to str
        Page of the first run of each notebook, by the stem of the notebook.
    titles, descriptions : dict
        By name of the page.
    """

    folder: Path
    language: Language
    first: Mapping[str, str]
    titles: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)

    def say(self, key: str, **values: str) -> str:
        """Words of the site in the language of the folder."""
        return WORDS(key, self.language, **values)

    def page(self, name: str, title: str, description: str, *parts: str) -> None:
        """Write a page of Markdown; its parts are put below the title."""
        self._note(name, title, description)
        text = "\n\n".join([f"# {escaped(title)}", *filter(None, parts)])
        self._path(name, "md").write_text(f"{text}\n", encoding="utf-8", newline="\n")

    def notebook(self, name: str, title: str, description: str, cells: Iterable[Mapping[str, Any]]) -> None:
        """Write a page of cells; a cell with its title is put before them."""
        self._note(name, title, description)
        numbered = [
            {**cell, "id": f"cell-{number}"} for number, cell in enumerate([markdown(f"# {escaped(title)}"), *cells])
        ]
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        content = {
            "cells": numbered,
            "metadata": {"kernelspec": kernel, "language_info": {"name": "python", "pygments_lexer": "ipython3"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        self._path(name, "ipynb").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8", newline="\n")

    def _note(self, name: str, title: str, description: str) -> None:
        self.titles[name] = title
        self.descriptions[name] = " ".join(description.split())

    def _path(self, name: str, ending: str) -> Path:
        path = self.folder / f"{name}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def markdown(text: str) -> dict[str, Any]:
    """A cell of Markdown."""
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def escaped(text: str) -> str:
    r"""A text in which Markdown finds nothing of its own, on one line.

    Examples
    --------
    >>> print(escaped("*_a_* <b>"))
    \*\_a\_\* \<b\>
    """
    return _PUNCTUATION.sub(r"\\\1", " ".join(text.split()))


def raw(html: str, *classes: str) -> str:
    """HTML as a block of a page."""
    option = f":class: {' '.join(classes)}\n" if classes else ""
    mark = fence(html)
    return f"{mark}{{raw}} html\n{option}\n{html}\n{mark}"


def fence(text: str) -> str:
    """Backticks that nothing in a text ends: a directive in a name of the user's stays text.

    Examples
    --------
    >>> fence("a")
    '````````'
    >>> len(fence("`" * 9))
    10
    """
    return "`" * max(8, 1 + max(map(len, re.findall("`+", text)), default=0))


def undirected(text: str) -> str:
    r"""Markdown of a notebook without directives of the site: a fence in it holds code and nothing else.

    A notebook may be somebody else's. HTML in its Markdown is text, since no page reads any (`_sphinx.py`). A
    directive, which could bring in HTML or a file of this machine, becomes code that is shown; an image, text.

    Examples
    --------
    >>> print(undirected("~~~{raw} html\n<b>\n~~~"))
    ~~~ text
    <b>
    ~~~
    """
    plain = "\n".join(text.splitlines()).replace("![", "!\\[")
    return _FENCE.sub(lambda found: found[1] if found[0] == found[1] else _as_code(found), plain)


def _as_code(found: re.Match[str]) -> str:
    """The beginning of a block of code; three backticks with others behind them are code in a line and stay."""
    rest = found[0][len(found[1]) :]
    return found[0] if "`" in rest and found[1][0] == "`" else f"{found[1]} text"


def with_notebooks(source: Source, text: str) -> str:
    """Markdown of a page one folder down, with links to the pages of notebooks; what has no page is no link."""

    def put(found: re.Match[str]) -> str:
        page = source.first.get(found["stem"])
        return f"[{found['text']}](../{page}.html)" if page else found["text"]

    return _NOTEBOOK.sub(put, text)


def toctree(names: Sequence[str], caption: str = "", *, hidden: bool = True) -> str:
    """Pages below a page, in their order."""
    options = [":hidden:"] * hidden + ([f":caption: {caption}"] if caption else [])
    return "\n".join(["````{toctree}", *options, "", *names, "````"])


def link(address: str, text: str) -> str:
    """A link in HTML."""
    return f'<a href="{escape(address)}">{escape(text)}</a>'


def table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    label: str,
    *,
    html: bool = False,
    classes: str = "plain",
    foreign: Mapping[int, str] | None = None,
) -> str:
    """A table in HTML inside a box of its own, which scrolls where it is wider than the page.

    Parameters
    ----------
    heads : sequence of str
    rows : sequences of str
        Cells as text; with `html`, as HTML that is fit to be shown.
    label : str
        What the box is called to those who do not see it.
    html : bool
    classes : str
        Classes of the table.
    foreign : mapping of int to str
        Language of the columns that are in another than the page, by number.
    """
    show, tags = str if html else escape, {} if foreign is None else foreign
    head = " ".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    opened = [f'<td lang="{tags[column]}">' if column in tags else "<td>" for column in range(len(heads))]
    lines = (" ".join(f"{tag}{show(cell)}</td>" for tag, cell in zip(opened, row, strict=True)) for row in rows)
    body = "\n".join(f"<tr>{line}</tr>" for line in lines)
    return boxed(
        f'<table class="{classes}">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>', label
    )


def boxed(html: str, label: str) -> str:
    """HTML in a box that scrolls sideways on its own and can be reached by keyboard."""
    return f'<div class="wide" role="region" tabindex="0" aria-label="{escape(label)}">\n{html}\n</div>'


def in_language(title: str, language: Language) -> str:
    """The part of a bilingual title that is in a language.

    Examples
    --------
    >>> in_language("Explain a gap 差距的分解", "zh"), in_language("Explain a gap 差距的分解", "en")
    ('差距的分解', 'Explain a gap')
    """
    parts = _CHINESE_PART.split(title, maxsplit=1)
    return parts[-1] if language == "zh" else parts[0]


def place_name(value: str, language: Language) -> str:
    """Name of the places that a parameter means: a code, or English names joined by a hyphen; else the value as it is.

    Examples
    --------
    >>> place_name("330800", "en"), place_name("Jinhua-Bazhong", "zh"), place_name("newest", "zh")
    ('Quzhou', '金华市与巴中市', 'newest')
    """
    if value == NATION:
        return WORDS("place.country", language)
    found = [_place(part) for part in value.split("-")]
    places = [place for place in found if place]
    if len(places) < len(found):
        return value
    names = [place.name_zh if language == "zh" else place.short_en for place in places]
    return WORDS("place.and", language).join(names)


def _place(text: str) -> Place | None:
    """The place of this code or English name: a larger unit before a smaller, one in Zhejiang before one elsewhere."""
    places = load_places().all
    named = [place for place in places if text in (place.code, place.short_en)]
    near = [place for place in named if place.province_code == ZHEJIANG] or named
    for level in ("province", "prefecture", "county"):
        found = [place for place in near if place.level == level]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def run_title(run: Run) -> str:
    """Title of a run in its language: of the notebook, and what its parameters say."""
    number, _, _ = run.notebook.partition("-")
    title = WORDS("title.notebook", run.language, number=number, title=in_language(run.title, run.language))
    values = [place_name(value, run.language) for value in map(_spelt, run.parameters.values())]
    if not values:
        return title
    return WORDS("title.run", run.language, title=title, values=WORDS("title.between", run.language).join(values))


def _spelt(value: Any) -> str:
    return "-".join(map(str, value)) if isinstance(value, list) else str(value)


def page_of(run: Run) -> str:
    """Name of the page of a run, the same in both languages."""
    if run.notebook == PLACES:
        return f"places/{run.name.removeprefix(f'{PLACES}-')}"
    return f"notebooks/{run.name}"


PLACES = "04-report-city"
"""The notebook whose runs are reports on places."""
