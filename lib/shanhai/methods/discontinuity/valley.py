"""Border valley: how the outcome rises with distance from the border, as a smooth curve inside each region.

A valley is low on both sides of the line and needs no jump. A natural cubic spline of the unsigned distance (linear
beyond the outer knots; Hastie, Tibshirani & Friedman 2009, section 5.2.1) lets the data draw it; effects of regions
keep the comparison inside each, so no jump can pass for a valley.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_distances, require_columns
from shanhai.methods.discontinuity.sample import outcome_values
from shanhai.methods.estimate import critical_value, interval
from shanhai.methods.regression.design import numbers
from shanhai.methods.regression.fit import fit, require_fitted
from shanhai.methods.regression.results import FitResult, JointTest, joint_test
from shanhai.methods.spec import CovarianceSpec, Filter, RegressionSpec, SampleSpec, Variable

_KNOTS_KM = (5.0, 20.0, 40.0, 70.0, 110.0)
"""Fixed before results of this project were seen: close to each other near the border, where a valley is to be expected
(Ma & Zhao 2022: mostly within 20 km)."""

_REACH_KM = 150.0
"""Places farther from a border are left to the interior; few regions have any."""

_INSIDE_KM = 100.0
"""Distance that the curve is compared with."""


@dataclass(frozen=True)
class ValleySpec:
    """How the curve is drawn.

    Examples
    --------
    >>> from shanhai.methods.discontinuity import ValleySpec
    >>> ValleySpec("income", knots_km=(5.0, 30.0, 90.0), within="state", by="district").reach_km
    150.0
    """

    outcome: str
    """Column of the outcome."""
    transform: Literal["level", "log"] = "log"
    """Outcome in levels or natural logarithms."""
    distance: str = "distance_km"
    """Unsigned distance in km."""
    within: str = "region"
    """Column inside whose levels places are compared."""
    controls: tuple[str, ...] = ()
    """Columns held fixed, linearly. Terrain belongs here if the valley is to be the border's own."""
    knots_km: tuple[float, ...] = _KNOTS_KM
    """Knots, three or more, rising."""
    reach_km: float = _REACH_KM
    """Places nearer than this count."""
    inside_km: float = _INSIDE_KM
    """Distance that the curve is measured against."""
    by: str = "cluster"
    """Clusters of the errors."""

    def __post_init__(self) -> None:
        rising = all(low < high for low, high in zip(self.knots_km, self.knots_km[1:], strict=False))
        if len(self.knots_km) < 3 or not rising or not 0 < self.inside_km <= self.reach_km:
            raise SpecificationError(
                f"knots at {self.knots_km} km, compared at {self.inside_km} km, reach {self.reach_km} km; allowed: "
                "three or more rising knots, and a comparison inside the reach. Change what does not fit."
            )


def natural_spline(values: ArrayLike, knots: tuple[float, ...]) -> Array:
    """Basis of the natural cubic splines without constant: as many columns as knots, less one.

    Cubic between the knots, linear beyond them; scaled by the range of the knots.

    Parameters
    ----------
    values : n numbers, such as distances in km
    knots : tuple of float
        Rising, in the unit of the values.

    Returns
    -------
    array, n x (len(knots) - 1); the first column is the value itself.

    Examples
    --------
    Linear beyond the last knot, where equal steps are equal differences:

    >>> import numpy as np
    >>> from shanhai.methods.discontinuity import natural_spline
    >>> np.diff(natural_spline([20.0, 30.0, 40.0], (0.0, 5.0, 10.0)), axis=0).round(3)
    array([[1. , 1.5],
           [1. , 1.5]])
    """
    spread = knots[-1] - knots[0]
    x = (np.asarray(values, dtype=np.float64) - knots[0]) / spread
    places = (np.asarray(knots) - knots[0]) / spread
    cubes = np.maximum(x[:, None] - places, 0.0) ** 3
    slopes = (cubes[:, :-1] - cubes[:, -1:]) / (places[-1] - places[:-1])
    return np.column_stack([x, slopes[:, :-1] - slopes[:, -1:]])


