"""Codes of a user's own tables: what no table of the project knows is refused by name, never left out unsaid."""

from difflib import get_close_matches

import pandas as pd

from shanhai.core import fields, sources
from shanhai.core.errors import UnknownPlaceError
from shanhai.core.places import SHOWN
from shanhai.data.rules import Tables

UNITS = ("counties", "prefectures", "provinces")
"""Tables that say which units there are."""

_ELSEWHERE = "later_figures"
"""Table whose codes are checked with its figures: the country may stand in it, a prefecture may not."""


def require_same_counties(tables: Tables) -> None:
    """Refuse a registry of counties that the census of 2020, or the tables of prefectures and provinces, do not match.

    Parameters
    ----------
    tables : counties, census_2020, prefectures, provinces.

    Raises
    ------
    UnknownPlaceError
        Naming the codes, and the tables that have and lack them with their files.
    """
    counties, census = tables["counties"], tables["census_2020"]
    counted = census.loc[census["is_county"], "code"].dropna()
    sides = (
        ("counties", counties["code"], "census_2020", counted),
        ("census_2020", counted, "counties", counties["code"]),
        ("counties", counties["prefecture_code"], "prefectures", tables["prefectures"]["code"]),
        ("counties", counties["province_code"], "provinces", tables["provinces"]["code"]),
    )
    for having, there, lacking, known in sides:
        missing = sorted(set(there) - set(known))
        if missing:
            files = {name: sources.resolve(name).name for name in (having, lacking)}
            raise UnknownPlaceError(
                f"{len(missing)} codes of {having} ({files[having]}) are not in {lacking} ({files[lacking]}):"
                f" {missing[:SHOWN]}. Give both tables the same units."
            )


def needs_of(table: str) -> set[str]:
    """Other tables that :func:`require_known_codes` looks at; none for those that say which units there are."""
    return set() if table in (*UNITS, _ELSEWHERE) else {*UNITS, "crosswalk"} - {table}


def require_known_codes(table: str, file: str, own: pd.DataFrame, bundled: pd.DataFrame, tables: Tables) -> None:
    """Refuse rows of a user's table with a code that no table of the project knows.

    Parameters
    ----------
    table, file : name of the table, and of the user's file in its place.
    own, bundled : the user's rows, and ours as printed and as corrected.
    tables : frames by the names of :func:`needs_of`; where there are none, nothing is refused.

    Raises
    ------
    UnknownPlaceError
        Naming the column, the codes, and the first row of each by key; or totals among the rows of counties.
    """
    needed = needs_of(table)
    if not needed:
        return
    if table.startswith("county_"):
        _require_no_totals(table, file, own, bundled, tables)
    units = {code for name in needed for code in tables[name]["code"]}
    for field in fields.fields_of(table):
        if field.type != "code":
            continue
        known = units | set(bundled[field.column].dropna())
        values = own[field.column]
        rows = own.loc[values.notna() & ~values.isin(known)].drop_duplicates(field.column)
        if len(rows):
            key = [name for name in fields.key_of(table) if name != field.column]
            told = [
                f"{row[field.column]} ({';'.join(f'{name}={row[name]}' for name in key)})" if key else row[field.column]
                for row in rows.head(SHOWN).to_dict("records")
            ]
            near = get_close_matches(str(rows[field.column].iloc[0]), sorted(known), n=3, cutoff=0.6)
            raise UnknownPlaceError(
                f"{file} as table {table!r} has in {field.column} {len(rows)} codes that no table of the project knows:"
                f" {told}. Near the first: {near}. Correct or leave out these rows."
            )


def _require_no_totals(table: str, file: str, own: pd.DataFrame, bundled: pd.DataFrame, tables: Tables) -> None:
    """Refuse a total in a table of counties; a prefecture without counties, as Dongguan, is a county itself."""
    counties = {*tables["counties"]["code"], *bundled["code"]}
    for units, name in (("prefectures", "prefecture"), ("provinces", "province")):
        rows = own.loc[own["code"].isin(set(tables[units]["code"]) - counties)]
        if len(rows):
            row = rows.iloc[0]
            key = ";".join(f"{column}={row[column]}" for column in fields.key_of(table))
            raise UnknownPlaceError(
                f"{file} as table {table!r}: {key} is a total of the {name} ({len(rows)} such rows); remove the row."
            )
