"""Written corrections of the prefecture economy, a compilation with displaced cells and slipped units.

The evidence is inside the table: sectors against GDP, shares against values, GDP per head against GDP, and the
neighbouring years. No rule names a place or a year: it fires where the figures show the defect, and nowhere else.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from shanhai.data.corrections._prefecture_moves import (
    GDP_FIT,
    PER_HEAD,
    REACH,
    displaced_rows,
    exchanged_output,
    move_output,
)
from shanhai.data.corrections._prefecture_repeats import drop_copies, drop_repeats
from shanhai.data.corrections.neighbours import years_around
from shanhai.data.corrections.sectors import (
    CONTRADICTION,
    GDP,
    SHARES,
    SUM_TOLERANCE,
    VALUES,
    YUAN_100M_IN_10K,
    owners_of_shares,
    share_rounding,
    sum_ratio,
    value_shares,
)
from shanhai.data.rules import Rule, Tables

TABLE = "prefecture_economy"

_INDEX_GROWTH = (100.0, 125.0)
"""Growth printed as an index, previous year = 100. No prefecture grew by 100 to 125 percent in a year."""

DECIMAL_TOLERANCE = 0.25
"""Relative departure from a power of ten, wider than for population because GDP grows between the neighbours."""

_SECTOR_TOLERANCE = 0.02
"""Relative departure of a sector from a power of ten times what its share says: rounding of a share of 5 percent
to one decimal is 0.01, and the same again for revisions."""


def _shift_columns(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    first, second = frame[VALUES[0]], frame[VALUES[1]]
    rounding = share_rounding(frame[list(SHARES)])
    exceeds = first / YUAN_100M_IN_10K > frame[GDP] * (1 + SUM_TOLERANCE)
    wrong = exceeds & ((second / first * 100 - frame[SHARES[0]]).abs() <= rounding[SHARES[0]])
    frame.loc[wrong, GDP] = first[wrong] / YUAN_100M_IN_10K
    frame.loc[wrong, VALUES[0]] = second[wrong]
    frame.loc[wrong, list(VALUES[1:])] = np.nan
    return frame


def _rescale_sectors(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    exact, total = value_shares(frame), frame[GDP] * YUAN_100M_IN_10K
    for value, share in zip(VALUES, SHARES, strict=True):
        due = frame[share] / 100 * total
        due = due.fillna(total - frame[list(VALUES)].drop(columns=value).sum(axis=1, skipna=False))
        quotient = frame[value].where(frame[value] > 0) / due.where(due > 0)
        exponent = quotient.map(np.log10, na_action="ignore")
        power = exponent.round()
        near = (exponent - power).abs() <= np.log10(1 + _SECTOR_TOLERANCE)
        contradicts = ~((exact[share] - due / total * 100).abs() <= CONTRADICTION)
        wrong = near & power.ne(0) & contradicts
        frame.loc[wrong, value] = frame.loc[wrong, value] / 10.0 ** power[wrong]
    return frame


def _exchange_output(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    return frame if _has_twins(frame) else move_output(frame, exchanged_output(frame))


def _has_twins(frame: pd.DataFrame) -> bool:
    """Whether a prefecture and year stand twice, so that nobody can say what belongs there: validation refuses it."""
    return bool(frame.duplicated(["code", "year"]).any())


def _move_rows(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    if _has_twins(frame):
        return frame
    for with_shares in (True, False):
        frame = move_output(frame, displaced_rows(frame, with_shares))
    return frame


def _shares_of_another_year(frame: pd.DataFrame) -> pd.Series:
    """Whether the printed shares are those of the prefecture's own sectors in the year before or after."""
    printed, exact = frame[list(SHARES)], value_shares(frame)
    rounding = share_rounding(printed)
    contradicts = (printed - exact).abs().max(axis=1, skipna=False) > CONTRADICTION
    year = frame["year"]
    found = pd.Series(False, index=frame.index)
    for step in (-1, 1):
        there = exact.set_axis(pd.MultiIndex.from_arrays([frame["code"], year - step]))
        there = there.loc[~there.index.duplicated()]
        other = there.reindex(pd.MultiIndex.from_arrays([frame["code"], year])).set_axis(frame.index)
        found |= ((printed - other).abs() / rounding).max(axis=1, skipna=False) <= 1
    return found & contradicts


