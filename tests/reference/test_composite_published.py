"""Composite scores against numbers that others printed, and against two packages.

Tolerances: half a unit of the last printed digit for printed numbers; 1e-10 for packages, which compute the same
formulas in double precision.
"""

import json

import numpy as np
import pandas as pd
import pytest

from shanhai.core.paths import ROOT
from shanhai.methods.composite import closeness, coordination, coupling, entropy_weights, normalise, pca_weights, topsis

FOLDER = ROOT / "tests" / "reference" / "composite"
PRINTED = json.loads((FOLDER / "published.json").read_text(encoding="utf-8"))
PEERS = json.loads((FOLDER / "peers.json").read_text(encoding="utf-8"))
THREE_DIGITS = 0.0005 + 1e-12


def test_topsis_of_hwang_and_yoon() -> None:
    case = PRINTED["topsis"]
    found = topsis(pd.DataFrame(case["matrix"]), pd.Series(case["weights"]), pd.Series(case["directions"]))
    # the book rounds each step to four digits, which moves the third digit of one result
    assert found.to_numpy() == pytest.approx(case["closeness"], abs=0.001)


def test_entropy_weights_and_scores_of_mathmodels() -> None:
    case = PRINTED["entropy"]
    scaled = normalise(pd.DataFrame(case["matrix"]), pd.Series(case["directions"]))
    lifted = case["lowest"] + (1 - 2 * case["lowest"]) * scaled
    weights = entropy_weights(lifted)
    assert weights.to_numpy() == pytest.approx(case["weights"], abs=5e-8)
    assert (lifted @ weights * 100).to_numpy() == pytest.approx(case["scores"], abs=5e-6)


def test_standard_coupling_of_mathmodels() -> None:
    case = PRINTED["coupling"]
    scores, equal = np.array(case["scores"]), np.full(3, 1 / 3)
    assert coupling(scores) == pytest.approx(case["standard"], abs=THREE_DIGITS)
    assert scores @ equal == pytest.approx(case["standard_development"], abs=THREE_DIGITS)
    assert coordination(scores, equal) == pytest.approx(case["standard_coordination"], abs=THREE_DIGITS)


def test_modified_coupling_of_mathmodels() -> None:
    case = PRINTED["coupling"]
    scores, weights = np.array(case["scores"]), np.array(case["weights"])
    assert coupling(scores, "modified") == pytest.approx(case["modified"], abs=THREE_DIGITS)
    found = coordination(scores, weights, "modified")
    assert found == pytest.approx(case["modified_coordination"], abs=THREE_DIGITS)


def test_both_versions_of_c_printed_by_wang_belong_to_one_pair_of_scores() -> None:
    """The scores behind the table are not printed, but two numbers give two scores, which must lie between 0 and 1.

    The original C gives the ratio of the scores, the modified one their distance; with another formula in place of
    either (the root left out, say) the larger score leaves 0 to 1. Where C is above 0.99 the last printed digit decides
    the ratio, so these cities are left out.
    """
    case = PRINTED["wang"]
    original, modified = (np.ravel(case[name]) for name in ("original", "modified"))
    clear = original < 0.99
    original, modified = original[clear], modified[clear]
    assert len(original) == 33
    ratio = ((1 - np.sqrt(1 - original**2)) / original) ** 2
    apart = 1 - modified**2 / ratio
    larger = apart / (1 - ratio)
    assert ((apart > 0) & (larger < 1)).all()
    scores = np.column_stack([larger, larger * ratio])
    assert coupling(scores) == pytest.approx(original, abs=1e-9)
    assert coupling(scores, "modified") == pytest.approx(modified, abs=1e-9)
    without_root = modified**4 / ratio
    assert (1 - without_root > 0).all() and ((1 - without_root) / (1 - ratio) > 1).any()


def peer_frame() -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    return pd.DataFrame(PEERS["matrix"]), pd.Series(PEERS["weights"]), pd.Series(PEERS["directions"])


def test_topsis_of_pymcdm() -> None:
    assert topsis(*peer_frame()).to_numpy() == pytest.approx(PEERS["topsis"], abs=1e-10)


def test_topsis_of_scaled_values_of_pymcdm() -> None:
    values, weights, directions = peer_frame()
    found = closeness(normalise(values, directions).to_numpy(), weights.to_numpy())
    assert found == pytest.approx(PEERS["topsis_range"], abs=1e-10)


def test_entropy_of_pymcdm() -> None:
    assert entropy_weights(peer_frame()[0]).to_numpy() == pytest.approx(PEERS["entropy"], abs=1e-10)


def test_components_of_scikit_learn() -> None:
    values, _, _ = peer_frame()
    assert PEERS["kept"] >= 2
    assert pca_weights(values).to_numpy() == pytest.approx(PEERS["components"], abs=1e-10)
