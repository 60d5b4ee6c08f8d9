"""Difference-in-differences and event study of a policy panel, with permutation inference for few clusters.

Every estimate is least squares of a change on treatment, level and terrain, one row a unit. In the balanced panel this
equals the regression on unit effects, year effects, and level and terrain by year: what a year does to dim or rugged
places everywhere, a new sensor too, is held fixed year by year.

Permutation: with 26 treated units in six clusters a cluster covariance promises too much. Exchanging treatment
keeps the outcomes as they are and asks how large differences are when nothing was done. Units in strata: exact if any
unit of a stratum could have been treated as well. Whole clusters: each cluster keeps its units, the share of them that
is treated moves as a whole, so that shocks that a cluster shares stay in the draws.

Trends before the policy are tested jointly by the same draws. A test that finds nothing proves little when it could not
have found much (Roth 2022), so the trends that it would have missed are said too.

References
----------
Conley, T. G. & Taber, C. R. (2011), Inference with difference in differences with a small number of policy changes,
Review of Economics and Statistics 93(1). MacKinnon, J. G. & Webb, M. D. (2020), Randomization inference for
difference-in-differences with few treated clusters, Journal of Econometrics 218(2). Roth, J. (2022), Pretest with
caution, American Economic Review: Insights 4(3).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_array, as_codes, as_count, as_generator, as_share
from shanhai.methods.did._panel import PolicyDesign, PolicyPanel
from shanhai.methods.estimate import interval, two_sided_p
from shanhai.methods.placebo import RandomizationTest
from shanhai.methods.placebo.randomization import permutation_test, permutations, randomization_test
from shanhai.methods.regression.covariance import cluster_factor
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.projection import independent_columns, less_projection, rounding
from shanhai.methods.regression.results import FitResult
from shanhai.methods.regression.wild import WildResult, wild_bootstrap
from shanhai.methods.spec import ClusterFactor, CovarianceSpec, RegressionSpec, SampleSpec, Variable

_FACTOR: ClusterFactor = "CR1S"
"""Small-sample convention of the cluster covariances."""


@dataclass(frozen=True, repr=False)
class EventStudy(Shown):
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
    covariates : n x k, without intercept; k may be zero.

    Returns
    -------
    array of the shape of ``treated``
        They add up to zero, to one over the treated, and to zero with each covariate.

    Raises
    ------
    SpecificationError
        If a value is missing, rows differ in number, or covariates determine treatment.

    Examples
    --------
    >>> import numpy as np
    >>> from shanhai.methods.did import contrast
    >>> contrast(np.array([True, False, False]), np.empty((3, 0)))
    array([ 1. , -0.5, -0.5])
    """
    marks = as_array(treated, "the treatment")
    if np.shape(covariates)[1:] != (0,):
        covariates = as_array(covariates, "the covariates", axes=2)
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

    Parameters
    ----------
    panel : PolicyPanel
        Of :func:`build_panel`.

    Raises
    ------
    SpecificationError
        If there are fewer than two clusters, or treatment does not vary once level and terrain are held fixed.

    Examples
    --------
    Sixty units in three regions, of which ten gain 0.2 log points from 2015 on:

    >>> import numpy as np
    >>> from shanhai.methods.did import PolicyDesign, build_panel, event_study, simulated_policy
    >>> units, values = simulated_policy(np.random.default_rng(7))
    >>> design = PolicyDesign(2015, first_year=2011, last_year=2018, form="none", level_years=(2010, 2011))
    >>> panel = build_panel(design, units, values)
    >>> event_study(panel).to_frame()[["year", "estimate"]].round(2).tail(3)
       year  estimate
    5  2016      0.20
    6  2017      0.19
    7  2018      0.18
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


