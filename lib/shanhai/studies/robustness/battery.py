"""The battery of evidence on "provincial borders hold counties back", and the verdict that follows from its rule.

Items and rule stand in ``design.py``. They were committed before this module was run, but two of the five necessary
items were known to be undecided, so that the verdict was known with the rule (``BATTERY_SEEN``). Every
row comes from the estimators of the other sections, none is estimated in a way of its own.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import nan
from typing import Any, Literal

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.core.shared import shared
from shanhai.methods.adjustment.comparison import build_comparison
from shanhai.methods.adjustment.weighting import weighted_difference
from shanhai.methods.arrays import Array
from shanhai.methods.checks import require_columns
from shanhai.methods.discontinuity.pairs import contiguous_pairs
from shanhai.methods.estimate import SIGNIFICANCE, Estimate, critical_value
from shanhai.methods.placebo import Partitions, Shifts, compare_borders, draw_borders, shift_borders
from shanhai.methods.placebo.borders import BorderPlacebo
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.scpc import scpc
from shanhai.methods.spec import RegressionSpec
from shanhai.render.words import Pair
from shanhai.studies.border.analysis import border_balance
from shanhai.studies.border.design import BORDER_COLUMNS, BY_PREFECTURE
from shanhai.studies.robustness.design import (
    BATTERIES,
    BATTERY_DRAWS,
    BATTERY_SEED,
    BATTERY_SEEN,
    LARGE_DIFFERENCE,
    SCPC_CORRELATION,
    BatteryItem,
    ItemRole,
)

Reading = Literal["for", "against", "undecided", "alike", "unlike"]
"""What a row says: on the statement, or (``alike``, ``unlike``) on the geography of both kinds of county."""

BatteryVerdict = Literal["consistent", "contradicted", "inconclusive"]

_BORDER = "on_border"

_POWER = 0.8
"""Share of samples in which a test finds a difference that counts as detectable."""


@dataclass(frozen=True)
class BatteryRow:
    """One item with its number."""

    key: str
    """Key of the item in ``words.toml``."""
    role: ItemRole
    estimate: float
    """Log points; standard deviations for balance."""
    low: float
    """Lower bound of the 95 % interval of the estimate; of a placebo item, of the middle 95 % of the drawn lines."""
    high: float
    """Upper bound."""
    p: float
    """Two-sided p-value; of a placebo item, the share of drawn lines with a t-ratio as large."""
    reading: Reading
    n: int
    """Counties."""
    error: str
    """Covariance, or how the p-value is obtained."""
    spec: RegressionSpec | None
    """The regression behind it; None for balance."""
    p_error: float = nan
    """Simulation error of p; NaN where nothing is drawn."""
    drawn_mean: float = nan
    """Mean of what drawn lines show; NaN where nothing is drawn."""
    least_rejected: float = nan
    """Size from which an estimate with the standard error of this one would have p below 0.05 among the drawn lines."""

    @property
    def decides(self) -> bool:
        """Whether the verdict rests on it."""
        return self.role != "informative"

    @property
    def detectable(self) -> float:
        """Size of a difference that its test finds in four of five samples, by the normal distribution; of a placebo
        item, ``least_rejected``."""
        if self.is_drawn:
            return self.least_rejected
        return (self.high - self.low) / 2 * (1 + critical_value(level=2 * _POWER - 1) / critical_value())

    @property
    def is_drawn(self) -> bool:
        """Whether the interval is that of drawn lines."""
        return self.error.startswith("drawn lines")


@dataclass(frozen=True)
class Battery:
    """All items, and what they say together."""

    estimand: str
    """Key of ``design.BATTERIES``."""
    rows: tuple[BatteryRow, ...]
    seen: Pair
    """What was known when the rule was fixed, in English and Chinese."""
    by_prefecture: Estimate
    """The main difference with errors clustered by prefecture, as pre-specified in ``studies.border.design``."""

    @cached_property
    def verdict(self) -> BatteryVerdict:
        """What the rule of ``design.BATTERIES`` gives."""
        return decide({row.key: (row.role, row.reading) for row in self.rows})

    def row(self, key: str) -> BatteryRow:
        """The row of an item.

        Raises
        ------
        SpecificationError
            If there is none.
        """
        found = {row.key: row for row in self.rows}
        if key not in found:
            raise SpecificationError(f"no item {key!r}; allowed: {', '.join(found)}. Name one of these.")
        return found[key]

    def of_role(self, role: ItemRole) -> tuple[BatteryRow, ...]:
        """Rows of one role, in order."""
        return tuple(row for row in self.rows if row.role == role)

    @property
    def holding(self) -> tuple[BatteryRow, ...]:
        """Necessary items that speak for the statement."""
        return tuple(row for row in self.of_role("necessary") if row.reading == "for")

    def to_frame(self) -> pd.DataFrame:
        """One row an item: key, role, decides, estimate, low, high, p, p_error, detectable, reading, n, error,
        is_drawn."""
        names = (
            "key",
            "role",
            "decides",
            "estimate",
            "low",
            "high",
            "p",
            "p_error",
            "detectable",
            "reading",
            "n",
            "error",
            "is_drawn",
        )
        return pd.DataFrame([{name: getattr(row, name) for name in names} for row in self.rows])


def decide(readings: Mapping[str, tuple[ItemRole, Reading]]) -> BatteryVerdict:
    """Verdict from the readings of the items, by the rule of ``design.BATTERIES``.

    Parameters
    ----------
    readings : mapping of key to role and reading

    Raises
    ------
    SpecificationError
        If no item is necessary, or none is identified: such a battery decides nothing.

    Examples
    --------
    >>> decide({"province": ("necessary", "for"), "edges": ("identified", "undecided")})
    'consistent'
    """
    of: dict[ItemRole, list[Reading]] = {"necessary": [], "identified": [], "informative": []}
    for role, reading in readings.values():
        of[role].append(reading)
    if not of["necessary"] or not of["identified"]:
        raise SpecificationError(
            f"{len(of['necessary'])} necessary and {len(of['identified'])} identified items; allowed: one or more of "
            "each. Give the battery items that decide."
        )
    if "against" in of["identified"] or set(of["necessary"]) == {"against"}:
        return "contradicted"
    return "consistent" if set(of["necessary"]) == {"for"} else "inconclusive"


def _read_estimate(estimate: float, p: float) -> Reading:
    """What an estimate says on the statement: a negative one with p below 0.05 for it, a positive one against it.

    Examples
    --------
    >>> _read_estimate(-0.1, 0.01), _read_estimate(0.1, 0.01), _read_estimate(-0.1, 0.2)
    ('for', 'against', 'undecided')
    """
    if not p < SIGNIFICANCE:
        return "undecided"
    return "for" if estimate < 0 else "against"


@shared
def draw_maps(
    frame: pd.DataFrame, edges: pd.DataFrame, draws: int = BATTERY_DRAWS, seed: int = BATTERY_SEED
) -> dict[str, Partitions | Shifts]:
    """The drawn maps behind the placebo items, by the name that ``detail`` of an item gives them.

    Parameters
    ----------
    frame : DataFrame
        Of ``analysis_frame()``.
    edges : DataFrame
        Of ``county_edges()``.
    draws, seed : int
        Maps of each kind, and their seed.

    Raises
    ------
    SpecificationError, BoundaryError
        As ``draw_borders`` and ``shift_borders``.
    """
    return {
        "re-partitions": draw_borders(frame, edges, draws, seed, columns=BORDER_COLUMNS, terrain="ruggedness"),
        "shifts and turns": shift_borders(frame, edges, draws, seed, columns=BORDER_COLUMNS),
    }


@shared
def border_batteries(
    frame: pd.DataFrame, edges: pd.DataFrame, maps: Mapping[str, Partitions | Shifts]
) -> dict[str, Battery]:
    """Every item of ``design.BATTERIES`` on the counties of a frame, by estimand; ``main`` is the one that decides.

    Parameters
    ----------
    frame : DataFrame
        Of ``analysis_frame()``.
    edges : DataFrame
        Of ``county_edges()``.
    maps : mapping
        Of ``draw_maps``, the same for both estimands.

    Raises
    ------
    SpecificationError
        As the estimators of the items.
    """
    columns = _add_edge_column(frame, edges)
    balance = {row["variable"]: row for row in border_balance(frame, ("china",)).to_dict("records")}
    found = {}
    for estimand, items in BATTERIES.items():
        rows = []
        for item in items:
            if item.spec is None:
                rows.append(_balance_row(item, balance[item.detail]))
            elif item.kind == "placebo":
                rows.append(_placebo_row(item, compare_borders(item.spec, frame, maps[item.detail])))
            else:
                rows.append(_estimate_row(item, item.spec, columns))
        found[estimand] = Battery(estimand, tuple(rows), BATTERY_SEEN, _by_prefecture(items, columns))
    return found


def _by_prefecture(items: Sequence[BatteryItem], frame: pd.DataFrame) -> Estimate:
    """The main difference, whose item clusters by province, with errors clustered by prefecture."""
    spec = next(item.spec for item in items if item.key == "province")
    if spec is None:
        raise SpecificationError("the item 'province' has no regression; give it that of the main difference.")
    return fit(replace(spec, covariance=BY_PREFECTURE), frame).estimate(_BORDER)


def _add_edge_column(frame: pd.DataFrame, edges: pd.DataFrame) -> pd.DataFrame:
    """The frame with ``at_prefecture_edge``: whether a county has a neighbour in another prefecture or province.

    Counties of unknown border have none.
    """
    require_columns(frame, ("code", _BORDER))
    unit, province = BORDER_COLUMNS.unit, BORDER_COLUMNS.region
    pairs = contiguous_pairs(frame, edges, "prefecture_code", province, unit=unit, pair=BORDER_COLUMNS.edges)
    at_edge = (frame[_BORDER] | frame[unit].isin(pairs[unit])).astype("boolean")
    return frame.assign(at_prefecture_edge=at_edge.mask(frame[_BORDER].isna()))


def _estimate_row(item: BatteryItem, spec: RegressionSpec, frame: pd.DataFrame) -> BatteryRow:
    """Row of a regression, of SCPC, or of overlap weights."""
    if item.kind == "spatial":
        test = scpc(spec, frame[frame["longitude"].notna()], _BORDER, rho=SCPC_CORRELATION)
        return _row(item, test.estimate, (test.low, test.high), test.p, test.n, test.label)
    if item.kind == "weighted":
        found = weighted_difference(build_comparison(spec, frame), "ATO")
        error = f"{spec.covariance.label} of influences"
        return _row(item, found.estimate, found.interval(), found.p, found.n_treated + found.n_control, error)
    result = fit(spec, frame)
    number = result.estimate(_BORDER)
    return _row(item, number.value, number.interval(), number.p, result.n, number.error)


def _placebo_row(item: BatteryItem, placebo: BorderPlacebo) -> BatteryRow:
    """Row of the real border among drawn ones."""
    drawn = placebo.to_frame().iloc[0]
    lines = (float(drawn["low"]), float(drawn["high"]))
    row = _row(item, float(drawn["estimate"]), lines, float(drawn["p"]), placebo.n, f"drawn lines ({drawn['draws']})")
    test = placebo.test
    least = _least_rejected(test.t_ratios, abs(test.estimate / test.t))
    return replace(row, p_error=placebo.p_error, drawn_mean=float(drawn["drawn_mean"]), least_rejected=least)


def _least_rejected(t_ratios: Array, se: float) -> float:
    """Size above which fewer than 5 % of draws are as large as an estimate with this error; NaN if there is none.

    Examples
    --------
    >>> _least_rejected(np.arange(1.0, 100.0), 0.5)  # of 99 draws three may be as large: (1 + 3) / 100 < 0.05
    48.0
    """
    sizes = np.sort(np.abs(t_ratios[np.isfinite(t_ratios)]))[::-1]
    allowed = int(np.ceil(SIGNIFICANCE * (1 + len(sizes)))) - 2
    return float(sizes[allowed]) * se if allowed >= 0 else nan


def _balance_row(item: BatteryItem, found: Mapping[Hashable, Any]) -> BatteryRow:
    """Row of a difference in geography, in standard deviations."""
    spread = float(found["difference"] / found["difference_sd"])
    number = Estimate(float(found["difference_sd"]), float(found["se"]) / spread)
    return _row(item, number.value, number.interval(), float(found["p"]), int(found["n"]), "HC3")


def _row(item: BatteryItem, estimate: float, interval: tuple[float, float], p: float, n: int, error: str) -> BatteryRow:
    reading = _read_estimate(estimate, p)
    if item.kind == "balance":
        reading = "unlike" if abs(estimate) >= LARGE_DIFFERENCE else "alike"
    return BatteryRow(item.key, item.role, estimate, *interval, p, reading, n, error, item.spec)
