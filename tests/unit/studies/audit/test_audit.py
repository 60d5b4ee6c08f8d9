"""The frames that the audit notebook shows."""

import pandas as pd
import pytest

from shanhai.core import fields
from shanhai.core.errors import ValidationError
from shanhai.data.corrections.all_rules import RULES
from shanhai.data.frames.panel import build_county_frame
from shanhai.data.load import load_layer
from shanhai.studies.audit import analysis


def test_the_overview_has_one_row_a_table() -> None:
    overview = analysis.table_overview()
    assert overview["table"].tolist() == list(fields.table_names())
    assert overview["present_pct"].dropna().between(0, 100).all()


def test_coverage_counts_every_county_once_and_the_country_is_the_sum() -> None:
    coverage = analysis.county_coverage()
    table = analysis.coverage_by_province(coverage).set_index("province")
    assert table.loc["China 全国", "counties"] == len(coverage) == 2852
    assert (table.iloc[:-1].sum() == table.loc["China 全国"]).all()
    assert (table.drop(columns="counties").le(table["counties"], axis=0)).all(axis=None)
    assert table.loc["China 全国", "polygon"] == len(load_layer("counties"))


def test_every_county_has_a_polygon_or_a_reason() -> None:
    missing = analysis.counties_without_polygon()
    coverage = analysis.county_coverage()
    assert set(missing["code"]) == set(coverage.loc[~coverage["polygon"], "code"])
    assert missing["reason"].str.len().gt(20).all()
    assert not missing["reason"].eq("no polygon in the source").any()


def test_the_totals_of_every_level_are_compared() -> None:
    summary = analysis.summarise_totals(analysis.all_totals())
    assert (summary["equal"] + summary["declared"] + summary["undeclared"] == summary["figures"]).all()
    assert summary["undeclared"].sum() == 0
    national = analysis.national_population()
    assert national["difference"].eq(0).all()
    assert (national["counties"] + national["zones"] == national["provinces"]).all()


def test_corrections_are_counted_by_rule() -> None:
    log = analysis.all_corrections()
    summary = analysis.summarise_corrections(log)
    assert summary["rule"].tolist() == [rule.id for rule in RULES]
    assert summary["cells"].sum() == len(log)
    cells = analysis.corrected_cells(log)
    assert len(cells) == len(log)
    digits = cells[cells["rule"].str.endswith("digits")].set_index("name_zh")
    assert digits.loc["涟水县", ["column", "before", "after"]].tolist() == ["edu_primary", "1235929", "235929"]


def test_kinds_of_corrections_add_up_and_every_rule_has_one() -> None:
    log = analysis.all_corrections()
    kinds = analysis.summarise_kinds(log, analysis.table_overview()).set_index("kind")
    every = pd.DataFrame({"rule": [rule.id for rule in RULES], "table": "t"})
    assert set(analysis.summarise_kinds(every, analysis.table_overview())["kind"]) == set(kinds.index)
    assert kinds["cells"].sum() == len(log)
    assert pd.isna(kinds.loc["name", "share"]) and kinds["share"].sum() == pytest.approx(0.986, abs=0.01)
    with pytest.raises(ValidationError, match="of no kind"):
        analysis.summarise_kinds(every.assign(rule="gdp-guess"), analysis.table_overview())


def test_moved_figures_are_summed_by_province_and_year() -> None:
    log = analysis.all_corrections()
    table = analysis.moved_figures(log)
    of_rules = log["rule"].str.contains("hukou-placeholder|hukou-displaced|resident-displaced")
    assert (table["moved"] + table["missing"]).sum() == of_rules.sum()
    placeholders = table.loc[table["rule"].eq("hukou-placeholder")].iloc[0]
    assert placeholders[["province", "year", "moved", "missing"]].tolist() == ["Heilongjiang 黑龙江", "2021", 0, 73]
    shanxi = table.loc[table["province"].eq("Shanxi 山西"), "year"]
    assert shanxi.tolist() == [str(year) for year in (*range(2006, 2015), 2016)]


def test_cells_of_county_gdp_are_listed_with_their_county() -> None:
    cells = analysis.corrected_cells(analysis.all_corrections())
    wuqiang = cells.loc[cells["code"].eq("131123") & cells["column"].eq("gdp_10k_yuan")]
    assert wuqiang[["name_zh", "year", "before", "after"]].to_numpy().tolist() == [
        ["武强县", "2021", "1709308", "776784"]
    ]


def test_flags_are_counted_by_kind() -> None:
    flags = pd.DataFrame(
        {"code": ["1", "1", "2"], "table": "t", "column": ["a", "b", "a"], "flag": "f", "reason": "because"}
    )
    assert analysis.summarise_flags(flags, "2").to_dict("records") == [
        {"table": "t", "flag": "f", "values": 3, "units": 2, "inside": 1}
    ]


def test_changed_units_of_bazhong() -> None:
    changed = analysis.changed_units(2010, ["5119"])
    assert changed[["name_zh", "name_2020", "relation"]].to_numpy().tolist() == [
        ["巴州区", "巴州区", "split"],
        ["巴州区", "恩阳区", "split"],
    ]


def test_borders_that_a_rule_of_length_decides_are_listed() -> None:
    table = analysis.slight_borders().set_index(["code_a", "code_b"])
    assert table["land_km"].is_monotonic_increasing
    assert not table.loc[table["land_km"] < 1, "counts"].any()
    assert table.loc[table["land_km"] >= 1, "counts"].all()
    assert table.loc[("310115", "330922"), ["county_a", "county_b", "decides"]].tolist() == [
        "浦东新区",
        "嵊泗县",
        "310115;330922",
    ]
    assert table.loc[("310115", "330922"), "water_km"] == pytest.approx(2.8, abs=0.01)
    undone = table.loc[~table["counts"], "decides"].str.split(";").explode()
    assert sorted(undone[undone.ne("")]) == ["130126", "310115", "330922", "350429", "430602"]


def test_counties_beside_a_border_and_not_on_it_are_listed() -> None:
    near = analysis.near_borders(build_county_frame(), 1.0)
    # 灵寿, 伊通, 泰宁, 岳阳楼, 玉门 meet another province without counting as on its border; 永清 is 0.66 km off.
    assert near["code"].tolist() == ["130126", "220323", "350429", "430602", "620981", "131023"]
    assert near["flags"].str.contains("border_contact").tolist() == [True] * 5 + [False]
