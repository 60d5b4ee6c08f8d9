"""The long panel of lights names the sensor of each year; unions put 2010 and 2020 on the same ground."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import MissingDataError
from shanhai.data.frames.lights import lights_panel, require_one_sensor
from shanhai.data.frames.unions import (
    residents,
    unions_of_counties,
    united_frame,
    with_hosted_zones,
    with_redrawn_districts,
)

FRAME = pd.DataFrame({"code": ["b", "a"], "lights_2012": [1.0, 2.0], "lights_2013": [3.0, np.nan]})


def test_panel_is_long_sorted_and_names_the_sensor() -> None:
    panel = lights_panel(FRAME, [2013, 2012, 2013])
    assert panel.to_dict("list")["code"] == ["a", "a", "b", "b"]
    assert panel["year"].tolist() == [2012, 2013, 2012, 2013]
    assert panel["sensor"].tolist() == ["DMSP", "VIIRS"] * 2
    assert panel["light_sum"].iloc[[0, 2, 3]].tolist() == [2.0, 1.0, 3.0]
    assert np.isnan(panel["light_sum"].iloc[1])


@pytest.mark.parametrize("years", [[], [2011], [2013, 2030]])
def test_years_without_data_are_refused_with_what_there_is(years: list[int]) -> None:
    with pytest.raises(MissingDataError, match="2012 to 2013"):
        lights_panel(FRAME, years)


@pytest.mark.parametrize(("first", "last", "said"), [(2012, 2013, "two sensors"), (2015, 2015, "no length")])
def test_periods_across_the_seam_or_of_no_length_are_refused(first: int, last: int, said: str) -> None:
    with pytest.raises(MissingDataError, match=said):
        require_one_sensor(first, last)


def county(code: str, **figures: object) -> dict[str, object]:
    """One county of 2020."""
    named = {"code": code, "name_zh": f"县{code}", "name_en": f"County {code}", "province_code": "990000"}
    shape = {"prefecture_code": "990100", "is_district": False, "is_mountain_26": False, "type": ""}
    numbers = {"population_2020": 100.0, "area_km2": 10.0, "gdp_2011": 5.0, "gdp_2021": 8.0, "lights_2013": 1.0}
    return named | shape | numbers | {"ruggedness": 1.0, "on_border": False} | figures


CENSUS = pd.DataFrame({"is_county": [True] * 2, "code": ["330327", "c"], "population": [300.0, 90.0]})
CROSSWALK = pd.DataFrame(
    {
        "vintage": [2010] * 3 + [2021] * 3,
        "code": ["330327", "330327", "c", "330327", "330383", "c"],
        "code_2020": ["330327", "330383", "c"] * 2,
        "union_code": ["330327", "330327", "c", "330327", "330383", "c"],
    }
)
COUNTIES = pd.DataFrame(
    [
        county("330383", population_2020=120.0, gdp_2011=np.nan, ruggedness=4.0, is_district=True, on_border=True),
        county("330327", population_2020=200.0, gdp_2011=7.0, is_mountain_26=True, area_km2=20.0),
        county("c", lights_2013=np.nan),
    ]
)


def test_a_union_sums_what_adds_up_and_takes_names_from_its_largest_member() -> None:
    united = united_frame(COUNTIES, CENSUS, CROSSWALK).set_index("code")
    both = united.loc["330327"]
    assert (both["members"], both["population_2010"], both["population_2020"]) == (2, 300.0, 320.0)
    # Longgang's GDP of 2011 stands inside Cangnan's
    assert (both["gdp_2011"], both["gdp_2021"], both["lights_2013"]) == (7.0, 16.0, 2.0)
    assert both["ruggedness"] == pytest.approx((4 * 10 + 1 * 20) / 30)
    assert both["on_border"] and both["is_mountain_26"] and not both["is_district"]
    assert both["name_zh"] == "县330327+县330383"
    assert np.isnan(united.loc["c", "lights_2013"])


@pytest.mark.parametrize(
    ("borders", "areas", "said"),
    [
        ([False, False], [10.0, 20.0], False),
        ([True, pd.NA], [10.0, 20.0], True),
        ([pd.NA, False], [10.0, 20.0], pd.NA),  # a neighbour may be absent from the layer
        ([pd.NA, False], [np.nan, 20.0], False),  # without polygon it lies in that of the other
        ([pd.NA, pd.NA], [10.0, 20.0], pd.NA),
    ],
)
def test_a_union_is_on_a_border_if_a_member_is_and_unknown_if_one_may_be(
    borders: list[object], areas: list[float], said: object
) -> None:
    rows = COUNTIES.assign(on_border=pd.array([*borders, False], dtype="boolean"), area_km2=[*areas, 10.0])
    found = united_frame(rows, CENSUS, CROSSWALK).set_index("code").loc["330327", "on_border"]
    assert (found is pd.NA) if said is pd.NA else found == said


def test_unions_do_not_depend_on_the_order_of_rows() -> None:
    pd.testing.assert_frame_equal(
        united_frame(COUNTIES, CENSUS, CROSSWALK), united_frame(COUNTIES.iloc[::-1], CENSUS, CROSSWALK)
    )


def test_a_frame_without_memberships_or_with_repeated_codes_is_refused() -> None:
    with pytest.raises(MissingDataError, match="is_district"):
        united_frame(COUNTIES.drop(columns="is_district"), CENSUS, CROSSWALK)
    with pytest.raises(MissingDataError, match="repeats"):
        united_frame(pd.concat([COUNTIES, COUNTIES]), CENSUS, CROSSWALK)


def test_residents_grow_at_a_constant_rate_between_the_censuses_and_are_held_outside() -> None:
    people = residents(pd.DataFrame({"population_2010": [100.0], "population_2020": [400.0]}), (2001, 2010, 2015, 2022))
    assert people.iloc[0].tolist() == pytest.approx([100.0, 100.0, 200.0, 400.0])


def test_residents_of_a_zone_count_in_its_host() -> None:
    zones = pd.DataFrame({"host_code": ["c", None], "row_2020": [7.0, 8.0]})
    census = pd.DataFrame({"row": [7, 8], "population": [50, 60]})
    counted = with_hosted_zones(COUNTIES, zones, census).set_index("code")["population_2020"]
    assert counted.to_dict() == {"330383": 120.0, "330327": 200.0, "c": 150.0}


# Of 2010: one unit for a and b. Of 2021: x lies on b and c, y on c alone, z is d.
REDRAWN = pd.DataFrame(
    [
        (2010, "ab", "a", "ab"),
        (2010, "ab", "b", "ab"),
        (2010, "c", "c", "c"),
        (2010, "d", "d", "d"),
        (2021, "a", "a", "a"),
        (2021, "x", "b", "b"),
        (2021, "x", "c", "b"),
        (2021, "y", "c", "b"),
        (2021, "z", "d", "d"),
    ],
    columns=["vintage", "code", "code_2020", "union_code"],
)


def test_counties_are_joined_through_units_of_either_year() -> None:
    assert unions_of_counties(REDRAWN).to_dict() == {"a": "a", "b": "a", "c": "a", "d": "d"}


def test_figures_of_redrawn_districts_reach_their_union_and_nobody_else() -> None:
    units = ["a", "x", "y", "z"]
    lights = pd.DataFrame({"code": units, "year": 2013, "light_sum": [1.0, 2.0, 4.0, 8.0]})
    gdp = pd.DataFrame({"code": units, "year": 2021, "gdp_10k_yuan": [1.0, np.nan, 4.0, 8.0]})
    rows = [
        county(code, lights_2013=light, gdp_2021=money)
        for code, light, money in (("a", 1.0, 1e4), ("b", np.nan, np.nan), ("c", np.nan, np.nan), ("d", 8.0, 8e4))
    ]
    filled = with_redrawn_districts(pd.DataFrame(rows), REDRAWN, lights, gdp).set_index("code")
    assert filled["lights_2013"].to_dict() == {"a": 1.0, "b": 6.0, "c": 0.0, "d": 8.0}  # 2 + 4, once
    assert filled["gdp_2021"].isna().to_dict() == {"a": False, "b": True, "c": True, "d": False}  # x has none
    census = pd.DataFrame({"is_county": True, "code": ["ab", "c", "d"], "population": [10.0, 20.0, 40.0]})
    united = united_frame(filled.reset_index(), census, REDRAWN).set_index("name_zh")
    assert united["members"].tolist() == [3, 1]
    assert united["lights_2013"].tolist() == [7.0, 8.0]
    assert united["population_2010"].tolist() == [30.0, 40.0]
