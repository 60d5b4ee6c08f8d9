"""The chessboard of the methods under the column names of the county frame, for studies that read these."""

import numpy as np
import pandas as pd

from shanhai.methods.discontinuity.simulated import BorderTruth, simulated_borders

NAMES = {
    "unit": "code",
    "region": "province_code",
    "district": "prefecture_code",
    "border_km": "distance_to_border_km",
    "income": "gdp_per_capita_2021",
    "output": "gdp_2021",
    "people": "population_2020",
    "unit_a": "code_a",
    "unit_b": "code_b",
}

PLACES = {"unit": "code", "region": "province_code"}
"""How ``border_sample`` is told."""


def simulated_counties_at_borders(
    rng: np.random.Generator, truth: BorderTruth | None = None, *, n: int = 900, side: int = 3
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Frame, positions and edges of ``simulated_borders``, renamed."""
    frame, positions, edges = (table.rename(columns=NAMES) for table in simulated_borders(rng, truth, n=n, side=side))
    return frame, positions, edges
