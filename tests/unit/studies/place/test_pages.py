"""The page of a prefecture or county: five sections, texts in both languages, exhibits that can be made."""

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

from shanhai.claims.evidence import project_evidence
from shanhai.core.errors import MissingDataError, ParameterError, ReportError, UnknownPlaceError
from shanhai.data.vintage import Vintage
from shanhai.methods.decomposition.gap import GapAccount, GapPart
from shanhai.render.publish import PublishedFigure, PublishedTable
from shanhai.render.tables import TableSpec
from shanhai.studies.border.design import main_spec
from shanhai.studies.place.analysis import Level, PlaceGap, doubtful_gdp, find_county
from shanhai.studies.place.charts import standing_chart
from shanhai.studies.place.pages import _CountyPage, _Exhibit, _PrefecturePage, _Section, open_page, publish_exhibits
from shanhai.studies.place.standing import standings, union_of
from shanhai.studies.place.tables import standing_table
from shanhai.studies.place.words import answer, claims_text, county_gap_text, county_position_text, standing_text

NOW = Vintage()
CHINESE = re.compile(r"[一-鿿]")


def test_a_county_comes_before_the_prefecture_and_both_have_the_same_sections() -> None:
    prefecture, page = open_page("330800"), open_page("330800", "330127")
    assert isinstance(prefecture, _PrefecturePage) and isinstance(page, _CountyPage)
    for side in (prefecture, page):
        assert all(callable(getattr(side, name)) for name in ("position", "comparison", "gap", "claims", "statements"))


