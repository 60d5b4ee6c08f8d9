"""Charts: marks stand where the numbers are, and no word is cut."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from shanhai.core.errors import ReportError
from shanhai.render.charts.estimates import border_valley_plot, coefficient_plot

TERMS = {"border": "On a provincial border 省际边界", "mountain": "One of the 26 mountain counties"}
MODELS = {"a": "(1)", "b": "(2)"}
ESTIMATES = pd.DataFrame(
    {
        "model": ["a", "b", "b"],
        "term": ["border", "border", "mountain"],
        "estimate": [-0.2, -0.1, 0.3],
        "se": [0.1, 0.05, 0.2],
    }
)
BANDS = pd.DataFrame(
    {
        "from_km": [0, 10, 50],
        "to_km": [10, 50, np.nan],
        "estimate": [-0.3, -0.1, 0.0],
        "se": [0.1, 0.1, np.nan],
        "n": [12, 30, 44],
    }
)


@pytest.mark.parametrize("language", ["en", "zh", "both"])
def test_no_word_of_a_chart_is_cut(cut_texts: Callable[[Figure], list[str]], language: str) -> None:
    outcome = ("log of GDP per head, relative to counties 50 km and more from any border", "人均地区生产总值对数")
    figures = [
        coefficient_plot(ESTIMATES, terms=TERMS, models=MODELS, language=language, outcome=outcome),
        border_valley_plot(BANDS, language=language, outcome=outcome),
    ]
    for figure in figures:
        assert cut_texts(figure) == []


def test_coefficients_and_intervals_stand_where_the_numbers_are() -> None:
    axes = coefficient_plot(ESTIMATES, terms=TERMS, models=MODELS).axes[0]
    marks = {line.get_label(): line.get_xdata().tolist() for line in axes.lines if line.get_label() in MODELS.values()}
    assert marks == {"(1)": [-0.2], "(2)": [-0.1, 0.3]}
    low, high = axes.collections[0].get_segments()[0][:, 0]
    assert (low, high) == pytest.approx((-0.2 - 1.959964 * 0.1, -0.2 + 1.959964 * 0.1))
    assert "95% confidence interval" in axes.get_xlabel()


def test_given_intervals_are_drawn_as_given() -> None:
    given = ESTIMATES.assign(low=[-0.5, -0.4, 0.0], high=[0.5, 0.4, 0.9])
    axes = coefficient_plot(given, terms=TERMS, models=MODELS).axes[0]
    assert axes.collections[1].get_segments()[1][:, 0].tolist() == [0.0, 0.9]


def test_the_valley_has_a_place_for_each_band_with_its_counties() -> None:
    axes = border_valley_plot(BANDS).axes[0]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["0–10\n(12)", "10–50\n(30)", "≥ 50\n(44)"]
    assert axes.lines[0].get_ydata().tolist() == [-0.3, -0.1, 0.0]


def test_samples_stand_side_by_side() -> None:
    two = pd.concat([BANDS.assign(sample="zj"), BANDS.assign(sample="cn", n=[5, 6, 7])])
    axes = border_valley_plot(two, series="sample", series_names={"zj": "Zhejiang"}).axes[0]
    assert axes.get_xticklabels()[0].get_text() == "0–10\n(12, 5)"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["Zhejiang", "cn"]
    assert (axes.lines[0].get_xdata() < axes.lines[1].get_xdata()).all()


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ReportError, match="No estimate"):
        coefficient_plot(ESTIMATES, terms={"sea": "Sea"}, models=MODELS)
    with pytest.raises(ReportError, match="twice"):
        coefficient_plot(pd.concat([ESTIMATES, ESTIMATES]), terms=TERMS, models=MODELS)
    with pytest.raises(ReportError, match="one to 6"):
        coefficient_plot(ESTIMATES, terms=TERMS, models={str(number): "" for number in range(7)})
    with pytest.raises(ReportError, match="outside 0 to 1"):
        border_valley_plot(BANDS, level=95)
    with pytest.raises(ReportError, match="no distance band"):
        border_valley_plot(BANDS.iloc[:0])
