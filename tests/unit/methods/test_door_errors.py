"""Errors by the names that the field gives them."""

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from shanhai.core.errors import SpecificationError
from shanhai.methods import CovarianceSpec, fit
from shanhai.methods.door.errors import read_errors
from shanhai.methods.placebo import residual_noise, shift_borders
from shanhai.methods.spec import ssc


@pytest.mark.parametrize(
    ("name", "spec"),
    [
        ("iid", CovarianceSpec("iid")),
        ("HC2", CovarianceSpec("HC2")),
        ("hetero", CovarianceSpec("HC1")),
        ("robust", CovarianceSpec("HC1")),
        ("hc3", CovarianceSpec("HC3")),
        ("cluster:firm", CovarianceSpec("cluster", ("firm",), "fixest")),
        ("cluster:firm + year", CovarianceSpec("cluster", ("firm", "year"), "fixest")),
        ("cluster:firm CV3", CovarianceSpec("cluster", ("firm",), "CV3")),
        ("cluster:firm reghdfe", CovarianceSpec("cluster", ("firm",), "reghdfe")),
        ("cluster:`pre-fecture (new)`+year", CovarianceSpec("cluster", ("pre-fecture (new)", "year"), "fixest")),
        ("cluster(firm, year) CR1S", CovarianceSpec("cluster", ("firm", "year"), "CR1S")),
        ({"CRV1": "firm"}, CovarianceSpec("cluster", ("firm",), "fixest")),
        ({"CRV1": "firm+year"}, CovarianceSpec("cluster", ("firm", "year"), "fixest")),
        ("conley:200km", CovarianceSpec.conley("bartlett", 200.0, ("lon", "lat"))),
        ("conley:uniform 50.5 km", CovarianceSpec.conley("uniform", 50.5, ("lon", "lat"))),
        ("conley(uniform, 50 km, repaired)", CovarianceSpec.conley("uniform", 50.0, ("lon", "lat"), repair=True)),
    ],
)
def test_each_name_is_a_covariance(name, spec: CovarianceSpec) -> None:
    assert read_errors(name, ("lon", "lat")) == spec


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sandwich", "clustered, spatial or robust ones"),
        ("", "clustered, spatial or robust ones"),
        ("cluster:", "clustered, spatial or robust ones"),
        ("conley", "clustered, spatial or robust ones"),
        ("conley:200miles", "clustered, spatial or robust ones"),
        (None, "clustered, spatial or robust ones"),
        ({"CRV1": "a", "CRV3": "b"}, "clustered, spatial or robust ones"),
        ({"CRV1": 3}, "clustered, spatial or robust ones"),
        ({"CRV3": "firm"}, "four ways; allowed: 'cluster:firm CR3'"),
        ("cluster:firm+", "clustered, spatial or robust ones"),
        ("cluster:a+b+c", "one or two different columns"),
        ("conley:triangle 200km", "allowed: uniform, bartlett"),
    ],
)
def test_other_names_are_refused_with_those_that_are_known(name, said: str) -> None:
    with pytest.raises(SpecificationError) as refusal:
        read_errors(name)
    assert said in str(refusal.value)


@pytest.mark.parametrize("name", ["HC1", "iid", "conley:200km", "cluster:firm CR2", CovarianceSpec("HC3")])
@pytest.mark.parametrize("factor", ["areg", "nope", ssc(k_adj=False), None])
def test_a_convention_is_not_passed_over_where_errors_do_not_take_it(name, factor) -> None:
    assert read_errors("cluster:firm", factor="areg").factor == "areg"
    with pytest.raises(SpecificationError, match=r"ssc is .* beside errors .*; allowed: beside clusters without"):
        read_errors(name, factor=factor)


