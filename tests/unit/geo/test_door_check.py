"""The door for a user's own counties: faulty layers are refused by the name of their fault, honest ones pass.

The land is that of Huangshan (Anhui), Jingdezhen and Shangrao (Jiangxi): 23 counties and a border of two provinces.
"""

from collections.abc import Callable
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from shanhai.core.errors import BoundaryError
from shanhai.data.load import load_registry
from shanhai.geo.datum import OFFSETS
from shanhai.geo.door import CheckedLayer, check_layer
from shanhai.geo.edges import shared_edges

registry_of = cache(load_registry)

Points = np.ndarray
Change = Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]

FIRST, SECOND = "361130", "361128"
"""Wuyuan and Poyang."""

NEIGHBOURS = ("361125", "361124")
"""Hengfeng and the larger Yanshan share an edge."""

MIDDLE = np.array([117.6, 29.2])


@cache
def counties() -> gpd.GeoDataFrame:
    layer = registry_of("counties").shapes
    return layer[layer["pref_code"].isin(["341000", "360200", "361100"])].reset_index(drop=True)


def check(frame: gpd.GeoDataFrame) -> CheckedLayer:
    return check_layer(frame, registry_of("counties"), "own.gpkg")


def drawn(frame: gpd.GeoDataFrame, shapes: object) -> gpd.GeoDataFrame:
    return frame.set_geometry(np.array(shapes, dtype=object), crs=4326)


def moved(change: Callable[[Points], Points]) -> Change:
    """Every point of every shape goes elsewhere."""
    return lambda frame: drawn(frame, shapely.transform(np.array(frame.geometry.values), change))


def linear(matrix: object) -> Change:
    """Turned, scaled or mirrored around the middle of the land."""
    return moved(lambda points: (points - MIDDLE) @ np.array(matrix, dtype=float).T + MIDDLE)


