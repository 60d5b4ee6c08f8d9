"""From drawings that overlap and leave slivers to one coverage of shared edges (units: cells of the grid)."""

import numpy as np
import shapely
from shapely.ops import polygonize

from shanhai.core.errors import BoundaryError
from shanhai.geo.boundaries._decode import GRID, Polygon


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
