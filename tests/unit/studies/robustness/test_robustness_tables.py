"""Tables and sentences of notebook 13 print the numbers that they are given, under the right heads."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import ReportError
from shanhai.methods import CovarianceSpec, FitResult, JointTest, RegressionSpec, SampleSpec, Variable, fit
from shanhai.methods.adjustment import Dose, Overlap, Robustness
from shanhai.methods.curve import CurveSummary, JointNullTest
from shanhai.methods.placebo.borders import BorderPlacebo
from shanhai.render._shown import missing_cells
from shanhai.render.tables import TableSpec
from shanhai.studies.border.design import main_spec
from shanhai.studies.robustness.tables_border import (
    bandwidth_table,
    jump_table,
    name_valleys,
    noise_table,
    pairs_table,
    placebo_panels,
    placebo_table,
    single_pairs_table,
    spline_table,
)
from shanhai.studies.robustness.tables_estimate import (
    bounds_table,
    dose_table,
    families_table,
    joint_table,
    moves_table,
    stability_table,
)
from shanhai.studies.robustness.words import curve_text, overlap_text, unseen_text

ESTIMATE = {"estimate": -0.1234, "se": 0.05, "low": -0.2214, "high": -0.0254, "p": 0.0136}
JUMPS = pd.DataFrame(
    [
        {
            **ESTIMATE,
            "outcome": "lights_per_km2_2013",
            "location": "distance",
            "method": "robust",
            "bandwidth_km": 34.6,
            "donut_km": 0.0,
            "equivalence_bound": 0.205,
            "n_left": 400,
            "n_right": 373,
            "near_left": 20,
            "near_right": 11,
            "df": 60.0,
            "clusters": 61,
            "vcov": "cluster(pair) CR1",
            "note": "",
        }
    ]
)
PAIRS = pd.DataFrame(
    [
        {**ESTIMATE, "outcome": "gdp_per_capita_2021", "boundary": "province", "pairs": 942, "vcov": "two-way"}
        | {"units": 29, "unit_pairs": 66, "df": 28.0}
    ]
)
MAIN = main_spec()
PLACEBOS = pd.DataFrame(
    {
        "maps": ["re-partitions"] * 2,
        "effects": ["real", "drawn"],
        "chance_held": [True, False],
        "estimate": [-0.0179, -0.1138],
        "drawn_mean": [-0.0006, -0.0824],
        "low": [-0.0621, -0.1398],
        "high": [0.0522, -0.0338],
        "p": [0.6269, 0.1762],
        "p_error": [0.0473, 0.0476],
        "draws": [192, 192],
        "n": [2550, 2550],
        "pairs_kept": [22.2, 22.2],
    }
)


def fitted() -> FitResult:
    """A small regression of the main specification's form."""
    rng = np.random.default_rng(1)
    names = ("y", "on_border", "x")
    spec = RegressionSpec(
        Variable("y"), (Variable("on_border"),), SampleSpec("all", "全部"), CovarianceSpec("HC1"), (Variable("x"),)
    )
    return fit(spec, pd.DataFrame(dict(zip(names, rng.normal(size=(3, 30)), strict=True))))


def cells(table: TableSpec) -> dict[str, list[str]]:
    """Printed columns by their heads."""
    return dict(zip(table.heads(), map(list, zip(*table.cells(), strict=True)), strict=True))


def test_jump_is_printed_with_interval_bound_and_counts() -> None:
    shown = cells(jump_table(JUMPS))
    assert shown["estimate"] == ["-0.123"]
    assert shown["95% interval"] == ["[-0.221, -0.025]"]
    assert shown["jump excluded beyond"] == ["0.205"]
    assert (shown["counties"], shown["within 20 km"]) == (["773"], ["31"])
    assert cells(jump_table(JUMPS, "zh"))["县数"] == ["773"]


def test_variants_without_estimate_are_explained_below_the_table() -> None:
    lost = pd.DataFrame([{"location": "coordinates", "bandwidth_km": 17.0, "donut_km": 10.0, "note": "too few places"}])
    table = bandwidth_table(pd.concat([JUMPS, lost], ignore_index=True))
    assert cells(table)["estimate"] == ["-0.123", "–"]
    assert table.notes[-1].startswith("–: too few counties")
    assert bandwidth_table(JUMPS).notes == table.notes[:1]


def test_placebos_name_whose_fixed_effects_and_whether_chance_is_held() -> None:
    shown = cells(placebo_table(PLACEBOS, MAIN))
    assert shown["fixed effects of"] == ["real provinces", "drawn provinces"]
    assert shown["chance held fixed"] == ["yes", "no"]
    assert shown["p (by t)"] == ["0.627", "0.176"]
    assert cells(placebo_table(PLACEBOS, MAIN, "zh"))["边界"] == ["行政区随机重划"] * 2


