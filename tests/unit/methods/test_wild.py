"""The wild cluster bootstrap against a loop that estimates every bootstrap regression anew, and by arithmetic."""

import itertools
from typing import get_args

import numpy as np
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods.regression.wild import POINTS, _bootstrap_t, wild_interval, wild_test
from shanhai.methods.regression.wild_forms import Bootstrap, cluster_forms


def simulated(seed: int, clusters: int = 8, rows: int = 90, effect: float = 0.5) -> dict[str, np.ndarray]:
    """Rows in clusters of unequal size; levels of region are nested in clusters, those of year cross them."""
    generator = np.random.default_rng(seed)
    group = np.sort(generator.integers(clusters, size=rows))
    group[:clusters] = np.arange(clusters)
    regressors = generator.normal(size=(rows, 3)) + generator.normal(size=(clusters, 3))[group]
    noise = generator.normal(size=rows) + generator.normal(size=clusters)[group]
    return {
        "outcome": 1 + effect * regressors[:, 0] - regressors[:, 1] + noise,
        "regressors": regressors,
        "clusters": group,
        "region": group // 2,
        "pair": group * 2 + generator.integers(2, size=rows),
        "year": generator.integers(5, size=rows),
        "weights": generator.uniform(0.5, 3, size=rows),
    }


def estimated_anew(data, signs, null_value, coefficient, effects, row_weights):
    """t-ratios by full regressions on all dummies: restricted fit, new outcome, new fit, cluster covariance."""
    n = len(data["outcome"])
    dummies = [np.equal.outer(labels, np.unique(labels)).astype(float) for labels in effects] or [np.ones((n, 1))]
    root = np.sqrt(row_weights)[:, None]
    design = np.column_stack([data["regressors"], *dummies]) * root
    outcome = data["outcome"] * root[:, 0]
    tested = design[:, coefficient]
    others = np.delete(design, coefficient, axis=1)
    shifted = outcome - null_value * tested
    restricted = shifted - others @ np.linalg.lstsq(others, shifted, rcond=1e-10)[0]
    bread = np.linalg.pinv(design.T @ design, hermitian=True)
    ratios = []
    for column in signs.T:
        drawn = outcome - restricted + restricted * column[data["clusters"]]
        beta = bread @ (design.T @ drawn)
        scores = design * (drawn - design @ beta)[:, None]
        sums = np.array([scores[data["clusters"] == group].sum(axis=0) for group in np.unique(data["clusters"])])
        variance = bread @ sums.T @ sums @ bread
        ratios.append((beta[coefficient] - null_value) / np.sqrt(variance[coefficient, coefficient]))
    return np.array(ratios)


@pytest.mark.parametrize("weights", ["rademacher", "webb"])
@pytest.mark.parametrize("null_value", [0.0, 0.7])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("effects", [(), ("region",), ("pair",), ("year",), ("pair", "year"), ("year", "region")])
def test_every_draw_equals_a_regression_estimated_anew(weights, null_value, weighted, effects):
    """Without effects, nested in clusters, finer than clusters, crossing them, and two at once."""
    data = simulated(1)
    row_weights = data["weights"] if weighted else np.ones(90)
    labels = tuple(data[name] for name in effects)
    signs = np.random.default_rng(2).choice(POINTS[weights], size=(8, 25))
    signs[:, 0] = 1
    forms = cluster_forms(
        data["outcome"], data["regressors"], data["clusters"], 1, fixed_effects=labels, row_weights=row_weights
    )
    ours = _bootstrap_t(*forms.at(null_value), signs)
    assert ours == pytest.approx(estimated_anew(data, signs, null_value, 1, labels, row_weights), rel=1e-8)


