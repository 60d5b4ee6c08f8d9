"""What the suite says about one prefecture: who it is, its profile, its counties, its gap and its claims."""

import re
from dataclasses import dataclass

import pandas as pd

from shanhai.claims.claims import claims_from
from shanhai.claims.engine import Finding, find
from shanhai.claims.evidence import Evidence
from shanhai.claims.quantities import NATION
from shanhai.core.errors import MissingDataError, UnknownPlaceError
from shanhai.core.fields import field_of, title_of
from shanhai.core.places import Place, Places, as_code
from shanhai.data.frames.aggregates import build_prefecture_frame
from shanhai.data.load import load_places
from shanhai.methods.decomposition.gap import GapAccount, explain_gap
from shanhai.studies.border.design import GAP_GROUPS, main_spec

SEED_PROVINCES = {"bazhong-2024": ("330000", "510000")}
"""Provinces in which a paper's place names are looked up; all other papers are about Zhejiang."""


@dataclass(frozen=True)
class Indicator:
    """One line of the profile."""

    column: str
    """Column of the frames of prefectures and provinces, or ``population_change``."""
    en: str
    zh: str
    unit_en: str
    unit_zh: str
    digits: int
    """Decimals that are meant to be printed."""


@dataclass(frozen=True)
class ProfileLine:
    """Values of one indicator; NaN where the tables hold nothing."""

    indicator: Indicator
    place: float
    province: float
    country: float
    others: tuple[float, ...]
    """Values of the prefectures of the province that have one, the city included."""


def _of(column: str, digits: int) -> Indicator:
    """An indicator that is a column of the county frame."""
    return Indicator(column, *title_of(column), *field_of(column).printed_unit, digits)


PROFILE = (
    _of("gdp_per_capita_2021", 0),
    *(
        _of(column, 1)
        for column in ("urban_share_2020", "share_60_plus_2020", "mean_schooling_2020", "illiteracy_2020")
    ),
    Indicator("population_change", "Residents, 2020 against 2010", "常住人口变化，2010—2020年", "%", "%", 1),
)
"""Indicators of the profile."""

COUNTY_COLUMNS = (
    "code",
    "name_en",
    "name_zh",
    "type",
    "on_border",
    "relief_m",
    "gdp_per_capita_2021",
    "population_2020",
    "urban_share_2020",
    "share_60_plus_2020",
)
"""Columns of the table of counties."""


@dataclass(frozen=True)
class City:
    """A prefecture, with what the report needs to know about where it belongs."""

    place: Place
    province: Place
    counties: pd.DataFrame
    """Its rows of the county frame."""
    fills_province: bool
    """Whether it is all there is of its province (Beijing, Tianjin, Shanghai): then the country is its reference."""

    @property
    def reference(self) -> str:
        """Code that its gap is measured against: the province, or the country for a province of one prefecture."""
        return NATION if self.fills_province else self.province.code

    @property
    def reference_names(self) -> tuple[str, str]:
        """Short English and Chinese name of the reference."""
        return ("China", "全国") if self.fills_province else (self.province.short_en, self.province.short_zh)


def check_prefecture(prefecture: str | int) -> None:
    """Refuse a code that the city report cannot be made for, before any work is done.

    Municipalities (110100, ...) and prefectures without counties (441900, 460400, ...) are accepted. Codes under which
    a province lists units that it administers directly (419000, 429000, 469000, 659000) are no places: refused.

    Parameters
    ----------
    prefecture : str
        Six-digit code of a prefecture of the 2020 census.

    Raises
    ------
    UnknownPlaceError
        If the code is no prefecture; the message names near codes, or the prefecture of a county.
    MissingDataError
        If no county of the prefecture has GDP of 2021; the message says what is there and what is needed.
    """
    place = _prefecture(load_places(), prefecture)
    row = build_prefecture_frame().set_index("code").loc[place.code]
    if not row["counties"] > 0:
        raise MissingDataError(
            f"{place.code} {place.name_zh} has no county in the 2020 census. Choose another prefecture."
        )
    if not row["gdp_2021_counties"] > 0:
        raise MissingDataError(
            f"{place.code} {place.name_zh} ({place.short_en}) has census figures of {row['counties']:.0f} county-level "
            "units but GDP of 2021 of none of them, and the report explains GDP per head. Add them to your own "
            "county_gdp and name that file in .shanhai.toml under [replace], or choose another prefecture."
        )


