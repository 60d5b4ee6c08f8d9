"""Shares of a gap: by regressions fitted one after another, against the account of one regression, and bad input."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_counties import simulate_counties

from shanhai.core.errors import SpecificationError, UnknownPlaceError
from shanhai.data.vintage import Vintage
from shanhai.methods.decomposition import SharesDesign, TermGroup, share_gap, share_variance
from shanhai.methods.decomposition._design import cluster_moments, draw_weights
from shanhai.methods.decomposition.gap import FIXED_EFFECTS, REMAINDER, explain_gap
from shanhai.methods.regression.design import build_design
from shanhai.methods.regression.fit import fit
from shanhai.methods.spec import CovarianceSpec, Interaction, RegressionSpec, SampleSpec, Variable
from shanhai.studies.gap.design import designs, mountain_design

BORDER, TERRAIN = Variable("on_border"), Variable("ruggedness", "standardised")
SPEC = RegressionSpec(
    Variable("gdp_per_capita", "log"),
    (BORDER, TERRAIN, Interaction(BORDER, TERRAIN)),
    SampleSpec("all", "全部"),
    CovarianceSpec("cluster", ("prefecture_code",), "CR1S"),
    controls=(Variable("is_district"), Variable("schooling")),
    fixed_effects=("province_code",),
    weights="population",
)
DUAL = "on_border:z_ruggedness"
DESIGN = SharesDesign(
    SPEC,
    (
        TermGroup("border", ("on_border", DUAL), "given"),
        TermGroup("terrain", ("z_ruggedness", DUAL), "given"),
        TermGroup("district", ("is_district",), "granted"),
        TermGroup("schooling", ("schooling",), "outcome"),
    ),
    "population",
)


@pytest.fixture(scope="module")
def counties() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    frame = simulate_counties(rng, n=900)
    schooling = 9 - frame["ruggedness"] / frame["ruggedness"].std() + rng.normal(size=len(frame))
    return frame.assign(schooling=schooling, gdp_per_capita=frame["gdp_per_capita"] * np.exp(0.1 * schooling))


def codes(frame: pd.DataFrame, column: str, value: str) -> list[str]:
    return frame.loc[frame[column] == value, "code"].tolist()


def shared(frame: pd.DataFrame, design: SharesDesign = DESIGN, draws: int = 0, reference: str = "200000"):  # type: ignore[no-untyped-def]
    column = "province_code"
    place, other = codes(frame, "prefecture_code", "200400"), codes(frame, column, reference)
    return share_gap(design, frame, place, other, draws=draws, generator=np.random.default_rng(1))


def worth_by_fit(frame: pd.DataFrame, place: list[str], reference: list[str], inside: frozenset[str]) -> float:
    """Part of the gap that goes with some groups, from a regression of their own."""
    terms = [term for term in (*SPEC.terms, *SPEC.controls) if _needs(term.name) <= inside]
    if not terms:
        return 0.0
    result = fit(replace(SPEC, terms=tuple(terms), controls=()), frame)
    values = build_design(SPEC, frame)
    weights = frame["population"].to_numpy(dtype=float)
    means = []
    for chosen in (place, reference):
        share = np.where(frame["code"].isin(chosen), weights, 0.0)
        means.append(share @ values.matrix / share.sum())
    difference = dict(zip(values.names, means[0] - means[1], strict=True))
    return float(sum(difference[name] * value for name, value in zip(result.names, result.params, strict=True)))


def _needs(term: str) -> set[str]:
    return {group.name for group in DESIGN.groups if term in group.terms}


def test_shares_are_means_over_regressions_fitted_in_every_order(counties: pd.DataFrame) -> None:
    place, reference = codes(counties, "prefecture_code", "200400"), codes(counties, "province_code", "310000")
    shares = dict.fromkeys(DESIGN.names, 0.0)
    orders = list(permutations(DESIGN.names))
    for order in orders:
        for number, name in enumerate(order):
            before, after = frozenset(order[:number]), frozenset(order[: number + 1])
            gained = worth_by_fit(counties, place, reference, after) - worth_by_fit(counties, place, reference, before)
            shares[name] += gained / len(orders)
    found = shared(counties, reference="310000")
    for name, value in shares.items():
        assert found.part(name).contribution == pytest.approx(value, abs=1e-9)


def test_all_groups_together_explain_what_one_regression_does(counties: pd.DataFrame) -> None:
    groups = {"given": ("on_border", "z_ruggedness", DUAL), "rest": ("is_district", "schooling")}
    place, reference = codes(counties, "prefecture_code", "200400"), codes(counties, "province_code", "310000")
    account = explain_gap(SPEC, counties, place, reference, groups, weight="population")
    joint = {part.name: part.contribution for part in account.parts}
    found = shared(counties, reference="310000")
    assert found.gap == pytest.approx(account.gap)
    assert found.aggregate_gap == pytest.approx(account.aggregate_gap)
    assert found.part(FIXED_EFFECTS).contribution == pytest.approx(joint[FIXED_EFFECTS], abs=1e-10)
    assert found.part(REMAINDER).contribution == pytest.approx(joint[REMAINDER], abs=1e-10)
    explained = sum(part.contribution for part in found.rules["Shapley"])
    assert explained == pytest.approx(joint["given"] + joint["rest"], abs=1e-10)


@pytest.mark.parametrize("rule", ["Shapley", "Owen", "blocks in order"])
def test_parts_add_up_to_the_gap(counties: pd.DataFrame, rule: str) -> None:
    found = shared(counties, draws=20, reference="310000")
    ends = found.part(FIXED_EFFECTS).contribution + found.part(REMAINDER).contribution
    assert sum(part.contribution for part in found.rules[rule]) + ends == pytest.approx(found.gap, abs=1e-12)
    if rule in found.blocks:
        assert sum(part.contribution for part in found.blocks[rule]) + ends == pytest.approx(found.gap, abs=1e-12)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10**6),
    rows=st.integers(40, 90),
    weighted=st.booleans(),
    fixed=st.booleans(),
)
def test_parts_add_up_whatever_the_data(seed: int, rows: int, weighted: bool, fixed: bool) -> None:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(rows, 4)) * [1, 10, 1e-3, 1] + [0, 5, 1, 9], columns=list("abcy"))
    frame = frame.assign(code=[str(n) for n in range(rows)], group=np.arange(rows) % 4, people=rng.uniform(1, 9, rows))
    spec = RegressionSpec(
        Variable("y"),
        (Variable("a"), Variable("b"), Variable("c")),
        SampleSpec("all", "全部"),
        CovarianceSpec("cluster", ("code",), "CR0"),
        fixed_effects=("group",) if fixed else (),
        weights="people" if weighted else None,
    )
    groups = (TermGroup("one", ("a",), "x"), TermGroup("two", ("b",), "y"), TermGroup("three", ("c",), "x"))
    place, reference = frame["code"].iloc[: rng.integers(1, 9)], frame["code"].iloc[rng.integers(0, 20) :]
    found = share_gap(SharesDesign(spec, groups, "people"), frame, place, reference, draws=3, generator=rng)
    ends = found.part(FIXED_EFFECTS).contribution + found.part(REMAINDER).contribution
    for rule in ("Shapley", "Owen", "blocks in order"):
        assert sum(part.contribution for part in found.rules[rule]) + ends == pytest.approx(found.gap, abs=1e-9)


def test_with_weights_a_province_as_reference_has_no_remainder_of_its_own(counties: pd.DataFrame) -> None:
    province = codes(counties, "province_code", "200000")
    everything = share_gap(DESIGN, counties, province, counties["code"], draws=0, generator=np.random.default_rng(0))
    assert everything.part(REMAINDER).contribution == pytest.approx(0.0, abs=1e-12)
    named = counties.rename(columns={"code": "fips"})
    call = {"draws": 0, "generator": np.random.default_rng(0)}
    renamed = share_gap(DESIGN, named, province, named["fips"], unit="fips", **call)
    assert [part.contribution for part in renamed.parts] == [part.contribution for part in everything.parts]
    with pytest.raises(SpecificationError, match="no column 'code'"):
        share_gap(DESIGN, named, province, named["fips"], **call)


def test_a_group_adds_its_coefficient_times_the_difference_that_others_do_not_predict(counties: pd.DataFrame) -> None:
    # Frisch, Waugh and Lovell: what the last group adds, by a regression of its variable on all others.
    found = shared(counties)
    others = replace(SPEC, outcome=Variable("schooling"), controls=(Variable("is_district"),), terms=SPEC.terms)
    values, auxiliary = build_design(SPEC, counties), fit(others, counties)
    weights = counties["population"].to_numpy(dtype=float)
    means = []
    for chosen in (codes(counties, "prefecture_code", "200400"), codes(counties, "province_code", "200000")):
        share = np.where(counties["code"].isin(chosen), weights, 0.0)
        means.append(share @ values.matrix / share.sum())
    difference = dict(zip(values.names, means[0] - means[1], strict=True))
    expected = sum(difference[name] * value for name, value in zip(auxiliary.names, auxiliary.params, strict=True))
    slope = dict(zip(fit(SPEC, counties).names, fit(SPEC, counties).params, strict=True))["schooling"]
    last = {part.name: part.contribution for part in found.rules["last"]}
    assert last["schooling"] == pytest.approx(slope * (difference["schooling"] - expected), abs=1e-10)


def test_draws_are_weighted_regressions_on_all_dummies(counties: pd.DataFrame) -> None:
    arrays = build_design(SPEC, counties)
    moments = cluster_moments(arrays, 2, np.random.default_rng(8))
    drawn = draw_weights(moments.clusters, 2, np.random.default_rng(8))
    dummies = pd.get_dummies(counties["province_code"]).to_numpy(dtype=float)
    for number, weights in enumerate(drawn):
        full = sm.WLS(
            arrays.outcome,
            np.column_stack([arrays.matrix, dummies]),
            weights=arrays.effects.weights * weights[arrays.clusters[0]],
        ).fit()
        width = arrays.matrix.shape[1]
        np.testing.assert_allclose(moments.coefficients(range(width))[number], full.params[:width], atol=1e-9)
        levels = moments.levels[number, :, -1] - moments.levels[number, :, :-1] @ full.params[:width]
        np.testing.assert_allclose(levels, full.params[width:], atol=1e-8)
        assert 1 - full.ssr / moments.total[number] == pytest.approx(full.rsquared, abs=1e-10)


def test_spread_of_draws_is_that_of_the_cluster_covariance(counties: pd.DataFrame) -> None:
    # 'last' of a group with one column is its coefficient times what it differs by; to first order the draws have the
    # cluster-robust variance without small-sample factor. 4,000 draws leave 1 % of noise, the second order some more.
    spec = replace(SPEC, covariance=CovarianceSpec("cluster", ("prefecture_code",), "CR0"))
    account = explain_gap(
        spec,
        counties,
        codes(counties, "prefecture_code", "200400"),
        codes(counties, "province_code", "200000"),
        {name: (name,) for name in ("on_border", "z_ruggedness", DUAL, "is_district", "schooling")},
        weight="population",
    )
    exact = next(part for part in account.parts if part.name == REMAINDER)
    drawn = shared(counties, draws=4000).part(REMAINDER)
    assert drawn.se == pytest.approx(exact.se, rel=0.1)
    assert drawn.low < drawn.contribution < drawn.high


def test_same_seed_same_numbers_and_order_of_rows_does_not_matter(counties: pd.DataFrame) -> None:
    turned = counties.sample(frac=1.0, random_state=3).reset_index(drop=True)
    once, again, other = shared(counties, draws=50), shared(counties, draws=50), shared(turned, draws=50)
    assert once == again
    for left, right in zip(once.parts, other.parts, strict=True):
        assert vars(left) == pytest.approx(vars(right) | {"name": left.name}, abs=1e-9)


def test_shares_of_the_variance_add_up_to_one_and_to_r2(counties: pd.DataFrame) -> None:
    parts = {part.name: part for part in share_variance(DESIGN, counties, draws=30, generator=np.random.default_rng(2))}
    result = fit(SPEC, counties)
    assert sum(part.contribution for part in parts.values()) == pytest.approx(1.0)
    assert 1 - parts[REMAINDER].contribution == pytest.approx(result.r2)
    inside = sum(parts[name].contribution for name in DESIGN.names)
    assert inside / (1 - parts[FIXED_EFFECTS].contribution) == pytest.approx(result.r2_within)
    assert all(part.contribution >= -1e-12 for part in parts.values())


def test_without_draws_there_is_no_interval(counties: pd.DataFrame) -> None:
    assert all(np.isnan(part.se) and np.isnan(part.low) for part in shared(counties).parts)


def test_what_cannot_be_shared_is_refused(counties: pd.DataFrame) -> None:
    for place, reference in ((["999999"], counties["code"]), (counties["code"][:3], [*counties["code"], "999998"])):
        with pytest.raises(UnknownPlaceError, match=r"1 codes are none of .* units of the frame .*: \['99999[89]'\]"):
            share_gap(DESIGN, counties, place, reference, draws=0, generator=np.random.default_rng(0))
    with pytest.raises(SpecificationError, match="draws is -1"):
        shared(counties, draws=-1)
    with pytest.raises(SpecificationError, match="schooling cannot be told from the other terms"):
        shared(counties.assign(schooling=counties["is_district"].astype(float) * 2))
    with pytest.raises(SpecificationError, match="no part 'weather'"):
        shared(counties).part("weather")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"groups": DESIGN.groups[1:]}, "miss, repeat or invent on_border"),
        ({"groups": (*DESIGN.groups, TermGroup("luck", ("luck",), "given"))}, "luck"),
        ({"groups": (*DESIGN.groups, DESIGN.groups[0])}, "border"),
        ({"regression": replace(SPEC, fixed_effects=("province_code", "prefecture_code"))}, "none or one fixed effect"),
        ({"regression": replace(SPEC, covariance=CovarianceSpec("HC3"))}, "one cluster column"),
    ],
)
def test_designs_that_do_not_hold_together_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(SpecificationError, match=message):
        replace(DESIGN, **change)  # type: ignore[arg-type]


def test_a_term_of_two_groups_enters_once_both_are_in() -> None:
    sets = DESIGN.columns_of_sets(("on_border", "z_ruggedness", DUAL))
    assert sets[0b00] == ()
    assert sets[0b01] == (0,)
    assert sets[0b10] == (1,)
    assert sets[0b11] == (0, 1, 2)


def test_registered_designs_are_what_they_were_on_the_day() -> None:
    assert designs(Vintage())["main"].spec_id == "49957e81af44"
    assert mountain_design(Vintage()).shares.spec_id == "26cdb5f0f8b5"
    ids = [design.spec_id for design in designs(Vintage()).values()]
    assert len(set(ids)) == len(ids)
