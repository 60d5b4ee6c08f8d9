"""The form of a user's layer: codes as text, shapes of one kind, coordinates that are degrees in China."""

import re
import unicodedata
from textwrap import shorten

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from shanhai.core.errors import BoundaryError
from shanhai.geo.crs import WGS84
from shanhai.geo.door._registry import Registry

CHINA = (72.0, 2.0, 137.0, 55.0)
"""West, south, east, north: a degree around the land and islands of the bundled layers."""

BUILD = "`shanhai build boundaries --from FILE` mends this in a county layer and says what it changed."

_BLANK = re.compile(r"[\s\u200b\ufeff]+")
_WRITTEN = re.compile(r"(\d{6})(?:0{3}|0{6}|\.0+)?")


def code_text(values: pd.Series) -> pd.Series:
    """Codes in every writing as six digits of text; what is no code stays as it is written, and no value is missing.

    Integers, whole floats, blanks around, full-width digits, and the nine and twelve digits of the statistical
    bureau (``330824000000``) are the same code in another writing.
    """
    return values.map(_one_code)


def _one_code(value: object) -> object:
    if isinstance(value, (bool, np.bool_)):
        return value
    if isinstance(value, (float, np.floating)) and np.isfinite(value) and float(value).is_integer():
        value = int(value)
    if pd.isna(value):  # type: ignore[call-overload]
        return None
    text = _BLANK.sub("", unicodedata.normalize("NFKC", str(value)))
    written = _WRITTEN.fullmatch(text)
    return written[1] if written else (text or None)


def require_columns(frame: gpd.GeoDataFrame, registry: Registry, columns: tuple[str, ...], file: str) -> None:
    """Refuse a layer without its columns of codes, and say which column looks like the one needed."""
    if not len(frame):
        raise BoundaryError(f"{file} has no rows. Name a file with the {registry.layer} in it.")
    absent = [column for column in columns if column not in frame.columns]
    if not absent:
        return
    attributes = [str(column) for column in frame.columns if column != frame.geometry.name]
    likely = [name for name in likely_columns(frame, registry) if name not in columns]
    hint = f"{likely[0]!r} looks like it: rename it" if likely else "Rename the column that holds the codes"
    raise BoundaryError(
        f"{file} has the attributes {attributes}; layer {registry.layer!r} needs {', '.join(map(repr, absent))}."
        f" {hint} to {absent[0]!r}, with six digits of text as 330824."
    )


def likely_columns(frame: gpd.GeoDataFrame, registry: Registry) -> list[str]:
    """Columns of which most values are codes that the registry knows, as units or as something else."""
    known = set(registry.units.iloc[:, 0]) | set(registry.others)
    attributes = [column for column in frame.columns if column != frame.geometry.name]
    return [str(name) for name in attributes if code_text(frame[name]).isin(known).mean() >= 0.5]


def is_code(codes: pd.Series) -> np.ndarray:
    """Which values are six digits of text."""
    return codes.map(lambda code: isinstance(code, str) and re.fullmatch("[0-9]{6}", code) is not None).to_numpy(bool)


def require_codes(codes: pd.Series, column: str, file: str) -> None:
    """Refuse values that are no code in any writing."""
    wrong = codes[~is_code(codes)]
    if len(wrong):
        listed = ", ".join("(none)" if pd.isna(code) else repr(code) for code in wrong.iloc[:8])
        raise BoundaryError(
            f"{file}: {column} must hold codes of six digits, but {len(wrong)} of {len(codes)} rows hold: {listed}."
            f" {_leave_out(len(wrong), len(codes), 'Write six digits of text, as 330824')}"
        )


def _leave_out(wrong: int, rows: int, otherwise: str) -> str:
    """Next step for some faulty rows, and another one where no row is left."""
    return f"Correct these rows or leave them out: {BUILD}" if wrong < rows else f"{otherwise}."


def require_shapes(shapes: np.ndarray, labels: np.ndarray, kind: str, file: str) -> None:
    """Refuse shapes that are missing, empty, of another kind, or without finite coordinates."""
    allowed = {"Polygon": (3, 6), "LineString": (1, 5)}[kind]
    types = shapely.get_type_id(shapes)
    empty = (types == -1) | shapely.is_empty(shapes)
    finite = np.ones(len(shapes), dtype=bool)
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    finite[np.unique(owner[~np.isfinite(points).all(axis=1)])] = False
    other = ~empty & ~np.isin(types, allowed)
    names = np.array(["", "Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString",
                      "MultiPolygon", "GeometryCollection"])[types + 1]  # fmt: skip
    kinds = ", ".join(sorted(set(names[other].tolist())))
    for wrong, what in (
        (empty, "have no shape"),
        (~finite, "have coordinates that are no finite numbers"),
        (other, f"are no {kind}, but {kinds}"),
    ):
        if wrong.any():
            listed = ", ".join(map(str, labels[wrong][:8]))
            remedy = _leave_out(int(wrong.sum()), len(shapes), f"Name a file with the {kind} shapes")
            raise BoundaryError(f"{file}: {int(wrong.sum())} of {len(shapes)} rows {what}: {listed}. {remedy}")


