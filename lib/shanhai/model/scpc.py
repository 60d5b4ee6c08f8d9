"""Spatial correlation principal components (SCPC): a t-test that allows for any correlation up to a stated strength.

Conley's covariance needs a cutoff beyond which nothing is shared, and rejects too often when correlation is strong.
SCPC (Mueller & Watson 2022) estimates the variance from the q principal components of a worst-case exponential
correlation whose average over all pairs of places is ``rho``, and takes the critical value that holds the size for
every exponential correlation no stronger than that. q makes the interval shortest where errors are independent.

For a regression the components apply to the score of the coefficient, ``w u``, with w what the other regressors and the
fixed effects leave of the tested one. The null distribution is taken twice, and the more cautious counts: with the
scores themselves correlated, and, given the regressors, with u correlated and the projection on regressors and
fixed effects carried through (after Mueller & Watson 2023).

References
----------
Mueller, U. K. & Watson, M. W. (2022), Spatial correlation robust inference, Econometrica 90(6), 2901-2935.
Mueller, U. K. & Watson, M. W. (2023), Spatial correlation robust inference in linear regression and panel models,
Journal of Business & Economic Statistics 41(4), 1050-1064.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, optimize, special
from scipy.spatial.distance import cdist

from shanhai.errors import SpecificationError
from shanhai.model.absorb import within
from shanhai.model.design import build_design
from shanhai.model.pairs import EARTH_RADIUS_KM, on_unit_sphere
from shanhai.model.projection import independent_columns, less_projection, rounding
from shanhai.spec import RegressionSpec

Array = NDArray[np.float64]

MOST_COMPONENTS = 20
"""Largest q that is tried; the shortest interval is at fewer for every rho that is usual."""

MOST_PLACES = 5_000
"""Rows up to which the n x n correlation is held (200 MB)."""

STEP = 1.2
"""Ratio of neighbouring decay rates of the grid on which the worst correlation is looked for."""

WEAKEST = 1e-4
"""Average correlation at which the grid ends; independence itself is added."""

NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(80)
"""Gauss-Legendre rule on -1 to 1 for the rejection probability."""


@dataclass(frozen=True)
class ScpcTest:
    """Test and interval of one coefficient that hold under spatial correlation up to ``rho``."""

    spec: RegressionSpec
    """What was estimated."""
    term: str
    """Coefficient tested."""
    rho: float
    """Average correlation of all pairs of places that is allowed for."""
    estimate: float
    """Least-squares coefficient."""
    se: float
    """Standard error from the q components."""
    t: float
    """Ratio of both."""
    p: float
    """Largest probability of a larger t-ratio under any correlation up to ``rho``."""
    critical: float
    """Critical value of the t-ratio for the level of the interval."""
    low: float
    """Lower bound of the interval."""
    high: float
    """Upper bound of the interval."""
    components: int
    """q, the number of principal components."""
    n: int
    """Rows used."""

    @property
    def label(self) -> str:
        """Short name for tables, such as ``scpc(0.03)``."""
        return f"scpc({self.rho:g})"


def scpc(
    spec: RegressionSpec,
    frame: pd.DataFrame,
    term: str,
    *,
    rho: float = 0.03,
    level: float = 0.95,
) -> ScpcTest:
    """Test one coefficient with spatial correlation principal components.

    Parameters
    ----------
    spec : RegressionSpec
        Its covariance must be ``conley``, for its coordinates; kernel and cutoff have no effect here.
    frame : DataFrame
        One row a unit, with every column that the specification names.
    term : str
        Name of a coefficient, one of ``spec.names``.
    rho : float
        Average correlation of all pairs that is allowed for, between 0.001 and 0.5; 0.03 is usual.
    level : float
        Coverage of the interval, between 0.5 and 1.

    Returns
    -------
    ScpcTest

    Raises
    ------
    SpecificationError
        If the term is unknown or determined by the others, coordinates are absent, rows are more than
        ``MOST_PLACES``, or ``rho`` or ``level`` is out of range.
    """
    if not (0.001 <= rho <= 0.5 and 0.5 < level < 1):
        raise SpecificationError(
            f"rho {rho} and level {level}; allowed: rho from 0.001 to 0.5, level above 0.5 and below 1. "
            "Use 0.03 and 0.95."
        )
    design = build_design(spec, frame)
    if design.coordinates is None or term not in design.names or len(design.outcome) > MOST_PLACES:
        raise SpecificationError(
            f"term {term!r} on {len(design.outcome)} rows with covariance {spec.covariance.label!r}; allowed: one of "
            f"{', '.join(design.names)}, at most {MOST_PLACES} rows, and CovarianceSpec.conley(...), which names the "
            "coordinates. Change what does not fit."
        )
    root = np.sqrt(design.effects.weights)
    tested = design.names.index(term)
    order = [*(place for place in range(len(design.names)) if place != tested), tested]
    columns = within(np.column_stack([design.outcome, design.matrix[:, order]]), design.effects) * root[:, None]
    found = independent_columns(columns[:, 1:], rounding(design.matrix[:, order], design.effects.weights))
    if len(order) - 1 not in found.kept:
        raise SpecificationError(
            f"term {term!r} does not vary once the others and the fixed effects are held; allowed: a term with "
            "variation of its own. Test another, or take out what determines it."
        )
    basis = found.basis
    outcome, left = less_projection(columns[:, [0, -1]], basis[:, :-1]).T
    estimate = float(left @ outcome / (left @ left))
    scores = left * (outcome - estimate * left)

    def residual_maker(values: Array) -> Array:
        """What regressors and fixed effects leave of columns (which carry the root of the weights)."""
        return less_projection(within(values / root[:, None], design.effects) * root[:, None], basis)

    places = on_unit_sphere(*design.coordinates, "bartlett", 1.0, EARTH_RADIUS_KM)[0]
    null = NullDistribution(_distances(places), rho, left, residual_maker, 1 - level)
    sums = null.components.T @ scores
    se = float(np.sqrt(len(scores) * (sums**2).mean()) / (left @ left))
    reach = null.critical * se
    return ScpcTest(
        spec,
        term,
        float(rho),
        estimate,
        se,
        estimate / se,
        null.p(estimate / se),
        null.critical,
        estimate - reach,
        estimate + reach,
        null.components.shape[1],
        len(scores),
    )


def _distances(points: Array) -> Array:
    """Great-circle distances as angles, n x n."""
    return np.asarray(2.0 * np.arcsin(np.minimum(cdist(points, points) / 2.0, 1.0)))


class NullDistribution:
    """Distribution of the t-ratio under exponential correlations of all strengths up to the worst.

    ``components`` holds the q principal components (n x q, unit length), ``critical`` the critical value.
    """

    def __init__(
        self, distances: Array, rho: float, left: Array, residual_maker: Callable[[Array], Array], size: float
    ) -> None:
        n = len(distances)
        pairs = n * (n - 1)

        def average(decay: float) -> float:
            return float((np.exp(-decay * distances).sum() - n) / pairs)

        typical = float(distances.sum() / pairs)
        worst = _decay(average, rho, typical)
        correlation = np.exp(-worst * distances)
        demeaned = correlation - correlation.mean(axis=0) - correlation.mean(axis=1)[:, None] + correlation.mean()
        most = min(MOST_COMPONENTS, n - 2)
        vectors = linalg.eigh(demeaned, subset_by_index=[n - most, n - 1])[1][:, ::-1]
        flat = np.column_stack([np.ones(n) / np.sqrt(n), vectors])
        given = np.column_stack([left / np.sqrt(n), residual_maker(left[:, None] * vectors)])
        steps = int(np.ceil(np.log(_decay(average, WEAKEST, typical) / worst) / np.log(STEP)))
        self.flat = [flat.T @ flat]
        self.given = [given.T @ given]
        for decay in worst * STEP ** np.arange(steps + 1):
            correlation = np.exp(-decay * distances)
            self.flat.append(flat.T @ correlation @ flat)
            self.given.append(given.T @ correlation @ given)
        criticals = [_critical(self.flat, q, size) for q in range(1, most + 1)]
        lengths = [value * _mean_root(q) for q, value in enumerate(criticals, start=1)]
        q = int(np.argmin(lengths)) + 1
        self.components = vectors[:, :q]
        self.critical = max(criticals[q - 1], _critical(self.given, q, size))

    def p(self, t: float) -> float:
        """Largest probability of a t-ratio beyond this one."""
        q = self.components.shape[1]
        return max(_rejection(part, q, abs(t)) for part in (*self.flat, *self.given))


def null_distribution(longitude: ArrayLike, latitude: ArrayLike, *, rho: float, size: float = 0.05) -> NullDistribution:
    """Components and critical value for the mean of a variable observed at places.

    Parameters
    ----------
    longitude, latitude : n degrees.
    rho : average correlation of all pairs that is allowed for.
    size : of the test.

    Raises
    ------
    SpecificationError
        If a coordinate is missing or out of range.
    """
    points = on_unit_sphere(longitude, latitude, "bartlett", 1.0, EARTH_RADIUS_KM)[0]
    return NullDistribution(_distances(points), rho, np.ones(len(points)), _less_mean, size)


def _less_mean(values: Array) -> Array:
    return np.asarray(values - values.mean(axis=0))


def _decay(average: Callable[[float], float], target: float, typical: float) -> float:
    """Decay rate at which the average correlation of pairs is the target."""
    low = high = 1.0 / typical
    while average(low) < target:
        low /= 4.0
    while average(high) > target:
        high *= 4.0
    found = optimize.brentq(lambda log: np.log(average(np.exp(log)) / target), np.log(low), np.log(high), xtol=1e-4)
    return float(np.exp(found))


def _mean_root(q: int) -> float:
    """Mean of the root of a chi-squared over q, to which the length of the interval is proportional."""
    return float(np.sqrt(2.0 / q) * np.exp(special.gammaln((q + 1) / 2) - special.gammaln(q / 2)))


def _rejection(moments: Array, q: int, critical: float) -> float:
    """Probability that the t-ratio of a normal vector with these moments (sum first, then q components) is beyond.

    The event is ``x0^2 > c^2 mean(xj^2)``; its form has one positive eigenvalue, and for independent normals z
    ``P(z0^2 > sum w z^2) = 2/pi int_0^1 (1 - v^2)^((q-1)/2) / root(prod(1 - v^2 + w)) dv``.
    """
    part = moments[: q + 1, : q + 1]
    scales = np.array([1.0, *[-(critical**2) / q] * q])
    half = np.linalg.cholesky(part + 1e-13 * np.trace(part) / (q + 1) * np.eye(q + 1))
    values = np.linalg.eigvalsh(half.T @ (scales[:, None] * half))
    weights = np.maximum(-values[:-1], 0.0) / values[-1]
    v = (NODES + 1) / 2
    rest = 1 - v**2
    logs = (q - 1) / 2 * np.log(rest) - 0.5 * np.log(rest[:, None] + weights).sum(axis=1)
    return float(NODE_WEIGHTS @ np.exp(logs) / np.pi)


def _critical(moments: list[Array], q: int, size: float) -> float:
    """Smallest critical value at which no correlation makes the test reject more often than its size.

    It is that of one correlation, the binding one: solved for the one that binds so far until no other does more.
    """
    found, critical = -1, 2.0
    while True:
        binding = int(np.argmax([_rejection(part, q, critical) for part in moments]))
        if binding == found:
            return critical
        found, critical = binding, _solved(moments[binding], q, size)


def _solved(moments: Array, q: int, size: float) -> float:
    """Critical value for one correlation."""
    high = 4.0
    while _rejection(moments, q, high) > size:
        high *= 2.0
    return float(optimize.brentq(lambda critical: _rejection(moments, q, critical) - size, 0.5, high, xtol=1e-6))
