"""Charts of placebos, jump and valley: marks stand where the numbers are, and no word is cut."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from simulated_board import PLACES, simulated_counties_at_borders

from shanhai.core.errors import ParameterError, ReportError
from shanhai.methods.discontinuity.geographic import BorderSpec, border_jump, jump_bins, jump_lines
from shanhai.methods.discontinuity.sample import border_sample
from shanhai.methods.discontinuity.simulated import BorderTruth
from shanhai.methods.placebo import RandomizationTest
from shanhai.studies.robustness.charts_border import jump_plot, placebo_plot, spline_plot
from shanhai.studies.robustness.design import VALLEY_CONTROLS
from shanhai.studies.robustness.tables_border import name_valleys

OUTCOME = ("log of lights per km2, net of segment effects and of everything held fixed", "每平方千米灯光对数")
CURVE = pd.DataFrame({"distance_km": np.arange(0.0, 121.0, 5.0)}).assign(
    estimate=lambda t: -0.5 * np.exp(-t["distance_km"] / 30), low=lambda t: t["estimate"] - 0.1, high=0.1
)
COVERAGE = pd.DataFrame({"from_km": [0, 5, 40], "to_km": [5, 40, 150], "n_left": [1, 30, 900], "n_right": [2, 40, 800]})


def placebo(t: float, seed: int, draws: int = 500) -> RandomizationTest:
    ratios = np.random.default_rng(seed).normal(size=draws)
    ratios[0] = np.nan
    return RandomizationTest("on_border", 0.1 * t, t, 0.024, 0.031, draws - 1, 11, 0, 1, 0.1 * ratios, ratios, "HC1")


TESTS = {
    ("contiguous re-partitions of the counties into provinces of the same sizes", "县域的连续重新划分"): placebo(
        -3.9, 1
    ),
    ("shifted and rotated borders", "平移与旋转的省界"): placebo(2.5, 2),
}


@pytest.fixture(scope="module")
def drawn() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    frame, positions, _ = simulated_counties_at_borders(np.random.default_rng(1), BorderTruth(jump=0.5, noise=0.1))
    black = frame.groupby("province_code")["is_black"].first().astype(float)
    sample = border_sample(frame, positions, black + np.arange(len(black)) / 1000, **PLACES)
    found = border_jump(sample, BorderSpec("gdp_per_capita_2021", bandwidth_km=50.0))
    return sample, jump_bins(sample, found), jump_lines(sample, found)


@pytest.mark.parametrize("language", ["en", "zh", "both"])
def test_no_word_is_cut(
    drawn: tuple[pd.DataFrame, ...], cut_texts: Callable[[Figure], list[str]], language: str
) -> None:
    assert cut_texts(jump_plot(*drawn[1:], language=language, outcome=OUTCOME)) == []
    curves = name_valleys(dict.fromkeys(VALLEY_CONTROLS, CURVE), language)
    assert cut_texts(spline_plot(curves, COVERAGE, language=language, outcome=OUTCOME)) == []
    for statistic in ("t", "estimate"):
        assert cut_texts(placebo_plot(TESTS, language=language, statistic=statistic)) == []


def test_bins_hold_every_place_once_and_none_spans_the_border(drawn: tuple[pd.DataFrame, ...]) -> None:
    sample, bins, lines = drawn
    assert bins["n"].sum() == (sample["is_nearest"] & (sample["distance_km"] < 100)).sum() > 700
    assert ((bins["from_km"] >= 0) | (bins["to_km"] <= 0)).all()
    near = bins.set_index("from_km")["mean"]
    assert near[0.0] - near[-5.0] == pytest.approx(0.5, abs=0.15)
    at_border = lines[lines["distance_km"] == 0].set_index("side")["estimate"]
    assert at_border["right"] - at_border["left"] == pytest.approx(0.5, abs=0.1)


def test_lines_meet_the_pilot_estimate(drawn: tuple[pd.DataFrame, ...]) -> None:
    sample, _, lines = drawn
    found = border_jump(sample, BorderSpec("gdp_per_capita_2021", bandwidth_km=50.0))
    at_border = lines[lines["distance_km"] == 0].set_index("side")["estimate"]
    assert at_border["right"] - at_border["left"] == pytest.approx(found.pilot.conventional, rel=1e-9)


def test_marks_stand_where_the_numbers_are(drawn: tuple[pd.DataFrame, ...]) -> None:
    axes = jump_plot(*drawn[1:]).axes[0]
    assert axes.collections[1].get_offsets()[:, 1].tolist() == pytest.approx(drawn[1]["mean"].tolist())
    assert axes.lines[0].get_ydata().tolist() == drawn[2].query("side == 'left'")["estimate"].tolist()
    assert [(text.get_text(), text.get_ha()) for text in axes.texts] == [
        ("poorer province", "left"),
        ("richer province", "right"),
    ]
    assert axes.get_ylabel() == "log night light per km² 2013"
    curve = spline_plot({"a": CURVE}, COVERAGE, nearest_km=12.0).axes[0]
    assert curve.lines[0].get_xdata().min() == 15.0
    assert [text.get_text() for text in curve.get_legend().get_texts()] == ["a"]
    assert [text.get_text() for text in curve.texts] == ["3", "70"]  # the band beyond the curve is not shown


def test_bad_charts_of_the_line_are_refused(drawn: tuple[pd.DataFrame, ...]) -> None:
    with pytest.raises(ReportError, match="one side"):
        jump_plot(drawn[1].query("middle_km > 0"), drawn[2])
    with pytest.raises(ReportError, match="0 curves"):
        spline_plot({}, COVERAGE)


def test_bars_hold_every_draw_and_the_line_is_the_real_one() -> None:
    figure = placebo_plot(TESTS)
    for axes, test in zip(figure.axes, TESTS.values(), strict=True):
        assert sum(bar.get_height() for bar in axes.patches) == test.draws
        assert [line.get_xdata()[0] for line in axes.lines] == [0, test.t]
    assert figure.axes[0].get_xlim() == figure.axes[1].get_xlim()
    assert "p = 0.024 (499 draws)" in figure.axes[0].texts[0].get_text()


def test_estimates_are_drawn_with_their_own_p() -> None:
    axes = placebo_plot(TESTS, statistic="estimate").axes[1]
    assert axes.lines[1].get_xdata()[0] == pytest.approx(0.25)
    assert "p = 0.031" in axes.texts[0].get_text()


def test_placebos_that_cannot_be_drawn_are_refused() -> None:
    with pytest.raises(ReportError, match="statistic 'z'"):
        placebo_plot(TESTS, statistic="z")
    with pytest.raises(ReportError, match="of 0 tests"):
        placebo_plot({})
    with pytest.raises(ParameterError, match="language 'fr'"):
        placebo_plot(TESTS, language="fr")
