"""Reading a user's layer: three formats, known by their first bytes, and nothing that a file points to.

The library behind most readers tries every format it knows on every file. A ``.geojson`` may then turn out to be a
virtual dataset that opens other files and addresses. Here the ending and the bytes have to agree before anything is
opened, and GeoJSON is read as the plain text that it is.
"""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from shanhai.core.errors import BoundaryError
from shanhai.geo.door._registry import LINES

_DRIVERS = {".shp": "ESRI Shapefile", ".gpkg": "GPKG", ".geojson": "GeoJSON"}
"""Formats of a layer by their endings; no other is ever opened."""

_SHAPEFILE = bytes.fromhex("0000270a")
_SQLITE = b"SQLite format 3\x00"
_GEOPACKAGES = (b"GPKG", b"GP10", b"GP11")
_EPSG = re.compile(r"(?:urn:ogc:def:crs:)?EPSG:[\d.]*:?(\d{4,6})")
_CRS84 = re.compile(r"(?:urn:ogc:def:crs:)?OGC:[\d.]*:?CRS84")

_SAVE = "Save the layer anew as a GeoPackage (Export, Save Features As in QGIS) and name that file."


def read_layer(path: Path, layer: str = "counties") -> gpd.GeoDataFrame:
    """Read the one layer of a file that can stand for a layer of the project.

    Parameters
    ----------
    path : Path
        A ``.shp`` with its companions, a ``.gpkg`` or a ``.geojson``.
    layer : str
        ``counties``, ``prefectures``, ``provinces`` or ``provincial_borders``, which needs lines where the others need
        polygons: this chooses between the layers of a GeoPackage.

    Returns
    -------
    GeoDataFrame
        As the file has it, in its own reference system.

    Raises
    ------
    BoundaryError
        The bytes are not of the format that the ending says, the file cannot be read, it has no or several layers of
        this kind, or its reference system is a link.
    """
    path = path.resolve()
    try:
        return _read(path, "LineString" if layer == LINES else "Polygon")
    except (
        DataSourceError,
        DataLayerError,
        sqlite3.Error,
        shapely.errors.GEOSException,
        OSError,
        _UnreadableError,
    ) as error:
        raise BoundaryError(
            f"{path.name} cannot be read as layer {layer!r}: {error}. A shapefile needs its .shx, .dbf and .prj beside"
            f" the .shp; check the file in a GIS. {_SAVE}"
        ) from error
    except UnicodeDecodeError as error:
        raise BoundaryError(
            f"{path.name}: the attributes are not in the encoding that the file states ({error}). Write the right one,"
            " for instance GBK, into the .cpg file beside it, or save the layer anew in UTF-8."
        ) from error


class _UnreadableError(Exception):
    """The bytes are not of the format that the ending says."""


def _read(path: Path, kind: str) -> gpd.GeoDataFrame:
    suffix = path.suffix.lower()
    if suffix == ".geojson":
        return _geojson(path)
    if suffix not in _DRIVERS:
        raise _UnreadableError(f"a layer ends in one of {sorted(_DRIVERS)}")
    layer = None
    if suffix == ".shp":
        _require_shapefile(path)
    else:
        layer = _chosen(path, kind)
    driver = pyogrio.read_info(path, layer=layer)["driver"]
    if driver != _DRIVERS[suffix]:
        raise _UnreadableError(f"it is of the format {driver}, its ending says {_DRIVERS[suffix]}")
    frame = gpd.read_file(path, layer=layer)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise _UnreadableError("it holds a table without shapes")
    return frame


def _require_shapefile(path: Path) -> None:
    with path.open("rb") as stream:
        if stream.read(4) != _SHAPEFILE:
            raise _UnreadableError("it is no shapefile")


def _chosen(path: Path, kind: str) -> str:
    """Name of the one layer of a GeoPackage with shapes of this kind."""
    with path.open("rb") as stream:
        head = stream.read(72)
    if not head.startswith(_SQLITE) or head[68:72] not in _GEOPACKAGES:
        raise _UnreadableError("it is no GeoPackage")
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as base:
        virtual = base.execute("SELECT name, sql FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'").fetchall()
    outside = [name for name, sql in virtual if not re.search(r"\busing\s+\"?rtree\b", sql, re.IGNORECASE)]
    if outside:
        raise _UnreadableError(f"it has virtual tables, which read other files: {outside}")
    layers = [(str(name), str(shape or "")) for name, shape in pyogrio.list_layers(path)]
    exact = [name for name, shape in layers if kind in shape]
    open_kind = [name for name, shape in layers if shape in ("Unknown", "Geometry", "GeometryCollection")]
    candidates = exact or open_kind
    if len(candidates) == 1:
        return candidates[0]
    listed = ", ".join(f"{name} ({shape or 'no shapes'})" for name, shape in layers) or "none"
    raise BoundaryError(
        f"{path.name} has {len(candidates)} layers of {kind} shapes where one is needed (layers: {listed}). Save the"
        f" one you mean as a file of its own: geopandas.read_file({path.name!r}, layer=NAME).to_file('own.gpkg')."
    )


def _geojson(path: Path) -> gpd.GeoDataFrame:
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BoundaryError(f"{path.name} is not in UTF-8, as GeoJSON must be ({error}). Save it in UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise _UnreadableError(f"it is no GeoJSON ({error})") from error
    kind = document.get("type") if isinstance(document, dict) else type(document).__name__
    features = document.get("features") if kind == "FeatureCollection" else None
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        raise _UnreadableError(f"it holds a {kind}; needed is a FeatureCollection")
    shapes = [_shape(path, number, feature.get("geometry")) for number, feature in enumerate(features, start=1)]
    attributes = [feature.get("properties") for feature in features]
    table = pd.DataFrame([row if isinstance(row, dict) else {} for row in attributes])
    return gpd.GeoDataFrame(table, geometry=np.array(shapes, dtype=object), crs=_epsg(path, document.get("crs")))


def _shape(path: Path, number: int, geometry: object) -> shapely.Geometry | None:
    if geometry is None:
        return None
    try:
        return shapely.from_geojson(json.dumps(geometry))
    except shapely.errors.GEOSException as error:
        raise BoundaryError(
            f"{path.name}: the shape of feature {number} is no GeoJSON geometry with finite numbers ({error})."
            f" Correct or remove it. {_SAVE}"
        ) from error


def _epsg(path: Path, crs: object) -> int:
    """Code of the reference system; GeoJSON without one is in WGS 84 by its standard (RFC 7946)."""
    if crs is None:
        return 4326
    properties = crs.get("properties") if isinstance(crs, dict) and crs.get("type") == "name" else None
    name = str(properties.get("name")) if isinstance(properties, dict) else ""
    if _CRS84.fullmatch(name):
        return 4326
    named = _EPSG.fullmatch(name)
    if named is None:
        raise BoundaryError(
            f"{path.name} names its reference system as {json.dumps(crs)[:120]}; allowed are names such as "
            f"urn:ogc:def:crs:EPSG::4490, and links are never followed. {_SAVE}"
        )
    return int(named[1])
