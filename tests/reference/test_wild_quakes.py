"""The wild cluster bootstrap against stored results of wildboottest, made by ``data/quakes_wild.py`` and
``data/quakes_wild_types.py``.

All 8192 combinations of weights are enumerated there and here, so the two must agree to rounding. P-values may differ
by the draws that tie with the data (two of 8192), which wildboottest leaves to rounding.
"""

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shanhai.methods.regression.wild import _bootstrap_t, wild_test
from shanhai.methods.regression.wild_forms import Bootstrap, ClusterForms, cluster_forms

DATA = Path(__file__).parent / "data"
TYPES = json.loads((DATA / "quakes_wild_types.json").read_text(encoding="utf-8"))
STORED = json.loads((DATA / "quakes_wild.json").read_text(encoding="utf-8"))


def forms(coefficient: int, bootstrap: Bootstrap = "WCR11") -> ClusterForms:
    quakes = pd.read_csv(DATA / "quakes.csv")
    columns = quakes["depth"], quakes[["mag", "stations"]], quakes["long"] // 2
    return cluster_forms(*columns, coefficient, bootstrap=bootstrap)


@pytest.mark.parametrize("stored", STORED["results"], ids=lambda stored: f"{stored['coefficient']}={stored['null']:g}")
def test_test_agrees(stored):
    ours = wild_test(forms(stored["coefficient"]), null_value=stored["null"])
    assert ours.enumerated
    assert (ours.clusters, ours.draws) == (STORED["clusters"], stored["draws"])
    assert ours.t == pytest.approx(stored["t"], rel=1e-9)
    assert ours.p - 1e-12 <= stored["p"] <= ours.p_with_ties + 1e-12
    assert ours.ties == 2


@pytest.mark.parametrize("stored", STORED["results"], ids=lambda stored: f"{stored['coefficient']}={stored['null']:g}")
def test_whole_distribution_agrees(stored):
    every = np.array(list(itertools.product((-1.0, 1.0), repeat=STORED["clusters"]))).T
    ratios = np.abs(_bootstrap_t(*forms(stored["coefficient"]).at(stored["null"]), every))
    assert np.quantile(ratios, [0.1, 0.5, 0.9, 0.95]) == pytest.approx(stored["quantiles"], rel=1e-9)


@pytest.mark.parametrize(
    "stored", TYPES["results"], ids=lambda stored: f"{stored['bootstrap']}-{stored['coefficient']}"
)
def test_every_kind_agrees_in_test_and_distribution(stored):
    """Of CRV3 the factor (G-1)/G is taken out of the stored ratios."""
    reduced = forms(stored["coefficient"], stored["bootstrap"])
    groups = TYPES["clusters"]
    share = ((groups - 1) / groups) ** 0.5 if stored["bootstrap"].endswith("3") else 1.0
    ours = wild_test(reduced, null_value=stored["null"])
    assert ours.t == pytest.approx(stored["t"] * share, rel=1e-9)
    theirs = max(stored["p"], 2 / ours.draws)  # 0 where no draw is larger, which is one distinct draw here
    assert ours.p - 1e-12 <= theirs <= ours.p_with_ties + 1e-12
    every = np.array(list(itertools.product((-1.0, 1.0), repeat=groups))).T
    ratios = np.abs(_bootstrap_t(*reduced.at(stored["null"]), every))
    expected = np.multiply(stored["quantiles"], share)
    assert np.quantile(ratios, [0.1, 0.5, 0.9, 0.95]) == pytest.approx(expected, rel=1e-9)
