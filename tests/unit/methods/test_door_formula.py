"""Formulas: what they ask for, and that nothing in them is ever run."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import speak
from shanhai.methods import CovarianceSpec, Interaction, RegressionSpec, SampleSpec, Variable, etable, fit
from shanhai.methods.curve import estimate_variations


def frame(n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    numbers = {
        name: rng.normal(size=n) for name in ("y", "x", "z", "log", "a:b", "GDP per head", "人口", "q`t", "intercept")
    }
    wage = np.exp(rng.normal(size=n))
    return pd.DataFrame(
        {
            **numbers,
            "wage": wage,
            "sector": [f"s{row % 3}" for row in range(n)],
            "year": [2000 + row % 4 for row in range(n)],
        }
    )


def test_a_formula_of_columns_is_the_specification_that_it_says() -> None:
    spec = fit("log(wage) ~ x * scale(z) | sector", frame(), vcov="HC3").spec
    x, z = Variable("x"), Variable("z", "standardised")
    assert spec == RegressionSpec(
        Variable("wage", "log"),
        (x, z, Interaction(x, z)),
        SampleSpec("all rows"),
        CovarianceSpec("HC3"),
        fixed_effects=("sector",),
    )
    assert spec.names == ("x", "scale(z)", "x:scale(z)")
    assert spec.spec_id == "1aaf4bc088c4"  # that of the specification without names as written


def test_back_ticks_hold_any_name_and_functions_do_not_meet_columns_of_their_name() -> None:
    result = fit("y ~ log + log(wage) + `a:b` + `GDP per head` + 人口 + `q``t`", frame(), vcov="iid")
    assert result.names == ("intercept", "log", "log(wage)", "a:b", "GDP per head", "人口", "q`t")


def test_dummies_powers_and_products_of_three_are_columns_like_those_made_by_hand() -> None:
    data = frame()
    result = fit("y ~ C(year) + I(x**2) + x:z:log + sector", data, vcov="HC1")
    by_hand = pd.DataFrame(
        {"y": data["y"], "square": data["x"] ** 2, "three": data["x"] * data["z"] * data["log"]}
        | {f"y{year}": (data["year"] == year).astype(float) for year in (2001, 2002, 2003)}
        | {sector: (data["sector"] == sector).astype(float) for sector in ("s1", "s2")}
    )
    same = fit("y ~ y2001 + y2002 + y2003 + square + three + s1 + s2", by_hand, vcov="HC1")
    np.testing.assert_allclose(result.params, same.params, rtol=1e-12)
    np.testing.assert_allclose(result.se, same.se, rtol=1e-12)
    assert result.names[1:4] == ("C(year)[T.2001]", "C(year)[T.2002]", "C(year)[T.2003]")


def test_means_and_polynomials_are_those_of_the_rows_of_the_regression() -> None:
    data = frame()
    data.loc[:9, "z"], data.loc[10, "wage"], data.loc[11:12, "sector"] = np.nan, -1.0, None
    result = fit("log(wage) ~ center(x):z + poly(x, 2) + z | sector", data)
    alone = fit("log(wage) ~ center(x):z + poly(x, 2) + z | sector", data.iloc[result.rows])
    assert result.n == 47
    np.testing.assert_allclose(result.params, alone.params, rtol=1e-12)
    assert {drop.reason: drop.count for drop in result.dropped_rows} == {
        "z missing": 10,
        "sector missing": 2,
        "log of wage not defined (zero or less)": 1,
    }


def test_pairs_of_levels_have_intercepts_of_their_own() -> None:
    data = frame()
    result = fit("y ~ x | sector^year", data, vcov="HC1")
    joined = fit("y ~ x | both", data.assign(both=data["sector"] + data["year"].astype(str)), vcov="HC1")
    assert result.params == pytest.approx(joined.params)
    assert result.absorbed == joined.absorbed == 12


def test_what_fixed_effects_hold_is_left_out_and_named_as_in_fixest() -> None:
    data = frame().assign(
        treated=lambda rows: (rows["sector"] == "s1").astype(float), post=lambda rows: rows["year"] > 2001
    )
    result = fit("y ~ treated * post | sector + year", data, vcov="iid")
    assert result.names == ("treated:post",)
    assert set(result.dropped_columns) == {"treated", "post"}


def test_outcomes_and_stepwise_sets_give_a_regression_each() -> None:
    fits = fit("y + log(wage) ~ x + csw0(z, log) | sw(sector, year)", frame(), vcov="HC1")
    assert len(fits) == 2 * 3 * 2
    assert fits.names[:3] == ("y ~ x | sector", "y ~ x | year", "y ~ x + z | sector")
    assert fits["log(wage) ~ x + z + log | year"].names == ("x", "z", "log")
    assert [len(each.names) for each in fits][:6] == [1, 1, 2, 2, 3, 3]
    assert list(fits.tidy().columns[:3]) == ["model", "term", "estimate"]
    assert len(fits.glance()) == 12
    with pytest.raises(SpecificationError, match="no regression 'nope'; allowed: places from 0 to 11"):
        fits["nope"]


def test_a_stepwise_set_may_begin_with_the_mean_or_fixed_effects_alone() -> None:
    """As in fixest; the mean and its error are those of statsmodels, and what effects alone explain is their R²."""
    data = frame()
    first, second, third = fit("y ~ csw0(x, z)", data, vcov="cluster:sector regress")
    theirs = sm.OLS(data["y"], np.ones(60)).fit(cov_type="cluster", cov_kwds={"groups": data["year"] % 4})
    same = fit("y ~ 1", data, vcov="cluster:year regress")
    assert (first.names, second.names, third.names) == (
        ("intercept",), ("intercept", "x"), ("intercept", "x", "z"),
    )  # fmt: skip
    np.testing.assert_allclose([same.params[0], same.se[0]], [theirs.params.iloc[0], theirs.bse.iloc[0]], rtol=1e-12)
    assert (first.r2, same.params[0]) == (pytest.approx(0.0, abs=1e-15), pytest.approx(data["y"].mean()))
    alone, with_x = fit("y ~ sw0(x) | year", data, vcov="cluster:sector")
    dummies = smf.ols("y ~ C(year)", data).fit()
    assert (alone.names, alone.r2) == ((), pytest.approx(dummies.rsquared))
    np.testing.assert_allclose(alone.predict(data), dummies.fittedvalues, rtol=1e-10)
    assert "t with 2 degrees of freedom" in str(alone.summary())
    for errors in ("HC3", "cluster:sector+year", "cluster:sector CR2"):
        assert alone.vcov(errors).tidy().empty
    labels = [label for _, label in etable([first, alone, with_x]).frame.index]
    assert labels[:3] == ["x", "Intercept", "year fixed effects"]
    speak("en")
    assert "R² within" in repr(alone)
    for ask in (
        lambda: alone.wild("x", seed=1),
        lambda: first.randomize("x", seed=1),
        lambda: first.sensitivity("x"),
        lambda: first.curve("x"),
        lambda: estimate_variations([first.spec], data),
    ):
        with pytest.raises(SpecificationError):
            ask()


def test_text_that_holds_numbers_is_no_category_unless_it_is_said_to_be() -> None:
    data = frame().assign(
        score=[f"{1.5 + row % 3:g}" for row in range(60)], code=[f"{row % 4:02d}" for row in range(60)]
    )
    data.loc[0, "score"] = "n/a"
    for formula, column, value in (
        ("y ~ x + score", "score", "2.5"),
        ("y ~ x * code", "code", "00"),
        ("y ~ poly(score, 2)", "score", "2.5"),
    ):
        with pytest.raises(
            SpecificationError, match=rf"column '{column}' holds numbers as text, such as '{value}'.*pd\.to_numeric"
        ):
            fit(formula, data, vcov="HC1")
    assert fit("y ~ x + C(code)", data, vcov="HC1").names[2:] == ("C(code)[T.01]", "C(code)[T.02]", "C(code)[T.03]")
    assert len(fit("y ~ x + i(code)", data, vcov="HC1").names) == 5
    assert fit("y ~ x | code", data, vcov="cluster:code").names == ("x",)
    assert len(fit("y ~ x + code", data.astype({"code": "category"}), vcov="HC1").names) == 5
    assert len(fit("y ~ x + sector", data, vcov="HC1").names) == 4
    with pytest.raises(SpecificationError, match=r"column 'code' holds numbers as text"):
        fit("code ~ x", data, vcov="HC1")


@pytest.mark.parametrize(
    ("texts", "numbers", "said"),
    [
        (["1,234", "999", "12,345.5"], [1234, 999, 12345.5], "'1,234' (with commas between thousands)"),
        (["1,5", "2,25", "1.234,5"], [1.5, 2.25, 1234.5], "'1,5' (with decimal commas)"),
        (["1.234.567", "999", "12.345"], [1234567, 999, 12345], "'1.234.567' (with points between thousands)"),
        (["1.234.567,8", "7", "0,5"], [1234567.8, 7, 0.5], "'1.234.567,8' (with decimal commas)"),
        (["€ 1.234.567", "€ 89.000", "€ 7"], [1234567, 89000, 7], "(with '€'; with points between thousands)"),
        (["12,34,567", "1,234", "5.5"], [1234567, 1234, 5.5], "'12,34,567' (with commas between thousands)"),
        (["1'234'567", "999", "1’234.5"], [1234567, 999, 1234.5], "(with apostrophes between thousands)"),
        (
            ["1\u202f234,5", "1\u00a0234\u00a0567", "7"],
            [1234.5, 1234567, 7],
            "(with spaces between thousands; with decimal",
        ),
        (["1 234", "999", "1 234 567"], [1234, 999, 1234567], "(with spaces between thousands)"),
        (["12.5%", "3 %", "4%"], [12.5, 3, 4], "'12.5%' (with '%' for hundredths)"),
        (["1,234 km", "5.5 km", "80km"], [1234, 5.5, 80], "(with 'km'; with commas between thousands)"),
        (["¥1,234", "¥80.5", "¥7"], [1234, 80.5, 7], "(with '¥'; with commas between thousands)"),
        (["1,234", "n/a", "7", "8"], [1234, np.nan, 7, 8], "(beside 'n/a', made missing here; with commas"),
        (["1,234", 7.5, "8"], [1234, 7.5, 8], "'1,234' (with commas between thousands)"),
    ],
)
def test_the_step_named_for_numbers_as_text_keeps_every_value(texts: list, numbers: list[float], said: str) -> None:
    data = pd.DataFrame({"y": np.arange(12.0), "pay": pd.Series((texts * 4)[:12], dtype=object)})
    with pytest.raises(SpecificationError, match=r"holds numbers as text") as refused:
        fit("y ~ pay", data)
    message = str(refused.value)
    assert said in message
    step = message.partition("= ")[2].rpartition(", or write C()")[0]
    made = eval(step, {"pd": pd, "frame": data})  # the advice itself, as a reader pastes it
    assert made.tolist()[: len(numbers)] == pytest.approx(numbers, nan_ok=True)


@pytest.mark.parametrize("others", [5, 6])
def test_a_step_leaves_no_text_beside_numbers_that_it_would_fail_on(others: int) -> None:
    data = pd.DataFrame({"pay": [f"{number},500" for number in range(20)] + list("abcdefg")[:others]})
    with pytest.raises(SpecificationError, match="holds numbers as text") as refused:
        fit("y ~ pay", data.assign(y=np.arange(float(len(data)))))
    message = str(refused.value)
    if others == 6:
        assert "beside 6 other texts, such as 'a', 'b', 'c', 'd', 'e'" in message
        assert "to_numeric" not in message
        return
    made = eval(message.partition("= ")[2].rpartition(", or write C()")[0], {"pd": pd, "frame": data})
    assert made.dropna().tolist() == [1000 * number + 500 for number in range(20)]


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["1.234.567", "12.5", "3.25"], "'1.234.567' and '12.5'"),
        (["1,5", "2.5", "7"], "'1,5' and '2.5'"),
        (["1,5", 7.5, "2,25"], "'1,5' and '7.5'"),
    ],
)
def test_numbers_written_in_two_ways_are_no_category_and_no_step_would_keep_them(texts: list, said: str) -> None:
    data = pd.DataFrame({"y": np.arange(12.0), "pay": pd.Series(texts * 4, dtype=object)})
    with pytest.raises(
        SpecificationError, match=r"points or commas of two meanings, .*Write all of them one way"
    ) as refused:
        fit("y ~ pay", data)
    assert said in str(refused.value)
    assert "to_numeric" not in str(refused.value)


def test_thousands_of_texts_that_are_numbers_are_told_from_names() -> None:
    pay = [f"1.{row % 1000:03d}.{row // 1000:03d}" for row in range(2400)]
    data = pd.DataFrame({"y": np.arange(2400.0) % 7, "pay": pay, "firm": [f"f{row}" for row in range(2400)]})
    for formula in ("y ~ pay", "y ~ C(pay)"):
        with pytest.raises(
            SpecificationError, match=r"with points between thousands.*pd\.to_numeric\(frame\['pay'\]\.str"
        ):
            fit(formula, data, vcov="HC1")
    with pytest.raises(SpecificationError, match=r"2,400 categories; .* Put it behind \| as a fixed effect\."):
        fit("y ~ firm", data, vcov="HC1")


def test_few_whole_numbers_beside_a_word_are_names() -> None:
    data = frame().assign(month=[f"{1 + row % 3}月" for row in range(60)], firm=[f"f{row % 20}" for row in range(60)])
    assert len(fit("y ~ x + firm", data, vcov="HC1").names) == 21
    assert fit("y ~ x + month", data, vcov="HC1").names[2:] == ("month[T.2月]", "month[T.3月]")


def test_events_are_dummies_with_one_period_left_out() -> None:
    data = frame().assign(treated=lambda rows: (rows["sector"] == "s1").astype(float))
    result = fit("y ~ i(year, treated, ref=2001) | sector + year", data, vcov="iid")
    dummies = {f"d{year}": data["treated"] * (data["year"] == year) for year in (2000, 2002, 2003)}
    same = fit("y ~ d2000 + d2002 + d2003 | sector + year", data.assign(**dummies), vcov="iid")
    np.testing.assert_allclose(result.params, same.params, rtol=1e-10)
    assert result.names[0] == "i(year, treated, ref=2001)[2000]"


def test_events_keep_the_order_of_categories_and_may_leave_several_out() -> None:
    data = frame()
    data["sector"] = pd.Categorical(data["sector"], categories=["s2", "s0", "s1", "s9"])
    found = fit("y ~ x + i(sector)", data, vcov="HC1")
    theirs = smf.ols("y ~ x + C(sector, Treatment('s2'))", data.assign(sector=data["sector"].astype(str))).fit()
    assert found.names == ("intercept", "x", "i(sector)[s0]", "i(sector)[s1]")
    assert found.params[2:] == pytest.approx(theirs.params.iloc[1:3].to_numpy())
    both = fit("y ~ i(year, ref=[2000, 2003])", data, vcov="HC1")
    made = data.assign(one=data["year"].eq(2001) * 1, two=data["year"].eq(2002) * 1)
    assert both.names[1:] == ("i(year, ref=[2000, 2003])[2001]", "i(year, ref=[2000, 2003])[2002]")
    assert both.params == pytest.approx(smf.ols("y ~ one + two", made).fit().params.to_numpy())


@pytest.mark.parametrize("formula", ["y ~ x + C(code)", "y ~ x + i(code)", "y ~ i(code, x)"])
def test_codes_of_more_digits_than_floats_hold_do_not_fall_together(formula: str) -> None:
    data = frame().assign(code=lambda rows: 330106001001001000 + rows["year"] % 4)
    with pytest.raises(SpecificationError, match=r"categories that are numbers of 18 digits.*\.astype\(str\)"):
        fit(formula, data)
    found = fit(formula, data.assign(code=data["code"].astype(str)), vcov="HC1")
    small = fit(formula, data.assign(code=data["year"]), vcov="HC1")
    assert found.params == pytest.approx(small.params) and len(found.names) > 3


@pytest.mark.parametrize(
    "formula",
    [
        "y ~ __import__('os').system('touch {flag}')", "y ~ I(x.__class__)", "y ~ eval('1')", "y ~ I((lambda: 1)())",
        "y ~ np.linalg.inv(x)", "y ~ C(sector)('a')", "y ~ I([x for x in y])", "y ~ {{x}}", "y ~ x; import os",
        "y ~ I(x[0])", "y ~ Q('x')", "y ~ `__import__('os').system('touch {flag}')`", "__import__('os') ~ x",
        "y ~ x | __import__('os').system('touch {flag}')", "y ~ sw(x, open('{flag}', 'w'))", "y ~ I(x, f'{{open}}')",
    ],
)  # fmt: skip
def test_no_formula_runs_code(formula: str, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    with pytest.raises(SpecificationError):
        fit(formula.format(flag=flag), frame())
    assert not flag.exists()


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("y ~ I(9**9**9)", "is a power of a number"),
        ("y ~ I(x**4**4**4)", "is a power of a number"),
        ("y ~ I(x**1000000)", "is no power; allowed: 2, 3, 4, 0.5"),
        ("y ~ I('a'*1000000000)", "which is no number"),
        ("y ~ bs(x, knots=[0]*1000000000)", "which is no number"),
        ("y ~ poly(x, 1000000)", "has the size 1000000; allowed: 1 to 30"),
        ("y ~ bs(x, df=1000000)", "has the size 1000000; allowed: 1 to 30"),
        ("y ~ bs(x, 1000000)", "has the size 1000000; allowed: 1 to 30"),
        ("y ~ poly(exp(x), 1000000)", "has the size 1000000; allowed: 1 to 30"),
        ("y ~ poly(x, (1000000))", "(1000000) is no argument of poly()"),
        ("y ~ poly(x, 1000*1000)", "1000 * 1000 is no argument of poly()"),
        ("y ~ poly(x, 1e6)", "1e6 of poly() is no whole number"),
        ("y ~ " + "(" * 100 + "x" + ")" * 100, "brackets 20 deep"),
        ("y ~ " + "*".join(["x"] * 30), "6 products"),
        ("y ~ (" + "+".join(["x", "z", "log"] * 20) + ")**4", "multiplies out to some"),
        ("y ~ " + "+".join(["sw(x, z)"] * 40), "regressions; allowed: 5,000 at once"),
        ("y ~ " + "x" * 100_000, "a text of 1 to 50,000 characters"),
    ],
)
def test_what_would_take_for_ever_is_refused_at_once(formula: str, said: str) -> None:
    with pytest.raises(SpecificationError) as refusal:
        fit(formula, frame())
    assert said in str(refusal.value)


def test_products_of_categories_that_no_memory_holds_are_refused_before_they_are_made() -> None:
    data = pd.DataFrame(
        {"y": np.arange(2000.0), "a": np.arange(2000) % 900, "b": [f"b{row % 901}" for row in range(2000)]}
    )
    for formula in ("y ~ C(a)*b", "y ~ C(a):C(b)", "y ~ i(a):b | b"):
        with pytest.raises(SpecificationError, match=r"makes some 81.,... columns of 2,000 rows; allowed: 500,000,000"):
            fit(formula, data)


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("", "a text of 1 to"),
        ("y", "0 signs ~ where there is one"),
        ("y ~", "an outcome or the terms are missing"),
        ("y ~ 0", "has neither terms nor an intercept"),
        ("y ~ x +", "nothing beside a sign +"),
        ("y ~ x | ", "nothing beside a sign + or |"),
        ("y ~ x | year | z", "instruments"),
        ("y ~ 1 | year | x ~ z", "instruments are not estimated here"),
        ("y ~ z + x^2", "x^2 is x in formulas, as in R"),
        ("y ~ x**2 | year", "allowed: I(x**2) or poly(x, 2)"),
        ("y ~ x | log(year)", "log(year) is no fixed effect"),
        ("y ~ x z", "there is no sign between x and z"),
        ("y ~ sw(x, z)*z", "stands alone"),
        ("y ~ nope", "no column 'nope' in the frame; it has: y, x"),
        ("y ~ log(sector)", "'sector' holds"),
        ("sector ~ x", "makes 3 columns; allowed: one"),
        ("y ~ C(sector, contr.treatment(base='s9'))", "not among the provided levels"),
        ("y ~ I(x, z)", "I() has 2 arguments; allowed: one"),
        ("y ~ log(x, z) + z", "log() has 2 arguments; allowed: one"),  # numpy would write into z
        ("y ~ scale(x, log(z))", "scale() has 2 arguments; allowed: one"),
        ("y ~ poly(x, z)", "z is no argument of poly()"),
        ("y ~ 2:x", "term '2:x' of formula 'y ~ 2:x' is multiplied by 2"),
        ("y ~ x:(3):z", "is multiplied by 3"),
        ("y ~ y", "outcome and regressor at once"),
        ("y ~ C(x == z)", "make no column on its rows, as categories with one level do"),
        ("y ~ I(x^2)", "^ is no power inside a function; allowed: **, as in I(x**2)"),
        ("y ~ log((x + z)^2)", "^ is no power inside a function"),
        ("y ~ 2 * x", "2 is no term; allowed: 0 and 1 for the intercept, and columns as in I(2 * x)"),
        ("y ~ x * 1", "1 is no term"),
        ("y ~ z + 3", "3 is no term"),
        ("y, x ~ z", "several outcomes are joined by +, as in y1 + y2 ~ x"),
        ("c(y, x) ~ z", "several outcomes are joined by +, as in y1 + y2 ~ x"),
        ("y ~ x + offset(z)", "an offset is taken off the outcome, as in y - z ~ x"),
        ("y ~ as.factor(sector)", "dummies of categories are C()"),
        ("y ~ x | sector[year]", "slopes that vary within sector are not absorbed here; allowed: C(sector):x"),
        ("y ~ i(year, sector)", "i(): its second argument holds labels; allowed: numbers. Write C(a):C(b) for pairs"),
        ("y ~ i(year, x, z)", "i(): its third argument is a column; allowed: levels to leave out, as in ref=2000"),
        ("y ~ i(year, ref=1990)", "i(): no level 1990; allowed: 2000, 2001, 2002, 2003"),
        ("y ~ x + intercept", "a term is named 'intercept', as the intercept of the regression is"),
        ("y ~ ǁ0ǁ", "stands in for columns"),
    ],
)
def test_mistakes_are_named_with_the_next_step(formula: str, said: str) -> None:
    with pytest.raises(SpecificationError) as refusal:
        fit(formula, frame())
    assert said in str(refusal.value)


def test_steps_that_refusals_name_give_what_was_meant() -> None:
    data = frame()
    for ours, theirs in (
        ("y - z ~ x", "I(y - z) ~ x"),
        ("y ~ x + C(sector, contr.treatment(base='s1'))", "y ~ x + C(sector, Treatment('s1'))"),
        ("y ~ I(2 * x)", "y ~ I(2 * x)"),
        ("y ~ x + I(x**2)", "y ~ x + I(x**2)"),
        ("y ~ x + C(sector):z", "y ~ x + C(sector):z"),
        ("y ~ (x + z)^2", "y ~ (x + z)**2"),
        ("y * 100 ~ x", "I(y * 100) ~ x"),
    ):
        found = fit(ours, data, vcov="HC1")
        model = smf.ols(theirs, data).fit(cov_type="HC1")
        assert sorted(found.params) == pytest.approx(sorted(model.params)), ours
        assert sorted(found.se) == pytest.approx(sorted(model.bse)), ours


def test_through_the_origin_there_is_no_intercept_and_no_test_that_needs_one() -> None:
    data = frame()
    result = fit("y ~ x - 1", data, vcov="HC1")
    slope = float(data["x"] @ data["y"] / (data["x"] @ data["x"]))
    assert result.names == ("x",)
    assert result.params[0] == pytest.approx(slope)
    assert result.residuals == pytest.approx((data["y"] - slope * data["x"]).to_numpy())
    with pytest.raises(SpecificationError, match="has no intercept"):
        result.sensitivity("x")


def test_a_contrast_without_brackets_is_asked_for_with_them() -> None:
    data = pd.DataFrame({"y": np.arange(9.0) ** 2, "s": list("abc") * 3, "contr.sum": np.arange(9.0)})
    with pytest.raises(SpecificationError, match=r"contr.sum stands without brackets; allowed: contr.sum\(\), or back"):
        fit("y ~ C(s, contr.sum)", data)
    assert len(fit("y ~ C(s, contr.sum())", data, vcov="HC1").names) == 3
    assert fit("y ~ `contr.sum`", data, vcov="HC1").names == ("intercept", "contr.sum")
