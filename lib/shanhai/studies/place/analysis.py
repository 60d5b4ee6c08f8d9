"""What the suite says about one prefecture or county: who it is, its profile, its gap to the province, its claims."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pandas as pd

from shanhai.claims.claims import Claim
from shanhai.claims.evidence import Evidence
from shanhai.claims.findings import Finding
from shanhai.core.errors import MissingDataError, UnknownPlaceError
from shanhai.core.places import NATION, Place, Places, as_code
from shanhai.data.frames.aggregates import build_prefecture_frame
from shanhai.data.frames.panel import build_county_frame
from shanhai.data.load import load_places
from shanhai.data.vintage import Vintage, vintage_of
from shanhai.methods.decomposition.gap import GapAccount, GapPart, explain_gap
from shanhai.studies.border.design import DOUBTS, GAP_GROUPS, main_spec
from shanhai.studies.place.design import (
    BORDER_AND_TERRAIN,
    COMPARED_AS,
    FEWEST_PEERS,
    PAPER_PROVINCES,
    Indicator,
    profile_indicators,
)


@dataclass(frozen=True)
class ProfileLine:
    """Values of one indicator; NaN where the tables hold nothing."""

    indicator: Indicator
    place: float
    province: float
    country: float
    others: tuple[float, ...]
    """Values of the prefectures of the province that have one, the prefecture included."""
    codes: tuple[str, ...] = ()
    """Of these prefectures."""


@dataclass(frozen=True)
class _Peers:
    """The counties that a county is judged against, itself among them."""

    rows: pd.DataFrame
    """Their rows of the county frame, by code."""
    group: str
    """A class of the 26 (leapfrog, ecological), a kind of unit of the province, or ``all`` of its units."""


@dataclass(frozen=True)
class Level:
    """GDP per head in yuan; NaN where it does not cover the whole of a place."""

    place: float
    province: float
    country: float


@dataclass(frozen=True)
class PlaceGap:
    """The gap of a place in log GDP per head to its province, or to the country, and its parts."""

    account: GapAccount
    border_and_terrain: GapPart
    """The parts of border, terrain and both as one, with the interval of their sum."""


@dataclass(frozen=True)
class Prefecture:
    """A prefecture, with what its page needs to know about where it belongs."""

    place: Place
    province: Place
    counties: pd.DataFrame
    """Its rows of the county frame."""
    fills_province: bool
    """Whether it is all there is of its province (Beijing, Tianjin, Shanghai): then the country is its reference."""
    vintage: Vintage

    @property
    def reference(self) -> str:
        """Code that its gap is measured against: the province, or the country for a province of one prefecture."""
        return NATION if self.fills_province else self.province.code

    @property
    def neighbours(self) -> tuple[Place, ...]:
        """Provinces that its counties touch."""
        return _provinces(self.counties["neighbour_provinces"].dropna())

    def profile(self, evidence: Evidence) -> tuple[ProfileLine, ...]:
        """Indicators of a prefecture beside its province, the country and the other prefectures."""
        prefectures, provinces = with_change(evidence.prefectures), with_change(evidence.provinces)
        siblings = prefectures[prefectures["province_code"] == self.province.code]

        def value(frame: pd.DataFrame, code: str, column: str) -> float:
            return float(frame.loc[frame["code"] == code, column].to_numpy(dtype=float)[0])

        return tuple(
            ProfileLine(
                indicator,
                place=value(prefectures, self.place.code, indicator.column),
                province=value(provinces, self.province.code, indicator.column),
                country=value(provinces, NATION, indicator.column),
                others=tuple(known[indicator.column].astype(float)),
                codes=tuple(known["code"]),
            )
            for indicator in profile_indicators(self.vintage)
            for known in [siblings.dropna(subset=[indicator.column])]
        )

    def county_table(self) -> pd.DataFrame:
        """Counties of a prefecture, the richest first and those without GDP last."""
        column = self.vintage.column
        figures = [column(stem) for stem in ("gdp_per_capita", "population", "urban_share", "share_60_plus")]
        rows = self.counties[["code", "name_en", "name_zh", "type", "on_border", "relief_m", *figures]]
        return rows.sort_values([figures[0], "code"], ascending=[False, True], ignore_index=True)

    def level(self, evidence: Evidence) -> Level:
        """Its GDP per head, that of its province and that of the country."""
        rows = pd.concat([evidence.prefectures, evidence.provinces]).set_index("code")
        return _level(rows, self.place.code, self.province, self.vintage)

    def gap(self, evidence: Evidence) -> PlaceGap:
        """Contribution of border and mountain to its gap to the province or, failing one, to the country.

        The pre-specified main specification gives the coefficients; see
        :func:`shanhai.methods.decomposition.gap.explain_gap`.
        """
        frame = evidence.analysis
        inside = frame["province_code"].eq(self.reference) | self.fills_province
        return _gap(frame, set(self.counties["code"]), set(frame.loc[inside, "code"]), self.vintage)

    def findings(self, evidence: Evidence) -> tuple[Finding, ...]:
        """Findings on the claims whose place or reference names it or one of its counties; empty if none does."""
        names = {self.place.short_en, *self.counties["name_en"]}
        return _findings(self.province, names, evidence, lambda claim: f"{claim.place}; {claim.reference_value}")


@dataclass(frozen=True)
class County:
    """A county, with what its page needs to know about where it belongs."""

    place: Place
    prefecture: Place
    province: Place
    row: pd.Series
    """Its row of the county frame."""
    peers: _Peers
    vintage: Vintage

    @property
    def is_direct(self) -> bool:
        """Whether the province administers it directly, so that its prefecture is a code without a place."""
        return self.prefecture.kind == "direct_administration"

    @property
    def neighbours(self) -> tuple[Place, ...]:
        """Provinces that it touches."""
        return _provinces([str(self.row["neighbour_provinces"])])

    @property
    def reference(self) -> str:
        """Code that its gap is measured against: the province."""
        return self.province.code

    @property
    def counties(self) -> pd.DataFrame:
        """Its row of the county frame, as a frame of one."""
        return self.row.to_frame().T

    def level(self, evidence: Evidence) -> Level:
        """Its GDP per head, that of its province and that of the country."""
        rows = pd.concat([evidence.frame, evidence.provinces]).set_index("code")
        return _level(rows, self.place.code, self.province, self.vintage)

    def gap(self, evidence: Evidence) -> PlaceGap:
        """Contribution of border and mountain to its gap to the province, as :meth:`Prefecture.gap`."""
        frame = evidence.analysis
        province = set(frame.loc[frame["province_code"] == self.province.code, "code"])
        return _gap(frame, {self.place.code}, province, self.vintage)

    def findings(self, evidence: Evidence) -> tuple[Finding, ...]:
        """Findings on the claims whose place, reference or gist names the county; empty if none does."""
        names = {self.place.name_en}
        return _findings(
            self.province, names, evidence, lambda claim: f"{claim.place}; {claim.reference_value}; {claim.gist}"
        )


def check_prefecture(prefecture: str | int, vintage: Vintage | None = None) -> None:
    """Refuse a code that the page of a prefecture cannot be made for, before any work is done.

    Municipalities (110100, ...) and prefectures without counties (441900, 460400, ...) are accepted. Codes under which
    a province lists units that it administers directly (419000, 429000, 469000, 659000) are no places: refused.

    Parameters
    ----------
    prefecture : str or int
        A prefecture of the 2020 census by code or name.
    vintage : Vintage, optional
        By default the newest.

    Raises
    ------
    UnknownPlaceError
        If the code is no prefecture; the message names near codes, or the prefecture of a county.
    MissingDataError
        If no county of the prefecture has GDP; the message says what is there and what is needed.
    """
    place, year = _prefecture(load_places(), prefecture), (vintage or vintage_of()).gdp
    row = build_prefecture_frame().set_index("code").loc[place.code]
    if not row["counties"] > 0:
        raise MissingDataError(
            f"{place.code} {place.name_zh} has no county in the 2020 census. Choose another prefecture."
        )
    if not row[f"gdp_{year}_counties"] > 0:
        raise MissingDataError(
            f"{place.code} {place.name_zh} ({place.short_en}) has census figures of {row['counties']:.0f} county-level "
            f"units but GDP of {year} of none of them, and the report explains GDP per head. Add them to your own "
            "county_gdp and name that file in .shanhai.toml under [replace], or choose another prefecture."
        )


def check_county(county: str | int, vintage: Vintage | None = None) -> None:
    """Refuse a code that the page of a county cannot be made for, before any work is done.

    Counties of any prefecture and those that a province administers directly are accepted.

    Parameters
    ----------
    county : str or int
        A county of the 2020 census by code or name.
    vintage : Vintage, optional
        By default the newest.

    Raises
    ------
    UnknownPlaceError
        If the code is no county; the message names near codes.
    MissingDataError
        If the county has no polygon or no GDP; the message says what is needed.
    """
    place, year = _county(load_places(), county), (vintage or vintage_of()).gdp
    frame = build_county_frame()
    row = frame[frame["code"] == place.code].iloc[0]
    name = f"{place.code} {place.name_zh} ({place.name_en})"
    if pd.isna(row["area_km2"]):
        raise MissingDataError(
            f"{name} was formed after the boundaries of 2017 and has no polygon, so that neither its border nor its "
            "terrain is known. Name boundaries that have it in .shanhai.toml under [replace], or choose another county."
        )
    if pd.isna(row[f"gdp_{year}"]):
        raise MissingDataError(
            f"{name} has census figures but no GDP of {year}, and the report explains GDP per head. Add it to your own "
            "county_gdp and name that file in .shanhai.toml under [replace], or choose another county."
        )


def find_prefecture(prefecture: str | int, evidence: Evidence, vintage: Vintage) -> Prefecture:
    """A prefecture with its counties, by its code or name.

    Raises
    ------
    UnknownPlaceError
        As :func:`check_prefecture`.
    """
    places, frame = load_places(), evidence.frame
    place = _prefecture(places, prefecture)
    rows = frame[frame["prefecture_code"] == place.code].reset_index(drop=True)
    siblings = frame.loc[frame["province_code"] == place.province_code, "prefecture_code"].nunique()
    return Prefecture(place, places.province(place.province_code), rows, bool(siblings == 1), vintage)


def find_county(county: str | int, evidence: Evidence, vintage: Vintage) -> County:
    """A county with its class, by its code or name.

    Raises
    ------
    UnknownPlaceError
        As :func:`check_county`.
    """
    places = load_places()
    place = _county(places, county)
    row = evidence.frame[evidence.frame["code"] == place.code].iloc[0]
    peers = _peers(row, evidence.frame, vintage)
    prefecture, province = places.prefecture(place.prefecture_code), places.province(place.province_code)
    return County(place, prefecture, province, row, peers, vintage)


def _peers(row: pd.Series, frame: pd.DataFrame, vintage: Vintage) -> _Peers:
    """The class of the 26 that a county is in; for others the counties of the province of the same kind."""
    if row["type"]:
        rows, group = frame[frame["type"] == row["type"]], str(row["type"])
    else:
        inside = frame[frame["province_code"] == row["province_code"]]
        group = COMPARED_AS[str(row["kind"])]
        rows = inside[inside["kind"].map(COMPARED_AS) == group]
        if rows[vintage.column("gdp")].notna().sum() < FEWEST_PEERS:
            rows, group = inside, "all"
    return _Peers(rows.sort_values("code", ignore_index=True), group)


def _level(rows: pd.DataFrame, code: str, province: Place, vintage: Vintage) -> Level:
    values = rows[vintage.column("gdp_per_capita")].astype(float)
    return Level(float(values[code]), float(values[province.code]), float(values[NATION]))


def _gap(frame: pd.DataFrame, place: set[str], reference: set[str], vintage: Vintage) -> PlaceGap:
    """The parts of a gap, and again with border and terrain as one part."""
    spec, weight = main_spec(vintage), vintage.column("population")
    terms = tuple(term for name in BORDER_AND_TERRAIN for term in GAP_GROUPS[name])
    others = {name: terms for name, terms in GAP_GROUPS.items() if name not in BORDER_AND_TERRAIN}
    together = {"border and terrain": terms, **others}
    joint, account = (explain_gap(spec, frame, place, reference, groups, weight) for groups in (together, GAP_GROUPS))
    return PlaceGap(account, joint.parts[0])


def doubtful_gdp(subject: Prefecture | County) -> int:
    """Of how many of its counties a flag puts the GDP in doubt, by the list that notebook 03 fixed."""
    doubts = {f"gdp_{subject.vintage.gdp}_{kind}" for kind in DOUBTS}
    return sum(not doubts.isdisjoint(str(flags).split(";")) for flags in subject.counties["flags"])


def with_change(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with the change of residents between the censuses, percent."""
    return rows.assign(population_change=100 * (rows["population_2020"] / rows["population_2010"] - 1))


