"""GDP of whole prefectures year by year: a long series without a seam, against which short or seamed ones are read."""

import numpy as np
import pandas as pd

from shanhai.core.errors import MissingDataError
from shanhai.data.frames.unions import residents

FIRST_YEAR = 1994
"""Before it many prefectures report the city proper only."""


def gdp_per_resident(economy: pd.DataFrame, prefectures: pd.DataFrame, first: int = FIRST_YEAR) -> pd.DataFrame:
    """GDP over residents of each prefecture and year, at current prices.

    Parameters
    ----------
    economy : DataFrame
        The table ``prefecture_economy``: code, year, gdp_100m_yuan.
    prefectures : DataFrame
        code, population_2010, population_2020 of the prefectures wanted.
    first : int
        First year.

    Returns
    -------
    DataFrame
        Yuan; index code, one column a year up to the last of the table. Residents are held at the census of 2010
        before it and at that of 2020 after it, and grow at a constant rate between.

    Raises
    ------
    MissingDataError
        If a prefecture lacks a year; the message names the first few.
    """
    rows = economy[economy["code"].isin(prefectures["code"]) & economy["year"].ge(first)]
    wide = rows.pivot(index="code", columns="year", values="gdp_100m_yuan").reindex(sorted(prefectures["code"]))
    gaps = [f"{code} {year}" for year in wide.columns for code in wide.index[wide[year].isna()]]
    if gaps or wide.empty:
        raise MissingDataError(
            f"GDP is missing for {len(gaps)} prefectures and years, such as {', '.join(gaps[:5]) or 'all'}; needed: "
            f"every year from {first} on. Start later, or leave these prefectures out."
        )
    people = residents(prefectures.set_index("code").loc[wide.index], tuple(int(year) for year in wide.columns))
    return wide * 1e8 / people


def prefecture_position(per_resident: pd.DataFrame, prefectures: pd.DataFrame, group: tuple[str, ...]) -> pd.DataFrame:
    """Prefectures of a group together against all others: year, ratio of GDP per resident in percent, shares.

    Raises
    ------
    MissingDataError
        If a code of the group is not among the prefectures.
    """
    absent = sorted(set(group) - set(per_resident.index))
    if absent:
        raise MissingDataError(f"No prefectures {absent} here; there are {', '.join(per_resident.index)}.")
    years = tuple(int(year) for year in per_resident.columns)
    people = residents(prefectures.set_index("code").loc[per_resident.index], years)
    inside = per_resident.index.isin(group)
    total = per_resident * people
    value, heads = total[inside].sum(), people[inside].sum()
    other, other_heads = total[~inside].sum(), people[~inside].sum()
    return pd.DataFrame(
        {
            "year": list(years),
            "ratio": np.asarray(100 * (value / heads) / (other / other_heads)),
            "share_value": np.asarray(100 * value / (value + other)),
            "share_people": np.asarray(100 * heads / (heads + other_heads)),
            "group": int(inside.sum()),
            "others": int((~inside).sum()),
        }
    )