def effect(panel: PolicyPanel, change: Array | None = None) -> FitResult:
    """Difference-in-differences: mean change of the treated less that of the comparison, in the form of the design.

    Parameters
    ----------
    panel : PolicyPanel
    change : n changes, in the unit of the outcome; the mean over years from the policy on less the mean over all years
        before unless others are given, such as the change before the policy.

    Returns
    -------
    FitResult
        Its coefficient ``treated`` is the effect.

    Examples
    --------
    Sixty units in three regions, of which ten gain 0.2 log points from 2015 on:

    >>> import numpy as np
    >>> from shanhai.methods.did import PolicyDesign, build_panel, effect, simulated_policy
    >>> units, values = simulated_policy(np.random.default_rng(7))
    >>> design = PolicyDesign(2015, first_year=2011, last_year=2018, form="none", level_years=(2010, 2011))
    >>> panel = build_panel(design, units, values)
    >>> round(effect(panel).estimate("treated").value, 2)
    0.21
    """
    return fit(_effect_spec(panel), _change_frame(panel, change))


def _effect_spec(panel: PolicyPanel) -> RegressionSpec:
    """The regression behind :func:`effect`."""
    return RegressionSpec(
        outcome=Variable("change"),
        terms=(Variable("treated"),),
        sample=SampleSpec(panel.design.comparison, panel.design.comparison),
        covariance=CovarianceSpec("cluster", ("cluster",), _FACTOR),
        controls=tuple(Variable(name) for name in panel.held.columns),
        model="difference-in-differences",
    )


def _change_frame(panel: PolicyPanel, change: Array | None = None) -> pd.DataFrame:
    """Units of a panel with their ``change`` and what is held fixed."""
    return panel.units.assign(change=panel.change if change is None else change, **panel.held)


def wild_effect(panel: PolicyPanel, draws: int, seed: int, change: Array | None = None) -> WildResult:
    """Wild cluster bootstrap of the effect with the six-point weights for few clusters (Webb 2023).

    ``change`` as in :func:`effect`.

    Parameters
    ----------
    panel : PolicyPanel
        Of :func:`build_panel`.
    draws : int
        One or more.
    seed : int

    Raises
    ------
    SpecificationError
        If draws or seed are no whole numbers, or as in :func:`event_study`.

    Examples
    --------
    Sixty units in three regions, of which ten gain 0.2 log points from 2015 on:

    >>> import numpy as np
    >>> from shanhai.methods.did import PolicyDesign, build_panel, wild_effect, simulated_policy
    >>> units, values = simulated_policy(np.random.default_rng(7))
    >>> design = PolicyDesign(2015, first_year=2011, last_year=2018, form="none", level_years=(2010, 2011))
    >>> panel = build_panel(design, units, values)
    >>> wild_effect(panel, 99, seed=1).p < 0.2
    True
    """
    draws, seed = as_count(draws, "draws", least=1), as_count(seed, "the seed")
    return wild_bootstrap(
        _effect_spec(panel), _change_frame(panel, change), "treated", draws=draws, weights="webb", seed=seed
    )


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


LEAST_CLUSTERS = 6
"""Clusters below which whole clusters are not exchanged: four coefficients leave nothing to compare."""


@dataclass(frozen=True, repr=False)
class UnitPermutation(Shown):
    """The effect and the event study among those of treatments drawn by exchanging units within strata."""

    test: RandomizationTest
    """The effect, by its t-ratio."""
    years: tuple[int, ...]
    """T years of the window."""
    paths: Array
    """Draws x T differences by year against the reference year, each with treatment drawn anew."""


