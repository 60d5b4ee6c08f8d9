"""Synthetic control: weights by arithmetic and by certificate, placebos, and what is refused."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.methods.synthetic import (
    SyntheticSpec,
    fit_each,
    fit_synthetic,
    leave_one_out,
    left_out,
    placebo_in_space,
    placebo_in_time,
    sdid_ridge,
    simplex_weights,
)
from shanhai.methods.synthetic._weights import nearest_weights, newton_weights

LEVELS = SyntheticSpec("y", 2004, intercept=False)


def small_panel() -> pd.DataFrame:
    """Unit a is a quarter of b and three quarters of c until 2003, and 2 above from 2004 on."""
    b, c = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0]), np.array([2.0, 1.0, 3.0, 2.0, 5.0, 4.0])
    a = 0.25 * b + 0.75 * c + np.array([0, 0, 0, 0, 2.0, 2.0])
    d = np.array([9.0, 9.0, 8.0, 9.0, 9.0, 8.0])
    return pd.DataFrame([a, b, c, d], index=list("abcd"), columns=range(2000, 2006))


def random_panel(seed: int, units: int = 12, periods: int = 20) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(units, periods)).cumsum(axis=1)
    return pd.DataFrame(values, index=[f"u{unit:02d}" for unit in range(units)], columns=range(2000, 2000 + periods))


def test_known_mixture_and_effect_are_found() -> None:
    fit = fit_synthetic(small_panel(), "a", LEVELS)
    assert fit.weights.to_numpy() == pytest.approx([0.25, 0.75, 0.0], abs=1e-9)
    assert fit.effect == pytest.approx(2.0)
    assert fit.rmspe_pre == pytest.approx(0.0, abs=1e-9)
    assert fit.unique


def test_intercept_takes_a_constant_out() -> None:
    panel = small_panel()
    panel.loc["a"] += 100.0
    fit = fit_synthetic(panel, "a", SyntheticSpec("y", 2004, intercept=True))
    assert fit.effect == pytest.approx(2.0)
    assert fit.gap.loc[:2003].to_numpy() == pytest.approx(np.zeros(4), abs=1e-9)


def test_effect_is_averaged_up_to_the_last_period_only() -> None:
    panel = small_panel()
    panel.loc["a", 2005] += 10.0
    assert fit_synthetic(panel, "a", SyntheticSpec("y", 2004, False, last=2004)).effect == pytest.approx(2.0)
    assert fit_synthetic(panel, "a", LEVELS).effect == pytest.approx(7.0)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("penalty", [1e-6, 1e-2, 1.0])
def test_two_routes_give_the_same_penalised_weights(seed: int, penalty: float) -> None:
    rng = np.random.default_rng(seed)
    shifted = rng.uniform(-1, 1, size=(int(rng.integers(2, 12)), int(rng.integers(2, 60))))
    newton = newton_weights(shifted, penalty)
    assert newton is not None
    assert newton == pytest.approx(nearest_weights(shifted, penalty), abs=1e-6)


def test_no_grid_point_fits_better() -> None:
    rng = np.random.default_rng(3)
    target, donors = rng.normal(size=5), rng.normal(size=(5, 3))
    for penalty in (0.0, 0.3):
        found = simplex_weights(target, donors, penalty)
        least = ((target - donors @ found.shares) ** 2).sum() + penalty * (found.shares**2).sum()
        for first, second in product(np.linspace(0, 1, 41), repeat=2):
            if first + second <= 1:
                tried = np.array([first, second, 1 - first - second])
                assert ((target - donors @ tried) ** 2).sum() + penalty * (tried**2).sum() >= least - 1e-10


def test_weights_that_are_not_unique_say_so() -> None:
    target, donors = np.array([0.5, 0.5]), np.array([[0.0, 1.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0]])
    assert not simplex_weights(target, donors).unique
    spread = simplex_weights(target, donors, 0.1)
    assert spread.unique
    assert spread.shares == pytest.approx([0.25] * 4)


def test_a_large_ridge_gives_equal_weights_and_difference_in_differences() -> None:
    panel = random_panel(1)
    fit = fit_synthetic(panel, "u00", SyntheticSpec("y", 2010, ridge=1e4))
    assert fit.weights.to_numpy() == pytest.approx(np.full(11, 1 / 11), abs=1e-4)
    rest = panel.drop(index="u00").mean()
    own = panel.loc["u00"]
    difference = (own.loc[2010:].mean() - own.loc[:2009].mean()) - (rest.loc[2010:].mean() - rest.loc[:2009].mean())
    assert fit.effect == pytest.approx(difference, abs=1e-3)


def test_order_of_units_changes_nothing() -> None:
    panel = random_panel(2)
    spec = SyntheticSpec("y", 2010, ridge=0.5)
    left, right = fit_synthetic(panel, "u03", spec), fit_synthetic(panel.iloc[::-1], "u03", spec)
    assert right.weights.reindex(left.weights.index).to_numpy() == pytest.approx(left.weights.to_numpy(), abs=1e-9)


def test_placebo_in_space_counts_the_treated_unit() -> None:
    panel = random_panel(4, units=10)
    panel.loc["u00", 2010:] += 50.0
    found = placebo_in_space(panel, "u00", SyntheticSpec("y", 2010))
    assert found.p_ratio() == pytest.approx(0.1)
    assert found.p_effect() == pytest.approx(0.1)
    assert list(found.table["unit"]) == list(panel.index[1:])
    assert "u00" not in fit_each(panel, ["u01"], SyntheticSpec("y", 2010), panel.index[1:])[0].weights.index
    assert found.gaps.shape == (9, 20)


def test_placebo_in_time_uses_no_period_after_the_treatment() -> None:
    panel = random_panel(5)
    spec = SyntheticSpec("y", 2010, ridge=0.5)
    before = placebo_in_time(panel, "u00", spec, 2006)
    panel.loc["u00", 2010:] += 1000.0
    assert placebo_in_time(panel, "u00", spec, 2006).effect == pytest.approx(before.effect)
    assert list(before.gap.index) == list(range(2000, 2010))


def test_leave_one_out_leaves_each_heavy_donor_out_once() -> None:
    panel = random_panel(6)
    spec = SyntheticSpec("y", 2012)
    full = fit_synthetic(panel, "u00", spec)
    heavy = set(full.weights.index[full.weights > 0.01])
    assert {left_out(fit, full) for fit in leave_one_out(panel, "u00", spec)} == heavy


def test_ridge_of_sdid() -> None:
    assert sdid_ridge(16) == pytest.approx(2.0)
    assert sdid_ridge(8, treated=2) == pytest.approx(2.0)


def test_refusals_name_what_is_there_and_what_is_needed() -> None:
    panel = small_panel()
    with pytest.raises(MissingDataError, match=r"1 periods before 2001 \(\[2000\]\); at least 2"):
        fit_synthetic(panel, "a", SyntheticSpec("y", 2001))
    with pytest.raises(MissingDataError, match="lacks z; it holds 4 rows, a to d"):
        fit_synthetic(panel, "z", LEVELS)
    holed = panel.copy()
    holed.loc["c", 2002] = np.nan
    with pytest.raises(MissingDataError, match=r"1 of 4 units lack periods: c; missing in \[2002\]"):
        fit_synthetic(holed, "a", LEVELS)
    with pytest.raises(SpecificationError, match="itself not among"):
        fit_synthetic(panel, "a", LEVELS, ["a", "b"])
    with pytest.raises(SpecificationError, match="before the treatment in 2030"):
        fit_synthetic(panel, "a", SyntheticSpec("y", 2030))
    with pytest.raises(SpecificationError, match="placebo in time at 2004"):
        placebo_in_time(panel, "a", LEVELS, 2004)
    with pytest.raises(SpecificationError, match="ridge is -1"):
        SyntheticSpec("y", 2004, ridge=-1.0)
    with pytest.raises(SpecificationError, match="effects end in 2003"):
        SyntheticSpec("y", 2004, last=2003)
    with pytest.raises(SpecificationError, match="target is missing or infinite in 1 of 2"):
        simplex_weights(np.array([np.inf, 1.0]), np.ones((2, 3)))


def small_predictors() -> pd.DataFrame:
    """The treated unit lies a quarter of the way from c to b in both predictors."""
    return pd.DataFrame({"price": [1.0, 4.0, 0.0, 9.0], "age": [30.0, 60.0, 20.0, 90.0]}, index=list("abcd"))


def test_predictors_are_matched_instead_of_the_path() -> None:
    given = {"age": 1.0, "price": 3.0}
    fit = fit_synthetic(small_panel(), "a", LEVELS, ["b", "c"], predictors=small_predictors(), importance=given)
    assert fit.weights.to_numpy() == pytest.approx([0.25, 0.75])
    assert fit.importance is not None
    assert fit.importance.to_dict() == {"price": 0.75, "age": 0.25}


def test_unit_of_a_predictor_does_not_count() -> None:
    found = [
        fit_synthetic(random_panel(1), "u00", LEVELS, predictors=random_panel(2).iloc[:, :3] * scale)
        for scale in (1.0, np.array([1.0, 1000.0, 0.01]))
    ]
    assert found[0].weights.to_numpy() == pytest.approx(found[1].weights.to_numpy(), abs=1e-4)


@pytest.mark.parametrize(
    ("spec", "importance", "match"),
    [
        (SyntheticSpec("y", 2004), None, "intercept=False"),
        (SyntheticSpec("y", 2004, False, ridge=1.0), None, "no ridge"),
        (LEVELS, {"price": 1.0}, "one for each of price, age"),
        (LEVELS, {"price": -1.0, "age": 2.0}, "none negative"),
    ],
)
def test_predictors_that_do_not_fit_are_refused(
    spec: SyntheticSpec, importance: dict[str, float] | None, match: str
) -> None:
    with pytest.raises(SpecificationError, match=match):
        fit_synthetic(small_panel(), "a", spec, predictors=small_predictors(), importance=importance)
