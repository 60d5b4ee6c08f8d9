"""Places on a chessboard of regions with a known jump and a known valley, to try border designs on.

Black regions lie above white ones by the jump, so every border has the same one; the valley sinks on both sides.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import Delaunay

from shanhai.core.errors import SpecificationError

_SIDE_KM = 200.0
"""Side of a region."""

_SEGMENT_KM = 100.0
"""Length of a border segment."""


@dataclass(frozen=True)
class BorderTruth:
    """What is true of the simulated outcome, in log points.

    Examples
    --------
    >>> from shanhai.methods.discontinuity.simulated import BorderTruth
    >>> BorderTruth(jump=0.5).noise
    0.3
    """

    jump: float = 0.0
    """Black minus white at every border."""
    valley: float = 0.0
    """Depth at the border, on both sides; a fifth of it is left at ``valley_km``."""
    valley_km: float = 40.0
    """Width of the valley."""
    slope: float = 0.0
    """Rise of black regions away from the border, per 100 km, beyond that of white ones."""
    noise: float = 0.3
    """Standard deviation of what nothing explains."""


def simulated_borders(
    rng: np.random.Generator, truth: BorderTruth | None = None, *, n: int = 900, side: int = 3
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Places, their positions at borders, and which of them are adjacent.

    Parameters
    ----------
    rng : numpy.random.Generator
    truth : BorderTruth
    n : int
        Number of places.
    side : int
        Regions along each side of the board.

    Returns
    -------
    frame
        unit, region, district (quarters of regions), border_km (distance to the nearest), is_black, income (per head),
        output (income of all), people.
    positions
        As :func:`~.sample.border_sample` takes them.
    edges
        unit_a, unit_b (neighbours in the Delaunay triangulation of centres; none across the corner of two regions).

    Raises
    ------
    SpecificationError
        If there is one region only.

    Examples
    --------
    >>> import numpy as np
    >>> from shanhai.methods.discontinuity.simulated import BorderTruth, simulated_borders
    >>> frame, positions, edges = simulated_borders(np.random.default_rng(1), BorderTruth(jump=0.5))
    >>> len(frame), frame["region"].nunique(), round(float(positions["distance_km"].min()), 1)
    (900, 9, 0.1)
    """
    if side < 2:
        raise SpecificationError(f"side is {side}; allowed: 2 or more regions a side. With one there is no border.")
    truth = truth or BorderTruth()
    centres = rng.uniform(0, side * _SIDE_KM, size=(n, 2))
    cell = (centres // _SIDE_KM).astype(int)
    black = cell.sum(axis=1) % 2 == 1
    codes = np.array([f"{number:06d}" for number in range(1, n + 1)])
    positions = _positions(codes, centres, cell, side)
    distance = positions.groupby("unit")["distance_km"].min().loc[codes].to_numpy()
    level = (
        10.0
        + truth.jump * black
        - truth.valley * np.exp(-distance / truth.valley_km * np.log(5.0))
        + truth.slope * black * distance / 100
        + rng.normal(scale=truth.noise, size=n)
    )
    people = np.exp(rng.normal(12.8, 0.5, size=n))
    quarter = 2 * (centres[:, 0] % _SIDE_KM > _SIDE_KM / 2) + (centres[:, 1] % _SIDE_KM > _SIDE_KM / 2)
    region = _region(cell, side)
    frame = pd.DataFrame(
        {
            "unit": codes,
            "region": region,
            "district": [f"{code[:2]}{number + 1:02d}00" for code, number in zip(region, quarter, strict=True)],
            "border_km": distance,
            "is_black": black,
            "income": np.exp(level),
            "output": np.exp(level) * people,
            "people": people,
        }
    )
    return frame, positions, _edges(codes, centres, cell)


def _region(cell: np.ndarray, side: int) -> np.ndarray:
    return np.array([f"{number:02d}0000" for number in 11 + cell[:, 1] * side + cell[:, 0]])


def _positions(codes: np.ndarray, centres: np.ndarray, cell: np.ndarray, side: int) -> pd.DataFrame:
    """One row a place and inner border of its region."""
    tables = []
    own = _region(cell, side)
    for axis in (0, 1):
        for step in (-1, 1):
            there = cell.copy()
            there[:, axis] += step
            inside = (there[:, axis] >= 0) & (there[:, axis] < side)
            across = _region(there[inside], side)
            line = (np.maximum(cell, there)[inside, axis]) * _SIDE_KM
            pairs = ["-".join(sorted(both)) for both in zip(own[inside], across, strict=True)]
            along = ((centres[inside, 1 - axis] % _SIDE_KM) // _SEGMENT_KM).astype(int) + 1
            tables.append(
                pd.DataFrame(
                    {
                        "unit": codes[inside],
                        "region": own[inside],
                        "across": across,
                        "pair": pairs,
                        "segment": [f"{pair}-{number:02d}" for pair, number in zip(pairs, along, strict=True)],
                        "distance_km": np.abs(centres[inside, axis] - line),
                        "x_km": centres[inside, 0],
                        "y_km": centres[inside, 1],
                    }
                )
            )
    table = pd.concat(tables).sort_values(["unit", "pair"], ignore_index=True)
    return table.assign(is_nearest=table.index.isin(table.groupby("unit")["distance_km"].idxmin()))


def _edges(codes: np.ndarray, centres: np.ndarray, cell: np.ndarray) -> pd.DataFrame:
    triangles = Delaunay(centres).simplices
    both = np.vstack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]])
    both = np.unique(np.sort(both, axis=1), axis=0)
    both = both[np.abs(cell[both[:, 0]] - cell[both[:, 1]]).sum(axis=1) < 2]
    return pd.DataFrame({"unit_a": codes[both[:, 0]], "unit_b": codes[both[:, 1]]})
