"""Spatial correlation principal components (SCPC): a t-test that allows for any correlation up to a stated strength.

Conley's covariance needs a cutoff beyond which nothing is shared, and rejects too often when correlation is strong.
SCPC (Mueller & Watson 2022) estimates the variance from the q principal components of a worst-case exponential
correlation whose average over all pairs of places is ``rho``, and takes the critical value that holds the size for
every exponential correlation no stronger than that. q makes the interval shortest where errors are independent.

For a regression the components apply to the score of the coefficient, ``w u``, with w what the other regressors and the
fixed effects leave of the tested one. The null distribution is taken twice, and the more cautious counts: with the
scores themselves correlated, and given the regressors, with the projection on regressors and fixed effects carried
through (Mueller & Watson 2023). What errors are like given the regressors has to be said (``ErrorModel``).

References
----------
Mueller, U. K. & Watson, M. W. (2022), Spatial correlation robust inference, Econometrica 90(6), 2901-2935.
Mueller, U. K. & Watson, M. W. (2023), Spatial correlation robust inference in linear regression and panel models,
Journal of Business & Economic Statistics 41(4), 1050-1064.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from shanhai.core.errors import SpecificationError
from shanhai.core.shared import shared
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_count
from shanhai.methods.estimate import LEVEL, SIGNIFICANCE
from shanhai.methods.regression._correlations import Correlations, Held, Visited
from shanhai.methods.regression.absorb import within
from shanhai.methods.regression.design import build_design
from shanhai.methods.regression.pairs import EARTH_RADIUS_KM, on_unit_sphere
from shanhai.methods.regression.projection import independent_columns, less_projection, rounding
from shanhai.methods.spec import RegressionSpec

_FIRST_COMPONENTS = ((0.01, 20), (0.005, 60), (0.0, 120))
"""Largest q that is tried first, by the least rho it holds for; half as many are added while the last is the best."""

_STEP = 1.2
"""Ratio of neighbouring decay rates of the grid on which the worst correlation is looked for."""

NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(80)
"""Gauss-Legendre rule on -1 to 1 for the rejection probability."""


def _correlations(longitude: ArrayLike, latitude: ArrayLike, held_rows: int, seed: int) -> Correlations:
    """Correlations of places in degrees.

    Raises
    ------
    SpecificationError
        If a coordinate is missing or out of range, or all places are one.
    """
    points = on_unit_sphere(longitude, latitude, "bartlett", 1.0, EARTH_RADIUS_KM)[0]
    return Held(points) if len(points) <= held_rows else Visited(points, seed)


class _NullDistribution:
    """Distribution of the t-ratio under exponential correlations of all strengths up to the worst.

    ``components`` holds the q principal components (n x q, unit length), ``critical`` the critical value. ``given``
    says what the statistic is of errors that are correlated, given regressors; None where there are none.
    """

    def __init__(
        self, correlations: Correlations, rho: float, size: float, given: Callable[[Array], Array] | None = None
    ) -> None:
        n = correlations.n
        worst = correlations.decay(rho)
        steps = int(np.ceil(np.log(correlations.weakest() / worst) / np.log(_STEP)))
        decays = worst * _STEP ** np.arange(steps + 1)
        most = next(number for least, number in _FIRST_COMPONENTS if rho >= least)
        while True:
            most = min(most, n - 2)
            vectors = correlations.components(worst, most)
            flat = correlations.moments(np.column_stack([np.full(n, n**-0.5), vectors]), decays)
            criticals = [_critical(flat, q, size) for q in range(1, most + 1)]
            q = int(np.argmin([value * _mean_root(q) for q, value in enumerate(criticals, start=1)])) + 1
            if q < most or most == n - 2:
                break
            most += most // 2
        self.components = vectors[:, :q]
        self.moments = [part[: q + 1, : q + 1] for part in flat]
        if given is not None:
            self.moments += correlations.moments(given(self.components), decays)
        self.critical = _critical(self.moments, q, size)

    def p(self, t: float) -> float:
        """Largest probability of a t-ratio beyond this one."""
        q = self.components.shape[1]
        return max(_rejection(part, q, abs(t)) for part in self.moments)


def _null_distribution(
    longitude: ArrayLike, latitude: ArrayLike, *, rho: float, size: float = SIGNIFICANCE
) -> _NullDistribution:
    """Components and critical value for the mean of a variable observed at places.

    Parameters
    ----------
    longitude, latitude : n degrees.
    rho : average correlation of all pairs that is allowed for.
    size : of the test.

    Raises
    ------
    SpecificationError
        If a coordinate is missing or out of range, or rows at one place alone are correlated more than that.
    """
    return _NullDistribution(_correlations(longitude, latitude, HELD_ROWS, 0), rho, size)


class ScpcSum:
    """Test of a sum over places, such as of the scores that clusters add to an estimate, by the first distribution.

    For estimates that are made from many rows of few places: rows are summed to one value a place, which is what
    clusters do, and places near each other may share what they will.

    Parameters
    ----------
    longitude, latitude : n degrees.
    rho : average correlation of all pairs of places that is allowed for.
    level : coverage of the interval.

    Attributes
    ----------
    critical : critical value of the ratio of the sum and its error.
    components : q, the number of principal components.

    Raises
    ------
    SpecificationError
        If a coordinate is missing or out of range, places are fewer than ``_LEAST_PLACES``, or places that coincide
        are correlated more than that.

    Examples
    --------
    >>> import numpy as np
    >>> from shanhai.methods.regression.scpc import ScpcSum
    >>> rng = np.random.default_rng(1)
    >>> test = ScpcSum(rng.uniform(0, 9, 40), rng.uniform(40, 50, 40))
    >>> values = rng.normal(size=40)
    >>> ratio = values.sum() / test.se(values - values.mean())
    >>> test.label, test.components, bool(test.critical > 1.96), 0 < test.p(ratio) < 1
    ('scpc(0.03)', 8, True, True)
    """

    def __init__(self, longitude: ArrayLike, latitude: ArrayLike, *, rho: float = 0.03, level: float = LEVEL) -> None:
        if np.size(longitude) < _LEAST_PLACES:
            raise SpecificationError(
                f"{np.size(longitude)} places; allowed: {_LEAST_PLACES} or more. Take smaller clusters."
            )
        self.rho = rho
        self._null = _null_distribution(longitude, latitude, rho=rho, size=1 - level)
        self.critical, self.components = self._null.critical, self._null.components.shape[1]

    @property
    def label(self) -> str:
        """Short name for tables, such as ``scpc(0.03)``."""
        return f"scpc({self.rho:g})"

    def se(self, values: Array) -> Array:
        """Standard error of the sum of n values that deviate from zero in the mean, or of each column of n x k."""
        sums = self._null.components.T @ values
        return np.asarray(np.sqrt(len(values) * (sums**2).mean(axis=0)))

    def p(self, ratio: float) -> float:
        """Largest probability of a ratio beyond this one under any correlation up to ``rho``."""
        return self._null.p(ratio)


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
    from scipy import optimize

    high = 4.0
    while _rejection(moments, q, high) > size:
        high *= 2.0
    return float(optimize.brentq(lambda critical: _rejection(moments, q, critical) - size, 0.5, high, xtol=1e-6))


HELD_ROWS = 1_000
"""Rows up to which the n x n matrix of distances is held; beyond, visiting pairs of places in blocks is faster too."""

_MOST_ROWS = 200_000
"""Rows up to which a test takes an hour or so: time grows with their square."""

ErrorModel = Literal["proportional", "homoskedastic", "unconditional"]
"""Errors of the second distribution. ``proportional``: u is w times what is correlated, so that a product with the sign
of w is as correlated as the first distribution has it; the programs of Mueller and Watson (Stata's scpc, and scpcR and
scpc-python after it) take this one. ``homoskedastic``: u itself is correlated, with one variance.
``unconditional``: the first distribution alone, as Stata's scpc with the option ``uncond``."""

