"""Randomization inference: the estimate among those of treatments that could have been drawn instead.

Each draw is a whole treatment (a placebo border, a permutation). Outcome, controls and fixed effects stay, so they are
taken out once; a draw then costs a few products of vectors, and blocks of draws are handled as matrices.

References
----------
Fisher, R. A. (1935), The design of experiments.
Young, A. (2019), Channeling Fisher, Quarterly Journal of Economics 134(2), 557-598, for t-ratios as the statistic.
Phipson, B. & Smyth, G. K. (2010), Permutation p-values should never be zero, for counting the data among the draws.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from shanhai.errors import SpecificationError
from shanhai.model.absorb import FixedEffects, within
from shanhai.model.projection import RANK_TOLERANCE, codes_of, less_projection, orthonormal_basis, spread

Array = NDArray[np.float64]

TIE = 1e-9
"""Share of the largest statistic below which a difference is rounding."""


@dataclass(frozen=True)
class RandomizationTest:
    """An estimate and its place among the draws."""

    estimate: float
    """Least-squares coefficient of the treatment."""
    t: float
    """Estimate over its cluster- or heteroskedasticity-robust standard error, without small-sample factor."""
    p: float
    """Share of draws, the data among them, with a t-ratio as large in absolute value; the test to report."""
    p_estimate: float
    """The same for the coefficient itself: as exact if no row has any effect, but misled where effects average zero
    without being zero, which the t-ratio is not in large samples."""
    draws: int
    """Draws with an estimate."""
    undefined: int
    """Draws left out: a treatment that does not vary once controls and fixed effects are held."""
    estimates: Array
    """Coefficient of each draw, NaN where undefined."""
    ratios: Array
    """t-ratio of each draw, NaN where undefined."""


def randomization_test(
    outcome: ArrayLike,
    treatment: ArrayLike,
    draws: Iterable[Array],
    *,
    controls: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    fixed_effects: tuple[ArrayLike, ...] = (),
    row_weights: ArrayLike | None = None,
) -> RandomizationTest:
    """Test that the treatment has no effect on any row.

    Parameters
    ----------
    outcome, treatment : n numbers.
    draws : blocks of n x b treatments that could have been drawn, as from :func:`permutations`; at least one.
    controls : n x k without intercept, or None.
    clusters : n labels for the t-ratio; None for heteroskedasticity-robust ones.
    fixed_effects : labels of the n rows for each fixed effect; an intercept is always there.
    row_weights : n positive weights of least squares; ones if None.

    Returns
    -------
    RandomizationTest

    Raises
    ------
    SpecificationError
        If lengths differ, a value is missing, no draw is given, or the treatment does not vary.
    """
    regression = _Regression(outcome, controls, clusters, fixed_effects, row_weights)
    observed = np.asarray(treatment, dtype=np.float64).reshape(-1, 1)
    estimate, ratio = (float(values[0]) for values in regression.statistics(observed))
    if np.isnan(ratio):
        raise SpecificationError(
            "the treatment does not vary once controls and fixed effects are held, or has a standard error of zero; "
            "allowed: a treatment with variation of its own. Take out what determines it."
        )
    blocks = [regression.statistics(np.asarray(block, dtype=np.float64)) for block in draws]
    if not blocks:
        raise SpecificationError("no draws; allowed: one block or more. Pass permutations(...) or placebo treatments.")
    estimates, ratios = (np.concatenate(column) for column in zip(*blocks, strict=True))
    defined = int((~np.isnan(ratios)).sum())
    return RandomizationTest(
        estimate,
        ratio,
        _share_as_large(ratios, ratio, defined),
        _share_as_large(estimates, estimate, defined),
        defined,
        len(ratios) - defined,
        estimates,
        ratios,
    )


def permutations(
    treatment: ArrayLike,
    draws: int,
    generator: np.random.Generator,
    *,
    strata: ArrayLike | None = None,
    block: int = 500,
) -> Iterator[Array]:
    """Blocks of permutations of a treatment over all rows, or over the rows of each stratum.

    Parameters
    ----------
    treatment : n numbers.
    draws : number of permutations in all.
    generator : source of the draws.
    strata : n labels within which rows change places, or None.
    block : permutations held at a time.

    Yields
    ------
    array, n x (at most block)
    """
    values = np.asarray(treatment, dtype=np.float64)
    groups = np.zeros(len(values), dtype=np.int64) if strata is None else codes_of(strata)
    places = np.argsort(groups, kind="stable")
    for first in range(0, draws, block):
        size = min(block, draws - first)
        # sorting by stratum, then by chance, shuffles every stratum at once
        keys = groups[places] + generator.random((size, len(values)))
        shuffled = np.empty((size, len(values)))
        shuffled[:, places] = values[places][np.argsort(keys, axis=1)]
        yield shuffled.T


class _Regression:
    """Outcome, controls, fixed effects and clusters, prepared for many treatments."""

    def __init__(
        self,
        outcome: ArrayLike,
        controls: ArrayLike | None,
        clusters: ArrayLike | None,
        fixed_effects: tuple[ArrayLike, ...],
        row_weights: ArrayLike | None,
    ) -> None:
        dependent = np.asarray(outcome, dtype=np.float64)
        self.n = len(dependent)
        held = np.empty((self.n, 0)) if controls is None else np.asarray(controls, dtype=np.float64)
        held = held.reshape(self.n, -1) if held.size == self.n else held
        weights = np.ones(self.n) if row_weights is None else np.asarray(row_weights, dtype=np.float64)
        groups = np.arange(self.n) if clusters is None else codes_of(clusters)
        codes = tuple(codes_of(labels) for labels in fixed_effects)
        for name, length in (("controls", len(held)), ("row weights", len(weights)), ("clusters", len(groups))):
            self._require_rows(name, length)
        for place, labels in enumerate(codes):
            self._require_rows(f"fixed effect {place}", len(labels))
        if not (np.isfinite(dependent).all() and np.isfinite(held).all() and (weights > 0).all()):
            raise SpecificationError(
                "a value of outcome or controls is missing, or a row weight is not positive; allowed: finite numbers, "
                "positive weights. Drop those rows."
            )
        if groups.max() == 0:
            raise SpecificationError("there is one cluster; allowed: two or more. Cluster by something finer.")
        self.weights, self.effects = weights, FixedEffects(codes, weights)
        self.root = np.sqrt(weights)[:, None]
        # demeaned together with the outcome, as there may be no controls
        columns = np.column_stack([dependent, held])
        demeaned = within(columns, self.effects) * self.root
        self.basis = orthonormal_basis(demeaned[:, 1:] / spread(held, weights))
        self.outcome = less_projection(demeaned[:, :1], self.basis)
        self.member = None if clusters is None else sparse.csr_array((np.ones(self.n), (groups, np.arange(self.n))))

    def statistics(self, treatments: Array) -> tuple[Array, Array]:
        """Coefficient and t-ratio of each column; NaN where it does not vary, or its standard error is zero."""
        self._require_rows("treatments", len(treatments))
        if not np.isfinite(treatments).all():
            raise SpecificationError("a treatment is missing in some rows; allowed: finite numbers. Drop those rows.")
        left = less_projection(within(treatments, self.effects) * self.root, self.basis)
        squares = np.einsum("ij,ij->j", left, left)
        squares[np.sqrt(squares) < RANK_TOLERANCE * spread(treatments, self.weights)] = np.nan
        product = left * self.outcome
        total = product.sum(axis=0)
        estimates = total / squares
        scores = product - estimates * left**2
        if self.member is not None:
            scores = self.member @ scores
        meat = np.einsum("ij,ij->j", scores, scores)
        floor = 1e-24 * np.einsum("ij,ij->j", product, product)  # what rounding leaves of a variance of zero
        return estimates, total / np.sqrt(np.where(meat > floor, meat, np.nan))

    def _require_rows(self, name: str, length: int) -> None:
        if length != self.n:
            raise SpecificationError(
                f"{name} have {length} rows, the outcome {self.n}; allowed: the same rows. Align them."
            )


def _share_as_large(values: Array, observed: float, defined: int) -> float:
    """Share of draws at least as far from zero as the data, the data counted among them."""
    sizes = np.abs(values[~np.isnan(values)])
    slack = TIE * max(abs(observed), float(sizes.max(initial=0.0)))
    return (1 + int((sizes >= abs(observed) - slack).sum())) / (defined + 1)
