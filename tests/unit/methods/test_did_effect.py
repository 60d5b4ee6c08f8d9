"""Effects, permutations, placebos and pre-trends of made-up policies whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest
from simulated_policy import Country, simulate_country

from shanhai.core.errors import SpecificationError
from shanhai.methods.did import (
    Differences,
    PolicyDesign,
    PolicyPanel,
    build_panel,
    contrast,
    differences_of,
    effect,
    event_study,
    permute_clusters,
    permute_units,
    placebo_regions,
    pre_trend,
    smoothness,
)
from shanhai.studies.policy.analysis import Draws, estimate_policy, estimation_table

DESIGN = PolicyDesign(2015, 2011, 2022, "home", level_years=(2008, 2009, 2010))


def panel_of(country: Country, seed: int, design: PolicyDesign = DESIGN) -> PolicyPanel:
    return build_panel(design, *simulate_country(country, np.random.default_rng(seed)))


def estimate(panel: PolicyPanel) -> float:
    return float(contrast(panel.treated, panel.covariates) @ panel.change)


@pytest.mark.parametrize("comparison", ["matched", "home", "neighbours", "all"])
def test_known_effect_is_recovered(comparison: str) -> None:
    design = PolicyDesign(2015, 2011, 2022, comparison, level_years=(2008, 2009, 2010))  # type: ignore[arg-type]
    found = [estimate(panel_of(Country(effect=0.3), seed, design)) for seed in range(12)]
    assert np.mean(found) == pytest.approx(0.3, abs=0.02)


def test_effect_and_contrast_are_one_number() -> None:
    panel = panel_of(Country(effect=0.3), 1)
    result = effect(panel)
    assert result.params[result.position("treated")] == pytest.approx(estimate(panel), rel=1e-9)


def test_plain_form_is_the_difference_of_means() -> None:
    panel = panel_of(Country(effect=0.3, catching_up=0.02), 1, replace(DESIGN, form="none"))
    plain = panel.change[panel.treated].mean() - panel.change[~panel.treated].mean()
    result = effect(panel)
    assert estimate(panel) == pytest.approx(plain)
    assert result.params[result.position("treated")] == pytest.approx(plain)
    before = panel.paths[:, 0]
    other = effect(panel, before)
    gap = before[panel.treated].mean() - before[~panel.treated].mean()
    assert other.params[other.position("treated")] == pytest.approx(gap)


def test_square_takes_out_what_bends_with_the_level_and_a_line_does_not() -> None:
    panel = panel_of(Country(noise=0.02), 1)
    bent = (panel.units["level"].to_numpy() ** 2) * 0.1
    found = {}
    for form in ("linear", "squared"):
        result = effect(replace(panel, design=replace(panel.design, form=form)), bent)  # type: ignore[arg-type]
        found[form] = result.params[result.position("treated")]
    assert abs(found["linear"]) > 0.01
    assert found["squared"] == pytest.approx(0, abs=1e-9)


def test_placebo_regions_follow_the_form() -> None:
    units, values = simulate_country(Country(catching_up=0.02, noise=0.02), np.random.default_rng(1))
    means = {}
    for form in ("none", "linear"):
        design = replace(DESIGN, form=form)  # type: ignore[arg-type]
        panel = build_panel(design, units, values)
        means[form] = placebo_regions(panel, units, values, 40, np.random.default_rng(1)).mean
    assert means["none"] > 0.05  # low units catch up in every region
    assert means["linear"] == pytest.approx(0, abs=0.03)


def test_contrast_cancels_whatever_level_and_terrain_do() -> None:
    panel = panel_of(Country(), 1)
    weights = contrast(panel.treated, panel.covariates)
    assert weights.sum() == pytest.approx(0, abs=1e-12)
    assert weights @ panel.covariates == pytest.approx([0, 0], abs=1e-9)
    assert weights @ panel.treated == pytest.approx(1)


def test_catching_up_of_low_units_is_held_fixed_by_level() -> None:
    panel = panel_of(Country(catching_up=0.02, noise=0.02), 1)
    treated = panel.treated
    raw = panel.change[treated].mean() - panel.change[~treated].mean()
    assert raw > 0.1
    assert estimate(panel) == pytest.approx(0, abs=0.03)


def test_with_no_more_clusters_than_differences_no_best_line_is_chosen() -> None:
    """A singular covariance has a direction without variance, on which the best line would load."""
    singular = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    several = Differences(np.array([0.1, 0.2]), np.array([0.3]), singular, np.ones(1))
    with pytest.raises(SpecificationError, match="covariance of 3 differences is singular; allowed: one of full rank"):
        smoothness(several, (0.0, 0.1))
    single = Differences(np.array([0.1]), np.array([0.3]), np.ones((2, 2)) * 1.0 + 1e-12 * np.eye(2), np.ones(1))
    assert smoothness(single, (0.0,)).notna().all(axis=None), "one difference leaves nothing to choose"


def test_trend_passes_for_an_effect_and_smoothness_takes_it_out() -> None:
    panel = panel_of(Country(trend=0.04, noise=0.02, units=120), 2)
    assert estimate(panel) > 0.15
    row = smoothness(differences_of(event_study(panel)), (0.0,)).iloc[0]
    assert row["ci_low"] < 0 < row["ci_high"]
    assert abs(row["estimate"]) < 0.06


@pytest.mark.slow
def test_units_exchanged_reject_at_their_level_without_an_effect_and_find_one() -> None:
    rejected = sum(
        permute_units(panel_of(Country(regions=1), seed), 99, np.random.default_rng(seed)).test.p <= 0.1
        for seed in range(100)
    )
    # 0.1 of 100 with a binomial error of 3: within three of them
    assert 2 <= rejected <= 19
    found = permute_units(panel_of(Country(effect=0.3), 3), 499, np.random.default_rng(1))
    assert found.test.p == pytest.approx(1 / 500)


def test_paths_of_permutations_are_event_studies_of_the_drawn_treatment() -> None:
    panel = panel_of(Country(effect=0.2), 4)
    found = permute_units(panel, 50, np.random.default_rng(1))
    after = [place for place, year in enumerate(found.years) if year >= 2015]
    before = [place for place, year in enumerate(found.years) if year < 2015]
    effects = found.paths[:, after].mean(axis=1) - found.paths[:, before].mean(axis=1)
    assert effects == pytest.approx(found.test.estimates, rel=1e-6, abs=1e-9)
    assert np.allclose(found.paths[:, found.years.index(2014)], 0)


def test_pairs_change_places_inside_the_pair_only() -> None:
    matched = PolicyDesign(2015, 2011, 2022, "matched", level_years=(2008, 2009, 2010))
    panel = panel_of(Country(), 5, matched)
    pairs = int(panel.treated.sum())
    found = permute_units(panel, 400, np.random.default_rng(1))
    assert len(np.unique(found.test.estimates.round(12))) <= 2**pairs


def test_whole_clusters_need_enough_of_them() -> None:
    panel = panel_of(Country(), 1)
    found = permute_clusters(panel, 199, np.random.default_rng(1))
    assert 1 / 200 <= found.p <= 1
    few = panel_of(Country(units=30), 1)
    with pytest.raises(SpecificationError, match="6 clusters or more"):
        permute_clusters(few, 199, np.random.default_rng(1))


@pytest.mark.slow
def test_cluster_shocks_make_the_cluster_test_the_more_cautious_one() -> None:
    p_units, p_clusters = [], []
    for seed in range(20):
        panel = panel_of(Country(shocks=0.08), seed)
        p_units.append(permute_units(panel, 99, np.random.default_rng(1)).test.p)
        p_clusters.append(permute_clusters(panel, 99, np.random.default_rng(1)).p)
    assert np.mean(np.array(p_clusters) <= 0.1) <= 0.35
    assert np.mean(p_clusters) > 0.3


def test_placebo_regions_show_what_selection_does_and_leave_the_effect() -> None:
    """Low units jump everywhere in the policy year: the design at home cannot tell, the other regions can."""
    country = Country(effect=0.2, regions=8)
    units, values = simulate_country(country, np.random.default_rng(6))
    late = [year for year in values.columns if year >= 2015]
    low = values[2008] < values[2008].median()
    values.loc[low, late] *= np.exp(0.25)
    panel = build_panel(DESIGN, units, values)
    found = placebo_regions(panel, units, values, 160, np.random.default_rng(1))
    assert found.estimate == pytest.approx(estimate(panel))
    assert found.estimate - 0.2 == pytest.approx(found.mean, abs=0.06)
    assert found.net == pytest.approx(0.2, abs=0.06)
    assert len(found.region_means) == len(found.by_region()) == 7
    assert found.p == pytest.approx(1 / 8)


def test_placebo_is_the_same_for_the_same_seed_and_needs_regions() -> None:
    units, values = simulate_country(Country(), np.random.default_rng(1))
    panel = build_panel(DESIGN, units, values)
    first, second = (placebo_regions(panel, units, values, 30, np.random.default_rng(9)) for _ in range(2))
    assert np.array_equal(first.effects, second.effects)
    home = units[units["region"].eq("R0")]
    with pytest.raises(SpecificationError, match="regions with units like the treated ones"):
        placebo_regions(panel, home, values, 30, np.random.default_rng(9))


def test_pre_trend_finds_a_steep_trend_and_says_what_it_would_miss() -> None:
    flat, steep = (panel_of(Country(trend=trend, noise=0.03), 7) for trend in (0.0, 0.1))
    found = []
    for panel in (flat, steep):
        drawn = permute_units(panel, 499, np.random.default_rng(1))
        found.append(pre_trend(DESIGN, event_study(panel).to_frame()["estimate"].to_numpy(), drawn))
    assert found[0].p > 0.05
    assert found[1].p < 0.01
    assert 0 < found[0].slope_50 < found[0].slope_80 < 0.1
    # middle of 2015-2022 less middle of 2011-2014
    assert found[0].hidden_50 == pytest.approx(found[0].slope_50 * 6.0)


@pytest.mark.slow
def test_stated_power_is_the_power() -> None:
    """The slope said to be found half of the time is found half of the time in new data."""
    first = panel_of(Country(regions=1), 0)
    drawn = permute_units(first, 499, np.random.default_rng(1))
    slope = pre_trend(DESIGN, event_study(first).to_frame()["estimate"].to_numpy(), drawn).slope_50
    found = 0
    for seed in range(60):
        panel = panel_of(Country(regions=1, trend=slope), seed)
        permuted = permute_units(panel, 99, np.random.default_rng(1))
        found += pre_trend(DESIGN, event_study(panel).to_frame()["estimate"].to_numpy(), permuted).p <= 0.05
    assert 14 <= found <= 46


def test_one_call_does_it_all_and_is_reproducible() -> None:
    units, values = simulate_country(Country(effect=0.2), np.random.default_rng(1))
    draws = Draws(permutations=99, placebos=40, seed=3)
    tables = [estimation_table({"one": estimate_policy(DESIGN, units, values, draws)}) for _ in range(2)]
    assert tables[0].equals(tables[1])
    row = tables[0].iloc[0]
    assert row["estimate"] == pytest.approx(0.2, abs=0.05)
    assert row["unit_p"] == pytest.approx(0.01)
    assert row["n_treated"] == 15


def test_estimates_of_another_window_are_refused() -> None:
    panel = panel_of(Country(), 1)
    drawn = permute_units(panel, 20, np.random.default_rng(1))
    with pytest.raises(SpecificationError, match="3 estimates for 12 years"):
        pre_trend(DESIGN, np.zeros(3), drawn)
