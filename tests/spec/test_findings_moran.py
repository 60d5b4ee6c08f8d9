"""Moran's I on rings and lines of which the answer is known."""

import numpy as np
import pandas as pd
import pytest

from shanhai.errors import MissingDataError
from shanhai.findings.moran import moran

RING = pd.DataFrame({"a": list("abcdef"), "b": list("bcdefa")})


def test_alternating_values_on_a_ring_are_perfectly_unlike() -> None:
    values = pd.Series([1.0, -1.0] * 3, index=list("abcdef"))
    assert moran(values, RING, np.random.default_rng(1), 99).statistic == pytest.approx(-1.0)


def test_a_half_and_half_ring() -> None:
    # Lags are 1/2 (1 + -1) = 0 at the four ends and ±1 in the two middles: I = (4 x 0 + 2 x 1) / 6.
    values = pd.Series([1.0, 1.0, 1.0, -1.0, -1.0, -1.0], index=list("abcdef"))
    assert moran(values, RING, np.random.default_rng(1), 99).statistic == pytest.approx(2 / 6)


def test_missing_values_and_islands_are_counted_apart() -> None:
    values = pd.Series([1.0, 2.0, 3.0, np.nan, 5.0], index=list("abcdz"))
    pairs = pd.DataFrame({"a": ["a", "b", "c"], "b": ["b", "c", "d"]})
    result = moran(values, pairs, np.random.default_rng(1), 99)
    assert (result.units, result.islands) == (3, 1)
    with pytest.raises(MissingDataError, match="three units"):
        moran(values.iloc[:2], pairs, np.random.default_rng(1))


def test_order_of_rows_changes_nothing_and_the_seed_fixes_the_p_value() -> None:
    values = pd.Series([1.0, 2.0, 3.0, 4.0, 5.0, 9.0], index=list("abcdef"))
    first = moran(values, RING, np.random.default_rng(7), 199)
    again = moran(values.iloc[::-1], RING.iloc[::-1], np.random.default_rng(7), 199)
    assert first == again