def left_out(data, bootstrap, signs, null_value, coefficient, effects, row_weights):
    """t-ratios by full regressions, with clusters left out one by one where the kind of bootstrap asks for it."""
    n, group = len(data["outcome"]), data["clusters"]
    dummies = [np.equal.outer(labels, np.unique(labels)).astype(float) for labels in effects] or [np.ones((n, 1))]
    root = np.sqrt(row_weights)[:, None]
    design = np.column_stack([data["regressors"], *dummies]) * root
    outcome = data["outcome"] * root[:, 0] - null_value * design[:, coefficient]
    imposed = bootstrap.startswith("WCR")
    used = np.delete(design, coefficient, axis=1) if imposed else design
    members = [group == name for name in np.unique(group)]

    def slopes(columns, values):
        return np.linalg.lstsq(columns, values, rcond=1e-10)[0]

    whole = slopes(used, outcome)
    residuals = outcome - used @ whole
    if bootstrap[3] == "3":
        residuals = residuals.copy()
        for inside in members:
            residuals[inside] = outcome[inside] - used[inside] @ slopes(used[~inside], outcome[~inside])

    def ratio(values, about):
        estimate = slopes(design, values)[coefficient]
        if bootstrap[4] == "3":
            others = [slopes(design[~inside], values[~inside])[coefficient] for inside in members]
            return (estimate - about) / np.sqrt(sum((other - estimate) ** 2 for other in others))
        left = values - design @ slopes(design, values)
        bread = np.linalg.pinv(design.T @ design, hermitian=True)[coefficient]
        sums = [bread @ (design[inside].T @ left[inside]) for inside in members]
        return (estimate - about) / np.sqrt(sum(total**2 for total in sums))

    fitted = used @ whole
    about = 0.0 if imposed else whole[coefficient]
    return ratio(outcome, 0.0), np.array([ratio(fitted + residuals * column[group], about) for column in signs.T])


@pytest.mark.parametrize("bootstrap", get_args(Bootstrap))
@pytest.mark.parametrize("effects", [(), ("year",), ("region",)])
def test_every_kind_equals_regressions_without_each_cluster(bootstrap, effects):
    data = simulated(21)
    labels = tuple(data[name] for name in effects)
    signs = np.random.default_rng(2).choice(POINTS["webb"], size=(8, 6))
    forms = cluster_forms(
        data["outcome"], data["regressors"], data["clusters"], 1,
        fixed_effects=labels, row_weights=data["weights"], bootstrap=bootstrap,
    )  # fmt: skip
    observed, ratios = left_out(data, bootstrap, signs, 0.3, 1, labels, data["weights"])
    assert wild_test(forms, null_value=0.3).t == pytest.approx(observed, rel=1e-8)
    assert _bootstrap_t(*forms.at(0.3), signs) == pytest.approx(ratios, rel=1e-8)


def test_a_kind_that_is_not_known_is_refused():
    data = simulated(22)
    with pytest.raises(SpecificationError, match="bootstrap is 'WCR22'; allowed: WCR11, WCR13"):
        cluster_forms(data["outcome"], data["regressors"], data["clusters"], bootstrap="WCR22")


@pytest.mark.parametrize(("weights", "clusters"), [("rademacher", 8), ("webb", 4)])
def test_enumeration_takes_every_combination_once(weights, clusters):
    data = simulated(3, clusters=clusters)
    forms = cluster_forms(data["outcome"], data["regressors"], data["clusters"])
    every = np.array(list(itertools.product(POINTS[weights], repeat=clusters))).T
    ratios = np.abs(_bootstrap_t(*forms.at(0.0), every))
    result = wild_test(forms, weights=weights)
    assert result.enumerated
    assert result.draws + result.undefined == len(POINTS[weights]) ** clusters
    observed = abs(result.t)
    least = 2 / len(every.T)  # the share of one draw and its opposite
    assert result.p == pytest.approx(max((ratios > observed * (1 + 1e-9)).mean(), least))
    assert result.p_with_ties == pytest.approx((ratios > observed * (1 - 1e-9)).mean())


