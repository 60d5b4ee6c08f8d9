"""Charts of pairs: every draw, each sensor by itself, and people as bars."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from shanhai.core.errors import ReportError
from shanhai.methods.placebo.partners import draw_partners
from shanhai.render.style import theme
from shanhai.studies.pairing.charts import null_plot, path_plot, people_plot
from shanhai.studies.pairing.design import PairingSpec


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def on_the_sheet(figure: Figure) -> bool:
    """Whether every text lies on the sheet."""
    figure.canvas.draw()
    box, renderer = figure.bbox, figure.canvas.get_renderer()
    drawn = [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]
    extents = [text.get_window_extent(renderer) for text in drawn if text.get_text()]
    return all(
        box.x0 <= extent.x0 and extent.x1 <= box.x1 and box.y0 <= extent.y0 and extent.y1 <= box.y1
        for extent in extents
    )


def test_histograms_hold_every_draw_and_name_the_pairs() -> None:
    values = pd.DataFrame(np.arange(20.0).reshape(2, 10), index=["m", "n"]).rename(columns=str)
    found = draw_partners(values, [("m", "0"), ("n", "1")], 500, np.random.default_rng(1))
    with theme():
        figure = null_plot({PairingSpec("distance_km"): found}, language="both")
        shown = texts(figure)
    assert sum(bar.get_height() for bar in figure.axes[0].patches) == 500
    assert any("2 pairs" in text and "2对" in text for text in shown)
    with pytest.raises(ReportError, match="No test to draw"):
        null_plot({})


def test_the_sensors_are_parted_and_nothing_joins_them() -> None:
    years = range(2011, 2016)
    paths = pd.DataFrame(
        {
            "year": years,
            "sensor": ["DMSP"] * 2 + ["VIIRS"] * 3,
            "observed": 0.1,
            "expected": 0.0,
            "low": -1.0,
            "high": 1.0,
        }
    )
    with theme():
        figure = path_plot(paths, language="zh")
        assert "更换传感器" in texts(figure)
        assert on_the_sheet(figure)
    named = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert [len(line.get_xdata()) for line in named] == [2, 3]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_people_are_residents_and_those_elsewhere(language: str) -> None:
    counties = pd.DataFrame(
        {"codes": ["1+2", "3"], "residents_2020": [1e6, 5e5], "difference": [3e5, 2e5], "share": [23.1, 28.6]}
    )
    cohorts = pd.DataFrame({"age_2010": [0, 5], "share": [1.7, 27.6]})
    with theme():
        figure = people_plot(counties, cohorts, {"1+2": "巴州区 + 恩阳区", "3": "通江县"}, language=language)
        ends = {"30 (23%)", "20 (29%)"} if language == "en" else {"30（23%）", "20（29%）"}
        assert ends <= set(texts(figure))
        assert on_the_sheet(figure)
    widths = sorted(bar.get_width() for bar in figure.axes[0].patches)
    assert widths == pytest.approx([20, 30, 50, 100])