def test_panels_and_curves_carry_the_names_of_their_nulls_and_controls() -> None:
    test = BorderPlacebo.__new__(BorderPlacebo)
    panels = placebo_panels({("re-partitions", "real", True): test, ("re-partitions", "drawn", False): test})
    assert list(panels) == [("re-partitions, chance held fixed", "行政区随机重划，控制位于边界的概率")]
    assert [*name_valleys({"none": PAIRS, "size": PAIRS}, "zh")] == ["不加控制变量", "9千米网格崎岖度、市辖区、面积"]


def test_single_pairs_of_provinces_say_how_many_jump_and_how_wide_their_intervals_are() -> None:
    single = {"outcome": "gdp_per_capita_2021", "pairs": 46, "too_small": 21, "above": 20, "median": -0.0991}
    single |= {"median_half": 1.2314, "rejected": 5, "rejected_holm": 0, "p_joint": 0.0388}
    single |= {"statistic": 1.4, "bandwidth_km": 69.4}
    shown = cells(single_pairs_table(pd.DataFrame([single])))
    assert shown["median jump"] == ["-0.099"]
    assert shown["median ± of the 95% interval"] == ["1.231"]
    assert (shown["p < 0.05"], shown["after Holm"], shown["p (none jumps)"]) == (["5"], ["0"], ["0.039"])
    assert cells(single_pairs_table(pd.DataFrame([single]), "zh"))["省对数"] == ["46"]


def test_noise_pairs_and_valleys() -> None:
    noise = pd.DataFrame(
        [
            {
                "vcov": "HC3",
                "rejected": 15.08,
                "rejected_error": 2.5,
                "t": -5.5,
                "t_spread": 1.26,
                "p": 0.005,
                "draws": 199,
                "n": 2540,
                "share": 0.464,
                "range_km": 75.5,
            }
        ]
    )
    assert cells(noise_table(noise, MAIN))["noise rejected at 5% (%)"] == ["15.1"]
    assert "46% of the variance" in noise_table(noise, MAIN).notes[0] and "76 km" in noise_table(noise, MAIN).notes[0]
    assert cells(pairs_table(PAIRS))["pairs of counties"] == ["942"]
    valley = {"outcome": "gdp_per_capita_2021", "controls": "none", "p_flat": 0.0, "bottom_km": 18.0, "depth": -0.18}
    valley |= {"low": -0.25, "high": -0.11, "half_km": 35.0, "share_20km": 0.137, "p_same_sides": 0.06}
    valley |= {"f_flat": 9.0, "f_same_sides": 2.1, "df": 340.0, "df_same_sides": 66.0, "clusters": 341, "n": 2000}
    unknown = {"share_low": -np.inf, "share_high": np.inf}
    known = {"share_low": -1.7, "share_high": 0.5}
    assert cells(spline_table(pd.DataFrame([valley | known, valley | unknown])))["risen by 20 km"] == ["14%", "–"]
    stored = spline_table(pd.DataFrame([valley | known, valley | unknown])).estimates
    assert [row.low for row in stored if row.term == "risen by 20 km"] == [-1.7], "what is not identified is not stored"
    flat = next(row for row in stored if row.term == "no valley")
    assert (flat.KIND, flat.statistic, flat.value, flat.df_denominator) == ("tests", "F", 9.0, 340.0)


def test_sensitivity_in_words_and_tables() -> None:
    strength = Robustness("on_border", -0.1138, 0.0206, 0.0293, 2535.0, 0.0119, 0.104, 0.0684, 0.0374)
    assert "explains 10.4% of the residual variance" in unseen_text(strength)
    assert "6.8% makes" in unseen_text(strength) and "3.7% by errors clustered" in unseen_text(strength)
    bounds = pd.DataFrame(
        [{**ESTIMATE, "benchmark": "district", "multiple": 2.0, "r2_treatment": 0.105, "r2_outcome": 0.257}]
    )
    shown = cells(bounds_table(bounds, fitted()))
    assert shown["partial R² with the border (%)"] == ["10.5"] and shown["times"] == ["2"]
    oster = pd.DataFrame([{"multiple": 1.3, "r_max": 0.1968, "delta": 2.658, "beta": -0.0763, "low": 0.0, "high": 0.0}])
    assert cells(stability_table(oster, fitted()))["delta for an estimate of zero"] == ["2.66"]
    numbers = stability_table(oster, fitted()).estimates
    assert [(row.KIND, row.value) for row in numbers] == [("quantities", 2.658), ("quantities", -0.0763)]
    overlap = Overlap(864, 1686, 98.9, 97.1, 12.3, 0.8, 0.63)
    assert overlap_text(overlap).startswith("98.9% of the 864 border counties and 97.1% of the 1,686")