def _shares_from_values(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    owner = owners_of_shares(frame)
    keys = pd.MultiIndex.from_frame(frame[["code", "year"]])
    lent = keys.isin(pd.MultiIndex.from_arrays([owner, frame["year"]]))
    contradicts = (frame[list(SHARES)] - value_shares(frame)).abs().max(axis=1, skipna=False) > CONTRADICTION
    borrowed = owner.notna() | (lent & contradicts) | _shares_of_another_year(frame)
    level = (frame[GDP] / years_around(frame, frame[GDP], REACH, edges=True)).fillna(1)
    placed = level.between(1 - GDP_FIT, 1 + GDP_FIT)  # else the sectors may be another's, and the shares its own
    wrong = borrowed & placed & sum_ratio(frame).between(1 - SUM_TOLERANCE, 1 + SUM_TOLERANCE)
    frame.loc[wrong, list(SHARES)] = value_shares(frame).loc[wrong].round(4)
    return frame


def _mend_decimals(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    adds_up = sum_ratio(frame).between(1 - SUM_TOLERANCE, 1 + SUM_TOLERANCE)
    for column in (GDP, PER_HEAD):
        exponent = (frame[column] / years_around(frame, frame[column])).map(np.log10, na_action="ignore")
        power = exponent.round()
        wrong = power.ne(0) & ((exponent - power).abs() <= np.log10(1 + DECIMAL_TOLERANCE))
        if column == GDP:  # a total that its parts confirm did not lose its point alone
            wrong &= ~adds_up
        frame.loc[wrong, column] = frame.loc[wrong, column] / 10.0 ** power[wrong]
    return frame


def _growth_from_index(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    wrong = frame["gdp_growth_pct"].between(*_INDEX_GROWTH)
    frame.loc[wrong, "gdp_growth_pct"] = (frame.loc[wrong, "gdp_growth_pct"] - 100).round(4)
    return frame


def _rule(identity: str, correct: Callable[[pd.DataFrame, Tables], pd.DataFrame], reason: str) -> Rule:
    return Rule(f"prefecture-{identity}", TABLE, reason, correct)


RULES: tuple[Rule, ...] = (
    _rule(
        "columns",
        _shift_columns,
        "The primary sector exceeds GDP, and the secondary over the primary is the published primary share: the"
        " columns hold GDP and the primary sector; both move one column to the left, and the two other sectors are set"
        " to missing.",
    ),
    _rule(
        "sector-unit",
        _rescale_sectors,
        "Value added is a power of ten times what its published share of GDP says (within 2 percent): another unit or"
        " a slipped decimal point; it is divided by that power.",
    ),
    _rule(
        "copied-figure",
        drop_copies,
        "GDP is to the last digit that of another prefecture of the province: the one that contradicts the years around"
        " it, or (from six digits on) stands alone while the other has its shares, is a copy and set to missing.",
    ),
    _rule(
        "repeated-year",
        drop_repeats,
        "The figure is that of the year before to the last digit, and what else is published moved: it was copied and"
        " is set to missing.",
    ),
    _rule(
        "exchanged-output",
        _exchange_output,
        "The published shares are to the last digit those of each other's sectors, and GDP fits the years around only"
        " when it moves: GDP and sectors are exchanged back, with GDP per head and growth where they fit better so.",
    ),
    _rule(
        "displaced-rows",
        _move_rows,
        "GDP and the structure of output contradict the years around it and fit those of other rows of the province,"
        " row by row: all are moved back together; a row whose own figures nobody holds is set to missing.",
    ),
    _rule(
        "shares-of-another",
        _shares_from_values,
        "The published shares are to the last digit those of another prefecture's sectors, or of the year before or"
        " after, or its own stand in such another's row; the own sectors sum to GDP and give the shares.",
    ),
    _rule(
        "decimal-point",
        _mend_decimals,
        "The figure is a power of ten times the geometric mean of the years before and after (within a quarter), so"
        " the decimal point slipped; it is divided by that power.",
    ),
    _rule(
        "growth-index",
        _growth_from_index,
        "Growth between 100 and 125 is an index with the previous year at 100; 100 is taken off.",
    ),
)
