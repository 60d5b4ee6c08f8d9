"""GDP as a second outcome: growth of counties between three years, and of whole prefectures by year."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.random import default_rng

from shanhai.core.errors import MissingDataError
from shanhai.core.places import require_codes
from shanhai.core.shared import shared
from shanhai.data.frames.unions import INSIDE
from shanhai.methods.did import PolicyPanel, build_panel, effect, placebo_regions, wild_effect
from shanhai.studies.policy.analysis import Draws, detectable_effect
from shanhai.studies.policy.design import FORMS, GDP, PREFECTURES, YEARLY_FROM

PRICES = {"constant": "gdp_growth_pct", "current": "gdp_100m_yuan"}
"""Growth as published, at constant prices; change of the log of GDP at current prices. The first is the main one."""


_GDP_CHANGES = {
    "before": np.array([-1.0, 1.0, 0.0]),
    "across": np.array([0.0, -1.0, 1.0]),
    "difference": np.array([1.0, -2.0, 1.0]),
}
"""Changes of log GDP, as weights of 2001, 2011 and 2021."""


def gdp_data(frame: pd.DataFrame, units: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Units with GDP of all three years, and their GDP per km2 (10,000 yuan, current prices).

    Parameters
    ----------
    frame : DataFrame
        Of ``analysis_frame()``.
    units : DataFrame
        Of :func:`policy_data`.

    Returns
    -------
    units : DataFrame
        Those with figures. Cangnan is taken with Longgang, which left it in 2019: the area is that of both.
    values : DataFrame
        By code and year.
    without : DataFrame
        Treated units that lack a year: code, name_en, name_zh.
    """
    rows = frame.set_index("code")
    gdp = rows[[f"gdp_{year}" for year in GDP.years]].set_axis(list(GDP.years), axis="columns").astype("float64") / 1e4
    last = gdp[GDP.last_year].copy()
    for part, whole in INSIDE.items():
        last[whole] += last[part]
    gdp = gdp.drop(columns=GDP.last_year).assign(last=last).rename(columns={"last": GDP.last_year})
    gdp = gdp.drop(index=list(INSIDE)).reindex(rows.index)
    values = gdp.div(rows["area_km2"].astype("float64"), axis=0)
    known = units["code"].map(values.notna().all(axis=1))
    lacking = units.loc[units["treated"] & ~known, ["code", "name_en", "name_zh"]].reset_index(drop=True)
    return units[known].reset_index(drop=True), values, lacking


@shared
def gdp_effects(units: pd.DataFrame, values: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """Growth of GDP of the treated less that of the comparison, before the policy and across it, in every form.

    Parameters
    ----------
    units, values : DataFrame
        Of :func:`gdp_data`.
    draws : Draws

    Returns
    -------
    DataFrame
        form, change (``before`` 2001-2011, ``across`` 2011-2021, ``difference`` of the second less the first: the
        effect had the earlier trend gone on), estimate, mean (of all counties), low, high (wild bootstrap),
        detectable (of ``detectable_effect``), placebo (mean over other provinces), net, region_p, regions, apart
        (treated counties in a third of the level of 2001 that holds no other), n_treated, n_comparison, clusters,
        spec_id.
    """
    rows = []
    for form in FORMS:
        design = replace(GDP, form=form)
        panel = build_panel(design, units, values)
        placebo = placebo_regions(panel, units, values, draws.placebos, default_rng(draws.seed))
        for change, weights in _GDP_CHANGES.items():
            made, elsewhere = panel.paths @ weights, placebo.paths @ weights
            result = effect(panel, made)
            wild = wild_effect(panel, draws.permutations, draws.seed, made)
            place, clusters = result.position("treated"), panel.units["cluster"].nunique()
            there = replace(placebo, estimate=float(result.params[place]), effects=elsewhere)
            rows.append(
                {
                    "form": form, "change": change, "estimate": there.estimate, "mean": float(made.mean()),
                    "low": wild.low, "high": wild.high, "detectable": detectable_effect(wild, clusters),
                    "placebo": there.mean, "net": there.net, "region_p": there.p, "regions": len(there.region_means),
                    "apart": _apart(panel), "n_treated": int(panel.treated.sum()),
                    "n_comparison": int((~panel.treated).sum()), "clusters": clusters, "spec_id": design.spec_id,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def _apart(panel: PolicyPanel) -> int:
    """Treated units in a stratum without untreated ones."""
    share = panel.units.groupby("stratum")["treated"].transform("mean")
    return int((share == 1).sum())


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
        others)); change, larger and p are missing where a period has no growth.
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
            known_change = np.isfinite(change[code])
            larger = int((others.abs() >= abs(change[code])).sum()) if known_change else np.nan
            rows.append(
                {
                    "prices": prices, "code": code, "before": before[code], "after": after[code],
                    "recent": growth.loc[~under, code].tail(3).mean(), "change": change[code],
                    "years_before": int(known[~under].sum()),
                    "years_after": int(known[under].sum()), "missing": ";".join(map(str, growth.index[~known])),
                    "larger": larger, "others": len(others),
                    "p": (1 + larger) / (1 + len(others)),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)
