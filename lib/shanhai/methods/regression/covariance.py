"""Covariances of least-squares estimates, each a function of the same small set of arrays.

statsmodels computes them too, but only with one dummy for each fixed effect in the design. Here the effects are
absorbed, so leverage and degrees of freedom of the whole regression are handed in; tests hold every kind against
statsmodels with dummies.
"""

from dataclasses import dataclass, replace

import numpy as np

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes
from shanhai.methods.regression._cluster_leverage import leverage_adjusted
from shanhai.methods.regression.absorb import FixedEffects, linked_groups
from shanhai.methods.regression.conley import ConleyCovariance, Panel, orthonormal_conley, without_rounding
from shanhai.methods.regression.pairs import places_of
from shanhai.methods.spec import TWO_WAY_FACTORS, ClusterFactor, CovarianceSpec, Program, SmallSample

Factor = ClusterFactor | Program | SmallSample
"""A small-sample convention of :class:`shanhai.methods.spec.CovarianceSpec`."""

_BY_ARGUMENTS: dict[object, SmallSample] = {"fixest": SmallSample(), "pyfixest": SmallSample()}
"""Programs whose factor is that of ``ssc`` by its defaults."""

_MEAN_WEIGHT = {"uniform": 1.0, "bartlett": 1 / 3}
"""Mean weight of pairs within the cutoff: of Bartlett's kernel, of rows spread evenly over a plane."""

_FEWEST_NEIGHBOURHOODS = 10
"""Rows over the mean weight of their neighbours below which a cutoff is noted. In simulations of 250 places with smooth
regressors, tests at 5 % reject in 6 to 9 % of draws above it and in 11 to 25 % below."""

_PSD_TOLERANCE = 1e-10
"""An eigenvalue above minus this, at variances of one, counts as zero."""


@dataclass(frozen=True, repr=False)
class Solution(Shown):
    """What a covariance needs of a least-squares solution; rows are multiplied by the root of their weights."""

    basis: Array
    """n x k orthonormal Q, spanning the regressors within the fixed effects."""
    residuals: Array
    """n residuals."""
    root: Array
    """k x k: times its transpose it is the inverse of the crossproduct of the regressors, as R^-1 of Q R is."""
    coefficients_counted: int
    """K: regressors plus absorbed effects."""
    effects: FixedEffects | None = None
    """The absorbed effects, which HC2, HC3, CR2, CR3, CV3 and CV3J need; None without fixed effects."""

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.residuals)

    @property
    def scores(self) -> Array:
        """n x k, columns of the basis times residual."""
        return self.basis * self.residuals[:, None]

    @property
    def influence(self) -> Array:
        """n x k, what each row adds to each coefficient.

        Sandwiches are sums of its products: no crossproduct of regressors is formed, which would square their
        condition and lose all digits where zeros lie far away (year, year squared).
        """
        return np.asarray(self.scores @ self.root.T)

    @property
    def leverage(self) -> Array:
        """n leverages of the whole regression, absorbed effects included."""
        own = np.asarray((self.basis**2).sum(axis=1))
        return own if self.effects is None else own + self.effects.leverage


@dataclass(frozen=True, repr=False)
class Estimated(Shown):
    """A covariance with what belongs beside it."""

    matrix: Array
    """k x k."""
    degrees: Array | None = None
    """k degrees of freedom of the coefficients where each has its own (CR2)."""
    notes: tuple[str, ...] = ()
    """What must be said of it, such as that it is not positive semidefinite."""


def estimate_covariance(
    solution: Solution,
    spec: CovarianceSpec,
    clusters: tuple[Codes, ...] = (),
    coordinates: tuple[Array, Array] | None = None,
    panel: Panel | None = None,
) -> Estimated:
    """Covariance matrix of the coefficients.

    Parameters
    ----------
    solution : Solution
    spec : CovarianceSpec
    clusters : tuple of arrays
        Integer codes 0..G-1 of the n rows, one array for each column of ``spec.by``.
    coordinates : tuple of two arrays
        n longitudes and n latitudes in degrees, for ``conley``.
    panel : Panel
        Period and unit of the n rows, for ``conley`` with ``time``.

    Returns
    -------
    Estimated

    Raises
    ------
    SpecificationError
        If a row has leverage one under HC2 or HC3, scores cancel within clusters or cutoff to no variance at all, or
        ``conley`` comes without coordinates or panel.
    """
    estimated = _estimated(solution, spec, clusters, coordinates, panel)
    if spec.kind == "conley":
        return estimated
    matrix = without_rounding(estimated.matrix, solution.influence, spec.label)
    matrix, note = _semidefinite(matrix, spec) if len(spec.by) == 2 else (matrix, "")
    return replace(estimated, matrix=matrix, notes=(note,) if note else ())


