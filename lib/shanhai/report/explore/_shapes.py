"""Polygons of an area as short texts of whole numbers, common edges in common, for maps on a page."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from shanhai.render.maps import MapArea

_Point = tuple[int, int]


@dataclass(frozen=True)
class Canvas:
    """The window of an area in whole steps from its upper left corner.

    Attributes
    ----------
    area : MapArea
    width : int
        Steps from side to side; the detail kept is one of them.
    """

    area: MapArea
    width: int

    @property
    def height(self) -> int:
        """Steps from top to bottom."""
        return round(self.width * self.area.aspect)

    @property
    def step(self) -> float:
        """Metres of a step."""
        west, _, east, _ = self.area.extent
        return (east - west) / self.width

    def place(self, points: NDArray[np.float64]) -> NDArray[np.int64]:
        """Metres as steps: n x 2."""
        west, _, _, north = self.area.extent
        return np.rint(np.column_stack([points[:, 0] - west, north - points[:, 1]]) / self.step).astype(np.int64)

    def rings(self, layer: gpd.GeoDataFrame) -> list[list[list[_Point]]]:
        """Rings of each polygon of a layer, closed, detail left out together.

        Small islands and holes fall together to a point and are left out; of a polygon that is nothing else a square of
        one step is kept.
        """
        kept = shapely.coverage_simplify(layer.geometry.to_numpy(), self.step)
        return [self._rings_of(shape) or [self._square(shape)] for shape in kept]

    def lines(self, layer: gpd.GeoDataFrame) -> list[list[_Point]]:
        """Lines of a layer, detail left out."""
        kept = shapely.get_parts(shapely.simplify(layer.geometry.to_numpy(), self.step))
        found = (_distinct(self.place(shapely.get_coordinates(line))) for line in kept)
        return [line for line in found if len(line) > 1]

    def _rings_of(self, shape: shapely.Geometry) -> list[list[_Point]]:
        rings = shapely.get_rings(shapely.get_parts(shape))
        found = (_distinct(self.place(shapely.get_coordinates(ring))) for ring in rings)
        return [ring for ring in found if len(set(ring)) > 2]

    def _square(self, shape: shapely.Geometry) -> list[_Point]:
        x, y = self.place(shapely.get_coordinates(shapely.point_on_surface(shape)))[0].tolist()
        return [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1), (x, y)]


def _distinct(points: NDArray[np.int64]) -> list[_Point]:
    """Points of a line without those that repeat the one before."""
    moved = np.concatenate([[True], (np.diff(points, axis=0) != 0).any(axis=1)])
    return [(x, y) for x, y in points[moved].tolist()]


def svg_path(lines: Iterable[Sequence[_Point]], *, closed: bool = False) -> str:
    """Lines as the text of an SVG path, each point relative to the one before.

    Parameters
    ----------
    lines : iterable of sequences of points
    closed : bool
        Whether they are rings, whose last point is their first.

    Examples
    --------
    >>> svg_path([[(3, 4), (5, 4), (5, 9), (3, 4)]], closed=True)
    'M3 4l2 0 0 5z'
    """
    return "".join(_one_path(line[:-1] if closed else line, "z" if closed else "") for line in lines)


def _one_path(line: Sequence[_Point], end: str) -> str:
    (x, y), *rest = line
    steps, at = [], (x, y)
    for point in rest:
        steps += [point[0] - at[0], point[1] - at[1]]
        at = point
    moves = "".join(f" {step}" if step >= 0 else str(step) for step in steps).lstrip(" ")
    return f"M{x} {y}l{moves}{end}"


class Coverage:
    """Polygons that meet in common edges, as rings of points.

    Parameters
    ----------
    polygons : sequence
        Rings of each polygon, closed.
    """

    def __init__(self, polygons: Sequence[Sequence[Sequence[_Point]]]) -> None:
        self._polygons = polygons
        self._owners: dict[tuple[_Point, _Point], list[int]] = {}
        for number, segment in self._segments():
            self._owners.setdefault(_unordered(segment), []).append(number)

    def common_edges(self) -> dict[tuple[int, int], list[list[_Point]]]:
        """Lines that two polygons have in common, by their numbers, the smaller first.

        Examples
        --------
        >>> left, right = [(0, 0), (1, 0), (1, 1), (0, 0)], [(1, 0), (2, 0), (1, 1), (1, 0)]
        >>> Coverage([[left], [right]]).common_edges()
        {(0, 1): [[(1, 0), (1, 1)]]}
        """
        found: dict[tuple[int, int], list[list[_Point]]] = {}
        for number, segment in self._segments():
            for other in self._owners[_unordered(segment)]:
                if other > number:
                    _extend(found.setdefault((number, other), []), segment)
        return found

    def outline(self, members: Collection[int]) -> list[list[_Point]]:
        """Lines around a group of polygons: edges that one of the group has and no other of it."""
        inside, lines = frozenset(members), list[list[_Point]]()
        for number, segment in self._segments():
            if number in inside and sum(owner in inside for owner in self._owners[_unordered(segment)]) == 1:
                _extend(lines, segment)
        return lines

    def _segments(self) -> Iterator[tuple[int, tuple[_Point, _Point]]]:
        for number, rings in enumerate(self._polygons):
            for ring in rings:
                for segment in pairwise(ring):
                    yield number, segment


def _extend(lines: list[list[_Point]], segment: tuple[_Point, _Point]) -> None:
    """Add a segment to the last line if it goes on from there, else as a line of its own."""
    if lines and lines[-1][-1] == segment[0]:
        lines[-1].append(segment[1])
    else:
        lines.append(list(segment))


def _unordered(segment: tuple[_Point, _Point]) -> tuple[_Point, _Point]:
    start, end = segment
    return (start, end) if start <= end else (end, start)
