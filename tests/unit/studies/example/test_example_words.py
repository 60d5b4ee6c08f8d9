"""What the worked example says of a border: side, size, interval and change, by numbers that are known beforehand."""

import numpy as np
import pandas as pd
import pytest

import shanhai as sh
from shanhai.core.places import Place
from shanhai.data.load import load_places
from shanhai.studies.example import words


def counties(earlier: float, later: float) -> pd.DataFrame:
    """Made-up counties: log light differs along the border by so much, beside noise that sums to zero."""
    noise = np.tile([0.01, -0.01], 10)
    along = np.repeat([True, False], 10)
    frame = pd.DataFrame(
        {"along": pd.array(along, dtype="boolean"), "lights_per_km2_2013": np.exp(along * earlier + noise)}
    )
    frame["lights_per_km2_2021"] = np.exp(along * later + noise * 2)
    frame["change"] = np.log(frame["lights_per_km2_2021"] / frame["lights_per_km2_2013"])
    frame.loc[len(frame)] = [pd.NA, 1.0, 1.0, 0.0]  # on another border: in no count
    return frame


@pytest.fixture(scope="module")
def places() -> list[Place]:
    return [load_places().province(name) for name in ("浙江", "江西")]


@pytest.mark.parametrize(
    ("earlier", "later", "english", "chinese"),
    [
        # exp(-0.5) - 1 = -39.3 %, exp(-0.1) - 1 = -9.5 %
        (
            -0.1,
            -0.5,
            ["39.3% less", "9.5% less in 2013", "changed significantly, by -0.400"],
            ["低39.3%", "2013年低9.5%"],
        ),
        # exp(0.2) - 1 = 22.1 %
        (0.2, 0.2, ["22.1% more", "did not change significantly (0.000"], ["高22.1%", "在统计上不显著"]),
    ],
)
def test_the_answer_says_side_size_and_change(
    earlier: float, later: float, english: list[str], chinese: list[str], places: list[Place]
) -> None:
    frame = counties(earlier, later)
    outcomes = ("log(lights_per_km2_2013)", "log(lights_per_km2_2021)", "change")
    fits = [sh.fit(f"{outcome} ~ along", frame, errors="HC3") for outcome in outcomes]
    said = {language: words.border_answer(fits, frame, places, (2013, 2021), language) for language in ("en", "zh")}
    assert [part for part in english if part not in said["en"]] == []
    assert [part for part in chinese if part not in said["zh"]] == []
    assert "the 10 counties along the border of Zhejiang and Jiangxi" in said["en"]
    assert "the 10 interior counties" in said["en"]
    assert "浙江与江西交界沿线10个县" in said["zh"]