def permute_units(panel: PolicyPanel, draws: int, rng: np.random.Generator) -> UnitPermutation:
    """Exchange treatment between the units of a stratum (a matched pair, or units of like level).

    Parameters
    ----------
    panel : PolicyPanel
        Of :func:`build_panel`.
    draws : int
        Exchanges drawn, one or more.
    rng : Generator

    Raises
    ------
    SpecificationError
        If no stratum holds both treated and untreated units, or there are no draws.

    Examples
    --------
    Sixty units in three regions, of which ten gain 0.2 log points from 2015 on:

    >>> import numpy as np
    >>> from shanhai.methods.did import PolicyDesign, build_panel, permute_units, simulated_policy
    >>> units, values = simulated_policy(np.random.default_rng(7))
    >>> design = PolicyDesign(2015, first_year=2011, last_year=2018, form="none", level_years=(2010, 2011))
    >>> panel = build_panel(design, units, values)
    >>> permute_units(panel, 99, np.random.default_rng(0)).test.p
    0.01
    """
    rng, draws = as_generator(rng), as_count(draws, "draws", least=1)
    strata = as_codes(panel.units["stratum"], "the stratum")
    share = np.bincount(strata, weights=panel.treated) / np.bincount(strata)
    if not ((share > 0) & (share < 1)).any():
        raise SpecificationError(
            "no stratum holds treated and untreated units, so that nothing can change places; allowed: one such "
            "stratum or more. Take another comparison."
        )
    drawn = permutations(panel.treated.astype(np.float64), strata, draws, rng)
    test = randomization_test(_effect_spec(panel), _change_frame(panel), drawn, "treated")
    return UnitPermutation(test, panel.design.years, contrast(drawn, panel.covariates) @ panel.paths)


def permute_clusters(panel: PolicyPanel, draws: int, rng: np.random.Generator) -> RandomizationTest:
    """Exchange the treated share between whole clusters.

    Regression of the clusters' mean change on the share of their units that is treated and the means of what the form
    holds fixed, each cluster counted once, t-ratios with HC1. The slope is what full treatment of a cluster would do.

    Parameters
    ----------
    panel : PolicyPanel
        Of :func:`build_panel`.
    draws : int
        Exchanges drawn, one or more.
    rng : Generator

    Raises
    ------
    SpecificationError
        If there are fewer than six clusters, or the treated share is the same in all.

    Examples
    --------
    Sixty units in three regions, of which ten gain 0.2 log points from 2015 on:

    >>> import numpy as np
    >>> from shanhai.methods.did import PolicyDesign, build_panel, permute_clusters, simulated_policy
    >>> units, values = simulated_policy(np.random.default_rng(7))
    >>> design = PolicyDesign(2015, first_year=2011, last_year=2018, form="none", level_years=(2010, 2011))
    >>> panel = build_panel(design, units, values)
    >>> permute_clusters(panel, 99, np.random.default_rng(0)).p < 0.2
    True
    """
    rng, draws = as_generator(rng), as_count(draws, "draws", least=1)
    means = _cluster_means(panel)
    if len(means) < LEAST_CLUSTERS or means["treated"].nunique() < 2:
        raise SpecificationError(
            f"{len(means)} clusters with {means['treated'].nunique()} different treated shares; needed: "
            f"{LEAST_CLUSTERS} clusters or more that differ. Take a comparison with more clusters."
        )
    spec = RegressionSpec(
        outcome=Variable("change"),
        terms=(Variable("treated"),),
        sample=SampleSpec("clusters", "clusters"),
        covariance=CovarianceSpec("HC1"),
        controls=tuple(Variable(name) for name in panel.held.columns),
    )
    return permutation_test(spec, means, "treated", draws, rng)


def _cluster_means(panel: PolicyPanel) -> pd.DataFrame:
    """Clusters with the means of change, treatment and what is held fixed over their units."""
    columns = ["change", "treated", *panel.held.columns]
    units = _change_frame(panel).astype({"treated": "float64"})
    return units.groupby("cluster", sort=True)[columns].mean().reset_index()


_TIE = 1e-9
"""Difference (relative) below which two statistics are the same."""


_STEEPEST = 1e6
"""Slope, in standard deviations of the estimates, at which the search for a detectable trend gives up."""


