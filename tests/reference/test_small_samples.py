"""Small-sample factors by the name of a program, against numbers of that program or of one that is known to agree.

``clusters/ssc.py`` (pyfixest) and ``clusters/programs.R`` (R's sandwich and plm) made the stored errors. Stata is not
at hand: K of reghdfe follows its published source, and the ratio of areg to xtreg is one that a certification script of
a Stata command asserts.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods import fit as fit_formula
from shanhai.methods.regression.absorb import FixedEffects
from shanhai.methods.regression.covariance import counted_coefficients
from shanhai.methods.regression.fit import fit
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, SmallSample, Variable, ssc

HERE = Path(__file__).parent / "clusters"
SSC = json.loads((HERE / "ssc.json").read_text(encoding="utf-8"))["se"]
PROGRAMS = pd.read_csv(HERE / "programs.csv", comment="#")
MODELS = {
    "nested and not": (("cell", "band"), ("cluster",)),
    "two clusters": (("cell", "magnitude"), ("cell", "decile")),
    "apart": (("cell", "half"), ("decile",)),
}


@pytest.fixture(scope="module")
def quakes() -> pd.DataFrame:
    frame = pd.read_csv(HERE.parent / "data" / "quakes.csv")
    cell = frame["long"] // 0.5
    return frame.assign(
        cell=cell,
        cluster=frame["long"] // 2,
        band=frame["lat"] // 5,
        magnitude=frame["stations"] // 40,
        decile=frame["depth"] // 20,
        half=(cell > 360) * 3 + (frame["lat"] // 10) % 3,
    )


def errors(frame, effects, by, factor):
    spec = RegressionSpec(
        Variable("depth"), (Variable("mag"), Variable("stations")), SampleSpec("quakes", "地震"),
        CovarianceSpec("cluster", by, factor), fixed_effects=effects,
    )  # fmt: skip
    result = fit(spec, frame)
    return {name: result.se[result.position(name)] for name in ("mag", "stations")}


@pytest.mark.parametrize("key", SSC)
def test_arguments_of_ssc_are_those_of_pyfixest(quakes, key):
    name, counted, g_df, switches = key.split(", ")
    factor = ssc(switches[0] == "1", counted, switches[1] == "1", g_df)
    assert errors(quakes, *MODELS[name], factor) == pytest.approx(SSC[key], rel=1e-9)


def test_other_errors_of_a_regression_take_the_arguments_too(quakes):
    """What ``fit`` does with ``ssc``, without fitting anew; beside a factor of its own it is refused there too."""
    result = fit_formula("depth ~ mag + stations | cell + band", quakes, vcov="HC1")
    other = result.vcov("cluster:cluster", ssc=ssc(k_fixef="full"))
    assert dict(zip(other.names, other.se, strict=True)) == pytest.approx(
        SSC["nested and not, full, min, 11"], rel=1e-9
    )
    with pytest.raises(SpecificationError, match="ssc is 'areg' beside errors 'HC3'"):
        result.vcov("HC3", ssc="areg")


@pytest.mark.parametrize("name", MODELS)
def test_fixest_and_pyfixest_are_the_defaults_of_ssc(quakes, name):
    for program in ("fixest", "pyfixest"):
        assert errors(quakes, *MODELS[name], program) == pytest.approx(SSC[f"{name}, nonnested, min, 11"], rel=1e-9)


@pytest.mark.parametrize(
    ("model", "factor", "effects", "by"),
    [
        ("areg, cluster", "areg", ("cell",), ("cluster",)),
        ("areg, decile", "regress", ("cell",), ("decile",)),
        ("areg, decile", "xtreg_dfadj", ("cell",), ("decile",)),
        ("none, cell", ssc(k_fixef="none"), ("cell",), ("cell",)),
        ("conventional, cluster decile", ssc(g_df="conventional"), (), ("cluster", "decile")),
    ],
)
def test_errors_are_those_of_r(quakes, model, factor, effects, by):
    frame = quakes[quakes.groupby("cell")["cell"].transform("size") > 1]
    stored = PROGRAMS[PROGRAMS["model"] == model].set_index("term")["se"].to_dict()
    assert errors(frame, effects, by, factor) == pytest.approx(stored, rel=1e-9)


def codes(*columns):
    return FixedEffects(tuple(np.asarray(column, dtype=np.int64) for column in columns), np.ones(len(columns[0])))


def test_k_is_what_the_tests_of_fixest_say():
    """One regressor within effects of 3 and 5 levels in two groups that do not meet, clustered by the first.

    fixest's own tests ask for K = 6, 1 and 8, and 7 where the rank is counted.
    """
    first = np.tile(np.repeat([0, 1, 2], [4, 3, 3]), 2)
    second = np.tile(np.repeat(np.arange(5), 2), 2)
    effects = codes(first, second)
    by = (effects.codes[0],)
    rank = 1 + 3 + 5 - 2
    for arguments, expected in (
        (ssc(), 6),
        (ssc(k_fixef="nested"), 6),
        (ssc(k_fixef="none"), 1),
        (ssc(k_fixef="full"), 8),
        (ssc(k_fixef="full", k_exact=True), 7),
    ):
        assert counted_coefficients(arguments, rank, effects, by) == expected


def test_k_of_reghdfe_counts_groups_of_levels_and_one_constant_for_nested_effects():
    """Same effects: the five levels less one beside the nested effect, and 3 + 5 - 2 groups where none is nested."""
    first = np.tile(np.repeat([0, 1, 2], [4, 3, 3]), 2)
    second = np.tile(np.repeat(np.arange(5), 2), 2)
    effects, rank = codes(first, second), 1 + 3 + 5 - 2
    elsewhere = np.arange(20, dtype=np.int64) % 7
    assert counted_coefficients("reghdfe", rank, effects, (effects.codes[0],)) == 1 + 1 + (5 - 1)
    assert counted_coefficients("reghdfe", rank, effects, (elsewhere,)) == 1 + 3 + 5 - 2
    assert counted_coefficients("reghdfe", 1 + 3, codes(first), (effects.codes[0],)) == 1 + 1
    assert counted_coefficients("xtreg", rank, effects, (elsewhere,)) == rank - 3 + 1


def test_areg_and_xtreg_differ_by_the_ratio_that_stata_gives():
    """5,000 rows, two regressors, 200 firms that are the clusters: V of areg over V of xtreg is 4997/4798 in Stata."""
    rng = np.random.default_rng(8)
    firm = np.arange(5000) % 200
    frame = pd.DataFrame({"depth": rng.normal(size=5000), "mag": rng.normal(size=5000), "firm": firm})
    frame["stations"] = rng.normal(size=5000)
    areg, xtreg, reghdfe = (errors(frame, ("firm",), ("firm",), name)["mag"] for name in ("areg", "xtreg", "reghdfe"))
    assert (areg / xtreg) ** 2 == pytest.approx(4997 / 4798, rel=1e-12)
    assert reghdfe == xtreg


def test_degrees_of_freedom_of_t_are_n_less_k_where_asked_for(quakes):
    spec = RegressionSpec(
        Variable("depth"), (Variable("mag"),), SampleSpec("quakes", "地震"),
        CovarianceSpec("cluster", ("cluster",), ssc(t_df="conventional")),
    )  # fmt: skip
    assert set(fit(spec, quakes).degrees) == {1000.0 - 2}
    usual = replace(spec, covariance=CovarianceSpec("cluster", ("cluster",), ssc()))
    assert set(fit(usual, quakes).degrees) == {13.0 - 1}


def test_names_that_are_no_convention_are_refused():
    with pytest.raises(SpecificationError, match=r"'stata'; allowed: CR0.*fixest.*or ssc"):
        CovarianceSpec("cluster", ("firm",), "stata")
    with pytest.raises(SpecificationError, match="'xtreg' with two cluster columns"):
        CovarianceSpec("cluster", ("firm", "year"), "xtreg")
    with pytest.raises(SpecificationError, match="k_fixef is 'some'; allowed: none, nonnested, full"):
        ssc(k_fixef="some")
    with pytest.raises(SpecificationError, match="g_adj is 1"):
        SmallSample(g_adj=1)
    with pytest.raises(SpecificationError, match="'reghdfe' of conley; allowed: none, fixest"):
        CovarianceSpec.conley("uniform", 100, factor="reghdfe")
