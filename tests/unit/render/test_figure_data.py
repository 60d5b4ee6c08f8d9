"""Data of figures: the numbers of their artists, in the order drawn, under heads that somebody described."""

import numpy as np
import pandas as pd
import pytest
from artists import faults, undrawn
from matplotlib.figure import Figure

from shanhai.core.errors import ReportError
from shanhai.render import data_of, frame_to_csv, with_data
from shanhai.render.charts.estimates import border_valley_plot, coefficient_plot

ESTIMATES = pd.DataFrame(
    {
        "model": ["b", "a", "b"],
        "term": ["mountain", "border", "border"],
        "estimate": [0.3, -0.2, 1 / 3],
        "low": [-0.1, -0.4, 0.0],
        "high": [0.7, 0.0, 0.5],
        "n": [9, 8, 9],
    }
)
BANDS = pd.DataFrame(
    {"from_km": [0, 10], "to_km": [10, np.nan], "estimate": [-0.3, 0.0], "se": [0.1, np.nan], "n": [12, 44]}
)


def drawn(figure: Figure) -> pd.DataFrame:
    data = data_of(figure)
    assert data is not None
    return data


def test_coefficients_are_told_term_by_term_with_the_intervals_drawn() -> None:
    figure = coefficient_plot(
        ESTIMATES, terms={"border": "the border", "mountain": "hills"}, models={"a": "(1)", "b": "(2)"},
        outcome=("log GDP", "GDP对数"), language="zh",
    )  # fmt: skip
    data = drawn(figure)
    assert list(data.columns) == ["term", "series", "series_label", "label", "value", "low", "high", "n", "quantity"]
    assert data[["term", "series", "value"]].to_numpy().tolist() == [
        ["border", "a", -0.2], ["border", "b", 1 / 3], ["mountain", "b", 0.3],
    ]  # fmt: skip
    by_model = [line.get_xdata().tolist() for line in figure.axes[0].lines if line.get_label() in ("(1)", "(2)")]
    assert by_model == [[-0.2], [0.3, 1 / 3]]
    ends = sorted(segment[:, 0].tolist() for part in figure.axes[0].collections for segment in part.get_segments())
    assert ends == sorted(data[["low", "high"]].to_numpy().tolist())
    assert set(data["quantity"]) == {"GDP对数"}


def test_bands_of_a_valley_have_the_ends_of_their_bars() -> None:
    figure = border_valley_plot(BANDS)
    data = drawn(figure)
    bars = [segment[:, 1].tolist() for segment in figure.axes[0].collections[0].get_segments() if len(segment)]
    assert data.loc[0, ["low", "high"]].tolist() == bars[0]
    assert figure.axes[0].lines[0].get_ydata().tolist() == data["value"].tolist()
    assert data["to_km"].tolist()[0] == 10 and np.isnan(data["to_km"].iloc[1])


def test_a_number_that_is_not_drawn_and_a_head_without_words_are_found() -> None:
    figure = border_valley_plot(BANDS)
    assert faults(figure) == []
    with_data(figure, drawn(figure).assign(value=[-0.3, 0.1], odd=1))
    assert undrawn(figure) == {"value": [0.1]}
    assert faults(figure) == ["no words for ['odd']", "value: [0.1] of 1 not drawn"]
    assert faults(Figure()) == ["no data"]


def test_frames_are_set_below_each_other_and_whole_numbers_stay_whole() -> None:
    dots = pd.DataFrame({"n": [3, 4], "value": [0.5, 2.0], "year": [2020.0, np.nan]})
    data = drawn(with_data(Figure(), {"dots": dots, "line": pd.DataFrame({"value": [1.5]})}))
    assert list(data.columns) == ["layer", "year", "value", "n"]
    assert frame_to_csv(data) == "layer,year,value,n\ndots,2020,0.5,3\ndots,,2.0,4\nline,,1.5,\n"


def test_data_go_with_their_figure() -> None:
    first, second = (with_data(Figure(), pd.DataFrame({"value": [value]})) for value in (1.0, 2.0))
    assert (drawn(first)["value"].iloc[0], drawn(second)["value"].iloc[0]) == (1.0, 2.0)
    assert data_of(Figure()) is None


@pytest.mark.parametrize("heads", [["Value"], ["GDP, yuan"], ["1st"], ["值"]])
def test_heads_are_keys(heads: list[str]) -> None:
    with pytest.raises(ReportError, match="small letters"):
        with_data(Figure(), pd.DataFrame([[1]], columns=heads))
