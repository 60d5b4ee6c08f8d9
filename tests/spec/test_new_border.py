"""The design of 1997 and the nine prefectures on the project's data: roles, exact tests by a second route, refusals."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import MissingDataError, ShanhaiError, SpecificationError
from shanhai.methods.regression.growth import fit_pairs
from shanhai.methods.synthetic import SyntheticSpec, fit_synthetic, sdid_ridge
from shanhai.run.values import check_values
from shanhai.studies.new_border import nine_prefectures as nine
from shanhai.studies.new_border.adjacent_counties import COUNTY_VARIANTS, _county_effect, _county_measure
from shanhai.studies.new_border.analysis import (
    _against_placebos,
    _regroup,
    leave_out,
    pre_years,
    side_effects,
    study_border,
)
from shanhai.studies.new_border.design import MAIN, VARIANTS, BorderDesign

BORDER = ["510500", "510900", "511000", "511600", "511700"]
"""Luzhou, Suining, Neijiang with Ziyang, Guang'an, Dazhou."""


def test_roles_follow_from_polygons() -> None:
    units = study_border().units
    assert units.of("border") == BORDER
    assert units.of("chongqing") == ["500000"]
    assert units.of("neighbour") == ["520300", "520600"]
    assert "511300" in units.of("interior")
    assert not {code[:2] for code in units.of("donor")} & {"50", "51"}


def test_main_design_is_what_was_specified_beforehand() -> None:
    assert (MAIN.first, MAIN.treated_from, MAIN.last) == (1993, 1997, 2015)
    assert MAIN.synthetic == SyntheticSpec("log_gdp", 1997, True, sdid_ridge(19), 2015)
    assert len({design.spec_id for design in VARIANTS.values()}) == len(VARIANTS)
    # the ids under which the designs were published
    assert nine.MAIN.spec_id == "74afda556e0c"
    assert COUNTY_VARIANTS["nine_lights"].spec_id == "a2dc7b5e070b"


def test_effects_are_those_of_single_fits() -> None:
    study = study_border()
    logs, spec = study.units.logs, MAIN.synthetic
    single = [fit_synthetic(logs, code, spec, study.donors).effect for code in BORDER]
    rows = side_effects(study).set_index("side")
    assert rows.loc["sichuan", "estimate"] == pytest.approx(np.mean(single))
    assert rows.loc["chongqing", "estimate"] == pytest.approx(fit_synthetic(logs, "500000", spec, study.donors).effect)


def test_groups_are_neighbours_of_one_province() -> None:
    groups = study_border().groups
    assert len(set(groups)) == len(groups) > 50
    assert {len(group) for group in groups} == {5}
    assert all(len({code[:2] for code in group}) == 1 for group in groups)


def test_contrast_is_an_exact_permutation() -> None:
    study = study_border()
    effects = study.table.set_index("unit")["effect"]
    interior = study.units.of("interior")
    everyone = effects.loc[[*BORDER, *interior]].to_numpy()
    real = effects.loc[BORDER].mean() - effects.loc[interior].mean()
    larger = total = 0
    for chosen in combinations(range(len(everyone)), 5):
        rest = [place for place in range(len(everyone)) if place not in chosen]
        total += 1
        larger += abs(everyone[list(chosen)].mean() - everyone[rest].mean()) >= abs(real) - 1e-12
    row = side_effects(study).set_index("side").loc["contrast"]
    assert (row["p"], row["placebos"]) == (pytest.approx(larger / total), total)


def test_regrouping_and_place_among_placebos_by_hand() -> None:
    assert sorted(_regroup(np.array([0.0, 0.0, 3.0]), 1)) == pytest.approx([-1.5, -1.5, 3.0])
    found = _against_placebos(2.0, np.array([-3.0, -1.0, 1.0, 2.0]))
    assert found["p"] == pytest.approx(3 / 5)
    assert _against_placebos(2.0, np.array([-3.0, -1.0, 1.0, 2.0]), counted=True)["p"] == pytest.approx(2 / 4)


