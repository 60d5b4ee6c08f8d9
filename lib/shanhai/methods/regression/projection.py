"""What is left of columns once others are held: the part of a regression that bootstraps and placebos share.

Whether a column is determined by others must not depend on its unit or on where its zero lies. So what is left of it is
held against what the fixed effects leave of it, and against the rounding that its own size and that of the columns
taken out of it have left behind.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array

RANK_TOLERANCE = 1e-9
"""A column of which less than this share is left after the others counts as determined by them."""


_ROUNDING = 16 * np.finfo(float).eps
"""Share of the length of a column, zero where its unit has it, that is not told from rounding."""

_SWEPT = 1e-11
"""Share of the spread of a column that repeated sweeps over several fixed effects may leave behind."""


@dataclass(frozen=True, repr=False)
class Independent(Shown):
    """Columns that those before them do not determine, and an orthonormal basis of them."""

    kept: tuple[int, ...]
    """r places of the columns."""
    basis: Array
    """n x r, Q."""
    triangle: Array
    """r x r upper triangle R: the kept columns are Q R."""

    @property
    def root(self) -> Array:
        """r x r inverse of R: its product with its transpose is the inverse of the crossproduct of the columns."""
        return inverse_triangle(self.triangle)


def inverse_triangle(triangle: Array) -> Array:
    """Inverse of an upper triangle, by substitution, which the scales of its columns do not harm."""
    return np.asarray(linalg.solve_triangular(triangle, np.eye(len(triangle)))) if len(triangle) else triangle


def independent_columns(columns: Array, floor: Array) -> Independent:
    """Columns that those before them do not determine, whatever their units and zeros.

    Gram-Schmidt with every projection taken twice, because one leaves rounding of its own (Giraud et al. 2005). What
    is rounding in a column follows from its own ``floor`` and from that of the directions taken out of it.

    Parameters
    ----------
    columns : n x k, within the fixed effects, times the root of the weights.
    floor : k lengths below which a column is rounding, from :func:`rounding`.

    Returns
    -------
    Independent
    """
    basis = np.empty((len(columns), 0))
    triangle = np.zeros((columns.shape[1], columns.shape[1]))
    kept: list[int] = []
    blur = np.empty(0)  # rounding in each direction of the basis
    for place, column in enumerate(columns.T):
        first = basis.T @ column
        left = column - basis @ first
        second = basis.T @ left
        left = left - basis @ second
        length, noise = float(np.linalg.norm(left)), float(floor[place] + np.abs(first + second) @ blur)
        if length <= max(noise, RANK_TOLERANCE * float(np.linalg.norm(column))):
            continue
        triangle[: len(kept), len(kept)], triangle[len(kept), len(kept)] = first + second, length
        kept.append(place)
        basis, blur = np.column_stack([basis, left / length]), np.append(blur, noise / length)
    return Independent(tuple(kept), basis, triangle[: len(kept), : len(kept)])


def rounding(raw: Array, weights: Array) -> Array:
    """Lengths below which what fixed effects leave of columns is rounding, k.

    Parameters
    ----------
    raw : n x k, as they were before fixed effects were taken out.
    weights : n positive weights.
    """
    spread = np.sqrt(weights @ (raw - np.average(raw, axis=0, weights=weights)) ** 2)
    return np.asarray(_ROUNDING * np.sqrt(weights @ raw**2) + _SWEPT * spread + np.finfo(float).tiny)


def less_projection(columns: Array, basis: Array) -> Array:
    """Columns less their projection on an orthonormal basis; twice, as rounding leaves a trace the first time."""
    once = columns - basis @ (basis.T @ columns)
    return np.asarray(once - basis @ (basis.T @ once))


def without(target: Array, columns: Array) -> Array:
    """What columns leave of a target (n), both less their means already; columns that repeat others do not count."""
    basis = independent_columns(columns, np.zeros(columns.shape[1])).basis
    return less_projection(target[:, None], basis)[:, 0]
