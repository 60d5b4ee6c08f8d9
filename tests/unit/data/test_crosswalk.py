"""The crosswalk: complete, consistent, and plausible in population."""

import pandas as pd
import pytest

from shanhai.core.errors import MissingDataError
from shanhai.data.frames.crosswalk import ONE_UNIT, count_relations, select_vintage, sum_over_unions
from shanhai.data.frames.panel import build_county_frame
from shanhai.data.frames.unions import with_joint_gdp
from shanhai.data.load import load_table


@pytest.fixture(scope="module")
def crosswalk() -> pd.DataFrame:
    return load_table("crosswalk")


def counties(year: int) -> pd.DataFrame:
    frame = load_table(f"census_{year}")
    return frame[frame["is_county"]]


TINY = pd.DataFrame(
    [
        (2010, "330183", "330111", "recoded", "330111"),
        (2010, "330204", "330203", "split", "330203"),
        (2010, "330204", "330212", "split", "330203"),
        (2010, "330212", "330212", "split", "330203"),
        (2010, "810001", None, "outside", None),
    ],
    columns=["vintage", "code", "code_2020", "relation", "union_code"],
)


def test_a_union_adds_both_sides() -> None:
    earlier = pd.DataFrame({"code": ["330183", "330204", "330212"], "population": [7.0, 3.0, 5.0]})
    later = pd.DataFrame({"code": ["330111", "330203", "330212"], "population": [14.0, 4.0, 6.0]})
    unions = sum_over_unions(earlier, later, TINY, 2010, "population").set_index("union_code")
    assert unions.loc["330111"].tolist() == [1, 7.0, 14.0, 2.0]
    assert unions.loc["330203"].tolist() == [2, 8.0, 10.0, 1.25]


def test_a_union_with_a_missing_member_is_missing() -> None:
    earlier = pd.DataFrame({"code": ["330183", "330204"], "population": [7.0, 3.0]})
    later = pd.DataFrame({"code": ["330111", "330203", "330212"], "population": [14.0, 4.0, 6.0]})
    assert sum_over_unions(earlier, later, TINY, 2010, "population")["ratio"].isna().tolist() == [False, True]


def test_two_rows_of_one_code_and_unknown_vintages_are_refused() -> None:
    twice = pd.DataFrame({"code": ["330183"] * 2, "population": [1.0, 2.0]})
    with pytest.raises(MissingDataError, match="several rows"):
        sum_over_unions(twice, twice, TINY, 2010, "population")
    with pytest.raises(MissingDataError, match=r"no vintage 2015; choose one of \[2010\]"):
        select_vintage(TINY, 2015)


def test_every_unit_of_2010_and_every_county_of_2020_is_linked(crosswalk: pd.DataFrame) -> None:
    rows = select_vintage(crosswalk, 2010)
    assert set(rows["code"]) == set(counties(2010)["code"])
    assert set(rows["code_2020"]) == set(counties(2020)["code"])


def test_every_county_of_2020_is_somewhere_in_the_boundaries_of_2017(crosswalk: pd.DataFrame) -> None:
    assert set(select_vintage(crosswalk, 2017)["code_2020"].dropna()) == set(load_table("counties")["code"])


def test_every_code_of_the_economic_tables_is_linked(crosswalk: pd.DataFrame) -> None:
    known = set(select_vintage(crosswalk, 2021)["code"])
    assert set(load_table("county_gdp")["code"]) <= known
    assert set(load_table("county_lights")["code"]) <= known


def test_relations_say_what_the_links_are(crosswalk: pd.DataFrame) -> None:
    linked = crosswalk.dropna(subset="code_2020")
    units = linked.groupby(["vintage", "union_code"]).agg(
        old=("code", "nunique"), new=("code_2020", "nunique"), relation=("relation", "first")
    )
    assert linked.groupby(["vintage", "union_code"])["relation"].nunique().eq(1).all()
    assert units.loc[units["relation"].isin(ONE_UNIT), ["old", "new"]].eq(1).all(axis=None)
    assert units.loc[units["relation"].eq("merged"), "new"].eq(1).all()
    assert units.loc[units["new"].gt(1), "relation"].eq("split").all()
    same = linked[linked["relation"].isin(["same", "renamed"])]
    assert (same["code"] == same["code_2020"]).all()


def test_nobody_is_lost_between_the_censuses(crosswalk: pd.DataFrame) -> None:
    unions = sum_over_unions(counties(2010), counties(2020), crosswalk, 2010, "population")
    assert unions["population_2010"].sum() == counties(2010)["population"].sum()
    assert unions["population_2020"].sum() == counties(2020)["population"].sum()


