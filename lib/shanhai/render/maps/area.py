"""The part of the country that a map shows: its polygons, neighbours and borders in one local projection."""

from dataclasses import dataclass
from functools import lru_cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Geod, Transformer

from shanhai.core.errors import ReportError
from shanhai.data.load import FileState, file_state, load_layer, load_table
from shanhai.render.maps.region import COUNTRY, Region, in_region, map_places

MARGIN = 0.04
"""Room around the counties drawn, as a share of the longer side of the map."""

PRINT_DETAIL = 0.04 / 136
"""Detail kept, as a share of the width of the map: 0.04 mm on a map of 136 mm."""

ALBERS_PARAMETERS = (
    "Latitude of 1st standard parallel",
    "Latitude of 2nd standard parallel",
    "Longitude of false origin",
)

LAYER_NAMES = ("counties", "prefectures", "provinces", "provincial_borders")
NAME_TABLES = ("prefectures", "provinces")

ELLIPSOID = Geod(ellps="WGS84")


@dataclass(frozen=True)
class MapLayers:
    """The four boundary layers, WGS 84.

    Attributes
    ----------
    counties : GeoDataFrame
        With ``code``, ``prov_code``, ``pref_code``.
    prefectures, provinces : GeoDataFrame
        With ``code``, ``name_zh``, ``name_en``.
    borders : GeoDataFrame
        Lines between two provinces, with ``prov_a``, ``prov_b``.
    """

    counties: gpd.GeoDataFrame
    prefectures: gpd.GeoDataFrame
    provinces: gpd.GeoDataFrame
    borders: gpd.GeoDataFrame


@dataclass(frozen=True)
class MapArea:
    """What one map shows, projected, in metres.

    Attributes
    ----------
    places : tuple of str
        Codes of the places in focus, ``100000`` for the country.
    crs : CRS
        Local Albers equal-area projection, north up at the centre.
    extent : tuple of float
        West, south, east, north of the map window.
    counties, prefectures : GeoDataFrame
        Polygons of the places in focus; of prefectures the part that is.
    neighbours : GeoDataFrame
        Parts of other provinces, and of the rest of the same ones, inside the window.
    borders : GeoDataFrame
        Provincial border lines inside the window.
    """

    places: tuple[str, ...]
    crs: CRS
    extent: tuple[float, float, float, float]
    counties: gpd.GeoDataFrame
    prefectures: gpd.GeoDataFrame
    neighbours: gpd.GeoDataFrame
    borders: gpd.GeoDataFrame

    @property
    def is_country(self) -> bool:
        """Whether the map shows the whole country."""
        return COUNTRY in self.places

    @property
    def aspect(self) -> float:
        """Height of the window over its width."""
        west, south, east, north = self.extent
        return (north - south) / (east - west)

    def centre(self) -> tuple[float, float]:
        """Longitude and latitude of the middle of the window, degrees."""
        west, south, east, north = self.extent
        return Transformer.from_crs(self.crs, 4326, always_xy=True).transform((west + east) / 2, (south + north) / 2)

    def projected_length(self, kilometres: float) -> float:
        """Metres on the map, east to west through its middle, that stand for a true (geodesic) length."""
        west, south, east, north = self.extent
        middle, half = (west + east) / 2, kilometres * 500
        back = Transformer.from_crs(self.crs, 4326, always_xy=True)
        longitudes, latitudes = back.transform([middle - half, middle + half], [(south + north) / 2] * 2)
        true = ELLIPSOID.line_length(longitudes, latitudes)
        return 2 * half * (kilometres * 1000 / true)

    def scale_error(self) -> float:
        """Largest error of the scale of length in the window against its middle, as a share."""
        x, y = (grid.ravel() for grid in np.meshgrid(*self._lattice()))
        back = Transformer.from_crs(self.crs, 4326, always_xy=True)
        steps = [back.transform(x + dx, y + dy) for dx, dy in ((-500, 0), (500, 0), (0, -500), (0, 500))]
        across = ELLIPSOID.inv(*steps[0], *steps[1])[2]
        along = ELLIPSOID.inv(*steps[2], *steps[3])[2]
        middle = 1000 * 1000 / self.projected_length(1.0)
        return float(np.abs(np.concatenate([across, along]) / middle - 1).max())

    def _lattice(self) -> tuple[np.ndarray, np.ndarray]:
        west, south, east, north = self.extent
        return np.linspace(west, east, 5), np.linspace(south, north, 5)

    def north_angle(self) -> float:
        """Degrees by which true north at the middle leans from the top of the sheet, clockwise positive."""
        longitude, latitude = self.centre()
        ahead = Transformer.from_crs(4326, self.crs, always_xy=True)
        x, y = ahead.transform([longitude, longitude], [latitude - 0.05, latitude + 0.05])
        return float(np.degrees(np.arctan2(x[1] - x[0], y[1] - y[0])))


