"""A grid prepared once gives the numbers of one prepared anew, and is refused for anything else."""

import numpy as np
import pandas as pd
import pytest
from simulated_counties import simulate_counties

from shanhai.core.errors import SpecificationError
from shanhai.methods.curve import adjusted_tests, estimate_variations, joint_null_test, prepare_variations
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

SPECS = [
    RegressionSpec(
        Variable("gdp_per_capita", "log"),
        (Variable("on_border"),),
        SampleSpec("simulated", "模拟"),
        CovarianceSpec("cluster", ("prefecture_code",), "CR1S"),
        controls=controls,
        fixed_effects=("province_code",),
    )
    for controls in ((), (Variable("ruggedness"),))
]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return simulate_counties(np.random.default_rng(1), n=400, side=3)


def test_prepared_gives_the_same_estimates_and_joint_test(frame: pd.DataFrame) -> None:
    prepared = prepare_variations(SPECS, frame)
    pd.testing.assert_frame_equal(
        estimate_variations(SPECS, frame, prepared).table, estimate_variations(SPECS, frame).table
    )
    tests = [
        joint_null_test(SPECS, frame, np.random.default_rng(1), draws=99, prepared=store).table
        for store in (None, prepared)
    ]
    pd.testing.assert_frame_equal(*tests)


def test_prepared_from_others_is_refused(frame: pd.DataFrame) -> None:
    prepared = prepare_variations(SPECS, frame)
    with pytest.raises(SpecificationError, match="prepared from another frame"):
        estimate_variations(SPECS, frame.copy(), prepared)
    with pytest.raises(SpecificationError, match="prepared from other specifications"):
        estimate_variations(SPECS[:1], frame, prepared)


def test_any_tests_may_be_a_family(frame: pd.DataFrame) -> None:
    found = adjusted_tests(
        [(Variable("on_border"), spec) for spec in SPECS], frame, np.random.default_rng(1), draws=199
    )
    assert (found["p_holm"] >= found["p"]).all()
    assert found["family_size"].tolist() == [2, 2]
