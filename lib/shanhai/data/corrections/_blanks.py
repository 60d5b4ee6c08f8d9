"""Blank census figures that the published totals determine, and single ones with a wrong digit that they give away.

A census table prints nothing where nobody was counted, and the digitisation lost a few figures besides. A blank is
filled only where arithmetic leaves one value: the published total that contains it less all its other parts, or the
population of its row less all other ages. Blanks that stay ambiguous stay blank.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from shanhai.data.frames.totals import count_columns, total_rows
from shanhai.data.rules import Rule, Tables

_FEWEST_OTHERS = 3
"""Counties beside the one in doubt that a prefecture needs for a range to say anything."""

Fill = Callable[[pd.DataFrame, Tables], pd.DataFrame]


def _blank_columns(frame: pd.DataFrame) -> list[str]:
    """Additive columns of a census table with a blank somewhere."""
    return [column for column in count_columns(frame) if frame[column].isna().any()]


def fill_from_total(frame: pd.DataFrame, tables: Tables, group: str) -> pd.DataFrame:
    """Fill blanks of the units (counties and zones) of a prefecture or province from its published total.

    Parameters
    ----------
    frame : a census table.
    group : ``prefecture_code`` or ``province_code``: which total is used.

    Returns
    -------
    The frame with a blank set to zero where the other units already reach the total, and to the remainder where it
    is the only blank. Units without any population figure count as not enumerated and stay blank.
    """
    columns = _blank_columns(frame)
    totals = total_rows(frame, group).set_index(group)[columns]
    units = frame.loc[frame["is_unit"] & frame["population"].notna()]
    members = units[group]
    remainder = totals.reindex(members.unique()) - units.groupby(group)[columns].sum()
    blanks = units[columns].isna().groupby(members).sum()
    value = remainder.where((remainder == 0) | ((remainder > 0) & (blanks == 1)))
    offered = value.reindex(members).set_axis(units.index)
    frame.loc[units.index, columns] = units[columns].where(units[columns].notna(), offered)
    return frame


def fill_provinces(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Fill blanks of provinces from the national row, where the table has one."""
    columns = _blank_columns(frame)
    nation = frame.loc[frame["level"].eq("nation"), columns]
    if nation.empty:
        return frame
    provinces = frame.loc[frame["level"].eq("province"), columns]
    remainder = nation.iloc[0] - provinces.sum()
    offered = remainder.where((remainder == 0) | (provinces.isna().sum() == 1))
    frame.loc[provinces.index, columns] = provinces.fillna(offered)
    return frame


