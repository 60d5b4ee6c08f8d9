"""Cluster covariances by name against R's sandwich and jackknives, and pyfixest's CRV3.

``clusters/clusters.R``, ``clusters/crv3.py`` and ``clusters/nested.py`` made the stored numbers. R prints 15 digits;
the tolerance of 1e-8 covers its inverse of a matrix with regressors of unequal size.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.results import combine, joint_test
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

HERE = Path(__file__).parent
STORED = pd.read_csv(HERE / "clusters" / "clusters.csv", comment="#")
CRV3 = json.loads((HERE / "clusters" / "crv3.json").read_text(encoding="utf-8"))["se"]
NESTED = json.loads((HERE / "clusters" / "nested.json").read_text(encoding="utf-8"))["se"]
NESTED_MODELS = {
    "one nested": (("cluster",), ("cluster",)),
    "finer effects": (("cell",), ("cluster",)),
    "nested and not": (("cell", "band"), ("cluster",)),
    "not nested": (("band",), ("cluster",)),
    "two clusters": (("cell", "magnitude"), ("cell", "decile")),
}
PLAIN = RegressionSpec(
    outcome=Variable("depth"),
    terms=(Variable("mag"), Variable("stations")),
    sample=SampleSpec("quakes", "地震"),
    covariance=CovarianceSpec("cluster", ("cluster",), "CR0"),
)
SPECS = {
    "plain": PLAIN,
    "bands": replace(PLAIN, fixed_effects=("band",)),
    "weighted": replace(PLAIN, terms=(Variable("mag"),), fixed_effects=("band",), weights="weight"),
}


@pytest.fixture(scope="module")
def quakes() -> pd.DataFrame:
    frame = pd.read_csv(HERE / "data" / "quakes.csv")
    return frame.assign(cluster=frame["long"] // 2, band=frame["lat"] // 5, weight=frame["stations"] / 10)


def fitted(quakes, model, factor):
    return fit(replace(SPECS[model], covariance=CovarianceSpec("cluster", ("cluster",), factor)), quakes)


@pytest.mark.parametrize("row", STORED.to_dict("records"), ids=lambda row: "-".join([row["model"], row["factor"]]))
def test_standard_errors_are_those_of_r(quakes, row):
    result = fitted(quakes, row["model"], row["factor"])
    place = result.position(row["term"])
    assert result.params[place] == pytest.approx(row["estimate"], rel=1e-8)
    assert result.se[place] == pytest.approx(row["se"], rel=1e-8)
    if row["factor"] == "CR2":
        assert result.degrees[place] == pytest.approx(row["df"], rel=1e-8)


@pytest.mark.parametrize("model", ["plain", "bands"])
@pytest.mark.parametrize("term", ["mag", "stations"])
def test_crv3_of_pyfixest_is_cr3_and_with_its_default_factor_more(quakes, model, term):
    result = fitted(quakes, model, "CR3")
    se, groups = result.se[result.position(term)], result.clusters[0].count
    assert se == pytest.approx(CRV3[f"{model}, G_adj=False"][term], rel=1e-8)
    assert se * (groups / (groups - 1)) ** 0.5 == pytest.approx(CRV3[f"{model}, G_adj=True"][term], rel=1e-8)


@pytest.mark.parametrize("factor", ["CR2", "CR3", "CV3", "CV3J"])
def test_effects_nested_in_clusters_change_nothing_but_their_dummies(quakes, factor):
    """Demeaned within clusters by hand, without effects, the covariance is the same: deletion leaves the rest alone."""
    nested = fit(
        replace(SPECS["plain"], fixed_effects=("cluster",), covariance=CovarianceSpec("cluster", ("cluster",), factor)),
        quakes,
    )
    columns = ["depth", "mag", "stations"]
    within = quakes.assign(
        **{name: quakes[name] - quakes.groupby("cluster")[name].transform("mean") for name in columns}
    )
    flat = fitted(within, "plain", factor)
    assert nested.se == pytest.approx(flat.se[1:], rel=1e-6)


def test_degrees_of_freedom_of_cr2_are_fewer_than_clusters_and_used(quakes):
    result = fitted(quakes, "bands", "CR2")
    assert (result.degrees < result.df).all()
    assert combine(result, {"mag": 1.0}).p == pytest.approx(result.p[result.position("mag")])
    with pytest.raises(SpecificationError, match="no joint test"):
        joint_test(result, ("mag", "stations"))


def test_a_cluster_that_alone_determines_a_coefficient_is_refused(quakes):
    frame = quakes.assign(stations=(quakes["cluster"] == 90).astype(float))
    assert fitted(frame, "plain", "CR1").n == len(quakes)
    with pytest.raises(SpecificationError, match="cannot be estimated"):
        fitted(frame, "plain", "CR2")


def test_one_cluster_and_two_columns_under_cr2_are_refused(quakes):
    with pytest.raises(SpecificationError, match="two clusters or more"):
        fitted(quakes.assign(cluster=1), "plain", "CR3")
    with pytest.raises(SpecificationError, match="allowed: CR0, CR1, CR1S"):
        CovarianceSpec("cluster", ("cluster", "band"), "CV3")


@pytest.mark.parametrize("key", NESTED)
def test_effects_nested_in_clusters_count_or_not(quakes, key):
    """CR1S counts all, as pyfixest's ``full``; CR1N those that are not nested, as its default and fixest's."""
    name, counted = key.split(", ")
    effects, clusters = NESTED_MODELS[name]
    frame = quakes.assign(cell=quakes["long"] // 0.5, magnitude=quakes["stations"] // 40, decile=quakes["depth"] // 20)
    factor = "CR1N" if counted == "nonnested" else "CR1S"
    spec = replace(SPECS["plain"], fixed_effects=effects, covariance=CovarianceSpec("cluster", clusters, factor))
    se = dict(zip(spec.names, fit(spec, frame).se, strict=True))
    assert se == pytest.approx(NESTED[key], rel=1e-9)


def test_effects_of_pairs_make_the_two_conventions_forty_one_percent_apart():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"pair": np.repeat(np.arange(300), 2), "x": rng.normal(size=600), "y": rng.normal(size=600)})
    spec = RegressionSpec(
        Variable("y"), (Variable("x"),), SampleSpec("pairs", "对"), CovarianceSpec("cluster", ("pair",), "CR1S"),
        fixed_effects=("pair",),
    )  # fmt: skip
    stata, fixest = (
        fit(replace(spec, covariance=CovarianceSpec("cluster", ("pair",), factor)), frame).se[0]
        for factor in ("CR1S", "CR1N")
    )
    assert stata / fixest == pytest.approx((598 / 299) ** 0.5)
