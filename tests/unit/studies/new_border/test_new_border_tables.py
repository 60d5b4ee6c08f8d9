"""Tables, sentences and charts of notebook 07: they follow the numbers, in every language."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from shanhai.methods.records import EstimateRecord, Quantity
from shanhai.render import _table_files as table_files
from shanhai.render._shown import missing_cells
from shanhai.studies.new_border import adjacent_counties, analysis, charts, nine_prefectures, pair_design, tables, words
from shanhai.studies.new_border.design import MAIN


@pytest.fixture(scope="module")
def designs() -> pd.DataFrame:
    return analysis.compare_designs()


def sides(estimate: float, p: float) -> pd.DataFrame:
    """Rows of ``side_effects`` with one estimate and p-value throughout, in two windows and over all years."""
    row = {"units": 5, "estimate": estimate, "low": estimate - 0.1, "high": estimate + 0.1, "p": p, "placebos": 99}
    row |= {"p_rank": p, "p_holm": p, "se": 0.05, "detectable": np.log(1.25), "rmspe_pre": 0.01, "provinces": 12}
    periods = [(1997, 2001, False), (2002, 2006, False), (1997, 2006, True)]
    return pd.DataFrame(
        {"side": side, **row, "start": start, "end": end, "whole": whole}
        for start, end, whole in periods
        for side in ("sichuan", "chongqing", "contrast")
    )


def pairs(estimate: float = -2.0, p: float = 0.5) -> pd.DataFrame:
    """Rows of ``border_effects`` under three designs."""
    row = {"low": -3.0, "high": 3.0, "detectable": 1.4, "start": 2010, "end": 2016, "prices": "constant"}
    return pd.DataFrame(
        [
            {**row, "design": "main", "estimate": estimate, "p": p},
            {**row, "design": "no_distance", "estimate": -1.5, "p": 0.2},
            {**row, "design": "current", "estimate": -1.0, "p": 0.4, "prices": "current", "end": 2020},
        ]
    )


@pytest.mark.parametrize(
    ("estimate", "p", "verdict"),
    [
        (-0.3, 0.01, "both sides fall significantly behind"),
        (0.3, 0.01, "contrary to"),
        (-0.3, 0.4, "neither confirming"),
    ],
)
def test_agreement_follows_the_numbers(estimate: float, p: float, verdict: str) -> None:
    effects = sides(estimate, p)
    answer = words.answer_text(effects, pairs())
    assert verdict in answer
    assert "with all results known" in answer
    assert "Losses under 20% (Sichuan's side) and 20% (Chongqing)" in answer  # 1 - 1 / 1.25
    assert f"{'25.9% below' if estimate < 0 else '35.0% above'} its synthetic control" in answer
    assert f"{'低25.9' if estimate < 0 else '高35.0'}%" in words.answer_text(effects, pairs(), "zh")
    text = words.variants_text(with_designs(effects.assign(spread=0.1)))
    assert f"Of 24 estimates by side, window and design, {24 if p < 0.05 else 0} have p below" in text


def with_designs(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows once for each design whose spread is told."""
    return pd.concat([rows.assign(design=name) for name in ("main", "current", "current_same", "filled")])


def test_one_side_that_falls_behind_is_no_agreement() -> None:
    effects = sides(-0.3, 0.01)
    effects.loc[effects["side"].eq("chongqing"), "p_holm"] = 0.2
    assert "neither confirming" in words.answer_text(effects, pairs())
    study = SimpleNamespace(design=MAIN, side_gaps={})
    text = words.windows_text(study, effects)  # type: ignore[arg-type]
    assert "adjustment for 2 windows (Holm), the gap differs significantly from zero in 2 of them on Sichuan's" in text
    assert "in 0 in Chongqing" in text
    assert "in no window" in words.windows_text(study, sides(0.1, 0.3))  # type: ignore[arg-type]


def test_losses_and_gains_are_detected_apart() -> None:
    other = {"detectable": 1.8}
    text = words.power_text(sides(0.0, 1.0), pairs(), other, other)
    assert "A loss of 20% or a gain of 25% of GDP on Sichuan's side in 1997–2001" in text
    table = tables.sides_table(analysis.study_border(), sides(0.0, 1.0), sides(0.0, 1.0))
    assert table.frame["loss"].to_numpy() == pytest.approx(20)


