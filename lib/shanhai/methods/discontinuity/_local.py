"""Local polynomials on one side of a cut-off, as weighted sums of the outcomes, and the bandwidth for them.

Every estimate at a cut-off is linear in the outcomes, ``sum(l * y)``, and its variance is ``sum((l * e) ** 2)`` with
residuals ``e``: the weights ``l`` are all that estimates, biases and bandwidths need.

The bandwidth minimises the mean squared error of the jump, the same on both sides. Calonico, Cattaneo & Titiunik (2014,
Econometrica 82, section S.2.6 of the supplement; Stata Journal 14) and Calonico, Cattaneo & Farrell (2020, Econometrics
Journal 23): the leading bias and variance of an order-p estimate give the bandwidth h = (V / (B^2 + R))^(1/(2p+3)); B
needs a derivative that is itself estimated with a bandwidth of this kind, and so on until a rule of thumb starts the
chain. R keeps h finite where the estimated curvature is near zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes

KernelShape = Literal["triangular", "epanechnikov", "uniform"]
"""Weight by distance to the cut-off over bandwidth u: ``1 - u``, ``0.75 (1 - u^2)``, ``0.5``, each up to u = 1."""

Noise = Literal["neighbours", "HC0", "HC1", "HC2", "HC3"]
"""Residuals of the variance: difference from the nearest neighbours in the running variable (Abadie & Imbens 2006), or
of the polynomial with the factors of MacKinnon & White (1985)."""


@dataclass(frozen=True, repr=False)
class Side(Shown):
    """Rows on one side of the cut-off, sorted by the running variable; arrays of length n."""

    outcome: Array
    running: Array
    """Running variable minus the cut-off: all negative, or none."""
    clusters: Codes | None = None
    """Cluster of each row, or none."""
    covariates: Array | None = None
    """Covariates, n x k, or none."""
    rows: Codes | None = None
    """Number of each row in what the user passed, or none."""

    @property
    def unique(self) -> int:
        """Number of different values of the running variable."""
        return len(np.unique(self.running))

    @property
    def reach(self) -> float:
        """Distance of the farthest row from the cut-off."""
        return float(np.abs(self.running).max())

    def within(self, width: float) -> "Side":
        """Rows less than ``width`` from the cut-off (at it, the triangular weight is zero)."""
        inside = np.abs(self.running) < width
        return Side(
            self.outcome[inside],
            self.running[inside],
            None if self.clusters is None else self.clusters[inside],
            None if self.covariates is None else self.covariates[inside],
            None if self.rows is None else self.rows[inside],
        )

    def less(self, slopes: Array) -> "Side":
        """The same rows, the outcome less the covariates times given slopes."""
        if self.covariates is None:
            return self
        return replace(self, outcome=self.outcome - self.covariates @ slopes)


@dataclass(frozen=True)
class Smoothing:
    """What every local polynomial of an estimate has in common."""

    kernel: KernelShape
    noise: Noise
    neighbours: int
    dimension: int = 1
    """2 where the running variable is a distance from a point: rows within h are then as many as the square of h."""


def kernel_weights(scaled: Array, kernel: KernelShape) -> Array:
    """Weights at distances over bandwidth; zero from one on."""
    distance = np.abs(scaled)
    shapes = {
        "triangular": 1.0 - distance,
        "epanechnikov": 0.75 * (1.0 - distance**2),
        "uniform": np.full_like(distance, 0.5),
    }
    return np.where(distance < 1.0, shapes[kernel], 0.0)


def smoother(running: Array, width: float, order: int, kernel: KernelShape) -> Array:
    """Weights that turn outcomes into the coefficients of a local polynomial.

    Parameters
    ----------
    running : n values, centred on the cut-off.
    width : bandwidth, in the unit of ``running``.
    order : order of the polynomial.

    Returns
    -------
    array, (order + 1) x n; coefficients are those of powers of ``running`` itself.

    Raises
    ------
    SpecificationError
        If the bandwidth holds no more different values than the polynomial has coefficients.
    """
    scaled = running / width
    weights = kernel_weights(scaled, kernel)
    inside = np.unique(running[weights > 0])
    if len(inside) < order + 2:
        raise SpecificationError(
            f"a bandwidth of {width:g} holds {len(inside)} different values of the running variable on one side; "
            f"allowed: {order + 2} or more for a polynomial of order {order}. Widen the bandwidth or lower the order."
        )
    root = np.sqrt(weights)
    factor_q, factor_r = np.linalg.qr(np.vander(scaled, order + 1, increasing=True) * root[:, None])
    rows = np.linalg.solve(factor_r, factor_q.T * root)
    return np.asarray(rows / width ** np.arange(order + 1.0)[:, None])


def covariate_slopes(sides: Sequence[Side], widths: Sequence[float], order: int, kernel: KernelShape) -> Array:
    """Slopes of the covariates that the sides have in common, next to a polynomial of each side's own.

    Calonico, Cattaneo, Farrell & Titiunik (2019, Review of Economics and Statistics 101): weighted least squares of the
    outcome on the covariates, both less the local polynomial of their side. Covariates that others determine get the
    shortest slopes, which changes no fitted value.

    Returns
    -------
    array, one slope a covariate; empty without covariates.
    """
    parts = []
    for side, width in zip(sides, widths, strict=True):
        if side.covariates is None:
            return np.empty(0)
        near = side.within(width)
        values = np.column_stack([side.outcome, side.covariates])[np.abs(side.running) < width]
        smooth = smoother(near.running, width, order, kernel)
        powers = np.vander(near.running, order + 1, increasing=True)
        # over the width, as in the paper: with two bandwidths the wider side does not count for more by its width
        root = np.sqrt(kernel_weights(near.running / width, kernel) / width)[:, None]
        parts.append(root * (values - powers @ (smooth @ values)))
    left = np.concatenate(parts)
    return np.asarray(np.linalg.lstsq(left[:, 1:], left[:, 0], rcond=1e-10)[0])


def residuals(side: Side, smooth: Array, smoothing: Smoothing) -> Array:
    """Residuals whose squares stand for the variance of each row.

    Parameters
    ----------
    side : rows that the residuals are of.
    smooth : from :func:`smoother` on the same rows; used by the HC kinds only.

    Raises
    ------
    SpecificationError
        If a row alone determines the polynomial, so that HC2 and HC3 are not defined.
    """
    if smoothing.noise == "neighbours":
        return neighbour_residuals(side.outcome, side.running, smoothing.neighbours)
    powers = np.vander(side.running, len(smooth), increasing=True)
    inside = smooth.any(axis=0)
    rest = np.where(inside, side.outcome - powers @ (smooth @ side.outcome), 0.0)
    leverage = np.einsum("ij,ji->i", powers, smooth)
    n, k = int(inside.sum()), len(smooth)
    if smoothing.noise in ("HC2", "HC3") and leverage.max() > 1.0 - 1e-10:
        raise SpecificationError(
            f"a row has leverage one, where {smoothing.noise} is not defined; allowed: neighbours, HC0, HC1. Take one "
            "of these, or widen the bandwidth."
        )
    power = {"HC2": 0.5, "HC3": 1.0}.get(smoothing.noise, 0.0)
    scale = np.sqrt(n / (n - k)) if smoothing.noise == "HC1" else 1.0
    return np.asarray(scale * rest / (1.0 - leverage) ** power)


def neighbour_residuals(outcome: Array, running: Array, neighbours: int) -> Array:
    """Outcome minus the mean of the nearest rows, scaled so that its square is unbiased for the variance.

    Rows as near as the last neighbour count too, so the answer does not hang on the order of ties. ``running`` is
    sorted; ``neighbours`` is cut to what there is.
    """
    n, wanted = len(running), min(neighbours, len(running) - 1)
    steps = np.array([step for step in range(-wanted, wanted + 1) if step])
    places = np.arange(n)[:, None] + steps
    exists = (places >= 0) & (places < n)
    distance = np.abs(running[np.clip(places, 0, n - 1)] - running[:, None])
    last = np.sort(np.where(exists, distance, np.inf), axis=1)[:, wanted - 1]
    slack = 1e-12 * max(1.0, float(np.abs(running).max()))
    first = np.searchsorted(running, running - last - slack, side="left")
    end = np.searchsorted(running, running + last + slack, side="right")
    sums = np.concatenate([[0.0], np.cumsum(outcome)])
    count = end - first - 1
    mean = (sums[end] - sums[first] - outcome) / count
    return np.asarray((outcome - mean) * np.sqrt(count / (count + 1.0)))


def linear_variance(parts: list[tuple[Array, Array, Codes | None]], counted: int) -> float:
    """Variance of a sum of linear estimates, one part a side.

    Parameters
    ----------
    parts : (weights, residuals, clusters) of each side.
    counted : coefficients of a side, for the factor G/(G-1) x (n-1)/(n-counted) that each side with clusters gets.

    Notes
    -----
    A cluster with rows on both sides enters once, so the covariance across the cut-off is kept.

    Raises
    ------
    SpecificationError
        If a side has one cluster only.
    """
    scores = np.concatenate([scaled_scores(*part, counted) for part in parts])
    if parts[0][2] is None:
        return float(scores @ scores)
    codes = np.concatenate([clusters for _, _, clusters in parts if clusters is not None])
    sums = np.bincount(codes, weights=scores)
    return float(sums @ sums)


def scaled_scores(weights: Array, rest: Array, clusters: Codes | None, counted: int) -> Array:
    """Weight times residual of each row of a side, times the root of the factor of :func:`linear_variance`."""
    if clusters is None:
        return weights * rest
    used = weights != 0
    groups, n = len(np.unique(clusters[used])), int(used.sum())
    if groups < 2:
        raise SpecificationError(
            f"{groups} cluster inside the bandwidth on one side of the cut-off; allowed: two or more. Cluster by "
            "a finer column, or widen the bandwidth."
        )
    return np.asarray(weights * rest * np.sqrt(groups / (groups - 1) * (n - 1) / (n - counted)))


_RULE_OF_THUMB = {"triangular": 2.576, "epanechnikov": 2.34, "uniform": 1.843}
"""Constant of the starting bandwidth (Silverman's rule with the canonical bandwidth of each kernel)."""


@dataclass(frozen=True)
class Bandwidths:
    """Bandwidths left and right of the cut-off, in the unit of the running variable."""

    main: tuple[float, float]
    """h, of the estimate."""
    bias: tuple[float, float]
    """b, of the derivative that corrects its bias."""


@dataclass(frozen=True)
class _Leading:
    """Leading terms of the mean squared error on one side."""

    variance: float
    bias: float
    penalty: float


def optimal_bandwidths(
    left: Side, right: Side, order: int, bias_order: int, smoothing: Smoothing, *, apart: bool = False
) -> Bandwidths:
    """Bandwidths of an order-``order`` jump and of its bias correction of order ``bias_order``.

    Parameters
    ----------
    left, right : rows of the sides.
    order, bias_order : orders of the two polynomials.
    smoothing : kernel and residuals.
    apart : each side gets the bandwidth of least error of its own limit (``msetwo`` of rdrobust) instead of both that
        of their difference (``mserd``).

    Raises
    ------
    SpecificationError
        If a side has too few different values for the polynomials of the pilot steps (up to ``bias_order`` + 2), or
        the outcome does not vary.
    """
    sides = (left, right)
    widest = max(left.reach, right.reach)
    start = min(_starting_width(left, right, smoothing), widest)
    if apart:
        found = [_chosen((side,), order, bias_order, smoothing, start, side.reach) for side in sides]
        return Bandwidths((found[0][0], found[1][0]), (found[0][1], found[1][1]))
    main, bias = _chosen(sides, order, bias_order, smoothing, start, widest)
    return Bandwidths((main, main), (bias, bias))


def _chosen(
    sides: Sequence[Side], order: int, bias_order: int, smoothing: Smoothing, start: float, widest: float
) -> tuple[float, float]:
    """Bandwidths h and b of the difference of two limits, or of one, none beyond ``widest``."""
    # A step of order o estimates derivative nu with variance at the starting width and bias at the width before it.
    far = [side.reach * (1 + 1e-12) for side in sides]
    pilot = _step(sides, (bias_order + 1, bias_order + 1, bias_order + 2), start, far, smoothing, penalised=False)
    pilots = [min(pilot, widest)] * len(sides)
    bias = min(_step(sides, (bias_order, order + 1, bias_order + 1), start, pilots, smoothing), widest)
    main = _step(sides, (order, 0, bias_order), start, [bias] * len(sides), smoothing)
    return min(main, widest), bias


def _starting_width(left: Side, right: Side, smoothing: Smoothing) -> float:
    """Rule of thumb; rows that share a value of the running variable count once."""
    both = np.concatenate([left.running, right.running])
    low, high = np.quantile(both, [0.25, 0.75], method="averaged_inverted_cdf")  # as R's type 2, Stata and rdrobust
    spread = min(float(both.std(ddof=1)), float(high - low) / 1.349)
    rows = float(left.unique + right.unique)
    return _RULE_OF_THUMB[smoothing.kernel] * spread * rows ** (-1 / (4 + smoothing.dimension))


def _step(
    sides: Sequence[Side],
    orders: tuple[int, int, int],
    start: float,
    bias_widths: list[float],
    smoothing: Smoothing,
    *,
    penalised: bool = True,
) -> float:
    """Bandwidth of derivative ``nu`` by order ``o`` (orders: o, nu, order that estimates the bias)."""
    o, nu, _ = orders
    terms = [_leading(side, orders, start, width, smoothing) for side, width in zip(sides, bias_widths, strict=True)]
    bias = terms[-1].bias - (terms[0].bias if len(terms) == 2 else 0.0)
    penalty = sum(term.penalty for term in terms) if penalised else 0.0
    variance, curvature = sum(term.variance for term in terms), bias**2 + 3 * penalty
    if not (variance > 0 and curvature > 0):
        raise SpecificationError(
            "the outcome has no noise around its polynomial on either side, so no bandwidth is best; allowed: an "
            "outcome that varies. Name a bandwidth, or take another outcome."
        )
    dimension = smoothing.dimension
    ratio = (2 * nu + dimension) * variance / (2 * (o + 1 - nu) * curvature)
    return float(ratio ** (1 / (2 * o + 2 + dimension)))


def _leading(
    side: Side, orders: tuple[int, int, int], start: float, bias_width: float, smoothing: Smoothing
) -> _Leading:
    """Leading variance and bias of derivative ``nu`` by order ``o``, both freed of the bandwidth."""
    o, nu, bias_order = orders
    side = side.less(covariate_slopes([side], [start], o, smoothing.kernel))
    near = side.within(start)
    smooth = smoother(near.running, start, o, smoothing.kernel)
    rest = residuals(near, smooth, smoothing)
    variance = linear_variance([(smooth[nu], rest, near.clusters)], o + 1)
    constant = float(smooth[nu] @ (near.running / start) ** (o + 1)) * start**nu
    wide = side.within(bias_width)
    curve = smoother(wide.running, bias_width, bias_order, smoothing.kernel)
    wide_rest = residuals(wide, curve, smoothing)
    noise = linear_variance([(curve[o + 1], wide_rest, wide.clusters)], bias_order + 1)
    bias = constant * float(curve[o + 1] @ wide.outcome)
    return _Leading(start ** (2 * nu + smoothing.dimension) * variance, bias, constant**2 * noise)
