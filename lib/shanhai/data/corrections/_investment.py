"""Written corrections of the investment of counties: rows of a whole province that moved down by one line."""

import numpy as np
import pandas as pd

from shanhai.data.corrections._displacement import KEY, Witness, apply_moves, find_moves, logs, nearest_years
from shanhai.data.rules import Rule, Tables

TABLE = "county_investment"

INVESTMENT = "investment_100m_yuan"

SCALE = 0.16
"""Scale (in logs) of the close law of errors: half of all figures lie within a ninth of their other years, and half of
a Laplace law within 0.69 of its scale. Investment is a flow, five times as restless as a population."""

NEAR, FAR = 6, 12
"""Other years that say what a county invests: three, and six, on each side. The wider look survives a displacement of
several years, the narrow one a county that grows."""

PROVINCE = 2
"""Digits of a code that name the block in which a run of rows is displaced."""

_CONTINUES = 0.1
"""Distance (in logs) between the growth of a row's figure to a year beside it and the median of its province, within
which the row holds the same county's figures in both years: less than the close law's scale."""


def _move_rows(investment: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    single = investment.loc[~investment.duplicated(["code", "year"], keep=False)]
    values = single.set_index(["code", "year"])[INVESTMENT]
    values = values.where(values > 0)
    if values.notna().sum() < 2:
        return investment
    blocks = [values.index.get_level_values("code").str[:PROVINCE], values.index.get_level_values("year")]
    # What all counties of a province do in a year is no news of one of them.
    level = np.exp(np.log(values).groupby(blocks).transform("median"))
    own = pd.DataFrame({count: nearest_years(values / level, count) * level for count in (NEAR, FAR)})
    moves = find_moves([Witness(values, own, SCALE)], runs=PROVINCE, permutations=0)
    moves = _same_in_both_years(_without_early_start(moves, values), values)
    investment.loc[single.index, INVESTMENT] = apply_moves(single, moves, [INVESTMENT])[INVESTMENT]
    return investment


def _without_early_start(moves: pd.DataFrame, values: pd.Series) -> pd.DataFrame:
    """Moves in which no run begins among rows that hold the same county's figures in a year beside it.

    A run begins at the county whose own figure is lost. If the figure that moves next continues in its own row in a
    year that is not displaced, it was in that row before the run and after it, whoever's it is: the county to which it
    would go has lost its own, and the run begins no sooner than there.
    """
    wide = logs(values).unstack("year").sort_index(axis="columns")
    growth = wide.diff(axis="columns")
    growth = growth - growth.groupby(wide.index.str[:PROVINCE]).transform("median")
    sources = moves["source_code"].copy()
    for _, block in moves.groupby([moves["year"], moves["code"].str[:PROVINCE]]):
        year = block["year"].iloc[0]
        beside = moves.loc[moves["code"].str[:PROVINCE].eq(block["code"].iloc[0][:PROVINCE]), "year"]
        follower = block.dropna(subset="source_code").set_index("source_code")["code"].to_dict()
        for start in block.loc[block["source_code"].isna(), "code"]:
            code = start
            while code in follower and _continues(growth.loc[code], year, set(beside)):
                code = follower[code]
                sources[block.index[block["code"].eq(code)]] = np.nan
    return moves.assign(source_code=sources)


def _continues(growth: pd.Series, year: int, displaced: set[int]) -> bool:
    """Whether a row's printed figure grows like the province from or to a year that is not displaced."""
    steps = [step for step, beside in ((year, year - 1), (year + 1, year + 1)) if beside not in displaced]
    return bool(growth.reindex(steps).abs().le(_CONTINUES).any())


def _same_in_both_years(moves: pd.DataFrame, values: pd.Series) -> pd.DataFrame:
    """Moves in which two displaced years of a province, one after the other, are read alike.

    Where the readings of a county differ (whose figure it has, or that it lost its own in one year and kept what stood
    there in the other) nothing says which is right, and it has none in either year.
    """
    source = moves.set_index(KEY)["source_code"].fillna("")
    lost = set()
    for _, block in moves.groupby(moves["code"].str[:PROVINCE]):
        years = set(block["year"])
        for year in sorted(years):
            if year + 1 not in years:
                continue
            for code in sorted(set(block.loc[block["year"].isin([year, year + 1]), "code"])):
                both = [(code, year), (code, year + 1)]
                if all(key in values.index for key in both) and len({source.get(key, code) for key in both}) > 1:
                    lost |= set(both)
    kept = moves.loc[~pd.MultiIndex.from_frame(moves[KEY]).isin(sorted(lost))] if lost else moves
    missing = pd.DataFrame(sorted(lost), columns=KEY).assign(source_code=np.nan)
    return pd.concat([kept, missing.astype({"source_code": object})], ignore_index=True) if lost else kept


RULES: tuple[Rule, ...] = (
    Rule(
        id="investment-displaced-rows",
        table=TABLE,
        reason=(
            "A run of consecutive rows of the province fits the other years of the next or the previous county, and not"
            " its own: the figures are put back; where the figure of a county is not among them, could as well be"
            " another's, or is read otherwise in the displaced year beside it, it is set to missing."
        ),
        correct=_move_rows,
    ),
)
