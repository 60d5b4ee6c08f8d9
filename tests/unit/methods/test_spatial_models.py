"""Spatial models recover what was put in, agree with other routes to the same numbers, and refuse what cannot be."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from shanhai.core.errors import SpecificationError
from shanhai.methods.regression.absorb import FixedEffects, within
from shanhai.methods.spatial import (
    SpatialData,
    contiguity_weights,
    fit_durbin,
    fit_error,
    fit_lag,
    impacts,
    lagrange_tests,
    moran_test,
    nearest_weights,
    residual_moran_test,
    spatial_arrays,
    spatial_codes,
    spatial_data,
    spatial_overview,
)
from shanhai.methods.spatial._determinant import (
    PROBES,
    determinant_curve,
    log_determinant,
    trace_of_crossproduct,
    unit_roots,
)
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

SPEC = RegressionSpec(
    outcome=Variable("y"),
    terms=(Variable("x"), Variable("z")),
    sample=SampleSpec("lattice", "格网"),
    covariance=CovarianceSpec("HC1"),
    fixed_effects=("province",),
)


def lattice_edges(side: int) -> pd.DataFrame:
    """Edges of a square lattice of units named by row and column."""
    names = np.array([[f"{i:02d}{j:02d}" for j in range(side)] for i in range(side)])
    return pd.DataFrame(
        {
            "code_a": np.concatenate([names[:, :-1].ravel(), names[:-1].ravel()]),
            "code_b": np.concatenate([names[:, 1:].ravel(), names[1:].ravel()]),
        }
    )


def simulated(side: int, seed: int, *, rho: float = 0.0, error: float = 0.0, durbin: float = 0.0) -> pd.DataFrame:
    """A lattice with four provinces: y on x (coefficient 1) and z (-0.5), with spatial dependence as asked."""
    rng = np.random.default_rng(seed)
    n = side * side
    row, column = np.divmod(np.arange(n), side)
    frame = pd.DataFrame({"code": [f"{i:02d}{j:02d}" for i, j in zip(row, column, strict=True)]})
    half = side // 2
    frame["province"] = np.where(row < half, "north", "south") + np.where(column < half, "west", "east").astype(object)
    matrix = contiguity_weights(lattice_edges(side), frame["code"].to_list()).matrix.toarray()
    frame["x"], frame["z"] = rng.normal(size=n), rng.normal(size=n)
    shift = frame["province"].map({"northwest": 0.0, "northeast": 1.0, "southwest": -1.0, "southeast": 2.0})
    shock = np.linalg.solve(np.eye(n) - error * matrix, 0.5 * rng.normal(size=n))
    mean = frame["x"] - 0.5 * frame["z"] + durbin * (matrix @ frame["x"]) + shift
    frame["y"] = np.linalg.solve(np.eye(n) - rho * matrix, mean + shock)
    return frame


def data_of(frame: pd.DataFrame, side: int, spec: RegressionSpec = SPEC) -> SpatialData:
    return spatial_data(spec, frame, contiguity_weights(lattice_edges(side), spatial_codes(spec, frame)))


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return simulated(12, 5, rho=0.5, durbin=0.4)


@pytest.fixture(scope="module")
def data(frame: pd.DataFrame) -> SpatialData:
    return data_of(frame, 12)


@pytest.mark.parametrize("rho", [-0.4, 0.0, 0.6])
def test_lag_model_recovers_rho(rho):
    fit = fit_lag(data_of(simulated(28, 1, rho=rho), 28))
    assert abs(fit.spatial - rho) < 3 * fit.se[-1] < 0.15
    assert np.all(np.abs(fit.params[4:] - [1.0, -0.5]) < 3 * fit.se[4:6])
    assert fit.variance == pytest.approx(0.25, rel=0.15)


@pytest.mark.parametrize("value", [-0.4, 0.0, 0.6])
def test_error_model_recovers_lambda(value):
    fit = fit_error(data_of(simulated(28, 2, error=value), 28))
    assert abs(fit.spatial - value) < 3 * fit.se[-1] < 0.2
    assert np.all(np.abs(fit.params[4:] - [1.0, -0.5]) < 3 * fit.se[4:6])


def test_durbin_model_recovers_effects():
    """Total effect of x is (1 + 0.4) / (1 - 0.5) = 2.8, of z -0.5 / (1 - 0.5) = -1."""
    fit = fit_durbin(data_of(simulated(28, 3, rho=0.5, durbin=0.4), 28))
    table = impacts(fit, np.random.default_rng(1)).to_frame().set_index(["term", "impact"])
    for term, total in (("x", 2.8), ("z", -1.0)):
        assert table.loc[(term, "total"), "low"] < total < table.loc[(term, "total"), "high"]


@pytest.mark.slow
def test_intervals_of_the_lag_model_cover():
    """60 lattices of 14 x 14 with four provinces: 95 % intervals hold x and rho as often as 95 % draws would."""
    hits = np.zeros(2)
    for seed in range(60):
        table = fit_lag(data_of(simulated(14, 100 + seed, rho=0.5), 14)).to_frame().set_index("term")
        hits += [table.loc[t, "low"] < truth < table.loc[t, "high"] for t, truth in (("x", 1.0), ("rho", 0.5))]
    assert np.all(hits >= 52)  # 57 expected; fewer than 52 of 60 has a probability of 0.015 with exact intervals


@pytest.mark.parametrize("fit", [fit_lag, fit_error, fit_durbin])
def test_order_of_rows_changes_nothing(frame, data, fit):
    shuffled = frame.sample(frac=1, random_state=9)
    first, second = fit(data), fit(data_of(shuffled, 12))
    assert second.params == pytest.approx(first.params, rel=1e-9)
    assert second.covariance == pytest.approx(first.covariance, rel=1e-7, abs=1e-12)
    assert second.log_likelihood == pytest.approx(first.log_likelihood, rel=1e-12)
    weights = contiguity_weights(lattice_edges(12), frame["code"].to_list())
    again = fit(spatial_data(SPEC, shuffled, weights))
    assert again.params == pytest.approx(first.params, rel=1e-9)


def test_dummies_are_demeaning_of_outcome_and_its_lag(frame, data):
    """The lag model with dummies is that of demeaned columns, as long as the lag is taken before demeaning."""
    effects = FixedEffects((pd.factorize(frame["province"])[0].astype(np.int64),), np.ones(len(frame)))
    columns = np.column_stack([data.outcome, data.weights @ data.outcome, data.matrix[:, 4:]])
    outcome, lag, *regressors = within(columns, effects).T
    fit = fit_lag(data)
    params = np.linalg.lstsq(np.column_stack(regressors), outcome - fit.spatial * lag, rcond=None)[0]
    assert fit.params[4:] == pytest.approx(params, rel=1e-9)


def test_score_is_zero_at_the_estimate(data):
    """Against the definition of the likelihood, with dense matrices and a numerical derivative."""
    dense, n = data.weights.toarray(), len(data.outcome)

    def likelihood(rho: float) -> float:
        filtered = data.outcome - rho * (dense @ data.outcome)
        left = filtered - data.matrix @ np.linalg.lstsq(data.matrix, filtered, rcond=None)[0]
        logarithm = np.linalg.slogdet(np.eye(n) - rho * dense)[1]
        return logarithm - n / 2 * (np.log(2 * np.pi * (left @ left) / n) + 1)

    fit = fit_lag(data)
    assert likelihood(fit.spatial) == pytest.approx(fit.log_likelihood, rel=1e-12)
    step = 1e-4
    slope = (likelihood(fit.spatial + step) - likelihood(fit.spatial - step)) / (2 * step)
    bend = (likelihood(fit.spatial + step) + likelihood(fit.spatial - step) - 2 * likelihood(fit.spatial)) / step**2
    assert abs(slope / bend) < 1e-6


@pytest.mark.parametrize("islands", ["keep", "attach"])
def test_determinant_and_traces_against_dense_matrices(islands):
    places = pd.DataFrame({"code": list("abcdefg"), "longitude": [0.0, 1, 2, 4, 5, 7, 20], "latitude": 3.0})
    edges = pd.DataFrame({"code_a": list("aabd"), "code_b": list("bcce")})
    weights = contiguity_weights(edges, list("abcdefg"), islands=islands, places=places).matrix
    rho = 0.7
    inverse = np.linalg.inv(np.eye(7) - rho * weights.toarray())
    lagged = weights.toarray() @ inverse
    curve = determinant_curve(weights, rho - 0.05, rho + 0.05)
    assert log_determinant(weights, rho) == pytest.approx(-np.linalg.slogdet(inverse)[1], abs=1e-12)
    assert curve.value(rho) == pytest.approx(-np.linalg.slogdet(inverse)[1], abs=1e-11)
    assert curve.trace(rho) == pytest.approx(np.trace(lagged), rel=1e-9)
    assert curve.trace_of_square(rho) == pytest.approx(np.trace(lagged @ lagged), rel=1e-7)
    assert curve.mean_diagonal(np.array([rho]))[0] == pytest.approx(np.trace(inverse) / 7, rel=1e-9)
    assert trace_of_crossproduct(weights, rho) == pytest.approx(np.trace(lagged.T @ lagged), rel=1e-12)


def test_unit_roots_are_closed_groups():
    places = pd.DataFrame({"code": list("abcde"), "longitude": [0.0, 1, 10, 11, 12.5], "latitude": 3.0})
    one_way = nearest_weights(places, 1)  # a and b; c and d; e points to d
    assert unit_roots(one_way.matrix) == 2 == np.isclose(np.linalg.eigvals(one_way.matrix.toarray()), 1).sum()
    kept = contiguity_weights(pd.DataFrame({"code_a": ["a"], "code_b": ["b"]}), list("abc"), islands="keep")
    assert unit_roots(kept.matrix) == 1


def test_trace_from_random_signs_is_near_the_exact_one(monkeypatch, data):
    exact = trace_of_crossproduct(data.weights, 0.6)
    monkeypatch.setattr("shanhai.methods.spatial._determinant.EXACT_UNITS", 0)
    drawn = trace_of_crossproduct(data.weights, 0.6, np.random.default_rng(1))
    assert drawn == pytest.approx(exact, rel=6 * (2 / (PROBES * len(data.outcome))) ** 0.5)
    assert trace_of_crossproduct(data.weights, 0.6) == trace_of_crossproduct(data.weights, 0.6)


@pytest.mark.parametrize("islands", ["keep", "attach"])
@pytest.mark.parametrize("model", [fit_lag, fit_durbin])
def test_effects_are_those_of_the_dense_matrix(frame, model, islands):
    """Mean of the diagonal and of the row sums of (I - rho W)^-1 (I b + W t), islands or not."""
    edges = lattice_edges(12)
    edges = edges[~edges[["code_a", "code_b"]].isin(["0000", "1111"]).any(axis=1)]
    places = pd.DataFrame({"code": frame["code"], "longitude": range(144), "latitude": 0.0})
    weights = contiguity_weights(edges, frame["code"].to_list(), islands=islands, places=places)
    fit = model(spatial_data(SPEC, frame, weights))
    columns = dict(zip(fit.data.names, fit.params, strict=True))
    dense = fit.data.weights.toarray()
    effect = np.linalg.inv(np.eye(144) - fit.spatial * dense) @ (
        np.eye(144) * columns["x"] + dense * columns.get("W x", 0.0)
    )
    direct, total = np.trace(effect) / 144, effect.sum() / 144
    ours = impacts(fit, np.random.default_rng(1), 200).effects[0]
    assert ours == pytest.approx([direct, total - direct, total], rel=1e-9)


def test_effects_are_the_same_for_the_same_seed(data):
    fit = fit_lag(data)
    first, second, third = (impacts(fit, np.random.default_rng(seed), 200).draws for seed in (4, 4, 5))
    assert np.array_equal(first, second) and not np.array_equal(first, third)


def test_spreg_finds_the_same_by_lu_and_wrong_standard_errors_by_ord(frame):
    """spreg's ``ord`` puts a symmetrised W, similar to W but not W, into the information matrix."""
    from spreg.ml_lag import BaseML_Lag  # here, because the import takes seconds

    weights = contiguity_weights(lattice_edges(12), frame["code"].to_list())
    regressors = frame[["x", "z"]].to_numpy()
    ours = fit_lag(spatial_arrays(frame["y"], regressors, ["x", "z"], weights, frame["code"].to_list()))
    matrix = weights.graph.to_W()
    outcome = frame[["y"]].to_numpy()
    columns = np.column_stack([np.ones(144), regressors])
    with pytest.warns(sparse.SparseEfficiencyWarning):  # of spreg's own making
        by_lu = BaseML_Lag(outcome, columns, matrix, method="LU")
    by_ord = BaseML_Lag(outcome, columns, matrix, method="ord")
    assert by_lu.betas[:, 0] == pytest.approx([*ours.params, ours.spatial], rel=1e-5)
    assert np.sqrt(np.diag(by_lu.vm)) == pytest.approx(ours.se, rel=1e-5)
    assert by_ord.betas[:, 0] == pytest.approx(by_lu.betas[:, 0], rel=1e-5)
    assert abs(np.sqrt(by_ord.vm[-1, -1]) / ours.se[-1] - 1) > 1e-3


