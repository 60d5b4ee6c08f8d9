"""Written corrections of the prefecture economy, a compilation with displaced cells and slipped units.

The evidence is inside the table: sectors against GDP, shares against values, GDP per head against GDP, and the
neighbouring years. Figures may stand twice: under two codes of a year, or in two years of a code. No rule names a place
or a year: it fires where the figures show the defect, and nowhere else.
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
from shanhai.data.corrections._sectors import (
    CONTRADICTION,
    GDP,
    ONE_DECIMAL,
    SHARES,
    SUM_TOLERANCE,
    VALUES,
    YUAN_100M_IN_10K,
    block_of,
    owners_of_shares,
    share_rounding,
    sum_ratio,
    value_shares,
    years_around,
)
from shanhai.data.rules import Rule, Tables

_CERTAIN_DIGITS = 6
"""Digits from which the same figure under two codes, or in two years, is no coincidence."""

DIGITS = 4
"""Digits from which it is none if something else contradicts the figure besides."""

_STEADY = 0.02
"""Relative change of GDP within which a repeated GDP per head may be true."""

_POPULATION_FIT = 0.05
"""Relative distance of the population behind GDP per head from the years around: residents move less in a year."""

BLOCK = 3
"""Prefectures of a province that repeat a figure, and half of those that publish one, are a repeated page."""

FIGURES = (GDP, *SHARES, PER_HEAD, "gdp_growth_pct", *VALUES)

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


def significant_digits(values: pd.Series) -> pd.Series:
    """Number of significant digits of each figure as printed, trailing zeros of whole numbers included; 0 if missing.

    Examples
    --------
    >>> significant_digits(pd.Series([79.3666, 1780.3493, 11.02, float("nan")])).tolist()
    [6, 8, 4, 0]
    """
    return (
        values.map(lambda value: len(f"{value:.10g}".replace(".", "").replace("-", "").lstrip("0")), na_action="ignore")
        .fillna(0)
        .astype(int)
    )


def drop_copies(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Set missing the GDP (and equal sectors) of the row that copies another of its province and year.

    The copy is the row that misses the years around by more than `GDP_FIT` where the other does not; with
    `_CERTAIN_DIGITS` also the row without shares where the other has them. Where neither tells, both stay, and are
    flagged.
    """
    digits = significant_digits(frame[GDP])
    expected = years_around(frame, frame[GDP], REACH, edges=True)
    misses = ((frame[GDP] / expected) - 1).abs() > GDP_FIT
    bare = frame[list(SHARES)].isna().any(axis=1) & (digits >= _CERTAIN_DIGITS)
    for rows in frame.loc[digits >= DIGITS].groupby([block_of(frame), GDP]).groups.values():
        for sign in (misses.loc[rows], bare.loc[rows]):
            if sign.any() and not sign.all():
                _drop_equal(frame, sign.index[sign], sign.index[~sign][0])
                break
    return frame


def _drop_equal(frame: pd.DataFrame, copies: pd.Index, original: int) -> None:
    for column in (GDP, *VALUES):
        same = copies[frame.loc[copies, column].eq(frame.loc[original, column])]
        frame.loc[same, column] = np.nan


def drop_repeats(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Set missing what repeats the year before: whole rows, single structures, and GDP per head."""
    before = _year_before(frame)
    repeats = {column: frame[column].eq(before[column]) for column in FIGURES}
    rows = repeats[GDP] & (significant_digits(frame[GDP]) >= _CERTAIN_DIGITS)
    structure = repeats[SHARES[0]] & repeats[SHARES[1]] & repeats[SHARES[2]]
    two_decimals = (share_rounding(frame[list(SHARES)]) < ONE_DECIMAL).sum(axis=1) >= 2
    alone = structure & two_decimals & frame[list(VALUES)].isna().any(axis=1)
    per_head = _repeated_per_head(frame, before, repeats[PER_HEAD])
    for column in FIGURES:
        wrong = rows & repeats[column]
        if column in SHARES:
            wrong |= alone
        if column == PER_HEAD:
            wrong |= per_head
        frame.loc[wrong, column] = np.nan
    return frame


def _year_before(frame: pd.DataFrame) -> pd.DataFrame:
    keys = pd.MultiIndex.from_arrays([frame["code"], frame["year"]])
    single = frame[list(FIGURES)].set_axis(keys)
    single = single.loc[~single.index.duplicated()]
    wanted = pd.MultiIndex.from_arrays([frame["code"], frame["year"] - 1])
    return single.reindex(wanted).set_axis(frame.index)


def _repeated_per_head(frame: pd.DataFrame, before: pd.DataFrame, repeats: pd.Series) -> pd.Series:
    """Whether GDP per head repeats the year before although GDP moved, and the population behind it jumped for it.

    On a repeated page (`BLOCK`) the single population is not asked.
    """
    moved = ((frame[GDP] / before[GDP]) - 1).abs() > _STEADY
    repeated = repeats & moved & (significant_digits(frame[PER_HEAD]) >= DIGITS)
    people = frame[GDP] / frame[PER_HEAD]
    jumped = ((people / years_around(frame, people)) - 1).abs() > _POPULATION_FIT
    count = repeated.groupby(block_of(frame)).transform("sum")
    published = frame[PER_HEAD].notna().groupby(block_of(frame)).transform("sum")
    page = (count >= BLOCK) & (count * 2 >= published)
    return repeated & (page | jumped)


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
