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

_CENSUS_REACH: Final = 5
"""Years between GDP and the census whose residents it may be divided by, at most."""


def nearest_census(year: int) -> int:
    """The census whose residents a figure of a year is divided by: the nearest, of two equally near the earlier.

    Examples
    --------
    >>> [nearest_census(year) for year in (2001, 2011, 2015, 2021)]
    [2010, 2010, 2010, 2020]
    """
    return min(CENSUSES, key=lambda census: (abs(census - year), census))


def near_census(year: int) -> bool:
    """Whether a census lies within `_CENSUS_REACH` years, so that GDP of the year may be divided by its residents."""
    return abs(nearest_census(year) - year) <= _CENSUS_REACH


def further_years(table: pd.DataFrame, compared: tuple[int, ...]) -> tuple[int, ...]:
    """Years that a table holds beside those that are compared, ascending."""
    return tuple(sorted(set(map(int, table["year"].unique())) - set(compared)))


def years_of_gdp(table: pd.DataFrame) -> tuple[int, ...]:
    """The years compared and, behind them, those that ``county_gdp`` holds besides."""
    return (*GDP_YEARS, *further_years(table, GDP_YEARS))


def years_in_full(table: pd.DataFrame) -> tuple[int, ...]:
    """The newest of the years compared and those that ``county_gdp`` holds besides.

    Of these the frames hold whatever is known of a year: beside GDP, GDP per head (where a census is near) and the
    value added of the primary sector. Of the earlier years compared they hold GDP alone.
    """
    return (NEWEST, *further_years(table, GDP_YEARS))
