"""A decomposition as a value (the regression, groups of terms, blocks of groups), and draws of its clusters.

Sums of squares and products are kept by cluster, so that draws need no second look at the rows. Draws are those of the
fractional-random-weight bootstrap (Rubin 1981; Xu et al. 2020): every cluster gets a weight from the exponential
distribution with mean 1. To first order the spread of the coefficients is that of the cluster-robust covariance, as
with resampled clusters, but no draw loses a level of the fixed effect.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes
from shanhai.methods.checks import as_count, as_generator
from shanhai.methods.decomposition._shapley import MOST_PLAYERS
from shanhai.methods.regression.design import Design
from shanhai.methods.spec import RegressionSpec
from shanhai.methods.spec.identity import digest


@dataclass(frozen=True)
class TermGroup:
    """Terms that enter a model together.

    Examples
    --------
    >>> from shanhai.methods.decomposition import TermGroup
    >>> TermGroup("schooling", ("years", "degree"), block="given").terms
    ('years', 'degree')
    """

    name: str
    """What the group is called in results."""
    terms: tuple[str, ...]
    """Names of coefficients. One that several groups name, such as a product, enters once all of them are in; what it
    adds is then shared by them."""
    block: str
    """Block that the group belongs to."""


@dataclass(frozen=True, repr=False)
class SharesDesign(Shown):
    """Which groups of which regression share a gap or a variance.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.decomposition import SharesDesign, TermGroup
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"x": rng.normal(size=60), "z": rng.normal(size=60), "one": 1.0})
    >>> frame["y"] = 2 * frame["x"] + frame["z"] + rng.normal(0, 0.1, 60)
    >>> frame["code"], frame["town"] = [f"u{number:02d}" for number in range(60)], np.arange(60) % 12
    >>> by_town = CovarianceSpec("cluster", ("town",), "CR1")
    >>> spec = RegressionSpec(Variable("y"), (Variable("x"), Variable("z")), SampleSpec("all"), by_town, weights="one")
    >>> groups = (TermGroup("x", ("x",), "given"), TermGroup("z", ("z",), "later"))
    >>> SharesDesign(spec, groups, weight="one").names
    ('x', 'z')
    """

    regression: RegressionSpec
    """Coefficients; at most one fixed effect, and one cluster column, by which draws are made."""
    groups: tuple[TermGroup, ...]
    """The players; together they name every coefficient."""
    weight: str
    """Column of weights of means of places."""

    def __post_init__(self) -> None:
        names = [group.name for group in self.groups]
        named = {term for group in self.groups for term in group.terms}
        wrong = sorted(named ^ set(self.regression.names)) + sorted({name for name in names if names.count(name) > 1})
        if wrong or not 1 <= len(names) <= MOST_PLAYERS:
            raise SpecificationError(
                f"groups {names} miss, repeat or invent {', '.join(wrong) or 'nothing'}; allowed: 1 to {MOST_PLAYERS} "
                f"groups of different names that together name {', '.join(self.regression.names)}."
            )
        if len(self.regression.fixed_effects) > 1 or len(self.regression.covariance.by) != 1:
            raise SpecificationError(
                f"fixed effects {self.regression.fixed_effects} and clusters {self.regression.covariance.by}; allowed: "
                "none or one fixed effect, and one cluster column. Join several into one column first."
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the groups, in order."""
        return tuple(group.name for group in self.groups)

    @property
    def blocks(self) -> dict[str, tuple[int, ...]]:
        """Numbers of the groups of each block, blocks in the order in which they first occur."""
        found: dict[str, tuple[int, ...]] = {}
        for number, group in enumerate(self.groups):
            found[group.block] = (*found.get(group.block, ()), number)
        return found

    @property
    def spec_id(self) -> str:
        """Twelve hexadecimal digits that follow from regression, groups and weight."""
        groups = [asdict(group) for group in self.groups]
        return digest([self.regression.spec_id, groups, self.weight], sort_keys=False)

    def columns_of_sets(self, names: Sequence[str]) -> tuple[tuple[int, ...], ...]:
        """Columns of the regression that are in, for every set of groups (bit j for group j).

        Parameters
        ----------
        names : sequence of str
            Names of the columns, in their order.
        """
        needs = [sum(1 << number for number, group in enumerate(self.groups) if name in group.terms) for name in names]
        return tuple(
            tuple(column for column, needed in enumerate(needs) if needed & ~chosen == 0)
            for chosen in range(1 << len(self.groups))
        )


