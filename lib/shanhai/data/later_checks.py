"""Hold later figures of a user against units, limits, the bundled figures of the same place, and each other."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any

import pandas as pd

from shanhai.core.errors import UnknownPlaceError, ValidationError
from shanhai.data import limits
from shanhai.data.limits import Limit

SHOWN = 20
"""Refused rows that an error lists."""

AGREEMENT = Limit(
    "per_head_agrees", "GDP per head times residents over GDP", 0.9, 1.1,
    "average against year-end residents differ by less than a tenth",
)  # fmt: skip

PEOPLE_BEHIND = Limit(
    "people_behind_gdp", "people implied by GDP over GDP per head, as a multiple of the residents of 2020", 0.5, 2.0,
    "a bundled figure is recent, so zones and other populations explain less than over twenty years",
)  # fmt: skip

_INCOMES = Limit(
    "urban_over_rural_income", "urban over rural income", 1.0, 4.0,
    "the widest gap of a province was 3.3 in 2020 (Gansu), and no county's rural residents earn more than its urban",
)  # fmt: skip

Row = Mapping[Hashable, Any]


def require_form(
    figures: pd.DataFrame, codes: set[str], units: Mapping[str, Mapping[str, float]], until: Mapping[str, int]
) -> None:
    """Refuse unknown places, units that an indicator does not have, and years that the bundled tables cover."""
    unknown = sorted(set(figures["code"]) - codes)
    if unknown:
        raise UnknownPlaceError(
            f"later_figures names {unknown}, which are no counties of the 2020 census; allowed are their codes, 330000"
            " for Zhejiang and 000000 for China. Correct the code."
        )
    for row in figures.to_dict("records"):
        allowed = units[row["indicator"]]
        if row["unit"] not in allowed:
            raise ValidationError(
                f"later_figures gives {_what(row)} in {row['unit']!r}; allowed units are {list(allowed)}. Convert the "
                "value or correct the unit."
            )
        if row["year"] <= until.get(row["indicator"], 0):
            raise ValidationError(
                f"later_figures gives {_what(row)}, but the bundled tables reach {until[row['indicator']]}; allowed are"
                " later years. To change an earlier figure, replace its table."
            )


def require_plausible(figures: pd.DataFrame, bundled: pd.DataFrame, until: Mapping[str, int]) -> None:
    """Refuse every row outside a limit, all of them in one message.

    Parameters
    ----------
    figures : code, year, indicator, value (yuan, persons or percent), and as the user wrote them given and unit.
    bundled : by code: gdp, gdp_per_head, residents, urban_share (yuan, persons, percent); missing where unknown.
    until : year of the bundled figure by indicator.

    Raises
    ------
    ValidationError
    """
    values = {(row["code"], row["year"], row["indicator"]): row["value"] for row in figures.to_dict("records")}
    lines = []
    for row in figures.to_dict("records"):
        found = [told for check in CHECKS for told in check(row, values, bundled, until)]
        if found:
            written = f"{row['code']},{row['year']},{row['indicator']},{row['given']:.15g},{row['unit']}"
            lines.append(f"  {written}: {'; '.join(found)}")
    if lines:
        more = f"\n  and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
        raise ValidationError(
            f"Of {len(figures)} later_figures, refused as implausible: {len(lines)}.\n"
            + "\n".join(lines[:SHOWN]) + more
            + "\nCheck value and unit of each: is it of this place, a share in percent, a sum of the whole year?"
        )  # fmt: skip


Values = Mapping[tuple[str, int, str], float]
Check = Callable[[Row, Values, pd.DataFrame, Mapping[str, int]], Iterator[str]]


def _alone(row: Row, values: Values, bundled: pd.DataFrame, until: Mapping[str, int]) -> Iterator[str]:
    """The figure by itself."""
    if row["indicator"] in limits.LATER:
        yield from _outside(row["value"], limits.LATER[row["indicator"]])


def _carried(row: Row, values: Values, bundled: pd.DataFrame, until: Mapping[str, int]) -> Iterator[str]:
    """The figure beside the bundled one of the same place, which may not even be of another size."""
    indicator = row["indicator"]
    base = bundled[indicator].get(row["code"]) if indicator in bundled.columns else None
    if base is None or pd.isna(base):
        return
    years = row["year"] - until[indicator]
    if indicator == "urban_share":
        points = limits.URBAN_SHARE_ONCE + limits.URBAN_SHARE_YEARLY * years
        rule, (low, high) = "urban_share_carried", (base - points, base + points)
    else:
        rule, (low, high) = limits.CARRIED[indicator].id, limits.CARRIED[indicator].bounds(base, years)
    if not low <= row["value"] <= high:
        yield (
            f"{row['value']:,.6g} beside {base:,.6g} in {until[indicator]}; least allowed is {low:,.6g}, most allowed"
            f" is {high:,.6g} (rule {rule}: beyond, it is of another unit or place)"
        )


def _over_gdp(row: Row, values: Values, bundled: pd.DataFrame, until: Mapping[str, int]) -> Iterator[str]:
    """The figure over GDP, or over residents, of the same year, else the bundled ones."""
    indicator = row["indicator"]
    if indicator not in limits.LATER_OVER:
        return
    of = "residents" if indicator == "visitors" else "gdp"
    base = values.get((row["code"], row["year"], of), bundled[of].get(row["code"]))
    if base is not None and base > 0:
        yield from _outside(row["value"] / base * (1 if of == "residents" else 100), limits.LATER_OVER[indicator])


def _beside(row: Row, values: Values, bundled: pd.DataFrame, until: Mapping[str, int]) -> Iterator[str]:
    """The figure beside others of the same place and year."""
    own = {name: values.get((row["code"], row["year"], name)) for name in ("gdp", "gdp_per_head", "residents")}
    gdp, per_head, people = own["gdp"], own["gdp_per_head"], own["residents"]
    if row["indicator"] in ("gdp", "residents") and gdp and people:
        yield from _outside(gdp / people, limits.GDP_PER_HEAD_LATER)
    if row["indicator"] in own and gdp and per_head and people:
        ratio = per_head * people / gdp
        told = f"GDP per head of {row['code']} in {row['year']} is {ratio:.2f} times GDP over residents: "
        yield from (told + why for why in _outside(ratio, AGREEMENT))
    counted = bundled["residents"].get(row["code"])
    if row["indicator"] in ("gdp", "gdp_per_head") and gdp and per_head and counted:
        yield from _outside(gdp / per_head / counted, PEOPLE_BEHIND)
    urban, rural = (values.get((row["code"], row["year"], f"{kind}_income")) for kind in ("urban", "rural"))
    if row["indicator"] in ("urban_income", "rural_income") and urban and rural:
        yield from _outside(urban / rural, _INCOMES)


CHECKS: tuple[Check, ...] = (_alone, _carried, _over_gdp, _beside)


def _outside(measured: float, limit: Limit) -> Iterator[str]:
    if not limit.low <= measured <= limit.high:
        yield f"gives {measured:,.6g} as {limit}"


def _what(row: Row) -> str:
    return f"{row['indicator']} of {row['code']} in {row['year']}"
