"""Written corrections of the tables of the economy, in their order; those of registered population stand here.

Each rule states its condition in bounds declared here; what no rule explains stays as published and becomes a flag
(:mod:`shanhai.data.flags._economy`).
"""

import numpy as np
import pandas as pd

from shanhai.data.corrections import _gdp as clean_gdp
from shanhai.data.corrections import _prefecture as clean_prefecture
from shanhai.data.corrections._displacement import KEY, nearest_years
from shanhai.data.rules import Rule, Tables

DECIMAL_TOLERANCE = 0.04
"""Largest relative departure from a power of ten at which a slipped decimal point is the explanation."""

_OWN_MEDIAN_RATIO = (0.4, 2.5)
"""Registered population over the median of all years of the same code: outside, the figure is doubtful."""


def _decimal_slip(values: pd.Series, reference: pd.Series, tolerance: float = DECIMAL_TOLERANCE) -> pd.Series:
    """Power of ten by which a value exceeds its reference, 0 where no power but 1 explains it.

    A slip is seen where value over reference is within `tolerance` of 10, 100, ... or 0.1, 0.01, ...
    """
    quotient = values.where(values > 0) / reference.where(reference > 0)
    exponent = quotient.map(np.log10, na_action="ignore")
    power = exponent.round()
    near = (exponent - power).abs() <= np.log10(1 + tolerance)
    return power.where(near, 0).fillna(0).astype(int)


def _mend_hukou_decimals(hukou: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    column = "hukou_population_10k"
    median = hukou.groupby("code")[column].transform("median")
    doubtful = ~(hukou[column] / median).between(*_OWN_MEDIAN_RATIO) & hukou[column].notna()
    reference = nearest_years(hukou.set_index(KEY)[column], count=4).set_axis(hukou.index)
    slip = _decimal_slip(hukou.loc[doubtful, column], reference[doubtful])
    slip = slip[slip.ne(0)]
    hukou.loc[slip.index, column] = hukou.loc[slip.index, column] / 10.0**slip
    return hukou


def _mend_negative_rural(hukou: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    wrong = hukou["resident_rural_10k"] < 0
    total = hukou["resident_urban_10k"] + hukou["resident_rural_10k"]
    urban = hukou["resident_urban_10k"] / 100
    hukou.loc[wrong, "resident_urban_10k"] = urban[wrong]
    hukou.loc[wrong, "resident_rural_10k"] = (total - urban)[wrong].round(2)
    return hukou


COUNTY_RULES: tuple[Rule, ...] = (
    *clean_gdp.RULES,
    Rule(
        id="hukou-decimal-point",
        table="county_hukou",
        reason=(
            "The figure is a power of ten times the median of the four nearest years (within 4 percent), so the"
            " decimal point slipped; it is divided by that power."
        ),
        correct=_mend_hukou_decimals,
    ),
    Rule(
        id="hukou-negative-rural",
        table="county_hukou",
        reason=(
            "The rural population is negative because the urban one lost its decimal point (2855 for 28.55); the urban"
            " figure is divided by 100 and the rural one is the published total less the urban."
        ),
        correct=_mend_negative_rural,
    ),
)

RULES: tuple[Rule, ...] = (*COUNTY_RULES, *clean_prefecture.RULES)
