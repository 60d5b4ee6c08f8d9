"""Weights that make treated and untreated units alike in what is older than the treatment, and differences under them.

By the propensity; doubly robust, right if the propensity or the outcome regression is right; and entropy balancing, the
least uneven weights of untreated units under which moments agree exactly.
"""

from typing import Literal, get_args

import numpy as np

from shanhai.core.errors import SpecificationError
from shanhai.methods.adjustment.comparison import AdjustedEstimate, Comparison, adjusted, with_notes
from shanhai.methods.adjustment.overlap import Propensity, propensity
from shanhai.methods.arrays import Array, Codes, Flags

_Target = Literal["ATE", "ATT", "ATO"]

_HEAVY = 0.02
"""One row with more than this share of the weight of its arm is named in the notes."""

_NAMES = {"ATE": "inverse-probability weights", "ATT": "odds weights", "ATO": "overlap weights"}


def propensity_weights(given: Propensity, treated: Flags, target: _Target) -> Array:
    """Balancing weights h(e)/e of the treated and h(e)/(1-e) of the untreated (Li, Morgan & Zaslavsky 2018, table 1).

    Parameters
    ----------
    given : Propensity
    treated : n booleans
    target : {"ATE", "ATT", "ATO"}
        h = 1, e or e(1-e). Only overlap weights (ATO) are bounded, and with a logit they balance means exactly.

    Returns
    -------
    array, n
        Weights, zero or more.

    Raises
    ------
    SpecificationError
        If the target is another.

    Examples
    --------
    Treatment follows height; its effect is 1:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import build_comparison, propensity, propensity_weights
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
    >>> weights = propensity_weights(propensity(comparison), comparison.treated, "ATO")
    >>> bool((weights >= 0).all())
    True
    """
    if target not in get_args(_Target):
        raise SpecificationError(f"target is {target!r}; allowed: {', '.join(get_args(_Target))}. Name one of these.")
    e = given.score
    tilt = {"ATE": np.ones(len(e)), "ATT": e, "ATO": e * (1.0 - e)}[target]
    return np.where(treated, tilt / e, tilt / (1.0 - e))


def weighted_difference(comparison: Comparison, target: _Target = "ATO", moments: int = 2) -> AdjustedEstimate:
    """Difference of weighted means (Hajek), outcomes taken as deviations from the untreated mean of their group.

    The deviation changes nothing in large samples, where weighted groups have the same size in both arms, and keeps
    a level of a rich group out of the noise. Standard errors come from the influence function of both steps, so
    that the propensity counts as estimated (Lunceford & Davidian 2004), summed by cluster.

    Parameters
    ----------
    comparison : Comparison
    target : {"ATE", "ATT", "ATO"}
    moments : int
        1 or 2: terms of the covariates in the propensity.

    Returns
    -------
    AdjustedEstimate
        Unbiased if the logit is right and nothing else differs between the arms.

    Raises
    ------
    SpecificationError
        If there is no overlap, or the target is unknown.

    Examples
    --------
    Treatment follows height; its effect is 1:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import build_comparison, weighted_difference
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
    >>> round(weighted_difference(comparison).estimate, 1)
    1.0
    """
    given = propensity(comparison, moments)
    weights = propensity_weights(given, comparison.treated, target)
    outcome = _from_untreated_means(comparison)
    estimate, influence = 0.0, np.zeros(len(outcome))
    for side, sign in ((True, 1.0), (False, -1.0)):
        mean, values = _weighted_mean(comparison, given, outcome, side, target)
        estimate += sign * mean
        influence += sign * values
    result = adjusted(
        comparison, (_NAMES[target], target), (estimate, _clustered_se(influence, comparison.clusters)), weights
    )
    return with_notes(result, *_heavy(comparison, weights))


def _from_untreated_means(comparison: Comparison) -> Array:
    """Outcomes less the mean of the untreated rows of their group."""
    own = ~comparison.treated
    size = int(comparison.groups.max()) + 1
    total = np.bincount(comparison.groups[own], weights=comparison.outcome[own], minlength=size)
    return comparison.outcome - (total / np.bincount(comparison.groups[own], minlength=size))[comparison.groups]


def _weighted_mean(
    comparison: Comparison, given: Propensity, outcome: Array, side: bool, target: _Target
) -> tuple[float, Array]:
    """Weighted mean of one arm and its influence values, the estimation of the propensity included."""
    own = (comparison.treated == side).astype(float)
    weights = own * propensity_weights(given, comparison.treated, target)
    mean = float(weights @ outcome / weights.sum())
    slope = own * _slopes(given.score, side, target)
    score = (comparison.treated - given.score)[:, None] * given.design
    information = (given.design * (given.score * (1.0 - given.score))[:, None]).T @ given.design
    # the logit moves by information^-1 times score, the weight of each row by its slope in the linear index
    moved = score @ np.linalg.solve(information, given.design.T @ (slope * (outcome - mean)))
    return mean, (weights * (outcome - mean) + moved) * (len(outcome) / weights.sum())


