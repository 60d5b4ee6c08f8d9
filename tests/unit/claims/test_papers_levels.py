"""Statements on levels of development, on tables of a few lines; the answers are written out as arithmetic."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, claims_from
from shanhai.claims.engine import find
from shanhai.claims.evidence import Evidence
from shanhai.claims.findings import Finding
from shanhai.data.load import load_table

CLAIMS = {claim.id: claim for claim in claims_from(load_table("claims"))}


def census_row(code: str, **columns: float) -> dict[str, Any]:
    """One row of a census; the long form was filled in by every tenth household."""
    return {"code": code, "level": "county", "family_households": 1_000.0, "long_form_households": 100.0, **columns}


def jobs(code: str, manufacturing: float, employed: float = 100.0, farming: float = 10.0) -> dict[str, Any]:
    shares = {"long_form_manufacturing": manufacturing, "long_form_agriculture": farming}
    return census_row(code, long_form_employed=employed, **shares)


def found(claim_id: str, tables: dict[str, pd.DataFrame], **frames: pd.DataFrame) -> Finding:
    return find(CLAIMS[claim_id], Evidence.of(tables, **frames))


@pytest.mark.parametrize(
    ("ranks", "verdict"),
    [
        ({"rank": 2, "of": 8}, "consistent"),
        ({"rank": 3, "of": 8}, "contradicted"),
        ({"rank": 2, "by another measure": 3, "of": 8}, "underspecified"),
        ({"rank": 3, "by another measure": 8, "of": 8}, "contradicted"),
    ],
)
def test_a_rank_in_the_first_quarter_by_all_measures(ranks: dict[str, float], verdict: str) -> None:
    claim = Claim("X1", "paper", "Jingning", "rank", "2021", "rank", "", "", "", "", "gist")
    assert str(rules.in_first(1 / 4)(claim, Measured("x", ranks, ""))) == verdict


def test_the_most_even_third_of_the_provinces() -> None:
    def verdict(spread: float) -> tuple[str, Any]:
        """Three provinces of five prefectures with 100 residents each; in the others the richest has 2 and 4 times."""
        rows = [
            {"province_code": province, "prefecture_code": f"{province[:2]}{at:02d}00", "population_2020": 100.0}
            | {"gdp_2021": 100.0 * (rich if at == 0 else 1.0), "lights_2021": 100.0 * (rich if at == 0 else 1.0)}
            for province, rich in (("330000", spread), ("340000", 2.0), ("350000", 4.0))
            for at in range(5)
        ]
        small = {"province_code": "630000", "prefecture_code": "630100", "population_2020": 1.0}
        frame = pd.DataFrame([*rows, {**small, "gdp_2021": 1.0, "lights_2021": 1.0}])
        finding = found("P07", {}, frame=frame, prefectures=frame)
        return finding.verdict, finding.computed

    assert verdict(1.5) == (
        "consistent",
        {"rank": 1, "provinces of China": 3},
    )  # the province of one prefecture is left out
    assert verdict(3.0) == ("contradicted", {"rank": 2, "provinces of China": 3})


def test_services_weigh_more_in_two_prefectures_together() -> None:
    def finding(last: float) -> Finding:
        """Services of 2015 are 40 of 100 in each; in 2020 ``last`` of 100 in one of them; even steps between."""
        rows = [
            {"code": code, "year": year, "primary_gdp_10k_yuan": 10.0}
            | {"secondary_gdp_10k_yuan": 90 - services, "tertiary_gdp_10k_yuan": services}
            for code, end in (("330800", last), ("331100", 40.0))
            for year in range(2015, 2022)
            for services in [40 + (end - 40) * min(year - 2015, 5) / 5]
        ]
        return found("M50", {"prefecture_economy": pd.DataFrame(rows)})

    assert finding(50.0).computed["change 2015-2020"] == pytest.approx(5.0)  # (50 + 40) of 200 are 45 percent
    assert finding(50.0).verdict == "consistent"
    assert finding(30.0).verdict == "contradicted"


def gdp_2001(own: float) -> dict[str, pd.DataFrame]:
    """Pingyang, of the 26, beside a county of twice its people and 20,000 yuan a head; a district has no GDP."""
    codes = ["330326", "330282", "330106"]
    gdp = pd.DataFrame(
        {"code": codes[:2], "year": 2001, "gdp_10k_yuan": [own * 10.0, 40.0 * 1_000]}
        | {"gdp_per_capita_10k_yuan": [own / 1_000, 2.0]}
    )
    people = pd.DataFrame({"code": codes, "year": 2001, "hukou_population_10k": [10.0, 20.0, 30.0]})
    return {"county_gdp": gdp, "county_hukou": people, "mountain_counties": pd.DataFrame({"code": ["330326"]})}


def test_levels_of_2001_over_registered_people() -> None:
    frame = pd.DataFrame({"code": ["330326", "330282"], "province_code": "330000", "is_mountain_26": [True, False]})
    frame = frame.assign(lights_2001=[1.0, 4.0], population_2010=[1.0, 1.0])
    # 5,000 x 10 thousand yuan over 10 x 10 thousand people are 500 yuan; 40,000 over 20 are 2,000.
    lagging = found("M53a", gdp_2001(500.0), frame=frame)
    assert lagging.computed == {"26 counties": pytest.approx(500.0), "rest of Zhejiang": pytest.approx(2_000.0)}
    assert lagging.verdict == "consistent"
    assert found("M53a", gdp_2001(2_500.0), frame=frame).verdict == "contradicted"
    # Both together: (5,000 + 40,000) over 30.
    finding = found("M64", gdp_2001(500.0))
    assert finding.computed["Zhejiang"] == pytest.approx(1_500.0) and finding.verdict == "consistent"
    assert found("M64", gdp_2001(2_500.0)).verdict == "contradicted"


def test_size_of_industry_is_a_number_of_jobs() -> None:
    frame = pd.DataFrame(
        {"code": ["330727", "330702", "330782"], "prefecture_code": "330700", "province_code": "330000"}
    )

    def finding(own: float) -> Finding:
        census = pd.DataFrame([jobs("330727", own), jobs("330702", 30.0), jobs("330782", 50.0), jobs("330000", 40.0)])
        return found("M56a", {"census_2020": census, "mountain_counties": frame.head(1)}, frame=frame)

    small = finding(20.0)
    assert small.computed == {"Pan'an": 200.0, "median county of Jinhua": 300.0}  # ten times the long form
    assert small.verdict == "consistent"
    assert finding(60.0).verdict == "contradicted"


def test_a_front_place_by_one_measure_alone_is_underspecified() -> None:
    def finding(gdp: float) -> Finding:
        """Jingning has one resident, the three others 100 each and a GDP of 100."""
        frame = pd.DataFrame(
            {"code": ["331127", "A", "B", "C"], "kind": ["autonomous_county"] * 3 + ["autonomous_banner"]}
            | {"gdp_2021": [gdp, 100.0, 100.0, 100.0], "population_2020": [1.0, 100.0, 100.0, 100.0]}
        )
        return found("M59", {}, frame=frame)

    assert (finding(50.0).verdict, finding(50.0).computed["rank by GDP"]) == ("underspecified", 4)
    assert finding(200.0).verdict == "consistent"
    assert finding(0.5).verdict == "contradicted"


def test_a_weak_base_is_gdp_per_head_below_the_province() -> None:
    def verdict(own: float) -> str:
        frame = pd.DataFrame({"code": ["331024"], "gdp_per_capita_2021": [own], "is_mountain_26": [True]})
        frame = frame.assign(gdp_2021=own * 10, population_2020=10.0)
        tables = {
            "county_gdp": pd.DataFrame({"code": ["331024"], "year": [2021], "gdp_per_capita_10k_yuan": [own / 10_000]}),
            "census_2020": pd.DataFrame([jobs("331024", 30.0), jobs("330000", 40.0)]),
            "prefecture_economy": pd.DataFrame(
                {"code": ["330100"], "year": [2021], "gdp_100m_yuan": [10.0], "gdp_per_capita_yuan": [90_000.0]}
            ),
        }
        province = pd.DataFrame({"code": ["330000"], "gdp_per_capita_2021": [100_000.0]})
        return found("M62a", tables, frame=frame, provinces=province).verdict

    assert (verdict(60_000.0), verdict(120_000.0)) == ("consistent", "contradicted")


def test_a_weak_industrial_base_is_a_share_of_jobs() -> None:
    def finding(own: float) -> Finding:
        census = pd.DataFrame([jobs("330327", own), jobs("330000", 40.0), jobs("330300", 20.0)])
        return found("M66", {"census_2020": census, "mountain_counties": pd.DataFrame({"code": ["330327"]})})

    assert finding(30.0).verdict == "consistent" and finding(30.0).agreeing == 1  # above Wenzhou, and the 26 are itself
    assert finding(50.0).verdict == "contradicted"


def test_from_farming_to_industry_and_past_the_first_stage() -> None:
    def tables(code: str, primary: tuple[float, float, float], farming: float) -> dict[str, pd.DataFrame]:
        gdp = pd.DataFrame({"code": code, "year": [2001, 2011, 2021], "gdp_10k_yuan": 100.0})
        before = census_row(code, employed_share_primary_pct=30.0, employed_share_secondary_pct=40.0)
        return {
            "county_gdp": gdp.assign(primary_gdp_10k_yuan=primary),
            "census_2020": pd.DataFrame([jobs(code, 30.0, farming=farming)]),
            "census_2010": pd.DataFrame([before]),
        }

    assert found("M68", tables("330723", (20.0, 10.0, 5.0), 10.0)).verdict == "consistent"
    assert found("M68", tables("330723", (20.0, 10.0, 25.0), 10.0)).verdict == "contradicted"
    assert found("M68", tables("330723", (20.0, 10.0, 5.0), 40.0)).verdict == "contradicted"
    past = found("M70", tables("331121", (30.0, 15.0, 5.0), 40.0))
    assert (past.verdict, past.robustness) == ("consistent", "2 hold, 1 fail, 0 undecided")  # 30 % of GDP in 2001
    assert found("M70", tables("331121", (30.0, 15.0, 5.0), 50.0)).verdict == "contradicted"
    missing = tables("331121", (30.0, 15.0, 5.0), 40.0)
    missing["county_gdp"] = missing["county_gdp"].head(2)
    assert found("M70", missing).verdict == "no data"


def test_farm_products_labour_and_villages_of_bazhong() -> None:
    sectors = ["primary_gdp_10k_yuan", "secondary_gdp_10k_yuan", "tertiary_gdp_10k_yuan"]
    economy = pd.DataFrame(
        [("511900", 2021, 20, 30, 50), ("330700", 2021, 5, 45, 50)], columns=["code", "year", *sectors]
    )
    assert found("B11a", {"prefecture_economy": economy}).computed == {"Bazhong": 20.0, "Jinhua": 5.0}
    # A share of GDP is no advantage of produce, whichever way it points.
    swapped = economy.assign(code=["330700", "511900"])
    for table in (economy, swapped):
        assert found("B11a", {"prefecture_economy": table}).verdict == "no data"

    def villages(after: float) -> Finding:
        tables = {
            f"census_{year}": pd.DataFrame(
                {"code": ["330000", "510000", "511900"], "level": ["province", "province", "prefecture"]}
                | {"rural_population": [rural, 50.0, 10.0]}
            )
            for year, rural in ((2010, 100.0), (2020, after))
        }
        return found("B09a", tables)

    assert (villages(80.0).computed, villages(80.0).verdict) == ({"rural residents, 2020 less 2010": -20}, "consistent")
    assert villages(120.0).verdict == "contradicted"


def test_labour_to_spare_is_read_as_claim_b04_is() -> None:
    def finding(registered: float) -> Finding:
        """Bazhong reports its registered people to 2014 and one of its two counties to 2020; 100 thousand residents."""
        rows = [
            ("511902", 2014, registered),
            ("511903", 2014, 5.0),
            ("511902", 2020, registered),
            ("330702", 2014, 1.0),
        ]
        hukou = pd.DataFrame(rows, columns=["code", "year", "hukou_population_10k"])
        people = pd.DataFrame(
            [("511900", "prefecture", 100_000.0), ("330700", "prefecture", 50_000.0)],
            columns=["code", "level", "population"],
        )
        frame = pd.DataFrame(
            {"code": ["511902", "511903", "330702"], "prefecture_code": ["511900", "511900", "330700"]}
        )
        tables = {
            "county_hukou": hukou,
            "census_2020": people,
            "census_2010": people.assign(hukou_population=150_000.0),
        }
        return found("B11b", tables, frame=frame.assign(province_code="x"))

    # (10 + 5) x 10,000 registered less 100,000 residents.
    assert finding(10.0).computed == {"registered minus resident persons": pytest.approx(50_000.0)}
    assert "In Jinhua -40,000" in finding(10.0).note
    # People who left are not labour to spare, whichever sign their number has.
    assert finding(10.0).verdict == finding(3.0).verdict == "no data"


def test_claims_side_by_side_in_the_magazine() -> None:
    claims = load_table("claims")

    def verdict(claim_id: str, value: str) -> tuple[str, Any]:
        finding = find(replace(CLAIMS[claim_id], value=value), Evidence.of({"claims": claims}))
        return finding.verdict, finding.computed

    assert verdict("M79a", "84.6") == ("coherent", pytest.approx(100 * 99 / 117))
    assert verdict("M79a", "86.4")[0] == "contradicted"
    assert verdict("M79b", "72.5") == ("coherent", pytest.approx(100 * 100 / 138))
    # 19,502 beds in 366 nights hold 7,137,732 guests: 96 % of 7,423,000 visits.
    assert verdict("M81a", "96.1")[0] == "coherent" and verdict("M81a", "96.3")[0] == "contradicted"
    assert verdict("M81b", "21.8") == ("coherent", pytest.approx(1_061_000 / 1_026))
    assert verdict("M84", "11700")[0] == "coherent"  # 7.8 km2 at 1,500 mu
    assert verdict("M84", "11701")[0] == "contradicted"
    assert verdict("M86", "50.3")[0] == "coherent"  # 126 of 254 are 49.6 %
    assert verdict("M86", "50.4")[0] == "contradicted"
