"""Crumbs of the stair-stepped drawing: specks of one unit enclosed by others (units: cells of 1/1024 degree)."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import shapely

from shanhai.geo.edges import shared_segments

_CRUMB = 10.0
"""Area in cells (about 0.1 km²) under which an enclosed speck is taken for an accident of the grid."""


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
