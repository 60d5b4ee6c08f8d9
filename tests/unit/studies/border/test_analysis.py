"""The frame of the border regressions on countries small enough to compute by hand; all regressions on a large one."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import MultiPolygon, box
from simulated_counties import simulate_counties

from shanhai.core.errors import BoundaryError, SpecificationError
from shanhai.data.vintage import Vintage
from shanhai.studies.border.analysis import (
    add_variables,
    border_balance,
    claim_estimates,
    county_centres,
    estimates_frame,
    fit_models,
)
from shanhai.studies.border.design import COVARIANCES, MODELS, OUTCOMES, SAMPLES


def test_centre_is_the_centroid_by_area() -> None:
    # Equal boxes on one parallel: the centroid lies half-way, in no polygon.
    apart = MultiPolygon([box(104.0, 30.0, 104.1, 30.1), box(106.0, 30.0, 106.1, 30.1)])
    counties = gpd.GeoDataFrame({"code": ["1", "2"]}, geometry=[box(104, 30, 106, 31), apart], crs="EPSG:4326")
    centres = county_centres(counties)
    assert centres["code"].tolist() == ["1", "2"]
    # Edges are straight in the projection, so centroids of degree boxes are not exactly their middles.
    np.testing.assert_allclose(centres["longitude"], [105.0, 105.05], atol=2e-3)
    np.testing.assert_allclose(centres["latitude"], [30.5, 30.05], atol=1e-2)


def test_projected_layers_are_refused() -> None:
    counties = gpd.GeoDataFrame({"code": ["1"]}, geometry=[box(0, 0, 1000, 1000)], crs="EPSG:3857")
    with pytest.raises(BoundaryError):
        county_centres(counties)


FRAME = pd.DataFrame(
    {
        "code": ["330102", "330105", "330802", "340102", "340202", "341002"],
        "province_code": ["330000"] * 3 + ["340000"] * 3,
        "prefecture_code": ["330100", "330100", "330800", "340100", "340200", "341000"],
        "area_km2": [10.0, 100.0, 900.0, 50.0, np.pi * 90**2, 500.0],
        "ruggedness": [1.0, 2.0, 30.0, np.nan, 5.0, 20.0],
        "population_2020": [100.0, 900.0, 90.0, 500.0, 400.0, 100.0],
        "flags": ["", "gdp_2021_growth;gdp_2021_rounded", "gdp_2021_rounded;gdp_2021_unit_corrected", "", "", ""],
        "lights_2021": [50.0, 90.0, 9.0, np.nan, 40.0, 10.0],
    }
)
# One degree of latitude apart from north to south on one meridian.
CENTRES = pd.DataFrame({"code": FRAME["code"], "longitude": 119.0, "latitude": [30.0, 31.0, 29.0, 32.0, 33.0, 30.0]})


def test_lights_are_per_resident_and_per_km2() -> None:
    added = add_variables(FRAME, CENTRES)
    np.testing.assert_allclose(added["lights_per_head_2021"], [0.5, 0.1, 0.1, np.nan, 0.1, 0.1])
    np.testing.assert_allclose(added["lights_per_km2_2021"].iloc[:3], [5.0, 0.9, 0.01])


def test_upper_third_of_all_counties_is_mountainous_and_missing_terrain_stays_missing() -> None:
    added = add_variables(FRAME, CENTRES)
    # two thirds of 1 2 5 20 30 is 15, two thirds of the way from 5 to 20
    assert added["is_mountainous"].tolist()[:3] == [False, False, True]
    assert added["is_mountainous"].isna().tolist() == [False, False, False, True, False, False]


def test_another_year_has_its_own_ratios_and_doubts() -> None:
    frame = FRAME.assign(lights_2022=2 * FRAME["lights_2021"])
    frame.loc[2, "flags"] = "gdp_2023_redrawn"
    added = add_variables(frame, CENTRES, Vintage(gdp=2023, lights=2022))
    np.testing.assert_allclose(added["lights_per_km2_2022"].iloc[:3], [10.0, 1.8, 0.02])
    assert "lights_per_km2_2021" not in added
    assert added["gdp_is_doubtful"].tolist() == [False, False, True, False, False, False]


def test_only_flags_that_question_the_ratio_make_gdp_doubtful() -> None:
    assert add_variables(FRAME, CENTRES)["gdp_is_doubtful"].tolist() == [False, True, False, False, False, False]


def test_distance_to_the_capital_of_the_own_province() -> None:
    degree = np.pi / 180 * 6371.01
    distance = add_variables(FRAME, CENTRES)["distance_to_capital_km"]
    np.testing.assert_allclose(distance.iloc[[1, 2, 4, 5]], [degree, degree, degree, 2 * degree])


def test_a_capital_lies_its_mean_inner_distance_from_itself() -> None:
    distance = add_variables(FRAME, CENTRES)["distance_to_capital_km"]
    assert distance.iloc[0] == pytest.approx(2 / 3 * np.sqrt(10 / np.pi))


def test_absent_columns_are_named() -> None:
    with pytest.raises(SpecificationError, match="no column 'ruggedness'"):
        add_variables(FRAME.drop(columns="ruggedness"), CENTRES)


@pytest.fixture(scope="module")
def counties() -> pd.DataFrame:
    """Simulated counties with the columns of the analysis frame and codes of real provinces."""
    rng = np.random.default_rng(23)
    frame = simulate_counties(rng, n=1500, side=5)
    real = [*dict.fromkeys(code for spec in SAMPLES.values() for code in spec.provinces)]
    names = dict(zip(sorted(frame["province_code"].unique()), real, strict=False))
    frame["province_code"] = frame["province_code"].map(lambda code: names.get(code, code))
    frame["prefecture_code"] = frame["province_code"] + rng.integers(10, 25, size=1500).astype(str)
    people = frame.pop("population")
    frame["gdp_per_capita_2021"] = frame.pop("gdp_per_capita")
    return frame.assign(
        population_2020=people,
        lights_per_head_2021=frame["gdp_per_capita_2021"] * np.exp(0.2 * rng.normal(size=1500)),
        lights_per_km2_2021=frame["gdp_per_capita_2021"] * np.exp(0.5 * rng.normal(size=1500)),
        mean_schooling_2020=9 + rng.normal(size=1500),
        share_60_plus_2020=20 + rng.normal(size=1500),
        urban_share_2020=60 + rng.normal(size=1500),
        area_km2=np.exp(7 + 0.5 * rng.normal(size=1500)),
        distance_to_capital_km=rng.uniform(5, 300, size=1500),
        gap_to_border_km=np.maximum(frame["distance_to_border_km"] - 40, 0),
        gdp_is_doubtful=rng.uniform(size=1500) < 0.1,
        is_mountainous=frame["ruggedness"] > frame["ruggedness"].quantile(2 / 3),
    )


def test_every_regression_of_china_runs_with_every_covariance(counties: pd.DataFrame) -> None:
    results = fit_models(counties, samples=("china",))
    assert len(results) == len(OUTCOMES) * len(MODELS) * len(COVARIANCES["china"])
    table = estimates_frame(results)
    assert table.columns.tolist() == [
        *("sample", "outcome", "model", "term", "estimate", "se", "p", "n", "vcov", "spec_id"),
        *("low", "high", "df", "clusters"),
    ]
    assert np.isfinite(table[["estimate", "se", "p", "low", "high"]].to_numpy()).all()
    assert not table.duplicated(["spec_id", "outcome", "term"]).any()
    assert ((table["low"] < table["estimate"]) & (table["estimate"] < table["high"])).all()


def test_rows_for_verdicts_hold_the_main_model_and_the_distances(counties: pd.DataFrame) -> None:
    rows = pd.DataFrame(claim_estimates(counties.assign(lights_2013=counties["gdp_per_capita_2021"], area_km2=1.0)))
    assert set(rows["model"]) == {MODELS[key].label for key in ("main", "distance", "centre_bands", "edge_bands")}
    assert set(rows["sample"]) == {spec.name for spec in SAMPLES.values()}
    assert set(rows["vcov"]) == {"cluster(prefecture_code) CR1S"}


def test_balance_by_hand() -> None:
    frame = pd.DataFrame(
        {
            "on_border": pd.array([True, True, False, False, None] * 2, dtype="boolean"),
            "province_code": ["110000"] * 5 + ["120000"] * 5,
            "ruggedness": [4.0, 6.0, 1.0, 3.0, 99.0, 14.0, 16.0, 11.0, 13.0, 99.0],
            "distance_to_capital_km": np.arange(10.0),
            "area_km2": np.arange(10.0) ** 2,
        }
    )
    table = border_balance(frame, ["china"]).set_index("variable")
    # in both provinces 5 against 2 and 15 against 12; every residual is 1: variance 8 / (8 - 1 - 2)
    assert table.loc["ruggedness", "difference"] == pytest.approx(3.0)
    assert table.loc["ruggedness", "difference_sd"] == pytest.approx(3 / np.sqrt(8 / 5))
    assert table.loc["ruggedness", ["n", "n_border"]].tolist() == [8, 4]
