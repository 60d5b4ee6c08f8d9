"""What must not matter does not matter: row order, names of levels, units, rows outside the sample."""

from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_counties import simulate_counties

from shanhai.methods.regression.fit import fit
from shanhai.methods.spec import CovarianceSpec, Filter, Interaction, RegressionSpec, SampleSpec, Variable

BORDER, TERRAIN = Variable("on_border"), Variable("ruggedness", "standardised")
COUNTIES = simulate_counties(np.random.default_rng(17), n=250, side=3)
COVARIANCES = (
    CovarianceSpec("iid"),
    CovarianceSpec("HC1"),
    CovarianceSpec("HC3"),
    CovarianceSpec("cluster", ("prefecture_code",), "CR1S"),
)


def main(covariance: CovarianceSpec, **changes: object) -> RegressionSpec:
    spec = RegressionSpec(
        Variable("gdp_per_capita", "log"),
        (BORDER, TERRAIN, Interaction(BORDER, TERRAIN)),
        SampleSpec("all", "全部"),
        covariance,
        controls=(Variable("is_district"),),
        fixed_effects=("province_code",),
    )
    return replace(spec, **changes)


def assert_same(spec: RegressionSpec, frame: pd.DataFrame, other_spec: RegressionSpec, other: pd.DataFrame) -> None:
    ours, theirs = fit(spec, frame), fit(other_spec, other)
    np.testing.assert_allclose(ours.params, theirs.params, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(ours.covariance, theirs.covariance, rtol=1e-7, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(order=st.permutations(range(len(COUNTIES))), covariance=st.sampled_from(COVARIANCES))
def test_order_of_rows(order: list[int], covariance: CovarianceSpec) -> None:
    assert_same(main(covariance), COUNTIES, main(covariance), COUNTIES.iloc[order])


@settings(max_examples=25, deadline=None)
@given(data=st.data(), covariance=st.sampled_from(COVARIANCES))
def test_names_of_provinces_and_prefectures(data: st.DataObject, covariance: CovarianceSpec) -> None:
    renamed = COUNTIES.copy()
    for column in ("province_code", "prefecture_code"):
        levels = sorted(COUNTIES[column].unique())
        renamed[column] = COUNTIES[column].map(dict(zip(levels, data.draw(st.permutations(levels)), strict=True)))
    assert_same(main(covariance), COUNTIES, main(covariance), renamed)


@settings(max_examples=25, deadline=None)
@given(
    yuan=st.floats(1e-4, 1e4),
    metres=st.floats(1e-3, 1e3),
    shift=st.floats(-100, 100),
    covariance=st.sampled_from(COVARIANCES),
)
def test_units_of_logged_outcome_and_standardised_terrain(
    yuan: float, metres: float, shift: float, covariance: CovarianceSpec
) -> None:
    scaled = COUNTIES.assign(
        gdp_per_capita=yuan * COUNTIES["gdp_per_capita"], ruggedness=metres * (COUNTIES["ruggedness"] + shift)
    )
    assert_same(main(covariance), COUNTIES, main(covariance), scaled)


@settings(max_examples=25, deadline=None)
@given(factor=st.floats(1e-3, 1e3), covariance=st.sampled_from(COVARIANCES))
def test_scale_of_the_outcome_scales_everything(factor: float, covariance: CovarianceSpec) -> None:
    level = main(covariance, outcome=Variable("gdp_per_capita"))
    ours = fit(level, COUNTIES)
    theirs = fit(level, COUNTIES.assign(gdp_per_capita=factor * COUNTIES["gdp_per_capita"]))
    np.testing.assert_allclose(theirs.params, factor * ours.params, rtol=1e-8)
    np.testing.assert_allclose(theirs.se, factor * ours.se, rtol=1e-8)
    np.testing.assert_allclose(theirs.t, ours.t, rtol=1e-8)


@settings(max_examples=25, deadline=None)
@given(outside=st.sets(st.integers(0, len(COUNTIES) - 1), max_size=60), covariance=st.sampled_from(COVARIANCES))
def test_rows_outside_the_sample(outside: set[int], covariance: CovarianceSpec) -> None:
    marked = COUNTIES.assign(inside=~np.isin(np.arange(len(COUNTIES)), list(outside)))
    filtered = main(covariance, sample=SampleSpec("inside", "内", (Filter("inside", "==", True),)))
    assert_same(filtered, marked, main(covariance), marked[marked["inside"]])


@settings(max_examples=25, deadline=None)
@given(
    missing=st.dictionaries(
        st.integers(0, len(COUNTIES) - 1),
        st.sampled_from(["gdp_per_capita", "ruggedness", "prefecture_code"]),
        max_size=50,
    )
)
def test_missing_values_stay_aligned_with_their_rows(missing: dict[int, str]) -> None:
    holed = COUNTIES.copy()
    for row, column in missing.items():
        holed.loc[row, column] = None
    spec = main(COVARIANCES[3])
    assert_same(spec, holed, spec, COUNTIES.drop(index=list(missing)))
    assert sum(drop.count for drop in fit(spec, holed).dropped_rows) == len(missing)
