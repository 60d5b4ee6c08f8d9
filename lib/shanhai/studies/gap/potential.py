"""Market potential: how many people are near."""

import numpy as np
import pandas as pd

from shanhai.studies.border.analysis import EARTH_KM


def market_potential(frame: pd.DataFrame) -> pd.Series:
    """Residents of all units over their distance in km (Harris 1954), in thousands a km.

    A unit's distance to itself is two thirds of the radius of a circle of its area (Head & Mayer 2002); no other unit
    counts as nearer than that.

    Parameters
    ----------
    frame : DataFrame
        ``population_2020``, ``area_km2``, and ``longitude`` and ``latitude`` in degrees. Units without a place are
        neither near to others nor given a value.

    Returns
    -------
    Series
        Indexed as the frame.
    """
    placed = frame[["longitude", "latitude", "area_km2", "population_2020"]].notna().all(axis=1)
    rows = frame[placed]
    longitude, latitude = np.radians(rows[["longitude", "latitude"]].to_numpy(dtype=float)).T
    points = np.column_stack(
        [np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)]
    )
    chord = np.sqrt(np.maximum(2.0 - 2.0 * points @ points.T, 0.0))
    inside = 2.0 / 3.0 * np.sqrt(rows["area_km2"].to_numpy(dtype=float) / np.pi)
    distance = np.maximum(2.0 * EARTH_KM * np.arcsin(np.minimum(chord / 2.0, 1.0)), inside[:, None])
    people = rows["population_2020"].to_numpy(dtype=float) / 1000.0
    return pd.Series((1.0 / distance) @ people, index=rows.index).reindex(frame.index)
