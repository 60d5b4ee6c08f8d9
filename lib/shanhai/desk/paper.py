"""A map, a table and a file of either: what goes from the desk into a paper."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Final

import pandas as pd
from matplotlib.figure import Figure
from pandas.api import types

from shanhai.core import paths
from shanhai.core.errors import ReportError, SpecificationError
from shanhai.core.shown import speak
from shanhai.data.frames.unions import with_joint_gdp
from shanhai.data.load import load_places, load_table
from shanhai.data.map_base import load_map_base
from shanhai.geo.map_base import MapBase
from shanhai.methods.regression.results import FitResult
from shanhai.render.maps import draw_map
from shanhai.render.maps.topics import Category, Kinds, Outline, Topic, topic
from shanhai.render.objects import TABLE_ENDINGS, column_words, regressions, table_as
from shanhai.render.style import INLINE_DPI, PRINT_DPI, theme
from shanhai.render.tables import TableSpec
from shanhai.render.words import Words

_WORDS = Words.beside(__file__)

_YES, _NO = "#2b6a99", "#d9e3ec"
"""Colours of counties of which something is true, and of the others; apart in grey print."""

_OWN_PALETTE: Final = "YlGnBu"
"""Palette of a column of the user's own."""

_COUNTRY: Final = "100000"


@dataclass(frozen=True)
class Picture:
    """A figure that a cell shows at modest size; :func:`save` writes it for print."""

    figure: Figure
    """The figure itself, for those who want to change it."""
    caption: str
    """What it shows: the text that stands for the image."""

    def __repr__(self) -> str:
        return f"Figure: {self.caption}"

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        width, height = (int(side * INLINE_DPI) for side in self.figure.get_size_inches())
        return _drawn(self.figure, "png", 2 * INLINE_DPI), {"width": width, "height": height}  # sharp on a fine screen


def map_of(
    frame: pd.DataFrame, column: str, *, outline: str = "", region: str | Sequence[str] = "", language: str = ""
) -> Picture:
    """Map of a column of counties: classes of a number, or the two kinds of a column of yes and no.

    Parameters
    ----------
    frame : DataFrame
        Counties, as :func:`shanhai.counties` gives them.
    column : str
        Of the frame, also one of your own making.
    outline : str, optional
        Column of yes and no, or a place by code or name, whose counties get a heavy outline.
    region : str or list of str, optional
        Places by code or name; by default all that the frame holds.
    language : str, optional
        en, zh or both; by default that of :func:`shanhai.speak`.

    Raises
    ------
    ReportError
        If a column is absent or no number, or the map shows counties that the frame lacks.
    UnknownPlaceError
        If a place is unknown.

    Examples
    --------
    >>> import shanhai as sh
    >>> sh.map_of(sh.counties("衢州"), "relief_m")
    Figure: Relief on a 9-km grid: highest minus lowest (m)
    """
    spoken, base = language or speak(), load_map_base()
    subject = _subject(frame, column)
    shown, outlined = _outlined(frame, outline) if outline else (frame, None)
    shown = _joined(shown, subject)
    figure = draw_map(base, shown, subject, region or _region(frame, base), language=spoken, outline=outlined)
    return Picture(figure, subject.title(spoken).replace("\n", " "))


def _joined(frame: pd.DataFrame, subject: Topic | Kinds) -> pd.DataFrame:
    """The frame with joint figures of redrawn counties, as every map of the project shows them."""
    if isinstance(subject, Kinds) or not subject.joint or "population_2020" not in frame.columns:
        return frame
    return with_joint_gdp(frame, load_table("county_gdp"), load_table("crosswalk"), int(subject.column[-4:]))


def _outlined(frame: pd.DataFrame, outline: str) -> tuple[pd.DataFrame, Outline]:
    """The frame with a column of what is outlined, and what the legend calls it."""
    if outline in frame.columns:
        return frame, Outline(outline, *column_words(outline))
    place = load_places().place(outline)
    inside = {"province": "province_code", "prefecture": "prefecture_code", "county": "code"}[place.level]
    return frame.assign(outlined=frame[inside].eq(place.code)), Outline("outlined", place.short_en, place.short_zh)


def _subject(frame: pd.DataFrame, column: str) -> Topic | Kinds:
    """How a column is mapped: as a topic of the project, or by what it holds."""
    if column not in frame.columns:
        raise ReportError(f"Column {column!r} is not in the frame; it has {', '.join(map(str, frame.columns))}.")
    values, (english, chinese) = frame[column], column_words(column)
    if types.is_bool_dtype(values):
        kinds = [
            Category(value, *_WORDS.pair(f"map.{value}"), colour) for value, colour in (("True", _YES), ("False", _NO))
        ]
        return Kinds(column, english, chinese, tuple(kinds), ())
    try:
        return topic(column)
    except (ReportError, SpecificationError):  # no topic of the project: any other number will do
        pass
    if not types.is_numeric_dtype(values):
        raise ReportError(
            f"Column {column!r} holds {values.dtype} values; allowed: numbers, or true and false. Map another column."
        )
    return Topic(column, english, chinese, "", "", _digits(values), _OWN_PALETTE, ())


