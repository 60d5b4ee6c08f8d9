"""The years that a notebook shows: GDP, census and lights as one value, from which names of columns follow."""

import re
from dataclasses import dataclass

import pandas as pd

from shanhai.core.errors import ParameterError
from shanhai.core.nearest import nearest
from shanhai.data.load import load_table
from shanhai.data.years import CENSUSES, NEWEST, near_census, nearest_census, years_in_full

NEWEST_YEAR = "newest"
"""What a notebook's parameter says for the newest of the years allowed that the table of GDP holds completely."""

COMPLETE = 0.95
"""Share of the counties of the fullest year that a complete year has figures of, at least."""


@dataclass(frozen=True)
class Vintage:
    """Years of the figures that stand together."""

    gdp: int = NEWEST
    """Year of GDP; without another, that of the pre-specified estimates."""
    census: int = CENSUSES[-1]
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


PRE_SPECIFIED = Vintage()
"""Years of the pre-specified estimates and of the claims, whatever a table holds besides."""


def _complete_years(table: pd.DataFrame, column: str) -> tuple[int, ...]:
    """Years with figures of nearly every county that the fullest year has."""
    known = table.dropna(subset=[column]).groupby("year")["code"].nunique()
    return tuple(map(int, known.index[known >= COMPLETE * known.max()]))


def _years() -> tuple[int, ...]:
    """Years of `allowed_years`, ascending; the frame holds the shares of no other census than that of 2020."""
    return tuple(sorted(filter(_is_near_newest_census, years_in_full(load_table("county_gdp")))))


def _is_near_newest_census(year: int) -> bool:
    return near_census(year) and nearest_census(year) == CENSUSES[-1]


def _covered_years(province: str = "") -> tuple[int, ...]:
    """Those of the years allowed that have GDP of nearly every county, of China or of one province.

    Parameters
    ----------
    province : str, optional
        Code of six digits.
    """
    return _complete_years(_rows(province), "gdp_10k_yuan")


def require_coverage(gdp: str, province: str = "") -> Vintage:
    """Vintage of a year of GDP that has figures of nearly every county, of China or of one province.

    Parameters
    ----------
    gdp : str
        As :func:`vintage_of` takes it.
    province : str, optional
        Code of six digits, where figures of its counties suffice.

    Raises
    ------
    ParameterError
        If the year is not allowed, or has figures of too few counties; the message says of how many, and which years
        have them.
    """
    vintage, covered = vintage_of(gdp), _covered_years(province)
    if vintage.gdp not in covered:
        known = _rows(province).dropna(subset=["gdp_10k_yuan"]).groupby("year")["code"].nunique()
        newest = [NEWEST_YEAR] if vintage_of().gdp in covered else []
        where = f" of province {province}" if province else " of China"
        raise ParameterError(
            f"gdp_year {gdp!r}: county_gdp has GDP of {known.get(vintage.gdp, 0)} counties{where} in {vintage.gdp}; "
            f"{COMPLETE:.0%} of {known.max()} are needed. Allowed: {', '.join([*newest, *map(str, covered)])}. Choose "
            "one of these, or complete the year in your county_gdp."
        )
    return vintage


def _rows(province: str) -> pd.DataFrame:
    """Rows of county GDP in the years allowed, of China or of one province."""
    table = load_table("county_gdp")
    return table[table["year"].isin(_years()) & table["code"].str.startswith(province[:2])]


def allowed_years() -> tuple[str, ...]:
    """What ``gdp_year`` of a notebook may be: ``"newest"``, and the years of which the county frame holds everything.

    They are the newest year compared and those that a ``county_gdp`` of the user's own adds, if their nearest census is
    that of 2020 and within five years.
    """
    return (NEWEST_YEAR, *map(str, _years()))


def vintage_of(gdp: str = NEWEST_YEAR) -> Vintage:
    """Vintage of a year of GDP, as notebooks name it.

    Parameters
    ----------
    gdp : str
        One of :func:`allowed_years`; ``"newest"`` is the last of them with figures of nearly every county.

    Returns
    -------
    Vintage
        With the census of 2020, and the lights of that year or, where there are none yet, the newest.

    Raises
    ------
    ParameterError
        If the year is none of these, or no text.
    """
    if not isinstance(gdp, str):
        raise ParameterError(
            f"gdp_year is {gdp!r}, of type {type(gdp).__name__}; a text is needed, one of "
            f"{', '.join(map(repr, allowed_years()))}. Put the year in quotation marks."
        )
    if gdp not in allowed_years():
        is_year = re.fullmatch(r"(?:19|20)\d\d", gdp) is not None  # another year is no misspelt one
        more = ", or add the year's figures by `shanhai data import FILE --as county_gdp`"
        raise ParameterError(
            f"gdp_year {gdp!r} is no year of county_gdp near the census of {CENSUSES[-1]}; allowed: "
            f"{', '.join(allowed_years())}.{'' if is_year else nearest(gdp, allowed_years())} Choose one of these"
            f"{more if is_year and _is_near_newest_census(int(gdp)) else ''}."
        )
    year = max(_covered_years(), default=NEWEST) if gdp == NEWEST_YEAR else int(gdp)
    lit = _complete_years(load_table("county_lights"), "light_sum")
    return Vintage(year, nearest_census(year), max(lights for lights in lit if lights <= year))
