"""Weights on the simplex that bring a combination of donors nearest to a target: exact solvers, with a certificate.

The problem is ``min ||target - donors w||^2 + penalty ||w||^2`` over ``w >= 0``, ``sum(w) = 1``. Because the weights
sum to one, the misfit is ``||A w||`` with ``A = donors - target``.

Without a penalty, the nearest point of the hull of A's columns to the origin is found from one non-negative least
squares problem: for ``u = s w`` the sum ``||A u||^2 + (sum(u) - 1)^2`` is smallest, over s, at ``m / (1 + m)`` with
``m = ||A w||^2``, which rises with m (Lawson & Hanson 1974, chapter 23). With one, the dual has only one variable a
period and one more, ``w = max(0, level - A' r) / penalty``, and is piecewise quadratic: Newton steps on the set of
donors in use end at the exact solution. Either way the duality gap is measured and a solution without it refused.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.checks import as_array, as_number

_TOLERANCE = 1e-8
"""Largest duality gap of a solution, relative to the squared scale of the problem."""

STEPS = 50
"""Newton steps, at most; few are needed, and non-negative least squares stands ready behind them."""


@dataclass(frozen=True, repr=False)
class SimplexWeights(Shown):
    """A solution with its certificate."""

    shares: np.ndarray
    """Weight of each donor, shape (donors,): none negative, sum one."""
    gap: float
    """Duality gap over the squared scale of the problem; the objective is at most this far from its minimum."""
    unique: bool
    """Whether no other weights fit as well: a positive penalty, or active donors that are affinely independent."""


def simplex_weights(target: np.ndarray, donors: np.ndarray, penalty: float = 0.0) -> SimplexWeights:
    """Weights of the donors whose combination is nearest to the target.

    Parameters
    ----------
    target : float, shape (periods,)
    donors : float, shape (periods, donors)
    penalty : float
        Added to the squared misfit times the sum of squared weights.

    Raises
    ------
    SpecificationError
        If there is no donor, shapes differ, a value is not finite, the penalty is negative, or the solver stops
        before its certificate holds.

    Examples
    --------
    >>> import numpy as np
    >>> from shanhai.methods.synthetic import simplex_weights
    >>> simplex_weights(np.array([1.0, 2.0]), np.array([[0.0, 4.0], [1.0, 5.0]])).shares
    array([0.75, 0.25])
    """
    target, donors = as_array(target, "the target"), as_array(donors, "the donors")
    penalty = as_number(penalty, "penalty", least=0)
    if donors.ndim != 2 or target.shape != donors.shape[:1]:
        raise SpecificationError(
            f"target of shape {target.shape} and donors of shape {donors.shape}; needed: (periods,) and (periods, "
            "donors) with one donor or more. Pass periods in rows."
        )
    shifted = donors - target[:, None]
    scale = float(np.abs(shifted).max())
    if scale == 0:  # every donor is the target
        count = donors.shape[1]
        return SimplexWeights(np.full(count, 1 / count), 0.0, count == 1 or penalty > 0)
    shifted, penalty = shifted / scale, penalty / scale**2
    values = newton_weights(shifted, penalty) if penalty > 0 else nearest_weights(shifted, penalty)
    if values is None:
        values = nearest_weights(shifted, penalty)
    slope = shifted.T @ (shifted @ values) + penalty * values
    gap = float(values @ slope - slope.min())
    if not gap <= _TOLERANCE:
        raise SpecificationError(
            f"The weights of {donors.shape[1]} donors have a duality gap of {gap:.1e}, above {_TOLERANCE:.0e}. Rescale "
            "the outcome (logarithms, or shares of the mean) or set a ridge."
        )
    return SimplexWeights(values, max(gap, 0.0), penalty > 0 or _independent(shifted, values, slope))


def newton_weights(shifted: np.ndarray, penalty: float) -> np.ndarray | None:
    """Maximise the dual, started with every donor in use; None if the steps do not settle."""
    periods, count = shifted.shape
    columns = np.concatenate([-shifted, np.ones((1, count))])
    quadratic = np.diag(np.r_[np.ones(periods), 0.0])
    goal = np.r_[np.zeros(periods), 1.0]

    def dual(point: np.ndarray) -> float:
        slack = np.maximum(columns.T @ point, 0.0)
        return float(point[-1] - 0.5 * (point[:-1] @ point[:-1]) - 0.5 * (slack @ slack) / penalty)

    used = np.ones(count, dtype=bool)
    point = np.zeros(periods + 1)
    for _ in range(STEPS):
        if not used.any():
            return None
        matrix = quadratic + columns[:, used] @ columns[:, used].T / penalty
        step = np.linalg.solve(matrix, goal) - point
        length, start = 1.0, dual(point)
        while dual(point + length * step) < start and length > 1e-6:
            length /= 2
        point = point + length * step
        now = columns.T @ point > 0
        if length == 1.0 and (now == used).all():
            weights = np.maximum(columns.T @ point, 0.0)
            return np.asarray(weights / weights.sum())
        used = now
    return None


def nearest_weights(shifted: np.ndarray, penalty: float) -> np.ndarray:
    count = shifted.shape[1]
    rows = [shifted, np.ones((1, count))]
    if penalty > 0:
        rows.insert(1, np.sqrt(penalty) * np.eye(count))
    matrix = np.concatenate(rows)
    goal = np.zeros(len(matrix))
    goal[-1] = 1.0
    found, _ = nnls(matrix, goal, maxiter=50 * count)
    return np.asarray(found / found.sum())


def _independent(shifted: np.ndarray, values: np.ndarray, slope: np.ndarray) -> bool:
    """Whether the donors that may carry weight (slope at its minimum) admit one combination only."""
    active = slope - slope.min() <= 10 * np.sqrt(_TOLERANCE)
    active |= values > 0
    columns = np.concatenate([shifted[:, active], np.ones((1, int(active.sum())))])
    return bool(np.linalg.matrix_rank(columns) == columns.shape[1])
