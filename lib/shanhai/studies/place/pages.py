"""The page of a place, a prefecture or a county: the same four sections, each with what suits the place."""

from dataclasses import dataclass
from typing import Protocol

from matplotlib.figure import Figure

from shanhai.claims.evidence import Evidence
from shanhai.data.load import load_places
from shanhai.data.map_base import load_map_base
from shanhai.render.maps import draw_map
from shanhai.render.maps.topics import topic
from shanhai.render.style import check_language
from shanhai.studies.place import city as cities
from shanhai.studies.place import city_tables, county_prose, county_tables, prose
from shanhai.studies.place import county as counties
from shanhai.studies.place.sections import Exhibit, Section
from shanhai.studies.place.standing import standings, union_of

FEW_POLYGONS = 3
"""A prefecture with fewer counties than this is shown on the map of its province."""


class Page(Protocol):
    """What the report says about a place."""

    def position(self) -> Section:
        """Where it lies among borders and mountains."""

    def comparison(self) -> Section:
        """How it compares: a prefecture with province and country, a county with its class."""

    def gap(self) -> Section:
        """What border and mountain go with in its gap to the province."""

    def claims(self) -> Section:
        """What becomes of the claims that name it."""


def open_page(prefecture: str | int, county: str | int, evidence: Evidence, language: str = "en") -> Page:
    """The page of a county if one is named, else that of the prefecture.

    Parameters
    ----------
    prefecture : str
        Six-digit code of a prefecture.
    county : str
        Six-digit code of a county, or empty.
    evidence : Evidence
    language : str
        en, zh or both.

    Raises
    ------
    ParameterError
        If the language is unknown.
    UnknownPlaceError, MissingDataError
        If the place does not exist or lacks the figures: see :func:`shanhai.studies.place.city.check_prefecture` and
        :func:`shanhai.studies.place.county.check_county`.
    """
    check_language(language)
    if county:
        counties.check_county(county)
        return CountyPage(counties.county(county, evidence), evidence, language)
    cities.check_prefecture(prefecture)
    return CityPage(cities.city(prefecture, evidence), evidence, language)


@dataclass(frozen=True)
class CityPage:
    """The page of a prefecture."""

    subject: cities.City
    evidence: Evidence
    language: str

    def position(self) -> Section:
        """Borders and relief, on the map of its province."""
        text = prose.position_text(self.subject, load_places(), self.language)
        caption = f"Relief of {self.subject.province.name_en}, {self.subject.place.name_en} outlined"
        return Section(text, (Exhibit("position", caption, self._position_map),))

    def comparison(self) -> Section:
        """Its profile beside province and country, then its counties, the richest first."""
        lines = cities.profile(self.subject, self.evidence)
        rows = cities.county_table(self.subject)
        name = self.subject.place.name_en
        return Section(
            prose.profile_text(self.subject, lines, self.language),
            (
                Exhibit("profile", "", lambda: city_tables.profile_table(self.subject, lines, self.language)),
                Exhibit(
                    "profile",
                    f"Profile of {name}",
                    lambda: city_tables.profile_chart(self.subject, lines, self.language),
                ),
                Exhibit("counties", "", lambda: city_tables.counties_table(rows, self.language)),
                Exhibit("wealth", f"GDP per head of the counties of {name}, 2021", self._wealth_map),
            ),
        )

    def gap(self) -> Section:
        """Its gap to the province, part by part; for a province of one prefecture, to the country."""
        account = cities.gap_account(self.subject, self.evidence)
        return Section(
            prose.gap_text(self.subject, account, self.language),
            (
                Exhibit("gap", "", lambda: city_tables.gap_table(self.subject, account, self.language)),
                Exhibit(
                    "gap",
                    f"Gap of {self.subject.place.name_en}, part by part",
                    lambda: city_tables.gap_chart(account, self.language),
                ),
            ),
        )

    def claims(self) -> Section:
        """The claims that name the city or one of its counties."""
        found = cities.findings_about(self.subject, self.evidence)
        table = Exhibit("claims", "", lambda: city_tables.claims_table(found, self.language))
        return Section(prose.claims_text(self.subject, found, self.language), (table,))

    def _position_map(self) -> Figure:
        frame = cities.mark_city(self.subject, self.evidence.frame)
        outline = city_tables.city_outline(self.subject)
        return draw_map(
            load_map_base(),
            frame,
            topic("relief_m"),
            self.subject.province.code,
            language=self.language,
            outline=outline,
        )

    def _wealth_map(self) -> Figure:
        named = tuple(self.subject.counties["code"])
        wealth = topic("gdp_per_capita_2021")
        return draw_map(
            load_map_base(), self.evidence.frame, wealth, self.subject.place.code, language=self.language, named=named
        )


@dataclass(frozen=True)
class CountyPage:
    """The page of a county."""

    subject: counties.County
    evidence: Evidence
    language: str

    def position(self) -> Section:
        """Border and relief, on the map of its prefecture."""
        text = county_prose.county_position_text(self.subject, load_places(), self.language)
        caption = f"Relief around {self.subject.place.name_en}"
        return Section(text, (Exhibit("position", caption, self._map),))

    def comparison(self) -> Section:
        """Strengths and gaps against its class."""
        found = standings(self.subject, self.evidence)
        union = union_of(self.subject, self.evidence)
        caption = f"{self.subject.place.name_en} among the {self.subject.peers.en}"
        return Section(
            county_prose.standing_text(self.subject, found, union, self.language),
            (
                Exhibit("profile", caption, lambda: county_tables.standing_chart(self.subject, found, self.language)),
                Exhibit("standing", "", lambda: county_tables.standing_table(self.subject, found, self.language)),
            ),
        )

    def gap(self) -> Section:
        """Its gap to the province in words; the parts are in the text."""
        gap = counties.county_gap(self.subject, self.evidence)
        ends = (self.subject.place.code, self.subject.province.code)
        return Section(
            county_prose.county_gap_text(self.subject, gap, self.language),
            estimates=city_tables.gap_estimates(*ends, gap.account, (*gap.account.parts, gap.border_and_terrain)),
        )

    def claims(self) -> Section:
        """The claims that name the county; no table if there is none."""
        found = counties.findings_about_county(self.subject, self.evidence)
        table = Exhibit("claims", "", lambda: city_tables.claims_table(found, self.language))
        text = county_prose.county_claims_text(self.subject, found, self.language)
        return Section(text, (table,) if found else ())

    def _map(self) -> Figure:
        frame = county_tables.mark_county(self.subject, self.evidence.frame)
        own = frame[frame["prefecture_code"].eq(self.subject.prefecture.code) & frame["area_km2"].notna()]
        enough = len(own) >= FEW_POLYGONS and not self.subject.is_direct
        region = self.subject.prefecture.code if enough else self.subject.province.code
        named = tuple(own["code"]) if enough else (self.subject.place.code,)
        outline = county_tables.county_outline(self.subject)
        return draw_map(
            load_map_base(), frame, topic("relief_m"), region, language=self.language, outline=outline, named=named
        )
