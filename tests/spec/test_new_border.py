"""The design of 1997 and the nine prefectures on the project's data: roles, exact tests by a second route, refusals."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import MissingDataError, ShanhaiError, SpecificationError
from shanhai.methods.regression.growth import assignments, fit_pairs
from shanhai.methods.synthetic import SyntheticSpec, fit_synthetic, sdid_ridge
from shanhai.run.values import check_values
from shanhai.studies.new_border import adjacent_counties, pair_design
from shanhai.studies.new_border import nine_prefectures as nine
from shanhai.studies.new_border._placebos import against_all, by_province, regroup
from shanhai.studies.new_border._power import detectable, detectable_by_t
from shanhai.studies.new_border.adjacent_counties import COUNTY_VARIANTS, county_effects
from shanhai.studies.new_border.analysis import (
    compare_designs,
    leave_out,
    plain_effects,
    pre_years,
    side_effects,
    study_border,
)
from shanhai.studies.new_border.constant_prices import fill_by_prices, log_constant, log_growth
from shanhai.studies.new_border.design import BACKDATED, FIRST_DESIGN, MAIN, VARIANTS, BorderDesign

BORDER = ["510500", "510900", "511000", "511600", "511700"]
"""Luzhou, Suining, Neijiang with Ziyang, Guang'an, Dazhou."""


def test_roles_follow_from_polygons() -> None:
    units = study_border().units
    assert units.of("border") == BORDER
    assert units.of("chongqing") == ["500000"]
    assert units.of("neighbour") == []  # Zunyi and Tongren have no growth of 1994
    assert study_border(FIRST_DESIGN).units.of("neighbour") == ["520300", "520600"]
    assert "511300" in units.of("interior")
    assert not {code[:2] for code in units.of("donor")} & {"50", "51"}


def test_main_design_is_what_was_specified_beforehand() -> None:
    assert MAIN.spec_id == "994c2498ef61"
    assert MAIN.synthetic == SyntheticSpec("log_gdp", 1997, True, sdid_ridge(19), 2015)
    assert len({design.spec_id for design in VARIANTS.values()}) == len(VARIANTS)
    assert MAIN.windows == ((1997, 2001), (2002, 2006), (2007, 2011), (2012, 2015))
    assert BACKDATED.windows == ((1995, 1996),)
    assert (MAIN.prices, pair_design.MAIN.prices, pair_design.MAIN.start, pair_design.MAIN.end) == (
        "constant",
        "constant",
        2010,
        2016,
    )
    # the ids under which the designs were published
    assert FIRST_DESIGN.spec_id == "7dc43e6b77fe"
    assert pair_design.FIRST_DESIGN.spec_id == "74afda556e0c"
    assert len({design.spec_id for design in pair_design.VARIANTS.values()}) == len(pair_design.VARIANTS)
    assert COUNTY_VARIANTS["nine_lights"].spec_id == "a2dc7b5e070b"


def test_effects_are_those_of_single_fits() -> None:
    study = study_border()
    logs, spec = study.units.logs, MAIN.synthetic
    rows = side_effects(study).set_index(["side", "start", "end"])["estimate"]
    gaps = {code: fit_synthetic(logs, code, spec, study.donors).gap for code in (*BORDER, "500000")}
    for start, end in ((1997, 2001), (2012, 2015), (1997, 2015)):
        assert rows["sichuan", start, end] == pytest.approx(
            np.mean([gaps[code].loc[start:end].mean() for code in BORDER])
        )
        assert rows["chongqing", start, end] == pytest.approx(gaps["500000"].loc[start:end].mean())


def test_equal_weights_are_difference_in_differences() -> None:
    study = study_border()
    logs, donors = study.units.logs, study.donors
    differences = logs.loc["500000"] - logs.loc[donors].mean()
    expected = differences.loc[2002:2006].mean() - differences.loc[1993:1996].mean()
    rows = plain_effects().set_index(["side", "start"])["estimate"]
    assert rows["chongqing", 2002] == pytest.approx(expected, abs=1e-6)


def test_western_donors_are_of_the_west_and_others_stay_placebos() -> None:
    study = study_border(VARIANTS["west"])
    assert {code[:2] for code in study.donors} == {"53", "62"}
    assert set(study.units.of("donor")) == set(study_border().units.of("donor"))


