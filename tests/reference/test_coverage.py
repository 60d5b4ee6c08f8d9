"""Coverage of intervals: the page has the numbers of the table, and the script makes the first draws again."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from shanhai.core.paths import ROOT

FOLDER = ROOT / "tests" / "reference" / "coverage"
AGAIN = ("covariance", "unseen", "adjacent counties", "valley")
"""Groups whose first draws are quick to make."""


@pytest.fixture(scope="module")
def coverage() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "coverage.csv")


@pytest.fixture(scope="module")
def page() -> ModuleType:
    spec = importlib.util.spec_from_file_location("coverage_page", FOLDER / "page.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_page_has_the_numbers_of_the_table(coverage: pd.DataFrame, page: ModuleType) -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    assert page.page_with(text, coverage) == text
    assert sorted(set(coverage["group"])) == sorted(page.TITLES)


def test_every_interval_is_there_under_all_three_kinds_of_errors(coverage: pd.DataFrame) -> None:
    assert len(coverage) == 3 * coverage["interval"].nunique()
    assert coverage["coverage"].between(0, 100).all()
    assert (coverage["draws"] >= 80).all()


def test_intervals_that_allow_for_the_errors_hold_the_truth(coverage: pd.DataFrame) -> None:
    """What theory promises: iid errors under independence, clusters under clusters, and naive ones failing there."""
    of = coverage.set_index(["interval", "errors"])["coverage"]
    for interval in ("iid", "HC3", "prefecture, CV3"):
        assert of[interval, "independent"] == pytest.approx(95, abs=5)
    assert of["prefecture, CV3", "clustered"] == pytest.approx(95, abs=5)
    assert of["iid", "clustered"] < of["prefecture, CV3", "clustered"]
    assert of["iid", "spatial"] < of["province, CV3", "spatial"]


@pytest.mark.slow
def test_script_makes_the_stored_first_draws_again(tmp_path: Path) -> None:
    """Six digits are stored; 1e-4 allows for other linear algebra."""
    paths = os.pathsep.join([str(ROOT / "lib"), str(FOLDER)])  # a safe path leaves the script's own folder out
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": paths}
    command = [sys.executable, str(FOLDER / "coverage.py"), "--first", str(tmp_path), *AGAIN]
    subprocess.run(command, check=True, env=environment, cwd=tmp_path)
    stored = pd.read_csv(FOLDER / "first_draws.csv")
    stored = stored[stored["group"].isin(AGAIN)].reset_index(drop=True)
    again = pd.read_csv(tmp_path / "first_draws.csv")
    assert len(again) > 150
    pd.testing.assert_frame_equal(again, stored, rtol=1e-4, atol=1e-6, check_dtype=False)