def load_map_layers() -> MapLayers:
    """The project's boundary layers, or the user's where the settings replace them, with short names.

    Read once per state of the files; all maps share them, so do not change them in place.
    """
    return _map_layers(*(file_state(name, "layer") for name in LAYER_NAMES), *map(file_state, NAME_TABLES))


@lru_cache(maxsize=1)
def _map_layers(*states: FileState) -> MapLayers:
    counties, prefectures, provinces, borders = map(load_layer, LAYER_NAMES)
    return MapLayers(counties, _short_names(prefectures, "prefectures"), _short_names(provinces, "provinces"), borders)


def _short_names(layer: gpd.GeoDataFrame, table: str) -> gpd.GeoDataFrame:
    """Jiangxi in place of Jiangxi Province; a polygon that the table does not list keeps its own name."""
    names = load_table(table).set_index("code")
    short = {column: layer["code"].map(names[f"name_short_{column[-2:]}"]) for column in ("name_zh", "name_en")}
    return layer.assign(**{column: values.fillna(layer[column]) for column, values in short.items()})


def local_albers(counties: gpd.GeoDataFrame) -> CRS:
    """Albers equal-area projection for polygons in WGS 84.

    Central meridian in the middle; standard parallels a sixth of the height inside the southern and northern
    ends, which keeps the error of scale small over the whole height (Snyder 1987, USGS Professional Paper 1395).
    """
    west, south, east, north = counties.total_bounds
    sixth, meridian, middle = (north - south) / 6, (west + east) / 2, (south + north) / 2
    return CRS.from_proj4(
        f"+proj=aea +lat_1={south + sixth:.3f} +lat_2={north - sixth:.3f} "
        f"+lat_0={middle:.3f} +lon_0={meridian:.3f} +datum=WGS84 +units=m"
    )


def projection_parameters(crs: CRS) -> tuple[float, float, float]:
    """Southern and northern standard parallel and central meridian of an Albers projection, degrees."""
    operation = crs.coordinate_operation
    if operation is None:
        raise ReportError(f"{crs.name!r} is no projection; draw maps in the Albers projection of local_albers.")
    values = {parameter.name: parameter.value for parameter in operation.params}
    south, north, meridian = (float(values[name]) for name in ALBERS_PARAMETERS)
    return south, north, meridian


def map_area(region: Region, layers: MapLayers | None = None) -> MapArea:
    """Cut and project what a map of one or several places needs.

    Parameters
    ----------
    region : str, int or list of these
        As of :func:`shanhai.render.maps.region.map_places`.
    layers : MapLayers, optional
        The project's own by default.

    Raises
    ------
    UnknownPlaceError
        If a place is unknown or has no polygon.
    ReportError
        If there is no place, or the country beside a part of it.
    """
    layers = layers or load_map_layers()
    places = map_places(region, layers.counties)
    focus = layers.counties[in_region(layers.counties["code"], layers.counties["pref_code"], places)]
    crs = local_albers(focus)
    counties = focus.to_crs(crs)
    # A map of the country shows all of it, also what has no county data.
    extent = _extent(layers.provinces.to_crs(crs) if COUNTRY in places else counties)
    detail = PRINT_DETAIL * (extent[2] - extent[0])
    window = _window_in_degrees(extent, crs)
    prefectures, around = _prefectures(layers, focus, places)
    # Land under no county, such as far islets, shows as grey on the map of the country.
    outside = ~layers.provinces["code"].str[:2].isin(focus["code"].str[:2].unique()) | (COUNTRY in places)
    context = pd.concat([layers.provinces[outside], around])
    return MapArea(
        places=places,
        crs=crs,
        extent=extent,
        counties=_simplified(counties, detail),
        prefectures=_simplified(prefectures.to_crs(crs), detail),
        neighbours=_simplified(_clip(context, window, extent, crs), detail),
        borders=_simplified(_clip(layers.borders, window, extent, crs), detail),
    )