def test_curve_in_words_and_refused_without_main() -> None:
    numbers = (-0.12, -0.2, -0.08, -1.4, 0.1, 0.967, 0.774, 0.0)
    whole = CurveSummary(33984, 0, *numbers, -0.1138, 0.55, 0.967, 0.786, 0.6)
    rows = [
        ("outcome", "light", "light per head", "人均灯光", False, 7488, -0.25, 0.999, 0.836),
        ("outcome", "gdp", "GDP per head", "人均GDP", True, 26496, -0.073, 0.942, 0.533),
        ("area", "no", "area not held fixed", "不控制面积", True, 33984, -0.1, 0.96, 0.7),
    ]
    names = [
        "choice",
        "option",
        "label",
        "translation",
        "main",
        "count",
        "median",
        "share_negative",
        "share_significant",
    ]
    options = pd.DataFrame(rows, columns=names)
    said = curve_text(whole, options)
    assert said.startswith("The 33,984 specifications have outcomes in different units")
    assert (
        "Of the 26,496 for GDP per head, whose pre-specified estimate is -0.114, 94.2% are negative and 53.3% differ "
        "from zero at p < 0.05; their median is -0.073. Of the 7,488 for light per head, 99.9% are negative" in said
    )
    assert "以人均灯光为被解释变量的7,488个设定中，99.9%为负" in curve_text(whole, options, "zh")
    with pytest.raises(ReportError, match="no main specification"):
        curve_text(CurveSummary(100, 0, *numbers, None, None, None, None, None), options)


def test_tables_of_the_curve() -> None:
    moves = pd.DataFrame(
        {
            "choice": ["outcome"],
            "label": ["outcome"],
            "translation": ["结果变量"],
            "share_of_estimates": [0.325],
            "share_of_t": [0.139],
            "spread": [0.17],
        }
    )
    assert cells(moves_table(moves))["variance of estimates (%)"] == ["32.5"]
    rows = {"observed": -0.125, "null_median": -0.001, "null_low": -0.042, "null_high": 0.046, "p": 0.002}
    joint = JointNullTest(pd.DataFrame([{"statistic": "median", **rows}]), 499, 341, 33984, "")
    assert cells(joint_table(joint))["p"] == ["0.002"]
    assert "341 prefectures" in joint_table(joint).notes[0]
    assert [(row.KIND, row.n, row.unit) for row in joint_table(joint).estimates] == [("tests", 341, "prefectures")]


def test_families_are_parted_by_rules() -> None:
    test = {
        "sample": "China",
        "sample_translation": "全国",
        "term": "on_border",
        "estimate": -0.1,
        "se": 0.04,
        "p": 0.01,
    }
    test |= {"model": "border x terrain", "vcov": "HC3", "n": 2550, "clusters": 341, "spec_id": "a"}
    test |= {"outcome": "log_gdp_per_capita_2021", "p_holm": 0.02, "p_bh": 0.015, "p_romano_wolf": 0.018}
    first, second = pd.DataFrame([test | {"family": "a"}] * 2), pd.DataFrame([test | {"family": "b"}])
    table = families_table([first, second])
    assert table.rules_before == {2}
    assert cells(table)["p (Romano-Wolf)"] == ["0.018"] * 3
    assert table.estimates[0].p_other["Holm, family a of 2"] == 0.02
    assert table.estimates[2].p_other["Romano-Wolf, family b of 1"] == 0.018


def test_each_table_holds_the_estimates_that_it_shows() -> None:
    jump, pair = jump_table(JUMPS), pairs_table(PAIRS)
    assert [(row.outcome, row.n, row.se, row.df) for row in jump.estimates] == [
        ("log_lights_per_km2_2013", 773, 0.05, 60.0)
    ]
    assert [(row.model, row.n, row.clusters) for row in pair.estimates] == [
        ("pairs across a province boundary", 942, 29)
    ]
    assert not missing_cells(jump.frame, jump.estimates)
    assert missing_cells(jump.frame, pair.estimates[:0])
    placebo = placebo_table(PLACEBOS, MAIN)
    assert not missing_cells(placebo.frame, placebo.estimates)
    assert {(row.n, row.vcov) for row in placebo.estimates} == {(2550, "")}
    assert {row.estimand for row in placebo.estimates} == {"coefficient"} and placebo.estimates[0].p_error


def test_parts_of_the_dose_of_terrain_are_named_in_both_languages() -> None:
    rows = pd.DataFrame(
        [
            {"quantity": "terrain", "part": "far", **ESTIMATE, "n": 30, "n_treated": None},
            {"quantity": "border", "part": "rugged", **ESTIMATE, "n": 20, "n_treated": 9},
        ]
    ).astype({"n_treated": "Int64"})
    dose = Dose(rows, pd.DataFrame(), JointTest(("x",), 1.0, 1, 9.0, 0.3), (fitted(), fitted()), beyond_km=15.0)
    assert cells(dose_table(dose))["sample"] == ["interior, 15 km off", "rugged"]
    assert cells(dose_table(dose, "zh"))["样本"] == ["非边界县，距省界15千米以上", "崎岖县"]
