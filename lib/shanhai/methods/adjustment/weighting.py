"""Weights that make border and interior units alike in what is older than the border, and differences under them."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from shanhai.core.errors import SpecificationError
from shanhai.methods.adjustment.arms import AdjustedEstimate, Arms, adjusted, clustered_se, with_notes
from shanhai.methods.adjustment.overlap import Propensity, propensity
from shanhai.methods.arrays import Array

Target = Literal["ATE", "ATT", "ATO"]

HEAVY = 0.02
"""One row with more than this share of the weight of its arm is named in the notes."""

_NAMES: dict[str, tuple[str, str]] = {
    "ATE": ("inverse-probability weights", "逆概率加权"),
    "ATT": ("odds weights", "处理组赔率加权"),
    "ATO": ("overlap weights", "重叠加权"),
}


def propensity_weights(given: Propensity, treated: NDArray[np.bool_], target: Target) -> Array:
    """Balancing weights h(e)/e of the treated and h(e)/(1-e) of the untreated (Li, Morgan & Zaslavsky 2018, table 1).

    Parameters
    ----------
    given : Propensity
    treated : n booleans
    target : {"ATE", "ATT", "ATO"}
        h = 1, e or e(1-e). Only overlap weights (ATO) are bounded, and with a logit they balance means exactly.

    Raises
    ------
    SpecificationError
        If the target is another.
    """
    if target not in get_args(Target):
        raise SpecificationError(f"target is {target!r}; allowed: {', '.join(get_args(Target))}. Name one of these.")
    e = given.score
    tilt = {"ATE": np.ones(len(e)), "ATT": e, "ATO": e * (1.0 - e)}[target]
    return np.where(treated, tilt / e, tilt / (1.0 - e))


def weighted_difference(arms: Arms, target: Target = "ATO", moments: int = 2) -> AdjustedEstimate:
    """Difference of weighted means (Hajek), outcomes taken as deviations from the untreated mean of their group.

    The deviation changes nothing in large samples, where weighted groups have the same size in both arms, and keeps
    a level of a rich province out of the noise. Standard errors come from the influence function of both steps, so
    that the propensity counts as estimated (Lunceford & Davidian 2004), summed by cluster.

    Parameters
    ----------
    arms : Arms
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
    """
    given = propensity(arms, moments)
    weights = propensity_weights(given, arms.treated, target)
    outcome = _from_untreated_means(arms)
    estimate, influence = 0.0, np.zeros(len(outcome))
    for side, sign in ((True, 1.0), (False, -1.0)):
        mean, values = _weighted_mean(arms, given, outcome, side, target)
        estimate += sign * mean
        influence += sign * values
    result = adjusted(arms, (*_NAMES[target], target), (estimate, clustered_se(influence, arms.clusters)), weights)
    return with_notes(result, *_heavy(arms, weights))


def _from_untreated_means(arms: Arms) -> Array:
    """Outcomes less the mean of the untreated rows of their group."""
    own = ~arms.treated
    size = int(arms.groups.max()) + 1
    total = np.bincount(arms.groups[own], weights=arms.outcome[own], minlength=size)
    return arms.outcome - (total / np.bincount(arms.groups[own], minlength=size))[arms.groups]


def _weighted_mean(arms: Arms, given: Propensity, outcome: Array, side: bool, target: Target) -> tuple[float, Array]:
    """Weighted mean of one arm and its influence values, the estimation of the propensity included."""
    own = (arms.treated == side).astype(float)
    weights = own * propensity_weights(given, arms.treated, target)
    mean = float(weights @ outcome / weights.sum())
    slope = own * _slopes(given.score, side, target)
    score = (arms.treated - given.score)[:, None] * given.design
    information = (given.design * (given.score * (1.0 - given.score))[:, None]).T @ given.design
    # the logit moves by information^-1 times score, the weight of each row by its slope in the linear index
    moved = score @ np.linalg.solve(information, given.design.T @ (slope * (outcome - mean)))
    return mean, (weights * (outcome - mean) + moved) * (len(outcome) / weights.sum())


def _slopes(e: Array, side: bool, target: Target) -> Array:
    """Change of the weight of a row with the linear index of its propensity."""
    if target == "ATO":
        return e * (1.0 - e) * (-1.0 if side else 1.0)
    if target == "ATT":
        return np.zeros(len(e)) if side else e / (1.0 - e)
    return -(1.0 - e) / e if side else e / (1.0 - e)


def _heavy(arms: Arms, weights: Array) -> tuple[str, ...]:
    """Say so when single rows carry an arm."""
    notes = []
    for side, name in ((True, "treated"), (False, "untreated")):
        share = weights[arms.treated == side] / weights[arms.treated == side].sum()
        if share.max() > HEAVY:
            notes.append(f"one {name} row carries {100 * share.max():.1f}% of the weight of its arm.")
    return tuple(notes)