def _prefectures(
    layers: MapLayers, focus: gpd.GeoDataFrame, places: tuple[str, ...]
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Prefectures, or their parts, in focus; and what else there is of the provinces in focus: they are neighbours."""
    own = layers.prefectures[layers.prefectures["code"].str[:2].isin(focus["code"].str[:2].unique())]
    whole = in_region(own["code"], own["code"], places)
    cut = ~whole & own["code"].isin(focus["pref_code"])
    drawn = shapely.union_all(focus.geometry[focus["pref_code"].isin(own["code"][cut])].to_numpy())
    parts, rest = (
        own[cut].set_geometry(cutting(own.geometry[cut].to_numpy(), drawn), crs=own.crs)
        for cutting in (shapely.intersection, shapely.difference)
    )
    return pd.concat([own[whole], _polygons(parts)]), pd.concat([own[~whole & ~cut], _polygons(rest)])


def _polygons(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """What has an area; a common edge may leave lines behind."""
    pieces = layer.explode(index_parts=False)
    pieces = pieces[pieces.geom_type.eq("Polygon")]
    return pieces.dissolve([name for name in pieces.columns if name != "geometry"], as_index=False)


def _simplified(layer: gpd.GeoDataFrame, detail: float) -> gpd.GeoDataFrame:
    """Leave out what no printer shows; polygons of a layer keep their common edges in common."""
    shapes = layer.geometry.to_numpy()
    polygonal = np.isin(shapely.get_type_id(shapes), [3, 6]).all()
    kept = shapely.coverage_simplify(shapes, detail) if polygonal else shapely.simplify(shapes, detail)
    return layer.set_geometry(kept, crs=layer.crs).reset_index(drop=True)


def _extent(counties: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    west, south, east, north = counties.total_bounds
    margin = MARGIN * max(east - west, north - south)
    return west - margin, south - margin, east + margin, north + margin


def _window_in_degrees(extent: tuple[float, float, float, float], crs: CRS) -> tuple[float, float, float, float]:
    back = Transformer.from_crs(crs, 4326, always_xy=True)
    west, south, east, north = back.transform_bounds(*extent, densify_pts=21)
    return west - 0.1, south - 0.1, east + 0.1, north + 0.1


def _clip(
    layer: gpd.GeoDataFrame,
    window: tuple[float, float, float, float],
    extent: tuple[float, float, float, float],
    crs: CRS,
) -> gpd.GeoDataFrame:
    """Cut in degrees first, so that only what is near is projected, then to the exact window."""
    west, south, east, north = window
    near = layer.cx[west:east, south:north]
    rough = near.set_geometry(shapely.clip_by_rect(near.geometry.to_numpy(), *window), crs=4326).to_crs(crs)
    exact = rough.set_geometry(shapely.clip_by_rect(rough.geometry.to_numpy(), *extent), crs=crs)
    exact = exact.explode(index_parts=False).explode(index_parts=False)
    # Where a polygon only touches the window a line or a point is left of it.
    kept = exact[exact.geom_type.isin(layer.geom_type.str.removeprefix("Multi").unique()) & ~exact.geometry.is_empty]
    return kept.dissolve([name for name in kept.columns if name != "geometry"], as_index=False)
