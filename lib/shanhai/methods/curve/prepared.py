"""A grid made ready for estimates and joint tests: rows grouped, columns demeaned, normal equations solved."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Codes
from shanhai.methods.curve.block import Block, Solutions, make_block, solve
from shanhai.methods.curve.catalogue import Catalogue, catalogue
from shanhai.methods.curve.forms import Products, needed_products
from shanhai.methods.curve.grid import Grid
from shanhai.methods.curve.groups import Group, row_groups
from shanhai.methods.spec import RegressionSpec

BATCH = 512
"""Regressions solved side by side: enough to spread the cost of a call, few enough to stay in the processor's cache."""


@dataclass(frozen=True)
class Batch:
    """Regressions of one group and size, solved."""

    regressions: Codes
    """m numbers of regressions of the catalogue."""
    solutions: Solutions


@dataclass(frozen=True)
class Ready:
    """One group of specifications with the same rows, weights and fixed effects."""

    group: Group
    block: Block | None
    """Its columns; none without rows."""
    batches: tuple[Batch, ...]
    """Its regressions."""
    products: Products | None
    """Products of columns that variances are read from; none without rows."""


@dataclass(frozen=True)
class Prepared:
    """Every group of a source on one frame: some megabytes a group, made once for several uses."""

    source: Grid | tuple[RegressionSpec, ...]
    """The specifications."""
    frame: pd.DataFrame
    """The data."""
    listed: Catalogue
    """The specifications taken apart."""
    groups: tuple[Ready, ...]

    def required(self, source: Grid | Sequence[RegressionSpec], frame: pd.DataFrame) -> "Prepared":
        """Itself, if made from this source and this very frame.

        Raises
        ------
        SpecificationError
            If it was made from others.
        """
        same = self.source == (source if isinstance(source, Grid) else tuple(source))
        if not same or self.frame is not frame:
            raise SpecificationError(
                f"prepared from {'another frame' if same else 'other specifications'}; allowed: the same source and "
                "the same frame object. Call prepare_variations on these, or leave it out."
            )
        return self


def prepare_variations(source: Grid | Sequence[RegressionSpec], frame: pd.DataFrame) -> Prepared:
    """Make a source ready for :func:`estimate_variations` and :func:`joint_null_test`.

    Parameters
    ----------
    source : Grid or sequence of RegressionSpec
    frame : DataFrame

    Raises
    ------
    SpecificationError
        If the frame is empty or has a column twice, a column is absent or of the wrong type, or a specification
        contradicts itself.
    """
    if not len(frame) or not frame.columns.is_unique:
        raise SpecificationError(
            f"the frame has {len(frame)} rows and {int(frame.columns.duplicated().sum())} columns a second time; "
            "allowed: rows, and each column once. Check the filter, or rename the columns."
        )
    listed = catalogue(source)
    groups = tuple(_ready(listed, group, frame) for group in row_groups(listed, frame))
    return Prepared(listed.source, frame, listed, groups)


def _ready(listed: Catalogue, group: Group, frame: pd.DataFrame) -> Ready:
    """Columns, solved regressions and products of a group."""
    if not len(group.rows):
        return Ready(group, None, (), None)
    regressions = np.unique(listed.regression[group.specs])
    regressors = listed.regressors[regressions]
    outcome = listed.outcome[regressions]
    used = np.unique(np.concatenate([regressors[regressors >= 0], outcome]))
    block = make_block(group, listed.terms, used, frame)
    batches = tuple(_solved(block, regressions, regressors, outcome))
    parts = [(batch.solutions.regressors, batch.solutions.outcome) for batch in batches]
    return Ready(group, block, batches, needed_products(block, parts))


def _solved(block: Block, regressions: Codes, regressors: Codes, outcome: Codes) -> Iterator[Batch]:
    """Regressions solved in batches of one size."""
    sizes = (regressors >= 0).sum(axis=1)
    for size in np.unique(sizes):
        same = np.flatnonzero(sizes == size)
        for start in range(0, len(same), BATCH):
            chosen = same[start : start + BATCH]
            columns = block.place[regressors[chosen][:, [*range(1, size), 0]].T]
            yield Batch(regressions[chosen], solve(block, columns, block.place[outcome[chosen]]))
