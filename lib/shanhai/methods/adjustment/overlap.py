"""Overlap of treated and untreated units: who has a counterpart on the other side, and who has none."""

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from statsmodels.tools.sm_exceptions import (
    ConvergenceWarning,
    HessianInversionWarning,
    PerfectSeparationError,
    PerfectSeparationWarning,
)

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.adjustment.comparison import Comparison, build_comparison
from shanhai.methods.arrays import Array, Codes, Flags
from shanhai.methods.regression.absorb import group_means
from shanhai.methods.regression.design import numbers
from shanhai.methods.spec import Variable

_TRIM = 0.1
"""Propensities below this, or above one less this, are the rule-of-thumb trimming of Crump et al. (2009)."""

_CERTAIN = 1e-6
"""A propensity this close to 0 or 1 means that the covariates decide the treatment."""


@dataclass(frozen=True, repr=False)
class Propensity(Shown):
    """Probability of treatment given covariates and group, by a logit with one intercept a group; n rows."""

    score: Array
    """n probabilities."""
    design: Array
    """n x K: dummies of the groups, then the moments of the covariates."""
    moments: int
    """1 for the covariates, 2 with their squares."""


@dataclass(frozen=True)
class Overlap:
    """How much of the sample can be compared."""

    n_treated: int
    """Treated rows."""
    n_control: int
    """Untreated rows."""
    support_treated: float
    """Percent of treated rows whose propensity lies within the range of the untreated rows of their group."""
    support_control: float
    """Percent of untreated rows within the range of the treated rows of their group."""
    trimmed: float
    """Percent of all rows with a propensity outside 0.1 to 0.9 (Crump et al. 2009)."""
    overlap: float
    """Share that the two distributions of the propensity have in common, 0 to 1 (histogram of 20 classes)."""
    auc: float
    """Probability that a treated row has a higher propensity than an untreated one; 0.5 when terrain tells nothing."""


def propensity(comparison: Comparison, moments: int = 2) -> Propensity:
    """Logit of treatment on covariates with one intercept a group, by maximum likelihood (Rosenbaum & Rubin 1983).

    Parameters
    ----------
    comparison : Comparison
    moments : int
        1 or 2.

    Raises
    ------
    SpecificationError
        If covariates decide the treatment (no overlap), or determine each other.

    Examples
    --------
    Treatment follows height; its effect is 1:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import build_comparison, propensity
    >>> rng = np.random.default_rng(0)
    >>> height = rng.normal(size=400)
    >>> frame = pd.DataFrame({"height": height, "treated": rng.uniform(size=400) < 1 / (1 + np.exp(-height))})
    >>> frame["y"] = frame["treated"] - 0.5 * height + rng.normal(0, 0.3, 400)
    >>> frame["group"], frame["town"] = np.arange(400) % 2, np.arange(400) % 40
    >>> spec = RegressionSpec(
    ...     Variable("y"),
    ...     (Variable("treated"),),
    ...     SampleSpec("all"),
    ...     CovarianceSpec("cluster", ("town",), "CR1S"),
    ...     controls=(Variable("height"),),
    ...     fixed_effects=("group",),
    ... )
    >>> comparison = build_comparison(spec, frame)
    >>> given = propensity(comparison)
    >>> bool(given.score.min() > 0)
    True
    """
    values, names = comparison.moments(moments)
    design = np.column_stack([comparison.group_dummies, values])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise SpecificationError(
            f"covariates {', '.join(names)} determine each other within groups; allowed: covariates with variation of "
            "their own. Leave one out, or take moments=1."
        )
    with warnings.catch_warnings():
        for kind in (PerfectSeparationWarning, ConvergenceWarning, HessianInversionWarning, RuntimeWarning):
            warnings.simplefilter("error", kind)
        try:
            score = sm.Logit(comparison.treated.astype(float), design).fit(disp=False, maxiter=100).predict()
        except (
            PerfectSeparationError,
            PerfectSeparationWarning,
            ConvergenceWarning,
            HessianInversionWarning,
            RuntimeWarning,
            np.linalg.LinAlgError,
        ) as reason:
            raise _no_overlap(comparison, names) from reason
    if min(score.min(), 1.0 - score.max()) < _CERTAIN:
        raise _no_overlap(comparison, names)
    return Propensity(np.asarray(score), design, moments)


