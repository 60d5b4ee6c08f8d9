"""A run of rows of investment that moved down by one line, and what must not be mistaken for it."""

import numpy as np
import pandas as pd

from shanhai.data.corrections._investment import INVESTMENT, RULES
from shanhai.data.load import load_table
from shanhai.data.rules import apply_rules

LEVELS = (310, 24, 95, 560, 41, 150, 12, 230, 70, 19)


def province() -> pd.DataFrame:
    """Ten counties over twelve years, growing by a fifth a year with the ups and downs of a flow."""
    rows = [
        (f"37010{place}", "某县", 2003 + step, 1, level * 1.2**step * (1 + 0.15 * np.sin(5 * place + 3 * step)))
        for place, level in enumerate(LEVELS)
        for step in range(12)
    ]
    return pd.DataFrame(rows, columns=["code", "name_zh", "year", "entry", INVESTMENT])


def corrected(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    return apply_rules("county_investment", frame, RULES, ["code", "year", "entry"])


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert corrected(province())[1].empty
    assert corrected(province().iloc[:1])[1].empty


def test_a_run_that_holds_the_next_rows_figures_is_put_back() -> None:
    right = province()
    wrong = right.copy()
    year = np.flatnonzero(right["year"].eq(2009))
    wrong.loc[year[1:8], INVESTMENT] = right.loc[year[2:9], INVESTMENT].to_numpy()
    fixed, log = corrected(wrong)
    # The second county's own figure stands nowhere: it is left missing, and the others return.
    lost = year[1]
    assert np.isnan(fixed.loc[lost, INVESTMENT])
    pd.testing.assert_frame_equal(fixed.drop(index=lost), right.drop(index=lost))
    assert set(log["key"].str.extract(r"year=(\d+)")[0]) == {"2009"}


def test_two_entries_under_one_code_are_no_evidence_and_stay() -> None:
    twice = pd.concat([province(), province().tail(1).assign(entry=2)], ignore_index=True)
    assert corrected(twice)[1].empty


def test_shandong_2013_and_inner_mongolia_2011_and_2012() -> None:
    figures = load_table("county_investment").set_index(["code", "year"])[INVESTMENT]
    # 黄岛: 543.7 in 2012, 1,440.5 in 2014; 市北 107.5 and 324.5.
    assert (figures["370211", 2013], figures["370203", 2013]) == (1222.71, 280.75)
    # 宁城: 71.4 in 2010, 69.1 in 2013; 敖汉, whose figure stood there, 58.5 and 81.7.
    assert figures["150429", 2012] == 116.35
    # 商河, 章丘 and 市南: their rows hold in 2013 what they hold in 2014, and the figure of 市南 stands nowhere.
    assert figures[[("370126", 2013), ("370181", 2013), ("370202", 2013)]].isna().all()
    for code in ("150402", "150403", "150929", "152530", "152531"):  # read otherwise in 2011 than in 2012
        assert figures[[(code, 2011), (code, 2012)]].isna().all()


def test_a_run_does_not_begin_in_rows_that_hold_the_same_figures_the_year_after() -> None:
    """Jinan and Qingdao 2013: two rows misplaced in three years, and beside them a run that begins in the third row."""
    right = province()
    right = pd.concat([right, right.assign(code=right["code"].str.replace("3701", "3702"))], ignore_index=True)
    wrong = right.copy()
    rows = np.flatnonzero(right["year"].eq(2009))
    for step in range(3):
        held = right.loc[rows[[1, 2]], INVESTMENT].to_numpy() * 1.2**step
        wrong.loc[rows[[0, 1]] + step, INVESTMENT] = held
    wrong.loc[rows[2:9], INVESTMENT] = right.loc[rows[3:10], INVESTMENT].to_numpy()
    fixed, _ = corrected(wrong)
    assert fixed.loc[rows[:3], INVESTMENT].isna().all()
    assert fixed.loc[rows[3:9], INVESTMENT].tolist() == right.loc[rows[3:9], INVESTMENT].tolist()


def test_two_displaced_years_are_read_alike_or_not_at_all() -> None:
    right = province()
    wrong = right.copy()
    for year, first in ((2008, 1), (2009, 1)):
        rows = np.flatnonzero(right["year"].eq(year))
        wrong.loc[rows[first:8], INVESTMENT] = right.loc[rows[first + 1 : 9], INVESTMENT].to_numpy()
    rows = np.flatnonzero(right["year"].eq(2009))
    # In the second year the first county's row holds what is its own, so that the run seems to begin later.
    wrong.loc[rows[1], INVESTMENT] = right.loc[rows[1], INVESTMENT]
    wrong.loc[rows[2], INVESTMENT] = right.loc[rows[3], INVESTMENT]
    fixed, _ = corrected(wrong)
    for year in (2008, 2009):
        rows = np.flatnonzero(right["year"].eq(year))
        assert fixed.loc[rows[[1, 2]], INVESTMENT].isna().all()
        assert fixed.loc[rows[3:8], INVESTMENT].tolist() == right.loc[rows[3:8], INVESTMENT].tolist()
