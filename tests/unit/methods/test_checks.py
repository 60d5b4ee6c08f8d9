"""What users hand in: converted, aligned, or refused with the value, the allowed set and the next step."""

import re

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.methods.checks import (
    as_array,
    as_codes,
    as_count,
    as_generator,
    as_links,
    as_marks,
    as_number,
    as_numbers,
    as_share,
    as_weights,
    beside,
    of_units,
    require_present,
)
from shanhai.methods.convergence import homogeneity_test
from shanhai.methods.panels import as_panel
from shanhai.methods.regression.pairs import as_degrees
from shanhai.methods.spatial import contiguity_weights, fit_lag, moran_test, spatial_arrays
from shanhai.methods.spatial.weights import in_order_of
from shanhai.studies.convergence.design import Period
from shanhai.studies.convergence.panel import add_periods


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


@pytest.mark.parametrize("dtype", ["str", "object", "category"])
@pytest.mark.parametrize(
    ("texts", "numbers", "kind"),
    [
        (["1.234.567", "890"], [1234567, 890], "'1.234.567', with points between thousands"),
        (["1.234,5", "2,5"], [1234.5, 2.5], "'1.234,5', with decimal commas"),
        (["12 %", "3 %"], [12, 3], "'12 %', with '%' for hundredths"),
    ],
)
def test_text_that_writes_numbers_is_refused_with_its_kind_and_a_step_that_works(
    texts: list[str], numbers: list[float], kind: str, dtype: str
) -> None:
    frame = pd.DataFrame({"pay": pd.Series(texts, dtype=dtype)})
    for given in (frame["pay"], texts):
        with pytest.raises(SpecificationError, match=f"outcome holds .*{re.escape(kind)}") as refused:
            as_numbers(given, "outcome")
        step = str(refused.value).partition(" = ")[2].rpartition(", or use it")[0]
        assert eval(step, {"pd": pd, "frame": frame, "values": texts}).tolist() == numbers


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


PANEL = pd.DataFrame({"2003": [3, 6], 2001: [1, 4], 2002.0: [2, 5]}, index=["a", "b"]).astype("Int64")


def test_years_of_any_type_in_any_order_are_rising_whole_numbers() -> None:
    found = as_panel(PANEL, "values")
    assert found.columns.tolist() == [2001, 2002, 2003]
    assert found.to_numpy().tolist() == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (PANEL.rename(columns={"2003": 2001}), "columns of values: 2001 occur twice"),
        (PANEL.rename(columns={"2003": "last"}), "'last' is no period; allowed: whole numbers"),
        (PANEL.rename(columns={"2003": 2004}), "are 1 to 2 apart; allowed: the same step"),
        (PANEL.set_axis(["a", "a"]), "rows of values: a occur twice"),
        (PANEL.set_axis(["a", None]), "1 of 2 labels are missing"),
        (PANEL.mask(PANEL > 5), "2003, is missing or infinite in 1 of 2 rows"),
        (PANEL.iloc[:0], r"shape \(0, 3\); allowed: a DataFrame with rows"),
        ([[1, 2]], "values: list; allowed: a DataFrame"),
    ],
)
def test_panels_that_are_none_are_refused(values: pd.DataFrame, said: str) -> None:
    with pytest.raises(SpecificationError, match=said):
        as_panel(values, "values", evenly=True)


def test_values_go_to_their_units_whatever_their_order() -> None:
    values = pd.Series([1, 2, 3], index=["c", "a", "b"])
    assert of_units(values, ["a", "b"], "weights").tolist() == [2, 3]
    assert np.asarray(beside(values, pd.Series(0, index=["a", "b", "c"]), "people")).tolist() == [2, 3, 1]
    assert beside([1, 2], values, "people") == [1, 2]
    with pytest.raises(SpecificationError, match="no entry for 1 of 2 units: z"):
        of_units(values, ["a", "z"], "weights")
    with pytest.raises(SpecificationError, match="is a list; allowed: a Series"):
        of_units([1], ["a"], "weights")  # type: ignore[arg-type]
    with pytest.raises(MissingDataError, match="panel lacks z; it holds 3 rows, c to b"):
        require_present(["a", "z"], values.index, "the panel")


def test_single_numbers() -> None:
    assert (as_number(np.int64(3), "x"), as_count(np.int32(3), "x"), as_share(0.5, "x")) == (3.0, 3, 0.5)
    assert np.isnan(as_number(pd.NA, "x", missing=True))
    for refused in (True, 2.0, "2", None, -1):
        with pytest.raises(SpecificationError, match="allowed: a whole number of 0 or more"):
            as_count(refused, "draws")
    with pytest.raises(SpecificationError, match="is 95; allowed: a share between 0 and 1"):
        as_share(95, "level")
    with pytest.raises(SpecificationError, match="is 3; allowed: a finite number from 0 to 2"):
        as_number(3, "x", least=0, most=2)


def test_arrays_marks_links_and_degrees() -> None:
    assert as_array([[1, True], [2, 3]], "scores").dtype == np.float64
    assert as_marks(pd.Series([1, 0], dtype="Int64"), "treated").tolist() == [True, False]
    links = pd.DataFrame({"code_b": ["b"], "code_a": pd.Categorical(["a"]), "length": 1.0}, index=[9])
    assert as_links(links, "edges").to_numpy().tolist() == [["a", "b"]]
    for made, said in (
        (lambda: as_array([[1, 2], [3]], "scores"), "rows of one length"),
        (lambda: as_array(np.ones((2, 2)), "scores", axes=1), "allowed: 1 axis"),
        (lambda: as_marks([0, 2], "treated"), "treated holds 0, 2; allowed: true and false"),
        (lambda: as_links(links.drop(columns="code_b"), "edges"), "needed: one row or more with code_a and code_b"),
        (lambda: as_degrees([30.0], [119.0]), "latitude is 119 in row 0"),
        (lambda: as_degrees(["119"], [30.0]), "longitude holds"),
    ):
        with pytest.raises(SpecificationError, match=said):
            made()


def test_an_index_with_a_label_twice_does_not_multiply_counties() -> None:
    frame = pd.DataFrame({"code": ["a", "b"], "area_km2": 1.0, "lights_2013": [1.0, 2.0], "lights_2016": [2.0, 3.0]})
    found = add_periods(frame.set_axis([7, 7]), (Period("lights_per_km2", 2013, 2016),))
    assert found["log_lights_per_km2_2013"].tolist() == np.log([1.0, 2.0]).tolist()
