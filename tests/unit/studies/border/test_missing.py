"""Counties without GDP: what each reading puts in, on a country of two provinces, and what is said of the sign."""

import numpy as np
import pandas as pd
import pytest
from numpy.random import default_rng
from simulated_counties import simulate_counties

from shanhai.render._table_files import to_text
from shanhai.studies.border import missing
from shanhai.studies.border import missing_figures as figures
from shanhai.studies.border.missing_tables import missing_sentence, missing_table


@pytest.fixture
def tiny() -> pd.DataFrame:
    """Prefecture 0101: 500 published, 300 known, two unknown with 8 residents; 0201: sum of counties only."""
    nan = np.nan
    return pd.DataFrame(
        {
            "code": list("abcdef"),
            "province_code": ["01", "01", "01", "01", "02", "02"],
            "prefecture_code": ["0101", "0101", "0101", "0101", "0201", "0201"],
            "is_district": [False, False, True, True, True, True],
            "on_border": [True, False, False, True, False, False],
            "ruggedness": 1.0,
            "population_2020": [10.0, 10, 5, 3, 4, 2],
            "gdp_2021": [100.0, 200, nan, nan, nan, 120],
            "gdp_per_capita_2021": [10.0, 20, nan, nan, nan, 60],
        }
    )


@pytest.fixture
def prefectures() -> pd.DataFrame:
    return pd.DataFrame(
        {"code": ["0101", "0201"], "gdp_2021": [500.0, 900.0], "gdp_2021_basis": ["published", "sum of counties"]}
    )


def test_what_is_left_of_the_prefecture_is_shared_by_head(tiny: pd.DataFrame, prefectures: pd.DataFrame) -> None:
    filled = figures.fill_remainders(tiny, prefectures)["gdp_per_capita_2021"]
    assert filled.iloc[[0, 1, 2, 3, 5]].tolist() == [10, 20, 200 / 8, 200 / 8, 60]
    assert np.isnan(filled.iloc[4])  # a sum of counties leaves nothing


def test_a_remainder_outside_the_range_is_not_used(tiny: pd.DataFrame, prefectures: pd.DataFrame) -> None:
    for published in (250.0, 5000.0):  # less than the counties have; 587 a head where 60 is the most
        filled = figures.fill_remainders(tiny, prefectures.assign(gdp_2021=published))
        assert filled["gdp_per_capita_2021"].iloc[2:4].isna().all()


def test_a_district_is_no_poorer_than_the_median_county_of_its_province(tiny: pd.DataFrame) -> None:
    least, _ = figures.gdp_range(tiny)
    # the second province has districts only, and counties are not bounded from below
    assert figures.monotone_ends(tiny).tolist() == pytest.approx([least, least, 15, 15, least, least])
    share, count = figures.monotone_share(tiny.assign(gdp_per_capita_2021=[10.0, 20, 14, 16, 3, 60]))
    assert (share, count) == (0.5, 2)


def test_who_is_missing_is_counted(tiny: pd.DataFrame) -> None:
    who = missing.who_is_missing(tiny)
    assert who.loc["missing"].tolist() == pytest.approx([100, 100 / 3, 3])
    assert who.loc["known"].tolist() == pytest.approx([100 / 3, 100 / 3, 3])


@pytest.fixture(scope="module")
def country() -> pd.DataFrame:
    rng = default_rng(3)
    frame = simulate_counties(default_rng(29), n=600, side=2)
    frame = frame.rename(columns={"gdp_per_capita": "gdp_per_capita_2021"})
    frame = frame.assign(
        population_2020=frame["population"],
        area_km2=rng.uniform(500, 2000, 600),
        lights_2021=frame["gdp_per_capita_2021"] * rng.lognormal(0, 0.1, 600),
        **{f"{name}_2020": rng.normal(50, 5, 600) for name in ("urban_share", "share_60_plus", "illiteracy")},
        mean_schooling_2020=rng.normal(9, 1, 600),
    )
    frame.loc[frame.index[5::50], "lights_2021"] = np.nan
    lost = frame.index[::10].union(frame.index[5::50])
    frame["truth"] = frame["gdp_per_capita_2021"]
    frame.loc[lost, "gdp_per_capita_2021"] = np.nan
    return frame.assign(gdp_2021=frame["gdp_per_capita_2021"] * frame["population"])


def test_imputed_figures_follow_the_light_and_known_ones_stay(country: pd.DataFrame) -> None:
    drawn = figures.impute_gdp(country, default_rng(1), imputations=40)
    known = country["gdp_per_capita_2021"].notna().to_numpy()
    assert (drawn[:, known] == country["truth"].to_numpy()[known]).all()
    lit = ~known & country["lights_2021"].notna().to_numpy()
    error = np.log(drawn[:, lit]).mean(axis=0) - np.log(country["truth"].to_numpy()[lit])
    assert np.abs(error).max() < 0.45  # noise of 0.1 in the light
    dark = ~known & country["lights_2021"].isna().to_numpy()
    spread = np.log(drawn).std(axis=0)
    assert spread[dark].mean() > 2 * spread[lit].mean()  # without light less is known


def test_the_readings_are_in_the_table_and_the_sentence_says_what_the_sign_needs(country: pd.DataFrame) -> None:
    totals = (country["truth"] * country["population_2020"]).groupby(country["prefecture_code"]).sum()
    prefectures = pd.DataFrame({"code": totals.index, "gdp_2021": totals.to_numpy(), "gdp_2021_basis": "published"})
    readings = missing.missing_readings(country, prefectures, default_rng(1), imputations=20)
    border = readings[readings["term"] == "on_border"].set_index("reading")
    assert tuple(border.index) == missing.READINGS
    observed, worst, monotone, all_observed = (
        border.loc[key] for key in ("observed", "percentiles", "monotone", "extremes")
    )
    assert all_observed["low"] < worst["low"] < worst["high"] < all_observed["high"]
    assert worst["low"] <= monotone["low"] <= monotone["high"] <= worst["high"]
    assert worst["low"] < observed["low"] < worst["high"]
    assert (observed["filled"], worst["filled"]) == (0, country["gdp_2021"].isna().sum())
    table = missing_table(readings, figures.gdp_range(country), figures.monotone_share(country), 20)
    assert f"from {worst['low']:.3f} to {worst['high']:.3f}" in to_text(table)
    who = missing.who_is_missing(country)
    cases = {
        "the sign holds.": {"extremes": (-2.0, -1.0, -2.1, -0.9)},
        "not without it": {"extremes": (-2.0, 1.0, -2.1, 1.1), "monotone": (-2.0, -1.0, -2.1, -0.9)},
        "estimate keeps its sign, but": {"extremes": (-2.0, -1.0, -2.1, 0.1), "monotone": (-2.0, -1.0, -2.1, 0.1)},
        "without it the sign is undetermined": {
            "extremes": (-2.0, 1.0, -2.1, 1.1),
            "monotone": (-2.0, -1.0, -2.1, 0.1),
        },
        "Neither determines": {"extremes": (-2.0, 1.0, -2.1, 1.1), "monotone": (-2.0, 1.0, -2.1, 1.1)},
    }
    for words, ends in cases.items():
        changed = readings.copy()
        for key, values in ends.items():
            place = changed.index[(changed["reading"] == key) & (changed["term"] == "on_border")]
            changed.loc[place, ["low", "high", "from", "to"]] = values
        assert words in missing_sentence(changed, who)
    full = missing.who_is_missing(country.assign(gdp_per_capita_2021=1.0))
    assert missing_sentence(readings, full, "zh") == "全国：所有县均有GDP。"
