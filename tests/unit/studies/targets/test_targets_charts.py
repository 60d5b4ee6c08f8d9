"""Charts of targets: every place, its path to scale, and what it still needs."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from shanhai.core.errors import ParameterError
from shanhai.render.figure_data import data_of
from shanhai.render.style import theme
from shanhai.studies.targets.analysis import Followed
from shanhai.studies.targets.charts import pace_figure, paths_figure
from shanhai.studies.targets.follow import Kind, TargetSpec, follow_target

CODES = [f"3301{number:02d}" for number in range(1, 27)]
COUNTIES = pd.DataFrame({"code": CODES, "name_en": [f"Hill {code[4:]}" for code in CODES]})
COUNTIES["name_zh"] = [f"景宁{code[4:]}" for code in CODES]


def followed(kind: Kind = "growth", target: float = 70.0, **last: float) -> Followed:
    """All 26 at 60 in 2021, after 50 in 2011, but for those that are named."""
    spec = TargetSpec("share", target, 2025, 2011, kind)
    own = pd.DataFrame([(unit, 2021, last.get(f"c{unit}", 60.0)) for unit in ["26", *CODES]])
    own.columns = ["unit", "year", "value"]
    start = own.assign(year=2011, value=50.0)
    earlier = start.assign(basis="registered", value=45.0)
    paths = pd.concat([earlier, pd.concat([start, own]).assign(basis="residents")], ignore_index=True)
    pace = own.set_index("unit")["value"].map(lambda value: spec.pace(50.0, value, 10))
    table = follow_target(own, spec, pd.Series([-1.0, 0.0, 1.0]), pace)
    return Followed(spec, paths, own, table, (), pd.Series([-1.0, 0.0, 1.0]))


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


@pytest.mark.parametrize("language", ["en", "zh", "both"])
def test_every_place_has_a_panel_with_its_name_on_one_page(language: str) -> None:
    with theme():
        figure = paths_figure(followed(), COUNTIES, language)
        assert on_the_sheet(figure)
    shown = texts(figure)
    names = COUNTIES["name_en" if language == "en" else "name_zh"]
    assert all(any(name in text for text in shown) for name in names)
    assert shown.count("’25") == 6  # years stand below the last panel of each column
    width, height = figure.get_size_inches() * 25.4
    assert width == pytest.approx(190) and height < 240


def test_data_of_the_paths_lie_on_the_scale_of_their_panels() -> None:
    figure = paths_figure(followed(c330103=66.0), COUNTIES)
    data = data_of(figure)
    assert data is not None
    own = data[data["series"].eq("own")]
    marks = next(line for line in figure.axes[0].lines if line.get_marker() == "x").get_ydata()
    assert len(own) == len(marks) == 27
    row = slice(0, 6)  # panels of one row, which share a zero
    slope, level = np.polyfit(own["value"].to_numpy()[row], marks[row], 1)
    assert slope < 0  # millimetres from above
    assert level + slope * own["value"].to_numpy()[row] == pytest.approx(marks[row])
    whole = data[data["unit_code"].eq("26")].set_index("series")["value"]
    assert whole["path"].tolist() == [50.0, 60.0] and whole["target"] == 70.0
    assert whole["way"].tolist() == [60.0, 70.0]


def test_long_names_of_autonomous_counties_are_short() -> None:
    counties = COUNTIES.assign(name_zh="景宁畲族自治县")
    assert texts(paths_figure(followed(), counties, "zh")).count("景宁县") == 26


def test_the_path_is_drawn_to_scale() -> None:
    figure = paths_figure(followed(c330101=90.0), COUNTIES)
    own = next(line.get_xydata() for line in figure.axes[0].lines if line.get_marker() == "x")
    frame = figure.axes[0].collections[0].get_segments()[0]
    top, bottom = frame[0][1], frame[1][1]
    low, high = 40, 120  # tens around 45 and around 90 carried on at 6.05 % a year, 113.8
    assert (bottom - own[0, 1]) / (bottom - top) == pytest.approx((60 - low) / (high - low))
    assert (bottom - own[1, 1]) / (bottom - top) == pytest.approx((90 - low) / (high - low))


def test_the_corner_says_what_is_needed() -> None:
    shown = texts(paths_figure(followed(c330101=71.0), COUNTIES))
    assert shown.count("✓") == 1
    assert shown.count("+3.9%") == 26  # (70 / 60) ** (1 / 4)
    assert texts(paths_figure(followed("points"), COUNTIES)).count("+2.5") == 27


def test_needs_are_written_beside_paces_and_met_targets_ticked() -> None:
    gdp, urban = followed(c330101=71.0), followed("points")
    figure = pace_figure(gdp, urban, COUNTIES)
    for axes, target, ticks in zip(figure.axes, (gdp, urban), (1, 0), strict=False):
        rows = target.table.set_index("unit").loc[["26", *CODES]]
        drawn = {line.get_marker(): line.get_xdata() for line in axes.lines}
        assert drawn["o"].tolist() == rows["pace"].tolist()
        assert drawn["D"].tolist() == rows.loc[rows["needed"] > 0, "needed"].tolist()
        assert [text.get_text() for text in axes.texts].count("✓") == ticks
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()][1:] == COUNTIES["name_en"].tolist()


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ParameterError, match="language 'fr'"):
        paths_figure(followed(), COUNTIES, "fr")
