"""The years of the figures: which ones the findings compare, and which others a table holds beside them."""

from typing import Final

import pandas as pd

GDP_YEARS: Final = (2001, 2011, 2021)
"""Years of county GDP that findings and estimates compare. A table may hold others: they are kept beside these."""

LIGHT_YEARS: Final = tuple(range(2001, 2023))
"""Years of lights that findings and estimates compare."""

NEWEST: Final = GDP_YEARS[-1]
"""Year of the GDP per head that the main estimates explain."""

CENSUSES: Final = (2010, 2020)


def nearest_census(year: int) -> int:
    """The census whose residents a figure of a year is divided by: the nearest, of two equally near the earlier.

    Examples
    --------
    >>> [nearest_census(year) for year in (2001, 2011, 2015, 2021)]
    [2010, 2010, 2010, 2020]
    """
    return min(CENSUSES, key=lambda census: (abs(census - year), census))


def further_years(table: pd.DataFrame, compared: tuple[int, ...]) -> tuple[int, ...]:
    """Years that a table holds beside those that are compared, ascending."""
    return tuple(sorted(set(map(int, table["year"].unique())) - set(compared)))
