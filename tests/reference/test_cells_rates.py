"""Tests at the level of cells keep their size where neighbouring segments share noise, and clusters do not."""

import importlib.util

import pandas as pd
import pytest
from simulated_cells import NOTHING, WORLDS, evidence

from shanhai.core.paths import ROOT

FOLDER = ROOT / "tests" / "reference" / "cells"
SHARED = "wavy line, 76 km"


@pytest.fixture(scope="module")
def rates():
    spec = importlib.util.spec_from_file_location("cell_rates", FOLDER / "rates.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("file", "rows", "draws"), [("rates.csv", 27, {200, 400}), ("fresh.csv", 18, {200})])
def test_stored_rates_keep_the_rule(file: str, rows: int, draws: set[int]) -> None:
    table = pd.read_csv(FOLDER / file).query("truth == 0")
    used = table[table["errors"].eq("scpc(0.1)") | table["test"].eq("jump")]
    assert len(used) == rows and (used["rejected"] <= 8).all() and set(used["draws"]) == draws


def test_the_page_prints_the_stored_rates() -> None:
    lines = (ROOT / "lib" / "docs" / "own-raster.md").read_text(encoding="utf-8").splitlines()
    keys = ["world", "test", "errors"]
    tables = [pd.read_csv(FOLDER / name).set_index(keys) for name in ("rates.csv", "fresh.csv")]
    columns = [
        (0, "gradient", "cluster"),
        (0, "gradient", "scpc(0.1)"),
        (1, "gradient", "scpc(0.1)"),
        (0, "last_20km", "cluster"),
        (0, "last_20km", "scpc(0.1)"),
        (1, "last_20km", "scpc(0.1)"),
        (0, "jump", "cluster"),
    ]
    for world in [name for name, known in WORLDS.items() if known.truth == NOTHING]:
        row = "the same, eight segments" if "eight" in world else world
        printed = next(line for line in lines if line.startswith(f"| {row} |")).strip("| ").split(" | ")[1:]
        own = [tables[at].loc[(world, test, errors), "rejected"] for at, test, errors in columns]
        assert [float(value) for value in printed] == pytest.approx(own, abs=0.051)


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
