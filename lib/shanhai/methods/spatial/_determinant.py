"""Logarithm of the determinant of I - rho W, and traces of its inverse, from sparse factors; no n x n array is made.

``ln |I - rho W|`` is the sum of the logarithms of the pivots of a sparse LU. As a function of rho it is analytic, so a
Chebyshev polynomial gives it, and by its derivative the trace of ``W (I - rho W)^-1``, to rounding error over a range.
The one trace that has no such form is computed by solving for blocks of columns: exactly, or for very many units from
random signs (Hutchinson 1990).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.polynomial import Chebyshev
from scipy import sparse
from scipy.sparse import csgraph
from scipy.sparse.linalg import SuperLU, splu

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array

_BLOCK = 32
"""Columns solved for at once; few enough that the block stays in the cache of the processor."""

EXACT_UNITS = 5_000
"""Up to this many units the trace is exact; the work grows with the square of the units."""

PROBES = 256
"""Vectors of random signs beyond that; the trace is then off by some thousandth, its standard error by half of that."""

_DEGREES = (8, 16, 32, 64, 128)
"""Degrees of the polynomial that are tried in turn."""

_CONVERGED = 1e-12
"""The polynomial is good when its last coefficients are this share of its largest."""

WIDEST = 0.9999
"""Largest absolute value of rho; at one the determinant of row-standardised weights is zero."""


def factor(weights: sparse.csr_array, rho: float) -> SuperLU:
    """Sparse LU of I - rho W.

    Without pivoting: rows of W sum to one or zero, so for ``|rho| < 1`` the diagonal dominates and no pivot is small.
    """
    matrix = sparse.csc_array(sparse.eye_array(weights.shape[0]) - rho * weights)
    return splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})


def log_determinant(weights: sparse.csr_array, rho: float) -> float:
    """Natural logarithm of ``|I - rho W|`` for row-standardised W and ``|rho| < 1``."""
    return float(np.log(np.abs(factor(weights, rho).U.diagonal())).sum())


@dataclass(frozen=True)
class DeterminantCurve:
    """``ln |I - rho W|`` and what follows from it, for rho within a range."""

    smooth: Chebyshev
    """The logarithm without the part that falls to minus infinity at rho of one, as a polynomial of rho."""
    roots: int
    """How often one is an eigenvalue of W; that part is ``roots * ln(1 - rho)``."""
    units: int
    """n."""

    @cached_property
    def _slope(self) -> Chebyshev:
        return self.smooth.deriv()

    @cached_property
    def _bend(self) -> Chebyshev:
        return self.smooth.deriv(2)

    def value(self, rho: float) -> float:
        """The logarithm of the determinant."""
        return float(self.smooth(rho) + self.roots * np.log1p(-rho))

    def trace(self, rho: float) -> float:
        """Trace of G = W (I - rho W)^-1: minus the first derivative."""
        return float(self.roots / (1 - rho) - self._slope(rho))

    def trace_of_square(self, rho: float) -> float:
        """Trace of G G: minus the second derivative."""
        return float(self.roots / (1 - rho) ** 2 - self._bend(rho))

    def mean_diagonal(self, rho: Array) -> Array:
        """Mean of the diagonal of (I - rho W)^-1, which is I + rho G."""
        return np.asarray(1.0 + rho * (self.roots / (1 - rho) - self._slope(rho)) / self.units)


def determinant_curve(weights: sparse.csr_array, low: float, high: float) -> DeterminantCurve:
    """The logarithm of the determinant over a range of rho within (-1, 1).

    The degree is doubled until the last coefficients are rounding error.

    Raises
    ------
    SpecificationError
        If that does not happen, as when the range reaches almost to one.
    """
    low, high = max(low, -WIDEST), min(high, WIDEST)
    roots = unit_roots(weights)

    def smooth(points: Array) -> Array:
        return np.array([log_determinant(weights, rho) - roots * np.log1p(-rho) for rho in points])

    for degree in _DEGREES:
        curve = Chebyshev.interpolate(smooth, degree, [low, high])
        size = np.abs(curve.coef)
        if size[-2:].max() <= _CONVERGED * max(size.max(), 1.0):
            return DeterminantCurve(curve, roots, weights.shape[0])
    raise SpecificationError(
        f"the determinant has no polynomial between rho of {low:.4f} and {high:.4f}; allowed: a range farther from -1 "
        "and 1. The spatial parameter is too uncertain, or too near to one, for this model."
    )


def unit_roots(weights: sparse.csr_array) -> int:
    """How often one is an eigenvalue of row-standardised weights: groups with neighbours and no link leading out."""
    count, group = csgraph.connected_components(weights, directed=True, connection="strong")
    links = weights.tocoo()
    closed = np.zeros(count, dtype=bool)
    closed[group[links.row]] = True  # islands have no root
    closed[group[links.row[group[links.row] != group[links.col]]]] = False
    return int(closed.sum())


def trace_of_crossproduct(weights: sparse.csr_array, rho: float, rng: np.random.Generator | None = None) -> float:
    """Trace of G'G with G = W (I - rho W)^-1, exact up to ``EXACT_UNITS`` units, from random signs beyond.

    Parameters
    ----------
    weights : n x n
    rho : float
    rng : numpy.random.Generator, optional
        For the random signs; without one they are always the same.
    """
    n = weights.shape[0]
    factors = factor(weights, rho)
    total = 0.0
    if n <= EXACT_UNITS:
        for start in range(0, n, _BLOCK):
            columns = np.arange(start, min(start + _BLOCK, n))
            block = np.zeros((n, len(columns)))
            block[columns, columns - start] = 1.0
            total += float(((weights @ factors.solve(block)) ** 2).sum())
        return total
    generator = rng if rng is not None else np.random.default_rng(0)
    for _ in range(0, PROBES, _BLOCK):
        signs = generator.choice([-1.0, 1.0], size=(n, _BLOCK))
        total += float(((weights @ factors.solve(signs)) ** 2).sum())
    return total / PROBES
