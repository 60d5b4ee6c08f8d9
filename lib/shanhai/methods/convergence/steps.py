"""Whether a series jumps in the same years wherever it is measured: what one instrument or one country has in common.

If every place moves for reasons of its own, the changes of a place may stand in any order of years. Friedman's (1937)
statistic ranks the changes of each place over the years and asks whether some years rank high everywhere. Year by year,
the places whose change lies above the median of their own changes are counted: with T years and independent places
that count is binomial with chance (T - 1) / 2T for odd T, and one half for even T. Years are one family (Holm).

A common jump may be the instrument's or a shock that reached every place; the test cannot tell which.

References
----------
Friedman, M. (1937), The use of ranks to avoid the assumption of normality, J. American Statistical Association 32.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.estimate import SIGNIFICANCE
from shanhai.methods.panels import as_panel
from shanhai.methods.regression.families import adjust_family

_LEAST = 3
"""Places, and years, that ranks need."""


@dataclass(frozen=True, repr=False)
class CommonSteps(Shown):
    """Changes of several places by year, and in which years they jump together."""

    years: pd.DataFrame
    """One row a year: year, median, low, high (quartiles of the changes over places), above (places whose change lies
    above the median of their own), p (one-sided), p_holm, step (whether p_holm is below 5 %)."""
    statistic: float
    """Friedman's, chi-squared under the null that years are exchangeable in every place."""
    degrees: int
    """Years less one."""
    p: float
    """Its p-value."""
    places: int
    """Number of places."""


def common_steps(levels: pd.DataFrame) -> CommonSteps:
    """Years in which places jump together.

    Parameters
    ----------
    levels : DataFrame
        One row a place, one column a year, without gaps; no value missing.

    Returns
    -------
    CommonSteps

    Raises
    ------
    SpecificationError
        If there are fewer than three places or changes, a value is missing, years do not follow each other, or every
        place moves alike in all years.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> changes = rng.normal(size=(30, 9)) + np.array([0, 0, 0, 4, 0, 0, 0, 0, 0])
    >>> steps = common_steps(pd.DataFrame(changes.cumsum(axis=1), columns=range(2013, 2022)))
    >>> steps.years.loc[steps.years["step"], "year"].tolist()
    [2016]
    """
    panel = as_panel(levels, "levels")
    years = [int(year) for year in panel.columns]
    values = panel.to_numpy(dtype=float)
    places, changes = values.shape[0], values.shape[1] - 1
    follow = years == list(range(years[0], years[0] + len(years))) if years else False
    if places < _LEAST or changes < _LEAST or not follow or not np.isfinite(values).all():
        raise SpecificationError(
            f"{places} places in the years {years}, {int((~np.isfinite(values)).sum())} values missing; allowed: "
            f"{_LEAST} or more places and {_LEAST + 1} or more years in a row, all known. Leave out what is not."
        )
    moved = np.diff(values, axis=1)
    if (np.ptp(moved, axis=1) == 0).all():
        raise SpecificationError(
            f"each of {places} places moves by the same amount every year, so that no year ranks above another; "
            "allowed: changes that differ by year in one place or more. Look at the levels instead."
        )
    above = (moved > np.median(moved, axis=1, keepdims=True)).sum(axis=0)
    chance = (changes // 2) / changes
    p = [float(stats.binomtest(int(count), places, chance, alternative="greater").pvalue) for count in above]
    low, middle, high = np.quantile(moved, [0.25, 0.5, 0.75], axis=0)
    table = pd.DataFrame({"year": years[1:], "median": middle, "low": low, "high": high, "above": above, "p": p})
    adjusted = adjust_family(table).drop(columns="family_size")
    friedman = stats.friedmanchisquare(*moved.T)
    return CommonSteps(
        adjusted.assign(step=adjusted["p_holm"] < SIGNIFICANCE),
        float(friedman.statistic),
        changes - 1,
        float(friedman.pvalue),
        places,
    )
