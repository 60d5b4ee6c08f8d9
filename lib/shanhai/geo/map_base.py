"""What maps of counties are drawn from: the boundary layers and the places that they show."""

from dataclasses import dataclass

import geopandas as gpd

from shanhai.core.places import Places


@dataclass(frozen=True)
class MapBase:
    """Layers and places of a map; layers in WGS 84. All maps of a process share them: do not change them in place."""

    counties: gpd.GeoDataFrame
    """With ``code``, ``prov_code``, ``pref_code``."""
    prefectures: gpd.GeoDataFrame
    """With ``code``, ``name_zh``, ``name_en``."""
    provinces: gpd.GeoDataFrame
    """With ``code``, ``name_zh``, ``name_en``."""
    borders: gpd.GeoDataFrame
    """Lines between two provinces, with ``prov_a``, ``prov_b``."""
    places: Places
    """Counties, prefectures and provinces by code and name."""
