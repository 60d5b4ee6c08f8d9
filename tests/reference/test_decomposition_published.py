"""Numbers that others printed or computed: statsmodels' card example, and shares of R2 made with R's lm."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from linearmodels.datasets import wage_panel
from statsmodels.stats.oaxaca import OaxacaBlinder

from shanhai.methods.decomposition import (
    OaxacaDesign,
    OaxacaResult,
    SharesDesign,
    TermGroup,
    oaxaca_blinder,
    share_variance,
)
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

HERE = Path(__file__).parent / "decomposition"
EVERYTHING = SampleSpec("all", "全部")


def single(names: tuple[str, ...]) -> tuple[TermGroup, ...]:
    return tuple(TermGroup(name, (name,), "one") for name in names)


@pytest.fixture(scope="module")
def cards() -> pd.DataFrame:
    """Spending on credit cards of 72 people (Greene), from statsmodels."""
    data = sm.datasets.ccard.load_pandas()
    return data.exog.assign(spending=data.endog, rents=data.exog["OWNRENT"] == 0, one=1.0, row=np.arange(72))


@pytest.fixture(scope="module")
def card_design() -> OaxacaDesign:
    names = ("AGE", "INCOME", "INCOMESQ")
    spec = RegressionSpec(
        Variable("spending"),
        tuple(map(Variable, names)),
        EVERYTHING,
        CovarianceSpec("cluster", ("row",), "CR0"),
        weights="one",
    )
    return OaxacaDesign(SharesDesign(spec, single(names), "one"), "owns")


def test_printed_example_of_statsmodels(cards: pd.DataFrame, card_design: OaxacaDesign) -> None:
    # Documentation of statsmodels.stats.oaxaca.OaxacaBlinder, five decimals: twofold, pooled with the group dummy.
    found = oaxaca_blinder(card_design, cards.assign(owns=~cards["rents"]), draws=0, generator=np.random.default_rng(0))
    explained, unexplained = found.twofold["pooled with indicator"]
    assert found.gap.contribution == pytest.approx(158.75044, abs=5e-6)
    assert explained.contribution == pytest.approx(130.80954, abs=5e-6)
    assert unexplained.contribution == pytest.approx(27.94091, abs=5e-6)
    parts = [part.contribution for part in found.threefold]
    assert parts == pytest.approx([321.74824, 75.45371, -238.45151], abs=5e-6)


@pytest.mark.parametrize(
    ("kind", "reference"),
    # statsmodels 0.15 answers to "nuemark"; the right spelling gives its default, pooled.
    [("pooled", "pooled with indicator"), ("nuemark", "pooled"), ("cotton", "share"), ("reimers", "equal")],
)
def test_every_reference_of_statsmodels(
    cards: pd.DataFrame, card_design: OaxacaDesign, kind: str, reference: str
) -> None:
    frame = cards.assign(owns=~cards["rents"])
    exog = frame[["AGE", "INCOME", "INCOMESQ", "OWNRENT"]]
    # Those who rent come first without swap; with it, statsmodels 0.15 gives each group the other's size in "cotton".
    model = OaxacaBlinder(frame["spending"], exog, "OWNRENT", hasconst=False, swap=False)
    theirs = -np.array(model.two_fold(two_fold_type=kind).params)
    found = oaxaca_blinder(card_design, frame, draws=0, generator=np.random.default_rng(0)).twofold[reference]
    assert [found[1].contribution, found[0].contribution] == pytest.approx(list(theirs[:2]), rel=1e-8)


@pytest.mark.parametrize("kind", ["single", "grouped"])
def test_shares_of_r2_averaged_over_orders_by_r(kind: str) -> None:
    swiss = pd.read_csv(HERE / "swiss.csv").assign(row=np.arange(47), one=1.0)
    expected = pd.read_csv(HERE / "swiss_shares.csv").query("kind == @kind").set_index("name")["share"]
    columns = tuple(name for name in swiss.columns if name not in ("Fertility", "row", "one"))
    together = {"land": columns[:1], "learning": columns[1:3], "belief": columns[3:]}
    groups = single(columns) if kind == "single" else tuple(TermGroup(k, v, "one") for k, v in together.items())
    spec = RegressionSpec(
        Variable("Fertility"), tuple(map(Variable, columns)), EVERYTHING, CovarianceSpec("cluster", ("row",), "CR0")
    )
    parts = share_variance(SharesDesign(spec, groups, "one"), swiss, draws=0, generator=np.random.default_rng(0))
    found = {part.name: part.contribution for part in parts}
    assert {name: found[name] for name in expected.index} == pytest.approx(expected.to_dict(), abs=1e-12)
    assert found["fixed effects"] == pytest.approx(0.0, abs=1e-12)


UNION = json.loads((HERE / "union_wages.json").read_text(encoding="utf-8"))
OCCUPATIONS = ("2", "3", "4", "5", "6", "7", "9")


def union_account(base: str) -> OaxacaResult:
    """Log wages of union members and others by schooling, experience, marriage and occupation, with a base category."""
    men = wage_panel.load().query("year == 1987 and occupation != 8").assign(one=1.0)
    dummies = tuple(f"occupation_{number}" for number in ("1", *OCCUPATIONS) if number != base)
    men = men.assign(
        union=men["union"] == 1,
        row=np.arange(len(men)),
        **{name: (men["occupation"].astype(str) == name[-1]).astype(float) for name in dummies},
    )
    names = ("educ", "exper", "married", *dummies)
    spec = RegressionSpec(
        Variable("lwage"),
        tuple(map(Variable, names)),
        SampleSpec("men of 1987"),
        CovarianceSpec("cluster", ("row",), "CR0"),
        weights="one",
    )
    design = OaxacaDesign(
        SharesDesign(spec, single(names), "one"), "union", {"occupation": dummies, "marriage": ("married",)}
    )
    return oaxaca_blinder(design, men, draws=0, generator=np.random.default_rng(0))


def in_their_words(name: str, base: str) -> str:
    """Name of a term in the output of oaxaca."""
    if name.startswith("occupation"):
        return f"C(occupation)[{base if name.endswith('base') else name[-1]}]"
    return {"constant": "Intercept", "married": "C(married)[1]", "marriage: base": "C(married)[0]"}.get(name, name)


@pytest.mark.parametrize("base", ["1", "6"])
def test_details_of_all_categories_are_those_of_the_package_oaxaca(base: str) -> None:
    found = union_account(base)
    for reference, parts in UNION["normalised"].items():
        if "gap" in parts:
            assert found.gap.contribution == pytest.approx(parts.pop("gap"), rel=1e-10)
        for part, stored in parts.items():
            ours = {in_their_words(term.name, base): term.contribution for term in found.terms[reference][part]}
            for term, value in stored.items():
                assert ours[term] == pytest.approx(value, abs=1e-10), (reference, part, term)


def test_details_without_normalisation_move_with_the_base() -> None:
    # what oaxaca prints without: the constant alone changes by a quarter of the gap of 0.089
    plain, ours = UNION["plain"]["first"]["unexplained"], union_account("1").terms["first"]["unexplained"]
    assert abs(plain["Intercept"] - ours[0].contribution) > 0.02
    assert sum(plain.values()) == pytest.approx(sum(term.contribution for term in ours[:-2]), abs=1e-10)
