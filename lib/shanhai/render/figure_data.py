"""The numbers that a figure draws, kept with it: ``publish_figure`` stores them as CSV beside the picture.

A chart gives its figure one tidy frame, its rows in the order drawn. Columns are English keys that do not depend on the
language of a run, described in ``figure_data.toml``; what a reader sees in the figure (names, titles of axes with their
units) has columns of its own in the language of the run: ``label``, ``series_label``, ``quantity``.
"""

import re
from collections.abc import Iterable, Mapping
from weakref import WeakKeyDictionary

import pandas as pd
from matplotlib.figure import Figure

from shanhai.core.errors import ReportError
from shanhai.render.words import Pair, Words

_WORDS = Words.beside(__file__, "figure_data.toml")
_KEY = re.compile(r"[a-z][a-z0-9_]*")

_FIRST = ("layer", "panel", "panel_label", "variable", "term", "series", "series_label", "code", "label")
_LAST = ("value", "low", "high", "n", "unit", "quantity")
"""Columns that stand first and last, in this order: what a row is, and the number with its unit."""

_YEARS = ("year", "first_year", "last_year")

_drawn: "WeakKeyDictionary[Figure, pd.DataFrame]" = WeakKeyDictionary()


def with_data(figure: Figure, data: pd.DataFrame | Mapping[str, pd.DataFrame], by: str = "layer") -> Figure:
    """Keep with a figure the frame that it is drawn from.

    Parameters
    ----------
    figure : matplotlib Figure
    data : DataFrame, or several by key
        One row a mark, in the order drawn; several frames are set one below the other.
    by : str
        Column that tells several frames apart.

    Returns
    -------
    Figure
        The same figure.

    Raises
    ------
    ReportError
        If there is no row, or a column's name is no key of small letters, digits and underscores.

    Examples
    --------
    >>> figure = with_data(Figure(), pd.DataFrame({"year": [2020], "value": [1.5]}))
    >>> data_of(figure)
       year  value
    0  2020    1.5
    """
    if isinstance(data, Mapping):
        named = [_whole(frame).assign(**{by: key}) for key, frame in data.items() if len(frame)]
        data = pd.concat(named, ignore_index=True) if named else pd.DataFrame()
    check_keys(data)
    texts = data.select_dtypes(exclude=["number", "bool", "boolean"])
    data = data.assign(**{str(name): texts[name].map(_one_line) for name in texts})
    inner = [name for name in data.columns if name not in (*_FIRST, *_LAST)]
    _drawn[figure] = data.reset_index(drop=True).filter([*_FIRST, *inner, *_LAST])
    return figure


def data_of(figure: Figure) -> pd.DataFrame | None:
    """The frame that a figure is drawn from; None if it was made without :func:`with_data`."""
    return _drawn.get(figure)


def check_keys(data: pd.DataFrame) -> None:
    """Refuse a frame without rows, and columns whose names are no keys.

    Raises
    ------
    ReportError
    """
    wrong = [name for name in data.columns if not _KEY.fullmatch(str(name))]
    if data.empty or wrong:
        raise ReportError(
            f"Data of a figure have {len(data)} rows and the columns {wrong or list(data.columns)}; allowed: one row "
            "or more, names of small letters, digits and underscores. Rename the columns, or pass the rows drawn."
        )


def described(columns: Iterable[str]) -> dict[str, Pair]:
    """What columns of figure data hold, in English and Chinese; those without a description are left out."""
    words = _WORDS.labels("column")
    return {name: words[name] for name in columns if name in words}


def _whole(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame whose whole numbers stay whole beside frames that lack the column."""
    years = [name for name in frame.select_dtypes("float") if name in _YEARS]  # floats where one is missing
    return frame.astype(dict.fromkeys([*frame.select_dtypes("integer").columns, *years], "Int64"))


def _one_line(value: object) -> object:
    """A text broken for the drawing, on one line."""
    return " ".join(value.split("\n")) if isinstance(value, str) else value
