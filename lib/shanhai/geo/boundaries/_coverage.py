"""From drawings that overlap and leave slivers to one coverage of shared edges, without crumbs, with fewer vertices.

Units are cells of the grid, 1/1024 degree.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
import shapely
from shapely.ops import polygonize

from shanhai.core.errors import BoundaryError
from shanhai.geo.boundaries._source import GRID, Polygon
from shanhai.geo.edges import shared_segments

_CRUMB = 10.0
"""Area in cells (about 0.1 km²) under which an enclosed speck is taken for an accident of the grid."""

FINE = 1.5
"""Tolerance in cells where a map fills a page: about 150 m, which takes the stair steps of the grid away."""

COARSE = 4.0
"""Tolerance in cells elsewhere: about 400 m."""


def to_grid(polygons: tuple[Polygon, ...]) -> shapely.MultiPolygon:
    """Put one feature on the integer grid, as it is drawn: it may be invalid.

    Rounding is exact for all files but one (Jizhou). Repeated vertices and rings without area go.
    """
    parts = []
    for rings in polygons:
        cells = [_cells(ring) for ring in rings]
        if len(cells[0]) >= 4:
            parts.append(shapely.Polygon(cells[0], [hole for hole in cells[1:] if len(hole) >= 4]))
    return shapely.MultiPolygon(parts)


def repair(drawings: np.ndarray) -> np.ndarray:
    """Make drawings valid: rings that cross themselves are split, spikes go, areas stay."""
    return shapely.make_valid(drawings, method="structure", keep_collapsed=False)


def _cells(ring: np.ndarray) -> np.ndarray:
    cells = np.rint(ring * GRID)
    moved = np.any(np.diff(cells, axis=0) != 0, axis=1)
    return cells[np.concatenate([[True], moved])]


def build_coverage(drawings: np.ndarray) -> np.ndarray:
    """Fit drawings together: no overlap, no enclosed gap, neighbours with the same vertices on their shared edge.

    Parameters
    ----------
    drawings : ndarray of Polygon or MultiPolygon
        Valid, none empty.

    Returns
    -------
    ndarray of the same length and order

    Raises
    ------
    BoundaryError
        The result is no valid coverage.

    Notes
    -----
    Most files of the package agree vertex by vertex with the file next to them. Beijing, Tianjin, Shanghai, Chongqing,
    Cangzhou and the three late additions (Kaizhou, Chongming, Jizhou) are drawn more coarsely and do not. Where two
    drawings overlap the finer one (more vertices per length) keeps the land, and what then lies enclosed and
    unclaimed falls to the coarser neighbour: the reliable line becomes the border.
    """
    density = shapely.get_num_coordinates(drawings) / shapely.length(drawings)
    finest_first = np.argsort(-density, kind="stable")
    fitted = shapely.coverage_clean(drawings[finest_first], merge_strategy="min_index")
    fitted = shapely.coverage_clean(_fill_holes(fitted), merge_strategy="min_index")
    if shapely.is_empty(fitted).any() or not shapely.coverage_is_valid(fitted):
        raise BoundaryError("The drawings could not be fitted into one coverage (expected: valid, got: overlaps).")
    result = np.empty_like(fitted)
    result[finest_first] = fitted
    return result


def enclosed_gaps(coverage: np.ndarray) -> np.ndarray:
    """Polygons that the coverage surrounds without covering them."""
    whole = shapely.get_parts(shapely.coverage_union_all(coverage))
    rings, owner = shapely.get_rings(whole, return_index=True)
    inner = np.concatenate([[False], owner[1:] == owner[:-1]]) if len(owner) else np.zeros(0, dtype=bool)
    return shapely.polygons(rings[inner])


def _fill_holes(coverage: np.ndarray) -> np.ndarray:
    """Give every enclosed gap to the neighbour that is drawn most coarsely (the last in order along its edge)."""
    gaps = enclosed_gaps(coverage)
    tree = shapely.STRtree(coverage)
    received: dict[int, list[shapely.Geometry]] = {}
    for gap in gaps:
        around = tree.query(gap, predicate="intersects")
        for piece in _pieces(gap, coverage[around]):
            received.setdefault(_heir(piece, around, coverage), []).append(piece)
    filled = coverage.copy()
    for unit, pieces in received.items():
        filled[unit] = shapely.union_all([filled[unit], *pieces])
    return filled


def _pieces(gap: shapely.Polygon, around: np.ndarray) -> list[shapely.Polygon]:
    """Cut a gap where two of its neighbours meet, straight across to a third: no unit then grows a tentacle."""
    edge = gap.exterior
    runs = [shapely.intersection(unit, edge) for unit in around]
    cuts = []
    for first in range(len(runs)):
        others = [run for k, run in enumerate(runs) if k != first and run.length > 0]
        for second in range(first + 1, len(runs)):
            meeting = shapely.intersection(runs[first], runs[second])
            opposite = shapely.union_all([run for run in others if run is not runs[second]])
            cuts += [shapely.shortest_line(p, opposite) for p in _points(meeting) if not opposite.is_empty]
    inside = [cut for cut in cuts if cut.length > 0 and gap.covers(cut)]
    if not inside:
        return [gap]
    pieces = [p for p in polygonize(shapely.union_all([edge, *inside])) if gap.covers(p.representative_point())]
    return pieces or [gap]


def _points(geometry: shapely.Geometry) -> list[shapely.Point]:
    return [part for part in shapely.get_parts(geometry) if part.geom_type == "Point"]


def _heir(piece: shapely.Polygon, around: np.ndarray, coverage: np.ndarray) -> int:
    """Of the units with a real share of the piece's edge, the one drawn most coarsely."""
    shared = shapely.length(shapely.intersection(coverage[around], piece.exterior))
    return int(around[shared >= 0.25 * shared.max()].max())


