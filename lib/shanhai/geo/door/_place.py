"""A layer held against the registry: is every shape where its code says, and is the whole layer in its datum?

The margins, and why. They were written down before any faulty layer was tried; the third rests on a second, independent
drawing of the country's counties, in which 18 of 2,835 are more than twice or less than half as large as registered and
none lies elsewhere.

- A shape and the registered one of its code share most of their land (`_MOST`, a half, of each). Two drawings of one
  county overlap by nine tenths; two different counties by nothing. In between lie a prefecture given as a county, a
  county merged or divided in another year, and a sea area drawn as land.
- The datum is decided by outlines: vertices lie within about 100 m of the registered outline in the right datum, and
  some 300 m off in GCJ-02. An offset is recognised when taking it away at least halves the middle distance.
- Districts of a city may have been redrawn: what one shape has too much or too little is then land of others that the
  layer draws as well, and no more than three units or one in twenty have changed so. They are noted.
- A whole layer is not displaced by more than `DISPLACED` (300 m, three cells of the grid that the registered outlines
  are drawn on) by a shift, turn or scale that explains half of what the centres are off.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from shanhai.core.errors import BoundaryError
from shanhai.geo.crs import ALBERS_CHINA, WGS84
from shanhai.geo.datum import OFFSETS, without_offset
from shanhai.geo.door._form import BUILD
from shanhai.geo.door._registry import Registry

_MOST = 0.5
"""Share of its land that a shape has in common with the registered one, at least, and the other way round."""

DISPLACED = 300.0
"""Metres by which a whole layer may be off in one common way."""

FEW_REDRAWN, MANY_REDRAWN = 3, 0.05
"""Units, and share of all units, whose land may have been redrawn."""

SAMPLED_UNITS, SAMPLED_VERTICES = 40, 20
"""Units of a province and vertices of each unit that the datum is decided by."""

DECIDED, UNDECIDED = 0.5, 0.75
"""Shares of the middle distance that an offset leaves: alone, and where most provinces of the layer have it."""

FEWEST = 8
"""Centres that a common displacement is fitted to, at least."""


@dataclass(frozen=True)
class _Held:
    """Shapes of the layer beside the registered ones of the same codes, arrays of equal length."""

    codes: np.ndarray
    own: np.ndarray
    registered: np.ndarray
    part_only: np.ndarray
    """True where the registered shape holds the land of several units."""


def require_places(layer: gpd.GeoDataFrame, registry: Registry, file: str) -> tuple[str, ...]:
    """Refuse shapes that are not where their codes say; return what was noted of the others.

    Parameters
    ----------
    layer : GeoDataFrame
        ``code`` and valid polygons in WGS 84, each code known and there once.

    Raises
    ------
    BoundaryError
        Offset datums, displaced, turned, mirrored or scaled layers, exchanged codes, shapes much larger or smaller
        than their units.
    """
    held = _beside(layer, registry)
    if not len(held.codes):
        return ()
    offset = _offsets(held)
    if offset:
        raise BoundaryError(f"{file}: {offset} {BUILD}")
    own_share, registered_share = _shares(held)
    large, small = own_share < _MOST, (registered_share < _MOST) & ~held.part_only
    wrong = large | small
    common = _common_displacement(held)
    if common:
        raise BoundaryError(
            f"{file}: {common} State the reference system that the coordinates are in, or take the file anew from its"
            " source."
        )
    redrawn = _redrawn(held, large & ~small, small & ~large, layer, registry)
    if redrawn.sum() > max(FEW_REDRAWN, MANY_REDRAWN * len(wrong)):
        redrawn[:] = False
    refused = wrong & ~redrawn
    if refused.any():
        raise BoundaryError(
            f"{file}: {_misplaced(held, large & refused, small & refused, registry)} Compare codes and names of these"
            f" rows with the table {registry.layer!r} of 2020, and correct or leave them out."
        )
    merged = _merged(layer, registry)
    silent = [text for text, reason in merged if not reason]
    if silent:
        raise BoundaryError(
            f"{file}: {len(silent)} absent {registry.layer} are drawn under another code: {'; '.join(silent[:6])}."
            " Their land cannot be told apart: take a file of 2020, or leave the merged rows out."
        )
    notes = [f"Merged: {'; '.join(f'{text} ({reason})' for text, reason in merged)}."] if merged else []
    if redrawn.any():
        notes.append(f"Redrawn within the layer: {_misplaced(held, large & redrawn, small & redrawn, registry)}")
    return tuple(notes)


def _merged(layer: gpd.GeoDataFrame, registry: Registry) -> list[tuple[str, str]]:
    """Absent units whose land lies mostly in one shape of another code, and what the crosswalk says of the two."""
    away = registry.shapes[~registry.shapes["code"].isin(layer["code"])]
    lost, shapes = np.array(away.geometry.values), np.array(layer.geometry.values)
    absent, holder = shapely.STRtree(shapes).query(shapely.point_on_surface(lost), predicate="intersects")
    common = shapely.area(shapely.intersection(lost[absent], shapes[holder]))
    most = common > _MOST * shapely.area(lost[absent])
    rows = []
    for unit, other in zip(absent[most], holder[most], strict=True):
        codes = away["code"].iloc[unit], layer["code"].iloc[other]
        reason = registry.together.get(frozenset(codes), "")
        rows.append((" in ".join(registry.names([code]) for code in codes), reason))
    return sorted(rows)


def _redrawn(
    held: _Held, large: np.ndarray, small: np.ndarray, layer: gpd.GeoDataFrame, registry: Registry
) -> np.ndarray:
    """Which large shapes hold land of units that the layer draws too, and which small ones left land to its others."""
    result = np.zeros(len(held.codes), dtype=bool)
    shapes, drawn = np.array(layer.geometry.values), set(layer["code"])
    own_tree = shapely.STRtree(shapes)
    present = np.array(registry.shapes.geometry.values)[registry.shapes["code"].isin(drawn).to_numpy()]
    registered_tree = shapely.STRtree(present)
    for rows, tree, members in ((large, registered_tree, present), (small, own_tree, shapes)):
        for row in np.flatnonzero(rows):
            pair = held.own[row], held.registered[row]
            moved = shapely.difference(*(pair if rows is large else pair[::-1]))
            around = shapely.union_all(members[tree.query(moved, predicate="intersects")])
            result[row] = shapely.area(shapely.intersection(moved, around)) > _MOST * shapely.area(moved)
    return result


def _beside(layer: gpd.GeoDataFrame, registry: Registry) -> _Held:
    shapes = dict(zip(registry.shapes["code"], np.array(registry.shapes.geometry.values), strict=True))
    land = {
        code: shapely.union_all([shapes[host] for host in hosts if host in shapes])
        for code, hosts in registry.hosts.items()
        if code not in shapes
    }
    shared = {host for hosts in registry.hosts.values() for host in hosts}
    codes = layer["code"].to_numpy(dtype=object)
    known = np.array([code in shapes or not shapely.is_empty(land.get(code)) for code in codes], dtype=bool)
    known &= np.array([code in shapes or code in land for code in codes], dtype=bool)
    registered = np.array([shapes.get(code, land.get(code)) for code in codes[known]], dtype=object)
    own = np.array(layer.geometry.values)[known]
    part_only = np.array([code in land or code in shared for code in codes[known]], dtype=bool)
    return _Held(codes[known], own, registered, part_only)


def _shares(held: _Held) -> tuple[np.ndarray, np.ndarray]:
    """Common land as a share of the shape's own and of the registered shape's (areas in square degrees cancel)."""
    own, registered = np.ones(len(held.codes)), np.ones(len(held.codes))
    other = np.flatnonzero(~shapely.equals_exact(held.own, held.registered))
    common = shapely.area(shapely.intersection(held.own[other], held.registered[other]))
    own[other] = common / shapely.area(held.own[other])
    registered[other] = common / shapely.area(held.registered[other])
    return own, registered


def _misplaced(held: _Held, large: np.ndarray, small: np.ndarray, registry: Registry) -> str:
    """Shapes that share little with the registered ones, named by what is wrong with them."""
    elsewhere = large & small
    apart = _metres(shapely.centroid(held.own)) - _metres(shapely.centroid(held.registered))
    kilometres = np.hypot(*apart.T) / 1000
    times = shapely.area(held.own) / shapely.area(held.registered)
    tree, registered_codes = shapely.STRtree(registry.shapes.geometry.values), registry.shapes["code"].to_numpy()
    texts = []
    for chosen, what in (
        (elsewhere, "lie elsewhere than registered"),
        (large & ~small, "cover much more than their registered land (a prefecture, a merged county, or sea?)"),
        (small & ~large, "cover less than half of their registered land (a part, or a county of another year?)"),
    ):
        rows = np.flatnonzero(chosen)
        listed = []
        for row in rows[:6]:
            found = tree.query(shapely.point_on_surface(held.own[row]), predicate="intersects")
            there = [code for code in registered_codes[found] if code != held.codes[row]]
            detail = f"{kilometres[row]:.0f} km off" if elsewhere[row] else f"{times[row]:.2g} times as large"
            place = f", in the place of {registry.names(there)}" if there and elsewhere[row] else ""
            change = f"; {registry.changes[held.codes[row]]}" if held.codes[row] in registry.changes else ""
            listed.append(f"{registry.names([held.codes[row]])} ({detail}{place}{change})")
        if listed:
            more = f" and {len(rows) - 6} more" if len(rows) > 6 else ""
            texts.append(f"{len(rows)} of {len(held.codes)} shapes {what}: {'; '.join(listed)}{more}.")
    return " ".join(texts)


def _metres(points: np.ndarray) -> np.ndarray:
    """Positions of points in the equal-area projection, shape (n, 2)."""
    return shapely.get_coordinates(gpd.GeoSeries(points, crs=WGS84).to_crs(ALBERS_CHINA).values)


def _offsets(held: _Held) -> str:
    """Provinces whose outlines fit the registered ones better without the offset of a web map."""
    whole = ~held.part_only
    datums = province_datums(held.own[whole], held.registered[whole], held.codes[whole])
    texts = []
    for datum in OFFSETS:
        found = [province for province, nearest in datums.items() if nearest == datum]
        where = "all shapes" if len(found) == len(datums) else ", ".join(found)
        if found:
            texts.append(f"The coordinates of {where} are in {datum}, the datum of Chinese web maps, not in WGS 84.")
    return " ".join(texts)


def province_datums(own: np.ndarray, registered: np.ndarray, codes: np.ndarray) -> dict[str, str]:
    """The datum that each province is drawn in: a key of :data:`~shanhai.geo.datum.OFFSETS`, or nothing for WGS 84.

    Parameters
    ----------
    own, registered : ndarray of Polygon, of equal length
        Drawings of the same units, degrees.
    codes : ndarray of str
        Their codes.

    Notes
    -----
    Where the offset is small (170 m in Qinghai), outlines alone do not decide. A file has one datum unless its outlines
    say otherwise: such provinces are in the offset of most others if they fit better so by a quarter.
    """
    of = np.array([f"{code[:2]}0000" for code in codes], dtype=object)
    provinces = sorted(set(of))
    datums = {name: nearest_datum(own[of == name], registered[of == name]) for name in provinces}
    for datum in OFFSETS:
        if 2 * list(datums.values()).count(datum) > len(datums):
            for name in [name for name, nearest in datums.items() if not nearest]:
                nearest = nearest_datum(own[of == name], registered[of == name], UNDECIDED)
                datums[name] = datum if nearest == datum else ""
    return datums


def nearest_datum(own: np.ndarray, registered: np.ndarray, gain: float = DECIDED) -> str:
    """Key of :data:`~shanhai.geo.datum.OFFSETS` that outlines are in, or nothing for WGS 84.

    Parameters
    ----------
    own, registered : ndarray of Polygon or LineString, of equal length
        Drawings of the same units, degrees.
    gain : float
        The middle distance of vertices from the registered outlines without the offset, as a share of that with it,
        under which the offset is recognised.
    """
    rows = np.unique(np.linspace(0, len(own) - 1, min(SAMPLED_UNITS, len(own))).astype(int))
    outlines = np.array(gpd.GeoSeries(_outlines(registered[rows]), crs=WGS84).to_crs(ALBERS_CHINA).values)
    points, owner = shapely.get_coordinates(_outlines(own[rows]), return_index=True)
    every = np.maximum(1, np.bincount(owner, minlength=len(rows)) // max(SAMPLED_VERTICES, 400 // len(rows)))
    first = np.searchsorted(owner, np.arange(len(rows)))
    taken = (np.arange(len(owner)) - first[owner]) % every[owner] == 0
    points, owner = points[taken], owner[taken]

    def misfit(places: np.ndarray) -> float:
        return float(np.median(shapely.distance(shapely.points(_metres(shapely.points(places))), outlines[owner])))

    distances = {datum: misfit(without_offset(points, datum)) for datum in OFFSETS}
    best = min(distances, key=lambda datum: distances[datum])
    return best if distances[best] < gain * misfit(points) else ""


def _outlines(shapes: np.ndarray) -> np.ndarray:
    return np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes)


def _common_displacement(held: _Held) -> str:
    """A shift, turn, mirror or scale that explains half of what all centres are off, in words; else nothing."""
    if len(held.codes) < FEWEST:
        return ""
    there, here = _metres(shapely.centroid(held.registered)), _metres(shapely.centroid(held.own))
    middle = there.mean(axis=0)
    design = np.column_stack([there - middle, np.ones(len(there))])
    kept = np.ones(len(there), dtype=bool)
    for _ in range(5):  # exchanged codes and redrawn counties do not decide what is common to the others
        matrix = np.linalg.lstsq(design[kept], here[kept], rcond=None)[0]
        apart = np.hypot(*(here - design @ matrix).T)
        kept = apart <= 3 * np.median(apart)
    common = np.hypot(*(design @ matrix - there).T)
    if np.median(common) <= DISPLACED or np.median(apart) > np.median(common) / 2:
        return ""
    turn, stretch, way = np.linalg.svd(matrix[:2].T)
    shift = (matrix[2] - middle) / 1000
    angle = np.degrees(np.arctan2(*(turn @ way)[::-1, 0]))
    mirrored = np.linalg.det(turn @ way) < 0
    said = [f"shifted by {shift[0]:.3g} km to the east and {shift[1]:.3g} km to the north"]
    said += ["mirrored"] if mirrored else []
    said += [f"turned by {angle:.2g} degrees"] if not mirrored and abs(angle) > 0.05 else []
    said += [f"scaled by {stretch.max():.4g} and {stretch.min():.4g}"] if abs(stretch - 1).max() > 1e-3 else []
    return f"The layer as a whole is displaced by {np.median(common) / 1000:.2g} km: {', '.join(said)}."
