"""Pages of the methods: those of ``lib/docs`` in English, those of ``lib/docs/zh`` in Chinese, and their index.

A Chinese page takes over from the English one what must not be written twice: ``{{block 2}}`` is its second fenced
block, such as a tested example, ``{{rows 1}}`` the rows of its first table, ``{{english}}`` a link to it. Works are
cited by their keys, and listed at the end of the page.
"""

import re
import shutil
from pathlib import Path

from shanhai.core.errors import ReportError
from shanhai.core.paths import DOCS
from shanhai.render.citations import cited_keys, reference_list, with_citations
from shanhai.report.site import _pages as pages
from shanhai.report.site._pages import Source, raw

_CHINESE = DOCS / "zh"

_GROUPS = {
    "library": (
        "quick-start", "coming-from", "inference-on-other-data", "gallery", "who-is-right", "traps", "benchmarks",
    ),
    "rules": ("claims", "statements", "pre-specification", "running", "batch", "jupyterlab"),
    "errors": ("conley", "cluster-covariances", "wild-bootstrap", "scpc", "coverage", "multiple-testing"),
    "borders": ("placebo-borders", "border-discontinuity", "border-growth", "border-or-mountain"),
    "specification": ("specification-curve", "missing-outcomes", "pooling", "spatial-models"),
    "policy": ("policy-evaluation", "synthetic-control"),
    "development": (
        "convergence", "convergence-clubs", "inequality", "explain-gap", "follow-targets", "composite-evaluation",
        "pairs", "assess-collaboration",
    ),
    "own": ("own-tables", "own-boundaries", "own-raster"),
}  # fmt: skip
"""Pages in the order in which they are listed."""

_ELSEWHERE = {"findings": "../index.html", "references": "../data/references.html", "README": "index.html"}
"""Pages of the docs that the site has in a form of its own."""

_COMMENT = re.compile(r"^<!--.*-->\n+", re.MULTILINE)
"""A line for those who edit a page: raw HTML is text on the site, where readers would see it."""

_LINK = re.compile(r"\]\(([\w-]+)\.md(#[^)]*)?\)")
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_TABLE = re.compile(r"^\|.*\n\|[ :|-]+\n((?:\|.*\n)+)", re.MULTILINE)
_HOLE = re.compile(r"\{\{(\w+)(?: (\d+))?\}\}")


def write_methods(source: Source) -> None:
    """Write the index of the methods and a page for each page of the docs.

    Raises
    ------
    ReportError
        If a page of the docs has no place in the index or no Chinese page, or a Chinese page asks for what the
        English one does not have.
    """
    listed = [name for names in _GROUPS.values() for name in names]
    found = {path.stem for path in DOCS.glob("*.md")} - set(_ELSEWHERE)
    chinese = {path.stem for path in _CHINESE.glob("*.md")}
    if stray := (found ^ set(listed)) | (found ^ chinese):
        raise ReportError(
            f"Pages of lib/docs, of lib/docs/zh and of the site differ: {', '.join(sorted(stray))}. Give each a page "
            "in both folders, a group in report/site/_methods.py, a title and a sentence in words.toml, or take it out."
        )
    for picture in sorted(DOCS.glob("*.png")):
        shutil.copyfile(picture, _folder(source) / picture.name)
    for name in listed:
        _write_page(source, name)
    parts = [source.say("methods.lead")]
    for group, names in _GROUPS.items():
        rows = [
            [
                pages.link(f"{name}.html", source.say(f"methods.page.{name}.title")),
                source.say(f"methods.page.{name}.about"),
            ]
            for name in names
        ]
        heads = [source.say("methods.page_head"), source.say("methods.what")]
        title = source.say(f"methods.group.{group}")
        parts += [f"## {title}", raw(pages.table(heads, rows, title, html=True))]
    entries = [f"{source.say(f'methods.page.{name}.title')} <{name}>" for name in listed]
    source.page(
        "methods/index", source.say("methods.title"), source.say("methods.about"), *parts, pages.toctree(entries)
    )


def _folder(source: Source) -> Path:
    folder = source.folder / "methods"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _write_page(source: Source, name: str) -> None:
    text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    if source.language == "zh":
        text = _in_chinese(source, name, text)
    text = _COMMENT.sub("", text)
    text = _LINK.sub(lambda match: f"]({_ELSEWHERE.get(match[1], f'{match[1]}.html')}{match[2] or ''})", text)
    text = pages.with_notebooks(source, text)
    text = text.replace("```csv\n", "```text\n")  # Pygments knows no CSV
    (_folder(source) / f"{name}.md").write_text(text, encoding="utf-8", newline="\n")
    source.titles[f"methods/{name}"] = text.partition("\n")[0].lstrip("# ").strip()
    source.descriptions[f"methods/{name}"] = source.say(f"methods.page.{name}.about")


def _in_chinese(source: Source, name: str, english: str) -> str:
    """The Chinese page of this name, its holes filled from the English one, with the list of the works it cites."""
    parts = {
        "block": _FENCED.findall(english),
        "rows": [rows.rstrip("\n") for rows in _TABLE.findall(_FENCED.sub("", english))],
        "english": [_link_to_english(source, name)],
    }

    def filled(hole: re.Match[str]) -> str:
        found, number = parts.get(hole[1], []), int(hole[2] or 1)
        if not 1 <= number <= len(found):
            raise ReportError(
                f"lib/docs/zh/{name}.md asks for {hole[0]}, but the English page has {len(found)} of that kind. "
                "Holes are {{block N}}, {{rows N}} and {{english}}."
            )
        return found[number - 1]

    said = (_CHINESE / f"{name}.md").read_text(encoding="utf-8").replace("](../", "](")
    prose = with_citations(said, "zh")
    entries = "\n".join(f"- {entry}" for entry in reference_list(cited_keys(said), "zh"))
    works = f"\n## {source.say('references.title')}\n\n{entries}\n" if entries else ""
    return f"{_HOLE.sub(filled, prose)}{works}"


def _link_to_english(source: Source, name: str) -> str:
    link = f"[{source.say('methods.english_page')}](../../en/methods/{name}.html)"
    return source.say("methods.more_in_english", link=link)
