"""One finding a claim, decided by its one primary basis; none forgotten, none invented."""

import json
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest

from shanhai.claims import rules
from shanhai.claims._complete import require_complete
from shanhai.claims.claims import CHECKS, Claim, Measured, Rule, check, claims_from
from shanhai.claims.engine import _adjusted, _require_alike, find, without_headings
from shanhai.claims.evidence import Evidence
from shanhai.claims.findings import Finding, computed_text, findings_frame, findings_records
from shanhai.claims.verdicts import Verdict
from shanhai.core.errors import ClaimError, MissingDataError
from shanhai.data.load import load_table

CLAIM = Claim(
    *("X1", "paper", "Quzhou", "a share", "2020", "eq", "5.39", "%", "", "", "gist"),
    basis="all",
    basis_reason="the words name everybody",
    seen="both values",
    place_zh="衢州市",
    indicator_zh="比重",
    unit_zh="%",
    gist_zh="大意",
)
NO_TEST = Claim(
    "Y1", "paper", "Quzhou", "x", "2022", "lt", "", "", "", "", "gist", needs="a table of incomes by county"
)
STATEMENTS = pd.DataFrame(
    {
        "id": ["N0001", "N0002", "N0003", "N0004"],
        "seed": ["paper", "paper", "paper", "other"],
        "line": [7, 9, 9, 7],
        "handling": ["claim", "claim", "register", "claim"],
    }
)


def finding_of(
    claim: Claim, bases: tuple[Measured, ...], monkeypatch: pytest.MonkeyPatch, rule: Rule | None = None
) -> Finding:
    registry: dict[str, object] = {}
    monkeypatch.setattr("shanhai.claims.engine.CHECKS", registry)
    monkeypatch.setattr("shanhai.claims.claims.CHECKS", registry)
    monkeypatch.setattr("shanhai.claims._complete.CHECKS", registry)
    check(claim.id, rule=rule or rules.printed_digits(), data=("census_2020",))(lambda _, __: bases)
    return find(claim, Evidence.of())


def complete(claims: list[Claim]) -> None:
    require_complete(claims, STATEMENTS)


