"""Written corrections of units in county GDP: recognised by the values, whatever the year and the file.

Yearbooks print money in yuan, in 10,000 yuan and in 100 million yuan, each 10,000 times the one before. Three things
know nothing of that unit: the residents of the nearest census, the published GDP per head, and the other years of the
same county. What they leave open stays as it is and meets the limits (:mod:`shanhai.data.plausibility`).
"""

import numpy as np
import pandas as pd

from shanhai.data.frames.residents import NEEDS, residents_behind
from shanhai.data.limits import GDP_PER_HEAD, PEOPLE_BEHIND
from shanhai.data.rules import Rule, Tables

STEP = 10_000
"""The factor between two units in use: yuan, 10,000 yuan, 100 million yuan."""

HONEST_RATIO = (PEOPLE_BEHIND.low, PEOPLE_BEHIND.high)
"""GDP over residents against the published GDP per head: the range that zones, redrawn districts and other population
bases explain. The ratios of 2021 lie in 0.36 to 3.72, or 10,000 times lower, with nothing between."""

_OTHER_UNIT = pd.DataFrame({"code": ["340181", "500110", "500111"], "year": 2001})
"""Codes of 2021 under which the rows of 2001 held another unit: Chaohu the former prefecture of that name, and the two
districts of Chongqing (Qijiang, Dazu) the former districts Wansheng and Shuangqiao, whose codes they took over."""

_SAME_LEVEL = 10.0
"""GDP of one year against the mean of the others: a quarter of the step between units, in logarithms."""

_SAME_SHARE = 10.0
"""The primary sector's share in GDP may move by this factor between two years: a quarter of the step between units."""

_FARMED = 0.01
"""Share of the primary sector in another year below which a district may lose all but a trace of it: in the centre of
Changsha it fell from 0.2 percent of GDP to 600,000 yuan, 60 in units of 10,000, which is no figure in 100 million."""

GDP, PRIMARY, PER_HEAD = "gdp_10k_yuan", "primary_gdp_10k_yuan", "gdp_per_capita_10k_yuan"


def _unit_factor(gdp: pd.DataFrame, residents: pd.Series) -> pd.Series:
    """What GDP must be multiplied by to be in 10,000 yuan: 10,000, 1 or 1/10,000, by row.

    Parameters
    ----------
    gdp : columns code, year, gdp_10k_yuan, gdp_per_capita_10k_yuan.
    residents : persons by row of `gdp`, missing where unknown.

    Returns
    -------
    pandas.Series. Where GDP per head is published and itself plausible, the factor brings the people implied within the
    honest range of the residents; else it brings GDP per resident within its limits; without residents, it brings the
    row to the other years of its code, of which at least two must be at hand. 1 where nothing decides.
    """
    per_resident = gdp[GDP] * STEP / residents
    ratio = gdp[GDP] / residents / gdp[PER_HEAD]
    trusted = ratio.notna() & _plausible(gdp[PER_HEAD] * STEP)
    beside = (gdp[GDP].where(gdp[GDP] > 0) / _other_years(gdp)).where(residents.isna())
    factor = pd.Series(1.0, index=gdp.index)
    for candidate in (float(STEP), 1 / STEP):
        by_head = trusted & (ratio * candidate).between(*HONEST_RATIO)
        by_level = ~trusted & per_resident.notna() & ~_plausible(per_resident) & _plausible(per_resident * candidate)
        by_years = (beside * candidate).between(1 / _SAME_LEVEL, _SAME_LEVEL)
        factor = factor.mask(by_head | by_level | by_years, candidate)
    return factor


def suspected_unit_errors(gdp: pd.DataFrame, residents: pd.Series) -> pd.Series:
    """Whether the GDP of a row is in another unit than 10,000 yuan: see :func:`_unit_factor`."""
    return _unit_factor(gdp, residents).ne(1)


def _plausible(yuan_per_head: pd.Series) -> pd.Series:
    return yuan_per_head.between(GDP_PER_HEAD.low, GDP_PER_HEAD.high)


def _other_years(gdp: pd.DataFrame) -> pd.Series:
    """Geometric mean of the other years of the same code, by row, where there are two or more."""
    logs = gdp[GDP].where(gdp[GDP] > 0).apply(np.log)
    by_code = logs.groupby(gdp["code"])
    others = by_code.transform("count") - 1
    return ((by_code.transform("sum") - logs) / others).where(others >= 2).apply(np.exp)


