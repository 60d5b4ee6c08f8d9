"""The targets that are followed and their rules, written on 2026-11-22 before any result was looked at."""

from dataclasses import replace

import pandas as pd

from shanhai.core.errors import MissingDataError
from shanhai.studies.targets.follow import TargetSpec

GDP_TARGET = TargetSpec("gdp_per_head_of_province", 70.0, 2025, 2011)
"""Main rule: the share of the province's GDP per head moves on at the rate of 2011-2021; the range is that of the
slowest and the fastest tenth of Zhejiang's counties."""

URBAN_TARGET = TargetSpec("urban_share", 65.0, 2025, 2010, "points")
"""The same for the urban share, in points a year since 2010."""

GROUP = "26"
"""Unit that stands for the mountain counties together."""

TABLES = (
    "counties",
    "crosswalk",
    "census_2010",
    "census_2020",
    "county_gdp",
    "county_hukou",
    "prefecture_economy",
    "mountain_counties",
)
"""Tables that the paths are made of."""


def from_table(spec: TargetSpec, targets: pd.DataFrame, quantile: float = 0.1) -> TargetSpec:
    """The rule with the value and the year of the table ``targets``, and with other tails of the range.

    Raises
    ------
    MissingDataError
        If the table has no such target.
    """
    rows = targets[targets["target"].eq(spec.indicator)]
    if len(rows) != 1:
        raise MissingDataError(
            f"The table targets has {len(rows)} rows {spec.indicator!r}; one is needed. It lists "
            f"{sorted(targets['target'])}."
        )
    row = rows.iloc[0]
    return replace(spec, target=float(row["value"]), year=int(row["year"]), quantiles=(quantile, 1 - quantile))
