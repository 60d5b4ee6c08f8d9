"""Frames of any make as pandas holds them: the one place where polars, pyarrow and geometries are met."""

from typing import Any

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.checks import as_numbers, require_columns, require_longitude_first

_IS_SHARED = int(pd.__version__.partition(".")[0]) < 3
"""Whether copies of a frame that are not deep share its memory, so that what is written to one is in the other."""

GEOMETRY = ("longitude", "latitude")
"""Columns that coordinates taken from a geometry are put into."""


_NO_CRS = "geometry without a reference system"
"""Mark of a frame whose places could not be read."""


def as_frame(data: object) -> pd.DataFrame:
    """A table as a pandas frame; pandas' own is copied only where it could be changed through the other.

    Parameters
    ----------
    data : DataFrame of pandas or polars, Table of pyarrow, or GeoDataFrame
        Of a GeoDataFrame the geometry is left out; its places follow as ``longitude`` and ``latitude`` (WGS 84,
        degrees, of a point inside each shape) where it has no such columns and its reference system is known.

    Returns
    -------
    DataFrame
        Names of columns as text, rows in their order. Categories of pandas and pyarrow, and those of an Enum of polars,
        keep their order.

    Raises
    ------
    SpecificationError
        If it is anything else, or names of columns are tuples.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods.door.frames import as_frame
    >>> as_frame(pd.DataFrame({2020: [1.0]})).columns.tolist()
    ['2020']
    """
    if isinstance(data, pd.DataFrame):
        has_geometry = type(data) is not pd.DataFrame and "geometry" in map(str, data.dtypes)
        frame = _less_arrow(_less_geometry(data) if has_geometry else data.copy(deep=_IS_SHARED))
    else:
        frame = _converted(data)
    if isinstance(frame.columns, pd.MultiIndex):
        raise SpecificationError(
            "columns of the frame have names of several levels; allowed: one name a column. Join the levels, as in "
            "frame.columns = frame.columns.map('_'.join)."
        )
    if not all(isinstance(name, str) for name in frame.columns):
        frame.columns = pd.Index([str(name) for name in frame.columns])
    return frame


def as_coords(coords: object) -> tuple[str, str]:
    """The columns of places as a pair, whatever sequence they come in.

    Parameters
    ----------
    coords : tuple or list of str

    Returns
    -------
    tuple of str
        Longitude (or east) first.

    Raises
    ------
    SpecificationError
        If it is no pair of different names.

    Examples
    --------
    >>> from shanhai.methods.door.frames import as_coords
    >>> as_coords(["lon", "lat"])
    ('lon', 'lat')
    """
    pair = tuple(coords) if isinstance(coords, tuple | list) else ()
    if len(pair) != 2 or not all(isinstance(name, str) for name in pair) or pair[0] == pair[1]:
        raise SpecificationError(
            f"coords are {coords!r}; allowed: the names of two different columns, longitude (or east) first. Write "
            "coords=('lon', 'lat')."
        )
    return pair[0], pair[1]


def in_degrees(frame: pd.DataFrame, coords: tuple[str, str], crs: object) -> tuple[pd.DataFrame, tuple[str, str]]:
    """Places of a flat map as degrees, in two further columns of the frame, and the names of these.

    Distances are then those on the globe: a projection in metres is off by its scale, by 0.04 % in the middle of a UTM
    zone and by per cents far from it.

    Parameters
    ----------
    frame : DataFrame
    coords : tuple of str
        Columns to the east and to the north, in the unit of the reference system.
    crs : object
        Reference system as pyproj takes it, such as ``"EPSG:32650"``; None for degrees, which stay as they are.

    Returns
    -------
    DataFrame, and tuple of str
        The frame with two further columns, in degrees, and their names; with ``crs=None`` what was given.

    Raises
    ------
    SpecificationError
        If pyproj is not installed, knows no such system, a place lies outside of it, the columns hold degrees and not
        the unit of its map, or the names of ``coords`` put the latitude first.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods.door.frames import in_degrees
    >>> flat = pd.DataFrame({"x": [500000.0], "y": [0.0]})  # metres: the central meridian, 117 degrees, at the equator
    >>> placed, names = in_degrees(flat, ("x", "y"), "EPSG:32650")
    >>> placed[list(names)].round(3).to_numpy().tolist()
    [[117.0, 0.0]]
    """
    require_longitude_first(coords)
    if crs is None:
        return frame, coords
    try:
        from pyproj import Transformer
        from pyproj.exceptions import CRSError
    except ModuleNotFoundError as error:
        raise SpecificationError(
            f"crs is {crs!r}, which takes the package pyproj; allowed without it: degrees. Install it with pip, or "
            "pass longitude and latitude."
        ) from error
    require_columns(frame, coords)
    east, north = (as_numbers(frame[name], f"column {name!r}", missing=True) for name in coords)
    try:
        into_degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
        longitude, latitude = into_degrees.transform(east, north)
    except CRSError as error:
        raise SpecificationError(
            f"crs is {crs!r}, which is no reference system; allowed: one that pyproj knows. Write its EPSG code, as in "
            "'EPSG:32650'."
        ) from error
    known = ~(np.isnan(east) | np.isnan(north))
    is_flat = not (into_degrees.source_crs is None or into_degrees.source_crs.is_geographic)
    if is_flat and known.any() and np.abs(east[known]).max() <= 360 and np.abs(north[known]).max() <= 90:
        raise SpecificationError(
            f"columns {coords} hold degrees, and crs={crs!r} is a map in its own unit, on which all places would lie "
            "together; allowed: its coordinates, or degrees without crs. Leave crs out; places of a GeoDataFrame are "
            "in degrees already, whatever its reference system."
        )
    if not (np.isfinite(longitude[known]).all() and np.isfinite(latitude[known]).all()):
        raise SpecificationError(
            f"coordinates {coords} of some rows lie outside of {crs!r}; allowed: places that its map shows. Check "
            "which column is east, and the unit."
        )
    names = tuple(f"{name} of {', '.join(coords)}" for name in GEOMETRY)
    made = {name: np.where(known, values, np.nan) for name, values in zip(names, (longitude, latitude), strict=True)}
    return pd.concat([frame, pd.DataFrame(made, index=frame.index)], axis=1), (names[0], names[1])