def _slopes(e: Array, side: bool, target: _Target) -> Array:
    """Change of the weight of a row with the linear index of its propensity."""
    if target == "ATO":
        return e * (1.0 - e) * (-1.0 if side else 1.0)
    if target == "ATT":
        return np.zeros(len(e)) if side else e / (1.0 - e)
    return -(1.0 - e) / e if side else e / (1.0 - e)


def _heavy(comparison: Comparison, weights: Array) -> tuple[str, ...]:
    """Say so when single rows carry an arm."""
    notes = []
    for side, name in ((True, "treated"), (False, "untreated")):
        share = weights[comparison.treated == side] / weights[comparison.treated == side].sum()
        if share.max() > _HEAVY:
            notes.append(f"one {name} row carries {100 * share.max():.1f}% of the weight of its arm.")
    return tuple(notes)


_RobustTarget = Literal["ATE", "ATT"]

_ROBUST_NAMES = {"ATE": "doubly robust (AIPW), all", "ATT": "doubly robust (AIPW), treated"}


def doubly_robust_difference(
    comparison: Comparison, target: _RobustTarget = "ATT", moments: int = 2
) -> AdjustedEstimate:
    """Augmented inverse-probability weighting (Robins, Rotnitzky & Zhao 1994), clustered.

    The outcome regression has an intercept for each group and slopes of the moments for each arm; the propensity is a
    logit with the same terms. Weights are normalised to sum to the size of the target in each arm. Standard errors
    from the efficient influence function by cluster: they hold when both models are right or nearly so, because then
    errors of the two steps multiply.

    Parameters
    ----------
    comparison : Comparison
    target : {"ATE", "ATT"}
        Overlap weights (ATO) have no doubly robust form: their target itself depends on the propensity.
    moments : int
        1 or 2.

    Raises
    ------
    SpecificationError
        If the target is another, or there is no overlap.

    Examples
    --------
    Treatment follows height; its effect is 1:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import build_comparison, doubly_robust_difference
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
    >>> round(doubly_robust_difference(comparison).estimate, 1)
    1.0
    """
    if target not in get_args(_RobustTarget):
        raise SpecificationError(
            f"target is {target!r}; allowed: {', '.join(get_args(_RobustTarget))}. Name one; for ATO use weighting."
        )
    given = propensity(comparison, moments)
    weights = propensity_weights(given, comparison.treated, target)
    if_treated, if_not = _predicted_outcomes(comparison, moments)
    treated, untreated = comparison.treated, ~comparison.treated
    size = float(len(treated)) if target == "ATE" else float(treated.sum())
    left = _normalised(weights, treated, size) * (comparison.outcome - if_treated)
    right = _normalised(weights, untreated, size) * (comparison.outcome - if_not)
    if target == "ATE":
        values = if_treated - if_not + left - right
        estimate = float(values.mean())
        influence = values - estimate
    else:
        values = np.where(treated, comparison.outcome - if_not, -right)
        estimate = float(values.sum()) / size
        influence = (values - treated * estimate) * (len(treated) / size)
    return adjusted(
        comparison, (_ROBUST_NAMES[target], target), (estimate, _clustered_se(influence, comparison.clusters)), weights
    )


def _predicted_outcomes(comparison: Comparison, moments: int = 2) -> tuple[Array, Array]:
    """Outcome of each row if treated and if not, by least squares with common group intercepts and slopes by arm."""
    values = comparison.moments(moments)[0]

    def design(treated: Array) -> Array:
        side = treated[:, None]
        return np.column_stack([comparison.group_dummies, side, values, side * values])

    slopes = np.linalg.lstsq(design(comparison.treated.astype(float)), comparison.outcome, rcond=None)[0]
    n = len(comparison.outcome)
    return design(np.ones(n)) @ slopes, design(np.zeros(n)) @ slopes


def _normalised(weights: Array, own: Flags, size: float) -> Array:
    """Weights of one arm scaled to a sum; zero in the other arm."""
    part = np.where(own, weights, 0.0)
    return np.asarray(part * (size / part.sum()))


_TOLERANCE = 1e-9
"""Largest gap of a balanced moment, in standard deviations of the covariate."""

_MOST_STEPS = 200
"""Newton steps after which the moments of the treated count as out of reach."""


