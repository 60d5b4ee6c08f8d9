"""The county frame: one row a county of the 2020 census, with everything the notebooks and estimates use.

Shares are in percent, money in yuan at current prices, lights in the unit of ``county_lights``. GDP per head divides
the corrected GDP of 2021 by the residents counted on 1 November 2020, the only head count for every county; that of
a further year divides by the residents of the nearest census (:mod:`shanhai.data.years`).
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import pandas as pd

from shanhai.core import fields, sources
from shanhai.core.errors import SpecificationError
from shanhai.data.codes import require_same_counties
from shanhai.data.flags import frame_flags, gdp_from_prefecture
from shanhai.data.frames.harmonise import published_gdp, territory_groups, to_counties_2020, wide_to_counties_2020
from shanhai.data.load import load_bundled_layer, load_corrections, load_layer, load_table
from shanhai.data.store import FileStates, file_states, input_files, stored
from shanhai.data.years import (
    LIGHT_YEARS,
    further_years,
    near_census,
    nearest_census,
    years_in_full,
    years_of_gdp,
)
from shanhai.geo.beyond import KnownBorders
from shanhai.geo.borders import measure_borders
from shanhai.geo.crs import to_equal_area

ELDERLY = ("age_60_64", "age_65_69", "age_70_74", "age_75_79", "age_80_84", "age_85plus")
TERRAIN = ("elevation_mean_m", "elevation_sd_m", "relief_m", "slope_mean_deg", "ruggedness")
BORDERS = ("on_border", "gap_to_border_km", "distance_to_border_km", "neighbour_provinces")

TABLES = (
    "counties",
    "prefectures",
    "provinces",
    "crosswalk",
    "zones",
    "census_2020",
    "census_2010",
    "county_gdp",
    "county_lights",
    "county_terrain",
    "mountain_counties",
    "prefecture_economy",
)
"""Tables that the frame is made of."""

COLUMNS = (
    *("code", "name_zh", "name_en", "province_code", "province", "province_zh"),
    *("prefecture_code", "prefecture", "prefecture_zh", "kind", "is_district", "is_mountain_26", "type"),
    *BORDERS,
    "area_km2",
    *TERRAIN,
    *("gdp_2021", "gdp_per_capita_2021", "gdp_2011", "gdp_2001", "primary_gdp_2021"),
    *("population_2020", "population_2010"),
    *("urban_share_2020", "share_60_plus_2020", "illiteracy_2020", "mean_schooling_2020"),
    *(f"lights_{year}" for year in LIGHT_YEARS),
    "flags",
)
"""Columns of the frame, in order. What it holds of further years (:func:`shanhai.data.years.years_in_full`, and lights)
stands before the flags."""

_PER_HEAD = "gdp_per_capita"

_OF_A_YEAR = ("gdp", _PER_HEAD, "primary_gdp")
"""What the frame holds of a year that it keeps in full; GDP per head only where a census is near."""

Tables = Mapping[str, pd.DataFrame]


def county_rows(census: pd.DataFrame) -> pd.DataFrame:
    """The units of analysis of a census table, indexed by code; a few of 2010 have none and are left out."""
    return census.loc[census["is_county"] & census["code"].notna()].set_index("code")


def _names_of_counties(tables: Tables) -> pd.DataFrame:
    """Names and memberships of every county; English names of province and prefecture are the short ones."""
    frame = tables["counties"]
    for level in ("province", "prefecture"):
        names = tables[f"{level}s"].set_index("code")
        frame[level] = frame[f"{level}_code"].map(names["name_short_en"])
        frame[f"{level}_zh"] = frame[f"{level}_code"].map(names["name_zh"])
    types = tables["mountain_counties"].set_index("code")["type"]
    frame["is_district"] = frame["kind"].eq("district")
    frame["is_mountain_26"] = frame["code"].isin(types.index)
    frame["type"] = frame["code"].map(types).fillna("")
    return frame


def population_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Shares of the resident population from rows of the 2020 census, in percent, and mean years of schooling.

    Illiteracy is the share of illiterates among those aged 15 and over, as published (not among all residents).
    """
    urban = rows["urban_population"].where(
        rows["urban_population"].notna(), rows["population"] - rows["rural_population"]
    )
    return pd.DataFrame(
        {
            "urban_share_2020": urban / rows["population"] * 100,
            "share_60_plus_2020": rows[list(ELDERLY)].sum(axis=1, skipna=False) / rows["population"] * 100,
            "illiteracy_2020": rows["illiterate_share_15plus_pct"],
            "mean_schooling_2020": rows["mean_years_schooling"],
        }
    )


