"""Ranks of simulated places whose true order is known: found when indicators speak clearly, open when they do not."""

import numpy as np
import pandas as pd
import pytest

from shanhai.methods.composite import (
    Choices,
    entropy_weights,
    group_weights,
    normalise,
    pair_table,
    rank_table,
    spread_scores,
)

GROUPS = pd.Series({f"x{i}": f"g{i // 2}" for i in range(8)})
DIRECTIONS = pd.Series([1, -1] * 4, index=GROUPS.index)
CHOICES = Choices(("range", "deviation", "rank"), ("mean", "topsis", "coordination"), 24.0, 60, 3)


def simulated(noise: float, seed: int = 5, places: int = 20) -> tuple[pd.DataFrame, np.ndarray]:
    """Indicators that all carry one quality, evenly spaced over the places, and noise."""
    rng = np.random.default_rng(seed)
    quality = np.linspace(2, -2, places)
    units = np.exp(rng.normal(size=8))
    matrix = (quality[:, None] * DIRECTIONS.to_numpy() + noise * rng.normal(size=(places, 8))) * units + 7
    return pd.DataFrame(matrix, columns=GROUPS.index), np.arange(1, places + 1)


def ranks(noise: float) -> tuple[pd.DataFrame, np.ndarray]:
    values, truth = simulated(noise)
    schemes = {"equal": group_weights(GROUPS), "entropy": entropy_weights(normalise(values, DIRECTIONS))}
    return rank_table(spread_scores(values, DIRECTIONS, GROUPS, schemes, CHOICES)), truth


def test_without_noise_every_ranking_is_the_true_one() -> None:
    table, truth = ranks(0.0)
    assert (table[["rank", "median", "low", "high", "best", "worst"]].to_numpy() == truth[:, None]).all()


def test_with_noise_intervals_hold_the_true_rank_and_widen() -> None:
    clear, truth = ranks(0.3)
    rough, _ = ranks(1.2)
    assert np.corrcoef(clear["median"], truth)[0, 1] > 0.95
    assert (clear["high"] - clear["low"]).mean() < (rough["high"] - rough["low"]).mean()
    assert np.abs(clear["median"] - truth).mean() < 1.5


def test_places_that_differ_in_nothing_are_ordered_either_way() -> None:
    values, _ = simulated(0.0)
    rng = np.random.default_rng(1)
    values.iloc[10] = values.iloc[9] + rng.normal(size=8) * values.std() * 0.05
    schemes = {"equal": group_weights(GROUPS)}
    pairs = pair_table(spread_scores(values, DIRECTIONS, GROUPS, schemes, CHOICES)).set_index(["first", "second"])
    assert 0.02 < pairs.loc[(9, 10), "ahead"] < 0.98
    assert pairs.loc[(0, 19), "ahead"] == 1.0


def test_a_missing_value_widens_the_interval_of_its_place_and_hardly_that_of_others() -> None:
    values, _ = simulated(0.3)
    schemes = {"equal": group_weights(GROUPS)}
    holed = values.copy()
    holed.iloc[4, 0] = np.nan
    whole, lacking = (rank_table(spread_scores(v, DIRECTIONS, GROUPS, schemes, CHOICES)) for v in (values, holed))
    widths = [table["high"] - table["low"] for table in (whole, lacking)]
    assert widths[1][4] > widths[0][4]
    assert np.abs(widths[1] - widths[0]).drop(4).max() <= 1


def test_mean_of_drawn_weights_is_the_scheme() -> None:
    from shanhai.methods.composite import draw_weights

    centre = group_weights(GROUPS, {"g0": 3.0}, {"x2": 2.0})
    drawn = draw_weights(centre, GROUPS, 24.0, 40_000, np.random.default_rng(0))
    assert drawn.sum(axis=1) == pytest.approx(1.0)
    # standard error of a mean below 0.1 / 200
    assert drawn.mean(axis=0) == pytest.approx(centre.to_numpy(), abs=0.002)
    spread = drawn[:, :2].sum(axis=1).std()
    assert spread == pytest.approx(np.sqrt(0.5 * 0.5 / 25), rel=0.02)
