"""Charts of the estimate and its curve: marks stand where the numbers are, in every language, and no word is cut."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from shanhai.core.errors import ParameterError, ReportError
from shanhai.studies.robustness.charts_estimate import overlap_plot, surface_plot, variations_plot
from shanhai.studies.robustness.design import border_grid

GRID = border_grid()
OUTCOME = ("border effect, log points", "省界效应（对数点）")


def in_key(figure: Figure) -> list[str]:
    """Names in the key of the first axes."""
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


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


def points(n: int) -> pd.DataFrame:
    at = np.linspace(10.0, 900.0, n)
    sides = {"low_95": -0.3, "high_95": 0.1, "band_low": -0.4, "band_high": 0.2}
    return pd.DataFrame({"at": at, "estimate": -0.1, **sides, "n_treated": np.arange(n) + 41})


def test_histograms_are_drawn_for_both_kinds(histograms: pd.DataFrame) -> None:
    figure = overlap_plot(histograms)
    assert [axes.get_xlabel() for axes in figure.axes] == ["ruggedness on a 9-km grid (m)", "area, log km²"]
    heights = [patch.get_data()[0].tolist() for patch in figure.axes[0].patches]
    border, interior = [10, 20, 30, 20, 20], [40, 30, 10, 10, 10]
    for drawn, share in zip(heights, (border, border, interior, interior), strict=True):  # outline and surface
        assert drawn == pytest.approx(share)
    assert in_key(figure) == ["border counties", "interior counties"]
    assert in_key(overlap_plot(histograms, language="zh")) == ["省际边界县", "非边界县"]


@pytest.mark.parametrize("language", ["en", "zh", "both"])
def test_no_word_is_cut(
    histograms: pd.DataFrame,
    cut_texts: Callable[[Figure], list[str]],
    language: str,
) -> None:
    for figure in (
        surface_plot(points(5), points(30), language=language),
        overlap_plot(histograms, language=language),
        variations_plot(curve(400), GRID, language=language, outcome=OUTCOME),
    ):
        assert cut_texts(figure) == []


def test_surface_plot_counts_border_units_beside_bins() -> None:
    binned, smooth = points(4), points(20)
    axes = surface_plot(binned, smooth).axes[0]
    assert [(text.get_text(), text.xy) for text in axes.texts] == [
        (f"({count})", (at, 0.1)) for count, at in zip((41, 42, 43, 44), binned["at"], strict=True)
    ]
    drawn = {line.get_label(): list(line.get_xdata()) for line in axes.lines}
    assert drawn["spline"] == smooth["at"].tolist() and drawn["bins (border counties)"] == binned["at"].tolist()


def test_tables_that_cannot_be_drawn_are_refused(histograms: pd.DataFrame) -> None:
    with pytest.raises(ReportError, match="one kind of county only"):
        overlap_plot(histograms[histograms["treated"]])
    with pytest.raises(ReportError, match="without columns"):
        surface_plot(points(3).drop(columns="at"), points(3))
    with pytest.raises(ReportError, match="0 rows"):
        overlap_plot(histograms.iloc[:0])
    with pytest.raises(ParameterError, match="unknown"):
        overlap_plot(histograms, language="fr")


def curve(count: int = 0) -> pd.DataFrame:
    """The choices of the border grid with made-up estimates; the main specification always among them."""
    rng = np.random.default_rng(3)
    rows = np.arange(GRID.size)
    if count:
        rows = np.unique([GRID.main_index, *rng.choice(GRID.size, count - 1, replace=False)])
    codes = GRID.codes[rows]
    estimate = np.linspace(-0.3, 0.1, len(rows))[rng.permutation(len(rows))]
    columns = {
        choice.key: pd.Categorical.from_codes(codes[:, place], categories=pd.Index(choice.keys))
        for place, choice in enumerate(GRID.choices)
    }
    return pd.DataFrame(columns).assign(
        estimate=estimate,
        low=estimate - 0.05,
        high=estimate + 0.05,
        p=np.where(np.abs(estimate) > 0.05, 0.01, 0.3),
        is_main=rows == GRID.main_index,
    )


def test_estimates_and_the_main_one_stand_where_the_numbers_are() -> None:
    table = curve(300)
    axes = variations_plot(table, GRID).axes[0]
    ordered = table.sort_values("estimate", ignore_index=True)
    dots = next(part for part in axes.collections if isinstance(part, PathCollection))
    np.testing.assert_allclose(dots.get_offsets()[:, 1], ordered["estimate"])
    lines = next(part for part in axes.collections if isinstance(part, LineCollection))
    np.testing.assert_allclose([line[:, 1] for line in lines.get_segments()], ordered[["low", "high"]])
    main = ordered.index[ordered["is_main"]][0]
    diamond = next(line for line in axes.lines if line.get_marker() == "D")
    assert (diamond.get_xdata()[0], diamond.get_ydata()[0]) == (main + 0.5, ordered.loc[main, "estimate"])
    colours = dots.get_facecolors()[:, :3]
    blue = np.array(to_rgb("#0072b2"))
    np.testing.assert_allclose(colours[0], blue)
    assert (np.abs(colours - blue).sum(axis=1) < 1e-6).sum() == (ordered["estimate"] < -0.05).sum()


def test_lower_part_shows_who_chose_what() -> None:
    table = curve(300)
    figure = variations_plot(table, GRID)
    panels = [axes for axes in figure.axes if axes.images]
    assert len(panels) == len(GRID.choices)
    ordered = table.sort_values("estimate", ignore_index=True)
    drawn = np.asarray(panels[0].images[0].get_array())
    for line, option in enumerate(GRID.choices[0].keys):
        own = ordered["outcome"].eq(option).to_numpy()
        np.testing.assert_allclose(drawn[line], own / own.mean())
    assert [text.get_text() for text in panels[0].get_yticklabels()] == [
        "GDP per head",
        "light per head",
        "light per km²",
    ]
    assert panels[0].lines[0].get_ydata()[0] == 0  # the main specification explains GDP


def test_many_specifications_are_drawn_as_images_of_bounded_size() -> None:
    axes = variations_plot(curve(), GRID).axes[0]
    parts = [part for part in axes.collections if isinstance(part, PathCollection)]
    assert len(parts[0].get_offsets()) == 1800 < GRID.size
    assert parts[0].get_rasterized()


def test_choices_without_choice_are_left_out() -> None:
    part = GRID.only({"outcome": ("gdp",)})
    figure = variations_plot(curve(200), part)
    assert len([axes for axes in figure.axes if axes.images]) == len(GRID.choices) - 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table.drop(columns="low"), "lacks low"),
        (lambda table: table.head(1), "two or more"),
        (lambda table: table.assign(p=np.nan), "without estimate"),
        (lambda table: table[["estimate", "low", "high", "p", "is_main"]], "No choice of the options"),
    ],
)
def test_curves_that_cannot_be_drawn_are_refused(change: object, message: str) -> None:
    with pytest.raises(ReportError, match=message):
        variations_plot(change(curve(50)), GRID)  # type: ignore[operator]
