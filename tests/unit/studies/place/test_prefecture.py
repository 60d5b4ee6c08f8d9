"""Which prefectures the city report takes, and which claims it finds for them."""

import pandas as pd
import pytest

from shanhai.claims.evidence import Evidence
from shanhai.core.errors import MissingDataError, UnknownPlaceError
from shanhai.data.load import load_places, load_table
from shanhai.data.vintage import Vintage
from shanhai.studies.place.analysis import Prefecture, check_prefecture, find_prefecture
from shanhai.studies.place.design import profile_indicators

NOW = Vintage()
SHARES = ("population_2020", "urban_share_2020", "share_60_plus_2020")


def prefecture_of(code: str, counties: pd.DataFrame, vintage: Vintage = NOW) -> Prefecture:
    places = load_places()
    place = places.prefecture(code)
    return Prefecture(place, places.province(place.province_code), counties, False, vintage)


@pytest.mark.parametrize("code", ["330800", "511900", "110100", "441900", "540200", "500200"])
def test_cities_municipalities_and_cities_without_counties_are_taken(code: str) -> None:
    check_prefecture(code)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("330802", "Give its prefecture, 330800"),
        ("659001", "no prefecture to report on"),
        ("659000", "administers directly"),
        ("330000", "no prefecture"),
        ("999999", "no prefecture"),
        ("Suzhou", "names 2 units"),
        ("3308", "it is 330800"),
        ("", "no prefecture"),
    ],
)
def test_what_is_no_prefecture_is_refused_with_what_to_give(code: str, message: str) -> None:
    with pytest.raises(UnknownPlaceError, match=message):
        check_prefecture(code)


def test_a_prefecture_without_county_gdp_is_refused_with_what_is_needed() -> None:
    with pytest.raises(MissingDataError, match=r"460400 .* 1 county-level units but GDP of 2021 of none .* county_gdp"):
        check_prefecture("460400")


def test_a_prefecture_without_counties_in_the_census_is_refused() -> None:
    with pytest.raises(MissingDataError, match="460300 三沙市 has no county"):
        check_prefecture("460300")


def test_a_province_of_one_prefecture_is_measured_against_the_country() -> None:
    frame = pd.DataFrame(
        {
            "code": ["110101", "330802", "330102"],
            "prefecture_code": ["110100", "330800", "330100"],
            "province_code": ["110000", "330000", "330000"],
        }
    )
    evidence = Evidence.of(frame=frame)
    assert find_prefecture("110100", evidence, NOW).reference == "000000"
    assert find_prefecture("330800", evidence, NOW).reference == "330000"


def test_claims_are_found_by_city_and_county_names_of_the_papers_own_provinces() -> None:
    claims = load_table("claims")
    evidence = Evidence.of({"claims": claims[claims["id"].isin(["Q10", "M46", "M46a", "M46b", "M20a", "M20b"])]})
    lishui = prefecture_of("331100", pd.DataFrame({"name_en": ["Songyang", "Longquan"]}))
    assert [finding.id for finding in lishui.findings(evidence)] == ["M46a", "M46b"]
    quzhou = prefecture_of("330800", pd.DataFrame({"name_en": ["Kecheng"]}))
    assert [finding.id for finding in quzhou.findings(evidence)] == ["Q10"]
    # A county of the same name in another province is not the one that the magazine means.
    elsewhere = prefecture_of("520500", pd.DataFrame({"name_en": ["Songyang"]}))
    assert elsewhere.findings(evidence) == ()


def test_profile_compares_with_province_country_and_siblings() -> None:
    columns = {indicator.column for indicator in profile_indicators(NOW)} - {"population_change"}
    base = dict.fromkeys(columns, 1.0) | {"population_2010": 100.0}
    prefectures = pd.DataFrame(
        [
            base | {"code": "330800", "province_code": "330000", "population_2020": 110.0, "urban_share_2020": 57.5},
            base | {"code": "330100", "province_code": "330000", "population_2020": 120.0, "urban_share_2020": 83.0},
            base | {"code": "340100", "province_code": "340000", "population_2020": 120.0, "urban_share_2020": 82.0},
        ]
    )
    provinces = pd.DataFrame(
        [
            base | {"code": "330000", "population_2020": 118.0, "urban_share_2020": 72.0},
            base | {"code": "000000", "population_2020": 105.0, "urban_share_2020": float("nan")},
        ]
    )
    lines = prefecture_of("330800", pd.DataFrame()).profile(Evidence.of(prefectures=prefectures, provinces=provinces))
    urban = next(line for line in lines if line.indicator.column == "urban_share_2020")
    assert (urban.place, urban.province, urban.others) == (57.5, 72.0, (57.5, 83.0))
    assert pd.isna(urban.country)
    change = next(line for line in lines if line.indicator.column == "population_change")
    assert (change.place, change.province) == (pytest.approx(10.0), pytest.approx(18.0))


def test_counties_come_richest_first_and_those_without_gdp_last_in_the_year_asked_for() -> None:
    columns = ("name_en", "name_zh", "type", "on_border", "relief_m", *SHARES)
    rows = pd.DataFrame(dict.fromkeys(columns, ["x"] * 3)).assign(code=["1", "2", "3"])
    rows = rows.assign(gdp_per_capita_2021=[float("nan"), 5.0, 9.0], gdp_per_capita_2023=[7.0, 5.0, float("nan")])
    assert prefecture_of("330800", rows).county_table()["code"].tolist() == ["3", "2", "1"]
    assert prefecture_of("330800", rows, Vintage(2023)).county_table()["code"].tolist() == ["1", "2", "3"]
