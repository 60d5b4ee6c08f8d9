"""Maps: nothing hidden, nothing cut, true lengths, honest classes. Drawn from a small made-up country."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import geopandas as gpd
import matplotlib.colors
import matplotlib.text
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from pyproj import Transformer

from shanhai.core.errors import ParameterError, ReportError, SpecificationError, UnknownPlaceError
from shanhai.data.load import load_places
from shanhai.geo.crs import ELLIPSOID
from shanhai.geo.map_base import MapBase
from shanhai.render.figure_data import data_of
from shanhai.render.maps import draw_map, draw_maps
from shanhai.render.maps._area import map_area
from shanhai.render.maps._compose import named_classes, numeric_classes
from shanhai.render.maps._draw import map_lines
from shanhai.render.maps.topics import Topic, topic
from shanhai.render.sheet import text_size, wrap
from shanhai.render.style import theme
from shanhai.studies.mountain.analysis import add_border_kind, add_mountain_kind
from shanhai.studies.mountain.design import BORDER_KINDS, MOUNTAIN_KINDS, MOUNTAIN_OUTLINE

STEP = 0.5


@pytest.fixture(scope="module")
def base() -> MapBase:
    """Two provinces of squares: 36 west of 119° E (8 counties), 33 east of it (16 in two prefectures)."""
    rows = []
    for column in range(6):
        for row in range(4):
            west, south = 118 + STEP * column, 28 + STEP * row
            province = "36" if west < 119 else "33"
            prefecture = province + ("01" if row < 2 else "02")
            code = f"{prefecture}{10 + column * 4 + row}"
            rows.append(
                (code, prefecture + "00", province + "0000", shapely.box(west, south, west + STEP, south + STEP))
            )
    counties = gpd.GeoDataFrame(rows, columns=["code", "pref_code", "prov_code", "geometry"], crs=4326)

    def merged(column: str, names: dict[str, tuple[str, str]]) -> gpd.GeoDataFrame:
        whole = counties[[column, "geometry"]].dissolve(column).reset_index(names="code")
        return whole.assign(
            **{f"name_{key}": [names[code][i] for code in whole["code"]] for i, key in enumerate(("en", "zh"))}
        )

    provinces = merged("prov_code", {"330000": ("Zhejiang", "浙江"), "360000": ("Jiangxi", "江西")})
    prefectures = merged("pref_code", {code: (code, code) for code in counties["pref_code"]})
    line = shapely.LineString([(119, 28), (119, 30)])
    borders = gpd.GeoDataFrame({"prov_a": ["330000"], "prov_b": ["360000"]}, geometry=[line], crs=4326)
    return MapBase(counties, prefectures, provinces, borders, load_places())


@pytest.fixture(scope="module")
def frame(base: MapBase) -> pd.DataFrame:
    counties = base.counties
    count = len(counties)
    return pd.DataFrame(
        {
            "code": counties["code"],
            "name_en": [f"Countyname {number}" for number in range(count)],
            "name_zh": ["景宁畲族自治县" if number % 5 == 0 else "衢江区" for number in range(count)],
            "gdp_per_capita_2021": np.where(np.arange(count) == count - 1, np.nan, 50_000 + 1_234.0 * np.arange(count)),
            "relief_m": 100.0 + 10 * np.arange(count),
            "is_mountain_26": counties["code"].str.startswith("3301"),
            "on_border": pd.array(counties.bounds["minx"].eq(119).to_numpy(), dtype="boolean"),
        }
    )


@pytest.fixture(scope="module")
def single(frame: pd.DataFrame, base: MapBase) -> Figure:
    named = set(frame["code"][frame["code"].str.startswith("33")])
    gdp = topic("gdp_per_capita_2021")
    return draw_map(base, frame, gdp, language="both", outline=MOUNTAIN_OUTLINE, named=named)


@pytest.fixture(scope="module")
def several(frame: pd.DataFrame, base: MapBase) -> Figure:
    subjects = [topic("gdp_per_capita_2021"), topic("relief_m"), BORDER_KINDS]
    return draw_maps(base, add_border_kind(frame), subjects, language="both", outline=MOUNTAIN_OUTLINE)


def outside(figure: Figure) -> list[str]:
    """Parts of a figure that reach beyond its paper, by their text or kind."""
    with theme():
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        renderer, paper = canvas.get_renderer(), figure.bbox.padded(1)
        parts = [*figure.texts, *figure.axes]
        boxes = [(str(part), part.get_tightbbox(renderer)) for part in parts]
    return [name for name, box in boxes if box and not (paper.contains(*box.min) and paper.contains(*box.max))]


def gids(figure: Figure) -> list[str]:
    return [str(artist.get_gid()) for artist in figure.findobj() if artist.get_gid()]


@pytest.mark.parametrize("name", ["single", "several"])
def test_no_text_is_cut(name: str, request: pytest.FixtureRequest) -> None:
    assert outside(request.getfixturevalue(name)) == []


def test_a_single_map_has_all_its_parts(single: Figure) -> None:
    parts = gids(single)
    for part in ("scale-bar", "north-arrow", "locator-box", "provincial-border", "outline"):
        assert part in parts
    text = "\n".join(artist.get_text() for artist in single.findobj(lambda artist: hasattr(artist, "get_text")))
    for words in ("Sources:", "资料来源", "Albers equal-area", "approved base map", "无数据\nno data", "quantiles"):
        assert words in text


def test_several_maps_share_one_scale_bar_and_arrow(several: Figure) -> None:
    parts = gids(several)
    assert parts.count("scale-bar") == 1
    assert parts.count("north-arrow") == 1
    assert parts.count("provincial-border") == 3


def test_every_county_is_filled_inside_the_window(single: Figure, base: MapBase) -> None:
    axes = single.axes[0]
    filled = [patches for patches in axes.collections if str(patches.get_gid()).startswith("class-")]
    assert all(isinstance(patches, PathCollection) for patches in filled)
    assert sum(len(patches.get_paths()) for patches in filled) == 16
    west, south, east, north = map_area(base, "330000").counties.total_bounds
    assert axes.get_xlim()[0] < west < east < axes.get_xlim()[1]
    assert axes.get_ylim()[0] < south < north < axes.get_ylim()[1]
    assert [patches.get_hatch() for patches in filled].count("//////") == 1


def test_data_of_a_map_are_the_counties_that_it_fills_with_their_class(single: Figure, frame: pd.DataFrame) -> None:
    data = data_of(single)
    assert data is not None
    own = frame[frame["code"].str.startswith("33")]
    assert data["code"].tolist() == own["code"].tolist()
    assert data["value"].equals(own["gdp_per_capita_2021"].reset_index(drop=True))
    assert set(data["year"]) == {"2021"} and data["is_outlined"].tolist() == own["is_mountain_26"].tolist()
    filled = [part for part in single.axes[0].collections if str(part.get_gid()).startswith("class-")]
    sizes = data.groupby("class_shown", sort=True).size().to_dict()
    assert [len(part.get_paths()) for part in filled] == [*(sizes[key] for key in sorted(sizes) if key), sizes[""]]
    means = data.groupby("class_shown")["value"].agg(["min", "max"]).drop(index="")
    assert (means["max"].to_numpy()[:-1] < means["min"].to_numpy()[1:]).all()
    assert data.loc[data["class_shown"].eq(""), "value"].isna().all()


def test_data_of_several_maps_name_kinds_and_leave_their_value_empty(several: Figure, frame: pd.DataFrame) -> None:
    data = data_of(several)
    assert data is not None
    assert data["variable"].unique().tolist() == ["gdp_per_capita_2021", "relief_m", BORDER_KINDS.column]
    kinds = data[data["variable"].eq(BORDER_KINDS.column)]
    expected = add_border_kind(frame).set_index("code")[BORDER_KINDS.column]
    assert kinds["class_shown"].tolist() == expected[kinds["code"]].astype(str).tolist()
    assert kinds["value"].isna().all()


def test_the_scale_bar_has_the_length_that_it_says(single: Figure, base: MapBase) -> None:
    area = map_area(base, "330000")
    bar = next(patch for patch in single.axes[0].patches if patch.get_gid() == "scale-bar")
    said = next(t.get_text() for t in single.axes[0].texts if t.get_gid() == "scale-bar-text" and "km" in t.get_text())
    assert said.split()[0].strip("0.") in ("1", "2", "5")
    back = Transformer.from_crs(area.crs, 4326, always_xy=True)
    west, south, east, north = area.extent
    for height in np.linspace(south, north, 5):
        for left in np.linspace(west, east - bar.get_width(), 3):
            longitudes, latitudes = back.transform([left, left + bar.get_width()], [height, height])
            kilometres = ELLIPSOID.line_length(longitudes, latitudes) / 1000
            assert kilometres == pytest.approx(float(said.split()[0]), rel=0.01)


def test_north_is_up_in_the_middle_and_areas_are_true(base: MapBase) -> None:
    area = map_area(base, "330000")
    assert abs(area.north_angle()) < 0.01
    fine = base.counties.geometry[23:24].segmentize(0.001)  # an edge along a parallel is no geodesic
    true = abs(ELLIPSOID.geometry_area_perimeter(fine.iloc[0])[0])
    drawn = fine.to_crs(area.crs).area.iloc[0]
    assert drawn == pytest.approx(true, rel=1e-4)


def test_names_stay_in_the_frame_and_apart(single: Figure) -> None:
    axes = single.axes[0]
    names = [text for text in axes.texts if text.get_gid() == "map-label"]
    assert len(names) == 17  # 16 counties and one neighbour
    with theme():
        renderer = FigureCanvasAgg(single).get_renderer()
        window = axes.get_window_extent()
        for name in names:
            box = name.get_window_extent(renderer)
            assert window.contains(*box.min) and window.contains(*box.max), name.get_text()
        extents = [shapely.box(*name.get_window_extent(renderer).extents) for name in names]
    for left, right in combinations(extents, 2):
        assert left.intersection(right).area < 0.02 * min(left.area, right.area)


def test_names_are_placed_the_same_every_time(frame: pd.DataFrame, base: MapBase, single: Figure) -> None:
    named = set(frame["code"][frame["code"].str.startswith("33")])
    gdp = topic("gdp_per_capita_2021")
    again = draw_map(base, frame.sample(frac=1, random_state=3), gdp, language="both", named=named)
    first, second = ([t.get_position() for t in f.axes[0].texts if t.get_gid() == "map-label"] for f in (single, again))
    assert first == second


def test_a_map_of_the_country_shows_what_has_no_counties(frame: pd.DataFrame, base: MapBase) -> None:
    far = gpd.GeoDataFrame(
        {"code": ["710000"], "name_en": ["Taiwan"], "name_zh": ["台湾"]},
        geometry=[shapely.box(125, 22, 128, 25)],
        crs=4326,
    )
    whole = replace(base, provinces=pd.concat([base.provinces, far], ignore_index=True))
    area = map_area(whole, "100000")
    assert area.neighbours["name_en"].tolist() == ["Zhejiang", "Jiangxi", "Taiwan"]  # the ground below the counties
    assert area.scale_error() < 0.01
    figure = draw_map(whole, frame, topic("relief_m"), "100000")
    words = "\n".join(text.get_text() for text in figure.texts)
    assert "not in the county data: islets without a county, Taiwan." in words
    assert "locator-box" not in gids(figure)


def test_few_counties_get_few_classes(frame: pd.DataFrame) -> None:
    assert len(numeric_classes(frame.head(6), topic("relief_m"), "en")) == 3
    assert len(numeric_classes(frame.head(1), topic("relief_m"), "en")) == 1


def test_a_prefecture_shows_the_rest_of_its_province_as_neighbour(base: MapBase) -> None:
    area = map_area(base, "330100")
    assert len(area.counties) == 8
    assert set(area.neighbours["code"]) == {"330200", "360000"}


PLACES = {
    "330000,360000": 24,
    "浙江， Jiangxi": 24,
    "330100, 360100": 12,
    "360000,330100": 16,
}
"""Places and how many of the 24 squares they have."""


@pytest.mark.parametrize("region", PLACES)
def test_a_map_shows_every_place_that_it_is_asked_for(region: str, base: MapBase) -> None:
    area = map_area(base, region)
    assert len(area.counties) == PLACES[region]
    again = map_area(base, region.replace("，", ",").split(","))  # a list says the same
    assert again.places == area.places and again.counties.equals(area.counties)
    whole = area.counties.geometry.area.sum()
    assert area.prefectures.geometry.area.sum() == pytest.approx(whole, rel=1e-5)  # points are in whole metres
    # What is not asked for is a neighbour where it is in the window, and nothing is both.
    around = shapely.union_all(area.neighbours.geometry.to_numpy())
    assert shapely.intersection(around, shapely.union_all(area.counties.geometry.to_numpy())).area < 1e-6 * whole


def test_a_county_beside_its_prefecture_is_there_once_and_alone_has_its_prefecture_around(base: MapBase) -> None:
    county = base.counties["code"].iloc[-1]  # in prefecture 330200
    assert map_area(base, [county, "330200"]).counties.equals(map_area(base, "330200").counties)
    alone = map_area(base, [county])
    assert alone.counties["code"].tolist() == [county]
    assert alone.prefectures.geometry.area.sum() == pytest.approx(alone.counties.geometry.area.sum())
    assert set(alone.neighbours["code"]) == {"330200"}


def test_a_flat_map_of_places_far_apart_has_its_parts_one_below_the_other(frame: pd.DataFrame, base: MapBase) -> None:
    rows = base.counties["code"].isin([base.counties["code"].iloc[0], base.counties["code"].iloc[20]])
    ends = base.counties["code"][rows].tolist()  # the south western and the south eastern square
    figure = draw_map(base, frame, topic("gdp_per_capita_2021"), ends, language="both", named=ends)
    assert outside(figure) == []
    inset, arrow = (figure.axes[place].get_position() for place in (2, 3))
    assert arrow.y0 >= inset.y1 - 1e-9
    canvas = FigureCanvasAgg(figure)
    box = figure.axes[1].get_legend().get_window_extent(canvas.get_renderer())
    assert box.y0 / figure.bbox.height > arrow.y1


REFUSED = {
    "Quzhou": "names 2 places: prefecture 330800 .*; county 130435 .*Give the code",
    "吉林": "names 2 places: province 220000 .*; prefecture 220200",
    "330383": r"County 330383 龙港市 \(Longgang\) has no county polygon.*Draw 330300",
    "110000": r"Province 110000 北京市 .* has no county polygon in the layer\. Name a layer",
    "810000": "lies in Hong Kong 香港",
    "330000, nowhere": "'nowhere' is no place",
    "33": "'33' is no place",
}


@pytest.mark.parametrize("region", REFUSED)
def test_a_place_that_cannot_be_drawn_is_refused_by_name(region: str, base: MapBase) -> None:
    with pytest.raises(UnknownPlaceError, match=REFUSED[region]):
        map_area(base, region)


def test_no_place_and_the_country_beside_a_part_of_it_are_refused(base: MapBase) -> None:
    for region in ("", " , ", []):
        with pytest.raises(ReportError, match="names no place"):
            map_area(base, region)
    with pytest.raises(ReportError, match="the country and 330000 within it"):
        map_area(base, "330000, 全国")


def test_places_outside_the_frame_are_refused_by_name(frame: pd.DataFrame, base: MapBase) -> None:
    ours = frame[frame["code"].str.startswith("33")]
    with pytest.raises(ReportError, match=r"of 360000 \(none of its 8 counties\)\. Pass a frame"):
        draw_map(base, ours, topic("relief_m"), "330000,360000")
    with pytest.raises(ReportError, match=rf"of 330000 \(not {ours['code'].iloc[0]}\)\. Pass a frame"):
        draw_map(base, frame[frame["code"] != ours["code"].iloc[0]], topic("relief_m"), ["360000", 330000])


@pytest.mark.parametrize(("language", "said"), [("en", "redrawn since the census"), ("zh", "合并计算（2）")])
def test_counties_with_a_joint_figure_are_one_dotted_shape_and_named(
    base: MapBase, frame: pd.DataFrame, language: str, said: str
) -> None:
    ours = frame[frame["code"].str.startswith("33")].sort_values("code")
    pair = list(ours["code"].iloc[[0, 1]])
    united = ours.assign(gdp_joint_2021=ours["code"].map(dict.fromkeys(pair, pair[0])))
    subject, area = topic("gdp_per_capita_2021"), map_area(base, "330000")
    for figure in (
        draw_map(base, united, subject, language=language),
        draw_maps(base, united, [subject, topic("relief_m")], language=language),
    ):
        FigureCanvasAgg(figure).draw()
        dotted = [part for axes in figure.axes for part in axes.collections if part.get_gid() == "joint"]
        assert [len(part.get_paths()) for part in dotted] == [1]
        texts = (text.get_text() for text in figure.findobj(matplotlib.text.Text))
        words = " ".join(texts).replace("\n", " " if language == "en" else "")
        assert said in words
        first, second = ours["name_en" if language == "en" else "name_zh"].iloc[[0, 1]]
        assert f"{first} + {second}" in words or f"{first}＋{second}" in words
    # a line parts them no more
    whole, joined = map_lines(area).counties, map_lines(area, (), [pair]).counties
    left, right = area.counties.set_index("code").geometry[pair]
    between = shapely.intersection(left, right).centroid
    assert shapely.distance(shapely.union_all(whole), between) < 1
    assert shapely.distance(shapely.union_all(joined), between) > 1000
    plain = draw_map(base, ours, subject)
    assert "joint" not in {part.get_gid() for axes in plain.axes for part in axes.collections}


def test_breaks_are_the_printed_ones_and_leave_no_class_empty(frame: pd.DataFrame) -> None:
    subject = topic("gdp_per_capita_2021")
    classes = numeric_classes(frame, subject, "en")
    assert [category.label for category in classes][-1] == "no data (1)"
    assert sum(len(category.codes) for category in classes) == len(frame)
    limits = [
        int(number.replace(",", "")) for category in classes[:-1] for number in re.findall(r"[\d,]{5,}", category.label)
    ]
    assert all(limit % 100 == 0 for limit in limits)
    lowest = frame["code"][frame["gdp_per_capita_2021"] < limits[0]]
    assert classes[0].codes == frozenset(lowest)
    assert classes[0].label.startswith("< 55,") and classes[0].label.endswith(f"({len(lowest)})")


@pytest.mark.parametrize("values", [[1.0] * 9, [1.0] * 8 + [2.0], [0.0, 0.0, 0.0, 5.0, 9.0], [1.01, 1.02, 1.03]])
def test_ties_leave_no_empty_class(values: list[float]) -> None:
    tied = pd.DataFrame({"code": [str(number) for number in range(len(values))], "value": values})
    classes = numeric_classes(tied, Topic("value", "value", "值", "", "", 1, "YlOrBr", ()), "en")
    assert all(category.codes for category in classes)
    assert sum(len(category.codes) for category in classes) == len(values)


@pytest.mark.parametrize(
    "column", ["relief_m", "distance_to_border_km", "gdp_per_capita_2021", "share_60_plus_2020", "lights_per_km2_2021"]
)
def test_palettes_print_in_grey(column: str) -> None:
    weights, rows = np.array([0.2126, 0.7152, 0.0722]), pd.DataFrame({"code": list("abcdefghij")})
    classes = numeric_classes(rows.assign(**{column: 1000.0 * rows.index}), topic(column), "en")
    light = [float(np.array(matplotlib.colors.to_rgb(category.colour)) @ weights) for category in classes]
    steps = np.diff(light)
    assert (np.abs(steps) > 0.05).all()
    assert (steps < 0).all() or (steps > 0).all()


def test_the_types_of_the_26_mark_key_assistance(frame: pd.DataFrame) -> None:
    codes: Sequence[str] = list(frame["code"][:3])
    mountain = pd.DataFrame(
        {"code": codes, "type": ["leapfrog", "ecological", "ecological"], "key_assistance": [False, True, False]}
    )
    classes = named_classes(add_mountain_kind(frame, mountain), MOUNTAIN_KINDS, "en")
    found = {category.label: category for category in classes}
    assert found["ecological, key assistance (1)"].codes == {codes[1]}
    assert found["ecological, key assistance (1)"].hatch
    assert "leapfrog, key assistance (0)" not in found
    with pytest.raises(ReportError, match="999999"):
        add_mountain_kind(frame, mountain.assign(code=[*codes[:2], "999999"]))


def test_border_by_mountain_keeps_the_unknown_apart(frame: pd.DataFrame) -> None:
    unknown = frame.assign(on_border=frame["on_border"].where(frame["code"] != frame["code"][0]))
    kinds = add_border_kind(unknown).set_index("code")["border_kind"]
    assert kinds[frame["code"][0]] is None
    assert kinds.value_counts().to_dict() == {"neither": 13, "mountain": 6, "both": 2, "border": 2}


def test_lines_between_prefectures_leave_out_the_coast(base: MapBase) -> None:
    area = map_area(base, "330000")
    lines = gpd.GeoSeries(map_lines(area).prefectures, crs=area.crs).to_crs(4326)
    west, south, east, north = lines.total_bounds
    assert (west, east) == pytest.approx((119, 121), abs=1e-5)  # a metre
    assert (south, north) == pytest.approx((29, 29), abs=0.02)  # the edge is straight on the map, not on the parallel


def test_what_would_hide_a_county_is_refused(frame: pd.DataFrame, base: MapBase) -> None:
    with pytest.raises(ReportError, match="not in the frame"):
        draw_map(base, frame.iloc[:-1], topic("relief_m"))
    with pytest.raises(ReportError, match="no category"):
        named_classes(frame.assign(border_kind="sea"), BORDER_KINDS, "en")
    with pytest.raises(UnknownPlaceError, match="999900"):
        map_area(base, "999900")
    with pytest.raises(ParameterError, match="en, zh, both"):
        draw_map(base, frame, topic("relief_m"), language="fr")


def test_topics_take_their_year_from_the_column() -> None:
    assert topic("lights_per_km2_2021").title("en").startswith("Night lights, 2021 (nW")
    assert topic("gdp_per_capita_2030").title("zh") == "2030年人均地区生产总值（元）"
    with pytest.raises(SpecificationError, match=r"lights_per_km2_\{year\}"):
        topic("lights_per_km2")
    with pytest.raises(ReportError, match="not a mapped topic"):
        topic("colour")


def test_text_is_wrapped_between_words_and_chinese_characters() -> None:
    text = "资料来源：浙江省山区26县名单，2017年县级边界。Sources: the list of twenty-six mountain counties."
    with theme():
        lines = wrap(text, 7, 40).split("\n")
        assert max(text_size(line, 7)[0] for line in lines) <= 43  # a full stop may hang over
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert not any(line.startswith(("，", "。")) for line in lines)


def test_a_unit_in_brackets_is_not_broken() -> None:
    title = "9千米网格地形起伏度（最高减最低）（米）"
    with theme():
        assert all("（米）" in wrap(title, 7, width) for width in range(15, 60))