def test_no_union_shrinks_or_grows_beyond_reason(crosswalk: pd.DataFrame) -> None:
    """A wrong link would couple units of different size; the extremes are forest districts and new towns."""
    ratio = sum_over_unions(counties(2010), counties(2020), crosswalk, 2010, "population")["ratio"]
    assert ratio.between(0.33, 2.5).all()
    assert ratio.between(0.6, 1.7).mean() > 0.97


@pytest.mark.parametrize(
    ("code", "code_2020", "relation"),
    [
        ("110103", "110101", "merged"), ("310108", "310106", "merged"), ("330204", "330212", "split"),
        ("330621", "330603", "split"), ("330204", "330203", None), ("341402", "340181", "recoded"),
        ("230702", "230717", "merged"),
        ("500222", "500110", "merged"), ("652201", "650502", "recoded"), ("330802", "330802", "same"),
    ],
)  # fmt: skip
def test_well_known_changes_until_2020(
    crosswalk: pd.DataFrame, code: str, code_2020: str, relation: str | None
) -> None:
    rows = select_vintage(crosswalk, 2010)
    found = rows[rows["code"].eq(code) & rows["code_2020"].eq(code_2020)]
    assert found["relation"].tolist() == ([relation] if relation else [])


def test_hangzhou_of_april_2021(crosswalk: pd.DataFrame) -> None:
    rows = select_vintage(crosswalk, 2021).set_index("code")
    assert rows.loc["330113", "code_2020"] == "330110"  # Linping left Yuhang: their sum is the Yuhang of the census
    assert rows.loc[["330110", "330113"], "relation"].eq("merged").all()
    assert set(rows.loc["330105", "code_2020"]) == {"330103", "330105"}
    assert set(rows.loc["330114", "code_2020"]) == {"330104", "330109"}
    assert rows.loc[["330102", "330109", "330114"], "union_code"].eq("330102").all()


def test_counts_add_up(crosswalk: pd.DataFrame) -> None:
    counts = count_relations(crosswalk)
    assert counts.loc[2010, "units"] == len(counties(2010))
    assert counts.loc[[2010, 2017], "counties of 2020"].tolist() == [2852, 2852]


def test_a_redrawn_union_shows_its_joint_figure_per_head_and_others_stay() -> None:
    """Old 1 and 2 became new 7 and 8, which crossed; old 3 stayed; old 4 and 5 became 9, whose figure is missing."""
    links = [("7", "1"), ("7", "2"), ("8", "2"), ("3", "3"), ("9", "4"), ("9", "5")]
    relations = ["split", "split", "split", "same", "split", "split"]
    table = pd.DataFrame(links, columns=["code", "code_2020"]).assign(
        vintage=2021, relation=relations, union_code=["1", "1", "1", "3", "4", "4"]
    )
    gdp = pd.DataFrame({"code": ["7", "8", "3", "9"], "year": 2021, "gdp_10k_yuan": [6.0, 9.0, 5.0, float("nan")]})
    frame = pd.DataFrame(
        {
            "code": list("12345"),
            "population_2020": [1000.0, 2000, 100, 10, 10],
            "gdp_per_capita_2021": [float("nan")] * 2 + [500.0] + [float("nan")] * 2,
        }
    )
    shown = with_joint_gdp(frame, gdp, table, 2021)
    assert shown["gdp_per_capita_2021"].fillna(-1).tolist() == [150_000 / 3000] * 2 + [500, -1, -1]
    assert shown["gdp_joint_2021"].fillna("").tolist() == ["1", "1", "", "", ""]
    cut = with_joint_gdp(frame.iloc[1:], gdp, table, 2021)
    assert cut["gdp_joint_2021"].isna().all(), "a frame without a member has no joint figure"


def test_the_five_districts_of_hangzhou_have_the_figures_of_what_they_became(crosswalk: pd.DataFrame) -> None:
    """Shangcheng, Xiaoshan and Qiantang of 2021 stand on old Shangcheng, Jianggan and Xiaoshan, new Gongshu on two."""
    shown = with_joint_gdp(build_county_frame(), load_table("county_gdp"), crosswalk, 2021)
    given = shown.dropna(subset="gdp_joint_2021").set_index("code")
    assert given["gdp_joint_2021"].to_dict() == {
        **dict.fromkeys(("330102", "330104", "330109"), "330102"),
        **dict.fromkeys(("330103", "330105"), "330103"),
    }
    people = counties(2020).set_index("code")["population"]
    east = (24175100 + 12182300 + 20116200) * 1e4 / people[["330102", "330104", "330109"]].sum()
    north = 19685600 * 1e4 / people[["330103", "330105"]].sum()
    assert given["gdp_per_capita_2021"][["330104", "330105"]].tolist() == pytest.approx([east, north])
