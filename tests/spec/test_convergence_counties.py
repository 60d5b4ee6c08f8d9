"""Convergence on the project's own counties: parts add up, two routes agree, traps of the data stay closed."""

import numpy as np
import pandas as pd
import pytest

from shanhai.data.frames.panel import build_county_frame
from shanhai.data.load import load_table
from shanhai.methods.convergence.inequality import theil
from shanhai.studies.convergence import analysis, design, panel
from shanhai.studies.convergence.beta import beta_table, noise_table, variant_table
from shanhai.studies.convergence.panel import add_periods, levels

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return analysis.convergence_frame()


def test_unions_lose_no_resident_light_or_county(frame: pd.DataFrame) -> None:
    counties, census = build_county_frame(), load_table("census_2010")
    assert frame["members"].sum() == len(counties)
    zones = load_table("zones").dropna(subset=["host_code", "row_2020"])
    hosted = zones["row_2020"].map(load_table("census_2020").set_index("row")["population"]).sum()
    assert frame["population_2020"].sum() == counties["population_2020"].sum() + hosted
    assert (
        frame["population_2010"].sum() == census.loc[census["is_county"] & census["code"].notna(), "population"].sum()
    )
    lights, links = load_table("county_lights"), load_table("crosswalk")
    units = links.loc[links["vintage"].eq(2021) & links["code_2020"].notna(), "code"]
    of_counties = lights[lights["year"].eq(2022) & lights["code"].isin(units)]["light_sum"]
    assert frame["lights_2022"].sum() == pytest.approx(of_counties.sum())


def test_redrawn_districts_of_hangzhou_are_two_units_with_light(frame: pd.DataFrame) -> None:
    home = frame[frame["prefecture_code"].eq("330100")].set_index("code")
    assert home["lights_2022"].notna().all()
    assert home["members"].sort_values().tolist() == [1] * 8 + [2, 3]
    # Shangcheng 20,937.22, Xiaoshan 54,238.90 and Qiantang 14,038.58 of 2021 lie on the ground of three of 2020
    assert home.loc["330109", "lights_2022"] == pytest.approx(20_937.22 + 54_238.90 + 14_038.58)


def test_the_26_are_26_and_cangnan_is_with_longgang_in_every_year(frame: pd.DataFrame) -> None:
    assert frame["is_mountain_26"].sum() == 26
    cangnan = frame.set_index("code").loc["330327"]
    raw = build_county_frame().set_index("code")
    assert cangnan["gdp_2021"] == raw.loc["330327", "gdp_2021"] + raw.loc["330383", "gdp_2021"]
    assert cangnan["gdp_2001"] == raw.loc["330327", "gdp_2001"]
    assert cangnan["population_2010"] == 1_184_643


def test_parts_of_inequality_add_up_in_every_year(frame: pd.DataFrame) -> None:
    for path in analysis.inequality_paths(frame).values():
        between = path[[name for name in path.columns if name.startswith("theil_between")]]
        assert (between.sum(axis=1) + path["theil_within"]).to_numpy() == pytest.approx(path["theil"].to_numpy())
        assert (between >= 0).all(axis=None)
        parts = path[["gini_between", "gini_within", "gini_overlap"]].sum(axis=1)
        assert parts.to_numpy() == pytest.approx(path["gini"].to_numpy())
        assert (path["gini_overlap"] >= -1e-12).all()


def test_unweighted_theil_of_the_package_is_that_of_the_library(frame: pd.DataFrame) -> None:
    table = analysis.unweighted_table().set_index(["scope", "measure", "year"])
    values = levels(analysis.areas(frame)["zhejiang"], "gdp_per_head", (2001, 2011, 2021)).dropna()
    for year in (2001, 2011, 2021):
        for scope in ("prefectures", "the_26"):
            assert table.loc[(scope, "gdp_per_head", year), "theil"] == pytest.approx(theil(values[year]))


def test_position_of_the_26_is_the_ratio_of_sums(frame: pd.DataFrame) -> None:
    home = analysis.areas(frame)["zhejiang"]
    path = panel.positions_of_the_26(home)["lights_per_head"].set_index("year")
    known = home[home["lights_2022"].notna()]
    inside = known["is_mountain_26"].astype(bool)
    poor, rich = (known.loc[side, ["lights_2022", "population_2020"]].sum() for side in (inside, ~inside))
    expected = 100 * (poor.iloc[0] / poor.iloc[1]) / (rich.iloc[0] / rich.iloc[1])
    assert path.loc[2022, "ratio"] == pytest.approx(expected)


def test_prefectures_have_a_year_without_gap_and_quzhou_with_lishui_are_two_of_eleven() -> None:
    series, path = panel.prefecture_series()
    assert series.shape == (11, 28)
    assert (path["group"].iloc[0], path["others"].iloc[0]) == (2, 9)
    assert (path["ratio"] < 100).all()


def test_regressions_cover_what_they_say(frame: pd.DataFrame) -> None:
    columns = add_periods(frame, (*design.PERIODS, *design.AREA_PERIODS))
    table = beta_table(columns).set_index(["sample", "period", "conditions"])
    light, gdp = design.LIGHTS_LATE.name, design.GDP_LATE.name
    assert table.loc[("the_26", light, "none"), "n"] == 26
    assert table.loc[("zhejiang", light, "none"), "clusters"] == 11
    assert ("zhejiang", light, "province") not in table.index
    assert variant_table(columns)["spec_id"].is_unique
    readings, results = noise_table(frame, ("zhejiang",))
    assert (readings["first_stage_f"] > 10).all()
    same = readings[readings["measure"].eq("gdp_per_head")]["least_squares"]
    assert same.to_numpy() == pytest.approx(np.full(len(same), table.loc[("zhejiang", gdp, "none"), "estimate"]))
    assert len({result.as_estimate().id for result in results}) == len(results)


def test_chances_sum_to_one_and_the_long_run_stays(frame: pd.DataFrame) -> None:
    table = analysis.transition_table(5)
    chances = table[[f"to_{end}" for end in range(1, 6)]]
    assert chances.sum(axis=1).to_numpy() == pytest.approx(np.ones(len(table)))
    for _, rows in table.groupby(["sample", "segment"]):
        ergodic = rows["ergodic"].to_numpy()
        assert ergodic @ rows[chances.columns].to_numpy() == pytest.approx(ergodic)


def test_light_is_more_alike_among_neighbours_in_every_year() -> None:
    table = analysis.moran_table(199, 1)
    assert (table["p"] <= 0.01).all()
    assert table.groupby("measure")["n"].nunique().eq(1).all()
