"""Results of a notebook on disk: figures, tables and estimates, the same bytes on every run."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from shanhai import paths
from shanhai.errors import ReportError
from shanhai.report import table_files
from shanhai.report.numbers import is_missing
from shanhai.report.pixels import draw_pixels, shrink, to_png
from shanhai.report.style import INLINE_DPI, PRINT_DPI, theme
from shanhai.report.tables import TableSpec

NAME_PATTERN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

ESTIMATE_COLUMNS = (
    "notebook", "sample", "outcome", "model", "term", "estimate", "se", "p", "n", "vcov", "spec_id",
)  # fmt: skip
ESTIMATE_KEY = ("spec_id", "sample", "outcome", "model", "term")

_published: dict[Path, str] = {}
_estimates: dict[Path, dict[tuple[str, ...], dict[str, Any]]] = {}


@dataclass(frozen=True)
class PublishedFigure:
    """A stored figure that a notebook cell shows at modest size.

    Attributes
    ----------
    figure : Figure
        The figure itself, for those who want to change it.
    name, caption : str
    files : tuple of Path
        PNG (300 dpi) and PDF.
    """

    figure: Figure = field(repr=False)
    name: str
    caption: str
    files: tuple[Path, ...] = field(repr=False)
    _png: bytes = field(repr=False)

    def __repr__(self) -> str:
        return f"Figure {self.name}: {self.caption}" if self.caption else f"Figure {self.name}"

    def _repr_png_(self) -> bytes:
        return self._png


@dataclass(frozen=True)
class PublishedTable:
    """A stored table: fixed-width text in a terminal, a three-line table in JupyterLab."""

    name: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    files: tuple[Path, ...] = field(repr=False)

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def publish_figure(figure: Figure, name: str, caption: str = "") -> PublishedFigure:
    """Store a figure as PNG (300 dpi) and PDF under ``figures/`` and return it for display.

    Parameters
    ----------
    figure : matplotlib Figure
    name : str
        Lower-case words joined by hyphens, unique within the run; the run name is put before it.
    caption : str
        What the figure shows; becomes the title in the files and the text that stands for the image.

    Raises
    ------
    ReportError
        For a malformed name, for a name that this run gave to another figure, for a character without glyph.
    """
    folder, stem = _place("figures", name)
    files = (folder / f"{stem}.png", folder / f"{stem}.pdf")
    title = caption or stem
    pixels = draw_pixels(figure, PRINT_DPI)
    vector = _render(figure, "pdf", PRINT_DPI, {"CreationDate": None, "Creator": "Shanhai", "Title": title})
    for file, content in zip(files, (to_png(pixels, PRINT_DPI, title), vector), strict=True):
        _write(file, content)
    small = to_png(shrink(pixels, PRINT_DPI // INLINE_DPI), INLINE_DPI)
    return PublishedFigure(figure, stem, caption, files, small)


def publish_table(
    table: pd.DataFrame | TableSpec,
    name: str,
    caption: str = "",
    notes: str | Sequence[str] = (),
    *,
    digits: int | Mapping[str, int] = 2,
    headers: Mapping[str, str] | None = None,
) -> PublishedTable:
    """Store a table as CSV, HTML and LaTeX (booktabs) under ``tables/`` and return it for display.

    Parameters
    ----------
    table : DataFrame or TableSpec
        Columns are printed in their order, the index is not. A ``TableSpec`` carries the other arguments itself.
    name : str
        Lower-case words joined by hyphens, unique within the run.
    caption : str
    notes : str or sequence of str
        Lines below the table: source, year, unit, method.
    digits : int or mapping of column to int
        Decimals of float columns in HTML, LaTeX and text (two where a mapping names none). The CSV keeps full
        precision.
    headers : mapping of column to str, optional
        Printed column heads; the CSV keeps the column names.

    Raises
    ------
    ReportError
        For a malformed or repeated name, and for digits or headers of columns that the table lacks.
    """
    if isinstance(table, TableSpec):
        spec = table
    else:
        spec = TableSpec(table, caption, (notes,) if isinstance(notes, str) else tuple(notes), digits, headers or {})
    folder, stem = _place("tables", name)
    html = table_files.to_html(spec)
    contents = {"csv": table_files.to_csv(spec), "html": html, "tex": table_files.to_latex(spec, stem)}
    for ending, content in contents.items():
        _write(folder / f"{stem}.{ending}", content.encode("utf-8"))
    files = tuple(folder / f"{stem}.{ending}" for ending in contents)
    return PublishedTable(stem, table_files.to_text(spec), html, files)


def publish_estimates(rows: pd.DataFrame | Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Add estimates to ``parts/<run>.estimates.json`` and return what was added as a frame.

    Several calls of one run add to the same file. Values keep full precision; a missing number becomes null.

    Parameters
    ----------
    rows : DataFrame or mappings
        With the keys :data:`ESTIMATE_COLUMNS`; ``notebook`` may be left out and is then the run's name.

    Raises
    ------
    ReportError
        If a key is missing or unknown, or if a specification that this run stored comes with other values.
    """
    records = rows.to_dict("records") if isinstance(rows, pd.DataFrame) else rows
    run = {"notebook": paths.run_name()}
    tidy = [_estimate_record(run | {str(key): value for key, value in record.items()}) for record in records]
    file = paths.output_folder() / "parts" / f"{paths.run_name()}.estimates.json"
    stored = _estimates.setdefault(file, {})
    for record in tidy:
        key = tuple(str(record[column]) for column in ESTIMATE_KEY)
        if _is_batch() and stored.get(key, record) != record:
            raise ReportError(f"Estimate {key} was stored in this run with other values; give it another spec_id.")
        stored[key] = record
    file.parent.mkdir(parents=True, exist_ok=True)
    ordered = [stored[key] for key in sorted(stored)]
    file.write_text(json.dumps(ordered, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return pd.DataFrame(tidy, columns=list(ESTIMATE_COLUMNS))


def _estimate_record(record: Mapping[str, Any]) -> dict[str, Any]:
    if set(record) != set(ESTIMATE_COLUMNS):
        missing, unknown = set(ESTIMATE_COLUMNS) - set(record), set(record) - set(ESTIMATE_COLUMNS)
        raise ReportError(
            f"An estimate lacks {sorted(missing)} and has unknown {sorted(map(str, unknown))}; "
            f"it needs exactly {', '.join(ESTIMATE_COLUMNS)}."
        )
    numbers = {column: _json_float(record[column]) for column in ("estimate", "se", "p")}
    texts = {column: str(record[column]) for column in ESTIMATE_COLUMNS if column not in (*numbers, "n")}
    return {column: {**texts, **numbers, "n": int(record["n"])}[column] for column in ESTIMATE_COLUMNS}


def _json_float(value: Any) -> float | None:
    return None if is_missing(value) else float(value)


def _render(figure: Figure, kind: str, dpi: int, metadata: Mapping[str, Any]) -> bytes:
    stream = BytesIO()
    with theme():
        figure.savefig(stream, format=kind, dpi=dpi, metadata=dict(metadata))
    return stream.getvalue()


def _place(kind: str, name: str) -> tuple[Path, str]:
    if not NAME_PATTERN.fullmatch(name):
        raise ReportError(f"Name {name!r} is malformed; use lower-case words joined by hyphens, as in 'gdp-per-head'.")
    return paths.output_folder() / kind, f"{paths.run_name()}--{name}"


def _write(file: Path, content: bytes) -> None:
    digest = sha256(content).hexdigest()
    # In a batch a kernel starts fresh, so a second content under one name hides a result; at a desk it is a correction.
    if _is_batch() and _published.get(file, digest) != digest:
        raise ReportError(f"This run has published another result as {file.name}; give one of the two another name.")
    _published[file] = digest
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def _is_batch() -> bool:
    return paths.run_name() != "interactive"