def _digits(values: pd.Series) -> int:
    """Decimals of class limits that tell values apart: three figures of their spread."""
    spread = float(values.max() - values.min())
    return next((digits for digits in range(-6, 6) if spread >= 10.0 ** (2 - digits)), 6) if spread > 0 else 2


def _region(frame: pd.DataFrame, base: MapBase) -> str | list[str]:
    """Places that a frame holds whole: the country, else provinces, else prefectures, else counties."""
    layer = base.counties.assign(country=_COUNTRY)[["code", "pref_code", "prov_code", "country"]]
    left, found = layer["code"].isin(set(frame["code"])), []
    for level in ("country", "prov_code", "pref_code", "code"):
        whole = left.groupby(layer[level]).transform("all") & left
        found += sorted(set(layer.loc[whole, level]))
        left &= ~whole
    return found


def table(*results: FitResult, heads: Sequence[str] = (), language: str = "") -> TableSpec:
    """Regressions side by side as a three-line table.

    Parameters
    ----------
    *results : FitResult
        From :func:`shanhai.fit`.
    heads : sequence of str, optional
        Of the columns; by default the outcomes where they differ, else (1), (2), ...
    language : str, optional
        en, zh or both; by default that of :func:`shanhai.speak`.

    Raises
    ------
    ReportError
        If there is no regression, or heads are not one a regression, all different.

    Examples
    --------
    >>> import pandas as pd
    >>> import shanhai as sh
    >>> schools = pd.DataFrame({"score": [3.0, 5.0, 4.0, 8.0], "hours": [1.0, 2.0, 3.0, 4.0]})
    >>> shown = sh.table(*[sh.fit("score ~ hours", schools, errors=errors) for errors in ("HC1", "HC3")])
    >>> shown.heads(), shown.cells()[2]
    (['', '(1)', '(2)'], ['hours', '1.400*', '1.400'])
    """
    return regressions(results, language or speak(), heads)


def save(thing: TableSpec | FitResult | Picture | pd.DataFrame, name: str | Path) -> Path:
    """Write a table, a regression, a map or a frame to a file, of the kind that its ending says.

    Parameters
    ----------
    thing : what :func:`table`, :func:`shanhai.fit`, :func:`map_of` or :func:`shanhai.counties` give
    name : str or Path
        ``.docx``, ``.csv``, ``.html`` or ``.tex`` for a table, ``.png`` or ``.pdf`` for a map. A name without a folder
        goes to ``outputs/interactive`` where a notebook of the project is open, else to the folder that Python works
        in; in a run of the project a relative one goes to the tables or figures of that run.

    Returns
    -------
    Path
        The file, absolute. One that was there is replaced.

    Raises
    ------
    ReportError
        If the thing cannot be written so, or the folder does not exist.

    Examples
    --------
    >>> import shanhai as sh
    >>> sh.save(sh.counties("巴中"), "bazhong.xls")
    Traceback (most recent call last):
    shanhai.core.errors.ReportError: 'bazhong.xls' ends in '.xls'; allowed for a DataFrame: .csv, .docx, .html, .tex.
    """
    writers = _writers(thing)
    ending = Path(name).suffix.lower()
    if ending not in writers:
        raise ReportError(
            f"{str(name)!r} ends in {ending!r}; allowed for a {type(thing).__name__}: {', '.join(sorted(writers))}."
        )
    target = _target(Path(name), "figures" if isinstance(thing, Picture) else "tables")
    target.write_bytes(writers[ending]())
    return target


def _writers(thing: object) -> Mapping[str, Callable[[], bytes]]:
    """How a thing is written, by the ending of the file."""
    if isinstance(thing, Picture):
        return {f".{kind}": partial(_drawn, thing.figure, kind, PRINT_DPI) for kind in ("png", "pdf")}
    if isinstance(thing, FitResult):
        thing = regressions([thing], speak())
    if isinstance(thing, pd.DataFrame):
        thing = TableSpec(pd.DataFrame(thing.drop(columns="geometry", errors="ignore")))
    if not isinstance(thing, TableSpec):
        raise ReportError(
            f"a {type(thing).__name__} cannot be saved; allowed: a table, a regression, a map or a frame of counties."
        )
    return {ending: partial(table_as, thing, ending, speak()) for ending in TABLE_ENDINGS}


def _drawn(figure: Figure, kind: str, dpi: int) -> bytes:
    stream = BytesIO()
    plain = {"Software": None} if kind == "png" else {"CreationDate": None, "Creator": "Shanhai"}
    with theme():
        figure.savefig(stream, format=kind, dpi=dpi, metadata=plain)
    return stream.getvalue()


def _target(name: Path, folder: str) -> Path:
    """Where a file goes: as it is named, among the results of a run, or to ``outputs`` from an open notebook."""
    if paths.OUTPUT_VARIABLE in os.environ and not name.is_absolute():
        target = paths.output_folder() / folder / f"{paths.run_name()}--{name.name}"
        target.parent.mkdir(parents=True, exist_ok=True)
        return target
    if name == Path(name.name) and Path.cwd().is_relative_to(paths.NOTEBOOKS):  # JupyterLab starts a kernel there
        target = paths.output_folder() / name
        target.parent.mkdir(parents=True, exist_ok=True)
        return target
    target = name.resolve()
    if not target.parent.is_dir():
        raise ReportError(f"The folder {target.parent} does not exist; make it, or name a file in another.")
    return target
