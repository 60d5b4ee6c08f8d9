"""Tables, sentences and charts of notebook 07: they follow the numbers, in every language."""

from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Annotation

from shanhai.claims.claims import Claim
from shanhai.render import _table_files as table_files
from shanhai.render._shown import missing_cells
from shanhai.studies.new_border import adjacent_counties, analysis, charts, nine_prefectures, tables, words
from shanhai.studies.new_border.design import MAIN

PLAIN = Claim("L03", "literature", "", "", "", "sign", "-", "", "", "", "", "")


@pytest.fixture(scope="module")
def designs() -> pd.DataFrame:
    return analysis.compare_designs()


def sides(estimate: float, p: float) -> pd.DataFrame:
    """Rows of ``side_effects`` with one estimate and p-value throughout."""
    row = {"units": 5, "estimate": estimate, "low": estimate - 0.1, "high": estimate + 0.1, "p": p, "placebos": 99}
    names = ("sichuan", "chongqing", "contrast")
    return pd.DataFrame([{"side": side, **row, "detectable": 0.2, "rmspe_pre": 0.01} for side in names])


@pytest.mark.parametrize(
    ("estimate", "p", "verdict"),
    [(-0.3, 0.01, "agrees: both sides fall behind"), (0.3, 0.01, "disagrees"), (-0.3, 0.4, "neither confirms")],
)
def test_agreement_follows_the_numbers(estimate: float, p: float, verdict: str) -> None:
    effects = sides(estimate, p)
    assert verdict in words.new_border_answer(effects)
    text = words.signs_text(effects, effects.assign(design="main"))
    assert f"{3 if p < 0.05 else 0} have p below" in text
    assert ("behind" if estimate < 0 else "ahead") in text
    sentence = words.sides_text(effects).splitlines()[0]
    assert sentence.startswith(f"Sichuan's side: {'-25.9' if estimate < 0 else '+35.0'}% of GDP")


def test_course_names_the_lowest_year_and_the_last() -> None:
    gap = pd.Series([0.0, -0.9, -0.1, -0.32, -0.2, -0.5], index=[1993, 1996, 1997, 2003, 2015, 2016])
    text = words.course_text(SimpleNamespace(design=MAIN, side_gaps={"sichuan": gap}))  # type: ignore[arg-type]
    assert text == "Sichuan's side: lowest in 2003 (-0.32 log points), -0.20 in 2015."


@pytest.mark.parametrize(
    ("estimate", "p", "verdicts"),
    [
        (2.0, 0.001, ("stay open longer: +2.00", "The sign here is theirs; nine prefectures tell it from zero")),
        (-2.0, 0.5, ("close faster: -2.00", "the opposite; nine prefectures cannot tell it")),
    ],
)
def test_barro_sentence_follows_sign_and_p(estimate: float, p: float, verdicts: tuple[str, str]) -> None:
    halves = [
        {"design": "first_half", "estimate": 3.0, "p": 1.0},
        {"design": "second_half", "estimate": -1.0, "p": 1.0},
    ]
    text = words.nine_prefectures_answer(pd.DataFrame([{"design": "main", "estimate": estimate, "p": p}, *halves]))
    assert all(verdict in text for verdict in verdicts)
    assert "First half +3.00, second half -1.00: the size shrinks" in text


def test_years_that_were_not_pre_specified_are_not_called_so() -> None:
    asked = {**nine_prefectures.VARIANTS, "main": nine_prefectures.PairDesign(end=2021)}
    table = tables.nine_table(nine_prefectures.border_effects(asked))
    assert table.frame["design"].iloc[0] == "years as asked"
    assert "years as asked: 2010-2021" in table.estimates[0].model
    table = tables.nine_table(nine_prefectures.border_effects())
    assert table.frame["design"].iloc[0] == "pre-specified"


