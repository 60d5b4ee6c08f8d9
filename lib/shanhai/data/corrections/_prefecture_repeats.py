"""Figures of the prefecture economy that stand twice: under two codes of a year, or in two years of a code."""

import numpy as np
import pandas as pd

from shanhai.data.corrections._prefecture_moves import GDP_FIT, PER_HEAD, REACH
from shanhai.data.corrections.neighbours import years_around
from shanhai.data.corrections.sectors import GDP, ONE_DECIMAL, SHARES, VALUES, block_of, share_rounding
from shanhai.data.rules import Tables

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
