"""Within transformation against statsmodels with one dummy for each level: coefficients, covariances, p-values."""

import itertools

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy import stats
from simulated_counties import simulate_counties

from shanhai.methods import fit as fit_formula
from shanhai.methods.regression.fit import fit
from shanhai.methods.spec import CovarianceSpec, Interaction, RegressionSpec, SampleSpec, Variable

BORDER, TERRAIN = Variable("on_border"), Variable("ruggedness", "standardised")
NAMES = ["on_border", "z_ruggedness", "on_border:z_ruggedness", "is_district"]

COVARIANCES = (
    CovarianceSpec("iid"),
    CovarianceSpec("HC1"),
    CovarianceSpec("HC2"),
    CovarianceSpec("HC3"),
    CovarianceSpec("cluster", ("prefecture_code",), "CR0"),
    CovarianceSpec("cluster", ("prefecture_code",), "CR1S"),
    CovarianceSpec("cluster", ("province_code",), "CR1S"),
    CovarianceSpec("cluster", ("prefecture_code", "landform"), "CR0"),
)
FIXED_EFFECTS = ((), ("province_code",), ("province_code", "landform"), ("province_code", "landform", "decade"))


@pytest.fixture(scope="module")
def counties() -> pd.DataFrame:
    rng = np.random.default_rng(20240229)
    frame = simulate_counties(rng, n=300, side=3)
    frame["landform"] = rng.integers(0, 20, size=len(frame))
    frame["decade"] = rng.integers(0, 5, size=len(frame))
    return frame


def with_dummies(spec: RegressionSpec, frame: pd.DataFrame):
    """The same regression by statsmodels, every fixed effect a dummy."""
    z = (frame["ruggedness"] - frame["ruggedness"].mean()) / frame["ruggedness"].std()
    border = frame["on_border"].astype(float)
    parts = [border, z, border * z, frame["is_district"].astype(float)]
    design = pd.concat([pd.Series(1.0, frame.index), *parts], axis=1)
    for column in spec.fixed_effects:
        dummies = pd.get_dummies(frame[column], drop_first=True, dtype=float)
        design = pd.concat([design, dummies], axis=1)
    weights = frame["population"] if spec.weights else pd.Series(1.0, frame.index)
    kind, options = spec.covariance.kind, {}
    if kind == "cluster":
        groups = np.column_stack([pd.factorize(frame[column])[0] for column in spec.covariance.by]).squeeze()
        options = {"groups": groups, "use_correction": spec.covariance.factor == "CR1S"}
    model = sm.WLS(np.log(frame["gdp_per_capita"]).to_numpy(), design.to_numpy(), weights=weights.to_numpy())
    return model.fit(cov_type="nonrobust" if kind == "iid" else kind, cov_kwds=options, use_t=True)


@pytest.mark.parametrize(
    ("covariance", "effects", "weights"),
    list(itertools.product(COVARIANCES, FIXED_EFFECTS, (None, "population"))),
    ids=lambda value: getattr(value, "label", str(value)),
)
def test_within_transformation_equals_dummies(
    covariance: CovarianceSpec, effects: tuple[str, ...], weights: str | None, counties: pd.DataFrame
) -> None:
    spec = RegressionSpec(
        outcome=Variable("gdp_per_capita", "log"),
        terms=(BORDER, TERRAIN, Interaction(BORDER, TERRAIN)),
        controls=(Variable("is_district"),),
        sample=SampleSpec("simulated", "模拟"),
        covariance=covariance,
        fixed_effects=effects,
        weights=weights,
    )
    ours, theirs = fit(spec, counties), with_dummies(spec, counties)
    order = [ours.position(name) for name in NAMES]
    # not .bse and .pvalues: two-way variances of dummies that statsmodels alone estimates may be negative
    errors = np.sqrt(np.diag(theirs.cov_params())[1:5])
    degrees = getattr(theirs, "df_resid_inference", theirs.df_resid)  # the former is G - 1, of clusters only
    p_values = 2 * stats.t.sf(np.abs(theirs.params[1:5] / errors), degrees)
    np.testing.assert_allclose(ours.params[order], theirs.params[1:5], rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(ours.se[order], errors, rtol=1e-9)
    np.testing.assert_allclose(ours.p[order], p_values, rtol=1e-6, atol=1e-14)
    np.testing.assert_allclose(ours.residuals, theirs.resid, atol=1e-9)
    assert ours.r2 == pytest.approx(theirs.rsquared, abs=1e-10)


@pytest.mark.parametrize("weights", [None, "population"])
@pytest.mark.parametrize(
    ("formula", "is_centred"), [("0 + C(decade)", True), ("0 + ruggedness", False), ("0 + C(decade):ruggedness", False)]
)
def test_r2_without_an_intercept_is_about_the_mean_where_dummies_sum_to_one(
    counties: pd.DataFrame, formula: str, is_centred: bool, weights: str | None
) -> None:
    """The convention of statsmodels; R's lm takes zero throughout, pyfixest the mean."""
    ours = fit_formula(f"population ~ {formula}", counties, vcov="iid", weights=weights and "gdp_per_capita")
    model = smf.wls(f"population ~ {formula}", counties, weights=counties["gdp_per_capita"] if weights else 1.0)
    theirs = model.fit()
    assert bool(model.k_constant) == is_centred
    assert (ours.r2, ours.r2_within) == (pytest.approx(theirs.rsquared, rel=1e-9),) * 2


def test_a_repaired_two_way_covariance_is_that_of_statsmodels_less_its_negative_eigenvalues() -> None:
    """Cameron, Gelbach & Miller (2011), as reghdfe's fix_psd has it; the covariance is that of statsmodels."""
    negative = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame({"x": rng.normal(size=24), "w": 50 * rng.normal(size=24), "y": rng.normal(size=24)})
        frame = frame.assign(a=rng.integers(0, 5, 24), b=rng.integers(0, 6, 24))
        groups = frame[["a", "b"]].to_numpy()
        model = sm.OLS(frame["y"], sm.add_constant(frame[["x", "w"]]))
        theirs = model.fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}).cov_params()
        values, vectors = np.linalg.eigh(theirs.to_numpy())
        mended = vectors @ np.diag(np.where(values < 0, 0.0, values)) @ vectors.T
        spec = RegressionSpec(
            Variable("y"),
            (Variable("x"), Variable("w")),
            SampleSpec("drawn"),
            CovarianceSpec("cluster", ("a", "b"), "CR0", repair=True),
        )
        np.testing.assert_allclose(fit(spec, frame).covariance, mended, rtol=1e-8, atol=1e-12)
        negative += bool((np.diag(theirs) < 0).any())
    assert negative > 2


def test_two_way_factor_is_that_of_the_fewer_clusters(counties: pd.DataFrame) -> None:
    spec = RegressionSpec(
        outcome=Variable("gdp_per_capita", "log"),
        terms=(BORDER,),
        sample=SampleSpec("simulated", "模拟"),
        covariance=CovarianceSpec("cluster", ("prefecture_code", "landform"), "CR1S"),
        fixed_effects=("province_code",),
    )
    plain = RegressionSpec(
        spec.outcome,
        spec.terms,
        spec.sample,
        CovarianceSpec("cluster", spec.covariance.by, "CR0"),
        (),
        ("province_code",),
    )
    n, groups, k = 300, 20, 1 + 9  # landforms are fewer than prefectures; one term and nine provinces
    expected = groups / (groups - 1) * (n - 1) / (n - k)
    ratio = fit(spec, counties).covariance / fit(plain, counties).covariance
    np.testing.assert_allclose(ratio, expected, rtol=1e-12)
