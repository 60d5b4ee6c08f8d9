"""The start page of JupyterLab, made of results: what is where, and what each notebook answers, with a picture.

The page is text alone and nothing runs it: a first look takes no time, and both languages come from the two editions of
the same results.
"""

import json
from base64 import b64encode
from html import escape
from pathlib import Path
from typing import Any

from shanhai.core.errors import ReportError
from shanhai.core.notebooks import START, study_notebooks
from shanhai.core.paths import NOTEBOOKS, OUTPUTS
from shanhai.render.pixels import thumbnail
from shanhai.render.words import Words
from shanhai.report.results import LANGUAGES, Exhibit, Language, Results, Run

_WORDS = Words.beside(__file__, "start.toml")

_PARTS = ("places", "report", "own", "answers")

_SHOWN, _DRAWN = 300, 400
"""Pixels that a picture is wide on the page, and at least in the file, for fine screens."""


def build_start(folder: Path = OUTPUTS / "reproduce") -> list[Path]:
    """Write the start pages from a folder of results; returns the files.

    Parameters
    ----------
    folder : Path
        What ``reproduce`` has written.

    Raises
    ------
    ReportError
        If the folder holds no results, or none of a notebook with the parameters that it is saved with.
    """
    results, written = Results.read(folder), []
    for language in LANGUAGES:
        file = start_file(language)
        page = json.dumps(_start_page(results, language), ensure_ascii=False, indent=1)
        file.write_text(page + "\n", encoding="utf-8", newline="\n")
        written.append(file)
    return written


def start_file(language: Language) -> Path:
    """The start page in a language."""
    return NOTEBOOKS / f"{START}{'' if language == 'en' else f'-{language}'}.ipynb"


def _start_page(results: Results, language: Language) -> dict[str, Any]:
    """The start page as a notebook document.

    Raises
    ------
    ReportError
        See :func:`build_start`.
    """
    cells = [_cell("title", f"{_WORDS('title', language)}\n{_WORDS('intro', language)}")]
    cells += [_cell(part, _WORDS(part, language).lstrip("\n")) for part in _PARTS]
    runs = [results.run(_default_run(results, path), language) for path in study_notebooks().values()]
    pictures = {run.notebook: picture for run in runs if (picture := _picture(run))}
    lines = [_row(run, pictures.get(run.notebook)) for run in runs]
    table = _cell("table", "\n".join(["<table>", *lines, "</table>"]))
    table["attachments"] = {
        f"{name}.png": {"image/png": b64encode(thumbnail(picture.files["png"], _DRAWN)).decode()}
        for name, picture in pictures.items()
    }
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return {
        "cells": [*cells, table],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _default_run(results: Results, notebook: Path) -> str:
    """The run of a notebook that asks what its saved copy asks."""
    saved = Run(notebook.stem, notebook.stem, {}, "en", notebook, {}, {})
    found = [
        run.name
        for run in results.editions["en"].values()
        if run.notebook == notebook.stem and run.question == saved.question
    ]
    if not found:
        raise ReportError(
            f"{results.folder} has no run of {notebook.name} that asks {saved.question!r}, as its saved copy does; run "
            f"`shanhai save-notebooks {notebook.stem}` and `shanhai reproduce`."
        )
    return found[0]


def _picture(run: Run) -> Exhibit | None:
    """The first figure of a run: of its opening, if that has one."""
    shown = [exhibit for cell in run.cells for exhibit in run.shown(cell)]
    return next((exhibit for exhibit in shown if exhibit.kind == "figure"), None)


def _row(run: Run, picture: Exhibit | None) -> str:
    image = ""
    if picture is not None:
        image = f'<img src="attachment:{run.notebook}.png" width="{_SHOWN}" alt="{_html(picture.caption)}">'
    said = f"<b>{_html(run.question)}</b><br>{_html(run.answer[0])}<br>"
    link = f'<a href="{run.notebook}.ipynb">{run.notebook}</a>'
    return f'<tr><td width="{_SHOWN}">{image}</td><td align="left">{said}{link}</td></tr>'


def _html(text: str) -> str:
    """Escaped text; an ampersand between words stays, as it begins nothing in HTML and authors are found by it."""
    return escape(text).replace(" &amp; ", " & ")


def _cell(name: str, source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source.splitlines(keepends=True)}
