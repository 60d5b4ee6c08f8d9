"""Tables and sentences of the notebook on spatial inference carry the numbers of the results, in every language."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from shanhai.methods import fit
from shanhai.methods.regression.comparison import compare_covariances, compare_resampling, usual_covariances
from shanhai.methods.spec import RegressionSpec, SampleSpec, Variable
from shanhai.studies.spatial.tables import covariance_table
from shanhai.studies.spatial.words import covariance_sentence


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    n = 240
    frame = pd.DataFrame({"longitude": rng.uniform(0, 30, n), "latitude": rng.uniform(0, 12, n)})
    frame = frame.assign(province_code=frame["longitude"] // 5, prefecture_code=np.arange(n) % 4)
    frame["prefecture_code"] += 10 * frame["province_code"]
    return frame.assign(on_border=rng.integers(0, 2, n), y=rng.normal(size=n) + frame["province_code"])


SPEC = RegressionSpec(
    Variable("y"), (Variable("on_border"),), SampleSpec("s", "样本"), usual_covariances()[0], (), ("province_code",)
)


def test_rows_are_those_of_single_fits(frame):
    covariances = usual_covariances()
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


def compared(p: list[float]) -> pd.DataFrame:
    base = {"term": "on_border", "estimate": -0.1, "df": 9.0, "low": -0.2, "high": 0.1, "n": 9, "note": ""}
    base |= {"sample": "all", "outcome": "y", "model": "m", "spec_id": "a"}
    rows = [
        base | {"covariance": f"kind{place}", "se": 0.01 * (place + 1), "p": value} | {"vcov": f"kind{place}"}
        for place, value in enumerate(p)
    ]
    return pd.DataFrame(rows).assign(clusters=pd.array([3] * len(p), dtype="Int64"))


def test_sentence_counts_rejections_and_names_the_rest():
    text = covariance_sentence(compared([0.01, 0.2, 0.04]), "on_border")
    assert text == (
        "on a provincial border: the largest standard error (kind2) is 3.0 times the smallest (kind0); "
        "2 of 3 tests reject zero at 5 %. Not rejected under kind1."
    )
    assert covariance_sentence(compared([0.2, 0.3]), "on_border").endswith("0 of 2 tests reject zero at 5 %.")
    assert covariance_sentence(compared([0.2]), "on_border") == (
        "on a provincial border: 0 of 1 tests reject zero at 5 %."
    )
    assert "3个检验中2个" in covariance_sentence(compared([0.01, 0.2, 0.04]), "on_border", "zh")


def test_table_says_the_state_of_an_indefinite_covariance():
    table = compared([0.01, 0.2])
    table["note"] = ["", "The Conley covariance is not positive semidefinite."]
    spec = covariance_table(table, "both")
    assert spec.notes[-1] == "The Conley covariance is not positive semidefinite."
    assert spec.cells()[1][:4] == ["省际边界县 on a provincial border", "kind1", "-0.100", "0.020"]
    assert spec.heads()[1] == "误差 errors"
