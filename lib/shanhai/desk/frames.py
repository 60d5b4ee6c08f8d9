"""Counties as a frame: of the provinces asked for, with figures of two years side by side, and along which border."""

from collections.abc import Iterable, Sequence

import geopandas as gpd
import pandas as pd

from shanhai.core.errors import BORDERS_UNKNOWN, ParameterError, SpecificationError
from shanhai.core.places import Places, is_nation
from shanhai.data.frames.panel import county_geometry
from shanhai.data.load import load_places
from shanhai.data.years import near_census, nearest_census
from shanhai.methods.checks import require_columns
from shanhai.studies.border.analysis import analysis_frame


def counties(
    provinces: str | int | Iterable[str | int] = "China", *, years: Sequence[int] = (), geometry: bool = False
) -> pd.DataFrame:
    """Counties with everything the project knows of them, one row each.

    Parameters
    ----------
    provinces : str, int or list of these
        Provinces or prefectures by code or name, in English or Chinese; all of China if none is given.
    years : sequence of int
        Years of which ratios are added beside those of the newest year: ``gdp_per_capita_<year>`` (yuan, over
        residents of the nearest census), ``lights_per_km2_<year>`` and ``lights_per_head_<year>``, as far as there are
        figures of that year.
    geometry : bool
        Give a GeoDataFrame with the polygons (WGS 84), to map it with any tool; counties younger than the boundaries
        have none.

    Returns
    -------
    DataFrame or GeoDataFrame
        ``code``, names, ``on_border``, ``distance_to_border_km``, terrain, GDP, census, lights, ``longitude``,
        ``latitude`` and more: ``data/frame_dictionary.csv`` describes each column.

    Raises
    ------
    UnknownPlaceError
        If a place is unknown, or several bear its name.
    ParameterError
        If no place is asked for, or a year has neither GDP nor lights.

    Examples
    --------
    >>> import shanhai as sh
    >>> frame = sh.counties(["Zhejiang", "江西"], years=[2011, 2021])
    >>> frame.groupby("province").size().to_dict()
    {'Jiangxi': 100, 'Zhejiang': 90}
    """
    queries = [provinces] if isinstance(provinces, str | int | float) else list(provinces)
    if not queries:
        raise ParameterError(
            "no place is asked for; allowed: one or more provinces or prefectures. For all: shanhai.counties()."
        )
    frame, places = analysis_frame(), load_places()
    inside = pd.Series(False, index=frame.index)
    for query in queries:
        inside |= _inside(frame, query, places)
    chosen = frame[inside].reset_index(drop=True)
    for year in years:
        chosen = chosen.assign(**_ratios(chosen, year))
    if not geometry:
        return chosen
    shapes = county_geometry().set_index("code").geometry
    return gpd.GeoDataFrame(chosen, geometry=gpd.GeoSeries(shapes.reindex(chosen["code"]).to_numpy(), crs=shapes.crs))


def _inside(frame: pd.DataFrame, query: str | int, places: Places) -> pd.Series:
    """Which counties lie in a place, or in China."""
    if is_nation(query):
        return pd.Series(True, index=frame.index)
    place = places.place(query)
    column = {"province": "province_code", "prefecture": "prefecture_code", "county": "code"}[place.level]
    return frame[column].eq(place.code)


def _ratios(frame: pd.DataFrame, year: int) -> dict[str, pd.Series]:
    """GDP per head and light per area and per head of a year, as far as there are figures of it."""
    found = {}
    if f"gdp_{year}" in frame.columns and near_census(year):
        found[f"gdp_per_capita_{year}"] = frame[f"gdp_{year}"] / frame[f"population_{nearest_census(year)}"]
    if f"lights_{year}" in frame.columns:
        found[f"lights_per_km2_{year}"] = frame[f"lights_{year}"] / frame["area_km2"]
        found[f"lights_per_head_{year}"] = frame[f"lights_{year}"] / frame[f"population_{nearest_census(year)}"]
    if found:
        return found
    years = {kind: [int(name[-4:]) for name in frame.columns if name[:-4] == kind] for kind in ("gdp_", "lights_")}
    raise ParameterError(
        f"year {year!r} has neither GDP nor lights; allowed: {sorted(years['gdp_'])} with GDP, {min(years['lights_'])} "
        f"to {max(years['lights_'])} with lights. Choose among these."
    )


def along_border(frame: pd.DataFrame, first: str | int, second: str | int) -> pd.Series:
    """Which counties lie along the border of two provinces, for a comparison with the interior.

    Parameters
    ----------
    frame : DataFrame
        Counties, as :func:`counties` gives them.
    first, second : str or int
        The two provinces, by code or name.

    Returns
    -------
    Series of bool, with missing values
        True for counties that share an edge on land with the other province; False for counties on no provincial
        border; missing for those that lie on another border only, which are neither, so that a regression leaves them
        out and counts them. Counties of other provinces are missing too.

    Raises
    ------
    UnknownPlaceError
        If a province is unknown.
    SpecificationError
        If the provinces share no border on land, or no county of the frame lies along it.

    Examples
    --------
    >>> import shanhai as sh
    >>> frame = sh.counties(["浙江", "江西"])
    >>> frame["along"] = sh.along_border(frame, "浙江", "江西")
    >>> frame.loc[frame["along"].eq(True), "name_en"].tolist()
    ['Changshan', 'Kaihua', 'Jiangshan', 'Guangfeng', 'Yushan', 'Wuyuan', 'Dexing']
    """
    require_columns(frame, ("province_code", "neighbour_provinces", "on_border"))
    places = load_places()
    pair = [places.province(query) for query in (first, second)]
    other = {pair[0].code: pair[1].code, pair[1].code: pair[0].code}
    across = frame["province_code"].map(other)
    known = frame["neighbour_provinces"].notna() & across.notna()
    neighbours = frame["neighbour_provinces"].fillna("").str.split(";")
    meets = pd.Series([code in codes for code, codes in zip(across, neighbours, strict=True)], index=frame.index)
    if not (meets & known).any():
        names = " and ".join(f"{place.code} {place.name_zh} ({place.short_en})" for place in pair)
        raise SpecificationError(
            f"no county of the frame lies along a border of {names}; allowed: two neighbouring provinces whose counties"
            f" are in the frame. shanhai.borders() lists them. {BORDERS_UNKNOWN if not known.any() else ''}".rstrip()
        )
    interior = frame["on_border"].eq(False).fillna(False)
    return meets.astype("boolean").mask(~known | ~(meets | interior))
