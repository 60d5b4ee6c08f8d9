"""Ratios, the mountain dummy and the distance to the capital on a country of six counties."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.studies.border.variables import add_variables, capital_codes, great_circle_km, mountain_threshold

FRAME = pd.DataFrame(
    {
        "code": ["330102", "330105", "330802", "340102", "340202", "341002"],
        "province_code": ["330000"] * 3 + ["340000"] * 3,
        "prefecture_code": ["330100", "330100", "330800", "340100", "340200", "341000"],
        "area_km2": [10.0, 100.0, 900.0, 50.0, np.pi * 90**2, 500.0],
        "ruggedness": [1.0, 2.0, 30.0, np.nan, 5.0, 20.0],
        "population_2020": [100.0, 900.0, 90.0, 500.0, 400.0, 100.0],
        "flags": ["", "gdp_2021_growth;gdp_2021_rounded", "gdp_2021_rounded;gdp_2021_unit_corrected", "", "", ""],
        "lights_2021": [50.0, 90.0, 9.0, np.nan, 40.0, 10.0],
    }
)
# One degree of latitude apart from north to south on one meridian.
CENTRES = pd.DataFrame({"code": FRAME["code"], "longitude": 119.0, "latitude": [30.0, 31.0, 29.0, 32.0, 33.0, 30.0]})


def test_lights_are_per_resident_and_per_km2() -> None:
    added = add_variables(FRAME, CENTRES)
    np.testing.assert_allclose(added["lights_per_head_2021"], [0.5, 0.1, 0.1, np.nan, 0.1, 0.1])
    np.testing.assert_allclose(added["lights_per_km2_2021"].iloc[:3], [5.0, 0.9, 0.01])


def test_upper_third_of_all_counties_is_mountainous_and_missing_terrain_stays_missing() -> None:
    added = add_variables(FRAME, CENTRES)
    assert mountain_threshold(FRAME) == pytest.approx(15.0)  # of 1 2 5 20 30, two thirds of the way from 5 to 20
    assert added["is_mountainous"].tolist()[:3] == [False, False, True]
    assert added["is_mountainous"].isna().tolist() == [False, False, False, True, False, False]


def test_only_flags_that_question_the_ratio_make_gdp_doubtful() -> None:
    assert add_variables(FRAME, CENTRES)["gdp_is_doubtful"].tolist() == [False, True, False, False, False, False]


def test_densest_county_of_the_capital_stands_for_it() -> None:
    assert capital_codes(FRAME).to_dict() == {"330000": "330102", "340000": "340102"}


def test_distance_to_the_capital_of_the_own_province() -> None:
    degree = np.pi / 180 * 6371.01
    distance = add_variables(FRAME, CENTRES)["distance_to_capital_km"]
    np.testing.assert_allclose(distance.iloc[[1, 2, 4, 5]], [degree, degree, degree, 2 * degree])


def test_a_capital_lies_its_mean_inner_distance_from_itself() -> None:
    distance = add_variables(FRAME, CENTRES)["distance_to_capital_km"]
    assert distance.iloc[0] == pytest.approx(2 / 3 * np.sqrt(10 / np.pi))


def test_great_circle_quarter_of_the_equator() -> None:
    quarter = great_circle_km(np.array([[170.0, 0.0]]), np.array([[-100.0, 0.0]]))
    assert quarter[0] == pytest.approx(np.pi / 2 * 6371.01)


def test_absent_columns_are_named() -> None:
    with pytest.raises(SpecificationError, match="no column 'ruggedness'"):
        add_variables(FRAME.drop(columns="ruggedness"), CENTRES)