@pytest.mark.parametrize(
    ("prefecture", "county", "language", "error"),
    [
        ("999999", "", "en", UnknownPlaceError),
        ("330802", "", "en", UnknownPlaceError),
        ("330800", "330800", "en", UnknownPlaceError),
        ("330800", "330383", "en", MissingDataError),
        ("330800", "", "fr", ParameterError),
    ],
)
def test_what_has_no_page_is_refused(prefecture: str, county: str, language: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        open_page(prefecture, county, language)


@pytest.mark.parametrize("language", ["en", "zh", "both"])
def test_a_county_page_is_three_figures_and_four_tables(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    figure = Figure()
    monkeypatch.setattr("shanhai.studies.place.pages.draw_map", lambda *args, **kwargs: drawn.append(args[3]) or figure)
    page = open_page("330800", "331181", language)
    figures = [page.profile(), page.gap_chart(), page.map()]
    assert [(type(made), name) for made, name, _ in figures] == [
        (Figure, "profile"),
        (Figure, "gap"),
        (Figure, "position"),
    ]
    assert [bool(CHINESE.search(caption)) for _, _, caption in figures] == [language != "en"] * 3
    sections = [page.position(), page.comparison(), page.gap(), page.claims(), page.statements()]
    made = [exhibit.make() for section in sections for exhibit in section.exhibits]
    assert [exhibit.name for section in sections for exhibit in section.exhibits] == [
        "standing", "gap", "claims", "statements",
    ]  # fmt: skip
    assert all(isinstance(table, TableSpec) and table.caption and table.notes for table in made)
    assert drawn == ["331100"]
    for text in (page.answer(), *(section.text for section in sections)):
        assert bool(CHINESE.search(text)) == (language != "en")
        assert text.count("\n\n") == (1 if language == "both" else 0)


def test_a_prefecture_page_lists_its_counties_and_maps_them(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(
        "shanhai.studies.place.pages.draw_map", lambda *args, **kwargs: drawn.append(args[3]) or Figure()
    )
    page = open_page("330800")
    assert [exhibit.name for exhibit in page.comparison().exhibits] == ["counties", "measures", "wealth"]
    page.map()
    page.comparison().exhibits[2].make()
    assert drawn == ["330000", "330800"]
    assert (page.name, page.reference) == (("Quzhou", "衢州市"), ("Zhejiang", "浙江"))
    assert open_page("110100").reference == ("China", "全国")


def test_the_answer_gives_level_gap_and_doubt() -> None:
    subject = find_county("330802", project_evidence(), NOW)
    level = Level(60_000.0, 120_000.0, 80_000.0)
    said = answer(subject, level, gap_of(-0.5, -0.1), 0)
    assert said.startswith(
        "In 2021 GDP per head in Kecheng was 60,000 yuan, 50% of that of Zhejiang and 75% of that of China "
        "(by totals: all GDP over all residents of the nearest census). "
    )
    assert "(-0.500 log points); border and terrain together account for -0.100 [-0.120, -0.080]" in said
    assert said.endswith("though its GDP of 2021 is not flagged as doubtful.")
    assert answer(subject, level, gap_of(-0.5, -0.1), 1).endswith("is itself flagged as doubtful.")
    assert len(re.findall(r"[.] [A-Z]", said)) == 2
    unknown = answer(subject, Level(float("nan"), 120_000.0, 80_000.0), gap_of(-0.5, -0.1), 0)
    assert unknown.startswith("Kecheng has no GDP of 2021 for its whole territory. ")


def test_doubtful_gdp_is_counted_by_the_flags_of_its_year() -> None:
    subject = find_county("330802", project_evidence(), NOW)
    flagged = replace(subject, row=subject.row.copy())
    flagged.row["flags"] = "few_cells;gdp_2021_growth"
    assert (doubtful_gdp(flagged), doubtful_gdp(replace(flagged, vintage=Vintage(2023)))) == (1, 0)
    flagged.row["flags"] = "gdp_2021_rounded"  # no reason for doubt by itself
    assert doubtful_gdp(flagged) == 0


def test_a_county_outside_prefectures_is_shown_on_the_map_of_its_province(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(
        "shanhai.studies.place.pages.draw_map", lambda *args, **kwargs: drawn.append(args[3]) or Figure()
    )
    for code in ("429004", "441900"):  # Xiantao, administered by Hubei; Dongguan, a prefecture without counties
        open_page("330800", code).map()
    assert drawn == ["420000", "440000"]


def test_position_says_class_neighbours_and_distance() -> None:
    evidence = project_evidence()
    inland = county_position_text(find_county("330802", evidence, NOW))
    assert inland.startswith("Kecheng is a district of Quzhou, Zhejiang, one of the 15 leapfrog counties of the 26. ")
    assert re.search(r"It touches no other province; the nearest border is \d+ km from its edge\.", inland)
    kaihua = county_position_text(find_county("330824", evidence, NOW))
    assert "It touches Anhui and Jiangxi." in kaihua
    jingning = county_position_text(find_county("331127", evidence, NOW), "zh")
    assert "景宁畲族自治县是浙江丽水市所辖的自治县，属26县中的11个生态发展类县之一。与福建接壤。" in jingning
    direct = county_position_text(find_county("429004", evidence, NOW))
    assert direct.startswith("Xiantao is a county-level city that Hubei administers directly. ")


def test_a_county_that_several_units_of_the_first_census_became_is_compared_with_itself() -> None:
    evidence = project_evidence()
    subject = find_county("152921", evidence, NOW)
    text = standing_text(subject, standings(subject, evidence), union_of(subject, evidence))
    assert "within those of 2020, the number of residents changed by +1.9% from 2010 to 2020" in text


def test_comparison_names_ranks_with_their_number_and_what_cannot_be_compared() -> None:
    evidence = project_evidence()
    subject = find_county("330327", evidence, NOW)
    text = standing_text(subject, standings(subject, evidence), union_of(subject, evidence))
    assert "GDP per head, 2021 (15 of 15)" in text
    assert "No comparison is possible for growth of GDP, 2001–2021; residents, 2020 against 2010." in text
    assert "together with Longgang, the number of residents changed by +10.5% from 2010 to 2020." in text
    longquan = find_county("331181", evidence, NOW)
    chinese = standing_text(longquan, standings(longquan, evidence), None, "zh")
    assert "2020年15岁及以上人口文盲率（第1位，共11个）" in chinese


def gap_of(total: float, joint: float) -> PlaceGap:
    parts = (
        GapPart("border", joint, 0.01, joint - 0.02, joint + 0.02),
        GapPart("remainder", total - joint, 0.02, 0, 0),
    )
    return PlaceGap(GapAccount(main_spec(), total, parts, None, 1, 80, 100.0, 91.0, 2550, 340.0, 341), parts[0])


@pytest.mark.parametrize(
    ("total", "joint", "said"),
    [
        (-0.5, -0.1, "lies 39% below Zhejiang"),
        (-0.5, -0.1, ", 20% of the gap."),
        (0.5, -0.1, "lies 65% above Zhejiang"),
        (0.5, -0.1, ", opposite in sign to the gap."),
        (-0.02, -0.1, "the gap is too small for shares"),
    ],
)
def test_gap_sentences_follow_the_numbers(total: float, joint: float, said: str) -> None:
    subject = find_county("330802", project_evidence(), NOW)
    assert said in county_gap_text(subject, gap_of(total, joint))
    assert "高65%" in county_gap_text(subject, gap_of(0.5, joint), "zh")
    later = county_gap_text(replace(subject, vintage=Vintage(2023)), gap_of(total, joint), "zh")
    assert later.endswith("并非预先设定的结果。") and "预先设定的结果" not in county_gap_text(
        subject, gap_of(total, joint), "zh"
    )


def test_claims_are_counted_or_said_to_be_absent() -> None:
    subject = find_county("330127", project_evidence(), NOW)
    one: Any = [SimpleNamespace(verdict="consistent")]
    assert claims_text(subject, one) == "1 claim names Chun'an: 1 consistent."
    assert claims_text(subject, []) == "None of the five documents makes a claim about Chun'an."
    assert claims_text(subject, [*one, *one], "zh") == "有2条论断提及淳安县：基本相符2条。"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_statements_are_counted_and_those_on_the_place_listed(language: str) -> None:
    section = open_page("331100", "331181", language).statements()
    [there] = [exhibit.make() for exhibit in section.exhibits]
    assert isinstance(there, TableSpec)
    assert there.frame["place"].str.contains("Longquan" if language == "en" else "龙泉市").all()
    assert re.search(r"\b874\b|874条", section.text) and str(len(there.frame)) in section.text


def test_a_place_without_statements_has_no_table_of_them() -> None:
    section = open_page("330600", "330602").statements()
    assert section.text.endswith("None of them names Yuecheng.")
    assert section.exhibits == ()


def test_table_and_chart_show_missing_figures_as_such() -> None:
    evidence = project_evidence()
    subject = find_county("330327", evidence, NOW)
    found = standings(subject, evidence)
    cells = {row[0]: row for row in standing_table(subject, found).cells()}
    assert cells["Growth of GDP, 2001–2021"][2::3] == ["–", "–"]
    assert cells["GDP per head, 2021"][5:] == ["15 of 15 (doubtful)", "-1.7"]
    assert standing_table(subject, found, "zh").heads()[5] == "类内位次"
    strips = [axes for axes in standing_chart(subject, found, "en").axes if axes.lines]
    strips = [axes for axes in strips if axes.lines[0].get_marker() == "|"]
    unknown = [any(text.get_text() == "place: no data" for text in axes.texts) for axes in strips]
    assert unknown == [bool(pd.isna(standing.value)) for standing in found]
    assert any(unknown) and not all(unknown)


def test_a_page_is_of_the_newest_year_or_the_one_asked_for(later_year: int) -> None:
    page = open_page("330800")
    comparison = page.comparison()
    assert page.answer().startswith(f"In {later_year} GDP per head in Quzhou was")
    assert comparison.exhibits[-1].caption.endswith(f"of Quzhou, {later_year}")
    counties = comparison.exhibits[0].make()
    assert isinstance(counties, TableSpec) and f"GDP per head {later_year}, yuan" in counties.heads()
    gap = page.gap().exhibits[0].make()
    assert isinstance(gap, TableSpec) and gap.estimates[0].outcome == f"log_gdp_per_capita_{later_year}"
    assert open_page("330800", gdp_year="2021").answer().startswith("In 2021 GDP per head")
    standing = open_page("330800", "330824").comparison().exhibits[0].make()
    assert isinstance(standing, TableSpec) and f"Growth of GDP, 2001–{later_year}" in list(standing.frame["indicator"])
    with pytest.raises(ParameterError, match="gdp_year '2019'"):
        open_page("330800", gdp_year="2019")


def test_exhibits_are_published_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHANHAI_OUTPUT", str(tmp_path))
    table = _Exhibit("one", "", lambda: TableSpec(pd.DataFrame({"a": [1]})))
    figure = _Exhibit("two", "A figure", lambda: Figure(figsize=(1, 1)))
    published = publish_exhibits(_Section("text", (table, figure)))
    assert [type(exhibit) for exhibit in published] == [PublishedTable, PublishedFigure]
    assert publish_exhibits(_Section("text")) == ()
    with pytest.raises(ReportError, match="malformed"):
        publish_exhibits(_Section("text", (_Exhibit("Bad name", "", table.make),)))
