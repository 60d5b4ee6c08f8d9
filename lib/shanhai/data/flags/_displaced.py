"""Flags on figures beside those that a correction moved or blanked: what it left as printed may be displaced too.

The logs of the corrections say which rows were moved; nothing else of a table's values enters but whether a figure is
off its own other years.
"""

import numpy as np
import pandas as pd

from shanhai.data.corrections import INVESTMENT, KEY, logs, nearest_years
from shanhai.data.flags._gdp import yearly_flags
from shanhai.data.rules import FLAG_COLUMNS, Tables

BLOCKS = {
    ("county_investment", INVESTMENT, "investment-displaced-rows"): 2,
    ("county_hukou", "hukou_population_10k", "hukou-displaced-rows"): 4,
}
"""Table, column and rule that moves rows; digits of the code that name the block in which it does."""

_PREFECTURE = 4
"""Digits of a code that name the block which may stay displaced in the years beside."""

_OFF = 2.5
"""Investment over the median of its other years, both against the province, from which (or below the inverse) a block
beside a displaced year is taken to be displaced as well: the range of a stock over all its years."""

_YEARLY = 1.35
"""Most that the figure of one county moves in a year, either way, if its row holds it in both."""

_SAME_PEOPLE = 0.02
"""Part by which the people behind GDP per head may be off the placeholder that GDP was divided by."""

_REASON = "rows of this block and year were displaced; this figure was left as printed and may be another county's"
BESIDE = "a county of this prefecture is 2.5 times off its other years beside a year whose rows were displaced"
PER_HEAD = "divided by a registered population that was a placeholder in this year: it is GDP per head that is wrong"


def displaced_flags(tables: Tables, corrections: Tables) -> pd.DataFrame:
    """Flags on what stands beside displaced rows, and on GDP per head that was divided by a placeholder.

    Parameters
    ----------
    tables : needs county_investment, county_hukou, county_gdp, corrected.
    corrections : logs of the corrections of county_investment and county_hukou.

    Returns
    -------
    pandas.DataFrame with the columns code, table, column, flag, reason.
    """
    parts = [pd.DataFrame(columns=list(FLAG_COLUMNS))]
    for (table, column, rule), digits in BLOCKS.items():
        moved = _corrected_rows(corrections[table], rule)
        parts.append(_beside_moved(tables[table], table, column, moved, digits))
    moved = _corrected_rows(corrections["county_investment"], "investment-displaced-rows")
    parts.append(_still_displaced(tables["county_investment"], moved))
    parts.append(_per_head_of_placeholders(tables["county_gdp"], corrections["county_hukou"]))
    return pd.concat(parts, ignore_index=True)


def _corrected_rows(log: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Columns code, year, printed, is_lost of the figures that a rule corrected; lost is what it set to missing."""
    rows = log.loc[log["rule"].eq(rule)]
    keys = rows["key"].str.extract(r"code=(?P<code>[0-9]{6});(?:.*;)?year=(?P<year>[0-9]{4})")
    printed = pd.to_numeric(rows["before"]).to_numpy(dtype=float)
    return keys.astype({"year": int}).assign(printed=printed, is_lost=rows["after"].eq("").to_numpy())


def _blocks(rows: pd.DataFrame, digits: int, years: int = 0) -> pd.Index:
    return pd.MultiIndex.from_arrays([rows["code"].astype(str).str[:digits], rows["year"] + years])


def _beside_moved(frame: pd.DataFrame, table: str, column: str, moved: pd.DataFrame, digits: int) -> pd.DataFrame:
    """Figures left as printed in a block in which a rule lost a figure: what was moved there was moved for sure."""
    lost = _blocks(moved.loc[moved["is_lost"]], digits)
    kept = ~pd.MultiIndex.from_frame(frame[KEY]).isin(pd.MultiIndex.from_frame(moved[KEY]))
    rows = frame.loc[_blocks(frame, digits).isin(lost) & kept & frame[column].notna()]
    return yearly_flags(rows, table, column, "displaced_block", _REASON)


def _still_displaced(investment: pd.DataFrame, moved: pd.DataFrame) -> pd.DataFrame:
    """Prefectures of a county whose lost figure goes on in its row beside the displaced year, off its other years."""
    single = investment.loc[~investment.duplicated(KEY, keep=False)]
    values = single.set_index(KEY)[INVESTMENT]
    values = values.where(values > 0)
    province = [values.index.get_level_values("code").str[:2], values.index.get_level_values("year")]
    level = np.exp(logs(values).groupby(province).transform("median"))
    off = values[logs(values / level / nearest_years(values / level)).abs() > np.log(_OFF)].to_dict()
    displaced, reached = set(_blocks(moved, 2)), set()
    for code, year, figure in moved.loc[moved["is_lost"], ["code", "year", "printed"]].itertuples(index=False):
        for step in (-1, 1):
            beside, before = year + step, figure
            while (code[:2], beside) not in displaced and _goes_on(off.get((code, beside), np.nan), before):
                reached.add((code[:_PREFECTURE], beside))
                beside, before = beside + step, off[code, beside]
    rows = single.loc[[key in reached for key in _blocks(single, _PREFECTURE)]]
    return yearly_flags(rows.loc[rows[INVESTMENT].notna()], "county_investment", INVESTMENT, "displaced_block", BESIDE)


def _goes_on(figure: float, before: float) -> bool:
    return bool(1 / _YEARLY <= figure / before <= _YEARLY)


def _per_head_of_placeholders(gdp: pd.DataFrame, log: pd.DataFrame) -> pd.DataFrame:
    """GDP per head that was divided by the placeholder which stood for the registered population of the year."""
    placeholders = _corrected_rows(log, "hukou-placeholder").set_index(KEY)["printed"]
    column = "gdp_per_capita_10k_yuan"
    people = gdp["gdp_10k_yuan"] / gdp[column] / 1e4
    stand_in = placeholders.reindex(pd.MultiIndex.from_frame(gdp[KEY])).to_numpy()
    rows = gdp.loc[((people / stand_in) - 1).abs() <= _SAME_PEOPLE]
    return yearly_flags(rows, "county_gdp", column, "per_head_of_placeholder", PER_HEAD)
