"""Adjusted p-values: published examples, an independent loop, and the declared families on simulated counties."""

import numpy as np
import pandas as pd
import pytest
from simulated_counties import Effects, simulate_counties
from statsmodels.stats.multitest import multipletests

from shanhai.core.errors import SpecificationError
from shanhai.methods.regression.families import adjust_family, romano_wolf
from shanhai.studies.border.design import border_spec
from shanhai.studies.robustness.analysis import estimate_family
from shanhai.studies.robustness.design import FAMILIES

BENJAMINI_HOCHBERG = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0
]  # fmt: skip
"""The 15 p-values of the example in Benjamini & Hochberg (1995), where Bonferroni rejects three and theirs four."""


def test_published_example_of_false_discovery_rates() -> None:
    table = adjust_family(pd.DataFrame({"p": BENJAMINI_HOCHBERG}), ("holm", "bh", "by"))
    assert (table["p_holm"] <= 0.05).sum() == 3
    assert (table["p_bh"] <= 0.05).sum() == 4
    assert (table["p_by"] >= table["p_bh"]).all()
    assert table["p_bh"].iloc[3] == pytest.approx(0.0095 * 15 / 4)
    assert table["family_size"].eq(15).all()


def test_adjusted_p_values_are_those_of_statsmodels() -> None:
    rng = np.random.default_rng(4)
    for count in (1, 2, 40):
        raw = np.append(rng.uniform(size=count - 1) ** 3, 0.04).round(2)  # rounded, so that some are tied
        table = adjust_family(pd.DataFrame({"p": raw}), ("holm", "bh", "by"))
        for ours, theirs in (("p_holm", "holm"), ("p_bh", "fdr_bh"), ("p_by", "fdr_by")):
            np.testing.assert_allclose(table[ours], multipletests(raw, method=theirs)[1], rtol=1e-12)


def stepdown(t: np.ndarray, null_t: np.ndarray) -> np.ndarray:
    """Algorithm 4.1 of Romano & Wolf (2016), step by step."""
    order, adjusted, least = np.argsort(-np.abs(t)), np.empty(len(t)), 0.0
    for step, place in enumerate(order):
        rest = order[step:]
        r = sum(max(abs(draw[test]) for test in rest) >= abs(t[place]) for draw in null_t)
        least = max(least, (r + 1) / (len(null_t) + 1))
        adjusted[place] = least
    return adjusted


def test_romano_wolf_is_the_published_algorithm() -> None:
    rng = np.random.default_rng(5)
    for tests in (1, 2, 7):
        null_t = rng.normal(size=(99, tests)) + rng.normal(size=(99, 1))
        t = rng.normal(0, 2, size=tests)
        np.testing.assert_allclose(romano_wolf(t, null_t), stepdown(t, null_t))


def test_perfectly_dependent_tests_cost_nothing_and_independent_ones_cost_as_sidak() -> None:
    rng = np.random.default_rng(6)
    column = rng.normal(size=(99_999, 1))
    same = romano_wolf(np.array([2.0, 2.0, 2.0]), np.repeat(column, 3, axis=1))
    assert same == pytest.approx(0.0455, abs=0.003)
    apart = romano_wolf(np.array([2.0, 0.1, 0.2]), rng.normal(size=(99_999, 3)))
    assert apart[0] == pytest.approx(1 - (1 - 0.0455) ** 3, abs=0.004)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: adjust_family(pd.DataFrame({"p": [0.1]}), ("sidak",)), "allowed: holm, bh, by"),  # type: ignore[arg-type]
        (lambda: adjust_family(pd.DataFrame({"p": [0.1, None]})), "1 missing p-values"),
        (lambda: romano_wolf(np.array([1.0]), np.ones((9, 2))), "draws x m"),
        (lambda: romano_wolf(np.array([np.nan]), np.ones((9, 1))), "missing or infinite"),
        (lambda: estimate_family("all outcomes", pd.DataFrame(), np.random.default_rng(1)), "no family"),
    ],
)
def test_wrong_families_are_refused(call: object, message: str) -> None:
    with pytest.raises(SpecificationError, match=message):
        call()  # type: ignore[operator]


def analysis_like(n: int = 900) -> pd.DataFrame:
    """Simulated counties under the names of the analysis frame."""
    rng = np.random.default_rng(11)
    frame = simulate_counties(rng, Effects(border=-0.4, border_x_terrain=0.0), n=n, side=6)
    income = frame["gdp_per_capita"]
    return frame.assign(
        province_code=(frame["province_code"].str[:2].astype(int).rank(method="dense").astype(int)).map(
            dict(enumerate(PROVINCES, start=1))
        ),
        gdp_per_capita_2021=income,
        lights_per_head_2021=income * np.exp(rng.normal(0, 0.2, n)),
        lights_per_km2_2021=np.exp(rng.normal(0, 1, n)),
        mean_schooling_2020=9 + rng.normal(0, 1, n),
        share_60_plus_2020=20 + rng.normal(0, 3, n),
    )


PROVINCES = ["330000", "340000", "350000", "360000", "500000", "510000", "520000", "530000", "540000", "610000"]
PROVINCES += ["620000", "630000"] + [f"{code}0000" for code in range(64, 88)]


def test_declared_families_are_estimated_with_all_adjustments() -> None:
    frame = analysis_like()
    table = estimate_family("border_outcomes", frame, np.random.default_rng(3), draws=999)
    assert len(table) == table["family_size"].iloc[0] == 5
    assert table["term"].eq("on_border").all()
    assert table["spec_id"].iloc[0] == border_spec("main", "china", "gdp").spec_id
    assert (table["p_holm"] >= table["p"]).all()
    assert (table["p_bh"] <= table["p_holm"]).all()
    by_outcome = table.set_index("outcome")
    assert by_outcome.loc["log_gdp_per_capita_2021", "p_romano_wolf"] < 0.05
    assert by_outcome.loc["mean_schooling_2020", "p_romano_wolf"] > 0.05


@pytest.mark.parametrize("key", FAMILIES)
def test_every_family_holds_different_tests(key: str) -> None:
    tests = FAMILIES[key]
    assert len({(term.name, spec.spec_id) for term, spec in tests}) == len(tests) > 1
    assert all(term in spec.terms for term, spec in tests)
