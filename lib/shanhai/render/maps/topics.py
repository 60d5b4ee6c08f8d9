"""What can be mapped and how it looks: titles, palettes, sources, and which counties share a colour."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.colors import to_hex

from shanhai.core.errors import ReportError
from shanhai.core.fields import field_of, title_of
from shanhai.render.numbers import format_number, format_range, is_missing, round_half_up
from shanhai.render.style import label
from shanhai.render.words import Words

WORDS = Words.beside(__file__)
"""Words on maps."""

_MISSING_COLOUR = "#ffffff"
_MISSING_HATCH = "//////"
_NEW_LINE = "\n"


@dataclass(frozen=True)
class Topic:
    """A numeric column as a map shows it.

    Attributes
    ----------
    column : str
    en, zh : str
        Title.
    unit_en, unit_zh : str
        Empty if the title says it.
    digits : int
        Decimals of the class limits; negative for tens, hundreds.
    palette : str
        A sequential colour map of matplotlib whose lightness falls steadily.
    sources : tuple of str
        Keys of the group ``source`` of words.toml.
    """

    column: str
    en: str
    zh: str
    unit_en: str
    unit_zh: str
    digits: int
    palette: str
    sources: tuple[str, ...]

    def title(self, language: str) -> str:
        """Title with its unit."""
        units = f" ({self.unit_en})" if self.unit_en else "", f"（{self.unit_zh}）" if self.unit_zh else ""
        return label(language, f"{self.en}{units[0]}", f"{self.zh}{units[1]}", joint="\n")


@dataclass(frozen=True)
class Outline:
    """A group of counties with a heavy outline: its boolean column, and what the legend calls it."""

    column: str
    en: str
    zh: str


@dataclass(frozen=True)
class Category:
    """A named kind of county: value in the column, labels, fill and hatch."""

    value: str
    en: str
    zh: str
    colour: str
    hatch: str = ""


@dataclass(frozen=True)
class Kinds:
    """A column of kinds as a map shows it: title, kinds in the order of the legend, sources."""

    column: str
    en: str
    zh: str
    categories: tuple[Category, ...]
    sources: tuple[str, ...]

    def title(self, language: str) -> str:
        """Title."""
        return label(language, self.en, self.zh, joint="\n")


_SPACE, _LAND, _WEALTH, _PEOPLE, _LIGHT = "Purples_r", "YlOrBr", "YlGnBu", "BuPu", "OrRd"

_STYLES: dict[str, tuple[int, str, tuple[str, ...]]] = {
    "elevation_mean_m": (-1, _LAND, ("terrain",)),
    "relief_m": (-1, _LAND, ("terrain",)),
    "ruggedness": (0, _LAND, ("terrain",)),
    "slope_mean_deg": (1, _LAND, ("terrain",)),
    "area_km2": (-1, _LAND, ("boundaries",)),
    "distance_to_border_km": (0, _SPACE, ("boundaries",)),
    "gap_to_border_km": (0, _SPACE, ("boundaries",)),
    "gdp_per_capita": (-2, _WEALTH, ("economy", "census")),
    "share_60_plus": (1, _PEOPLE, ("census",)),
    "urban_share": (1, _WEALTH, ("census",)),
    "mean_schooling": (1, _WEALTH, ("census",)),
    "illiteracy": (1, _PEOPLE, ("census",)),
    "lights_per_km2": (1, _LIGHT, ("lights",)),
    "light_growth": (1, _LIGHT, ("lights",)),
}
"""Decimals, palette and sources by column without its years; titles and units stand in the data dictionary."""


def topic(column: str) -> Topic:
    """The topic of a column of the county frame, or of one computed from it, of any year.

    Parameters
    ----------
    column : str
        Such as ``"relief_m"``, ``"gdp_per_capita_2021"``, ``"light_growth_2013_2021"``.

    Raises
    ------
    ReportError
        If the column is no topic.
    SpecificationError
        If it lacks the year that its title names.

    Examples
    --------
    >>> topic("gdp_per_capita_2023").title("en")
    'GDP per head, 2023 (yuan)'
    """
    stem = re.sub("(_[0-9]{4})+$", "", column)
    if stem not in _STYLES:
        raise ReportError(
            f"{column!r} is not a mapped topic; there are {', '.join(_STYLES)}, with the year if they have one. "
            "Or pass a Topic."
        )
    (english, chinese), (unit, unit_zh) = title_of(column), field_of(column).printed_unit
    digits, palette, sources = _STYLES[stem]
    return Topic(column, english, chinese, unit, unit_zh, digits, palette, sources)


@dataclass(frozen=True)
class MapClass:
    """One class of a map.

    Attributes
    ----------
    label : str
        Text of the legend.
    colour : str
        Fill, hexadecimal.
    codes : frozenset of str
        Counties of the class.
    hatch : str
        Matplotlib hatch laid over the fill; empty for none.
    """

    label: str
    colour: str
    codes: frozenset[str]
    hatch: str = ""


def _quantile_breaks(values: pd.Series, count: int, digits: int) -> list[float]:
    """Inner class limits at equal shares of the counties, rounded as they are printed.

    Rounding before classifying makes the printed limits exactly the ones used. Limits that fall together, or
    that would leave a class empty, are dropped.

    Parameters
    ----------
    values : Series
        Without missing values.
    count : int
        Classes wanted, two or more.
    digits : int
        Decimals of the limits.
    """
    if count < 2:
        raise ReportError(f"{count} classes cannot be told apart; ask for two to seven.")
    shares = np.arange(1, count) / count
    limits = sorted({float(round_half_up(limit, digits)) for limit in np.quantile(values.to_numpy(float), shares)})
    kept: list[float] = []
    for limit in limits:
        below = values < limit if not kept else (values >= kept[-1]) & (values < limit)
        if below.any() and (values >= limit).any():
            kept.append(limit)
    return kept


def _sequential_colours(palette: str, count: int) -> list[str]:
    """Colours of ordered classes from light to dark, told apart in grey print as well."""
    scale = matplotlib.colormaps[palette]
    return [to_hex(scale(position)) for position in np.linspace(0.08, 0.88, count)]


def numeric_classes(frame: pd.DataFrame, topic: Topic, language: str, count: int = 5) -> list[MapClass]:
    """Classes of a numeric column by quantiles; counties without a value form a hatched class of their own.

    Raises
    ------
    ReportError
        If the column is absent or wholly empty.
    """
    values = _column(frame, topic.column).astype("Float64").astype(float)
    known = values.dropna()
    if known.empty:
        raise ReportError(f"Column {topic.column!r} has no value for the counties drawn; choose another column.")
    # A class of one county says nothing that its name does not: few counties get few classes.
    breaks = _quantile_breaks(known, max(2, min(count, len(known) // 2)), topic.digits)
    positions = pd.Series(np.searchsorted(breaks, known, side="right"), index=known.index)
    colours = _sequential_colours(topic.palette, len(breaks) + 1)
    codes = frame["code"]
    classes = [
        MapClass(
            f"{_limits_text(breaks, position, topic.digits, known.min())}  ({(positions == position).sum()})",
            colour,
            frozenset(codes[positions.index[positions == position]]),
        )
        for position, colour in enumerate(colours)
    ]
    return [*classes, *_missing_class(codes[values.isna()], language)]


def named_classes(frame: pd.DataFrame, kinds: Kinds, language: str) -> list[MapClass]:
    """Classes of a column of kinds; kinds without a county are left out of the legend.

    Raises
    ------
    ReportError
        If the column is absent, or holds a value that is none of the kinds.
    """
    raw = _column(frame, kinds.column)
    values = raw.map(lambda value: None if is_missing(value) else str(value))
    unknown = sorted(set(values.dropna()) - {category.value for category in kinds.categories})
    if unknown:
        raise ReportError(f"Column {kinds.column!r} holds {unknown}, which no category of the map names.")
    classes = [
        MapClass(
            f"{label(language, category.en, category.zh, joint=_NEW_LINE)}  ({values.eq(category.value).sum()})",
            category.colour,
            frozenset(frame["code"][values.eq(category.value)]),
            category.hatch,
        )
        for category in kinds.categories
        if values.eq(category.value).any()
    ]
    return [*classes, *_missing_class(frame["code"][values.isna()], language)]


def _missing_class(codes: pd.Series, language: str) -> list[MapClass]:
    """The hatched class of counties without a value, if there are any."""
    if codes.empty:
        return []
    return [
        MapClass(
            f"{WORDS('legend.no_data', language, joint=_NEW_LINE)}  ({len(codes)})",
            _MISSING_COLOUR,
            frozenset(codes),
            _MISSING_HATCH,
        )
    ]


def class_of_each(classes: Sequence[MapClass]) -> Mapping[str, MapClass]:
    """Class of each county code."""
    return {code: one for one in classes for code in one.codes}


def _limits_text(breaks: Sequence[float], position: int, digits: int, lowest: float) -> str:
    if not breaks:
        return format_number(lowest, digits)
    if position == 0:
        return f"< {format_number(breaks[0], digits)}"
    if position == len(breaks):
        return f"≥ {format_number(breaks[-1], digits)}"
    return format_range(breaks[position - 1], breaks[position], digits)


def _column(frame: pd.DataFrame, column: str) -> pd.Series:
    if column not in frame.columns:
        raise ReportError(f"Column {column!r} is not in the frame; it has {', '.join(map(str, frame.columns))}.")
    return frame[column]
