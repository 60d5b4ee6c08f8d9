"""Written corrections of the two census tables.

Three kinds: single cells whose digits contradict the totals that contain them, names and codes that stand at the wrong
row, and blanks that the totals determine (:mod:`shanhai.data.corrections._blanks`). What no rule explains stays as
published and is declared as a difference (:mod:`shanhai.data.frames.totals`) or flagged
(:mod:`shanhai.data.flags._census`).
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pandas as pd

from shanhai.data.corrections._blanks import blank_rules, close_gaps
from shanhai.data.rules import Rule, Tables

_Cell = tuple[int, str, Any, Any]
"""Population of the row, column, published value (None: blank), corrected value.

A name or code that is wrong contradicts nothing in the table, so a rule must say which it is. It knows the row by the
population printed in it and by the wrong text, wherever the row stands, and leaves any other row alone."""

DIGITS_2020: tuple[_Cell, ...] = (
    (276_766, "edu_no_schooling", 1972, 4972),
    (308_785, "edu_preschool", 188, 2148),
)
"""What the totals of the whole table show (:mod:`~shanhai.data.corrections._blanks`), for an extract of it."""

DIGITS_2010: tuple[_Cell, ...] = (
    (520_537, "age_35_39", 67354, 37354),
    (859_787, "edu_primary", 1235929, 235929),
    (998_331, "edu_bachelor_plus", 68534, 14092),
    (231_592, "age_1_4", 8795, 8801),
    (185_869, "edu_bachelor_plus", 498.4, 1285),
)

_OLD_NAMES_2020: tuple[_Cell, ...] = (
    (991_782, "name_zh", "海门市", "海门区"),
    (344_016, "name_zh", "芜湖县", "湾沚区"),
    (243_907, "name_zh", "繁昌县", "繁昌区"),
    (1_120_822, "name_zh", "监利县", "监利市"),
    (746_407, "name_zh", "水城县", "水城区"),
    (101_519, "name_zh", "同仁县", "同仁市"),
)

_WRONG_NAMES_2010: tuple[_Cell, ...] = (
    (266_620, "name_zh", "内邱县", "内丘县"),
    (154_359, "name_zh", "加格达奇", "加格达奇区"),
    (594_391, "name_zh", "狮河区", "浉河区"),
    (692_080, "name_zh", "汩罗市", "汨罗市"),
    (36_842, "name_zh", "班嘎县", "班戈县"),
    (31_017, "name_zh", "芒崖行委", "茫崖行委"),
    (13_671, "name_zh", "柴旦行委", "大柴旦行委"),
)

_EXCHANGED_2010: tuple[_Cell, ...] = (
    (595_467, "name_zh", "丰润区", "丰南区"),
    (916_092, "name_zh", "丰南区", "丰润区"),
    (916_408, "code", "230108", "230110"),
    (916_408, "name_zh", "平房区", "香坊区"),
    (190_253, "code", "230109", "230108"),
    (190_253, "name_zh", "松北区", "平房区"),
    (236_848, "code", "230110", "230109"),
    (236_848, "name_zh", "香坊区", "松北区"),
    (166_261, "code", "654002", "654003"),
    (166_261, "name_zh", "伊宁市", "奎屯市"),
    (515_082, "code", "654003", "654002"),
    (515_082, "name_zh", "奎屯市", "伊宁市"),
)

_UNCODED_2010: tuple[_Cell, ...] = (
    (154_359, "code", None, "232761"),
    (33_555, "code", None, "232762"),
    (50_859, "code", None, "232763"),
    (45_039, "code", None, "232764"),
    (392_029, "code", None, "451103"),
    (31_017, "code", None, "632803"),
    (13_671, "code", None, "632857"),
    (2_434, "code", None, "632899"),
)

WRONG_CHARACTER = "巿"
"""U+5DFF (fú), which looks like 市 (shì) and was typed or recognised in its place."""

DIGITS = (
    "The prefecture's total and the sum of its counties differ, and one county alone shows that difference in its own"
    " row (ages against population, schooling against residents of six and over, or a count that is no whole number):"
    " its figure takes the difference; so does the same figure beside the same population in an extract without totals."
)

SECTOR_SHARES = ["employed_share_primary_pct", "employed_share_secondary_pct", "employed_share_tertiary_pct"]


def set_cells(frame: pd.DataFrame, tables: Tables, cells: Sequence[_Cell]) -> pd.DataFrame:
    """Correct single cells, each only where the row of that population still holds the published value.

    Parameters
    ----------
    frame : a census table; not every cell need be there, so that the rule says nothing about other tables.
    cells : population of the row, column, published value, corrected value. Cells of one row are found before any of
        them is changed.
    """
    published = frame.copy()
    for population, column, wrong, corrected in cells:
        found = published[column].isna() if wrong is None else published[column].eq(wrong)
        frame.loc[published["population"].eq(population) & found, column] = corrected
    return frame


def _mend_digits(frame: pd.DataFrame, tables: Tables, cells: Sequence[_Cell]) -> pd.DataFrame:
    """Correct single digits by the totals, and by the cells where an extract of the table has no totals."""
    return set_cells(close_gaps(frame, tables), tables, cells)


def follow_prefecture(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Begin the code of a county or zone with the four digits of its prefecture, unless another row has that code."""
    codes, prefectures = frame["code"], frame["prefecture_code"]
    units = frame["is_county"] | frame["level"].eq("zone")
    due = prefectures.str[:4] + codes.str[4:]
    wrong = units & due.notna() & due.ne(codes) & ~due.isin(codes.dropna())
    frame.loc[wrong, "code"] = due[wrong]
    return frame


