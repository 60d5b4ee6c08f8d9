"""Predictors of a synthetic control: weights that match them, and how much each of them counts.

Abadie & Gardeazabal (2003) and Abadie, Diamond & Hainmueller (2010): the donors' weights ``w`` minimise
``sum_k v_k (x_k - sum_j w_j x_kj)^2`` over the simplex, with predictors in units of their standard deviation over all
units; the importances ``v`` are those whose weights follow the outcome best before the treatment. The inner problem is
solved exactly. The outer one has many local optima, often where most importances are near zero (Klößner, Kaul, Pfeifer
& Schieler 2018, Swiss Journal of Economics and Statistics 154), so programs disagree in v, and through it in w. Here
Nelder & Mead's simplex starts from fixed points and is begun again where it stopped until it gains nothing; nothing is
drawn, so that the same panel gives the same weights.
"""

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize

from shanhai.methods.arrays import Array
from shanhai.methods.synthetic._weights import SimplexWeights, nearest_weights, simplex_weights

_ROUNDS = 8
"""Times that the search is begun again at its best point, at most."""

_GAIN = 1e-6
"""Relative gain in the misfit below which it is not."""

_FLOOR = 1e-5
"""Least importance, relative to the largest: where two or three predictors carry all, many weights match them, and the
others say which of these is meant."""


def matched_weights(target: Array, donors: Array, importance: Array) -> SimplexWeights:
    """Weights of donors that match the predictors of the target, k and k x donors, under given importances."""
    root = np.sqrt(importance)
    return simplex_weights(root * target, root[:, None] * donors)


def scaled_predictors(target: Array, donors: Array) -> tuple[Array, Array]:
    """Predictors over their standard deviation among the donors and the target; one that never varies stays."""
    spread = np.column_stack([target, donors]).std(axis=1, ddof=1)
    spread = np.where(spread > 0, spread, 1.0)
    return target / spread, donors / spread[:, None]


def search_importance(
    target: Array, donors: Array, outcome: Array, outcomes: Array, *, every: bool = False
) -> list[tuple[float, Array]]:
    """Importances whose weights follow the outcome best, from each start.

    Parameters
    ----------
    target, donors : arrays, k and k x donors
        Predictors as of :func:`scaled_predictors`.
    outcome, outcomes : arrays, periods and periods x donors
        Outcome before the treatment.

    every : bool
        Also start from each predictor above all others; otherwise from equal importances, and from those of a
        regression of the outcomes on the predictors.

    Returns
    -------
    list of (float, array)
        Mean squared misfit of the outcome, and k importances that sum to one, in the order of the starts.
    """
    shifted = donors - target[:, None]

    def misfit(logs: Array) -> float:
        scaled = np.sqrt(_shares(logs))[:, None] * shifted
        shares = nearest_weights(scaled / max(float(np.abs(scaled).max()), 1e-300), 0.0)
        return float(((outcome - outcomes @ shares) ** 2).mean())

    starts = _starts(target, donors, outcome, outcomes)
    found = [_descend(misfit, start) for start in (starts if every else starts[:2])]
    return [(value, _shares(point)) for point, value in found]


def _shares(logs: Array) -> Array:
    """Importances that sum to one, none below the floor."""
    raw = np.maximum(np.exp(logs - logs.max()), _FLOOR)
    return np.asarray(raw / raw.sum())


def _starts(target: Array, donors: Array, outcome: Array, outcomes: Array) -> list[Array]:
    """Logs of importances to start from: equal, those of a regression of outcomes on predictors, and each above all."""
    count = len(target)
    predictors = np.column_stack([donors, target])
    slopes = np.linalg.lstsq(
        np.column_stack([np.ones(predictors.shape[1]), predictors.T]),
        np.column_stack([outcomes, outcome]).T,
        rcond=None,
    )[0][1:]
    power = np.maximum((slopes**2).sum(axis=1), 1e-12)
    return [np.zeros(count), np.log(power / power.sum()), *(2.0 * np.eye(count))]


def _descend(misfit: Callable[[Array], float], start: Array) -> tuple[Array, float]:
    """Nelder & Mead from a start, begun again at the end until nothing is gained."""
    point, value = start, misfit(start)
    for _ in range(_ROUNDS):
        simplex = np.vstack([point, point + 1.0 * np.eye(len(point))])
        options = {"initial_simplex": simplex, "maxfev": 200 * len(point), "xatol": 1e-4, "fatol": 1e-9 * (1 + value)}
        found = minimize(misfit, point, method="Nelder-Mead", options=options)
        gained = value - float(found.fun) > _GAIN * value
        if found.fun < value:
            point, value = np.asarray(found.x), float(found.fun)
        if not gained:
            break
    return point, value