@dataclass(frozen=True, repr=False)
class Valley(Shown):
    """Curve of the outcome by distance to the border, against ``inside_km``."""

    spec: ValleySpec
    """How the valley was drawn."""
    result: FitResult
    """Coefficients ``spline_1`` and so on, and those of the controls."""
    test: JointTest
    """Test that the curve is flat."""
    nearest_km: float
    """Nearest place: the curve before it is extrapolated."""

    def curve(self, distances_km: ArrayLike) -> pd.DataFrame:
        """Curve at ``distances_km``: distance_km, estimate (against ``inside_km``), se, low, high (pointwise 95 %)."""
        weights = natural_spline(distances_km, self.spec.knots_km) - self._inside
        return pd.DataFrame({"distance_km": np.asarray(distances_km, dtype=np.float64), **self._linear(weights)})

    def share_by(self, distance_km: float) -> pd.Series:
        """Share of the rise from the border to ``inside_km`` that is done by ``distance_km``, with its interval.

        Returns
        -------
        Series
            share, low, high (Fieller 1954, 95 %; infinite where the whole rise may be zero), rise (to ``inside_km``).
        """
        ends = natural_spline([0.0, distance_km], self.spec.knots_km)
        parts = np.vstack([ends[1] - ends[0], self._inside - ends[0]])
        estimates = parts @ self.result.params[: parts.shape[1]]
        covariance = parts @ self._covariance @ parts.T
        low, high = _fieller(estimates, covariance, critical_value(self.result.df))
        return pd.Series(
            {"share": estimates[0] / estimates[1], "low": low, "high": high, "rise": estimates[1]}, name=distance_km
        )

    def bottom(self) -> pd.Series:
        """Lowest point of the curve between the nearest place and ``inside_km``, on a grid of 1 km.

        Returns
        -------
        Series
            bottom_km, depth (estimate there, against ``inside_km``), low, high (pointwise, so too narrow for a lowest
            point that was searched), half_km (first distance beyond it where half of the depth is left; missing if
            the curve has no depth).
        """
        grid = np.arange(np.ceil(self.nearest_km), np.floor(self.spec.inside_km) + 1)
        curve = self.curve(grid)
        lowest = int(curve["estimate"].to_numpy().argmin())
        at = curve.iloc[lowest]
        beyond = curve.iloc[lowest:]
        half = beyond.loc[beyond["estimate"] >= at["estimate"] / 2, "distance_km"]
        return pd.Series(
            {
                "bottom_km": at["distance_km"],
                "depth": at["estimate"],
                "low": at["low"],
                "high": at["high"],
                "half_km": half.iloc[0] if at["estimate"] < 0 else np.nan,
            }
        )

    def count_within(self, frame: pd.DataFrame, distance_km: float) -> int:
        """Number of fitted rows nearer to the border than ``distance_km``; ``frame`` is the one that was fitted.

        Raises
        ------
        SpecificationError
            If another frame is passed.
        """
        require_fitted(self.result, _with_spline(frame, self.spec))
        return int((numbers(frame, self.spec.distance)[self.result.rows] < distance_km).sum())

    @property
    def _inside(self) -> Array:
        return natural_spline([self.spec.inside_km], self.spec.knots_km)[0]

    @property
    def _covariance(self) -> Array:
        terms = len(self.spec.knots_km) - 1
        return self.result.covariance[:terms, :terms]

    def _linear(self, weights: Array) -> dict[str, Array]:
        estimate = weights @ self.result.params[: weights.shape[1]]
        se = np.sqrt(np.einsum("ij,jk,ik->i", weights, self._covariance, weights))
        low, high = interval(estimate, se, self.result.df)
        return {"estimate": estimate, "se": se, "low": low, "high": high}


def _fieller(estimates: Array, covariance: Array, t: float) -> tuple[float, float]:
    """Interval of a ratio; the whole line where the denominator may be zero."""
    top, bottom = estimates
    a = bottom**2 - t**2 * covariance[1, 1]
    b = top * bottom - t**2 * covariance[0, 1]
    c = top**2 - t**2 * covariance[0, 0]
    if a <= 0:
        return -np.inf, np.inf
    root = np.sqrt(max(b**2 - a * c, 0.0))
    return float((b - root) / a), float((b + root) / a)


