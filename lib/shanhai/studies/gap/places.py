"""Places whose gap is to be explained: prefectures and counties, against a place, a province or the country."""

from dataclasses import dataclass

import pandas as pd

from shanhai.claims.quantities import QUZHOU, ZHEJIANG
from shanhai.core.errors import MissingDataError, ParameterError, UnknownPlaceError
from shanhai.core.places import NATION, Place, Places, as_code
from shanhai.data.frames.panel import build_county_frame
from shanhai.data.load import load_places
from shanhai.studies.gap.registered import NEEDED

DEFAULTS = (QUZHOU, ZHEJIANG)
"""Place and reference of notebook 08 where nothing else is asked for."""


@dataclass(frozen=True)
class GapArea:
    """A place with its counties."""

    code: str
    name_en: str
    name_zh: str
    counties: frozenset[str]
    """Codes of its counties of 2020."""


def gap_areas(place: str | int, reference: str | int, frame: pd.DataFrame) -> tuple[GapArea, GapArea]:
    """The place and its reference, by their codes.

    Parameters
    ----------
    place : str
        Six-digit code of a prefecture or county.
    reference : str
        Code of a prefecture, county or province, or 000000 for the country.
    frame : DataFrame
        County frame.

    Raises
    ------
    UnknownPlaceError
        If a code is no such place.
    ParameterError
        If a name is given for a code, the place is a province or the country, or both hold the same counties.
    MissingDataError
        If no county of one of them has all the figures that the account needs.
    """
    place, reference = as_code(place), as_code(reference)
    found = (gap_place(place, frame), gap_reference(reference, frame))
    if found[0].counties == found[1].counties:
        raise ParameterError(
            f"place {place!r} and reference {reference!r} hold the same counties, so there is no gap; allowed: two "
            f"different places. Give another reference, such as its province or {NATION} for the country."
        )
    return found


def gap_place(code: str | int, frame: pd.DataFrame) -> GapArea:
    """A prefecture or county whose gap can be explained; raises as :func:`gap_areas`."""
    code = as_code(code)
    if code == NATION or code.endswith("0000"):
        raise ParameterError(
            f"place is {code!r}, a province or the country; allowed: the code of a prefecture or county, such as "
            "'330800'. Provinces and 000000 may stand as the reference."
        )
    return _with_figures(_area(load_places(), code, frame, "place"), frame)


def gap_reference(code: str | int, frame: pd.DataFrame) -> GapArea:
    """A place, province or the country to compare with; raises as :func:`gap_areas`."""
    code = as_code(code)
    if code == NATION:
        return GapArea(NATION, "China", "全国", frozenset(frame["code"]))
    return _with_figures(_area(load_places(), code, frame, "reference"), frame)


def check_gap(place: str | int | None = None, reference: str | int | None = None) -> None:
    """Refuse a place and a reference that cannot be compared, before any work is done; raises as :func:`gap_areas`.

    Parameters
    ----------
    place, reference : str, optional
        As in :func:`gap_areas`; ``DEFAULTS``, those of notebook 08, stand for what is not given.
    """
    gap_areas(
        DEFAULTS[0] if place is None else place, DEFAULTS[1] if reference is None else reference, build_county_frame()
    )


def _area(places: Places, code: str, frame: pd.DataFrame, what: str) -> GapArea:
    """The area of a code: a province, a prefecture, or else a county."""
    if code.endswith("0000"):
        found = places.province(code)
    elif any(place.level == "prefecture" and place.code == code for place in places.all):
        found = places.prefecture(code)
    else:
        found = places.county(code) if code.isdigit() else _named(places, code)
    if found.code != code:
        raise ParameterError(f"{what} is {code!r}, a name; give the code: {found.code}.")
    if found.kind == "direct_administration":
        raise UnknownPlaceError(
            f"{what} {code!r} is no place: under it a province lists units that it administers directly. Give the code "
            "of one of them, or of a prefecture."
        )
    column = {"county": "code", "prefecture": "prefecture_code", "province": "province_code"}[found.level]
    return GapArea(code, found.short_en, found.short_zh, frozenset(frame.loc[frame[column] == code, "code"]))


def _named(places: Places, name: str) -> Place:
    """The place that a name means, so that the error can give its code."""
    for look_up in (places.prefecture, places.province):
        try:
            return look_up(name)
        except UnknownPlaceError:
            continue
    return places.county(name)


def _with_figures(area: GapArea, frame: pd.DataFrame) -> GapArea:
    """The area, if at least one of its counties has every figure."""
    rows = frame.loc[frame["code"].isin(area.counties), list(NEEDED)]
    if not rows.notna().all(axis=1).any():
        lacking = ", ".join(
            f"{column} of {int(rows[column].isna().sum())}" for column in NEEDED if rows[column].isna().any()
        )
        layer = rows["on_border"].isna().all()
        where = "a layer `counties` that holds it and its neighbours" if layer else "your own county_gdp"
        raise MissingDataError(
            f"{area.code} {area.name_zh} ({area.name_en}) has {len(rows)} county-level units, none with all figures of "
            f"the account; missing are {lacking or 'all'}. Add them to {where} and name that file in "
            ".shanhai.toml under [replace], or choose another place."
        )
    return area
