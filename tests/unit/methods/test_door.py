"""What users hand in: converted, aligned, or refused with the value, the allowed set and the next step."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods.checks import as_codes, as_generator, as_numbers, as_weights
from shanhai.methods.convergence import homogeneity_test
from shanhai.methods.spatial import contiguity_weights, fit_lag, moran_test, spatial_arrays
from shanhai.methods.spatial.weights import in_order_of


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, 0],
        np.array([1, 2, 0], dtype=np.uint8),
        pd.Series([1, 2, 0], dtype="Int64"),
        pd.Series([1.0, 2.0, 0.0], index=[7, 7, 9]),
        pd.Series([1, 2.0, False], dtype=object),
    ],
)
def test_numbers_of_any_type_are_floats(values: object) -> None:
    found = as_numbers(values, "outcome")  # type: ignore[arg-type]
    assert found.dtype == np.float64
    assert found.tolist() == [1.0, 2.0, 0.0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["1", "2"], r"outcome holds .*; allowed: numbers"),
        (pd.Series(["1", 2], dtype=object), r"outcome holds text \('1'\)"),
        (pd.Series(pd.to_datetime(["2020-01-01"])), "outcome holds datetime64"),
        (np.array([1 + 1j]), "outcome holds complex128"),
        (pd.Series([1, pd.NA], dtype="Int64"), "missing or infinite in 1 of 2 rows"),
        ([1.0, np.inf], "missing or infinite in 1 of 2 rows"),
        (np.ones((2, 2)), "allowed: one column"),
        (3.0, "allowed: one column"),
    ],
)
def test_what_is_no_number_is_refused(values: object, message: str) -> None:
    with pytest.raises(SpecificationError, match=message):
        as_numbers(values, "outcome")  # type: ignore[arg-type]


def test_missing_may_pass_and_infinite_may_not() -> None:
    assert np.isnan(as_numbers(pd.Series([None, 1], dtype="Int64"), "x", missing=True)).tolist() == [True, False]
    with pytest.raises(SpecificationError, match="x: 1 rows hold an infinite"):
        as_numbers([np.nan, -np.inf], "x", missing=True)


@pytest.mark.parametrize("weights", [[1, 0], [1, -2], [1, np.nan]])
def test_weights_are_positive(weights: list[float]) -> None:
    assert as_weights([1, 2]).tolist() == [1.0, 2.0]
    with pytest.raises(SpecificationError, match=r"weight is .*; allowed: (positive|finite) numbers"):
        as_weights(weights)


def test_labels_of_one_kind_become_codes() -> None:
    assert as_codes(["b", "a", "b"], "cluster").tolist() == [1, 0, 1]
    assert as_codes(pd.Series([30, 10, 20], dtype="Int64"), "cluster").tolist() == [2, 0, 1]
    assert as_codes([True, False], "cluster").tolist() == [1, 0]
    for missing in ([1.0, np.nan], ["a", None], pd.Series([1, pd.NA], dtype="Int64")):
        with pytest.raises(SpecificationError, match="cluster is missing in 1 of 2 rows"):
            as_codes(missing, "cluster")
    with pytest.raises(SpecificationError, match=r"several types \(number, str\)"):
        as_codes(np.array([1, "1"], dtype=object), "cluster")


def test_generators_are_generators() -> None:
    with pytest.raises(SpecificationError, match=r"Pass numpy.random.default_rng\(7\)"):
        as_generator(7)


def test_series_are_put_in_the_order_of_the_units() -> None:
    codes = ["a", "b", "c"]
    shuffled = pd.Series([3.0, 1.0, 2.0], index=["c", "a", "b"])
    assert list(in_order_of(shuffled, codes, "x")) == [1.0, 2.0, 3.0]  # type: ignore[arg-type]
    assert list(in_order_of(pd.Series([1.0, 2.0, 3.0]), codes, "x")) == [1.0, 2.0, 3.0]  # type: ignore[arg-type]
    for index in (["a", "b", "d"], ["a", "a", "b"], [2, 0, 1]):
        with pytest.raises(SpecificationError, match="allowed: a Series indexed by code"):
            in_order_of(pd.Series([1.0, 2.0, 3.0], index=index), codes, "x")


def test_spatial_functions_align_by_code() -> None:
    rng = np.random.default_rng(3)
    codes = [f"u{i}" for i in range(40)]
    edges = pd.DataFrame({"code_a": codes[:-1], "code_b": codes[1:]})
    weights = contiguity_weights(edges, codes)
    values = pd.Series(np.arange(40.0), index=codes)
    mixed = values.iloc[rng.permutation(40)]
    assert moran_test(values, weights, np.random.default_rng(1), 99).statistic > 0.9
    assert moran_test(mixed, weights, np.random.default_rng(1), 99).statistic == pytest.approx(
        moran_test(values.to_numpy(), weights, np.random.default_rng(1), 99).statistic
    )
    with pytest.raises(SpecificationError, match="neither the 40 codes"):
        moran_test(mixed.reset_index(drop=True).iloc[::-1], weights, np.random.default_rng(1), 99)
    with pytest.raises(SpecificationError, match="default_rng"):
        moran_test(values, weights, 5, 99)  # type: ignore[arg-type]
    x = pd.DataFrame({"x": rng.normal(size=40)}, index=codes)
    y = x["x"] + rng.normal(size=40)
    ours = fit_lag(spatial_arrays(y, x, ["x"], weights, codes))
    other = fit_lag(spatial_arrays(y.iloc[::-1], x.iloc[rng.permutation(40)], ["x"], weights, codes))
    assert other.params == pytest.approx(ours.params)


@pytest.mark.parametrize("kind", [int, float, np.int8])
def test_moves_may_be_whole_numbers(kind: type) -> None:
    """Bickenbach and Bode's statistic by hand: 2 sum n log(share / pooled share)."""
    groups = {"a": np.array([[5, 1], [2, 6]], kind), "b": np.array([[4, 2], [1, 7]], kind)}
    first = 5 * np.log(5 / 6 / 0.75) + np.log(1 / 6 / 0.25) + 4 * np.log(4 / 6 / 0.75) + 2 * np.log(2 / 6 / 0.25)
    second = 2 * np.log(2 / 8 * 16 / 3) + 6 * np.log(6 / 8 * 16 / 13) + np.log(1 / 8 * 16 / 3) + 7 * np.log(14 / 13)
    by_hand = 2 * (first + second)
    found = homogeneity_test(groups)
    assert (found.statistic, found.degrees) == (pytest.approx(by_hand), 2)
    assert found.p == pytest.approx(0.648, abs=5e-4)


