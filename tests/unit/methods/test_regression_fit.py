"""Regressions on tables small enough to solve by hand, and every refusal."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from simulated_counties import simulate_counties

from shanhai.core.errors import SpecificationError
from shanhai.methods.regression.fit import fit, fit_many
from shanhai.methods.regression.results import combine, joint_test
from shanhai.methods.spec import Bands, CovarianceSpec, Filter, Interaction, RegressionSpec, SampleSpec, Variable

EVERYTHING = SampleSpec("all", "全部")

# Two groups of two: means 2 and 6, so intercept 2 and slope 4, residuals -1, 1, -2, 2.
TINY = pd.DataFrame({"x": [0, 0, 1, 1], "y": [1.0, 3.0, 4.0, 8.0], "village": ["a", "b", "b", "c"]})
ON_X = RegressionSpec(Variable("y"), (Variable("x"),), EVERYTHING, CovarianceSpec("iid"))


def variance_of_slope(covariance: CovarianceSpec) -> float:
    result = fit(replace(ON_X, covariance=covariance), TINY)
    return float(result.covariance[1, 1])


def test_slope_is_the_difference_of_the_group_means() -> None:
    result = fit(ON_X, TINY)
    assert result.names == ("intercept", "x")
    np.testing.assert_allclose(result.params, [2.0, 4.0])
    np.testing.assert_allclose(result.residuals, [-1.0, 1.0, -2.0, 2.0], atol=1e-14)
    assert result.r2 == pytest.approx(1 - (1 + 1 + 4 + 4) / (9 + 1 + 0 + 16))


@pytest.mark.parametrize(
    ("covariance", "by_hand"),
    [
        # residual variance (1 + 1 + 4 + 4) / (4 - 2) times 1/2 + 1/2
        (CovarianceSpec("iid"), 5.0),
        # squared residuals over squared group sizes, times N / (N - K)
        (CovarianceSpec("HC1"), (1 + 1 + 4 + 4) / 4 * (4 / 2)),
        # every leverage is one half
        (CovarianceSpec("HC2"), (1 + 1 + 4 + 4) / 4 / (1 / 2)),
        (CovarianceSpec("HC3"), (1 + 1 + 4 + 4) / 4 / (1 / 2) ** 2),
        # a residual moves the slope by -1/2 in the first group, 1/2 in the second: a +0.5, b -0.5 - 1, c +1
        (CovarianceSpec("cluster", ("village",), "CR0"), 0.5**2 + 1.5**2 + 1**2),
        (CovarianceSpec("cluster", ("village",), "CR1"), (0.5**2 + 1.5**2 + 1**2) * 3 / 2),
        (CovarianceSpec("cluster", ("village",), "CR1S"), (0.5**2 + 1.5**2 + 1**2) * 3 / 2 * 3 / 2),
    ],
    ids=lambda value: getattr(value, "label", None),
)
def test_variance_of_the_slope_by_hand(covariance: CovarianceSpec, by_hand: float) -> None:
    assert variance_of_slope(covariance) == pytest.approx(by_hand, rel=1e-12)


def test_clusters_set_the_degrees_of_freedom() -> None:
    assert fit(ON_X, TINY).df == 4 - 2
    clustered = fit(replace(ON_X, covariance=CovarianceSpec("cluster", ("village",), "CR1")), TINY)
    assert clustered.df == 3 - 1
    assert [(level.by, level.count) for level in clustered.clusters] == [("village", 3)]


def test_interval_and_p_value_follow_from_t() -> None:
    result = fit(ON_X, TINY)
    # t with 2 degrees of freedom has the closed quantile 4.3027 at 97.5 percent
    assert result.ci[1, 1] - result.params[1] == pytest.approx(4.302652729911275 * np.sqrt(5.0))
    t = 4.0 / np.sqrt(5.0)
    assert result.p[1] == pytest.approx(1 - t / np.sqrt(2 + t**2))  # closed form for 2 degrees of freedom


def test_fixed_effects_compare_only_within_levels() -> None:
    # Province 2 is 100 richer throughout; within provinces x is worth 2 and 4, with equal weight: 3.
    frame = pd.DataFrame(
        {
            "y": [1.0, 3.0, 1.0, 3.0, 101.0, 105.0, 101.0, 105.0],
            "x": [0, 1] * 4,
            "province": [1] * 4 + [2] * 4,
        }
    )
    result = fit(replace(ON_X, fixed_effects=("province",)), frame)
    assert result.names == ("x",)
    assert result.params[0] == pytest.approx(3.0)
    assert result.absorbed == 2
    assert result.df == 8 - 1 - 2


def test_a_row_alone_in_its_fixed_effect_is_dropped_and_reported() -> None:
    frame = pd.concat([TINY, pd.DataFrame({"x": [1], "y": [50.0], "village": ["d"]})]).assign(province=[1, 1, 1, 1, 2])
    spec = replace(ON_X, fixed_effects=("province",), covariance=CovarianceSpec("HC3"))
    result = fit(spec, frame)
    assert [(drop.reason, drop.count) for drop in result.dropped_rows] == [("alone in its province", 1)]
    assert (result.n, result.absorbed) == (4, 1)
    assert result.covariance[0, 0] == pytest.approx(10.0)  # as without that row, see the table of variances


def test_rows_left_alone_by_dropping_others_are_dropped_too() -> None:
    frame = pd.DataFrame({"x": [0, 1, 0, 1, 1, 1], "y": [1.0, 3, 4, 8, 9, 7], "a": list("ppppqq"), "b": list("rrsstu")})
    result = fit(replace(ON_X, fixed_effects=("a", "b")), frame)  # t and u are single, which empties q
    np.testing.assert_array_equal(result.rows, [0, 1, 2, 3])


def test_weights_of_two_count_as_two_rows() -> None:
    weighted = fit(replace(ON_X, weights="w"), TINY.assign(w=[1, 2, 1, 3]))
    doubled = fit(ON_X, TINY.loc[[0, 1, 1, 2, 3, 3, 3]])
    np.testing.assert_allclose(weighted.params, doubled.params)


def test_bands_are_differences_from_the_reference_band() -> None:
    frame = pd.DataFrame({"km": [0.0, 19.9, 20.0, 30.0, 40.0, 500.0], "y": [1.0, 3.0, 5.0, 5.0, 10.0, 12.0]})
    result = fit(replace(ON_X, terms=(Bands("km", (0, 20, 40)),)), frame)
    np.testing.assert_allclose(result.params, [11.0, 2.0 - 11.0, 5.0 - 11.0])


def test_empty_bands_are_reported_not_estimated() -> None:
    frame = pd.DataFrame({"km": [0.0, 10.0, 45.0, 50.0, 15.0], "y": [1.0, 3.0, 5.0, 6.0, 2.0]})
    result = fit(replace(ON_X, terms=(Bands("km", (0, 20, 40)),)), frame)
    assert result.names == ("intercept", "km[0,20)")
    assert result.dropped_columns == ("km[20,40)",)
    assert "bands without a row: km[20,40)." in result.notes


def test_standardised_terms_are_per_standard_deviation_of_the_rows_used() -> None:
    frame = pd.DataFrame({"y": [2.0, 4.0, 6.0, 9.0], "x": [10.0, 20.0, 30.0, np.nan]})
    result = fit(replace(ON_X, terms=(Variable("x", "standardised"),)), frame)
    assert result.params[1] == pytest.approx(2.0)  # 0.2 per unit, standard deviation 10
    (scale,) = result.scales
    assert (scale.term, scale.mean, scale.deviation) == ("z_x", 20.0, 10.0)


def test_rows_with_anything_missing_are_dropped_with_count_and_reason() -> None:
    frame = pd.DataFrame(
        {
            "y": [1.0, np.nan, 4.0, 8.0, 5.0, 0.0, 7.0],
            "x": pd.array([False, True, None, True, True, False, False], dtype="boolean"),
            "place": ["a", "a", "b", "b", None, "c", "c"],
        }
    )
    spec = replace(ON_X, outcome=Variable("y", "log"), fixed_effects=(), covariance=CovarianceSpec("HC1"))
    result = fit(replace(spec, sample=SampleSpec("named", "有名", (Filter("place", "!=", "z"),))), frame)
    assert {(drop.reason, drop.count) for drop in result.dropped_rows} == {
        ("y missing", 1),
        ("x missing", 1),
        ("log of y not defined (zero or less)", 1),
    }
    np.testing.assert_array_equal(result.rows, [0, 3, 6])
    clean = pd.DataFrame({"y": [1.0, 8.0, 7.0], "x": [0, 1, 0]})
    np.testing.assert_allclose(result.params, fit(replace(spec, sample=EVERYTHING), clean).params)


def test_collinear_control_is_dropped_and_reported() -> None:
    frame = simulate_counties(np.random.default_rng(3), n=200, side=2)
    frame["twice"] = 2.0 * frame["ruggedness"] + 7.0
    spec = RegressionSpec(
        Variable("gdp_per_capita", "log"),
        (Variable("on_border"), Variable("ruggedness")),
        EVERYTHING,
        CovarianceSpec("HC1"),
        controls=(Variable("twice"), Variable("is_district")),
        fixed_effects=("province_code",),
    )
    result = fit(spec, frame)
    assert result.dropped_columns == ("twice",)
    assert "dropped because the others determine them: twice." in result.notes
    without = fit(replace(spec, controls=(Variable("is_district"),)), frame)
    np.testing.assert_allclose(result.params, without.params)
    assert result.df == without.df


def test_control_constant_within_fixed_effects_is_dropped_and_reported() -> None:
    frame = TINY.assign(province=[1, 1, 1, 1], area=9.0)
    result = fit(replace(ON_X, controls=(Variable("area"),), fixed_effects=("province",)), frame)
    assert result.dropped_columns == ("area",)


def test_outcomes_among_the_controls_are_named_in_the_notes() -> None:
    frame = simulate_counties(np.random.default_rng(3), n=200, side=2)
    spec = RegressionSpec(
        Variable("gdp_per_capita", "log"),
        (Variable("on_border"),),
        EVERYTHING,
        CovarianceSpec("HC1"),
        controls=(Variable("population", "log", is_outcome=True),),
    )
    result = fit(spec, frame)
    assert result.notes == ("controls that are outcomes of borders or terrain: log_population.",)
    assert result.to_frame().set_index("term")["is_outcome"].to_dict() == {
        "intercept": False,
        "on_border": False,
        "log_population": True,
    }


@pytest.mark.parametrize(("side", "clusters", "word"), [(2, 16, "too few"), (3, 36, "few, so"), (4, 64, None)])
def test_few_clusters_are_said_beside_the_numbers(side: int, clusters: int, word: str | None) -> None:
    frame = simulate_counties(np.random.default_rng(5), n=600, side=side)
    spec = RegressionSpec(
        Variable("gdp_per_capita", "log"),
        (Variable("on_border"),),
        EVERYTHING,
        CovarianceSpec("cluster", ("prefecture_code",), "CR1S"),
        fixed_effects=("province_code",),
    )
    result = fit(spec, frame)
    assert result.clusters[0].count == clusters
    if word is None:
        assert result.notes == ()
    else:
        assert result.notes[0].startswith(f"{clusters} clusters by prefecture_code: {word}")


def test_an_indefinite_two_way_covariance_is_said_and_no_other() -> None:
    """Over twenty draws: one that has a negative eigenvalue says so, one that has none does not, and both occur."""
    spec = replace(ON_X, terms=(Variable("x"), Variable("w")), covariance=CovarianceSpec("cluster", ("a", "b"), "CR0"))
    indefinite, said = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame({name: rng.normal(size=24) for name in ("x", "w", "y")})
        frame = frame.assign(a=rng.integers(0, 5, 24), b=rng.integers(0, 6, 24))
        result = fit(spec, frame)
        indefinite.append(np.linalg.eigvalsh(result.covariance).min() < 0)
        said.append(any("not positive semidefinite" in note for note in result.notes))
    assert said == indefinite
    assert set(indefinite) == {True, False}


def test_a_negative_two_way_variance_leaves_its_coefficient_alone_without_an_error() -> None:
    """Draws in which one variance of three is negative: that one has no error and is named, the others keep theirs."""
    spec = replace(ON_X, terms=(Variable("x"), Variable("w")), covariance=CovarianceSpec("cluster", ("a", "b"), "CR0"))
    found = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame({name: rng.normal(size=24) for name in ("x", "w", "y")})
        frame = frame.assign(a=rng.integers(0, 5, 24), b=rng.integers(0, 6, 24))
        result = fit(spec, frame)
        without = [name for name, error in zip(result.names, result.se, strict=True) if np.isnan(error)]
        assert without == [name for name, own in zip(result.names, np.diag(result.covariance), strict=True) if own < 0]
        if 0 < len(without) < 3:
            found += 1
            assert any(f"No standard error: {', '.join(without)}." in note for note in result.notes)
            mended = fit(replace(spec, covariance=replace(spec.covariance, repair=True)), frame)
            assert np.isfinite(mended.se).all()
            assert any("set to zero (Cameron, Gelbach & Miller 2011)" in note for note in mended.notes)
    assert found > 2


@pytest.mark.parametrize("wrong", [{"repair": True}, {"by": ("a", "b"), "repair": False}])
def test_only_two_cluster_columns_are_repaired(wrong: dict[str, object]) -> None:
    with pytest.raises(SpecificationError, match=r"repair is .*; allowed: True for two cluster columns"):
        CovarianceSpec("cluster", **{"by": ("a",), "factor": "CR1", **wrong})


def test_linear_combination_and_joint_test() -> None:
    result = fit(ON_X, TINY)
    second = combine(result, {"intercept": 1.0, "x": 1.0})
    assert second.value == pytest.approx(6.0)
    assert second.se == pytest.approx(np.sqrt(5.0 / 2))  # mean of two with residual variance 5
    alone = joint_test(result, ("x",))
    assert alone.statistic == pytest.approx(result.t[1] ** 2)
    assert alone.p == pytest.approx(result.p[1])


def test_results_cannot_be_changed() -> None:
    result = fit(ON_X, TINY)
    for array in (result.params, result.covariance, result.residuals, result.rows):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


CLUSTERED = CovarianceSpec("cluster", ("village",), "CR1")


@pytest.mark.parametrize(
    ("spec", "frame", "said"),
    [
        (replace(ON_X, terms=(Variable("z"),)), TINY, "no column 'z' in the frame; it has: x, y, village"),
        (replace(ON_X, terms=(Variable("village"),)), TINY, "allowed: numbers or true and false"),
        (ON_X, TINY.assign(x=1), "term 'x' does not vary in sample 'all'"),
        (
            replace(ON_X, terms=(Variable("x"), Variable("z"))),
            TINY.assign(z=[3, 3, 1, 1]),
            "'z' is determined by the others",
        ),
        (replace(ON_X, fixed_effects=("village",)), TINY.assign(village=[1, 1, 2, 2]), "does not vary within village"),
        (
            replace(ON_X, terms=(Variable("on_border"),)),
            TINY.assign(on_border=[0, 0, 0, None]),
            "it may not show the neighbouring provinces",
        ),
        (ON_X, TINY.assign(y=5.0), "outcome 'y' does not vary in sample 'all'"),
        (ON_X, TINY.iloc[[0, 2]], "2 rows for 2 coefficients"),
        (ON_X, TINY.assign(y=np.nan), "leaves no row (y missing: 4)"),
        (ON_X, TINY.assign(y=[1.0, np.inf, 2.0, 3.0]), "1 rows hold an infinite number"),
        (replace(ON_X, covariance=CLUSTERED), TINY.assign(village="a"), "are in one cluster by 'village'"),
        (replace(ON_X, covariance=CLUSTERED), TINY.assign(village=list("aabb")), "more clusters than coefficients"),
        (replace(ON_X, weights="w"), TINY.assign(w=[1, 1, 0, 1]), "zero or negative in 1 rows"),
        (replace(ON_X, terms=(Variable("x", "standardised"),)), TINY.assign(x=3), "cannot be standardised"),
        (replace(ON_X, terms=(Bands("y", (50, 60)),), outcome=Variable("x")), TINY, "in the reference band"),
        (
            replace(ON_X, covariance=CovarianceSpec("HC3"), terms=(Variable("alone"), Variable("x"))),
            pd.concat([TINY, TINY]).assign(alone=[1, 0, 0, 0, 0, 0, 0, 0]),
            "rows with leverage one (alone in their fixed effect, or with a dummy of their own): 1, where",
        ),
        (
            replace(ON_X, sample=SampleSpec("two states", filters=(Filter("state", "in", ("MO", "IL")),))),
            TINY.assign(state=["MO", "MO", "TX", None]),
            "sample 'two states' names values of 'state' without a row: IL; the frame has: MO, TX. Name some of these.",
        ),
        (
            replace(ON_X, sample=SampleSpec("some", "一些", (Filter("size", ">", 1),))),
            TINY,
            "no column 'size' in the frame for sample 'some'",
        ),
    ],
)
def test_what_cannot_be_estimated_is_refused_with_the_reason(
    spec: RegressionSpec, frame: pd.DataFrame, said: str
) -> None:
    with pytest.raises(SpecificationError) as refusal:
        fit(spec, frame)
    assert said in str(refusal.value)


def test_effects_of_border_mountain_and_both_are_recovered() -> None:
    """Over repeated draws the mean estimate is the truth, and intervals cover it about as often as they say."""
    border, terrain = Variable("on_border"), Variable("ruggedness", "standardised")
    spec = RegressionSpec(
        Variable("gdp_per_capita", "log"),
        (border, terrain, Interaction(border, terrain)),
        EVERYTHING,
        CovarianceSpec("cluster", ("province_code",), "CR1S"),
        controls=(Variable("is_district"),),
        fixed_effects=("province_code",),
    )
    truth = np.array([-0.15, -0.20, -0.10, 0.50])
    draws = [fit(spec, simulate_counties(np.random.default_rng([7, draw]), n=800)) for draw in range(400)]
    estimates = np.array([result.params for result in draws])
    error = estimates.std(axis=0, ddof=1) / np.sqrt(len(draws))
    assert (np.abs(estimates.mean(axis=0) - truth) < 3 * error).all()
    covered = np.mean([(result.ci[:, 0] < truth) & (truth < result.ci[:, 1]) for result in draws], axis=0)
    # With 25 clusters and errors correlated in space, intervals of 95 % cover a little less: 0.91 is what is asked for.
    # 400 draws give a share with a standard error of 0.014 there and 0.011 at 0.95, and three of these are allowed.
    assert (covered > 0.91 - 3 * 0.0143).all()
    assert (covered < 0.95 + 3 * 0.0109).all()


def test_an_outcome_that_regressors_determine_has_no_standard_errors() -> None:
    frame = pd.DataFrame({"x": np.arange(30.0), "z": np.arange(30.0) % 7})
    result = fit(replace(ON_X, terms=(Variable("x"), Variable("z"))), frame.assign(y=2 * frame["x"] - frame["z"] + 1e6))
    assert result.params == pytest.approx([1e6, 2.0, -1.0])
    assert np.isnan(result.se).all()
    assert "determine the outcome to the last digit" in " ".join(result.notes)


def test_rows_that_all_lie_within_one_cutoff_are_refused() -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"x": rng.normal(size=60), "y": rng.normal(size=60), "east": 10.0, "north": 50.0})
    conley = replace(ON_X, covariance=CovarianceSpec.conley("uniform", 100.0, ("east", "north")))
    with pytest.raises(SpecificationError, match="has no variance left"):
        fit(conley, frame)
    assert fit(replace(conley, covariance=CovarianceSpec("HC1")), frame).se.min() > 0.05


@pytest.mark.parametrize("dtype", ["Int64", "string", "boolean", "object"])
def test_labels_of_any_type_with_missing_ones(dtype: str) -> None:
    rng = np.random.default_rng(3)
    labels = pd.Series(rng.integers(0, 2 if dtype == "boolean" else 12, 90))
    labels = labels.astype(bool).astype("boolean") if dtype == "boolean" else labels.astype(dtype)
    frame = pd.DataFrame({"x": rng.normal(size=90), "y": rng.normal(size=90), "g": labels.mask(labels.index % 9 == 0)})
    frame.index = np.repeat(np.arange(45), 2)
    spec = replace(ON_X, fixed_effects=("g",), covariance=CovarianceSpec("HC1"))
    known = fit(spec, frame[frame["g"].notna()].reset_index(drop=True))
    found = fit(spec, frame)
    assert found.se == pytest.approx(known.se)
    assert [(drop.reason, drop.count) for drop in found.dropped_rows] == [("g missing", 10)]


def test_a_column_that_is_there_twice_is_refused() -> None:
    frame = pd.DataFrame(np.random.default_rng(4).normal(size=(20, 3)), columns=["y", "x", "x"])
    with pytest.raises(SpecificationError, match="several columns 'x'"):
        fit(ON_X, frame)


def test_coefficients_that_a_covariance_does_not_tell_apart_have_no_joint_test() -> None:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"x": rng.normal(size=80), "y": rng.normal(size=80), "east": 10.0, "north": 50.0})
    frame = frame.assign(z=frame["x"] + 1e-7 * rng.normal(size=80))
    result = fit(replace(ON_X, terms=(Variable("x"), Variable("z"))), frame)
    with pytest.raises(SpecificationError, match="cannot be tested at once"):
        joint_test(result, ("x", "z"))


def test_a_regression_solved_once_has_the_results_of_each_covariance_alone() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({name: rng.normal(size=60) for name in ("x", "y", "longitude", "latitude")})
    frame["town"], frame["region"] = [f"t{n % 15}" for n in range(60)], [f"r{n % 6}" for n in range(60)]
    frame.loc[:2, "town"] = None  # rows that errors by town cannot use, and the others can
    covariances = [
        CovarianceSpec("HC3"),
        CovarianceSpec("cluster", ("town",), "CR1S"),
        CovarianceSpec("cluster", ("region",), "CR2"),
        CovarianceSpec.conley("bartlett", 50.0),
        CovarianceSpec("cluster", ("town",), "CV3"),
    ]
    several = fit_many(ON_X, frame, covariances)
    assert [result.n for result in several] == [60, 57, 60, 60, 57]
    for result, covariance in zip(several, covariances, strict=True):
        alone = fit(replace(ON_X, covariance=covariance), frame)
        assert result.spec == alone.spec and result.notes == alone.notes
        np.testing.assert_array_equal(result.covariance, alone.covariance)
        np.testing.assert_array_equal(result.params, alone.params)


@pytest.mark.parametrize(
    ("scale", "message"),
    [
        ({"x": 1e200}, r"column 'x' reaches 1e\+200; allowed: a largest number of 1e-100 to 1e\+100.*Rescale it"),
        ({"x": 1e-200}, r"column 'x' reaches 1e-200; allowed: "),
        ({"y": 1e200}, r"column 'y' reaches 8e\+200; allowed: "),
        ({"y": 1e-200}, r"column 'y' reaches 8e-200; allowed: "),
        ({"w": 1e300}, r"column 'w' reaches 1e\+300; allowed: "),
        ({"x": 1e90, "w": 1e90}, r"term 'x:w' reaches 1e\+180; allowed: "),
    ],
    ids=str,
)
def test_numbers_whose_squares_overflow_or_vanish_are_told_from_columns_that_do_not_vary(
    scale: dict[str, float], message: str
) -> None:
    frame = TINY.assign(w=[1.0, 1.0, 1.0, 1.0]).assign(**{name: TINY.get(name, 1.0) * by for name, by in scale.items()})
    product = (Interaction(Variable("x"), Variable("w")),) if len(scale) > 1 else ()
    spec = replace(ON_X, terms=(*ON_X.terms, *product), weights=None if product else "w")
    with pytest.raises(SpecificationError, match=message):
        fit(spec, frame)


@pytest.mark.parametrize("by", [1e-90, 1e90])
def test_units_far_from_one_change_nothing_but_the_unit(by: float) -> None:
    result = fit(ON_X, TINY.assign(x=TINY["x"] * by))
    assert result.params[1] * by == pytest.approx(4.0)
    assert result.t == pytest.approx(fit(ON_X, TINY).t)


def test_a_weight_beside_which_the_others_are_rounding_is_refused() -> None:
    spec = replace(ON_X, weights="w")
    with pytest.raises(SpecificationError, match=r"weight 'w' reaches from 1 to 1e\+20; allowed: .* 1e\+12 times"):
        fit(spec, TINY.assign(w=[1.0, 1.0, 1.0, 1e20]))


def test_what_is_no_frame_is_refused() -> None:
    for wrong in (TINY.to_dict(), TINY.to_numpy(), None, TINY["x"]):
        with pytest.raises(SpecificationError, match=r"the frame is of type .*; allowed: a pandas DataFrame"):
            fit(ON_X, wrong)  # type: ignore[arg-type]