def economy(rows: list[tuple[str, int, float, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["code", "year", "gdp_100m_yuan", "gdp_growth_pct"])


def test_growth_adds_up_and_a_union_is_the_sum_of_its_parts() -> None:
    table = economy(
        [
            ("a", 2001, 100.0, np.nan), ("a", 2002, 120.0, 10.0), ("a", 2003, 150.0, 20.0),
            # the union had 100 in 2001; 60 and 55 in 2002 are 50 and 50 at the prices of 2001; c has no figure before
            ("b", 2001, 100.0, np.nan), ("b", 2002, 60.0, 20.0), ("b", 2003, 66.0, 10.0),
            ("c", 2002, 55.0, 10.0), ("c", 2003, 55.0, 10.0),
        ]
    )  # fmt: skip
    growth = log_growth(["a", "b"], 2001, 2003, {"b": ("b", "c")}, table)
    assert np.exp(growth.loc["a"]).tolist() == pytest.approx([1.1, 1.2])
    assert np.exp(growth.loc["b"]).tolist() == pytest.approx([115 / 100, 121 / 110])
    gdp = pd.DataFrame({2001: [100.0], 2002: [120.0], 2003: [150.0]}, index=["a"])
    assert np.exp(log_constant(gdp, growth.loc[["a"]])).to_numpy()[0] == pytest.approx([100, 110, 132])


def test_a_missing_cell_is_current_growth_less_the_median_of_prices() -> None:
    gdp = pd.DataFrame({2001: [100.0, 100.0, 100.0], 2002: [132.0, 121.0, 180.0]}, index=["a", "b", "c"])
    growth = pd.DataFrame({2002: [np.log(1.2), np.log(1.1), np.nan]}, index=["a", "b", "c"])  # prices: 1.1 in both
    assert np.exp(fill_by_prices(growth, gdp)[2002]).tolist() == pytest.approx([1.2, 1.1, 180 / 110])


def test_every_province_has_one_vote() -> None:
    # three placebos of 0.3 in one province count as one: mean square (0.09 + 0.01 + 0.04) / 3
    found = by_province(0.2, np.array([0.3, 0.3, -0.3, 0.1, 0.2]), ["x", "x", "x", "y", "z"])
    assert found["se"] == pytest.approx(np.sqrt(0.14 / 3))
    assert found["provinces"] == 3
    assert found["p_rank"] == pytest.approx((1 + 1 + 0 + 1) / 4)
    t_975 = 4.302653  # two degrees of freedom, printed tables
    assert found["high"] - found["estimate"] == pytest.approx(t_975 * found["se"], rel=1e-6)
    with pytest.raises(MissingDataError, match="Placebos of 1 provinces"):
        by_province(0.2, np.array([0.3, 0.1]), ["x", "x"])


def test_detectable_effects_by_hand() -> None:
    # t of 10 degrees: 2.228139 and 0.879058 in printed tables
    assert detectable_by_t(0.1, 10) == pytest.approx(0.1 * (2.228139 + 0.879058), rel=1e-5)
    # 1,001 draws, even from -1 to 1: 5 % of sizes lie above 0.95, and 80 % of draws lie above -0.6
    assert detectable(np.linspace(-1, 1, 1001)) == pytest.approx(0.95 + 0.6, abs=0.005)


def test_what_the_issue_measured() -> None:
    """Numbers of a second reading: at constant prices from 1994 donors spread by 0.138, for 0.195 at current prices."""
    designs = {name: VARIANTS[name] for name in ("main", "pre_1994", "current", "current_same")}
    spread = compare_designs(designs).drop_duplicates("design").set_index("design")["spread"]
    assert spread["pre_1994"] == pytest.approx(0.138, abs=5e-4)
    assert spread["current"] == pytest.approx(0.195, abs=5e-4)
    assert spread["main"] < spread["current_same"] < spread["current"]  # prices and donors both sharpen the ruler
    first = study_border(FIRST_DESIGN)
    path = first.side_gaps["sichuan"]
    assert path.loc[[2005, 2006, 2015]].tolist() == pytest.approx([-0.10, -0.10, 0.08], abs=0.005)
    assert len({group[0][:2] for group in first.groups}) == 12
    assert len(first.groups) > 80


def test_the_nine_at_constant_prices_are_as_measured_before() -> None:
    effects = nine.border_effects().set_index("design")
    expected = {
        "filled": (-0.27, 0.56), "to_2015": (-0.75, 0.18), "current": (-1.15, 0.114), "current_early": (-1.39, 0.063),
        "current_without_zhejiang": (-0.53, None), "current_without_yingtan": (-0.36, None),
    }  # fmt: skip
    for name, (estimate, p) in expected.items():
        assert effects.loc[name, "estimate"] == pytest.approx(estimate, abs=0.01)
        assert p is None or effects.loc[name, "p"] == pytest.approx(p, abs=0.01)
    prices = nine.implied_prices()["whole"]
    assert (round(prices.min()), round(prices.max())) == (-9, 27)


def test_missing_growth_is_named_and_refused() -> None:
    missing = nine.missing_growth().set_index("code")["years"]
    assert missing["350700"] == "2019"
    assert missing["361100"] == "2017, 2018"
    assert "341000" not in missing.index  # Huangshan
    with pytest.raises(MissingDataError, match="350700 in 2019; 360200 in 2017, 2018"):
        nine.prefecture_pairs(pair_design.PairDesign(end=2020))
    with pytest.raises(SpecificationError, match="'real'; allowed: constant, filled, current"):
        pair_design.PairDesign(prices="real")  # type: ignore[arg-type]
    with pytest.raises(SpecificationError, match="110000 cannot be left out"):
        pair_design.PairDesign(without=("110000",))


def test_change_at_constant_prices_by_hand() -> None:
    """Jinhua over Quzhou, 2013 to 2016: growth 8.34, 7.76, 7.47 against 7.20, 6.50, 7.20, less that of residents."""
    pairs = nine.prefecture_pairs(pair_design.PairDesign(start=2013)).set_index(["richer", "poorer"])
    growth = sum(np.log(1 + jinhua / 100) - np.log(1 + quzhou / 100) for jinhua, quzhou in
                 ((8.34, 7.20), (7.76, 6.50), (7.47, 7.20)))  # fmt: skip
    people = nine._residents(2016) / nine._residents(2013)
    residents = np.log(people["330700"] / people["330800"])
    assert pairs.loc[("330700", "330800"), "change"] == pytest.approx(100 * (growth - residents) / 3)


def test_left_out_prefectures_are_dealt_no_more() -> None:
    found = nine.without_each().set_index("left_out")
    assert list(found.index) == list(pair_design.PREFECTURES)
    assert found.loc["360600", "pairs"] == 28
    assert found.loc["360600", "ways"] == 1120  # 8! / (3! 1! 1! 3!)
    zhejiang = nine.border_effects({"one": pair_design.VARIANTS["without_zhejiang"]}).iloc[0]
    assert (zhejiang["pairs"], zhejiang["ways"]) == (15, 30)  # 6! / (1! 1! 4!)


def test_groups_are_neighbours_of_one_province() -> None:
    groups = study_border().groups
    assert len(set(groups)) == len(groups) > 40
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
    rows = side_effects(study)
    row = rows[rows["whole"]].set_index("side").loc["contrast"]
    assert (row["p"], row["placebos"]) == (pytest.approx(larger / total), total)


def test_regrouping_and_place_among_placebos_by_hand() -> None:
    assert sorted(regroup(np.array([0.0, 0.0, 3.0]), 1)) == pytest.approx([-1.5, -1.5, 3.0])
    assert against_all(2.0, np.array([-3.0, -1.0, 1.0, 2.0]))["p"] == pytest.approx(2 / 4)


def test_years_say_what_is_there() -> None:
    years = pre_years().set_index("first_year")
    assert years.loc[1990, "border"] == 0
    assert years.loc[1990, "chongqing"] == 1
    assert years.loc[1993, "border"] == years.loc[1994, "border"] == 5
    assert years.loc[1993, "growth"] == len(study_border().units.logs)


def test_leaving_out_a_province_drops_its_donors() -> None:
    table = leave_out(study_border())
    assert list(table["left_out"].unique()) == sorted({code[:2] for code in study_border().donors})
    assert len(table) == table["left_out"].nunique() * len(MAIN.windows)
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
        ({"border_last_year": 2022}, "from 2,002 to 2,016"),
        ({"pairs_last_year": 2018}, "is not published for 330700 in 2017"),
        ({"pairs_first_year": 2021}, "2021 to 2016"),
    ],
)
def test_parameters_are_refused_before_a_kernel_starts(values: dict[str, int], said: str) -> None:
    with pytest.raises(ShanhaiError, match=said):
        check_values(values)
    check_values({"border_first_year": 1993, "pairs_first_year": 2010, "border_last_year": 2016})


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
    ways = assignments((4, 1, 3, 1))
    larger = 0
    for way in ways:
        label = dict(zip(pair_design.PREFECTURES, way, strict=True))
        cross = pairs["richer"].map(label).to_numpy() != pairs["poorer"].map(label).to_numpy()
        matrix = np.column_stack([np.ones(36), pairs[["gap_start", "log_distance"]], cross])
        larger += abs(np.linalg.lstsq(matrix, pairs["change"], None)[0][-1]) >= abs(found["estimate"]) - 1e-9
    assert larger / len(ways) == pytest.approx(found["p"])
    assert 0 < found["contiguous"] < found["ways"] == len(ways) == 2520


