"""The bibliography: CSL-JSON and the pages' lists of references, made from ``data/references.bib``."""

from pathlib import Path

from shanhai.core.bibliography import works
from shanhai.core.paths import DATA, DOCS
from shanhai.render.citations import reference_list
from shanhai.run.csl import csl_text
from shanhai.run.mentions import mentions, works_of

SOURCE = DATA / "references.bib"
CSL = DATA / "references.json"
PAGE = DOCS / "references.md"

MADE_OTHERWISE = {"pre-specification", "references", "findings"}
"""Pages that a command makes as a whole: they end without a section of references."""

_HEADING = "## References"
_MARK = "<!-- From here on made by `shanhai build references`. -->"

_OPENING = """\
# References 参考文献

This page is made by `shanhai build references` from `data/references.bib`, the one place where a work is described;
`data/references.json` holds the same as CSL-JSON. A field that could not be verified is left out. Notebooks print works
by their keys: `cite`, `with_citations`, `cited_keys` and `reference_list` of `shanhai.render.citations`.
本页由`shanhai build references`生成，无法核实的字段从缺。"""


def build_references() -> list[Path]:
    """Write ``data/references.json``, the page of all works, and the section of references of each page.

    Returns
    -------
    Files written; pages whose section stays as it is are not among them.

    Raises
    ------
    ReportError
        If the source cannot be read as BibTeX, or an entry has a type or field that is not known here.
    """
    CSL.write_text(csl_text(SOURCE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    works.cache_clear()
    PAGE.write_text(_references_page(), encoding="utf-8", newline="\n")
    changed = []
    for path in _pages():
        text = path.read_text(encoding="utf-8")
        if (made := _with_references(text)) != text:
            path.write_text(made, encoding="utf-8", newline="\n")
            changed.append(path)
    return [CSL, PAGE, *changed]


def _references_page() -> str:
    """The page of all works in both languages, as Markdown."""
    keys = list(works())
    parts = [_OPENING]
    for heading, language in (("In English", "en"), ("中文格式（GB/T 7714—2015）", "zh")):
        parts += [f"## {heading}", "\n".join(f"- {entry}" for entry in reference_list(keys, language))]
    return "\n\n".join(parts) + "\n"


def _pages() -> list[Path]:
    """Pages of the docs that end with a list of the works they name."""
    return [path for path in sorted(DOCS.glob("*.md")) if path.stem not in MADE_OTHERWISE]


def _with_references(text: str) -> str:
    """A page with its list of references made anew from the works that it names; without any, no list."""
    body = text.partition(f"\n{_HEADING}\n\n{_MARK}")[0].rstrip() + "\n"
    keys = [work.key for mention in mentions(body) for work in works_of(*mention)]
    entries = "\n".join(f"- {entry}" for entry in reference_list(keys, "both"))
    return f"{body}\n{_HEADING}\n\n{_MARK}\n\n{entries}\n" if keys else body
