"""One county of the county report: where it belongs, the class it is judged against, and its claims."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from shanhai.claims.claims import claims_from
from shanhai.claims.engine import Finding, find
from shanhai.claims.evidence import Evidence
from shanhai.core.errors import MissingDataError, UnknownPlaceError
from shanhai.core.places import Place, Places, as_code
from shanhai.data.frames.panel import build_county_frame
from shanhai.data.load import load_places
from shanhai.methods.decomposition.gap import GapAccount, GapPart, explain_gap
from shanhai.studies.border.design import GAP_GROUPS, main_spec
from shanhai.studies.place.city import SEED_PROVINCES

FEWEST = 5
"""A class needs so many counties with GDP; with fewer of its kind, a county is set beside all of its province."""

KINDS: Mapping[str, tuple[str, str, str]] = {
    "district": ("district", "district", "市辖区"),
    "city": ("city", "county-level city", "县级市"),
    "county": ("county", "county", "县"),
    "autonomous_county": ("county", "autonomous county", "自治县"),
    "banner": ("county", "banner", "旗"),
    "autonomous_banner": ("county", "autonomous banner", "自治旗"),
    "forestry_district": ("county", "forestry district", "林区"),
    "special_district": ("county", "special district", "特区"),
    "administrative_committee": ("county", "administrative committee", "行政委员会"),
    "prefecture_as_county": ("city", "city without counties", "不设县区的地级市"),
}
"""Of each kind of unit: the kind that it is compared with, and its English and Chinese name."""

PLURALS = {"district": ("districts", "市辖区"), "city": ("county-level cities", "县级市"), "county": ("counties", "县")}
"""Names of the kinds that are compared."""

TYPES = {
    "leapfrog": ("leapfrog counties of the 26", "26县中的{}个跨越发展类县"),
    "ecological": ("ecological counties of the 26", "26县中的{}个生态发展类县"),
}
"""Names of the two classes that the plan of 2021-2025 tells apart; the Chinese takes the number of counties."""

BORDER_AND_TERRAIN = ("border", "terrain", "border x terrain")
"""Parts of a gap that border and mountain stand for."""


@dataclass(frozen=True)
class Peers:
    """The counties that a county is judged against, itself among them."""

    rows: pd.DataFrame
    """Their rows of the county frame, by code."""
    en: str
    """English name, such as ``ecological counties of the 26``."""
    zh: str
    """Chinese name with a place for the number of counties."""

    def name(self, language: Literal["en", "zh"]) -> str:
        """Name with the number of counties: 11 ecological counties of the 26."""
        return f"{len(self.rows)} {self.en}" if language == "en" else self.zh.format(len(self.rows))


@dataclass(frozen=True)
class County:
    """A county, with what the report needs to know about where it belongs."""

    place: Place
    prefecture: Place
    province: Place
    row: pd.Series
    """Its row of the county frame."""
    peers: Peers

    @property
    def is_direct(self) -> bool:
        """Whether the province administers it directly, so that its prefecture is a code without a place."""
        return self.prefecture.kind == "direct_administration"


@dataclass(frozen=True)
class CountyGap:
    """A county's gap to its province in log GDP per head, taken apart."""

    account: GapAccount
    border_and_terrain: GapPart
    """The parts of border, terrain and both as one, with the interval of their sum."""


def check_county(county: str | int) -> None:
    """Refuse a code that the county report cannot be made for, before any work is done.

    Counties of any prefecture and those that a province administers directly are accepted.

    Parameters
    ----------
    county : str
        Six-digit code of a county of the 2020 census.

    Raises
    ------
    UnknownPlaceError
        If the code is no county; the message names near codes.
    MissingDataError
        If the county has no polygon or no GDP of 2021; the message says what is needed.
    """
    place = _county(load_places(), county)
    frame = build_county_frame()
    row = frame[frame["code"] == place.code].iloc[0]
    name = f"{place.code} {place.name_zh} ({place.name_en})"
    if pd.isna(row["area_km2"]):
        raise MissingDataError(
            f"{name} was formed after the boundaries of 2017 and has no polygon, so that neither its border nor its "
            "terrain is known. Name boundaries that have it in .shanhai.toml under [replace], or choose another county."
        )
    if pd.isna(row["gdp_2021"]):
        raise MissingDataError(
            f"{name} has census figures but no GDP of 2021, and the report explains GDP per head. Add it to your own "
            "county_gdp and name that file in .shanhai.toml under [replace], or choose another county."
        )


