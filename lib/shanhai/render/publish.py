"""Figures and tables of a notebook on disk, with the estimates that they show: the same bytes on every run."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from shanhai.core import paths
from shanhai.core.errors import ReportError
from shanhai.methods.records import Result
from shanhai.render import _table_files as table_files
from shanhai.render._exhibits import list_exhibit, printed_table
from shanhai.render._own_files import caption_with, own_line, written_below
from shanhai.render._shown import missing_cells
from shanhai.render.figure_data import check_keys, data_of, described
from shanhai.render.numbers import format_number, with_minus
from shanhai.render.pixels import rasterise, shrink, to_png
from shanhai.render.stored import is_batch, store_shown
from shanhai.render.style import INLINE_DPI, PRINT_DPI, theme
from shanhai.render.tables import TableSpec

_NAME_PATTERN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

_published: dict[Path, str] = {}


@dataclass(frozen=True)
class PublishedFigure:
    """A stored figure that a notebook cell shows at modest size.

    Attributes
    ----------
    figure : Figure
        The figure itself, for those who want to change it.
    name, caption : str
    files : tuple of Path
        PNG (300 dpi), PDF, and the CSV of what is drawn.
    """

    figure: Figure = field(repr=False)
    name: str
    caption: str
    files: tuple[Path, ...] = field(repr=False)
    _png: bytes = field(repr=False)

    def __repr__(self) -> str:
        return f"Figure {self.name}: {self.caption}" if self.caption else f"Figure {self.name}"

    def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
        return self._png, {"exhibit": self.name}


@dataclass(frozen=True)
class PublishedTable:
    """A stored table: fixed-width text in a terminal, a three-line table in JupyterLab."""

    name: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    files: tuple[Path, ...] = field(repr=False)
    _printed: TableSpec = field(repr=False)

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> tuple[str, dict[str, str]]:
        return self.html, {"exhibit": self.name}

    def to_word(self, path: str | Path) -> Path:
        """Write the table as a Word document of its own: three rules, caption above, notes below.

        Parameters
        ----------
        path : str or Path
            A file that ends in ``.docx``; one that is there is replaced.

        Returns
        -------
        Path
            The file, absolute.

        Raises
        ------
        ReportError
            If the path ends otherwise, or its folder does not exist.
        """
        target = Path(path).resolve()
        if target.suffix.lower() != ".docx":
            raise ReportError(f"{path} is no name of a Word document; allowed: one that ends in .docx.")
        if not target.parent.is_dir():
            raise ReportError(f"The folder {target.parent} does not exist; make it, or give a path inside another.")
        from shanhai.render.office import add_table, saved, word_document  # takes long to import; few tables need it

        document = word_document()
        add_table(document, self._printed)
        target.write_bytes(saved(document))
        return target


def publish_figure(
    figure: Figure,
    name: str,
    caption: str = "",
    estimates: Iterable[Result] = (),
    data: pd.DataFrame | None = None,
) -> PublishedFigure:
    """Store a figure as PDF, PNG (that PDF at 300 dpi) and CSV under ``figures/`` and return it for display.

    Parameters
    ----------
    figure : matplotlib Figure
    name : str
        Lower-case words joined by hyphens, unique within the run; the run name is put before it.
    caption : str
        What the figure shows; becomes the title in the files and the text that stands for the image.
    estimates : Estimates and tests
        What it shows that no table does.
    data : DataFrame, optional
        What it is drawn from, where the figure does not bring it itself (charts of this library do): one row a mark,
        names of columns in small letters, digits and underscores.

    Raises
    ------
    ReportError
        For a malformed name, for a name that this run gave to another figure, for a character without glyph, for
        malformed data, and in a run for a figure without data.
    """
    folder, stem = _place("figures", name)
    rows = _figure_data(figure, name, data)
    files: tuple[Path, ...] = (folder / f"{stem}.png", folder / f"{stem}.pdf")
    title = caption or stem
    _put_minus(figure)
    line = own_line(caption)
    with written_below(figure, line) as paper:
        vector = _draw(figure, title, paper)
    picture = rasterise(vector, PRINT_DPI)
    for file, content in zip(files, (to_png(picture, PRINT_DPI, title), vector), strict=True):
        _write(file, content)
    if rows is not None:
        files = (*files, folder / f"{stem}.csv")
        _write(files[-1], table_files.to_bytes(table_files.result_to_csv(rows)))
    store_shown(estimates, figure=name)
    width, height = (round(float(side), 3) for side in (paper.size if paper else figure.get_size_inches()))
    columns = {} if rows is None else described(rows.columns)
    said = caption_with(caption, line)
    list_exhibit("figure", stem, said, files, width_inches=width, height_inches=height, columns=columns)
    small = to_png(shrink(picture, PRINT_DPI // INLINE_DPI), INLINE_DPI)
    return PublishedFigure(figure, stem, caption, files, small)


def publish_table(
    table: pd.DataFrame | TableSpec,
    name: str,
    caption: str = "",
    notes: str | Sequence[str] = (),
    *,
    digits: int | Mapping[str, int] = 2,
    headers: Mapping[str, str] | None = None,
    shown: int | None = None,
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
        Decimals of float columns in HTML, LaTeX and text (two where a mapping names none). The CSV has
        nine significant digits.
    headers : mapping of column to str, optional
        Printed column heads; the CSV keeps the column names.
    shown : int, optional
        Rows to print of a table that is too long for a page; the CSV holds all.

    Raises
    ------
    ReportError
        For a malformed or repeated name, for digits or headers of columns that the table lacks, and for a standard
        error, an interval or a p-value that belongs to none of the table's estimates.
    """
    if isinstance(table, TableSpec):
        spec = table
    else:
        spec = TableSpec(table, caption, (notes,) if isinstance(notes, str) else tuple(notes), digits, headers or {})
    if line := own_line(spec.caption):
        spec = replace(spec, notes=(*spec.notes, line))
    folder, stem = _place("tables", name)
    if missing := missing_cells(spec.frame, spec.estimates):
        first = missing[0]
        raise ReportError(
            f"Table {name!r} shows {first.cell!r} in column {first.column!r}, row {first.row + 1}, and "
            f"{len(missing) - 1} more numbers of uncertainty that are in none of its estimates. Give the table "
            "its `estimates`."
        )
    store_shown(spec.estimates, table=name)
    printed = spec if shown is None or shown >= len(spec.frame) else _beginning(spec, shown, stem)
    html = table_files.to_html(printed)
    contents = {
        "csv": table_files.to_bytes(table_files.to_csv(spec)),
        "html": html.encode("utf-8"),
        "tex": table_files.to_latex(printed, stem).encode("utf-8"),
    }
    for ending, content in contents.items():
        _write(folder / f"{stem}.{ending}", content)
    files = tuple(folder / f"{stem}.{ending}" for ending in contents)
    list_exhibit("table", stem, spec.caption, files, **printed_table(printed))
    return PublishedTable(stem, table_files.to_text(printed), html, files, printed)


