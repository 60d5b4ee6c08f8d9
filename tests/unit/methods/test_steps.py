"""Steps in common: ranks over years, counts against the binomial, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods.convergence import common_steps


def test_counts_and_friedman_are_those_of_the_ranks() -> None:
    """Three places, three changes: ranks 1 2 3, 1 3 2, 1 2 3, rank sums 3 7 8."""
    changes = np.array([[0.0, 1, 2], [0, 5, 4], [1, 2, 9]])
    levels = pd.DataFrame(np.column_stack([np.zeros(3), changes.cumsum(axis=1)]), columns=[2000, 2001, 2002, 2003])
    steps = common_steps(levels)
    # 12 / (n k (k + 1)) sum R^2 - 3 n (k + 1) = 12 / 36 (9 + 49 + 64) - 36
    assert steps.statistic == pytest.approx(12 / 36 * (9 + 49 + 64) - 36)
    assert (steps.degrees, steps.places) == (2, 3)
    # medians of the places are 1, 4, 2: above them lie 2 in the third, 5 in the second, 9 in the third year
    assert steps.years["above"].tolist() == [0, 1, 2]
    chance = 1 / 3
    assert steps.years["p"].tolist() == pytest.approx(
        [1.0, 1 - (1 - chance) ** 3, 3 * chance**2 * (1 - chance) + chance**3]
    )
    assert steps.years["median"].tolist() == [0.0, 2.0, 4.0]
    assert not steps.years["step"].any()


def test_years_alike_are_rarely_called_steps() -> None:
    rng = np.random.default_rng(7)
    found = 0
    for _ in range(200):
        levels = pd.DataFrame(rng.normal(size=(26, 10)).cumsum(axis=1), columns=range(2013, 2023))
        found += bool(common_steps(levels).years["step"].any())
    assert found <= 20  # 5 % of samples at most, Holm; twice that leaves room for chance


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        (pd.DataFrame(np.zeros((2, 5)), columns=range(5)), "2 places"),
        (pd.DataFrame(np.zeros((5, 3)), columns=range(3)), "5 places in the years"),
        (pd.DataFrame(np.zeros((5, 4)), columns=[1, 2, 4, 5]), r"\[1, 2, 4, 5\]"),
        (pd.DataFrame(np.full((5, 4), np.nan), columns=range(4)), "missing or infinite in 5 of 5 rows"),
    ],
)
def test_what_cannot_be_ranked_is_refused(levels: pd.DataFrame, said: str) -> None:
    with pytest.raises(SpecificationError, match=said):
        common_steps(levels)


def test_places_that_move_alike_every_year_have_nothing_to_rank() -> None:
    still = pd.DataFrame(np.ones((4, 6)), columns=range(2000, 2006))
    for levels in (still, still.cumsum(axis=1)):
        with pytest.raises(SpecificationError, match="4 places moves by the same amount every year"):
            common_steps(levels)
