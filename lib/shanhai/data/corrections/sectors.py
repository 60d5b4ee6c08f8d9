"""GDP, the value added of its three sectors and their shares: what each of the seven figures says about the others.

The three values sum to GDP, and each over GDP is its share. Both hold within rounding in nine rows of ten of the table;
elsewhere values and shares are of different vintages (Fujian and Shaanxi revised the values, not the shares) or one of
them stands in the wrong place.
"""

import numpy as np
import pandas as pd

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
