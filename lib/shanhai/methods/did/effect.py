"""Difference-in-differences and event study of a policy panel.

Every estimate is least squares of a change on treatment, level and terrain, one row a unit. In the balanced panel this
equals the regression on unit effects, year effects, and level and terrain by year: what a year does to dim or rugged
places everywhere, a new sensor too, is held fixed year by year.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_array, as_codes, as_count
from shanhai.methods.did.panel import PolicyPanel
from shanhai.methods.estimate import interval, two_sided_p
from shanhai.methods.regression.covariance import cluster_factor
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.projection import independent_columns, less_projection, rounding
from shanhai.methods.regression.results import FitResult
from shanhai.methods.regression.wild import WildResult, wild_bootstrap
from shanhai.methods.spec import ClusterFactor, CovarianceSpec, RegressionSpec, SampleSpec, Variable

_FACTOR: ClusterFactor = "CR1S"
"""Small-sample convention of the cluster covariances."""


@dataclass(frozen=True)
class EventStudy:
    """Differences between treated and comparison, by year, against the last year before the policy."""

    panel: PolicyPanel
    """What was estimated on."""
    years: tuple[int, ...]
    """m years of the window without the reference."""
    estimates: Array
    """m differences, in the unit of the outcome."""
    covariance: Array
    """m x m, clustered; at most of rank G."""
    clusters: int
    """G clusters."""

    @property
    def is_pre(self) -> NDArray[np.bool_]:
        """Which of the m years lie before the policy."""
        return np.array([year < self.panel.design.policy_year for year in self.years])

    @property
    def df(self) -> int:
        """Degrees of freedom of t: clusters less one."""
        return self.clusters - 1

    def to_frame(self) -> pd.DataFrame:
        """One row a year of the window: year, estimate, se, p, low, high (95 %), is_pre; zero in the reference year."""
        se = np.sqrt(np.diag(self.covariance))
        low, high = interval(self.estimates, se, self.df)
        p = two_sided_p(self.estimates / se, self.df)
        columns = {"year": self.years, "estimate": self.estimates, "se": se, "p": p}
        bounds = {"low": low, "high": high, "is_pre": self.is_pre}
        found = pd.DataFrame({**columns, **bounds})
        reference = {"year": self.panel.design.reference, "estimate": 0.0, "low": 0.0, "high": 0.0, "is_pre": True}
        return pd.concat([found, pd.DataFrame([reference])]).sort_values("year", ignore_index=True)


def contrast(treated: NDArray[np.generic], covariates: Array) -> Array:
    """Weights of the units whose sum with any outcome is the coefficient of treatment, held fixed the covariates.

    Parameters
    ----------
    treated : n marks, or draws x n.
    covariates : n x k, without intercept.

    Returns
    -------
    array of the shape of ``treated``
        They add up to zero, to one over the treated, and to zero with each covariate.

    Raises
    ------
    SpecificationError
        If a value is missing, rows differ in number, or covariates determine treatment.
    """
    marks, covariates = as_array(treated, "the treatment"), as_array(covariates, "the covariates", axes=2)
    if marks.shape[-1] != len(covariates):
        raise SpecificationError(
            f"{marks.shape[-1]} marks of treatment for {len(covariates)} rows of covariates; allowed: one for each. "
            "Take both from one frame."
        )
    left = less_projection(marks.T, _basis(covariates)).T
    size = (left**2).sum(axis=-1, keepdims=True)
    if (size <= 1e-12 * len(covariates)).any():
        raise SpecificationError(
            f"{int((size <= 1e-12 * len(covariates)).sum())} treatments are the same for all {len(covariates)} units "
            "or follow from the covariates; needed: treatment that varies. Take another comparison, or fewer "
            "covariates."
        )
    return np.asarray(left / size)


def event_study(panel: PolicyPanel) -> EventStudy:
    """Differences by year with their joint cluster covariance.

    Raises
    ------
    SpecificationError
        If there are fewer than two clusters, or treatment does not vary once level and terrain are held fixed.
    """
    codes = as_codes(panel.units["cluster"], "the cluster")
    groups, n = int(codes.max()) + 1, len(codes)
    _require_variation(panel, groups)
    used = [place for place, year in enumerate(panel.design.years) if year != panel.design.reference]
    paths = panel.paths[:, used]
    weights = contrast(panel.treated, panel.covariates)
    regressors = np.column_stack([panel.treated, panel.covariates])
    residuals = less_projection(paths, _basis(regressors))
    scores = weights[:, None] * residuals
    sums = np.column_stack([np.bincount(codes, weights=column, minlength=groups) for column in scores.T])
    factor = cluster_factor(_FACTOR, groups, n, regressors.shape[1] + 1)
    years = tuple(panel.design.years[place] for place in used)
    return EventStudy(panel, years, weights @ paths, factor * sums.T @ sums, groups)


def effect(panel: PolicyPanel) -> FitResult:
    """Difference-in-differences: mean change of the treated less that of the comparison, level and terrain held fixed.

    The coefficient ``treated`` is the mean over years from the policy on less the mean over all years before.
    """
    return fit(effect_spec(panel), change_frame(panel))


def effect_spec(panel: PolicyPanel) -> RegressionSpec:
    """The regression behind :func:`effect`."""
    return RegressionSpec(
        outcome=Variable("change"),
        terms=(Variable("treated"),),
        sample=SampleSpec(panel.design.comparison, panel.design.comparison),
        covariance=CovarianceSpec("cluster", ("cluster",), _FACTOR),
        controls=(Variable("level"), Variable("terrain")),
        model="difference-in-differences",
    )


def change_frame(panel: PolicyPanel) -> pd.DataFrame:
    """Units of a panel with their ``change``."""
    return panel.units.assign(change=panel.change)


def wild_effect(panel: PolicyPanel, draws: int, seed: int) -> WildResult:
    """Wild cluster bootstrap of the effect with the six-point weights for few clusters (Webb 2023).

    Raises
    ------
    SpecificationError
        If draws or seed are no whole numbers, or as in :func:`event_study`.
    """
    draws, seed = as_count(draws, "draws", least=1), as_count(seed, "the seed")
    return wild_bootstrap(effect_spec(panel), change_frame(panel), "treated", draws=draws, weights="webb", seed=seed)


def _basis(covariates: Array) -> Array:
    """Orthonormal basis of an intercept and the covariates."""
    ones = np.ones(len(covariates))
    centred = covariates - covariates.mean(axis=0)
    floor = np.append(0.0, rounding(covariates, ones))
    return independent_columns(np.column_stack([ones, centred - centred.mean(axis=0)]), floor).basis


def _require_variation(panel: PolicyPanel, groups: int) -> None:
    marks = panel.treated.astype(np.float64)
    left = less_projection(marks, _basis(panel.covariates))
    if groups < 2 or left @ left < 1e-8 * len(marks):
        raise SpecificationError(
            f"{groups} clusters; treated {int(marks.sum())} of {len(marks)} units; needed: two clusters or more, and "
            "treatment that level and terrain do not determine. Take another comparison."
        )
