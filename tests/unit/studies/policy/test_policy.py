"""Sentences, tables and figures of the policy notebook follow the numbers, in every language."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from simulated_policy import Country, simulate_country

from shanhai.core.errors import ReportError
from shanhai.methods.did import Comparison, Form, PolicyDesign
from shanhai.methods.synthetic.sdid import SdidPlacebo, sdid_placebo
from shanhai.render._shown import missing_cells
from shanhai.render._table_files import to_html, to_text
from shanhai.studies.policy import charts, tables, words
from shanhai.studies.policy.analysis import (
    Draws,
    PolicyEstimation,
    bound_trends,
    cannot_evaluate,
    estimate_forms,
    estimate_policy,
)
from shanhai.studies.policy.design import why_not

each_language = pytest.mark.parametrize("language", ["en", "zh", "both"])
DESIGN = PolicyDesign(2015, 2013, 2022, "home", level_years=(2010, 2011, 2012))
NAMES = {f"36{number}00": (f"place {number}", f"地{number}") for number in range(10, 17)} | {
    "330800": ("Quzhou", "衢州")
}
REGIONS = {f"R{number}": (f"region {number}", f"省{number}") for number in range(24)}


def estimation(country: Country, design: PolicyDesign = DESIGN) -> PolicyEstimation:
    return estimate_policy(design, *simulate_country(country, np.random.default_rng(4)), Draws(99, 60, 1))


@pytest.fixture(scope="module")
def nothing() -> PolicyEstimation:
    """A policy without an effect."""
    return estimation(Country(noise=0.1))


@pytest.fixture(scope="module")
def large() -> PolicyEstimation:
    """A policy that adds 0.4 log points, 49 percent."""
    return estimation(Country(effect=0.4, regions=24, noise=0.03))


@pytest.fixture(scope="module")
def paired() -> PolicyEstimation:
    """Matched pairs, in which some of the treated have no counterpart."""
    return estimation(Country(), replace(DESIGN, comparison="matched"))


@pytest.fixture(scope="module")
def prefectures() -> dict[str, SdidPlacebo]:
    walks = np.random.default_rng(2).normal(size=(8, 12)).cumsum(axis=1)
    panel = pd.DataFrame(walks, index=["330800", *list(NAMES)[:7]], columns=range(2009, 2021))
    return {"330800": sdid_placebo(panel, "330800", "y", 2015)}


@pytest.fixture(scope="module")
def forms() -> dict[tuple[Comparison, Form], PolicyEstimation]:
    """Every comparison and form of a policy without an effect."""
    return estimate_forms(DESIGN, *simulate_country(Country(noise=0.1), np.random.default_rng(4)), Draws(99, 60, 1))


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({}, ()),
        ({"others": [0.3, -0.01, 0.2]}, ("form",)),
        ({"plain": -0.2, "others": [-0.1]}, ()),
        ({"compared": 0.49}, ("few",)),
        ({"hidden": 0.21}, ("trend",)),
        ({"detectable": 0.21}, ("power",)),
        ({"others": [-0.1], "compared": 0.1, "hidden": 1.0, "detectable": 1.0}, ("form", "few", "trend", "power")),
    ],
)
def test_a_design_evaluates_only_if_nothing_speaks_against_it(
    changes: dict[str, float], reasons: tuple[str, ...]
) -> None:
    sound = {"plain": 0.2, "others": [0.1, 0.3], "compared": 0.5, "hidden": 0.2, "detectable": 0.2}
    assert why_not(**{**sound, **changes}) == reasons  # type: ignore[arg-type]


def test_answer_opens_with_whether_the_design_can_evaluate(
    nothing: PolicyEstimation, forms: dict[tuple[Comparison, Form], PolicyEstimation]
) -> None:
    text = words.answer(nothing, forms, cannot_evaluate(nothing, forms))
    assert text.startswith(
        "Whether the policy of 2015 made Zhejiang's 26 mountain counties brighter cannot be evaluated: "
    )
    assert f"by {forms['home', 'none'].estimate:+.3f} log points (95% interval [" in text
    assert "relative to the 45 other counties" in text
    sharp = replace(nothing, trend=replace(nothing.trend, slope_80=0.0), wild=replace(nothing.wild, low=0.0, high=0.0))
    agreeing = dict.fromkeys(forms, nothing)
    assert words.answer(sharp, agreeing, cannot_evaluate(sharp, agreeing)).startswith(
        "By the rule of this notebook the design can evaluate whether the policy of 2015 made"
    )
    assert words.answer(nothing, forms, ["form"], "zh").startswith(
        "2015年起的政策是否促进山区26县夜间灯光增长，本设计无法评估："
    )
    assert words.answer(nothing, forms, ["few"], "both").count("\n\n") == 1


@pytest.mark.parametrize(
    ("reasons", "doubt"),
    [
        (
            ("trend", "power"),
            r"A bias of [\d.]+ log points from .* and an effect of [\d.]+ would each go undetected one time in five",
        ),
        (("trend",), r"A bias of [\d.]+ log points from unequal trends would go undetected one time in five; forms"),
        (("power", "form"), r"An effect of [\d.]+ log points would be missed one time in five"),
        (("few",), "Forms and rule were added"),
    ],
)
def test_answer_closes_with_what_could_pass_unseen(
    reasons: tuple[str, ...],
    doubt: str,
    nothing: PolicyEstimation,
    forms: dict[tuple[Comparison, Form], PolicyEstimation],
) -> None:
    *_, last = re.split(r"(?<=[.]) (?=[A-Z])", words.answer(nothing, forms, reasons))
    assert re.match(doubt, last)
    assert "with the estimates on light seen" in last


def test_form_of_a_design_that_is_estimated_already_is_taken_as_it_is(
    nothing: PolicyEstimation, forms: dict[tuple[Comparison, Form], PolicyEstimation]
) -> None:
    data = simulate_country(Country(noise=0.1), np.random.default_rng(4))
    found = estimate_forms(DESIGN, *data, Draws(99, 20, 1), known=[nothing])
    assert found["home", "linear"] is nothing
    assert list(found) == list(forms)
    assert found["home", "none"].estimate == forms["home", "none"].estimate


def test_detectable_effect_stretches_the_half_width_of_the_interval(nothing: PolicyEstimation) -> None:
    """Six clusters: t of 0.975 is 2.571 and of 0.8 0.920 with 5 degrees of freedom."""
    found = replace(nothing, wild=replace(nothing.wild, low=-0.1, high=0.3))
    assert found.study.clusters == 6
    assert found.detectable == pytest.approx(0.2 * (2.5706 + 0.9195) / 2.5706, rel=1e-4)


def test_history_prints_the_first_placebo_and_the_present_one(nothing: PolicyEstimation) -> None:
    text = words.history_text(nothing)
    assert "counted draws (mean -0.006, p 0.880)" in text
    assert f"counts provinces (mean {nothing.placebo.mean:.3f}, p" in text


def test_effect_sentence_turns_with_the_tests(nothing: PolicyEstimation, large: PolicyEstimation) -> None:
    assert "None of 4 tests rejects zero" in words.effect_text(nothing)
    text = words.effect_text(large)
    # six clusters leave whole clusters no power: one test stays behind, and the sentence says so
    assert "3 of 4 tests reject zero at 5%, the others do not" in text
    assert "All 3 tests reject zero" in words.effect_text(replace(large, clusters=None))
    assert "4项检验" in words.effect_text(large, "zh")


def test_effect_of_logarithms_is_printed_in_percent(large: PolicyEstimation) -> None:
    printed = re.search(
        r"changed by \+([\d.]+)% relative .* interval \[([\d.]+), ([\d.]+)\]%", words.effect_text(large)
    )
    assert printed
    effect, low, high = map(float, printed.groups())
    assert effect == pytest.approx(49.2, abs=3)  # exp(0.4) - 1
    assert low < effect < high


def test_effect_of_ranks_is_not_called_percent() -> None:
    assert "percentile points" in words.effect_text(estimation(Country(), replace(DESIGN, outcome="rank")))


def test_trend_sentence_turns_with_the_trend(nothing: PolicyEstimation) -> None:
    flat = words.trend_text(replace(nothing, trend=replace(nothing.trend, p=0.4)))
    assert "the difference in trends is not significant (p 0.400). The test rests on 1 change only" in flat
    parted = words.trend_text(replace(nothing, trend=replace(nothing.trend, p=0.04)))
    assert "parallel trends are in doubt" in parted


def test_sentence_on_bounds_names_the_breakdown(nothing: PolicyEstimation, large: PolicyEstimation) -> None:
    assert "The interval includes zero even if trends were parallel" in words.bounds_text(bound_trends(nothing))
    text = words.bounds_text(bound_trends(large))
    assert "The interval excludes zero up to a bound of" in text
    assert "Mean difference against 2014" in text
    assert "straight line of the one change before" in text and "which rests on a single yearly change." in text


def test_summary_turns_with_the_tests(nothing: PolicyEstimation, large: PolicyEstimation) -> None:
    assert words.summary_text({"chosen": nothing}).startswith("No design yields a significant estimate")
    assert words.summary_text({"chosen": large}).startswith("Some designs yield a significant estimate")


def test_refusals_count_the_years_there_are() -> None:
    values = pd.DataFrame(columns=range(2001, 2023))
    text = words.years_text(values)
    assert "2002 has 1 before it, too few (needed: 2), and 21 from it on; 2015 has 14 before it and 8" in text
    assert "2002年之前有1年，少于所需的2年，无法评估" in words.years_text(values, "zh")


def test_counties_without_counterpart_are_named(paired: PolicyEstimation) -> None:
    unmatched = paired.panel.left_out
    assert len(unmatched)
    assert all(name in words.design_text(paired) for name in unmatched["name_en"])


def test_prefecture_sentence_counts_donors_as_large(prefectures: dict[str, SdidPlacebo]) -> None:
    """Of seven donors three are as large as 0.5 in absolute value; with the prefecture itself, four of eight."""
    fit = prefectures["330800"].fit
    own, *donors = (
        replace(fit, gap=pd.Series([0.0] * 6 + [effect] * 6, index=range(2009, 2021)))
        for effect in (0.5, -0.9, -0.4, 0.1, 0.2, 0.3, 0.5, 0.6)
    )
    text = words.prefecture_text({"330800": SdidPlacebo(own, tuple(donors))}, NAMES)
    assert text.startswith(
        "Quzhou: +0.500 log points (standard error 0.532); 3 of 7 donors, which have no such policy, show a"
    )


@each_language
def test_every_text_and_table_is_printed(
    language: str,
    paired: PolicyEstimation,
    nothing: PolicyEstimation,
    prefectures: dict[str, SdidPlacebo],
    forms: dict[tuple[Comparison, Form], PolicyEstimation],
) -> None:
    estimations = {"chosen": paired, "home": nothing}
    texts = [
        words.design_text(paired, language),
        words.effect_text(paired, language),
        words.answer(paired, forms, ["form", "few", "trend", "power"], language),
        words.history_text(nothing, language),
        words.trend_text(paired, language),
        words.bounds_text(bound_trends(paired), language),
        words.prefecture_text(prefectures, NAMES, language),
        words.summary_text(estimations, language),
    ]
    assert not [text for text in texts if "nan" in text]
    if language == "zh":
        # names of made-up counties are Chinese here, so no English sentence is left
        assert not [text for text in texts if " the " in text]
    for spec in (
        tables.pairs_table(paired.panel, language),
        tables.pairs_table(nothing.panel, language),
        tables.effects_table(estimations, language),
        tables.forms_table(forms, language),
        tables.trends_table(estimations, language),
    ):
        assert len(to_text(spec).splitlines()) >= 4
        assert "nan" not in to_html(spec)


def test_pairs_stand_side_by_side_and_means_say_how_many(paired: PolicyEstimation, nothing: PolicyEstimation) -> None:
    units = paired.panel.units.set_index("name_en")
    for row in tables.pairs_table(paired.panel).frame.itertuples():
        assert units.loc[row.one, "treated"] and not units.loc[row.other, "treated"]
        assert units.loc[row.one, "stratum"] == units.loc[row.other, "stratum"]
        assert row.terrain_other == units.loc[row.other, "terrain"]
    cells = tables.pairs_table(nothing.panel).cells()
    assert [row[:2] for row in cells] == [["mean of 15 counties", "mean of 45 counties"]]


def whole(figure: Figure) -> Figure:
    """The figure, once nothing of it is seen to be cut off."""
    box = figure.get_tightbbox(figure.canvas.get_renderer())
    width, height = figure.get_size_inches()
    assert box.x0 >= -0.01 and box.y0 >= -0.01
    assert box.x1 <= width + 0.01 and box.y1 <= height + 0.01
    return figure


@each_language
def test_paths_are_broken_where_the_sensor_changes(language: str) -> None:
    series = pd.Series(np.arange(22.0), index=range(2001, 2023))
    (axes,) = whole(charts.paths_plot(pd.DataFrame({"listed": series, "home": series + 1}), language=language)).axes
    drawn = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) > 2]
    assert [(years[0], years[-1]) for years in drawn] == [(2001, 2012), (2013, 2022)] * 2
    marks = [line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == "--"]
    assert marks == [2001.5, 2014.5, 2020.5]
    assert len(axes.get_legend().get_texts()) == 2


@each_language
def test_event_panels_hold_an_interval_for_each_year_and_shade_the_years_before(
    language: str, nothing: PolicyEstimation, paired: PolicyEstimation, large: PolicyEstimation
) -> None:
    panels = {"main": nothing, "home": paired, "long": large}
    figure = whole(charts.event_plot(panels, language=language))
    for axes, panel in zip(figure.axes, panels.values(), strict=True):
        table = panel.study.to_frame()
        (points,) = [line for line in axes.lines if line.get_marker() == "o"]
        assert points.get_ydata() == pytest.approx(table["estimate"].to_numpy())
        bars = [axes.collections[1].get_segments()[place][:, 1] for place in range(len(table))]
        assert np.array(bars) == pytest.approx(table[["low", "high"]].to_numpy())
        shaded = axes.patches[0].get_bbox()
        assert (shaded.x0, shaded.x1) == (2012.5, 2014.5)
    assert len({axes.get_ylim() for axes in figure.axes}) == 1  # one unit, one scale


@each_language
def test_forms_are_drawn_with_their_intervals_a_block_a_comparison(
    language: str, forms: dict[tuple[Comparison, Form], PolicyEstimation]
) -> None:
    rows = tables.forms_estimates(forms)
    (axes,) = whole(charts.forms_plot(rows, ("log points", "对数点"), language=language)).axes
    assert len(axes.get_yticklabels()) == 4 and len(axes.get_legend().get_texts()) == 4
    drawn = [segment[:, 0].tolist() for bars in axes.collections for segment in bars.get_segments()]
    assert sorted(drawn) == sorted([form.wild.low, form.wild.high] for form in forms.values())


@each_language
def test_placebo_provinces_are_drawn_from_low_to_high_beside_the_effect(language: str, large: PolicyEstimation) -> None:
    (axes,) = whole(charts.placebo_regions_plot(large, REGIONS, language=language)).axes
    (means,) = [line for line in axes.lines if line.get_marker() == "o"]
    assert means.get_xdata() == pytest.approx(sorted(large.placebo.region_means))
    assert {line.get_xdata()[0] for line in axes.lines if line is not means} == {0, large.placebo.mean, large.estimate}
    assert len(axes.get_yticklabels()) == len(large.placebo.region_means)


@each_language
def test_bounds_are_drawn_with_their_intervals(language: str, nothing: PolicyEstimation) -> None:
    bounds = bound_trends(nothing)
    figure = whole(charts.bounds_plot(bounds, ("log points", "对数点"), language=language))
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    for axes, table in zip(figure.axes, (bounds.magnitudes, bounds.slopes), strict=True):
        drawn = np.array([segment[:, 1] for segment in axes.collections[0].get_segments()])
        assert drawn == pytest.approx(table[["ci_low", "ci_high"]].to_numpy())
        assert [text.get_text() for text in axes.get_xticklabels()] == [f"{bound:g}" for bound in table["bound"]]


@each_language
def test_prefecture_stands_among_its_donors(language: str, prefectures: dict[str, SdidPlacebo]) -> None:
    (axes,) = whole(charts.prefectures_plot(prefectures, NAMES, policy_year=2015, language=language)).axes
    paths = [line for line in axes.lines if len(line.get_xdata()) == 12]
    assert len(paths) == 8
    assert paths[-1].get_ydata() == pytest.approx(prefectures["330800"].fit.gap.to_numpy())
    assert [line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == "--"] == [0, 2014.5]


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ReportError, match="no event study"):
        charts.event_plot({})
    with pytest.raises(ReportError, match="0 groups"):
        charts.paths_plot(pd.DataFrame())


def test_rows_of_estimates_have_the_columns_and_single_keys(
    nothing: PolicyEstimation,
    paired: PolicyEstimation,
    prefectures: dict[str, SdidPlacebo],
    forms: dict[tuple[Comparison, Form], PolicyEstimation],
) -> None:
    estimations = {"chosen": nothing, "home": paired}
    specs = (tables.effects_table(estimations), tables.trends_table(estimations), tables.forms_table(forms))
    years = tables.year_estimates(estimations)
    rows = [*years, *tables.prefecture_estimates(prefectures), *(row for spec in specs for row in spec.estimates)]
    assert len({row.id for row in rows}) == len(rows)
    assert not any(missing_cells(spec.frame, spec.estimates) for spec in specs)
    effect = specs[0].estimates[0]
    assert (effect.estimate, effect.se, effect.p) == (nothing.estimate, nothing.se, nothing.p)
    assert effect.vcov == "cluster(prefecture_code) CR1S"
    assert {row.term for row in years} >= {"year_2013", "year_2022"}
    assert "year_2014" not in {row.term for row in years}


def test_bounded_trends_give_an_interval_of_the_mean_effect(nothing: PolicyEstimation) -> None:
    bounds = bound_trends(nothing)
    rows = {row.term: row for row in tables.bound_estimates(nothing, bounds)}
    parallel, wide = (rows[f"mean effect, relative magnitudes {bound}"] for bound in (0, 1))
    assert parallel.estimate == wide.estimate == bounds.differences.estimate
    assert wide.low < parallel.low < parallel.high < wide.high
    straight = rows["mean effect, smoothness 0"]
    assert straight.estimate != parallel.estimate and straight.low < straight.estimate < straight.high
