"""Markdown that a package writes, and the page made from it."""

import re
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from markdown_it import MarkdownIt

_SPECIAL = re.compile(r"([\\`*_\[\]<>|&~#])")
_STYLE = "page.css"


def plain(text: str) -> str:
    """Text of others as Markdown that shows it as it is, on one line.

    Examples
    --------
    >>> plain("a_b | <b>")
    'a\\\\_b \\\\| \\\\<b\\\\>'
    """
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def code(text: str) -> str:
    """A name or command as Markdown, in the letters of a typewriter.

    Examples
    --------
    >>> code("data/a.csv"), code("a`b")
    ('`data/a.csv`', '`` a`b ``')
    """
    shown = " ".join(text.split()).replace("|", "\\|")
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    return f"{'`' * (longest + 1)} {shown} {'`' * (longest + 1)}" if longest else f"`{shown}`"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; cells are Markdown already."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def page(markdown: str, title: str, language: str) -> str:
    """A page of its own made from Markdown: one file, no script, readable on a phone and on paper.

    Parameters
    ----------
    markdown : str
        HTML in it is shown, not run.
    title : str
    language : {"en", "zh"}
    """
    style = Path(__file__).with_name(_STYLE).read_text(encoding="utf-8")
    reader = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable("table")
    body = reader.render(markdown)
    body = body.replace("<table>", '<div class="wide" tabindex="0"><table>').replace("</table>", "</table></div>")
    body = body.replace("<th>", '<th scope="col">').replace("<li>[ ] ", "<li>☐ ").replace("<li>[x] ", "<li>☑ ")
    return (
        f'<!DOCTYPE html>\n<html lang="{"zh-CN" if language == "zh" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n"
        "</html>\n"
    )
