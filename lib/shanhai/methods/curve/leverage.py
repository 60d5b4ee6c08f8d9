"""HC2 and HC3 of one coefficient for many regressions: leverage differs between them, so rows are visited."""

import numpy as np
from numpy.typing import NDArray

from shanhai.methods.arrays import Array
from shanhai.methods.curve.block import Block, Solutions

ROOM = 4_000_000
"""Most numbers of a batch, so that it stays in memory whatever the number of rows."""

LEAST_REST = 1e-8
"""A row with less than this beyond its leverage is left to ``fit``, which says what is wrong."""


def leverage_variance(block: Block, solutions: Solutions, power: float) -> tuple[Array, NDArray[np.bool_]]:
    """Variance of the treatment's coefficient under HC2 (power 1) or HC3 (power 2), and where it is defined.

    Parameters
    ----------
    block : Block
    solutions : Solutions
        m regressions of k regressors.
    power : float
        Of one minus the leverage.
    """
    k, m = solutions.regressors.shape
    n = len(block.columns)
    rows = np.ascontiguousarray(block.columns.T)
    variance, defined = np.full(m, np.nan), np.zeros(m, dtype=bool)
    size = max(1, ROOM // (n * k))
    for start in range(0, m, size):
        part = slice(start, start + size)
        chosen = np.flatnonzero(solutions.sound[part]) + start
        if not len(chosen):
            continue
        own = solutions.regressors[:, chosen].T
        columns = rows[own]
        inverse = np.linalg.inv(block.gram[own[:, :, None], own[:, None, :]])
        spread = ((inverse @ columns) * columns).sum(axis=1) + block.leverage
        freed = (solutions.direction[:, chosen].T[:, None, :] @ columns)[:, 0]
        fitted = (solutions.params[:, chosen].T[:, None, :] @ columns)[:, 0]
        scores = freed * (rows[solutions.outcome[chosen]] - fitted)
        rest = 1.0 - spread
        fine = rest.min(axis=1) > LEAST_REST
        rest[~fine] = 1.0
        variance[chosen] = (scores**2 / rest**power).sum(axis=1)
        defined[chosen] = fine
    return variance, defined
