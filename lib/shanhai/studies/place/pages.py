"""The page of a place, a prefecture or a county: an answer, three figures and five sections, each as suits the place.

A section is a method of both pages: its text (:mod:`shanhai.studies.place.words`) and its exhibits, which are made only
when they are published.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property

import pandas as pd
from matplotlib.figure import Figure

from shanhai.claims.evidence import Evidence, project_evidence
from shanhai.claims.statements import register_from, select
from shanhai.core.fields import terrain_grid
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
from shanhai.render.style import check_language, label
from shanhai.render.tables import TableSpec
from shanhai.render.words import Pair
from shanhai.studies.place import analysis, charts, standing, tables, words
from shanhai.studies.place.design import FEW_POLYGONS, STATEMENTS_SHOWN
from shanhai.studies.place.measures import measures_of
from shanhai.studies.place.words import WORDS

_Drawn = tuple[Figure, str, str]
"""A figure, its name and its caption, as ``publish_figure`` takes them."""


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
    """What text shows that no table does."""


def publish_exhibits(section: _Section) -> tuple[PublishedFigure | PublishedTable, ...]:
    """Make and store the exhibits of a section and the estimates of its text; return the exhibits, in order."""
    store_shown(section.estimates)
    return tuple(_publish(exhibit) for exhibit in section.exhibits)


def _publish(exhibit: _Exhibit) -> PublishedFigure | PublishedTable:
    made = exhibit.make()
    if isinstance(made, TableSpec):
        return publish_table(made, exhibit.name, shown=exhibit.shown)
    return publish_figure(made, exhibit.name, exhibit.caption)


class _Page(ABC):
    """What the report says about a place."""

    subject: analysis.Prefecture | analysis.County
    evidence: Evidence
    language: str

    @property
    def name(self) -> Pair:
        """The place, in English and Chinese."""
        return words.name_of(self.subject)

    @property
    def reference(self) -> Pair:
        """What its gap is measured against: the province or, for one that fills its province, the country."""
        return words.reference_of(self.subject)

    @property
    def grid(self) -> Pair:
        """The grid that its relief is read from."""
        return terrain_grid()

    def answer(self) -> str:
        """Level, gap and doubt in three sentences."""
        subject = self.subject
        level, doubtful = subject.level(self.evidence), analysis.doubtful_gdp(subject)
        return words.answer(subject, level, self._account, doubtful, self.language)

    @abstractmethod
    def profile(self) -> _Drawn:
        """Its indicators beside others on strips."""

    def gap_chart(self) -> _Drawn:
        """The parts of its gap with their intervals."""
        year = str(self.subject.vintage.gdp)
        caption = self._caption("gap", place=self.name, reference=self.reference, year=year)
        return charts.gap_chart(self._account.account, self.language), "gap", caption

    @abstractmethod
    def map(self) -> _Drawn:
        """Where it lies among borders and mountains."""

    @abstractmethod
    def position(self) -> _Section:
        """Where it lies among borders and mountains, in words."""

    @abstractmethod
    def comparison(self) -> _Section:
        """How it compares: a prefecture by its counties, a county with its class."""

    @abstractmethod
    def gap(self) -> _Section:
        """Its gap to the province, part by part."""

    def claims(self) -> _Section:
        """The claims that name the place; no table if there is none."""
        findings = self.subject.findings(self.evidence)
        table = _Exhibit("claims", "", lambda: tables.claims_table(findings, self.name, self.language))
        return _Section(words.claims_text(self.subject, findings, self.language), (table,) if findings else ())

    def statements(self) -> _Section:
        """What else the documents say that no table here decides; no table if nothing names the place."""
        table = self.evidence.table("statements")
        there = select(register_from(table), place=self.subject.place.code)
        listed = _Exhibit(
            "statements",
            "",
            lambda: tables.statements_table(there, self.name, self.language),
            shown=STATEMENTS_SHOWN,
        )
        return _Section(words.statements_text(self.subject, table, there, self.language), (listed,) if there else ())

    @cached_property
    def _account(self) -> analysis.PlaceGap:
        return self.subject.gap(self.evidence)

    def _gap_section(self, text: str) -> _Section:
        """The table of the parts; the sum of border and terrain stands in texts alone."""
        table = _Exhibit("gap", "", lambda: tables.gap_table(self.subject, self._account, self.language))
        joint = (self._account.border_and_terrain,)
        return _Section(text, (table,), tables.gap_estimates(self.subject, self._account.account, joint))

    def _caption(self, key: str, **values: str | Pair) -> str:
        return label(self.language, *WORDS.pair(f"caption.{key}", **values))


def open_page(
    prefecture: str | int, county: str | int = "", language: str = "en", gdp_year: str = NEWEST_YEAR
) -> _Page:
    """The page of a county if one is named, else that of the prefecture.

    Parameters
    ----------
    prefecture : str or int
        A prefecture by code or name.
    county : str or int
        A county by code or name, or empty.
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
class _PrefecturePage(_Page):
    """The page of a prefecture."""

    subject: analysis.Prefecture
    evidence: Evidence
    language: str

    def profile(self) -> _Drawn:
        """Its profile beside province and country."""
        lines = self.subject.profile(self.evidence)
        return (
            charts.profile_chart(self.subject, lines, self.language),
            "profile",
            self._caption("profile", place=self.name),
        )

    def map(self) -> _Drawn:
        """Borders and relief, on the map of its province."""
        place, province = self.subject.place, self.subject.province
        frame, outline = _outlined(self.evidence.frame, set(self.subject.counties["code"]), place)
        figure = draw_map(
            load_map_base(), frame, topic("relief_m"), province.code, language=self.language, outline=outline
        )
        return figure, "position", self._caption("position", province=words.full(province), place=self.name)

    def position(self) -> _Section:
        """Borders and relief of its counties."""
        return _Section(words.position_text(self.subject, self.language))

    def comparison(self) -> _Section:
        """Its counties, the richest first, in a table and on a map, and the measures of its GDP per head."""
        subject, language = self.subject, self.language
        rows, measures = subject.county_table(), measures_of(subject, self.evidence)
        caption = self._caption("wealth", place=self.name, year=str(subject.vintage.gdp))
        return _Section(
            f"{words.profile_text(subject.profile(self.evidence), language)}\n\n"
            + words.measures_text(subject, measures, language),
            (
                _Exhibit("counties", "", lambda: tables.counties_table(subject, rows, language)),
                _Exhibit("measures", "", lambda: tables.measures_table(subject, measures, language)),
                _Exhibit("wealth", caption, self._wealth_map),
            ),
        )

    def gap(self) -> _Section:
        """Its gap to the province, part by part; for a province of one prefecture, to the country."""
        return self._gap_section(words.gap_text(self.subject, self._account.account, self.language))

    def _wealth_map(self) -> Figure:
        named = tuple(self.subject.counties["code"])
        vintage = self.subject.vintage
        wealth, units = topic(vintage.column("gdp_per_capita")), load_table("county_gdp")
        frame = with_joint_gdp(self.evidence.frame, units, load_table("crosswalk"), vintage.gdp)
        return draw_map(load_map_base(), frame, wealth, self.subject.place.code, language=self.language, named=named)


