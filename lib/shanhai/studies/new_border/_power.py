"""What a test could have found: the size of an effect that it detects with a power of 80 %."""

import numpy as np
from scipy.stats import t

POWER = 0.8
"""Power at which a size counts as detectable."""

LEVEL = 0.05
"""Level of a test, of two sides."""


def detectable(drawn: np.ndarray) -> float:
    """Smallest effect, added to every draw, with which four draws in five are as large as the critical value.

    Parameters
    ----------
    drawn : float, shape (n,)
        Effects under all ways to assign, none of them real.
    """
    critical = float(np.quantile(np.abs(drawn), 1 - LEVEL))
    # a draw is found once the shift lifts it to the critical value; below, it would have to be pushed far past zero
    return float(np.quantile(np.maximum(critical - drawn, 0.0), POWER, method="higher"))


def detectable_by_t(se: float, df: float) -> float:
    """Smallest effect that a two-sided t-test finds with a power of 80 %: its critical value and the power's."""
    return float((t.ppf(1 - LEVEL / 2, df) + t.ppf(POWER, df)) * se)
