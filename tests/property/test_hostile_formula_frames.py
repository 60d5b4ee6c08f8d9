"""Frames that were never meant for a regression: an answer or a clear refusal, never another error or a warning."""

import geopandas as gpd
import numpy as np
import pandas as pd
import polars as pl
import pytest
from shapely.geometry import Point, box

from shanhai.core.errors import SpecificationError
from shanhai.methods import fit
from shanhai.methods.door import frames
from shanhai.methods.door.frames import as_frame

FORMULAS = ("y ~ x", "y ~ x | g", "log(y) ~ scale(x) + C(g)", "y ~ poly(x, 2) * g", "y ~ x + I(x**2) | g")


def plain(n: int = 30) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    return pd.DataFrame({"y": rng.uniform(1, 2, n), "x": rng.normal(size=n), "g": [f"g{row % 3}" for row in range(n)]})


HOSTILE = {
    "empty": plain().iloc[:0],
    "one row": plain(1),
    "two rows": plain(2),
    "all missing": plain().assign(x=np.nan),
    "outcome missing": plain().assign(y=None),
    "infinite": plain().assign(x=[np.inf, *range(29)]),
    "constant outcome": plain().assign(y=1.0),
    "constant regressor": plain().assign(x=2.0),
    "twice": pd.concat([plain(), plain()["x"]], axis=1),
    "mixed": plain().assign(x=[1, "two", *range(28)]),
    "mixed labels": plain().assign(g=[1, "a", *range(28)]),
    "text numbers": plain().assign(x=[str(row) for row in range(30)]),
    "dates": plain().assign(x=pd.date_range("2020-01-01", periods=30)),
    "complex": plain().assign(x=1j),
    "lists": plain().assign(g=[[row] for row in range(30)]),
    "a category a row": plain().assign(g=[f"g{row}" for row in range(30)]),
    "repeated index": plain().set_index(pd.Index([0] * 30)),
    "nullable": plain().assign(x=pd.array([None, *range(29)], dtype="Int64")),
    "huge": plain().assign(x=1e300),
    "tiny": plain().assign(x=1e-300),
    "boolean": plain().assign(x=[True, False] * 15),
    "unused categories": plain().assign(g=pd.Categorical(["a", "b"] * 15, categories=["c", "a", "b", "d"])),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("formula", FORMULAS)
def test_a_hostile_frame_is_answered_or_refused(name: str, formula: str) -> None:
    try:
        result = fit(formula, HOSTILE[name])
    except SpecificationError as error:
        assert "allowed" in str(error)
        return
    assert np.isfinite(result.params).all()
    assert len(str(result.summary()).splitlines()) < 60


@pytest.mark.parametrize(
    "name", ["a b", "中文", "x.y", "`", "'", '"', "\\", "a:b", "~", "|", "1st", "<b>", "log", "C", "None"]
)
def test_any_name_of_a_column_can_be_every_part(name: str) -> None:
    quoted = "`" + name.replace("`", "``") + "`"
    data = plain().rename(columns={"x": name})
    assert fit(f"y ~ {quoted}", data).names == ("intercept", name)
    labels = plain().assign(z=lambda rows: rows["x"] ** 2).rename(columns={"g": name})
    result = fit(f"y ~ x + z + C({quoted}) | {quoted}", labels, vcov=f"cluster:{quoted}")
    assert result.names == ("x", "z") and result.clusters[0].by == name
    assert fit(f"{quoted} ~ x", plain().rename(columns={"y": name})).spec.outcome.column == name


def test_frames_of_other_makes_give_the_same_numbers() -> None:
    data = plain().assign(g=lambda rows: rows["g"].astype("category"), k=pd.array([None, *range(29)], dtype="Int64"))
    formula = "y ~ x + k + C(g)"
    expected = fit(formula, data)
    shapes = gpd.GeoDataFrame(data, geometry=[Point(100 + row, 30) for row in range(30)], crs="EPSG:4326")
    table = pl.DataFrame({name: data[name].astype(object).where(data[name].notna(), None).tolist() for name in data})
    for other in (table, shapes):
        found = fit(formula, other)
        assert found.names == expected.names
        np.testing.assert_allclose(found.params, expected.params, rtol=1e-12)


@pytest.mark.parametrize("make", ["Enum of polars", "dictionary of pyarrow", "pandas held by pyarrow"])
def test_categories_keep_their_order_in_frames_of_other_makes(make: str) -> None:
    data = plain().assign(g=lambda rows: pd.Categorical(rows["g"], categories=["g2", "g0", "g1"]))
    columns = {"y": data["y"].to_numpy(), "x": data["x"].to_numpy(), "g": data["g"].tolist()}
    if make == "Enum of polars":
        other: object = pl.DataFrame(columns).with_columns(pl.col("g").cast(pl.Enum(["g2", "g0", "g1"])))
    else:
        pa = pytest.importorskip("pyarrow")
        other = pa.Table.from_pandas(data)
        if make == "pandas held by pyarrow":
            other = other.to_pandas(types_mapper=pd.ArrowDtype)
    for formula in ("y ~ x + g", "y ~ x + i(g)", "y ~ x | g"):
        expected, found = fit(formula, data, vcov="HC1"), fit(formula, other, vcov="HC1")
        assert found.names == expected.names
        np.testing.assert_allclose(found.params, expected.params, rtol=1e-12)
    assert expected.names == ("x",) and fit("y ~ g", other, vcov="HC1").names[1:] == ("g[T.g0]", "g[T.g1]")


def test_text_that_pyarrow_holds_is_labels() -> None:
    pytest.importorskip("pyarrow")
    data = plain()
    held = data.convert_dtypes(dtype_backend="pyarrow")
    assert str(held.dtypes["g"]) == "string[pyarrow]"
    for formula in ("y ~ x + g", "y ~ x + C(g)", "y ~ i(g, x)", "y ~ x * g", "y ~ x | g"):
        expected, found = fit(formula, data, vcov="HC1"), fit(formula, held, vcov="HC1")
        assert found.names == expected.names
        np.testing.assert_allclose(found.params, expected.params, rtol=1e-12)
        np.testing.assert_allclose(expected.predict(held), expected.predict(data), rtol=1e-12)


def test_columns_of_several_numbers_a_row_do_not_hinder_the_others() -> None:
    data = plain()
    table = pl.DataFrame({"y": data["y"].to_numpy(), "x": data["x"].to_numpy()})
    pair = pl.concat_list("x", "y")
    for column in (pl.struct("x", "y"), pair.cast(pl.Array(pl.Float64, 2)), pair):
        beside = table.with_columns(column.alias("s"))
        np.testing.assert_allclose(fit("y ~ x", beside, vcov="HC1").params, fit("y ~ x", data, vcov="HC1").params)
        with pytest.raises(SpecificationError, match=r"column 's' holds .*; allowed: numbers or true and false"):
            fit("y ~ s", beside, vcov="HC1")


def test_places_come_from_the_geometry() -> None:
    squares = gpd.GeoDataFrame(plain(3), geometry=[box(e, 0, e + 2, 2) for e in (500_000, 600_000, 700_000)], crs=32650)
    frame = as_frame(squares)
    assert "geometry" not in frame.columns
    assert frame["longitude"].tolist() == pytest.approx([117.0, 117.898, 118.797], abs=1e-3)
    assert "longitude" not in as_frame(squares.set_crs(None, allow_override=True)).columns


@pytest.mark.parametrize(
    "data", [None, 3, "frame.csv", {"y": [1]}, [1, 2], np.ones((3, 2)), pl.DataFrame({"y": [1]}).lazy()]
)
def test_anything_else_is_refused_by_name(data: object) -> None:
    with pytest.raises(SpecificationError, match=r"allowed: (a DataFrame of pandas or polars|one that is)"):
        fit("y ~ x", data)


def test_the_frame_of_the_user_stays_as_it_was() -> None:
    data = plain()
    before = data.copy()
    result = fit("y ~ poly(x, 2) + C(g)", data)
    pd.testing.assert_frame_equal(data, before)
    data["y"] = 0.0
    assert result.vcov("HC3").params == pytest.approx(result.params)


def test_a_frame_is_copied_where_pandas_would_share_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    values = plain()[["y", "x"]].to_numpy().copy()
    data = pd.DataFrame(values, columns=["y", "x"], copy=False)
    monkeypatch.setattr(frames, "_IS_SHARED", True)  # pandas 2
    result = fit("y ~ x", data)
    before = result.fitted
    values[:] = 0.0
    pd.testing.assert_series_equal(result.fitted, before)


@pytest.mark.parametrize("weights", [plain()["y"], plain()["y"].to_numpy(), ["y"], 1.0])
def test_weights_are_the_name_of_a_column(weights: object) -> None:
    with pytest.raises(SpecificationError, match=r"weights are of type .*; allowed: the name of a column"):
        fit("y ~ x", plain(), weights=weights)


@pytest.mark.parametrize("labels", [[[1]] * 30, [1, "1"] * 15])
def test_labels_of_pairs_are_held_to_the_rules_of_labels(labels: list[object]) -> None:
    with pytest.raises(SpecificationError, match=r"fixed effect 'k' holds labels .*; allowed: "):
        fit("y ~ x | k^g", plain().assign(k=labels))


def test_metres_of_a_map_are_the_places_that_they_show() -> None:
    rng = np.random.default_rng(8)
    data = plain().assign(lon=rng.uniform(116, 118, 30), lat=rng.uniform(29, 31, 30))
    points = gpd.GeoSeries(gpd.points_from_xy(data["lon"], data["lat"]), crs="EPSG:4326").to_crs("EPSG:32650")
    metres = data.assign(east=points.x, north=points.y).drop(columns=["lon", "lat"])
    flat = fit("y ~ x", metres, vcov="conley:100km", coords=("east", "north"), crs="EPSG:32650")
    round_ = fit("y ~ x", data, vcov="conley:100km", coords=("lon", "lat"))
    np.testing.assert_allclose(flat.se, round_.se, rtol=1e-9)
    with pytest.raises(SpecificationError, match="is no reference system"):
        fit("y ~ x", metres, coords=("east", "north"), crs="EPSG:nowhere")
    with pytest.raises(SpecificationError, match="lie outside of"):
        fit("y ~ x", metres.assign(east=1e30), coords=("east", "north"), crs="EPSG:32650")


def test_degrees_are_not_taken_for_metres_of_a_map() -> None:
    rng = np.random.default_rng(8)
    data = plain().assign(lon=rng.uniform(116, 118, 30), lat=rng.uniform(29, 31, 30))
    expected = fit("y ~ x", data, vcov="conley:100km", coords=("lon", "lat")).se
    shapes = gpd.GeoDataFrame(plain(), geometry=gpd.points_from_xy(data["lon"], data["lat"]), crs=4326).to_crs(32650)
    for frame, coords in ((shapes, ("longitude", "latitude")), (data, ("lon", "lat"))):
        with pytest.raises(SpecificationError, match=r"hold degrees, and crs='EPSG:32650' is a map.*Leave crs out"):
            fit("y ~ x", frame, vcov="conley:100km", coords=coords, crs="EPSG:32650")
        np.testing.assert_allclose(fit("y ~ x", frame, vcov="conley:100km", coords=coords).se, expected, rtol=1e-9)
    same = fit("y ~ x", data, vcov="conley:100km", coords=("lon", "lat"), crs=4326)  # a system in degrees is none
    np.testing.assert_allclose(same.se, expected, rtol=1e-9)
