"""Counties that do not exist, with effects that are known: what an estimator must recover.

Provinces are squares of a grid, prefectures quarters of a province, counties points. Terrain is a smooth random
surface and rises towards provincial borders, as it does in China, so border and terrain are confounded by design.
Errors share a prefecture and a smooth surface, so they are spatially correlated.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array

SIDE_KM = 300.0
"""Side of a simulated province in km."""

BORDER_KM = 40.0
"""A simulated county is on the border when its point is this close to another province."""


@dataclass(frozen=True)
class Effects:
    """The truth behind simulated counties, in log points."""

    border: float = -0.15
    """Effect of the border at mean terrain."""
    terrain: float = -0.20
    """Effect of one standard deviation of ruggedness away from a border."""
    border_x_terrain: float = -0.10
    """Change of the border effect with one standard deviation of ruggedness."""
    district: float = 0.50
    """Effect of being a district."""
    noise: float = 0.30
    """Standard deviation of the error; a third of its variance is shared within a prefecture, a third in space."""


def simulate_counties(
    rng: np.random.Generator, effects: Effects | None = None, n: int = 2000, side: int = 5
) -> pd.DataFrame:
    """Counties on a square of ``side`` x ``side`` provinces.

    Parameters
    ----------
    rng : Generator
        Source of all randomness.
    effects : Effects, optional
        The truth.
    n : int
        Number of counties.
    side : int
        Provinces along each side of the square.

    Returns
    -------
    DataFrame
        code, province_code, prefecture_code, x_km, y_km, on_border, distance_to_border_km, ruggedness (metres),
        is_district, gdp_per_capita (yuan), population.

    Raises
    ------
    SpecificationError
        If there is only one province.
    """
    if side < 2:
        raise SpecificationError(
            f"side is {side}, which leaves no border inside; allowed: 2 or more provinces a side. Raise it."
        )
    truth = effects or Effects()
    x, y = rng.uniform(0, side * SIDE_KM, size=(2, n))
    column, row = (x // SIDE_KM).astype(int), (y // SIDE_KM).astype(int)
    distance = _distance_to_inner_border(x, y, side)
    quarter = 2 * (x % SIDE_KM > SIDE_KM / 2) + (y % SIDE_KM > SIDE_KM / 2)
    province = row * side + column
    prefecture = province * 4 + quarter
    on_border = distance < BORDER_KM
    rise = _surface(rng, x, y) + np.exp(-distance / 60.0)
    ruggedness = 100.0 * np.exp(0.6 * rise)
    z = (ruggedness - ruggedness.mean()) / ruggedness.std(ddof=1)
    district = rng.uniform(size=n) < 0.3
    shared = rng.normal(size=4 * side * side)[prefecture]
    error = (shared + _surface(rng, x, y) + rng.normal(size=n)) / np.sqrt(3.0)
    log_gdp = (
        10.8
        + rng.normal(scale=0.4, size=side * side)[province]
        + truth.border * on_border
        + truth.terrain * z
        + truth.border_x_terrain * on_border * z
        + truth.district * district
        + truth.noise * error
    )
    return pd.DataFrame(
        {
            "code": [f"{1 + i:06d}" for i in range(n)],
            "province_code": [f"{10 + p:02d}0000" for p in province],
            "prefecture_code": [f"{10 + p // 4:02d}{1 + p % 4:02d}00" for p in prefecture],
            "x_km": x,
            "y_km": y,
            "on_border": on_border,
            "distance_to_border_km": distance,
            "ruggedness": ruggedness,
            "is_district": district,
            "gdp_per_capita": np.exp(log_gdp),
            "population": np.exp(rng.normal(12.8, 0.6, size=n)),
        }
    )


def _distance_to_inner_border(x: Array, y: Array, side: int) -> Array:
    """Distance in km to the nearest line between two provinces; the outer edge of the square is no border."""
    lines = SIDE_KM * np.arange(1, side)
    to_x = np.abs(x[:, None] - lines).min(axis=1)
    to_y = np.abs(y[:, None] - lines).min(axis=1)
    return np.asarray(np.minimum(to_x, to_y))


def _surface(rng: np.random.Generator, x: Array, y: Array, waves: int = 40, length_km: float = 150.0) -> Array:
    """A smooth random surface of mean zero and unit variance: a sum of random cosine waves (spectral method)."""
    frequency = rng.normal(scale=1.0 / length_km, size=(waves, 2))
    phase = rng.uniform(0.0, 2.0 * np.pi, size=waves)
    angle = x[:, None] * frequency[:, 0] + y[:, None] * frequency[:, 1] + phase
    return np.asarray(np.sqrt(2.0 / waves) * np.cos(angle).sum(axis=1))
