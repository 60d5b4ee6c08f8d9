"""The columns of a group, demeaned once, and all its small systems of normal equations solved together.

Every regression of a group takes some of the same columns, so its normal equations are a part of one crossproduct
matrix. Systems of the same size are solved side by side: each step of the elimination is one array operation over all
of them. Columns have unit length, so a pivot is the share of a column that those before it leave unexplained.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes, Flags
from shanhai.methods.curve._catalogue import Group, columns_of
from shanhai.methods.regression.absorb import FixedEffects, within
from shanhai.methods.regression.design import build_design
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Term, Variable

_LEAST_PIVOT = 1e-5
"""Below this share left unexplained by the others a regression is near-collinear: normal equations, which square the
condition, lose digits there, and whether to drop a control is for ``fit`` to decide."""

_LEAST_LENGTH = 1e-4
"""A column of which less than this share of its length is left within the fixed effects is near-collinear with them."""

_LEAST_UNEXPLAINED = 1e-5
"""Below this share of the outcome's variance left, differences of crossproducts lose digits."""

_PLACEHOLDER = "no_outcome"
"""Outcome of the regression that fetches the columns of a group; its outcomes are among the columns."""


@dataclass(frozen=True, repr=False)
class Block(Shown):
    """Columns of a group within its fixed effects, times the root of the weights, scaled to unit length."""

    columns: Array
    """n x p."""
    lengths: Array
    """p lengths before scaling; 1 where nothing is left of a column."""
    usable: Flags
    """p, whether enough of the column is left within the fixed effects."""
    place: Codes
    """Column of each term of the catalogue, -1 if the group does not use it."""
    gram: Array
    """p x p crossproducts."""
    effects: FixedEffects
    """The fixed effects, of which programs count different parts."""
    absorbed: int
    """Coefficients that fixed effects (or the intercept) use up."""
    intercepts: int
    """1 if an intercept is estimated, which clusters must outnumber too; 0 with fixed effects."""
    rows: Codes
    """Positions of the rows in the frame."""


def make_block(group: Group, terms: tuple[Term, ...], used: Codes, frame: pd.DataFrame) -> Block:
    """Columns of a group.

    Parameters
    ----------
    group : Group
    terms : tuple of Term
        Of the catalogue.
    used : array of int
        Numbers of the terms that the group needs.
    frame : DataFrame
    """
    needed = tuple(terms[number] for number in used)
    named = [name for term in needed for name in columns_of(term)] + list(group.effects)
    named += [group.weights] if group.weights is not None else []
    part = frame[list(dict.fromkeys(named))].iloc[group.rows]
    spec = RegressionSpec(
        Variable(_PLACEHOLDER),
        needed,
        SampleSpec("rows of a group"),
        CovarianceSpec("iid"),
        fixed_effects=group.effects,
        weights=group.weights,
    )
    design = build_design(spec, part.assign(**{_PLACEHOLDER: 0.0}))
    assert len(design.rows) == len(group.rows)  # rows were chosen so that none is left to drop
    root = np.sqrt(design.effects.weights)
    whole = np.linalg.norm(design.matrix, axis=0)
    columns = within(design.matrix, design.effects) * root[:, None]
    lengths = np.linalg.norm(columns, axis=0)
    usable = lengths > _LEAST_LENGTH * whole * np.median(root)
    lengths = np.where(usable, lengths, 1.0)
    columns = columns / lengths
    place = np.full(len(terms), -1, dtype=np.int64)
    place[used] = np.arange(len(used))
    return Block(
        columns=columns,
        lengths=lengths,
        usable=usable,
        place=place,
        gram=columns.T @ columns,
        effects=design.effects,
        absorbed=design.effects.degrees,
        intercepts=0 if group.effects else 1,
        rows=group.rows,
    )


@dataclass(frozen=True, repr=False)
class Solutions(Shown):
    """m regressions of k regressors each on columns of unit length; the treatment is the last regressor."""

    regressors: Codes
    """k x m columns of the block."""
    outcome: Codes
    """m columns of the block."""
    params: Array
    """k x m coefficients."""
    direction: Array
    """k x m: the last column of the inverse crossproduct. Regressors times it, times a residual, is what a row adds to
    the treatment's coefficient."""
    unexplained: Array
    """m sums of squared residuals, as a share of the outcome's."""
    sound: Flags
    """m, whether the normal equations are well conditioned enough for the result to be trusted to 1e-10."""


def solve(block: Block, regressors: Codes, outcome: Codes) -> Solutions:
    """Solve m systems of k normal equations side by side.

    Parameters
    ----------
    block : Block
    regressors : array, k x m
        Columns of the block, the treatment last.
    outcome : array, m
        Columns of the block.
    """
    k, m = regressors.shape
    matrix = block.gram[regressors[:, None, :], regressors[None, :, :]]
    right = block.gram[regressors, outcome]
    sound = block.usable[regressors].all(axis=0) & block.usable[outcome]
    for j in range(k):
        sound &= matrix[j, j] > _LEAST_PIVOT
        matrix[j, j] = np.where(sound, matrix[j, j], 1.0)
        factors = matrix[j, j + 1 :] / matrix[j, j]
        for i in range(j + 1, k):  # the upper triangle is enough
            matrix[i, i:] -= factors[i - j - 1] * matrix[j, i:]
        right[j + 1 :] -= factors * right[j]
    pivots = matrix[np.arange(k), np.arange(k)]
    unexplained = block.gram[outcome, outcome] - (right**2 / pivots).sum(axis=0)
    sound &= unexplained > _LEAST_UNEXPLAINED
    params, direction = np.empty((k, m)), np.empty((k, m))
    params[-1], direction[-1] = right[-1] / pivots[-1], 1.0 / pivots[-1]
    for j in range(k - 2, -1, -1):
        params[j] = (right[j] - (matrix[j, j + 1 :] * params[j + 1 :]).sum(axis=0)) / pivots[j]
        direction[j] = -(matrix[j, j + 1 :] * direction[j + 1 :]).sum(axis=0) / pivots[j]
    return Solutions(regressors, outcome, params, direction, unexplained, sound)