def test_the_claims_table_is_complete() -> None:
    claims = claims_from(load_table("claims"))
    require_complete(claims, load_table("statements"))
    assert {claim.id for claim in without_headings(claims) if claim.id not in CHECKS} == {
        claim.id for claim in claims if claim.needs
    }
    assert all(len(claim.needs) > 20 for claim in claims if claim.needs)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"basis": ""}, "tested without a primary basis"),
        ({"basis_reason": ""}, "with a basis but no reason"),
        ({"seen": ""}, "nothing on what had been seen"),
        ({"needs": "a table"}, "tested, and yet with a need"),
        ({"id": "X2"}, "without test and without a declared need"),
        ({"same_as": "Z1"}, "the same as a claim that is not counted"),
        ({"part_of": "Z1"}, "compound with fewer than two parts, or not in the table"),
        ({"same_as": "Y1"}, "on another place, with another figure or on another basis"),
        ({"statements": "N0009", "line": "7"}, "with statements that the table statements does not hold"),
        ({"statements": "N0003", "line": "9"}, "with statements that the table statements does not hold"),
        ({"statements": "N0004", "line": "7"}, "of the same document stands"),
        ({"statements": "N0001", "line": "99999"}, "with a line on which none"),
        ({"statements": "N0001"}, "with a line on which none"),
        ({"line": "7"}, "with a line on which none"),
    ],
)
def test_what_a_claim_leaves_out_is_refused(
    changed: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding_of(CLAIM, (Measured("all", 5.39, "everybody"),), monkeypatch)
    complete([CLAIM, replace(NO_TEST, statements="N0001;N0002", line="9")])
    with pytest.raises(ClaimError, match=message):
        complete([replace(CLAIM, **changed), NO_TEST])  # type: ignore[arg-type]


def test_a_repeated_an_unknown_and_an_untested_claim_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    finding_of(CLAIM, (Measured("all", 5.39, "everybody"),), monkeypatch)
    with pytest.raises(ClaimError, match="repeated"):
        complete([CLAIM, CLAIM])
    with pytest.raises(ClaimError, match="not in the table"):
        complete([NO_TEST])
    with pytest.raises(ClaimError, match="with a basis but no test"):
        complete([CLAIM, replace(NO_TEST, basis="all")])


def test_a_compound_claim_is_a_heading_without_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    finding_of(CLAIM, (Measured("all", 5.39, "everybody"),), monkeypatch)
    whole, parts = replace(NO_TEST, id="W1", needs=""), [replace(CLAIM, part_of="W1"), replace(NO_TEST, part_of="W1")]
    complete([whole, *parts])
    assert [claim.id for claim in without_headings([whole, *parts])] == ["X1", "Y1"]
    with pytest.raises(ClaimError, match="compound, and yet"):
        complete([replace(whole, needs="a table"), *parts])
    circle = [replace(whole, part_of="W2"), replace(whole, id="W2", part_of="W1")]
    with pytest.raises(ClaimError, match="part of a claim that is a part itself': \\['W1', 'W2'"):
        complete([*circle, *parts, replace(parts[0], id="X3", part_of="W2")])


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        *(
            ("value", cell)
            for cell in (
                "1" * 16,
                "1" * 400,
                "0." + "1" * 11,
                "nan",
                "inf",
                "-inf",
                "abc",
                "1e3",
                "９",
                "5,39",
                "5.39; nan",
                "９：x",
            )
        ),
        *(("reference_value", cell) for cell in ("nan", "inf", "1e3", "Infinity")),
        *(("refuted_by", cell) for cell in ("nonsense", "9", "9：x", "９: x", "nan: x", "inf: x", "5.39: the same")),
        *(("refuted_by", cell) for cell in ("53.9: a slip of the point", "1.7: too small", ": nothing", "7:x")),
        *(("line", cell) for cell in ("abc", "-4", "0", "7.5", "７")),
        *(("statements", cell) for cell in ("N0001;N0001", "N0001, N0002", "x", "N1", "N0001;")),
        *(("basis", cell) for cell in ("a,b", "all; adults", "a b")),
        ("part_of", "X1"),
        ("same_as", "X1"),
    ],
)
def test_a_cell_that_cannot_be_read_is_refused_with_row_column_and_value(column: str, cell: str) -> None:
    with pytest.raises(ClaimError) as caught:
        replace(CLAIM, **{column: cell})
    said = str(caught.value)
    shown = str(ClaimError(repr(cell)))  # an endless value is shortened
    assert said.startswith(f"Claim X1, column {column}: {shown}; allowed ") and "Correct the cell" in said
    row = pd.DataFrame([{**asdict(CLAIM), column: cell}])
    with pytest.raises(ClaimError, match=f"column {column}"):  # a table of the user's own is read by the same door
        claims_from(row)


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"indicator_zh": ""}, "indicator_zh: ''; allowed is the Chinese of 'a share'"),
        ({"gist_zh": float("nan")}, "gist_zh: ''; allowed is the Chinese of 'gist'"),
        ({"gist_zh": "gist"}, "gist_zh: 'gist'; allowed is a text in Chinese"),
        ({"unit_zh": ""}, "unit_zh"),
        ({"reference": "Zhejiang"}, "reference_zh"),
        ({"reference_value": "Anhui; Fujian"}, "reference_value_zh"),
        ({"reference_value": "18.7", "reference_value_zh": "18.7"}, "reference_value_zh: '18.7'; allowed is nothing"),
        ({"reference_zh": "浙江省"}, "reference_zh: '浙江省'; allowed is nothing"),
    ],
)
def test_a_row_without_its_chinese_is_refused(changed: dict[str, str], column: str) -> None:
    with pytest.raises(ClaimError, match=f"Claim X1, column {column}"):
        claims_from(pd.DataFrame([{**asdict(CLAIM), **changed}]))


def test_a_table_without_the_chinese_columns_is_refused() -> None:
    with pytest.raises(ClaimError, match=r"lacks the columns \['unit_zh', 'gist_zh'\]"):
        claims_from(pd.DataFrame([asdict(CLAIM)]).drop(columns=["gist_zh", "unit_zh"]))


def test_a_part_has_the_gist_of_its_whole_in_both_languages() -> None:
    part = {**asdict(CLAIM), "id": "X1a", "part_of": "X1"}
    assert [(claim.whole, claim.whole_zh) for claim in claims_from(pd.DataFrame([asdict(CLAIM), part]))] == [
        ("", ""),
        ("gist", "大意"),
    ]


def test_a_value_that_is_missing_is_no_number_and_a_sign_is_plus_minus_or_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    (empty,) = claims_from(pd.DataFrame([{**asdict(CLAIM), "value": float("nan")}]))
    with pytest.raises(ClaimError, match="column value: ''; its test needs exactly one number"):
        finding_of(empty, (ALL,), monkeypatch, rules.near_claim())
    with pytest.raises(ClaimError, match="allowed for a sign"):
        replace(CLAIM, relation="sign")
    with pytest.raises(ClaimError, match="column value: ''; its test needs"):
        replace(CLAIM, value="", refuted_by="7: x")


