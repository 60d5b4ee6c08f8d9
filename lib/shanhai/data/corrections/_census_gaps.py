"""Single census figures with a wrong digit, found by the totals that contain them and by the identities of their row.

A published total that misses the sum of its counties says by how much one of them is wrong, not which. The row says
which: its ages must add up to its population, and its schooling to its residents of six and over. Of those, the table
prints the children of five only as a part of those of five to nine: about a fifth, and much the same fifth in all
counties of a prefecture.
"""

from collections.abc import Iterator

import pandas as pd

from shanhai.data.frames.totals import count_columns, total_rows
from shanhai.data.rules import Tables

_FEWEST_OTHERS = 3
"""Counties beside the one in doubt that a prefecture needs for a range to say anything."""


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