def spline_valley(frame: pd.DataFrame, spec: ValleySpec) -> Valley:
    """Draw the valley.

    Parameters
    ----------
    frame : DataFrame
        One row a place, with the columns that ``spec`` names.

    Raises
    ------
    SpecificationError
        If a column is absent or no number, a distance negative, or rows or clusters are too few.

    Examples
    --------
    Made-up regions whose borders lie 0.4 log points deep:

    >>> import numpy as np
    >>> from shanhai.methods.discontinuity.simulated import BorderTruth, simulated_borders
    >>> from shanhai.methods.discontinuity import ValleySpec, spline_valley
    >>> frame, positions, edges = simulated_borders(np.random.default_rng(1), BorderTruth(valley=0.4))
    >>> spec = ValleySpec(
    ...     "income", distance="border_km", within="region", by="district"
    ... )
    >>> spline_valley(frame, spec).curve([10, 100]).round(2)
       distance_km  estimate    se  low  high
    0         10.0     -0.35  0.03 -0.4 -0.29
    1        100.0      0.00  0.00  0.0  0.00
    """
    names = _spline_names(spec)
    table = _with_spline(frame, spec)
    near = Filter(spec.distance, "<", spec.reach_km)
    result = fit(
        RegressionSpec(
            outcome=Variable("y"),
            terms=tuple(Variable(name) for name in names),
            controls=tuple(Variable(name) for name in spec.controls),
            sample=SampleSpec("near a border", filters=(near,)),
            fixed_effects=(spec.within,),
            covariance=CovarianceSpec("cluster", (spec.by,), "CR1S"),
        ),
        table,
    )
    return Valley(spec, result, joint_test(result, names), float(table[spec.distance].iloc[result.rows].min()))


def _spline_names(spec: ValleySpec) -> tuple[str, ...]:
    return tuple(f"spline_{number}" for number in range(1, len(spec.knots_km)))


def _with_spline(frame: pd.DataFrame, spec: ValleySpec) -> pd.DataFrame:
    """Columns of the regression: ``y``, the distance, its spline, controls, fixed effect and cluster."""
    needed = list(dict.fromkeys((spec.distance, spec.within, spec.by, *spec.controls)))
    require_columns(frame, needed)
    distance = as_distances(frame[spec.distance], f"column {spec.distance!r}")
    table = frame[needed].assign(y=outcome_values(frame, spec.outcome, spec.transform), **{spec.distance: distance})
    basis = natural_spline(distance, spec.knots_km)
    return table.assign(**dict(zip(_spline_names(spec), basis.T, strict=True)))


def same_valley_on_both_sides(sample: pd.DataFrame, spec: ValleySpec) -> JointTest:
    """Test that the valley has the same shape on both sides of the border.

    Parameters
    ----------
    sample : DataFrame
        Of :func:`shanhai.methods.discontinuity.sample.border_sample`; each place counts at its nearest border.
    spec : ValleySpec
        ``distance``, ``within`` and ``by`` are those of the sample: ``distance_km``, segments, pairs of regions.

    Returns
    -------
    JointTest
        Of the products of spline and side; the side itself (a jump) is free.

    Raises
    ------
    SpecificationError
        As :func:`spline_valley`.

    Examples
    --------
    Made-up regions on a chessboard, the richer of which jump by 0.5 log points at their borders:

    >>> import numpy as np
    >>> from shanhai.methods.discontinuity.simulated import BorderTruth, simulated_borders
    >>> frame, positions, edges = simulated_borders(np.random.default_rng(1), BorderTruth(jump=0.5))
    >>> from shanhai.methods.discontinuity import ValleySpec, same_valley_on_both_sides
    >>> from shanhai.methods.discontinuity.sample import border_sample, rank_units
    >>> sample = border_sample(frame, positions, rank_units(frame, "region", "output", "people"))
    >>> spec = ValleySpec("income", distance="distance_km", within="segment", by="pair")
    >>> round(same_valley_on_both_sides(sample, spec).p, 2)
    0.86
    """
    near = sample[sample["is_nearest"].to_numpy(dtype=bool)].reset_index(drop=True)
    names = _spline_names(spec)
    table = _with_spline(near, spec).assign(right_side=near["right_side"])
    products = {f"{name}_right": table[name] * table["right_side"] for name in names}
    result = fit(
        RegressionSpec(
            outcome=Variable("y"),
            terms=tuple(Variable(name) for name in ("right_side", *names, *products)),
            controls=tuple(Variable(name) for name in spec.controls),
            sample=SampleSpec("near a border", filters=(Filter(spec.distance, "<", spec.reach_km),)),
            fixed_effects=(spec.within,),
            covariance=CovarianceSpec("cluster", (spec.by,), "CR1"),
        ),
        table.assign(**products),
    )
    return joint_test(result, tuple(products))