def city(prefecture: str | int, evidence: Evidence) -> City:
    """A prefecture with its counties, by its code.

    Raises
    ------
    UnknownPlaceError
        As :func:`check_prefecture`.
    """
    places = load_places()
    place = _prefecture(places, prefecture)
    frame = evidence.frame
    rows = frame[frame["prefecture_code"] == place.code].reset_index(drop=True)
    siblings = frame.loc[frame["province_code"] == place.province_code, "prefecture_code"].nunique()
    return City(place, places.province(place.province_code), rows, bool(siblings == 1))


def profile(subject: City, evidence: Evidence) -> tuple[ProfileLine, ...]:
    """Indicators of a city beside its province, the country and the other prefectures: one line an entry of PROFILE."""
    prefectures, provinces = _with_change(evidence.prefectures), _with_change(evidence.provinces)
    siblings = prefectures[prefectures["province_code"] == subject.province.code]
    return tuple(
        ProfileLine(
            indicator,
            place=_value(prefectures, subject.place.code, indicator.column),
            province=_value(provinces, subject.province.code, indicator.column),
            country=_value(provinces, NATION, indicator.column),
            others=tuple(siblings[indicator.column].dropna().astype(float)),
        )
        for indicator in PROFILE
    )


def _value(frame: pd.DataFrame, code: str, column: str) -> float:
    return float(frame.loc[frame["code"] == code, column].to_numpy(dtype=float)[0])


def _with_change(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with the change of residents between the censuses, percent."""
    return rows.assign(population_change=100 * (rows["population_2020"] / rows["population_2010"] - 1))


def county_table(subject: City) -> pd.DataFrame:
    """Counties of a city, the poorest last; columns :data:`COUNTY_COLUMNS`."""
    table = subject.counties.loc[:, list(COUNTY_COLUMNS)]
    return table.sort_values(["gdp_per_capita_2021", "code"], ascending=[False, True], ignore_index=True)


def gap_account(subject: City, evidence: Evidence) -> GapAccount:
    """What border and mountain go with in the city's gap to its province (or, failing one, the country).

    The registered main specification gives the coefficients; see :func:`shanhai.methods.decomposition.gap.explain_gap`.
    """
    frame = evidence.analysis
    codes = frame["code"] if subject.fills_province else frame.loc[frame["province_code"] == subject.reference, "code"]
    return explain_gap(main_spec(), frame, set(subject.counties["code"]), set(codes), GAP_GROUPS)


def findings_about(subject: City, evidence: Evidence) -> tuple[Finding, ...]:
    """Findings on the claims whose place or reference names the city or one of its counties; empty if none does."""
    names = {subject.place.short_en, *subject.counties["name_en"]}
    return tuple(
        find(claim, evidence)
        for claim in claims_from(evidence.table("claims"))
        if subject.province.code in SEED_PROVINCES.get(claim.seed, ("330000",))
        and any(re.search(rf"\b{re.escape(name)}\b", f"{claim.place}; {claim.reference_value}") for name in names)
    )


def mark_city(subject: City, frame: pd.DataFrame) -> pd.DataFrame:
    """County frame with the boolean column ``in_city``."""
    return frame.assign(in_city=frame["code"].isin(set(subject.counties["code"])))


def _prefecture(places: Places, code: str | int) -> Place:
    """The prefecture of a code; the code of a county or of no real prefecture is refused with what to give instead."""
    code = as_code(code)
    county = next((place for place in places.all if place.code == code and place.level == "county"), None)
    if county is not None and county.prefecture_code != code:
        parent = places.prefecture(county.prefecture_code)
        hint = f"Give its prefecture, {parent.code} {parent.name_zh}."
        if parent.kind == "direct_administration":
            hint = "Its province administers it directly, so that there is no prefecture to report on."
        raise UnknownPlaceError(f"{code!r} is {county.name_zh} ({county.name_en}), a county-level unit. {hint}")
    found = places.prefecture(code)
    if found.code != code:
        raise UnknownPlaceError(f"{code!r} is a name; give the code of {found.name_zh}, {found.code}.")
    if found.kind == "direct_administration":
        units = ", ".join(f"{unit.code} {unit.name_zh}" for unit in places.counties_of(found.code)[:4])
        raise UnknownPlaceError(
            f"{code!r} is no prefecture: under it a province lists units that it administers directly ({units}, ...). "
            "Give the code of a prefecture, such as '330800'."
        )
    return found
