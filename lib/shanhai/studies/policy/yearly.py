"""GDP of whole prefectures by year: how much faster than the rest of the province, before the policy and under it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from shanhai.core.errors import MissingDataError
from shanhai.core.places import require_codes
from shanhai.studies.policy.design import PREFECTURES, YEARLY_FROM

PRICES = {"constant": "gdp_growth_pct", "current": "gdp_100m_yuan"}
"""Growth as published, at constant prices; change of the log of GDP at current prices. The first is the main one."""


def relative_growth(economy: pd.DataFrame, prefectures: Sequence[str], prices: str) -> pd.DataFrame:
    """Yearly growth of each prefecture less that of the rest of the province, in hundredths of a log point.

    The rest are the prefectures that the policy does not cover wholly, without the one itself; their growth is weighted
    by GDP of the year before, so that at current prices it is the growth of their sum.

    Parameters
    ----------
    economy : DataFrame
        Of ``load_table("prefecture_economy")``.
    prefectures : sequence of str
        Codes of all prefectures of the province.
    prices : str
        A key of :data:`PRICES`.

    Returns
    -------
    DataFrame
        Index the year, from the second of the series on; columns the prefectures. A year in which any prefecture lacks
        its growth is missing for all.

    Raises
    ------
    UnknownPlaceError
        If the table has no row of a prefecture.
    MissingDataError
        If a prefecture has no GDP in a year.
    """
    codes = sorted(require_codes(prefectures, set(economy["code"]), "prefectures of the table"))
    rows = economy[economy["code"].isin(codes) & economy["year"].ge(YEARLY_FROM)]
    level, published = (
        rows.pivot(index="year", columns="code", values=column)[codes].astype("float64")
        for column in (PRICES["current"], PRICES["constant"])
    )
    holes = [f"{level.columns[place]} in {level.index[year]}" for year, place in np.argwhere(level.isna().to_numpy())]
    if holes:
        raise MissingDataError(
            f"no GDP of {', '.join(holes)}; needed: GDP of every prefecture in every year from {YEARLY_FROM} on, as it "
            "weighs their growth. Add the figures, or leave the prefecture out."
        )
    before = level.shift(1).iloc[1:]
    growth = 1 + published.iloc[1:] / 100 if prices == "constant" else level.iloc[1:] / before
    growth = growth.where(growth.notna().all(axis=1))
    relative = {}
    for code in codes:
        others = [other for other in codes if other not in {code, *PREFECTURES}]
        weights = before[others].div(before[others].sum(axis=1), axis=0)
        rest = (growth[others] * weights).sum(axis=1, skipna=False)
        relative[code] = 100 * np.log(growth[code] / rest)
    return pd.DataFrame(relative)


def before_and_after(economy: pd.DataFrame, prefectures: Sequence[str], policy_year: int) -> pd.DataFrame:
    """Mean yearly growth less that of the rest, before the policy and under it, and how unusual the change is.

    Parameters
    ----------
    economy, prefectures
        As for :func:`relative_growth`.
    policy_year : int
        First year under the policy.

    Returns
    -------
    DataFrame
        One row a price basis and prefecture of ``PREFECTURES``: prices, code, before, after, recent (last three years
        before), change (hundredths of a log point a year), years_before, years_after, missing (years without growth,
        ``;`` between), larger (others with as large a change in absolute value), others, p ((1 + larger) / (1 +
        others)).
    """
    rows = []
    for prices in PRICES:
        growth = relative_growth(economy, prefectures, prices)
        under = growth.index >= policy_year
        before, after = growth[~under].mean(), growth[under].mean()
        change = after - before
        others = change.drop(list(PREFECTURES))
        known = growth.notna().all(axis=1)
        for code in PREFECTURES:
            larger = int((others.abs() >= abs(change[code])).sum())
            rows.append(
                {
                    "prices": prices, "code": code, "before": before[code], "after": after[code],
                    "recent": growth.loc[~under, code].tail(3).mean(), "change": change[code],
                    "years_before": int(known[~under].sum()),
                    "years_after": int(known[under].sum()), "missing": ";".join(map(str, growth.index[~known])),
                    "larger": larger, "others": len(others), "p": (1 + larger) / (1 + len(others)),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)
