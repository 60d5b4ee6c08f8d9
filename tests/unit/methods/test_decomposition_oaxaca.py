"""Oaxaca-Blinder: by statsmodels' regressions with weights, what does not depend on a base category, and bad input."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from shanhai.core.errors import SpecificationError
from shanhai.methods.decomposition import OaxacaDesign, SharesDesign, TermGroup, oaxaca_blinder
from shanhai.methods.decomposition._oaxaca import REFERENCES
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

SPEC = RegressionSpec(
    Variable("y"),
    (Variable("x"), Variable("d")),
    SampleSpec("all", "全部"),
    CovarianceSpec("cluster", ("cluster",), "CR1S"),
    weights="people",
)
DESIGN = OaxacaDesign(
    SharesDesign(SPEC, (TermGroup("x", ("x",), "a"), TermGroup("d", ("d",), "b")), "people"), "member"
)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    member = np.arange(240) < 80
    x = rng.normal(size=240) - member
    d = rng.random(240) < 0.3 + 0.3 * member
    y = 1 + x + 0.5 * d - member * (0.2 + 0.3 * x) + rng.normal(size=240)
    people, cluster = rng.uniform(1, 5, size=240), rng.integers(0, 20, size=240)
    return pd.DataFrame({"member": member, "x": x, "d": d, "y": y, "people": people, "cluster": cluster})


def run(frame: pd.DataFrame, design: OaxacaDesign = DESIGN, draws: int = 0):  # type: ignore[no-untyped-def]
    return oaxaca_blinder(design, frame, draws=draws, generator=np.random.default_rng(6))


def wls(frame: pd.DataFrame, *extra: str) -> pd.Series:
    matrix = sm.add_constant(frame[["x", "d", *extra]].astype(float))
    return sm.WLS(frame["y"], matrix, weights=frame["people"]).fit().params[["const", "x", "d"]]


def means(frame: pd.DataFrame) -> pd.Series:
    matrix = sm.add_constant(frame[["x", "d"]].astype(float))
    return matrix.mul(frame["people"], axis=0).sum() / frame["people"].sum()


def test_parts_are_those_of_two_weighted_regressions(frame: pd.DataFrame) -> None:
    ours, others = frame[frame["member"]], frame[~frame["member"]]
    b1, b2, x1, x2 = wls(ours), wls(others), means(ours), means(others)
    share = ours["people"].sum() / frame["people"].sum()
    expected = {
        "first": b1, "second": b2, "equal": (b1 + b2) / 2, "share": share * b1 + (1 - share) * b2,
        "pooled": wls(frame), "pooled with indicator": wls(frame, "member"),
    }  # fmt: skip
    found = run(frame)
    assert set(found.twofold) == set(REFERENCES) == set(expected)
    gap = np.average(ours["y"], weights=ours["people"]) - np.average(others["y"], weights=others["people"])
    assert found.gap.contribution == pytest.approx(gap)
    for reference, slopes in expected.items():
        explained = ((x1 - x2) * slopes)[["x", "d"]]
        assert found.twofold[reference][0].contribution == pytest.approx(explained.sum())
        assert found.twofold[reference][1].contribution == pytest.approx(gap - explained.sum())
        assert [part.contribution for part in found.explained[reference]] == pytest.approx(explained.tolist())
    parts = [((x1 - x2) * b2).sum(), (x2 * (b1 - b2)).sum(), ((x1 - x2) * (b1 - b2)).sum()]
    assert [part.contribution for part in found.threefold] == pytest.approx(parts)
    assert sum(parts) == pytest.approx(gap)
    assert (found.n_first, found.n_second) == (80, 160)


def test_explained_parts_and_totals_do_not_depend_on_base_category_or_origin(frame: pd.DataFrame) -> None:
    other = frame.assign(d=~frame["d"], x=frame["x"] * 3 + 100)
    found, turned = run(frame), run(other)
    for reference in REFERENCES:
        left = [part.contribution for part in (*found.explained[reference], *found.twofold[reference])]
        right = [part.contribution for part in (*turned.explained[reference], *turned.twofold[reference])]
        assert left == pytest.approx(right)
    assert [p.contribution for p in found.threefold] == pytest.approx([p.contribution for p in turned.threefold])


def test_draws_add_up_each_for_itself_and_follow_the_seed(frame: pd.DataFrame) -> None:
    once, again = run(frame, draws=50), run(frame, draws=50)
    assert once == again
    assert once.drawn == "cluster"
    assert once.units == 20
    rows = oaxaca_blinder(DESIGN, frame, by_row=True, draws=50, generator=np.random.default_rng(6))
    assert (rows.drawn, rows.units) == ("row", 240)
    assert rows.gap.low < rows.gap.contribution < rows.gap.high


def test_gap_of_twins_is_nothing(frame: pd.DataFrame) -> None:
    members = frame[frame["member"]]
    found = run(pd.concat([members, members.assign(member=False)], ignore_index=True))
    assert [part.contribution for part in found.threefold] == pytest.approx([0.0, 0.0, 0.0], abs=1e-12)


def test_rows_of_unknown_kind_are_dropped_and_counted(frame: pd.DataFrame) -> None:
    lost = frame["member"].index % 7 == 0
    known = run(frame[~lost], draws=9)
    for missing in (frame["member"].astype("boolean").mask(lost), frame["member"].astype(float).mask(lost)):
        found = run(frame.assign(member=missing), draws=9)
        assert (found.gap, found.twofold, found.n_first) == (known.gap, known.twofold, known.n_first)
        assert [(drop.reason, drop.count) for drop in found.dropped] == [("member missing", int(lost.sum()))]


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (lambda f: f["member"] + 1, "'member' holds 2; allowed: true and false"),
        (lambda f: f["member"].map({True: "yes", False: "no"}), "allowed: numbers or true and false"),
        (lambda f: f["member"].astype("boolean").mask(f["x"] < np.inf), "'member' is missing in all 240 rows"),
    ],
)
def test_kinds_that_are_not_true_or_false_are_refused(frame: pd.DataFrame, member, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SpecificationError, match=message):
        run(frame.assign(member=member(frame)))
    with pytest.raises(SpecificationError, match="no column 'member'"):
        run(frame.drop(columns="member"))


def test_kinds_that_carry_no_regression_are_refused(frame: pd.DataFrame) -> None:
    few = frame.assign(member=np.arange(len(frame)) < 3)
    with pytest.raises(SpecificationError, match="the first kind by 'member' has 3 rows for 3 coefficients"):
        run(few)
    with pytest.raises(SpecificationError, match=r"the first kind .* the same d in all of them"):
        run(frame.assign(d=frame["d"] & ~frame["member"]))
    with pytest.raises(SpecificationError, match=r"the second kind .* has 0 rows"):
        run(frame.assign(member=True))


@pytest.mark.parametrize(
    "shares",
    [
        replace(DESIGN.shares, weight="x"),
        replace(DESIGN.shares, regression=replace(SPEC, fixed_effects=("cluster",))),
        replace(DESIGN.shares, groups=(TermGroup("x", ("x", "d"), "a"), TermGroup("d", ("d",), "b"))),
    ],
)
def test_designs_whose_regressions_miss_the_means_are_refused(shares: SharesDesign) -> None:
    with pytest.raises(SpecificationError, match="one weight for both"):
        OaxacaDesign(shares, "member")


def three_kinds(base: str = "a") -> pd.DataFrame:
    rng = np.random.default_rng(8)
    kind, member = np.array(list("abc"))[rng.integers(0, 3, 300)], np.arange(300) < 120
    y = rng.normal(size=300) + (kind == "b") * (1 + member) + (kind == "c") * 0.5 + 0.3 * member
    names = [name for name in "abc" if name != base]
    dummies = {f"kind_{name}": kind == name for name in names}
    return pd.DataFrame({"y": y, "member": member, "one": 1.0, "row": np.arange(300), **dummies})


def factor_design(base: str, factors: dict[str, tuple[str, ...]] | None = None) -> OaxacaDesign:
    names = tuple(f"kind_{name}" for name in "abc" if name != base)
    spec = RegressionSpec(
        Variable("y"),
        tuple(map(Variable, names)),
        SampleSpec("all"),
        CovarianceSpec("cluster", ("row",), "CR0"),
        weights="one",
    )
    shares = SharesDesign(spec, (TermGroup("kind", names, "a"),), "one")
    return OaxacaDesign(shares, "member", {"kind": names} if factors is None else factors)


def test_details_do_not_depend_on_the_base_and_add_up() -> None:
    found = {}
    for base in "abc":
        result = run(three_kinds(base), factor_design(base))
        table = result.terms_frame("first").replace({"kind: base": f"kind_{base}"})
        found[base] = table.set_index(["part", "term"])["contribution"].sort_index()
        columns = found[base].drop("kind", level="term")
        assert columns.sum() == pytest.approx(result.gap.contribution)
        assert columns.loc["explained"].sum() == pytest.approx(result.twofold["first"][0].contribution)
    assert found["a"].to_numpy() == pytest.approx(found["b"].to_numpy())
    assert found["a"].to_numpy() == pytest.approx(found["c"].to_numpy())


def test_draws_give_details_intervals() -> None:
    table = run(three_kinds(), factor_design("a"), draws=50).terms_frame("threefold")
    assert (table["low"] <= table["high"]).all()
    assert set(table["part"]) == {"endowments", "coefficients", "interaction"}


@pytest.mark.parametrize(
    "factors", [{"kind": ("kind_z",)}, {"kind": ()}, {"one": ("kind_b",), "two": ("kind_b",)}, {"kind_b": ("kind_c",)}]
)
def test_factors_that_name_no_dummies_are_refused(factors: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(SpecificationError, match="dummies among"):
        run(three_kinds(), factor_design("a", factors))


def test_without_factors_there_are_no_details() -> None:
    with pytest.raises(SpecificationError, match="names no factor"):
        run(three_kinds(), factor_design("a", {})).terms_frame()