def _figure_data(figure: Figure, name: str, given: pd.DataFrame | None) -> pd.DataFrame | None:
    """What a figure is drawn from: given, or brought by the figure; a run refuses one without."""
    rows = data_of(figure) if given is None else given
    if rows is not None:
        check_keys(rows)
    elif is_batch():
        raise ReportError(
            f"Figure {name!r} brings no data, so nobody could draw it again. Let its chart return the figure by "
            "`with_data` of shanhai.render, or pass publish_figure the frame that it is drawn from as `data`."
        )
    return rows


def _beginning(spec: TableSpec, rows: int, stem: str) -> TableSpec:
    note = spec.beginning.format(shown=rows, rows=format_number(len(spec.frame)), file=f"{stem}.csv")
    return replace(spec, frame=spec.frame.head(rows), notes=(*spec.notes, note))


def _put_minus(figure: Figure) -> None:
    """Give written numbers of a figure the minus that its axes have."""
    for text in _texts(figure):
        if with_minus(text.get_text()) != text.get_text():
            text.set_text(with_minus(text.get_text()))


def _texts(artist: Artist) -> Iterator[Text]:
    """Texts that are drawn; of axes that are switched off no ticks are made to look for any."""
    if isinstance(artist, Text):
        yield artist
    for child in artist.get_children():
        if not (isinstance(child, Axis) and not child.axes.axison):
            yield from _texts(child)


def _draw(figure: Figure, title: str, paper: Bbox | None) -> bytes:
    """PDF of a figure in the theme, on its own paper or on the one given in inches."""
    stream = BytesIO()
    said = {"CreationDate": None, "Creator": "Shanhai", "Title": title}
    with theme():
        figure.savefig(stream, format="pdf", dpi=PRINT_DPI, metadata=said, bbox_inches=paper)
    return stream.getvalue()


def _place(kind: str, name: str) -> tuple[Path, str]:
    if not _NAME_PATTERN.fullmatch(name):
        raise ReportError(f"Name {name!r} is malformed; use lower-case words joined by hyphens, as in 'gdp-per-head'.")
    return paths.output_folder() / kind, f"{paths.run_name()}--{name}"


def _write(file: Path, content: bytes) -> None:
    digest = sha256(content).hexdigest()
    # In a batch a kernel starts fresh, so a second content under one name hides a result; at a desk it is a correction.
    if is_batch() and _published.get(file, digest) != digest:
        raise ReportError(f"This run has published another result as {file.name}; give one of the two another name.")
    _published[file] = digest
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
