"""Written corrections of the tables, and the detectors that recognise what they correct."""

from shanhai.data.corrections._displaced import (
    HUKOU,
    MONEY,
    population_behind,
    registered_by_census,
    resident_figures,
    usual_hukou,
)
from shanhai.data.corrections._displacement import KEY, block_levels, logs, nearest_years
from shanhai.data.corrections._investment import INVESTMENT
from shanhai.data.corrections._repeats import repeated_figures
from shanhai.data.corrections._sectors import GDP, SHARES, SUM_TOLERANCE, VALUES, sum_ratio, value_shares, years_around

__all__ = [
    "GDP",
    "HUKOU",
    "INVESTMENT",
    "KEY",
    "MONEY",
    "SHARES",
    "SUM_TOLERANCE",
    "VALUES",
    "block_levels",
    "logs",
    "nearest_years",
    "population_behind",
    "registered_by_census",
    "repeated_figures",
    "resident_figures",
    "sum_ratio",
    "usual_hukou",
    "value_shares",
    "years_around",
]
