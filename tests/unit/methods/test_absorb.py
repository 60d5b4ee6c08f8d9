"""Several fixed effects absorbed without matrices of levels times levels, against regressions with every dummy."""

import time

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods import cluster_forms, fit
from shanhai.methods.regression.absorb import FixedEffects, within


def _drawn(n: int, levels: tuple[int, ...], *, weighted: bool, groups: int = 1) -> FixedEffects:
    """Levels at random; with groups, rows of one group share no level with those of another."""
    rng = np.random.default_rng(5)
    group = rng.integers(groups, size=n)
    drawn = [rng.integers(size // groups, size=n) * groups + group for size in levels]
    codes = tuple(np.unique(each, return_inverse=True)[1].astype(np.int64) for each in drawn)
    return FixedEffects(codes, rng.uniform(0.1, 5.0, n) if weighted else np.ones(n))


def _dummies(effects: FixedEffects) -> np.ndarray:
    columns = [codes[:, None] == np.arange(codes.max() + 1) for codes in effects.codes]
    return np.column_stack(columns) * np.sqrt(effects.weights)[:, None]


CASES = {
    "few periods": _drawn(300, (60, 8), weighted=False),
    "weighted": _drawn(300, (60, 8), weighted=True),
    "many of both": _drawn(400, (130, 105), weighted=True),
    "apart in groups": _drawn(400, (130, 110), weighted=False, groups=5),
    "three": _drawn(400, (110, 60, 50), weighted=True),
    "three, one determined": _drawn(600, (150, 90, 6), weighted=False, groups=6),
}


@pytest.mark.parametrize("name", CASES)
def test_absorbing_leaves_what_a_regression_on_all_dummies_leaves(name: str) -> None:
    effects = CASES[name]
    dummies, root = _dummies(effects), np.sqrt(effects.weights)[:, None]
    values = 1e3 + np.random.default_rng(6).normal(size=(len(root), 3))
    drawn = values - 1e3  # a level of all rows is in the dummies, and would cost the other side digits
    expected = drawn - dummies @ np.linalg.lstsq(dummies, drawn * root, rcond=None)[0] / root
    np.testing.assert_allclose(within(values, effects), expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize("name", CASES)
def test_degrees_are_the_rank_and_leverage_the_diagonal_of_the_projection(name: str) -> None:
    effects = CASES[name]
    left, shares, _ = np.linalg.svd(_dummies(effects), full_matrices=False)
    rank = int((shares > 1e-10 * shares[0]).sum())
    assert effects.degrees == rank
    np.testing.assert_allclose(effects.leverage, (left[:, :rank] ** 2).sum(axis=1), atol=1e-11)


def test_a_long_chain_of_levels_is_separated_too() -> None:
    """Each unit is seen in two places next to each other, where sweeps over means would take thousands of rounds."""
    unit = np.repeat(np.arange(400), 2)
    place = unit + np.tile([0, 1], 400)
    effects = FixedEffects((unit, place), np.ones(800))
    rng = np.random.default_rng(7)
    levels = (rng.normal(size=400)[unit] + rng.normal(size=401)[place])[:, None]
    assert effects.degrees == 800  # a tree: nothing is left, however the column looks
    np.testing.assert_allclose(within(levels, effects), 0.0, atol=1e-11)


def test_weights_of_four_orders_of_magnitude_are_no_obstacle() -> None:
    effects = _drawn(600, (150, 140), weighted=False)
    weights = 10 ** np.random.default_rng(3).uniform(-2, 2, 600)
    effects = FixedEffects(effects.codes, weights)
    dummies, root = _dummies(effects), np.sqrt(weights)[:, None]
    values = np.random.default_rng(6).normal(size=(600, 2))
    expected = values * root - dummies @ np.linalg.lstsq(dummies, values * root, rcond=None)[0]
    np.testing.assert_allclose(within(values, effects) * root, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("weight", [1.0, 1e-3, 1e-6, 1e-10])
@pytest.mark.parametrize("rows", [200, 100_000])
def test_nothing_is_left_of_the_only_row_that_links_two_groups_of_levels(weight: float, rows: int) -> None:
    rng = np.random.default_rng(4)
    first = np.arange(rows) % 4
    second = rng.integers(0, 2, rows) + 2 * (first > 1)
    weights = np.ones(rows)
    second[0], weights[0] = 3, weight
    left = within(rng.normal(size=(rows, 2)), FixedEffects((first, second), weights))
    np.testing.assert_allclose(left[0] * np.sqrt(weight), 0.0, atol=1e-9)
    assert left[1:].std() > 0.9


def _panel(units: int, periods: int, share: float) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    rows = pd.DataFrame({"unit": np.repeat(np.arange(units), periods), "year": np.tile(np.arange(periods), units)})
    rows = rows[rng.uniform(size=len(rows)) < share].reset_index(drop=True)
    n, own = len(rows), rng.normal(size=units)
    rows["region"] = rows["unit"] % 23
    rows["w"] = rng.uniform(0.5, 2.0, n)
    rows["x"], rows["z"] = rng.normal(size=n) + own[rows["unit"]], rng.normal(size=n)
    rows["y"] = 0.5 * rows["x"] - 0.2 * rows["z"] + own[rows["unit"]] + 0.1 * rows["year"] + rng.normal(size=n)
    return rows


@pytest.mark.parametrize(
    "vcov", ["iid", "HC1", "HC2", "HC3", "cluster:region CR1S", "cluster:region CR2", "cluster:region CR3"]
)
@pytest.mark.parametrize("weights", [None, "w"])
def test_errors_are_those_of_dummies_written_out(vcov: str, weights: str | None) -> None:
    rows = _panel(60, 105, 0.1)  # more than a hundred periods: the route by conjugate gradients
    absorbed = fit("y ~ x + z | unit + year", rows, vcov=vcov, weights=weights)
    frame = rows.iloc[absorbed.rows]
    root = np.sqrt(frame[weights].to_numpy()) if weights else np.ones(len(frame))
    dummies = [pd.get_dummies(frame[name], dtype=float) for name in ("unit", "year")]
    design = np.column_stack([frame[["x", "z"]], *dummies]) * root[:, None]
    inverse = np.linalg.pinv(design)
    np.testing.assert_allclose(absorbed.params, inverse[:2] @ (frame["y"].to_numpy() * root), rtol=1e-10)
    expected = _sandwich(design, inverse, frame["y"].to_numpy() * root, frame["region"].to_numpy(), vcov)
    np.testing.assert_allclose(absorbed.covariance, expected[:2, :2], rtol=1e-8)


def _sandwich(
    design: np.ndarray, inverse: np.ndarray, outcome: np.ndarray, groups: np.ndarray, vcov: str
) -> np.ndarray:
    """The covariance by its formula, on a design with every dummy."""
    hat = design @ inverse
    rank = round(np.trace(hat))
    left, n = outcome - hat @ outcome, len(outcome)
    if vcov == "iid":
        return inverse @ inverse.T * (left @ left / (n - rank))
    if vcov.startswith("HC"):
        power = {"HC1": 0.0, "HC2": 0.5, "HC3": 1.0}[vcov]
        scores = inverse * (left / (1 - np.diag(hat)) ** power)
        return scores @ scores.T * (n / (n - rank) if vcov == "HC1" else 1.0)
    total, names = np.zeros((len(inverse), len(inverse))), np.unique(groups)
    for name in names:
        rows = groups == name
        values, vectors = np.linalg.eigh(np.eye(rows.sum()) - hat[np.ix_(rows, rows)])
        free = values > 1e-9
        power = {"cluster:region CR1S": 0.0, "cluster:region CR2": -0.5, "cluster:region CR3": -1.0}[vcov]
        score = inverse[:, rows] @ ((vectors[:, free] * values[free] ** power) @ vectors[:, free].T @ left[rows])
        total += np.outer(score, score)
    factor = len(names) / (len(names) - 1) * (n - 1) / (n - rank) if vcov.endswith("CR1S") else 1.0
    return total * factor


@pytest.mark.parametrize("bootstrap", ["WCR11", "WCU33"])
def test_the_wild_bootstrap_is_that_of_dummies_written_out(bootstrap: str) -> None:
    rows = _panel(60, 105, 0.1)
    rows = rows.iloc[fit("y ~ x + z | unit + year", rows, vcov="HC1").rows]
    years = pd.get_dummies(rows["year"], dtype=float).to_numpy()[:, 1:]
    columns = rows[["x", "z"]].to_numpy()
    given = {"clusters": rows["region"], "row_weights": rows["w"], "bootstrap": bootstrap}
    absorbed = cluster_forms(rows["y"], columns, fixed_effects=[rows["unit"], rows["year"]], **given)
    written = cluster_forms(rows["y"], np.column_stack([columns, years]), fixed_effects=[rows["unit"]], **given)
    assert absorbed.estimate == pytest.approx(written.estimate, rel=1e-10)
    np.testing.assert_allclose(absorbed.matrix, written.matrix, atol=1e-10)


def test_levels_too_many_for_leverage_are_refused_where_leverage_is_needed_only() -> None:
    rng = np.random.default_rng(9)
    rows = pd.DataFrame({"i": rng.integers(4000, size=20_000), "j": rng.integers(3000, size=20_000)})
    rows["x"], rows["y"] = rng.normal(size=(2, 20_000))
    assert fit("y ~ x | i + j", rows, vcov="HC1").n > 19_000
    with pytest.raises(SpecificationError, match=r"levels .* are too many for leverage.*Take iid, HC1 or cluster"):
        fit("y ~ x | i + j", rows, vcov="HC3")


def test_a_panel_of_firms_takes_time_that_grows_with_its_rows() -> None:
    """Ten thousand units took ten minutes when levels made a matrix of levels times levels."""
    rows = _panel(10_000, 10, 2.0)
    before = time.process_time()
    assert fit("y ~ x + z | unit + year", rows, vcov="cluster:unit").absorbed == 10_009
    assert time.process_time() - before < 6.0  # a second alone