@pytest.mark.parametrize("language", ["en", "zh", "both"])
def test_tables_and_texts_speak_every_language(language: str, designs: pd.DataFrame) -> None:
    study = analysis.study_border()
    specs = [
        tables.years_table(analysis.pre_years(), study, language),
        tables.sides_table(study, analysis.side_effects(study), language),
        tables.units_table(study, analysis.unit_effects(study), language),
        tables.designs_table(designs, language),
        tables.nine_table(nine_prefectures.border_effects(), language),
        tables.borders_table(nine_prefectures.effects_by_border({"main": nine_prefectures.MAIN}), language),
    ]
    texts = [table_files.to_text(spec) for spec in specs]
    texts += [words.units_text(study, language), words.nine_text(language)]
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


def test_paths_start_from_zero_in_the_last_year_before() -> None:
    figure = charts.path_plot(analysis.study_border())
    figure.draw_without_rendering()
    assert len(figure.axes) == 6
    for axes in figure.axes:
        synthetic, observed = (dict(zip(*line.get_data(), strict=True)) for line in axes.lines[:2])
        assert observed[1996] == pytest.approx(0.0)
        assert abs(synthetic[1996]) < 0.1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_names_of_dots_lie_apart(language: str) -> None:
    figure = charts.role_plot(analysis.study_border(), language=language)
    figure.draw_without_rendering()
    names = [text for text in figure.axes[0].texts if isinstance(text, Annotation)]
    boxes = [name.get_window_extent() for name in names]
    assert len(boxes) == 19
    overlapping = [
        (names[first].get_text(), names[second].get_text())
        for first, second in combinations(range(19), 2)
        if boxes[first].shrunk(0.96, 0.7).overlaps(boxes[second].shrunk(0.96, 0.7))
    ]
    assert not overlapping


def test_pairs_are_grouped_by_border_and_large_groups_have_a_line() -> None:
    pairs = nine_prefectures.prefecture_pairs()
    figure = charts.pair_plot(pairs, 2010)
    figure.draw_without_rendering()
    dots = {line.get_label(): len(line.get_xdata()) for line in figure.axes[0].lines if line.get_linestyle() == "None"}
    assert dots["same province"] == 9 and dots["Zhejiang–Jiangxi"] == 12
    assert "Anhui–Fujian" not in dots  # one pair
    assert sum(dots.values()) == len(pairs) - 1
    fitted = [line for line in figure.axes[0].lines if line.get_linestyle() == "-"]
    assert len(fitted) == sum(count >= 8 for count in dots.values())


def test_rows_of_estimates_are_whole_and_each_once(designs: pd.DataFrame) -> None:
    study = analysis.study_border()
    found = {"spec_id": ["a", "b"], "estimate": [1.0, 2.0], "se": [np.nan, 1.0], "p": [0.5, 0.6], "pairs": [10, 20]}
    design = [adjacent_counties.COUNTY_VARIANTS[key] for key in ("nine_lights", "china_lights")]
    counties = pd.DataFrame([vars(each) for each in design]).assign(
        **found, low=[-1.0, 0.0], high=[3.0, 4.0], across=[4, 5], prefectures=[9, 300]
    )
    halves = {name: nine_prefectures.VARIANTS[name] for name in ("main", "first_half")}
    specs = (
        tables.sides_table(study, analysis.side_effects(study)),
        tables.units_table(study, analysis.unit_effects(study)),
        tables.designs_table(designs),
        tables.nine_table(nine_prefectures.border_effects()),
        tables.borders_table(nine_prefectures.effects_by_border(halves)),
        tables.counties_table(counties),
    )
    for spec in specs:
        assert spec.estimates and not missing_cells(spec.frame, spec.estimates)
        assert len({row.id for row in spec.estimates}) == len(spec.estimates)
    assert {row.id for row in specs[0].estimates} <= {row.id for row in specs[2].estimates}
    assert [row.clusters for row in specs[-1].estimates] == [None, 300]