@dataclass(frozen=True, repr=False)
class Moments(Shown):
    """Moments of k regressors and the outcome within L levels of a fixed effect, for B weightings of the clusters."""

    gram: Array
    """B x k x k products of regressors within levels."""
    cross: Array
    """B x k products of regressors and outcome within levels."""
    spread: Array
    """B sums of squares of the outcome within levels."""
    total: Array
    """B sums of squares of the outcome, levels not taken out."""
    levels: Array
    """B x L x (k + 1) means of the regressors and, last, of the outcome."""
    clusters: int
    """Number of clusters."""

    def coefficients(self, columns: Sequence[int]) -> Array:
        """Coefficients of the regression on some of the columns, B x number of columns."""
        chosen = list(columns)
        gram = self.gram[:, chosen][:, :, chosen]
        unit = np.sqrt(np.diagonal(gram[0]))  # so that the units of the regressors do not count
        solved = np.linalg.solve(gram / np.outer(unit, unit), self.cross[:, chosen, None] / unit[:, None])
        return np.asarray(solved[:, :, 0] / unit)


def draw_weights(clusters: int, draws: int, generator: np.random.Generator) -> Array:
    """Weights of the clusters: ones in the first row, then draws from the exponential distribution.

    Returns
    -------
    array, (1 + draws) x clusters

    Raises
    ------
    SpecificationError
        If the number of draws is no whole number, or negative; 0 is for no intervals.
    """
    generator, draws = as_generator(generator), as_count(draws, "draws")
    return np.vstack([np.ones(clusters), generator.exponential(size=(draws, clusters))])


def _moments(raw: Array, mass: Array, sums: Array, centre: Array, clusters: int) -> Moments:
    """Moments within levels from raw products, the mass of levels, and sums in levels about given centres."""
    shift = sums / mass[:, :, None]
    inside = raw - np.einsum("blj,blk->bjk", sums, shift)
    levels = centre + shift
    grand = np.einsum("bl,bl->b", mass, levels[:, :, -1]) / mass.sum(axis=1)
    between = np.einsum("bl,bl->b", mass, (levels[:, :, -1] - grand[:, None]) ** 2)
    spread = inside[:, -1, -1]
    return Moments(inside[:, :-1, :-1], inside[:, :-1, -1], spread, spread + between, levels, clusters)


def _sums(values: Array, codes: Codes, count: int) -> Array:
    """Sum of the rows of each code, count x columns."""
    return np.column_stack([np.bincount(codes, weights=column, minlength=count) for column in values.T])


def _level_sums(of_cell: Array, sums: Array, level_of_cell: Array) -> Array:
    """Sums in each level for each draw, B x L x columns."""
    return np.stack([of_cell @ (level_of_cell * column[:, None]) for column in sums.T], axis=2)


def cluster_moments(design: Design, draws: int, generator: np.random.Generator) -> Moments:
    """Moments of a design as it is, and in draws of its clusters.

    Parameters
    ----------
    design : Design
        With at most one fixed effect and one cluster column.
    draws : int
        Number of draws; 0 for the design as it is.
    generator : Generator

    Returns
    -------
    Moments
        B is 1 + draws, the design as it is first.
    """
    codes, levels = design.effects.groupings[0], int(design.effects.groupings[0].max()) + 1
    clusters = design.clusters[0]
    count = int(clusters.max()) + 1
    values = np.column_stack([design.matrix, design.outcome])
    weights = design.effects.weights
    centre = _sums(values * weights[:, None], codes, levels) / np.bincount(codes, weights)[:, None]
    values = values - centre[codes]  # the same moments with less rounding
    cells, cell_of_row = np.unique(clusters * levels + codes, return_inverse=True)
    cell_of_row = cell_of_row.reshape(-1)
    products = (values[:, :, None] * values[:, None, :]).reshape(len(values), -1)
    drawn = draw_weights(count, draws, generator)
    of_cell = drawn[:, cells // levels]
    raw = of_cell @ _sums(products * weights[:, None], cell_of_row, len(cells))
    level_of_cell = np.eye(levels)[cells % levels]
    mass = of_cell @ (np.bincount(cell_of_row, weights)[:, None] * level_of_cell)
    sums = _level_sums(of_cell, _sums(values * weights[:, None], cell_of_row, len(cells)), level_of_cell)
    return _moments(raw.reshape(len(drawn), values.shape[1], -1), mass, sums, centre, count)
