"""One finding a claim, decided by its one primary basis; none forgotten, none invented."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from shanhai.claims import rules
from shanhai.claims.claims import CHECKS, Claim, Measured, Rule, check, claims_from
from shanhai.claims.engine import (
    Finding,
    _adjusted,
    _require_complete,
    computed_text,
    find,
    findings_frame,
    findings_records,
    without_headings,
)
from shanhai.claims.evidence import Evidence
from shanhai.claims.verdicts import Verdict
from shanhai.core.errors import ClaimError, MissingDataError
from shanhai.data.load import load_table

CLAIM = Claim(
    *("X1", "paper", "Quzhou", "a share", "2020", "eq", "5.39", "%", "", "", "gist"),
    basis="all",
    basis_reason="the words name everybody",
    seen="both values",
)
NO_TEST = Claim(
    "Y1", "paper", "Quzhou", "x", "2022", "lt", "", "", "", "", "gist", needs="a table of incomes by county"
)


def finding_of(
    claim: Claim, bases: tuple[Measured, ...], monkeypatch: pytest.MonkeyPatch, rule: Rule | None = None
) -> Finding:
    registry: dict[str, object] = {}
    monkeypatch.setattr("shanhai.claims.engine.CHECKS", registry)
    monkeypatch.setattr("shanhai.claims.claims.CHECKS", registry)
    check(claim.id, rule=rule or rules.printed_digits(), data=("census_2020",))(lambda _, __: bases)
    return find(claim, Evidence.of())


def test_the_claims_table_is_complete() -> None:
    claims = claims_from(load_table("claims"))
    _require_complete(claims)
    assert {claim.id for claim in without_headings(claims) if claim.id not in CHECKS} == {
        claim.id for claim in claims if claim.needs
    }
    assert all(len(claim.needs) > 20 for claim in claims if claim.needs)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"basis": ""}, "tested without a primary basis"),
        ({"basis": "all; adults"}, "with two primary bases"),
        ({"basis_reason": ""}, "with a basis but no reason"),
        ({"seen": ""}, "nothing on what had been seen"),
        ({"needs": "a table"}, "tested, and yet with a need"),
        ({"id": "X2"}, "without test and without a declared need"),
        ({"same_as": "Z1"}, "the same as a claim that is not counted"),
        ({"part_of": "Z1"}, "compound with fewer than two parts, or not in the table"),
    ],
)
def test_what_a_claim_leaves_out_is_refused(
    changed: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding_of(CLAIM, (Measured("all", 5.39, "everybody"),), monkeypatch)
    _require_complete([CLAIM, NO_TEST])
    with pytest.raises(ClaimError, match=message):
        _require_complete([replace(CLAIM, **changed), NO_TEST])  # type: ignore[arg-type]


def test_a_repeated_an_unknown_and_an_untested_claim_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    finding_of(CLAIM, (Measured("all", 5.39, "everybody"),), monkeypatch)
    with pytest.raises(ClaimError, match="repeated"):
        _require_complete([CLAIM, CLAIM])
    with pytest.raises(ClaimError, match="not in the table"):
        _require_complete([NO_TEST])
    with pytest.raises(ClaimError, match="with a basis but no test"):
        _require_complete([CLAIM, replace(NO_TEST, basis="all")])


def test_a_compound_claim_is_a_heading_without_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    finding_of(CLAIM, (Measured("all", 5.39, "everybody"),), monkeypatch)
    whole, parts = replace(NO_TEST, id="W1", needs=""), [replace(CLAIM, part_of="W1"), replace(NO_TEST, part_of="W1")]
    _require_complete([whole, *parts])
    assert [claim.id for claim in without_headings([whole, *parts])] == ["X1", "Y1"]
    with pytest.raises(ClaimError, match="compound, and yet"):
        _require_complete([replace(whole, needs="a table"), *parts])


def test_a_second_test_of_a_claim_is_refused() -> None:
    with pytest.raises(ClaimError, match="already has the test"):
        check("Q13a", rule=rules.printed_digits(), data=())(lambda claim, evidence: Measured("x", 1.0, ""))


ALL = Measured("all", 5.3917, "all residents", same_basis=True, note="Mind the children.")
ADULTS = Measured("adults", 6.32, "aged 15 and over", same_basis=True)


def test_the_primary_basis_decides_and_the_other_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = finding_of(CLAIM, (ADULTS, ALL), monkeypatch)
    assert (finding.verdict, finding.computed, finding.basis) == ("reproduced", 5.3917, "all residents")
    assert (finding.robustness, finding.bases, finding.agreeing) == ("1 hold, 1 fail, 0 undecided", 2, 1)
    (other,) = finding.others
    assert (other.key, other.computed, other.verdict) == ("adults", 6.32, "contradicted")
    assert finding.note == "Mind the children."


def test_a_claim_that_holds_on_another_basis_only_is_contradicted_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = finding_of(replace(CLAIM, basis="adults"), (ADULTS, ALL), monkeypatch)
    assert (finding.verdict, finding.computed) == ("contradicted", 6.32)
    assert finding.robustness == "1 hold, 1 fail, 0 undecided"


def test_a_basis_that_nobody_measured_and_one_measured_twice_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ClaimError, match="names the basis 'everybody'; measured"):
        finding_of(replace(CLAIM, basis="everybody"), (ALL, ADULTS), monkeypatch)
    with pytest.raises(ClaimError, match="measured twice under one key"):
        finding_of(CLAIM, (ALL, ALL), monkeypatch)
    with pytest.raises(ClaimError, match="declares no reason"):
        finding_of(replace(CLAIM, basis_reason=""), (ALL,), monkeypatch)


def test_figures_of_the_documents_alone_are_coherent_or_contradict(monkeypatch: pytest.MonkeyPatch) -> None:
    own = replace(ALL, documents_only=True)
    assert finding_of(CLAIM, (own,), monkeypatch).verdict == "coherent"
    assert finding_of(replace(CLAIM, value="5.38"), (own,), monkeypatch).verdict == "contradicted"


def test_a_bound_is_a_test_only_if_a_plausible_wrong_value_fails_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The claim says at least 5.39; the most that there can be is 6, so that 7 would fail and 5.9 would not."""
    most, rule = Measured("all", 6.0, "everybody"), rules.at_least_claim()
    assert finding_of(CLAIM, (most,), monkeypatch, rule).verdict == "coherent"
    named = replace(CLAIM, refuted_by="7: the figure of the neighbour")
    assert finding_of(named, (most,), monkeypatch, rule).verdict == "consistent"
    weak = finding_of(replace(CLAIM, refuted_by="5.9: the year before"), (most,), monkeypatch, rule)
    assert weak.verdict == "coherent" and weak.note.startswith("On these figures 5.9, which should fail, would pass")
    assert finding_of(replace(named, value="6.5"), (most,), monkeypatch, rule).verdict == "contradicted"