def test_draws_that_turn_all_clusters_alike_are_ties_and_do_not_count():
    """Of 2^5 draws two have the t-ratio of the data exactly; rounding must not make them larger."""
    for seed in range(20):
        data = simulated(seed, clusters=5, effect=4.0)
        result = wild_test(cluster_forms(data["outcome"], data["regressors"], data["clusters"]))
        assert result.draws == 32
        assert result.ties >= 2
        larger = result.p_with_ties * 32 - result.ties
        assert larger == pytest.approx(round(larger))
        assert result.p == pytest.approx(max(larger, 2) / 32)


def test_smallest_p_value_of_five_clusters_is_two_of_32_however_many_are_drawn():
    """An effect no draw can beat: only the ties are left, and 16 ratios differ, so that p is 1/16 and never zero."""
    generator = np.random.default_rng(0)
    group = np.repeat(np.arange(5), 40)
    regressor = generator.normal(size=200)
    outcome = 10 * regressor + 0.01 * generator.normal(size=200)
    result = wild_test(cluster_forms(outcome, regressor, group))
    assert (result.p, result.p_with_ties, result.ties) == (2 / 32, 2 / 32, 2)
    drawn = wild_test(cluster_forms(outcome, regressor, group), draws=31, generator=generator)
    assert not drawn.enumerated
    assert drawn.p == 2 / 32
    few = wild_test(cluster_forms(outcome, regressor, group), draws=10, generator=generator)
    assert few.p == 1 / 10


def test_t_ratio_is_that_of_the_cluster_covariance():
    data = simulated(4)
    forms = cluster_forms(data["outcome"], data["regressors"], data["clusters"])
    expected = estimated_anew(data, np.ones((8, 1)), 0.0, 0, (), np.ones(90))[0]
    assert wild_test(forms).t == pytest.approx(expected)
    assert forms.estimate / forms.standard_error == pytest.approx(expected)
    at_estimate = wild_test(forms, null_value=forms.estimate)
    assert (at_estimate.p, at_estimate.p_with_ties, at_estimate.ties) == (254 / 256, 1, 2)


def test_random_draws_are_seeded_by_argument_and_near_the_exact_p_value():
    data = simulated(5, clusters=12, effect=0.2)
    forms = cluster_forms(data["outcome"], data["regressors"], data["clusters"])
    exact = wild_test(forms, draws=2**12)
    first, again, other = (wild_test(forms, draws=4000, generator=np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert exact.enumerated
    assert not first.enumerated
    assert first == again
    assert first != other
    assert first.p == pytest.approx(exact.p, abs=4 * np.sqrt(0.25 / 4000))


def test_labels_order_and_units_change_nothing():
    data = simulated(6)
    order = np.random.default_rng(7).permutation(90)
    names = np.array([f"province {code}" for code in data["clusters"]])
    base = wild_test(cluster_forms(data["outcome"], data["regressors"], data["clusters"]))
    moved = wild_test(cluster_forms(data["outcome"][order], data["regressors"][order], names[order]))
    scaled = wild_test(cluster_forms(1e6 * data["outcome"], data["regressors"] * [1e-5, 1e7, 1], data["clusters"]))
    for other in (moved, scaled):
        assert other.p == base.p
        assert other.t == pytest.approx(base.t)


def test_a_control_that_the_others_or_the_effects_determine_changes_nothing():
    data = simulated(8)
    by_region = data["region"] * 3.0
    options = {"fixed_effects": (data["region"],)}
    base = wild_test(cluster_forms(data["outcome"], data["regressors"], data["clusters"], **options))
    for extra in (by_region, 1e9 + by_region, data["regressors"][:, 1] - data["regressors"][:, 2], np.ones(90)):
        more = np.column_stack([data["regressors"], extra])
        result = wild_test(cluster_forms(data["outcome"], more, data["clusters"], **options))
        assert result.t == pytest.approx(base.t, rel=1e-6)
        assert result.p == base.p


def test_interval_holds_what_the_test_does_not_reject():
    data = simulated(9, clusters=10)
    forms = cluster_forms(data["outcome"], data["regressors"], data["clusters"])
    low, high = wild_interval(forms)
    assert low < forms.estimate < high
    step = 0.01 * forms.standard_error
    for bound, outward in ((low, -step), (high, step)):
        assert wild_test(forms, null_value=bound + outward).p_with_ties <= 0.05
        assert wild_test(forms, null_value=bound - outward).p_with_ties > 0.05
    narrow = wild_interval(forms, level=0.8)
    assert low < narrow[0] < narrow[1] < high


@pytest.mark.parametrize(("clusters", "bounded"), [(4, False), (5, False), (6, True)])
def test_interval_is_unbounded_where_no_p_value_is_small_enough(clusters, bounded):
    """Two of 2^5 draws are ties, 6 percent: nothing is rejected at 5. Of 2^6 they are 3 percent."""
    data = simulated(10, clusters=clusters)
    forms = cluster_forms(data["outcome"], data["regressors"][:, :1], data["clusters"])
    assert np.isfinite(wild_interval(forms)).all() == bounded
    assert np.isfinite(wild_interval(forms, level=0.8)).all()


def test_level_of_the_test_under_the_null():
    """Eight clusters with common shocks: 5 percent tests reject about 5 percent, where the normal rejects far more."""
    rejected, naive = 0, 0
    for seed in range(400):
        data = simulated(1000 + seed, rows=80, effect=0.0)
        forms = cluster_forms(data["outcome"], data["regressors"][:, :1], data["clusters"])
        result = wild_test(forms)
        rejected += result.p_with_ties <= 0.05
        naive += abs(result.t) > 1.96
    assert rejected / 400 == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 400))
    assert naive / 400 > 0.10


