"""Estimates say how sure they are, have one id each, and hold what every table of every result shows."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scipy

from shanhai.core.errors import SpecificationError
from shanhai.methods import Bands, CovarianceSpec, Interaction, RegressionSpec, SampleSpec, Variable, fit
from shanhai.methods.estimate import Estimate, critical_value, equivalence_p, interval, set_interval, two_sided_p
from shanhai.methods.records import EstimateRecord, HypothesisTest, Quantity, estimates_of, hypothesis_tests
from shanhai.methods.regression.results import combine
from shanhai.render._shown import missing_cells, uncertain_cells
from shanhai.studies.border.analysis import all_estimates

BASE = EstimateRecord("all", "y", "m", "x", 1.0, 9, "HC3", se=0.5)


@pytest.mark.parametrize(
    "known",
    [
        {"se": 0.5},
        {"low": 0.0, "high": 2.0},
        {"p": 0.3},
        {"p_other": {"Holm": 0.3}},
        {"null_low": -1.0, "null_high": 1.0},
    ],
    ids=str,
)
def test_an_estimate_has_an_error_an_interval_or_a_p_value(known: dict[str, float]) -> None:
    assert EstimateRecord("all", "y", "m", "x", 1.0, 9, "v", **known).record()["estimate"] == 1.0
    half = {name: None if name in ("high", "null_high") else value for name, value in known.items()}
    if None in half.values():
        with pytest.raises(SpecificationError, match="Publish it as a Quantity"):
            EstimateRecord("all", "y", "m", "x", 1.0, 9, "v", **half)


@pytest.mark.parametrize("nothing", [{}, {"se": float("nan")}, {"p": float("nan")}, {"se": float("inf")}], ids=str)
def test_a_number_without_uncertainty_is_refused(nothing: dict[str, float]) -> None:
    with pytest.raises(SpecificationError, match="without standard error, interval or p-value"):
        EstimateRecord("all", "y", "m", "x", 1.0, 9, "none", **nothing)


def test_an_estimate_says_by_which_covariance_or_method() -> None:
    with pytest.raises(SpecificationError, match="neither by which covariance nor by which method"):
        EstimateRecord("all", "y", "m", "x", 1.0, 9, p=0.3)
    drawn = EstimateRecord(
        "all", "y", "m", "x", 1.0, 9, p=0.3, p_error=0.01, method="permutation (99)", unit="pairs"
    ).record()
    assert (drawn["vcov"], drawn["method"], drawn["unit"], drawn["p_error"]) == (
        None,
        "permutation (99)",
        "pairs",
        0.01,
    )
    assert (BASE.record()["vcov"], BASE.record()["method"], BASE.record()["unit"]) == ("HC3", None, "observations")


def test_a_test_has_a_p_value_or_draws_and_covers_what_a_table_shows_of_it() -> None:
    with pytest.raises(SpecificationError, match="without p-value or draws"):
        HypothesisTest("all", "y", "m", "no effect", "F", 2.0, 9, "HC3")
    rows = pd.DataFrame({"statistic": ["F", "LR"], "value": [2.0, 3.0], "p": [0.04, np.nan], "df": [3, 4]})
    (first,) = hypothesis_tests(rows, sample="s", outcome="y", model="m", term="no effect", n=9, method="chi-squared")
    stored = json.loads(json.dumps(first.record(), allow_nan=False))
    assert (stored["statistic"], stored["value"], stored["p"], stored["df"], stored["vcov"]) == (
        "F",
        2.0,
        0.04,
        3,
        None,
    )
    assert "estimate" not in stored and first.KIND == "tests"
    assert replace(first, statistic="t").id != first.id == replace(first, value=9.0).id
    frame = pd.DataFrame({"term": ["x", "y"], "p": ["0.040", "–"]})
    assert not missing_cells(frame, [first])
    assert missing_cells(frame, [replace(first, p=0.05)])
    assert missing_cells(frame, [Quantity("all", "rank", "m", "x", 0.04, 9)])
    with pytest.raises(SpecificationError, match="no field se"):
        hypothesis_tests(rows, se=1.0)


def test_the_id_follows_from_the_name_not_from_the_value() -> None:
    assert replace(BASE, estimate=2.0, p=0.1, n=10).id == BASE.id
    names = ("sample", "outcome", "model", "term", "vcov", "estimand", "method", "design_id")
    others = {replace(BASE, **{name: "other"}).id for name in names}
    assert len(others | {BASE.id}) == len(names) + 1
    assert Quantity("all", "rank", "m", "x", 1, 9).id != Quantity("all", "rank", "m", "y", 1, 9).id


def test_records_are_json_without_missing_or_infinite_numbers() -> None:
    record = replace(BASE, low=-np.inf, high=np.inf, df=np.float64(8), clusters=np.int64(9), p=np.nan).record()
    stored = json.loads(json.dumps(record, allow_nan=False))
    assert (stored["low"], stored["high"], stored["p"], stored["df"], stored["clusters"]) == (None, None, None, 8.0, 9)
    assert stored["level"] == 0.95
    assert BASE.record()["level"] is None


def test_rows_become_estimates_and_reference_rows_do_not() -> None:
    rows = pd.DataFrame(
        {"term": ["a", "b", "c"], "estimate": [1.0, 0.0, 2.0], "se": [0.1, np.nan, 0.3], "colour": "red"}
    )
    rows["spec_id"] = ["one", "two", "three"]
    first, last = estimates_of(rows, sample="s", outcome=["y1", "y2", "y3"], model="m", n=9, vcov="v")
    assert (first.term, first.outcome, first.spec_id) == ("a", "y1", "one")
    assert (last.term, last.outcome, last.se) == ("c", "y3", 0.3)
    with pytest.raises(SpecificationError, match="no field colour"):
        estimates_of(rows, colour="red")


def test_sums_that_sentences_speak_of_are_estimates_too() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({name: rng.normal(size=80) for name in ("y", "ruggedness")})
    frame["on_border"] = rng.integers(0, 2, 80).astype(float)
    frame["km"] = rng.uniform(0, 90, 80)
    border, rugged = Variable("on_border"), Variable("ruggedness", "standardised")
    spec = RegressionSpec(
        Variable("y"), (border, rugged, Interaction(border, rugged)), SampleSpec("all", "全部"), CovarianceSpec("HC3")
    )
    dual = fit(spec, frame)
    *_, last = all_estimates([dual])
    wanted = combine(dual, {"on_border": 1.0, "on_border:z_ruggedness": 1.0})
    assert last.term == "on_border + on_border:z_ruggedness"
    assert (last.estimate, last.se, last.p, last.low) == (wanted.value, wanted.se, wanted.p, wanted.interval()[0])
    bands = fit(replace(spec, terms=(Bands("km", (0, 20, 40, 60)),)), frame)
    step = all_estimates([bands])[-1]
    assert step.estimate == pytest.approx(bands.params[1] - bands.params[2])
    assert step.term == f"{bands.names[1]} - {bands.names[2]}"


def test_what_speaks_of_uncertainty_is_read_from_the_cells_alone() -> None:
    frame = pd.DataFrame(
        {
            "term": ["border", "", "sum"],
            "model": ["-0.12**", "(0.05)", "(0.20)"],
            "se": [0.05, None, None],
            "wild_low": ["-0.2", "–", ""],
            "p_joint": ["<0.001", "0.2", "none"],
            "kinds": ["[-0.2, -0.1]", "1–3", "[a, b]"],
            "population": [3.0, 4.0, 5.0],
            "p_share": ["12%", "", ""],
        }
    )
    kinds = [(cell.column, cell.row, cell.kind) for cell in uncertain_cells(frame)]
    assert kinds == [
        ("model", 0, "estimate"), ("model", 1, "bound"), ("se", 0, "bound"), ("wild_low", 0, "bound"),
        ("p_joint", 0, "p"), ("p_joint", 1, "p"), ("kinds", 0, "interval"),
    ]  # fmt: skip
    whole = replace(BASE, estimate=-0.12, se=0.05, low=-0.2, high=-0.1, p=0.0004, p_other={"other": 0.2})
    assert not missing_cells(frame, [whole])
    wrong = replace(whole, p=0.001, low=-0.31)
    assert [cell.column for cell in missing_cells(frame, [wrong])] == ["wild_low", "p_joint", "kinds"]


def test_an_estimate_has_the_t_ratio_p_value_and_interval_of_its_distribution() -> None:
    number = Estimate(-0.3, 0.1, df=9.0, error="HC3")
    assert number.t == pytest.approx(-3.0)
    assert number.p == pytest.approx(2 * scipy.stats.t.sf(3, 9))
    assert number.interval(0.9) == pytest.approx(scipy.stats.t.interval(0.9, 9, -0.3, 0.1))
    normal = replace(number, df=np.inf)
    assert normal.p == pytest.approx(2 * scipy.stats.norm.sf(3))
    assert normal.interval() == pytest.approx(scipy.stats.norm.interval(0.95, -0.3, 0.1))
    assert np.isnan(replace(number, se=0.0).p) and np.isnan(replace(number, se=np.nan).interval()).all()


def test_arrays_follow_the_same_arithmetic_with_degrees_of_freedom_of_their_own() -> None:
    t, df = np.array([-2.0, 0.0, np.nan, 3.0]), np.array([5.0, np.inf, 4.0, np.inf])
    assert two_sided_p(t, df) == pytest.approx([Estimate(x, 1.0, n).p for x, n in zip(t, df, strict=True)], nan_ok=True)
    low, high = interval(t, np.ones(4), df)
    for bound, sign in ((low, -1), (high, 1)):
        assert bound == pytest.approx(t + sign * critical_value(df), nan_ok=True)


NO_ERROR, NO_DEGREES = r"se is {}; allowed: zero or above, or NaN", r"df is {}; allowed: above zero, inf"


@pytest.mark.parametrize("se", [-1.0, -np.inf, np.inf], ids=str)
def test_what_is_no_standard_error_is_refused(se: float) -> None:
    for call in (lambda: Estimate(1.0, se), lambda: interval(np.ones(2), np.array([0.5, se]))):
        with pytest.raises(SpecificationError, match=NO_ERROR.format(se)):
            call()


@pytest.mark.parametrize("df", [0.0, -3.0, -np.inf, np.nan], ids=str)
def test_what_are_no_degrees_of_freedom_is_refused(df: float) -> None:
    several = np.array([9.0, df])
    for call in (
        lambda: Estimate(1.0, 0.5, df),
        lambda: two_sided_p(2.0, df),
        lambda: two_sided_p(np.ones(2), several),
        lambda: critical_value(df),
        lambda: critical_value(several),
        lambda: interval(np.ones(2), np.ones(2), several),
    ):
        with pytest.raises(SpecificationError, match=NO_DEGREES.format(df)):
            call()


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, np.nan, 1.2, "0.95", None, True], ids=str)
def test_what_is_no_level_is_refused(level: float) -> None:
    for call in (lambda: Estimate(1.0, 0.5).interval(level), lambda: critical_value(9.0, level)):
        with pytest.raises(
            SpecificationError, match=r"level is .*; allowed: a number above 0 and below 1\. Give 0\.95"
        ):
            call()


@pytest.mark.parametrize("wrong", [None, "1", True, np.array([1.0, 2.0]), [1.0], pd.Series([1.0]), 1j], ids=repr)
def test_an_estimate_is_one_number_and_arrays_have_their_functions(wrong: object) -> None:
    for call in (lambda: Estimate(wrong, 0.5), lambda: Estimate(1.0, wrong), lambda: Estimate(1.0, 0.5, wrong)):
        with pytest.raises(SpecificationError, match=r"one number; two_sided_p and interval take arrays"):
            call()
    with pytest.raises(SpecificationError, match=r"value of an estimate is inf; allowed: a finite number"):
        Estimate(np.inf, 0.5)


@pytest.mark.parametrize("wrong", [None, "1", True, [None, 1.0], ["a"], [True], [[1.0], [1.0, 2.0]]], ids=repr)
def test_arrays_of_anything_but_numbers_are_refused(wrong: object) -> None:
    for call in (
        lambda: two_sided_p(wrong),
        lambda: two_sided_p(1.0, wrong),
        lambda: interval(wrong, 1.0),
        lambda: interval(1.0, wrong),
    ):
        with pytest.raises(SpecificationError, match=r"allowed: a number or an array of numbers\. Pass"):
            call()
    with pytest.raises(SpecificationError, match=r"shape \(3,\), .* \(2,\); allowed: one shape"):
        interval(np.ones(3), np.ones(2))
    with pytest.raises(SpecificationError, match="value and se have other indexes"):
        interval(pd.Series([1.0, 2.0]), pd.Series([1.0, 2.0], index=[1, 0]))


def test_what_was_not_estimable_stays_nan_and_what_is_certain_has_an_interval_but_no_test() -> None:
    unknown = Estimate(1.0, np.nan, np.nan)
    assert np.isnan([unknown.t, unknown.p, *unknown.interval()]).all()
    certain = Estimate(1.0, 0.0)
    assert certain.interval() == (1.0, 1.0)
    assert np.isnan([certain.t, certain.p]).all()
    both = np.array([np.nan, 0.0]), np.array([np.nan, 9.0])
    assert np.array_equal(interval(np.ones(2), *both)[0], [np.nan, 1.0], equal_nan=True)


def test_a_series_keeps_its_index_and_lists_and_nullable_columns_are_taken() -> None:
    t = pd.Series([1.0, -2.0], index=["a", "b"])
    wanted = pd.Series(two_sided_p(t.to_numpy(), 9), index=t.index)
    pd.testing.assert_series_equal(two_sided_p(t, 9), wanted)
    _, high = interval(t, pd.Series([0.5, 0.0], index=t.index))
    pd.testing.assert_series_equal(high, pd.Series([1 + 1.96 * 0.5, -2.0], index=t.index), rtol=1e-4)
    assert two_sided_p([1.0, -2.0], 9) == pytest.approx(wanted.to_numpy())
    missing = two_sided_p(pd.Series([1, None], dtype="Int64"))
    assert missing[0] == pytest.approx(two_sided_p(1)) and np.isnan(missing[1])


def test_two_one_sided_tests_reject_just_where_the_bound_lies() -> None:
    """On 15 degrees of freedom -0.1 with error 0.05 excludes sizes from 0.1 + 1.7531 x 0.05 on at 5 %."""
    assert equivalence_p(-0.1, 0.05, 15, 0.1 + 1.7530503556925552 * 0.05) == pytest.approx(0.05)
    assert equivalence_p(0.3, 0.1, float("inf"), 0.2) > 0.5  # an estimate beyond the margin


@pytest.mark.parametrize(
    ("low", "high", "level", "message"),
    [
        (Estimate(1.0, 0.1), Estimate(-1.0, 0.1), 0.95, "low end 1 is above the high end -1"),
        (Estimate(-1.0, 0.0), Estimate(1.0, 0.0), 0.95, "one of them above zero"),
        (Estimate(float("nan"), 0.1), Estimate(1.0, 0.1), 0.95, "two numbers with standard errors"),
        (Estimate(-1.0, 0.1), Estimate(1.0, float("nan")), 0.95, "two numbers with standard errors"),
        (Estimate(-1.0, 0.1), Estimate(1.0, 0.1), 1.0, "above 0.5 and below 1"),
        (Estimate(-1.0, 0.1), Estimate(1.0, 0.1), -0.2, "above 0.5 and below 1"),
        (Estimate(-1.0, 0.1), Estimate(1.0, 0.1), 95, "above 0.5 and below 1"),
    ],
)
def test_ends_of_a_set_that_have_no_interval_are_refused(
    low: Estimate, high: Estimate, level: float, message: str
) -> None:
    with pytest.raises(SpecificationError, match=message):
        set_interval(low, high, level)