def test_years_say_what_is_there() -> None:
    years = pre_years().set_index("first_year")
    assert years.loc[1990, "border"] == 0
    assert years.loc[1990, "chongqing"] == 1
    assert years.loc[1993, "border"] == years.loc[1994, "border"] == 5


def test_leaving_out_a_province_drops_its_donors() -> None:
    table = leave_out(study_border())
    assert list(table["left_out"]) == sorted({code[:2] for code in study_border().donors})
    assert table["sichuan"].between(-0.2, 0.2).all()


def test_periods_without_data_and_too_few_years_are_refused() -> None:
    with pytest.raises(MissingDataError, match=r"510500: missing in 1991, 1992"):
        study_border(BorderDesign(first=1991))
    with pytest.raises(MissingDataError, match="1 years from 1996 to before 1997; at least 2"):
        BorderDesign(first=1996)
    with pytest.raises(MissingDataError, match="covers 1990 to 2021"):
        study_border(BorderDesign(last=2025))
    with pytest.raises(SpecificationError, match="effects end in 1996"):
        BorderDesign(last=1996)
    with pytest.raises(SpecificationError, match="'free'; allowed: sdid, small"):
        BorderDesign(ridge="free")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"border_first_year": 1992}, "missing in 1992"),
        ({"border_first_year": 1996, "border_last_year": 2010}, "1 years from 1996"),
        ({"border_last_year": 2022}, "covers 1990 to 2021"),
        ({"pairs_last_year": 2018}, "do not all have GDP in 2018"),
        ({"pairs_first_year": 2021}, "2021 to 2020"),
    ],
)
def test_parameters_are_refused_before_a_kernel_starts(values: dict[str, int], said: str) -> None:
    with pytest.raises(ShanhaiError, match=said):
        check_values(values)
    check_values({"border_first_year": 1993, "pairs_first_year": 2010, "border_last_year": 2020})


def test_nine_prefectures_have_all_pairs_and_borders() -> None:
    pairs = nine.prefecture_pairs()
    assert len(pairs) == 36
    assert pairs["cross"].sum() == 27
    counts = pairs.loc[pairs["cross"].eq(1), "border"].value_counts()
    assert counts.to_dict()["330000-360000"] == 12
    assert pairs["gap_start"].min() >= 0


def test_effect_between_the_nine_is_least_squares_and_p_counts_all_ways() -> None:
    pairs, found = nine.prefecture_pairs(), nine.border_effects().set_index("design").loc["main"]
    fitted = fit_pairs(pairs, ("gap_start", "log_distance", "cross"), pairs["richer"], pairs["poorer"])
    assert found["estimate"] == pytest.approx(fitted.coefficients[-1])
    assert found["slope"] == pytest.approx(fitted.coefficients[1])
    ways, contiguous = nine._ways()
    assert len(ways) == 2520
    larger = 0
    for way in ways[::20]:
        label = dict(zip(nine.PREFECTURES, way, strict=True))
        cross = pairs["richer"].map(label).to_numpy() != pairs["poorer"].map(label).to_numpy()
        matrix = np.column_stack([np.ones(36), pairs[["gap_start", "log_distance"]], cross])
        larger += abs(np.linalg.lstsq(matrix, pairs["change"], None)[0][-1]) >= abs(found["estimate"]) - 1e-9
    assert larger / len(ways[::20]) == pytest.approx(found["p"], abs=0.07)
    assert 0 < contiguous.sum() < 2520


def test_border_by_border_is_one_regression() -> None:
    pairs, found = nine.prefecture_pairs(), nine.effects_by_border({"main": nine.MAIN})
    dummies = pd.get_dummies(pairs["border"], dtype=float).drop(columns="")
    matrix = np.column_stack([np.ones(36), pairs[["gap_start", "log_distance"]], dummies])
    expected = np.linalg.lstsq(matrix, pairs["change"], None)[0][3:]
    assert list(found["border"]) == list(dummies.columns)
    assert found["estimate"].to_numpy() == pytest.approx(expected)


