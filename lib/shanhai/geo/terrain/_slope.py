"""Slope and ruggedness of every cell of a grid of heights, with distances on the ground.

A slope needs heights and distances in one unit. On a grid in degrees the distance between two cells is metres that
change with latitude; taken as "1/12", it would turn every hill into a wall of nearly 90 degrees. All functions take
arrays with one ring of neighbours around the cells asked for and return arrays without it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SEMI_MAJOR_M = 6_378_137.0
_FLATTENING = 1 / 298.257223563
"""Ellipsoid of WGS 84."""

NEIGHBOURS = tuple((row, column) for row in (-1, 0, 1) for column in (-1, 0, 1) if (row, column) != (0, 0))


@dataclass(frozen=True)
class GroundSteps:
    """Metres to the east and to the north that one step along a grid makes on the ground, for each cell."""

    column_east: Floats
    column_north: Floats
    row_east: Floats
    row_north: Floats
    """A row is one step down the array, so this is negative on a north-up grid."""

    @property
    def cell_area(self) -> Floats:
        """Square metres of each cell."""
        return np.abs(self.column_east * self.row_north - self.column_north * self.row_east)


def ground_steps(longitude: Floats, latitude: Floats) -> GroundSteps:
    """Steps on the WGS 84 ellipsoid between neighbouring cell centres.

    Parameters
    ----------
    longitude, latitude : degrees of the cell centres, shape (rows + 2, columns + 2).

    Returns
    -------
    GroundSteps of shape (rows, columns). Along meridian and parallel the radii of curvature at the cell are exact to
    the square of the step (one part in a million at 5 arc-minutes).
    """
    eccentricity = _FLATTENING * (2 - _FLATTENING)
    sine = np.sin(np.radians(latitude[1:-1, 1:-1]))
    root = 1 - eccentricity * sine**2
    along_parallel = _SEMI_MAJOR_M / np.sqrt(root) * np.cos(np.radians(latitude[1:-1, 1:-1]))
    along_meridian = _SEMI_MAJOR_M * (1 - eccentricity) / root**1.5
    east = (longitude[1:-1, 2:] - longitude[1:-1, :-2]) / 2, (longitude[2:, 1:-1] - longitude[:-2, 1:-1]) / 2
    north = (latitude[1:-1, 2:] - latitude[1:-1, :-2]) / 2, (latitude[2:, 1:-1] - latitude[:-2, 1:-1]) / 2
    return GroundSteps(
        column_east=np.radians(east[0]) * along_parallel,
        column_north=np.radians(north[0]) * along_meridian,
        row_east=np.radians(east[1]) * along_parallel,
        row_north=np.radians(north[1]) * along_meridian,
    )


def fill_neighbours(heights: Floats, missing_is_sea: bool) -> tuple[Floats, ...]:
    """Heights of the centre and its eight neighbours, a missing neighbour filled in.

    Parameters
    ----------
    heights : metres with one ring around, NaN where there is none.
    missing_is_sea : whether a missing neighbour is the sea at 0 m; else it gets the height of the centre, so that it
        adds nothing (the convention of ESRI's and GDAL's edge cells).

    Returns
    -------
    The centre, then the neighbours row by row from the north-west; each without the ring, NaN where the centre is.
    """
    centre = heights[1:-1, 1:-1]
    rows, columns = centre.shape
    substitute = np.where(np.isnan(centre), np.nan, 0.0) if missing_is_sea else centre
    filled = [centre]
    for row, column in NEIGHBOURS:
        neighbour = heights[1 + row : 1 + row + rows, 1 + column : 1 + column + columns]
        filled.append(np.where(np.isnan(neighbour) | np.isnan(centre), substitute, neighbour))
    return tuple(filled)


def slope_degrees(heights: Floats, steps: GroundSteps, missing_is_sea: bool = False) -> Floats:
    """Steepest slope of each cell in degrees: Horn's weighted differences over ground distances.

    Parameters
    ----------
    heights : metres, shape (rows + 2, columns + 2).
    steps : ground steps of shape (rows, columns).
    missing_is_sea : see :func:`fill_neighbours`.

    References
    ----------
    Horn, B. K. P. (1981), Hill shading and the reflectance map, Proceedings of the IEEE 69(1), 14-47.
    """
    _, northwest, north, northeast, west, east, southwest, south, southeast = fill_neighbours(heights, missing_is_sea)
    per_column = (northeast + 2 * east + southeast - northwest - 2 * west - southwest) / 8
    per_row = (southwest + 2 * south + southeast - northwest - 2 * north - northeast) / 8
    determinant = steps.column_east * steps.row_north - steps.column_north * steps.row_east
    eastward = (per_column * steps.row_north - per_row * steps.column_north) / determinant
    northward = (per_row * steps.column_east - per_column * steps.row_east) / determinant
    return np.degrees(np.arctan(np.hypot(eastward, northward)))


def ruggedness_riley(heights: Floats, missing_is_sea: bool = False) -> Floats:
    """Terrain ruggedness index in metres: root of the *sum of squared* differences to the eight neighbours.

    The index that Nunn and Puga average over a country's land (they print it in hundreds of metres). It grows with the
    distance between cells: values from grids of different cell size do not compare, and on a grid in degrees the same
    land gives a little less further north, where eastern neighbours are nearer. Nunn and Puga take it so too.

    References
    ----------
    Riley, S. J., DeGloria, S. D. & Elliot, R. (1999), Intermountain Journal of Sciences 5, 23-27.
    Nunn, N. & Puga, D. (2012), Ruggedness: the blessing of bad geography in Africa, Review of Economics and Statistics
    94(1), 20-36.
    """
    centre, *neighbours = fill_neighbours(heights, missing_is_sea)
    return np.sqrt(sum(((neighbour - centre) ** 2 for neighbour in neighbours), start=np.zeros_like(centre)))


def ruggedness_wilson(heights: Floats, missing_is_sea: bool = False) -> Floats:
    """Terrain ruggedness index in metres: *mean absolute* difference to the eight neighbours.

    Of the same name as Riley's but another number (on an even slope of one metre a cell, 0.75 m against 2.45 m).

    References
    ----------
    Wilson, M. F. J. et al. (2007), Multiscale terrain analysis of multibeam bathymetry data, Marine Geodesy 30, 3-35.
    """
    centre, *neighbours = fill_neighbours(heights, missing_is_sea)
    return sum((np.abs(neighbour - centre) for neighbour in neighbours), start=np.zeros_like(centre)) / len(neighbours)
