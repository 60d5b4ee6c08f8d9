"""Models of other packages taken in: their own standard errors come out again, on data that packages ship.

Data: 545 men over eight years (Vella & Verbeek 1998, shipped by linearmodels), and Grunfeld's firms (statsmodels). Each
number is that of the package itself, computed here, and not a stored one.
"""

import importlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

from shanhai.core.errors import SpecificationError
from shanhai.methods import Regression, adopt, fit
from shanhai.methods.spec import ssc


def module(name: str) -> Any:
    """A package whose import warns of its own dependencies."""
    with outdated():
        return importlib.import_module(name)


@contextmanager
def outdated() -> Iterator[None]:
    """What other packages will have to change for the next pandas is no error of ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("default", DeprecationWarning)
        yield


@pytest.fixture(scope="module")
def wages() -> pd.DataFrame:
    data = module("linearmodels.datasets.wage_panel").load().reset_index(drop=True)
    rng = np.random.default_rng(3)
    return data.assign(
        lon=rng.uniform(-100, -90, len(data)), lat=rng.uniform(30, 40, len(data)), hours_w=data["hours"] + 1.0
    )


def same(result: Regression, params: Any, errors: Any) -> None:
    """Coefficients and standard errors of a package, in its order, the constant first where there is one."""
    np.testing.assert_allclose(result.params, params, rtol=1e-8)
    np.testing.assert_allclose(result.se, errors, rtol=1e-8)


@pytest.mark.parametrize(
    ("vcov", "kind", "how"),
    [
        ("iid", "nonrobust", {}),
        ("HC1", "HC1", {}),
        ("HC3", "HC3", {}),
        ("cluster:nr CR1S", "cluster", {"groups": "nr"}),
    ],
)
def test_statsmodels(wages: pd.DataFrame, vcov: str, kind: str, how: dict[str, str]) -> None:
    groups = {name: wages[column] for name, column in how.items()}
    model = smf.ols("lwage ~ union + C(married) + exper", wages).fit(cov_type=kind, cov_kwds=groups or None)
    same(adopt(model, vcov=vcov), model.params, model.bse)
    arrays = sm.WLS(wages["lwage"], sm.add_constant(wages[["union", "exper"]]), weights=wages["hours"] + 1.0)
    weighted = arrays.fit(cov_type=kind, cov_kwds=groups or None)
    same(adopt(weighted, wages, vcov=vcov), weighted.params, weighted.bse)


def test_a_formula_fitted_on_rows_without_missing_values_finds_them_in_the_frame(wages: pd.DataFrame) -> None:
    gaps = wages.assign(union=wages["union"].where(wages.index % 7 > 0).astype(float))
    model = smf.ols("lwage ~ union", gaps).fit(
        cov_type="cluster", cov_kwds={"groups": gaps["nr"][gaps["union"].notna()]}
    )
    result = adopt(model, vcov="cluster:nr CR1S")
    assert result.n == gaps["union"].notna().sum()
    same(result, model.params, model.bse)


@pytest.mark.parametrize(
    ("vcov", "theirs"), [("iid", "iid"), ("cluster:nr", {"CRV1": "nr"}), ("cluster:nr+year", {"CRV1": "nr+year"})]
)
def test_pyfixest(wages: pd.DataFrame, vcov: str, theirs: Any) -> None:
    exact = {"vcov": theirs, "demeaner": module("pyfixest").MapDemeaner(fixef_tol=1e-13)}
    with outdated():
        model = module("pyfixest").feols("lwage ~ union + expersq + C(occupation) | nr + year", wages, **exact)
        weighted = module("pyfixest").feols("lwage ~ union | nr", wages, weights="hours_w", **exact)
    for fitted, weights in ((model, None), (weighted, "hours_w")):
        same(adopt(fitted, vcov=vcov), fitted._beta_hat, fitted._se)
        ours = fit(fitted._fml, wages, vcov=theirs, weights=weights)
        same(ours, fitted._beta_hat, fitted._se)


@pytest.mark.parametrize("weights", [None, "hours"])
def test_a_large_unbalanced_panel_is_that_of_pyfixest(weights: str | None) -> None:
    rng = np.random.default_rng(4)
    firm, year, n = rng.integers(4000, size=40_000), rng.integers(150, size=40_000), 40_000
    panel = pd.DataFrame({"firm": firm, "year": year, "hours": rng.uniform(1, 9, n), "size": rng.normal(size=n)})
    panel["pay"] = panel["size"] + rng.normal(size=4000)[firm] + rng.normal(size=150)[year] + rng.normal(size=n)
    panel = pd.concat([panel, pd.DataFrame({"firm": [9000], "year": [3], "hours": [2.0], "size": [1.0], "pay": [5.0]})])
    exact = {"weights": weights, "demeaner": module("pyfixest").MapDemeaner(fixef_tol=1e-13)}
    for vcov, theirs in (("HC1", "hetero"), ("cluster:firm", {"CRV1": "firm"})):
        with outdated(), pytest.warns(UserWarning, match="^6 singleton fixed effect"):  # told, not wrong
            model = module("pyfixest").feols("pay ~ size | firm + year", panel, vcov=theirs, **exact)
        same(fit("pay ~ size | firm + year", panel, vcov=vcov, weights=weights), model._beta_hat, model._se)


@pytest.mark.parametrize("kind", ["HC2", "HC3"])
def test_hc2_and_hc3_of_pyfixest_have_a_factor_more(wages: pd.DataFrame, kind: str) -> None:
    with outdated():
        theirs = module("pyfixest").feols("lwage ~ union + expersq", wages, vcov=kind)
    ours = fit("lwage ~ union + expersq", wages, vcov=kind)
    same(ours, theirs._beta_hat, theirs._se * np.sqrt((ours.n - 3) / ours.n))
    same(ours, theirs._beta_hat, smf.ols("lwage ~ union + expersq", wages).fit(cov_type=kind).bse)


def test_linearmodels(wages: pd.DataFrame) -> None:
    panel = module("linearmodels.panel").PanelOLS
    formula = "lwage ~ expersq + union + married + EntityEffects + TimeEffects"
    model = panel.from_formula(formula, wages.set_index(["nr", "year"])).fit(cov_type="unadjusted")
    same(adopt(model, vcov="iid"), model.params, model.std_errors)
    iv = module("linearmodels.iv")
    absorbing = iv.AbsorbingLS(wages["lwage"], wages[["expersq", "union"]], absorb=wages[["nr"]].astype("category"))
    absorbed = absorbing.fit(cov_type="unadjusted", debiased=True)
    same(adopt(absorbed, wages, vcov="iid"), absorbed.params, absorbed.std_errors)
    plain = iv.IV2SLS(wages["lwage"], sm.add_constant(wages[["union"]]), None, None).fit(
        cov_type="unadjusted", debiased=True
    )
    same(adopt(plain, wages, vcov="iid"), plain.params, plain.std_errors)


@pytest.mark.parametrize("effects", ["EntityEffects", "EntityEffects + TimeEffects"])
def test_linearmodels_counts_no_effect_that_clusters_nest_if_it_is_the_only_one(
    wages: pd.DataFrame, effects: str
) -> None:
    panel = module("linearmodels.panel").PanelOLS
    model = panel.from_formula(f"lwage ~ expersq + union + {effects}", wages.set_index(["nr", "year"])).fit(
        cov_type="clustered", cluster_entity=True, group_debias=True
    )
    alone = effects == "EntityEffects"
    formula = "lwage ~ expersq + union | nr" + ("" if alone else " + year")
    ours = fit(formula, wages, vcov="cluster:nr", ssc=ssc(k_fixef="none") if alone else "areg")
    np.testing.assert_allclose(ours.se, model.std_errors, rtol=1e-8)


@pytest.mark.parametrize("weights", [None, "hours_w"])
def test_absorbing_least_squares_of_linearmodels_with_missing_rows(wages: pd.DataFrame, weights: str | None) -> None:
    gaps = wages.assign(union=wages["union"].where(wages.index % 7 > 0).astype(float))
    column = None if weights is None else gaps[weights]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of the rows that it leaves out
        made = module("linearmodels.iv").AbsorbingLS(
            gaps["lwage"], gaps[["expersq", "union"]], absorb=gaps[["nr", "year"]].astype("category"), weights=column
        )
        model = made.fit(cov_type="robust", debiased=True)
    same(adopt(model, gaps[["nr", "year", "hours_w"]], vcov="HC1"), model.params, model.std_errors)


def test_regressors_that_others_determine_are_named_and_without_them_the_model_is_taken(wages: pd.DataFrame) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the rank
        model = smf.ols("lwage ~ union + exper + I(2 * exper)", wages).fit()
    with pytest.raises(SpecificationError, match=r"others determine \(I\(2 \* exper\)\).*Leave these out and fit it"):
        adopt(model, wages)
    plain = smf.ols("lwage ~ union + exper", wages).fit(cov_type="HC1")
    same(adopt(plain, wages, vcov="HC1"), plain.params, plain.bse)


def test_what_the_packages_lack_comes_out_as_from_our_own_fit(wages: pd.DataFrame) -> None:
    some = wages[wages["year"] == 1987]
    result = adopt(smf.ols("lwage ~ union + exper", some).fit(), some, coords=("lon", "lat"), vcov="conley:100km")
    ours = fit("lwage ~ union + exper", some, coords=("lon", "lat"), vcov="conley:100km")
    np.testing.assert_allclose(result.se, ours.se, rtol=1e-10)
    assert result.scpc("union").p == pytest.approx(ours.scpc("union").p)
    assert result.wild("union", by="occupation", seed=1).p == ours.wild("union", by="occupation", seed=1).p
    assert result.sensitivity("union").robustness.value == pytest.approx(ours.sensitivity("union").robustness.value)


def test_what_is_no_least_squares_is_refused_with_the_reason(wages: pd.DataFrame) -> None:
    two = module("linearmodels.iv").IV2SLS
    models = {
        "is no least squares with independent weights": smf.logit("union ~ exper", wages).fit(disp=0),
        "has no constant": smf.ols("lwage ~ exper - 1", wages).fit(),
        "without instruments": two(
            wages["lwage"], sm.add_constant(wages[["union"]]), wages[["exper"]], wages[["married"]]
        ).fit(),
        "is not fitted": smf.ols("lwage ~ exper", wages),
        "by least squares on its arrays": smf.ols("lwage ~ exper", wages).fit_regularized(alpha=1.0),
        "is none of the models taken": {"lwage": 1.0},
    }
    with outdated():
        models["no least squares without instruments"] = module("pyfixest").fepois("union ~ exper", wages)
    for said, model in models.items():
        with pytest.raises(SpecificationError) as refusal:
            adopt(model, wages)
        assert said in str(refusal.value)


def test_rows_that_cannot_be_told_are_refused(wages: pd.DataFrame) -> None:
    model = sm.OLS(wages["lwage"].to_numpy()[:100], sm.add_constant(wages["exper"].to_numpy()[:100])).fit()
    with pytest.raises(SpecificationError, match="the frame has 4360 rows and the model 100"):
        adopt(model, wages.set_index("nr"))


def _fitted(package: str, data: pd.DataFrame) -> Any:
    """The same regression by each package."""
    with outdated():
        if package == "pyfixest":
            return module("pyfixest").feols("lwage ~ union + expersq", data)
        if package == "statsmodels":
            return smf.ols("lwage ~ union + expersq", data).fit()
        data = data.dropna()
        regressors = data[["union", "expersq"]].assign(const=1.0)
        return module("linearmodels.iv").IV2SLS(data["lwage"], regressors, None, None).fit()


@pytest.mark.parametrize("package", ["statsmodels", "pyfixest", "linearmodels"])
@pytest.mark.parametrize("gaps", [False, True])
def test_rows_of_a_frame_in_another_order_are_those_of_the_model(wages: pd.DataFrame, package: str, gaps: bool) -> None:
    mixed = wages.sample(n=800, random_state=1)
    if gaps:
        mixed["union"] = mixed["union"].where(mixed["hours"] > 2000).astype(float)
    model = _fitted(package, mixed)
    expected = fit("lwage ~ union + expersq", mixed, vcov="cluster:nr")
    frames = [mixed] if package == "pyfixest" else [mixed, mixed.sort_index(), mixed[::-1]]
    for frame in frames:
        found = adopt(model, frame, vcov="cluster:nr")
        errors = dict(zip(found.names, found.se, strict=True))
        np.testing.assert_allclose([errors[name] for name in expected.names], expected.se, rtol=1e-8)


def test_frames_that_are_not_those_of_the_model_are_refused(wages: pd.DataFrame) -> None:
    mixed = wages.sample(n=800, random_state=1)
    model = _fitted("statsmodels", mixed)
    with pytest.raises(SpecificationError, match="tell different rows of the model"):
        adopt(model, mixed[["nr"]][::-1], vcov="cluster:nr")
    with pytest.raises(SpecificationError, match="column 'lwage' of the frame has other values than the model"):
        adopt(model, mixed.assign(lwage=0.0), vcov="cluster:nr")
    with pytest.raises(SpecificationError, match="column 'union' of the frame has other values"):
        adopt(_fitted("pyfixest", mixed), mixed.sort_index(), vcov="cluster:nr")
    panel = mixed.set_index(["nr", "year"])
    with outdated():
        theirs = module("linearmodels.panel").PanelOLS(panel["lwage"], panel[["expersq"]], entity_effects=True).fit()
    expected = fit("lwage ~ expersq | nr", mixed, vcov="cluster:occupation")
    for frame in (mixed, panel, panel.sort_index()):
        np.testing.assert_allclose(adopt(theirs, frame, vcov="cluster:occupation").se, expected.se, rtol=1e-8)


@pytest.mark.parametrize("package", ["pyfixest", "linearmodels"])
def test_regressors_are_compared_within_fixed_effects_and_taken_from_the_frame(
    wages: pd.DataFrame, package: str
) -> None:
    with outdated():
        if package == "pyfixest":
            model = module("pyfixest").feols("lwage ~ union + expersq | nr", wages)
        else:
            formula, panel = "lwage ~ union + expersq + EntityEffects", wages.set_index(["nr", "year"])
            model = module("linearmodels.panel").PanelOLS.from_formula(formula, panel).fit()
    for wrong in (wages.assign(expersq=0.0), wages.assign(expersq=wages["expersq"] * 1.001)):
        with pytest.raises(SpecificationError, match="column 'expersq' of the frame has other values than the model"):
            adopt(model, wrong, vcov="cluster:nr")
    ours, adopted = (
        fit("lwage ~ union + expersq | nr", wages, vcov="cluster:nr"),
        adopt(model, wages, vcov="cluster:nr"),
    )
    np.testing.assert_allclose(adopted.predict(wages.head(30)), ours.predict(wages.head(30)), rtol=1e-10)
    drawn = [each.randomize("union", seed=1, draws=9).to_frame() for each in (adopted, ours)]
    pd.testing.assert_frame_equal(drawn[0], drawn[1])


def test_what_pyfixest_keeps_within_fixed_effects_is_no_value_to_predict_from(wages: pd.DataFrame) -> None:
    with outdated():
        model = module("pyfixest").feols("lwage ~ union + expersq | nr", wages)
    adopted = adopt(model, wages[["nr", "lwage"]], vcov="cluster:nr")
    for verb in (lambda: adopted.predict(wages.head()), lambda: adopted.randomize("union", seed=1, draws=9)):
        with pytest.raises(SpecificationError, match=r"union.*within its fixed effects only.*Pass adopt a frame"):
            verb()


def test_errors_that_rows_of_the_model_lack_are_refused_by_their_column() -> None:
    data = pd.DataFrame({"y": np.arange(40.0) ** 1.5, "x": np.tile([1.0, 5, 2, 8], 10), "town": np.arange(40.0) // 4})
    model = smf.ols("y ~ x", data).fit()
    some = data.assign(town=data["town"].mask(data.index < 3))
    with pytest.raises(SpecificationError, match=r"\(town missing: 3\); allowed: columns of errors that all its rows"):
        adopt(model, some, vcov="cluster:town")
    anew = smf.ols("y ~ x", some.dropna()).fit()
    assert adopt(anew, some, vcov="cluster:town").n == 37  # the step that is named