def test_border_by_border_is_one_regression() -> None:
    pairs, found = nine.prefecture_pairs(), nine.effects_by_border({"main": pair_design.MAIN})
    dummies = pd.get_dummies(pairs["border"], dtype=float).drop(columns="")
    matrix = np.column_stack([np.ones(36), pairs[["gap_start", "log_distance"]], dummies])
    expected = np.linalg.lstsq(matrix, pairs["change"], None)[0][3:]
    assert list(found["border"]) == list(dummies.columns)
    assert found["estimate"].to_numpy() == pytest.approx(expected)


def test_the_effect_of_two_periods_and_of_two_groups_of_borders_are_differences_of_effects() -> None:
    effects = nine.border_effects().set_index("design")["estimate"]
    change = nine.effect_change(pair_design.VARIANTS["first_half"], pair_design.VARIANTS["second_half"])
    assert change["estimate"] == pytest.approx(effects["second_half"] - effects["first_half"])
    assert change["low"] < change["high"] and 1 / 2520 <= change["p"] <= 1
    by_border = nine.effects_by_border({"main": pair_design.MAIN}).set_index("border")["estimate"]
    named, others = ["330000-360000", "340000-360000"], ["330000-340000", "330000-350000", "350000-360000"]
    contrast = nine.border_contrast(pair_design.MAIN, frozenset(named), frozenset(others))
    assert contrast["estimate"] == pytest.approx(by_border[named].mean() - by_border[others].mean())
    # A border that no pair of the nine crosses has no effect.
    with pytest.raises(SpecificationError, match="No pair across 330000-510000"):
        nine.border_contrast(pair_design.MAIN, frozenset({"330000-510000"}), frozenset(others))


