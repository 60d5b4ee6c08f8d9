"""The change of a coefficient against statsmodels, and sequential g against two regressions and a known truth."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.datasets import fair

from shanhai.core.errors import SpecificationError
from shanhai.methods.decomposition import decompose_change, sequential_g
from shanhai.methods.regression.fit import fit
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

GROUPS = {"time": ("age", "yrs_married"), "belief": ("religious",)}
CHANNELS = ("age", "yrs_married", "religious")
SPEC = RegressionSpec(
    outcome=Variable("rate_marriage"),
    terms=(Variable("has_children"),),
    controls=tuple(map(Variable, CHANNELS)),
    fixed_effects=("educ",),
    sample=SampleSpec("women", "女性"),
    covariance=CovarianceSpec("cluster", ("town",), "CR1"),
)


def women() -> pd.DataFrame:
    """Fair's survey (in statsmodels), women dealt to towns by their place in it."""
    frame = fair.load_pandas().data.head(1200).reset_index(drop=True)
    return frame.assign(has_children=(frame["children"] > 0).astype(float), town=frame.index // 20)


def dummies(frame: pd.DataFrame, *columns: str) -> np.ndarray:
    """Columns and one dummy a level of education."""
    return np.column_stack([frame[list(columns)], pd.get_dummies(frame["educ"]).to_numpy(dtype=float)])


def test_parts_are_slopes_times_effects_and_add_up_to_the_change() -> None:
    """Gelbach (2016), equation 5, from regressions of statsmodels."""
    frame = women()
    change = decompose_change(SPEC, frame, "has_children", GROUPS)
    base = sm.OLS(frame["rate_marriage"], dummies(frame, "has_children")).fit()
    full = sm.OLS(frame["rate_marriage"], dummies(frame, "has_children", *CHANNELS)).fit()
    slopes = [sm.OLS(frame[name], dummies(frame, "has_children")).fit().params.iloc[0] for name in CHANNELS]
    parts = np.array(slopes) * full.params.to_numpy()[1:4]
    assert change.whole.value == pytest.approx(base.params.iloc[0], rel=1e-9)
    assert change.left.value == pytest.approx(full.params.iloc[0], rel=1e-9)
    assert [channel.part.value for channel in change.channels] == pytest.approx([parts[:2].sum(), parts[2]], rel=1e-9)
    assert change.through(("time", "belief")).part.value == pytest.approx(base.params.iloc[0] - full.params.iloc[0])
    share = change.through(("time",)).share
    assert share.value == pytest.approx(parts[:2].sum() / base.params.iloc[0])


def test_errors_are_those_of_stacked_regressions() -> None:
    """All regressions as one of statsmodels, block by block, clustered by town; then the delta method."""
    frame = women()
    long, short = dummies(frame, "has_children", *CHANNELS), dummies(frame, "has_children")
    blocks = [long, short, short, short, short]
    outcomes = ["rate_marriage", *CHANNELS, "rate_marriage"]
    size, widths = len(frame), [block.shape[1] for block in blocks]
    starts = np.cumsum([0, *widths])
    stacked = np.zeros((size * len(blocks), starts[-1]))
    for number, block in enumerate(blocks):
        stacked[number * size : (number + 1) * size, starts[number] : starts[number + 1]] = block
    model = sm.OLS(np.concatenate([frame[name] for name in outcomes]), stacked)
    towns = np.tile(frame["town"], len(blocks))
    options = {"groups": towns, "use_correction": False}
    result = model.fit(cov_type="cluster", cov_kwds=options)
    gradient = np.zeros((3, starts[-1]))  # of the coefficient without channels, and of both parts
    gradient[0, starts[4]] = 1.0
    for row, channels in ((1, (0, 1)), (2, (2,))):
        for channel in channels:
            gradient[row, 1 + channel] = result.params[starts[1 + channel]]
            gradient[row, starts[1 + channel]] = result.params[1 + channel]
    count = frame["town"].nunique()
    expected = gradient @ result.cov_params() @ gradient.T * count / (count - 1)
    change = decompose_change(SPEC, frame, "has_children", GROUPS)
    assert change.covariance == pytest.approx(expected, rel=1e-7)
    part, whole = change.channels[0].part.value, change.whole.value
    of_share = np.array([-part / whole**2, 1 / whole, 0.0])
    share = change.through(("time",)).share
    assert share.se == pytest.approx(np.sqrt(of_share @ expected @ of_share), rel=1e-7)


@pytest.mark.parametrize("factor", ["CR1S", "CR1N"])
def test_what_is_left_is_the_coefficient_of_the_full_regression_with_its_error(factor: str) -> None:
    """The sum of influences is that of the full regression, weights included."""
    spec = replace(SPEC, covariance=CovarianceSpec("cluster", ("town",), factor), weights="occupation")
    frame = women()
    left, full = decompose_change(spec, frame, "has_children", GROUPS).left, fit(spec, frame).estimate("has_children")
    assert (left.value, left.se, left.df) == pytest.approx((full.value, full.se, full.df), rel=1e-9)


def test_sequential_g_is_two_regressions() -> None:
    """First with products and intermediate columns, then what is left of the outcome on the term alone."""
    frame = women()
    found = sequential_g(
        SPEC, frame, "has_children", ("religious",), ("age", "yrs_married"), draws=2, generator=np.random.default_rng(1)
    )
    centred = frame["religious"] - frame["religious"].mean()
    frame["product"] = frame["has_children"] * centred
    columns = ("has_children", "age", "yrs_married", "religious", "product")
    first = sm.OLS(frame["rate_marriage"], dummies(frame, *columns)).fit().params.to_numpy()
    cleared = frame["rate_marriage"] - first[3] * centred - first[4] * frame["product"]
    second = sm.OLS(cleared, dummies(frame, "has_children")).fit().params.iloc[0]
    assert found.direct.value == pytest.approx(second, rel=1e-9)
    assert found.through.value == pytest.approx(found.whole.value - second, rel=1e-9)


def test_without_products_sequential_g_takes_out_the_part_of_the_change() -> None:
    """The same numbers by another route, and errors of draws near those of influence functions."""
    frame = women()
    change = decompose_change(SPEC, frame, "has_children", GROUPS).through(("belief",)).part
    found = sequential_g(
        SPEC, frame, "has_children", ("religious",), ("age", "yrs_married"),
        products=False, draws=999, generator=np.random.default_rng(1),
    ).through  # fmt: skip
    assert found.value == pytest.approx(change.value, rel=1e-9)
    assert found.se == pytest.approx(change.se, rel=0.1)  # 999 draws, 60 clusters


def test_direct_effect_of_a_simulated_chain_is_found() -> None:
    """The term moves a confounder of the mediator, and the mediator's slope differs by the term."""
    rng = np.random.default_rng(7)
    size = 40_000
    term = rng.integers(0, 2, size).astype(float)
    between = -0.5 * term + rng.normal(size=size)
    mediator = -0.8 * term + 0.6 * between + rng.normal(size=size)
    mean = (-0.8 - 0.3) / 2
    direct = -0.3
    outcome = direct * term + 0.4 * between + (0.5 + 0.2 * term) * (mediator - mean) + rng.normal(size=size)
    frame = pd.DataFrame(
        {"term": term, "between": between, "mediator": mediator, "outcome": outcome, "all": "x", "one": range(size)}
    )
    spec = RegressionSpec(
        Variable("outcome"), (Variable("term"),), controls=(Variable("between"), Variable("mediator")),
        fixed_effects=("all",), sample=SampleSpec("drawn", "模拟"),
        covariance=CovarianceSpec("cluster", ("one",), "CR1"),
    )  # fmt: skip
    found = sequential_g(spec, frame, "term", ("mediator",), ("between",), draws=50, generator=rng)
    # at the mediator's mean the term does its own part and that of the confounder, which it moves by -0.5
    assert found.direct.value == pytest.approx(direct - 0.5 * 0.4, abs=0.04)
    naive = fit(spec, frame).estimate("term").value
    assert abs(naive - (direct - 0.2)) > 0.1  # holding the confounder fixed takes its part away


def test_columns_that_cannot_be_channels_are_refused() -> None:
    """Unknown, repeated, determined by others; other errors than clusters of one column."""
    frame = women()
    for groups in ({"x": ("height",)}, {"x": ("age",), "y": ("age",)}, {"x": ("has_children",)}, {}):
        with pytest.raises(SpecificationError, match="each once"):
            decompose_change(SPEC, frame, "has_children", groups)
    robust = replace(SPEC, covariance=CovarianceSpec("HC3"))
    with pytest.raises(SpecificationError, match="clusters by one column"):
        decompose_change(robust, frame, "has_children", GROUPS)
    with pytest.raises(SpecificationError, match="two draws or more"):
        sequential_g(SPEC, frame, "has_children", ("age",), draws=1, generator=np.random.default_rng(1))
    change = decompose_change(SPEC, frame, "has_children", GROUPS)
    with pytest.raises(SpecificationError, match="no channel money"):
        change.through(("money",))


def test_the_intercept_is_no_term_whose_change_is_shared() -> None:
    plain = replace(SPEC, fixed_effects=())
    with pytest.raises(SpecificationError, match="each once, the term apart"):
        decompose_change(plain, women(), "intercept", GROUPS)


def test_sequential_g_needs_clusters_and_mediators_that_vary_in_both_arms() -> None:
    """One cluster moves no draw; a mediator constant in one arm makes its product with the term redundant."""
    frame = women()
    rng = np.random.default_rng(1)
    with pytest.raises(SpecificationError, match=r"1 cluster of 'town'.*two or more"):
        sequential_g(SPEC, frame.assign(town=1), "has_children", ("age",), draws=5, generator=rng)
    frame["age"] = frame["age"].where(frame["has_children"].eq(0), 30.0)
    with pytest.raises(SpecificationError, match="products of age with 'has_children' are determined"):
        sequential_g(SPEC, frame, "has_children", ("age",), draws=5, generator=rng)
    assert sequential_g(SPEC, frame, "has_children", ("age",), products=False, draws=5, generator=rng).direct.se > 0
