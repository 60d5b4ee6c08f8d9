"""Terrain by border: the difference between border and interior units at each level of terrain."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from shanhai.core.errors import SpecificationError
from shanhai.methods.adjustment.arms import treatment_column, without_column
from shanhai.methods.adjustment.splines import knots_at_quantiles, natural_spline, spread_of
from shanhai.methods.arrays import Array
from shanhai.methods.door import as_generator
from shanhai.methods.estimate import LEVEL
from shanhai.methods.regression.design import numbers
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.results import FitResult, JointTest, joint_test
from shanhai.methods.spec import RegressionSpec, Variable

DRAWS = 20_000
"""Normal draws behind the critical value of a band."""


@dataclass(frozen=True)
class Surface:
    """Difference of treated and untreated units along a terrain column, within groups."""

    points: pd.DataFrame
    """Binned: bin, low, high, at (median), estimate, se, p, low_95, high_95, n_treated, n_control. Smooth: at,
    quantile, estimate, se, low_95, high_95, band_low, band_high."""
    flat: JointTest
    """Test that the difference is the same at every level of terrain."""
    result: FitResult
    """The regression behind it."""


def binned_surface(spec: RegressionSpec, frame: pd.DataFrame, terrain: str = "ruggedness", bins: int = 5) -> Surface:
    """Difference within each quantile bin of terrain, from one regression with a dummy for each bin.

    Identifies, in every bin, the mean over groups of treated less untreated units that lie in this bin, weighted by
    the variance of treatment in it, if nothing but the controls differs between them.

    Parameters
    ----------
    spec : RegressionSpec
        One 0/1 term; its controls (terrain column left out) and fixed effects are kept.
    frame : DataFrame
    terrain : str
        Column that is cut at quantiles of the rows estimated on.
    bins : int

    Raises
    ------
    SpecificationError
        If bins are fewer than two, or a bin has no treated or no untreated row.
    """
    treatment = treatment_column(spec)
    used = _rows(spec, frame, terrain)
    values, treated = numbers(used, terrain), numbers(used, treatment) == 1.0
    if bins < 2:
        raise SpecificationError(f"{bins!r} bins; allowed: two or more. Take five.")
    edges = np.quantile(values, np.linspace(0.0, 1.0, bins + 1))
    place = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, bins - 1)
    counts = [(int((treated & (place == b)).sum()), int((~treated & (place == b)).sum())) for b in range(bins)]
    if min(min(pair) for pair in counts) == 0:
        raise SpecificationError(
            f"treated and untreated rows by bin of {terrain!r}: {counts}; allowed: both in every bin. Take fewer bins."
        )
    effects = {f"difference_{b + 1}": (treated & (place == b)).astype(float) for b in range(bins)}
    levels = {f"level_{b + 1}": (place == b).astype(float) for b in range(1, bins)}
    result = fit(_replaced(spec, terrain, tuple(effects), tuple(levels)), used.assign(**effects, **levels))
    table = pd.DataFrame({"bin": range(1, bins + 1), "low": edges[:-1], "high": edges[1:]})
    table["at"] = [float(np.median(values[place == b])) for b in range(bins)]
    estimates = result.to_frame().iloc[:bins]
    table[["estimate", "se", "p", "low_95", "high_95"]] = estimates[["estimate", "se", "p", "low", "high"]].to_numpy()
    table[["n_treated", "n_control"]] = counts
    return Surface(table, _equality(result, bins), result)


def smooth_surface(
    spec: RegressionSpec,
    frame: pd.DataFrame,
    rng: np.random.Generator,
    terrain: str = "ruggedness",
    knots: int = 4,
    shares: tuple[float, ...] = tuple(np.linspace(0.02, 0.98, 49)),
) -> Surface:
    """Difference as a natural cubic spline of terrain, with pointwise intervals and a band for the whole curve.

    The band covers the whole curve at once with 95 %: its critical value is the quantile of the largest absolute t
    over the curve under normal draws with the estimated correlation (sup-t, Montiel Olea & Plagborg-Moller 2019).

    Parameters
    ----------
    spec, frame, terrain
        As in ``binned_surface``.
    rng : Generator
        Draws behind the band.
    knots : int
        3, 4 or 5.
    shares : tuple of float
        Quantiles of terrain at which the curve is given.

    Raises
    ------
    SpecificationError
        If the number of knots is another, or terrain does not spread.
    """
    rng = as_generator(rng)
    treatment = treatment_column(spec)
    used = _rows(spec, frame, terrain)
    values, treated = numbers(used, terrain), numbers(used, treatment)
    scale = spread_of(values, terrain)
    where = knots_at_quantiles(values / scale, knots)
    basis = natural_spline(values / scale, where)
    effects = {"difference": treated}
    effects |= {f"difference_x_{j + 1}": treated * column for j, column in enumerate(basis.T)}
    curve = {f"terrain_{j + 1}": column for j, column in enumerate(basis.T)}
    result = fit(_replaced(spec, terrain, tuple(effects), tuple(curve)), used.assign(**effects, **curve))
    for name in effects:
        result.tested(name)
    at = np.quantile(values, shares)
    size = len(effects)
    vectors = np.column_stack([np.ones(len(at)), natural_spline(at / scale, where)])
    estimate = vectors @ result.params[:size]
    covariance = vectors @ result.covariance[:size, :size] @ vectors.T
    se = np.sqrt(np.diag(covariance))
    reach = float(stats.t.ppf(0.5 + LEVEL / 2, result.df)) * se
    wide = _critical_value(vectors, result.covariance[:size, :size], rng) * se
    table = pd.DataFrame({"at": at, "quantile": shares, "estimate": estimate, "se": se})
    table = table.assign(low_95=estimate - reach, high_95=estimate + reach)
    table = table.assign(band_low=estimate - wide, band_high=estimate + wide)
    return Surface(table, joint_test(result, tuple(effects)[1:]), result)


def _rows(spec: RegressionSpec, frame: pd.DataFrame, terrain: str) -> pd.DataFrame:
    """Rows that the regression uses, terrain among its columns."""
    with_terrain = replace(spec, controls=(Variable(terrain), *without_column(spec.controls, terrain)))
    return frame.iloc[fit(with_terrain, frame).rows]


def _replaced(spec: RegressionSpec, terrain: str, effects: tuple[str, ...], levels: tuple[str, ...]) -> RegressionSpec:
    """The specification with the treatment and terrain in parts."""
    return replace(
        spec,
        terms=tuple(Variable(name) for name in effects),
        controls=(*(Variable(name) for name in levels), *without_column(spec.controls, terrain)),
        model=f"{spec.term_names[0]} by {terrain}",
    )


def _equality(result: FitResult, bins: int) -> JointTest:
    """Wald test that the first coefficients are equal, as F with the degrees of freedom of the covariance."""
    contrast = np.column_stack([np.ones(bins - 1), -np.eye(bins - 1)])
    gaps = contrast @ result.params[:bins]
    spread = contrast @ result.covariance[:bins, :bins] @ contrast.T
    statistic = float(gaps @ np.linalg.solve(spread, gaps)) / (bins - 1)
    p = float(stats.f.sf(statistic, bins - 1, result.df))
    return JointTest(result.names[:bins], statistic, bins - 1, result.df, p)


def _critical_value(vectors: Array, covariance: Array, rng: np.random.Generator) -> float:
    """Quantile of the largest absolute t over the points of a curve."""
    values, axes = np.linalg.eigh(covariance)
    root = vectors @ (axes * np.sqrt(np.maximum(values, 0.0)))
    root = root / np.linalg.norm(root, axis=1)[:, None]
    draws = rng.standard_normal((root.shape[1], DRAWS))
    return float(np.quantile(np.abs(root @ draws).max(axis=0), LEVEL))