def fill_totals(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Fill a blank total of a prefecture, or of units under a province, as the sum of its units if all are there."""
    columns = _blank_columns(frame)
    units = frame.loc[frame["is_unit"]]
    sums = units.groupby("prefecture_code")[columns].sum()
    complete = units[columns].notna().groupby(units["prefecture_code"]).all()
    offered = sums.where(complete)
    totals = frame.loc[frame["level"].isin(["prefecture", "subtotal"]) & ~frame["is_unit"]]
    values = offered.reindex(totals["prefecture_code"]).set_axis(totals.index)
    frame.loc[totals.index, columns] = totals[columns].where(totals[columns].notna(), values)
    return frame


def fill_ages(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Fill the only blank age group of a row as its population less the other age groups."""
    ages = [column for column in frame.columns if column.startswith("age_")]
    single = frame[ages].isna().sum(axis=1).eq(1)
    rest = frame["population"] - frame[ages].sum(axis=1)
    usable = rest.where(single & (rest >= 0))
    for column in ages:
        frame[column] = frame[column].fillna(usable)
    return frame


def blank_rules(table: str, names: Sequence[str]) -> tuple[Rule, ...]:
    """The rules of one census table that fill determined blanks, in the order given: each builds on those before.

    Parameters
    ----------
    table : name of the census table.
    names : of `province`, `prefecture-total`, `province-total`, `sum`, `age`.
    """
    prefix = table.replace("_", "-")
    return tuple(Rule(f"{prefix}-blank-{name}", table, _REASONS[name], _with_units(_FILLS[name])) for name in names)


def _with_units(correct: Fill) -> Fill:
    """Give the correction a working column `is_unit` (counties and zones: what totals are made of)."""

    def corrected(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
        units = frame["is_county"] | frame["level"].eq("zone")
        return correct(frame.assign(is_unit=np.asarray(units)), tables).drop(columns="is_unit")

    return corrected


_FILLS: Mapping[str, Fill] = {
    "province": fill_provinces,
    "prefecture-total": partial(fill_from_total, group="prefecture_code"),
    "province-total": partial(fill_from_total, group="province_code"),
    "sum": fill_totals,
    "age": fill_ages,
}

_REASONS: Mapping[str, str] = {
    "province": "Blank of a province: the national figure less all other provinces.",
    "prefecture-total": "Blank: the total of the prefecture less its other counties and zones leaves one value.",
    "province-total": "Blank: the total of the province less its other counties and zones leaves one value.",
    "sum": "Blank of a total: the sum of its counties and zones, all of which are published.",
    "age": "The only blank age group of a row: its population less the other age groups.",
}


def close_gaps(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Give the one county that can be wrong the figure that its prefecture's published total leaves it.

    Parameters
    ----------
    frame : a census table.

    Returns
    -------
    The frame with a figure corrected by the difference between total and sum where all other figures of the prefecture
    are there, and exactly one county shows the difference in its own row: ages that miss the population by just as
    much, schooling that does (see :func:`_schooling_gap`), or a count that is no whole number. A difference that no row
    shows stays, and is declared or reported (:mod:`shanhai.data.frames.totals`).
    """
    units = frame.loc[(frame["is_county"] | frame["level"].eq("zone")) & frame["population"].notna()]
    for prefecture, column, difference in _gaps(frame, units):
        members = units.loc[units["prefecture_code"].eq(prefecture)]
        wrong = members.index[_shows(members, column, difference)]
        if len(wrong) == 1:
            corrected = round(float(members.loc[wrong[0], column]) + difference, 6)
            frame.loc[wrong[0], column] = int(corrected) if corrected.is_integer() else corrected
    return frame


def _gaps(frame: pd.DataFrame, units: pd.DataFrame) -> Iterator[tuple[str, str, float]]:
    """Prefecture, column and total less sum, where they differ and no figure is blank."""
    columns = count_columns(frame)
    totals = total_rows(frame, "prefecture_code").set_index("prefecture_code")[columns]
    grouped = units[columns].groupby(units["prefecture_code"])
    complete = units[columns].notna().groupby(units["prefecture_code"]).all()
    gaps = (totals - grouped.sum()).where(complete & totals.notna())
    for prefecture, row in gaps.loc[(gaps.notna() & gaps.ne(0)).any(axis=1)].iterrows():
        yield from ((str(prefecture), str(column), float(gap)) for column, gap in row.dropna().items() if gap)


def _shows(members: pd.DataFrame, column: str, difference: float) -> pd.Series:
    """Whether the row of each county shows the difference."""
    fraction = members[column].mod(1).ne(0)
    if column.startswith("age_"):
        ages = [name for name in members.columns if name.startswith("age_")]
        return fraction | (members["population"] - members[ages].sum(axis=1)).eq(difference)
    if column.startswith("edu_"):
        return fraction | _schooling_gap(members, difference)
    return fraction


def _schooling_gap(members: pd.DataFrame, difference: float) -> pd.Series:
    """Whether a county's schooling misses its residents of six and over by a difference, judged by its prefecture.

    Parameters
    ----------
    members : counties of one prefecture, with population, ages and the columns ``edu_*``.
    difference : what one of their figures lacks.

    Returns
    -------
    pandas.Series by row: the children of five that schooling leaves over, as a share of those of five to nine, lie
    outside the range of the other counties by more than the width of that range, and inside it once the difference is
    taken off.
    """
    schooled = members[[name for name in members.columns if name.startswith("edu_")]].sum(axis=1)
    five = members["population"] - members["age_0"] - members["age_1_4"] - schooled
    share, mended = five / members["age_5_9"], (five - difference) / members["age_5_9"]
    found = pd.Series(False, index=members.index)
    if len(members) <= _FEWEST_OTHERS:
        return found
    for row in members.index:
        others = share.drop(index=row)
        low, high = others.min(), others.max()
        outside = max(low - share[row], share[row] - high)
        found[row] = outside > high - low and low <= mended[row] <= high
    return found
