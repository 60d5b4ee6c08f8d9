"""Charts of targets and pairs, flow lines: what is drawn, where, and what is refused."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.figure import Figure

from shanhai.core.errors import ParameterError, ReportError
from shanhai.geo.crs import ALBERS_CHINA
from shanhai.methods.placebo.partners import draw_partners
from shanhai.render.maps.area import MapArea
from shanhai.render.maps.flows import Flow, add_flows, flow_handles, split_flows
from shanhai.render.sheet import Sheet
from shanhai.render.style import theme
from shanhai.studies.pairing.charts import null_plot, path_plot, people_plot
from shanhai.studies.targets.chart_pace import pace_plot
from shanhai.studies.targets.charts import COLUMNS, PathPanel, paths_plot

AXIS = ("percent of the whole", "相当于全省%")


def panel(name: str, last: float = 60.0) -> PathPanel:
    points = [(2011.0, 50.0), (2021.0, last)]
    return PathPanel(name, points, [(2001.0, 40.0), (2011.0, 45.0)], points[1:], (62.0, 55.0, 65.0), "+3.9%")


def texts(figure: Figure) -> list[str]:
    figure.canvas.draw()
    found = [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        legend = axes.get_legend()
        found += [text.get_text() for text in axes.texts] + (
            [t.get_text() for t in legend.get_texts()] if legend else []
        )
        found += [label.get_text() for label in (*axes.get_xticklabels(), *axes.get_yticklabels())]
    return found


def inside(figure: Figure) -> bool:
    """Whether every text lies on the sheet."""
    figure.canvas.draw()
    box, renderer = figure.bbox, figure.canvas.get_renderer()
    drawn = [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]
    extents = [text.get_window_extent(renderer) for text in drawn if text.get_text()]
    return all(box.x0 <= one.x0 and one.x1 <= box.x1 and box.y0 <= one.y0 and one.y1 <= box.y1 for one in extents)


@pytest.mark.parametrize("language", ["en", "zh", "both"])
def test_every_place_has_a_panel_with_its_name_on_one_page(language: str) -> None:
    names = [f"景宁 {number}" if language != "en" else f"Jingning {number}" for number in range(27)]
    with theme():
        figure = paths_plot([panel(name) for name in names], (2025, 70.0), AXIS, limits=(30, 80), language=language)
        shown = texts(figure)
        assert inside(figure)
    assert set(names) <= set(shown)
    assert shown.count("’25") == COLUMNS  # years stand below the last panel of each column
    width, height = figure.get_size_inches() * 25.4
    assert width == pytest.approx(190) and height < 240


def test_the_path_is_drawn_to_scale() -> None:
    figure = paths_plot([panel("a")], (2025, 70.0), AXIS, limits=(0, 100))
    lines = [line.get_xydata() for line in figure.axes[0].lines if line.get_marker() == "x"]
    frame = figure.axes[0].collections[0].get_segments()[0]
    top, bottom = frame[0][1], frame[1][1]
    assert (bottom - lines[0][0, 1]) / (bottom - top) == pytest.approx(0.6)  # the level of 2021, of 0 to 100


def test_a_value_outside_the_limits_is_refused() -> None:
    with pytest.raises(ReportError, match="b: 95 lies outside 30 to 80"):
        paths_plot([panel("a"), panel("b", 95.0)], (2025, 70.0), AXIS, limits=(30, 80))
    with pytest.raises(ReportError, match="at least one panel"):
        paths_plot([], (2025, 70.0), AXIS, limits=(30, 80))
    with pytest.raises(ParameterError, match="language 'fr'"):
        paths_plot([panel("a")], (2025, 70.0), AXIS, limits=(30, 80), language="fr")


def test_needs_are_written_and_met_targets_ticked() -> None:
    table = pd.DataFrame({"unit": ["a", "b"], "pace": [0.5, 1.0], "needed": [3.94, -0.2]})
    with theme():
        shown = texts(pace_plot({("growth", "增速"): table}, {"a": "A", "b": "B"}))
    assert "3.9" in shown and shown.count("✓") == 1 and {"A", "B"} <= set(shown)
    with pytest.raises(ReportError, match=r"No pace of \['c'\]"):
        pace_plot({("growth", "增速"): table}, {"c": "C"})


def test_histograms_hold_every_draw_and_name_the_pairs() -> None:
    values = pd.DataFrame(np.arange(20.0).reshape(2, 10), index=["m", "n"]).rename(columns=str)
    found = draw_partners(values, [("m", "0"), ("n", "1")], 500, np.random.default_rng(1))
    with theme():
        figure = null_plot({("distance", "距离"): found}, language="both")
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
        assert inside(figure)
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
        assert {"30 (23%)", "20 (29%)"} <= set(texts(figure))
        assert inside(figure)
    widths = sorted(bar.get_width() for bar in figure.axes[0].patches)
    assert widths == pytest.approx([20, 30, 50, 100])


def area(crs: str = ALBERS_CHINA) -> MapArea:
    empty = gpd.GeoDataFrame({"code": []}, geometry=[], crs=crs)
    here = gpd.GeoSeries([shapely.box(118, 27, 123, 31)], crs=4326).to_crs(crs).total_bounds
    return MapArea("330000", crs, tuple(here), empty, empty, empty, empty)  # type: ignore[arg-type]


def test_flows_that_leave_the_map_go_to_the_inset() -> None:
    near, far = Flow((121.0, 30.0), (119.0, 29.0)), Flow((119.9, 29.1), (106.8, 31.9), "A to B, 1,279 km", "甲至乙")
    assert split_flows([near, far], area()) == ([near], [far])
    words = [handle.get_label() for handle in flow_handles([near], [far], "both")]
    assert words == [
        "由结对方指向受帮扶县 from the partner to the county",
        "附图中：甲至乙\nin the inset: A to B, 1,279 km",
    ]
    assert flow_handles([], [], "en") == []


def test_arrows_run_from_start_to_end_in_the_projection_of_the_map() -> None:
    flow = Flow((121.0, 30.0), (119.0, 29.0))
    with theme():
        axes = Sheet(50, 50).axes(0, 0, 50, 50)
        (arrow,) = add_flows(axes, [flow], 4326)
    assert arrow.get_gid() == "flow"
    start, end = arrow._posA_posB
    assert (tuple(start), tuple(end)) == (flow.start, flow.end)