def test_moran_is_that_of_esda(frame):
    import esda  # here, because the import takes seconds

    weights = contiguity_weights(lattice_edges(12), frame["code"].to_list())
    ours = moran_test(frame["y"], weights, np.random.default_rng(1), draws=999)
    theirs = esda.Moran(frame["y"].to_numpy(), weights.graph.to_W(), permutations=0)
    assert (ours.statistic, ours.expected, ours.variance) == pytest.approx((theirs.I, theirs.EI, theirs.VI_norm))


def test_permutation_p_values_are_uniform_without_dependence():
    """80 lattices of noise on two regressors: about one in ten residual tests lies below 0.1."""
    low = []
    for seed in range(80):
        data = data_of(simulated(8, 300 + seed), 8)
        low.append(residual_moran_test(data, np.random.default_rng(seed), draws=99).p_permutation <= 0.1)
    assert 2 <= sum(low) <= 15  # 8 expected; outside with a probability below 0.02


def test_tests_find_the_kind_of_dependence():
    lag = {test.name: test.p for test in lagrange_tests(data_of(simulated(20, 7, rho=0.5), 20))}
    assert lag["robust lag"] < 1e-6 and lag["robust lag"] < lag["robust error"]
    error = {test.name: test.p for test in lagrange_tests(data_of(simulated(20, 7, error=0.6), 20))}
    assert error["robust error"] < 1e-6 and error["robust error"] < error["robust lag"]


