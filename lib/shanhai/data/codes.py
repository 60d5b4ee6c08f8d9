"""One checker of codes: what no table of the project knows is refused by name, never left out without a word."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Final

import pandas as pd

from shanhai import fields, sources
from shanhai.data.rules import Tables
from shanhai.errors import UnknownPlaceError

SHOWN: Final = 10
"""Unknown codes that an error lists."""

OF_COUNTIES = ("county_gdp", "county_hukou", "county_investment", "county_lights", "county_roads", "county_terrain")
OF_PREFECTURES = ("prefecture_economy",)
"""Tables of figures: their codes are those of the registry, of the crosswalk, or of our own table of that name."""

REGISTRY = ("counties", "crosswalk", "prefectures", "provinces")


def require_codes(given: Iterable[object], known: Collection[str], what: str) -> list[str]:
    """The codes given, as a list, if all of them are known.

    Parameters
    ----------
    given : codes that a caller asks for.
    known : codes that there are.
    what : what the codes are of, for the message: ``"counties of the frame"``.

    Raises
    ------
    UnknownPlaceError
        Naming the unknown ones with the nearest known, and a code given as a number as what it is.

    Examples
    --------
    >>> require_codes(["330824"], {"330824", "330825"}, "counties of the frame")
    ['330824']
    """
    wanted = [given] if isinstance(given, str) else list(given)
    numbers = [code for code in wanted if not isinstance(code, str)]
    if numbers:
        raise UnknownPlaceError(
            f"{numbers[:SHOWN]} are no codes of {what}: a code is text of six digits. Write {str(numbers[0])!r}."
        )
    there = set(known)
    unknown = sorted({str(code) for code in wanted if code not in there})
    if unknown:
        near = get_close_matches(unknown[0], sorted(there), n=3, cutoff=0.6)
        raise UnknownPlaceError(
            f"{len(unknown)} codes are none of the {len(there)} {what}: {unknown[:SHOWN]}. Near the first: {near}."
            " Correct or leave out these codes."
        )
    return [str(code) for code in wanted]


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
    """Other tables that :func:`require_known_codes` looks at."""
    return set(REGISTRY) if table in (*OF_COUNTIES, *OF_PREFECTURES) else set()


def require_known_codes(table: str, file: str, own: pd.DataFrame, bundled: pd.DataFrame, tables: Tables) -> None:
    """Refuse rows of a user's table of figures whose code no table of the project knows.

    Raises
    ------
    UnknownPlaceError
        Naming the codes and the first row of each by key.
    """
    if not needs_of(table):
        return
    known = set(bundled["code"])
    if table in OF_COUNTIES:
        known |= set(tables["counties"]["code"]) | set(tables["crosswalk"]["code"])
    else:
        known |= set(tables["prefectures"]["code"]) | set(tables["provinces"]["code"])
    rows = own.loc[own["code"].notna() & ~own["code"].isin(known)].drop_duplicates("code")
    if len(rows):
        key = [name for name in fields.key_of(table) if name != "code"]
        first = [f"{row['code']} ({';'.join(f'{n}={row[n]}' for n in key)})" for row in rows.to_dict("records")]
        near = get_close_matches(str(rows["code"].iloc[0]), sorted(known), n=3, cutoff=0.6)
        raise UnknownPlaceError(
            f"{file} gives table {table!r} {len(rows)} codes that no table of the project knows: {first[:SHOWN]}. Near"
            f" the first: {near}. Correct or leave out these rows."
        )
