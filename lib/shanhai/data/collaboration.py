"""Figures on collaborations: targets, results and expectations of a pair by indicator and year, as they are printed.

The bundled table ``collaboration`` holds what the five documents print. A user's own takes its place in
``.shanhai.toml``, or comes by its path; ``shanhai form collaboration`` writes an empty one, to be filled in.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

from shanhai.core.errors import ValidationError
from shanhai.core.places import ZHEJIANG
from shanhai.data.load import load_own_table, load_table

PROGRAMME = (ZHEJIANG, ZHEJIANG)
"""Pair that stands for the collaboration of mountain and sea in Zhejiang as a whole."""

FIRST_YEAR, LAST_YEAR = 1996, 2040
"""Years that a figure may be of: cooperation of east and west began in 1996 (bazhong-2024, line 24)."""

_FAMILIES: tuple[Mapping[str, float], ...] = (
    {"yuan": 1.0, "10k yuan": 1e4, "100m yuan": 1e8},
    {"persons": 1.0, "10k persons": 1e4},
)
_FEWEST, _MOST = 0.001, 100.0
"""A result of so many times its target is taken for one in another unit."""

_SHOWN = 20
"""Refused rows that an error lists."""

_Row = Mapping[Hashable, Any]


def _units_of(unit: str) -> Mapping[str, float]:
    """Units in which a figure may be given that is compared in `unit`, and what one of them is in it.

    Examples
    --------
    >>> _units_of("persons")
    {'persons': 1.0, '10k persons': 10000.0}
    >>> _units_of("parks")
    {'parks': 1.0}
    """
    return next((family for family in _FAMILIES if unit in family), {unit: 1.0})


def load_collaboration(path: str = "") -> pd.DataFrame:
    """Figures of the table in force, or of a user's file by its path, checked; see :func:`check_collaboration`.

    Parameters
    ----------
    path : str
        A CSV file with the columns of the table; a relative one counts from the root of the project. Empty: the table
        in force, which is the user's own if the settings name one.

    Raises
    ------
    SettingsError, UnknownPlaceError, ValidationError
        If there is no such file, or its figures do not pass.
    """
    figures = load_own_table("collaboration", Path(path)) if path else load_table("collaboration")
    return check_collaboration(figures, load_table("collaboration_indicators"), load_table("pairings"))


def check_collaboration(figures: pd.DataFrame, indicators: pd.DataFrame, pairings: pd.DataFrame) -> pd.DataFrame:
    """Check figures on collaborations, and bring those that are filled in to the unit of their indicator.

    Parameters
    ----------
    figures : table ``collaboration``.
    indicators : table ``collaboration_indicators``.
    pairings : table ``pairings``: a pair must be one of these, or the programme as a whole.

    Returns
    -------
    DataFrame of the rows with a value: the columns of the table, with ``given`` (the value as printed), ``value``,
    ``low`` and ``high`` in the unit of the indicator. A figure printed as more than x has no upper end (infinity), one
    printed as less than x starts at 0, and a round one reaches half a unit of its last digit to either side.

    Raises
    ------
    ValidationError
        Naming each row with its value, what is allowed and the next step: an unknown pair or indicator, a unit that the
        indicator does not have, a negative value, a share above 100 percent, a year out of range or before its first, a
        target without a year, a value without a document, or a result that is of another unit than its target.
    """
    units = dict(indicators[["indicator", "unit"]].itertuples(index=False, name=None))
    pairs = {PROGRAMME, *pairings[["mountain_code", "sea_code"]].itertuples(index=False, name=None)}
    _refuse(figures, lambda row: _problems(row, units, pairs))
    filled = figures[figures["value"].notna()].copy()
    factors = [_units_of(units[row["indicator"]])[row["unit"]] for row in filled.to_dict("records")]
    ends = [_ends(value, bound) for value, bound in filled[["value", "bound"]].itertuples(index=False, name=None)]
    filled["given"], filled["factor"] = filled["value"], factors
    filled["low"], filled["high"] = [low for low, _ in ends], [high for _, high in ends]
    for column in ("value", "low", "high"):
        filled[column] = filled[column].astype(float) * filled["factor"]
    _refuse(filled, lambda row: _beside_target(row, filled))
    return filled.drop(columns="factor").reset_index(drop=True)


def empty_form(indicators: pd.DataFrame, pair: tuple[str, str], years: Sequence[int]) -> pd.DataFrame:
    """An empty table ``collaboration``: a target and a result of each indicator and year, with the unit to give it in.

    Parameters
    ----------
    indicators : table ``collaboration_indicators``.
    pair : codes of the place that is helped and of its partner.
    years : of the figures.

    Raises
    ------
    ValidationError
        If a year is out of range or given twice, or there is none.
    """
    if not years or len(set(years)) < len(years) or not all(FIRST_YEAR <= year <= LAST_YEAR for year in years):
        raise ValidationError(
            f"years are {list(years)}; allowed: one or more from {FIRST_YEAR} to {LAST_YEAR}, none twice. Give these."
        )
    rows = [
        {
            "mountain_code": pair[0],
            "sea_code": pair[1],
            "indicator": indicator["indicator"],
            "kind": kind,
            "period": indicator["period"],
            "first_year": min(years) if indicator["period"] == "in_all" else None,
            "year": year,
            "bound": "exact",
            "unit": indicator["unit"],
        }
        for indicator in indicators_of(indicators, pair).to_dict("records")
        for kind in ("target", "result")
        for year in sorted(years)
    ]
    columns = [
        "mountain_code",
        "sea_code",
        "indicator",
        "kind",
        "period",
        "first_year",
        "year",
        "bound",
        "value",
        "unit",
    ]
    return pd.DataFrame(rows, columns=[*columns, "document", "line", "note"]).astype({"first_year": "Int64"})


def indicators_of(indicators: pd.DataFrame, pair: tuple[str, str]) -> pd.DataFrame:
    """Indicators that can be asked of a pair: all, without those that count counties unless it is the programme."""
    return indicators if pair == PROGRAMME else indicators[indicators["scope"].eq("any")]


def _refuse(figures: pd.DataFrame, problems: Any) -> None:
    """Refuse all rows that have a problem, in one message."""
    lines = [f"  {_what(row)}: {reason}" for row in figures.to_dict("records") for reason in problems(row)]
    if lines:
        more = f"\n  and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
        raise ValidationError(
            f"Of {len(figures)} rows of collaboration, refused for {len(lines)} reasons:\n"
            + "\n".join(lines[:_SHOWN])
            + more
        )


def _what(row: _Row) -> str:
    year: str = "no year" if pd.isna(row["year"]) else f"{row['year']:.0f}"
    return f"{row['mountain_code']}-{row['sea_code']},{row['indicator']},{row['kind']},{year}"


def _problems(row: _Row, units: Mapping[str, str], pairs: set[tuple[str, str]]) -> Iterator[str]:
    if (row["mountain_code"], row["sea_code"]) not in pairs:
        there = sorted("-".join(pair) for pair in pairs)
        near = get_close_matches(f"{row['mountain_code']}-{row['sea_code']}", there, n=3, cutoff=0.5)
        yield (
            f"no such pair among the {len(there)} of pairings; near: {near}. Correct the codes (the place that is"
            " helped first), or add the pair to a table pairings of your own"
        )
    if row["indicator"] not in units:
        near = get_close_matches(row["indicator"], sorted(units), n=3, cutoff=0.4)
        yield (
            f"indicator {row['indicator']!r} is unknown; near: {near}; allowed: {', '.join(sorted(units))}. Name one of"
            " these, or add yours to a table collaboration_indicators of your own"
        )
    elif row["unit"] not in (allowed := _units_of(units[row["indicator"]])):
        yield f"unit {row['unit']!r}; allowed: {', '.join(allowed)}. Convert the value or correct the unit"
    yield from _wrong_years(row)
    if not pd.isna(row["value"]):
        yield from _wrong_value(row)


def _wrong_years(row: _Row) -> Iterator[str]:
    for column in ("first_year", "year"):
        if not pd.isna(row[column]) and not FIRST_YEAR <= row[column] <= LAST_YEAR:
            yield f"{column} {row[column]:.0f}; allowed: {FIRST_YEAR} to {LAST_YEAR}. Correct the year"
    if row["first_year"] > row["year"]:  # false where one is missing
        yield f"first_year {row['first_year']:.0f}; allowed: up to its year, {row['year']:.0f}. Correct one of them"
    if row["period"] == "standing" and not pd.isna(row["first_year"]):
        yield (
            f"first_year {row['first_year']:.0f} of a state at the end of a year; allowed: none. Leave it empty, or"
            " write in_all for a sum since then"
        )


def _wrong_value(row: _Row) -> Iterator[str]:
    if row["value"] < 0:
        yield f"value {row['value']:g}; allowed: 0 or more. Correct the sign"
    if row["unit"] == "%" and row["value"] > 100:
        yield f"value {row['value']:g} %; allowed: 0 to 100. Give a share of the whole"
    if row["kind"] == "target" and pd.isna(row["year"]):
        yield (
            f"target {row['value']:g} without a year; allowed: {FIRST_YEAR} to {LAST_YEAR}. Give the year by which"
            " it is to be reached, or write it as expected"
        )
    if pd.isna(row["document"]):
        yield f"value {row['value']:g} without a document; allowed: any text. Say who prints it"


def _beside_target(row: _Row, figures: pd.DataFrame) -> Iterator[str]:
    """A result that is a thousandth or a hundredfold of a target of the same pair, indicator and period."""
    if row["kind"] != "result" or not row["value"]:
        return
    same = ["mountain_code", "sea_code", "indicator", "period"]
    targets = figures[figures["kind"].eq("target") & (figures[same] == [row[name] for name in same]).all(axis=1)]
    for target in targets["value"]:
        if target and not _FEWEST <= row["value"] / target <= _MOST:
            yield (
                f"value {row['given']:g} {row['unit']} is {row['value'] / target:g} times its target; allowed:"
                f" {_FEWEST:g} to {_MOST:g}. Correct the unit of one of the two"
            )


def _ends(value: float, bound: str) -> tuple[float, float]:
    """Least and most that a printed figure allows."""
    if bound == "over":
        return value, float("inf")
    if bound == "under":
        return 0.0, value
    if bound == "round":
        exponent = Decimal(repr(value)).normalize().as_tuple().exponent
        half = float(Decimal(5).scaleb(int(exponent) - 1))
        return max(value - half, 0.0), value + half
    return value, value