def entropy_weights(comparison: Comparison, moments: int = 2) -> Array:
    """Weights of the untreated rows that match the treated rows exactly (Hainmueller 2012).

    In every group the weights of the untreated sum to the number of treated rows, and over all groups the moments of
    the covariates agree; deviations from group means then agree too. Found by Newton's method on the convex dual.

    Parameters
    ----------
    comparison : Comparison
    moments : int
        1 for means, 2 for means and squares.

    Returns
    -------
    array of n weights
        One for treated rows; positive for untreated rows.

    Raises
    ------
    SpecificationError
        If no weights can match the moments (no overlap).

    Examples
    --------
    Treatment follows height; its effect is 1:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import build_comparison, entropy_weights
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
    >>> weights = entropy_weights(comparison)
    >>> weights.shape
    (400,)
    """
    values, names = comparison.moments(moments)
    controls = np.column_stack([comparison.group_dummies, values])[~comparison.treated]
    treated = np.column_stack([comparison.group_dummies, values])[comparison.treated]
    target = treated.sum(axis=0)
    groups = comparison.group_dummies.shape[1]
    outside = _outside(values[~comparison.treated], values[comparison.treated].mean(axis=0), names)
    if outside:
        raise _unreachable(comparison, outside)
    multipliers = np.zeros(controls.shape[1])
    multipliers[:groups] = np.log(target[:groups] / controls[:, :groups].sum(axis=0))
    for _ in range(_MOST_STEPS):
        own = np.exp(controls @ multipliers)
        gap = controls.T @ own - target
        if np.abs(gap).max() < _TOLERANCE * len(treated):
            weights = np.ones(len(comparison.treated))
            weights[~comparison.treated] = own
            return weights
        step = _newton_step(controls, own, gap)
        multipliers = _shortened(controls, target, multipliers, step)
    raise _unreachable(comparison, names)


def entropy_difference(comparison: Comparison, moments: int = 2) -> AdjustedEstimate:
    """Treated mean less the entropy-balanced mean of the untreated: an ATT.

    The estimate is unbiased if the logit of treatment *or* the outcome of untreated units is linear in the moments
    (Zhao & Percival 2017). Its influence function is that of the outcome regression under the weights, by cluster.

    Parameters
    ----------
    comparison : Comparison
    moments : int
        1: means are balanced; 2: variances too.

    Raises
    ------
    SpecificationError
        If no weights can match the moments.

    Examples
    --------
    Treatment follows height; its effect is 1:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import build_comparison, entropy_difference
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
    >>> round(entropy_difference(comparison).estimate, 1)
    1.1
    """
    weights = entropy_weights(comparison, moments)
    values = np.column_stack([comparison.group_dummies, comparison.moments(moments)[0]])
    own = ~comparison.treated
    root = np.sqrt(weights[own])
    slopes = np.linalg.lstsq(values[own] * root[:, None], comparison.outcome[own] * root, rcond=None)[0]
    rest = comparison.outcome - values @ slopes
    size = int(comparison.treated.sum())
    # moments agree, so the fitted parts cancel and residuals give the same difference as outcomes
    estimate = float(rest[comparison.treated].sum() - weights[own] @ rest[own]) / size
    influence = np.where(comparison.treated, rest - estimate, -weights * rest) * (len(rest) / size)
    se = _clustered_se(influence, comparison.clusters)
    return adjusted(comparison, ("entropy balancing", "ATT"), (estimate, se), weights)


def _outside(values: Array, target: Array, names: tuple[str, ...]) -> tuple[str, ...]:
    """Moments whose target lies beyond every untreated row."""
    beyond = (target < values.min(axis=0)) | (target > values.max(axis=0))
    return tuple(name for name, outside in zip(names, beyond, strict=True) if outside)


def _newton_step(controls: Array, own: Array, gap: Array) -> Array:
    """Newton's direction; least squares, because moments may repeat each other."""
    curvature = (controls * own[:, None]).T @ controls
    return np.asarray(np.linalg.lstsq(curvature, gap, rcond=None)[0])


def _shortened(controls: Array, target: Array, multipliers: Array, step: Array) -> Array:
    """Multipliers after the longest half, quarter, ... of the step that lowers the dual."""

    def dual(at: Array) -> float:
        index = controls @ at
        return float(np.exp(index).sum() - target @ at) if index.max() < 500 else np.inf

    before, length = dual(multipliers), 1.0
    while dual(multipliers - length * step) > before + 1e-12 * abs(before) and length > 1e-10:
        length /= 2.0
    return multipliers - length * step


def _unreachable(comparison: Comparison, names: tuple[str, ...]) -> SpecificationError:
    """The error of moments that no weights reach."""
    return SpecificationError(
        f"no overlap: no weights of {int((~comparison.treated).sum())} untreated rows match the treated rows in "
        f"{', '.join(names)} within {comparison.spec.fixed_effects[0]}; allowed: moments inside the range of the "
        "untreated. Take moments=1, fewer covariates, or a sample in which both kinds occur at the same terrain."
    )


def _clustered_se(influence: Array, clusters: Codes) -> float:
    """Standard error of a mean of influence values, clustered, with the factor G/(G-1)."""
    sums = np.bincount(clusters, weights=influence)
    count = len(sums)
    return float(np.sqrt(count / (count - 1) * (sums @ sums))) / len(influence)
