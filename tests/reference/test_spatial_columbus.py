"""Spatial models, tests and effects of the Columbus crime data against R's spatialreg and spdep.

The numbers come from ``spatial/columbus.R``, with and without two groups of districts as fixed effects. Tolerances:
R finds rho by comparing values of the likelihood, which fixes it to about 1e-7 and, through it, the coefficients and
standard errors (``CLOSE``); what does not hang on rho, and the likelihood at its maximum, agrees to 1e-9 (``EXACT``).
Standard errors of effects are simulated on both sides and, as 1 / (1 - rho) has a heavy tail, agree to a fifth.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shanhai.methods.spatial import (
    SpatialData,
    SpatialWeights,
    contiguity_weights,
    fit_durbin,
    fit_error,
    fit_lag,
    impacts,
    lagrange_tests,
    moran_test,
    residual_moran_test,
    spatial_data,
)
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

FOLDER = Path(__file__).parent / "spatial"
CLOSE, EXACT = 1e-6, 1e-9
FITS = {"lag": fit_lag, "error": fit_error, "durbin": fit_durbin}
R_TESTS = {"error": "LMerr", "lag": "LMlag", "robust error": "RLMerr", "robust lag": "RLMlag", "SARMA": "SARMA"}


@pytest.fixture(scope="module")
def columbus() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "columbus.csv", dtype={"code": str})


@pytest.fixture(scope="module")
def weights(columbus: pd.DataFrame) -> SpatialWeights:
    return contiguity_weights(pd.read_csv(FOLDER / "columbus_edges.csv", dtype=str), columbus["code"].to_list())


@pytest.fixture(scope="module")
def published() -> pd.Series:
    return pd.read_csv(FOLDER / "columbus_results.csv").set_index("quantity")["value"]


@pytest.fixture(scope="module", params=["plain", "zones"])
def case(request: pytest.FixtureRequest, columbus: pd.DataFrame, weights: SpatialWeights) -> tuple[str, SpatialData]:
    spec = RegressionSpec(
        outcome=Variable("CRIME"),
        terms=(Variable("INC"), Variable("HOVAL")),
        sample=SampleSpec("Columbus", "哥伦布"),
        covariance=CovarianceSpec("iid"),
        fixed_effects=("zone",) if request.param == "zones" else (),
    )
    return request.param, spatial_data(spec, columbus, weights)


def numbered(published: pd.Series, start: str) -> np.ndarray:
    """Values of a path that R numbered 1, 2, ..."""
    return published[published.index.str.fullmatch(start + r"\d+")].to_numpy()


@pytest.mark.parametrize("model", FITS)
def test_maximum_likelihood(case: tuple[str, SpatialData], published: pd.Series, model: str) -> None:
    name, data = case
    fit, path = FITS[model](data), f"{name}.fits.{model}."
    assert fit.spatial == pytest.approx(published[path + "spatial"], rel=CLOSE)
    assert fit.params == pytest.approx(numbered(published, path + "b"), rel=CLOSE)
    assert fit.se[:-1] == pytest.approx(numbered(published, path + "se"), rel=CLOSE)
    assert fit.se[-1] == pytest.approx(published[path + "spatial_se"], rel=CLOSE)
    assert fit.variance == pytest.approx(published[path + "sigma2"], rel=CLOSE)
    assert fit.log_likelihood == pytest.approx(published[path + "log_likelihood"], rel=EXACT)
    assert fit.likelihood_ratio == pytest.approx(published[path + "lr"], rel=EXACT)


def test_rho_that_other_programs_publish(case: tuple[str, SpatialData], published: pd.Series) -> None:
    name, data = case
    if name == "plain":
        assert published["default_rho"] == pytest.approx(0.4233254289, abs=1e-10)
        assert fit_lag(data).spatial == pytest.approx(0.4233254289, abs=2e-8)


def test_lagrange_multipliers(case: tuple[str, SpatialData], published: pd.Series) -> None:
    name, data = case
    for test in lagrange_tests(data):
        path = f"{name}.tests.{R_TESTS[test.name]}."
        assert test.statistic == pytest.approx(published[path + "statistic"], rel=EXACT)
        assert test.df == published[path + "df"]
        assert test.p == pytest.approx(published[path + "p"], rel=EXACT)


def test_moran_of_residuals(case: tuple[str, SpatialData], published: pd.Series) -> None:
    name, data = case
    test = residual_moran_test(data, np.random.default_rng(1), draws=999)
    ours = (test.statistic, test.expected, test.variance, test.z, test.p)
    theirs = [published[f"{name}.moran.{key}"] for key in ("i", "expected", "variance", "z", "p")]
    assert ours == pytest.approx(theirs, rel=EXACT)
    assert test.p_permutation < 0.02


def test_moran_of_a_variable(columbus: pd.DataFrame, weights: SpatialWeights, published: pd.Series) -> None:
    test = moran_test(columbus["CRIME"], weights, np.random.default_rng(1), draws=999)
    theirs = [published[f"crime.{key}"] for key in ("i", "expected", "variance")]
    assert (test.statistic, test.expected, test.variance) == pytest.approx(theirs, rel=EXACT)


@pytest.mark.parametrize("model", ["lag", "durbin"])
def test_effects(case: tuple[str, SpatialData], published: pd.Series, model: str) -> None:
    name, data = case
    if name == "zones" and model == "durbin":  # R takes the first regressor of a Durbin model for an intercept
        pytest.skip("R has no right numbers here; the definition by dense matrices is tested among the unit tests")
    frame = impacts(FITS[model](data), np.random.default_rng(1), draws=10_000).to_frame()
    regressors = len(numbered(published, f"{name}.impacts.{model}.direct"))
    skipped = regressors - 2  # R counts the dummies among the regressors
    simulated = numbered(published, f"{name}.impacts.{model}.simulated_se").reshape(3, regressors)[:, skipped:]
    for place, kind in enumerate(("direct", "indirect", "total")):
        rows = frame[frame["impact"] == kind]
        theirs = numbered(published, f"{name}.impacts.{model}.{kind}")[skipped:]
        assert rows["estimate"].to_numpy() == pytest.approx(theirs, rel=CLOSE)
        assert rows["se"].to_numpy() == pytest.approx(simulated[place], rel=0.2)
