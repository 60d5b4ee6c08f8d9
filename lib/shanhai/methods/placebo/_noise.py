"""Spatial noise: its correlation estimated from residuals, surfaces of it simulated, and a test with such outcomes.

The correlation of two places falls as ``share * exp(-distance / range)``; the rest of the variance is each place's own.
Surfaces are sums of random waves (the spectral method, random Fourier features), so memory is linear in places and no
n x n covariance is factorised: the wave numbers of an exponential correlation follow a Cauchy distribution in three
dimensions, in which places are points on the sphere and distances are chords. Given its waves a surface is Gaussian;
over waves its covariance is exact.

The test puts noise in the place of the outcome: how often does a covariance find an effect where there is none? Kelly
(2019) shows that many effects of geography and history are matched by noise with the spatial correlation of the
residuals. Two numbers follow for each covariance: how often its nominal 5 % test rejects when the outcome is noise (its
size), and how often noise gives a t-ratio as large as the data.

References
----------
Kelly, M. (2019), The standard errors of persistence, CEPR Discussion Paper 13783.
Rahimi, A. & Recht, B. (2007), Random features for large-scale kernel machines, NIPS 20.
Cressie, N. (1985), Fitting variogram models by weighted least squares, Mathematical Geology 17(5).
Mantoglou, A. & Wilson, J. L. (1982), The turning bands method, Water Resources Research 18(5).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import curve_fit
from scipy.spatial import cKDTree

from shanhai.core.errors import SpecificationError
from shanhai.core.shared import shared
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_generator, as_numbers, require_longitude_first, require_same_rows
from shanhai.methods.estimate import SIGNIFICANCE, two_sided_p
from shanhai.methods.regression.absorb import within
from shanhai.methods.regression.covariance import Solution, estimate_covariance
from shanhai.methods.regression.design import Design, build_design, numbers
from shanhai.methods.regression.fit import fit, fit_many, regression_basis
from shanhai.methods.regression.pairs import EARTH_RADIUS_KM, kernel_matrix, on_unit_sphere
from shanhai.methods.regression.projection import independent_columns, rounding
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import CovarianceSpec, RegressionSpec

_WAVES = 512
"""Waves of a surface."""

_SHARED = 25
"""Surfaces that are made of the same waves, each with amplitudes of its own."""

_MOST_PLACES = 4000
"""Places whose pairs are compared when the correlation is estimated; of more, so many are chosen at random."""

_CLASSES = 20
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
        Chooses places where there are more than ``_MOST_PLACES``.
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

    Examples
    --------
    >>> import numpy as np
    >>> from shanhai.methods.placebo import SpatialNoise, estimate_noise, simulate_noise
    >>> rng = np.random.default_rng(1)
    >>> east, north = rng.uniform(100, 110, 150), rng.uniform(25, 35, 150)
    >>> surface = simulate_noise(SpatialNoise(1.0, 200.0), east, north, 1, rng)[:, 0]
    >>> 0 < estimate_noise(surface, east, north, rng).range_km
    True
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
    if n > _MOST_PLACES:
        chosen = rng.choice(n, _MOST_PLACES, replace=False)
        points, scaled = points[chosen], scaled[chosen]
    left, right = cKDTree(points).query_pairs(reach, output_type="ndarray").T
    distance = np.linalg.norm(points[left] - points[right], axis=1) * EARTH_RADIUS_KM
    if not len(distance) or not distance.max() > 0:
        raise SpecificationError(
            f"no two places lie apart and within {longest_km:g} km of each other; allowed: places that do. Take a "
            "longer distance, or check the coordinates."
        )
    place = np.minimum((distance / longest_km * _CLASSES).astype(np.int64), _CLASSES - 1)
    count = np.bincount(place, minlength=_CLASSES)
    used = count > 0
    total = [
        np.bincount(place, weights=weights, minlength=_CLASSES)[used]
        for weights in (distance, scaled[left] * scaled[right])
    ]
    centre, mean = (sums / count[used] for sums in total)
    start, low, high = (0.5, longest_km / 6), (0.0, longest_km / _CLASSES / 4), (1.0, longest_km)
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

    Raises
    ------
    SpecificationError
        If a coordinate is missing or out of range, or ``rng`` is no generator.

    Examples
    --------
    >>> import numpy as np
    >>> from shanhai.methods.placebo import SpatialNoise, simulate_noise
    >>> rng = np.random.default_rng(1)
    >>> east, north = rng.uniform(100, 110, 150), rng.uniform(25, 35, 150)
    >>> simulate_noise(SpatialNoise(0.5, 100.0), east, north, 3, rng).shape
    (150, 3)
    """
    rng = as_generator(rng)
    if draws < 1:
        raise SpecificationError(f"{draws} draws; allowed: one or more. 999 are usual.")
    points = on_unit_sphere(longitude, latitude, "uniform", noise.range_km, EARTH_RADIUS_KM)[0] * EARTH_RADIUS_KM
    surfaces = np.sqrt(1 - noise.share) * rng.standard_normal((len(points), draws))
    for start in range(0, draws, _SHARED):
        size = min(_SHARED, draws - start)
        frequency = rng.standard_normal((3, _WAVES)) / np.abs(rng.standard_normal(_WAVES)) / noise.range_km
        angle = points @ frequency
        waves = np.hstack([np.cos(angle), np.sin(angle)])
        amplitude = rng.standard_normal((2 * _WAVES, size)) * np.sqrt(noise.share / _WAVES)
        surfaces[:, start : start + size] += waves @ amplitude
    return surfaces


