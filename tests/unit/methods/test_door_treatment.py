"""Drawn treatments and borders move every term of a formula that contains them: each draw is the regression anew."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
import statsmodels.formula.api as smf

from shanhai.core.errors import SpecificationError
from shanhai.methods import Regression, adopt, fit
from shanhai.methods.placebo import BorderColumns, draw_borders, permutations

DRAWS = 5


def trial(n: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"tr": rng.integers(0, 2, n), "x": rng.normal(size=n) + 3, "f": rng.integers(0, 4, n)})
    data["group"] = data["f"].map(dict(enumerate("abcd")))
    data["y"] = 2 * data["tr"] * data["x"] + rng.normal(size=n)
    data["dose"] = rng.normal(size=n)
    data.loc[7, "y"] = np.nan
    return data


def fitted(formula: str, data: pd.DataFrame) -> Regression:
    result = fit(formula, data, vcov="HC1")
    assert isinstance(result, Regression)
    return result


@pytest.mark.parametrize(
    "formula",
    [
        "y ~ tr + I(tr * x) + x",
        "y ~ tr + I((1 - tr) * x) + x",
        "y ~ tr + i(f, tr)",
        "y ~ tr + tr:C(f) + C(f)",
        "y ~ tr + group:tr | group",
        "y ~ tr + C(tr):x",
        "y ~ tr + tr:x:f",
        "y ~ tr + I((tr + 1) ** 2 * x) + x",
    ],
)
def test_every_term_made_of_the_treatment_is_that_of_the_regression_estimated_anew(formula: str) -> None:
    data = trial()
    found = fitted(formula, data).randomize("tr", seed=1, draws=DRAWS)
    whole = data.dropna()
    for number, drawn in enumerate(permutations(whole["tr"], None, DRAWS, np.random.default_rng(1))):
        anew = fitted(formula, whole.assign(tr=drawn))
        at = anew.position("tr")
        assert found.estimates[number] == pytest.approx(anew.params[at], abs=1e-9)
        assert found.t_ratios[number] == pytest.approx(anew.t[at], abs=1e-9)


def test_a_product_written_by_hand_has_the_p_value_of_one_written_by_the_formula() -> None:
    data = trial()
    short, written = (fitted(text, data).randomize("tr", seed=1) for text in ("y ~ tr * x", "y ~ tr + I(tr * x) + x"))
    assert written.p_of_estimate == short.p_of_estimate > 0.2  # 0.001 while the product stayed at the data
    assert written.estimates == pytest.approx(short.estimates, abs=1e-9)


def test_a_dose_may_be_multiplied_but_what_bends_in_it_or_hides_in_the_outcome_is_refused() -> None:
    data = trial()
    pair = (
        fitted(text, data).randomize("dose", seed=1, draws=9) for text in ("y ~ dose*x", "y ~ dose + I(dose*x) + x")
    )
    assert next(pair).estimates == pytest.approx(next(pair).estimates, abs=1e-9)
    for formula, said in (
        ("y ~ dose + I(dose ** 2)", r"'I\(dose \*\* 2\)' is no straight line in 'dose'.*fit each draw"),
        ("I(y - dose) ~ dose + x", "'dose' is drawn and also stands in the outcome"),
        ("y ~ dose + x | f^dose + f", "no coefficient 'dose'"),
    ):
        with pytest.raises(SpecificationError, match=said):
            fitted(formula, data.assign(dose=data["dose"].round())).randomize("dose", seed=1, draws=9)


def squares(side: int = 10) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Units on a grid in four regions, and pairs that share an edge."""
    x, y = np.divmod(np.arange(side * side), side)
    code = np.array([f"u{number:03d}" for number in range(side * side)])
    region = 2 * (2 * x // side) + 2 * y // side
    pairs = [(a, a + side) for a in np.flatnonzero(x < side - 1)] + [(a, a + 1) for a in np.flatnonzero(y < side - 1)]
    left, right = np.array(pairs).T
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"unit": code, "region": region.astype(str), "z": rng.normal(size=side * side) + 2})
    crossing = region[left] != region[right]
    frame["border"] = np.isin(np.arange(side * side), np.concatenate([left[crossing], right[crossing]])).astype(float)
    frame["pay"] = frame["border"] * frame["z"] + rng.normal(size=side * side)
    return frame, pd.DataFrame({"unit_a": code[left], "unit_b": code[right]})


