"""Pages of the methods: those of ``lib/docs`` as they are, with an index in the language of the site."""

import re
import shutil
from pathlib import Path

from shanhai.core.errors import ReportError
from shanhai.core.paths import LIBRARY
from shanhai.report.site import _pages as pages
from shanhai.report.site._pages import WORDS, Source, raw

DOCS = LIBRARY.parent / "docs"

_GROUPS = {
    "rules": ("claims", "statements", "pre-specification", "running", "batch", "jupyterlab"),
    "errors": ("conley", "cluster-covariances", "wild-bootstrap", "scpc", "coverage", "multiple-testing"),
    "borders": ("placebo-borders", "border-discontinuity", "border-growth", "border-or-mountain"),
    "specification": ("specification-curve", "missing-outcomes", "pooling", "spatial-models"),
    "policy": ("policy-evaluation", "synthetic-control"),
    "development": (
        "convergence", "convergence-clubs", "inequality", "explain-gap", "follow-targets", "composite-evaluation",
        "pairs", "assess-collaboration",
    ),
    "own": (
        "own-tables", "own-boundaries", "own-raster", "inference-on-other-data", "traps", "benchmarks",
    ),
}  # fmt: skip
"""Pages in the order in which they are listed."""

_ELSEWHERE = {"findings": "../index.html", "references": "../data/references.html", "README": "index.html"}
"""Pages of the docs that the site has in a form of its own."""

_LINK = re.compile(r"\]\(([\w-]+)\.md(#[^)]*)?\)")


def write_methods(source: Source) -> None:
    """Write the index of the methods and a page for each page of the docs.

    Raises
    ------
    ReportError
        If a page of the docs has no place in the index.
    """
    listed = [name for names in _GROUPS.values() for name in names]
    found = {path.stem for path in DOCS.glob("*.md")} - set(_ELSEWHERE)
    if found != set(listed):
        raise ReportError(
            f"Pages of lib/docs and of the site differ: {', '.join(sorted(found ^ set(listed)))}. Put each into a "
            "group of report/site/_methods.py, with a title and a sentence in words.toml, or take it out."
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
    text = _LINK.sub(lambda match: f"]({_ELSEWHERE.get(match[1], f'{match[1]}.html')}{match[2] or ''})", text)
    text = pages.with_notebooks(source, text)
    text = text.replace("```csv\n", "```text\n")  # Pygments knows no CSV
    heading, _, rest = text.partition("\n")
    note = ""
    if source.language == "zh":
        index = pages.link("index.html", source.say("methods.title"))
        note = raw(f'<p class="language-note">{WORDS("methods.only_english", "zh", link=index)}</p>')
    title = heading.lstrip("# ").strip()
    path = _folder(source) / f"{name}.md"
    path.write_text(f"{heading}\n\n{note}\n\n{rest}", encoding="utf-8", newline="\n")
    source.titles[f"methods/{name}"] = title
    source.descriptions[f"methods/{name}"] = source.say(f"methods.page.{name}.about")
