"""Jumps in Senate elections and of the Nile against rdrobust (generators and output: tests/reference/discontinuity)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.datasets import nile

from shanhai.methods.discontinuity.polynomial import Jump, JumpSpec, local_jump

HERE = Path(__file__).parent / "discontinuity"
STORED = json.loads((HERE / "senate.json").read_text(encoding="utf-8"))["cases"]

SPECS = {
    "default": JumpSpec(),
    "uniform": JumpSpec(kernel="uniform"),
    "epanechnikov": JumpSpec(kernel="epanechnikov"),
    "HC0": JumpSpec(noise="HC0"),
    "HC1": JumpSpec(noise="HC1"),
    "HC2": JumpSpec(noise="HC2"),
    "HC3": JumpSpec(noise="HC3"),
    "quadratic": JumpSpec(order=2, bias_order=3),
    "cutoff": JumpSpec(),
    "widths": JumpSpec(bandwidth=15.0, bias_bandwidth=25.0),
    "one width": JumpSpec(bandwidth=20.0),
    "widths HC0": JumpSpec(bandwidth=15.0, bias_bandwidth=25.0, noise="HC0"),
    "neighbours": JumpSpec(bandwidth=15.0, bias_bandwidth=25.0, neighbours=5),
    "clusters": JumpSpec(bandwidth=15.0, bias_bandwidth=25.0, noise="HC0"),
    "clusters chosen": JumpSpec(noise="HC0"),
    "donut": JumpSpec(bandwidth=15.0, bias_bandwidth=25.0, donut=0.5),
    "two widths": JumpSpec(bandwidth=(12.0, 18.0), bias_bandwidth=(20.0, 30.0)),
    "two chosen": JumpSpec(selection="msetwo"),
    "covariates": JumpSpec(bandwidth=15.0, bias_bandwidth=25.0),
    "covariates HC2": JumpSpec(bandwidth=15.0, bias_bandwidth=25.0, noise="HC2"),
    "covariates clusters": JumpSpec(bandwidth=15.0, bias_bandwidth=25.0, noise="HC0"),
    "covariates chosen": JumpSpec(),
    "covariates two chosen": JumpSpec(selection="msetwo"),
}

COVARIATES = {"covariates clusters": 1, "covariates two chosen": 1}
"""First of the three covariates that a case takes, where it is not the first of all."""

FIXED = 1e-9
"""Relative; bandwidths given, so only rounding differs."""

CHOSEN = 5e-7
"""Relative; rdrobust widens the range of its first step by an absolute amount, which moves bandwidths by 1e-7."""

WIDER_COUNT = ("HC1", "clusters", "clusters chosen", "covariates clusters")
OTHER_FACTOR = 2e-3
"""Relative; n in (n - 1) / (n - 2) and n / (n - 2) is that of the rows with weight here, but of the rows inside the
wider bandwidth b in rdrobust, although those beyond h have no weight in the conventional estimate. The factor of the
robust standard error is the same."""


@pytest.fixture(scope="module")
def senate() -> pd.DataFrame:
    return pd.read_csv(HERE / "senate.csv")


def estimated(senate: pd.DataFrame, case: str) -> Jump:
    sides = senate["state"] + np.where(senate["margin"] >= 0, "+", "-")
    options: dict[str, Any] = {"clusters": sides} if "clusters" in case else {}
    if "covariates" in case:
        options["covariates"] = senate[["class", "termshouse", "termssenate"][COVARIATES.get(case, 0) :]]
    if case == "cutoff":
        options["cutoff"] = 5.0
    return local_jump(senate["vote"], senate["margin"], SPECS[case], **options)


@pytest.mark.parametrize("case", SPECS)
def test_jump_agrees_with_rdrobust(senate: pd.DataFrame, case: str) -> None:
    ours, stored = estimated(senate, case), STORED[case]
    rel = FIXED if SPECS[case].bandwidth else CHOSEN
    assert list(ours.n) == stored["n"]
    assert list(ours.n_inside) == stored["n_inside"]
    for name in ("conventional", "corrected", "se_conventional", "se_robust"):
        allowed = OTHER_FACTOR if name == "se_conventional" and case in WIDER_COUNT else rel
        assert getattr(ours, name) == pytest.approx(stored[name], rel=allowed), name
    assert ours.bandwidths.main == pytest.approx(stored["main"], rel=rel)
    assert ours.bandwidths.bias == pytest.approx(stored["bias"], rel=rel)


def test_the_two_published_digits(senate: pd.DataFrame) -> None:
    """The output of rdrobust for R that papers and manuals print: 7.41413080, standard error 1.45871602."""
    ours = estimated(senate, "default")
    assert f"{ours.conventional:.8f}" == "7.41413080"
    assert f"{ours.se_conventional:.8f}" == "1.45871602"


@pytest.mark.parametrize("case", ["default", "widths"])
def test_flow_of_the_nile_falls_as_rdrobust_says(case: str) -> None:
    """The example of the page on borders: a hundred years, of which the chosen bandwidth holds six a side."""
    stored = json.loads((HERE / "nile.json").read_text(encoding="utf-8"))["cases"][case]
    flow = nile.load_pandas().data
    ours = local_jump(flow["volume"], flow["year"], SPECS[case], cutoff=1898.5)
    rel = FIXED if SPECS[case].bandwidth else 1e-6  # 1.6e-7 of the bandwidth, and few rows
    for name in ("conventional", "corrected", "se_conventional", "se_robust"):
        assert getattr(ours, name) == pytest.approx(stored[name], rel=rel), name
    robust = ours.to_frame().set_index("method").loc["robust"]
    assert [robust["low"], robust["high"]] == pytest.approx(stored["robust"], rel=rel)
