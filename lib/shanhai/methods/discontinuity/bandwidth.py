"""Bandwidth that minimises the mean squared error of a jump at a cut-off, the same on both sides.

Calonico, Cattaneo & Titiunik (2014, Econometrica 82, section S.2.6 of the supplement; Stata Journal 14) and Calonico,
Cattaneo & Farrell (2020, Econometrics Journal 23): the leading bias and variance of an order-p estimate give the
bandwidth h = (V / (B^2 + R))^(1/(2p+3)); B needs a derivative that is itself estimated with a bandwidth of this kind,
and so on until a rule of thumb starts the chain. R keeps h finite where the estimated curvature is near zero.
"""

from dataclasses import dataclass

import numpy as np

from shanhai.core.errors import SpecificationError
from shanhai.methods.discontinuity.local import KernelShape, Side, Smoothing, linear_variance, residuals, smoother

RULE_OF_THUMB = {"triangular": 2.576, "epanechnikov": 2.34, "uniform": 1.843}
"""Constant of the starting bandwidth (Silverman's rule with the canonical bandwidth of each kernel)."""


@dataclass(frozen=True)
class Bandwidths:
    """Bandwidths in the unit of the running variable."""

    main: float
    """h, of the estimate."""
    bias: float
    """b, of the derivative that corrects its bias."""


@dataclass(frozen=True)
class Leading:
    """Leading terms of the mean squared error on one side."""

    variance: float
    bias: float
    penalty: float


def optimal_bandwidths(left: Side, right: Side, order: int, bias_order: int, smoothing: Smoothing) -> Bandwidths:
    """Bandwidths of an order-``order`` jump and of its bias correction of order ``bias_order``.

    Raises
    ------
    SpecificationError
        If a side has too few different values for the polynomials of the pilot steps (up to ``bias_order`` + 2), or
        the outcome does not vary.
    """
    sides = (left, right)
    widest = max(left.reach, right.reach)
    start = min(_starting_width(left, right, smoothing.kernel), widest)
    # A step of order o estimates derivative nu with variance at the starting width and bias at the width before it.
    far = [side.reach * (1 + 1e-12) for side in sides]
    pilot = _step(sides, (bias_order + 1, bias_order + 1, bias_order + 2), start, far, smoothing, penalised=False)
    pilot = min(pilot, widest)
    bias = _step(sides, (bias_order, order + 1, bias_order + 1), start, [pilot] * 2, smoothing)
    bias = min(bias, widest)
    main = _step(sides, (order, 0, bias_order), start, [bias] * 2, smoothing)
    return Bandwidths(min(main, widest), bias)


def _starting_width(left: Side, right: Side, kernel: KernelShape) -> float:
    """Rule of thumb; rows that share a value of the running variable count once."""
    both = np.concatenate([left.running, right.running])
    low, high = np.quantile(both, [0.25, 0.75])
    spread = min(float(both.std(ddof=1)), float(high - low) / 1.349)
    return RULE_OF_THUMB[kernel] * spread * float(left.unique + right.unique) ** (-1 / 5)


def _step(
    sides: tuple[Side, Side],
    orders: tuple[int, int, int],
    start: float,
    bias_widths: list[float],
    smoothing: Smoothing,
    *,
    penalised: bool = True,
) -> float:
    """Bandwidth of derivative ``nu`` by order ``o`` (orders: o, nu, order that estimates the bias)."""
    o, nu, _ = orders
    left, right = (
        _leading(side, orders, start, width, smoothing) for side, width in zip(sides, bias_widths, strict=True)
    )
    bias = right.bias - left.bias
    penalty = left.penalty + right.penalty if penalised else 0.0
    variance, curvature = left.variance + right.variance, bias**2 + 3 * penalty
    if not (variance > 0 and curvature > 0):
        raise SpecificationError(
            "the outcome has no noise around its polynomial on either side, so no bandwidth is best; allowed: an "
            "outcome that varies. Name a bandwidth, or take another outcome."
        )
    return float(((2 * nu + 1) * variance / (2 * (o + 1 - nu) * curvature)) ** (1 / (2 * o + 3)))


def _leading(
    side: Side, orders: tuple[int, int, int], start: float, bias_width: float, smoothing: Smoothing
) -> Leading:
    """Leading variance and bias of derivative ``nu`` by order ``o``, both freed of the bandwidth."""
    o, nu, bias_order = orders
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
    return Leading(start ** (2 * nu + 1) * variance, bias, constant**2 * noise)
