"""Entropy balancing: the least uneven weights of untreated units under which moments agree exactly."""

import numpy as np

from shanhai.core.errors import SpecificationError
from shanhai.methods.adjustment.arms import AdjustedEstimate, Arms, adjusted, clustered_se
from shanhai.methods.arrays import Array

TOLERANCE = 1e-9
"""Largest gap of a balanced moment, in standard deviations of the covariate."""

MOST_STEPS = 200
"""Newton steps after which the moments of the treated count as out of reach."""


def entropy_weights(arms: Arms, moments: int = 2) -> Array:
    """Weights of the untreated rows that match the treated rows exactly (Hainmueller 2012).

    In every group the weights of the untreated sum to the number of treated rows, and over all groups the moments of
    the covariates agree; deviations from group means then agree too. Found by Newton's method on the convex dual.

    Parameters
    ----------
    arms : Arms
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
    """
    values, names = arms.moments(moments)
    controls = np.column_stack([arms.group_dummies, values])[~arms.treated]
    treated = np.column_stack([arms.group_dummies, values])[arms.treated]
    target = treated.sum(axis=0)
    groups = arms.group_dummies.shape[1]
    outside = _outside(values[~arms.treated], values[arms.treated].mean(axis=0), names)
    if outside:
        raise _unreachable(arms, outside)
    multipliers = np.zeros(controls.shape[1])
    multipliers[:groups] = np.log(target[:groups] / controls[:, :groups].sum(axis=0))
    for _ in range(MOST_STEPS):
        own = np.exp(controls @ multipliers)
        gap = controls.T @ own - target
        if np.abs(gap).max() < TOLERANCE * len(treated):
            weights = np.ones(len(arms.treated))
            weights[~arms.treated] = own
            return weights
        step = _newton_step(controls, own, gap)
        multipliers = _shortened(controls, target, multipliers, step)
    raise _unreachable(arms, names)


def entropy_difference(arms: Arms, moments: int = 2) -> AdjustedEstimate:
    """Treated mean less the entropy-balanced mean of the untreated: an ATT.

    The estimate is unbiased if the logit of treatment *or* the outcome of untreated units is linear in the moments
    (Zhao & Percival 2017). Its influence function is that of the outcome regression under the weights, by cluster.

    Raises
    ------
    SpecificationError
        If no weights can match the moments.
    """
    weights = entropy_weights(arms, moments)
    values = np.column_stack([arms.group_dummies, arms.moments(moments)[0]])
    own = ~arms.treated
    root = np.sqrt(weights[own])
    slopes = np.linalg.lstsq(values[own] * root[:, None], arms.outcome[own] * root, rcond=None)[0]
    rest = arms.outcome - values @ slopes
    size = int(arms.treated.sum())
    # moments agree, so the fitted parts cancel and residuals give the same difference as outcomes
    estimate = float(rest[arms.treated].sum() - weights[own] @ rest[own]) / size
    influence = np.where(arms.treated, rest - estimate, -weights * rest) * (len(rest) / size)
    se = clustered_se(influence, arms.clusters)
    return adjusted(arms, ("entropy balancing", "熵平衡", "ATT"), (estimate, se), weights)


def _outside(values: Array, target: Array, names: tuple[str, ...]) -> tuple[str, ...]:
    """Moments whose target lies beyond every untreated row."""
    beyond = (target < values.min(axis=0)) | (target > values.max(axis=0))
    return tuple(name for name, one in zip(names, beyond, strict=True) if one)


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


def _unreachable(arms: Arms, names: tuple[str, ...]) -> SpecificationError:
    """The error of moments that no weights reach."""
    return SpecificationError(
        f"no overlap: no weights of {int((~arms.treated).sum())} untreated rows match the treated rows in "
        f"{', '.join(names)} within {arms.spec.fixed_effects[0]}; allowed: moments inside the range of the untreated. "
        "Take moments=1, fewer covariates, or a sample in which both kinds occur at the same terrain."
    )
