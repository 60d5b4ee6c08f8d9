"""Predictions for new rows: read as those of the regression were, and refused where they cannot be."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from shanhai.core.errors import SpecificationError
from shanhai.methods import fit


def data(n: int = 80) -> pd.DataFrame:
    rng = np.random.default_rng(12)
    frame = pd.DataFrame({name: rng.normal(size=n) for name in ("y", "x", "z")})
    frame["wage"] = np.exp(rng.normal(size=n))
    frame["year"] = [2001 + row % 4 for row in range(n)]
    frame["code"] = [str(11 + row % 3) for row in range(n)]
    return frame


@pytest.mark.parametrize(
    ("column", "bad"), [("x", "high"), ("z", "low"), ("wage", pd.Categorical(["1"] * 80)), ("year", "2001")]
)
def test_a_refused_prediction_changes_none_that_follows(column: str, bad: object) -> None:
    frame = data()
    result = fit("y ~ poly(x, 2) + x:z:wage + C(year)", frame, vcov="HC1")
    with pytest.raises(SpecificationError, match=f"column '{column}' holds .* values; allowed: numbers"):
        result.predict(frame.assign(**{column: bad}))
    np.testing.assert_allclose(result.predict(frame), result.fitted, rtol=1e-12)


def test_categories_of_numbers_are_the_numbers() -> None:
    frame = data()
    result = fit("y ~ C(year) + x:z:wage", frame, vcov="HC1")
    new = frame.assign(year=frame["year"].astype("category"), x=pd.Categorical(frame["x"]))
    theirs = smf.ols("y ~ C(year) + x:z:wage", frame).fit().predict(frame)
    np.testing.assert_allclose(result.predict(new), theirs, rtol=1e-10)


def test_numbers_in_the_place_of_text_are_refused_and_the_step_named_works() -> None:
    frame = data()
    numbers = frame.assign(code=frame["code"].astype(int))
    for formula in ("y ~ x + C(code)", "y ~ x + i(code)", "y ~ x | code"):
        result = fit(formula, frame, vcov="HC1")
        with pytest.raises(SpecificationError, match=r"'code' holds (numbers|no text).*Convert it with astype\(str\)"):
            result.predict(numbers)
        turned = result.predict(numbers.assign(code=numbers["code"].astype(str)))
        np.testing.assert_allclose(turned, result.fitted, rtol=1e-12)


def test_text_in_the_place_of_numbers_of_a_fixed_effect_is_refused_and_the_step_named_works() -> None:
    frame = data()
    result, text = fit("y ~ x | year", frame, vcov="HC1"), frame.assign(year=frame["year"].astype(str))
    with pytest.raises(SpecificationError, match=r"'year' holds text \('2001'\).*Convert it with astype\(int\)"):
        result.predict(text)
    turned = result.predict(text.assign(year=text["year"].astype(int)))
    np.testing.assert_allclose(turned, result.fitted, rtol=1e-12)
    assert np.isnan(result.predict(frame.assign(year=1990))).all()  # of the same type, and not seen


@pytest.mark.parametrize("formula", ["y ~ I(log(wage) * x)", "y ~ I(1 / wage)", "y ~ log(wage)", "y ~ log10(wage) + x"])
def test_what_is_not_defined_is_missing(formula: str) -> None:
    frame = data()
    result = fit(formula, frame, vcov="HC1")
    new = result.predict(frame.assign(wage=[0.0, *frame["wage"].iloc[1:]]))
    assert np.isnan(new.iloc[0])
    np.testing.assert_allclose(new.iloc[1:], result.fitted.iloc[1:], rtol=1e-12)


def test_a_spline_beyond_its_range_is_refused_and_those_named_go_on() -> None:
    frame = data()
    far = frame.assign(x=50.0).iloc[:2]
    with pytest.raises(SpecificationError, match=r"bs\(\) of values beyond.*fit cr\(\) or poly\(\) instead"):
        fit("y ~ bs(x, df=4)", frame, vcov="HC1").predict(far)
    for formula in ("y ~ cr(x, df=4)", "y ~ poly(x, 3)"):
        assert np.isfinite(fit(formula, frame, vcov="HC1").predict(far)).all()
