"""Cleaning of polygons: valid, one a code, no overlaps, no narrow gaps, no slivers; and an account of what changed."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from shanhai.core.errors import BoundaryError
from shanhai.geo.boundaries import absorb_crumbs, dissolve, enclosed_gaps, repair
from shanhai.geo.crs import WGS84, require_degrees, to_equal_area
from shanhai.geo.edges import GAPS, gaping, open_coverage

_LARGEST_OVERLAP = 0.1
"""Share of the smaller polygon up to which an overlap is a fault of the drawing; beyond, somebody has to decide."""

_GAP_WIDTH = GAPS[-1][0]
"""Degrees up to which enclosed gaps are closed."""

_SLIVER_WIDTH = 1e-4
"""Degrees (about 10 m) of mean width under which an enclosed part is a sliver: no map draws land that narrow, and the
narrowest part of the bundled layer is twice as wide."""

_WORST = 5
"""Overlaps that a message names."""

COLUMNS = ["change", "number", "area_km2", "codes"]


@dataclass(frozen=True)
class CleanedLayer:
    """A layer that fits together, and what was done to it."""

    frame: gpd.GeoDataFrame
    """The code column and polygons in WGS 84, one row a code, sorted by code."""
    changes: pd.DataFrame
    """``change, number, area_km2, codes`` (joined by blanks), one row a kind of change that was made."""


Change = dict[Hashable, Any]


def change_row(change: str, codes: Iterable[object], number: int | None = None, area: float = np.nan) -> Change:
    """One row of :attr:`CleanedLayer.changes`; the number is that of the codes if not given."""
    listed = sorted({str(code) for code in codes})
    return {"change": change, "number": len(listed) if number is None else number, "area_km2": area,
            "codes": " ".join(listed)}  # fmt: skip


def clean_layer(frame: gpd.GeoDataFrame, code: str = "code") -> CleanedLayer:
    """Make a coverage of polygons that were drawn with faults.

    Parameters
    ----------
    frame : GeoDataFrame
        Polygons in degrees with a column of codes.
    code : str
        Column of codes.

    Returns
    -------
    CleanedLayer
        A frame that :func:`shanhai.geo.edges.open_coverage` accepts, and the account of changes.

    Raises
    ------
    BoundaryError
        No polygon with a code is left, polygons overlap by more than a tenth of the smaller one, or the polygons
        cannot be fitted together.

    Notes
    -----
    Rings that cross themselves are split and spikes go; rows of one code are united; enclosed gaps narrower than
    about 1 km and overlaps go to the neighbour with the longest common edge; strips of up to 1 km that run along most
    of an outline go to the first of the two units by code; slivers within other units go to those.

    Examples
    --------
    >>> import geopandas, shapely
    >>> squares = [shapely.box(105, 30, 106, 31), shapely.box(105.99, 30, 107, 31)]
    >>> layer = geopandas.GeoDataFrame({"code": ["a", "b"]}, geometry=squares, crs=4326)
    >>> clean_layer(layer).changes[["change", "number"]].values.tolist()
    [['overlaps resolved', 1]]
    """
    rows = usable_rows(frame, code)
    layer, changes = rows.frame, rows.changes.to_dict("records")
    layer = require_degrees(layer)
    shapes, keys = np.array(layer.geometry.values), layer[code].astype("str").to_numpy(dtype=object)
    invalid = ~shapely.is_valid(shapes)
    shapes[invalid] = repair(shapes[invalid])
    if invalid.any():
        changes.append(change_row("polygons repaired", keys[invalid], int(invalid.sum())))
    twice = pd.Series(keys).duplicated(keep=False).to_numpy()
    if twice.any():
        changes.append(change_row("rows dissolved by code", keys[twice], int(twice.sum())))
    codes = np.unique(keys.astype(str)).astype(object)
    united = np.array([shapely.union_all(shapes[keys == key]) if twice.any() else None for key in codes], dtype=object)
    if not twice.any():
        united = shapes[np.argsort(keys.astype(str), kind="stable")]
    fitted, fitting = _fit_together(united, codes)
    moved = _moved(united, fitted, codes)
    result = gpd.GeoDataFrame({code: codes}, geometry=fitted, crs=WGS84)
    open_coverage(result, code)
    return CleanedLayer(result, pd.DataFrame([*changes, *fitting, *moved], columns=COLUMNS))


def usable_rows(frame: gpd.GeoDataFrame, code: str = "code") -> CleanedLayer:
    """Rows with a code and polygons of finite coordinates; other parts of collections and heights go.

    Raises
    ------
    BoundaryError
        No row is left.
    """
    shapes = shapely.force_2d(np.array(frame.geometry.values))
    codes = frame[code].to_numpy(dtype=object)
    coded = frame[code].notna().to_numpy()
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    finite = np.ones(len(shapes), dtype=bool)
    finite[np.unique(owner[~np.isfinite(points).all(axis=1)])] = False
    mixed = np.flatnonzero((shapely.get_type_id(shapes) == 7) & finite)
    for row in mixed:
        shapes[row] = shapely.multipolygons(_polygons(shapes[row]))
    drawn = np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)
    kept = coded & finite & drawn
    rows = [
        change_row("rows left out: no code", [], int((~coded).sum())),
        change_row("rows left out: coordinates that are no numbers", codes[coded & ~finite]),
        change_row("rows left out: no polygon", codes[coded & finite & ~drawn]),
        change_row("lines and points left out beside polygons", codes[mixed]),
    ]
    if not kept.any():
        raise BoundaryError(f"Of {len(frame)} rows none has a code and a polygon. Name the file with the polygons.")
    layer = gpd.GeoDataFrame(frame[[code]][kept].reset_index(drop=True), geometry=shapes[kept], crs=frame.crs)
    return CleanedLayer(layer, pd.DataFrame([row for row in rows if row["number"]], columns=COLUMNS))


def _polygons(collection: shapely.Geometry) -> list[shapely.Polygon]:
    parts = shapely.get_parts(collection)
    nested = [polygon for part in parts if shapely.get_type_id(part) >= 6 for polygon in _polygons(part)]
    return [part for part in parts if shapely.get_type_id(part) == 3] + nested


def _fit_together(shapes: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, list[Change]]:
    """Polygons of a valid coverage, and rows on overlaps, gaps and slivers."""
    rows = _overlaps(shapes, codes)
    try:
        edged = _cleaned(shapes, 0.0)
        fitted = _cleaned(edged, _GAP_WIDTH)
    except _UnfitError as error:
        raise BoundaryError(_unfit(shapes, codes)) from error
    gaps = enclosed_gaps(edged)
    holders = shapely.STRtree(fitted).query(shapely.point_on_surface(gaps), predicate="intersects")
    if holders.size:
        closed = np.unique(holders[0])
        area = float(_square_kilometres(gaps[closed]).sum())
        rows.append(change_row("enclosed gaps closed", codes[np.unique(holders[1])], len(closed), area))
    for width, _ in GAPS:
        apart = gaping(fitted)
        if apart.any():
            closed = _cleaned(_bridged(fitted, apart, width), _GAP_WIDTH)
            area = float(_square_kilometres(closed).sum() - _square_kilometres(fitted).sum())
            changed = ~shapely.equals_exact(closed, fitted)
            rows.append(change_row(f"strips of up to {width:g} degrees between neighbours closed", codes[changed],
                                   int(apart.sum()), area))  # fmt: skip
            fitted = closed
    parts, owners = absorb_crumbs(fitted, codes.astype(str), _thin)
    names = np.repeat(codes, shapely.get_num_geometries(fitted))
    given = names != owners
    if given.any():
        area = float(_square_kilometres(parts[given]).sum())
        rows.append(change_row("slivers given to the unit around them", names[given], int(given.sum()), area))
        united = dissolve(parts, owners)
        fitted = np.array([united[key] for key in codes], dtype=object)
    return fitted, rows


def _thin(parts: np.ndarray) -> np.ndarray:
    return np.asarray(2 * shapely.area(parts) < _SLIVER_WIDTH * shapely.length(parts))


def slivers(frame: gpd.GeoDataFrame, code: str = "code") -> tuple[np.ndarray, np.ndarray]:
    """Slivers of one unit that others enclose: the codes they carry and their areas in km²."""
    shapes, codes = np.array(frame.geometry.values), frame[code].to_numpy(dtype=str)
    parts, owners = absorb_crumbs(shapes, codes, _thin)
    names = np.repeat(codes, shapely.get_num_geometries(shapes))
    wrong = names != owners
    return names[wrong], _square_kilometres(parts[wrong])


def _cleaned(shapes: np.ndarray, gap_width: float) -> np.ndarray:
    """A valid coverage without overlaps and narrow enclosed gaps; another pass mends what one pass opened."""
    for _ in range(3):
        shapes = shapely.coverage_clean(shapes, gap_width=gap_width)
        empty = shapely.is_empty(shapes)
        if empty.any():
            raise BoundaryError(
                f"{int(empty.sum())} of {len(shapes)} polygons lie wholly within others. Leave out the rows that draw"
                " the same land twice."
            )
        if shapely.coverage_is_valid(shapes):
            return shapes
    raise _UnfitError("The polygons cannot be fitted together. Correct those that cross their neighbours in a GIS.")


class _UnfitError(BoundaryError):
    """No pass of cleaning led to a coverage."""


def _unfit(shapes: np.ndarray, codes: np.ndarray) -> str:
    """Which polygons cannot be fitted together: the widest overlaps, by code and area."""
    pairs, common = _common_land(shapes)
    areas = _square_kilometres(common) if len(pairs) else np.empty(0)
    worst = np.argsort(-areas, kind="stable")[:_WORST]
    listed = ", ".join(f"{codes[a]} and {codes[b]} ({areas[row]:.3g} km²)" for row in worst for a, b in [pairs[row]])
    where = f" {len(pairs)} pairs overlap, the most: {listed}." if listed else ""
    return (
        f"The polygons cannot be fitted together.{where} If the layer was simplified polygon by polygon, take the"
        " unsimplified one and simplify all at once: frame.geometry = shapely.coverage_simplify(frame.geometry.values,"
        " tolerance). Otherwise correct these polygons in a GIS."
    )


def _common_land(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of rows that overlap, shape (n, 2), and their common land."""
    rows = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(shapes)))
    first, second = shapely.STRtree(shapes).query(shapes[rows], predicate="intersects")
    pairs = np.unique(np.sort(np.stack([rows[first], second], axis=1), axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    common = shapely.intersection(shapes[pairs[:, 0]], shapes[pairs[:, 1]])
    areas = shapely.area(common)
    return pairs[areas > 0], common[areas > 0]


def _overlaps(shapes: np.ndarray, codes: np.ndarray) -> list[Change]:
    """One row on the overlaps, if there are any; large ones are refused."""
    pairs, common = _common_land(shapes)
    if not len(pairs):
        return []
    share = shapely.area(common) / shapely.area(shapes[pairs]).min(axis=1)
    large = share > _LARGEST_OVERLAP
    if large.any():
        listed = ", ".join(f"{codes[a]} and {codes[b]} ({part:.0%})" for (a, b), part in
                           zip(pairs[large][:8], share[large][:8], strict=True))  # fmt: skip
        raise BoundaryError(
            f"{int(large.sum())} pairs of polygons overlap by more than {_LARGEST_OVERLAP:.0%} of the smaller one:"
            f" {listed}. Decide which of the two has the land and take it from the other, or leave one out."
        )
    return [
        change_row("overlaps resolved", codes[np.unique(pairs)], len(pairs), float(_square_kilometres(common).sum()))
    ]


def _bridged(shapes: np.ndarray, apart: np.ndarray, width: float) -> np.ndarray:
    """Polygons with the strips between them: what lies within `width` of both of two neighbours, one of them apart."""
    grown = shapely.buffer(shapes, width, join_style="mitre")
    tree = shapely.STRtree(shapes)
    first, second = tree.query(shapes, predicate="dwithin", distance=width)
    near = (first < second) & (apart[first] | apart[second])
    first, second = first[near], second[near]
    strips = shapely.intersection(grown[first], grown[second])
    whole = shapely.union_all(shapes[np.unique(np.concatenate([first, second]))])
    shapely.prepare(whole)
    result = shapes.copy()
    for unit in np.unique(first):
        own = shapely.union_all(strips[first == unit])
        around = tree.query(own, predicate="intersects")
        free = shapely.difference(own, shapely.union_all(shapes[around]))
        result[unit] = shapely.multipolygons(
            _polygons(shapely.geometrycollections([shapely.union(shapes[unit], free)]))
        )
    return result


def _moved(before: np.ndarray, after: np.ndarray, codes: np.ndarray) -> list[Change]:
    """One row on land that has another owner than before: half of the changes, as what one gains another loses."""
    other = ~shapely.equals_exact(before, after)
    if not other.any():
        return []
    change = np.abs(_square_kilometres(after[other]) - _square_kilometres(before[other]))
    notable = change > 0.01
    if not notable.any():
        return []
    return [change_row("polygons with another area (sum of the differences)", codes[other][notable],
                       int(notable.sum()), float(change.sum()))]  # fmt: skip


def _square_kilometres(shapes: np.ndarray) -> np.ndarray:
    """Areas of polygons in degrees, km²."""
    return np.asarray(to_equal_area(gpd.GeoDataFrame(geometry=shapes, crs=WGS84)).area) / 1e6