def measure_overlap(comparison: Comparison, given: Propensity) -> Overlap:
    """Common support within groups, trimming, and how well covariates tell the arms apart.

    Ranges are taken within each group, such as a state: the comparison that the fixed effects make.

    Source of the trimming: Crump, Hotz, Imbens & Mitnik (2009).

    Parameters
    ----------
    comparison : Comparison
    given : Propensity
        Of the same comparison.

    Examples
    --------
    Treatment follows height; its effect is 1:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import build_comparison, measure_overlap, propensity
    >>> rng = np.random.default_rng(0)
    >>> height = rng.normal(size=400)
    >>> frame = pd.DataFrame({"height": height, "treated": rng.uniform(size=400) < 1 / (1 + np.exp(-height))})
    >>> frame["y"] = frame["treated"] - 0.5 * height + rng.normal(0, 0.3, 400)
    >>> frame["group"], frame["town"] = np.arange(400) % 2, np.arange(400) % 40
    >>> spec = RegressionSpec(
    ...     Variable("y"),
    ...     (Variable("treated"),),
    ...     SampleSpec("all"),
    ...     CovarianceSpec("cluster", ("town",), "CR1S"),
    ...     controls=(Variable("height"),),
    ...     fixed_effects=("group",),
    ... )
    >>> comparison = build_comparison(spec, frame)
    >>> found = measure_overlap(comparison, propensity(comparison))
    >>> found.n_treated, found.n_control, round(found.auc, 2)
    (189, 211, 0.73)
    """
    inside = np.zeros(len(given.score), dtype=bool)
    for group in range(int(comparison.groups.max()) + 1):
        for side in (True, False):
            own = (comparison.groups == group) & (comparison.treated == side)
            other = given.score[(comparison.groups == group) & (comparison.treated != side)]
            inside[own] = (given.score[own] >= other.min()) & (given.score[own] <= other.max())
    edges = np.linspace(0.0, 1.0, 21)
    left, right = (np.histogram(given.score[comparison.treated == side], edges)[0] for side in (True, False))
    ranks = pd.Series(given.score).rank().to_numpy()
    treated = int(comparison.treated.sum())
    control = len(comparison.treated) - treated
    return Overlap(
        n_treated=treated,
        n_control=control,
        support_treated=100.0 * float(inside[comparison.treated].mean()),
        support_control=100.0 * float(inside[~comparison.treated].mean()),
        trimmed=100.0 * float(((given.score < _TRIM) | (given.score > 1.0 - _TRIM)).mean()),
        overlap=float(np.minimum(left / treated, right / control).sum()),
        auc=float((ranks[comparison.treated].sum() - treated * (treated + 1) / 2) / (treated * control)),
    )


