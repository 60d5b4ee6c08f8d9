"""The drawn curve: marks stand where the numbers are, the main specification is found, no word is cut."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure

from shanhai.core.errors import ReportError
from shanhai.render.style import theme
from shanhai.studies.robustness import chart_curve as chart_variations
from shanhai.studies.robustness.chart_curve import variations_plot
from shanhai.studies.robustness.curve_border import border_grid

GRID = border_grid()
NAMES = {choice.key: (choice.label, choice.label_zh) for choice in GRID.choices}
OUTCOME = ("border effect, log points", "省界效应（对数点）")


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


def cut_texts(figure: Figure) -> list[str]:
    """Parts of a figure that reach beyond its paper, by their text or kind."""
    with theme():
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        renderer, paper = canvas.get_renderer(), figure.bbox.padded(1)
        boxes = [(str(part), part.get_tightbbox(renderer)) for part in [*figure.texts, *figure.axes]]
    return [name for name, box in boxes if box and not (paper.contains(*box.min) and paper.contains(*box.max))]


@pytest.mark.parametrize("language", ["en", "zh", "both"])
def test_no_word_is_cut(language: str) -> None:
    figure = variations_plot(curve(400), GRID.options(), language=language, outcome=OUTCOME, choices=NAMES)
    assert cut_texts(figure) == []


def test_estimates_and_the_main_one_stand_where_the_numbers_are() -> None:
    table = curve(300)
    axes = variations_plot(table, GRID.options()).axes[0]
    ordered = table.sort_values("estimate", ignore_index=True)
    dots = next(part for part in axes.collections if isinstance(part, PathCollection))
    np.testing.assert_allclose(dots.get_offsets()[:, 1], ordered["estimate"])
    lines = next(part for part in axes.collections if isinstance(part, LineCollection))
    np.testing.assert_allclose([line[:, 1] for line in lines.get_segments()], ordered[["low", "high"]])
    main = ordered.index[ordered["is_main"]][0]
    diamond = next(line for line in axes.lines if line.get_marker() == "D")
    assert (diamond.get_xdata()[0], diamond.get_ydata()[0]) == (main + 0.5, ordered.loc[main, "estimate"])
    colours = dots.get_facecolors()[:, :3]
    blue = np.array(chart_variations.to_rgb(chart_variations.COLOURS["negative"]))
    np.testing.assert_allclose(colours[0], blue)
    assert (np.abs(colours - blue).sum(axis=1) < 1e-6).sum() == (ordered["estimate"] < -0.05).sum()


def test_lower_part_shows_who_chose_what() -> None:
    table = curve(300)
    figure = variations_plot(table, GRID.options(), choices=NAMES)
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
    axes = variations_plot(curve(), GRID.options()).axes[0]
    parts = [part for part in axes.collections if isinstance(part, PathCollection)]
    assert len(parts[0].get_offsets()) == chart_variations.PIXELS < GRID.size
    assert parts[0].get_rasterized()


def test_choices_without_choice_are_left_out() -> None:
    part = GRID.only({"outcome": ("gdp",)})
    figure = variations_plot(curve(200), part.options())
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
        variations_plot(change(curve(50)), GRID.options())  # type: ignore[operator]