def test_rows_dropped_for_missing_values_are_rows_without_weights(frame):
    holed = frame.copy()
    holed.loc[3, "x"] = np.nan
    every = contiguity_weights(lattice_edges(12), frame["code"].to_list())
    with pytest.raises(SpecificationError, match=r"in the weights but not in the regression .*: 0003"):
        spatial_data(SPEC, holed, every)
    data = data_of(holed, 12)
    assert len(data.outcome) == 143 and "1 row dropped: x missing." in data.notes


def test_islands_are_named_beside_the_results(frame):
    edges = lattice_edges(12)
    edges = edges[~edges[["code_a", "code_b"]].isin(["0000"]).any(axis=1)]
    weights = contiguity_weights(edges, frame["code"].to_list(), islands="keep")
    overview = spatial_overview(spatial_data(SPEC, frame, weights), np.random.default_rng(1), permutations=99)
    assert overview.weights == "contiguity; 1 islands kept with no neighbour"
    assert any("0000" in note for note in overview.notes)


def test_overview_holds_every_test_model_and_effect(data):
    overview = spatial_overview(data, np.random.default_rng(1), permutations=99, draws=200)
    assert overview.tests["test"].to_list() == [
        "Moran's I",
        "Moran's I, z",
        "LM error",
        "LM lag",
        "LM robust error",
        "LM robust lag",
        "LM SARMA",
    ]
    table = overview.coefficients.set_index(["model", "term"])
    assert table.loc[("lag", "rho"), "estimate"] == fit_lag(data).spatial
    assert table.loc["ols"].index.to_list() == ["x", "z"]
    assert table.loc["durbin"].index.to_list() == ["x", "z", "W x", "W z", "rho"]
    assert len(overview.effects) == 2 * 2 * 3
    assert overview.fit["model"].to_list() == ["lag", "error", "durbin"]


