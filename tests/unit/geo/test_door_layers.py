"""The door for prefectures, provinces and border lines; and a copy of every bundled layer, which changes nothing."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from shanhai.core import sources
from shanhai.core.errors import BoundaryError
from shanhai.data.load import layer_notes, load_layer, load_registry
from shanhai.geo.borders import border_lines
from shanhai.geo.datum import OFFSETS, without_offset
from shanhai.geo.door import check_layer

registry_of = cache(load_registry)

Change = Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]


@pytest.mark.parametrize("ending", [".shp", ".gpkg", ".geojson"])
@pytest.mark.parametrize("name", sources.LAYERS)
def test_a_copy_of_a_bundled_layer_changes_nothing(
    name: str, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bundled = load_layer(name)
    own = bundled[bundled.iloc[:, 0].str[:2].isin(["36", "71", "81", "82"])]
    own.to_file(tmp_path / f"own{ending}", **({"COORDINATE_PRECISION": 17} if ending == ".geojson" else {}))
    (tmp_path / "settings.toml").write_text(f'[replace]\n{name} = "own{ending}"\n', encoding="utf-8")
    monkeypatch.setenv(sources.SETTINGS_VARIABLE, str(tmp_path / "settings.toml"))
    loaded = load_layer(name)
    assert loaded.drop(columns="geometry").to_numpy().tolist() == own.drop(columns="geometry").to_numpy().tolist()
    assert list(loaded.columns) == list(bundled.columns)
    assert shapely.equals_exact(loaded.geometry.values, own.geometry.values, tolerance=1e-12).all()
    assert "are absent" in " ".join(layer_notes(name))
    assert caplog.messages == [f"own{ending}: {note}" for note in layer_notes(name)]


@cache
def some(name: str) -> gpd.GeoDataFrame:
    """Jiangxi, Anhui and Zhejiang; of the lines those that have one of them on a side."""
    layer = registry_of(name).shapes
    own = ("33", "34", "36")
    kept = layer["prov_a"].str[:2].isin(own) if name == "provincial_borders" else layer["code"].str[:2].isin(own)
    return layer[kept].reset_index(drop=True)


def moved(change: Callable[[np.ndarray], np.ndarray]) -> Change:
    return lambda frame: frame.set_geometry(shapely.transform(frame.geometry.values, change), crs=4326)


def shapes(change: Callable[[np.ndarray], object]) -> Change:
    return lambda frame: frame.set_geometry(change(np.array(frame.geometry.values)), crs=4326)


FAULTY: dict[str, tuple[str, Change, str]] = {
    "prefectures, codes one row down": (
        "prefectures", lambda f: f.assign(code=np.roll(f["code"], 1)), "38 of 38 shapes lie elsewhere",
    ),
    "prefectures, two exchanged": (
        "prefectures", lambda f: f.assign(code=f["code"].replace({"330800": "331100", "331100": "330800"})),
        "330800 衢州市 .*in the place of 331100 丽水市",
    ),
    "prefectures that are provinces": (
        "prefectures", lambda f: some("provinces"), "the province 浙江省",
    ),
    "prefectures in GCJ-02": ("prefectures", moved(OFFSETS["GCJ-02"]), "all shapes are in GCJ-02"),
    "prefectures, exchanged coordinates": ("prefectures", moved(lambda p: p[:, ::-1]), "exchanged in 38 of 38"),
    "prefectures with a county": (
        "prefectures", lambda f: f.assign(code=["330802", *f["code"][1:]]), "330802 .the county 柯城区",
    ),
    "prefectures, shrunk": ("prefectures", shapes(lambda s: shapely.buffer(s, -0.0005)), "narrow gaps"),
    "provinces, codes exchanged": (
        "provinces", lambda f: f.assign(code=f["code"].replace({"330000": "340000", "340000": "330000"})),
        "330000 浙江省 .*in the place of 340000 安徽省",
    ),
    "provinces of two digits": ("provinces", lambda f: f.assign(code=f["code"].str[:2]), "six digits"),
    "provinces, half as large": (
        "provinces", moved(lambda p: (p - [118, 29]) / 2 + [118, 29]), "less than half|elsewhere",
    ),
    "provinces, overlapping": ("provinces", shapes(lambda s: shapely.simplify(s, 0.01)), "overlap"),
    "lines of an unknown province": (
        "provincial_borders", lambda f: f.assign(prov_a=["999999", *f["prov_a"][1:]]), "999999 .unknown",
    ),
    "lines of Hong Kong": (
        "provincial_borders", lambda f: f.assign(prov_b=["810000", *f["prov_b"][1:]]), "Hong Kong",
    ),
    "lines of provinces that do not meet": (
        "provincial_borders", lambda f: f.assign(prov_b=["650000", *f["prov_b"][1:]]), "do not meet on land.*-650000",
    ),
    "lines, two pairs exchanged": (
        "provincial_borders", lambda f: f.assign(geometry=[f.geometry[1], f.geometry[0], *f.geometry[2:]]),
        "2 of 10 lines lie elsewhere",
    ),
    "lines in several rows": ("provincial_borders", lambda f: f.explode(ignore_index=True), "several rows; dissolve"),
    "lines, polygons in their place": (
        "provincial_borders", shapes(lambda s: shapely.buffer(s, 0.1)), "are no LineString, but",
    ),
    "lines, a degree to the east": (
        "provincial_borders", moved(lambda p: p - [-1, 0]), "lines lie elsewhere than their border",
    ),
    "lines in GCJ-02": ("provincial_borders", moved(OFFSETS["GCJ-02"]), "the lines are in GCJ-02"),
    "lines, a tenth of each": (
        "provincial_borders", shapes(lambda s: [max(shapely.get_parts(x), key=shapely.length).segmentize(0.01)
                                                .interpolate(0.1).buffer(0.05).intersection(x) for x in s]),
        "leave more than half of their border out",
    ),
    "lines without pairs": (
        "provincial_borders", lambda f: f.rename(columns={"prov_b": "sheng"}), "'sheng' looks like it",
    ),
    "lines, exchanged coordinates": ("provincial_borders", moved(lambda p: p[:, ::-1]), "exchanged in 10 of 10"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTY)
def test_a_faulty_layer_is_refused_by_the_name_of_its_fault(fault: str) -> None:
    name, change, message = FAULTY[fault]
    with pytest.raises(BoundaryError, match=message):
        check_layer(change(some(name)), registry_of(name), "own.gpkg")


HONEST: dict[str, tuple[str, Change]] = {
    "prefectures, coarser": ("prefectures", shapes(lambda s: shapely.coverage_simplify(s, 0.02))),
    "prefectures, codes as integers": ("prefectures", lambda f: f.assign(code=f["code"].astype(int))),
    "provinces in Web Mercator": ("provinces", lambda f: f.to_crs(3857)),
    "provinces, one": ("provinces", lambda f: f.iloc[[0]]),
    "lines, pairs the other way round": (
        "provincial_borders", lambda f: f.rename(columns={"prov_a": "prov_b", "prov_b": "prov_a"}),
    ),
    "lines, coarser": ("provincial_borders", shapes(lambda s: shapely.simplify(s, 0.01))),
    "lines in another order": ("provincial_borders", lambda f: f.iloc[::-1]),
}  # fmt: skip


@pytest.mark.parametrize("kind", HONEST)
def test_an_honest_layer_passes(kind: str) -> None:
    name, change = HONEST[kind]
    checked = check_layer(change(some(name)), registry_of(name), "own.gpkg").frame
    assert list(checked.columns) == list(some(name).columns)
    keys = list(checked.columns[:2] if name == "provincial_borders" else checked.columns[:1])
    expected = some(name) if "one" not in kind else some(name).iloc[[0]]
    pd.testing.assert_frame_equal(pd.DataFrame(checked[keys]), pd.DataFrame(expected[keys]))


def test_the_advice_for_lines_is_followed_to_its_end() -> None:
    registry = registry_of("provincial_borders")
    counties = load_layer("counties")
    made = border_lines(counties[counties["prov_code"].isin(["330000", "340000", "360000"])])
    assert len(check_layer(made, registry, "own.gpkg").frame) == 3
    offset = moved(OFFSETS["GCJ-02"])(some("provincial_borders"))
    mended = moved(lambda points: without_offset(points, "GCJ-02"))(offset)
    assert len(check_layer(mended, registry, "own.gpkg").frame) == 10
    dissolved = some("provincial_borders").explode(ignore_index=True).dissolve(["prov_a", "prov_b"], as_index=False)
    assert len(check_layer(dissolved, registry, "own.gpkg").frame) == 10
