"""The part of the country that a map shows: its polygons, neighbours and borders in one local projection."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Proj

from shanhai.core.errors import ReportError, UnknownPlaceError
from shanhai.core.places import Place
from shanhai.geo.crs import ELLIPSOID
from shanhai.geo.map_base import MapBase

_MARGIN = 0.04
"""Room around the counties drawn, as a share of the longer side of the map."""

_PRINT_DETAIL = 25.4 / 300 / 136
"""Detail kept, as a share of the width of the map: one dot of 300 in an inch on a map of 136 mm."""

_ALBERS_PARAMETERS = (
    "Latitude of 1st standard parallel",
    "Latitude of 2nd standard parallel",
    "Longitude of false origin",
)

_COUNTRY = "100000"
"""Region code of the whole country."""

_COUNTRY_NAMES = frozenset({_COUNTRY, "中国", "全国", "china"})

_SHOWN_ONLY = {"71": "Taiwan 台湾", "81": "Hong Kong 香港", "82": "Macau 澳门"}
"""Beginnings of codes of land that a map of the country shows and that the county data leave out."""

_SEPARATORS = re.compile("[,，、;；]")

Region = str | int | Iterable[str | int]
"""A place, a text of places separated by commas, or a list of places; each by code, 中文 or English name."""


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

    @cached_property
    def projection(self) -> Proj:
        """From longitude and latitude to the map and back: both are WGS 84, so that no shift of datum is looked up."""
        return Proj(self.crs)

    @property
    def is_country(self) -> bool:
        """Whether the map shows the whole country."""
        return _COUNTRY in self.places

    @property
    def aspect(self) -> float:
        """Height of the window over its width."""
        west, south, east, north = self.extent
        return (north - south) / (east - west)

    def rows_of(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Rows of the counties on the map, so that classes are those of the map.

        Raises
        ------
        ReportError
            If a county of the map has no row; it says which places are outside the frame.
        """
        absent = self.counties[~self.counties["code"].isin(set(frame["code"]))]
        if absent.empty:
            return frame[frame["code"].isin(set(self.counties["code"]))].reset_index(drop=True)
        named = []
        for place in self.places:
            own = _in_region(self.counties["code"], self.counties["pref_code"], [place])
            lacking = sorted(absent["code"][_in_region(absent["code"], absent["pref_code"], [place])])
            if len(lacking) == own.sum():
                named.append(f"{place} (none of its {len(lacking)} counties)")
            elif lacking:
                more = f" and {len(lacking) - 8} more" if len(lacking) > 8 else ""
                named.append(f"{place} (not {', '.join(lacking[:8])}{more})")
        raise ReportError(
            f"Counties are on the map but not in the frame, of {'; '.join(named)}. Pass a frame with a row for each, "
            "such as build_county_frame(), or draw other places."
        )

    def rows_without_polygon(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Rows of the places that the boundaries do not draw, such as a county younger than they are."""
        prefectures = frame["prefecture_code"] if "prefecture_code" in frame.columns else frame["code"].str[:4] + "00"
        inside = _in_region(frame["code"], prefectures, self.places)
        return frame[inside & ~frame["code"].isin(set(self.counties["code"]))]

    def centre(self) -> tuple[float, float]:
        """Longitude and latitude of the middle of the window, degrees."""
        west, south, east, north = self.extent
        longitude, latitude = self.projection((west + east) / 2, (south + north) / 2, inverse=True)
        return float(longitude), float(latitude)

    def projected_length(self, kilometres: float) -> float:
        """Metres on the map, east to west through its middle, that stand for a true (geodesic) length."""
        west, south, east, north = self.extent
        middle, half = (west + east) / 2, kilometres * 500
        longitudes, latitudes = self.projection([middle - half, middle + half], [(south + north) / 2] * 2, inverse=True)
        true = ELLIPSOID.line_length(longitudes, latitudes)
        return 2 * half * (kilometres * 1000 / true)

    def scale_error(self) -> float:
        """Largest error of the scale of length in the window against its middle, as a share."""
        x, y = (grid.ravel() for grid in np.meshgrid(*self._lattice()))
        moves = ((-500, 0), (500, 0), (0, -500), (0, 500))
        steps = [self.projection(x + dx, y + dy, inverse=True) for dx, dy in moves]
        across = ELLIPSOID.inv(*steps[0], *steps[1])[2]
        along = ELLIPSOID.inv(*steps[2], *steps[3])[2]
        middle = 1000 * 1000 / self.projected_length(1.0)
        return float(np.abs(np.concatenate([across, along]) / middle - 1).max())

    def _lattice(self) -> tuple[np.ndarray, np.ndarray]:
        west, south, east, north = self.extent
        return np.linspace(west, east, 5), np.linspace(south, north, 5)

    def parallels_and_meridian(self) -> tuple[float, float, float]:
        """Southern and northern standard parallel and central meridian of the projection, degrees."""
        operation = self.crs.coordinate_operation
        if operation is None:
            raise ReportError(f"{self.crs.name!r} is no projection; make the area of a map with map_area.")
        values = {parameter.name: parameter.value for parameter in operation.params}
        south, north, meridian = (float(values[name]) for name in _ALBERS_PARAMETERS)
        return south, north, meridian

    def north_angle(self) -> float:
        """Degrees by which true north at the middle leans from the top of the sheet, clockwise positive."""
        longitude, latitude = self.centre()
        x, y = self.projection([longitude, longitude], [latitude - 0.05, latitude + 0.05])
        return float(np.degrees(np.arctan2(x[1] - x[0], y[1] - y[0])))


def _local_albers(counties: gpd.GeoDataFrame) -> CRS:
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


_last_area: list[tuple[tuple[gpd.GeoDataFrame, ...], MapArea]] = []


def map_area(base: MapBase, region: Region) -> MapArea:
    """Cut and project what a map of one or several places needs; the last one is kept for further maps of the same.

    Parameters
    ----------
    base : MapBase
        Layers and places (:func:`shanhai.data.map_base.load_map_base`).
    region : str, int or list of these
        Provinces, prefectures and counties by code or name, of several levels if wanted: ``"330000"``,
        ``"330000, 340000"``, ``["衢州", "Huangshan", "361100"]``; ``100000`` for the country.

    Raises
    ------
    UnknownPlaceError
        If a place is unknown or has no polygon.
    ReportError
        If there is no place, or the country beside a part of it.
    """
    places = _map_places(base, region)
    layers = (base.counties, base.prefectures, base.provinces, base.borders)
    for kept, area in _last_area:
        if area.places == places and all(old is new for old, new in zip(kept, layers, strict=True)):
            return area
    area = _area(base, places)
    _last_area[:] = [(layers, area)]
    return area


def _area(base: MapBase, places: tuple[str, ...]) -> MapArea:
    focus = base.counties[_in_region(base.counties["code"], base.counties["pref_code"], places)]
    crs = _local_albers(focus)
    projection = Proj(crs)
    counties = _projected(focus, projection)
    # A map of the country shows all of it, also what has no county data.
    extent = _extent(_projected(base.provinces, projection) if _COUNTRY in places else counties)
    detail = _PRINT_DETAIL * (extent[2] - extent[0])
    prefectures, around = _prefectures(base, focus, places)
    # Land under no county, such as far islets, shows as grey on the map of the country.
    outside = ~base.provinces["code"].str[:2].isin(focus["code"].str[:2].unique()) | (_COUNTRY in places)
    context = pd.concat([base.provinces[outside], around])
    return MapArea(
        places=places,
        crs=crs,
        extent=extent,
        counties=_simplified(counties, detail),
        prefectures=_simplified(_projected(prefectures, projection), detail),
        neighbours=_simplified(_polygons(_clip(context, extent, projection)), detail),
        borders=_simplified(_lines(_clip(base.borders, extent, projection)), detail),
    )


def _projected(layer: gpd.GeoDataFrame, projection: Proj) -> gpd.GeoDataFrame:
    """In whole metres.

    PROJ differs in the ninth decimal between builds, and that would decide which points a simplified line keeps.
    """

    def metres(longitudes: np.ndarray, latitudes: np.ndarray) -> np.ndarray:
        return np.round(projection(longitudes, latitudes))

    shapes = shapely.transform(layer.geometry.to_numpy(), metres, interleaved=False)
    return layer.set_geometry(shapes, crs=projection.crs)


def _prefectures(
    base: MapBase, focus: gpd.GeoDataFrame, places: tuple[str, ...]
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Prefectures, or their parts, in focus; and what else there is of the provinces in focus: they are neighbours."""
    own = base.prefectures[base.prefectures["code"].str[:2].isin(focus["code"].str[:2].unique())]
    whole = _in_region(own["code"], own["code"], places)
    cut = ~whole & own["code"].isin(focus["pref_code"])
    drawn = shapely.union_all(focus.geometry[focus["pref_code"].isin(own["code"][cut])].to_numpy())
    parts, rest = (
        own[cut].set_geometry(cutting(own.geometry[cut].to_numpy(), drawn), crs=own.crs)
        for cutting in (shapely.intersection, shapely.difference)
    )
    return pd.concat([own[whole], _polygons(parts)]), pd.concat([own[~whole & ~cut], _polygons(rest)])


def _polygons(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """What has an area; a common edge, or the edge of a window, may leave lines and points behind."""
    return _pieces(layer, 3, shapely.multipolygons)


def _lines(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """What has a length."""
    return _pieces(layer, 1, shapely.multilinestrings)


def _pieces(layer: gpd.GeoDataFrame, kind: int, joined: Callable[..., np.ndarray]) -> gpd.GeoDataFrame:
    """Rows with their pieces of one type (its number in shapely) only; rows without any are dropped."""
    parts, places = shapely.get_parts(layer.geometry.to_numpy(), return_index=True)
    pieces, within = shapely.get_parts(parts, return_index=True)  # a collection holds collections
    kept = (shapely.get_type_id(pieces) == kind) & ~shapely.is_empty(pieces)
    rows, groups = np.unique(places[within][kept], return_inverse=True)
    return layer.iloc[rows].set_geometry(joined(pieces[kept], indices=groups), crs=layer.crs)


def _simplified(layer: gpd.GeoDataFrame, detail: float) -> gpd.GeoDataFrame:
    """Leave out what no printer shows; polygons of a layer keep their common edges in common."""
    shapes = layer.geometry.to_numpy()
    polygonal = np.isin(shapely.get_type_id(shapes), [3, 6]).all()
    kept = shapely.coverage_simplify(shapes, detail) if polygonal else shapely.simplify(shapes, detail)
    return layer.set_geometry(kept, crs=layer.crs).reset_index(drop=True)


def _extent(counties: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    west, south, east, north = counties.total_bounds
    margin = _MARGIN * max(east - west, north - south)
    return west - margin, south - margin, east + margin, north + margin


def _clip(layer: gpd.GeoDataFrame, extent: tuple[float, float, float, float], projection: Proj) -> gpd.GeoDataFrame:
    """Cut in degrees first, so that only what is near is projected, then to the exact window."""
    edge = shapely.segmentize(shapely.box(*extent), (extent[2] - extent[0]) / 20)  # straight here, bent in degrees
    x, y = shapely.get_coordinates(edge).T
    longitudes, latitudes = projection(x, y, inverse=True)
    west, south, east, north = np.add(
        (longitudes.min(), latitudes.min(), longitudes.max(), latitudes.max()), (-0.1, -0.1, 0.1, 0.1)
    )
    near = layer.cx[west:east, south:north]
    cut = near.set_geometry(shapely.clip_by_rect(near.geometry.to_numpy(), west, south, east, north), crs=4326)
    rough = _projected(cut, projection)
    return rough.set_geometry(shapely.clip_by_rect(rough.geometry.to_numpy(), *extent), crs=rough.crs)


def _in_region(codes: pd.Series, prefectures: pd.Series, places: Collection[str]) -> pd.Series:
    """Which counties (by their codes and those of their prefectures) lie in one of the places."""
    inside = codes.isin(set(places)) | prefectures.isin(set(places)) | (codes.str[:2] + "0000").isin(set(places))
    return inside | (_COUNTRY in places)


def _map_places(base: MapBase, region: Region) -> tuple[str, ...]:
    """Codes of the places that a map shows, each once, in the order given."""
    wanted = [text for item in _items(region) for text in _SEPARATORS.split(str(item))]
    if not any(text.strip() for text in wanted):
        raise ReportError(f"Region {region!r} names no place. Give codes or names, such as '330000, 衢州', or 100000.")
    places = tuple(dict.fromkeys(_code(text.strip(), base) for text in wanted if text.strip()))
    if _COUNTRY in places and len(places) > 1:
        others = ", ".join(code for code in places if code != _COUNTRY)
        raise ReportError(f"Region {region!r} names the country and {others} within it. Give one or the other.")
    return places


def _items(region: Region) -> list[str | int]:
    return [region] if isinstance(region, str | int) else list(region)


def _code(text: str, base: MapBase) -> str:
    """Code of one place, with a polygon in the layer."""
    if text.casefold() in _COUNTRY_NAMES:
        return _COUNTRY
    if _is_drawn(text, base.counties):
        return text
    shown = _SHOWN_ONLY.get(text[:2]) if text.isdigit() and len(text) == 6 else None
    if shown:
        raise UnknownPlaceError(
            f"{text} lies in {shown}, which the county data leave out; only a map of 100000 shows it."
        )
    place = base.places.place(text)
    if not _is_drawn(place.code, base.counties):
        raise UnknownPlaceError(_not_drawn(place))
    return place.code


def _is_drawn(code: str, counties: gpd.GeoDataFrame) -> bool:
    return code.isdigit() and len(code) == 6 and bool(_in_region(counties["code"], counties["pref_code"], [code]).any())


def _not_drawn(place: Place) -> str:
    above = [code for code in (place.prefecture_code, place.province_code) if code and code != place.code]
    instead = f"Draw {above[0]}, where it lies, or name" if above else "Name"
    return (
        f"{place.level.capitalize()} {place.code} {place.name_zh} ({place.name_en}) has no county polygon in the layer."
        f" {instead} a layer that has one as `counties` under [replace]."
    )
