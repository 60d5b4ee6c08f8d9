"""The years that a notebook shows: GDP, census and lights as one value, from which names of columns follow."""

from dataclasses import dataclass

import pandas as pd

from shanhai.core.errors import ParameterError
from shanhai.data.load import load_table
from shanhai.data.years import LIGHT_YEARS, NEWEST, nearest_census

NEWEST_YEAR = "newest"
"""What a notebook's parameter says for the newest year that the table of GDP holds completely."""

COMPLETE = 0.95
"""Share of the counties with GDP in the fullest year that a complete year has at least."""

CENSUS_REACH = 5
"""Years between GDP and the census whose residents it may be divided by, at most."""


@dataclass(frozen=True)
class Vintage:
    """Years of the figures that stand together."""

    gdp: int = NEWEST
    """Year of GDP."""
    census: int = 2020
    """Census whose residents GDP is divided by, and whose shares stand beside it."""
    lights: int = NEWEST
    """Year of the lights."""

    def column(self, stem: str) -> str:
        """Column of the county frame: a stem with its year.

        Parameters
        ----------
        stem : str
            Name without a year, such as ``gdp_per_capita``, ``lights`` or ``share_60_plus``; ``log_`` before it stays.

        Examples
        --------
        >>> [Vintage().column(stem) for stem in ("gdp_per_capita", "urban_share", "log_lights_per_km2")]
        ['gdp_per_capita_2021', 'urban_share_2020', 'log_lights_per_km2_2021']
        """
        kind = stem.removeprefix("log_")
        if kind.startswith("lights"):
            return f"{stem}_{self.lights}"
        return f"{stem}_{self.gdp if 'gdp' in kind else self.census}"


def complete_years(table: pd.DataFrame) -> tuple[int, ...]:
    """Years in which a table of GDP has figures of nearly every county that the fullest year has, ascending.

    Parameters
    ----------
    table : DataFrame
        ``county_gdp``: code, year, gdp_10k_yuan.
    """
    known = table.dropna(subset=["gdp_10k_yuan"]).groupby("year")["code"].nunique()
    return tuple(sorted(map(int, known.index[known >= COMPLETE * known.max()])))


def vintage_of(gdp: str = NEWEST_YEAR) -> Vintage:
    """Vintage of a year of GDP, as notebooks name it.

    Parameters
    ----------
    gdp : str
        A year of ``county_gdp`` within `CENSUS_REACH` of a census, as ``"2021"``, or ``"newest"``: the newest that
        the table holds for nearly every county.

    Returns
    -------
    Vintage
        With the nearest census, and the lights of that year or, where there are none yet, the newest.

    Raises
    ------
    ParameterError
        If the year is none of these.
    """
    table = load_table("county_gdp")
    held = sorted(map(int, table["year"].unique()))
    allowed = (NEWEST_YEAR, *(str(year) for year in held if abs(nearest_census(year) - year) <= CENSUS_REACH))
    if gdp not in allowed:
        raise ParameterError(
            f"gdp_year {gdp!r} is no year of county_gdp near a census; allowed: {', '.join(allowed)}. Choose one of "
            "these, or add the year's figures to the table."
        )
    year = complete_years(table)[-1] if gdp == NEWEST_YEAR else int(gdp)
    return Vintage(year, nearest_census(year), min(year, LIGHT_YEARS[-1]))