def test_the_effect_of_two_periods_and_of_two_groups_of_borders_are_differences_of_effects() -> None:
    effects = nine.border_effects().set_index("design")["estimate"]
    change = nine.effect_change(nine.VARIANTS["first_half"], nine.VARIANTS["second_half"])
    assert change["estimate"] == pytest.approx(effects["second_half"] - effects["first_half"])
    assert change["low"] < change["high"] and 1 / 2520 <= change["p"] <= 1
    by_border = nine.effects_by_border({"main": nine.MAIN}).set_index("border")["estimate"]
    named, others = ["330000-360000", "340000-360000"], ["330000-340000", "330000-350000", "350000-360000"]
    contrast = nine.border_contrast(nine.MAIN, frozenset(named), frozenset(others))
    assert contrast["estimate"] == pytest.approx(by_border[named].mean() - by_border[others].mean())
    # A border that no pair of the nine crosses has no effect.
    with pytest.raises(SpecificationError, match="No pair across 330000-510000"):
        nine.border_contrast(nine.MAIN, frozenset({"330000-510000"}), frozenset(others))


def test_nine_prefectures_refuse_years_in_which_a_prefecture_is_missing() -> None:
    with pytest.raises(MissingDataError, match="do not all have GDP in 2017"):
        nine.prefecture_pairs(nine.PairDesign(end=2017))
    with pytest.raises(MissingDataError, match="Residents of 2005; they are counted in 2010 and 2020"):
        nine.prefecture_pairs(nine.PairDesign(start=2005))
    assert len(nine.prefecture_pairs(nine.PairDesign(start=2005, per_head=False))) == 36
    with pytest.raises(SpecificationError, match="2020 to 2010"):
        nine.PairDesign(start=2020, end=2010)


def small_counties() -> tuple[pd.DataFrame, pd.DataFrame]:
    """A strip of 60 counties in 15 prefectures and 5 provinces; lights across provinces converge 2 points faster."""
    rng = np.random.default_rng(0)
    codes = [f"{one:06d}" for one in range(60)]
    start = np.exp(rng.normal(0, 1, 60))
    frame = pd.DataFrame(
        {
            "code": codes,
            "prefecture_code": [f"p{one // 4:02d}" for one in range(60)],
            "province_code": [f"{one // 12:02d}0000" for one in range(60)],
            "longitude": 100 + np.arange(60) / 10,
            "latitude": 30.0,
            "area_km2": 1.0,
            "lights_2013": start,
            "lights_2021": start * np.exp(rng.normal(0, 0.1, 60)),
        }
    )
    edges = pd.DataFrame(
        [(codes[one], codes[one + step]) for step in (1, 2, 3) for one in range(60 - step)],
        columns=["code_a", "code_b"],
    )
    return frame, edges


def test_county_effect_runs_on_any_frame_and_keeps_its_interval() -> None:
    frame, edges = small_counties()
    found = _county_effect(COUNTY_VARIANTS["china_lights"], frame, edges)
    assert found["low"] < found["estimate"] < found["high"]
    assert (found["pairs"], found["prefectures"]) == (len(edges), 15)
    with pytest.raises(SpecificationError, match=r"'gdp' of 2013; allowed"):
        _county_measure(frame, "gdp", 2013)


def test_a_variance_that_is_none_is_refused() -> None:
    pairs = nine.prefecture_pairs()
    provinces = pairs["richer"].str[:2], pairs["poorer"].str[:2]
    fitted = fit_pairs(pairs, ("gap_start", "cross"), *provinces)
    negative = fitted.covariance.copy()
    negative[2, 2] = -1.0
    with pytest.raises(SpecificationError, match="which is none"):
        type(fitted)(fitted.terms, fitted.coefficients, negative, fitted.pairs, fitted.places).estimate("cross")
