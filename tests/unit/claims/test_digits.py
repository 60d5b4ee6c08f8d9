"""Rounding to the digits a paper prints, half cases above all."""

import pytest

from shanhai.claims.digits import printed_number, prints_as, rounded_like, show, significant
from shanhai.core.errors import ClaimError


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
    ],
)
def test_prints_as(value: float, printed: str, agrees: bool) -> None:
    assert prints_as(value, printed) is agrees


def test_trailing_zeros_are_digits_too() -> None:
    assert str(rounded_like(2.0, "2.50")) == "2.00"
    assert prints_as(2.5, "2.50")
    assert not prints_as(2.504, "2.500")


def test_no_number_is_refused() -> None:
    with pytest.raises(ClaimError, match="no number"):
        printed_number("nearly 24")


def test_numbers_of_notes() -> None:
    assert show(1234567.891) == "1,234,567.89"
    assert show(0.5, 0) == "1"
    assert show(-2.345, 2) == "-2.35"
    assert show(-0.0004, 3) == "0.000"


def test_significant_digits_are_kept() -> None:
    assert significant(25.4439886406, 6) == 25.444
    assert significant(0.0) == 0.0
