"""Every rule gives each verdict it can give, and refuses values that it is not made for."""

from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, printed_number
from shanhai.claims.verdicts import Verdict
from shanhai.core.errors import ClaimError

CLAIM = Claim(
    *("X1", "paper", "Quzhou", "a share", "2020", "eq", "25.44", "%", "Zhejiang", "18.7", "gist"),
    place_zh="衢州市",
    indicator_zh="比重",
    unit_zh="%",
    reference_zh="浙江省",
    gist_zh="大意",
)
LESS = replace(CLAIM, relation="lt", value="59.3", reference_value="73.4")
ABOVE, BELOW = (replace(CLAIM, relation="sign", value=sign, reference_value="") for sign in "+-")


def verdict(rule: object, value: object, claim: Claim = CLAIM, same: bool = True) -> Verdict:
    return rule(claim, Measured("x", value, "basis", same_basis=same))  # type: ignore[operator, arg-type]


def test_printed_digits_on_the_claims_own_basis_are_reproduced() -> None:
    assert verdict(rules.printed_digits(), {"Quzhou": 25.4439, "Zhejiang": 18.6977}) == Verdict.REPRODUCED


def test_printed_digits_on_another_vintage_are_at_best_consistent() -> None:
    assert verdict(rules.printed_digits(), {"Quzhou": 25.4439, "Zhejiang": 18.6977}, same=False) == Verdict.CONSISTENT


@pytest.mark.parametrize("ours", [{"Quzhou": 25.43, "Zhejiang": 18.7}, {"Quzhou": 25.44, "Zhejiang": 18.8}])
def test_one_wrong_digit_of_subject_or_reference_contradicts(ours: dict[str, float]) -> None:
    assert verdict(rules.printed_digits(), ours) == Verdict.CONTRADICTED


@pytest.mark.parametrize(
    ("value", "printed", "agrees"),
    [
        (25.44, "25.44", True),
        (25.4449, "25.44", True),
        (25.445, "25.44", False),  # a half goes up, to 25.45
        (25.445, "25.45", True),
        (25.435, "25.44", True),
        (25.4349, "25.44", False),
        (2.675, "2.68", True),  # binary 2.67499..., but the half that it is written as
        (-0.125, "-0.13", True),  # away from zero on both sides
        (18.65, "18.7", True),
        (73.13, "73.1", True),
        (44.5, "45", True),
        (44.49, "45", False),
        (2.5, "2.50", True),  # trailing zeros are digits too
        (2.504, "2.500", False),
    ],
)
def test_a_figure_prints_as_all_that_rounds_to_it(value: float, printed: str, agrees: bool) -> None:
    claim = replace(CLAIM, value=printed, reference_value="")
    assert verdict(rules.printed_digits(), value, claim) == (Verdict.REPRODUCED if agrees else Verdict.CONTRADICTED)


def test_a_printed_text_that_is_no_number_is_refused() -> None:
    with pytest.raises(ClaimError, match="column value: 'nearly 24'; allowed are digits"):
        replace(CLAIM, value="nearly 24", reference_value="")
    with pytest.raises(ClaimError, match="no number"):
        verdict(rules.printed_digits(), 24.0, replace(CLAIM, value="2002-04", reference_value=""))


def test_printed_digits_need_one_value_a_figure() -> None:
    with pytest.raises(ClaimError, match="prints"):
        verdict(rules.printed_digits(), {"a": 1.0, "b": 2.0, "c": 3.0})


@pytest.mark.parametrize(
    ("relation", "values", "expected"),
    [
        ("lt", (57.6, 72.2), Verdict.CONSISTENT),
        ("lt", (57.6, 72.2, 50.0), Verdict.CONTRADICTED),
        ("lt", (57.6, 57.6), Verdict.CONTRADICTED),
        ("gt", (82.4, 80.0), Verdict.CONSISTENT),
        ("gt", (82.4, 80.0, 90.0), Verdict.CONTRADICTED),
    ],
)
def test_an_ordering_holds_against_every_reference(relation: str, values: tuple[float, ...], expected: Verdict) -> None:
    claim = replace(LESS, relation=relation, value="", reference_value="")
    measured = {str(place): value for place, value in enumerate(values)}
    assert verdict(rules.ordering(), measured, claim, same=False) == expected


@pytest.mark.parametrize(
    ("printed", "reference", "expected"),
    [
        ("59.3", "73.4", Verdict.CONSISTENT),
        ("71.9", "73.4", Verdict.CONSISTENT),  # 57.6 and a quarter are 72.0
        ("72.1", "73.4", Verdict.CONTRADICTED),
        ("177.9", "220.2", Verdict.CONTRADICTED),  # both three times as large: another quantity
        ("71.0", "70.9", Verdict.CONTRADICTED),  # not in the order that they are printed for
    ],
)
def test_printed_figures_of_an_ordering_are_of_our_size_and_in_that_order(
    printed: str, reference: str, expected: Verdict
) -> None:
    claim = replace(LESS, value=printed, reference_value=reference)
    assert verdict(rules.ordering(), {"Quzhou": 57.6, "Zhejiang": 72.2}, claim, same=False) == expected
    with pytest.raises(ClaimError, match="but 3 values"):
        verdict(rules.ordering(), {"a": 57.6, "b": 72.2, "c": 80.0}, claim)