def test_another_quantity_stands_beside_and_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    aside = replace(ADULTS, same_quantity=False)
    finding = finding_of(CLAIM, (ALL, aside), monkeypatch)
    assert (finding.verdict, finding.robustness, finding.bases, len(finding.others)) == (
        "reproduced",
        "one basis",
        1,
        1,
    )
    none = finding_of(replace(CLAIM, basis="adults"), (aside, ALL), monkeypatch)
    assert (none.verdict, none.computed) == ("no data", 6.32) and "is in no table" in none.note


def test_two_measures_that_the_words_fit_equally_have_to_give_one_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = finding_of(CLAIM, (ALL, replace(ADULTS, also_meant=True)), monkeypatch)
    assert (finding.verdict, finding.robustness) == ("underspecified", "1 hold, 1 fail, 0 undecided")
    assert finding_of(CLAIM, (ALL, replace(ADULTS, value=5.39, also_meant=True)), monkeypatch).verdict == "reproduced"
    both = (replace(ALL, value=7.0), replace(ADULTS, also_meant=True))
    assert finding_of(CLAIM, both, monkeypatch).verdict == "contradicted"


def test_a_claim_without_a_quantity_is_underspecified_whatever_stands_beside_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert finding_of(replace(CLAIM, relation="unnamed"), (ALL,), monkeypatch).verdict == "underspecified"