@dataclass(frozen=True)
class _CountyPage(_Page):
    """The page of a county."""

    subject: analysis.County
    evidence: Evidence
    language: str

    def profile(self) -> _Drawn:
        """It beside its class and its province."""
        peers = words.peers_of(self.subject, count=False)
        figure = charts.standing_chart(self.subject, self._standings, self.language)
        return figure, "profile", self._caption("standing", place=self.name, peers=peers)

    def map(self) -> _Drawn:
        """Border and relief, on the map of its prefecture."""
        subject = self.subject
        frame, outline = _outlined(self.evidence.frame, {subject.place.code}, subject.place)
        own = frame[frame["prefecture_code"].eq(subject.prefecture.code) & frame["area_km2"].notna()]
        enough = len(own) >= FEW_POLYGONS and not subject.is_direct
        region = subject.prefecture.code if enough else subject.province.code
        named = tuple(own["code"]) if enough else (subject.place.code,)
        figure = draw_map(
            load_map_base(), frame, topic("relief_m"), region, language=self.language, outline=outline, named=named
        )
        return figure, "position", self._caption("position_of_county", place=self.name)

    def position(self) -> _Section:
        """What kind of county it is, its borders and relief."""
        return _Section(words.county_position_text(self.subject, self.language))

    def comparison(self) -> _Section:
        """Strengths and weaknesses against its class."""
        subject, language = self.subject, self.language
        union = standing.union_of(subject, self.evidence)
        table = _Exhibit("standing", "", lambda: tables.standing_table(subject, self._standings, language))
        return _Section(words.standing_text(subject, self._standings, union, language), (table,))

    def gap(self) -> _Section:
        """Its gap to the province, part by part."""
        return self._gap_section(words.county_gap_text(self.subject, self._account, self.language))

    @cached_property
    def _standings(self) -> tuple[standing.Standing, ...]:
        return standing.standings(self.subject, self.evidence)


def _outlined(frame: pd.DataFrame, codes: Collection[str], place: Place) -> tuple[pd.DataFrame, Outline]:
    """County frame that marks some counties, and the heavy outline around them."""
    return frame.assign(is_outlined=frame["code"].isin(codes)), Outline("is_outlined", place.name_en, place.name_zh)