def test_pairs_of_clusters_and_factors_that_are_none_are_refused_with_a_step_that_works() -> None:
    rng = np.random.default_rng(6)
    data = pd.DataFrame({"y": rng.normal(size=90), "x": rng.normal(size=90), "firm": np.arange(90) // 6})
    data["year"], data["my firm"] = np.arange(90) % 3, data["firm"]
    with pytest.raises(SpecificationError) as refusal:
        fit("y ~ x", data, vcov="cluster:firm^year+x")
    assert "frame['cell'] = frame.groupby(['firm', 'year']).ngroup()" in str(refusal.value)
    cells = data.assign(cell=data.groupby(["firm", "year"]).ngroup())
    by_hand = data.assign(cell=[f"{row.firm} {row.year}" for row in data.itertuples()])
    ols = smf.ols("y ~ x", data).fit(cov_type="cluster", cov_kwds={"groups": pd.factorize(by_hand["cell"])[0]})
    np.testing.assert_allclose(fit("y ~ x", cells, vcov="cluster:cell").se, ols.bse, rtol=1e-9)
    result = fit("y ~ x", data, vcov="HC1")
    for name in ("cluster:firm cr2", "cluster:firm stata"):
        for call in (lambda: fit("y ~ x", data, vcov=name), lambda: result.vcov(name)):  # noqa: B023 - called at once
            with pytest.raises(SpecificationError, match=r"is no small-sample factor of clusters; allowed: CR0.*CR2"):
                call()
    assert fit("y ~ x", data, vcov="cluster:my firm").clusters[0].count == 15  # a name may have a blank


def test_two_way_clusters_may_be_repaired_by_name() -> None:
    assert read_errors("cluster:firm+year repaired") == CovarianceSpec(
        "cluster", ("firm", "year"), "fixest", repair=True
    )
    assert read_errors("cluster(`a b`, year) CR1S  repaired").label == "cluster(a b, year) CR1S repaired"
    frame = pd.DataFrame({name: np.random.default_rng(4).normal(size=24) for name in ("x", "y")})
    frame["y"] = frame["y"][::-1].to_numpy() + np.arange(24) % 5
    result = fit("y ~ x", frame.assign(a=np.arange(24) % 5, b=np.arange(24) % 6), vcov="cluster:a+b repaired")
    assert (
        "by a (5 clusters) and b (6 clusters), small-sample factor of fixest; negative eigenvalues set to zero"
        in str(result.summary())
    )
    with pytest.raises(SpecificationError, match="repair is True for covariance 'cluster"):
        read_errors("cluster:firm repaired")


@pytest.mark.parametrize("names", [("Latitude", "Longitud"), ("lat", "lng"), ("纬度", "经度")])
def test_places_with_the_latitude_first_are_refused_at_every_door(names: tuple[str, str]) -> None:
    """Within 90 degrees no value shows it: Ghana would lie in Gabon."""
    data = pd.DataFrame({"y": [1.0, 2.0, 4.0, 3.0], "x": [0.0, 1.0, 2.0, 5.0], names[0]: 5.0, names[1]: [1.0, 2, 3, 4]})
    said = re.escape(f"Turn them round: {names[::-1]!r}")
    for vcov in ("HC1", "conley:100km"):
        with pytest.raises(SpecificationError, match=said):
            fit("y ~ x", data, vcov=vcov, coords=names)
    result = fit("y ~ x", data, vcov="HC1", coords=names[::-1])
    for call in (
        lambda: result.scpc("x", coords=names),
        lambda: CovarianceSpec.conley("bartlett", 100, names),
        lambda: residual_noise(result.spec, data, coordinates=names),
        lambda: shift_borders(data, data, 2, 1, coordinates=names),
    ):
        with pytest.raises(SpecificationError, match=said):
            call()


def test_one_cluster_is_refused_and_two_for_three_coefficients_are_estimated_with_a_note() -> None:
    """Scores of each half sum to s and -s, as residuals are orthogonal to the regressors: the errors follow by hand."""
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"y": rng.normal(size=40), "x": rng.normal(size=40), "z": rng.normal(size=40)})
    data["half"], data["all"] = np.repeat([0, 1], 20), "a"
    with pytest.raises(
        SpecificationError, match=r"all rows of sample 'all rows' are in one cluster by 'all'; allowed: two"
    ):
        fit("y ~ x + z", data, vcov="cluster:all")
    result = fit("y ~ x + z", data, vcov="cluster:half CR0")
    matrix = np.column_stack([np.ones(40), data["x"], data["z"]])
    inverse = np.linalg.inv(matrix.T @ matrix)
    residuals = data["y"] - matrix @ inverse @ matrix.T @ data["y"]
    half = inverse @ matrix[:20].T @ residuals[:20]
    assert result.se == pytest.approx(np.sqrt(2) * np.abs(half), rel=1e-10)
    assert any("2 clusters by half for 3 coefficients: the covariance matrix does not" in note for note in result.notes)


