"""Moving figures between vintages on crosswalks drawn by hand."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import ValidationError
from shanhai.data.frames.harmonise import territory_groups, to_counties_2020, wide_to_counties_2020


def crosswalk(*links, vintage=2021, relation="merged"):
    rows = [(vintage, code, code_2020, relation) for code, code_2020 in links]
    return pd.DataFrame(rows, columns=["vintage", "code", "code_2020", "relation"])


def test_split_county_gets_the_sum_of_its_parts():
    # Yuhang of 2020 became Yuhang and Linping: 5 + 7.
    moved = to_counties_2020(
        pd.Series({"330110": 5.0, "330113": 7.0}), crosswalk(("330110", "330110"), ("330113", "330110")), 2021
    )
    assert moved.loc["330110"].tolist() == [12.0, True]


def test_county_merged_since_is_missing_and_says_so():
    # Gongshu of 2021 is Gongshu and Xiacheng of 2020: 9 cannot be divided between them.
    moved = to_counties_2020(pd.Series({"330105": 9.0}), crosswalk(("330105", "330105"), ("330105", "330103")), 2021)
    assert moved["recoverable"].tolist() == [False, False]
    assert moved["value"].isna().all()


def test_exchange_of_land_joins_all_units_in_one_group():
    # Qiantang took land of Jianggan and of Xiaoshan; the rest of Jianggan went to Shangcheng.
    links = [
        ("A", "shangcheng"),
        ("A", "jianggan"),
        ("Q", "jianggan"),
        ("Q", "xiaoshan"),
        ("X", "xiaoshan"),
        ("L", "linan"),
    ]
    groups = territory_groups(crosswalk(*links), 2021)
    assert groups.groupby("group")["code"].agg(set).tolist() == [{"A", "Q", "X"}, {"L"}]


def test_split_is_never_recoverable():
    # A zone was part of the county in 2010 and is printed apart in 2020: one unit, one county, other ground.
    moved = to_counties_2020(pd.Series({"a": 5.0}), crosswalk(("a", "1"), relation="split"), 2021)
    assert moved["recoverable"].tolist() == [False]
    assert moved["value"].isna().all()


def test_missing_part_makes_the_sum_missing():
    moved = to_counties_2020(pd.Series({"a": 5.0, "b": np.nan}), crosswalk(("a", "1"), ("b", "1"), ("c", "2")), 2021)
    assert moved["value"].isna().all()
    assert moved["recoverable"].all()


def test_other_vintages_and_units_outside_2020_play_no_part():
    links = pd.concat([crosswalk(("a", "1")), crosswalk(("b", "1"), vintage=2010), crosswalk(("z", np.nan))])
    assert to_counties_2020(pd.Series({"a": 5.0}), links, 2021)["value"].to_dict() == {"1": 5.0}


def test_unknown_code_is_refused_by_name():
    with pytest.raises(ValidationError, match="999999"):
        to_counties_2020(pd.Series({"999999": 5.0}), crosswalk(("a", "1")), 2021)


def test_row_order_changes_nothing():
    links = crosswalk(("a", "1"), ("b", "1"), ("c", "2"), ("c", "3"), ("d", "3"))
    values = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0]}, index=list("abcd"))
    moved = wide_to_counties_2020(values, links, 2021)
    shuffled = wide_to_counties_2020(values.iloc[::-1], links.sample(frac=1, random_state=1), 2021)
    pd.testing.assert_frame_equal(moved, shuffled)
    assert moved["x"].to_dict() == pytest.approx({"1": 3.0, "2": np.nan, "3": np.nan}, nan_ok=True)