def test_an_ordering_needs_a_direction_and_a_reference() -> None:
    with pytest.raises(ClaimError, match="needs lt or gt"):
        verdict(rules.ordering(), {"a": 1.0, "b": 2.0}, CLAIM)
    with pytest.raises(ClaimError, match="measure a reference"):
        verdict(rules.ordering(), {"a": 1.0}, LESS)
    unnamed = replace(LESS, relation="unnamed", value="", reference_value="")
    assert verdict(rules.ordering(unnamed=-1), {"a": 1.0, "b": 2.0}, unnamed, same=False) == Verdict.CONSISTENT


def test_a_rank_is_the_printed_number() -> None:
    rank = replace(CLAIM, relation="rank", value="11", reference_value="")
    assert verdict(rules.same_number(), 11, rank) == Verdict.REPRODUCED
    assert verdict(rules.same_number(), 10, rank) == Verdict.CONTRADICTED


def test_all_conditions_must_hold() -> None:
    assert verdict(rules.every_condition(), {"a": True, "b": True}, same=False) == Verdict.CONSISTENT
    assert verdict(rules.every_condition(), {"a": True, "b": False}) == Verdict.CONTRADICTED


@pytest.mark.parametrize(
    "undefined", [{}, 1.0, {"a": float("nan")}, {"a": np.float32("nan")}, {"a": True, "b": None}, {"a": [float("nan")]}]
)
def test_conditions_that_are_empty_or_undefined_are_no_answer(undefined: object) -> None:
    with pytest.raises(ClaimError, match="condition"):
        verdict(rules.every_condition(), undefined)


@pytest.mark.parametrize("undefined", [{}, float("inf"), {"a": float("nan")}, np.float32("nan"), [float("nan")], "3"])
def test_numbers_that_are_none_are_no_answer(undefined: object) -> None:
    with pytest.raises(ClaimError, match="finite number"):
        verdict(rules.near_claim(), undefined, replace(CLAIM, reference_value=""))


@pytest.mark.parametrize(
    "rule",
    [rules.every_condition(), rules.positive_at(0.05), rules.falls_over_all(), rules.falls_every_step()],
)
def test_a_rule_made_for_one_sign_refuses_the_other(rule: object) -> None:
    for wrong in (replace(ABOVE, value="0"), replace(ABOVE, value="")):
        with pytest.raises(ClaimError, match="its test is made for"):
            verdict(rule, {"a": True, "b": False}, wrong)


def test_bounds_count_themselves() -> None:
    rule = rules.within(40, 55)
    assert [verdict(rule, value, same=False) for value in (39.9, 40.0, 55.0, 55.1)] == [
        Verdict.CONTRADICTED,
        Verdict.CONSISTENT,
        Verdict.CONSISTENT,
        Verdict.CONTRADICTED,
    ]


def test_a_hedged_figure_agrees_within_five_percent_and_is_never_reproduced() -> None:
    target = replace(CLAIM, value="400", reference_value="")
    assert verdict(rules.near_claim(), 380.0, target) == Verdict.CONSISTENT
    assert verdict(rules.near_claim(), 379.0, target) == Verdict.CONTRADICTED


def test_a_later_figure_lies_on_the_way() -> None:
    claim = replace(CLAIM, value="59.3", reference_value="")
    assert verdict(rules.on_the_way(), {"2020": 57.6, "2022": 60.3}, claim) == Verdict.CONSISTENT
    assert verdict(rules.on_the_way(), {"2020": 57.6, "2022": 59.2}, claim) == Verdict.CONTRADICTED


@pytest.mark.parametrize(
    ("share", "expected"), [(32.2, Verdict.CONSISTENT), (38.4, Verdict.CONTRADICTED), (28.0, Verdict.CONTRADICTED)]
)
def test_a_third_is_the_nearest_spoken_fraction(share: float, expected: Verdict) -> None:
    third = replace(CLAIM, value="33.3", reference_value="")
    assert verdict(rules.spoken_fraction(), share, third, same=False) == expected
    with pytest.raises(ClaimError, match="knows the fractions of 10, 20, 25"):
        verdict(rules.spoken_fraction(), share, replace(third, value="29"))