def test_names_that_no_test_knows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    named = replace(CLAIM, reference="Zhejiang")
    with pytest.raises(ClaimError, match="column reference: 'Zhejiang'; its test compares"):
        finding_of(named, (ALL,), monkeypatch)
    finding_of(named, (replace(ALL, basis="residents of Zhejiang"),), monkeypatch)
    finding_of(named, (replace(ALL, documents_only=True),), monkeypatch)
    codes = {"Fujian": "350000", "Anhui": "340000"}
    assert replace(CLAIM, reference_value="Anhui; Fujian").named("reference_value", codes) == codes
    with pytest.raises(ClaimError, match="its test knows 2 names such as Fujian"):
        replace(CLAIM, reference_value="Fuijan").named("reference_value", codes)


def test_a_claim_that_repeats_another_has_its_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    first = finding_of(CLAIM, (ALL,), monkeypatch)
    _require_alike([first, replace(first, id="X2", same_as="X1")])
    with pytest.raises(ClaimError, match=r"'X2'.*said to repeat"):
        _require_alike([first, replace(first, id="X2", same_as="X1", computed=5.0)])


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
    assert none.robustness == "no basis can decide; another quantity stands beside it (bases: 2)"
    assert none.rule == "No rule decides: the quantity itself is in no table."
    assert none.rule_zh == "没有规则可供判定：所述指标本身不见于任何数据表。"
    assert finding.rule.startswith("Every printed figure")
    assert (none.bases, none.agreeing, none.others[0].verdict) == (0, 0, "no data")


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
    for missing in (float("nan"), np.float32("nan"), None, pd.NA, pd.NaT):
        finding = finding_of(CLAIM, (replace(ALL, value=missing), ADULTS), monkeypatch)
        assert (finding.verdict, finding.computed) == ("no data", None)
        assert finding.note.startswith("A figure that it compares is missing")
    for inside in ({"a": True, "b": np.float32("nan")}, {"a": [1.0, float("nan")]}, (1.0, float("nan"))):
        finding = finding_of(CLAIM, (replace(ALL, value=inside),), monkeypatch, rules.every_condition())
        assert finding.verdict == "no data"


def test_why_a_claim_is_open_is_said_by_the_rule_that_leaves_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {"necessary items that hold": 2, "necessary items": 5, "battery speaks against": 0}
    single = {"estimate": -0.1, "low": -0.3, "high": 0.1}
    for value, rule, said in (
        (counts | single, rules.battery(), "Of 5 necessary items of the battery 2 hold"),
        (single, rules.battery(), "The interval covers both answers"),
        (single, rules.signed(), "The interval covers both answers"),
        (single, rules.each_signed(), "An interval of the chain covers zero"),
        (single | {"bound": 0.3}, rules.absent_within(0.25), "beyond the margin of 0.25"),
        ({"I": 0.1, "p": 0.2}, rules.positive_at(0.05), "in more than 5 % of cases"),
    ):
        sign = "0" if "bound" in value else "+" if "I" in value else "-"
        claim = replace(CLAIM, relation="sign", value=sign)
        finding = finding_of(claim, (replace(ALL, value=value, note=""),), monkeypatch, rule)
        assert finding.verdict == "inconclusive" and said in finding.note
    silent = Rule(lambda claim, measured: Verdict.INCONCLUSIVE)
    with pytest.raises(ClaimError, match="does not say why"):
        finding_of(CLAIM, (ALL,), monkeypatch, silent)


def test_a_contradicted_claim_says_which_figure_speaks_against_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for value, rule, printed, said in (
        ({"a": True, "b": False}, rules.every_condition(), {"relation": "sign", "value": "+"}, "does not hold: b."),
        ({"b": 3.0, "c": 2.0}, rules.ordering(), {"relation": "lt", "value": ""}, "another: b: 3.00; c: 2.00."),
        (
            {"2013": 2.0, "2014": 3.0},
            rules.falls_every_step(),
            {"relation": "sign", "value": "-"},
            "2013 (2.0) to 2014",
        ),
        (7.9, rules.at_least_claim(), {"value": "8.3"}, "7.90, is below 8.3."),
        (26.1, rules.spoken_fraction(), {"value": "20"}, "of 26.1 % the nearest fraction"),
        (26.1, rules.same_number(), {"value": "20"}, "does not meet the rule of the test."),
    ):
        claim = replace(CLAIM, reference="", reference_value="", **printed)
        finding = finding_of(claim, (replace(ALL, value=value, note=""),), monkeypatch, rule)
        assert finding.verdict == "contradicted"
        assert finding.note.startswith("Contradicted, since") and said in finding.note


