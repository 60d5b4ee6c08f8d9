"""Cluster and robust covariances against numbers printed by Stata (origin and commands in grunfeld.json)."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.datasets import grunfeld

from shanhai.methods.regression.fit import fit
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

STORED = json.loads((Path(__file__).parent / "grunfeld.json").read_text(encoding="utf-8"))

# Stata prints 13 significant digits of estimates that it computed from data in single precision.
RELATIVE = 1e-6


@pytest.fixture(scope="module")
def firms() -> pd.DataFrame:
    frame = grunfeld.load_pandas().data.iloc[:200].copy()
    frame["inverse_value"] = 1.0 / frame["value"]
    return frame


@pytest.mark.parametrize("stored", STORED["results"], ids=lambda stored: stored["command"])
def test_estimates_equal_those_of_stata(stored: dict, firms: pd.DataFrame) -> None:
    kind, by, factor = stored["covariance"]
    spec = RegressionSpec(
        outcome=Variable("invest"),
        terms=(Variable("value"), Variable("capital")),
        sample=SampleSpec("Grunfeld", "格伦菲尔德"),
        covariance=CovarianceSpec(kind, tuple(by), factor),
        weights="inverse_value" if stored["weighted"] else None,
    )
    result = fit(spec, firms)
    order = [result.position(name) for name in STORED["order"]]
    np.testing.assert_allclose(result.params[order], stored["b"], rtol=RELATIVE)
    np.testing.assert_allclose(result.se[order], stored["se"], rtol=RELATIVE)
    if stored["p"] is not None:  # without "small" Stata takes the normal distribution, we keep t
        assert result.df == stored["df"]
        np.testing.assert_allclose(result.p[order], stored["p"], rtol=5e-5)
