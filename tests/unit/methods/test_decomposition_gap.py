"""A gap taken apart adds up, by hand and on simulated counties; bands draw the valley that was put in."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from simulated_counties import simulate_counties

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.methods.decomposition.gap import FIXED_EFFECTS, REMAINDER, explain_gap
from shanhai.methods.regression.bands import valley
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.results import combine
from shanhai.methods.spec import Bands, CovarianceSpec, Interaction, RegressionSpec, SampleSpec, Variable
from shanhai.studies.border.design import GAP_GROUPS

EVERYTHING = SampleSpec("all", "全部")
BORDER, TERRAIN = Variable("on_border"), Variable("ruggedness", "standardised")
MAIN = RegressionSpec(
    Variable("gdp_per_capita", "log"),
    (BORDER, TERRAIN, Interaction(BORDER, TERRAIN)),
    EVERYTHING,
    CovarianceSpec("cluster", ("prefecture_code",), "CR1S"),
    controls=(Variable("is_district"),),
    fixed_effects=("province_code",),
)


@pytest.fixture(scope="module")
def counties() -> pd.DataFrame:
    return simulate_counties(np.random.default_rng(11), n=1000)


def codes(frame: pd.DataFrame, column: str, value: str) -> list[str]:
    return frame.loc[frame[column] == value, "code"].tolist()


def test_gap_by_hand() -> None:
    # Slope 4, intercept 2 (see test_regression_fit): row 4 has y 8, x 1 and residual 2; all rows have mean 4 and x 1/2.
    frame = pd.DataFrame({"code": list("abcd"), "x": [0, 0, 1, 1], "y": [1.0, 3.0, 4.0, 8.0], "people": [1, 1, 1, 1]})
    spec = RegressionSpec(Variable("y"), (Variable("x"),), EVERYTHING, CovarianceSpec("iid"))
    account = explain_gap(spec, frame, ["d"], list("abcd"), {"x": ("x",)}, weight="people")
    table = account.to_frame().set_index("part")
    assert account.gap == 8 - 4
    assert table["contribution"].to_dict() == pytest.approx({"x": 4 * 0.5, FIXED_EFFECTS: 0.0, REMAINDER: 2.0})
    assert table.loc["x", "se"] == pytest.approx(0.5 * np.sqrt(5.0))
    assert table.loc[REMAINDER, "se"] == pytest.approx(0.5 * np.sqrt(5.0))
    assert account.aggregate_gap is None
    named = frame.rename(columns={"code": "fips"})
    other = explain_gap(spec, named, ["d"], list("abcd"), {"x": ("x",)}, weight="people", unit="fips")
    pd.testing.assert_frame_equal(other.to_frame(), account.to_frame())
    with pytest.raises(SpecificationError, match="no column 'code'"):
        explain_gap(spec, named, ["d"], list("abcd"), {"x": ("x",)}, weight="people")


def test_parts_add_up_to_the_gap_within_a_province(counties: pd.DataFrame) -> None:
    city, province = codes(counties, "prefecture_code", "200400"), codes(counties, "province_code", "200000")
    account = explain_gap(MAIN, counties, city, province, GAP_GROUPS, weight="population")
    table = account.to_frame().set_index("part")
    rows = counties.set_index("code")
    means = [
        np.average(np.log(rows.loc[which, "gdp_per_capita"]), weights=rows.loc[which, "population"])
        for which in (city, province)
    ]
    assert account.gap == pytest.approx(means[0] - means[1], abs=1e-12)
    assert table["contribution"].sum() == pytest.approx(account.gap, abs=1e-12)
    assert table["share_percent"].sum() == pytest.approx(100.0)
    assert table.loc[FIXED_EFFECTS, "contribution"] == pytest.approx(0.0, abs=1e-12)
    assert (account.n_place, account.n_reference) == (len(city), len(province))


def test_fixed_effects_carry_the_gap_between_provinces(counties: pd.DataFrame) -> None:
    here, there = codes(counties, "province_code", "200000"), codes(counties, "province_code", "310000")
    account = explain_gap(MAIN, counties, here, there, GAP_GROUPS, weight="population")
    dummies = pd.get_dummies(counties["province_code"], prefix="p", dtype=float)
    slopes = fit(
        replace(MAIN, fixed_effects=(), controls=(*MAIN.controls, *(Variable(name) for name in dummies.columns[1:]))),
        counties.join(dummies),
    )
    difference = combine(slopes, {"p_200000": 1.0, "p_310000": -1.0})
    table = account.to_frame().set_index("part")
    assert table.loc[FIXED_EFFECTS, "contribution"] == pytest.approx(difference.value, abs=1e-9)
    assert table["contribution"].sum() == pytest.approx(account.gap, abs=1e-12)


def test_aggregate_gap_is_that_of_the_totals(counties: pd.DataFrame) -> None:
    city, province = codes(counties, "prefecture_code", "200400"), codes(counties, "province_code", "200000")
    account = explain_gap(MAIN, counties, city, province, GAP_GROUPS, weight="population")
    rows = counties.set_index("code")
    heads = [
        (rows.loc[which, "gdp_per_capita"] * rows.loc[which, "population"]).sum() / rows.loc[which, "population"].sum()
        for which in (city, province)
    ]
    assert account.aggregate_gap == pytest.approx(np.log(heads[0] / heads[1]), abs=1e-12)


def test_share_of_the_population_covered_is_said(counties: pd.DataFrame) -> None:
    frame = counties.assign(population=1.0)
    city = codes(frame, "prefecture_code", "200400")
    frame.loc[frame["code"] == city[0], "gdp_per_capita"] = np.nan
    account = explain_gap(MAIN, frame, city, codes(frame, "province_code", "200000"), GAP_GROUPS, weight="population")
    assert account.n_place == len(city) - 1
    assert account.covered_place == pytest.approx(100 * (len(city) - 1) / len(city))


def test_a_place_without_figures_is_refused(counties: pd.DataFrame) -> None:
    frame = counties.assign(gdp_per_capita=counties["gdp_per_capita"].where(counties["code"] != "000007"))
    with pytest.raises(MissingDataError, match=r"no unit of the place \(000007\) has the figures"):
        explain_gap(MAIN, frame, ["000007"], frame["code"].tolist(), GAP_GROUPS, weight="population")


def test_groups_that_leave_a_coefficient_out_are_refused(counties: pd.DataFrame) -> None:
    everything = counties["code"].tolist()
    groups = {"border": ("on_border",), "terrain": ("z_ruggedness", "on_border:z_ruggedness")}
    with pytest.raises(SpecificationError, match="miss, double or invent is_district"):
        explain_gap(MAIN, counties, everything[:5], everything, groups, weight="population")


def test_valley_put_in_is_drawn_by_the_bands(counties: pd.DataFrame) -> None:
    rng = np.random.default_rng(12)
    depth = -0.4 * np.exp(-counties["distance_to_border_km"] / 20)
    frame = counties.assign(gdp_per_capita=np.exp(10 + depth + 0.05 * rng.normal(size=len(counties))))
    spec = replace(MAIN, terms=(Bands("distance_to_border_km", (0, 20, 40, 60, 80, 100)),), controls=())
    table = valley(fit(spec, frame), frame)
    assert table["band"].iloc[0] == "distance_to_border_km[0,20)"
    assert table["estimate"].is_monotonic_increasing
    inside = depth.groupby(np.digitize(counties["distance_to_border_km"], [20, 40, 60, 80, 100])).mean()
    np.testing.assert_allclose(table["estimate"], inside - inside.iloc[-1], atol=0.02)
    assert table["n"].sum() == len(counties)
    assert table["is_reference"].tolist() == [False] * 5 + [True]


def test_valley_needs_bands(counties: pd.DataFrame) -> None:
    with pytest.raises(SpecificationError, match="0 sets of bands"):
        valley(fit(MAIN, counties), counties)
