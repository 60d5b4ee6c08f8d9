"""Tables, sentences and figures of the convergence notebook, in every language, on made-up numbers."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import ReportError
from shanhai.methods.convergence import common_steps, find_clubs, merge_clubs
from shanhai.methods.estimate import Estimate
from shanhai.render.style import theme
from shanhai.studies.convergence import charts, elsewhere_charts, elsewhere_tables, tables, words
from shanhai.studies.convergence.design import GDP_LATE, LIGHTS_LATE
from shanhai.studies.convergence.elsewhere import Elsewhere

each_language = pytest.mark.parametrize("language", ["en", "zh", "both"])
YEARS = list(range(2001, 2023))


def beta_numbers(low: float, high: float) -> pd.DataFrame:
    rows = []
    for period, bounds in ((LIGHTS_LATE, (-7.0, -3.0)), (GDP_LATE, (low, high))):
        middle = sum(bounds) / 2
        rows.append(
            {
                "sample": "zhejiang", "period": period.name, "measure": period.measure, "first": period.first,
                "last": period.last, "conditions": "none", "estimate": middle, "se": 1.0, "p": 0.5, "low": bounds[0],
                "high": bounds[1], "half_life": 12.3, "mean": 7.3, "n": 80, "vcov": "HC3",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def beside() -> Elsewhere:
    """Two other provinces rise by 10 and 30 points, the 26 by 19; light jumps in 2016."""
    years = range(2013, 2023)
    own = pd.Series([44.0, 50, 50, 60, 60, 60, 60, 60, 62, 63], index=years)
    paths = pd.DataFrame(
        {"310000": np.linspace(20, 30, 10), "320000": np.linspace(20, 50, 10), "330000": np.linspace(20, 41, 10)},
        index=years,
    ).T
    counts = pd.DataFrame({"dark": 5, "others": 6}, index=paths.index)
    jumps = np.zeros((8, 10))
    jumps[:, 3:] = 1.0
    noise = np.random.default_rng(2).normal(scale=0.01, size=(8, 10))
    light = common_steps(pd.DataFrame(jumps + noise.cumsum(axis=1), columns=years))
    dark = common_steps(pd.DataFrame(noise.cumsum(axis=1), columns=years))
    return Elsewhere(own, {"before": paths}, {"before": counts}, dark, light)


def equal() -> pd.DataFrame:
    rows = [
        ("lights_per_head", 2013, 2022, "none", -2.7, -5.3, -0.2),
        ("lights_per_head", 2013, 2022, "terrain", -2.5, -5.2, 0.2),
        ("gdp_per_head", 2011, 2021, "none", -0.5, -2.3, 1.3),
    ]
    table = pd.DataFrame(rows, columns=["measure", "first", "last", "conditions", "estimate", "low", "high"])
    return table.assign(
        sample="zhejiang",
        period="p",
        se=1.1,
        p=0.04,
        n=83,
        clusters=11,
        df=10.0,
        mean=7.3,
        vcov="CR1S",
        spec_id="0" * 12,
    )


def path(ratio: list[float], years: list[int]) -> pd.DataFrame:
    shares = {"share_value": 10.0, "share_people": 18.0, "group": 26, "others": 55, "distance": 1.0}
    return pd.DataFrame({"year": years, "ratio": ratio}).assign(**shares)


@each_language
def test_beta_table_prints_years_for_convergence_only(language: str) -> None:
    cells = tables.beta_print(beta_numbers(-2.0, 1.0), language).cells()
    assert cells[0][-3] == "12"
    assert cells[1][-3] not in ("12", "")
    assert cells[0][2] == ("2013—2022" if language == "zh" else "2013–2022")


def test_sentence_on_agreement_follows_the_numbers() -> None:
    apart, together = (words.beta_sentences(beta_numbers(*bounds)) for bounds in ((-2.0, 1.0), (-4.0, -1.0)))
    assert "Light and GDP disagree" in apart
    assert "does not differ significantly with the initial level: GDP per resident 2011–2021." in apart
    assert "disagree" not in together and "faster: night light per resident 2013–2022; GDP" in together
    assert "that were ahead grew significantly faster: GDP" in words.beta_sentences(beta_numbers(1.0, 2.0))


LIGHT = path([40.0] * 12 + [44.0] * 9 + [63.0], YEARS).assign(distance=[0.0] * 12 + [83.8] * 9 + [86.2])
GDP = path([60.0, 62.0, 58.0], [2001, 2011, 2021]).assign(distance=[5_299.0, 20_387.0, 10.0])


def answer_of(light: Estimate, gdp: Estimate, others: Elsewhere, language: str = "en") -> str:
    paths, changes = {"lights_per_head": LIGHT, "gdp_per_head": GDP}, {"lights_per_head": light, "gdp_per_head": gdp}
    return words.answer(paths, changes, others, language)


def test_answer_on_position_turns_with_the_intervals() -> None:
    closer, apart, open_ = (Estimate(value, 2.0, 10) for value in (19.0, -19.0, -4.0))
    text = answer_of(closer, open_, beside())
    assert text.startswith(
        "Relative to the rest of Zhejiang, night light per resident in the 26 mountain counties rose "
    )
    assert "rose from 44.0% to 63.0% in 2013–2022 (95% interval of the change [14.5, 23.5] points), but GDP" in text
    assert "but GDP per resident did not change significantly in 2011–2021 ([-8.5, 0.5]; 26 of the 26 with" in text
    assert (
        "stood at 62.0% and 58.0% of the rest; the absolute gap widened in light and narrowed in GDP: light from"
        in text
    )
    assert "light from 83.8 to 86.2 per 10,000 residents, GDP from 20,387 to" in text
    assert "but GDP per resident fell in 2011–2021" in answer_of(closer, apart, beside())
    assert "moved from 44.0% to 63.0%, not significantly, in" in answer_of(open_, open_, beside())
    assert "and GDP per resident likewise in" in answer_of(apart, apart, beside())
    assert "人均GDP之比的变化在统计上不显著（[-8.5, 0.5]；26县中26县有数据）" in answer_of(
        closer, open_, beside(), "zh"
    )
    assert answer_of(closer, open_, beside(), "both").count("\n\n") == 1


def test_position_between_is_read_from_the_years_of_one_sensor() -> None:
    whole = path(list(np.linspace(70, 60, 28)), list(range(1994, 2022)))
    text = words.position_sentences({"lights_per_head": LIGHT, "same_counties": LIGHT, "prefectures": whole})
    assert "Within 2013–2022 the ratio of light lies between 44% and 63%" in text
    assert "(26 of the 26 and 55 others) the ratio of light moved from 44.0% in 2013 to 63.0% in 2022" in text
    assert "the ratio was lowest in 2021 (60%)" in text


def test_answer_says_what_others_did_and_what_jumps_in_common() -> None:
    change = Estimate(19.0, 2.0, 10)
    text = answer_of(change, change, beside())
    assert "10.0 points came in 2016, when light grew more than usual in 8 of 8 other provinces" in text
    assert "rose by a median of 20.0 points" in text  # of 10 and 30
    quiet = replace(beside(), light_steps=beside().steps)
    assert "In no year did light grow more than usual" in answer_of(change, change, quiet)
    more = words.elsewhere_sentences(beside(), equal())
    assert (
        "rose by 15.0 to 25.0 points in the middle half of 2 provinces, and in 1 provinces by more than the 26" in more
    )
    assert "since 2013 -2.7 (1.1), significantly slower; GDP per resident since 2011 -0.5 (1.1), not" in more
    assert "2014, 2016 and 2021 (18.0 points together)" in more
    assert "across the other provinces: 2016." in more
    assert "on the rest of theirs: none." in more


@each_language
def test_tables_on_other_provinces_print_rises_steps_and_growth(language: str) -> None:
    [dark] = elsewhere_tables.dark_print(beside(), language).cells()
    assert dark[1:] == ["2", "15.0", "20.0", "25.0", "21.0", "1"]
    steps = elsewhere_tables.steps_print(beside(), language)
    assert [row[:2] for row in steps.cells()][:3] == [["2014", "6.0"], ["2015", "0.0"], ["2016", "10.0"]]
    assert [row[6] for row in steps.cells()][2] == "8"
    assert {test.df for test in steps.estimates if test.statistic.startswith("Friedman")} == {8}
    rows = elsewhere_tables.equal_print(equal(), language)
    assert [row[4] for row in rows.cells()] == ["-2.70", "-2.50", "-0.50"]
    assert {record.term for record in rows.estimates} == {"is_mountain_26"}


@each_language
def test_position_is_printed_at_the_ends_of_each_sensor_and_in_each_year_of_gdp(language: str) -> None:
    light = path([40.0] * 12 + [44.0] * 9 + [63.0], YEARS).assign(own=40.0, other=100.0, distance=60.0)
    gdp = path([60.0, 62.0, 58.0], [2001, 2011, 2021]).assign(own=6.0, other=10.0, distance=4.0)
    rows = elsewhere_tables.position_print({"lights_per_head": light, "gdp_per_head": gdp}, language).cells()
    assert [row[1] for row in rows] == [str(year) for year in (YEARS[0], 2012, 2013, YEARS[-1], 2001, 2011, 2021)]
    assert rows[0][4] == "40.0" and rows[-1][4] == "58.0"


@each_language
def test_rises_are_drawn_from_the_smallest_to_the_largest(language: str) -> None:
    names = {"310000": ("Shanghai", "上海市"), "320000": ("Jiangsu", "江苏省")}
    years, whole = elsewhere_charts.elsewhere_plot(beside(), names, "330000", language=language).axes
    assert whole.collections[1].get_offsets()[:, 0].tolist() == pytest.approx([10.0, 19.0, 21.0, 30.0])
    assert "上海" in whole.get_yticklabels()[0].get_text() or whole.get_yticklabels()[0].get_text() == "Shanghai"
    assert years.lines[1].get_ydata().tolist() == pytest.approx([6, 0, 10, 0, 0, 0, 0, 2, 1])
    assert [patch.get_x() for patch in years.patches] == [2015.5]


@each_language
def test_sigma_tells_fallen_risen_and_open(language: str) -> None:
    base = {
        "first": 2013,
        "last": 2022,
        "first_sd": 1.0,
        "last_sd": 0.8,
        "change": -0.2,
        "se": 0.05,
        "clusters": 9,
        "p": 0.01,
        "p_pitman": 0.02,
        "n": 9,
    }
    bounds = ((-0.3, -0.1), (0.1, 0.2), (-0.1, 0.1))
    rows = [{"sample": "china", "measure": "lights_per_head", "low": low, "high": high} | base for low, high in bounds]
    table = pd.DataFrame(rows)
    paragraphs = words.sigma_sentence(table, language).split("\n\n")
    assert [len(re.findall("[.。]", text)) for text in paragraphs] == [3] * len(paragraphs)
    cells = tables.sigma_print(table, language).cells()
    assert cells[0][5] == "-18"  # exp(-0.2) - 1
    [first, *_] = tables.sigma_print(table, "en").estimates
    assert (first.estimate, first.low, first.high, first.df) == pytest.approx(
        (-18.1269, -25.9182, -9.5163, 8), abs=1e-4
    )


def test_seam_sentence_prints_the_steps() -> None:
    text = words.seam_sentence({"step": -0.11, "usual": 0.05, "growth": 0.6, "usual_growth": 0.1})
    assert "+82%" in text and "-0.11" in text and "cannot be known" in text


def clubs() -> dict[str, tuple]:
    rng = np.random.default_rng(0)
    t = np.arange(2013, 2023)
    logs = pd.DataFrame(
        {f"u{unit}": 5 + unit % 2 + 0.3 * rng.normal() / (t - 2012) + 0.05 * t for unit in range(12)}, index=t
    ).T
    found = find_clubs(logs)
    return {"late": ("2013–2022", found, merge_clubs(found, logs)), "gdp": ("2013–2022", found, found)}


@each_language
def test_clubs_in_words_and_table(language: str) -> None:
    merged = clubs()
    poor = pd.Series(True, index=["u0", "u1"])
    cells = tables.clubs_print(merged, poor, language).cells()
    assert sum(int(part) for part in cells[0][7].split(" + ")) + int(cells[0][-1]) == 12
    assert sum(int(part) for part in cells[0][9].split(" + ")) <= 2
    years = "2013—2022" if language == "zh" else "2013–2022"
    assert years in words.clubs_sentence(merged, language)


def seam(years: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"year": years, "total": 5.0, "sd_log": 1.0, "correlation": 0.9})


@each_language
@theme()
def test_no_line_crosses_the_seam(language: str) -> None:
    figure = charts.seam_plot({"china": seam(YEARS)}, language=language)
    for axes in figure.axes:
        series = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) > 2]
        assert [(min(years), max(years)) for years in series] == [(2001, 2012), (2013, 2022)]
    paths = {
        "lights_per_head": path([50.0] * 22, YEARS),
        "gdp_per_head": path([60.0, 62.0, 58.0], [2001, 2011, 2021]),
        "same_counties": path([55.0] * 22, YEARS),
    }
    (axes,) = charts.position_plot(paths, language=language).axes
    drawn = [tuple(line.get_xdata()) for line in axes.lines if len(line.get_xdata()) > 2]
    assert drawn == [tuple(YEARS[:12]), tuple(YEARS[12:]), (2001, 2011, 2021)]
    assert len(axes.get_legend().get_texts()) == 2


@each_language
def test_growth_is_drawn_on_the_level_with_the_26_marked(language: str) -> None:
    points = pd.DataFrame(
        {"initial": [2.0, 1.0, 3.0], "growth": [1.0, 3.0, 2.0], "line": [2.0, 3.0, 1.0], "marked": [False, True, False]}
    )
    (axes,) = charts.beta_plot({LIGHTS_LATE: points}, language=language).axes
    others, the_26, fitted = axes.lines
    assert (list(others.get_xdata()), list(others.get_ydata())) == ([2.0, 3.0], [1.0, 2.0])
    assert (list(the_26.get_xdata()), list(the_26.get_ydata())) == ([1.0], [3.0])
    assert (list(fitted.get_xdata()), list(fitted.get_ydata())) == ([1.0, 2.0, 3.0], [3.0, 2.0, 1.0])
    assert [re.findall(r"\d+", text.get_text())[-1] for text in axes.get_legend().get_texts()] == ["2", "1"]


@each_language
def test_provinces_stand_in_the_order_of_the_first_series(language: str) -> None:
    light = pd.DataFrame({"province_code": ["330000", "340000"], "estimate": [-1.0, -2.0], "low": -3.0, "high": 0.5})
    names = {"330000": ("Zhejiang", "浙江省"), "340000": ("Anhui", "安徽省")}
    gdp = light.assign(estimate=[-5.0, 1.0])
    figure = charts.province_plot({LIGHTS_LATE: light, GDP_LATE: gdp}, names, marked="330000", language=language)
    (axes,) = figure.axes
    labels = [text.get_text() for text in axes.get_yticklabels()]
    assert "安徽省" in labels[0] or labels[0] == "Anhui"
    shaded = axes.patches[0].get_bbox()
    assert (shaded.y0, shaded.y1) == (0.5, 1.5)
    drawn = {line.get_marker(): list(line.get_xdata()) for line in axes.lines[:2]}
    assert list(drawn.values()) == [[-1.0, -2.0], [-5.0, 1.0]]


@each_language
def test_parts_of_inequality_are_stacked_to_the_whole(language: str) -> None:
    rows = pd.DataFrame({"year": YEARS, "theil_between_1": 0.1, "theil_between_2": 0.1, "theil_within": 0.2})
    split = {(scope, "lights_per_head"): rows for scope in ("provinces", "prefectures", "the_26")}
    figure = charts.inequality_plot(split, language=language)
    tops = [max(patch.get_y() + patch.get_height() for patch in axes.patches) for axes in figure.axes]
    assert tops == pytest.approx([0.4, 0.3, 0.3])


@each_language
def test_inequality_table_prints_shares_of_the_index_at_both_ends_of_the_main_period(language: str) -> None:
    parts = {"theil_between_1": 0.1, "theil_within": 0.3}
    path = pd.DataFrame({"year": YEARS, "theil": 0.4, **parts, "gini": 0.5, "n": 81})
    gdp = path[path["year"].isin((2001, 2011, 2021))]
    plain = pd.DataFrame({"scope": "the_26", "measure": "lights_per_head", "year": YEARS, "theil": 0.123})
    split = {("the_26", "lights_per_head"): path, ("the_26", "gdp_per_head"): gdp}
    cells = tables.inequality_print(split, plain, language).cells()
    assert [row[2] for row in cells] == ["2013", "2022", "2011", "2021"]
    assert cells[0][3:] == ["0.400", "25", "–", "75", "0.123", "0.500", "81"]
    assert cells[-1][-3] == "–"


@each_language
def test_cells_of_the_matrix_are_chances_in_percent(language: str) -> None:
    moves = pd.DataFrame(
        {"sample": "china", "segment": "2013-2022", "start": [1, 2], "share_first": [0.4, 0.6], "share_last": 0.5,
         "ergodic": [0.7, 0.3], "to_1": [0.9, 0.2], "to_2": [0.1, 0.8]}
    )  # fmt: skip
    figure = charts.transition_plot(moves, language=language)
    matrix, bars = figure.axes
    assert [text.get_text() for text in matrix.texts] == ["90", "10", "20", "80"]
    assert sorted(patch.get_height() for patch in bars.patches) == pytest.approx([30, 40, 50, 50, 60, 70])
    years = "2013—2022" if language == "zh" else "2013–2022"
    assert any(years in text.get_text() for text in figure.texts)


@each_language
def test_moran_is_drawn_by_year_over_what_chance_gives(language: str) -> None:
    rising = np.linspace(0.5, 0.71, 22)
    table = pd.DataFrame(
        {"measure": "lights_per_head", "year": YEARS, "moran": rising, "expected": 0.0, "se": 0.1, "p": 0.001, "n": 9}
    )
    (axes,) = charts.moran_plot(table, language=language).axes
    drawn = [line for line in axes.lines if len(line.get_xdata()) > 2]
    assert [(line.get_xdata()[0], line.get_xdata()[-1]) for line in drawn] == [(2001, 2012), (2013, 2022)]
    assert np.concatenate([line.get_ydata() for line in drawn]) == pytest.approx(rising)
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == pytest.approx((-0.2, 0.2))
    assert "0.50" in words.moran_sentence(table, language)


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ReportError, match="0 series"):
        charts.seam_plot({})
    with pytest.raises(ReportError, match="no year"):
        charts.moran_plot(pd.DataFrame())
    with pytest.raises(ReportError, match="0 matrices"):
        charts.transition_plot(pd.DataFrame())
