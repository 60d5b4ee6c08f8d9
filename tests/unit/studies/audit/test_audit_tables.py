"""Tables, chart and sentences of the audit in both languages: every rule and flag has its words."""

import re

import pandas as pd
import pytest

from shanhai.data.flags.all_flags import load_flags
from shanhai.data.frames.crosswalk import count_relations
from shanhai.data.load import load_places, load_table
from shanhai.render.tables import TableSpec
from shanhai.studies.audit import analysis, tables
from shanhai.studies.audit.charts import coverage_chart
from shanhai.studies.audit.effects import effect_quantities, overall_estimates
from shanhai.studies.audit.words import answer, nation_text, polygons_text, unions_text

ENGLISH = re.compile(r"[A-Za-z]{2,}")
ALLOWED = re.compile(r"GDP|CR1S|[a-z0-9_]+[.]csv|`[^`]*`")

OVERALL = pd.DataFrame(
    [
        ("main", 0, 2569, -0.12, 0.03, -0.18, -0.06, 339.0, "cluster(prefecture_code) CR1S"),
        ("uncorrected", 188, 2570, -0.14, 0.03, -0.2, -0.08, 339.0, "cluster(prefecture_code) CR1S"),
        ("doubtful", 319, 2250, -0.11, 0.03, -0.17, -0.05, 334.0, "cluster(prefecture_code) CR1S"),
    ],
    columns=["without", "counties", "n", "estimate", "se", "low", "high", "df", "error"],
)
EFFECTS = pd.DataFrame(
    [("gdp-unit", 2021, 359, 180, 2569, -0.12, -0.135, 0.015), ("gdp-unit", 2011, 9, 0, 2569, -0.12, -0.12, 0.0)],
    columns=["rule", "year", "cells", "counties", "n_without", "estimate", "without", "effect"],
)


RESULTS = (*overall_estimates(OVERALL), *effect_quantities(EFFECTS))


@pytest.fixture(scope="module")
def made() -> dict[str, dict[str, TableSpec]]:
    """Every table of the notebook, from the tables of the project, by language."""
    place, log, overview = load_places().province("330000"), analysis.all_corrections(), analysis.table_overview()
    cells, moved, contacts = analysis.corrected_cells(log), analysis.moved_figures(log), analysis.slight_borders()
    counted = analysis.summarise_flags(load_flags(), "33")
    totals, changed = analysis.summarise_totals(analysis.all_totals()), analysis.changed_units(2010, ["33"])
    relations = count_relations(load_table("crosswalk"))
    effects = pd.DataFrame(
        {"contacts": ["both"], "counties": [5], "estimate": [-0.12], "without": [-0.11], "effect": [-0.01]}
    )
    return {
        language: {
            "kinds": tables.kinds_table(analysis.summarise_kinds(log, overview), overview, language),
            "effects": tables.effects_table(OVERALL, EFFECTS, RESULTS, language),
            "tables": tables.figures_table(overview, language),
            "totals": tables.totals_table(totals, language),
            "declared": tables.declared_table(analysis.declared_differences(), language),
            "rules": tables.rules_table(analysis.summarise_corrections(log), language),
            "log": tables.log_table(cells, language),
            "moved": tables.moved_table(moved, language),
            "contacts": tables.contacts_table(contacts, language),
            "contact-effects": tables.contact_effects_table(effects, language),
            "crosswalk": tables.crosswalk_table(relations, language),
            "changed": tables.changed_table(changed, place, language),
            "flags": tables.flags_table(counted, place, language),
        }
        for language in ("en", "zh")
    }


def test_chinese_tables_hold_no_english(made: dict[str, dict[str, TableSpec]]) -> None:
    for name, table in made["zh"].items():
        texts = [table.caption, *table.notes, *table.heads(), *(cell for row in table.cells() for cell in row)]
        assert [text for text in texts if ENGLISH.search(ALLOWED.sub("", text))] == [], name


def test_every_table_has_a_caption_and_a_note(made: dict[str, dict[str, TableSpec]]) -> None:
    assert [(language, name) for language, each in made.items() for name, table in each.items()
            if not (table.caption and all(table.notes))] == []  # fmt: skip


def test_the_effects_are_those_of_corrections_that_reach_the_estimate(made: dict[str, dict[str, TableSpec]]) -> None:
    table = made["en"]["effects"]
    assert [row[0] for row in table.cells()][-1] == "100 million yuan or yuan where 10,000 yuan is the unit"
    assert [row[5] for row in table.cells()] == ["0.000", "-0.020", "0.010", "-0.015"]
    assert len(table.estimates) == 3 + 2 * len(EFFECTS)


def test_years_of_moved_figures_are_joined(made: dict[str, dict[str, TableSpec]]) -> None:
    rows = {tuple(row[:2]): row[2] for row in made["en"]["moved"].cells()}
    assert rows["Shanxi", "registered population in the row of another county"] == "2006–2014, 2016"


def test_answer_counts_corrections_and_says_what_they_change() -> None:
    overview = pd.DataFrame({"table": ["t", "lights"], "published": [500, 0], "years": ["2001-2021", "2022"]})
    kinds = pd.DataFrame({"kind": ["blank", "name", "unit"], "cells": [4, 7, 1]})
    doubts = pd.DataFrame(
        {
            "table": ["t", "t", "t", "lights"],
            "code": ["1", "1", "2", "3"],
            "column": "c",
            "flag": ["a", "b", "gdp_2021_unit_corrected", "dark"],
        }
    )
    said = answer(overview, kinds, OVERALL, EFFECTS, doubts)
    assert said.startswith(
        "Of the 500 published figures on mainland China for 2001 to 2021, 5 (1.0%) are corrected by written rules, 4 of"
    )
    assert "would be -0.140 [-0.200, -0.080] instead of -0.120 [-0.180, -0.060]" in said
    assert (
        "75% of the change comes from wrong units" in said
        and "Another 1 published values are flagged" in said
        and "319 counties" in said
    )
    assert "No correction of county GDP changes" in answer(
        overview, kinds, OVERALL.assign(estimate=-0.12), EFFECTS, doubts
    )
    assert "更正5个（1.0%）" in answer(overview, kinds, OVERALL, EFFECTS, doubts, "zh")


def test_sentences_on_nation_polygons_and_unions() -> None:
    national = analysis.national_population()
    assert nation_text(national).count("to the person") == 2
    assert "相差5人" in nation_text(national.assign(difference=5), "zh")
    counties = pd.DataFrame({"name_en": ["A", "B"], "name_zh": ["甲", "乙"], "population_2020": [1.0, 2.0]})
    assert "2 counties of 2020, with 3 residents" in polygons_text(counties, counties, 1.0)
    assert "甲、乙" in polygons_text(counties, counties, 1.0, "zh")
    assert "On the 3 smallest unions" in unions_text(pd.Series([0.5, 1.0, 1.5]))


@pytest.mark.parametrize("language", ["en", "zh", "both"])
def test_coverage_is_printed_in_percent(language: str) -> None:
    table = pd.DataFrame(
        {"province": ["Hebei 河北", "China 全国"], "counties": [4, 4], "gdp_2021": [1, 1], "polygon": [4, 4]}
    )
    axes = coverage_chart(table, language).axes[0]
    assert [text.get_text() for text in axes.texts] == ["25", "100", "25", "100"]
    names = {"en": "Hebei", "zh": "河北", "both": "河北 Hebei"}
    assert axes.get_yticklabels()[0].get_text() == names[language]
