"""The evaluation of the 26-county policy, registered on 2026-11-22 before any outcome of 2015 or later was compared.

What was looked at before: which years and counties have lights, national means by year (the sensor break), how the 26
and the other counties of Zhejiang overlap in pre-period level and terrain, and how many pairs each caliper gives. No
difference between treated and comparison in any year of the window was computed before this file was committed.

Main design. Policy year 2015: the first demonstration zones beyond industry, and the end of the label "underdeveloped"
for the 26. Window 2013-2022: one sensor. Outcome: log of light per km2. Comparison: other counties of Zhejiang, in
pairs with the 26 that are alike in mean log light of 2010-2012 and in ruggedness (caliper half a standard deviation);
level and ruggedness held fixed year by year. Only 10 of the 26 have such a counterpart: the others are darker than any
county of Zhejiang outside the list, so the main design does not speak about them.
"""

from dataclasses import replace

import pandas as pd

from shanhai.data.lights import PREFIX, SENSOR_BREAK, light_years
from shanhai.errors import MissingDataError, SpecificationError
from shanhai.model.policy.design import PolicyDesign
from shanhai.model.policy.panel import UNIT_COLUMNS, require_years

LEVEL_YEARS = (2010, 2011, 2012)
"""Years of the level: the last of the early sensor, before the window."""

MAIN = PolicyDesign(policy_year=2015, first_year=2013, last_year=2022, level_years=LEVEL_YEARS)
"""The registered main design."""

COMPARISONS = ("matched", "home", "neighbours", "all")
"""Comparisons of the registered variants, the main one first."""

OUTCOMES = ("log", "rank", "level")
"""Outcomes of the registered variants, the main one first."""

POLICY_YEARS = (2002, 2015, 2021)
"""Start of the Mountain-Sea collaboration (April 2002), first demonstration zones beyond industry, plan of 2021."""


def registered_designs() -> dict[str, PolicyDesign]:
    """The main design and its registered variants: each changes one thing.

    Returns
    -------
    dict
        ``main``; ``home``, ``neighbours``, ``all`` (comparison); ``rank``, ``level`` (outcome); ``wide`` (caliper one
        standard deviation); ``long`` (window from 2005: ten years before, across the sensor break); ``2021`` (policy
        year 2021, window from 2015: what the plan added to what was there).
    """
    by_comparison = {name: replace(MAIN, comparison=name) for name in ("home", "neighbours", "all")}
    by_outcome = {name: replace(MAIN, outcome=name) for name in ("rank", "level")}
    others = {
        "wide": replace(MAIN, caliper=1.0),
        "long": replace(MAIN, first_year=2005, level_years=(2002, 2003, 2004)),
        "2021": replace(MAIN, policy_year=2021, first_year=2015),
    }
    return {"main": MAIN, **by_comparison, **by_outcome, **others}


def policy_data(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Units and light per km2 for :func:`shanhai.model.policy.build_panel`.

    Parameters
    ----------
    frame : DataFrame
        Of ``analysis_frame()``.

    Returns
    -------
    units : DataFrame
        Counties: region the province, cluster the prefecture, treated the 26, alike the counties that touch a
        provincial border and are mountainous, terrain the ruggedness in metres.
    values : DataFrame
        Light sum over area by code and year, nW/cm2/sr per km2.
    """
    alike = frame["on_border"].astype("boolean").fillna(False) & frame["is_mountainous"].astype("boolean").fillna(False)
    units = pd.DataFrame(
        {
            "code": frame["code"],
            "name_en": frame["name_en"],
            "name_zh": frame["name_zh"],
            "region": frame["province_code"],
            "cluster": frame["prefecture_code"],
            "treated": frame["is_mountain_26"].astype(bool),
            "alike": alike.astype(bool),
            "adjacent": frame["neighbour_provinces"].fillna("").astype(object),
            "terrain": frame["ruggedness"].astype("float64"),
        }
    )[list(UNIT_COLUMNS)]
    years = light_years(frame)
    lights = frame.set_index("code")[[f"{PREFIX}{year}" for year in years]].set_axis(list(years), axis="columns")
    area = frame.set_index("code")["area_km2"].astype("float64")
    return units, lights.astype("float64").div(area, axis=0)


def crosses_sensors(design: PolicyDesign) -> bool:
    """Whether the window runs across the change of sensor."""
    return design.first_year < SENSOR_BREAK <= design.last_year


def refusals(values: pd.DataFrame, years: tuple[int, ...] = POLICY_YEARS) -> pd.DataFrame:
    """Which policy years the data can carry, from the first year with data on.

    Returns
    -------
    DataFrame
        policy_year, accepted, reason (empty where accepted): the design refuses fewer than two years before.
    """
    first, last = int(min(values.columns)), int(max(values.columns))
    rows = []
    for year in years:
        try:
            design = PolicyDesign(year, first, last, level_years=(first,))
            require_years(design, values)
            rows.append((year, True, ""))
        except (SpecificationError, MissingDataError) as reason:
            rows.append((year, False, str(reason)))
    return pd.DataFrame(rows, columns=["policy_year", "accepted", "reason"])