def test_a_target_is_open_before_its_year_while_two_documents_agree() -> None:
    target = replace(CLAIM, relation="target", value="70", reference_value="")
    assert verdict(rules.open_target(), {"level": 60.8, "other": 70.0}, target, same=False) == Verdict.TARGET
    assert verdict(rules.open_target(), {"level": 60.8}, target, same=False) == Verdict.TARGET
    assert verdict(rules.open_target(), {"level": 60.8, "other": 75.0}, target, same=False) == Verdict.CONTRADICTED
    assert verdict(rules.open_target(), {"level": 71.0, "other": 70.0}, target, same=False) == Verdict.TARGET


def test_a_level_of_the_target_s_own_year_decides() -> None:
    target = replace(CLAIM, relation="target", value="70", reference_value="")
    assert verdict(rules.open_target(), {"level": 70.0, "other": 70.0}, target) == Verdict.REPRODUCED
    assert verdict(rules.open_target(), {"level": 69.9, "other": 70.0}, target) == Verdict.CONTRADICTED


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ((-0.2, -0.3, -0.1), Verdict.CONSISTENT),
        ((0.2, 0.1, 0.3), Verdict.CONTRADICTED),
        ((-0.1, -0.3, 0.1), Verdict.INCONCLUSIVE),
        ((0.1, -0.1, 0.3), Verdict.INCONCLUSIVE),
    ],
)
def test_an_interval_that_covers_zero_decides_nothing(interval: tuple[float, float, float], expected: Verdict) -> None:
    measured = dict(zip(("estimate", "low", "high"), interval, strict=True))
    assert verdict(rules.signed(), measured, BELOW, same=False) == expected


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ((-0.3, -0.5, -0.1), Verdict.CONSISTENT),
        ((-0.3, -0.7, 0.1), Verdict.INCONCLUSIVE),
        ((0.3, 0.1, 0.5), Verdict.CONTRADICTED),
    ],
)
def test_no_link_of_a_chain_may_fail(second: tuple[float, ...], expected: Verdict) -> None:
    names = ("first", "first, low", "first, high", "second", "second, low", "second, high")
    measured = dict(zip(names, (-0.2, -0.3, -0.1, *second), strict=True))
    assert verdict(rules.each_signed(), measured, BELOW, same=False) == expected


@pytest.mark.parametrize(
    ("held", "against", "expected"),
    [
        (5, 0, Verdict.CONSISTENT),
        (4, 0, Verdict.INCONCLUSIVE),
        (5, 1, Verdict.CONTRADICTED),
        (2, 1, Verdict.CONTRADICTED),
    ],
)
def test_a_battery_decides_by_its_items_and_not_by_its_estimate(held: int, against: int, expected: Verdict) -> None:
    counts = dict(zip(("necessary items that hold", "necessary items"), (held, 5), strict=True))
    measured = {**counts, "battery speaks against": against, "estimate": -0.2, "low": -0.3, "high": -0.1}
    assert verdict(rules.battery(), measured, BELOW, same=False) == expected
    single = {"estimate": -0.2, "low": -0.3, "high": -0.1}
    assert verdict(rules.battery(), single, BELOW, same=False) == Verdict.CONSISTENT
    with pytest.raises(ClaimError, match="its test is made for -"):
        verdict(rules.battery(), measured, ABOVE)


def test_a_sign_without_sampling_error() -> None:
    assert verdict(rules.signed_number(), 5.0, ABOVE, same=False) == Verdict.CONSISTENT
    assert verdict(rules.signed_number(), 0.0, ABOVE) == Verdict.CONTRADICTED
    assert verdict(rules.signed_number(), 5.0, BELOW) == Verdict.CONTRADICTED
    with pytest.raises(ClaimError, match="its test needs \\+ or -"):
        verdict(rules.signed_number(), 5.0, replace(ABOVE, value=""))


def test_lists_are_compared_without_order() -> None:
    rule, named = rules.same_members(), replace(CLAIM, value="2", reference_value="Anhui; Fujian")
    assert verdict(rule, ("Fujian", "Anhui"), named) == Verdict.REPRODUCED
    assert verdict(rule, ("Fujian",), named) == Verdict.CONTRADICTED
    assert verdict(rule, ("Fujian", "Anhui"), replace(named, value="3")) == Verdict.CONTRADICTED
    with pytest.raises(ClaimError, match="list of members"):
        verdict(rule, 2, named)


def test_a_sign_orders_too_and_limits() -> None:
    assert verdict(rules.ordering(), {"place": 1.0, "other": 2.0}, BELOW, same=False) == Verdict.CONSISTENT
    assert verdict(rules.ordering(), {"place": 2.0, "other": 2.0}, BELOW) == Verdict.CONTRADICTED
    seat = replace(CLAIM, value="80", reference_value="")
    assert verdict(rules.at_least_claim(), 83.0, seat, same=False) == Verdict.CONSISTENT
    assert verdict(rules.at_least_claim(), 73.1, seat) == Verdict.CONTRADICTED
    growth = replace(CLAIM, value="8.3", reference_value="")  # 8.25 prints as 8.3
    assert verdict(rules.at_least_claim(), 8.25, growth, same=False) == Verdict.CONSISTENT
    assert verdict(rules.at_least_claim(), 8.24, growth) == Verdict.CONTRADICTED


