"""The base of the project's maps: boundary layers with short names, and the places of the census."""

from dataclasses import replace
from functools import lru_cache

import geopandas as gpd

from shanhai.data.load import FileState, file_state, load_layer, load_places, load_table
from shanhai.geo.map_base import MapBase

_LAYERS = ("counties", "prefectures", "provinces", "provincial_borders")
_NAMES = ("prefectures", "provinces")


def load_map_base() -> MapBase:
    """What every map of :mod:`shanhai.render.maps` is drawn from: the project's own, or the user's by the settings.

    Read once per state of the files.

    Returns
    -------
    MapBase

    Raises
    ------
    UnknownTableError, ChecksumError, ValidationError, SettingsError, BoundaryError

    Examples
    --------
    >>> base = load_map_base()
    >>> base.provinces.loc[base.provinces["code"].eq("360000"), "name_en"].item()
    'Jiangxi'
    """
    base = _layers(*(file_state(name, "layer") for name in _LAYERS), *map(file_state, _NAMES))
    return replace(base, places=load_places())


@lru_cache(maxsize=1)
def _layers(*states: FileState) -> MapBase:
    counties, prefectures, provinces, borders = map(load_layer, _LAYERS)
    named = _short_names(prefectures, "prefectures"), _short_names(provinces, "provinces")
    return MapBase(counties, *named, borders, load_places())


def _short_names(layer: gpd.GeoDataFrame, table: str) -> gpd.GeoDataFrame:
    """Jiangxi in place of Jiangxi Province; a polygon that the table does not list keeps its own name."""
    names = load_table(table).set_index("code")
    short = {column: layer["code"].map(names[f"name_short_{column[-2:]}"]) for column in ("name_zh", "name_en")}
    return layer.assign(**{column: values.fillna(layer[column]) for column, values in short.items()})
