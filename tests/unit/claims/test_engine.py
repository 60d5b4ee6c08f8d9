"""One finding a claim, none forgotten, none invented; several bases judged apart."""

import json

import pandas as pd
import pytest

from shanhai.claims import rules
from shanhai.claims.claims import CHECKS, Claim, Measured, check, claims_from
from shanhai.claims.engine import Finding, _require_complete, computed_text, find, findings_frame, findings_records
from shanhai.claims.evidence import Evidence
from shanhai.claims.undecided import UNDECIDED
from shanhai.core.errors import ClaimError, MissingDataError
from shanhai.data.load import load_table

CLAIM = Claim("X1", "paper", "Quzhou", "a share", "2020", "eq", "5.39", "%", "", "", "gist", "")


def register(bases: tuple[Measured, ...], monkeypatch: pytest.MonkeyPatch) -> Finding:
    registry: dict[str, object] = {}
    monkeypatch.setattr("shanhai.claims.engine.CHECKS", registry)
    monkeypatch.setattr("shanhai.claims.claims.CHECKS", registry)
    check("X1", rule=rules.printed_digits(), data=("census_2020",))(lambda claim, evidence: bases)
    return find(CLAIM, Evidence.of())


def test_every_claim_has_exactly_one_test_or_one_declared_need() -> None:
    ids = [claim.id for claim in claims_from(load_table("claims"))]
    _require_complete(ids)
    assert len(ids) == len(set(ids)) == len(CHECKS) + len(UNDECIDED)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda ids: [*ids, "Z99"], "without test"),
        (lambda ids: ids[1:], "not in the table"),
        (lambda ids: [*ids, ids[0]], "repeated"),
    ],
)
def test_a_forgotten_an_unknown_and_a_repeated_claim_are_refused(change: object, message: str) -> None:
    ids = [*CHECKS, *UNDECIDED]
    with pytest.raises(ClaimError, match=message):
        _require_complete(change(ids))  # type: ignore[operator]


def test_a_claim_cannot_be_tested_and_declared_untestable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(UNDECIDED, "Q13", UNDECIDED["Q10"])
    with pytest.raises(ClaimError, match="both tested"):
        _require_complete(sorted({*CHECKS, *UNDECIDED}))


def test_a_second_test_of_a_claim_is_refused() -> None:
    with pytest.raises(ClaimError, match="already has the test"):
        check("Q13", rule=rules.printed_digits(), data=())(lambda claim, evidence: Measured(1.0, ""))


def test_needs_of_untestable_claims_are_said() -> None:
    assert all(len(entry.note) > 40 for entry in UNDECIDED.values())


def test_the_basis_that_matches_is_named_and_the_other_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    bases = (
        Measured(6.32, "aged 15 and over", same_basis=True),
        Measured(5.3917, "all residents", same_basis=True, note="Mind the children."),
    )
    finding = register(bases, monkeypatch)
    assert (finding.verdict, finding.computed, finding.basis) == ("reproduced", 5.3917, "all residents")
    assert "aged 15 and over" in finding.note and "6.32, contradicted" in finding.note
    assert finding.note.startswith("Mind the children.")


def test_contradicted_only_if_every_basis_disagrees(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = register((Measured(6.32, "first"), Measured(7.0, "second")), monkeypatch)
    assert (finding.verdict, finding.computed, finding.basis) == ("contradicted", 6.32, "first")


def test_untestable_claims_carry_no_number() -> None:
    claim = Claim("Q10", "paper", "Quzhou", "x", "2022", "lt", "", "", "", "", "gist", "")
    finding = find(claim, Evidence.of())
    assert (finding.verdict, finding.computed) == ("untestable", None)
    assert finding.note.startswith("Would need")


def test_evidence_that_is_not_given_is_an_error_and_no_verdict() -> None:
    claim = Claim("Q13", "paper", "Quzhou", "x", "2020", "eq", "25.44", "%", "", "18.7", "gist", "")
    with pytest.raises(MissingDataError, match="census_2020"):
        find(claim, Evidence.of())


def test_findings_as_table_and_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = register((Measured({"Quzhou": 5.39}, "all residents", same_basis=True),), monkeypatch)
    frame = findings_frame([finding])
    assert frame.loc[0, "computed"] == "Quzhou 5.39"
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