def distributions(
    comparison: Comparison, frame: pd.DataFrame, variables: Iterable[Variable], bins: int = 30
) -> pd.DataFrame:
    """Histograms of both arms, each value as its deviation from the mean of its group.

    Parameters
    ----------
    comparison : Comparison
    frame : DataFrame
        The one that the comparison was built of.
    variables : iterable of Variable
    bins : int
        Number of bars of each histogram.

    Returns
    -------
    DataFrame
        variable, treated, low, high (in the unit of the transformed variable), share (0 to 1, sums to one in an arm).

    Raises
    ------
    SpecificationError
        If a column is absent or not defined for a row, or the comparison was built of another frame.

    Examples
    --------
    Treatment follows height; its effect is 1:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import build_comparison, distributions
    >>> rng = np.random.default_rng(0)
    >>> height = rng.normal(size=400)
    >>> frame = pd.DataFrame({"height": height, "treated": rng.uniform(size=400) < 1 / (1 + np.exp(-height))})
    >>> frame["y"] = frame["treated"] - 0.5 * height + rng.normal(0, 0.3, 400)
    >>> frame["group"], frame["town"] = np.arange(400) % 2, np.arange(400) % 40
    >>> spec = RegressionSpec(
    ...     Variable("y"),
    ...     (Variable("treated"),),
    ...     SampleSpec("all"),
    ...     CovarianceSpec("cluster", ("town",), "CR1S"),
    ...     controls=(Variable("height"),),
    ...     fixed_effects=("group",),
    ... )
    >>> comparison = build_comparison(spec, frame)
    >>> distributions(comparison, frame, spec.controls, bins=2).round(2).head(2)
      variable  treated   low  high  share
    0   height     True -3.80 -0.38   0.21
    1   height     True -0.38  3.04   0.79
    """
    _require_same_comparison(comparison, frame)
    tables = []
    for variable in variables:
        values = _column(comparison, frame, variable)
        keep = np.isfinite(values)
        inside = _within(values[keep], comparison.groups[keep])
        edges = np.histogram_bin_edges(inside, bins)
        for side in (True, False):
            count = np.histogram(inside[comparison.treated[keep] == side], edges)[0]
            part = {"variable": variable.name, "treated": side, "low": edges[:-1], "high": edges[1:]}
            tables.append(pd.DataFrame({**part, "share": count / count.sum()}))
    return pd.concat(tables, ignore_index=True)


def balance_table(
    comparison: Comparison, frame: pd.DataFrame, variables: Iterable[Variable], schemes: Mapping[str, Array]
) -> pd.DataFrame:
    """Standardised differences within groups, before and after weighting, for a love plot.

    The difference of the weighted means of each group is averaged over groups by the weight of their treated rows, and
    divided by the standard deviation within group and arm *before* weighting (Stuart 2010), so a scheme cannot look
    better by making that deviation larger. Variables beyond the covariates show what the adjustment left alone.

    Parameters
    ----------
    comparison : Comparison
    frame : DataFrame
    variables : iterable of Variable
    schemes : mapping of name to n weights
        Rows of weight zero are not used; "unweighted" is added in front.

    Returns
    -------
    DataFrame
        variable, scheme, difference_sd (signed), variance_ratio (treated over untreated within groups; missing where
        the untreated do not vary), n.

    Raises
    ------
    SpecificationError
        If a column is absent or not defined for a row, a variable does not vary within groups and arms, or the
        comparison was built of another frame.

    Examples
    --------
    Treatment follows height; its effect is 1:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import balance_table, build_comparison, entropy_weights
    >>> rng = np.random.default_rng(0)
    >>> height = rng.normal(size=400)
    >>> frame = pd.DataFrame({"height": height, "treated": rng.uniform(size=400) < 1 / (1 + np.exp(-height))})
    >>> frame["y"] = frame["treated"] - 0.5 * height + rng.normal(0, 0.3, 400)
    >>> frame["group"], frame["town"] = np.arange(400) % 2, np.arange(400) % 40
    >>> spec = RegressionSpec(
    ...     Variable("y"),
    ...     (Variable("treated"),),
    ...     SampleSpec("all"),
    ...     CovarianceSpec("cluster", ("town",), "CR1S"),
    ...     controls=(Variable("height"),),
    ...     fixed_effects=("group",),
    ... )
    >>> comparison = build_comparison(spec, frame)
    >>> balance_table(comparison, frame, spec.controls, {"entropy": entropy_weights(comparison)}).round(2)
      variable      scheme  difference_sd  variance_ratio    n
    0   height  unweighted           0.88             1.0  400
    1   height     entropy           0.00             1.0  400
    """
    _require_same_comparison(comparison, frame)
    rows = []
    for variable in variables:
        values = _column(comparison, frame, variable)
        keep = np.isfinite(values)
        cut = (values[keep], comparison.treated[keep], comparison.groups[keep])
        spread = float(np.sqrt(np.mean([_spread(*cut, np.ones(keep.sum()), side) for side in (True, False)])))
        if not spread > 0:
            raise SpecificationError(
                f"{variable.name!r} does not vary within groups and arms, so no difference can be standardised; "
                "allowed: a column that varies there. Leave it out, or widen the sample."
            )
        for scheme, weights in {"unweighted": np.ones(len(values)), **schemes}.items():
            part = weights[keep]
            above, below = (_spread(*cut, part, side) for side in (True, False))
            rows.append(
                {
                    "variable": variable.name,
                    "scheme": scheme,
                    "difference_sd": _within_difference(*cut, part) / spread,
                    "variance_ratio": above / below if below > 0 else np.nan,
                    "n": int((part > 0).sum()),
                }
            )
    return pd.DataFrame(rows)


