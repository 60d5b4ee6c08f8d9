"""Growth arithmetic: compound growth in percent a year, and changes in points a year."""

from typing import Literal

from shanhai.core.errors import SpecificationError
from shanhai.methods.checks import as_number

Kind = Literal["growth", "points"]
"""How a quantity moves: by a constant rate (percent a year) or by constant points a year."""


def annual_growth(first: float, last: float, years: float) -> float:
    """Compound growth that leads from one positive value to another, percent a year.

    ``first * (1 + growth / 100) ** years == last``; a missing value gives a missing growth.

    Raises
    ------
    SpecificationError
        If the span is not positive, or a value is zero, negative or infinite, for which no rate exists.
    """
    years = _span(years)
    first, last = as_number(first, "the first value", missing=True), as_number(last, "the last value", missing=True)
    for value in (first, last):
        if value <= 0:
            raise SpecificationError(
                f"growth from {first!r} to {last!r}; allowed: positive values, since a rate has no other. Take points "
                "for shares near zero."
            )
    # A missing value fails no comparison above and stays missing here.
    return float(100 * ((last / first) ** (1 / years) - 1))


def annual_points(first: float, last: float, years: float) -> float:
    """Constant change that leads from one value to another, points a year.

    Raises
    ------
    SpecificationError
        If the span is not positive, or a value is infinite; a missing one gives a missing change.
    """
    years = _span(years)
    first, last = as_number(first, "the first value", missing=True), as_number(last, "the last value", missing=True)
    return (last - first) / years


def growth_needed(now: float, target: float, years: float) -> float:
    """Compound growth from now on that ends at the target, percent a year.

    Of a ratio to another place it is the growth needed *relative* to that place: at ``g`` percent a year there, the
    place itself must grow by ``(1 + g / 100) * (1 + needed / 100) - 1``.
    """
    return annual_growth(now, target, years)


def points_needed(now: float, target: float, years: float) -> float:
    """Points a year from now on that end at the target."""
    return annual_points(now, target, years)


def carried_on(now: float, pace: float, years: float, kind: Kind = "growth") -> float:
    """Value after some years at a constant pace; inverse of :func:`annual_growth` and :func:`annual_points`.

    Raises
    ------
    SpecificationError
        If the span is negative or infinite, the value or the pace is infinite, or the kind is unknown.
    """
    years = as_number(years, "the span in years", least=0)
    now, pace = as_number(now, "the value", missing=True), as_number(pace, "the pace", missing=True)
    if kind == "growth":
        return float(now * (1 + pace / 100) ** years)
    if kind == "points":
        return float(now + pace * years)
    raise SpecificationError(f"kind {kind!r} is unknown; allowed: growth, points. Choose one.")


def _span(years: float) -> float:
    number = as_number(years, "the span in years")
    if number <= 0:
        raise SpecificationError(
            f"a span of {years!r} years; allowed: a positive finite number. The later year comes second."
        )
    return number