def _rescale(gdp: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    residents = residents_behind(gdp, tables)
    return _rescale_primary(_rescale_per_head(_rescale_gdp(gdp, residents), residents))


def _rescale_gdp(gdp: pd.DataFrame, residents: pd.Series) -> pd.DataFrame:
    factor = _unit_factor(gdp, residents)
    wrong = factor.ne(1)
    # A primary sector above GDP is in a unit of its own, which is looked at after this.
    with_primary = wrong & (gdp[PRIMARY] <= gdp[GDP])
    gdp.loc[wrong, GDP] = _scaled(gdp[GDP], factor)[wrong]
    gdp.loc[with_primary, PRIMARY] = _scaled(gdp[PRIMARY], factor)[with_primary]
    return gdp


def _scaled(values: pd.Series, factor: pd.Series) -> pd.Series:
    # Division by 10,000 gives the nearest decimal; a product with 0.0001 may not.
    return (values * factor).where(factor >= 1, values / STEP)


def _rescale_per_head(gdp: pd.DataFrame, residents: pd.Series) -> pd.DataFrame:
    """GDP per head in yuan: above its limit, and right for the residents once divided."""
    per_head = gdp[PER_HEAD] / STEP
    ratio = gdp[GDP] / residents / per_head
    fits = ratio.between(*HONEST_RATIO) | (ratio.isna() & _plausible(gdp[PER_HEAD]))
    wrong = (gdp[PER_HEAD] * STEP > GDP_PER_HEAD.high) & fits
    gdp.loc[wrong, PER_HEAD] = per_head[wrong]
    return gdp


def _rescale_primary(gdp: pd.DataFrame) -> pd.DataFrame:
    """Primary value added in another unit than GDP, by its share in the GDP of the nearest other year."""
    share = (gdp[PRIMARY] / gdp[GDP]).where(gdp[PRIMARY] > 0)
    other = _nearest_year(share, gdp)
    # Of two years that differ by a unit, the wrong one is above GDP itself, or would stay below it if multiplied.
    for factor, odd in ((float(STEP), (share * STEP <= 1) & other.ge(_FARMED)), (1 / STEP, share > 1)):
        wrong = odd & other.le(1) & (share * factor / other).between(1 / _SAME_SHARE, _SAME_SHARE)
        gdp.loc[wrong, PRIMARY] = _scaled(gdp[PRIMARY], pd.Series(factor, index=gdp.index))[wrong]
    return gdp


def _nearest_year(values: pd.Series, rows: pd.DataFrame) -> pd.Series:
    """Value of the nearest other year of the same code, by row; of two equally near the earlier."""
    frame = rows[["code", "year"]].assign(value=values).dropna(subset="value").sort_values(["code", "year"])
    by_code = frame.groupby("code")
    before, after = by_code.shift(1), by_code.shift(-1)
    sooner = (frame["year"] - before["year"]).fillna(np.inf) <= (after["year"] - frame["year"]).fillna(np.inf)
    return before["value"].where(sooner, after["value"]).reindex(rows.index)


def _drop_other_unit(gdp: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Where GDP over GDP per head implies another population than the unit of this code has."""
    ratio = gdp[GDP] / residents_behind(gdp, tables) / gdp[PER_HEAD]
    listed = pd.MultiIndex.from_frame(gdp[["code", "year"]]).isin(pd.MultiIndex.from_frame(_OTHER_UNIT))
    wrong = listed & ratio.notna() & ~ratio.between(*HONEST_RATIO)
    gdp.loc[wrong, [GDP, PRIMARY, PER_HEAD]] = np.nan
    return gdp


RULES: tuple[Rule, ...] = (
    Rule(
        id="gdp-unit",
        table="county_gdp",
        reason=(
            "GDP over residents is a ten-thousandth of the published GDP per head, or ten thousand times it, so the row"
            " is in 100 million yuan, or in yuan; where no GDP per head is published, GDP per resident or the other"
            " years of the county say so. Likewise GDP per head by GDP over residents, and primary value added by its"
            " share in another year. All are brought to 10,000 yuan."
        ),
        correct=_rescale,
        needs=NEEDS,
    ),
    Rule(
        id="gdp-other-unit",
        table="county_gdp",
        reason=(
            "The figures of 2001 are those of another unit of the same name or code (GDP over GDP per head implies"
            " its population); none is published for the unit of 2021, so they are set to missing."
        ),
        correct=_drop_other_unit,
        needs=NEEDS,
    ),
)
