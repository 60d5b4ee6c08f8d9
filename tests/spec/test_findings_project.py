"""Key findings on the project's own tables, each pinned with the arithmetic that a reader can redo."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from shanhai.claims.claims import CHECKS, Claim, claims_from
from shanhai.claims.engine import evaluate, find
from shanhai.claims.evidence import Evidence, project_evidence
from shanhai.claims.findings import Finding, computed_text, findings_records
from shanhai.claims.verdicts import Verdict, multiple_testing
from shanhai.core.errors import ClaimError
from shanhai.data.load import load_table

HAN = re.compile(r"[㐀-鿿]")
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
    wholes = {claim.part_of for claim in CLAIMS.values()}
    assert list(findings) == [name for name in CLAIMS if name not in wholes]
    verdicts = {str(verdict) for verdict in Verdict}
    for finding in findings.values():
        assert finding.verdict in verdicts
        assert finding.claimed
        assert bool(finding.basis) == bool(finding.data) == (finding.computed is not None)
        assert bool(finding.basis_reason) == bool(finding.seen) == bool(finding.basis)
        assert bool(finding.basis) != bool(finding.needs)


def test_whatever_is_computed_has_a_name_in_chinese(findings: dict[str, Finding]) -> None:
    """Of all bases; Latin letters are left in names of statistics alone."""
    values = [finding.computed for finding in findings.values()]
    values += [other.computed for finding in findings.values() for other in finding.others]
    said = " ".join(computed_text(value, "zh") for value in values)
    assert set(re.findall("[A-Za-z]+", said)) == {"GDP", "Moran", "s", "I", "p"}
    assert all(HAN.search(finding.indicator_zh) and finding.claimed_zh for finding in findings.values())


def test_the_rule_for_bases_makes_these_fall(findings: dict[str, Finding]) -> None:
    fallen = {key for key, finding in findings.items() if finding.verdict == "contradicted"}
    assert fallen == {"B10", "L06b", "M04", "M28a", "M74b"}
    # Wencheng, the poorest, has 11.652 billion yuan for 288,168 residents: less than any national average.
    assert findings["M04"].computed["lowest of the 26"] == pytest.approx(40_433, abs=1)
    assert findings["M04"].robustness == "0 hold, 5 fail, 0 undecided"


def test_nothing_official_could_refute_a_coherent_claim(findings: dict[str, Finding]) -> None:
    for name in ("B06a", "M35b", "Q12", "Q17a", "Q18", "Q19a", "S03", "S05", "M48a", "M14", "P01a"):
        assert findings[name].verdict == "coherent", name
    bounds = ("B03c", "B05", "M06a", "M07", "M34a", "M36d", "M37c", "M41b", "M42a", "M43b", "M45a")
    assert {findings[name].verdict for name in bounds} == {"coherent"}
    # Bounds that a plausible wrong value fails are tests.
    tested = {key for key, finding in findings.items() if finding.refuted_by and finding.verdict == "consistent"}
    assert tested == {"M02", "M05a", "M71a", "M71b", "M78", "Q01"}


def test_a_claim_that_is_repeated_has_the_verdict_of_the_first(findings: dict[str, Finding]) -> None:
    repeated = {key: finding.same_as for key, finding in findings.items() if finding.same_as}
    first_named = {"P02": "M16a", "P04": "M17", "P05a": "M18a", "P05b": "M18b", "S02b": "Q06"}
    assert repeated == first_named | {"M49": "P07", "M54a": "P01b"}
    for key, first in repeated.items():
        assert findings[key].verdict == findings[first].verdict
        assert findings[key].computed == findings[first].computed


OFFICIAL = {"reproduced", "consistent", "contradicted", "coherent"}

ONLY_A_LABEL = "a source of the literature, or a name that a document gives to its own figure"
"""Why the column ``reference`` of some claims is compared with nothing: see ``compares_by_name``."""


def compares_by_name(claim: Claim) -> bool:
    """Whether tables are asked about what ``reference`` names: see ONLY_A_LABEL for the others."""
    measured = CHECKS[claim.id].test(claim, project_evidence())
    bases = measured if isinstance(measured, tuple) else (measured,)
    own = next(basis for basis in bases if basis.key == claim.basis).documents_only
    return not own and claim.seed != "literature"


def scaled(text: str, factor: float) -> str:
    return ";".join(
        re.sub(r"\d+(\.\d+)?", lambda found: f"{factor * float(found.group()):.6f}", part, count=1)
        if re.search(r"\d", part)
        else "Atlantis"
        for part in text.split(";")
    )


def absurd(claim: Claim, finding: Finding) -> Iterator[tuple[str, list[str]]]:
    """Printed columns of a claim, each with figures, signs or names that the document might not print."""
    # A bound that is coherent is wide: hardly anything could fail it.
    factors = (3, 1 / 3) if finding.verdict != "coherent" else (1_000, 1 / 1_000)
    if claim.value in ("+", "-", "0"):
        yield "value", [sign for sign in ("+", "-", "0") if sign != claim.value]
    elif claim.value and finding.verdict == "contradicted":  # what would have been right
        first = next(iter(finding.computed.values())) if isinstance(finding.computed, dict) else finding.computed
        yield "value", [f"{float(first):.6f}"]
    elif re.fullmatch(r"\d{4}-\d\d", claim.value):
        yield "value", ["1002-04", "2020-04"]
    elif claim.value:
        yield "value", [scaled(claim.value, factor) for factor in factors]
    if claim.reference_value:
        yield "reference_value", [scaled(claim.reference_value, factor) for factor in factors]
    if claim.reference and compares_by_name(claim):
        yield "reference", ["Atlantis"]


def verdict_of(claim: Claim, column: str, cell: str) -> str:
    try:
        return find(replace(claim, **{column: cell}), project_evidence()).verdict
    except ClaimError:
        return "refused"


def test_every_printed_figure_is_compared(findings: dict[str, Finding]) -> None:
    silent, tried = [], 0
    for name, finding in findings.items():
        if finding.verdict not in OFFICIAL:
            continue
        claim = CLAIMS[name]
        for column, cells in absurd(claim, finding):
            verdicts = [verdict_of(claim, column, cell) for cell in cells]
            # A figure of the documents, or a wide bound, may stand on one side; an official figure fails on both.
            failing = [verdict for verdict in verdicts if verdict != finding.verdict]
            if len(failing) < (1 if finding.verdict == "coherent" else len(cells)):
                silent.append((name, column, cells, verdicts))
            tried += 1
    assert silent == [] and tried > 120


def test_p_values_are_adjusted_over_the_whole_ledger(findings: dict[str, Finding]) -> None:
    table = multiple_testing(findings_records(tuple(findings.values()))).set_index("id")
    assert len(table) == sum(finding.p is not None for finding in findings.values())
    assert table["p"].is_monotonic_increasing
    # Holm: the smallest p-value times the number of tests; the largest under Benjamini and Hochberg stays as it is.
    assert table["p_holm"].iloc[0] == pytest.approx(len(table) * table["p"].iloc[0])
    assert table["p_bh"].iloc[-1] == pytest.approx(table["p"].iloc[-1])
    assert table.loc["L01a", "verdict_holm"] == "consistent"


def test_what_was_seen_beforehand_is_said(findings: dict[str, Finding]) -> None:
    assert "margin" in findings["L02"].seen
    assert "results were known" in findings["B08"].seen and findings["B08"].basis_key == "all_orders"


def test_polygons_give_the_neighbours_and_the_largest_county(findings: dict[str, Finding]) -> None:
    assert findings["Q25"].computed == ["Anhui", "Fujian", "Jiangxi"]
    assert findings["Q25"].verdict == findings["M24"].verdict == findings["Q24a"].verdict == "consistent"
    # Chun'an is published with 4,417 km2; a simplified polygon may differ by a few tenths of a percent.
    assert "4,41" in findings["M24"].note


def test_the_26_hold_about_45_percent_of_the_published_land(findings: dict[str, Finding]) -> None:
    # 43.5 % lies within 5 % of 45; the older published area gives 45.2.
    assert findings["M02"].verdict == "consistent"
    assert "101,800" in {measure.key: measure for measure in findings["M02"].others}["before_survey"].basis


def test_border_claims_are_decided_by_the_battery_and_by_the_account(findings: dict[str, Finding]) -> None:
    (row,) = (
        row
        for row in project_evidence().estimates
        if (row["model"], row["term"], row["sample"]) == ("border x terrain", "on_border", "China")
        and row["outcome"] == "log_gdp_per_capita_2021"
    )
    border = findings["Q22"]
    assert border.computed["estimate"] == pytest.approx(row["estimate"]) and row["high"] < 0
    # the main estimate alone would say more than the battery does: SCPC, re-partitions and geography do not hold
    assert (border.verdict, border.computed["necessary items that hold"], border.computed["necessary items"]) == (
        "inconclusive", 2, 5,
    )  # fmt: skip
    others = {measure.key: measure.verdict for measure in border.others}
    assert (others["gdp_china"], others["battery_total"]) == ("consistent", "inconclusive")
    terrain = findings["Q23"]
    assert (terrain.verdict, terrain.basis_key) == ("inconclusive", "with_china")
    # errors by province, as for Q22: terrain by itself is not told from zero, terrain and distance together are
    assert terrain.computed["terrain, high"] > 0 > terrain.computed["terrain and distance, high"]
    others = {measure.key: measure.verdict for measure in terrain.others}
    assert (others["product_gdp_china"], others["with_zhejiang"]) == ("inconclusive", "inconclusive")
    assert (others["with_china_prefecture"], others["with_china_status_free"]) == ("consistent", "consistent")


def test_ageing_of_quzhou() -> None:
    # 579,152 of 2,276,184 residents; in the province 12,072,684 of 64,567,588.
    assert found("Q13a").verdict == found("Q13b").verdict == "reproduced"
    assert found("Q13a").computed == pytest.approx(100 * 579_152 / 2_276_184)
    assert found("Q13b").computed == pytest.approx(100 * 12_072_684 / 64_567_588)


def test_illiteracy_of_quzhou_is_among_residents_of_all_ages() -> None:
    finding = found("Q14a")
    assert finding.verdict == "reproduced" and "every age" in finding.basis
    assert finding.computed == pytest.approx(100 * 122_725 / 2_276_184)  # 5.39
    assert finding.others[0].computed == 6.32  # of those aged 15 and over, as the census publishes it


def test_a_changed_census_changes_the_verdict() -> None:
    census = load_table("census_2020")
    changed = census.assign(age_60_64=census["age_60_64"].mask(census["code"] == "330800", 200_000))
    assert found("Q13a", census_2020=changed).verdict == "contradicted"


def test_the_26_are_nearly_24_percent_of_the_registered_not_of_the_resident() -> None:
    finding = found("M03")
    assert (finding.verdict, finding.basis_key) == ("underspecified", "residents_2020")
    assert finding.computed == pytest.approx(15.75, abs=0.005)
    others = {measure.key: measure for measure in finding.others}
    registered = others["registered_2019"]
    assert registered.computed == pytest.approx(100 * 1187.68 / 5038.91, abs=0.005)  # 10,000 persons
    assert registered.verdict == "consistent"


def test_yunhe_is_73_1_percent_urban_so_80_percent_cannot_live_in_the_seat() -> None:
    assert found("M32").computed == pytest.approx(100 * (129_216 - 34_717) / 129_216)
    assert found("M32").verdict == "reproduced"
    seat = found("M33a")
    assert (seat.verdict, seat.basis_key) == ("underspecified", "residents_2020")
    assert seat.robustness == "1 hold, 1 fail, 0 undecided"


def test_herb_growers_are_a_third_of_the_registered_only() -> None:
    finding = found("M27b")
    assert finding.verdict == "underspecified"
    assert finding.computed == pytest.approx(100 * 68_000 / 177_161)  # 38.4 %, nearest to two fifths
    assert finding.others[0].computed == pytest.approx(100 * 68_000 / 211_300)


def test_quzhou_is_least_urban_of_eleven() -> None:
    assert (found("Q04").computed, found("Q04").verdict) == (11, "consistent")


def test_lists_of_magazine_and_plan_agree() -> None:
    lists = load_table("mountain_counties")
    assert found("M01").verdict == "reproduced" and found("M01").computed == 26
    swapped = lists.assign(code=lists["code"].replace("330127", "330122"))  # Tonglu for Chun'an
    assert found("M01", mountain_counties=swapped).verdict == "contradicted"
    assert found("S01").verdict == "reproduced"


def test_statements_on_where_a_place_lies_and_on_divisions(findings: dict[str, Finding]) -> None:
    assert {findings[name].verdict for name in ("M57", "M58")} == {"reproduced"}
    older = ("M55", "M65a", "M67", "M69", "M72", "M75")  # boundaries of 2017, divisions of 2020
    assert {findings[name].verdict for name in older} == {"consistent"}
    assert (findings["M57"].computed, findings["M58"].computed) == (1, 120)  # 117 counties and 3 banners
    assert findings["Q26"].verdict == findings["M63"].verdict == findings["M77"].verdict == "consistent"
    assert "Others across the border: none." in findings["Q26"].note
    # 400 km over a straight line of 303 km.
    assert findings["M78"].computed["printed over straight"] == pytest.approx(400 / 303, abs=0.005)


def test_statements_that_the_census_refutes(findings: dict[str, Finding]) -> None:
    assert findings["M60"].computed == 9_572_903  # not 7 million
    assert findings["M76"].computed == 4_260_634  # rural residents, fewer than the 4.58 million said to be served
    assert findings["M74b"].computed == pytest.approx(100 * 6_000 / 23_017)  # 26 %, nearer to a quarter than a fifth
    assert findings["M73"].computed == pytest.approx(100 * 60_788 / 107_156, abs=0.005)  # 56.7 %, not 61.15
    assert {findings[name].verdict for name in ("M73", "Q11b", "M76")} == {"underspecified"}
    assert {findings[name].verdict for name in ("B04", "M74a")} == {"no data"}


def test_a_ranking_whose_measures_disagree_is_underspecified(findings: dict[str, Finding]) -> None:
    finding = findings["M59"]
    assert finding.verdict == "underspecified"
    assert finding.computed == {
        "rank by GDP per head": 12,
        "rank by GDP": 73,
        "autonomous counties and banners with figures": 120,
    }


def test_targets_show_the_way_to_go(findings: dict[str, Finding]) -> None:
    assert {findings[name].verdict for name in ("M51a", "M51b", "M82")} == {"target"}
    assert findings["M82"].computed == 64_616  # Jingning, the smallest of the 26
    assert "Of 26 counties 5 have fewer" in findings["M82"].note
