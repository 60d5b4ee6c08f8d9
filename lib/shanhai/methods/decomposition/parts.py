"""Parts of a gap from their draws."""

from collections.abc import Sequence

import numpy as np

from shanhai.methods.arrays import Array
from shanhai.methods.decomposition.gap import GapPart
from shanhai.methods.estimate import LEVEL


def parts_from(names: Sequence[str], values: Array) -> tuple[GapPart, ...]:
    """Parts with standard errors and percentile intervals.

    Parameters
    ----------
    names : sequence of str
    values : array, parts x (1 + draws)
        The estimate of each part, then its draws.

    Returns
    -------
    tuple of GapPart
        Without draws, or with a single one, standard error and interval are missing.
    """
    if values.shape[1] < 3:
        return tuple(GapPart(name, float(row[0]), *[float("nan")] * 3) for name, row in zip(names, values, strict=True))
    ends = np.quantile(values[:, 1:], [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], axis=1)
    spread = values[:, 1:].std(axis=1, ddof=1)
    columns = zip(names, values[:, 0], spread, *ends, strict=True)
    return tuple(GapPart(name, *map(float, numbers)) for name, *numbers in columns)
