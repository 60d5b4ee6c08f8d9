"""Convergence on the project's own counties: parts add up, two routes agree, traps of the data stay closed."""

import numpy as np
import pandas as pd
import pytest

from shanhai.data.frames.panel import build_county_frame
from shanhai.data.load import load_table
from shanhai.methods.convergence.inequality import theil
from shanhai.studies.convergence import analysis, design, panel
from shanhai.studies.convergence.beta_tables import beta_table, noise_table, variant_table
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
    known = frame["lights_2022"].notna()
    assert frame.loc[known, "lights_2022"].sum() <= counties["lights_2022"].sum()


def test_the_26_are_26_and_cangnan_is_with_longgang_in_every_year(frame: pd.DataFrame) -> None:
    assert frame["is_mountain_26"].sum() == 26
    cangnan = frame.set_index("code").loc["330327"]
    raw = build_county_frame().set_index("code")
    assert cangnan["gdp_2021"] == raw.loc["330327", "gdp_2021"] + raw.loc["330383", "gdp_2021"]
    assert cangnan["gdp_2001"] == raw.loc["330327", "gdp_2001"]
    assert cangnan["population_2010"] == 1_184_643


@pytest.mark.parametrize("measure", ["lights_per_head", "gdp_per_head"])
def test_parts_of_inequality_add_up_in_every_year(frame: pd.DataFrame, measure: str) -> None:
    for scope, columns in analysis.SCOPES.items():
        rows = frame if scope == "provinces" else analysis.of_zhejiang(frame)
        path = panel.inequality_path(rows, measure, columns)
        between = path[[name for name in path.columns if name.startswith("theil_between")]]
        assert (between.sum(axis=1) + path["theil_within"]).to_numpy() == pytest.approx(path["theil"].to_numpy())
        assert (between >= 0).all(axis=None)
        parts = path[["gini_between", "gini_within", "gini_overlap"]].sum(axis=1)
        assert parts.to_numpy() == pytest.approx(path["gini"].to_numpy())
        assert (path["gini_overlap"] >= -1e-12).all()


def test_unweighted_theil_of_the_package_is_that_of_the_library(frame: pd.DataFrame) -> None:
    table = analysis.unweighted_table().set_index(["scope", "measure", "year"])
    values = levels(analysis.of_zhejiang(frame), "gdp_per_head", (2001, 2011, 2021)).dropna()
    for year in (2001, 2011, 2021):
        for scope in ("prefectures", "the_26"):
            assert table.loc[(scope, "gdp_per_head", year), "theil"] == pytest.approx(theil(values[year]))


def test_position_of_the_26_is_the_ratio_of_sums(frame: pd.DataFrame) -> None:
    home = analysis.of_zhejiang(frame)
    path = panel.relative_position(home, home["is_mountain_26"], "lights_per_head").set_index("year")
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
