"""Comparison to printed digits, and the writing of numbers inside notes.

Comparing with a printed figure is a rule of evidence: a paper that prints 25.44 asserts every value
that rounds to it and no other. Tables and labels of a report are rounded elsewhere.
"""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from shanhai.core.errors import ClaimError


def printed_number(text: str) -> Decimal:
    """Number that a paper prints, with the digits it prints.

    Raises
    ------
    ClaimError
        If the text is no plain decimal number.
    """
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        raise ClaimError(
            f"The printed figure {text!r} is no number; write digits with an optional point, such as 25.44."
        ) from None


def rounded_like(value: float, printed: str) -> Decimal:
    """``value`` rounded half up to as many decimals as ``printed`` shows.

    Half up is the convention of the statistical yearbooks. The shortest decimal text of the float
    is rounded, so that 2.675 counts as the half case that it looks like and becomes 2.68.
    """
    return Decimal(repr(float(value))).quantize(printed_number(printed), rounding=ROUND_HALF_UP)


def prints_as(value: float, printed: str) -> bool:
    """Whether ``value`` would be printed exactly as the paper prints it."""
    return rounded_like(value, printed) == printed_number(printed)


def significant(value: float, digits: int = 10) -> float:
    """``value`` to so many significant digits, enough to check and the same on every machine."""
    return float(f"{value:.{digits - 1}e}")


def show(value: float, decimals: int = 2) -> str:
    """``value`` as text with thousands separators, rounded half up, for a note."""
    step = Decimal(1).scaleb(-decimals)
    rounded = Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP)
    return f"{abs(rounded) if rounded == 0 else rounded:,}"