def _within_difference(values: Array, treated: Flags, groups: Codes, weights: Array) -> float:
    """Differences of weighted means, treated less untreated, averaged over groups by the weight of the treated.

    Groups in which an arm has no weight cannot be compared and take no part.
    """
    size = int(groups.max()) + 1
    mass, means = [], []
    for side in (True, False):
        own = np.where(treated == side, weights, 0.0)
        mass.append(np.bincount(groups, weights=own, minlength=size))
        means.append(np.bincount(groups, weights=own * values, minlength=size))
    both = (mass[0] > 0) & (mass[1] > 0)
    difference = means[0][both] / mass[0][both] - means[1][both] / mass[1][both]
    return float(np.average(difference, weights=mass[0][both]))


def _column(comparison: Comparison, frame: pd.DataFrame, variable: Variable) -> Array:
    """A variable over the rows of a comparison, under its transformation; not a number where it is not defined."""
    values = numbers(frame.iloc[comparison.rows], variable.column)
    return np.log(np.where(values > 0, values, np.nan)) if variable.transform == "log" else values


def _within(values: Array, groups: Codes) -> Array:
    """Deviations from the means of the groups."""
    codes = np.unique(groups, return_inverse=True)[1].astype(np.int64)
    return values - group_means(values[:, None], codes, np.ones(len(values)))[:, 0]


def _spread(values: Array, treated: Flags, groups: Codes, weights: Array, side: bool) -> float:
    """Weighted variance within the groups of one arm."""
    own = (treated == side) & (weights > 0)
    codes = np.unique(groups[own], return_inverse=True)[1].astype(np.int64)
    deviations = values[own] - group_means(values[own][:, None], codes, weights[own])[:, 0]
    return float(np.average(deviations**2, weights=weights[own]))


def _no_overlap(comparison: Comparison, names: tuple[str, ...]) -> SpecificationError:
    """The error of a comparison without a common region."""
    return SpecificationError(
        f"no overlap: {', '.join(names)} decide {comparison.spec.term_names[0]!r} "
        f"({int(comparison.treated.sum())} treated of {len(comparison.treated)} rows); allowed: covariates under "
        "which both kinds occur. Leave out the covariate that defines the treatment, use fewer moments, or compare a "
        "narrower sample."
    )


def _require_same_comparison(comparison: Comparison, frame: pd.DataFrame) -> None:
    """Refuse a frame that is not the one that a comparison was built of.

    Raises
    ------
    SpecificationError
    """
    again = build_comparison(comparison.spec, frame)
    if not (np.array_equal(again.rows, comparison.rows) and np.array_equal(again.outcome, comparison.outcome)):
        raise SpecificationError(
            f"the comparison was built of another frame ({len(comparison.rows)} rows, here {len(again.rows)}); "
            "allowed: that frame, its rows in the same order. Pass it, or build the comparison of this one."
        )