def gdp_columns(tables: Tables) -> pd.DataFrame:
    """GDP of each year, and primary value added of those kept in full, by county of 2020 (yuan).

    Parameters
    ----------
    tables : needs county_gdp, counties, crosswalk, prefecture_economy.
    """
    gdp = tables["county_gdp"]
    years = years_of_gdp(gdp)
    by_year = {year: gdp.loc[gdp["year"].eq(year)].set_index("code") for year in years}
    wanted = {f"gdp_{year}": rows["gdp_10k_yuan"] for year, rows in by_year.items()}
    wanted |= {f"primary_gdp_{year}": by_year[year]["primary_gdp_10k_yuan"] for year in years_in_full(gdp)}
    money = wide_to_counties_2020(pd.DataFrame(wanted), tables["crosswalk"], 2021) * 10_000
    for year in years:
        published = published_gdp(tables["prefecture_economy"], year).reindex(gdp_from_prefecture(tables, year))
        money[f"gdp_{year}"] = money[f"gdp_{year}"].fillna(published)
    return money


def _light_columns(tables: Tables) -> pd.DataFrame:
    lights = tables["county_lights"].pivot(index="code", columns="year", values="light_sum")
    lights = lights.rename(columns=lambda year: f"lights_{year}")
    # Taiwan, Hong Kong, Macau and the land of no county have light but no county of the census.
    of_counties = lights.index.isin(territory_groups(tables["crosswalk"], 2021)["code"])
    return wide_to_counties_2020(lights.loc[of_counties], tables["crosswalk"], 2021)


def frame_fields(columns: Sequence[str] = COLUMNS) -> tuple[fields.Field, ...]:
    """Type, unit, range, English and 中文 of columns of the county frame, in the order given.

    Parameters
    ----------
    columns : names of `COLUMNS`, and figures of further years.

    Raises
    ------
    SpecificationError
        If the frame has no such column.
    """
    described = tuple(fields.field_of(name) for name in columns)
    computed = [field.column for field in described if field.table == fields.COMPUTED]
    if computed:
        raise SpecificationError(f"The county frame has no column {computed[0]!r}: studies compute it.")
    return described


def _measure_geography(counties: gpd.GeoDataFrame, known: KnownBorders | None = None) -> pd.DataFrame:
    """Area and borders of each polygon.

    Parameters
    ----------
    counties : code, prov_code and polygons of a valid coverage in degrees.
    known : borders of the whole country, beside which a layer of a part of it is read (:func:`_known_borders`).

    Returns
    -------
    pandas.DataFrame with code, area_km2 (of the polygon in the equal-area projection of China), the columns `BORDERS`
    and border_flags (:func:`shanhai.geo.borders.measure_borders`).

    Raises
    ------
    BoundaryError
    """
    # to 100 square metres: what follows differs from one processor or Python to the next
    areas = (to_equal_area(counties).area / 1e6).round(4)
    return measure_borders(counties, known=known).assign(area_km2=areas.to_numpy())


def _known_borders() -> KnownBorders:
    """Borders, coasts and frontiers of China, from the project's own polygons whatever the settings replace."""
    return KnownBorders.of(load_bundled_layer("counties"))


