"""How numbers and names of regressions are printed: decimals by the standard error, p-values, what no file can hold."""

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

_MOST_DECIMALS: Final = 8
"""Beyond these decimals a number is written with a power of ten."""

_LARGEST: Final = 1e15
"""From here on too: a number has no more digits than that."""

_LEAST_P: Final = 0.001
"""Below it a p-value is printed as <0.001."""


def decimals(estimate: float, error: float, digits: int) -> int:
    """Decimals that give the standard error its significant digits; none for errors of a thousand.

    Parameters
    ----------
    estimate, error : float
        Without an error the estimate has the digits.
    digits : int
        Significant ones.
    """
    scale = error if math.isfinite(error) and error > 0 else abs(estimate)
    if not (math.isfinite(scale) and scale > 0):
        return digits
    return max(digits - 1 - math.floor(math.log10(scale)), 0)


def fixed(value: float, places: int, digits: int = 3) -> str:
    """A number with so many decimals, halves up as everywhere in print; none is n/a, bounds may be infinite.

    Parameters
    ----------
    value : float
    places : int
        Decimals.
    digits : int
        Significant ones where that takes a power of ten.
    """
    if not math.isfinite(value):
        return "n/a" if math.isnan(value) else "∞" if value > 0 else "-∞"
    if places > _MOST_DECIMALS or abs(value) >= _LARGEST:
        return f"{value:.{digits - 1}e}"
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return f"{abs(rounded) if rounded == 0 else rounded:,.{places}f}"


def p_value(p: float) -> str:
    """A p-value to three decimals, small ones as a bound."""
    return f"<{_LEAST_P}" if p < _LEAST_P else fixed(p, 3)


def encodable(text: str) -> str:
    """A text without halves of surrogate pairs, which no file and no terminal can hold: a mark stands for each."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
