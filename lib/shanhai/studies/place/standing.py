"""Where a county stands in its class: value, rank and distance from the median, indicator by indicator."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from shanhai.claims.evidence import Evidence
from shanhai.data.frames.crosswalk import select_vintage
from shanhai.studies.place.city import PROFILE, Indicator
from shanhai.studies.place.county import County

QUARTER = 0.25
"""A strength lies in the best quarter of the class, a gap in the last."""

_GDP_DOUBTS = "disagrees_with_per_head|growth|lags_prefecture|may_include_zone"

MOVED_GROUND = ("boundary_2017_crossed", "gdp_2021_redrawn")
"""Flags of counties whose GDP of 2001 may be that of other ground."""

DOUBTS: dict[str, str] = {
    "illiteracy_2020": r"illiteracy_doubtful",
    "mean_schooling_2020": r"schooling_doubtful",
    "gdp_per_capita_2021": rf"gdp_2021_({_GDP_DOUBTS})",
    "gdp_growth": rf"gdp_20[02]1_({_GDP_DOUBTS})",
}
"""Pattern of the frame's flags that put an indicator of a county in doubt, by its column."""

FULL_COVER = 99.5
"""Percent of a province's residents that its GDP must cover in both years of a growth rate."""

GDP_SPAN, LIGHT_SPAN = (2001, 2021), (2013, 2021)
"""First and last year of the growth rates; lights from 2013 on, when one sensor sees them."""


@dataclass(frozen=True)
class Yardstick:
    """An indicator with the side that counts as good."""

    indicator: Indicator
    best: Literal["high", "low"]


@dataclass(frozen=True)
class Standing:
    """A county's place in its class by one indicator; NaN and 0 where the county has no figure."""

    yardstick: Yardstick
    value: float
    median: float
    """Of the class, the county included."""
    province: float
    others: tuple[float, ...]
    """Values of the class, the county included."""
    rank: int
    """From the best; 0 where the county has no figure. Equal values share the better rank."""
    distance: float
    """Value minus median, in widths of the middle half of the class; positive is higher, not better."""
    is_doubtful: bool = False
    """Whether a flag of the county puts its value in doubt."""

    @property
    def count(self) -> int:
        """How many of the class have a figure."""
        return len(self.others)

    @property
    def position(self) -> float:
        """Share of the class that is better, counting half of the county itself; NaN without a figure."""
        return (self.rank - 0.5) / self.count if self.rank else float("nan")


_PROFILE = {indicator.column: indicator for indicator in PROFILE}
_GDP = Indicator("gdp_growth", "Growth of GDP, 2001–2021", "GDP年均增速，2001—2021年", "% a year", "%/年", 1)
_LIGHT = Indicator(
    "light_growth", "Growth of lights, 2013–2021", "夜间灯光年均增速，2013—2021年", "% a year", "%/年", 1
)

YARDSTICKS = (
    Yardstick(_PROFILE["gdp_per_capita_2021"], "high"),
    Yardstick(_GDP, "high"),
    Yardstick(_LIGHT, "high"),
    Yardstick(_PROFILE["urban_share_2020"], "high"),
    Yardstick(_PROFILE["population_change"], "high"),
    Yardstick(_PROFILE["mean_schooling_2020"], "high"),
    Yardstick(_PROFILE["illiteracy_2020"], "low"),
    Yardstick(_PROFILE["share_60_plus_2020"], "low"),
)
"""Indicators of the county report. That fewer old or illiterate residents count as better is a convention."""


def standings(subject: County, evidence: Evidence) -> tuple[Standing, ...]:
    """Where the county stands in its class by each indicator of :data:`YARDSTICKS`."""
    peers = with_rates(subject.peers.rows)
    own = peers[peers["code"] == subject.place.code].iloc[0]
    province = _province_values(subject, evidence)
    return tuple(
        replace(
            stand(yardstick, float(own[column]), peers[column], province[column]),
            is_doubtful=is_doubtful(column, str(own["flags"])),
        )
        for yardstick in YARDSTICKS
        for column in [yardstick.indicator.column]
    )


def is_doubtful(column: str, flags: str) -> bool:
    """Whether the flags of a county (joined by ``;``) put an indicator in doubt: see :data:`DOUBTS`.

    Examples
    --------
    >>> is_doubtful("illiteracy_2020", "gdp_2021_rounded;illiteracy_doubtful")
    True
    """
    pattern = DOUBTS.get(column)
    return pattern is not None and any(re.fullmatch(pattern, flag) for flag in flags.split(";"))