def test_few_units_a_level_are_noted(frame):
    spec = replace(SPEC, fixed_effects=("row",))
    assert any("biased downwards" in note for note in data_of(frame.assign(row=frame["code"].str[:2]), 12, spec).notes)
    assert not data_of(frame, 12).notes


def test_a_collinear_control_is_dropped_and_a_collinear_term_refused(frame):
    doubled = frame.assign(twice=2 * frame["x"])
    data = data_of(doubled, 12, replace(SPEC, controls=(Variable("twice"),)))
    assert data.shown == ("x", "z") and any("twice" in note for note in data.notes)
    with pytest.raises(SpecificationError, match="term 'twice'"):
        data_of(doubled, 12, replace(SPEC, terms=(Variable("x"), Variable("twice"))))


def test_weighted_regressions_and_error_model_effects_are_refused(frame, data):
    with pytest.raises(SpecificationError, match="weighted by 'people'"):
        data_of(frame.assign(people=1.0), 12, replace(SPEC, weights="people"))
    with pytest.raises(SpecificationError, match="impacts of the error model"):
        impacts(fit_error(data), np.random.default_rng(1))
    with pytest.raises(SpecificationError, match="10 draws"):
        impacts(fit_lag(data), np.random.default_rng(1), draws=10)


def test_a_spatial_parameter_of_one_is_refused(data):
    """An outcome that is flat among neighbours drives rho to the end of its range."""
    flat = np.cumsum(np.ones(144)) * 1e3
    smooth = replace(data, outcome=sparse.linalg.matrix_power(data.weights, 60) @ flat, matrix=np.ones((144, 1)))
    with pytest.raises(SpecificationError, match="end of its range"):
        fit_lag(replace(smooth, names=("intercept",), nuisance=1))


@pytest.mark.parametrize(
    ("outcome", "regressors", "message"),
    [
        (np.ones(143), np.ones((144, 1)), "outcome has the shape"),
        (np.r_[np.nan, np.ones(143)], np.ones((144, 1)), "missing or infinite"),
        (np.arange(144.0), np.ones((144, 1)), "does not vary or is determined"),
    ],
)
def test_bad_arrays_are_refused(frame, outcome, regressors, message):
    codes = frame["code"].to_list()
    with pytest.raises(SpecificationError, match=message):
        spatial_arrays(outcome, regressors, ["x"], contiguity_weights(lattice_edges(12), codes), codes)


@pytest.mark.parametrize("values", [np.ones(144), np.ones(3), np.r_[np.nan, np.arange(143.0)]])
def test_moran_needs_values_that_vary(frame, values):
    weights = contiguity_weights(lattice_edges(12), frame["code"].to_list())
    with pytest.raises(SpecificationError):
        moran_test(values, weights, np.random.default_rng(1), 99)