_LEAST_PLACES = 5
"""Fewest rows, as in Stata's scpc."""


@dataclass(frozen=True, repr=False)
class ScpcTest(Shown):
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


@shared
def scpc(
    spec: RegressionSpec,
    frame: pd.DataFrame,
    term: str,
    *,
    rho: float = 0.03,
    level: float = LEVEL,
    errors: ErrorModel = "proportional",
    held_rows: int = HELD_ROWS,
    seed: int = 0,
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
    errors : ``"proportional"``, ``"homoskedastic"`` or ``"unconditional"``
        What errors are like given the regressors; see ``ErrorModel``.
    held_rows : int
        Rows up to which the n x n matrix of distances is held. Beyond, the same numbers (p to six digits) are found in
        memory linear in rows: pairs of places are visited in blocks, some ten times.
    seed : int
        Of the sample of 1,000 places from which components start where the matrix is not held. It decides how many
        visits are needed; the components that they end with are the same.

    Returns
    -------
    ScpcTest

    Raises
    ------
    SpecificationError
        If the term is unknown or determined by the others, coordinates are absent, rows are fewer than
        ``_LEAST_PLACES`` or more than ``_MOST_ROWS``, so many places coincide that their correlation alone exceeds
        ``rho``, no residual is left, or ``rho``, ``level`` or ``errors`` is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable, scpc
    >>> rng = np.random.default_rng(1)
    >>> place = {"longitude": rng.uniform(0, 9, 60), "latitude": rng.uniform(40, 50, 60)}
    >>> frame = pd.DataFrame({**place, "x": rng.normal(size=60), "y": rng.normal(size=60)})
    >>> errors = CovarianceSpec.conley("bartlett", 100)  # of which the coordinates alone are used
    >>> test = scpc(RegressionSpec(Variable("y"), (Variable("x"),), SampleSpec("all"), errors), frame, "x")
    >>> test.label, test.components, test.low < test.estimate < test.high
    ('scpc(0.03)', 9, True)
    """
    if errors not in get_args(ErrorModel):
        raise SpecificationError(f"errors {errors!r}; allowed: {', '.join(get_args(ErrorModel))}. Name one of these.")
    if not (0.001 <= rho <= 0.5 and 0.5 < level < 1):
        raise SpecificationError(
            f"rho {rho} and level {level}; allowed: rho from 0.001 to 0.5, level above 0.5 and below 1. "
            "Use 0.03 and 0.95."
        )
    design = build_design(spec, frame)
    n = len(design.outcome)
    if design.coordinates is None or term not in design.names or not _LEAST_PLACES <= n <= _MOST_ROWS:
        raise SpecificationError(
            f"term {term!r} on {n} rows with covariance {spec.covariance.label!r}; allowed: one of "
            f"{', '.join(design.names)}, {_LEAST_PLACES} to {_MOST_ROWS} rows, and CovarianceSpec.conley(...), which "
            "names the coordinates. Change what does not fit."
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
    residuals = outcome - estimate * left
    if np.linalg.norm(residuals) <= rounding(design.outcome[:, None], design.effects.weights)[0]:
        raise SpecificationError(
            f"the regressors determine outcome {spec.outcome.name!r} to the last digit, so no residual is left to test "
            f"{term!r} with; allowed: an outcome that they do not determine. Leave out what is the outcome itself."
        )
    scores = left * residuals

    def residual_maker(values: Array) -> Array:
        """What regressors and fixed effects leave of columns (which carry the root of the weights)."""
        return less_projection(within(values / root[:, None], design.effects) * root[:, None], basis)

    correlations = _correlations(*design.coordinates, as_count(held_rows, "held_rows"), as_count(seed, "seed"))
    null = _NullDistribution(correlations, rho, 1 - level, _given(errors, left, residual_maker))
    sums = null.components.T @ scores
    se = float(np.sqrt(n * (sums**2).mean()) / (left @ left))
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
        n,
    )


def _given(
    errors: ErrorModel, left: Array, residual_maker: Callable[[Array], Array]
) -> Callable[[Array], Array] | None:
    """What statistic and components are of the correlated errors, given the regressors: n x q to n x (1 + q)."""
    first = left / np.sqrt(len(left))
    if errors == "homoskedastic":
        return lambda vectors: np.column_stack([first, residual_maker(left[:, None] * vectors)])
    if errors == "proportional":
        sign = np.sign(left)[:, None]
        return lambda vectors: np.column_stack([np.abs(first), left[:, None] * residual_maker(sign * vectors)])
    return None