def turned(degrees: float) -> Change:
    angle = np.radians(degrees)
    return linear([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def each(change: Callable[[np.ndarray], object]) -> Change:
    """All shapes through one function of an array."""
    return lambda frame: drawn(frame, change(np.array(frame.geometry.values)))


def one(change: Callable[[shapely.Geometry], shapely.Geometry | None], code: str = FIRST) -> Change:
    """One shape through a function."""

    def apply(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        rows = zip(frame["code"], frame.geometry, strict=True)
        return drawn(frame, [change(shape) if own == code else shape for own, shape in rows])

    return apply


def coded(change: Callable[[pd.Series], object]) -> Change:
    """Other codes; the upper codes are left out, so that the places have to tell."""
    return lambda frame: frame[["code", "geometry"]].assign(code=change(frame["code"]))


def exchanged(*pairs: tuple[str, str]) -> Change:
    swap = {a: b for pair in pairs for a, b in (pair, pair[::-1])}
    return coded(lambda codes: codes.replace(swap))


def stated(system: object, before: object = None) -> Change:
    """Coordinates of one reference system under the name of another."""
    return lambda frame: (frame if before is None else frame.to_crs(before)).set_crs(system, allow_override=True)


def joined(column: str) -> Change:
    """Dissolved, under the code of the first county."""
    return lambda frame: frame.dissolve(column, as_index=False, aggfunc="first")[["code", "geometry"]]


def with_row(code: str) -> Change:
    row = gpd.GeoDataFrame({"code": [code]}, geometry=[shapely.box(114, 22.2, 114.1, 22.4)], crs=4326)
    return lambda frame: pd.concat([frame, row], ignore_index=True)


def shape_of(code: str) -> shapely.Geometry:
    return counties().set_index("code").geometry[code]


def merged(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    small, large = NEIGHBOURS
    rest = one(lambda shape: shapely.union(shape, shape_of(small)), large)(frame)
    return rest[rest["code"] != small]


def largest(shape: shapely.Geometry) -> shapely.Polygon:
    return max(shapely.get_parts(shape), key=shapely.area)


def bow_tie(shape: shapely.Geometry) -> shapely.Polygon:
    west, south, east, north = shape.bounds
    return shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])


def spike(shape: shapely.Geometry) -> shapely.Polygon:
    points = shapely.get_coordinates(largest(shape).exterior)
    return shapely.Polygon(np.vstack([points[:6], points[5] + 0.05, points[5], points[6:]]))


def touching_holes(shape: shapely.Geometry) -> shapely.Polygon:
    x, y = shapely.point_on_surface(largest(shape)).coords[0]
    holes = [[(x, y), (x + w, y + 0.001), (x + w, y + h), (x, y)] for w, h in ((0.01, 0.01), (0.008, 0.004))]
    return shapely.Polygon(largest(shape).exterior.coords, holes)


def third_point(value: float) -> Callable[[shapely.Geometry], shapely.Geometry]:
    def change(points: Points) -> Points:
        points[3] = value
        return points

    return lambda shape: shapely.transform(shape, change)


def sliver(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    x, y = shapely.point_on_surface(shape_of(SECOND)).coords[0]
    speck = shapely.box(x, y, x + 0.02, y + 0.00001)
    taken = one(lambda shape: shapely.difference(shape, speck), SECOND)(frame)
    return one(lambda shape: shapely.union(shape, speck))(taken)


def border_gap(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Jiangxi ends 50 m before Anhui begins."""
    shapes, own = np.array(frame.geometry.values), frame["prov_code"].eq("360000").to_numpy()
    other = shapely.buffer(shapely.union_all(shapes[~own]), 0.0005)
    return drawn(frame, np.where(own, shapely.difference(shapes, other), shapes))


def in_jiangxi(change: Change) -> Change:
    return lambda frame: pd.concat(
        [frame[frame["prov_code"] != "360000"], change(frame[frame["prov_code"] == "360000"])], ignore_index=True
    )


BACKWARDS: Callable[[Points], Points] = lambda points: points[:, ::-1]  # noqa: E731 (a case among lambdas)

FAULTY: dict[str, tuple[Change, str]] = {
    # coordinates
    "latitude and longitude exchanged": (moved(BACKWARDS), "latitude and longitude are exchanged in 23 of 23"),
    "exchanged in one row": (one(lambda s: shapely.transform(s, BACKWARDS)), f"exchanged in 1 of 23 rows: {FIRST}"),
    "GCJ-02": (moved(OFFSETS["GCJ-02"]), "all shapes are in GCJ-02"),
    "BD-09": (moved(OFFSETS["BD-09"]), "all shapes are in BD-09"),
    "one province in GCJ-02": (in_jiangxi(moved(OFFSETS["GCJ-02"])), "of 360000 are in GCJ-02"),
    "one county, in GCJ-02": (lambda f: moved(OFFSETS["GCJ-02"])(f[f["code"] == FIRST]), "are in GCJ-02"),
    "a degree to the east": (moved(lambda p: p - [-1, 0]), "displaced by 9. km: shifted by 9"),
    "a degree to the south": (moved(lambda p: p - [0, 1]), "displaced by .*-111 km to the north"),
    "5 km to the east": (moved(lambda p: p - [-0.05, 0]), "displaced by 4.8 km"),
    "600 m": (moved(lambda p: p - [0.004, -0.004]), "displaced by 0.59 km"),
    "mirrored east and west": (linear([[-1, 0], [0, 1]]), "mirrored"),
    "mirrored north and south": (linear([[1, 0], [0, -1]]), "mirrored"),
    "upside down": (turned(180), "turned by .*1.8e.02"),
    "turned by 2 degrees": (turned(2), "turned by 2 degrees"),
    "turned by 10 degrees": (turned(10), "elsewhere|turned"),
    "turned by 45 degrees": (turned(45), "turned by 45 degrees"),
    "half as large": (linear(np.eye(2) / 2), "scaled by 0.5"),
    "a tenth smaller": (linear(np.eye(2) * 0.9), "elsewhere|scaled"),
    "2 per cent smaller": (linear(np.eye(2) * 0.98), "scaled by 0.98"),
    "5 per cent larger": (linear(np.eye(2) * 1.05), "scaled by 1.05"),
    "twice as large": (linear(np.eye(2) * 2), "scaled by 2"),
    "stretched": (linear([[1.3, 0], [0, 1]]), "scaled by 1.3"),
    "sheared": (linear([[1, 0.3], [0, 1]]), "elsewhere|displaced"),
    "west of Greenwich": (moved(lambda p: p * [-1, 1]), "23 of 23 shapes lie outside China"),
    "on another continent": (moved(lambda p: p - [120, 0]), "lie outside China"),
    "no number": (one(third_point(np.nan)), f"no finite numbers.*{FIRST}"),
    "infinite": (one(third_point(np.inf)), f"no finite numbers.*{FIRST}"),
    # reference systems
    "none, degrees": (stated(None), "no reference system.*degrees in China.*prj"),
    "none, metres": (stated(None, 3857), "no reference system.*metres"),
    "metres labelled degrees": (stated(4326, 32650), "states degrees.*look like metres"),
    "degrees labelled metres": (stated(3857), "states metres.*look like degrees in China"),
    "the grid of Hungary": (stated(23700, 32650), "EOV, which is for Hungary"),
    "North America": (stated(4267), "NAD27, which is for North"),
    "Australia": (stated(4283), "GDA94, which is for Australia"),
    "a wrong zone": (stated(32651, 32650), "displaced by 5.8e.02 km"),
    "a wrong zone of Gauss and Krüger": (stated(4548, 4549), "displaced by 2.9e.02 km"),
    "Mercator labelled UTM": (stated(32650, 3857), "lie outside China"),
    "geocentric": (stated(4978), "neither geographic nor projected"),
    # codes
    "shuffled": (coded(lambda c: c.sample(frac=1, random_state=1).to_numpy()), "lie elsewhere than registered"),
    "reversed": (coded(lambda c: c.to_numpy()[::-1]), "lie elsewhere than registered"),
    "one row down": (coded(lambda c: np.roll(c, 1)), "lie elsewhere than registered"),
    "two neighbours exchanged": (exchanged(NEIGHBOURS), "2 of 23 .*361125 横峰县 .*in the place of 361124 铅山县"),
    "two counties far apart exchanged": (exchanged(("341003", "361102")), "2 of 23 shapes lie elsewhere"),
    "one province code for all": (lambda f: f.assign(prov_code="360000"), "prov_code contradicts .* in 7 of 23"),
    "provinces exchanged": (
        lambda f: f.assign(prov_code=f["prov_code"].replace({"340000": "360000", "360000": "340000"})),
        "prov_code contradicts the code in 23 of 23",
    ),
    "prefectures of others": (lambda f: f.assign(pref_code=np.roll(f["pref_code"], 3)), "pref_code contradicts"),
    "prefectures": (lambda f: joined("pref_code")(f).assign(code=sorted(set(f["pref_code"]))), "the prefecture 黄山市"),
    "prefectures under codes of counties": (joined("pref_code"), "much more than their registered land"),
    "provinces under codes of counties": (joined("prov_code"), "much more than their registered land"),
    "missing": (coded(lambda c: [None, *c[1:]]), r"1 of 23 rows hold: \(none\)"),
    "with letters": (coded(lambda c: "CN" + c), "six digits, but 23 of 23 rows hold: 'CN341002'"),
    "four digits": (coded(lambda c: c.str[:4]), "six digits, but 23 of 23"),
    "fractions": (coded(lambda c: c.astype(float) + 0.5), "six digits, but 23 of 23"),
    "twice": (lambda f: pd.concat([f, f.iloc[[0]]], ignore_index=True), "1 codes stand in several rows: 341002 屯溪区"),
    "column renamed": (lambda f: f.rename(columns={"code": "adcode"}), "'adcode' looks like it: rename it to 'code'"),
    "no column": (lambda f: f[["geometry"]], "needs 'code'"),
    "Hong Kong": (with_row("810001"), r"810001 \(香港特别行政区 \(Hong Kong\), not part of the census"),
    "Macau": (with_row("820001"), "Macau"),
    "Taiwan": (with_row("710000"), "Taiwan"),
    "a zone": (with_row("130171"), "石家庄高新技术产业开发区, a development zone, no county"),
    "a prefecture among counties": (with_row("330100"), "the prefecture 杭州市"),
    "a province among counties": (with_row("330000"), "the province 浙江省"),
    "a county of 2010": (with_row("330183"), "富阳市, a county of 2010, part of 330111 in 2020"),
    "a county of 2021": (with_row("330114"), "钱塘区, a county of 2021 whose land was divided by 2020"),
    "unknown": (with_row("999999"), "999999 .unknown to the census"),
    # shapes
    "no rows": (lambda f: f.iloc[:0], "no rows"),
    "empty": (one(lambda shape: shapely.Polygon()), f"1 of 23 rows have no shape.*{FIRST}"),
    "none": (one(lambda shape: None), f"1 of 23 rows have no shape.*{FIRST}"),
    "points": (each(shapely.centroid), "23 of 23 rows are no Polygon, but Point"),
    "lines": (each(shapely.boundary), "are no Polygon, but LineString"),
    "a line among polygons": (one(shapely.boundary), "1 of 23 rows are no Polygon"),
    "a collection": (one(lambda s: shapely.geometrycollections([s, s.centroid])), "but GeometryCollection"),
    "bow tie": (one(bow_tie), f"1 of 23 polygons are invalid .{FIRST}: Self-intersection"),
    "spike": (one(spike), "1 of 23 polygons are invalid"),
    "holes that touch": (one(touching_holes), "1 of 23 polygons are invalid"),
    "rounded coordinates": (moved(lambda p: p.round(2)), "polygons are invalid"),
    # land
    "a third": (one(lambda s: shapely.intersection(s, shapely.box(0, 0, s.centroid.x - 0.1, 60))), "less than half"),
    "two merged": (merged, "1 absent counties are drawn under another code: 361125 .* in 361124"),
    "a bounding box": (one(shapely.envelope), "overlap a neighbour"),
    "bounding boxes": (each(shapely.envelope), "much more than their registered land"),
    "circles": (each(lambda s: shapely.buffer(shapely.centroid(s), 0.03)), "less than half of their registered land"),
    "convex hulls": (each(shapely.convex_hull), "overlap a neighbour"),
    "one land under two codes": (one(lambda s: shape_of(SECOND)), "1 of 23 shapes lie elsewhere"),
    # edges
    "shrunk by 10 m": (each(lambda s: shapely.buffer(s, -0.0001)), "narrow gaps"),
    "shrunk by 50 m": (each(lambda s: shapely.buffer(s, -0.0005)), "narrow gaps"),
    "shrunk by 400 m": (each(lambda s: shapely.buffer(s, -0.004)), "narrow gaps"),
    "one county shrunk": (one(lambda s: shapely.buffer(s, -0.0005)), f"of 23 .* narrow gaps: .*{FIRST}"),
    "a gap along the border": (border_gap, "narrow gaps"),
    "grown": (each(lambda s: shapely.buffer(s, 0.0005)), "23 of 23 polygons overlap"),
    "one overlap": (one(lambda s: shapely.buffer(s, 0.02)), "overlap a neighbour"),
    "each simplified alone": (each(lambda s: shapely.simplify(s, 0.005)), "vertex by vertex"),
    "vertices on one side": (one(lambda s: shapely.segmentize(s, 0.001)), "vertex by vertex"),
    "a sliver": (sliver, f"1 slivers.*{FIRST}"),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_faulty_layer_is_refused_by_the_name_of_its_fault(fault: str) -> None:
    change, message = FAULTY[fault]
    with pytest.raises(BoundaryError, match=message):
        check(change(counties()))


def noisy(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Another drawing of the same land: every vertex some 30 m elsewhere, for both of its neighbours."""
    points, back = np.unique(frame.get_coordinates().to_numpy(), axis=0, return_inverse=True)
    other = points + np.random.default_rng(3).normal(0, 0.0003, points.shape)
    shapes = shapely.set_coordinates(np.array(frame.geometry.values).copy(), other[back.ravel()])
    return drawn(frame, shapely.coverage_clean(shapely.make_valid(shapes, method="structure", keep_collapsed=False)))


HONEST: dict[str, Change] = {
    "a copy": lambda f: f,
    "code and shape alone": lambda f: f[["code", "geometry"]],
    "codes as integers": lambda f: f.assign(code=f["code"].astype(int), prov_code=f["prov_code"].astype(int)),
    "codes as floats": lambda f: f.assign(code=f["code"].astype(float)),
    "blanks around codes": lambda f: f.assign(code=" " + f["code"] + "\u3000"),
    "codes of twelve digits": lambda f: f.assign(code=f["code"] + "000000"),
    "another order": lambda f: f.sample(frac=1, random_state=1),
    "names in another encoding": lambda f: f.assign(name_zh=[n.encode("gbk").decode("latin-1") for n in f["name_zh"]]),
    "CGCS2000": lambda f: f.to_crs(4490),
    "UTM": lambda f: f.to_crs(32650),
    "Web Mercator": lambda f: f.to_crs(3857),
    "heights": each(lambda s: shapely.force_3d(s, 12.0)),
    "coarser": each(lambda s: shapely.coverage_simplify(s, 0.01)),
    "finer": each(lambda s: shapely.coverage_clean(shapely.segmentize(s, 0.004))),
    "another drawing": noisy,
    "three counties absent": lambda f: f.drop(index=[3, 9, 20]),
    "one province": lambda f: f[f["prov_code"] == "360000"],
    "one county": lambda f: f[f["code"] == FIRST],
}


@pytest.mark.parametrize("kind", HONEST)
def test_an_honest_layer_passes(kind: str) -> None:
    frame = HONEST[kind](counties())
    checked = check(frame)
    assert list(checked.frame.columns) == list(counties().columns)
    expected = counties().set_index("code", drop=False).loc[sorted(checked.frame["code"])]
    assert len(checked.frame) == len(frame)
    attributes = list(counties().columns[:-1])
    assert checked.frame[attributes].to_numpy().tolist() == expected[attributes].to_numpy().tolist()
    overlap = shapely.area(shapely.intersection(checked.frame.geometry.values, expected.geometry.values))
    assert (overlap > 0.9 * shapely.area(expected.geometry.values)).all()


def test_what_is_absent_or_written_otherwise_is_noted() -> None:
    frame = HONEST["names in another encoding"](HONEST["three counties absent"](counties()))
    absent, names = check(frame).notes
    assert absent.startswith("2824 counties are absent: ")
    partly, whole = absent.split("; all in ")
    first, *others = partly.removeprefix("2824 counties are absent: ").split("; ")
    assert first.split(" (")[0] == min([first, *others], key=lambda part: int(part.split(" of ")[0])).split(" (")[0]
    assert "99 of 105 in 340000 (340102 瑶海区" in partly
    assert whole.startswith("110000, 120000")
    assert "340000" not in whole
    assert absent.endswith("on_border and distances to the border are missing there.")
    assert names.startswith("20 of 20 names differ from the registered ones")


def test_the_edges_of_a_copy_are_those_of_the_bundled_layer() -> None:
    shuffled = HONEST["another order"](counties())
    pd.testing.assert_frame_equal(shared_edges(check(shuffled).frame), shared_edges(counties()))


def test_districts_redrawn_within_the_layer_are_noted() -> None:
    # Yanshan takes most of Hengfeng: what the one has too much the other, which is drawn too, has too little.
    small, large = (shape_of(code) for code in NEIGHBOURS)
    west, south, east, north = small.bounds
    kept = shapely.intersection(small, shapely.box(west, south, east, south + 0.4 * (north - south)))
    frame = one(lambda shape: kept, NEIGHBOURS[0])(counties())
    frame = one(lambda shape: shapely.union(large, shapely.difference(small, kept)), NEIGHBOURS[1])(frame)
    shapes = shapely.coverage_clean(np.array(frame.geometry.values))
    notes = check(drawn(frame, shapes)).notes
    assert "Redrawn within the layer: 1 of 23 shapes cover less than half" in notes[-1]
    assert "361125 横峰县" in notes[-1]


FOLLOWED: dict[str, Change] = {
    "latitude and longitude exchanged": moved(BACKWARDS),
    "exchanged in one row": one(lambda s: shapely.transform(s, BACKWARDS)),
    "none, degrees": stated(4326),
    "none, metres": stated(3857),
    "metres labelled degrees": stated(32650),
    "degrees labelled metres": stated(4326),
    "North America": stated(4326),
    "the grid of Hungary": stated(32650),
    "a wrong zone": stated(32650),
    "geocentric": stated(4326),
    "one province code for all": lambda f: f.drop(columns="prov_code"),
    "prefectures of others": lambda f: f.drop(columns="pref_code"),
    "column renamed": lambda f: f.rename(columns={"adcode": "code"}),
    "with letters": lambda f: f.assign(code=f["code"].str.removeprefix("CN")),
    "twice": lambda f: f.dissolve("code", as_index=False),
    "two neighbours exchanged": lambda f: f[~f["code"].isin(NEIGHBOURS)],
    "a third": lambda f: f[f["code"] != FIRST],
    "two merged": lambda f: f[f["code"] != NEIGHBOURS[1]],
    "a prefecture among counties": lambda f: f[f["code"] != "330100"],
    "missing": lambda f: f.assign(code=f["code"].fillna(counties()["code"].iloc[0])),
}


@pytest.mark.parametrize("fault", FOLLOWED)
def test_the_next_step_of_the_message_leads_to_a_layer_that_opens(fault: str) -> None:
    faulty = FAULTY[fault][0](counties())
    assert len(check(FOLLOWED[fault](faulty)).frame) >= 21
