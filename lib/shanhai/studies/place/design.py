"""What the pages of places hold, fixed beforehand: indicators, classes of counties, thresholds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from shanhai.core.places import ZHEJIANG
from shanhai.data.frames.lights import SENSOR_BREAK
from shanhai.data.vintage import Vintage
from shanhai.data.years import CENSUSES, GDP_YEARS

FEW_POLYGONS = 3
"""A prefecture with fewer counties than this is shown on the map of its province."""

STATEMENTS_SHOWN = 12
"""Statements of the register on a place that the page prints; the file of the table holds all."""

FEWEST_PEERS = 5
"""A class needs so many counties with GDP; with fewer of its kind, a county is set beside all of its province."""

QUARTER = 0.25
"""A strength lies in the best quarter of the class, a weakness in the last."""

NAMED = 4
"""Strengths or weaknesses that a sentence names, the clearest first."""

SMALL_GAP = 0.05
"""Log points below which shares of a gap say nothing."""

FULL_COVER = 99.5
"""Percent of a province's residents that its GDP must cover in both years of a growth rate."""

PAPER_PROVINCES = {"bazhong-2024": (ZHEJIANG, "510000")}
"""Provinces in which a paper's place names are looked up; all other papers are about Zhejiang."""

COMPARED_AS: Mapping[str, str] = {
    "district": "district",
    "city": "city",
    "county": "county",
    "autonomous_county": "county",
    "banner": "county",
    "autonomous_banner": "county",
    "forestry_district": "county",
    "special_district": "county",
    "administrative_committee": "county",
    "prefecture_as_county": "city",
}
"""Of each kind of county-level unit, the kind that it is compared with."""

BORDER_AND_TERRAIN = ("border", "terrain", "border x terrain")
"""Parts of a gap that border and mountain stand for."""


@dataclass(frozen=True)
class Indicator:
    """A figure of a place that is compared."""

    column: str
    """Column of the frames, or ``population_change``, ``gdp_growth``, ``light_growth``."""
    digits: int = 1
    """Decimals that are meant to be printed."""
    best: Literal["high", "low"] = "high"
    """Side that counts as good. That fewer old or illiterate residents count as better is a convention."""
    span: tuple[int, int] | None = None
    """First and last year of a change."""


def profile_indicators(vintage: Vintage) -> tuple[Indicator, ...]:
    """Indicators of a prefecture beside province and country."""
    return (
        Indicator(vintage.column("gdp_per_capita"), 0),
        Indicator(vintage.column("urban_share")),
        Indicator(vintage.column("share_60_plus"), best="low"),
        Indicator(vintage.column("mean_schooling")),
        Indicator(vintage.column("illiteracy"), best="low"),
        Indicator("population_change", span=CENSUSES),
    )


def standing_indicators(vintage: Vintage) -> tuple[Indicator, ...]:
    """Indicators of a county in its class."""
    gdp, urban, old, schooling, illiteracy, people, *further = profile_indicators(vintage)
    return (
        gdp,
        Indicator("gdp_growth", span=(GDP_YEARS[0], vintage.gdp)),
        Indicator("light_growth", span=(SENSOR_BREAK, vintage.lights)),
        *(urban, people, schooling, illiteracy, old, *further),
    )
