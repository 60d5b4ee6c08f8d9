"""Where a county stands in its class: value, rank and distance from the median, indicator by indicator."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from shanhai.claims.evidence import Evidence
from shanhai.data.frames.crosswalk import select_vintage
from shanhai.data.vintage import Vintage
from shanhai.data.years import GDP_YEARS
from shanhai.studies.place.analysis import County, with_change
from shanhai.studies.place.design import FULL_COVER, QUARTER, Indicator, standing_indicators


@dataclass(frozen=True)
class Standing:
    """A county's place in its class by one indicator; NaN and 0 where the county has no figure."""

    indicator: Indicator
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
    codes: tuple[str, ...] = ()
    """Of the counties whose values stand in ``others``."""

    @property
    def count(self) -> int:
        """How many of the class have a figure."""
        return len(self.others)

    @property
    def position(self) -> float:
        """Share of the class that is better, counting half of the county itself; NaN without a figure."""
        return (self.rank - 0.5) / self.count if self.rank else float("nan")


@dataclass(frozen=True)
class Union:
    """Counties that can be compared with 2010 only together."""

    names_en: tuple[str, ...]
    names_zh: tuple[str, ...]
    change: float
    """Change of their residents from 2010 to 2020, percent; NaN if a unit of 2010 has no figure."""


def standings(subject: County, evidence: Evidence) -> tuple[Standing, ...]:
    """Where the county stands in its class by each indicator."""
    indicators = standing_indicators(subject.vintage)
    peers = _with_rates(subject.peers.rows, subject.vintage)
    own = peers[peers["code"] == subject.place.code].iloc[0]
    province = _province_values(subject, indicators, evidence)
    return tuple(
        replace(
            stand(indicator, float(own[column]), peers[column], province[column]),
            is_doubtful=_is_doubtful(column, str(own["flags"]), subject.vintage),
            codes=tuple(peers.loc[peers[column].notna(), "code"]),
        )
        for indicator in indicators
        for column in [indicator.column]
    )


def _is_doubtful(column: str, flags: str, vintage: Vintage) -> bool:
    """Whether the flags of a county, joined by ``;``, put an indicator in doubt."""
    pattern = _doubts(vintage).get(column)
    return pattern is not None and any(re.fullmatch(pattern, flag) for flag in flags.split(";"))


def stand(indicator: Indicator, value: float, peers: pd.Series, province: float) -> Standing:
    """Standing of a value among the values of its class; values of the class that are missing do not count."""
    known = peers.dropna().to_numpy(dtype=float)
    if np.isnan(value):
        median = float(np.median(known)) if len(known) else float("nan")
        return Standing(indicator, value, median, province, tuple(known), 0, float("nan"))
    low, median, high = np.quantile(known, [0.25, 0.5, 0.75])
    better = int((known > value).sum() if indicator.best == "high" else (known < value).sum())
    distance = (value - median) / (high - low) if high > low else float("nan")
    return Standing(indicator, value, float(median), province, tuple(known), 1 + better, float(distance))


def strengths(standings: Iterable[Standing]) -> tuple[Standing, ...]:
    """Indicators by which the county is in the best quarter of its class, the best first."""
    return tuple(sorted((each for each in standings if each.position < QUARTER), key=_by_position))


def weaknesses(standings: Iterable[Standing]) -> tuple[Standing, ...]:
    """Indicators by which the county is in the last quarter of its class, the worst first."""
    return tuple(sorted((each for each in standings if each.position > 1 - QUARTER), key=_by_position, reverse=True))


def _by_position(standing: Standing) -> float:
    return standing.position


def _with_rates(rows: pd.DataFrame, vintage: Vintage) -> pd.DataFrame:
    """Rows of the county frame with ``population_change``, ``gdp_growth`` and ``light_growth``, in percent."""
    moved = rows["flags"].map(lambda text: not _moved_ground(vintage).isdisjoint(str(text).split(";")))
    gdp, lights = _spans(vintage)
    growth = _rate(rows, "gdp", gdp).mask(moved.astype(bool))
    return with_change(rows).assign(gdp_growth=growth, light_growth=_rate(rows, "lights", lights))


def _spans(vintage: Vintage) -> tuple[tuple[int, int], ...]:
    """First and last year of the growth of GDP and of lights."""
    spans = {indicator.column: indicator.span for indicator in standing_indicators(vintage)}
    return tuple(span for span in (spans["gdp_growth"], spans["light_growth"]) if span)


def _rate(rows: pd.DataFrame, kind: str, span: tuple[int, int]) -> pd.Series:
    """Growth a year in percent; missing where a year is missing or the first is not positive."""
    first, last = (rows[f"{kind}_{year}"].astype(float) for year in span)
    return 100 * ((last / first.where(first > 0)) ** (1 / (span[1] - span[0])) - 1)


def _province_values(subject: County, indicators: Iterable[Indicator], evidence: Evidence) -> dict[str, float]:
    """Each indicator for the whole province; NaN where its figures do not cover it."""
    gdp, lights = _spans(subject.vintage)
    row = evidence.provinces[evidence.provinces["code"] == subject.province.code]
    counties = evidence.frame[evidence.frame["province_code"] == subject.province.code]
    sums = counties[[f"lights_{year}" for year in lights]].sum().to_frame().T
    covered = row[[f"gdp_{year}_covered_pct" for year in gdp]].min(axis=1)
    row = with_change(row).assign(gdp_growth=_rate(row, "gdp", gdp).where(covered >= FULL_COVER))
    row["light_growth"] = _rate(sums, "lights", lights).to_numpy()
    return {indicator.column: float(row[indicator.column].iloc[0]) for indicator in indicators}


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


def _doubts(vintage: Vintage) -> Mapping[str, str]:
    """Pattern of the frame's flags that put an indicator of a county in doubt, by its column."""
    of_gdp = "(disagrees_with_per_head|growth|lags_prefecture|may_include_zone)"
    return {
        vintage.column("illiteracy"): "illiteracy_doubtful",
        vintage.column("mean_schooling"): "schooling_doubtful",
        vintage.column("gdp_per_capita"): f"gdp_{vintage.gdp}_{of_gdp}",
        "gdp_growth": f"gdp_({GDP_YEARS[0]}|{vintage.gdp})_{of_gdp}",
    }


def _moved_ground(vintage: Vintage) -> frozenset[str]:
    """Flags of counties whose GDP of the first year may be that of other ground."""
    return frozenset({"boundary_2017_crossed", f"gdp_{vintage.gdp}_redrawn"})
