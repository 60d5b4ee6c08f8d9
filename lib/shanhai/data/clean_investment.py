"""Written corrections of the investment of counties: rows of a whole province that moved down by one line."""

import numpy as np
import pandas as pd

from shanhai.data.displaced import Witness, apply_moves, find_moves, nearest_years
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
    investment.loc[single.index, INVESTMENT] = apply_moves(single, moves, [INVESTMENT])[INVESTMENT]
    return investment


RULES: tuple[Rule, ...] = (
    Rule(
        id="investment-displaced-rows",
        table=TABLE,
        reason=(
            "A run of consecutive rows of the province fits the other years of the next or the previous county, and not"
            " its own: the figures are put back; where the figure of a county is not among them, or could as well be"
            " another's, it is set to missing."
        ),
        correct=_move_rows,
    ),
)
