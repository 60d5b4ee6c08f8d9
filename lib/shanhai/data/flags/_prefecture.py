"""Flags on the prefecture economy: breaks and contradictions that no rule corrects and a user should know.

The year stands in the flag's ``column`` after an ``@``: ``gdp_100m_yuan@1993``.
"""

from collections.abc import Iterator

import pandas as pd

from shanhai.data.corrections import GDP, SHARES, SUM_TOLERANCE, VALUES, sum_ratio, value_shares, years_around
from shanhai.data.flags._gdp import yearly_flags
from shanhai.data.limits import GDP_JUMP

TABLE = "prefecture_economy"

_SPIKE = 1.3
"""GDP over the geometric mean of the figures around it: twice the distance within which 95 percent of them lie."""

GROWTH = (-20.0, 45.0)
"""Percent a year."""

_SHARE_GAP = 5.0
"""Percentage points between a published share and value added over GDP, or between the sum of shares and 100."""

_STRUCTURE_JUMP = 15.0
"""Percentage points between a published share and the shares around it, or beside it in the first and last year."""

_POPULATION_JUMP = (0.9, 1.1)
"""GDP over GDP per head (the population behind it) over that of the year before."""

Check = tuple[str, str, str, pd.Series]
"""Column, flag, reason, and whether each row has it."""


def prefecture_flags(economy: pd.DataFrame) -> pd.DataFrame:
    """Breaks and contradictions of the prefecture economy after its corrections.

    Returns
    -------
    pandas.DataFrame with the columns code, table, column, flag, reason.
    """
    frame = economy.sort_values(["code", "year"])
    checks = [*_level_checks(frame), *_published_checks(frame), *_sector_checks(frame)]
    return pd.concat(
        [yearly_flags(frame.loc[mask], TABLE, column, flag, reason) for column, flag, reason, mask in checks]
    )


def _over_year_before(frame: pd.DataFrame, values: pd.Series) -> pd.Series:
    before = values.groupby(frame["code"]).shift()
    return values / before.where(frame["year"].groupby(frame["code"]).diff().eq(1))


def _outside(values: pd.Series, bounds: tuple[float, float]) -> pd.Series:
    return values.notna() & ~values.between(*bounds)


def _level_checks(frame: pd.DataFrame) -> Iterator[Check]:
    gdp = frame[GDP]
    jump = _outside(_over_year_before(frame, gdp), GDP_JUMP)
    reason = "not 0.6 to 1.7 times the year before: city proper against whole prefecture,"
    yield GDP, "jump", f"{reason} new boundaries, revision or error", jump
    spike = _outside(gdp / years_around(frame, gdp, reach=2), (1 / _SPIKE, _SPIKE))
    yield GDP, "spike", "more than 1.3 times above or below the figures around it, which agree with each other", spike
    repeated = gdp.notna() & frame.duplicated(["year", GDP], keep=False)
    yield GDP, "repeated", "another prefecture has the same GDP in this year", repeated


def _published_checks(frame: pd.DataFrame) -> Iterator[Check]:
    people = frame[GDP] * 1e8 / frame["gdp_per_capita_yuan"]
    moved = _outside(_over_year_before(frame, people), _POPULATION_JUMP)
    reason = "the population behind GDP per head changed by more than a tenth in a year: registered against resident,"
    yield "gdp_per_capita_yuan", "population_base", f"{reason} or new boundaries", moved
    growth = _outside(frame["gdp_growth_pct"], GROWTH)
    yield "gdp_growth_pct", "growth", "published growth outside -20 to 45 percent", growth
    total = frame[list(SHARES)].sum(axis=1, skipna=False)
    yield SHARES[0], "shares", "the three shares do not sum to 99 to 101", _outside(total, (99, 101))


def _sector_checks(frame: pd.DataFrame) -> Iterator[Check]:
    exact = value_shares(frame)
    jumped = "more than fifteen points off the shares around it: the sectors may be another prefecture's"
    apart = "value added over GDP is more than five points off the published share"
    broken = "value added of the sector is not 0.6 to 1.7 times the year before: revision, new boundaries or error"
    for value, share in zip(VALUES, SHARES, strict=True):
        around = years_around(frame, frame[share], reach=2, edges=True)
        yield share, "structure_jump", jumped, (frame[share] - around).abs() > _STRUCTURE_JUMP
        yield value, "share_gap", apart, (exact[share] - frame[share]).abs() > _SHARE_GAP
        yield value, "sector_jump", broken, _outside(_over_year_before(frame, frame[value]), GDP_JUMP)
    open_sum = _outside(sum_ratio(frame), (1 - SUM_TOLERANCE, 1 + SUM_TOLERANCE))
    yield GDP, "sector_sum", "the three sectors do not sum to GDP within one percent", open_sum