def test_webb_weights_have_mean_zero_and_variance_one():
    for points in POINTS.values():
        assert np.mean(points) == pytest.approx(0)
        assert np.mean(np.square(points)) == pytest.approx(1)
    assert len(POINTS["webb"]) == 6


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"clusters": np.zeros(90)}, "more than one cluster; allowed: two or more"),
        ({"clusters": np.zeros(80)}, "clusters have 80 rows, the outcome 90"),
        ({"outcome": np.full(90, np.nan)}, "a value of outcome or regressors is missing"),
        ({"coefficient": 3}, "coefficient 3; allowed: 0 to 2"),
        ({"row_weights": np.zeros(90)}, "a row weight is zero"),
        ({"regressors": np.ones((90, 3))}, "column 0 of the regressors does not vary"),
        ({"fixed_effects": (np.arange(90),)}, "column 0 of the regressors does not vary"),
        ({"fixed_effects": (np.arange(80),)}, "fixed effect 0 have 80 rows"),
    ],
)
def test_regressions_without_an_answer_are_refused(change, message):
    data = simulated(11)
    given = {name: data[name] for name in ("outcome", "regressors", "clusters")}
    with pytest.raises(SpecificationError, match=message):
        cluster_forms(**{**given, **change})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights": "mammen"}, "weights 'mammen'; allowed: rademacher, webb"),
        ({"draws": 0}, "draws is 0; allowed: a whole number of 1 or more"),
        ({"draws": 99}, r"2\^8 combinations of weights are more than 99 draws.*default_rng"),
    ],
)
def test_draws_that_cannot_be_made_are_refused(options, message):
    data = simulated(12)
    forms = cluster_forms(data["outcome"], data["regressors"], data["clusters"])
    for use in (wild_test, wild_interval):
        with pytest.raises(SpecificationError, match=message):
            use(forms, **options)
    with pytest.raises(SpecificationError, match=r"level 95; allowed: between 0 and 1"):
        wild_interval(forms, level=95)


def test_a_regressor_that_only_tells_two_clusters_apart_has_no_standard_error():
    """It fits the mean of each cluster, so the residuals of both sum to zero."""
    data = simulated(13)
    half = data["clusters"] >= 4
    with pytest.raises(SpecificationError, match="standard error of zero"):
        wild_test(cluster_forms(data["outcome"], half.astype(float), half))
