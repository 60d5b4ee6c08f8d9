"""Detectors of figures that repeat where they cannot: placeholders within a block, and one figure under two codes.

Like those of :mod:`shanhai.data.corrections._displacement` they judge the values alone, never a code or a year.
"""

import numpy as np
import pandas as pd

from shanhai.data.corrections._displacement import KEY, NEAR

_PLACEHOLDER_ROWS = 4
"""Fewest rows with one value that make a placeholder; one less in a block of which half are placeholders."""

_PLACEHOLDER_CHANCE = 1e-4
"""Largest probability that so many units of a block have the same value by chance."""

_PLACEHOLDER_OFF = np.log(1.25)
"""A placeholder is off (in logs) what is expected of half of its units or more."""

_SIGNIFICANT = 3
"""Fewest significant digits of a figure whose second appearance in a prefecture is worth a question."""


def _resolution(values: pd.Series) -> float:
    """Unit of the last printed digit of a block: that of the median of its distinct values."""
    distinct = values.dropna().drop_duplicates()
    decimals = [len(f"{value:.6f}".rstrip("0").partition(".")[2]) for value in distinct]
    return float(10.0 ** -np.floor(np.median(decimals))) if decimals else 1.0


def placeholders(values: pd.Series, expected: pd.Series, digits: int = 2) -> pd.Series:
    """Whether a figure is a placeholder: more rows of its block carry the same value than units can have it.

    Parameters
    ----------
    values : by code and year.
    expected : what is known of each unit, same index and unit of measurement; NaN unknown.
    digits : digits of the code that name a block.

    Returns
    -------
    pandas.Series of bool with the index of `values`.

    Notes
    -----
    The number of units whose true value prints as v is about Poisson: as many as are expected near v, times the share
    of that neighbourhood that the last printed digit makes up. A value is a placeholder if at least `_PLACEHOLDER_ROWS`
    rows have it, the probability of so many is at most `_PLACEHOLDER_CHANCE`, and half of the units concerned are known
    to be elsewhere. In a block of which placeholders make up half, three rows with one value are enough. Displaced rows
    are none: a permutation does not change how often a value occurs. Values of fewer than ten units of the last printed
    digit are too coarse to tell.
    """
    from scipy.stats import poisson  # takes long to import; who names a place needs none

    off = (values / expected.where(expected > 0)).map(lambda ratio: abs(np.log(ratio)) if ratio > 0 else np.nan)
    marked = pd.Series(False, index=values.index)
    names = [values.index.get_level_values("year"), values.index.get_level_values("code").astype(str).str[:digits]]
    frequent = values.groupby([*names, values]).transform("size").ge(_PLACEHOLDER_ROWS - 1)
    for places in frequent.groupby(names).indices.values():
        block, often = values.iloc[places], frequent.iloc[places].copy()
        if not often.any():
            continue
        step, logs = _resolution(block), np.log(expected.iloc[places].dropna().to_numpy())
        often &= block.ge(10 * step)
        for value, same in block[often].groupby(block[often]):
            near = max(int((np.abs(logs - np.log(value)) <= NEAR).sum()), 1)
            chance = poisson.sf(len(same) - 1, near * min(step / (2 * NEAR * value), 1.0))
            known = off[same.index].dropna()
            many = len(same) >= _PLACEHOLDER_ROWS and chance <= _PLACEHOLDER_CHANCE
            marked[same.index] = many and known.gt(_PLACEHOLDER_OFF).mean() >= 0.5
        if 2 * marked.iloc[places].sum() >= block.notna().sum() > 0:
            marked[block.index[often]] = True
    return marked


def _significant(values: pd.Series) -> pd.Series:
    """Number of significant digits, trailing zeros of whole numbers not counted."""
    return values.map(lambda value: len(f"{value:.12g}".replace(".", "").strip("0")), na_action="ignore")


def repeated_figures(values: pd.Series, digits: int = 4, significant: int = _SIGNIFICANT) -> pd.DataFrame:
    """Pairs of units with the same figure in the same year.

    Parameters
    ----------
    values : by code and year.
    digits : digits of the code that both units share; 0 looks at all pairs of the country.
    significant : fewest significant digits of the figure.

    Returns
    -------
    pandas.DataFrame with the columns code, other, year, one row for each order of a pair, sorted.
    """
    precise = values.where((values > 0) & _significant(values).ge(significant)).dropna()
    rows = precise.rename("value").reset_index()
    rows["block"] = rows["code"].astype(str).str[:digits]
    pairs = rows.merge(rows, on=["year", "value", "block"], suffixes=("", "_other"))
    pairs = pairs.loc[pairs["code"].ne(pairs["code_other"])].rename(columns={"code_other": "other"})
    return pairs.sort_values(["year", "code", "other"], ignore_index=True)[["code", "other", "year"]]


def as_mask(index: pd.MultiIndex, pairs: pd.DataFrame) -> np.ndarray:
    """Whether a row (code, year) is among the first of the pairs."""
    return index.isin(pd.MultiIndex.from_frame(pairs[KEY]))
