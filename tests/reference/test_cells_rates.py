"""Tests at the level of cells keep their size where neighbouring segments share noise, and clusters do not."""

import importlib.util

import pandas as pd
import pytest
from simulated_cells import WORLDS, evidence

from shanhai.core.paths import ROOT

FOLDER = ROOT / "tests" / "reference" / "cells"
SHARED = "wavy line, 76 km"


@pytest.fixture(scope="module")
def rates():
    spec = importlib.util.spec_from_file_location("cell_rates", FOLDER / "rates.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_stored_rates_keep_the_rule() -> None:
    table = pd.read_csv(FOLDER / "rates.csv").query("truth == 0")
    used = table[table["errors"].eq("scpc(0.1)") | table["test"].eq("jump")]
    assert len(used) >= 21 and (used["rejected"] <= 8).all()


@pytest.mark.slow
def test_slopes_hold_their_size_and_equal_those_of_the_library(rates) -> None:
    """Of 60 draws more than eight reject in 1 of 200 at 5 %."""
    table = rates.estimates(SHARED, 0, 60, 0)
    rejected = table["estimate"].abs() > table["reach"]
    own = rejected[table["errors"].eq("scpc(0.1)")].groupby(table["test"]).sum()
    assert (own <= 8).all()
    first = table[table["draw"].eq(0) & table["errors"].eq("scpc(0.1)")].set_index("test")
    found = evidence(WORLDS[SHARED], rates.np.random.default_rng([list(WORLDS).index(SHARED), 0]))
    for test in ("gradient", "last_20km"):
        row = found.row(test)
        assert first.loc[test, "estimate"] == pytest.approx(row["estimate"], rel=1e-6)
        assert first.loc[test, "reach"] == pytest.approx(row["high"] - row["estimate"], rel=1e-6)
