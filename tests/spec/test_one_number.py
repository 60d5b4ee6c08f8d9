"""The same quantity has one number: every place that shows it is computed once and compared.

A place is a claim, a frame behind a table or figure, or a sentence as a notebook prints it. Numbers must agree to nine
digits, printed ones to the digits that are printed. Where two definitions are wanted, the text names its own and points
to the other: those pairs stand at the end.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shanhai.claims.claims import CHECKS, claims_from
from shanhai.claims.engine import find
from shanhai.claims.evidence import project_evidence
from shanhai.core.fields import title_of
from shanhai.core.paths import NOTEBOOKS
from shanhai.data.frames.aggregates import build_province_frame
from shanhai.data.later import load_later
from shanhai.data.load import load_layer, load_table
from shanhai.data.vintage import Vintage
from shanhai.methods import CovarianceSpec, fit
from shanhai.methods.regression.comparison import compare_covariances
from shanhai.render.numbers import format_number
from shanhai.run.parameters import read_parameters
from shanhai.studies.border.design import BY_PROVINCE, border_spec, main_spec
from shanhai.studies.convergence.analysis import areas, convergence_frame, moran_table
from shanhai.studies.convergence.panel import positions_of_the_26
from shanhai.studies.convergence.words import moran_sentence, position_sentences
from shanhai.studies.gap.analysis import GapAnswer, explain_mountain_counties, explain_places, gap_data
from shanhai.studies.gap.beside import residual_of
from shanhai.studies.gap.words import mountain_paragraph, parts_paragraph
from shanhai.studies.mountain import words as mountain_words
from shanhai.studies.mountain.analysis import add_mountain_kind
from shanhai.studies.new_border import nine_prefectures
from shanhai.studies.new_border import tables as border_tables
from shanhai.studies.new_border import words as border_words
from shanhai.studies.new_border.analysis import side_effects, study_border
from shanhai.studies.pairing import cities as pair_of_cities
from shanhai.studies.pairing import emigration
from shanhai.studies.pairing import words as emigration_text
from shanhai.studies.place import analysis as places
from shanhai.studies.place import words as place_words
from shanhai.studies.place.standing import standings
from shanhai.studies.ranking.values import county_types
from shanhai.studies.robustness.analysis import estimate_family
from shanhai.studies.robustness.discontinuity import counties_at_borders, jump_evidence
from shanhai.studies.targets import analysis as targets
from shanhai.studies.targets import words as target_text
from shanhai.studies.targets.design import GROUP, TABLES

ZHEJIANG, QUZHOU, JINHUA, BAZHONG = "330000", "330800", "330700", "511900"

Place = Callable[[], Any]


def nine_answer() -> str:
    return border_words.answer_text(side_effects(study_border()), nine_prefectures.border_effects())


@lru_cache
def computed(claim_id: str) -> Any:
    """What a claim gives, as ``findings.json`` and the README show it."""
    return find(claims()[claim_id], project_evidence()).computed


@lru_cache
def claims() -> dict[str, Any]:
    return {claim.id: claim for claim in claims_from(load_table("claims"))}


@lru_cache
def on(claim_id: str, key: str) -> Any:
    """What a claim gives on a basis by its key."""
    found = CHECKS[claim_id].test(claims()[claim_id], project_evidence())
    return next(basis.value for basis in found if basis.key == key)


def prefecture(code: str) -> places.Prefecture:
    return places.find_prefecture(code, project_evidence(), Vintage())


def defaults(notebook: str) -> dict[str, Any]:
    """Parameters of a notebook as it is saved."""
    [path] = NOTEBOOKS.glob(f"{notebook}-*.ipynb")
    return {name: parameter.default for name, parameter in read_parameters(path).items()}


def printed(text: str, pattern: str) -> str:
    """The number that a sentence prints."""
    found = re.search(pattern, text)
    assert found, f"{pattern!r} is not in {text!r}"
    return found[1]


def column(table: pd.DataFrame, **keys: object) -> pd.Series:
    """The one row of a table with these values."""
    rows = table[np.logical_and.reduce([table[name].eq(value) for name, value in keys.items()])]
    assert len(rows) == 1, keys
    return rows.iloc[0]


@lru_cache
def zhejiang() -> pd.DataFrame:
    frame = add_mountain_kind(project_evidence().frame, load_table("mountain_counties"))
    return frame[frame["province_code"] == ZHEJIANG]


def shares_text() -> str:
    """As notebook 02 prints it."""
    residents = build_province_frame().set_index("code")["population_2020"][ZHEJIANG]
    return mountain_words.share_text(zhejiang(), residents, Vintage())


@lru_cache
def answer(place: str, reference: str) -> GapAnswer:
    return explain_places(place, reference, gap_data(), draws=99)


def said_of(given: GapAnswer) -> str:
    """What notebook 08 says of the parts of a gap."""
    return parts_paragraph(given, residual_of(given, gap_data()))


@lru_cache
def gap(place: str) -> Any:
    return prefecture(place).gap(project_evidence()).account


def gap_text(place: str) -> str:
    return place_words.gap_text(prefecture(place), gap(place))


def profile(place: str, name: str, side: str = "place") -> float:
    lines = prefecture(place).profile(project_evidence())
    return float(next(getattr(line, side) for line in lines if line.indicator.column == name))


def standing(code: str, name: str, side: str) -> float:
    """A line of the page of a county."""
    subject = places.find_county(code, project_evidence(), Vintage())
    lines = standings(subject, project_evidence())
    return float(next(getattr(line, side) for line in lines if line.indicator.column == name))


def place_answer(place: str) -> str:
    """What notebook 04 answers."""
    subject, evidence = prefecture(place), project_evidence()
    doubtful = places.doubtful_gdp(subject)
    return place_words.answer(subject, subject.level(evidence), subject.gap(evidence), doubtful)


@lru_cache
def followed(kind: str) -> Any:
    tables = {name: load_table(name) for name in TABLES}
    if kind == "gdp":
        return targets.gdp_target(tables, project_evidence().provinces, load_later())
    return targets.urban_target(tables, load_later())


def targets_text() -> str:
    return target_text.answer(followed("gdp"), followed("urban"), targets.backtest_errors(followed("gdp")))


@lru_cache
def moran() -> pd.DataFrame:
    known = defaults("05")
    return moran_table(known["draws"], known["seed"])


@lru_cache
def emigrants() -> tuple[pd.DataFrame, tuple[float, int, int]]:
    """As notebook 10 computes them."""
    tables = {name: load_table(name) for name in ("county_hukou", "census_2010", "census_2020")}
    frame = project_evidence().frame
    inside = frame.loc[frame["prefecture_code"].eq(BAZHONG), "code"].tolist()
    years = emigration.registered_less_resident(tables, BAZHONG, inside)
    return years, emigration.carried_registered(tables["county_hukou"], inside, 2020)


def emigrants_text() -> str:
    return emigration_text.people_text(*emigrants(), 1_100_000)


def in_jinhua_text() -> str:
    arrived, residents, nation = emigration.arrivals(load_table("census_2020"), JINHUA)
    claimed, elsewhere = (emigration.claimed(load_table("claims"), claim) for claim in ("B05", "B04"))
    expected = emigration.expected_in(arrived, nation, elsewhere)
    return emigration_text.twelve_thousand_text(claimed, elsewhere, arrived, expected, residents)


@lru_cache
def main_fit() -> Any:
    return fit(main_spec(), project_evidence().analysis)


def under_province() -> Any:
    return fit(border_spec(covariance=BY_PROVINCE), project_evidence().analysis)


def under(covariance: CovarianceSpec) -> float:
    rows = compare_covariances(main_spec(), project_evidence().analysis, ["on_border"], [covariance])
    return float(rows["estimate"].iloc[0])


def of_family() -> float:
    family = estimate_family("border_samples", project_evidence().analysis, np.random.default_rng(1), draws=99)
    return float(column(family, sample="China")["estimate"])


def jinhua_over_bazhong() -> float:
    among = pair_of_cities.city_attributes(project_evidence().prefectures, load_layer("prefectures"))
    ranks = pair_of_cities.city_ranks(among, BAZHONG, JINHUA, [JINHUA])
    return float(np.exp(column(ranks, outcome="gap_2021")["value"]))


QUANTITIES: Mapping[str, Mapping[str, Place]] = {
    "land of the 26, percent of the polygons": {
        "M02, with Longgang": lambda: on("M02", "polygons"),
        "02": lambda: printed(shares_text(), r"hold ([\d.]+)% of the province's land as"),
    },
    "land of the 26, percent of what was published": {
        "M02": lambda: computed("M02"),
        "02": lambda: printed(shares_text(), r"\(([\d.]+)% on the basis of claim M02: without the 184 km² of Longgang"),
    },
    "residents of the 26, percent": {
        "M03": lambda: computed("M03"),
        "02": lambda: printed(shares_text(), r"and ([\d.]+)% of its residents"),
    },
    "counties of the 26": {
        "M01": lambda: computed("M01"),
        "P01": lambda: computed("P01a") + computed("P01b"),
        "02": lambda: printed(shares_text(), r"^(\d+) of"),
        "11": lambda: len(county_types()),
    },
    "GDP per head of the 26 over Zhejiang's": {
        "M16a": lambda: computed("M16a")["26 counties in percent of Zhejiang, 2021"],
        "P02": lambda: computed("P02")["26 counties in percent of Zhejiang, 2021"],
        "09": lambda: followed("gdp").of(GROUP)["last"],
        "09, sentence": lambda: printed(targets_text(), r"^In 2021 .* was ([\d.]+)% of the province's"),
    },
    "urban share of the 26": {
        "M17": lambda: computed("M17")["26 counties, 2020"],
        "P04": lambda: computed("P04")["26 counties, 2020"],
        "09": lambda: followed("urban").of(GROUP)["last"],
        "09, sentence": lambda: printed(targets_text(), r"urban share, ([\d.]+)% in 2020"),
    },
    "Moran's I of GDP per head, 2011": {
        "L05a": lambda: computed("L05a")["Moran's I 2011"],
        "05": lambda: column(moran(), measure="gdp_per_head", year=2011)["moran"],
        "05, sentence": lambda: printed(moran_sentence(moran()), r"GDP.* ([\d.]+) in 2011"),
    },
    "its p-value": {
        "L05a": lambda: computed("L05a")["p (one-sided)"],
        "05": lambda: column(moran(), measure="gdp_per_head", year=2011)["p"],
    },
    "border effect on gaps between the nine prefectures": {
        "L04a": lambda: computed("L04a")["estimate"],
        "07": lambda: column(nine_prefectures.border_effects(), design="main")["estimate"],
        "07, table": lambda: border_tables.nine_table(nine_prefectures.border_effects()).frame["estimate"].iloc[0],
        "07, sentence": lambda: printed(nine_answer(), r"changed by (-[\d.]+) points a year across"),
    },
    "effect of the border of 1997 on Chongqing": {
        "L03b": lambda: computed("L03b")["estimate"],
        "07": lambda: column(side_effects(study_border()), side="chongqing", start=1997, end=2001)["estimate"],
    },
    "border difference, main specification": {
        "Q22": lambda: computed("Q22")["estimate"],
        "03": lambda: main_fit().params[0],
        "12, HC3": lambda: under(CovarianceSpec("HC3")),
        "12, Conley": lambda: under(CovarianceSpec.conley("bartlett", 200.0)),
        "13, family": of_family,
    },
    "its lower bound": {
        "Q22": lambda: computed("Q22")["low"],
        "03, errors by province": lambda: under_province().records()[0].low,
    },
    "jump of the lights at the border": {
        "L02": lambda: computed("L02")["estimate"],
        "13": lambda: jump_evidence(counties_at_borders(project_evidence().analysis), ("lights_per_km2_2013",))[
            "estimate"
        ].iloc[0],
    },
    "gap of Quzhou, means of logs": {
        "04": lambda: gap(QUZHOU).gap,
        "08": lambda: answer(QUZHOU, ZHEJIANG).shares.gap,
        "04, sentence": lambda: printed(gap_text(QUZHOU), r"(-[\d.]+) log points"),
        "08, sentence": lambda: printed(said_of(answer(QUZHOU, ZHEJIANG)), r"(-[\d.]+) log points"),
    },
    "gap of Quzhou, by totals": {
        "04": lambda: 100 * (1 - np.exp(gap(QUZHOU).aggregate_gap)),
        "08": lambda: 100 * (1 - np.exp(answer(QUZHOU, ZHEJIANG).shares.aggregate_gap)),
        "04, sentence": lambda: printed(gap_text(QUZHOU), r"by totals (\d+)% below"),
        "08, sentence": lambda: printed(said_of(answer(QUZHOU, ZHEJIANG)), r"by totals (\d+)% below"),
    },
    "gap of Bazhong, means of logs": {
        "04": lambda: gap(BAZHONG).gap,
        "08": lambda: answer(BAZHONG, "510000").shares.gap,
        "B08": lambda: printed(find(claims()["B08"], project_evidence()).note, r"Of a gap of (-[\d.]+) log points"),
    },
    "contribution of distance to it": {
        "B08": lambda: computed("B08")["contribution"],
        "08": lambda: answer(BAZHONG, "510000").shares.part("distance").contribution,
    },
    "GDP per head of Quzhou": {
        "Q05": lambda: on("Q05", "residents_2020")["Quzhou"],
        "S02b": lambda: on("S02b", "residents_2020")["Quzhou"],
        "04": lambda: profile(QUZHOU, "gdp_per_capita_2021"),
        "04, sentence": lambda: printed(place_answer(QUZHOU), r"was ([\d,]+) yuan"),
    },
    "GDP per head of Zhejiang": {
        "Q06": lambda: on("Q06", "residents_2020")["Zhejiang"],
        "04": lambda: profile(QUZHOU, "gdp_per_capita_2021", "province"),
        "04, county": lambda: standing("330824", "gdp_per_capita_2021", "province"),
        "09": lambda: build_province_frame().set_index("code")["gdp_per_capita_2021"][ZHEJIANG],
    },
    "GDP per head of China": {
        "Q05": lambda: on("Q05", "residents_2020")["China"],
        "04": lambda: profile(QUZHOU, "gdp_per_capita_2021", "country"),
    },
    "GDP per head of Jinhua over Bazhong's": {
        "B07": lambda: on("B07", "residents_2020")["Jinhua"] / on("B07", "residents_2020")["Bazhong"],
        "04": lambda: profile(JINHUA, "gdp_per_capita_2021") / profile(BAZHONG, "gdp_per_capita_2021"),
        "10": jinhua_over_bazhong,
    },
    "urban share of Quzhou": {
        "Q02": lambda: computed("Q02")["Quzhou"],
        "Q03": lambda: computed("Q03")["Quzhou"],
        "04": lambda: profile(QUZHOU, "urban_share_2020"),
    },
    "aged 60 and over in Quzhou": {
        "Q13a": lambda: computed("Q13a"),
        "04": lambda: profile(QUZHOU, "share_60_plus_2020"),
    },
    "people of Bazhong who live elsewhere": {
        "B04, two years": lambda: on("B04", "mixed_2014_2020"),
        "10": lambda: column(emigrants()[0], source="mixed")["difference"],
        "10, sentence": lambda: printed(emigrants_text(), r"residents of 2020 would be ([\d,]+),"),
    },
    "the same, the register carried on": {
        "B04": lambda: computed("B04"),
        "10, sentence": lambda: printed(emigrants_text(), r"this gives ([\d,]+), the number beside"),
    },
    "the same in 2010": {
        "B04, 2010": lambda: on("B04", "census_2010"),
        "10, sentence": lambda: printed(emigrants_text(), r"In 2010, ([\d,]+) more"),
    },
    "people of Bazhong in Jinhua": {
        "B05": lambda: computed("B05")["percent of those from other provinces"],
        "10, sentence": lambda: printed(in_jinhua_text(), r"([\d.]+)% of Jinhua's residents from other provinces"),
    },
    "Quzhou's neighbours among the provinces": {
        "Q25": lambda: len(computed("Q25")),
        "04, sentence": lambda: len(
            printed(
                place_words.position_text(prefecture(QUZHOU)),
                r"another province \(([^)]*)\)",
            ).split(", ")
        ),
    },
}
"""What is one number, and every place that shows it."""


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_a_quantity_has_one_number_in_every_place(quantity: str) -> None:
    values = {place: compute() for place, compute in QUANTITIES[quantity].items()}
    number = next(float(value) for value in values.values() if not isinstance(value, str))
    assert np.isfinite(number)
    wrong = {place: value for place, value in values.items() if not _is(value, number)}
    assert not wrong, f"{quantity}: {number} and {wrong}"


def _is(value: Any, number: float) -> bool:
    if isinstance(value, str):
        return format_number(number, len(value.partition(".")[2])) == value
    return float(value) == pytest.approx(number, rel=1e-9, abs=1e-12)


def test_a_place_that_differs_is_found() -> None:
    assert _is("45.2", 45.247) and not _is("45.3", 45.247) and not _is("45.25", 45.257)
    assert _is(1 + 1e-12, 1.0) and not _is(1 + 1e-6, 1.0) and not _is(-1.15, 1.15)


def test_where_two_definitions_are_wanted_each_names_its_own_and_points_to_the_other() -> None:
    land = shares_text()
    assert "claim M02" in land and "claim M03" in land
    assert "notebook 05" in find(claims()["L05a"], project_evidence()).basis
    assert "notebook 07" in find(claims()["L04a"], project_evidence()).basis
    here = gap_text(QUZHOU)
    assert "the profile is of all residents" in here and "Notebook 08 decomposes the same gap" in here
    paths = positions_of_the_26(areas(convergence_frame())["zhejiang"])
    # 62.0 % of the rest (counties with figures in every year) beside 60.1 % of the province (all 26 together)
    assert paths["gdp_per_head"]["ratio"].iloc[-1] != pytest.approx(followed("gdp").of(GROUP)["last"], abs=0.5)
    assert "against the whole province: notebook 09" in position_sentences(paths)
    illiterates = find(claims()["Q14a"], project_evidence())
    assert "of every age" in illiterates.basis
    assert illiterates.computed != pytest.approx(profile(QUZHOU, "illiteracy_2020"), abs=0.1)
    assert "15 and over" in title_of("illiteracy_2020")[0]


def test_the_26_by_means_of_logs_point_to_the_26_by_totals() -> None:
    said = mountain_paragraph(explain_mountain_counties(gap_data(), draws=99), (1, 58))
    assert "by totals: notebook 09" in said
