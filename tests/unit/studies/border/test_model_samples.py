"""Samples hold the rows they name."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods.regression.samples import sample_mask
from shanhai.methods.spec import Filter, SampleSpec
from shanhai.studies.border.samples import CHINA, FOUR_PROVINCES, SAMPLES, SICHUAN_NEIGHBOURS, ZHEJIANG, sample

FRAME = pd.DataFrame(
    {
        "province_code": ["330000", "340000", "350000", "360000", "510000", "500000", "520000", "530000", "540000",
                          "610000", "620000", "630000"],
        "is_district": pd.array([True, False, None] + [False] * 9, dtype="boolean"),
        "area_km2": [10.0, np.nan] + [30.0] * 10,
    }
)  # fmt: skip


def test_registered_samples_hold_their_provinces() -> None:
    held = {key: sample_mask(FRAME, spec).sum() for key, spec in SAMPLES.items()}
    assert held == {"zhejiang": 1, "four_provinces": 4, "sichuan_neighbours": 8, "china": 12}
    assert set(FOUR_PROVINCES.provinces) == {"330000", "340000", "350000", "360000"}
    assert len(set(SICHUAN_NEIGHBOURS.provinces)) == 8
    assert ZHEJIANG.label_zh == "浙江"
    assert CHINA.provinces == ()


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        (Filter("is_district", "==", False), 10),
        (Filter("is_district", "!=", False), 1),
        (Filter("area_km2", ">", 10), 10),
        (Filter("area_km2", "<=", 30), 11),
        (Filter("area_km2", "!=", 30.0), 1),
        (Filter("province_code", "in", ("330000", "340000")), 2),
    ],
    ids=str,
)
def test_missing_values_meet_no_condition(condition: Filter, rows: int) -> None:
    assert sample_mask(FRAME, SampleSpec("some", "一些", (), (condition,))).sum() == rows


def test_unknown_sample_is_refused_with_the_keys() -> None:
    with pytest.raises(SpecificationError, match="no sample 'Zhejiang'; allowed: zhejiang, four_provinces"):
        sample("Zhejiang")
