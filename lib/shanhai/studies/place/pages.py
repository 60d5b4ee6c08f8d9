"""The page of a place, a prefecture or a county: the same five sections, each with what suits the place.

A section is a method of both pages: its text (:mod:`shanhai.studies.place.words`) and its exhibits, which are made only
when they are published.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

import pandas as pd
from matplotlib.figure import Figure

from shanhai.claims.evidence import Evidence, project_evidence
from shanhai.claims.statements import register_from, select
from shanhai.core.places import Place
from shanhai.data.frames.unions import with_joint_gdp
from shanhai.data.load import load_table
from shanhai.data.map_base import load_map_base
from shanhai.data.vintage import NEWEST_YEAR, vintage_of
from shanhai.methods.records import EstimateRecord
from shanhai.render.maps import draw_map
from shanhai.render.maps.topics import Outline, topic
from shanhai.render.publish import PublishedFigure, PublishedTable, publish_figure, publish_table
from shanhai.render.stored import store_shown
from shanhai.render.style import check_language
from shanhai.render.tables import TableSpec
from shanhai.studies.place import analysis, charts, standing, tables, words
from shanhai.studies.place.design import FEW_POLYGONS, STATEMENTS_SHOWN
from shanhai.studies.place.words import WORDS


@dataclass(frozen=True)
class _Exhibit:
    """A figure or table that can be made."""

    name: str
    """Lower-case words joined by hyphens, unique within the run."""
    caption: str
    """What a figure shows; a table carries its own."""
    make: Callable[[], Figure | TableSpec]
    shown: int | None = None
    """Rows of a table that are printed; all if none is given, and all in its file."""


@dataclass(frozen=True)
class _Section:
    """A part of a page."""

    text: str
    exhibits: tuple[_Exhibit, ...] = ()
    estimates: tuple[EstimateRecord, ...] = ()
    """What the text shows that no table does."""


def publish_exhibits(section: _Section) -> tuple[PublishedFigure | PublishedTable, ...]:
    """Make and store the exhibits of a section and the estimates of its text; return the exhibits, in order."""
    store_shown(section.estimates)
    return tuple(_publish(exhibit) for exhibit in section.exhibits)


def _publish(exhibit: _Exhibit) -> PublishedFigure | PublishedTable:
    made = exhibit.make()
    if isinstance(made, TableSpec):
        return publish_table(made, exhibit.name, shown=exhibit.shown)
    return publish_figure(made, exhibit.name, exhibit.caption)


class _Page(Protocol):
    """What the report says about a place."""

    def position(self) -> _Section:
        """Where it lies among borders and mountains."""

    def comparison(self) -> _Section:
        """How it compares: a prefecture with province and country, a county with its class."""

    def gap(self) -> _Section:
        """What border and mountain go with in its gap to the province."""

    def claims(self) -> _Section:
        """What becomes of the claims that name it."""

    def statements(self) -> _Section:
        """What else the documents say, that no table here decides."""


def open_page(
    prefecture: str | int, county: str | int = "", language: str = "en", gdp_year: str = NEWEST_YEAR
) -> _Page:
    """The page of a county if one is named, else that of the prefecture.

    Parameters
    ----------
    prefecture : str
        Six-digit code of a prefecture.
    county : str
        Six-digit code of a county, or empty.
    language : str
        en, zh or both.
    gdp_year : str
        Year of GDP, as :func:`shanhai.data.vintage.vintage_of` takes it. Claims keep the year that they speak of.

    Raises
    ------
    ParameterError
        If the language is unknown, or the year is none of county GDP.
    UnknownPlaceError, MissingDataError
        If the place does not exist or lacks the figures: see :func:`shanhai.studies.place.analysis.check_prefecture`
        and :func:`shanhai.studies.place.analysis.check_county`.
    """
    check_language(language)
    vintage, evidence = vintage_of(gdp_year), project_evidence()
    if county:
        analysis.check_county(county, vintage)
        return _CountyPage(analysis.find_county(county, evidence, vintage), evidence, language)
    analysis.check_prefecture(prefecture, vintage)
    return _PrefecturePage(analysis.find_prefecture(prefecture, evidence, vintage), evidence, language)


@dataclass(frozen=True)
class _PrefecturePage:
    """The page of a prefecture."""

    subject: analysis.Prefecture
    evidence: Evidence
    language: str

    def position(self) -> _Section:
        """Borders and relief, on the map of its province."""
        subject = self.subject
        caption = _caption("position", province=subject.province.name_en, place=subject.place.name_en)
        return _Section(
            words.position_text(subject, self.language), (_Exhibit("position", caption, self._position_map),)
        )

    def comparison(self) -> _Section:
        """Its profile beside province and country, then its counties, the richest first."""
        subject, language = self.subject, self.language
        lines = subject.profile(self.evidence)
        rows = subject.county_table()
        place, year = subject.place.name_en, str(subject.vintage.gdp)
        return _Section(
            words.profile_text(subject, lines, language),
            (
                _Exhibit("profile", "", lambda: tables.profile_table(subject, lines, language)),
                _Exhibit(
                    "profile",
                    _caption("profile", place=place),
                    lambda: charts.profile_chart(subject, lines, language),
                ),
                _Exhibit("counties", "", lambda: tables.counties_table(subject, rows, language)),
                _Exhibit("wealth", _caption("wealth", place=place, year=year), self._wealth_map),
            ),
        )

    def gap(self) -> _Section:
        """Its gap to the province, part by part; for a province of one prefecture, to the country."""
        subject, language = self.subject, self.language
        account = subject.gap(self.evidence)
        caption = _caption("gap", place=subject.place.name_en)
        return _Section(
            words.gap_text(subject, account, language),
            (
                _Exhibit("gap", "", lambda: tables.gap_table(subject, account, language)),
                _Exhibit("gap", caption, lambda: charts.gap_chart(account, language)),
            ),
        )

    def claims(self) -> _Section:
        """The claims that name the prefecture or one of its counties."""
        findings = self.subject.findings(self.evidence)
        table = _Exhibit("claims", "", lambda: tables.claims_table(findings, self.language))
        return _Section(words.claims_text(self.subject, findings, self.language), (table,))

    def statements(self) -> _Section:
        """The register by topic, and its statements on the prefecture or one of its counties."""
        return _statements(self.subject, self.evidence, self.language)

    def _position_map(self) -> Figure:
        frame, outline = _outlined(self.evidence.frame, set(self.subject.counties["code"]), self.subject.place)
        region = self.subject.province.code
        return draw_map(load_map_base(), frame, topic("relief_m"), region, language=self.language, outline=outline)

    def _wealth_map(self) -> Figure:
        named = tuple(self.subject.counties["code"])
        vintage = self.subject.vintage
        wealth, units = topic(vintage.column("gdp_per_capita")), load_table("county_gdp")
        frame = with_joint_gdp(self.evidence.frame, units, load_table("crosswalk"), vintage.gdp)
        return draw_map(load_map_base(), frame, wealth, self.subject.place.code, language=self.language, named=named)


@dataclass(frozen=True)
class _CountyPage:
    """The page of a county."""

    subject: analysis.County
    evidence: Evidence
    language: str

    def position(self) -> _Section:
        """Border and relief, on the map of its prefecture."""
        caption = _caption("position_of_county", place=self.subject.place.name_en)
        exhibit = _Exhibit("position", caption, self._map)
        return _Section(words.county_position_text(self.subject, self.language), (exhibit,))

    def comparison(self) -> _Section:
        """Strengths and weaknesses against its class."""
        subject, language = self.subject, self.language
        standings = standing.standings(subject, self.evidence)
        union = standing.union_of(subject, self.evidence)
        peers = words.peers_of(subject, count=False)[0]
        caption = _caption("standing", place=subject.place.name_en, peers=peers)
        return _Section(
            words.standing_text(subject, standings, union, language),
            (
                _Exhibit("profile", caption, lambda: charts.standing_chart(subject, standings, language)),
                _Exhibit("standing", "", lambda: tables.standing_table(subject, standings, language)),
            ),
        )

    def gap(self) -> _Section:
        """Its gap to the province in words; the parts are in the text."""
        gap = self.subject.gap(self.evidence)
        parts = (*gap.account.parts, gap.border_and_terrain)
        return _Section(
            words.county_gap_text(self.subject, gap, self.language),
            estimates=tables.gap_estimates(self.subject.place.code, self.subject.province.code, gap.account, parts),
        )

    def claims(self) -> _Section:
        """The claims that name the county; no table if there is none."""
        findings = self.subject.findings(self.evidence)
        table = _Exhibit("claims", "", lambda: tables.claims_table(findings, self.language))
        return _Section(words.claims_text(self.subject, findings, self.language), (table,) if findings else ())

    def statements(self) -> _Section:
        """The register by topic, and its statements on the county."""
        return _statements(self.subject, self.evidence, self.language)

    def _map(self) -> Figure:
        frame, outline = _outlined(self.evidence.frame, {self.subject.place.code}, self.subject.place)
        own = frame[frame["prefecture_code"].eq(self.subject.prefecture.code) & frame["area_km2"].notna()]
        enough = len(own) >= FEW_POLYGONS and not self.subject.is_direct
        region = self.subject.prefecture.code if enough else self.subject.province.code
        named = tuple(own["code"]) if enough else (self.subject.place.code,)
        return draw_map(
            load_map_base(), frame, topic("relief_m"), region, language=self.language, outline=outline, named=named
        )


def _caption(key: str, **values: str) -> str:
    return WORDS(f"caption.{key}", "en", **values)


def _outlined(frame: pd.DataFrame, codes: Collection[str], place: Place) -> tuple[pd.DataFrame, Outline]:
    """County frame that marks some counties, and the heavy outline around them."""
    return frame.assign(is_outlined=frame["code"].isin(codes)), Outline("is_outlined", place.name_en, place.name_zh)


def _statements(subject: analysis.Prefecture | analysis.County, evidence: Evidence, language: str) -> _Section:
    """The register of open statements by topic, then those on a place; no second table if there are none."""
    table = evidence.table("statements")
    register = register_from(table)
    there = select(register, place=subject.place.code)
    counts = _Exhibit("statement-counts", "", lambda: tables.statement_counts_table(register, language))
    listed = _Exhibit("statements", "", lambda: tables.statements_table(there, language), shown=STATEMENTS_SHOWN)
    return _Section(words.statements_text(subject, table, there, language), (counts, listed) if there else (counts,))