def _semidefinite(matrix: Array, spec: CovarianceSpec) -> tuple[Array, str]:
    """A two-way covariance, its negative eigenvalues zero if that is asked for, and the note of one that has such.

    Their number does not depend on units of the regressors, so that it is counted at variances of one; what they
    become does, and follows programs, which take the matrix as it is.
    """
    lengths = np.sqrt(np.abs(np.diag(matrix)))
    scale = np.where(lengths > 0, lengths, 1.0)
    if np.linalg.eigvalsh(matrix / np.outer(scale, scale))[0] >= -_PSD_TOLERANCE:
        return matrix, ""
    said = "the two-way covariance is not positive semidefinite"
    if not spec.repair:
        return matrix, (
            f"{said}; it was left as it is, so that joint tests and combinations may have no value (repaired: negative "
            "eigenvalues set to zero, as reghdfe has it, and fixest where a variance is negative)."
        )
    values, vectors = np.linalg.eigh(matrix)
    mended = (vectors * np.maximum(values, 0.0)) @ vectors.T
    return (mended + mended.T) / 2, f"{said}; negative eigenvalues were set to zero (Cameron, Gelbach & Miller 2011)."


def _estimated(
    solution: Solution,
    spec: CovarianceSpec,
    clusters: tuple[Codes, ...],
    coordinates: tuple[Array, Array] | None,
    panel: Panel | None,
) -> Estimated:
    if spec.kind == "conley":
        return _spatial(solution, spec, coordinates, panel)
    if spec.kind == "cluster" and spec.factor in ("CR2", "CR3", "CV3", "CV3J"):
        parts = (solution.basis, solution.residuals, solution.root)
        return Estimated(*leverage_adjusted(*parts, clusters[0], spec.factor, solution.effects))
    return Estimated(covariance(solution, spec, clusters), _degrees(solution, spec, clusters))


def _degrees(solution: Solution, spec: CovarianceSpec, clusters: tuple[Codes, ...]) -> Array | None:
    """Degrees of freedom N - K of every coefficient where they are asked for instead of G - 1."""
    factor = spec.factor
    if not isinstance(factor, SmallSample) or factor.t_df == "min":
        return None
    counted = counted_coefficients(factor, solution.coefficients_counted, solution.effects, clusters)
    return np.full(solution.basis.shape[1], float(solution.n - counted))


def _spatial(
    solution: Solution, spec: CovarianceSpec, coordinates: tuple[Array, Array] | None, panel: Panel | None
) -> Estimated:
    """Conley's covariance, all absorbed effects being in the scores already."""
    if coordinates is None or spec.kernel is None or spec.cutoff_km is None:
        raise SpecificationError(
            f"covariance {spec.label!r} without coordinates; allowed: longitude and latitude of every row. Pass them."
        )
    if (panel is None) != (spec.time is None):
        raise SpecificationError(
            f"covariance {spec.label!r} {'without' if panel is None else 'with'} periods of the rows; allowed: periods "
            "where the specification names time. Pass panel=Panel(...) then, and only then."
        )
    spatial = orthonormal_conley(
        solution.scores,
        solution.root,
        places_of(
            *coordinates,
            kernel=spec.kernel,
            cutoff_km=spec.cutoff_km,
            radius_km=spec.radius_km,
            distance=spec.distance or "great_circle",
        ),
        panel=panel,
        repair=bool(spec.repair),
    )
    factor = _BY_ARGUMENTS.get(spec.factor, spec.factor)
    small_sample = 1.0
    if isinstance(factor, SmallSample) and factor.k_adj:
        counted = counted_coefficients(factor, solution.coefficients_counted, solution.effects, ())
        small_sample = (solution.n - 1) / (solution.n - counted)
    return Estimated(small_sample * spatial.matrix, _degrees(solution, spec, ()), _of_pairs(spatial, solution.n, panel))


