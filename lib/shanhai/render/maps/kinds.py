"""Kinds of county that maps tell apart: the classes of the 26, and border by mountain."""

import numpy as np
import pandas as pd

from shanhai.core.errors import ReportError
from shanhai.render.maps.topics import Category, Kinds, Outline

# Okabe and Ito's colours, which all kinds of colour vision tell apart; here with different lightness for grey print.
_LEAPFROG, _ECOLOGICAL, _BOTH, _OTHER = "#e69f00", "#56b4e9", "#8c3b00", "#f7f7f2"
_KEY_HATCH = "....."

MOUNTAIN_OUTLINE = Outline("is_mountain_26", "the 26 mountain counties", "山区26县")

MOUNTAIN_KINDS = Kinds(
    "mountain_kind",
    "The 26 mountain counties",
    "山区26县",
    (
        Category("leapfrog", "leapfrog development", "跨越发展类", _LEAPFROG),
        Category("leapfrog-key", "leapfrog, key assistance", "跨越发展类，重点帮促", _LEAPFROG, _KEY_HATCH),
        Category("ecological", "ecological development", "生态发展类", _ECOLOGICAL),
        Category("ecological-key", "ecological, key assistance", "生态发展类，重点帮促", _ECOLOGICAL, _KEY_HATCH),
        Category("other", "other counties", "其他县（市、区）", _OTHER),
    ),
    ("plan", "boundaries"),
)

BORDER_KINDS = Kinds(
    "border_kind",
    "Provincial border and mountain county",
    "省际边界与山区县",
    (
        Category("both", "on a border, one of the 26", "省际边界县，且属26县", _BOTH),
        Category("mountain", "inland, one of the 26", "非边界县，属26县", _LEAPFROG),
        Category("border", "on a border, not of the 26", "省际边界县，不属26县", _ECOLOGICAL),
        Category("neither", "neither", "两者皆非", _OTHER),
    ),
    ("plan", "boundaries"),
)


def add_mountain_kind(frame: pd.DataFrame, mountain: pd.DataFrame) -> pd.DataFrame:
    """Add ``mountain_kind``: type of the 26 with key assistance marked, ``other`` for the rest.

    Parameters
    ----------
    frame : DataFrame
        One row a county with ``code``.
    mountain : DataFrame
        The 26, with ``code``, ``type``, ``key_assistance`` (table ``mountain_counties``).

    Raises
    ------
    ReportError
        If one of the 26 is not in the frame, which would drop it from the map.
    """
    absent = sorted(set(mountain["code"]) - set(frame["code"]))
    if absent:
        raise ReportError(f"Mountain counties {absent} are not in the frame; check the crosswalk of their codes.")
    key = mountain["key_assistance"].astype(bool)
    kinds = mountain["type"].where(~key, mountain["type"] + "-key")
    by_code = dict(zip(mountain["code"], kinds, strict=True))
    return frame.assign(mountain_kind=[by_code.get(code, "other") for code in frame["code"]])


def add_border_kind(frame: pd.DataFrame) -> pd.DataFrame:
    """Add ``border_kind``: both, mountain, border or neither; missing where the border is unknown.

    Parameters
    ----------
    frame : DataFrame
        With ``on_border`` (nullable) and ``is_mountain_26``.
    """
    border, mountain = frame["on_border"].astype("boolean"), frame["is_mountain_26"].astype(bool)
    on_border = border.fillna(False).astype(bool)
    kinds = np.select(
        [on_border & mountain, mountain & ~on_border, on_border], ["both", "mountain", "border"], default="neither"
    )
    return frame.assign(border_kind=pd.Series(kinds, index=frame.index, dtype=object).where(border.notna(), None))
