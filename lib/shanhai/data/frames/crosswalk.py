"""The crosswalk of counties: 2010 census, 2017 boundaries and 2021 tables against the counties of 2020.

Where boundaries cross (relation ``split``) nothing is divided by guess: both years can be compared only on the union of
all units concerned. Figures of single counties are moved by :mod:`shanhai.data.frames.harmonise`.
"""

import pandas as pd

from shanhai.core.errors import MissingDataError

ONE_UNIT = ("same", "renamed", "recoded")
"""Relations of a unit that is one county of 2020."""


def select_vintage(crosswalk: pd.DataFrame, vintage: int) -> pd.DataFrame:
    """Rows of one vintage of the table ``crosswalk``.

    Raises
    ------
    MissingDataError
        If the crosswalk has no such vintage.
    """
    rows = crosswalk.loc[crosswalk["vintage"].eq(vintage)]
    if rows.empty:
        known = sorted(crosswalk["vintage"].unique().tolist())
        raise MissingDataError(f"The crosswalk has no vintage {vintage}; choose one of {known}.")
    return rows


def sum_over_unions(
    earlier: pd.DataFrame, later: pd.DataFrame, crosswalk: pd.DataFrame, vintage: int, column: str
) -> pd.DataFrame:
    """One additive figure of two vintages, on the smallest unions of units with an unchanged outer boundary.

    Parameters
    ----------
    earlier : units of `vintage`, with ``code`` and `column`.
    later : counties of 2020, with ``code`` and `column`.

    Returns
    -------
    One row a union, sorted: union_code, counties (number of 2020), `column`_vintage, `column`_2020, ratio
    (later over earlier). A sum is missing if a member lacks the figure.

    Raises
    ------
    MissingDataError
        If the crosswalk has no such vintage, a side no such column, or a code several rows.
    """
    for words, units in (("earlier", earlier), ("later", later)):
        absent = [name for name in ("code", column) if name not in units.columns]
        if absent:
            raise MissingDataError(f"The {words} units have no column {absent}; there are {list(units.columns)}.")
        _require_unique(units)
    rows = select_vintage(crosswalk, vintage).dropna(subset="code_2020")
    sides = {}
    for name, side, key in ((f"{column}_{vintage}", earlier, "code"), (f"{column}_2020", later, "code_2020")):
        members = rows[["union_code", key]].drop_duplicates().rename(columns={key: "unit"})
        figures = members.merge(side[["code", column]], left_on="unit", right_on="code", how="left")
        grouped = figures.groupby("union_code")[column]
        sides[name] = grouped.sum().where(grouped.count().eq(grouped.size()))
    unions = pd.DataFrame(sides)
    unions.insert(0, "counties", rows.groupby("union_code")["code_2020"].nunique())
    unions["ratio"] = unions[f"{column}_2020"] / unions[f"{column}_{vintage}"]
    return unions.reset_index()


def count_relations(crosswalk: pd.DataFrame) -> pd.DataFrame:
    """Number of units by vintage and relation, and the counties of 2020 that each vintage reaches."""
    units = crosswalk.drop_duplicates(["vintage", "code"])
    counts = units.pivot_table(index="vintage", columns="relation", values="code", aggfunc="count", fill_value=0)
    counts["units"] = counts.sum(axis=1)
    counts["counties of 2020"] = crosswalk.groupby("vintage")["code_2020"].nunique()
    return counts.rename_axis(columns=None)


def _require_unique(frame: pd.DataFrame) -> None:
    twice = frame.loc[frame["code"].duplicated(), "code"].dropna().unique().tolist()
    if twice:
        raise MissingDataError(f"The frame has several rows of the codes {twice[:5]}; give one row a unit and year.")