def stand(yardstick: Yardstick, value: float, peers: pd.Series, province: float) -> Standing:
    """Standing of a value among the values of its class; values of the class that are missing do not count."""
    known = peers.dropna().to_numpy(dtype=float)
    if np.isnan(value):
        median = float(np.median(known)) if len(known) else float("nan")
        return Standing(yardstick, value, median, province, tuple(known), 0, float("nan"))
    low, median, high = np.quantile(known, [0.25, 0.5, 0.75])
    better = int((known > value).sum() if yardstick.best == "high" else (known < value).sum())
    distance = (value - median) / (high - low) if high > low else float("nan")
    return Standing(yardstick, value, float(median), province, tuple(known), 1 + better, float(distance))


def strengths(found: Iterable[Standing]) -> tuple[Standing, ...]:
    """Indicators by which the county is in the best quarter of its class, the best first."""
    return tuple(sorted((one for one in found if one.position < QUARTER), key=_by_position))


def gaps(found: Iterable[Standing]) -> tuple[Standing, ...]:
    """Indicators by which the county is in the last quarter of its class, the worst first."""
    return tuple(sorted((one for one in found if one.position > 1 - QUARTER), key=_by_position, reverse=True))


def _by_position(one: Standing) -> float:
    return one.position


def with_rates(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the county frame with ``population_change``, ``gdp_growth`` and ``light_growth``, in percent."""
    moved = rows["flags"].map(lambda text: not set(MOVED_GROUND).isdisjoint(str(text).split(";")))
    return rows.assign(
        population_change=100 * (rows["population_2020"] / rows["population_2010"] - 1),
        gdp_growth=_rate(rows, "gdp", GDP_SPAN).mask(moved.astype(bool)),
        light_growth=_rate(rows, "lights", LIGHT_SPAN),
    )


def _rate(rows: pd.DataFrame, what: str, span: tuple[int, int]) -> pd.Series:
    """Growth a year in percent; missing where a year is missing or the first is not positive."""
    first, last = (rows[f"{what}_{year}"].astype(float) for year in span)
    return 100 * ((last / first.where(first > 0)) ** (1 / (span[1] - span[0])) - 1)


def _province_values(subject: County, evidence: Evidence) -> dict[str, float]:
    """Each indicator for the whole province; NaN where its figures do not cover it."""
    row = evidence.provinces[evidence.provinces["code"] == subject.province.code]
    counties = evidence.frame[evidence.frame["province_code"] == subject.province.code]
    lights = counties[[f"lights_{year}" for year in LIGHT_SPAN]].sum().to_frame().T
    covered = row[[f"gdp_{year}_covered_pct" for year in GDP_SPAN]].min(axis=1)
    rates = {
        "population_change": 100 * (row["population_2020"] / row["population_2010"] - 1),
        "gdp_growth": _rate(row, "gdp", GDP_SPAN).where(covered >= FULL_COVER),
        "light_growth": _rate(lights, "lights", LIGHT_SPAN),
    }
    columns = [yardstick.indicator.column for yardstick in YARDSTICKS]
    return {column: float((rates[column] if column in rates else row[column]).iloc[0]) for column in columns}


@dataclass(frozen=True)
class Union:
    """Counties that can be compared with 2010 only together."""

    names_en: tuple[str, ...]
    names_zh: tuple[str, ...]
    change: float
    """Change of their residents from 2010 to 2020, percent; NaN if a unit of 2010 has no figure."""


def union_of(subject: County, evidence: Evidence) -> Union | None:
    """The smallest union of counties with the same ground in 2010 and 2020, if the county was redrawn; else None."""
    if not pd.isna(subject.row["population_2010"]):
        return None
    links = select_vintage(evidence.table("crosswalk"), 2010).dropna(subset="code_2020")
    named = links.loc[links["code_2020"] == subject.place.code, "union_code"]
    if named.empty:
        return None
    union = links[links["union_code"].isin(named)]
    sums = {}
    for year, column in ((2010, "code"), (2020, "code_2020")):
        census = evidence.table(f"census_{year}")
        people = census.loc[census["is_county"] & census["code"].isin(union[column])].set_index("code")["population"]
        sums[year] = float(people.reindex(sorted(union[column].unique())).sum(skipna=False))
    counties = evidence.frame[evidence.frame["code"].isin(union["code_2020"])].sort_values("code")
    change = 100 * (sums[2020] / sums[2010] - 1)
    return Union(tuple(counties["name_en"]), tuple(counties["name_zh"]), change)
