"""The four layers: counties, what is dissolved from them, and the lines between provinces."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from shanhai.geo.borders import border_lines
from shanhai.geo.boundaries._codes import SHOWN_ONLY
from shanhai.geo.crs import WGS84

_RELEASED = "2000-01-01"
"""Date in the header of every attribute table: fixed by us, so that the same polygons give the same bytes."""

SHOWN_NAMES = {
    "710000": ("台湾省", "Taiwan"),
    "810000": ("香港特别行政区", "Hong Kong"),
    "820000": ("澳门特别行政区", "Macau"),
}


@dataclass(frozen=True)
class Layers:
    """What ``shapefiles/`` holds, all in WGS 84 degrees, codes as text."""

    counties: gpd.GeoDataFrame
    """``code, name_zh, name_en, prov_code, pref_code``: counties of the 2020 census with a polygon."""
    prefectures: gpd.GeoDataFrame
    """``code, name_zh, name_en``: dissolved from counties, and Sansha, which has none."""
    provinces: gpd.GeoDataFrame
    """``code, name_zh, name_en``: dissolved from counties, and Taiwan, Hong Kong, Macau for display."""
    provincial_borders: gpd.GeoDataFrame
    """``prov_a, prov_b`` (in order of codes): lines that counties of two mainland provinces share."""

    def as_dict(self) -> dict[str, gpd.GeoDataFrame]:
        """The layers under the names of their files."""
        return dict(vars(self))


def dissolve(geometry: np.ndarray, groups: np.ndarray) -> dict[str, shapely.Geometry]:
    """Union of the coverage members of each group; edges keep every vertex, so levels agree exactly."""
    order = np.argsort(groups, kind="stable")
    names, starts = np.unique(groups[order], return_index=True)
    parts = np.split(geometry[order], starts[1:])
    unions = [shapely.normalize(shapely.coverage_union_all(part)) for part in parts]
    return dict(zip(names.tolist(), unions, strict=True))


def build_layers(
    polygons: dict[str, shapely.Geometry], counties: pd.DataFrame, prefectures: pd.DataFrame, provinces: pd.DataFrame
) -> Layers:
    """Put names to polygons and dissolve the upper levels.

    Parameters
    ----------
    polygons : code -> polygon in WGS 84
        Counties; also prefectures without counties and provinces, for what is only shown.
    counties, prefectures, provinces : registries with ``code, name_zh, name_en`` (and the codes above)
    """
    drawn = counties[counties["code"].isin(polygons)].sort_values("code")
    table = drawn.rename(columns={"province_code": "prov_code", "prefecture_code": "pref_code"})
    county_layer = _layer(table[["code", "name_zh", "name_en", "prov_code", "pref_code"]], polygons)
    upper = {code: polygon for code, polygon in polygons.items() if code not in set(drawn["code"])}
    shapes = np.array(county_layer.geometry.values)
    by_prefecture = _joined(dissolve(shapes, county_layer["pref_code"].to_numpy(str)), _only(upper, prefectures))
    by_province = dissolve(shapes, county_layer["prov_code"].to_numpy(str))
    for code, polygon in sorted(upper.items()):
        by_province = _joined(by_province, {f"{code[:2]}0000": polygon})
    named = ["code", "name_zh", "name_en"]
    shown = pd.DataFrame([(c, *SHOWN_NAMES[c]) for c in by_province if c[:2] in SHOWN_ONLY], columns=named)
    return Layers(
        county_layer,
        _layer(_present(prefectures[named], by_prefecture), by_prefecture),
        _layer(_present(pd.concat([provinces[named], shown]), by_province), by_province),
        border_lines(county_layer),
    )


def _joined(first: dict[str, shapely.Geometry], second: dict[str, shapely.Geometry]) -> dict[str, shapely.Geometry]:
    both = {c: shapely.union_all([first[c], second[c]]) for c in first.keys() & second.keys()}
    return {**first, **second, **both}


def _only(polygons: dict[str, shapely.Geometry], registry: pd.DataFrame) -> dict[str, shapely.Geometry]:
    return {code: polygons[code] for code in registry["code"] if code in polygons}


def _present(registry: pd.DataFrame, polygons: dict[str, shapely.Geometry]) -> pd.DataFrame:
    return registry[registry["code"].isin(polygons)].sort_values("code")


def _layer(table: pd.DataFrame, polygons: dict[str, shapely.Geometry]) -> gpd.GeoDataFrame:
    geometry = shapely.normalize(np.array([polygons[code] for code in table["code"]], dtype=object))
    return gpd.GeoDataFrame(table.reset_index(drop=True), geometry=geometry, crs=WGS84)


def write_layers(layers: Layers, folder: Path) -> list[Path]:
    """Write each layer as an ESRI Shapefile (UTF-8, WGS 84); the bytes depend on the layers only."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, frame in layers.as_dict().items():
        for old in folder.glob(f"{name}.*"):
            old.unlink()
        written += write_layer(frame, folder / f"{name}.shp")
    return sorted(written)


def write_layer(frame: gpd.GeoDataFrame, path: Path) -> list[Path]:
    """Write one layer; the paths of all parts of the shapefile."""
    pyogrio.write_dataframe(
        frame, path, driver="ESRI Shapefile", encoding="UTF-8", layer_options={"DBF_DATE_LAST_UPDATE": _RELEASED}
    )
    return sorted(path.parent.glob(f"{path.stem}.*"))