def test_a_window_of_one_year_is_a_year() -> None:
    effects = sides(0.0, 1.0)
    effects.loc[effects["start"].eq(2002), "end"] = 2002
    other = {"detectable": 1.8}
    for language, years in (("en", {"1997–2001", "2002", "1997–2006"}), ("zh", {"1997—2001", "2002", "1997—2006"})):
        table = tables.sides_table(analysis.study_border(), effects, effects, language)
        assert set(table.frame["period"]) == years
        figure = charts.window_plot(effects, effects, language=language)
        assert {tick.get_text() for tick in figure.axes[0].get_xticklabels()} == {*years} - {max(years, key=ends)}
    assert "in 2002 a loss of" in words.power_text(effects, pairs(), other, other)


def ends(years: str) -> tuple[str, str]:
    return years[-4:], years


def test_course_names_the_lowest_year_and_the_last() -> None:
    gap = pd.Series([0.0, -0.9, -0.1, -0.32, -0.2, -0.5], index=[1993, 1996, 1997, 2003, 2015, 2016])
    study = SimpleNamespace(design=MAIN, side_gaps={"sichuan": gap})
    text = words.windows_text(study, sides(0.1, 0.3))  # type: ignore[arg-type]
    assert "The gap on Sichuan's side is lowest in 2003 (-0.32 log points) and -0.20 in 2015." in text


@pytest.mark.parametrize(
    ("estimate", "p", "said"),
    [(2.0, 0.001, "closing more slowly"), (-2.0, 0.001, "closing faster"), (-2.0, 0.5, "not significantly")],
)
def test_barro_sentence_follows_sign_and_p(estimate: float, p: float, said: str) -> None:
    effects = pairs(estimate, p)
    answer = words.answer_text(sides(0.1, 0.3), effects)
    assert f"within provinces, {said} ([-3.00, 3.00]; without distance, -1.50, p = 0.200)" in answer
    others = {"estimate": 0.3, "p": 0.6}
    without = pd.DataFrame({"estimate": [-1.0, 0.5]})
    text = words.pairs_text(effects, others, {**others, "p": 0.01}, without)
    assert text.startswith("Without one prefecture at a time the difference lies between -1.00 and +0.50 points")
    assert "the change over time differs significantly from zero, the difference between borders does not" in text
    assert ("Of the 3 rows of the table, 1 have p below" in text) == (p < 0.05)


def test_years_that_were_not_pre_specified_are_not_called_so() -> None:
    asked = {**pair_design.VARIANTS, "main": pair_design.PairDesign(end=2014)}
    table = tables.nine_table(nine_prefectures.border_effects(asked))
    assert table.frame["design"].iloc[0] == "years as chosen"
    assert "years as chosen: 2010-2014" in table.estimates[0].model
    table = tables.nine_table(nine_prefectures.border_effects())
    assert table.frame["design"].iloc[0] == "main specification"


@pytest.mark.parametrize("language", ["en", "zh", "both"])
def test_tables_and_texts_speak_every_language(language: str, designs: pd.DataFrame) -> None:
    study = analysis.study_border()
    specs = [
        tables.years_table(analysis.pre_years(), study, language),
        tables.sides_table(study, analysis.side_effects(study), analysis.plain_effects(), language),
        tables.units_table(study, analysis.unit_effects(study), language),
        tables.designs_table(designs, language),
        tables.nine_table(nine_prefectures.border_effects(), language),
        tables.prices_table(
            nine_prefectures.implied_prices(),
            nine_prefectures.missing_growth(),
            nine_prefectures.without_each(),
            language,
        ),
        tables.borders_table(nine_prefectures.effects_by_border({"main": pair_design.MAIN}), language),
    ]
    texts = [table_files.to_text(spec) for spec in specs]
    texts += [words.units_text(study, language), words.nine_text(language), words.variants_text(designs, language)]
    texts.append(words.prices_text(nine_prefectures.implied_prices(), nine_prefectures.missing_growth(), language))
    latin = [text for text in texts if not any("\u4e00" <= sign <= "\u9fff" for sign in text)]
    assert len(latin) == (len(texts) if language == "en" else 0)
    assert "1,993" not in "".join(texts)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_gaps_stand_among_all_their_placebos(language: str) -> None:
    study = analysis.study_border()
    figure = charts.gap_plot(study, language=language)
    figure.draw_without_rendering()
    placebos = [len(axes.collections[0].get_segments()) for axes in figure.axes]
    assert placebos == [len(study.groups), len(study.units.of("donor"))]
    own = [axes.lines[0].get_ydata() for axes in figure.axes]
    assert own[1] == pytest.approx(study.fits["500000"].gap.to_numpy())
    assert {axes.lines[1].get_xdata()[0] for axes in figure.axes} == {1996.5}