def to_degrees(frame: gpd.GeoDataFrame, file: str, labels: np.ndarray) -> gpd.GeoDataFrame:
    """The layer in WGS 84, its coordinates checked before and after: no projection ever sees what it cannot take.

    Raises
    ------
    BoundaryError
        No reference system, one of another country or one that the coordinates contradict; latitude and longitude
        exchanged; places outside China.
    """
    bounds = np.array(shapely.bounds(np.array(frame.geometry.values)))
    if frame.crs is None:
        looks = looks_like(bounds)
        remedy = f" If they are of WGS 84: {BUILD}" if looks == IN_CHINA else ""
        raise BoundaryError(
            f"{file} has no reference system; its coordinates look like {looks}. Add the .prj file of the source, or"
            f" state the system: GeoDataFrame.set_crs(EPSG).{remedy}"
        )
    _contradictions(frame, bounds, file, labels)
    area = frame.crs.area_of_use
    if area is not None and not _meets_china(area.bounds):
        use = shorten(area.name, 60, placeholder=" ...").rstrip(".")
        raise BoundaryError(
            f"{file} states the reference system {frame.crs.name}, which is for {use}. State the one that the"
            " coordinates are in: GeoDataFrame.set_crs(4326, allow_override=True) for degrees of WGS 84."
        )
    placed = frame if frame.crs == WGS84 else frame.to_crs(WGS84)
    placed = placed.set_geometry(shapely.force_2d(np.array(placed.geometry.values)), crs=WGS84)
    _require_china(np.array(shapely.bounds(np.array(placed.geometry.values))), file, labels, str(frame.crs.name))
    return placed


def single_parts(shapes: np.ndarray) -> np.ndarray:
    """Collections of one part as that part: formats differ in which of the two they write."""
    single = (shapely.get_type_id(shapes) >= 5) & (shapely.get_num_geometries(shapes) == 1)
    return np.where(single, shapely.get_geometry(shapes, 0), shapes)


def _meets_china(bounds: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bounds
    beside = west < CHINA[2] or east > CHINA[0] if west > east else west < CHINA[2] and east > CHINA[0]
    return beside and south < CHINA[3] and north > CHINA[1]  # an area may run across the 180th meridian


def _inside(bounds: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    lower = (bounds[:, 0] >= box[0]) & (bounds[:, 1] >= box[1])
    return np.asarray(lower & (bounds[:, 2] <= box[2]) & (bounds[:, 3] <= box[3]))


_EXCHANGED = (CHINA[1], CHINA[0], CHINA[3], CHINA[2])
_GLOBE = (-180.0, -90.0, 180.0, 90.0)

IN_CHINA = "degrees in China"


def looks_like(bounds: np.ndarray) -> str:
    """What coordinates look like whose bounds these are, shape (n, 4)."""
    if _inside(bounds, CHINA).all():
        return IN_CHINA
    if _inside(bounds, _EXCHANGED).all():
        return "degrees with latitude and longitude exchanged"
    if (_inside(bounds, CHINA) | _inside(bounds, _EXCHANGED)).all():
        return "degrees with latitude and longitude exchanged in some rows"
    return "degrees outside China" if _inside(bounds, _GLOBE).all() else "metres"


def _contradictions(frame: gpd.GeoDataFrame, bounds: np.ndarray, file: str, labels: np.ndarray) -> None:
    """Refuse coordinates that are not what the reference system says."""
    looks = looks_like(bounds)
    if "exchanged" in looks:
        rows = ~_inside(bounds, CHINA)
        raise BoundaryError(
            f"{file}: latitude and longitude are exchanged in {int(rows.sum())} of {len(bounds)} rows:"
            f" {', '.join(map(str, labels[rows][:8]))}. Exchange them there:"
            " shapely.transform(shapes, lambda points: points[:, ::-1])."
        )
    if not (frame.crs.is_geographic or frame.crs.is_projected):
        raise BoundaryError(
            f"{file} states {frame.crs.name}, which is neither geographic nor projected. State the system of its"
            " source: GeoDataFrame.set_crs(4326, allow_override=True) for degrees of WGS 84."
        )
    if frame.crs.is_geographic and looks == "metres":
        raise BoundaryError(
            f"{file} states degrees ({frame.crs.name}), but its coordinates look like metres: they run from"
            f" {bounds[:, 0].min():.0f} to {bounds[:, 2].max():.0f}. State the projection they are in:"
            " GeoDataFrame.set_crs(EPSG, allow_override=True)."
        )
    if frame.crs.is_projected and looks != "metres":
        raise BoundaryError(
            f"{file} states metres ({frame.crs.name}), but its coordinates look like {looks}. State what they are:"
            " GeoDataFrame.set_crs(4326, allow_override=True) for degrees of WGS 84."
        )


def _require_china(bounds: np.ndarray, file: str, labels: np.ndarray, system: str) -> None:
    outside = ~_inside(bounds, CHINA)
    if not outside.any():
        return
    named = ", ".join(map(str, labels[outside][:8]))
    raise BoundaryError(
        f"{file}: {int(outside.sum())} of {len(bounds)} shapes lie outside China ({CHINA[0]:.0f} to {CHINA[2]:.0f}° E,"
        f" {CHINA[1]:.0f} to {CHINA[3]:.0f}° N) when read as {system}: {named}. State the system the coordinates are"
        " in with GeoDataFrame.set_crs(EPSG, allow_override=True), or leave these shapes out."
    )
