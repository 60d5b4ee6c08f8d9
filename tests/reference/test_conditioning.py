"""Badly centred regressors against 60-digit arithmetic (conditioning/make_years.py)."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shanhai.methods.regression.fit import fit
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

STORED = json.loads((Path(__file__).parent / "conditioning" / "years.json").read_text())
KINDS = ("iid", "HC1", "HC2", "HC3", "CR0")
EXACT = {key: np.array([float(value) for value in STORED[key]]) for key in ("params", *KINDS)}
TOLERANCE = 1e-8
"""Year cubed keeps 1e-6 of its length once year and its square are held: of sixteen digits ten are left."""


@pytest.fixture(scope="module")
def years() -> pd.DataFrame:
    frame = pd.DataFrame(STORED["data"], columns=["unit", "year", "dummy", "outcome"])
    return frame.assign(year2=frame["year"] ** 2, year3=frame["year"] ** 3)


def spec(covariance: CovarianceSpec) -> RegressionSpec:
    terms = tuple(Variable(name) for name in STORED["names"][1:])
    return RegressionSpec(Variable("outcome"), terms, SampleSpec("all", "全部"), covariance)


@pytest.mark.parametrize("kind", KINDS)
def test_polynomial_of_years(years: pd.DataFrame, kind: str) -> None:
    covariance = CovarianceSpec("cluster", ("unit",), "CR0") if kind == "CR0" else CovarianceSpec(kind)  # type: ignore[arg-type]
    result = fit(spec(covariance), years)
    assert result.names == tuple(STORED["names"])
    assert result.params == pytest.approx(EXACT["params"], rel=TOLERANCE)
    assert result.se == pytest.approx(EXACT[kind], rel=TOLERANCE)
