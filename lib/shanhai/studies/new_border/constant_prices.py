"""GDP of prefectures at constant prices, from published growth; where it lacks cells, and what prices it implies.

Growth is published once, at constant prices, and not revised. GDP at current prices is revised after each economic
census, in other years and by other amounts for each province, so that growth at current prices mixes prices with
revisions.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from shanhai.data.load import load_table


def log_growth(
    codes: Sequence[str],
    first: int,
    last: int,
    unions: Mapping[str, Sequence[str]] | None = None,
    economy: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Published growth as logarithms: codes in rows, years from ``first + 1`` to ``last``; missing where unpublished.

    Growth of a union is GDP of its parts over what they had at the prices of the year, both added up; a part counts
    from its first published year on.

    Parameters
    ----------
    codes : sequence of str
    first, last : int
        Years that growth leads from and to.
    unions : mapping of code to codes, optional
        Prefectures added up under the code given.
    economy : DataFrame, optional
        Columns ``code``, ``year``, ``gdp_100m_yuan``, ``gdp_growth_pct``; by default the table ``prefecture_economy``.
    """
    table = load_table("prefecture_economy") if economy is None else economy
    years = range(first + 1, last + 1)
    gdp, rates = (
        table.pivot(index="code", columns="year", values=name).reindex(columns=years)
        for name in ("gdp_100m_yuan", "gdp_growth_pct")
    )
    single = rates.reindex([code for code in codes if code not in (unions or {})])
    alone = _log(1 + single / 100)
    rows = {code: _growth_of_union(gdp, rates, parts) for code, parts in (unions or {}).items() if code in codes}
    together = pd.DataFrame(rows, index=pd.Index(years)).T
    return pd.concat([alone, together]).reindex(list(codes)).rename_axis("code")


def _growth_of_union(gdp: pd.DataFrame, rates: pd.DataFrame, parts: Sequence[str]) -> pd.Series:
    now, rates = gdp.reindex(list(parts)), rates.reindex(list(parts))
    before = now / (1 + rates / 100)
    whole = (now.notna() == before.notna()).all() & now.notna().any()
    ratio = now.sum() / before.sum().where(whole)
    return pd.Series(np.log(ratio.to_numpy()), index=ratio.index)


def fill_by_prices(growth: pd.DataFrame, gdp: pd.DataFrame) -> pd.DataFrame:
    """Growth with each missing cell as growth at current prices less the median rise of prices in that year.

    Parameters
    ----------
    growth : DataFrame
        Of :func:`log_growth`.
    gdp : DataFrame
        GDP at current prices: the same codes in rows, years in columns, the year before the first of growth too.
    """
    current = _log(gdp.reindex(growth.index)).diff(axis=1)[growth.columns]
    return growth.where(growth.notna(), current.sub((current - growth).median(), axis=1))


def log_constant(gdp: pd.DataFrame, growth: pd.DataFrame) -> pd.DataFrame:
    """Logarithm of GDP at the prices of its first year: GDP of that year and growth added up."""
    base = _log(gdp.reindex(growth.index).iloc[:, :1])
    return pd.concat([base, growth], axis=1).cumsum(axis=1, skipna=False)


def _log(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(np.log(frame.to_numpy(dtype=float)), index=frame.index, columns=frame.columns)
