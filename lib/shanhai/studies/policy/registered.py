"""The evaluation of the 26-county policy, registered on 2026-11-22 before any outcome of 2015 or later was compared.

What was looked at before: which years and counties have lights, national means by year (the sensor break), how the 26
and the other counties of Zhejiang overlap in pre-period level and terrain, and how many pairs each caliper gives. No
difference between treated and comparison in any year of the window was computed before this file was committed.

Main design. Policy year 2015: the first demonstration zones beyond industry, and the end of the label "underdeveloped"
for the 26. Window 2013-2022: one sensor. Outcome: log of light per km2. Comparison: other counties of Zhejiang, in
pairs with the 26 that are alike in mean log light of 2010-2012 and in ruggedness (caliper half a standard deviation);
level and ruggedness held fixed year by year. Only 10 of the 26 have such a counterpart: the others are darker than any
county of Zhejiang outside the list, so the main design does not speak about them.

Changed after the first results, the same day: the placebo of other provinces. It first paired stand-ins of all 26 and
counted draws (mean -0.006, p 0.88); it now compares stand-ins of the compared counties only, leaves out provinces with
too few of them, and counts provinces. Samples, estimates and all other tests are as registered.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.data.frames.lights import PREFIX, SENSOR_BREAK, light_years
from shanhai.data.load import load_table
from shanhai.methods.did.panel import (
    UNIT_COLUMNS,
    Comparison,
    PolicyDesign,
    comparison_mask,
    home_region,
    require_years,
    scale_outcome,
)
from shanhai.studies.policy.evaluation import Draws, Evaluation, evaluate

LEVEL_YEARS = (2010, 2011, 2012)
"""Years of the level: the last of the early sensor, before the window."""

MAIN = PolicyDesign(policy_year=2015, first_year=2013, last_year=2022, level_years=LEVEL_YEARS)
"""The registered main design."""

COMPARISONS: tuple[Comparison, ...] = ("matched", "home", "neighbours", "all")
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
    by_comparison: dict[str, PolicyDesign] = {name: replace(MAIN, comparison=name) for name in COMPARISONS[1:]}
    by_outcome = {name: replace(MAIN, outcome=name) for name in ("rank", "level")}
    others = {
        "wide": replace(MAIN, caliper=1.0),
        "long": replace(MAIN, first_year=2005, level_years=(2002, 2003, 2004)),
        "2021": replace(MAIN, policy_year=2021, first_year=2015),
    }
    return {"main": MAIN, **by_comparison, **by_outcome, **others}


def policy_data(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Units and light per km2 for :func:`shanhai.methods.did.panel.build_panel`.

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


def group_paths(units: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """Mean log light per km2 by year: the 26, the other counties of Zhejiang, border-and-mountain ones next to it.

    Returns
    -------
    DataFrame
        Index the year; columns ``listed``, ``home``, ``neighbours``. Counties with light in every year.
    """
    logs = scale_outcome(MAIN, values).dropna()
    treated = units["treated"].to_numpy(dtype=bool)
    home = home_region(units)
    members: dict[str, NDArray[np.bool_]] = {"listed": treated}
    for name in COMPARISONS[1:3]:
        members[name] = comparison_mask(units, home, treated, replace(MAIN, comparison=name))
    return pd.DataFrame({name: logs.reindex(units.loc[mask, "code"]).dropna().mean() for name, mask in members.items()})


def check_window(policy_year: int, first_year: int, last_year: int) -> None:
    """Refuse a window without two years before the policy, or years without light, before work starts.

    Raises
    ------
    SpecificationError
        If fewer than two years lie before the policy year, or none from it on.
    MissingDataError
        If the window holds years without light; the message names those that there are.
    """
    design = PolicyDesign(policy_year, first_year, last_year, level_years=level_years(first_year))
    require_years(design, pd.DataFrame(columns=sorted(set(load_table("county_lights")["year"]))))


def level_years(first_year: int) -> tuple[int, ...]:
    """Years of the level for a window: those of the registered design if before it, else up to three years before.

    A window that begins with the data has nothing before it and takes its own first year.
    """
    if max(LEVEL_YEARS) < first_year:
        return LEVEL_YEARS
    earliest = min(load_table("county_lights")["year"])
    return tuple(range(max(int(earliest), first_year - 3), first_year)) or (first_year,)


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


def design_name(design: PolicyDesign) -> str:
    """Name of a registered design, ``chosen`` for any other."""
    return next((name for name, one in registered_designs().items() if one == design), "chosen")


def evaluate_registered(
    design: PolicyDesign, units: pd.DataFrame, values: pd.DataFrame, draws: Draws, variant_placebos: int
) -> dict[str, Evaluation]:
    """Evaluate a design and the registered ones.

    Parameters
    ----------
    design : PolicyDesign
        Comes first, under its name by :func:`design_name`.
    units, values : DataFrame
        Of :func:`policy_data`.
    draws : Draws
        Of the design that comes first.
    variant_placebos : int
        Sets of stand-ins of the others.
    """
    designs = registered_designs()
    first = design_name(design)
    fewer = replace(draws, placebos=variant_placebos)
    others = {name: one for name, one in designs.items() if name != first}
    found = {first: evaluate(design, units, values, draws)}
    return found | {name: evaluate(one, units, values, fewer) for name, one in others.items()}
