"""Sentences, tables and figures of the policy notebook follow the numbers, in every language."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from simulated_policy import Country, simulate_country

from shanhai.core.errors import ReportError
from shanhai.methods.did.honest import differences_of, relative_magnitudes, smoothness
from shanhai.methods.did.panel import PolicyDesign
from shanhai.methods.synthetic.sdid import sdid_placebo
from shanhai.render.shown import missing_cells
from shanhai.render.table_files import to_html, to_text
from shanhai.studies.policy import charts
from shanhai.studies.policy import tables as policy_tables
from shanhai.studies.policy import text as policy
from shanhai.studies.policy.estimates import honest_estimates, year_estimates
from shanhai.studies.policy.evaluation import Draws, Evaluation, evaluate, evaluation_table

LANGUAGES = ("en", "zh", "both")
DESIGN = PolicyDesign(2015, 2013, 2022, "home", level_years=(2010, 2011, 2012))


def evaluation(country: Country, design: PolicyDesign = DESIGN) -> Evaluation:
    return evaluate(design, *simulate_country(country, np.random.default_rng(4)), Draws(99, 60, 1))


NOTHING = evaluation(Country(noise=0.1))
LARGE = evaluation(Country(effect=0.4, regions=24, noise=0.03))
PAIRED = evaluation(Country(), replace(DESIGN, comparison="matched"))
PREFECTURES = {
    "330800": sdid_placebo(
        pd.DataFrame(
            np.random.default_rng(2).normal(size=(8, 12)).cumsum(axis=1),
            index=["330800", *(f"36{number}00" for number in range(10, 17))],
            columns=range(2009, 2021),
        ),
        "330800",
        "y",
        2015,
    )
}
NAMES = {code: (f"place {code}", f"地{code}") for code in PREFECTURES["330800"].fit.unit_weights.index}
NAMES |= {"330800": ("Quzhou", "衢州")}
REGIONS = {f"R{number}": (f"region {number}", f"省{number}") for number in range(24)}


def test_effect_sentence_turns_with_the_tests() -> None:
    assert "None of 4 tests tells this from zero" in policy.effect_text(NOTHING)
    said = policy.effect_text(LARGE)
    # six clusters leave whole clusters no power: one test stays behind, and the sentence says so
    assert "3 of 4 tests tell this from zero at 5%, the others do not" in said
    assert "All 3 tests tell this from zero" in policy.effect_text(replace(LARGE, clusters=None))
    percent = 100 * (np.exp(LARGE.estimate) - 1)
    assert f"changed by +{percent:.1f}% relative" in said
    assert "4个检验" in policy.effect_text(LARGE, "zh")


def test_effect_of_ranks_is_not_called_percent() -> None:
    assert "percentile points" in policy.effect_text(evaluation(Country(), replace(DESIGN, outcome="rank")))


def test_trend_sentence_turns_with_the_trend() -> None:
    flat = policy.trend_text(replace(NOTHING, trend=replace(NOTHING.trend, p=0.4)))
    assert "no difference in trends is found (p 0.400)" in flat
    parted = policy.trend_text(replace(NOTHING, trend=replace(NOTHING.trend, p=0.04)))
    assert "parallel trends are in doubt" in parted


def test_honest_sentence_names_the_breakdown() -> None:
    assert "Zero is inside already if trends were parallel" in policy.honest_text(NOTHING)
    assert "Zero stays outside up to a bound of" in policy.honest_text(LARGE)


def test_summary_turns_with_the_tests() -> None:
    assert policy.summary_text({"chosen": NOTHING}).startswith("No design tells an effect from none")
    assert policy.summary_text({"chosen": LARGE}).startswith("Some designs tell an effect from none")


def test_refusals_name_the_years_there_are() -> None:
    values = pd.DataFrame(columns=range(2001, 2023))
    text = policy.refused_text(values)
    assert "2002: refused" in text
    assert "leaves years before: 2001;" in text
    assert "2015: can be evaluated" in text


def test_counties_without_counterpart_are_named() -> None:
    text = policy.design_text(PAIRED)
    alone = PAIRED.panel.left_out
    assert len(alone)
    assert all(name in text for name in alone["name_en"])


def test_prefecture_sentence_counts_donors() -> None:
    one = PREFECTURES["330800"]
    larger = int((np.abs(one.estimates) >= abs(one.fit.estimate)).sum())
    assert f"{larger} of 7 donors" in policy.prefecture_text(PREFECTURES, NAMES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_and_table_is_printed(language: str) -> None:
    evaluations = {"chosen": PAIRED, "home": NOTHING}
    table = evaluation_table(evaluations)
    texts = [
        policy.design_text(PAIRED, language),
        policy.effect_text(PAIRED, language),
        policy.trend_text(PAIRED, language),
        policy.honest_text(PAIRED, language),
        policy.selection_text(evaluations, language),
        policy.prefecture_text(PREFECTURES, NAMES, language),
        policy.summary_text(evaluations, language),
    ]
    assert not [text for text in texts if "nan" in text]
    if language == "zh":
        # names of made-up counties are Chinese here, so no English sentence is left
        assert not [text for text in texts if " the " in text]
    for spec in (
        policy_tables.pairs_table(PAIRED.panel, language),
        policy_tables.pairs_table(NOTHING.panel, language),
        policy_tables.effects_table(table, evaluations, language),
        policy_tables.trends_table(table, evaluations, language),
        policy_tables.prefectures_table(PREFECTURES, NAMES, language),
    ):
        assert len(to_text(spec).splitlines()) >= 4
        assert "nan" not in to_html(spec)


@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_are_drawn_inside_the_sheet(language: str) -> None:
    differences = differences_of(NOTHING.study)
    series = pd.Series(np.arange(22.0), index=range(2001, 2023))
    figures = [
        charts.paths_plot({("a", "甲"): series, ("b", "乙"): series + 1}, marks=(2015,), seam=2013, language=language),
        charts.event_plot({("one", "一"): NOTHING, ("two", "二"): PAIRED, ("three", "三"): LARGE}, language=language),
        charts.placebo_regions_plot(LARGE, REGIONS, language=language),
        charts.bounds_plot(
            relative_magnitudes(differences, (0, 1)), smoothness(differences, (0, 0.1)), language=language
        ),
        charts.prefectures_plot(PREFECTURES, NAMES, policy_year=2015, seam=2013, language=language),
    ]
    for figure in figures:
        box = figure.get_tightbbox(figure.canvas.get_renderer())
        width, height = figure.get_size_inches()
        assert box.x0 >= -0.01
        assert box.y0 >= -0.01
        assert box.x1 <= width + 0.01
        assert box.y1 <= height + 0.01


def test_event_panels_hold_an_interval_for_each_year_and_shade_the_years_before() -> None:
    figure = charts.event_plot({("one", "一"): NOTHING})
    (axes,) = figure.axes
    (points,) = [line for line in axes.lines if line.get_marker() == "o"]
    assert points.get_ydata() == pytest.approx(NOTHING.study.to_frame()["estimate"].to_numpy())
    shaded = axes.patches[0].get_bbox()
    assert (shaded.x0, shaded.x1) == (2012.5, 2014.5)


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ReportError, match="no event study"):
        charts.event_plot({})
    with pytest.raises(ReportError, match="0 groups"):
        charts.paths_plot({}, marks=(), seam=2013)


def test_rows_of_estimates_have_the_columns_and_single_keys() -> None:
    evaluations = {"chosen": NOTHING, "home": PAIRED}
    table = evaluation_table(evaluations)
    tables = (
        policy_tables.effects_table(table, evaluations),
        policy_tables.trends_table(table, evaluations),
        policy_tables.prefectures_table(PREFECTURES, NAMES),
    )
    years = year_estimates(evaluations)
    rows = [*years, *(row for table in tables for row in table.estimates)]
    assert len({row.id for row in rows}) == len(rows)
    assert not any(missing_cells(table.frame, table.estimates) for table in tables)
    effect = tables[0].estimates[0]
    assert (effect.estimate, effect.se, effect.p) == (NOTHING.estimate, NOTHING.se, NOTHING.p)
    assert effect.vcov == "cluster(prefecture_code) CR1S"
    assert {row.term for row in years} >= {"year_2013", "year_2022"}
    assert "year_2014" not in {row.term for row in years}


def test_bounded_trends_give_an_interval_of_the_mean_effect() -> None:
    magnitudes = relative_magnitudes(differences_of(NOTHING.study), (0.0, 1.0))
    narrow, wide = honest_estimates(NOTHING, {"relative magnitudes": magnitudes})
    assert narrow.estimate == differences_of(NOTHING.study).estimate
    assert (wide.low, wide.high) == tuple(magnitudes.loc[1, ["ci_low", "ci_high"]])
    assert wide.term == "mean effect, relative magnitudes 1"