def test_positive_statistic_needs_its_p_value() -> None:
    rule = rules.positive_at(0.05)
    assert verdict(rule, {"I": 0.4, "p": 0.001}, same=False) == Verdict.CONSISTENT
    assert verdict(rule, {"I": 0.1, "p": 0.2}) == Verdict.INCONCLUSIVE
    assert verdict(rule, {"I": -0.1, "p": 0.9}) == Verdict.INCONCLUSIVE
    assert verdict(rule, {"I": -0.3, "p": 0.01}) == Verdict.CONTRADICTED


def test_a_series_falls_only_if_every_step_does() -> None:
    rule = rules.falls_every_step()
    assert verdict(rule, {"2013": 3.0, "2014": 2.0, "2015": 1.0}, same=False) == Verdict.CONSISTENT
    assert verdict(rule, {"2013": 3.0, "2014": 1.0, "2015": 2.0}) == Verdict.CONTRADICTED
    over_all = rules.falls_over_all()
    assert verdict(over_all, {"2013": 3.0, "2014": 1.0, "2015": 2.0}, same=False) == Verdict.CONSISTENT
    assert verdict(over_all, {"2013": 3.0, "2014": 1.0, "2015": 3.0}) == Verdict.CONTRADICTED


def test_a_small_share_is_a_tenth_not_a_fifth() -> None:
    fifth = replace(CLAIM, value="20", reference_value="")
    assert verdict(rules.spoken_fraction(), 11.9, fifth) == Verdict.CONTRADICTED


def test_a_rule_on_numbers_refuses_text() -> None:
    with pytest.raises(ClaimError, match="measure a finite number"):
        verdict(rules.same_number(), "eleven", replace(CLAIM, reference_value=""))


def test_the_number_that_another_claim_prints() -> None:
    table = pd.DataFrame([asdict(CLAIM)])
    assert printed_number(table, "X1") == 25.44
    assert printed_number(table, "X1", "reference_value") == 18.7
    with pytest.raises(ClaimError, match="0 rows 'X2'"):
        printed_number(table, "X2")
    with pytest.raises(ClaimError, match="exactly one number"):
        printed_number(table.assign(value="1; 2"), "X1")


def test_claims_are_stated_in_one_line() -> None:
    assert LESS.stated[0] == "59.3 % < Zhejiang 73.4"
    assert replace(LESS, relation="gt", reference="", reference_value="").stated[0] == "more than 59.3 %"
    assert replace(LESS, relation="sign", value="0").stated[0] == "gist"
    assert CLAIM.stated[0] == "25.44 % (Zhejiang 18.7)"
    assert replace(CLAIM, relation="sign", value="-").stated[0] == "gist"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "25.44%（浙江省18.7）"),
        ({"relation": "gt"}, "25.44% > 浙江省18.7"),
        ({"reference_zh": "全国；浙江省", "reference_value": "13.5; 18.7"}, "25.44%（全国13.5；浙江省18.7）"),
        ({"reference_value": "half of it", "reference_value_zh": "的一半"}, "25.44%（浙江省的一半）"),
        ({"relation": "lt", "reference": "", "reference_value": "", "reference_zh": ""}, "低于25.44%"),
        ({"relation": "rank", "value": "2", "unit_zh": "位"}, "第2位（浙江省18.7）"),
        ({"value": "2006-12-27", "reference": "", "reference_value": "", "reference_zh": ""}, "2006年12月27日"),
        ({"relation": "sign", "value": "-"}, "大意"),
    ],
)
def test_claims_are_stated_in_chinese(changed: dict[str, str], said: str) -> None:
    assert replace(CLAIM, **changed).stated[1] == said  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("low", "high", "bound", "expected"),
    [
        (-0.1, 0.2, 0.18, Verdict.CONSISTENT),  # covers zero, and 0.25 or more is excluded
        (-1.6, 1.1, 1.42, Verdict.INCONCLUSIVE),  # covers zero, and a doubling too
        (0.02, 0.12, 0.11, Verdict.CONTRADICTED),  # small, but not zero
        (-0.9, -0.1, 0.8, Verdict.CONTRADICTED),
    ],
)
def test_absence_needs_a_bound_and_not_only_an_interval_over_zero(
    low: float, high: float, bound: float, expected: Verdict
) -> None:
    value = {"estimate": (low + high) / 2, "low": low, "high": high, "equivalence bound": bound}
    assert verdict(rules.absent_within(0.25), value, replace(ABOVE, value="0"), same=False) == expected