def test_windows_stand_beside_difference_in_differences() -> None:
    effects, plain = analysis.side_effects(analysis.study_border()), analysis.plain_effects()
    figure = charts.window_plot(effects, plain)
    figure.draw_without_rendering()
    for axes, side in zip(figure.axes, ("sichuan", "chongqing"), strict=True):
        drawn = [line.get_ydata() for line in axes.lines[:2]]
        for ordinates, table in zip(drawn, (effects, plain), strict=True):
            rows = table[table["side"].eq(side) & ~table["whole"]]
            assert np.asarray(ordinates) == pytest.approx(rows["estimate"].to_numpy())


def test_all_pairs_are_drawn_by_border_and_large_groups_have_a_line() -> None:
    figure = charts.pair_plot(nine_prefectures.prefecture_pairs(), 2010)
    figure.draw_without_rendering()
    dots = {line.get_label(): len(line.get_xdata()) for line in figure.axes[0].lines if line.get_linestyle() == "None"}
    assert dots["same province"] == 9 and dots["Zhejiang–Jiangxi"] == 12
    assert sum(dots.values()) == 36
    looks = {(line.get_color(), line.get_marker()) for line in figure.axes[0].lines if line.get_linestyle() == "None"}
    assert len(looks) == len(dots) == 7
    fitted = [line for line in figure.axes[0].lines if line.get_linestyle() == "-"]
    assert len(fitted) == sum(count >= 8 for count in dots.values())


def test_rows_of_estimates_are_whole_and_each_once(designs: pd.DataFrame) -> None:
    study = analysis.study_border()
    found = {"spec_id": ["a", "b"], "estimate": [1.0, 2.0], "se": [np.nan, 1.0], "p": [0.5, 0.6], "pairs": [10, 20]}
    design = [adjacent_counties.COUNTY_VARIANTS[key] for key in ("nine_lights", "china_lights")]
    counties = pd.DataFrame([vars(variant) for variant in design]).assign(
        **found, low=[-1.0, 0.0], high=[3.0, 4.0], across=[4, 5], prefectures=[9, 300], mean_change=-1.0
    )
    halves = {name: pair_design.VARIANTS[name] for name in ("main", "first_half")}
    specs = (
        tables.sides_table(study, analysis.side_effects(study), analysis.plain_effects()),
        tables.units_table(study, analysis.unit_effects(study)),
        tables.designs_table(designs),
        tables.leave_out_table(study, *(analysis.leave_out(study, by) for by in ("province", "donor"))),
        tables.nine_table(nine_prefectures.border_effects()),
        tables.prices_table(
            nine_prefectures.implied_prices(), nine_prefectures.missing_growth(), nine_prefectures.without_each()
        ),
        tables.borders_table(nine_prefectures.effects_by_border(halves)),
        tables.counties_table(counties),
    )
    for spec in specs:
        assert spec.estimates and not missing_cells(spec.frame, spec.estimates)
        assert len({row.id for row in spec.estimates}) == len(spec.estimates)
    gaps, losses = (
        {row.id for row in specs[0].estimates if isinstance(row, kind)} for kind in (EstimateRecord, Quantity)
    )
    assert gaps <= {row.id for row in specs[2].estimates} and len(losses) == len(specs[0].frame)
    assert [row.clusters for row in specs[-1].estimates] == [None, 300]
