"""The evaluation of the 26-county policy, fixed on 2026-11-22 before any outcome of 2015 or later was compared.

What was looked at before: which years and counties have lights, national means by year (the sensor break), how the 26
and the other counties of Zhejiang overlap in pre-period level and terrain, and how many pairs each caliper gives. No
difference between treated and comparison in any year of the window was computed before this file was committed.

Main design. Policy year 2015: the first demonstration zones beyond industry, and the end of the label "underdeveloped"
for the 26. Window 2013-2022: one sensor. Outcome: log of light per km2. Comparison: other counties of Zhejiang, in
pairs with the 26 that are alike in mean log light of 2010-2012 and in ruggedness (caliper half a standard deviation);
level and ruggedness held fixed year by year. Only 10 of the 26 have such a counterpart: the others are darker than any
county of Zhejiang outside the list, so the main design does not speak about them.

Whole prefectures, fixed on the same day: all six counties of Quzhou and all nine of Lishui are among the 26, so that
each prefecture is one treated unit. Donors: every prefecture of the adjacent provinces Anhui, Fujian and Jiangxi
(Shanghai and Jiangsu have none that is like them). Outcome: log of light per km2 of the prefecture. Window: all years;
the change of sensor is met by donors that are as bright, and checked by placebos in space.

Changed after the first results, the same day: the placebo of other provinces (:data:`FIRST_PLACEBO`). It first paired
stand-ins of all 26 and counted draws; it now compares stand-ins of the compared counties only, leaves out provinces
with too few of them, and counts provinces. Samples, estimates and all other tests are as fixed beforehand.

Added on 2026-11-28, when all of these estimates had been seen: the forms (:func:`form_designs`), growth of GDP (of
counties, :data:`GDP`, and of whole prefectures by year, ``gdp.py``) and the rule of :func:`why_not`, which says when
the policy cannot be evaluated. The plain difference stands first because it is what anybody would compute first, and
the forms after it because most of the 26 lie below every county that they are compared with: there the form fills the
gap. None of them replaces the main design; the notebook says what had been seen. Of the forms, none, lines and square
had been tried before this was written, thirds had not; of GDP by county nothing had been computed. That Quzhou and
Lishui caught up to 2014 and fell back after it was known from GDP at current prices; growth at constant prices stands
first because prices and later revisions of the level need not be alike in all cities.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

import pandas as pd

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.data.frames.lights import SENSOR_BREAK
from shanhai.data.load import load_table
from shanhai.methods.did import Comparison, Form, PolicyDesign, require_years

_LEVEL_YEARS = (2010, 2011, 2012)
"""Years of the level: the last of the early sensor, before the window."""

MAIN = PolicyDesign(policy_year=2015, first_year=2013, last_year=2022, level_years=_LEVEL_YEARS)
"""The pre-specified main design."""

POLICY_YEARS = (2002, 2015, 2021)
"""Start of the Mountain-Sea collaboration (April 2002), first demonstration zones beyond industry, plan of 2021."""

VARIANTS: dict[str, PolicyDesign] = {
    "main": MAIN,
    "home": replace(MAIN, comparison="home"),
    "neighbours": replace(MAIN, comparison="neighbours"),
    "all": replace(MAIN, comparison="all"),
    "rank": replace(MAIN, outcome="rank"),
    "level": replace(MAIN, outcome="level"),
    "wide": replace(MAIN, caliper=1.0),
    "long": replace(MAIN, first_year=2005, level_years=(2002, 2003, 2004)),
    "2021": replace(MAIN, policy_year=2021, first_year=2015),
}
"""The main design and its pre-specified variants, each changing one thing: the comparison; the outcome; the caliper;
the window, from 2005 (ten years before, across the sensor break); the policy year, with a window from 2015 (what the
plan added to what was there)."""

FIRST_PLACEBO = {"mean": -0.006, "p": 0.88}
"""What the placebo of other provinces gave in its first form, of 2026-11-22."""

COMPARISONS: tuple[Comparison, ...] = ("home", "matched", "neighbours", "all")
"""Comparisons in the order of the table of forms: the plain one first."""

FORMS: tuple[Form, ...] = get_args(Form)
"""Forms in the order of the table: nothing held fixed, straight lines, the square of the level, thirds of the level."""

PLAIN: tuple[Comparison, Form] = ("home", "none")
"""The difference-in-differences that is the simplest first: the 26 against all other counties of the province."""

GDP = PolicyDesign(2015, 2001, 2021, "home", "log", level_years=(2001,), form="none", step=10)
"""GDP per km2 at current prices: the three years that the county table holds, two of them before the policy."""

YEARLY_FROM = 2001
"""First level of the yearly series: the last year before the collaboration began, and the first with light."""

LEAST_COMPARED = 0.5
"""Share of the treated counties that must have a counterpart, or the main design speaks of a minority."""

PREFECTURES = ("330800", "331100")
"""Prefectures that the policy covers wholly: Quzhou, Lishui."""

DONOR_PROVINCES = ("340000", "350000", "360000")
"""Anhui, Fujian, Jiangxi."""


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
    """Years of the level for a window: those of the main design if before it, else up to three years before.

    A window that begins with the data has nothing before it and takes its own first year.
    """
    if max(_LEVEL_YEARS) < first_year:
        return _LEVEL_YEARS
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


def form_designs(design: PolicyDesign) -> dict[tuple[Comparison, Form], PolicyDesign]:
    """The design under every comparison and form, the plain one first."""
    return {(who, form): replace(design, comparison=who, form=form) for who in COMPARISONS for form in FORMS}


def why_not(
    plain: float, others: Sequence[float], compared: float, hidden: float, detectable: float
) -> tuple[str, ...]:
    """Reasons for which a design cannot evaluate the policy; none if it can.

    Parameters
    ----------
    plain : the plain difference, the yardstick of what should be told from nothing.
    others : the same comparison in the other forms.
    compared : share of the treated counties that have a counterpart.
    hidden : bias of a straight trend that the test of trends finds in four cases of five.
    detectable : effect that the test of the effect finds in four cases of five.

    Returns
    -------
    tuple of str
        ``form`` (the sign turns with the form), ``few`` (most treated counties have no counterpart), ``trend`` (a trend
        that biases by as much as the plain difference could pass unseen), ``power`` (so could an effect of that size).
    """
    reasons = {
        "form": min(plain, *others) < 0 < max(plain, *others),
        "few": compared < LEAST_COMPARED,
        "trend": hidden > abs(plain),
        "power": detectable > abs(plain),
    }
    return tuple(name for name, holds in reasons.items() if holds)


def design_name(design: PolicyDesign) -> str:
    """Key of a pre-specified design, ``chosen`` for any other."""
    return next((name for name, known in VARIANTS.items() if known == design), "chosen")
