"""The border difference by province and by pair: what is put in comes back, parts add up, and what is printed."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
from shanhai.studies.border.design import BORDER
from shanhai.studies.robustness.by_province import Split, SplitDifference, border_by
from shanhai.studies.robustness.charts_by_province import caterpillar_plot
from shanhai.studies.robustness.tables_by_province import split_table
from shanhai.studies.robustness.words import split_text

# Zhejiang, Anhui, Fujian, Jiangxi and Sichuan stand in a ring, each a neighbour of the next
RING = ("330000", "340000", "350000", "360000", "510000")
EFFECT = {"330000": -0.3, "340000": -0.1, "350000": 0.0, "360000": -0.2, "510000": -0.4}
PLAIN = RegressionSpec(
    Variable("y"),
    (BORDER,),
    SampleSpec("ring", "环"),
    CovarianceSpec("cluster", ("prefecture_code",), "CR1S"),
    fixed_effects=("province_code",),
)


def ring(noise: float = 0.01) -> pd.DataFrame:
    """Six prefectures a province, of one county on the border with the next, one with the one before, two inside; the
    county of the first prefecture lies on both borders. The outcome falls by the effect of the province at a border."""
    rng = np.random.default_rng(3)
    rows: list[dict[str, Any]] = []
    for place, province in enumerate(RING):
        following, before = RING[(place + 1) % 5], RING[place - 1]
        for prefecture in range(1, 7):
            across = [following, before, "", ""] if prefecture > 1 else [f"{before};{following}", "", "", ""]
            for number, other in enumerate(across):
                code = f"{province[:2]}{prefecture:02d}{number + 21}"
                rows.append({"code": code, "province_code": province, "prefecture_code": f"{code[:4]}00"})
                rows[-1] |= {"on_border": bool(other), "neighbour_provinces": other}
                rows[-1]["y"] = place + EFFECT[province] * bool(other) + rng.normal(0, noise)
    return pd.DataFrame(rows).astype({"on_border": "boolean"})


def test_the_difference_of_each_province_comes_back() -> None:
    found = border_by("province", ring(), PLAIN)
    own = found.units.set_index("unit")
    assert own["estimate"].to_dict() == pytest.approx(EFFECT, abs=0.015)
    assert found.pooled.mean.value == pytest.approx(-0.2, abs=0.01)
    assert found.pooled.spread[0] == pytest.approx(np.std(list(EFFECT.values()), ddof=1), abs=0.01)
    assert own["prefectures"].tolist() == [6] * 5 and own["counties"].tolist() == [11] * 5
    assert found.units["shrunk"].is_monotonic_increasing


def test_with_one_difference_everywhere_pairs_give_that_of_the_whole() -> None:
    """Parts of a county add up to one: a county on two borders does not count twice."""
    frame = ring(0.0)
    rng = np.random.default_rng(4)
    frame["y"] = -0.25 * frame["on_border"].astype(float) + rng.normal(0, 1e-4, len(frame))
    found = border_by("pair", frame, PLAIN)
    assert len(found.units) == 5 and set(found.units["counties"]) == {12}
    assert found.units["estimate"].to_numpy() == pytest.approx(np.full(5, -0.25), abs=5e-4)
    assert found.pooled.mean.value == pytest.approx(-0.25, abs=1e-4)


def test_pairs_with_too_few_prefectures_are_named_and_not_estimated() -> None:
    frame = ring()
    far = frame["province_code"].isin(["330000", "510000"]) & (frame["prefecture_code"].str[2:4] > "01")
    gone = frame["neighbour_provinces"].isin(["330000", "510000"]) & far
    frame.loc[gone, ["on_border", "neighbour_provinces"]] = [False, ""]
    # left on the border of Zhejiang and Sichuan: the county of the first prefecture of each
    found = border_by("pair", frame, PLAIN)
    assert found.left_out["unit"].tolist() == ["330000-510000"]
    assert "Zhejiang–Sichuan" in split_table({"pair": found}).notes[-1]


@pytest.mark.parametrize(
    ("split", "spec", "message"),
    [
        ("prefecture", PLAIN, "no split 'prefecture'; allowed: province, pair"),
        (
            "pair",
            RegressionSpec(Variable("y"), (Variable("code"),), SampleSpec("ring"), PLAIN.covariance),
            "allowed: one with 'on_border' among them",
        ),
    ],
)
def test_an_unknown_split_or_a_regression_without_border_is_refused(
    split: Any, spec: RegressionSpec, message: str
) -> None:
    with pytest.raises(SpecificationError, match=message):
        border_by(split, ring(), spec)


@pytest.fixture(scope="module")
def splits() -> dict[Split, SplitDifference]:
    frame = ring(0.2)
    return {"province": border_by("province", frame, PLAIN), "pair": border_by("pair", frame, PLAIN)}


def test_the_table_names_the_places_of_the_documents_and_publishes_every_unit(
    splits: dict[Split, SplitDifference],
) -> None:
    table = split_table({**splits})
    units = [row[1] for row in table.cells()]
    assert units[:6] == ["mean of 5 provinces", "Zhejiang", "Anhui", "Fujian", "Jiangxi", "Sichuan"]
    assert units[6] == "mean of 5 pairs" and "Zhejiang–Sichuan" in units
    assert split_table({**splits}, "zh").cells()[0][1] == "5个省的均值"
    # of each split five own and five shrunken estimates, mean, spread, share and test
    assert len(table.estimates) == len({result.id for result in table.estimates}) == 2 * (5 + 5 + 4)


def test_the_sentence_says_mean_spread_and_two_provinces(splits: dict[Split, SplitDifference]) -> None:
    mean = splits["province"].pooled.mean
    text = split_text({**splits})
    assert text.startswith(f"By province the difference has the mean {mean.value:.3f} [")
    assert "of 5 provinces" in text and "Sichuan: " in text
    assert split_text({**splits}, "zh").startswith("分省看")


def test_the_caterpillar_draws_every_unit_and_colours_the_named(splits: dict[Split, SplitDifference]) -> None:
    axes = caterpillar_plot(splits["province"]).axes[0]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == splits["province"].units["name_en"].tolist()
    left, right = axes.get_xlim()
    assert splits["province"].units["shrunk"].between(left, right).all()
