"""Balanced panels of prefecture GDP: who is left out and why, unions, and refusals."""

import pandas as pd
import pytest

from shanhai.core.errors import MissingDataError
from shanhai.data.frames.prefecture_panel import prefecture_panel


def economy(**series: list[float | None]) -> pd.DataFrame:
    rows = [
        (code[1:], 2000 + step, value)
        for code, values in series.items()
        for step, value in enumerate(values)
        if value is not None
    ]
    return pd.DataFrame(rows, columns=["code", "year", "gdp_100m_yuan"])


TABLE = economy(
    c100000=[10, 11, 12.5, 13],
    c200000=[9.5, None, 11.5, 13.5],
    c300000=[5, 6, 12, 13.2],  # doubles in 2002
    c400000=[20, 22, 9, 10],  # divided in 2002
    c500000=[None, None, 14, 15],
    c600000=[7, 8, 9.2, 13],  # the GDP of another in 2003
)


def test_whole_series_stay_and_others_are_named_with_their_reason() -> None:
    panel = prefecture_panel(2000, 2002, economy=TABLE)
    assert list(panel.gdp.index) == ["100000", "600000"]
    assert list(panel.gdp.columns) == [2000, 2001, 2002]
    reasons = panel.left_out.set_index("code")
    assert reasons.loc["200000"].tolist() == ["missing", "2001"]
    assert reasons.loc["300000"].tolist() == ["jump", "2002"]
    assert panel.counts() == {"missing": 2, "jump": 2, "repeated": 0}


def test_a_figure_that_another_prefecture_has_too_is_a_reason() -> None:
    panel = prefecture_panel(2002, 2003, economy=TABLE)
    repeated = panel.left_out[panel.left_out["reason"].eq("repeated")]
    assert repeated[["code", "years"]].to_numpy().tolist() == [["100000", "2003"], ["600000", "2003"]]


def test_leaps_can_be_kept() -> None:
    panel = prefecture_panel(2000, 2001, with_jumps=True, economy=TABLE)
    assert "300000" in panel.gdp.index


def test_union_adds_parts_from_their_first_year_on() -> None:
    panel = prefecture_panel(2000, 2003, unions={"400000": ("400000", "500000")}, economy=TABLE, with_jumps=True)
    assert panel.gdp.loc["400000"].tolist() == [20, 22, 23, 25]
    assert "500000" not in panel.gdp.index


def test_union_with_a_hole_after_the_first_year_of_a_part_is_missing() -> None:
    table = economy(c1=[1, 1.1, 1.2, 1.3], c2=[None, 2, None, 2.2])
    panel = prefecture_panel(2000, 2003, unions={"1": ("1", "2")}, economy=table, with_jumps=True)
    assert panel.left_out.to_numpy().tolist() == [["1", "missing", "2002"]]


def test_a_required_prefecture_is_refused_with_what_there_is() -> None:
    with pytest.raises(MissingDataError, match=r"200000: missing in 2001 \(figures for 2000 to 2003\)"):
        prefecture_panel(2000, 2003, required=["200000"], economy=TABLE)
    with pytest.raises(MissingDataError, match="300000: jump in 2002"):
        prefecture_panel(2000, 2003, required=["300000"], economy=TABLE)
    with pytest.raises(MissingDataError, match="900000 has no figure at all"):
        prefecture_panel(2000, 2003, required=["900000"], economy=TABLE)


def test_years_without_data_and_unknown_parts_are_refused() -> None:
    with pytest.raises(MissingDataError, match="1999 to 2002; prefecture GDP covers 2000 to 2003"):
        prefecture_panel(1999, 2002, economy=TABLE)
    with pytest.raises(MissingDataError, match="2003 to 2001"):
        prefecture_panel(2003, 2001, economy=TABLE)
    with pytest.raises(MissingDataError, match="parts 777777"):
        prefecture_panel(2000, 2003, unions={"1": ("777777",)}, economy=TABLE)
