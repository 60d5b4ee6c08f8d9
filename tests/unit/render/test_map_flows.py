"""Flow lines on maps: where they are drawn, and what the legend says."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from shanhai.geo.crs import ALBERS_CHINA
from shanhai.render.maps._area import MapArea
from shanhai.render.maps._draw import _MapLabel, _place_labels
from shanhai.render.maps._flows import Flow, add_flows, flow_ends, flow_handles, split_flows
from shanhai.render.sheet import Sheet
from shanhai.render.style import theme


def area(crs: str = ALBERS_CHINA) -> MapArea:
    empty = gpd.GeoDataFrame({"code": []}, geometry=[], crs=crs)
    here = gpd.GeoSeries([shapely.box(118, 27, 123, 31)], crs=4326).to_crs(crs).total_bounds
    return MapArea("330000", crs, tuple(here), empty, empty, empty, empty)  # type: ignore[arg-type]


def test_flows_that_leave_the_map_go_to_the_inset() -> None:
    near, far = Flow((121.0, 30.0), (119.0, 29.0)), Flow((119.9, 29.1), (106.8, 31.9), "A to B, 1,279 km", "甲至乙")
    assert split_flows([near, far], area()) == ([near], [far])
    words = [handle.get_label() for handle in flow_handles([near], [far], "both")]
    assert words == [
        "由支援方指向受援县 from the partner to the county",
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
    assert (*start, *end) == pytest.approx((*flow.start, *flow.end), abs=1e-9)
    ends = flow_ends([flow], 4326)
    assert (*ends[0], *ends[-1]) == pytest.approx((*flow.start, *flow.end), abs=1e-9)
    curve = arrow.get_path().interpolated(1000).vertices
    head, tip = curve[np.abs(curve - ends[1]).sum(axis=1).argmin()], np.array(flow.end)
    assert np.abs(head - ends[1]).max() < 0.01 < np.hypot(*(head - tip))


@pytest.mark.parametrize("free", [(50.0, 50.0), (48.0, 51.0)])
def test_a_name_leaves_the_head_of_an_arrow_free(free: tuple[float, float]) -> None:
    with theme():
        axes = Sheet(50, 50).axes(0, 0, 50, 50)
        axes.set(xlim=(0, 100), ylim=(0, 100))
        label, point = _MapLabel("Kaihua", shapely.box(10, 10, 90, 90)), axes.transData.transform(free)
        (within,) = _place_labels(axes, [label])
        assert within.get_window_extent().contains(*point)
        (beside,) = _place_labels(axes, [label], [free])
    assert not beside.get_window_extent().contains(*point)
    assert shapely.box(10, 10, 90, 90).contains(shapely.Point(beside.get_position()))
