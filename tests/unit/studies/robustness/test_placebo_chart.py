"""The placebo chart: bars hold every draw, the line stands at the real statistic, no word is cut."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from shanhai.core.errors import ReportError
from shanhai.methods.placebo import RandomizationTest
from shanhai.render.style import theme
from shanhai.studies.robustness.chart_placebo import placebo_plot


def made(t: float, seed: int, draws: int = 500) -> RandomizationTest:
    ratios = np.random.default_rng(seed).normal(size=draws)
    ratios[0] = np.nan
    return RandomizationTest("on_border", 0.1 * t, t, 0.024, 0.031, draws - 1, 11, 0, 1, 0.1 * ratios, ratios, "HC1")


TESTS = {
    ("contiguous re-partitions of the counties into provinces of the same sizes", "县域的连续重新划分"): made(-3.9, 1),
    ("shifted and rotated borders", "平移与旋转的省界"): made(2.5, 2),
}


def cut_texts(figure: Figure) -> list[str]:
    """Parts of a figure that reach beyond its paper."""
    with theme():
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        renderer, paper = canvas.get_renderer(), figure.bbox.padded(1)
        boxes = [(str(part), part.get_tightbbox(renderer)) for part in (*figure.texts, *figure.axes)]
    return [name for name, box in boxes if box and not (paper.contains(*box.min) and paper.contains(*box.max))]


@pytest.mark.parametrize("language", ["en", "zh", "both"])
@pytest.mark.parametrize("statistic", ["t", "estimate"])
def test_no_word_is_cut(language: str, statistic: str) -> None:
    assert cut_texts(placebo_plot(TESTS, language=language, statistic=statistic)) == []


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


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ReportError, match="statistic 'z'"):
        placebo_plot(TESTS, statistic="z")
    with pytest.raises(ReportError, match="of 0 tests"):
        placebo_plot({})
    with pytest.raises(Exception, match="language 'fr'"):
        placebo_plot(TESTS, language="fr")