def test_terms_made_of_the_border_are_those_of_each_drawn_border() -> None:
    frame, edges = squares()
    formula = "pay ~ border + I(border * z) + z | region"
    found = fitted(formula, frame).placebo_borders(edges, seed=1, draws=DRAWS, rounds=(20, 4)).test
    maps = draw_borders(frame, edges, DRAWS, 1, columns=BorderColumns("unit", "region", "border"), rounds=(20, 4))
    for number, drawn in enumerate(maps.on_border):
        anew = fitted(formula, frame.assign(border=drawn.astype(float)))
        assert found.estimates[number] == pytest.approx(anew.params[anew.position("border")], abs=1e-9)


def test_a_pair_of_neighbours_counts_once_however_often_it_is_listed() -> None:
    frame, edges = squares()
    result = fitted("pay ~ border + z | region", frame)
    turned = edges.rename(columns={"unit_a": "unit_b", "unit_b": "unit_a"})
    lists = (edges, pd.concat([edges, turned]), pd.concat([edges, edges]), pl.DataFrame(edges.to_dict("list")))
    once, *others = (result.placebo_borders(each, seed=1, draws=DRAWS, rounds=(20, 4)) for each in lists)
    for other in others:
        np.testing.assert_array_equal(other.test.estimates, once.test.estimates)
        assert other.pairs_kept == once.pairs_kept


def test_strata_that_leave_nothing_to_exchange_are_refused() -> None:
    data = trial().assign(c=lambda each: 2 * each["f"] + each["tr"])
    for how in ({"within": "c"}, {"units": "c", "within": "c"}):
        with pytest.raises(SpecificationError, match="'tr' has one value in each stratum 'c'"):
            fitted("y ~ tr", data).randomize("tr", seed=1, draws=9, **how)


@pytest.mark.parametrize("formula", ["y ~ tr * x", "y ~ tr + I(tr * x) + x", "y ~ tr * C(f)"])
def test_products_in_a_model_of_another_package_are_refused_as_it_does_not_say_how_they_are_made(formula: str) -> None:
    data = trial().dropna()
    taken = adopt(smf.ols(formula, data).fit(), vcov="HC1")
    with pytest.raises(SpecificationError, match=r"seems to be made of 'tr'.*Fit the formula by shanhai\.methods\.fit"):
        taken.randomize("tr", seed=1, draws=9)
    plain = adopt(smf.ols("y ~ tr + C(f) + np.exp(x)", data).fit(), vcov="HC1").randomize("tr", seed=1, draws=9)
    ours = fitted("y ~ tr + C(f) + exp(x)", data).randomize("tr", seed=1, draws=9)
    assert plain.estimates == pytest.approx(ours.estimates, abs=1e-9)


@pytest.mark.parametrize(
    ("formula", "term"),
    [
        ("y ~ C(f) + x", "C(f)[T.2]"),
        ("y ~ i(f) + x", "i(f)[2]"),
        ("y ~ tr + I(x**2)", "I(x ** 2)"),
        ("y ~ tr * x * dose", "tr:x:dose"),
        ("y ~ poly(x, 2)", "poly(x, 2)[1]"),
    ],
)
def test_a_column_that_the_formula_makes_is_not_drawn_without_its_fellows(formula: str, term: str) -> None:
    with pytest.raises(SpecificationError, match="is made by the formula; allowed: a term that is a column as it sta"):
        fitted(formula, trial()).randomize(term, seed=1, draws=9)


@pytest.mark.parametrize(
    ("formula", "term"), [("y ~ x + C(f)", "C(f)[T.2]"), ("y ~ x + np.exp(x)", "np.exp(x)"), ("y ~ tr * x", "tr:x")]
)
def test_nor_is_one_of_a_model_of_another_package(formula: str, term: str) -> None:
    taken = adopt(smf.ols(formula, trial().dropna()).fit(), vcov="HC1")
    with pytest.raises(SpecificationError, match="is made by the formula"):
        taken.randomize(term, seed=1, draws=9)
