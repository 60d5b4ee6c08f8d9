"""Maps drawn for the units of a frame: re-partitions of it, and its real borders moved and turned as one sheet.

Re-partitions are those of ``partition``. A moved map: every unit is sent to another place by one rigid motion of the
sphere, and takes the region that it finds there; it is on a placebo border if a neighbour finds another region. The
lines keep their shape, length and spacing, which re-partitions do not, but three things are lost. Units sent beyond
the coast or frontier find no region and take that of the nearest unit, so the outermost regions are drawn out,
and motions that send too many there are not used. Regions do not keep their numbers of units. And there is no
torus: unlike the shifts of a rectangular lattice, these do not map the country onto itself, so draws are not
exchangeable with the data and the test is not exact.

Source of the re-partitions: DeFord, Duchin & Solomon (2021); of the moved maps: ``lib/docs/placebo-borders.md``.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from shanhai.core.errors import BoundaryError, SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes, Flags
from shanhai.methods.checks import as_codes, require_columns, require_longitude_first
from shanhai.methods.placebo._partition import (
    NEUTRAL_COLUMNS,
    ROUNDS_BEFORE,
    ROUNDS_BETWEEN,
    BorderColumns,
    Partitions,
    UnitGraph,
    border_units,
    compare_maps,
    draw_partitions,
    unit_graph,
)
from shanhai.methods.regression.design import numbers
from shanhai.methods.regression.pairs import EARTH_RADIUS_KM, as_degrees

_MOST_OUTSIDE = 0.25
"""Largest share of units that a motion may send outside the country."""

_TRIES = 50
"""Motions tried for each one that is wanted."""


@dataclass(frozen=True, repr=False)
class Shifts(Shown):
    """The map of regions in other places."""

    graph: UnitGraph
    """The real map."""
    labels: NDArray[np.int16]
    """draws x n, number of the region that each unit finds."""
    on_border: Flags
    """draws x n, whether a neighbour finds another region."""
    distance_km: Array
    """draws, how far the middle of the country moves."""
    rotation_degrees: Array
    """draws, by how much the sheet is turned about its middle, -180 to 180."""
    outside: Array
    """draws, percent of the units sent outside the country: farther from the nearest centre than that centre is from
    its own farthest neighbour."""
    tried: int
    """Motions tried; the others sent too many units outside."""

    @property
    def walk(self) -> Codes:
        """draws, a number of its own for each draw: motions are independent."""
        return np.arange(len(self.labels))

    def describe(self) -> pd.DataFrame:
        """One row a draw: the columns of :func:`shanhai.methods.placebo._partition.compare_maps`, then distance_km,
        rotation_degrees, outside."""
        return compare_maps(self.graph, self.labels, self.on_border).assign(
            distance_km=self.distance_km, rotation_degrees=self.rotation_degrees, outside=self.outside
        )


def _draw_shifts(
    graph: UnitGraph,
    centres: pd.DataFrame,
    draws: int,
    rng: np.random.Generator,
    *,
    distance_km: tuple[float, float] = (100.0, 500.0),
    rotation_degrees: float = 180.0,
) -> Shifts:
    """Draw motions of the map of regions: a distance, a bearing, and a turn about the middle of the country.

    Parameters
    ----------
    graph : UnitGraph
    centres : DataFrame
        ``code``, ``longitude``, ``latitude`` in degrees, any country.
    draws : int
    rng : Generator
    distance_km : tuple of float
        Least and largest distance; with a small one placebo borders lie in the shadow of the real ones.
    rotation_degrees : float
        Largest turn to either side; 0 for shifts alone.

    Returns
    -------
    Shifts

    Raises
    ------
    BoundaryError
        If centres are missing, the distances are not rising, or too few motions keep the country on its map.
    """
    low, high = distance_km
    if draws < 1 or not 0 <= low < high or not 0 <= rotation_degrees <= 180:
        raise BoundaryError(
            f"draws {draws}, distance_km {distance_km}, rotation_degrees {rotation_degrees}; allowed: one draw or "
            "more, two rising distances, a turn of 0 to 180 degrees. Change the one outside."
        )
    points = _points(graph, centres)
    tree, reach = cKDTree(points), _reach(graph, points)
    middle = points.mean(axis=0) / np.linalg.norm(points.mean(axis=0))
    labels = np.empty((draws, len(points)), dtype=np.int16)
    motions = np.empty((draws, 3))
    found = tried = 0
    while found < draws:
        if tried >= _TRIES * draws:
            raise BoundaryError(
                f"{found} of {tried} motions kept {100 * (1 - _MOST_OUTSIDE):g} % of the units in the country, "
                f"{draws} are wanted; allowed: motions that mostly do. Move by less, or turn by less."
            )
        tried += 1
        distance, turn = rng.uniform(low, high), np.radians(rng.uniform(-rotation_degrees, rotation_degrees))
        moved = _moved(points, middle, distance / EARTH_RADIUS_KM, rng.uniform(0, 2 * np.pi), turn)
        apart, nearest = tree.query(moved)
        outside = float((apart > reach[nearest]).mean())
        if outside <= _MOST_OUTSIDE:
            labels[found] = graph.regions[nearest]
            motions[found] = distance, np.degrees(turn), 100.0 * outside
            found += 1
    moved_by, turned_by, outside_percent = motions.T
    return Shifts(graph, labels, border_units(graph, labels), moved_by, turned_by, outside_percent, tried)


def _points(graph: UnitGraph, centres: pd.DataFrame) -> Array:
    """Centres of the units of a graph on the unit sphere."""
    absent = sorted({"code", "longitude", "latitude"} - set(centres.columns))
    if absent:
        raise BoundaryError(
            f"centres have no column {', '.join(map(repr, absent))}; they have: {', '.join(map(str, centres.columns))}."
            " Rename the columns."
        )
    place = centres.drop_duplicates("code").set_index("code").reindex(graph.codes)[["longitude", "latitude"]]
    degrees = place.to_numpy(dtype=np.float64)
    lost = ~np.isfinite(degrees).all(axis=1)
    if lost.any():
        raise BoundaryError(
            f"{int(lost.sum())} units have no centre: {', '.join(map(str, graph.codes[lost][:8]))}; allowed: "
            "degrees for each. Take the centres from the same boundaries."
        )
    east, north = np.radians(degrees).T
    return np.column_stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)])


def _reach(graph: UnitGraph, points: Array) -> Array:
    """Chord from each centre to its farthest neighbour; the median of the country where there is none."""
    chords = np.linalg.norm(points[graph.first] - points[graph.second], axis=1)
    reach = np.zeros(len(points))
    np.maximum.at(reach, graph.first, chords)
    np.maximum.at(reach, graph.second, chords)
    if not (reach > 0).any():
        raise BoundaryError("all centres are one place; allowed: a place for each unit. Check the coordinates.")
    return np.where(reach > 0, reach, np.median(reach[reach > 0]))


def _moved(points: Array, middle: Array, distance: float, bearing: float, turn: float) -> Array:
    """Points turned about the middle of the country, then moved with it along a great circle (angles in radians)."""
    east = np.cross([0.0, 0.0, 1.0], middle)
    if np.linalg.norm(east) < 1e-9:  # a country around a pole
        east = np.array([1.0, 0.0, 0.0])
    east /= np.linalg.norm(east)
    north = np.cross(middle, east)
    towards = np.cos(bearing) * north + np.sin(bearing) * east
    return _rotated(_rotated(points, middle, turn), np.cross(middle, towards), distance)


def _rotated(points: Array, axis: Array, angle: float) -> Array:
    """Points turned about an axis of unit length (Rodrigues' formula)."""
    along = np.outer(points @ axis, axis) * (1 - np.cos(angle))
    return np.asarray(points * np.cos(angle) + np.cross(axis, points) * np.sin(angle) + along)


def draw_borders(
    frame: pd.DataFrame,
    edges: pd.DataFrame,
    draws: int = 999,
    seed: int = 2021,
    *,
    columns: BorderColumns = NEUTRAL_COLUMNS,
    terrain: str | None = None,
    rounds: tuple[int, int] = (ROUNDS_BEFORE, ROUNDS_BETWEEN),
) -> Partitions:
    """Contiguous re-partitions of the units of a frame, to be compared with several specifications.

    Parameters
    ----------
    frame : DataFrame
        One row a unit: its code, its region, and whether it is on a border (missing where it is not known).
    edges : DataFrame
        Codes of units that share an edge, from :func:`shanhai.geo.edges.shared_edges`.
    draws, seed : int
    columns : BorderColumns
        Names of these columns, ``unit``, ``region``, ``border``, ``unit_a`` and ``unit_b`` by default.
    terrain : str, optional
        Column of ruggedness; if given, drawn borders run through terrain as rugged as real ones.
    rounds : tuple of int
        Rounds of a walk before its first draw, and between two; fewer do for fewer regions.

    Raises
    ------
    SpecificationError
        If a column is absent, or the column of borders is not what edges and regions say.
    BoundaryError
        If edges and units do not belong together.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods.placebo import draw_borders
    >>> x, y = np.divmod(np.arange(144), 12)  # 12 x 12 square units, four regions of 6 x 6
    >>> region = 2 * (x // 6) + y // 6
    >>> code = np.array([f"{number:04d}" for number in range(144)])
    >>> east, north = np.flatnonzero(x < 11), np.flatnonzero(y < 11)
    >>> pairs = np.vstack([np.column_stack([east, east + 12]), np.column_stack([north, north + 1])])
    >>> edges = pd.DataFrame({"unit_a": code[pairs[:, 0]], "unit_b": code[pairs[:, 1]]})
    >>> on_border = np.isin(np.arange(144), pairs[region[pairs[:, 0]] != region[pairs[:, 1]]])
    >>> columns = {"unit": code, "region": region.astype(str), "border": on_border.astype(float)}
    >>> frame = pd.DataFrame(columns)
    >>> maps = draw_borders(frame, edges, 3, 1, rounds=(40, 4))
    >>> [np.bincount(labels).tolist() for labels in maps.labels]  # every region keeps its number of units
    [[36, 36, 36, 36], [36, 36, 36, 36], [36, 36, 36, 36]]
    """
    graph = _frame_graph(frame, edges, columns)
    values = None
    if terrain is not None:
        known = pd.Series(numbers(frame, terrain), index=list(frame[columns.unit])).reindex(graph.codes)
        values = np.asarray(known, dtype=np.float64)
    before, between = rounds
    rng = np.random.default_rng(seed)
    return draw_partitions(graph, draws, rng, terrain=values, rounds_before=before, rounds_between=between)


def shift_borders(
    frame: pd.DataFrame,
    edges: pd.DataFrame,
    draws: int = 999,
    seed: int = 2021,
    *,
    columns: BorderColumns = NEUTRAL_COLUMNS,
    coordinates: tuple[str, str] = ("longitude", "latitude"),
    distance_km: tuple[float, float] = (100.0, 500.0),
    rotation_degrees: float = 180.0,
) -> Shifts:
    """The real borders moved and turned over the units of a frame; see ``_draw_shifts``.

    Parameters
    ----------
    frame : DataFrame
        As for :func:`draw_borders`, with columns of degrees.
    edges, draws, seed, columns
        As there.
    coordinates : tuple of str
        Columns of longitude and latitude of the centres.
    distance_km, rotation_degrees
        By how much the borders move and turn.

    Raises
    ------
    SpecificationError
        If a column of coordinates is absent, a coordinate is out of range, or as :func:`draw_borders`.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods.placebo import shift_borders
    >>> x, y = np.divmod(np.arange(144), 12)  # 12 x 12 square units, four regions of 6 x 6
    >>> region = 2 * (x // 6) + y // 6
    >>> code = np.array([f"{number:04d}" for number in range(144)])
    >>> east, north = np.flatnonzero(x < 11), np.flatnonzero(y < 11)
    >>> pairs = np.vstack([np.column_stack([east, east + 12]), np.column_stack([north, north + 1])])
    >>> edges = pd.DataFrame({"unit_a": code[pairs[:, 0]], "unit_b": code[pairs[:, 1]]})
    >>> on_border = np.isin(np.arange(144), pairs[region[pairs[:, 0]] != region[pairs[:, 1]]])
    >>> columns = {"unit": code, "region": region.astype(str), "border": on_border.astype(float)}
    >>> frame = pd.DataFrame(columns)
    >>> frame["longitude"], frame["latitude"] = 100.0 + x / 2, 30.0 + y / 2
    >>> moved = shift_borders(frame, edges, 3, 1, distance_km=(50.0, 100.0), rotation_degrees=20.0)
    >>> moved.on_border.shape
    (3, 144)
    """
    require_longitude_first(coordinates)
    graph = _frame_graph(frame, edges, columns)
    require_columns(frame, coordinates)
    east, north = as_degrees(*(frame[column] for column in coordinates), missing=True)
    return _draw_shifts(
        graph,
        pd.DataFrame({"code": list(frame[columns.unit]), "longitude": east, "latitude": north}),
        draws,
        np.random.default_rng(seed),
        distance_km=distance_km,
        rotation_degrees=rotation_degrees,
    )


def border_chance(frame: pd.DataFrame, maps: Partitions | Shifts) -> pd.Series:
    """Percent of the drawn maps in which each unit of the frame is on a border; missing for units not drawn.

    Parameters
    ----------
    frame : DataFrame
        With the column of codes that the maps were drawn by.
    maps : Partitions or Shifts

    Returns
    -------
    Series, with the index of the frame
        Percent, 0 to 100.

    Raises
    ------
    SpecificationError
        If the frame has no such column.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods.placebo import border_chance, draw_borders
    >>> x, y = np.divmod(np.arange(144), 12)  # 12 x 12 square units, four regions of 6 x 6
    >>> region = 2 * (x // 6) + y // 6
    >>> code = np.array([f"{number:04d}" for number in range(144)])
    >>> east, north = np.flatnonzero(x < 11), np.flatnonzero(y < 11)
    >>> pairs = np.vstack([np.column_stack([east, east + 12]), np.column_stack([north, north + 1])])
    >>> edges = pd.DataFrame({"unit_a": code[pairs[:, 0]], "unit_b": code[pairs[:, 1]]})
    >>> on_border = np.isin(np.arange(144), pairs[region[pairs[:, 0]] != region[pairs[:, 1]]])
    >>> columns = {"unit": code, "region": region.astype(str), "border": on_border.astype(float)}
    >>> frame = pd.DataFrame(columns)
    >>> chance = border_chance(frame, draw_borders(frame, edges, 3, 1, rounds=(40, 4)))
    >>> len(chance), bool(chance.between(0, 100).all())  # percent
    (144, True)
    """
    unit = maps.graph.columns.unit
    require_columns(frame, (unit,))
    chance = pd.Series(100.0 * maps.on_border.mean(axis=0), index=maps.graph.codes)
    return pd.Series(chance.reindex(frame[unit]).to_numpy(), index=frame.index)


def _frame_graph(frame: pd.DataFrame, edges: pd.DataFrame, columns: BorderColumns) -> UnitGraph:
    """Graph of the units of a frame of which it is known whether they are on a border, held against it.

    Where a neighbour may be absent from the layer that is missing; such a unit is left out with its edges.

    Raises
    ------
    SpecificationError
        If a column is absent, or the column of borders is not what edges and regions say.
    """
    require_columns(frame, (columns.unit, columns.region, columns.border))
    require_columns(edges, columns.edges, "the table of edges")
    as_codes(frame[columns.region], columns.region, missing=True)
    border = numbers(frame, columns.border)
    drawn = frame[frame[columns.border].notna()]
    unknown = frame.loc[frame[columns.border].isna(), columns.unit]
    among = ~(edges[columns.edges[0]].isin(unknown) | edges[columns.edges[1]].isin(unknown))
    graph = unit_graph(drawn, edges[among], columns)
    differ = graph.on_border != border[~np.isnan(border)]
    if differ.any():
        raise SpecificationError(
            f"{columns.border} is not what the edges say for {int(differ.sum())} units "
            f"({', '.join(map(str, graph.codes[differ][:8]))}); allowed: a unit is on the border if it shares an "
            "edge with one of another region. Take both from the same boundaries."
        )
    return graph
