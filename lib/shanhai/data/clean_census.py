"""Written corrections of the two census tables.

Three kinds: single cells whose digits contradict the totals that contain them, names and codes that stand at the
wrong row, and blanks that the totals determine (:mod:`shanhai.data.clean_blanks`). What no rule explains stays as
published and is declared as a difference (:mod:`shanhai.data.totals`) or flagged (:mod:`shanhai.data.flags_census`).
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pandas as pd

from shanhai.data.clean_blanks import blank_rules
from shanhai.data.rules import Rule, Tables

Cell = tuple[int, str, Any, Any]
"""Row of the table, column, published value (None: blank), corrected value."""

DIGITS_2020: tuple[Cell, ...] = (
    (2246, "edu_no_schooling", 1972, 4972),
    (2281, "edu_preschool", 188, 2148),
)

DIGITS_2010: tuple[Cell, ...] = (
    (588, "age_35_39", 67354, 37354),
    (909, "edu_primary", 1235929, 235929),
    (1498, "edu_bachelor_plus", 68534, 14092),
    (1873, "age_1_4", 8795, 8801),
    (2214, "edu_bachelor_plus", 498.4, 1285),
)

SHIFTED_2010: tuple[Cell, ...] = (
    (2278, "rural_population", 45, 0),
    (2278, "family_households", None, 45),
)

CODE_2020: tuple[Cell, ...] = ((339, "code", "170971", "140971"),)

OLD_NAMES_2020: tuple[Cell, ...] = (
    (905, "name_zh", "海门市", "海门区"),
    (1089, "name_zh", "芜湖县", "湾沚区"),
    (1090, "name_zh", "繁昌县", "繁昌区"),
    (1860, "name_zh", "监利县", "监利市"),
    (2621, "name_zh", "水城县", "水城区"),
    (3177, "name_zh", "同仁县", "同仁市"),
)

WRONG_NAMES_2010: tuple[Cell, ...] = (
    (116, "name_zh", "内邱县", "内丘县"),
    (801, "name_zh", "加格达奇", "加格达奇区"),
    (1689, "name_zh", "狮河区", "浉河区"),
    (1904, "name_zh", "汩罗市", "汨罗市"),
    (2838, "name_zh", "班嘎县", "班戈县"),
    (3132, "name_zh", "芒崖行委", "茫崖行委"),
    (3133, "name_zh", "柴旦行委", "大柴旦行委"),
)

EXCHANGED_2010: tuple[Cell, ...] = (
    (73, "name_zh", "丰润区", "丰南区"),
    (74, "name_zh", "丰南区", "丰润区"),
    (667, "code", "230108", "230110"),
    (667, "name_zh", "平房区", "香坊区"),
    (668, "code", "230109", "230108"),
    (668, "name_zh", "松北区", "平房区"),
    (669, "code", "230110", "230109"),
    (669, "name_zh", "香坊区", "松北区"),
    (3248, "code", "654002", "654003"),
    (3248, "name_zh", "伊宁市", "奎屯市"),
    (3249, "code", "654003", "654002"),
    (3249, "name_zh", "奎屯市", "伊宁市"),
)

UNCODED_2010: tuple[Cell, ...] = (
    (801, "code", None, "232761"),
    (802, "code", None, "232762"),
    (803, "code", None, "232763"),
    (804, "code", None, "232764"),
    (2221, "code", None, "451103"),
    (3132, "code", None, "632803"),
    (3133, "code", None, "632857"),
    (3134, "code", None, "632899"),
)

WRONG_CHARACTER = "巿"
"""U+5DFF (fú), which looks like 市 (shì) and was typed or recognised in its place."""

SECTOR_SHARES = ["employed_share_primary_pct", "employed_share_secondary_pct", "employed_share_tertiary_pct"]


def set_cells(frame: pd.DataFrame, tables: Tables, cells: Sequence[Cell]) -> pd.DataFrame:
    """Correct single cells, each only where the table still holds the published value.

    Parameters
    ----------
    frame : a census table; not every cell need be there, so that the rule says nothing about other tables.
    cells : row of the table, column, published value, corrected value.
    """
    for row, column, published, corrected in cells:
        found = frame[column].isna() if published is None else frame[column].eq(published)
        frame.loc[frame["row"].eq(row) & found, column] = corrected
    return frame


def replace_character(frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
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


def _cells(identity: str, table: str, cells: Sequence[Cell], reason: str) -> Rule:
    return Rule(identity, table, reason, partial(set_cells, cells=cells))


def _function(identity: str, table: str, correct: Callable[[pd.DataFrame, Tables], pd.DataFrame], reason: str) -> Rule:
    return Rule(identity, table, reason, correct)


RULES: tuple[Rule, ...] = (
    _cells(
        "census-2020-code",
        "census_2020",
        CODE_2020,
        "五台山 stands in Shanxi (140000) between rows of Xinzhou (140900), but its code begins with 17: 140971.",
    ),
    _cells(
        "census-2020-name-follows-code",
        "census_2020",
        OLD_NAMES_2020,
        "Six units carry the code that they received in mid-2020 as a district or city, but still the name of before.",
    ),
    _cells(
        "census-2020-digits",
        "census_2020",
        DIGITS_2020,
        "The prefecture exceeds its counties by 3,000 and 1,960 persons; only 苍梧县 (twice as many illiterate as"
        " unschooled) and 田阳区 (0.06 % in pre-school, neighbours 1 %) can lack them.",
    ),
    _function(
        "census-2010-character",
        "census_2010",
        replace_character,
        "巿 (U+5DFF) stands for 市 in twenty-odd names.",
    ),
    _cells(
        "census-2010-name",
        "census_2010",
        WRONG_NAMES_2010,
        "A wrong or a missing character in the name of a unit; the 2020 census prints the name given here.",
    ),
    _cells(
        "census-2010-exchanged",
        "census_2010",
        EXCHANGED_2010,
        "Names or codes of neighbouring rows are exchanged (丰润/丰南, 香坊/平房/松北, 奎屯/伊宁): population, minority"
        " share and the 2020 census fit only the order given here.",
    ),
    _cells(
        "census-2010-uncoded",
        "census_2010",
        UNCODED_2010,
        "Eight county-level units have rows without code: the code of the 2020 census where they continue in it; 冷湖,"
        " absorbed by 茫崖, gets 632899, a code of the project's own.",
    ),
    _cells(
        "census-2010-digits",
        "census_2010",
        DIGITS_2010,
        "One figure contradicts both the total of its row and that of its prefecture, by the same amount.",
    ),
    _cells(
        "census-2010-shifted",
        "census_2010",
        SHIFTED_2010,
        "西沙群岛: its 45 family households stand in the column of the rural population, though all persons are urban.",
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
