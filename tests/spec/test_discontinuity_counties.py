"""The border designs on the counties of the project: positions by a second route, and what the data can say."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods.discontinuity.geographic import border_jump
from shanhai.methods.discontinuity.sample import border_coverage
from shanhai.studies.border.analysis import analysis_frame
from shanhai.studies.robustness.design import BORDER_OUTCOMES, MAIN_JUMP
from shanhai.studies.robustness.discontinuity import counties_at_borders


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    return counties_at_borders(analysis_frame())


@pytest.mark.slow
def test_distance_to_the_nearest_pair_is_the_distance_to_the_border(sample: pd.DataFrame) -> None:
    """Segments of pairs here, whole borders of provinces in the county frame; they differ where the centroid lies
    outside the polygon, for which the county frame takes an inside point."""
    near = sample[sample["is_nearest"]]
    apart = (near["distance_km"] - near["distance_to_border_km"]).abs()
    assert near["code"].is_unique
    assert len(near) > 2800
    assert (apart < 0.01).mean() > 0.97
    assert set(BORDER_OUTCOMES) <= set(sample.columns)


@pytest.mark.slow
def test_richer_side_is_the_right_one(sample: pd.DataFrame) -> None:
    zhejiang = sample[sample["pair"] == "330000-360000"].groupby("province_code")["signed_km"]
    assert zhejiang.min()["330000"] > 0 > zhejiang.max()["360000"]


@pytest.mark.slow
def test_few_counties_lie_near_and_the_jump_is_not_pinned_down(sample: pd.DataFrame) -> None:
    """Why L02 cannot be decided by counties: a bound above half a log point shows no absence of a jump."""
    coverage = border_coverage(sample).set_index("to_km")
    within_20 = coverage.loc[:20, ["n_left", "n_right"]].to_numpy().sum()
    assert within_20 < 0.2 * sample["code"].nunique()
    found = border_jump(sample, MAIN_JUMP)
    low, high = found.robust.ci[found.robust.position("right_side")]
    assert low < 0 < high
    assert found.equivalence_bound > 0.5
    assert np.isfinite(found.bandwidth_km)


def test_columns_are_named_when_they_lack() -> None:
    with pytest.raises(SpecificationError, match="no column 'lights_2013'"):
        counties_at_borders(pd.DataFrame({"area_km2": [1.0]}))