def _findings(
    province: Place, names: set[str], evidence: Evidence, text: Callable[[Claim], str]
) -> tuple[Finding, ...]:
    """Findings on the claims of papers on a province whose text holds one of the names."""
    # every study with claims comes with it, and who asks whether a place has figures needs none
    from shanhai.claims.engine import find, without_headings

    return tuple(
        find(claim, evidence)
        for claim in without_headings(evidence.claims)
        if province.code in PAPER_PROVINCES.get(claim.seed, ("330000",))
        and any(re.search(rf"\b{re.escape(name)}\b", text(claim)) for name in names)
    )


def _provinces(texts: Iterable[str]) -> tuple[Place, ...]:
    """Provinces whose codes stand in texts, ``;`` between them, sorted."""
    places = load_places()
    codes = sorted({code for text in texts for code in text.split(";") if code.isdigit()})
    return tuple(places.province(code) for code in codes)


def _prefecture(places: Places, code: str | int) -> Place:
    """The prefecture of a code or name; a county, or what is no prefecture, is refused with what to give."""
    code = as_code(code)
    county = next((place for place in places.all if place.code == code and place.level == "county"), None)
    if county is not None and county.prefecture_code != code:
        parent = places.prefecture(county.prefecture_code)
        hint = f"Give its prefecture, {parent.code} {parent.name_zh}."
        if parent.kind == "direct_administration":
            hint = "Its province administers it directly, so that there is no prefecture to report on."
        raise UnknownPlaceError(f"{code!r} is {county.name_zh} ({county.name_en}), a county-level unit. {hint}")
    place = places.prefecture(code)
    if place.kind == "direct_administration":
        units = ", ".join(f"{unit.code} {unit.name_zh}" for unit in places.counties_of(place.code)[:4])
        raise UnknownPlaceError(
            f"{code!r} is no prefecture: under it a province lists units that it administers directly ({units}, ...). "
            "Give the code of a prefecture, such as '330800'."
        )
    return place


def _county(places: Places, code: str | int) -> Place:
    """The county of a code or name; the code of a prefecture or province is refused with what to give instead."""
    code = as_code(code)
    named = [place for place in places.all if place.code == code]
    county = next((place for place in named if place.level == "county"), None)
    if county is not None:
        return county
    if named:
        larger, first = named[0], next(iter(places.counties_of(code)), None)
        hint = f"Give one of its counties, such as {first.code} {first.name_zh}" if first else "It has no county"
        own = f", or prefecture={code}" if larger.level == "prefecture" else ""
        raise UnknownPlaceError(f"{code!r} is {larger.name_zh} ({larger.name_en}), no county. {hint}{own}.")
    return places.county(code)
