"""What single pairs of provinces say together, by arithmetic."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods.discontinuity.pairs import pair_summary

PAIRS = pd.DataFrame(
    {
        "pair": ["a-b", "a-c", "b-c", "c-d"],
        "corrected": [0.2, -0.4, 0.6, np.nan],
        "p_robust": [0.01, 0.02, 0.5, np.nan],
        "low": [0.1, -0.6, -1.0, np.nan],
        "high": [0.3, -0.2, 2.2, np.nan],
    }
)


def test_counts_medians_and_holm_are_those_of_the_pairs_with_an_estimate() -> None:
    """Holm: 3 x 0.01 = 0.03 and 2 x 0.02 = 0.04 stay below 0.05, 0.5 does not."""
    found = pair_summary(PAIRS)
    assert (found["pairs"], found["too_small"], found["above"]) == (3, 1, 2)
    assert (found["rejected"], found["rejected_holm"]) == (2, 2)
    assert found["median"] == pytest.approx(0.2)
    assert found["median_half"] == pytest.approx(0.2)
    assert pair_summary(PAIRS.assign(p_robust=[0.03, 0.02, 0.5, np.nan]))["rejected_holm"] == 0


def test_pairs_without_any_estimate_are_refused() -> None:
    with pytest.raises(SpecificationError, match="no pair of regions has an estimate"):
        pair_summary(PAIRS.iloc[3:])
