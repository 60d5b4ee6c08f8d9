"""Doubly robust differences: right if the propensity or the outcome regression is right."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from shanhai.core.errors import SpecificationError
from shanhai.methods.adjustment.arms import AdjustedEstimate, Arms, adjusted, clustered_se
from shanhai.methods.adjustment.overlap import propensity
from shanhai.methods.adjustment.weighting import propensity_weights
from shanhai.methods.arrays import Array

RobustTarget = Literal["ATE", "ATT"]

_NAMES: dict[str, tuple[str, str]] = {
    "ATE": ("doubly robust (AIPW), all", "双重稳健，全体"),
    "ATT": ("doubly robust (AIPW), treated", "双重稳健，处理组"),
}


def doubly_robust_difference(arms: Arms, target: RobustTarget = "ATT", moments: int = 2) -> AdjustedEstimate:
    """Augmented inverse-probability weighting (Robins, Rotnitzky & Zhao 1994), clustered.

    The outcome regression has an intercept for each group and slopes of the moments for each arm; the propensity is a
    logit with the same terms. Weights are normalised to sum to the size of the target in each arm. Standard errors
    from the efficient influence function by cluster: they hold when both models are right or nearly so, because then
    errors of the two steps multiply.

    Parameters
    ----------
    arms : Arms
    target : {"ATE", "ATT"}
        Overlap weights (ATO) have no doubly robust form: their target itself depends on the propensity.
    moments : int
        1 or 2.

    Raises
    ------
    SpecificationError
        If the target is another, or there is no overlap.
    """
    if target not in get_args(RobustTarget):
        raise SpecificationError(
            f"target is {target!r}; allowed: {', '.join(get_args(RobustTarget))}. Name one; for ATO use weighting."
        )
    given = propensity(arms, moments)
    weights = propensity_weights(given, arms.treated, target)
    if_treated, if_not = predicted_outcomes(arms, moments)
    one, other = arms.treated, ~arms.treated
    size = float(len(one)) if target == "ATE" else float(one.sum())
    left = _normalised(weights, one, size) * (arms.outcome - if_treated)
    right = _normalised(weights, other, size) * (arms.outcome - if_not)
    if target == "ATE":
        values = if_treated - if_not + left - right
        estimate = float(values.mean())
        influence = values - estimate
    else:
        values = np.where(one, arms.outcome - if_not, -right)
        estimate = float(values.sum()) / size
        influence = (values - one * estimate) * (len(one) / size)
    return adjusted(arms, (*_NAMES[target], target), (estimate, clustered_se(influence, arms.clusters)), weights)


def predicted_outcomes(arms: Arms, moments: int = 2) -> tuple[Array, Array]:
    """Outcome of each row if treated and if not, by least squares with common group intercepts and slopes by arm."""
    values = arms.moments(moments)[0]

    def design(treated: Array) -> Array:
        side = treated[:, None]
        return np.column_stack([arms.group_dummies, side, values, side * values])

    slopes = np.linalg.lstsq(design(arms.treated.astype(float)), arms.outcome, rcond=None)[0]
    n = len(arms.outcome)
    return design(np.ones(n)) @ slopes, design(np.zeros(n)) @ slopes


def _normalised(weights: Array, own: NDArray[np.bool_], size: float) -> Array:
    """Weights of one arm scaled to a sum; zero in the other arm."""
    part = np.where(own, weights, 0.0)
    return np.asarray(part * (size / part.sum()))
