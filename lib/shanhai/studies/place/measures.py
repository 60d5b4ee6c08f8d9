"""Measures of GDP per head of a prefecture, side by side: those of the report, of its yearbook, of the documents."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.claims.evidence import Evidence
from shanhai.data.vintage import Vintage
from shanhai.studies.place.analysis import Prefecture


@dataclass(frozen=True)
class Measure:
    """One measure; NaN where the tables hold nothing."""

    key: str
    """Entry of ``[measure]`` of the words: which GDP over which people."""
    gdp: float
    """Yuan."""
    people: float
    """Persons: counted, or implied by GDP over GDP per head."""
    per_head: float
    """Yuan."""
    year: int | None
    """Year of the people; None for those that a published figure per head implies."""


def measures_of(subject: Prefecture, evidence: Evidence) -> tuple[Measure, ...]:
    """GDP per head of a prefecture in the year of GDP by each measure, in the order of the table.

    Parameters
    ----------
    subject : Prefecture
    evidence : Evidence
        Its frames and tables.
    """
    vintage, code = subject.vintage, subject.place.code
    row = evidence.prefectures.query("code == @code")
    gdp, residents = (float(row[vintage.column(stem)].iloc[0]) for stem in ("gdp", "population"))
    whole = _over("residents", gdp, residents, vintage.census)
    return (
        whole,
        *_of_counties(subject.counties, vintage),
        _published(evidence.table("prefecture_economy"), code, subject.province.code, vintage.gdp),
        _published_by_counties(evidence.table("county_gdp"), code, vintage.gdp),
        _registered(evidence.table("county_hukou"), code, gdp, len(subject.counties), vintage.gdp),
    )


def _over(key: str, gdp: float, people: float, year: int | None) -> Measure:
    return Measure(key, gdp, people, gdp / people if people > 0 else np.nan, year)


def _of_counties(counties: pd.DataFrame, vintage: Vintage) -> tuple[Measure, Measure]:
    """The sum of the counties with GDP over their residents, and the weighted mean of their logarithms."""
    known = counties.dropna(subset=[vintage.column(stem) for stem in ("gdp", "population")])
    gdp, people = (known[vintage.column(stem)].astype(float) for stem in ("gdp", "population"))
    mean = float(np.exp(np.average(np.log(gdp / people), weights=people))) if len(known) else np.nan
    total = _over("counties", float(gdp.sum()), float(people.sum()), vintage.census)
    return total, Measure("logs", np.nan, total.people, mean, vintage.census)


def _published(economy: pd.DataFrame, code: str, province: str, year: int) -> Measure:
    """What the prefecture prints; a municipality stands in that table by the code of its province."""
    found = economy.loc[economy["code"].isin([code, province]) & economy["year"].eq(year)]
    if found.empty:
        return Measure("published", np.nan, np.nan, np.nan, None)
    gdp, per_head = float(found["gdp_100m_yuan"].iloc[0]) * 1e8, float(found["gdp_per_capita_yuan"].iloc[0])
    return Measure("published", gdp, gdp / per_head, per_head, None)


def _published_by_counties(county_gdp: pd.DataFrame, code: str, year: int) -> Measure:
    """The sum over counties that print both over the people whom their figures per head imply."""
    rows = county_gdp.loc[county_gdp["code"].str.startswith(code[:4]) & county_gdp["year"].eq(year)]
    known = rows.dropna(subset=["gdp_10k_yuan", "gdp_per_capita_10k_yuan"])
    gdp = float(known["gdp_10k_yuan"].sum()) * 1e4
    people = float((known["gdp_10k_yuan"] / known["gdp_per_capita_10k_yuan"]).sum())
    return _over("published_counties", gdp if len(known) else np.nan, people if len(known) else np.nan, None)


def _registered(hukou: pd.DataFrame, code: str, gdp: float, units: int, year: int) -> Measure:
    """GDP over the registered population of the nearest year in which every county has one."""
    rows = hukou.loc[hukou["code"].str.startswith(code[:4])].dropna(subset="hukou_population_10k")
    years = rows.groupby("year")["hukou_population_10k"].agg(["size", "sum"])
    full = years.loc[years["size"].ge(units)]
    if full.empty:
        return Measure("registered", gdp, np.nan, np.nan, None)
    nearest = min(full.index, key=lambda known: (abs(known - year), known))
    return _over("registered", gdp, float(full.loc[nearest, "sum"]) * 1e4, int(nearest))