def _assemble(tables: Tables, geography: pd.DataFrame, corrections: pd.DataFrame) -> pd.DataFrame:
    """The county frame from given tables: pure, no file is read.

    Parameters
    ----------
    tables : frames by the names in `TABLES`, corrected; not changed.
    geography : one row a county with polygon, as :func:`_measure_geography` gives it.
    corrections : log of the corrections of ``county_gdp``.

    Returns
    -------
    pandas.DataFrame with `COLUMNS`, one row a county, sorted by code. What a county lacks is missing. GDP and lights of
    years that the tables hold beside those compared come with it.
    """
    tables = {name: table.copy() for name, table in tables.items()}
    frame = _names_of_counties(tables).set_index("code").sort_index()
    census = county_rows(tables["census_2020"])
    population_2010 = county_rows(tables["census_2010"])["population"]
    frame["population_2020"] = census["population"].astype(float)
    frame["population_2010"] = to_counties_2020(population_2010, tables["crosswalk"], 2010)["value"]
    parts: list[pd.DataFrame | pd.Series] = [population_shares(census), gdp_columns(tables), _light_columns(tables)]
    parts.append(tables["county_terrain"].set_index("code")[list(TERRAIN)])
    parts.append(geography.set_index("code")[["area_km2", *BORDERS]])
    frame = frame.join(parts)
    for year in filter(near_census, years_in_full(tables["county_gdp"])):
        frame[f"gdp_per_capita_{year}"] = frame[f"gdp_{year}"] / frame[f"population_{nearest_census(year)}"]
    frame["on_border"] = frame["on_border"].astype("boolean")
    frame["flags"] = frame_flags(tables, corrections, geography).reindex(frame.index).fillna("")
    return frame.reset_index()[list(_columns(tables))].sort_values("code", ignore_index=True)


def _columns(tables: Tables) -> tuple[str, ...]:
    kept = years_in_full(tables["county_gdp"])[1:]
    gdp = (f"{kind}_{year}" for year in kept for kind in _OF_A_YEAR if kind != _PER_HEAD or near_census(year))
    lights = (f"lights_{year}" for year in further_years(tables["county_lights"], LIGHT_YEARS))
    return (*COLUMNS[:-1], *gdp, *lights, COLUMNS[-1])


def build_county_frame() -> pd.DataFrame:
    """The county frame of the project's tables and boundaries, or of the user's own in their place.

    Returns
    -------
    pandas.DataFrame: see :func:`_assemble`. A copy; the frame is built once for the same data and library.

    Raises
    ------
    UnknownTableError, ChecksumError, ValidationError, SettingsError, BoundaryError
    """
    return _county_frame(file_states(frame_inputs())).copy()


def county_geometry() -> gpd.GeoDataFrame:
    """Polygons of the counties: code and geometry in WGS 84 (EPSG:4326), sorted by code."""
    return _geometry().copy()


def frame_inputs() -> list[Path]:
    """Every file that the county frame is made of: the key of what is built from it alone."""
    ours = [source.path for source in sources.bundled("counties", "layer")]
    return [*input_files(TABLES, ["counties"]), *ours, fields.FRAME_DICTIONARY, fields.DICTIONARY, sources.REGISTRY]


@lru_cache(maxsize=2)
def _county_frame(states: FileStates) -> pd.DataFrame:
    return stored("county_frame", frame_inputs(), _built_frame)


def _built_frame() -> pd.DataFrame:
    tables = {name: load_table(name) for name in TABLES}
    require_same_counties(tables)
    geography = _measure_geography(load_layer("counties"), _known_borders())
    frame = _assemble(tables, geography, load_corrections("county_gdp"))
    return fields.validate("county_frame", frame, frame_fields(list(frame.columns)), fields.FRAME_DICTIONARY)


@lru_cache(maxsize=1)
def _geometry() -> gpd.GeoDataFrame:
    layer = load_layer("counties")
    return layer[["code", "geometry"]].sort_values("code", ignore_index=True)
