"""Two independent proofs that the correction of units in county GDP finds the right rows, for the audit.

The rule (:mod:`shanhai.data.corrections.gdp`) looks at GDP per head and at nothing else. The growth since 2011 and the
GDP of the prefecture, from another yearbook, know nothing of GDP per head; they must point at the same rows.
"""

import pandas as pd

from shanhai.core.errors import MissingDataError
from shanhai.data.corrections.gdp import suspected_unit_errors
from shanhai.data.frames.residents import per_head_ratio
from shanhai.data.rules import Tables

COLLAPSE = 0.01
"""A figure of 2021 below a hundredth of that of 2011 shows a unit, not an economy."""


def growth_evidence(published: pd.DataFrame, population: pd.Series) -> pd.DataFrame:
    """Whether GDP per head and the growth since 2011 single out the same rows of 2021.

    Parameters
    ----------
    published : county_gdp as published, not corrected.
    population : residents of 2020 by code.

    Returns
    -------
    pandas.DataFrame, one row a county with GDP in 2021: code, per_head_ratio, gdp_growth and primary_growth (2021 over
    2011), by_per_head, by_growth (missing where 2011 gives neither GDP nor primary value added).
    """
    rows = published.loc[published["year"].eq(2021) & published["gdp_10k_yuan"].notna()].set_index("code")
    before = published.loc[published["year"].eq(2011)].set_index("code").reindex(rows.index)
    gdp_growth = rows["gdp_10k_yuan"] / before["gdp_10k_yuan"]
    # A primary sector of zero in 2021 is rounding in the coarse unit and says nothing about growth.
    primary = rows["primary_gdp_10k_yuan"].where(rows["primary_gdp_10k_yuan"] > 0)
    primary_growth = primary / before["primary_gdp_10k_yuan"]
    growth = gdp_growth.fillna(primary_growth)
    frame = rows.reset_index()
    return pd.DataFrame(
        {
            "code": frame["code"],
            "per_head_ratio": per_head_ratio(frame, population),
            "gdp_growth": gdp_growth.to_numpy(),
            "primary_growth": primary_growth.to_numpy(),
            "by_per_head": suspected_unit_errors(frame, frame["code"].map(population)),
            "by_growth": growth.lt(COLLAPSE).astype("boolean").where(growth.notna()).array,
        }
    )


def prefecture_evidence(published: pd.DataFrame, corrected: pd.DataFrame, tables: Tables, year: int) -> pd.DataFrame:
    """Sum of the counties over the GDP of their prefecture, before and after correction.

    Parameters
    ----------
    published, corrected : county_gdp before and after the rules.
    tables : needs prefecture_economy (corrected) and crosswalk.
    year : one that both tables hold.

    Returns
    -------
    pandas.DataFrame, one row a prefecture with GDP of its own: prefecture_code, counties, with_gdp, gdp (yuan), and the
    sums of its counties over it, before_pct and after_pct. Only where with_gdp equals counties must it be near 100.

    Raises
    ------
    MissingDataError
        If a table has no figures of the year.
    """
    economy = tables["prefecture_economy"]
    for name, frame in (("prefecture_economy", economy), ("county_gdp", corrected)):
        years = sorted(frame["year"].unique().tolist())
        if year not in years:
            raise MissingDataError(f"{name} holds no figures of {year}; years with data: {years}. Choose among these.")
    gdp = economy.loc[economy["year"].eq(year)].set_index("code")["gdp_100m_yuan"].dropna() * 1e8
    links = tables["crosswalk"]
    units = pd.Index(sorted(links.loc[links["vintage"].eq(2021), "code"].unique()))
    sums = {}
    for name, frame in (("before_pct", published), ("after_pct", corrected)):
        of_year = frame.loc[frame["year"].eq(year)].set_index("code")["gdp_10k_yuan"].reindex(units) * 1e4
        by_prefecture = of_year.groupby(units.str[:4] + "00")
        sums[name] = by_prefecture.sum(min_count=1).reindex(gdp.index) / gdp * 100
    counts = by_prefecture.agg(["size", "count"]).reindex(gdp.index)
    evidence = pd.DataFrame({"counties": counts["size"], "with_gdp": counts["count"], "gdp": gdp, **sums})
    found = evidence.loc[evidence["with_gdp"] > 0].astype({"counties": int, "with_gdp": int})
    return found.rename_axis("prefecture_code").sort_index().reset_index()
