"""What is left of columns beside surfaces in coordinates, one for each pair of regions."""

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.regression.absorb import group_means


def net_of_planes(frame: pd.DataFrame, order: int, columns: tuple[str, ...]) -> pd.DataFrame:
    """Columns minus their weighted projection on segment dummies and a surface in coordinates of each pair.

    By Frisch, Waugh & Lovell, a weighted regression of what is left gives the coefficients of the regression with all
    these dummies and surfaces.

    Parameters
    ----------
    frame : DataFrame
        ``pair``, ``segment``, ``x_km``, ``y_km``, ``weight`` and the columns.
    order : int
        1: a plane; 2: with squares and product.

    Returns
    -------
    DataFrame
        The rows of pairs in which the first two columns keep some variation, with the columns replaced.

    Raises
    ------
    SpecificationError
        If no pair of regions has enough places on both sides.
    """
    weights = frame["weight"].to_numpy()
    root = np.sqrt(weights)[:, None]
    segments = pd.factorize(frame["segment"])[0].astype(np.int64)
    places = frame[["x_km", "y_km"]].to_numpy() / 100
    values = frame[list(columns)].to_numpy(dtype=np.float64)
    demeaned = (values - group_means(values, segments, weights)) * root
    least = 1e-8 * np.maximum(np.abs(values[:, :2]).max(axis=0), 1.0)
    kept = np.zeros(len(frame), dtype=bool)
    for rows in frame.groupby("pair", sort=True).indices.values():
        surface = _surface(places[rows], order)
        own = np.unique(segments[rows], return_inverse=True)[1]
        basis = (surface - group_means(surface, own, weights[rows])) * root[rows]
        demeaned[rows] -= basis @ np.linalg.lstsq(basis, demeaned[rows], rcond=1e-10)[0]
        kept[rows] = (np.linalg.norm(demeaned[rows][:, :2], axis=0) > least).all()
    if not kept.any():
        raise SpecificationError(
            f"no pair of regions has places enough on both sides for a surface of order {order}; allowed: more "
            "places than segments and coefficients. Widen the bandwidth, or follow distance instead of coordinates."
        )
    net = dict(zip(columns, (demeaned / root).T, strict=True))
    return frame.assign(**net)[kept]


def _surface(places: Array, order: int) -> Array:
    """Powers of coordinates around the middle of the pair; at most five columns."""
    x, y = (places - places.mean(axis=0)).T
    return np.column_stack([x, y] if order == 1 else [x, y, x**2, x * y, y**2])
