"""Move figures of other vintages to the counties of the 2020 census, where that can be done exactly.

The crosswalk links each unit of a vintage to the counties of 2020 that share territory with it. Linked units form
groups that cover the same ground in both years. A group with one county of 2020 gives that county the sum of its
units; in a group with several counties the figures cannot be told apart, and they are missing instead of guessed.
"""

import numpy as np
import pandas as pd

from shanhai.errors import ValidationError


def territory_groups(crosswalk: pd.DataFrame, vintage: int) -> pd.DataFrame:
    """Groups of units that cover the same ground in `vintage` and in 2020.

    Parameters
    ----------
    crosswalk : columns vintage, code, code_2020; one row a link, rows without code_2020 are units outside 2020.

    Returns
    -------
    pandas.DataFrame with the columns code (of the vintage), code_2020, group: one row a link. The group is named by its
    smallest code of 2020.
    """
    links = crosswalk.loc[crosswalk["vintage"].eq(vintage) & crosswalk["code_2020"].notna(), ["code", "code_2020"]]
    links = links.drop_duplicates().reset_index(drop=True)
    group = links["code_2020"]
    while True:
        by_unit = group.groupby(links["code"]).transform("min")
        merged = by_unit.groupby(links["code_2020"]).transform("min")
        if merged.equals(group):
            return links.assign(group=group)
        group = merged


def to_counties_2020(values: pd.Series, crosswalk: pd.DataFrame, vintage: int) -> pd.DataFrame:
    """Sums of a figure over the territory of each county of 2020.

    Parameters
    ----------
    values : figure (a sum, such as GDP or persons; never a rate) by code of `vintage`; NaN is missing.
    crosswalk : see :func:`territory_groups`.

    Returns
    -------
    pandas.DataFrame indexed by code (2020) with ``value`` in the unit given and ``recoverable``: False where the group
    holds several counties of 2020. A value is missing if it is not recoverable or if any unit of its group has none.

    Raises
    ------
    ValidationError
        If a code of `values` is not in the crosswalk of this vintage; the message names it.
    """
    links = territory_groups(crosswalk, vintage)
    unknown = sorted(set(values.index) - set(links["code"]))
    if unknown:
        raise ValidationError(
            f"{len(unknown)} codes are not in the crosswalk of {vintage}: {unknown[:10]}."
            " Add them to data/crosswalk.csv, or leave them out and say so in a flag."
        )
    units = links.drop_duplicates(["group", "code"])
    sums = units["code"].map(values).groupby(units["group"]).sum(skipna=False)
    counties = links.drop_duplicates(["group", "code_2020"]).set_index("code_2020")["group"].sort_index()
    recoverable = counties.groupby(counties).transform("size").eq(1)
    value = counties.map(sums).where(recoverable, np.nan)
    return pd.DataFrame({"value": value, "recoverable": recoverable}).rename_axis("code")


def wide_to_counties_2020(values: pd.DataFrame, crosswalk: pd.DataFrame, vintage: int) -> pd.DataFrame:
    """Each column of `values` (by code of the vintage) moved by :func:`to_counties_2020`; index code (2020)."""
    moved = {column: to_counties_2020(values[column], crosswalk, vintage)["value"] for column in values.columns}
    return pd.DataFrame(moved)
