"""Spatial covariance of Conley (1999): rows closer than a cutoff are correlated, in any country, at any scale.

The middle of the sandwich is the sum over all pairs of rows within the cutoff of ``K(distance) s_i s_j'``, with scores
``s`` (regressor times residual). In a panel pairs of different periods count by their distance in time, as
:class:`Panel` says.

Neither kernel makes the covariance positive semidefinite on a sphere (the cone that Bartlett's kernel turns into in two
dimensions does not either), so its state is part of the result, and it is repaired only when asked.

References
----------
Conley, T. G. (1999), GMM estimation with cross sectional dependence, Journal of Econometrics 92, 1-45.
Driscoll, J. C. & Kraay, A. C. (1998), Consistent covariance matrix estimation with spatially dependent panel data,
Review of Economics and Statistics 80, 549-560.
Hsiang, S. M. (2010), Temperatures and cyclones strongly associated with economic production in the Caribbean and
Central America, PNAS 107, 15367-15372.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes
from shanhai.methods.checks import as_codes, as_count, as_matrix, as_numbers, require_same_rows
from shanhai.methods.regression.pairs import Places, kernel_sum, places_of
from shanhai.methods.spec import Distance, Kernel

_PSD_TOLERANCE = 1e-12
"""An eigenvalue above minus this share of the largest counts as zero."""

VANISHED = 1e-11
"""A variance of less than this share of what independent rows would give is rounding: scores have cancelled."""


@dataclass(frozen=True, repr=False)
class Panel(Shown):
    """When rows were observed, and how far errors reach over time.

    Two rows h periods apart have the weight L(h), which is 1 in the same period. ``cross_periods`` multiplies it with
    the kernel of their distance; without it rows of different periods count only if they are of one unit, by L(h)
    alone, and rows of the same period by their distance alone.

    Examples
    --------
    >>> from shanhai.methods.regression.conley import Panel
    >>> Panel.of([2000, 2000, 2010, 2010], 10, unit=["a", "b", "a", "b"]).lags
    10
    """

    time: Codes
    """n periods, whole numbers; periods are apart by their difference."""
    lags: int
    """Periods apart up to which rows are correlated."""
    unit: Codes | None = None
    """n integer codes of units, where ``cross_periods`` is false and lags are more than 0."""
    cross_periods: bool = False
    """Whether neighbours of different periods are correlated too."""
    kernel: Kernel = "bartlett"
    """Weight over time: ``bartlett`` 1 - h / (lags + 1), or ``uniform`` 1 up to the lags."""

    @classmethod
    def of(
        cls,
        time: ArrayLike,
        lags: int,
        unit: ArrayLike | None = None,
        *,
        cross_periods: bool = False,
        kernel: Kernel = "bartlett",
    ) -> "Panel":
        """Checked panel from columns.

        Parameters
        ----------
        time : n whole numbers, such as years.
        lags : 0 or more.
        unit : n labels of any kind; needed with lags unless ``cross_periods``.
        cross_periods, kernel : as above.

        Raises
        ------
        SpecificationError
            If a period is missing or no whole number, or lags, unit and cross_periods do not go together.

        Examples
        --------
        >>> from shanhai.methods.regression.conley import Panel
        >>> Panel.of([2001, 2002, 2001], 1, ["a", "a", "b"]).unit
        array([0, 0, 1])
        """
        periods = as_numbers(time, "the period")
        if (periods != np.round(periods)).any():
            raise SpecificationError(
                f"the period is {periods[periods != np.round(periods)][0]:g} in a row; allowed: whole numbers, so that "
                "lags can be counted. Number quarters or months 1, 2, 3."
            )
        codes = None if unit is None else as_codes(unit, "the unit")
        if as_count(lags, "lags") and not cross_periods and codes is None:
            raise SpecificationError(f"{lags} lags without units; allowed: a unit of every row. Pass unit.")
        return cls(periods.astype(np.int64), int(lags), codes, cross_periods, kernel)


@dataclass(frozen=True, repr=False)
class ConleyCovariance(Shown):
    """A spatial covariance with what must be known to trust it."""

    matrix: Array
    """k x k covariance of the coefficients; repaired if ``repaired``."""
    kernel: Kernel
    """Weight by distance: ``uniform`` or ``bartlett``."""
    cutoff_km: float
    """Distance from which on two rows are independent."""
    radius_km: float
    """Radius of the Earth; NaN on a plane."""
    pairs: int
    """Pairs of different rows within the cutoff; with a :class:`Panel`, those of the same period."""
    smallest_eigenvalue: float
    """Of the covariance before any repair, with regressors made orthonormal: the same in whatever units."""
    is_psd: bool
    """Whether the covariance was positive semidefinite before any repair."""
    repaired: bool
    """Whether negative eigenvalues were set to zero."""

    @property
    def se(self) -> Array:
        """k standard errors; NaN where the covariance gives no variance, or a negative one."""
        variances = np.diag(self.matrix)
        return np.sqrt(np.where(variances > 0, variances, np.nan))

    @property
    def note(self) -> str:
        """One sentence on the state of the matrix for the foot of a table; empty if there is nothing to say."""
        if self.is_psd:
            return ""
        state = "negative eigenvalues were set to zero" if self.repaired else "it was left as it is"
        return (
            f"The Conley covariance ({self.kernel}, {self.cutoff_km:g} km) is not positive semidefinite "
            f"(smallest eigenvalue {self.smallest_eigenvalue:.3g}); {state}."
        )


def conley_covariance(  # noqa: PLR0913 - what programs differ by, each by its name
    scores: Array,
    bread: Array,
    longitude: ArrayLike,
    latitude: ArrayLike,
    *,
    kernel: Kernel,
    cutoff_km: float,
    radius_km: float | None = None,
    distance: Distance = "great_circle",
    panel: Panel | None = None,
    repair: bool = False,
) -> ConleyCovariance:
    """Conley's covariance of least-squares coefficients, without a small-sample factor.

    Parameters
    ----------
    scores : n x k, each row's regressors times its residual (weights and demeaning already in both).
    bread : k x k, inverse of the crossproduct of the regressors.
    longitude, latitude : n degrees, longitudes to 180 or to 360; n metres east and north where distance is ``planar``.
    kernel : ``"uniform"`` or ``"bartlett"``.
    cutoff_km : distance in km from which on two rows are independent; a pair at exactly this distance counts under
        uniform.
    radius_km : radius of the sphere in km; None is 6371.01 for great circles and 111 km a degree for flat maps.
    distance : one of :data:`shanhai.methods.spec.Distance`, ``"planar"`` for metres of a map.
    panel : period and unit of the rows, and how far errors reach over time. None: rows are places, and pairs of all
        periods count in full.
    repair : set negative eigenvalues of the covariance to zero (the nearest positive semidefinite matrix).

    Returns
    -------
    ConleyCovariance

    Raises
    ------
    SpecificationError
        If shapes differ, a value is missing, a coordinate or the cutoff is out of range, the kernel is unknown, bread
        is not positive definite, or scores cancel within the cutoff, as all do that lie within one.

    Examples
    --------
    >>> import numpy as np
    >>> from shanhai.methods import conley_covariance
    >>> residuals, ones = np.array([1.0, 1.0, -2.0]), np.ones((3, 1))
    >>> near = conley_covariance(  # the first two rows lie 96 km apart, the third far away
    ...     ones * residuals[:, None], np.eye(1) / 3, [120.0, 121.0, 130.0], [30.0, 30.0, 30.0],
    ...     kernel="uniform", cutoff_km=100,
    ... )
    >>> round(float(near.matrix[0, 0]) * 9, 9), near.pairs  # (1 + 1)^2 + 2^2
    (8.0, 1)
    """
    places = places_of(longitude, latitude, kernel=kernel, cutoff_km=cutoff_km, radius_km=radius_km, distance=distance)
    require_same_rows({"scores": scores, "longitude": longitude})
    scores, bread = as_matrix(scores, "a score"), as_matrix(bread, "bread")
    _check_scores(scores, bread, len(places.points))
    try:
        root: Array = np.asarray(np.linalg.cholesky(bread))
    except np.linalg.LinAlgError as error:
        raise SpecificationError(
            "bread is not positive definite; allowed: the inverse of the crossproduct of regressors of full rank. Take "
            "out the regressors that the others determine."
        ) from error
    return orthonormal_conley(scores @ root, root, places, panel=panel, repair=repair)


def orthonormal_conley(
    scores: Array, root: Array, places: Places, *, panel: Panel | None = None, repair: bool = False
) -> ConleyCovariance:
    """Conley's covariance from scores of orthonormal regressors, so that units and zeros of regressors do not count.

    Parameters
    ----------
    scores : n x k, of an orthonormal basis of the regressors.
    root : k x k, which takes the basis back to the regressors (R^-1 of Q R).
    places : the n places, with kernel and cutoff, from :func:`~.pairs.places_of`.
    panel, repair : as in :func:`conley_covariance`.

    Returns
    -------
    ConleyCovariance
        Of the coefficients of the regressors.

    Raises
    ------
    SpecificationError
        If scores cancel within the cutoff, or periods have other rows.

    Examples
    --------
    >>> import numpy as np
    >>> from shanhai.methods.regression.conley import orthonormal_conley
    >>> from shanhai.methods.regression.pairs import places_of
    >>> rng = np.random.default_rng(1)
    >>> basis, root = np.linalg.qr(rng.normal(size=(50, 2)))
    >>> places = places_of(rng.uniform(100, 110, 50), rng.uniform(25, 35, 50), kernel="bartlett", cutoff_km=200.0)
    >>> orthonormal_conley(basis * rng.normal(size=(50, 1)), np.linalg.inv(root), places).matrix.shape
    (2, 2)
    """
    scores = np.ascontiguousarray(scores, dtype=np.float64)

    def near(rows: Codes | slice) -> tuple[Array, int]:
        return kernel_sum(scores[rows], places.points[rows], places.kernel, places.reach, places.distance)

    middle, pairs = near(slice(None)) if panel is None else _over_time(scores, panel, near)
    middle = (middle + middle.T) / 2
    values, vectors = np.linalg.eigh(middle)
    is_psd = bool(values[0] >= -_PSD_TOLERANCE * max(values[-1], 0.0))
    repaired = repair and not is_psd
    if repaired:
        middle = (vectors * np.maximum(values, 0.0)) @ vectors.T
    matrix = root @ middle @ root.T
    matrix = (matrix + matrix.T) / 2
    if not repaired:  # a repair may leave nothing, which the note and missing errors say
        matrix = without_rounding(matrix, scores @ root.T, f"conley({places.kernel}, {places.cutoff_km:g} km)")
    return ConleyCovariance(
        matrix, places.kernel, places.cutoff_km, places.radius_km, pairs, float(values[0]), is_psd, repaired
    )


def _over_time(scores: Array, panel: Panel, near: Callable[[Codes], tuple[Array, int]]) -> tuple[Array, int]:
    """Middle of the sandwich of a panel, and pairs of one period within the cutoff.

    Every part is a sum over windows of consecutive periods in which rows count as if observed at once: the windows of
    lags + 1 periods hold two rows h periods apart in lags + 1 - h of them, which is Bartlett's weight; those of lags
    periods in one fewer each, so that the difference of both sums is the uniform weight.
    """
    if len(panel.time) != len(scores):
        raise SpecificationError(
            f"{len(panel.time)} periods for {len(scores)} rows; allowed: one of each a row. Take both from one frame."
        )
    order = np.argsort(panel.time, kind="stable")
    times = panel.time[order]

    def windows(length: int, middle: Callable[[Codes], Array]) -> Array:
        total = np.zeros((scores.shape[1],) * 2)
        for first in np.unique((np.unique(times)[:, None] - np.arange(length)).ravel()):
            start, end = np.searchsorted(times, (first, first + length))
            total += middle(order[start:end])
        return total

    def weighted(middle: Callable[[Codes], Array]) -> Array:
        longer = windows(panel.lags + 1, middle)
        if panel.kernel == "bartlett" or panel.lags == 0:
            return longer / (panel.lags + 1)
        return longer - windows(panel.lags, middle)

    def within_units(rows: Codes) -> Array:
        assert panel.unit is not None  # without it there are no lags
        sums = np.column_stack([np.bincount(panel.unit[rows], weights=column) for column in scores[rows].T])
        return np.asarray(sums.T @ sums)

    pairs = 0

    def counted(rows: Codes) -> Array:
        nonlocal pairs
        middle, found = near(rows)
        pairs += found
        return middle

    same_period = windows(1, counted)
    if panel.lags == 0:
        return same_period, pairs
    if panel.cross_periods:
        return weighted(lambda rows: near(rows)[0]), pairs
    return same_period + weighted(within_units) - windows(1, within_units), pairs


def without_rounding(matrix: Array, influence: Array, label: str) -> Array:
    """Covariance with zero for coefficients whose variance is rounding: what rows add to them cancels where correlated.

    All do when every row lies within the cutoff, as residuals sum to zero; some do when clusters have dummies or
    coefficients to themselves.

    Parameters
    ----------
    matrix : array, k x k
        Covariance.
    influence : array, n x k
        What each row adds to each coefficient.
    label : str
        Name of the covariance in errors.

    Returns
    -------
    array, k x k

    Raises
    ------
    SpecificationError
        If no coefficient has a variance of more than ``VANISHED`` of the sum of squares of the influence of rows.

    Examples
    --------
    >>> import numpy as np
    >>> from shanhai.methods.regression.conley import without_rounding
    >>> without_rounding(np.diag([1.0, 1e-20]), np.ones((3, 2)), "of an example").tolist()
    [[1.0, 0.0], [0.0, 0.0]]
    """
    gone = np.abs(np.diag(matrix)) <= VANISHED * (influence**2).sum(axis=0)
    if gone.all():
        raise SpecificationError(
            f"covariance {label} has no variance left: residuals cancel within the cutoff or the clusters; allowed: "
            "rows beyond the cutoff, or clusters that share coefficients. Take a shorter cutoff, other clusters, or "
            "HC1."
        )
    return np.where(gone[:, None] | gone, 0.0, matrix)


def _check_scores(scores: Array, bread: Array, n: int) -> None:
    if len(scores) != n:
        raise SpecificationError(
            f"scores have the shape {np.shape(scores)}, coordinates {n} rows; allowed: the same rows in the same "
            "order. Take both from the rows that the regression used."
        )
    k = np.shape(scores)[1]
    if np.shape(bread) != (k, k):
        raise SpecificationError(
            f"bread has the shape {np.shape(bread)}; allowed: ({k}, {k}), as scores have {k} columns. Pass the inverse "
            "of the crossproduct of the same regressors."
        )
