"""Published GDP of prefectures under the codes of the 2020 census."""

import pandas as pd

CODES_OF_2020 = {"469003": "460400", "110000": "110100", "120000": "120100", "310000": "310100"}
"""Codes of the prefecture economy whose unit is a prefecture of 2020 under another code."""


def published_gdp(economy: pd.DataFrame, year: int) -> pd.Series:
    """GDP of a year in yuan at current prices, by code of 2020, from the table ``prefecture_economy``."""
    rows = economy.loc[economy["year"].eq(year)]
    gdp = rows.set_index(rows["code"].replace(CODES_OF_2020))["gdp_100m_yuan"].rename_axis("code")
    return (gdp * 1e8).round()  # whole yuan: the product of a decimal fraction is not exact
