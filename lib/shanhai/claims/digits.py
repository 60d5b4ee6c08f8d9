"""The writing of numbers inside findings and their notes."""

from decimal import ROUND_HALF_UP, Decimal


def significant(value: float, digits: int = 10) -> float:
    """``value`` to so many significant digits, enough to check and the same on every machine."""
    return float(f"{value:.{digits - 1}e}")


def show(value: float, decimals: int = 2) -> str:
    """``value`` as text with thousands separators, rounded half up, for a note."""
    step = Decimal(1).scaleb(-decimals)
    rounded = Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP)
    return f"{abs(rounded) if rounded == 0 else rounded:,}"
