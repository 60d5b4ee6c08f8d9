"""Tables, sentences and figures of the convergence notebook, in every language, on made-up numbers."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from shanhai.core.errors import ReportError
from shanhai.methods.convergence.clubs import find_clubs, merge_clubs, relative_paths
from shanhai.render.style import use_theme
from shanhai.studies.convergence import chart_distribution as distribution
from shanhai.studies.convergence import charts as draw
from shanhai.studies.convergence import parts, text
from shanhai.studies.convergence import tables as show
from shanhai.studies.convergence.registered import GDP_LATE, LIGHTS_LATE, MEASURES

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
                "high": bounds[1], "half_life": 12.3, "n": 80, "vcov": "HC3",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def path(ratio: list[float], years: list[int]) -> pd.DataFrame:
    shares = {"share_value": 10.0, "share_people": 18.0, "group": 26, "others": 55}
    return pd.DataFrame({"year": years, "ratio": ratio}).assign(**shares)


@each_language
def test_beta_table_prints_years_for_convergence_only(language: str) -> None:
    cells = show.beta_print(beta_numbers(-2.0, 1.0), language).cells()
    assert cells[0][-2] == "12"
    assert cells[1][-2] not in ("12", "")
    assert cells[0][2] == "2013–2022"


def test_sentence_on_agreement_follows_the_numbers() -> None:
    apart, together = (text.beta_sentences(beta_numbers(*bounds)) for bounds in ((-2.0, 1.0), (-4.0, -1.0)))
    assert "disagree" in apart and "cannot be told" in apart
    assert "disagree" not in together
    assert "those ahead grew faster" in text.beta_sentences(beta_numbers(1.0, 2.0))


def test_sentence_on_position_turns_with_the_sign() -> None:
    light = path([40.0] * 12 + [44.0] * 9 + [63.0], YEARS)
    gdp = path([60.0, 62.0, 58.0], [2001, 2011, 2021])
    whole = path(list(np.linspace(70, 60, 28)), list(range(1994, 2022)))
    said = text.position_sentences({"lights_per_head": light, "gdp_per_head": gdp, "prefectures": whole})
    lines = said.splitlines()
    assert "19.0 points closer" in lines[1]
    assert "2.0 points closer" in lines[2]
    assert "4.0 points farther apart" in lines[3]
    assert "lowest in 2021" in lines[4]


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
    assert len(text.sigma_sentence(table, language).splitlines()) == 3
    cells = show.sigma_print(table, language).cells()
    assert cells[0][5] == "-18"  # exp(-0.2) - 1
    [first, *_] = show.sigma_print(table, "en").estimates
    assert (first.estimate, first.low, first.high, first.df) == pytest.approx(
        (-18.1269, -25.9182, -9.5163, 8), abs=1e-4
    )


def test_seam_sentence_prints_the_steps() -> None:
    said = text.seam_sentence({"step": -0.11, "usual": 0.05, "growth": 0.6, "usual_growth": 0.1})
    assert "+82%" in said and "-0.11" in said and "cannot be known" in said


def clubs() -> tuple[pd.DataFrame, dict[str, tuple]]:
    rng = np.random.default_rng(0)
    t = np.arange(2013, 2023)
    logs = pd.DataFrame(
        {f"u{unit}": 5 + unit % 2 + 0.3 * rng.normal() / (t - 2012) + 0.05 * t for unit in range(12)}, index=t
    ).T
    found = find_clubs(logs)
    return logs, {"late": ("2013–2022", found, merge_clubs(found, logs)), "gdp": ("2013–2022", found, found)}


@each_language
def test_clubs_in_words_table_and_figure(language: str) -> None:
    logs, found = clubs()
    poor = pd.Series(True, index=["u0", "u1"])
    cells = parts.clubs_print(found, poor, language).cells()
    assert sum(int(part) for part in cells[0][7].split(" + ")) + int(cells[0][-1]) == 12
    assert sum(int(part) for part in cells[0][9].split(" + ")) <= 2
    assert "2013–2022" in text.clubs_sentence(found, language)
    membership = found["late"][2].membership()
    figure = distribution.clubs_plot(relative_paths(logs), membership, poor, language=language)
    assert len(figure.axes) == membership.nunique()
    assert sum(len(axes.lines) - 2 for axes in figure.axes) == 12


def seam(years: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"year": years, "total": 5.0, "sd_log": 1.0, "correlation": 0.9})


@each_language
def test_figures_have_the_series_and_no_line_across_the_seam(language: str) -> None:
    use_theme()
    figure = draw.seam_plot({("China", "全国"): seam(YEARS)}, language=language)
    for axes in figure.axes:
        series = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) > 2]
        assert [(min(one), max(one)) for one in series] == [(2001, 2012), (2013, 2022)]
    paths = {
        ("light", "灯光"): (path([50.0] * 22, YEARS), True),
        ("GDP", "GDP"): (path([60.0] * 3, [2001, 2011, 2021]), False),
    }
    figure = draw.position_plot(paths, language=language)
    assert len(figure.axes[0].get_legend().get_texts()) == 2
    assert_drawn(figure)


@each_language
def test_scatter_provinces_stack_matrix_and_moran_are_drawn(language: str) -> None:
    points = pd.DataFrame({"initial": [1.0, 2.0], "growth": [3.0, 1.0], "line": [3.0, 1.0], "marked": [True, False]})
    assert_drawn(draw.beta_plot({("light", "灯光"): points}, language=language))
    bars = pd.DataFrame({"province_code": ["330000", "340000"], "estimate": [-2.0, -1.0], "low": -3.0, "high": 0.5})
    names = {"330000": ("Zhejiang", "浙江省"), "340000": ("Anhui", "安徽省")}
    figure = draw.province_plot({("light", "灯光"): bars}, names, marked="330000", language=language)
    assert len(figure.axes[0].get_yticklabels()) == 2
    rows = pd.DataFrame({"year": YEARS, "theil_between_1": 0.1, "theil_between_2": 0.1, "theil_within": 0.2})
    split = {(scope, "lights_per_head"): rows for scope in parts.STACKS}
    figure = draw.inequality_plot(parts.stacks(split), language=language)
    heights = [patch.get_y() + patch.get_height() for patch in figure.axes[0].patches]
    assert max(heights) == pytest.approx(0.4)
    matrix = pd.DataFrame(
        {"start": [1, 2], "share_first": 0.5, "share_last": 0.5, "ergodic": 0.5, "to_1": 0.5, "to_2": 0.5}
    )
    assert_drawn(distribution.transition_plot({("China", "全国"): matrix}, language=language))
    table = pd.DataFrame(
        {"measure": "lights_per_head", "year": YEARS, "moran": 0.5, "expected": 0.0, "se": 0.1, "p": 0.001, "n": 9}
    )
    assert_drawn(distribution.moran_plot(table, MEASURES, language=language))
    assert "0.50 (2001)" in text.moran_sentence(table, language)


def assert_drawn(figure: Figure) -> None:
    figure.canvas.draw()
    assert figure.axes


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ReportError, match="0 series"):
        draw.seam_plot({})
    with pytest.raises(ReportError, match="no year"):
        distribution.moran_plot(pd.DataFrame(), MEASURES)
    with pytest.raises(ReportError, match="0 matrices"):
        distribution.transition_plot({})
