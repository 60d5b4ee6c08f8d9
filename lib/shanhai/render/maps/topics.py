"""What can be mapped and how it looks: titles, palettes, sources, and which counties share a colour."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from shanhai.core.errors import ReportError
from shanhai.core.fields import field_of, title_of
from shanhai.render.style import label
from shanhai.render.words import Words

WORDS = Words.beside(__file__)
"""Words on maps."""


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
    joint : str
        Column that names the union whose joint figure a county shows; its members are drawn as one. Not used where the
        frame lacks it.
    """

    column: str
    en: str
    zh: str
    unit_en: str
    unit_zh: str
    digits: int
    palette: str
    sources: tuple[str, ...]
    joint: str = ""

    def title(self, language: str) -> str:
        """Title with its unit."""
        english = f"{self.en} ({self.unit_en})" if self.unit_en else self.en
        chinese = f"{self.zh}（{self.unit_zh}）" if self.unit_zh else self.zh
        return label(language, english, chinese.replace("）（", "，"), joint="\n")  # one pair of brackets, not two


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
    stem = _stem(column)
    if stem not in _STYLES:
        raise ReportError(
            f"{column!r} is not a mapped topic; there are {', '.join(_STYLES)}, with the year if they have one. "
            "Or pass a Topic."
        )
    (english, chinese), (unit, unit_zh) = title_of(column), field_of(column).printed_unit
    digits, palette, sources = _STYLES[stem]
    joint = column.replace("gdp_per_capita", "gdp_joint") if stem == "gdp_per_capita" else ""
    return Topic(column, english, chinese, unit, unit_zh, digits, palette, sources, joint)


def topics_of(columns: Iterable[str]) -> tuple[Topic, ...]:
    """The topics among columns, in the order in which they are listed here, those of several years from the first on.

    Examples
    --------
    >>> [topic.column for topic in topics_of(["lights_per_km2_2013", "code", "lights_per_km2_2001", "relief_m"])]
    ['relief_m', 'lights_per_km2_2001', 'lights_per_km2_2013']
    """
    mapped = [column for column in columns if _stem(column) in _STYLES]
    return tuple(topic(column) for column in sorted(mapped, key=lambda name: (list(_STYLES).index(_stem(name)), name)))


def _stem(column: str) -> str:
    """A column without its years."""
    return re.sub("(_[0-9]{4})+$", "", column)


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
    key : str
        The kind, or the number of a class of values from the lowest; empty for no data.
    """

    label: str
    colour: str
    codes: frozenset[str]
    hatch: str = ""
    key: str = ""