def test_a_class_that_nobody_leaves_has_no_degree_of_freedom() -> None:
    found = homogeneity_test({"a": [[5, 1], [0, 0]], "b": [[4, 2], [0, 0]]})
    assert (found.degrees, found.p) == (1, pytest.approx(0.502, abs=5e-4))
    one_sided = homogeneity_test({"a": [[5, 1], [0, 0]], "b": [[4, 2], [1, 7]]})
    assert (one_sided.degrees, one_sided.statistic) == (1, pytest.approx(found.statistic))


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({"a": [[1, 2], [3, 4]], "b": [[1, 2, 0], [3, 4, 0], [0, 0, 1]]}, "allowed: k x k for all groups"),
        ({"a": [[1, 2], [3, 4]], "b": [[1, -2], [3, 4]]}, "group 'b' has counts that are missing"),
        ({"a": [[1, 2], [3, 4]], "b": [[np.nan, 2], [3, 4]]}, "group 'b' has counts that are missing"),
        ({"a": [[1, 2], [0, 0]], "b": [[0, 0], [3, 4]]}, "no class that two of them leave"),
    ],
)
def test_bad_counts_are_refused(groups: dict[str, list[list[float]]], message: str) -> None:
    with pytest.raises(SpecificationError, match=message):
        homogeneity_test(groups)
