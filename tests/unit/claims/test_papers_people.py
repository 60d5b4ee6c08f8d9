"""Statements on people: cities, old age, degrees, homestays, water and vaccination, on censuses of a few lines."""

from dataclasses import asdict, replace
from typing import Any

import pandas as pd
import pytest

from shanhai.claims.claims import claims_from
from shanhai.claims.engine import find
from shanhai.claims.evidence import Evidence
from shanhai.claims.findings import Finding
from shanhai.data.load import load_table

CLAIMS = {claim.id: claim for claim in claims_from(load_table("claims"))}


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    """Census rows; the long form was filled in by every tenth household."""
    households = {"family_households": 1_000.0, "long_form_households": 100.0, "level": "county"}
    return pd.DataFrame([households | row for row in rows])


def hukou(**people: float) -> pd.DataFrame:
    """Registered people of 2020, in 10,000, by code after a letter."""
    rows = [(code[1:], 2020, number, 3.0) for code, number in people.items()]
    return pd.DataFrame(rows, columns=["code", "year", "hukou_population_10k", "resident_rural_10k"])


def found(claim_id: str, value: str | None = None, **tables: pd.DataFrame) -> Finding:
    claim = CLAIMS[claim_id]
    if value is not None:
        wrong = f"{1.5 * float(value):g}: half as many again" if claim.refuted_by else ""
        claim = replace(claim, value=value, refuted_by=wrong)
    return find(claim, Evidence.of(tables))


def test_a_city_of_a_million_has_a_way_to_go() -> None:
    def finding(urban: float) -> Finding:
        rows = [
            {"code": code, "urban_population": part, "population": 600_000.0}
            for code, part in (("330802", urban), ("330803", 100_000.0))
        ]
        return found(
            "M51a", census_2020=table(*rows), census_2010=table(*rows), county_hukou=hukou(c330802=40.0, c330803=50.0)
        )

    assert (finding(300_000.0).verdict, finding(300_000.0).computed) == ("target", 400_000.0)
    assert finding(300_000.0).note.count("600,000 to go, 2.50 times")
    assert finding(900_001.0).verdict == "target" and finding(900_001.0).note.count("Already reached.")


def test_seats_of_a_hundred_thousand() -> None:
    census = table({"code": "A", "urban_population": 60_000}, {"code": "B", "urban_population": 140_000})
    finding = found("M82", census_2020=census, mountain_counties=pd.DataFrame({"code": ["A", "B"]}))
    assert (finding.verdict, finding.computed) == ("target", 60_000.0)
    assert finding.others[0].computed == 100_000.0 and "Of 2 counties 1 have fewer" in finding.note


def test_people_of_wenzhou_stand_beside_a_claim_that_may_mean_others() -> None:
    def finding(residents: int) -> Finding:
        counties = pd.DataFrame({"code": ["330302"], "prefecture_code": ["330300"]})
        row = {"code": "330300", "population": residents, "hukou_population": 1, "urban_population": 1}
        return found(
            "M60",
            counties=counties,
            county_hukou=hukou(c330302=700.0),
            census_2020=table(row),
            census_2010=table(row),
        )

    assert {finding(residents).verdict for residents in (9_500_000, 7_000_000)} == {"underspecified"}
    assert finding(9_500_000).computed == 9_500_000


def test_the_very_old_among_the_old_stand_beside_a_title_of_long_lives() -> None:
    def finding(very_old: int) -> Finding:
        def row(code: str, last: int, population: int) -> dict[str, Any]:
            ages = dict.fromkeys(("age_65_69", "age_70_74", "age_75_79", "age_80_84"), 20)
            return {"code": code, "is_county": code != "330000", "population": population, "age_85plus": last, **ages}

        return found("M61", census_2020=table(row("330328", very_old, 400), row("330000", 10, 1_000)))

    # 20 of 100 against 10 of 90; with 5 of 85 among the old there are still as many among all: 5 of 400, 10 of 1,000.
    assert finding(20).computed == {"Wencheng": 20.0, "Zhejiang": pytest.approx(100 / 9)}
    # An age structure is no title, whatever it shows.
    assert finding(20).verdict == finding(5).verdict == "no data"
    assert "no basis can decide" in finding(5).robustness


def test_degrees_among_residents() -> None:
    def verdict(own: int) -> str:
        rows = [
            {"code": code, "edu_bachelor_plus": degree, "edu_college": 5, "population": 100}
            for code, degree in (("331024", own), ("330000", 9), ("331000", 5))
        ]
        return found("M62b", census_2020=table(*rows)).verdict

    assert (verdict(4), verdict(10)) == ("consistent", "contradicted")


def test_homestays_are_a_part_of_hotels_and_catering() -> None:
    census = table({"code": "330922", "long_form_hotels_catering": 700.0, "long_form_employed": 3_000.0})
    finding = found("M74a", "7001", census_2020=census)  # side jobs are outside the census: no upper bound
    assert (finding.verdict, finding.others[0].computed) == ("no data", 7000.0)


