"""Printed numbers: rounding as statistical offices do, and what missing values look like."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanhai.core.errors import ReportError
from shanhai.render import numbers


@pytest.mark.parametrize(
    ("value", "digits", "printed"),
    [
        (2.675, 2, "2.68"),  # the float lies below, the decimal that it stands for does not
        (0.5, 0, "1"),
        (-0.5, 0, "-1"),
        (-0.004, 2, "0.00"),  # no minus before zero
        (1234567.891, 1, "1,234,567.9"),
        (151, -2, "200"),
        (85_700, -3, "86,000"),
        (np.float64(59.25), 1, "59.3"),
        (np.int64(12), 1, "12.0"),
        (None, 1, numbers.MISSING),
        (float("nan"), 1, numbers.MISSING),
        (pd.NA, 1, numbers.MISSING),
    ],
)
def test_numbers_round_halves_away_from_zero(value: object, digits: int, printed: str) -> None:
    assert numbers.format_number(value, digits) == printed


def test_signs_and_groups_are_chosen() -> None:
    assert numbers.format_number(float("inf")) == "∞" and numbers.format_number(float("-inf"), 2) == "-∞"
    assert numbers.format_number(2020, grouped=False) == "2020"
    assert numbers.format_number(3.14, 1, signed=True) == "+3.1"
    assert numbers.format_number(0.01, 1, signed=True) == "0.0"
    assert numbers.format_percent(-3.25, 1, signed=True) == "-3.3%"


@pytest.mark.parametrize(("value", "printed"), [(0.0004, "<0.001"), (0.0496, "0.050"), (1, "1.000"), (None, "–")])
def test_p_values(value: float | None, printed: str) -> None:
    assert numbers.format_p_value(value) == printed


@pytest.mark.parametrize(
    ("value", "stars"), [(0.0099, "***"), (0.01, "**"), (0.05, "*"), (0.0999, "*"), (0.1, ""), (float("nan"), "")]
)
def test_stars_are_given_below_their_level(value: float, stars: str) -> None:
    assert numbers.format_estimate(1.5, value) == f"1.500{stars}"


def test_estimates_and_intervals() -> None:
    assert numbers.format_estimate(-0.1234, 0.004) == "-0.123***"
    assert numbers.format_interval(-0.2, 0.12345) == "[-0.200, 0.123]"
    assert numbers.format_interval(None, 1) == numbers.MISSING


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_what_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(ReportError, match="finite"):
        numbers.round_half_up(value)


@pytest.mark.parametrize("value", [-0.01, 1.01])
def test_no_p_value_outside_zero_to_one(value: float) -> None:
    with pytest.raises(ReportError, match="outside 0 to 1"):
        numbers.format_p_value(value)


@given(st.floats(-1e12, 1e12), st.integers(-3, 6))
def test_rounding_moves_by_half_a_unit_at_most(value: float, digits: int) -> None:
    rounded = numbers.round_half_up(value, digits)
    assert abs(rounded - Decimal(repr(value))) <= Decimal(1).scaleb(-digits) / 2