def simplify_coverage(coverage: np.ndarray, fine: np.ndarray) -> np.ndarray:
    """Simplify a coverage, finely where told, and keep it a coverage.

    Parameters
    ----------
    coverage : ndarray of Polygon or MultiPolygon
        A valid coverage.
    fine : ndarray of bool
        Units whose edges, with those of their neighbours along them, keep the fine tolerance.

    Returns
    -------
    ndarray of the same length and order

    Notes
    -----
    Visvalingam and Whyatt's method on the edges of the coverage: the tolerance is the square root of the area of
    the triangle that a removed vertex spans. Coasts and national frontiers keep the fine tolerance everywhere, because
    the second, coarser pass must not touch the outer edge of the units it is given.
    """
    result = shapely.coverage_simplify(coverage, FINE)
    rest = ~fine
    if rest.any():
        result[rest] = shapely.coverage_simplify(result[rest], COARSE, simplify_boundary=False)
    return result


def _small_area(parts: np.ndarray) -> np.ndarray:
    """Parts under `_CRUMB`."""
    return np.asarray(shapely.area(parts) < _CRUMB)


def absorb_crumbs(
    coverage: np.ndarray, owners: np.ndarray, small: Callable[[np.ndarray], np.ndarray] = _small_area
) -> tuple[np.ndarray, np.ndarray]:
    """Give each enclosed speck to the unit around it, and leave exclaves and islands alone.

    Lines that pass twice through a cell of the grid pinch off loops of a cell or two from the unit they belong to.

    Parameters
    ----------
    coverage : ndarray of Polygon or MultiPolygon
        A valid coverage.
    owners : ndarray of str
        Code of the unit that each polygon belongs to.
    small : callable
        Which of an array of parts may be specks.

    Returns
    -------
    parts : ndarray of Polygon
        All parts of the coverage.
    owners : ndarray of str
        The unit of each part. A small part, not the largest one of its unit, with neighbours all along
        its edge belongs to the one it shares most of it with; every other part stays with its unit.
    """
    parts, of_part = shapely.get_parts(coverage, return_index=True)
    codes = owners[of_part]
    found = shared_segments(parts)
    lengths = np.hypot(*(found.ends[:, 1] - found.ends[:, 0]).T)
    shared = np.bincount(found.first, lengths, len(parts)) + np.bincount(found.second, lengths, len(parts))
    enclosed = shared >= shapely.length(parts) * (1 - 1e-9)
    crumbs = enclosed & small(parts) & ~_largest(parts, codes)
    return parts, _heirs(codes, crumbs, found.first, found.second, lengths)


def _largest(parts: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """True for the largest part of each unit."""
    order = np.lexsort((-shapely.area(parts), codes))
    first = np.concatenate([[True], codes[order][1:] != codes[order][:-1]])
    largest = np.zeros(len(parts), dtype=bool)
    largest[order[first]] = True
    return largest


def _heirs(
    codes: np.ndarray, crumbs: np.ndarray, first: np.ndarray, second: np.ndarray, lengths: np.ndarray
) -> np.ndarray:
    """Codes with those of crumbs replaced by the unit along most of their edge."""
    table = pd.DataFrame(
        {
            "crumb": np.concatenate([first, second]),
            "heir": codes[np.concatenate([second, first])],
            "length": np.concatenate([lengths, lengths]),
        }
    )
    beside = table[crumbs[table["crumb"]]].groupby(["crumb", "heir"])["length"].sum().reset_index()
    most = beside.sort_values(["crumb", "length", "heir"]).drop_duplicates("crumb", keep="last")
    heirs = codes.copy()
    heirs[most["crumb"].to_numpy()] = most["heir"].to_numpy()
    return heirs