def shift_households(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Family households that stand in the column of the rural population, where all residents are urban."""
    wrong = (
        frame["family_households"].isna()
        & frame["urban_population"].eq(frame["population"])
        & frame["rural_population"].gt(0)
    )
    frame.loc[wrong, "family_households"] = frame.loc[wrong, "rural_population"]
    frame.loc[wrong, "rural_population"] = 0
    return frame


def _replace_character(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Write 市 for the look-alike character in names."""
    frame["name_zh"] = frame["name_zh"].str.replace(WRONG_CHARACTER, "市")
    return frame


def complete_sector_shares(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """The secondary share as 100 less the two others, where it is blank or written as a fraction of another base.

    Published shares have two decimals, so a value with more is no published share. A remainder below the rounding
    error of two decimals (0.015) is zero.
    """
    primary, secondary, tertiary = (frame[column] for column in SECTOR_SHARES)
    more_decimals = (secondary - secondary.round(2)).abs() > 1e-9
    wrong = (secondary.isna() | more_decimals) & primary.notna() & tertiary.notna()
    remainder = (100 - primary - tertiary).round(2)
    frame.loc[wrong, "employed_share_secondary_pct"] = remainder.where(remainder > 0.015, 0.0)
    return frame


def _cells(identity: str, table: str, cells: Sequence[_Cell], reason: str) -> Rule:
    return Rule(identity, table, reason, partial(set_cells, cells=cells))


def _function(identity: str, table: str, correct: Callable[[pd.DataFrame, Tables], pd.DataFrame], reason: str) -> Rule:
    return Rule(identity, table, reason, correct)


RULES: tuple[Rule, ...] = (
    _function(
        "census-2020-code",
        "census_2020",
        follow_prefecture,
        "The code does not begin with that of its prefecture, under which the row stands and counts (五台山).",
    ),
    _cells(
        "census-2020-name-follows-code",
        "census_2020",
        _OLD_NAMES_2020,
        "Six units carry the code that they received in mid-2020 as a district or city, but still the name of before.",
    ),
    _function(
        "census-2020-digits",
        "census_2020",
        partial(_mend_digits, cells=DIGITS_2020),
        DIGITS,
    ),
    _function(
        "census-2010-character",
        "census_2010",
        _replace_character,
        "巿 (U+5DFF) stands for 市 in twenty-odd names.",
    ),
    _cells(
        "census-2010-name",
        "census_2010",
        _WRONG_NAMES_2010,
        "A wrong or a missing character in the name of a unit; the 2020 census prints the name given here.",
    ),
    _cells(
        "census-2010-exchanged",
        "census_2010",
        _EXCHANGED_2010,
        "Names or codes of neighbouring rows are exchanged (丰润/丰南, 香坊/平房/松北, 奎屯/伊宁): population, minority"
        " share and the 2020 census fit only the order given here.",
    ),
    _cells(
        "census-2010-uncoded",
        "census_2010",
        _UNCODED_2010,
        "Eight county-level units have rows without code: the code of the 2020 census where they continue in it; 冷湖,"
        " absorbed by 茫崖, gets 632899, a code of the project's own.",
    ),
    _function(
        "census-2010-digits",
        "census_2010",
        partial(_mend_digits, cells=DIGITS_2010),
        DIGITS,
    ),
    _function(
        "census-2010-shifted",
        "census_2010",
        shift_households,
        "All persons are urban, yet the rural population is not zero and the family households are blank: they stand"
        " one column off (西沙群岛).",
    ),
    _function(
        "census-2010-sector-share",
        "census_2010",
        complete_sector_shares,
        "The secondary share is blank, or no figure of two decimals, beside two published shares: 100 less these.",
    ),
    *blank_rules("census_2020", ("province", "prefecture-total", "province-total", "sum")),
    *blank_rules("census_2010", ("prefecture-total", "province-total", "sum", "age")),
)
