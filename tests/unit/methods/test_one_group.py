"""Coefficients that one cluster, or one row, alone determines are named: their sandwich errors are far too small."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.shown import speak
from shanhai.methods import Regression, etable, fit

UNITS, YEARS = 20, 10


def panel() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    data = pd.DataFrame({"unit": np.repeat(np.arange(UNITS), YEARS), "year": np.tile(np.arange(YEARS), UNITS)})
    data["y"] = rng.normal(size=UNITS)[data["unit"]] + rng.normal(size=len(data)).cumsum() / 4
    data["x"], data["w"] = rng.normal(size=len(data)), rng.uniform(0.2, 2, len(data))
    late = data["year"] >= YEARS // 2
    for name, treated in (("d", [0]), ("d2", [0, 1]), ("all_but_one", range(1, UNITS))):
        data[name] = (data["unit"].isin(treated) & late).astype(int)
    data["trend"] = data["year"] * (data["unit"] == 0)
    data["spot"] = ((data["unit"] == 3) & (data["year"] == 4)).astype(int)
    data["outlier"] = np.where(data.index == 7, 1e3, data["x"])
    return data


def regression(formula: str, vcov: str, weights: str | None = None) -> Regression:
    found = fit(formula, panel(), vcov=vcov, weights=weights)
    assert isinstance(found, Regression)
    return found


def lost_without_a_group(result: Regression, groups: pd.Series) -> set[str]:
    """Coefficients that a regression on dummies cannot tell without one of the groups, by rank of dense matrices."""
    data, lost = panel(), set()
    slopes = [name for name in result.names if name != "intercept"]
    effects = [pd.get_dummies(data[name]).to_numpy(dtype=float) for name in result.spec.fixed_effects]
    design = np.column_stack([data[slopes].to_numpy(dtype=float), *(effects or [np.ones((len(data), 1))])])
    for place, name in enumerate(slopes):
        others = np.delete(design, place, axis=1)
        for group in groups.unique():
            rest = (groups != group).to_numpy()
            if np.linalg.matrix_rank(design[rest]) == np.linalg.matrix_rank(others[rest]):
                lost.add(name)
    return lost


@pytest.mark.parametrize("weights", [None, "w"])
@pytest.mark.parametrize(
    ("formula", "vcov"),
    [
        ("y ~ d + x | unit + year", "cluster:unit"),
        ("y ~ d2 + x | unit + year", "cluster:unit"),
        ("y ~ all_but_one | unit + year", "cluster:unit"),
        ("y ~ d + trend + x | unit + year", "cluster:unit"),
        ("y ~ d + x", "cluster:unit"),
        ("y ~ x + d2", "cluster:unit"),
        ("y ~ spot + x | unit + year", "HC1"),
        ("y ~ spot + d", "HC1"),
        ("y ~ outlier | unit", "HC1"),
    ],
)
def test_the_coefficients_named_are_those_that_are_lost_without_a_group(
    formula: str, vcov: str, weights: str | None
) -> None:
    result = regression(formula, vcov, weights)
    data = panel()
    groups = data["unit"] if "cluster" in vcov else pd.Series(data.index)
    assert set(result.on_one_group) == lost_without_a_group(result, groups)
    assert any("alone determines" in note for note in result.notes) == bool(result.on_one_group)


def test_the_error_that_is_noted_is_a_fraction_of_the_spread_of_placebo_estimates() -> None:
    data = panel()
    late = data["year"] >= YEARS // 2
    placebos = []
    for unit in range(UNITS):
        one = fit(
            "y ~ d | unit + year", data.assign(d=((data["unit"] == unit) & late).astype(int)), vcov="cluster:unit"
        )
        assert isinstance(one, Regression)
        assert one.on_one_group == ("d",)
        placebos.append(one.params[0])
    assert one.se[0] < np.std(placebos) / 2


def test_such_a_test_rejects_a_true_null_in_two_of_three_draws() -> None:
    """The figure of the page on clusters, which makes the note worth its lines."""
    rng, data, rejected = np.random.default_rng(1), panel(), 0
    for _ in range(200):
        result = fit("y ~ d | unit + year", data.assign(y=rng.normal(size=len(data))), vcov="cluster:unit")
        assert isinstance(result, Regression)
        rejected += result.p[0] < 0.05
    assert 0.6 < rejected / 200 < 0.75


def test_other_errors_have_their_own_mark() -> None:
    result = regression("y ~ d + x | unit + year", "cluster:unit")
    assert result.vcov("HC1").on_one_group == ()
    assert result.vcov("iid").vcov("cluster:year").on_one_group == ()
    assert result.vcov("HC1").vcov("cluster:unit+year").on_one_group == ("d",)
    assert regression("y ~ spot | unit", "iid").on_one_group == ()  # homoskedastic errors need no second row


def test_no_table_prints_stars_there() -> None:
    result = regression("y ~ d + x | unit + year", "cluster:unit")
    assert result.p[0] < 0.1
    printed = etable([result, result.vcov("HC1")])
    row = next(line for line in printed.text().splitlines() if line.startswith("d "))
    assert row.split()[1].endswith("†") and not row.split()[2].endswith("†")
    assert "one cluster (or row) alone determines it" in printed.text()
    assert "†" not in etable(result, keep=["x"]).text()
    assert "由单个聚类（或单行观测）决定" in etable(result, language="zh").text()
    alone = next(line for line in repr(result).splitlines() if line.startswith("d "))
    assert "*" not in alone
    try:
        speak("zh")
        assert "d仅由unit中的一个类决定：" in repr(result)
    finally:
        speak("en")


def test_many_are_named_by_the_first() -> None:
    formula = "y ~ " + " + ".join(f"I((unit == {unit}) * year)" for unit in range(8)) + " | unit + year"
    result = regression(formula, "cluster:unit")
    assert len(result.on_one_group) == 8
    assert any("and 3 more: its own deviations" in note for note in result.notes)
