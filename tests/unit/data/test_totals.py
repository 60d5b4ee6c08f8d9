"""The proof that no figure is lost, on a tiny table and on both censuses."""

import pandas as pd
import pytest

from shanhai.core.errors import MissingDataError
from shanhai.data.frames.totals import DECLARED, NATION_2010, compare_totals, count_columns, undeclared_differences
from shanhai.data.load import load_table

TINY = pd.DataFrame(
    {
        "row": range(1, 7),
        "level": ["nation", "province", "prefecture", "county", "zone", "county"],
        "is_county": [False, False, False, True, False, True],
        "code": [None, "330000", "330800", "330802", None, "330803"],
        "name_zh": ["全国", "浙江省", "衢州市", "柯城区", "开发区", "衢江区"],
        "prefecture_code": [None, None, "330800", "330800", "330800", "330800"],
        "province_code": [None, "330000", "330000", "330000", "330000", "330000"],
        "population": [60, 60, 61, 30, 10, 20],
        "urban_share": [0.5] * 6,
    }
)


def test_counties_and_zones_make_up_the_totals() -> None:
    comparison = compare_totals(TINY, "tiny").set_index("level")
    assert comparison["sum"].to_dict() == {"nation": 60.0, "province": 60.0, "prefecture": 60.0}
    assert comparison["difference"].to_dict() == {"nation": 0.0, "province": 0.0, "prefecture": 1.0}
    assert undeclared_differences(compare_totals(TINY, "tiny"))["code"].tolist() == ["330800"]


def test_shares_and_means_are_not_added() -> None:
    assert count_columns(TINY) == ["population"]


def test_a_table_without_counties_is_refused() -> None:
    with pytest.raises(MissingDataError, match="no row of level county"):
        compare_totals(TINY.assign(is_county=False), "tiny")


@pytest.mark.parametrize("table", ["census_2010", "census_2020"])
def test_every_published_total_equals_its_parts_or_is_declared(table: str) -> None:
    comparison = compare_totals(load_table(table), table)
    assert undeclared_differences(comparison).empty
    totals = load_table(table)["level"].isin(["nation", "province", "prefecture", "subtotal"]).sum()
    assert len(comparison) == totals * len(count_columns(load_table(table)))


def test_every_declared_difference_is_there() -> None:
    comparison = pd.concat([compare_totals(load_table(name), name) for name in ("census_2010", "census_2020")])
    found = comparison.set_index(["table", "code", "column"])["difference"]
    for declared in DECLARED:
        for code in declared.codes:
            assert found[declared.table, code, declared.column] == declared.difference


def test_without_the_corrections_the_proof_fails() -> None:
    published = undeclared_differences(compare_totals(load_table("census_2010", corrected=False), "census_2010"))
    assert {"211400", "320800", "371300", "430400", "451000"} <= set(published["code"])


def test_the_provinces_of_2010_are_the_nation_of_the_national_volume() -> None:
    frame = load_table("census_2010")
    assert frame.loc[frame["level"].eq("province"), "population"].sum() == NATION_2010
