"""Estimates and t-ratios of a block of drawn treatments, by matrix products over all of them at once."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from shanhai.methods.arrays import Array, Codes
from shanhai.methods.placebo.drawn import DrawnDesign, Reduced
from shanhai.methods.regression.absorb import FixedEffects, within
from shanhai.methods.regression.covariance import cluster_factor, intersection
from shanhai.methods.regression.projection import RANK_TOLERANCE
from shanhai.methods.spec import CovarianceSpec

LEAST_DETERMINED = 1e-10
"""Smallest eigenvalue of the correlations of drawn columns below which one determines the other."""


def block_t(
    design: DrawnDesign,
    reduced: Reduced,
    effects: FixedEffects,
    members: list[tuple[float, sparse.csr_array]],
    block: Array,
    term: str,
) -> tuple[Array, Array]:
    """Estimates and t-ratios for some draws (n x b)."""
    columns, lengths = [], []
    root = np.sqrt(effects.weights)[:, None]
    for factor in design.factors.T:
        raw = block * factor[:, None]
        lengths.append(np.einsum("ib,ib->b", raw, raw))
        column = demeaned(raw, effects)
        if design.result.spec.weights is not None:
            column *= root
        column -= reduced.basis @ (reduced.basis.T @ column)
        columns.append(column)
    inverse, params, sound = _solved(columns, np.array(lengths), reduced.outcome)
    place = design.names.index(term)
    residuals = reduced.outcome[:, None] - sum(column * b for column, b in zip(columns, params, strict=True))
    influence = sum(column * weight for column, weight in zip(columns, inverse[place], strict=True))
    variance = _variance(design, influence, residuals, members, inverse[place, place])
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = params[place] / np.sqrt(np.where(sound & (variance > 0), variance, np.nan))
    return np.where(np.isfinite(ratios), params[place], np.nan), ratios


def demeaned(values: Array, effects: FixedEffects) -> Array:
    """Deviations from the means of fixed effects; one effect by a sparse product, several by sweeps."""
    groupings = effects.groupings
    if len(groupings) > 1:
        return within(values, effects)
    codes = groupings[0]
    sums = sparse.csr_array((effects.weights, (codes, np.arange(len(codes))))) @ values
    sums /= np.bincount(codes, weights=effects.weights)[:, None]
    return np.asarray(values - sums[codes])


def cluster_members(clusters: tuple[Codes, ...]) -> list[tuple[float, sparse.csr_array]]:
    """Sign and membership (G x n) of each part of a one- or two-way cluster covariance."""
    parts = [(1.0, codes) for codes in clusters]
    if len(clusters) == 2:
        parts.append((-1.0, intersection(*clusters)))
    return [(sign, sparse.csr_array((np.ones(len(codes)), (codes, np.arange(len(codes)))))) for sign, codes in parts]


def _solved(columns: list[Array], lengths: Array, outcome: Array) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Inverse crossproducts (q x q x b), coefficients (q x b), and which draws determine them."""
    q = len(columns)
    gram = np.array([[np.einsum("ib,ib->b", one, other) for other in columns] for one in columns])
    own = gram[np.arange(q), np.arange(q)]
    sound = np.all(own > RANK_TOLERANCE**2 * np.maximum(lengths, np.finfo(float).tiny), axis=0)
    scale = 1.0 / np.sqrt(np.where(sound, own, 1.0))
    correlation = np.where(sound, gram * scale[:, None] * scale[None, :], np.eye(q)[:, :, None]).transpose(2, 0, 1)
    sound &= np.linalg.eigvalsh(correlation)[:, 0] > LEAST_DETERMINED
    correlation = np.where(sound[:, None, None], correlation, np.eye(q))
    inverse = np.linalg.inv(correlation).transpose(1, 2, 0) * scale[:, None] * scale[None, :]
    right = np.array([outcome @ column for column in columns])
    return inverse, np.einsum("jkb,kb->jb", inverse, right), sound


def _variance(
    design: DrawnDesign,
    influence: Array,
    residuals: Array,
    members: list[tuple[float, sparse.csr_array]],
    own: Array,
) -> Array:
    """Variance of the tested coefficient in each draw, with the small-sample factor of ``model.covariance``."""
    spec: CovarianceSpec = design.result.spec.covariance
    n = len(design.outcome)
    if spec.kind == "iid":
        return np.asarray(own * np.einsum("ib,ib->b", residuals, residuals) / (n - design.counted))
    scores = influence * residuals
    if spec.kind == "HC1":
        return np.einsum("ib,ib->b", scores, scores) * n / (n - design.counted)
    total = np.zeros(scores.shape[1])
    for sign, member in members:
        sums = member @ scores
        total += sign * np.einsum("gb,gb->b", sums, sums)
    groups = min(int(codes.max()) + 1 for codes in design.clusters)
    assert spec.factor is not None  # the specification refuses clusters without a named factor
    return np.asarray(total * cluster_factor(spec.factor, groups, n, design.counted))