def test_nine_prefectures_refuse_years_in_which_a_prefecture_is_missing() -> None:
    with pytest.raises(MissingDataError, match="do not all have GDP in 2017"):
        nine.prefecture_pairs(pair_design.PairDesign(end=2017, prices="current"))
    with pytest.raises(MissingDataError, match="Residents of 2005; they are counted in 2010 and 2020"):
        nine.prefecture_pairs(pair_design.PairDesign(start=2005))
    assert len(nine.prefecture_pairs(pair_design.PairDesign(start=2005, per_head=False))) == 36
    with pytest.raises(SpecificationError, match="2020 to 2010"):
        pair_design.PairDesign(start=2020, end=2010)


def small_counties() -> tuple[pd.DataFrame, pd.DataFrame]:
    """A strip of 60 counties in 15 prefectures and 5 provinces; lights across provinces converge 2 points faster."""
    rng = np.random.default_rng(0)
    codes = [f"{county:06d}" for county in range(60)]
    start = np.exp(rng.normal(0, 1, 60))
    frame = pd.DataFrame(
        {
            "code": codes,
            "prefecture_code": [f"p{county // 4:02d}" for county in range(60)],
            "province_code": [f"{county // 12:02d}0000" for county in range(60)],
            "longitude": 100 + np.arange(60) / 10,
            "latitude": 30.0,
            "area_km2": 1.0,
            "lights_2013": start,
            "lights_2021": start * np.exp(rng.normal(0, 0.1, 60)),
        }
    )
    edges = pd.DataFrame(
        [(codes[county], codes[county + step]) for step in (1, 2, 3) for county in range(60 - step)],
        columns=["code_a", "code_b"],
    )
    return frame, edges


def test_county_effect_runs_on_any_frame_and_keeps_its_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    frame, edges = small_counties()
    design = COUNTY_VARIANTS["china_lights"]
    monkeypatch.setattr(adjacent_counties, "COUNTY_VARIANTS", {"all": design})
    found = county_effects(frame, edges).iloc[0]
    assert found["low"] < found["estimate"] < found["high"]
    assert (found["pairs"], found["prefectures"]) == (len(edges), 15)
    monkeypatch.setattr(adjacent_counties, "COUNTY_VARIANTS", {"all": replace(design, measure="gdp", start=2013)})
    with pytest.raises(SpecificationError, match=r"'gdp' of 2013; allowed"):
        county_effects(frame, edges)


def test_a_variance_that_is_none_is_refused() -> None:
    pairs = nine.prefecture_pairs()
    provinces = pairs["richer"].str[:2], pairs["poorer"].str[:2]
    fitted = fit_pairs(pairs, ("gap_start", "cross"), *provinces)
    negative = fitted.covariance.copy()
    negative[2, 2] = -1.0
    with pytest.raises(SpecificationError, match="which is none"):
        type(fitted)(fitted.terms, fitted.coefficients, negative, fitted.pairs, fitted.places).estimate("cross")
