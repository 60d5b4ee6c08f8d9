"""Fewer vertices, the same shared edges (units: cells of 1/1024 degree)."""

import numpy as np
import shapely

FINE = 1.5
"""Tolerance in cells where a map fills a page: about 150 m, which takes the stair steps of the grid away."""

COARSE = 4.0
"""Tolerance in cells elsewhere: about 400 m."""


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