def test_p_values_are_adjusted_once_a_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    """0.01, 0.04 and 0.30: by Holm 3 x 0.01, 2 x 0.04 and 0.30; by Benjamini and Hochberg 0.03, 0.06 and 0.30."""
    first = finding_of(CLAIM, (replace(ALL, p=0.01),), monkeypatch)
    others = [replace(first, id="X2", p=0.04), replace(first, id="X3", p=0.30)]
    repeated, untested = replace(first, id="X4", same_as="X1"), replace(first, id="X5", p=None)
    found = _adjusted([first, *others, repeated, untested])
    assert [finding.p_holm for finding in found] == pytest.approx([0.03, 0.08, 0.30, None, None])
    assert [finding.p_bh for finding in found] == pytest.approx([0.03, 0.06, 0.30, None, None])


def test_evidence_that_is_not_given_is_an_error_and_no_verdict() -> None:
    claim = next(claim for claim in claims_from(load_table("claims")) if claim.id == "Q13a")
    with pytest.raises(MissingDataError, match="census_2020"):
        find(claim, Evidence.of())


def test_findings_as_table_and_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = finding_of(CLAIM, (ALL, ADULTS), monkeypatch)
    frame = findings_frame([finding])
    assert frame.loc[0, "computed"] == "5.39"
    assert frame.loc[0, "others"] == "aged 15 and over: 6.32, contradicted."
    assert list(frame.columns.drop("computed_zh")) == list(json.loads(json.dumps(findings_records([finding])))[0])
    assert frame.loc[0, ["indicator_zh", "claimed_zh", "computed_zh"]].tolist() == ["比重", "5.39%", "5.39"]


@pytest.mark.parametrize(
    ("computed", "text"),
    [
        (None, ""),
        (11, "11"),
        (25.4439, "25.44"),
        (["340000", "350000"], "340000; 350000"),
        ({"a": True, "b": False}, "a: yes; b: no"),
        ({"a": 1234.5}, "a 1,235"),
        (12.0, "12"),
    ],
)
def test_computed_values_as_text(computed: object, text: str) -> None:
    assert computed_text(computed) == text


@pytest.mark.parametrize(
    ("computed", "text"),
    [
        (None, ""),
        (1234.5, "1,235"),
        (["Anhui", "Fujian"], "安徽省；福建省"),
        ({"Quzhou": 57.574, "rest of Zhejiang": 0.05}, "衢州市：57.57；浙江省其余县：0.0500"),
        (
            {"Longquan touches Jingning": True, "poorer than China": False},
            "龙泉市与景宁畲族自治县相邻：是；人均GDP低于全国：否",
        ),
        ({"2013": 1, "Quzhou 2022 at the pace of 2010-2020": 2}, "2013年：1；衢州市2022年（按2010—2020年速度推算）：2"),
        ({"开化县-桐乡市": True}, "开化县与桐乡市：是"),
    ],
)
def test_computed_values_as_chinese_text(computed: object, text: str) -> None:
    assert computed_text(computed, "zh") == text


@pytest.mark.parametrize("name", ["percent of something", "Nowhere touches Jingning", "touches Gulou"])
def test_a_name_without_chinese_or_of_several_places_is_refused(name: str) -> None:
    """Gulou is a district of Nanjing, Xuzhou, Fuzhou and Kaifeng."""
    with pytest.raises(ClaimError, match="no Chinese name"):
        computed_text({name: 1.0}, "zh")


def test_empty_cells_of_the_claims_are_empty_texts() -> None:
    (claim,) = claims_from(pd.DataFrame([{**asdict(CLAIM), "value": None}]))
    assert claim.value == "" and claim.printed == ()


def test_a_reference_that_nothing_was_measured_for_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = replace(CLAIM, reference_value="99")
    with pytest.raises(ClaimError, match="column reference_value: '99'"):
        finding_of(compared, (Measured("all", 5.39, "everybody"),), monkeypatch)
    for rule in (rules.same_number(), rules.near_claim(), rules.spoken_fraction()):
        with pytest.raises(ClaimError, match="column reference_value: '99'"):
            finding_of(compared, (Measured("all", 5.39, "everybody"),), monkeypatch, rule)
    own = (Measured("all", 5.39, "the paper's own figures", documents_only=True),)  # 99 is what ours comes from
    assert finding_of(compared, own, monkeypatch).verdict == Verdict.COHERENT


@pytest.mark.parametrize(
    ("name", "column", "cell"),
    [("Q05", "reference", "China; China"), ("Q13a", "place", "Atlantis"), ("M37c", "value", "0")],
)
def test_a_cell_that_its_test_cannot_use_is_refused_by_row(name: str, column: str, cell: str) -> None:
    claim = next(claim for claim in claims_from(load_table("claims")) if claim.id == name)
    evidence = Evidence.of({each: load_table(each) for each in ("census_2020", "counties", "prefecture_economy")})
    with pytest.raises(ClaimError, match=f"^Claim {name}, column {column}"):
        find(replace(claim, **{column: cell}), evidence)
