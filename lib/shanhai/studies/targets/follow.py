"""Follow places to a target: last level, pace so far, pace still needed, and where the pace so far would lead.

A pace is compound growth in percent a year, or a change in points a year. Of a ratio to another place, the growth that
is needed is *relative* to that place: at ``g`` percent a year there, the place itself must grow by
``(1 + g / 100) * (1 + needed / 100) - 1``.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.methods.checks import as_number
from shanhai.methods.spec.identity import content_id

Kind = Literal["growth", "points"]
"""How a quantity moves: by a constant rate (percent a year) or by constant points a year."""

_LEVEL_COLUMNS = ("unit", "year", "value")


def annual_growth(first: float, last: float, years: float) -> float:
    """Compound growth that leads from one positive value to another, percent a year.

    ``first * (1 + growth / 100) ** years == last``; a missing value gives a missing growth.

    Raises
    ------
    SpecificationError
        If the span is not positive, or a value is zero, negative or infinite, for which no rate exists.
    """
    years = _span(years)
    first, last = as_number(first, "the first value", missing=True), as_number(last, "the last value", missing=True)
    for value in (first, last):
        if value <= 0:
            raise SpecificationError(
                f"growth from {first!r} to {last!r}; allowed: positive values, since a rate has no other. Take points "
                "for shares near zero."
            )
    # A missing value fails no comparison above and stays missing here.
    return float(100 * ((last / first) ** (1 / years) - 1))


@dataclass(frozen=True)
class TargetSpec:
    """One target and the rule by which a path is carried on to it."""

    indicator: str
    target: float
    """Value to be reached; more is better."""
    year: int
    """Year in which it is to be reached."""
    pace_from: int
    """Year from which the pace so far is taken, to the last level known."""
    kind: Kind = "growth"
    """Whether paces are rates (percent a year) or points a year."""
    quantiles: tuple[float, float] = (0.1, 0.9)
    """Quantiles of the paces of comparable places between which the range of a projection lies."""

    def __post_init__(self) -> None:
        _require_kind(self.kind)
        if self.pace_from >= self.year:
            raise SpecificationError(
                f"the pace is taken from {self.pace_from}, the target is for {self.year}; the first must be earlier."
            )
        low, high = self.quantiles
        if not 0 <= low < high <= 1:
            raise SpecificationError(f"quantiles {self.quantiles}; allowed: two rising numbers within 0 and 1.")

    @property
    def spec_id(self) -> str:
        """Twelve hexadecimal digits that follow from the content."""
        return content_id(self)

    def pace(self, first: float, last: float, years: float) -> float:
        """Pace between two levels, in the kind of this target; missing if one of them is.

        Raises
        ------
        SpecificationError
            If the span is not positive, a value is infinite, or a rate is asked for that does not exist.
        """
        return _pace(first, last, years, self.kind)

    def carried_on(self, now: float, pace: float, years: float) -> float:
        """Value after some years at a constant pace; inverse of :meth:`pace`.

        Raises
        ------
        SpecificationError
            If the span is negative or infinite, or the value or the pace is infinite.
        """
        return _carried_on(now, pace, years, self.kind)


def ratio_to(levels: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Levels in percent of those of one unit in the same year; years that the reference lacks are left out.

    Parameters
    ----------
    levels : columns unit, year, value (any others are kept).
    reference : a unit of `levels`.

    Raises
    ------
    MissingDataError
        If the reference has no level at all.
    """
    _require_levels(levels)
    base = levels.loc[levels["unit"].eq(reference)].set_index("year")["value"].dropna()
    if base.empty:
        raise MissingDataError(
            f"The reference {reference!r} has no level; there are {sorted(levels['unit'].unique())[:10]}. Add its rows."
        )
    same = levels.loc[levels["year"].isin(base.index)]
    return same.assign(value=100 * same["value"] / same["year"].map(base)).reset_index(drop=True)


def paces(levels: pd.DataFrame, first: int, last: int, kind: Kind = "growth") -> pd.Series:
    """Pace of each unit between two years, by unit; units without both levels are left out.

    Raises
    ------
    MissingDataError
        If no unit has both levels; the message names the years there are.
    """
    _require_levels(levels)
    wide = levels.pivot(index="unit", columns="year", values="value")
    both = wide.reindex(columns=[first, last]).dropna()
    if both.empty:
        raise MissingDataError(
            f"No unit has levels of both {first} and {last}; there are the years {sorted(map(int, wide.columns))}. "
            "Choose two of them."
        )
    rates = {unit: _pace(row[first], row[last], last - first, kind) for unit, row in both.iterrows()}
    return pd.Series(rates, name="pace")


