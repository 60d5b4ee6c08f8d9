"""Charts of border or mountain show what their tables hold, in every language."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from shanhai.core.errors import ParameterError, ReportError
from shanhai.studies.robustness.chart_adjustment import SCHEMES, love_plot, overlap_plot, surface_plot
from shanhai.studies.robustness.chart_sensitivity import contour_plot


def texts(figure: Figure) -> str:
    """Every text on the axes of a figure."""
    found = []
    for axes in figure.axes:
        found += [axes.get_xlabel(), axes.get_ylabel(), *(one.get_text() for one in axes.texts)]
        found += [tick.get_text() for tick in axes.get_yticklabels()]
        legend = axes.get_legend()
        found += [one.get_text() for one in legend.get_texts()] if legend else []
    return "\n".join(found)


@pytest.fixture
def histograms() -> pd.DataFrame:
    edges = np.linspace(-2.0, 2.0, 6)
    part = {"low": edges[:-1], "high": edges[1:]}
    shares = {True: [0.1, 0.2, 0.3, 0.2, 0.2], False: [0.4, 0.3, 0.1, 0.1, 0.1]}
    return pd.concat(
        [
            pd.DataFrame({"variable": name, "treated": side, **part, "share": shares[side]})
            for name in ("ruggedness", "log_area_km2")
            for side in (True, False)
        ]
    )


@pytest.fixture
def balance() -> pd.DataFrame:
    rows = [
        ("ruggedness", "unweighted", 0.4),
        ("ruggedness", "overlap weights", 0.0),
        ("is_district", "unweighted", -0.5),
    ]
    return pd.DataFrame(rows, columns=["variable", "scheme", "difference_sd"])


@pytest.fixture
def bounds() -> pd.DataFrame:
    strength = {"r2_treatment": [0.02, 0.04, 0.9], "r2_outcome": [0.05, 0.10, 0.15], "estimate": [-0.1, 0.0, 0.4]}
    return pd.DataFrame({"benchmark": "capital", "multiple": [1.0, 2.0, 3.0], **strength})


@pytest.fixture
def contour() -> pd.DataFrame:
    across, up = (one.ravel() for one in np.meshgrid(np.linspace(0, 0.2, 21), np.linspace(0, 0.3, 31)))
    return pd.DataFrame({"r2_treatment": across, "r2_outcome": up, "estimate": -0.1 + 2 * np.sqrt(across * up)})


def points(n: int) -> pd.DataFrame:
    at = np.linspace(10.0, 900.0, n)
    sides = {"low_95": -0.3, "high_95": 0.1, "band_low": -0.4, "band_high": 0.2}
    return pd.DataFrame({"at": at, "estimate": -0.1, **sides, "n_treated": np.arange(n) + 41})


@pytest.mark.parametrize(("language", "said"), [("en", "border counties"), ("zh", "省界县"), ("both", "省界县 border")])
def test_histograms_are_drawn_for_both_arms(histograms: pd.DataFrame, language: str, said: str) -> None:
    figure = overlap_plot(histograms, language=language)
    assert len(figure.axes) == 2 and said in texts(figure)
    outline = figure.axes[0].patches[0].get_data()
    assert list(outline[0]) == pytest.approx([10, 20, 30, 20, 20])
    figure.canvas.draw()


@pytest.mark.parametrize(("language", "said"), [("en", "area"), ("zh", "崎岖度"), ("both", "熵平衡")])
def test_every_chart_speaks_the_language(
    histograms: pd.DataFrame, contour: pd.DataFrame, bounds: pd.DataFrame, language: str, said: str
) -> None:
    balance = pd.DataFrame(
        [(name, scheme, 0.4) for name in ("ruggedness", "log_distance_to_capital_km") for scheme in SCHEMES],
        columns=["variable", "scheme", "difference_sd"],
    )
    figures = (
        love_plot(balance, language=language),
        surface_plot(points(5), points(30), language=language),
        contour_plot(contour, bounds, language=language),
        overlap_plot(histograms, language=language),
    )
    assert said in "\n".join(texts(figure) for figure in figures)
    for figure in figures:
        figure.canvas.draw()
        size = figure.canvas.get_width_height()
        for axes in figure.axes:
            extent = axes.yaxis.label.get_window_extent()
            legend = axes.get_legend()
            box = legend.get_window_extent() if legend else extent
            assert box.x1 <= size[0] and box.y1 <= size[1]
            assert extent.x0 >= 0 and axes.xaxis.label.get_window_extent().y0 >= 0 and extent.x1 < size[0]


def test_love_plot_shows_differences_by_scheme(balance: pd.DataFrame) -> None:
    lines = {line.get_label(): line.get_xdata() for line in love_plot(balance).axes[0].lines}
    assert np.asarray(lines["unweighted"]).tolist() == [0.4, -0.5]
    assert np.asarray(lines["overlap weights"])[0] == 0.0 and np.isnan(np.asarray(lines["overlap weights"])[1])


def test_surface_plot_counts_border_units_beside_bins() -> None:
    shown = texts(surface_plot(points(4), points(20)))
    assert all(f"({count})" in shown for count in (41, 42, 43, 44))


def test_contour_marks_multiples_inside_the_grid_only(contour: pd.DataFrame, bounds: pd.DataFrame) -> None:
    shown = texts(contour_plot(contour, bounds, names={"capital": ("distance to the capital", "到省会距离")}))
    assert "1×" in shown and "2×" in shown and "3×" not in shown
    assert "distance to the capital" in shown and "nothing left" in shown


def test_tables_that_cannot_be_drawn_are_refused(
    histograms: pd.DataFrame, balance: pd.DataFrame, contour: pd.DataFrame, bounds: pd.DataFrame
) -> None:
    with pytest.raises(ReportError, match="one arm only"):
        overlap_plot(histograms[histograms["treated"]])
    with pytest.raises(ReportError, match="each pair"):
        love_plot(pd.concat([balance, balance]))
    with pytest.raises(ReportError, match="each pair"):
        love_plot(balance.assign(scheme="mine"))
    with pytest.raises(ReportError, match="has holes"):
        contour_plot(contour.iloc[1:], bounds)
    with pytest.raises(ReportError, match="without columns"):
        surface_plot(points(3).drop(columns="at"), points(3))
    with pytest.raises(ReportError, match="0 rows"):
        love_plot(balance.iloc[:0])
    with pytest.raises(ParameterError, match="unknown"):
        love_plot(balance, language="fr")
