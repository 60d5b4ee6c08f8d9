"""The ranking of the 26: values against the published tables, weights, ranks and change that add up."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.core.places import ZHEJIANG
from shanhai.data.load import load_table
from shanhai.data.vintage import vintage_of
from shanhai.studies.ranking.analysis import (
    Change,
    Ranking,
    check_weights,
    compare_dates,
    rank_counties,
    spread_by_concentration,
)
from shanhai.studies.ranking.design import BOTH, CLASS_WEIGHTS, GROUPS, INDICATORS, LACKING, UNUSED
from shanhai.studies.ranking.tables import gaps_table, indicators_table
from shanhai.studies.ranking.values import county_types, position_values, repeated_values, sums
from shanhai.studies.ranking.words import data_text

FEW = {"draws": 20}
GROUP_OF = {each.key: each.group for each in INDICATORS}


@pytest.fixture(scope="module")
def values() -> pd.DataFrame:
    return position_values()


@pytest.fixture(scope="module")
def rankings(values: pd.DataFrame) -> dict[str, Ranking]:
    return {kind: rank_counties(kind, values=values, **FEW) for kind in BOTH}


@pytest.fixture(scope="module")
def changes() -> dict[tuple[str, bool], Change]:
    return {(kind, gap): compare_dates(kind, against_province=gap, **FEW) for kind in BOTH for gap in (False, True)}


def test_every_indicator_is_declared_once_with_a_group_and_both_languages() -> None:
    keys = [each.key for each in INDICATORS]
    assert len(set(keys)) == len(keys)
    assert {each.group for each in INDICATORS} == set(GROUPS)
    assert {each.direction for each in INDICATORS} == {1, -1}
    assert set(LACKING.values()) <= set(GROUPS)
    english, chinese = (indicators_table(language=language).frame for language in ("en", "zh"))
    for column in ("indicator", "formula", "caveat"):
        assert english[column].str.fullmatch(r"[^\u4e00-\u9fff]+").all()
        assert chinese[column].str.contains(r"[\u4e00-\u9fff]").all()
    assert len(gaps_table().frame) == len(LACKING) + len(UNUSED)


def test_tables_named_by_indicators_exist() -> None:
    named = {table for each in INDICATORS for table in each.data.split("; ")} - {"boundaries"}
    assert all(len(load_table(table)) for table in named)


def test_terrain_is_no_indicator() -> None:
    for each in INDICATORS:
        assert not any(word in each.key for word in ("relief", "rugged", "slope", "elevation", "border"))


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
    parts, whole = sums("late"), sums("late", reunited=True)
    for column in ("population", "gdp", "lights", "registered"):
        assert whole.loc["330327", column] == pytest.approx(parts.loc[["330327", "330383"], column].sum())
    assert "330383" not in whole.index
    assert whole.loc[ZHEJIANG, "gdp"] == parts.loc[ZHEJIANG, "gdp"]


def test_sums_of_counties_are_those_of_the_province() -> None:
    """Development zones are no counties: they hold 0.4 % of the residents."""
    late = sums("late")
    for column in ("population", "urban", "aged", "registered", "workers"):
        assert late.drop(ZHEJIANG)[column].sum() == pytest.approx(late.loc[ZHEJIANG, column], rel=6e-3)


def test_gap_to_the_province_takes_off_its_value() -> None:
    levels, gaps = repeated_values(), repeated_values(against_province=True)
    moved = levels["late"]["urban_share"] - gaps["late"]["urban_share"]
    assert moved.to_numpy() == pytest.approx(72.170057, abs=1e-5)
    for own in ("gdp_per_head_relative", "lights_per_km2"):
        pd.testing.assert_series_equal(levels["late"][own], gaps["late"][own])


def test_types_and_their_indicators(rankings: dict[str, Ranking]) -> None:
    assert [len(rankings[kind].ranks) for kind in BOTH] == [15, 11]
    assert "primary_share" not in rankings["ecological"].weights.index
    assert "lights_per_km2" not in rankings["leapfrog"].weights.index
    judging = {each.key for each in INDICATORS if "leapfrog" in each.types}
    assert judging == set(rankings["leapfrog"].weights.index)


def test_weights_add_up_and_declared_ones_are_as_declared(rankings: dict[str, Ranking]) -> None:
    for kind, each in rankings.items():
        assert each.weights.sum().to_numpy() == pytest.approx(1)
        regions, people = (
            each.weights.loc[[key for key in each.weights.index if GROUP_OF[key] == group], "declared"].sum()
            for group in ("regions", "people")
        )
        expected = CLASS_WEIGHTS[kind].get("regions", 1) / CLASS_WEIGHTS[kind].get("people", 1)
        assert regions / people == pytest.approx(expected)


def test_score_is_the_weighted_mean_of_the_groups(rankings: dict[str, Ranking]) -> None:
    each = rankings["ecological"]
    shares = each.weights["declared"].groupby(pd.Series(GROUP_OF)).sum()
    assert (each.groups @ shares.reindex(each.groups.columns)).to_numpy() == pytest.approx(
        each.ranks["score"].to_numpy() * 100
    )
    assert each.ranks["rank"].tolist() == each.ranks["score"].rank(ascending=False).astype(int).tolist()


def test_no_rank_without_an_interval(rankings: dict[str, Ranking]) -> None:
    for each in rankings.values():
        assert (each.ranks["low"] <= each.ranks["high"]).all()
        assert (each.ranks["low"] < each.ranks["high"]).any()


def test_user_weights_take_the_place_of_the_declared(values: pd.DataFrame) -> None:
    two = [f"{group}=0" for group in GROUPS if group not in ("regions", "town_country")]
    each = rank_counties("leapfrog", [*two, "regions=1000"], values=values, **FEW)
    assert each.spec.schemes[0] == "user"
    assert list(each.groups.columns) == ["regions", "town_country"]
    assert set(each.weights.index) == {
        key for key, group in GROUP_OF.items() if group in ("regions", "town_country")
    }, "what weighs zero is left out of every scheme"
    by_gdp = values.loc[each.ranks.index, "gdp_per_head_relative"].rank(ascending=False)
    assert each.ranks["rank"].tolist() == by_gdp.tolist()


def test_weight_of_the_other_type_is_skipped_and_an_unknown_one_refused(values: pd.DataFrame) -> None:
    rank_counties("leapfrog", ["lights_per_km2=5"], values=values, **FEW)
    with pytest.raises(SpecificationError, match="gdp, which are unknown"):
        rank_counties("leapfrog", ["gdp=5"], values=values, **FEW)
    with pytest.raises(SpecificationError, match="type 'rich' is unknown"):
        rank_counties("rich")
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


def test_spec_id_follows_from_the_content(values: pd.DataFrame, rankings: dict[str, Ranking]) -> None:
    first, second = (rankings[kind].spec.spec_id for kind in BOTH)
    assert first != second
    assert rank_counties("leapfrog", values=values, **FEW).spec.spec_id == first
    assert rank_counties("leapfrog", ["growth=2"], values=values, **FEW).spec.spec_id != first


def test_change_uses_complete_counties_and_repeated_indicators(changes: dict[tuple[str, bool], Change]) -> None:
    leap, eco = changes[("leapfrog", False)], changes[("ecological", False)]
    assert leap.left_out == ("330802", "330803", "331102")
    assert (len(leap.table), len(eco.table)) == (12, 11)
    assert "cars_per_100_households" not in leap.spec.indicators


def test_change_of_a_county_that_stands_still_against_a_province_that_rises() -> None:
    """Levels and gaps differ only by what the province did: the sum of points over groups moves by one constant."""
    levels, gaps = (repeated_values(against_province=gap) for gap in (False, True))
    change = {name: waves["late"] - waves["early"] for name, waves in {"levels": levels, "gaps": gaps}.items()}
    moved = (change["levels"] - change["gaps"]).dropna()
    assert (moved.std() < 1e-9).all()
    assert moved["urban_share"].iloc[0] == pytest.approx(72.170057 - 33_550_209 / 54_426_891 * 100, abs=1e-5)


def test_the_newest_year_of_the_table_is_the_one_that_is_ranked(later_year: int) -> None:
    """Kecheng of 2023: its GDP and Zhejiang's, a sum of counties, over the residents of 2020; growth over 12 years."""
    vintage = vintage_of()
    found = position_values(vintage)
    gdp = load_table("county_gdp").query("year == @later_year").set_index("code")["gdp_10k_yuan"]
    whole = gdp[gdp.index.str.startswith("33")].sum()
    assert found.loc["330802", "gdp_per_head_relative"] == pytest.approx(
        gdp["330802"] / 528_847 / (whole / 64_567_588) * 100, rel=2e-3
    )
    growth = (gdp["330824"] / 816_700) ** (1 / 12) - (whole / 317_695_500) ** (1 / 12)
    assert found.loc["330824", "gdp_growth_relative"] == pytest.approx(growth * 100, abs=0.05)
    ranking, change = (
        rank_counties("leapfrog", vintage=vintage, **FEW),
        compare_dates("leapfrog", vintage=vintage, **FEW),
    )
    assert ranking.spec.spec_id != rank_counties("leapfrog", **FEW).spec.spec_id
    assert len(change.table) == 12 and not change.table.isna().any(axis=None)
    names = indicators_table(vintage).frame["indicator"]
    assert names.str.contains("2023").sum() == 4


def test_a_year_without_the_primary_sector_is_ranked_by_the_rest(values: pd.DataFrame) -> None:
    """A user may have GDP alone: what no county has is left out, and said."""
    alone = values.assign(primary_share=np.nan, farm_productivity_relative=np.nan)
    each = rank_counties("leapfrog", values=alone, **FEW)
    assert set(each.without) == {"primary_share", "farm_productivity_relative"}
    assert not set(each.without) & set(each.spec.indicators)
    assert "Left out, since no county has figures: labour productivity in agriculture" in data_text([each])
