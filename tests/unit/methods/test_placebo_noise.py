"""Spatial noise: its correlation is what was asked for and is found again; sizes of tests under it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from simulated_counties import simulate_counties

from shanhai.core.errors import SpecificationError
from shanhai.methods.placebo import SpatialNoise, estimate_noise, noise_placebo, residual_noise, simulate_noise
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.pairs import EARTH_RADIUS_KM
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

SPEC = RegressionSpec(
    Variable("gdp_per_capita", "log"),
    (Variable("on_border"),),
    SampleSpec("all", "全部"),
    CovarianceSpec("iid"),
    fixed_effects=("province_code",),
)
BY_PREFECTURE = CovarianceSpec("cluster", ("prefecture_code",), "CR1S")


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Simulated counties with degrees, across the line of 180 degrees."""
    counties = simulate_counties(np.random.default_rng(1), n=500, side=4)
    east = 174 + counties["x_km"] / 111.2
    return counties.assign(longitude=np.where(east > 180, east - 360, east), latitude=counties["y_km"] / 111.2 - 5)


def test_covariance_of_surfaces_is_exponential() -> None:
    """Many surfaces at four places on the equator: covariances are those of the formula, each with its own error."""
    noise = SpatialNoise(0.8, 100.0)
    east = np.degrees(np.array([0.0, 30.0, 100.0, 300.0]) / EARTH_RADIUS_KM)
    draws = 20_000
    surfaces = simulate_noise(noise, east, np.zeros(4), draws, np.random.default_rng(2))
    found = surfaces @ surfaces.T / draws
    distance = np.abs(np.subtract.outer(east, east)) * np.pi / 180 * EARTH_RADIUS_KM
    expected = 0.8 * np.exp(-distance / 100.0) + 0.2 * np.eye(4)
    # four standard errors of a covariance of Gaussians; waves are shared by 25 surfaces and add little
    np.testing.assert_allclose(found, expected, atol=4 * np.sqrt(2 / draws))


def test_share_and_range_are_found_again() -> None:
    rng = np.random.default_rng(3)
    east, north = rng.uniform(172, 188, size=2000), rng.uniform(20, 40, size=2000)
    truth = SpatialNoise(0.6, 80.0)
    found = [estimate_noise(surface, east, north, rng) for surface in simulate_noise(truth, east, north, 8, rng).T]
    assert np.mean([noise.share for noise in found]) == pytest.approx(0.6, abs=0.08)
    assert np.mean([noise.range_km for noise in found]) == pytest.approx(80, abs=15)


def test_noise_without_space_has_no_share() -> None:
    rng = np.random.default_rng(4)
    east, north = rng.uniform(0, 10, size=2000), rng.uniform(0, 10, size=2000)
    assert estimate_noise(rng.normal(size=2000), east, north, rng).share < 0.1


def test_t_ratios_are_those_of_fits_on_the_noise(frame) -> None:
    """p and rejections from one regression for each surface."""
    noise, draws = SpatialNoise(0.5, 100.0), 40
    covariances = [CovarianceSpec("HC3"), BY_PREFECTURE, CovarianceSpec.conley("bartlett", 150.0)]
    table = noise_placebo(SPEC, frame, covariances, noise, draws, seed=5)
    surfaces = simulate_noise(noise, frame["longitude"], frame["latitude"], draws, np.random.default_rng(5))
    for row, covariance in zip(table.itertuples(), covariances, strict=True):
        spec = replace(SPEC, outcome=Variable("noise"), covariance=covariance)
        fits = [fit(spec, frame.assign(noise=surface)) for surface in surfaces.T]
        assert row.rejected == pytest.approx(100 * np.mean([result.p[0] < 0.05 for result in fits]))
        assert row.t_spread == pytest.approx(np.std([result.t[0] for result in fits]), rel=1e-10)
        real = fit(replace(SPEC, covariance=covariance), frame)
        assert row.t == real.t[0]
        assert row.p == pytest.approx((1 + sum(abs(result.t[0]) >= abs(real.t[0]) for result in fits)) / 41)


def test_independent_noise_is_rejected_at_the_nominal_size_and_spatial_noise_more_often(frame) -> None:
    independent, spatial = (
        noise_placebo(SPEC, frame, [CovarianceSpec("iid")], SpatialNoise(share, 100.0), 400, seed=6).iloc[0]
        for share in (0.0, 0.9)
    )
    assert independent["rejected"] == pytest.approx(5, abs=3 * independent["rejected_error"])
    assert independent["t_spread"] == pytest.approx(1, abs=0.1)
    assert spatial["rejected"] > independent["rejected"] + 5


def test_residual_noise_sees_through_fixed_effects(frame) -> None:
    surface = simulate_noise(
        SpatialNoise(0.7, 60.0), frame["longitude"], frame["latitude"], 1, np.random.default_rng(7)
    )
    outcome = frame.assign(gdp_per_capita=np.exp(surface[:, 0]))
    found = residual_noise(SPEC, outcome)
    assert 0.4 < found.share <= 1
    assert 15 < found.range_km < 90


def test_seed_decides_everything(frame) -> None:
    noise = SpatialNoise(0.5, 100.0)
    first, same, other = (noise_placebo(SPEC, frame, [BY_PREFECTURE], noise, 30, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, same)
    assert first["t_spread"][0] != other["t_spread"][0]


def test_bad_input_is_refused(frame) -> None:
    with pytest.raises(SpecificationError, match=r"spatial share 1\.5"):
        SpatialNoise(1.5, 100.0)
    with pytest.raises(SpecificationError, match="range 0"):
        SpatialNoise(0.5, 0.0)
    with pytest.raises(SpecificationError, match="no column 'latitude'"):
        residual_noise(SPEC, frame.drop(columns="latitude"))
    with pytest.raises(SpecificationError, match="hundred places"):
        estimate_noise(np.zeros(9), np.zeros(9), np.zeros(9), np.random.default_rng(1))
    lost = frame.assign(latitude=frame["latitude"].mask(frame.index == 3))
    with pytest.raises(SpecificationError, match="1 rows of the regression have no coordinates"):
        noise_placebo(SPEC, lost, [BY_PREFECTURE], SpatialNoise(0.5, 100.0), 3)
    with pytest.raises(SpecificationError, match="0 draws"):
        noise_placebo(SPEC, frame, [BY_PREFECTURE], SpatialNoise(0.5, 100.0), 0)
