"""Move figures of other vintages to the counties of the 2020 census, where that can be done exactly.

The crosswalk links each unit of a vintage to the counties of 2020 that share territory with it. Linked units form
groups that cover the same ground in both years. A group with one county of 2020 gives that county the sum of its
units. In a group with several counties, or whose boundaries the crosswalk calls crossed (relation ``split``), figures
cannot be told apart, and they are missing instead of guessed.
"""

import numpy as np
import pandas as pd

from shanhai.core.errors import ValidationError
from shanhai.data.frames.crosswalk import select_vintage

CODES_OF_2020 = {"469003": "460400", "110000": "110100", "120000": "120100", "310000": "310100"}
"""Codes of the prefecture economy whose unit is a prefecture of 2020 under another code."""


def territory_groups(crosswalk: pd.DataFrame, vintage: int) -> pd.DataFrame:
    """Groups of units that cover the same ground in `vintage` and in 2020.

    Parameters
    ----------
    crosswalk : columns vintage, code, code_2020, relation; one row a link, without code_2020 for units outside 2020.

    Returns
    -------
    pandas.DataFrame with the columns code (of the vintage), code_2020, group, recoverable: one row a link, sorted by
    code_2020 and code. The group is named by its smallest code of 2020; it is recoverable if it holds one county of
    2020 and none of its links is a split.

    Raises
    ------
    MissingDataError
        If the crosswalk has no such vintage.
    """
    rows = select_vintage(crosswalk, vintage).dropna(subset="code_2020")
    links = rows[["code", "code_2020", "relation"]].sort_values(["code_2020", "code"], ignore_index=True)
    unit = pd.factorize(links["code"])[0]
    county, names = pd.factorize(links["code_2020"])
    group = pd.Series(county)
    while True:
        merged = group.groupby(unit).transform("min").groupby(county).transform("min")
        if merged.equals(group):
            break
        group = merged
    crossed = pd.Series(county).ne(group) | links["relation"].eq("split")
    recoverable = ~crossed.groupby(group).transform("any")
    return links[["code", "code_2020"]].assign(group=names[group.to_numpy()], recoverable=recoverable)


def to_counties_2020(values: pd.Series, crosswalk: pd.DataFrame, vintage: int) -> pd.DataFrame:
    """Sums of a figure over the territory of each county of 2020.

    Parameters
    ----------
    values : figure (a sum, such as GDP or persons; never a rate) by code of `vintage`; NaN is missing.
    crosswalk : see :func:`territory_groups`.

    Returns
    -------
    pandas.DataFrame indexed by code (2020) with ``value`` in the unit given and ``recoverable``. A value is missing if
    its group is not recoverable or if any unit of the group has none.

    Raises
    ------
    ValidationError
        If a code of `values` is not in the crosswalk of this vintage; the message names it.
    """
    links = territory_groups(crosswalk, vintage).drop_duplicates("code_2020").set_index("code_2020")
    moved = wide_to_counties_2020(values.to_frame("value"), crosswalk, vintage)
    return moved.assign(recoverable=links["recoverable"])


def wide_to_counties_2020(values: pd.DataFrame, crosswalk: pd.DataFrame, vintage: int) -> pd.DataFrame:
    """Each column of `values` (by code of the vintage) moved as by :func:`to_counties_2020`; index code (2020)."""
    links = territory_groups(crosswalk, vintage)
    unknown = sorted(set(values.index) - set(links["code"]))
    if unknown:
        raise ValidationError(
            f"{len(unknown)} codes are not in the crosswalk of {vintage}: {unknown[:10]}."
            " Add them to data/crosswalk.csv, or leave them out and say so in a flag."
        )
    units = links.drop_duplicates(["group", "code"])
    sums = values.reindex(units["code"]).groupby(units["group"].to_numpy()).sum(skipna=False)
    counties = links.drop_duplicates("code_2020").set_index("code_2020").rename_axis("code")
    moved = sums.reindex(counties["group"]).set_axis(counties.index)
    return moved.where(counties["recoverable"], np.nan)


def same_ground(population: pd.Series, crosswalk: pd.DataFrame) -> pd.Series:
    """Population by code of 2021 of the units that are one county of 2020, no more and no less; others are left out."""
    links = territory_groups(crosswalk, 2021)
    alone = links.loc[links["recoverable"] & ~links["group"].duplicated(keep=False)]
    return alone.set_index("code")["code_2020"].map(population)


def published_gdp(economy: pd.DataFrame, year: int) -> pd.Series:
    """GDP of a year in yuan at current prices, by code of 2020, from the table ``prefecture_economy``."""
    rows = economy.loc[economy["year"].eq(year)]
    gdp = rows.set_index(rows["code"].replace(CODES_OF_2020))["gdp_100m_yuan"].rename_axis("code")
    return (gdp * 1e8).round()  # whole yuan: the product of a decimal fraction is not exact