def _of_pairs(spatial: ConleyCovariance, n: int, panel: Panel | None) -> tuple[str, ...]:
    """What must be said of a spatial covariance: that it is not semidefinite, or that its cutoff spans the map."""
    notes = (spatial.note,) if spatial.note else ()
    groups = n**2 / (n + 2 * spatial.pairs * _MEAN_WEIGHT[spatial.kernel])
    if panel is not None or groups >= _FEWEST_NEIGHBOURHOODS:
        return notes
    share = 200 * spatial.pairs / (n * (n - 1))
    return (
        *notes,
        f"{share:.0f} % of all pairs of rows lie within the cutoff of {spatial.cutoff_km:g} km, as in some "
        f"{groups:.0f} clusters: too few for tests to hold their size, and standard errors fall to zero as the cutoff "
        "spans the map. Read them beside SCPC.",
    )


def covariance(solution: Solution, spec: CovarianceSpec, clusters: tuple[Codes, ...]) -> Array:
    """Covariance matrix of the coefficients for the kinds that need scores and leverage of rows only.

    Parameters
    ----------
    solution : Solution
    spec : CovarianceSpec
        ``iid``, ``HC1``, ``HC2``, ``HC3``, or ``cluster`` with CR0, CR1, CR1S, CR1N, a program or ``ssc``.
    clusters : tuple of arrays
        Integer codes 0..G-1 of the n rows, one array for each column of ``spec.by``.

    Returns
    -------
    array, k x k

    Raises
    ------
    SpecificationError
        If a row has leverage one under HC2 or HC3.
    """
    if spec.kind == "iid":
        rest = solution.n - solution.coefficients_counted
        return solution.root @ solution.root.T * (float(solution.residuals @ solution.residuals) / rest)
    if spec.kind == "cluster":
        assert spec.factor is not None  # the specification refuses clusters without a named factor
        return _clustered(solution, spec.factor, clusters)
    return _heteroskedastic(solution, spec.kind)


def _heteroskedastic(solution: Solution, kind: str) -> Array:
    """HC1, HC2 and HC3 (MacKinnon & White 1985)."""
    influence = solution.influence
    if kind == "HC1":
        return influence.T @ influence * (solution.n / (solution.n - solution.coefficients_counted))
    rest = 1.0 - solution.leverage
    if rest.min() < 1e-10:
        raise SpecificationError(
            f"rows with leverage one (alone in their fixed effect, or with a dummy of their own): "
            f"{int((rest < 1e-10).sum())}, where {kind} is not defined; allowed: HC1, iid or cluster. Change the "
            "covariance, or take these rows out of the frame."
        )
    power = {"HC2": 1.0, "HC3": 2.0}[kind]
    return (influence / (rest**power)[:, None]).T @ influence


def _clustered(solution: Solution, factor: Factor, clusters: tuple[Codes, ...]) -> Array:
    """One-way (Liang & Zeger 1986) or two-way (Cameron, Gelbach & Miller 2011) cluster covariance."""
    influence, n = solution.influence, solution.n
    parts = clusters if len(clusters) == 1 else (*clusters, intersection(*clusters))
    products = [_cluster_products(influence, codes) for codes in parts]
    sizes = [int(codes.max()) + 1 for codes in parts]
    counted = counted_coefficients(factor, solution.coefficients_counted, solution.effects, clusters)
    if isinstance(factor, SmallSample) and factor.g_df == "conventional":
        products = [cluster_factor(factor, size, n, counted) * part for size, part in zip(sizes, products, strict=True)]
        small_sample = 1.0
    else:
        small_sample = cluster_factor(factor, min(sizes), n, counted)
    return np.asarray(small_sample * (sum(products[: len(clusters)]) - sum(products[len(clusters) :])))


def _cluster_products(influence: Array, codes: Codes) -> Array:
    """Sum over clusters of the outer products of their summed influence."""
    sums = np.column_stack([np.bincount(codes, weights=column) for column in influence.T])
    return np.asarray(sums.T @ sums, dtype=np.float64)