def _decay(distance: Array, share: float, range_km: float) -> Array:
    return np.asarray(share * np.exp(-distance / range_km))


def residual_noise(
    spec: RegressionSpec,
    frame: pd.DataFrame,
    seed: int = 2021,
    *,
    coordinates: tuple[str, str] = ("longitude", "latitude"),
    longest_km: float = 400.0,
) -> SpatialNoise:
    """Spatial correlation of the residuals of a regression; see :func:`estimate_noise`.

    Parameters
    ----------
    spec, frame
    spec, frame
        The regression; rows without coordinates do not count.
    seed : int
        For the rows that are compared where there are thousands.
    coordinates : tuple of str
        Columns of longitude and latitude, in degrees.
    longest_km : float
        Longest distance compared.

    Raises
    ------
    SpecificationError
        As :func:`estimate_noise` and ``fit``.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods.placebo import residual_noise
    >>> rng = np.random.default_rng(1)
    >>> east, north = rng.uniform(100, 110, 150), rng.uniform(25, 35, 150)
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> frame = pd.DataFrame({"pay": rng.normal(size=150), "union": rng.normal(size=150)})
    >>> frame["longitude"], frame["latitude"] = east, north
    >>> spec = RegressionSpec(Variable("pay"), (Variable("union"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> residual_noise(spec, frame).share < 0.5
    True
    """
    result = fit(spec, frame)
    require_longitude_first(coordinates)
    east, north = (numbers(frame, name)[result.rows] for name in coordinates)
    known = np.isfinite(east) & np.isfinite(north)
    rng = np.random.default_rng(seed)
    return estimate_noise(result.residuals[known], east[known], north[known], rng, longest_km=longest_km)


@shared
def noise_placebo(
    spec: RegressionSpec,
    frame: pd.DataFrame,
    covariances: Iterable[CovarianceSpec],
    noise: SpatialNoise,
    draws: int = 999,
    seed: int = 2021,
    *,
    term: str | None = None,
    coordinates: tuple[str, str] = ("longitude", "latitude"),
) -> pd.DataFrame:
    """Size of the test of one coefficient under spatial noise, for several covariances on the same noise.

    Parameters
    ----------
    spec, frame
        The regression whose outcome is replaced; its own covariance plays no part.
    covariances : iterable of CovarianceSpec
        Any kind; two-way clusters count as not rejected where they give no variance.
    noise : SpatialNoise
        From :func:`residual_noise`, or named.
    draws, seed : int
    term : str, optional
        Coefficient tested; by default the first term of the regression.
    coordinates : tuple of str
        Columns of longitude and latitude.

    Returns
    -------
    DataFrame, one row a covariance
        ``vcov``; ``rejected`` (percent of draws with p below 5 %) and its standard error ``rejected_error``; ``t``
        (of the data); ``larger`` (percent of draws with a t-ratio as large in absolute value); ``p`` ((1 + such draws)
        / (1 + draws)); ``t_spread`` (standard deviation of the t-ratios of noise, 1 where the covariance is right);
        ``draws``; ``share``, ``range_km`` of the noise.

    Raises
    ------
    SpecificationError
        If the coefficient is unknown, a used row has no coordinates, or the regression cannot be estimated.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods.placebo import SpatialNoise, noise_placebo
    >>> rng = np.random.default_rng(1)
    >>> east, north = rng.uniform(100, 110, 150), rng.uniform(25, 35, 150)
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> frame = pd.DataFrame({"pay": rng.normal(size=150), "union": rng.normal(size=150)})
    >>> frame["longitude"], frame["latitude"] = east, north
    >>> spec = RegressionSpec(Variable("pay"), (Variable("union"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> found = noise_placebo(spec, frame, [spec.covariance], SpatialNoise(0.5, 100.0), draws=99, term="union")
    >>> found[["vcov", "draws"]]
      vcov  draws
    0  HC1     99
    """
    term = term or spec.first_term
    require_longitude_first(coordinates)
    east, north = (numbers(frame, name) for name in coordinates)
    known = np.flatnonzero(np.isfinite(east) & np.isfinite(north))
    surfaces = np.full((len(frame), draws), np.nan)
    surfaces[known] = simulate_noise(noise, east[known], north[known], draws, np.random.default_rng(seed))
    rows = []
    for result in fit_many(spec, frame, covariances):
        place = result.tested(term)
        ratios, degrees = _noise_t(result, frame, surfaces, place)
        with np.errstate(invalid="ignore"):
            rejected = two_sided_p(ratios, degrees) < SIGNIFICANCE
        large = int((np.abs(ratios) >= abs(result.t[place])).sum())
        share = float(rejected.mean())
        rows.append(
            {
                "vcov": result.error,
                "rejected": 100 * share,
                "rejected_error": 100 * float(np.sqrt(share * (1 - share) / draws)),
                "t": float(result.t[place]),
                "larger": 100 * large / draws,
                "p": (1 + large) / (1 + draws),
                "t_spread": float(np.nanstd(ratios)),
                "draws": draws,
                "n": result.n,
                "share": noise.share,
                "range_km": noise.range_km,
            }
        )
    return pd.DataFrame(rows)