@dataclass(frozen=True)
class PreTrend:
    """Joint test of the differences before the policy, and its power against straight trends."""

    years: tuple[int, ...]
    """Years before the reference year, which the test looks at."""
    statistic: float
    """Largest difference of these years in units of its standard deviation over draws."""
    p: float
    """(1 + draws with as large a statistic) / (1 + draws)."""
    slope_50: float
    """Straight trend, per year, that the 5 % test finds in half of the cases; infinite if none."""
    slope_80: float
    """The same in 80 % of the cases."""
    span: float
    """Years between the middle of the years before and of those from the policy on: a straight trend of one a year
    would pass for an effect of this size."""

    @property
    def hidden_50(self) -> float:
        """Bias of the effect under a trend that the test misses half of the time."""
        return self.slope_50 * self.span

    @property
    def hidden_80(self) -> float:
        """Bias of the effect under a trend that the test misses one time in five."""
        return self.slope_80 * self.span


def pre_trend(design: PolicyDesign, estimates: Array, permuted: UnitPermutation, level: float = 0.05) -> PreTrend:
    """Test that treated and comparison moved alike before the policy.

    Parameters
    ----------
    design : PolicyDesign
    estimates : T differences by year of the window, zero in the reference year.
    permuted : the same under drawn treatments.
    level : size of the test.

    Raises
    ------
    SpecificationError
        If the estimates or the drawn treatments do not belong to the years of the window.

    Examples
    --------
    Sixty units in three regions, of which ten gain 0.2 log points from 2015 on:

    >>> import numpy as np
    >>> from shanhai.methods.did import PolicyDesign, build_panel, event_study, permute_units, pre_trend
    >>> from shanhai.methods.did import simulated_policy
    >>> units, values = simulated_policy(np.random.default_rng(7))
    >>> design = PolicyDesign(2015, first_year=2011, last_year=2018, form="none", level_years=(2010, 2011))
    >>> panel = build_panel(design, units, values)
    >>> permuted = permute_units(panel, 99, np.random.default_rng(0))
    >>> type(pre_trend(design, event_study(panel).to_frame()["estimate"].to_numpy(), permuted)).__name__
    'PreTrend'
    """
    estimates, level = as_array(estimates, "the estimates", axes=1), as_share(level, "level")
    if len(estimates) != len(design.years) or permuted.years != design.years:
        raise SpecificationError(
            f"{len(estimates)} estimates for {len(design.years)} years; needed: one a year, zero in the reference "
            "year. Take the column estimate of EventStudy.to_frame()."
        )
    places = [place for place, year in enumerate(design.years) if year < design.reference]
    draws = permuted.paths[:, places]
    spread = draws.std(axis=0, ddof=1)
    largest = np.sort(np.abs(draws / spread).max(axis=1))
    statistic = float(np.abs(estimates[places] / spread).max())
    as_large = int((largest >= statistic * (1 - _TIE)).sum())
    critical = float(np.quantile(largest, 1 - level, method="higher"))
    distance = np.array([design.years[place] - design.reference for place in places], dtype=np.float64)
    slopes = [_detectable(draws, spread, distance, critical, power) for power in (0.5, 0.8)]
    span = float(np.mean(design.post_years) - np.mean(design.pre_years))
    years = tuple(design.years[place] for place in places)
    return PreTrend(years, statistic, (1 + as_large) / (1 + len(draws)), slopes[0], slopes[1], span)


def _detectable(draws: Array, spread: Array, distance: Array, critical: float, power: float) -> float:
    """Smallest slope that the test finds with a given power, by doubling and halving."""

    def found(slope: float) -> float:
        moved = np.abs((draws + slope * distance) / spread).max(axis=1)
        return float((moved > critical).mean())

    unit = float(np.min(spread / np.abs(distance)))
    high = unit
    while found(high) < power:
        high *= 2
        if high > _STEEPEST * unit:
            return float("inf")
    low = 0.0
    while high - low > 1e-6 * unit:
        middle = (low + high) / 2
        low, high = (low, middle) if found(middle) >= power else (middle, high)
    return high
