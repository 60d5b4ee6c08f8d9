"""Numbers as notes and findings write them."""

from shanhai.claims.digits import show, significant


def test_numbers_of_notes() -> None:
    assert show(1234567.891) == "1,234,567.89"
    assert show(0.5, 0) == "1"
    assert show(-2.345, 2) == "-2.35"
    assert show(-0.0004, 3) == "0.000"


def test_significant_digits_are_kept() -> None:
    assert significant(25.4439886406, 6) == 25.444
    assert significant(0.0) == 0.0
