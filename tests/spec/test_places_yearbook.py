"""The registry of places against the official number of divisions at the end of 2020.

China Statistical Yearbook 2021, table 1-1 (Divisions of Administrative Areas in China, end of 2020): 333 prefecture-
level divisions, of these 293 cities, 7 prefectures, 30 autonomous prefectures, 3 leagues; 2,844 county-level divisions,
of these 973 districts, 388 cities, 1,312 counties, 117 autonomous counties, 49 banners, 3 autonomous banners, one
special district, one forestry district. The arithmetic says where the census counts otherwise.
"""

from shanhai.data.load import load_table

YEARBOOK = {
    "district": 973,
    "city": 388,
    "county": 1312,
    "autonomous_county": 117,
    "banner": 49,
    "autonomous_banner": 3,
    "special_district": 1,
    "forestry_district": 1,
}


def test_county_level_units_are_those_of_the_yearbook() -> None:
    kinds = load_table("counties")["kind"].value_counts().to_dict()
    expected = YEARBOOK | {
        # 西沙区 and 南沙区 of Sansha are zones here; 港闸区 and 三山区, abolished in 2020, are still printed.
        "district": YEARBOOK["district"] - 2 + 2,
        # 金门县 (Kinmen) is not enumerated.
        "county": YEARBOOK["county"] - 1,
        # Four forest districts of 大兴安岭 are counted by the census, not by the yearbook.
        "forestry_district": YEARBOOK["forestry_district"] + 4,
        # 大柴旦 likewise.
        "administrative_committee": 1,
        # Prefecture-level cities without counties: 东莞, 中山, 儋州, 嘉峪关.
        "prefecture_as_county": 4,
    }
    assert kinds == expected


def test_prefecture_level_units_are_those_of_the_yearbook() -> None:
    kinds = load_table("prefectures")["kind"].value_counts().to_dict()
    # Sansha, too, has no county here.
    assert kinds["city"] + kinds["city_without_counties"] == 293
    assert kinds["city_without_counties"] == 4 + 1
    assert (kinds["prefecture"], kinds["autonomous_prefecture"], kinds["league"]) == (7, 30, 3)


def test_zhejiang_has_ninety_units_in_eleven_cities() -> None:
    counties = load_table("counties")
    kinds = counties.loc[counties["province_code"].eq("330000"), "kind"].value_counts().to_dict()
    assert kinds == {"district": 37, "city": 20, "county": 32, "autonomous_county": 1}
    prefectures = load_table("prefectures")
    assert prefectures["province_code"].eq("330000").sum() == 11


def test_the_census_counts_the_published_population_of_zhejiang_and_bazhong() -> None:
    """Bulletins of the seventh census: Zhejiang 64,567,588; Quzhou 2,276,184; Bazhong 2,712,894 persons."""
    census = load_table("census_2020").set_index("code")["population"]
    assert census["330000"] == 64_567_588
    assert census["330800"] == 2_276_184
    assert census["511900"] == 2_712_894