def counted_coefficients(
    factor: Factor | None, counted: int, effects: FixedEffects | None, clusters: tuple[Codes, ...]
) -> int:
    """K of the small-sample factor, by what its convention counts of the fixed effects.

    Parameters
    ----------
    factor : the convention by name or arguments, or none.
    counted : regressors plus absorbed effects, these by the rank of their dummies.
    effects : the absorbed effects; None if there are none.
    clusters : integer codes of the n rows, one array a cluster column; an effect nested in any of them is nested.

    Returns
    -------
    int
        ``counted`` itself without effects and under CR0, CR1 and CR1S. Under CR1N without the nested effects, but at
        least one more than the regressors, for the intercept. For programs as :data:`shanhai.methods.spec.Program`
        says.
    """
    if effects is None or not effects.codes:
        return counted
    regressors = counted - effects.degrees
    if isinstance(factor, SmallSample) or factor in _BY_ARGUMENTS:
        arguments = factor if isinstance(factor, SmallSample) else _BY_ARGUMENTS[factor]
        return regressors + _counted_by(arguments, effects, clusters)
    if factor == "CR1N":
        return regressors + _rank_outside(effects, clusters)
    if factor == "reghdfe":
        outside = tuple(codes for codes in effects.codes if not _nested_in(codes, clusters))
        constant = int(len(outside) < len(effects.codes))
        levels = sum(int(codes.max()) + 1 for codes in outside)
        return regressors + constant + levels - _redundant_levels(outside, first=constant)
    if factor == "xtreg":
        panel = FixedEffects(effects.codes[:1], effects.weights)
        return counted - panel.degrees + 1
    return counted


def _counted_by(arguments: SmallSample, effects: FixedEffects, clusters: tuple[Codes, ...]) -> int:
    """What fixest and pyfixest count of the fixed effects."""
    if arguments.k_fixef == "none":
        return 0
    inside = arguments.k_fixef == "nonnested"
    if arguments.k_exact:
        return _rank_outside(effects, clusters) if inside else effects.degrees
    levels = sum(int(codes.max()) + 1 for codes in effects.codes) - (len(effects.codes) - 1)
    nested = [int(codes.max()) for codes in effects.codes if inside and _nested_in(codes, clusters)]
    return levels - sum(nested)  # a nested effect keeps one of its levels


def _rank_outside(effects: FixedEffects, clusters: tuple[Codes, ...]) -> int:
    """Rank of the dummies of effects that have a level in several clusters, one at least."""
    outside = tuple(codes for codes in effects.codes if not _nested_in(codes, clusters))
    return FixedEffects(outside, effects.weights).degrees


def cluster_factor(factor: Factor, groups: int, n: int, k: int) -> float:
    """Small-sample factor by name, for G groups, n rows and k coefficients (see :func:`counted_coefficients`).

    Parameters
    ----------
    factor : CR0 for 1, CR1 for G/(G-1), CR1S, CR1N and programs for G/(G-1) x (n-1)/(n-k), or the arguments of ssc.
    groups, n, k : numbers of clusters, rows and coefficients counted.

    Raises
    ------
    SpecificationError
        If the convention is no factor (CR2, CR3, CV3, CV3J), or clusters are below two.

    Examples
    --------
    >>> from shanhai.methods.regression.covariance import cluster_factor
    >>> cluster_factor("fixest", groups=10, n=101, k=1)
    1.1111111111111112
    """
    if factor in ("CR2", "CR3", "CV3", "CV3J"):
        raise SpecificationError(
            f"{factor!r} is no factor; allowed: {', '.join(TWO_WAY_FACTORS)} or a program. Use estimate_covariance for "
            "the others."
        )
    arguments = factor if isinstance(factor, SmallSample) else SmallSample(factor not in ("CR0", "CR1"))
    if factor == "CR0" or not arguments.g_adj:
        of_groups = 1.0
    elif groups < 2:
        raise SpecificationError(f"{groups} clusters; allowed: two or more. Cluster by something finer.")
    else:
        of_groups = groups / (groups - 1)
    return of_groups * ((n - 1) / (n - k) if arguments.k_adj else 1.0)


def _nested_in(codes: Codes, clusters: tuple[Codes, ...]) -> bool:
    """Whether each level of a fixed effect lies in one cluster, of any one of the cluster columns."""
    return any(intersection(codes, groups).max() == codes.max() for groups in clusters)


def intersection(left: Codes, right: Codes) -> Codes:
    """Codes of the pairs of levels that occur, 0..P-1."""
    pairs = np.unique(left * (int(right.max()) + 1) + right, return_inverse=True)[1]
    return np.asarray(pairs, dtype=np.int64)


def _redundant_levels(codes: tuple[Codes, ...], *, first: int) -> int:
    """Levels that others determine: ``first`` of the first effect; of each later one the groups of levels not linked.

    Groups are found for each pair of effects, as reghdfe does: exact for two.
    """
    total = first if codes else 0
    for place, later in enumerate(codes[1:], start=1):
        total += max(linked_groups(earlier, later) for earlier in codes[:place])
    return total
