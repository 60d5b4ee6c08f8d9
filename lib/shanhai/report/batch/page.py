"""The page of one run of a batch, and what the index needs to know of the run; made where the run is made."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from html import escape
from math import fsum
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markdown_it import MarkdownIt

from shanhai.core.notebooks import read_cells, sentences, tagged_text
from shanhai.render.numbers import with_minus
from shanhai.render.words import Words
from shanhai.report.batch import STYLE

WORDS = Words.beside(__file__)

_TEXT = re.compile(r"(?<=>)[^<>]+(?=<)")
"""Text between tags; what stands in attributes is left."""

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def write_page(run: str, folder: Path, language: str, up: int) -> None:
    """Write ``pages/<run>.html`` and ``parts/<run>.page.json`` beside the executed notebook.

    Parameters
    ----------
    run : str
        Name of the run.
    folder : Path
        Folder of its results in this language.
    language : {"en", "zh"}
    up : int
        Folders between this one and the folder of all results.
    """
    cells = read_cells(folder / "notebooks" / f"{run}.ipynb")
    exhibits = _exhibits(folder, run)
    page, part = folder / "pages" / f"{run}.html", folder / "parts" / f"{run}.page.json"
    for path in (page, part):
        path.parent.mkdir(parents=True, exist_ok=True)
    question = tagged_text(cells, "question")[1].lstrip("# ")
    body = "\n".join(html for cell in cells for html in _shown(cell, exhibits))
    body = _TEXT.sub(lambda found: with_minus(found[0]), body)
    text = document(question or run, body, language, "../" * (up + 1))
    page.write_text(text, encoding="utf-8", newline="\n")
    said = {
        "question": question,
        "answer": list(sentences(tagged_text(cells, "answer")[1])),
        "values": list(_values(folder / "figures" / f"{run}--profile.csv")),
        "gap": _gap(folder / "figures" / f"{run}--gap.csv"),
    }
    part.write_text(
        json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8", newline="\n"
    )


def document(title: str, body: str, language: str, root: str, *, is_index: bool = False) -> str:
    """A whole page in HTML.

    Parameters
    ----------
    title : str
    body : str
        HTML.
    language : {"en", "zh"}
    root : str
        Way from the page to the folder of all results, such as ``../``.
    is_index : bool
        Whether it is the page that all others lead back to.
    """
    home = f"{root}{'zh/' if language == 'zh' else ''}index.html"
    back = f'<p><a href="{home}">{escape(WORDS("all", language))}</a></p>\n' if not is_index else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{"zh-CN" if language == "zh" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n"
        f'<link rel="stylesheet" href="{root}{STYLE}">\n</head>\n'
        f"<body>\n<main>\n{back}{body}\n</main>\n</body>\n</html>\n"
    )


def _exhibits(folder: Path, run: str) -> dict[str, Mapping[str, Any]]:
    listed = folder / "parts" / f"{run}.exhibits.json"
    entries = json.loads(listed.read_text(encoding="utf-8")) if listed.is_file() else []
    return {entry["stem"]: entry for entry in entries if entry["kind"] == "figure"}


def _shown(cell: Mapping[str, Any], exhibits: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What a reader sees of a cell: the text it shows, tables, and pictures by their files."""
    for output in cell.get("outputs", ()):
        data = {form: "".join(shown) for form, shown in output.get("data", {}).items()}
        if "image/png" in data:
            stem = output.get("metadata", {}).get("image/png", {}).get("exhibit", "")
            yield _picture(exhibits.get(stem), data["image/png"])
        elif "text/html" in data:
            yield f'<div class="wide" tabindex="0">\n{data["text/html"]}\n</div>'
        elif "text/markdown" in data:
            text = data["text/markdown"]
            is_title = "question" in cell["metadata"].get("tags", ())
            yield _MARKDOWN.render(f"# {text.lstrip('# ')}" if is_title else text)
        elif output["output_type"] == "stream":
            yield f"<pre>{escape(''.join(output['text']))}</pre>"
        elif "text/plain" in data:
            yield f"<pre>{escape(data['text/plain'])}</pre>"


def _picture(exhibit: Mapping[str, Any] | None, content: str) -> str:
    if exhibit is None:
        return f'<img src="data:image/png;base64,{"".join(content.split())}" alt="">'
    address, caption = f"../{quote(exhibit['files']['png'])}", escape(exhibit["caption"])
    return f'<figure><img src="{address}" alt="{caption}"><figcaption>{caption}</figcaption></figure>'


def _values(profile: Path) -> Iterator[dict[str, Any]]:
    """Indicators of the place itself."""
    for row in _rows(profile):
        if row.get("series") == "place":
            value = float(row["value"]) if row["value"] else None
            yield {"variable": row["variable"], "label": row["label"], "unit": row["unit"], "value": value}


def _gap(parts: Path) -> float | None:
    """Gap in log points: the sum of its parts, the unexplained one among them."""
    values = [float(row["value"]) for row in _rows(parts) if row.get("series") == "gap"]
    return fsum(values) if values else None


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))
