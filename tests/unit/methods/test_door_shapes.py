"""Single numbers, arrays, tables and panels at the door: converted, or refused with what is allowed."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.methods.checks import (
    as_array,
    as_count,
    as_links,
    as_marks,
    as_number,
    as_panel,
    as_share,
    beside,
    of_units,
    require_present,
)
from shanhai.methods.regression.pairs import as_degrees
from shanhai.studies.convergence.panel import add_periods
from shanhai.studies.convergence.registered import Period

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
