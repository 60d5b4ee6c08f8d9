"""Frames of any make as pandas holds them: the one place where polars, pyarrow and geometries are met."""

from typing import Any

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError

GEOMETRY = ("longitude", "latitude")
"""Columns that coordinates taken from a geometry are put into."""


def as_frame(data: object) -> pd.DataFrame:
    """A table as a pandas frame; pandas' own is not copied but cannot be changed through the other.

    Parameters
    ----------
    data : DataFrame of pandas or polars, Table of pyarrow, or GeoDataFrame
        Of a GeoDataFrame the geometry is left out; its places follow as ``longitude`` and ``latitude`` (WGS 84,
        degrees, of a point inside each shape) where it has no such columns and its reference system is known.

    Returns
    -------
    DataFrame
        Names of columns as text, rows in their order.

    Raises
    ------
    SpecificationError
        If it is anything else, or names of columns are tuples.
    """
    if isinstance(data, pd.DataFrame):
        frame = _less_geometry(data) if hasattr(data, "geom_type") or _has_geometry(data) else data.copy(deep=False)
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
    return pd.DataFrame({name: np.asarray(known[name].to_numpy()) for name in known.columns})


def _has_geometry(data: pd.DataFrame) -> bool:
    return any(str(kind) == "geometry" for kind in data.dtypes)


def _less_geometry(data: Any) -> pd.DataFrame:
    """A GeoDataFrame without its shapes, with the places of them where it has a reference system."""
    plain = pd.DataFrame(data.drop(columns=[name for name, kind in data.dtypes.items() if str(kind) == "geometry"]))
    shapes = getattr(data, "geometry", None)
    if shapes is None or shapes.crs is None or set(GEOMETRY) & set(plain.columns):
        return plain
    points = shapes.representative_point().to_crs("EPSG:4326")
    return plain.assign(**{GEOMETRY[0]: points.x.to_numpy(), GEOMETRY[1]: points.y.to_numpy()})