def county(county: str | int, evidence: Evidence) -> County:
    """A county with its class, by its code.

    Raises
    ------
    UnknownPlaceError
        As :func:`check_county`.
    """
    places = load_places()
    place = _county(places, county)
    prefecture = places.prefecture(place.prefecture_code)
    row = evidence.frame[evidence.frame["code"] == place.code].iloc[0]
    province = places.province(place.province_code)
    return County(place, prefecture, province, row, _peers(row, province, evidence.frame))


def _peers(row: pd.Series, province: Place, frame: pd.DataFrame) -> Peers:
    """The class of the 26 that a county is in; for others the counties of the province of the same kind."""
    if row["type"]:
        english, chinese = TYPES[str(row["type"])]
        return Peers(_sorted(frame[frame["type"] == row["type"]]), english, chinese)
    inside = frame[frame["province_code"] == row["province_code"]]
    kind = KINDS[str(row["kind"])][0]
    alike = inside[[KINDS[str(other)][0] == kind for other in inside["kind"]]]
    if alike["gdp_2021"].notna().sum() >= FEWEST:
        english, chinese = PLURALS[kind]
        return Peers(_sorted(alike), f"{english} of {province.short_en}", f"{province.short_zh}的{{}}个{chinese}")
    return Peers(_sorted(inside), f"county-level units of {province.short_en}", f"{province.short_zh}的{{}}个县级单位")


def _sorted(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values("code", ignore_index=True)


def county_gap(subject: County, evidence: Evidence) -> CountyGap:
    """What border and mountain go with in the county's gap to its province.

    The registered main specification gives the coefficients; see :func:`shanhai.methods.decomposition.gap.explain_gap`.
    """
    frame, spec = evidence.analysis, main_spec()
    province = set(frame.loc[frame["province_code"] == subject.province.code, "code"])
    terms = tuple(term for name in BORDER_AND_TERRAIN for term in GAP_GROUPS[name])
    others = {name: terms for name, terms in GAP_GROUPS.items() if name not in BORDER_AND_TERRAIN}
    joint = explain_gap(spec, frame, {subject.place.code}, province, {"border and terrain": terms, **others})
    return CountyGap(explain_gap(spec, frame, {subject.place.code}, province, GAP_GROUPS), joint.parts[0])


def findings_about_county(subject: County, evidence: Evidence) -> tuple[Finding, ...]:
    """Findings on the claims whose place, reference or gist names the county; empty if none does."""
    name = re.compile(rf"\b{re.escape(subject.place.name_en)}\b")
    return tuple(
        find(claim, evidence)
        for claim in claims_from(evidence.table("claims"))
        if subject.province.code in SEED_PROVINCES.get(claim.seed, ("330000",))
        and name.search(f"{claim.place}; {claim.reference_value}; {claim.gist}")
    )


def _county(places: Places, code: str | int) -> Place:
    """The county of a code; a prefecture, a province or a name is refused with what to give instead."""
    code = as_code(code)
    larger = next((place for place in places.all if place.code == code and place.level != "county"), None)
    found = next((place for place in places.all if place.code == code and place.level == "county"), None)
    if found is not None:
        return found
    if larger is not None:
        first = next(iter(places.counties_of(code)), None)
        hint = f"Give one of its counties, such as {first.code} {first.name_zh}" if first else "It has no county"
        own = f", or prefecture={code}" if larger.level == "prefecture" else ""
        raise UnknownPlaceError(f"{code!r} is {larger.name_zh} ({larger.name_en}), no county. {hint}{own}.")
    named = places.county(code)
    raise UnknownPlaceError(f"{code!r} is a name; give the code of {named.name_zh}, {named.code}.")
