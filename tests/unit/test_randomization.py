"""Randomization inference by counting, against regressions on all dummies, and in its level."""

import itertools

import numpy as np
import pytest
import statsmodels.api as sm

from shanhai.errors import SpecificationError
from shanhai.model.randomization import permutations, randomization_test


def simulated(seed: int, n: int = 120) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(seed)
    province = generator.integers(6, size=n)
    return {
        "outcome": generator.normal(size=n) + province,
        "treatment": (generator.random(n) < 0.4).astype(float),
        "controls": generator.normal(size=(n, 2)),
        "province": province,
        "year": generator.integers(3, size=n),
        "cluster": generator.integers(15, size=n),
        "weights": generator.uniform(0.5, 2, size=n),
    }


def test_six_ways_to_treat_two_of_four_by_counting():
    """Differences of means for outcomes 1, 2, 4, 8 are 4.5, 2.5, 1.5 and minus these; 4.5 is reached twice."""
    outcome = np.array([1.0, 2.0, 4.0, 8.0])
    ways = np.array([[float(row in chosen) for row in range(4)] for chosen in itertools.combinations(range(4), 2)]).T
    result = randomization_test(outcome, [0, 0, 1, 1], [ways])
    assert result.estimate == pytest.approx(4.5)
    assert sorted(result.estimates) == pytest.approx([-4.5, -2.5, -1.5, 1.5, 2.5, 4.5])
    assert result.p_estimate == pytest.approx((1 + 2) / (6 + 1))
    assert result.draws == 6


@pytest.mark.parametrize("effects", [(), ("province",), ("province", "year")])
@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_every_draw_equals_a_regression_on_all_dummies(effects, clustered, weighted):
    data = simulated(1)
    draws = next(permutations(data["treatment"], 12, np.random.default_rng(2)))
    result = randomization_test(
        data["outcome"],
        data["treatment"],
        [draws],
        controls=data["controls"],
        clusters=data["cluster"] if clustered else None,
        fixed_effects=tuple(data[name] for name in effects),
        row_weights=data["weights"] if weighted else None,
    )
    dummies = [np.equal.outer(data[name], np.unique(data[name])[1:]).astype(float) for name in effects]
    for place in range(12):
        design = np.column_stack([draws[:, place], np.ones(120), data["controls"], *dummies])
        model = sm.WLS(data["outcome"], design, weights=data["weights"] if weighted else 1.0)
        if clustered:
            fitted = model.fit(cov_type="cluster", cov_kwds={"groups": data["cluster"], "use_correction": False})
        else:
            fitted = model.fit(cov_type="HC0")
        assert result.estimates[place] == pytest.approx(fitted.params[0], rel=1e-9)
        assert result.ratios[place] == pytest.approx(fitted.tvalues[0], rel=1e-9)


def test_blocks_are_seeded_permutations_within_strata():
    data = simulated(3)
    options = {"strata": data["province"], "block": 7}
    blocks = list(permutations(data["treatment"], 20, np.random.default_rng(4), **options))
    assert [block.shape for block in blocks] == [(120, 7), (120, 7), (120, 6)]
    every = np.hstack(blocks)
    for province in range(6):
        rows = data["province"] == province
        assert (every[rows].sum(axis=0) == data["treatment"][rows].sum()).all()
    assert len(np.unique(every, axis=1).T) == 20
    again = np.hstack(list(permutations(data["treatment"], 20, np.random.default_rng(4), **options)))
    assert np.array_equal(every, again)


def test_level_under_the_null_and_power_under_an_effect():
    """5 percent tests reject about 5 percent of 400 samples; an effect of one standard deviation is always found."""
    rejected = found = 0
    for seed in range(400):
        data = simulated(seed, n=60)
        for effect in (0.0, 2.0) if seed < 20 else (0.0,):
            outcome = data["outcome"] + effect * data["treatment"]
            draws = permutations(data["treatment"], 99, np.random.default_rng(seed), strata=data["province"])
            p = randomization_test(outcome, data["treatment"], draws, fixed_effects=(data["province"],)).p
            rejected += effect == 0 and p <= 0.05
            found += effect > 0 and p <= 0.05
    assert rejected / 400 == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 400))
    assert found == 20


def test_draws_without_variation_are_left_out_and_said():
    """A placebo equal to a province leaves nothing once provinces are held."""
    data = simulated(5)
    placebo = np.column_stack([data["treatment"][::-1], data["province"] == 2, np.ones(120)])
    result = randomization_test(data["outcome"], data["treatment"], [placebo], fixed_effects=(data["province"],))
    assert (result.draws, result.undefined) == (1, 2)
    assert np.isnan(result.estimates).tolist() == [False, True, True]
    assert result.p in (0.5, 1.0)


def test_units_and_order_change_nothing():
    data = simulated(6)
    draws = next(permutations(data["treatment"], 50, np.random.default_rng(7)))
    order = np.random.default_rng(8).permutation(120)
    base = randomization_test(data["outcome"], data["treatment"], [draws], controls=data["controls"])
    scaled = randomization_test(
        1e-9 * data["outcome"], 1e3 * data["treatment"], [1e3 * draws], controls=1e6 * data["controls"]
    )
    moved = randomization_test(
        data["outcome"][order], data["treatment"][order], [draws[order]], controls=data["controls"][order]
    )
    for other in (scaled, moved):
        assert (other.p, other.p_estimate) == (base.p, base.p_estimate)
        assert other.ratios == pytest.approx(base.ratios)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"draws": []}, "no draws; allowed: one block or more"),
        ({"treatment": np.ones(120)}, "the treatment does not vary"),
        ({"treatment": np.ones(100)}, "treatments have 100 rows, the outcome 120"),
        ({"draws": [np.ones((100, 2))]}, "treatments have 100 rows"),
        ({"draws": [np.full((120, 2), np.nan)]}, "a treatment is missing"),
        ({"outcome": np.full(120, np.inf)}, "a value of outcome or controls is missing"),
        ({"controls": np.ones((100, 2))}, "controls have 100 rows"),
        ({"clusters": np.ones(120)}, "there is one cluster"),
        ({"clusters": np.ones(7)}, "clusters have 7 rows"),
        ({"fixed_effects": (np.ones(7),)}, "fixed effect 0 have 7 rows"),
        ({"row_weights": -np.ones(120)}, "a row weight is not positive"),
    ],
)
def test_tests_without_an_answer_are_refused(change, message):
    data = simulated(9)
    draws = list(permutations(data["treatment"], 5, np.random.default_rng(0)))
    given = {"outcome": data["outcome"], "treatment": data["treatment"], "draws": draws}
    with pytest.raises(SpecificationError, match=message):
        randomization_test(**{**given, **change})
