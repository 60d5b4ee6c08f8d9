"""Follow places to a target: last level, pace so far, pace still needed, and where the pace so far would lead."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.methods.spec.identity import content_id
from shanhai.studies.targets.arithmetic import Kind, annual_growth, annual_points, carried_on

LEVEL_COLUMNS = ("unit", "year", "value")

STATES = ("met", "missed", "above", "on course", "too slow", "no pace")
"""What a row of :func:`follow_target` says: in the target's year met or missed; before it already above, on course
(the pace so far is enough), too slow, or without an earlier level to take a pace from."""


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
        if self.kind not in ("growth", "points"):
            raise SpecificationError(f"kind {self.kind!r} is unknown; allowed: growth, points. Choose one.")
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
        """Pace between two levels, in the kind of this target."""
        return annual_growth(first, last, years) if self.kind == "growth" else annual_points(first, last, years)


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
    found = levels.loc[levels["year"].isin(base.index)]
    return found.assign(value=100 * found["value"] / found["year"].map(base)).reset_index(drop=True)


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
    rule = annual_growth if kind == "growth" else annual_points
    return pd.Series({unit: rule(row[first], row[last], last - first) for unit, row in both.iterrows()}, name="pace")


def pace_range(comparable: pd.Series, spec: TargetSpec) -> tuple[float, float]:
    """Quantiles of the paces of comparable places, the ends of the range of a projection."""
    low, high = np.quantile(comparable.to_numpy(), spec.quantiles)
    return float(low), float(high)


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
        the pace so far, and at the ends of the range), target, state (of `STATES`). What cannot be known is missing.

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
    slow, fast = pace_range(comparable, spec)
    rows = []
    for unit, own in known.groupby("unit", sort=True):
        year, value = int(own["year"].iloc[-1]), float(own["value"].iloc[-1])
        pace = _pace_so_far(str(unit), own, spec, earlier)
        left = spec.year - year
        needed = spec.pace(value, spec.target, left) if left else np.nan
        ahead = [carried_on(value, one, left, spec.kind) for one in (pace, slow, fast)]
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
    projected = [carried_on(level, pace, last - middle, kind) for level, pace in pairs]
    found = pd.DataFrame({"unit": wide.index, "projected": projected, "actual": wide[last].to_numpy()})
    return found.assign(error=found["projected"] - found["actual"])


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
    absent = [column for column in LEVEL_COLUMNS if column not in levels.columns]
    if absent:
        raise MissingDataError(f"Levels lack the columns {absent}; they need {list(LEVEL_COLUMNS)}. Rename yours.")
    twice = levels[levels.duplicated(["unit", "year"])]
    if len(twice):
        raise SpecificationError(
            f"{twice['unit'].iloc[0]!r} has two levels of {twice['year'].iloc[0]}; allowed: one. Choose one basis."
        )