def test_claims_without_a_test_carry_no_number() -> None:
    finding = find(NO_TEST, Evidence.of())
    assert (finding.verdict, finding.computed, finding.needs) == ("no data", None, NO_TEST.needs)
    assert find(replace(NO_TEST, relation="unnamed"), Evidence.of()).verdict == "underspecified"


def test_a_figure_missing_from_the_tables_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = finding_of(CLAIM, (replace(ALL, value=float("nan")), ADULTS), monkeypatch)
    assert (finding.verdict, finding.computed) == ("no data", None)
    assert finding.note.startswith("A figure that it compares is missing")


def test_why_a_claim_is_open_is_said_by_the_rule_that_leaves_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {"necessary items that hold": 2, "necessary items": 5, "battery speaks against": 0}
    single = {"estimate": -0.1, "low": -0.3, "high": 0.1}
    for value, rule, said in (
        (counts | single, rules.battery(-1), "Of 5 necessary items of the battery 2 hold"),
        (single, rules.battery(-1), "The interval covers both answers"),
        (single, rules.signed(-1), "The interval covers both answers"),
        (single, rules.each_signed(-1), "An interval of the chain covers zero"),
        (single | {"bound": 0.3}, rules.absent_within(0.25), "beyond the margin of 0.25"),
        ({"I": 0.1, "p": 0.2}, rules.positive_at(0.05), "in more than 5 % of cases"),
    ):
        finding = finding_of(CLAIM, (replace(ALL, value=value, note=""),), monkeypatch, rule)
        assert finding.verdict == "inconclusive" and said in finding.note
    silent = Rule(lambda claim, measured: Verdict.INCONCLUSIVE)
    with pytest.raises(ClaimError, match="does not say why"):
        finding_of(CLAIM, (ALL,), monkeypatch, silent)


def test_p_values_are_adjusted_once_a_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    """0.01, 0.04 and 0.30: by Holm 3 x 0.01, 2 x 0.04 and 0.30; by Benjamini and Hochberg 0.03, 0.06 and 0.30."""
    first = finding_of(CLAIM, (replace(ALL, p=0.01),), monkeypatch)
    others = [replace(first, id="X2", p=0.04), replace(first, id="X3", p=0.30)]
    repeated, untested = replace(first, id="X4", same_as="X1"), replace(first, id="X5", p=None)
    found = _adjusted([first, *others, repeated, untested])
    assert [one.p_holm for one in found] == pytest.approx([0.03, 0.08, 0.30, None, None])
    assert [one.p_bh for one in found] == pytest.approx([0.03, 0.06, 0.30, None, None])


def test_evidence_that_is_not_given_is_an_error_and_no_verdict() -> None:
    claim = next(claim for claim in claims_from(load_table("claims")) if claim.id == "Q13a")
    with pytest.raises(MissingDataError, match="census_2020"):
        find(claim, Evidence.of())


def test_findings_as_table_and_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = finding_of(CLAIM, (ALL, ADULTS), monkeypatch)
    frame = findings_frame([finding])
    assert frame.loc[0, "computed"] == "5.39"
    assert frame.loc[0, "others"] == "aged 15 and over: 6.32, contradicted."
    assert list(frame.columns) == list(json.loads(json.dumps(findings_records([finding])))[0])


@pytest.mark.parametrize(
    ("computed", "text"),
    [
        (None, ""),
        (11, "11"),
        (25.4439, "25.44"),
        (["340000", "350000"], "340000; 350000"),
        ({"a": True, "b": False}, "a yes; b no"),
        ({"a": 1234.5}, "a 1,234.50"),
    ],
)
def test_computed_values_as_text(computed: object, text: str) -> None:
    assert computed_text(computed) == text


def test_empty_cells_of_the_claims_are_empty_texts() -> None:
    row = dict.fromkeys(Claim.__dataclass_fields__, "x") | {"value": None}
    (claim,) = claims_from(pd.DataFrame([row]))
    assert claim.value == "" and claim.printed == ()
