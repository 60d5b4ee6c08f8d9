"""Key findings on the project's own tables, each pinned with the arithmetic that a reader can redo."""

from typing import Any

import pytest

from shanhai.claims.claims import claims_from
from shanhai.claims.engine import Finding, evaluate, find
from shanhai.claims.evidence import Evidence, project_evidence
from shanhai.claims.verdicts import Verdict
from shanhai.data.load import load_table

CLAIMS = {claim.id: claim for claim in claims_from(load_table("claims"))}


@pytest.fixture(scope="module")
def findings() -> dict[str, Finding]:
    return {finding.id: finding for finding in evaluate()}


def found(claim_id: str, **changed: Any) -> Finding:
    """Finding on the project's tables, some of them replaced."""
    names = (
        "claims",
        "census_2010",
        "census_2020",
        "county_hukou",
        "counties",
        "mountain_counties",
        "prefecture_economy",
    )
    tables = {name: load_table(name) for name in names} | changed
    return find(CLAIMS[claim_id], Evidence.of(tables))


def test_each_claim_has_one_finding_with_a_basis_or_a_need(findings: dict[str, Finding]) -> None:
    assert list(findings) == load_table("claims")["id"].tolist()
    verdicts = {str(verdict) for verdict in Verdict}
    for finding in findings.values():
        assert finding.verdict in verdicts
        assert finding.claimed
        assert bool(finding.basis) == bool(finding.data) == (finding.computed is not None)
        assert finding.basis or len(finding.note) > 40


def test_contradicted_are_those_that_no_basis_supports(findings: dict[str, Finding]) -> None:
    assert {key for key, finding in findings.items() if finding.verdict == "contradicted"} == {"M04"}
    # Wencheng, the poorest, has 11.652 billion yuan for 288,168 residents: less than any national average.
    assert findings["M04"].computed["lowest of the 26"] == pytest.approx(40_433, abs=1)


def test_polygons_give_the_neighbours_and_the_largest_county(findings: dict[str, Finding]) -> None:
    assert findings["Q25"].computed == ["Anhui", "Fujian", "Jiangxi"]
    assert findings["Q25"].verdict == findings["M24"].verdict == findings["Q24"].verdict == "reproduced"
    # Chun'an is published with 4,417 km2; a simplified polygon may differ by a few tenths of a percent.
    assert "4,41" in findings["M24"].note


def test_the_26_hold_45_percent_only_of_the_older_land_area(findings: dict[str, Finding]) -> None:
    assert findings["M02"].verdict == "consistent"
    assert "101,800" in findings["M02"].basis and "contradicted" in findings["M02"].note


def test_border_claims_are_decided_by_the_registered_estimate(findings: dict[str, Finding]) -> None:
    (row,) = (
        row
        for row in project_evidence().estimates
        if (row["model"], row["term"], row["sample"]) == ("border x terrain", "on_border", "China")
        and row["outcome"] == "log_gdp_per_capita_2021"
    )
    assert findings["Q22"].computed["estimate"] == pytest.approx(row["estimate"])
    assert findings["Q22"].verdict == "consistent" and row["high"] < 0
    assert (
        findings["Q23"].verdict == "untestable"
        and findings["Q23"].computed["low"] < 0 < findings["Q23"].computed["high"]
    )


def test_ageing_of_quzhou() -> None:
    finding = found("Q13")
    # 579,152 of 2,276,184 residents; in the province 12,072,684 of 64,567,588.
    assert finding.verdict == "reproduced"
    assert finding.computed["Quzhou"] == pytest.approx(100 * 579_152 / 2_276_184)
    assert finding.computed["Zhejiang"] == pytest.approx(100 * 12_072_684 / 64_567_588)


def test_illiteracy_of_quzhou_is_among_residents_of_all_ages() -> None:
    finding = found("Q14")
    assert finding.verdict == "reproduced" and "every age" in finding.basis
    assert finding.computed["Quzhou"] == pytest.approx(100 * 122_725 / 2_276_184)  # 5.39
    assert "6.32" in finding.note  # of those aged 15 and over, as the census publishes it


def test_a_changed_census_changes_the_verdict() -> None:
    census = load_table("census_2020")
    changed = census.assign(age_60_64=census["age_60_64"].mask(census["code"] == "330800", 200_000))
    assert found("Q13", census_2020=changed).verdict == "contradicted"


def test_the_26_are_nearly_24_percent_of_the_registered_not_of_the_resident() -> None:
    finding = found("M03")
    assert finding.verdict == "consistent" and finding.basis.startswith("registered")
    assert finding.computed == pytest.approx(100 * 1187.68 / 5038.91, abs=0.005)  # 10,000 persons, yearbook of 2019
    assert "residents of the 2020 census): 15.75, contradicted" in finding.note


def test_yunhe_is_73_1_percent_urban_so_80_percent_can_only_be_of_the_registered() -> None:
    assert found("M32").computed == pytest.approx(100 * (129_216 - 34_717) / 129_216)
    assert found("M32").verdict == "reproduced"
    seat = found("M33")
    assert seat.verdict == "consistent" and "registered" in seat.basis
    assert "73.13, contradicted" in seat.note


def test_herb_growers_are_a_third_of_the_registered() -> None:
    finding = found("M27")
    assert finding.verdict == "consistent" and "registered" in finding.basis
    assert finding.computed == pytest.approx(100 * 68_000 / 211_300)
    assert "38.38, contradicted" in finding.note


def test_quzhou_is_least_urban_of_eleven() -> None:
    assert (found("Q04").computed, found("Q04").verdict) == (11, "consistent")


def test_lists_of_magazine_and_plan_agree() -> None:
    lists = load_table("mountain_counties")
    assert found("M01").verdict == "reproduced" and found("M01").computed == 26
    swapped = lists.assign(code=lists["code"].replace("330127", "330122"))  # Tonglu for Chun'an
    assert found("M01", mountain_counties=swapped).verdict == "contradicted"
    assert found("S01").verdict == "reproduced"
