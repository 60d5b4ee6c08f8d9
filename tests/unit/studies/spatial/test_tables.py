"""Tables and sentences of the notebook on spatial inference carry the numbers of the results, in every language."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from simulated_counties import simulate_counties

from shanhai.methods import fit
from shanhai.methods.regression.comparison import compare_covariances, compare_resampling, usual_covariances
from shanhai.methods.spec import RegressionSpec, SampleSpec, Variable
from shanhai.studies.border.design import border_spec
from shanhai.studies.spatial.analysis import check_spatial
from shanhai.studies.spatial.charts import errors_figure
from shanhai.studies.spatial.tables import covariance_table, effects_table, spatial_models_table, spatial_tests_table
from shanhai.studies.spatial.words import covariance_sentences, spatial_answer


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    n = 240
    frame = pd.DataFrame({"longitude": rng.uniform(0, 30, n), "latitude": rng.uniform(0, 12, n)})
    frame = frame.assign(province_code=frame["longitude"] // 5, prefecture_code=np.arange(n) % 4)
    frame["prefecture_code"] += 10 * frame["province_code"]
    return frame.assign(on_border=rng.integers(0, 2, n), y=rng.normal(size=n) + frame["province_code"])


SPEC = RegressionSpec(
    Variable("y"),
    (Variable("on_border"),),
    SampleSpec("s", "样本"),
    usual_covariances("prefecture_code", "province_code")[0],
    (),
    ("province_code",),
)


@pytest.fixture(scope="module")
def places() -> pd.DataFrame:
    counties = simulate_counties(np.random.default_rng(29), n=300, side=2)
    counties = counties.rename(columns={"gdp_per_capita": "gdp_per_capita_2021"})
    return counties.assign(longitude=counties["x_km"] / 111, latitude=counties["y_km"] / 111)


def test_rows_are_those_of_single_fits(frame):
    covariances = usual_covariances("prefecture_code", "province_code")
    table = compare_covariances(SPEC, frame, ["on_border"], covariances)
    assert len(table) == len(covariances) == 15
    for row, covariance in zip(table.to_dict("records"), covariances, strict=True):
        result = fit(replace(SPEC, covariance=covariance), frame)
        assert row["covariance"] == covariance.label
        assert (row["se"], row["p"], row["low"]) == (result.se[0], result.p[0], result.ci[0, 0])
    nested = table.set_index("covariance")["se"]
    assert nested["cluster(prefecture_code, province_code) CR1S"] == pytest.approx(
        nested["cluster(province_code) CR1S"]
    )


def test_few_clusters_take_webb_weights(frame):
    table = compare_resampling(SPEC, frame, ["on_border"], ["prefecture_code", "province_code"], seed=1, draws=99)
    assert table["covariance"].tolist() == [
        "wild(prefecture_code, rademacher, 99)",
        "wild(province_code, webb, 99)",
        "scpc(0.03)",
    ]
    assert table["se"].isna().tolist() == [True, True, False]
    assert table["estimate"].to_numpy() == pytest.approx(fit(SPEC, frame).params[0])


METHODS = ("HC1", "HC3", "conley(bartlett, 200 km)")


def compared(p: list[float]) -> pd.DataFrame:
    base = {"term": "on_border", "estimate": -0.1, "df": 9.0, "low": -0.2, "high": 0.1, "n": 9, "note": ""}
    base |= {"sample": "all", "outcome": "y", "model": "m", "spec_id": "a"}
    rows = [
        base | {"covariance": METHODS[place], "se": 0.01 * (place + 1), "p": value} | {"vcov": METHODS[place]}
        for place, value in enumerate(p)
    ]
    return pd.DataFrame(rows).assign(clusters=pd.array([3] * len(p), dtype="Int64"))


def test_sentences_count_rejections_and_name_the_rest():
    text = covariance_sentences(compared([0.01, 0.2, 0.04]), ["on_border"])
    assert text == (
        "**on a provincial border**: the largest standard error, Conley spatial HAC (Bartlett kernel, cutoff 200 km), "
        "is 3.0 times the smallest, robust to heteroskedasticity (HC1); 2 of 3 tests reject zero at the 5% level. Not "
        "rejected: robust to heteroskedasticity (HC3)."
    )
    assert covariance_sentences(compared([0.2, 0.3]), ["on_border"]).endswith(
        "0 of 2 tests reject zero at the 5% level."
    )
    assert covariance_sentences(compared([0.2]), ["on_border"]) == (
        "**on a provincial border**: 0 of 1 tests reject zero at the 5% level."
    )
    assert "3个检验中2个" in covariance_sentences(compared([0.01, 0.2, 0.04]), ["on_border"], "zh")


def test_table_says_the_state_of_an_indefinite_covariance():
    table = compared([0.01, 0.2])
    table["note"] = ["", "The Conley covariance is not positive semidefinite."]
    spec = covariance_table(table, SPEC, "on_border", "both")
    assert spec.notes[-1].endswith("The Conley covariance is not positive semidefinite.")
    assert spec.cells()[1][:3] == ["异方差稳健（HC3） robust to heteroskedasticity (HC3)", "-0.100", "0.020"]
    assert spec.heads()[0] == "推断方法 method of inference"


def test_the_figure_has_an_interval_for_each_method():
    axes = errors_figure(compared([0.01, 0.2]), "on_border", "zh").axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["异方差稳健（HC1）", "异方差稳健（HC3）"]
    assert axes.get_legend() is None
    assert [list(line[:, 0]) for line in axes.collections[0].get_segments()] == [[-0.2, 0.1]] * 2


def test_the_answer_counts_methods_and_names_the_few_without_significance(places):
    rule, frame = border_spec(), places
    overview = check_spatial(rule, frame, 3, 1)
    text = spatial_answer(compared([0.01, 0.2, 0.04]), overview, rule, "on_border")
    assert text.startswith("In China in 2021, the conditional difference in ")
    assert (
        "(-0.100 log points) is significant" in text
        and "under 2 of 3 methods of inference, but not under robust to" in text
    )
    assert f"(Moran's I {overview.moran.statistic:.3f}, p = " in text
    durbin = overview.effects.set_index(["model", "term", "impact"]).loc[("durbin", "on_border", "total")]
    error = overview.coefficients.set_index(["model", "term"]).loc[("error", "on_border")]
    assert f"{error['estimate']:.3f} [{error['low']:.3f}, {error['high']:.3f}] in a spatial error model" in text
    assert f"in total {durbin['estimate']:.3f} [" in text
    assert spatial_answer(compared([0.01] * 3), overview, rule, "on_border", "zh").startswith("2021年全国省际边界县")
    table = spatial_models_table(overview, rule, "on_border")
    assert table.cells()[2][1] == f"{error['estimate']:.3f}" and "Neighbours: the 3 nearest counties." in table.notes
    chinese = (spatial_tests_table(overview, rule, "zh"), effects_table(overview, rule, rule.term_names, "zh"))
    assert all("空间权重：最邻近的3个县。" in table.notes for table in chinese)