def require_places(frame: pd.DataFrame, coords: tuple[str, str] | None) -> None:
    """Refuse a frame without the columns of places, and say how they are named.

    Parameters
    ----------
    frame : DataFrame
    coords : tuple of str, or None where no places are read

    Raises
    ------
    SpecificationError
        If one of the columns is absent.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods.door.frames import require_places
    >>> require_places(pd.DataFrame({"lon": [5.0], "lat": [45.0]}), ("lon", "lat"))
    """
    absent = [name for name in coords or () if name not in frame.columns]
    if absent and coords == GEOMETRY and _NO_CRS in frame.attrs:
        raise SpecificationError(
            "the GeoDataFrame has no reference system, so it is unknown where its shapes lie; allowed: one with a crs, "
            "or columns of places. Set it, as in data.set_crs('EPSG:4326') for degrees."
        )
    if absent:
        raise SpecificationError(
            f"no column {', '.join(map(repr, absent))} of places in the frame; it has: {', '.join(frame.columns)}. "
            "Name longitude and latitude, as in coords=('lon', 'lat'); columns in metres need their crs='EPSG:...' "
            "too, and a GeoDataFrame its reference system (set_crs)."
        )


def _converted(data: object) -> pd.DataFrame:
    """A frame that narwhals knows, column by column, so that pyarrow is not needed for polars."""
    import narwhals.stable.v2 as nw

    known: Any = nw.from_native(data, pass_through=True)
    if isinstance(known, nw.LazyFrame):
        raise SpecificationError(
            f"data is a {type(data).__module__.partition('.')[0]} frame that is not computed yet; allowed: one that is."
            " Call its collect() first."
        )
    if not isinstance(known, nw.DataFrame):
        raise SpecificationError(
            f"data is of type {type(data).__name__}; allowed: a DataFrame of pandas or polars, a pyarrow Table, or a "
            "GeoDataFrame. Make one with pandas.DataFrame(data)."
        )
    return pd.DataFrame({name: _values(known[name]) for name in known.columns})


def _values(column: Any) -> Any:
    """Values of a column of narwhals; categories with an order of their own keep it."""
    import narwhals.stable.v2 as nw

    if column.dtype == nw.Enum or (column.dtype == nw.Categorical and column.implementation.is_pyarrow()):
        return pd.Categorical(column.to_list(), categories=column.cat.get_categories().to_list())
    values = np.asarray(column.to_numpy())
    if values.ndim == 1:
        return values
    held = np.empty(len(values), dtype=object)  # several numbers a row: for the columns beside it
    held[:] = list(values)
    return held


def _less_arrow(frame: pd.DataFrame) -> pd.DataFrame:
    """Text and categories that pyarrow holds as those of pandas; its numbers and dates are read as they are."""
    for place, kind in enumerate(frame.dtypes):
        is_category = str(kind).startswith("dictionary<")
        if isinstance(kind, pd.ArrowDtype) and (kind.type is str or is_category):
            frame.isetitem(place, frame.iloc[:, place].astype("category" if is_category else "string").array)
    return frame


def _less_geometry(data: Any) -> pd.DataFrame:
    """A GeoDataFrame without its shapes, with the places of them where it has a reference system."""
    plain = pd.DataFrame(data.drop(columns=[name for name, kind in data.dtypes.items() if str(kind) == "geometry"]))
    shapes = getattr(data, "geometry", None)
    if shapes is None or set(GEOMETRY) & set(plain.columns):
        return plain
    if shapes.crs is None:
        plain.attrs = {**plain.attrs, _NO_CRS: True}
        return plain
    points = shapes.representative_point().to_crs("EPSG:4326")
    return plain.assign(**{GEOMETRY[0]: points.x.to_numpy(), GEOMETRY[1]: points.y.to_numpy()})