def test_a_covariance_that_names_no_places_takes_those_of_the_call() -> None:
    rng = np.random.default_rng(2)
    data = pd.DataFrame({"y": rng.normal(size=30), "x": rng.normal(size=30)})
    data["east"], data["north"] = rng.uniform(5, 9, 30), rng.uniform(45, 49, 30)
    places = ("east", "north")
    written = fit("y ~ x", data, vcov="conley:100km", coords=places)
    for kind in (CovarianceSpec.conley("bartlett", 100), CovarianceSpec.conley("bartlett", 100, places)):
        assert fit("y ~ x", data, vcov=kind, coords=places).se.tolist() == written.se.tolist()
        assert fit("y ~ x", data, vcov="HC1", coords=places).vcov(kind).se.tolist() == written.se.tolist()
    flat = CovarianceSpec.conley("bartlett", 100, distance="planar")
    with pytest.raises(SpecificationError, match="beside distances on the flat map"):
        fit("y ~ x", data, vcov=flat, coords=places, crs="EPSG:32632")


def test_a_bootstrap_after_two_way_clusters_asks_for_one_of_the_two() -> None:
    data = pd.DataFrame(
        {"y": np.arange(40.0) ** 2, "x": np.arange(40) % 7, "c": np.arange(40) % 8, "f": np.arange(40) // 5}
    )
    result = fit("y ~ x", data, vcov="cluster:c+f")
    with pytest.raises(
        SpecificationError, match=r"columns of clusters: 'c' and 'f'; .*Name one, as in wild\('x', by='c', seed=1\)"
    ):
        result.wild("x", seed=1)
    assert result.wild("x", by="c", seed=1, draws=99).p == result.vcov("cluster:c").wild("x", seed=1, draws=99).p


def test_dates_an_index_and_shapes_without_a_map_are_refused_with_their_own_cause() -> None:
    rows = pd.date_range("2020-01-01", periods=9, freq="YS")
    data = pd.DataFrame({"y": np.arange(9.0) ** 2, "x": np.arange(9) % 4, "id": np.repeat([1, 2, 3], 3), "day": rows})
    for column, step in ((rows, r"dt\.year"), (rows.to_period("Y"), r"dt\.year"), (rows - rows[0], r"dt\.days")):
        with pytest.raises(SpecificationError, match=step):
            fit("y ~ x + day", data.assign(day=column))
    with pytest.raises(SpecificationError, match=r"pd\.to_datetime\(frame\['date'\]\)\.dt\.year"):
        fit("y ~ x + day", data.assign(day=pd.Series(rows.date, dtype=object)))
    assert fit("y ~ x + day", data.assign(day=data["day"].dt.year)).n == 9
    panel = data.set_index(["id", "day"])
    with pytest.raises(SpecificationError, match=r"'id' is in its index: reset_index\(\)"):
        fit("y ~ x | id", panel)
    assert fit("y ~ x | id", panel.reset_index()).n == 9


def test_rows_of_one_unit_in_one_period_are_named_where_errors_reach_over_periods() -> None:
    rng = np.random.default_rng(4)
    data = pd.DataFrame({"y": rng.normal(size=40), "x": rng.normal(size=40), "unit": np.arange(40) % 8})
    data["year"], data["lon"], data["lat"] = np.arange(40) // 8, 5.0 + data["unit"], 45.0
    errors = CovarianceSpec.conley("bartlett", 50, ("lon", "lat"), time="year", lags=1, unit="unit")
    assert not any("several rows" in note for note in fit("y ~ x", data, vcov=errors).notes)
    twice = data.assign(year=data["year"].mask(data["year"] == 4, 3))  # five periods become four: eight pairs twice
    said = "8 of 32 pairs of unit and year have several rows"
    assert any(said in note for note in fit("y ~ x", twice, vcov=errors).notes)


def test_shapes_without_a_reference_system_are_refused_for_that() -> None:
    places = gpd.points_from_xy(np.linspace(5, 9, 9), np.linspace(45, 49, 9))
    data = gpd.GeoDataFrame({"y": np.arange(9.0) ** 2, "x": np.arange(9) % 4}, geometry=places)
    for call in (lambda: fit("y ~ x", data, vcov="conley:100km"), lambda: fit("y ~ x", data, vcov="HC1").scpc("x")):
        with pytest.raises(SpecificationError, match=r"has no reference system.*data\.set_crs\('EPSG:4326'\)"):
            call()
    assert fit("y ~ x", data.set_crs("EPSG:4326"), vcov="conley:100km").n == 9
