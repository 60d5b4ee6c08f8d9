"""GDP, the value added of its three sectors and their shares: what each of the seven figures says about the others.

The three values sum to GDP, and each over GDP is its share. Both hold within rounding in nine rows of ten of the table;
elsewhere values and shares are of different vintages (Fujian and Shaanxi revised the values, not the shares) or one of
them stands in the wrong place.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

_NEIGHBOUR_RATIO = 2.0
"""Two years apart, GDP may double; neighbours further apart than this cannot judge the year between them."""

GDP = "gdp_100m_yuan"

SECTORS = ("primary", "secondary", "tertiary")

VALUES = tuple(f"{sector}_gdp_10k_yuan" for sector in SECTORS)

SHARES = tuple(f"{sector}_share_pct" for sector in SECTORS)

YUAN_100M_IN_10K = 10_000

SUM_TOLERANCE = 0.01
"""Relative distance between GDP and the sum of its sectors that rounding and late revisions explain."""

ONE_DECIMAL, MORE_DECIMALS = 0.1, 0.01
"""Largest distance at which a share printed with one decimal, or with more, equals an exact one: some are cut off."""

FOREIGN = 3.0
"""Multiple of the rounding from which shares are not the row's own."""

CONTRADICTION = 1.0
"""Percentage points between a share and value added over GDP, above which rounding does not explain the distance."""


def block_of(frame: pd.DataFrame) -> pd.Series:
    """Province and year of each row: the block of a yearbook in which rows are exchanged."""
    return frame["code"].str[:2] + "@" + frame["year"].astype("str")


def value_shares(frame: pd.DataFrame) -> pd.DataFrame:
    """Value added over GDP in percent, by row and in the columns `SHARES`; missing where a value or GDP is."""
    shares = {
        share: frame[value] / YUAN_100M_IN_10K / frame[GDP] * 100 for value, share in zip(VALUES, SHARES, strict=True)
    }
    return pd.DataFrame(shares, index=frame.index)


def sum_ratio(frame: pd.DataFrame) -> pd.Series:
    """Sum of the three sectors over GDP; 1 is agreement, missing where one of the four figures is."""
    return frame[list(VALUES)].sum(axis=1, skipna=False) / YUAN_100M_IN_10K / frame[GDP]


def share_rounding(shares: pd.DataFrame) -> pd.DataFrame:
    """Largest distance at which each printed share equals an exact one, by its decimals."""
    one_decimal = ((shares * 10) - (shares * 10).round()).abs() < 1e-6
    return pd.DataFrame(np.where(one_decimal, ONE_DECIMAL, MORE_DECIMALS), index=shares.index, columns=shares.columns)


def owners_of_shares(frame: pd.DataFrame) -> pd.Series:
    """The row of the same province and year whose value added gives the shares that a row prints.

    Returns
    -------
    pandas.Series by row, the code of that other row; missing where the shares are the row's own (within `FOREIGN` times
    their rounding), where no other row has them, or where they match in a single row of the block: one coincidence
    may be chance, two rows with each other's triples are not.
    """
    printed, exact = frame[list(SHARES)], value_shares(frame)
    rounding = share_rounding(printed)
    foreign = ((printed - exact).abs() / rounding).max(axis=1, skipna=False) > FOREIGN
    owners = pd.Series(None, index=frame.index, dtype="object")
    block = block_of(frame)
    several = foreign & foreign.groupby(block).transform("sum").gt(1)
    for suspects in frame.loc[several].groupby(block[several]).groups.values():
        rows = frame.index[block.eq(block[suspects[0]])]
        matches = _matches(printed.loc[suspects], exact.loc[rows], rounding)
        if len(matches) > 1:
            owners.loc[list(matches)] = frame.loc[list(matches.values()), "code"].to_numpy()
    return owners


def _matches(printed: pd.DataFrame, exact: pd.DataFrame, rounding: pd.DataFrame) -> dict[int, int]:
    """Row with the exact triple of each printed one, itself excepted, where exactly one has it."""
    gaps = np.abs(printed.to_numpy()[:, np.newaxis, :] - exact.to_numpy()[np.newaxis, :, :])
    distance = (gaps / rounding.loc[printed.index].to_numpy()[:, np.newaxis, :]).max(axis=2)
    distance[exact.index.to_numpy()[np.newaxis, :] == printed.index.to_numpy()[:, np.newaxis]] = np.nan
    same = distance <= 1
    single = same.sum(axis=1) == 1
    owners = exact.index[same[single].argmax(axis=1)]
    return dict(zip(printed.index[single], owners, strict=True))


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
