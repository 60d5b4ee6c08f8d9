"""Robustness values and bounds: published numbers, algebra against an actual confounder, refusals."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from statsmodels.api import OLS

from shanhai.core.errors import SpecificationError
from shanhai.methods import fit
from shanhai.methods.adjustment import (
    Robustness,
    adjusted_for,
    benchmark_bounds,
    partial_r2,
    robustness,
    robustness_value,
    sensitivity_contour,
    stability,
)
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

SPEC = RegressionSpec(
    outcome=Variable("outcome"),
    terms=(Variable("treated"),),
    controls=(Variable("height"), Variable("slope"), Variable("size")),
    fixed_effects=("group",),
    sample=SampleSpec("simulated", "模拟"),
    covariance=CovarianceSpec("cluster", ("cluster",), "CR1S"),
)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    group = rng.integers(6, size=800)
    height, slope, size, hidden = rng.normal(size=(4, 800))
    treated = (0.5 * height + 0.3 * slope + 0.6 * hidden + rng.normal(size=800) > 0).astype(float)
    outcome = group - 0.4 * height + 0.3 * treated + 0.5 * hidden + 0.1 * size + rng.normal(size=800)
    columns = {"height": height, "slope": slope, "size": size, "hidden": hidden, "treated": treated}
    cluster = group * 10 + rng.integers(10, size=800)
    return pd.DataFrame({"outcome": outcome, **columns, "group": group.astype(str), "cluster": cluster.astype(str)})


def test_published_numbers_of_the_darfur_example() -> None:
    """Cinelli & Hazlett (2020), section 5: estimate 0.097, se 0.023, 783 degrees of freedom."""
    t = 4.18445
    assert partial_r2(t, 783) == pytest.approx(0.022, abs=5e-4)
    assert robustness_value(t, 783) == pytest.approx(0.139, abs=5e-4)
    assert robustness_value(t, 783, alpha=0.05) == pytest.approx(0.076, abs=5e-4)


def test_a_confounder_of_that_strength_gives_zero() -> None:
    given = Robustness("x", 0.0973, 0.02325, 0.02325, 783.0, 0, 0, 0, 0)
    value = robustness_value(0.0973 / 0.02325, 783)
    assert adjusted_for(given, value, value)[0] == pytest.approx(0.0, abs=1e-12)
    half = robustness_value(0.0973 / 0.02325, 783, q=0.5)
    assert adjusted_for(given, half, half)[0] == pytest.approx(0.0973 / 2)
    share = partial_r2(0.0973 / 0.02325, 783)  # all the rest of the outcome, this share of the treatment
    assert adjusted_for(given, share, 1.0)[0] == pytest.approx(0.0, abs=1e-12)


def test_adjustment_is_that_of_the_regression_with_the_confounder(frame: pd.DataFrame) -> None:
    """Exact algebra: strength measured in the data gives the coefficient and se of the longer regression."""
    short, long = fit(SPEC, frame), fit(replace(SPEC, controls=(*SPEC.controls, Variable("hidden"))), frame)
    classical = fit(replace(long.spec, covariance=CovarianceSpec("iid")), frame)
    of_outcome = partial_r2(classical.t[classical.position("hidden")], classical.df)
    spec = replace(SPEC, outcome=Variable("treated"), terms=(Variable("hidden"),))
    auxiliary = fit(replace(spec, covariance=CovarianceSpec("iid")), frame)
    of_treatment = partial_r2(auxiliary.t[0], auxiliary.df)
    estimate, se = adjusted_for(robustness(short, frame, "treated"), of_treatment, of_outcome)
    assert estimate == pytest.approx(long.params[0], abs=1e-10)
    assert se == pytest.approx(classical.se[0], abs=1e-10)


def test_robustness_uses_classical_errors_and_names_the_clustered(frame: pd.DataFrame) -> None:
    result = fit(SPEC, frame)
    found = robustness(result, frame, "treated")
    dummies = pd.get_dummies(frame["group"], dtype=float)
    theirs = OLS(frame["outcome"], frame[["treated", "height", "slope", "size"]].join(dummies)).fit()
    assert (found.estimate, found.se, found.df) == pytest.approx(
        (theirs.params["treated"], theirs.bse["treated"], theirs.df_resid)
    )
    assert found.se_clustered == result.se[0] != found.se
    assert 0 < found.value_significant < found.value < 1


def test_bound_of_one_covariate_follows_from_its_t_values(frame: pd.DataFrame) -> None:
    result = fit(SPEC, frame)
    table = benchmark_bounds(result, frame, {"height": ("height",), "both": ("height", "slope")}, (1.0, 2.0), "treated")
    own = fit(replace(SPEC, covariance=CovarianceSpec("iid")), frame)
    other = replace(SPEC, outcome=Variable("treated"), terms=(Variable("height"),), controls=SPEC.controls[1:])
    auxiliary = fit(replace(other, covariance=CovarianceSpec("iid")), frame)
    r2_d, r2_y = partial_r2(auxiliary.t[0], auxiliary.df), partial_r2(own.t[1], own.df)
    row = table.iloc[0]
    assert row["r2_treatment"] == pytest.approx(r2_d / (1 - r2_d))
    link = r2_d**2 / (1 - r2_d) ** 2
    assert row["r2_outcome"] == pytest.approx((1 + np.sqrt(link)) ** 2 / (1 - link) * r2_y / (1 - r2_y))
    assert table["estimate"].is_monotonic_increasing is False
    assert table["r2_treatment"][2] > table["r2_treatment"][0]  # two covariates are at least as strong as one


def test_contour_holds_the_estimate_where_there_is_no_confounder(frame: pd.DataFrame) -> None:
    given = robustness(fit(SPEC, frame), frame, "treated")
    grid = sensitivity_contour(given, np.linspace(0, 0.3, 4), np.linspace(0, 0.5, 6))
    assert len(grid) == 24
    at_zero = grid[(grid["r2_treatment"] == 0) | (grid["r2_outcome"] == 0)]
    assert at_zero["estimate"].to_numpy() == pytest.approx(given.estimate)
    assert grid["estimate"].min() == grid["estimate"].iloc[-1]


def test_strength_that_cannot_be_is_missing(frame: pd.DataFrame) -> None:
    table = benchmark_bounds(fit(SPEC, frame), frame, {"height": ("height",)}, (1.0, 500.0), "treated")
    assert table["estimate"].isna().tolist() == [False, True]


def test_wrong_questions_are_refused(frame: pd.DataFrame) -> None:
    result = fit(SPEC, frame)
    with pytest.raises(SpecificationError, match="holds the treatment"):
        benchmark_bounds(result, frame, {"x": ("treated",)}, term="treated")
    with pytest.raises(SpecificationError, match="no coefficient 'rain'"):
        benchmark_bounds(result, frame, {"x": ("rain",)}, term="treated")
    with pytest.raises(SpecificationError, match="alpha above 0"):
        robustness_value(2.0, 100, alpha=0.0)
    weighted = fit(replace(SPEC, weights="weight"), frame.assign(weight=1.0 + frame.index % 2))
    with pytest.raises(SpecificationError, match="is weighted"):
        robustness(weighted, frame.assign(weight=1.0), "treated")
    with pytest.raises(SpecificationError, match="at least one control"):
        stability(fit(replace(SPEC, controls=()), frame), frame, "treated")
