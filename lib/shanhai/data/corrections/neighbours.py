"""What the years around it lead one to expect of a figure."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

_NEIGHBOUR_RATIO = 2.0
"""Two years apart, GDP may double; neighbours further apart than this cannot judge the year between them."""


def years_around(frame: pd.DataFrame, values: pd.Series, reach: int = 1, edges: bool = False) -> pd.Series:
    """Geometric mean of the nearest figures before and after, by row, where they agree within `_NEIGHBOUR_RATIO`.

    Parameters
    ----------
    frame : columns code, year.
    values : positive figures by row of `frame`; others count as missing.
    reach : years that the nearest figure may be away on either side.
    edges : take one side alone in the first and last year of the table.

    Returns
    -------
    pandas.Series by row of `frame`; missing where a side is, or where the two disagree.

    Examples
    --------
    >>> rows = pd.DataFrame({"code": "330800", "year": [2001, 2002, 2003]})
    >>> years_around(rows, pd.Series([100.0, 999.0, 144.0])).tolist()
    [nan, 120.0, nan]
    """
    if frame.empty:
        return values.astype(float)
    place, _ = pd.factorize(frame["code"])
    year = frame["year"].to_numpy() - frame["year"].min()
    last = int(year.max())
    grid = np.full((place.max() + 1, last + 1 + 2 * reach), np.nan)  # a margin of missing years on either side
    grid[place, year + reach] = values.where(values > 0).to_numpy(float)
    before, after = (_nearest(grid, range(step, step * (reach + 1), step), reach)[place, year] for step in (-1, 1))
    ratio = after / before
    agree = (ratio >= 1 / _NEIGHBOUR_RATIO) & (ratio <= _NEIGHBOUR_RATIO)
    mean = np.where(agree, np.sqrt(before * after), np.nan)
    if edges:
        mean = np.where(year == 0, after, np.where(year == last, before, mean))
    return pd.Series(mean, index=frame.index)


def _nearest(grid: np.ndarray, steps: Iterable[int], margin: int) -> np.ndarray:
    """The first figure at any of the steps away, by place and year without the margin."""
    width = grid.shape[1] - 2 * margin
    nearest = np.full((len(grid), width), np.nan)
    for step in steps:
        there = grid[:, margin + step : margin + step + width]
        nearest = np.where(np.isnan(nearest), there, nearest)
    return nearest
