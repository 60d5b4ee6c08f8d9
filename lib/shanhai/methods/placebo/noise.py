"""The outcome replaced by spatial noise: how often a covariance finds an effect where there is none.

Kelly (2019) shows that many effects of geography and history are matched by noise with the spatial correlation of the
residuals. Two numbers follow for each covariance: how often its nominal 5 % test rejects when the outcome is noise (its
size), and how often noise gives a t-ratio as large as the data.

References
----------
Kelly, M. (2019), The standard errors of persistence, CEPR Discussion Paper 13783.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.placebo.surface import SpatialNoise, estimate_noise, simulate_noise
from shanhai.methods.regression.absorb import absorbed_leverage, within
from shanhai.methods.regression.covariance import Solution, estimate_covariance
from shanhai.methods.regression.design import Design, build_design, numbers
from shanhai.methods.regression.fit import fit, regression_basis
from shanhai.methods.regression.pairs import kernel_matrix
from shanhai.methods.regression.projection import independent_columns, rounding
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import CovarianceSpec, RegressionSpec

LEVEL = 0.05
"""Nominal size of the tests."""


def residual_noise(
    spec: RegressionSpec,
    frame: pd.DataFrame,
    seed: int = 2021,
    *,
    coordinates: tuple[str, str] = ("longitude", "latitude"),
    longest_km: float = 400.0,
) -> SpatialNoise:
    """Spatial correlation of the residuals of a regression; see :func:`~.surface.estimate_noise`.

    Parameters
    ----------
    spec, frame
    seed : int
        For the rows that are compared where there are thousands.
    coordinates : tuple of str
        Columns of longitude and latitude, in degrees.
    longest_km : float
        Longest distance compared.
    """
    result = fit(spec, frame)
    east, north = (numbers(frame, name)[result.rows] for name in coordinates)
    known = np.isfinite(east) & np.isfinite(north)
    rng = np.random.default_rng(seed)
    return estimate_noise(result.residuals[known], east[known], north[known], rng, longest_km=longest_km)


def noise_placebo(
    spec: RegressionSpec,
    frame: pd.DataFrame,
    covariances: Iterable[CovarianceSpec],
    noise: SpatialNoise,
    draws: int = 999,
    seed: int = 2021,
    *,
    term: str = "on_border",
    coordinates: tuple[str, str] = ("longitude", "latitude"),
) -> pd.DataFrame:
    """Size of the test of one coefficient under spatial noise, for several covariances on the same noise.

    Parameters
    ----------
    spec, frame
        The regression whose outcome is replaced; its own covariance plays no part.
    covariances : iterable of CovarianceSpec
        Any kind; two-way clusters count as not rejected where they give no variance.
    noise : SpatialNoise
        From :func:`residual_noise`, or named.
    draws, seed : int
    term : str
        Coefficient tested.
    coordinates : tuple of str
        Columns of longitude and latitude.

    Returns
    -------
    DataFrame, one row a covariance
        ``vcov``; ``rejected`` (percent of draws with p below 5 %) and its standard error ``rejected_error``; ``t``
        (of the data); ``larger`` (percent of draws with a t-ratio as large in absolute value); ``p`` ((1 + such draws)
        / (1 + draws)); ``t_spread`` (standard deviation of the t-ratios of noise, 1 where the covariance is right);
        ``draws``; ``share``, ``range_km`` of the noise.

    Raises
    ------
    SpecificationError
        If the coefficient is unknown, a used row has no coordinates, or the regression cannot be estimated.
    """
    east, north = (numbers(frame, name) for name in coordinates)
    known = np.flatnonzero(np.isfinite(east) & np.isfinite(north))
    surfaces = np.full((len(frame), draws), np.nan)
    surfaces[known] = simulate_noise(noise, east[known], north[known], draws, np.random.default_rng(seed))
    rows = []
    for covariance in covariances:
        result = fit(replace(spec, covariance=covariance), frame)
        place = result.tested(term)
        ratios, degrees = _noise_t(result, frame, surfaces, place)
        with np.errstate(invalid="ignore"):
            rejected = 2 * stats.t.sf(np.abs(ratios), degrees) < LEVEL
        large = int((np.abs(ratios) >= abs(result.t[place])).sum())
        share = float(rejected.mean())
        rows.append(
            {
                "vcov": result.vcov,
                "rejected": 100 * share,
                "rejected_error": 100 * float(np.sqrt(share * (1 - share) / draws)),
                "t": float(result.t[place]),
                "larger": 100 * large / draws,
                "p": (1 + large) / (1 + draws),
                "t_spread": float(np.nanstd(ratios)),
                "draws": draws,
                "n": result.n,
                "share": noise.share,
                "range_km": noise.range_km,
            }
        )
    return pd.DataFrame(rows)


def _noise_t(result: FitResult, frame: pd.DataFrame, surfaces: Array, place: int) -> tuple[Array, Array]:
    """t-ratios of one coefficient with each surface as outcome, and their degrees of freedom."""
    design = build_design(result.spec, frame)
    outcome = surfaces[design.rows]
    if not np.isfinite(outcome).all():
        lost = int((~np.isfinite(outcome[:, 0])).sum())
        raise SpecificationError(
            f"{lost} rows of the regression have no coordinates; allowed: degrees for each. Take them out by a filter."
        )
    basis, root, demeaned = _within(result, design, outcome)
    projected = basis.T @ demeaned
    estimates = root[place] @ projected
    residuals = demeaned - basis @ projected
    spec = result.spec.covariance
    if spec.kind == "conley":
        variance = _conley_variance(basis @ root[place], residuals, spec, design)
        return estimates / np.sqrt(np.where(variance > 0, variance, np.nan)), np.full(len(variance), result.df)
    ratios, degrees = np.empty(outcome.shape[1]), np.empty(outcome.shape[1])
    effects = design.effects if result.spec.fixed_effects else None
    leverage = absorbed_leverage(design.effects) if effects else np.zeros(len(basis))
    counted = len(result.names) + (result.absorbed if effects else 0)
    for number, left in enumerate(residuals.T):
        solution = Solution(basis, np.ascontiguousarray(left), root, leverage, counted, effects)
        estimated = estimate_covariance(solution, spec, design.clusters)
        ratios[number] = estimates[number] / np.sqrt(estimated.matrix[place, place])
        degrees[number] = result.df if estimated.degrees is None else estimated.degrees[place]
    return ratios, degrees


def _within(result: FitResult, design: Design, outcome: Array) -> tuple[Array, Array, Array]:
    """Basis of the regressors that the fit kept, its root, and outcomes within the effects times root of weights."""
    columns = [design.names.index(name) for name in result.names if name != "intercept"]
    used = replace(design, matrix=design.matrix[:, columns])
    weights = design.effects.weights
    both = within(np.column_stack([used.matrix, outcome]), design.effects) * np.sqrt(weights)[:, None]
    found = independent_columns(both[:, : len(columns)], rounding(used.matrix, weights))
    return *regression_basis(result.spec, used, found), both[:, len(columns) :]


def _conley_variance(influence: Array, residuals: Array, spec: CovarianceSpec, design: Design) -> Array:
    """Variance of the coefficient for all outcomes with one matrix of kernel weights."""
    assert design.coordinates is not None and spec.kernel is not None and spec.cutoff_km is not None
    weights = kernel_matrix(*design.coordinates, kernel=spec.kernel, cutoff_km=spec.cutoff_km)
    scores = influence[:, None] * residuals
    return np.einsum("ib,ib->b", scores, weights @ scores)
