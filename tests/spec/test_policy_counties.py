"""The pre-specified estimation on the counties: by a second route, and with what it must refuse."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import MissingDataError, ParameterError, SpecificationError
from shanhai.methods.did import build_panel, contrast, placebo_regions
from shanhai.run.values import check_values
from shanhai.studies.border.analysis import analysis_frame
from shanhai.studies.policy.analysis import policy_data, prefecture_effects
from shanhai.studies.policy.design import (
    MAIN,
    PREFECTURES,
    VARIANTS,
    crosses_sensors,
    design_name,
    level_years,
    refusals,
)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return analysis_frame()


def test_main_design_is_what_was_specified_beforehand() -> None:
    assert not crosses_sensors(MAIN)
    assert MAIN.spec_id == "8f3303074688", "the pre-specified design is another one; a variant belongs beside it"
    ids = [design.spec_id for design in VARIANTS.values()]
    assert len(set(ids)) == len(ids) == 9


def test_designs_go_by_their_pre_specified_name() -> None:
    assert design_name(MAIN) == "main"
    assert design_name(replace(MAIN, comparison="neighbours")) == "neighbours"
    assert design_name(replace(MAIN, last_year=2020)) == "chosen"


def test_start_of_2002_is_refused_for_want_of_years_before(frame: pd.DataFrame) -> None:
    found = refusals(policy_data(frame)[1]).set_index("policy_year")
    assert found["accepted"].to_dict() == {2002: False, 2015: True, 2021: True}
    assert "leaves years before: 2001;" in found.loc[2002, "reason"]


def test_effect_by_dummies_on_the_long_panel(frame: pd.DataFrame) -> None:
    """Least squares with a dummy for each county and year, and level and ruggedness by year, from the raw frame."""
    design = replace(MAIN, comparison="home")
    panel = build_panel(design, *policy_data(frame))
    ours = float(contrast(panel.treated, panel.covariates) @ panel.change)
    rows = frame[frame["code"].isin(set(panel.units["code"]))].sort_values("code")
    assert set(rows["province_code"]) == {"330000"}
    logs = np.log(rows[[f"lights_{year}" for year in range(2010, 2023)]].to_numpy() / rows[["area_km2"]].to_numpy())
    count, years = len(rows), 10
    level, terrain = logs[:, :3].mean(axis=1), rows["ruggedness"].to_numpy() / 100
    listed = rows["is_mountain_26"].to_numpy(dtype=float)
    unit, year = np.repeat(np.eye(count), years, axis=0), np.tile(np.eye(years), (count, 1))
    post = np.tile(np.arange(2013, 2023) >= 2015, count)
    held = [np.repeat(covariate, years)[:, None] * year[:, 1:] for covariate in (level, terrain)]
    matrix = np.column_stack([np.repeat(listed, years) * post, unit, year[:, 1:], *held])
    route = np.linalg.lstsq(matrix, logs[:, 3:].ravel(), rcond=None)[0][0]
    assert ours == pytest.approx(route, rel=1e-8)


def test_counties_of_the_list_without_counterpart_are_darker_than_those_with_one(frame: pd.DataFrame) -> None:
    units, values = policy_data(frame)
    panel = build_panel(MAIN, units, values)
    alone = panel.left_out.query("treated")
    assert int(panel.treated.sum()) + len(alone) == 26
    listed = values.loc[units.loc[units["treated"], "code"], list(MAIN.level_years)]
    level = np.log(listed).mean(axis=1)
    paired = panel.units.loc[panel.treated, "code"]
    assert level[alone["code"]].mean() < level[paired].mean()
    assert set(panel.units["region"]) == {"330000"}


def test_neighbours_are_border_and_mountain_counties_of_three_provinces(frame: pd.DataFrame) -> None:
    panel = build_panel(replace(MAIN, comparison="neighbours"), *policy_data(frame))
    others = panel.units[~panel.treated]
    assert set(others["region"]) == {"340000", "350000", "360000"}
    marked = frame.set_index("code").loc[others["code"]]
    assert marked["on_border"].astype(bool).all()
    assert marked["is_mountainous"].astype(bool).all()


def test_placebo_provinces_exclude_zhejiang_and_are_many(frame: pd.DataFrame) -> None:
    units, values = policy_data(frame)
    found = placebo_regions(build_panel(MAIN, units, values), units, values, 60, np.random.default_rng(1))
    assert "330000" not in set(found.regions)
    assert len(found.region_means) >= 6
    assert not set(found.regions) & set(found.excluded)


def test_a_county_missing_in_a_year_is_refused(frame: pd.DataFrame) -> None:
    units, values = policy_data(frame)
    broken = values.copy()
    broken.loc["331127", 2018] = np.nan
    with pytest.raises(MissingDataError, match=r"Jingning \(2018\)"):
        build_panel(replace(MAIN, comparison="home"), units, broken)


def test_prefectures_are_sums_of_their_counties(frame: pd.DataFrame) -> None:
    """The gap of Quzhou in 2020 by hand: its log density less that of weighted donors, less the same before 2015."""
    effects = prefecture_effects(frame, 2015)
    assert set(effects) == set(PREFECTURES)
    assert frame.loc[frame["prefecture_code"].eq("330800"), "is_mountain_26"].all()
    fit = effects["330800"].fit

    def density(code: str, year: int) -> float:
        there = frame[frame["prefecture_code"].eq(code)].dropna(subset=[f"lights_{year}", "area_km2"])
        return float(np.log(there[f"lights_{year}"].sum() / there["area_km2"].sum()))

    def apart(year: int) -> float:
        donors = fit.unit_weights[fit.unit_weights > 0]
        return density("330800", year) - sum(share * density(str(code), year) for code, share in donors.items())

    before = sum(share * apart(int(year)) for year, share in fit.time_weights.items() if share > 0)
    assert fit.gap[2020] == pytest.approx(apart(2020) - before)
    dark = frame.assign(lights_2005=frame["lights_2005"].mask(frame["prefecture_code"].eq("330800"), 0.0))
    with pytest.raises(MissingDataError, match="no light in some year in 330800"):
        prefecture_effects(dark, 2015)


@pytest.mark.parametrize(
    ("values", "error", "said"),
    [
        ({"comparison": "everybody"}, ParameterError, "choose one of matched, home, neighbours, all"),
        ({"scale": "cube"}, ParameterError, "choose one of log, rank, level"),
        ({"policy_year": 2002, "window_from": 2001, "window_to": 2022}, SpecificationError, "years before: 2001"),
        (
            {"policy_year": 2015, "window_from": 2013, "window_to": 2024},
            MissingDataError,
            "2023, 2024; allowed: 2001",
        ),
    ],
)
def test_bad_parameters_are_refused_before_a_kernel_starts(
    values: dict[str, object], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        check_values(values)


def test_one_parameter_is_checked_beside_the_defaults_of_the_others() -> None:
    with pytest.raises(SpecificationError, match="years before: none"):
        check_values({"policy_year": 2002})
    check_values({"policy_year": 2021})


def test_level_comes_from_before_the_window_where_there_is_light() -> None:
    assert level_years(MAIN.first_year) == MAIN.level_years
    assert level_years(2005) == (2002, 2003, 2004)
    assert level_years(2002) == (2001,)
    assert level_years(2001) == (2001,)


def test_parameters_of_the_main_design_pass() -> None:
    check_values({"policy_year": 2015, "window_from": 2013, "window_to": 2022, "comparison": "matched", "scale": "log"})