def follow_target(
    levels: pd.DataFrame, spec: TargetSpec, comparable: pd.Series, earlier: pd.Series | None = None
) -> pd.DataFrame:
    """How far each unit is from the target, and what it would take.

    Parameters
    ----------
    levels : DataFrame
        unit, year, value: levels on today's boundaries. Of each unit the last one up to the target's year counts.
    spec : TargetSpec
    comparable : Series
        Paces of comparable places, in the kind of the target; they make the range.
    earlier : Series, optional
        Pace so far by unit, where it comes from other boundaries than `levels`; by default from the level of
        ``spec.pace_from`` in `levels` to the last one.

    Returns
    -------
    DataFrame
        unit, last_year, last, pace (so far), years_left, needed (pace), projected, projected_low, projected_high (at
        the pace so far, and at the ends of the range), target, state: in the
        target's year ``met`` or ``missed``; before it ``above`` already, ``on course`` (the pace so far is enough),
        ``too slow``, or ``no pace`` (no earlier level to take one from). What cannot be known is missing.

    Raises
    ------
    MissingDataError
        If no unit has a level up to the target's year.
    """
    _require_levels(levels)
    known = levels[levels["value"].notna() & levels["year"].le(spec.year)].sort_values(["unit", "year"])
    if known.empty:
        raise MissingDataError(
            f"No unit has a level of {spec.indicator} up to {spec.year}. Add figures, or a later year."
        )
    slow, fast = map(float, np.quantile(comparable.to_numpy(), spec.quantiles))
    rows = []
    for unit, own in known.groupby("unit", sort=True):
        year, value = int(own["year"].iloc[-1]), float(own["value"].iloc[-1])
        pace = _pace_so_far(str(unit), own, spec, earlier)
        left = spec.year - year
        needed = spec.pace(value, spec.target, left) if left else np.nan
        ahead = [spec.carried_on(value, rate, left) for rate in (pace, slow, fast)]
        state = _state(value, needed, pace, left, spec)
        rows.append((unit, year, value, pace, left, needed, *ahead, spec.target, state))
    names = ["unit", "last_year", "last", "pace", "years_left", "needed"]
    return pd.DataFrame(rows, columns=[*names, "projected", "projected_low", "projected_high", "target", "state"])


def backtest(levels: pd.DataFrame, years: tuple[int, int, int], kind: Kind = "growth") -> pd.DataFrame:
    """What the rule would have said before: the pace between two years carried on to a third, against the truth.

    Returns
    -------
    DataFrame
        unit, projected, actual, error (projected less actual), for units with all three levels.

    Raises
    ------
    MissingDataError
        If no unit has all three.
    """
    first, middle, last = years
    wide = levels.pivot(index="unit", columns="year", values="value").reindex(columns=list(years)).dropna()
    if wide.empty:
        raise MissingDataError(
            f"No unit has levels of {first}, {middle} and {last}; choose three years that are there."
        )
    before = paces(levels[levels["unit"].isin(wide.index)], first, middle, kind)
    pairs = zip(wide[middle], before.reindex(wide.index), strict=True)
    projected = [_carried_on(level, pace, last - middle, kind) for level, pace in pairs]
    table = pd.DataFrame({"unit": wide.index, "projected": projected, "actual": wide[last].to_numpy()})
    return table.assign(error=table["projected"] - table["actual"])


def _pace_so_far(unit: str, own: pd.DataFrame, spec: TargetSpec, earlier: pd.Series | None) -> float:
    if earlier is not None:
        return float(earlier.get(unit, np.nan))
    start = own.loc[own["year"].eq(spec.pace_from), "value"]
    last = own.iloc[-1]
    if start.empty or last["year"] == spec.pace_from:
        return float("nan")
    return spec.pace(float(start.iloc[0]), float(last["value"]), float(last["year"] - spec.pace_from))


def _state(value: float, needed: float, pace: float, left: int, spec: TargetSpec) -> str:
    if not left:
        return "met" if value >= spec.target else "missed"
    if value >= spec.target:
        return "above"
    if np.isnan(pace):
        return "no pace"
    return "on course" if pace >= needed else "too slow"


def _require_levels(levels: pd.DataFrame) -> None:
    absent = [column for column in _LEVEL_COLUMNS if column not in levels.columns]
    if absent:
        raise MissingDataError(f"Levels lack the columns {absent}; they need {list(_LEVEL_COLUMNS)}. Rename yours.")
    twice = levels[levels.duplicated(["unit", "year"])]
    if len(twice):
        raise SpecificationError(
            f"{twice['unit'].iloc[0]!r} has two levels of {twice['year'].iloc[0]}; allowed: one. Choose one basis."
        )


def _require_kind(kind: str) -> None:
    if kind not in ("growth", "points"):
        raise SpecificationError(f"kind {kind!r} is unknown; allowed: growth, points. Choose one.")


def _pace(first: float, last: float, years: float, kind: Kind) -> float:
    _require_kind(kind)
    if kind == "growth":
        return annual_growth(first, last, years)
    years = _span(years)
    first, last = as_number(first, "the first value", missing=True), as_number(last, "the last value", missing=True)
    return (last - first) / years


def _carried_on(now: float, pace: float, years: float, kind: Kind) -> float:
    years = as_number(years, "the span in years", least=0)
    now, pace = as_number(now, "the value", missing=True), as_number(pace, "the pace", missing=True)
    return float(now * (1 + pace / 100) ** years) if kind == "growth" else float(now + pace * years)


def _span(years: float) -> float:
    number = as_number(years, "the span in years")
    if number <= 0:
        raise SpecificationError(
            f"a span of {years!r} years; allowed: a positive finite number. The later year comes second."
        )
    return number