def test_a_fifth_of_the_rural_people() -> None:
    def finding(rural: float) -> Finding:
        before = {"code": "330922", "hukou_population": 60_000.0, "nonagricultural_hukou_share_pct": 50.0}
        return found(
            "M74b",
            census_2020=table({"code": "330922", "rural_population": rural}),
            census_2010=table(before),
            county_hukou=hukou(c330922=7.0),
        )

    assert finding(24_000.0).computed == pytest.approx(25.0)  # a quarter
    assert finding(24_000.0).verdict == "underspecified"
    # 6,000 of 30,000, registered as farmers or counted as rural by the yearbook, are a fifth.
    assert finding(24_000.0).robustness == "2 hold, 1 fail, 0 undecided"
    assert finding(30_000.0).verdict == "coherent"


def test_water_for_rural_people_reaches_no_more_than_there_are() -> None:
    census = table({"code": "A", "rural_population": 90.0}, {"code": "330000", "rural_population": 500.0})
    before = {"code": "A", "rural_population": 90.0, "hukou_population": 100.0, "nonagricultural_hukou_share_pct": 5.0}
    tables = {"census_2020": census, "census_2010": table(before), "county_hukou": hukou(cA=1.0)}
    mountain = pd.DataFrame({"code": ["A"]})
    assert found("M76", "96", mountain_counties=mountain, **tables).verdict == "contradicted"
    # 90 rural residents, 95 registered as farmers: the words fit both.
    assert found("M76", "91", mountain_counties=mountain, **tables).verdict == "underspecified"
    assert found("M76", "89", mountain_counties=mountain, **tables).verdict == "consistent"


def test_farmers_energy_jobs_and_toys_are_parts_of_a_whole() -> None:
    before = table({"code": "331125", "hukou_population": 200.0, "nonagricultural_hukou_share_pct": 25.0})
    farmers = {"census_2010": before, "census_2020": table({"code": "331125", "urban_population": 500})}
    assert found("M83", "150", **farmers).verdict == "coherent"  # three quarters of 200
    assert found("M83", "151", **farmers).verdict == "contradicted"
    trades = {"long_form_manufacturing": 50.0, "long_form_utilities": 10.0, "long_form_construction": 40.0}
    census = table({"code": "330327", "long_form_employed": 200.0, **trades}, {"code": "330324", **trades})
    assert found("M85", "1000", census_2020=census).computed == {"percent of these jobs": 100.0}
    assert found("M85", "1001", census_2020=census).verdict == "contradicted"
    assert found("M87", "500", census_2020=census).verdict == "coherent"
    assert found("M87", "501", census_2020=census).verdict == "contradicted"


AGES = {"age_0": 10_000, "age_1_4": 20_000, "age_5_9": 20_000, "age_10_14": 50_000, "age_15_19": 100_000}


def printed(**values: str) -> pd.DataFrame:
    rows = [
        asdict(replace(CLAIMS[name], value=value, refuted_by="", refuted_by_zh="")) for name, value in values.items()
    ]
    return pd.DataFrame(rows)


def vaccinated(claim_id: str, value: str) -> Finding:
    """Of a million, 100,000 are under 15 and two fifths of the 100,000 of 15 to 19 are adults: 840,000 adults."""
    claims = printed(M71a="151.2", M71b="67.2", M71d="45")
    census = table({"code": "330000", "population": 1_000_000, **AGES})
    return found(claim_id, value, census_2020=census, claims=claims)


def test_doses_and_courses_of_adults() -> None:
    assert vaccinated("M71a", "168").verdict == "consistent"  # two each
    assert vaccinated("M71a", "168.1").verdict == "contradicted"
    assert vaccinated("M71b", "84").verdict == "consistent"
    assert vaccinated("M71b", "84.1").verdict == "contradicted"


def test_first_doses_stand_beside_a_coverage_that_they_cannot_decide() -> None:
    # 151.2 less 67.2 are 84 ten thousands, all adults; 67.2 of 84 have a complete course.
    finding = vaccinated("M71c", "99.4")
    assert (finding.computed, finding.verdict) == (100.0, "no data")
    assert finding.others[0].computed == pytest.approx(80.0)
    assert vaccinated("M71c", "90").verdict == "no data"


def test_ages_12_to_17_are_three_fifths_of_two_bands() -> None:
    # 0.6 x 50,000 + 0.6 x 100,000 are 90,000.
    assert vaccinated("M71d", "9").verdict == "coherent"
    assert vaccinated("M71d", "9.1").verdict == "contradicted"
    claims = printed(M71d="4.5")
    census = table({"code": "330000", "population": 1_000_000, **AGES})
    half = found("M71e", "50", census_2020=census, claims=claims)
    assert half.verdict == "no data", "the rate of a task whose size is not printed"
    assert {other.key: other.computed for other in half.others}["a_year_later"] == 56.25
