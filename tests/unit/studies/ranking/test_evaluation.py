"""The evaluation of the 26: values against the published tables, weights, ranks and change that add up."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.data.load import load_table
from shanhai.studies.ranking.change import Change, evaluate_change
from shanhai.studies.ranking.components import PROVINCE, components
from shanhai.studies.ranking.evaluate import Evaluation, evaluate
from shanhai.studies.ranking.indicators import BOTH, GROUPS, INDICATORS, MISSING, indicators_of
from shanhai.studies.ranking.registered import CLASS_WEIGHTS
from shanhai.studies.ranking.robustness import spread_by_concentration
from shanhai.studies.ranking.schemes import check_weights
from shanhai.studies.ranking.values import county_types, position_values, repeated_values

FEW = {"draws": 20}


@pytest.fixture(scope="module")
def values() -> pd.DataFrame:
    return position_values()


@pytest.fixture(scope="module")
def evaluations(values: pd.DataFrame) -> dict[str, Evaluation]:
    return {kind: evaluate(kind, values=values, **FEW) for kind in BOTH}


@pytest.fixture(scope="module")
def changes() -> dict[tuple[str, bool], Change]:
    return {(kind, gap): evaluate_change(kind, against_province=gap, **FEW) for kind in BOTH for gap in (False, True)}


def test_every_indicator_is_declared_once_with_a_group_and_both_languages() -> None:
    keys = [one.key for one in INDICATORS]
    assert len(set(keys)) == len(keys)
    assert {one.group for one in INDICATORS} == set(GROUPS)
    assert {group for group, _, _ in MISSING} <= set(GROUPS)
    for one in INDICATORS:
        assert one.direction in (1, -1)
        for english, chinese in (one.names, one.formula, one.caveat):
            assert english and any("一" <= sign <= "鿿" for sign in chinese)
        assert set(one.types) <= set(BOTH)


def test_tables_named_by_indicators_exist() -> None:
    named = {table for one in INDICATORS for table in one.data.split("; ")} - {"boundaries"}
    assert all(len(load_table(table)) for table in named)


def test_terrain_is_no_indicator() -> None:
    for one in INDICATORS:
        assert not any(word in one.key for word in ("relief", "rugged", "slope", "elevation", "border"))


def test_values_of_kecheng_by_hand(values: pd.DataFrame) -> None:
    """From the printed figures: GDP 595.54 (100 million), residents 528,847; the province 7,351.566 and 64,567,588."""
    found = values.loc["330802"]
    assert found["gdp_per_head_relative"] == pytest.approx((59.554e9 / 528_847) / (7351.566e9 / 64_567_588) * 100)
    census = load_table("census_2020").set_index("code").loc["330802"]
    cars = census["long_form_households_with_car"] / census["long_form_households"] * 100
    assert found["cars_per_100_households"] == pytest.approx(cars)
    assert found["illiteracy"] == pytest.approx(census["illiterate_share_15plus_pct"])
    assert found["mean_schooling"] == pytest.approx(census["mean_years_schooling"])
    assert found["population_change"] == pytest.approx(((528_847 / 464_527) ** 0.1 - 1) * 100)


def test_growth_of_cangnan_is_that_of_both_its_parts(values: pd.DataFrame) -> None:
    people = ((843_962 + 464_732) / 1_184_643) ** 0.1 - 1
    assert values.loc["330327", "population_change"] == pytest.approx(people * 100)
    gdp = ((39.962 + 34.034) / 29.492) ** 0.1 - (7351.566 / 3176.955) ** 0.1
    assert values.loc["330327", "gdp_growth_relative"] == pytest.approx(gdp * 100)


def test_only_the_growth_of_three_districts_is_missing(values: pd.DataFrame) -> None:
    missing = values.drop(columns="lights_per_km2").stack(future_stack=True).loc[lambda cells: cells.isna()].index
    assert set(missing) == {(code, "gdp_growth_relative") for code in ("330802", "330803", "331102")}
    ecological = county_types().eq("ecological")
    assert values.loc[ecological, "lights_per_km2"].notna().all()


def test_reunited_sums_are_those_of_the_parts() -> None:
    parts, whole = components("late"), components("late", reunited=True)
    for column in ("population", "gdp", "lights", "registered"):
        assert whole.loc["330327", column] == pytest.approx(parts.loc[["330327", "330383"], column].sum())
    assert "330383" not in whole.index
    assert whole.loc[PROVINCE, "gdp"] == parts.loc[PROVINCE, "gdp"]


def test_sums_of_counties_are_those_of_the_province() -> None:
    """Development zones are no counties: they hold 0.4 % of the residents."""
    late = components("late")
    for column in ("population", "urban", "aged", "registered", "workers"):
        assert late.drop(PROVINCE)[column].sum() == pytest.approx(late.loc[PROVINCE, column], rel=6e-3)


def test_gap_to_the_province_takes_off_its_value() -> None:
    levels, gaps = repeated_values(), repeated_values(against_province=True)
    moved = levels["late"]["urban_share"] - gaps["late"]["urban_share"]
    assert moved.to_numpy() == pytest.approx(72.170057, abs=1e-5)
    for own in ("gdp_per_head_relative", "lights_per_km2"):
        pd.testing.assert_series_equal(levels["late"][own], gaps["late"][own])


def test_types_and_their_indicators(evaluations: dict[str, Evaluation]) -> None:
    assert [len(evaluations[kind].ranks) for kind in BOTH] == [15, 11]
    assert "primary_share" not in evaluations["ecological"].weights.index
    assert "lights_per_km2" not in evaluations["leapfrog"].weights.index
    assert {one.key for one in indicators_of("leapfrog")} == set(evaluations["leapfrog"].weights.index)


def test_weights_add_up_and_declared_ones_are_as_declared(evaluations: dict[str, Evaluation]) -> None:
    for kind, each in evaluations.items():
        assert each.weights.sum().to_numpy() == pytest.approx(1)
        regions, people = (
            each.weights.loc[[one.key for one in indicators_of(kind) if one.group == group], "declared"].sum()
            for group in ("regions", "people")
        )
        expected = CLASS_WEIGHTS[kind].get("regions", 1) / CLASS_WEIGHTS[kind].get("people", 1)
        assert regions / people == pytest.approx(expected)


def test_score_is_the_weighted_mean_of_the_groups(evaluations: dict[str, Evaluation]) -> None:
    each = evaluations["ecological"]
    group = pd.Series({one.key: one.group for one in INDICATORS}).reindex(each.weights.index)
    shares = each.weights["declared"].groupby(group).sum()
    assert (each.groups @ shares.reindex(each.groups.columns)).to_numpy() == pytest.approx(
        each.ranks["score"].to_numpy() * 100
    )
    assert each.ranks["rank"].tolist() == each.ranks["score"].rank(ascending=False).astype(int).tolist()


def test_no_rank_without_an_interval(evaluations: dict[str, Evaluation]) -> None:
    for each in evaluations.values():
        assert (each.ranks["low"] <= each.ranks["high"]).all()
        assert (each.ranks["low"] < each.ranks["high"]).any()


def test_user_weights_take_the_place_of_the_declared(values: pd.DataFrame) -> None:
    two = [f"{group}=0" for group in GROUPS if group not in ("regions", "town_country")]
    each = evaluate("leapfrog", [*two, "regions=1000"], values=values, **FEW)
    assert each.spec.schemes[0] == "user"
    assert list(each.groups.columns) == ["regions", "town_country"]
    assert set(each.weights.index) == {one.key for one in INDICATORS if one.group in ("regions", "town_country")}, (
        "what weighs zero is left out of every scheme"
    )
    by_gdp = values.loc[each.ranks.index, "gdp_per_head_relative"].rank(ascending=False)
    assert each.ranks["rank"].tolist() == by_gdp.tolist()


def test_weight_of_the_other_type_is_skipped_and_an_unknown_one_refused(values: pd.DataFrame) -> None:
    evaluate("leapfrog", ["lights_per_km2=5"], values=values, **FEW)
    with pytest.raises(SpecificationError, match="gdp, which are unknown"):
        evaluate("leapfrog", ["gdp=5"], values=values, **FEW)
    with pytest.raises(SpecificationError, match="type 'rich' is unknown"):
        evaluate("rich")
    with pytest.raises(SpecificationError, match="add up to zero"):
        check_weights([f"{group}=0" for group in GROUPS])
    with pytest.raises(SpecificationError, match="leave income alone for leapfrog counties; two groups are needed"):
        check_weights([f"{group}=0" for group in GROUPS if group != "income"])
    with pytest.raises(SpecificationError, match="leave people alone for leapfrog counties at both dates"):
        check_weights([f"{group}=0" for group in GROUPS if group not in ("income", "people")])


def test_wider_weights_leave_less_of_the_ranks(values: pd.DataFrame) -> None:
    table = spread_by_concentration("leapfrog", concentrations=(6.0, 24.0, 1e4), draws=40, values=values)
    assert table["kept"].is_monotonic_increasing and table["width"].is_monotonic_decreasing
    # one of six equal groups under a flat division is beta(1, 5): its quantiles by hand
    flat = (1 - (1 - np.array([0.025, 0.975])) ** (1 / 5)) * 100
    assert table.loc[0, ["group_low", "group_high"]].tolist() == pytest.approx(flat.tolist())


def test_spec_id_follows_from_the_content(values: pd.DataFrame, evaluations: dict[str, Evaluation]) -> None:
    one, two = (evaluations[kind].spec.spec_id for kind in BOTH)
    assert one != two
    assert evaluate("leapfrog", values=values, **FEW).spec.spec_id == one
    assert evaluate("leapfrog", ["growth=2"], values=values, **FEW).spec.spec_id != one


def test_change_uses_complete_counties_and_repeated_indicators(changes: dict[tuple[str, bool], Change]) -> None:
    leap, eco = changes[("leapfrog", False)], changes[("ecological", False)]
    assert leap.left_out == ("330802", "330803", "331102")
    assert (len(leap.table), len(eco.table)) == (12, 11)
    assert "cars_per_100_households" not in leap.spec.indicators


def test_points_of_groups_add_up_to_the_change(changes: dict[tuple[str, bool], Change]) -> None:
    for each in changes.values():
        moved = each.table["late"] - each.table["early"]
        assert each.points.sum(axis=1).to_numpy() == pytest.approx(moved.to_numpy())
        assert (np.sign(each.table["change"]) == np.sign(moved)).all()


def test_change_of_a_county_that_stands_still_against_a_province_that_rises() -> None:
    """Levels and gaps differ only by what the province did: the sum of points over groups moves by one constant."""
    levels, gaps = (repeated_values(against_province=gap) for gap in (False, True))
    change = {name: waves["late"] - waves["early"] for name, waves in {"levels": levels, "gaps": gaps}.items()}
    moved = (change["levels"] - change["gaps"]).dropna()
    assert (moved.std() < 1e-9).all()
    assert moved["urban_share"].iloc[0] == pytest.approx(72.170057 - 33_550_209 / 54_426_891 * 100, abs=1e-5)
