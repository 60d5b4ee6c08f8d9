"""Two prefectures that are paired, held against the prefectures that could have been their partners."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from shanhai.core.errors import MissingDataError
from shanhai.methods.checks import as_numbers
from shanhai.studies.border.analysis import county_centres
from shanhai.studies.pairing.analysis import distances_km


def city_attributes(prefectures: pd.DataFrame, polygons: gpd.GeoDataFrame) -> pd.DataFrame:
    """Place, log GDP per resident of 2011 and 2021 and its change, by prefecture.

    Parameters
    ----------
    prefectures : code, gdp_2011, gdp_2021, population_2010, population_2020 (as ``build_prefecture_frame`` gives them).
    polygons : code and polygons of prefectures, in degrees.
    """
    rows = prefectures.set_index("code")
    log = rows[["gdp_2011", "gdp_2021", "population_2010", "population_2020"]].astype(float).apply(np.log)
    attributes = county_centres(polygons).set_index("code")[["longitude", "latitude"]].reindex(rows.index)
    attributes["gap_2011"] = log["gdp_2011"] - log["population_2010"]
    attributes["gap_2021"] = log["gdp_2021"] - log["population_2020"]
    attributes["gap_change"] = attributes["gap_2021"] - attributes["gap_2011"]
    return attributes


def city_ranks(attributes: pd.DataFrame, one: str, other: str, alternatives: Sequence[str]) -> pd.DataFrame:
    """Where a partner stands among the prefectures that could have been chosen for the same place.

    Parameters
    ----------
    attributes : of :func:`city_attributes`.
    one : the place that keeps its identity.
    other : its partner.
    alternatives : prefectures that could have been the partner; `other` is among them.

    Returns
    -------
    DataFrame
        outcome (distance_km, gap_2011, gap_2021, gap_change), value (partner less place; km for the distance), median
        of the alternatives, rank (1 is the smallest), among, p (exact, two-sided: share of alternatives at least as far
        from the median rank).

    Raises
    ------
    MissingDataError
        If the partner is not among the alternatives or lacks an outcome.
    SpecificationError
        If a code occurs twice, a value is no number, or a coordinate is missing or out of range.
    """
    kept = sorted(set(alternatives) - {one})
    if other not in kept:
        raise MissingDataError(
            f"{other!r} is not among the {len(kept)} alternatives {kept[:5]}; needed: the partner as one of them. "
            "Add it."
        )
    differences = {"distance_km": distances_km(attributes, [one], kept).iloc[0]}
    for outcome in ("gap_2011", "gap_2021", "gap_change"):
        values = pd.Series(as_numbers(attributes[outcome], outcome, missing=True), index=attributes.index)
        differences[outcome] = values.reindex(kept) - values[one]
    rows = []
    for outcome, values in differences.items():
        known = values.dropna()
        if other not in known.index:
            raise MissingDataError(
                f"{other!r} or {one!r} has no {outcome}; needed: GDP and residents of both years. Take others."
            )
        ranks = known.rank(method="average")
        middle = (len(known) + 1) / 2
        p = float(((ranks - middle).abs() >= abs(ranks[other] - middle) - 1e-9).mean())
        rows.append((outcome, float(known[other]), float(known.median()), int(ranks[other]), len(known), p))
    return pd.DataFrame(rows, columns=["outcome", "value", "median", "rank", "among", "p"])


def yearly_ratio(economy: pd.DataFrame, one: str, other: str, years: Sequence[int]) -> pd.DataFrame:
    """GDP and published GDP per head of one prefecture over another, by year.

    Published GDP per head is over registered persons in some years and residents in others (flag ``population_base``).

    Returns
    -------
    DataFrame
        year, gdp, gdp_per_head: `other` over `one`.

    Raises
    ------
    MissingDataError
        If either lacks a year; the message names it.
    """
    columns = ["gdp_100m_yuan", "gdp_per_capita_yuan"]
    sides = []
    for code in (one, other):
        rows = economy[economy["code"].eq(code)].set_index("year")[columns].reindex(list(years))
        absent = rows.index[rows.isna().any(axis=1)].tolist()
        if absent:
            raise MissingDataError(f"{code} has no GDP or GDP per head in {absent}; choose other years.")
        sides.append(rows)
    ratio = sides[1] / sides[0]
    return ratio.set_axis(["gdp", "gdp_per_head"], axis="columns").rename_axis("year").reset_index()


def of_province(prefectures: pd.DataFrame, province: str) -> list[str]:
    """Codes of the prefectures of a province that have GDP and residents of 2021, sorted.

    Raises
    ------
    MissingDataError
        If there is none.
    """
    inside = prefectures[prefectures["province_code"].eq(province) & prefectures["gdp_2021"].notna()]
    if inside.empty:
        raise MissingDataError(f"No prefecture of {province!r} has GDP of 2021; give the code of a province.")
    return sorted(inside["code"])


def first_year(pairings: pd.DataFrame, one: str, other: str) -> int:
    """First year that the table of pairings names for two places.

    Raises
    ------
    MissingDataError
        If it names none.
    """
    rows = pairings[pairings["mountain_code"].eq(one) & pairings["sea_code"].eq(other)]
    if rows["year"].dropna().empty:
        raise MissingDataError(f"pairings names no year for {one!r} and {other!r}; add one to the table.")
    return int(rows["year"].min())
