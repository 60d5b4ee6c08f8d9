"""Spatial noise: its correlation estimated from residuals, and surfaces of it simulated, in any country.

The correlation of two places falls as ``share * exp(-distance / range)``; the rest of the variance is each place's own.
Surfaces are sums of random waves (the spectral method, random Fourier features), so memory is linear in places and no
n x n covariance is factorised: the wave numbers of an exponential correlation follow a Cauchy distribution in three
dimensions, in which places are points on the sphere and distances are chords. Given its waves a surface is Gaussian;
over waves its covariance is exact.

References
----------
Rahimi, A. & Recht, B. (2007), Random features for large-scale kernel machines, NIPS 20.
Cressie, N. (1985), Fitting variogram models by weighted least squares, Mathematical Geology 17(5).
Mantoglou, A. & Wilson, J. L. (1982), The turning bands method, Water Resources Research 18(5).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import curve_fit
from scipy.spatial import cKDTree

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.door import as_generator, as_numbers, require_same_rows
from shanhai.methods.regression.pairs import EARTH_RADIUS_KM, on_unit_sphere
from shanhai.methods.regression.projection import rounding

WAVES = 512
"""Waves of a surface."""

SHARED = 25
"""Surfaces that are made of the same waves, each with amplitudes of its own."""

MOST_PLACES = 4000
"""Places whose pairs are compared when the correlation is estimated; of more, so many are chosen at random."""

CLASSES = 20
"""Classes of distance of the correlogram, equally wide."""


@dataclass(frozen=True)
class SpatialNoise:
    """How errors of two places are correlated."""

    share: float
    """Share of the variance that is spatial, 0 to 1."""
    range_km: float
    """Distance over which the spatial correlation falls to 37 %."""

    def __post_init__(self) -> None:
        if not (0 <= self.share <= 1 and 0 < self.range_km < np.inf):
            raise SpecificationError(
                f"spatial share {self.share}, range {self.range_km} km; allowed: a share of 0 to 1, a range above 0. "
                "Estimate both with estimate_noise, or name them."
            )


def estimate_noise(
    residuals: ArrayLike,
    longitude: ArrayLike,
    latitude: ArrayLike,
    rng: np.random.Generator,
    *,
    longest_km: float = 400.0,
) -> SpatialNoise:
    """Share and range of spatial correlation, fitted to a correlogram of residuals.

    Parameters
    ----------
    residuals, longitude, latitude : n numbers; degrees.
    rng : Generator
        Chooses places where there are more than ``MOST_PLACES``.
    longest_km : float
        Longest distance of the correlogram.

    Returns
    -------
    SpatialNoise
        Least squares on class means, weighted by pairs over squared distance, as is usual for variograms (Cressie
        1985). Fixed effects have taken correlation over long distances out of the residuals, so the range is a lower
        bound; try longer ones too.

    Raises
    ------
    SpecificationError
        If a coordinate or residual is missing or out of range, residuals do not vary, places are fewer than a hundred,
        or none lies within reach of another.
    """
    rng = as_generator(rng)
    require_same_rows({"residuals": residuals, "longitude": longitude})
    values = as_numbers(residuals, "a residual")
    points, reach = on_unit_sphere(longitude, latitude, "uniform", longest_km, EARTH_RADIUS_KM)
    n = len(values)
    if n < 100 or len(points) != n:
        raise SpecificationError(
            f"{n} residuals, {len(points)} places; allowed: a hundred places or more, one residual each. With fewer, "
            "name share and range."
        )
    if not values.std() > rounding(values[:, None], np.ones(n))[0]:
        raise SpecificationError("all residuals are the same; allowed: residuals that vary. Check the regression.")
    scaled = (values - values.mean()) / values.std()
    if n > MOST_PLACES:
        chosen = rng.choice(n, MOST_PLACES, replace=False)
        points, scaled = points[chosen], scaled[chosen]
    left, right = cKDTree(points).query_pairs(reach, output_type="ndarray").T
    distance = np.linalg.norm(points[left] - points[right], axis=1) * EARTH_RADIUS_KM
    if not len(distance) or not distance.max() > 0:
        raise SpecificationError(
            f"no two places lie apart and within {longest_km:g} km of each other; allowed: places that do. Take a "
            "longer distance, or check the coordinates."
        )
    place = np.minimum((distance / longest_km * CLASSES).astype(np.int64), CLASSES - 1)
    count = np.bincount(place, minlength=CLASSES)
    used = count > 0
    total = [
        np.bincount(place, weights=one, minlength=CLASSES)[used] for one in (distance, scaled[left] * scaled[right])
    ]
    centre, mean = (one / count[used] for one in total)
    start, low, high = (0.5, longest_km / 6), (0.0, longest_km / CLASSES / 4), (1.0, longest_km)
    error = centre / np.sqrt(count[used])
    fitted = curve_fit(_decay, centre, mean, p0=start, sigma=error, bounds=(low, high))[0]
    return SpatialNoise(float(fitted[0]), float(fitted[1]))


def simulate_noise(
    noise: SpatialNoise, longitude: ArrayLike, latitude: ArrayLike, draws: int, rng: np.random.Generator
) -> Array:
    """Surfaces of spatial noise with mean zero and unit variance.

    Parameters
    ----------
    noise : SpatialNoise
    longitude, latitude : n degrees.
    draws : int
    rng : Generator

    Returns
    -------
    array, n x draws
    """
    rng = as_generator(rng)
    if draws < 1:
        raise SpecificationError(f"{draws} draws; allowed: one or more. 999 are usual.")
    points = on_unit_sphere(longitude, latitude, "uniform", noise.range_km, EARTH_RADIUS_KM)[0] * EARTH_RADIUS_KM
    surfaces = np.sqrt(1 - noise.share) * rng.standard_normal((len(points), draws))
    for start in range(0, draws, SHARED):
        size = min(SHARED, draws - start)
        frequency = rng.standard_normal((3, WAVES)) / np.abs(rng.standard_normal(WAVES)) / noise.range_km
        angle = points @ frequency
        waves = np.hstack([np.cos(angle), np.sin(angle)])
        amplitude = rng.standard_normal((2 * WAVES, size)) * np.sqrt(noise.share / WAVES)
        surfaces[:, start : start + size] += waves @ amplitude
    return surfaces


def _decay(distance: Array, share: float, range_km: float) -> Array:
    return np.asarray(share * np.exp(-distance / range_km))