def _noise_t(result: FitResult, frame: pd.DataFrame, surfaces: Array, place: int) -> tuple[Array, Array]:
    """t-ratios of one coefficient with each surface as outcome, and their degrees of freedom."""
    design = build_design(result.spec, frame)
    outcome = surfaces[design.rows]
    if not np.isfinite(outcome).all():
        lost = int((~np.isfinite(outcome[:, 0])).sum())
        raise SpecificationError(
            f"{lost} rows of the regression have no coordinates; allowed: degrees for each. Take them out of the frame."
        )
    basis, root, demeaned = _within(result, design, outcome)
    projected = basis.T @ demeaned
    estimates = root[place] @ projected
    residuals = demeaned - basis @ projected
    spec = result.spec.covariance
    if spec.kind == "conley":
        variance = _conley_variance(basis @ root[place], residuals, spec, design)
        return estimates / np.sqrt(np.where(variance > 0, variance, np.nan)), np.full(len(variance), result.df)
    ratios, degrees = np.empty(outcome.shape[1]), np.empty(outcome.shape[1])
    effects = design.effects if result.spec.fixed_effects else None
    counted = len(result.names) + (result.absorbed if effects else 0)
    for number, left in enumerate(residuals.T):
        solution = Solution(basis, np.ascontiguousarray(left), root, counted, effects)
        estimated = estimate_covariance(solution, spec, design.clusters)
        ratios[number] = estimates[number] / np.sqrt(estimated.matrix[place, place])
        degrees[number] = result.df if estimated.degrees is None else estimated.degrees[place]
    return ratios, degrees


def _within(result: FitResult, design: Design, outcome: Array) -> tuple[Array, Array, Array]:
    """Basis of the regressors that the fit kept, its root, and outcomes within the effects times root of weights."""
    columns = [design.names.index(name) for name in result.names if name != "intercept"]
    used = replace(design, matrix=design.matrix[:, columns])
    weights = design.effects.weights
    both = within(np.column_stack([used.matrix, outcome]), design.effects) * np.sqrt(weights)[:, None]
    found = independent_columns(both[:, : len(columns)], rounding(used.matrix, weights))
    return *regression_basis(result.spec, used, found), both[:, len(columns) :]


def _conley_variance(influence: Array, residuals: Array, spec: CovarianceSpec, design: Design) -> Array:
    """Variance of the coefficient for all outcomes with one matrix of kernel weights."""
    assert design.coordinates is not None and spec.kernel is not None and spec.cutoff_km is not None
    if spec.time is not None or spec.distance is not None or spec.factor is not None:
        raise SpecificationError(
            f"covariance {spec.label!r} on noise; allowed: conley of one cross-section by great circles, without a "
            "small-sample factor. Use CovarianceSpec.conley(kernel, cutoff_km, coordinates)."
        )
    radius = EARTH_RADIUS_KM if spec.radius_km is None else spec.radius_km
    weights = kernel_matrix(*design.coordinates, kernel=spec.kernel, cutoff_km=spec.cutoff_km, radius_km=radius)
    scores = influence[:, None] * residuals
    return np.einsum("ib,ib->b", scores, weights @ scores)
