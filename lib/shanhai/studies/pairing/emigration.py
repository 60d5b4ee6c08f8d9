"""People who are registered in a place and live elsewhere: hukou less residents, over time and by county.

The difference is a balance of all ages. It holds workers, and also children who left with their parents, students, and
the old who followed; it is lowered by everyone who lives there and is registered elsewhere. It says nothing of where
people went.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import pandas as pd

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.core.places import require_codes
from shanhai.data.frames.harmonise import territory_groups
from shanhai.data.frames.panel import county_rows
from shanhai.methods.checks import as_number, as_numbers, of_units
from shanhai.methods.records import Quantity
from shanhai.methods.spec.identity import digest

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class _PeopleSpec:
    """How people who live elsewhere are counted."""

    difference: str = "registered less residents"
    residents: str = "census"


_PEOPLE_ID = digest({"class": "PeopleSpec", **asdict(_PeopleSpec())})
"""Id of the count of people who live elsewhere."""

_COHORTS = (
    (("age_0", "age_1_4"), ("age_10_14",)),
    (("age_5_9",), ("age_15_19",)),
    (("age_10_14",), ("age_20_24",)),
    (("age_15_19",), ("age_25_29",)),
    (("age_20_24",), ("age_30_34",)),
    (("age_25_29",), ("age_35_39",)),
    (("age_30_34",), ("age_40_44",)),
    (("age_35_39",), ("age_45_49",)),
    (("age_40_44",), ("age_50_54",)),
    (("age_45_49",), ("age_55_59",)),
)
"""Columns of the same people in the censuses of 2010 and 2020, up to ages at which few die within ten years."""


def registered_less_resident(tables: Tables, prefecture: str, codes: Sequence[str]) -> pd.DataFrame:
    """Registered and resident population of a prefecture in every year that has both on one ground.

    Parameters
    ----------
    tables : county_hukou, census_2010, census_2020.
    prefecture : code of the prefecture, whose census rows hold development zones too.
    codes : its counties of 2020.

    Returns
    -------
    DataFrame
        year, registered_year, registered, residents, difference (persons), source (``census``: both counted in 2010;
        ``yearbook``: both from yearbooks, all counties; ``mixed``: residents of the census of 2020 beside the last
        registered population that is complete). Sorted by year.

    Raises
    ------
    MissingDataError
        If no year of the yearbooks has the registered population of all counties.
    """
    yearbook = _complete_years(tables["county_hukou"], codes)
    first, last = (_prefecture_row(tables[f"census_{year}"], prefecture) for year in (2010, 2020))
    rows = [(2010, 2010, float(first["hukou_population"]), float(first["population"]), "census")]
    both = yearbook.dropna(subset=["residents"])
    rows += [
        (int(str(year)), int(str(year)), float(registered), float(residents), "yearbook")
        for year, registered, residents in both[["registered", "residents"]].itertuples(name=None)
    ]
    latest = int(yearbook.index.max())
    rows.append((2020, latest, float(yearbook["registered"][latest]), float(last["population"]), "mixed"))
    frame = pd.DataFrame(rows, columns=["year", "registered_year", "registered", "residents", "source"])
    frame["difference"] = frame["registered"] - frame["residents"]
    return frame.sort_values("year", ignore_index=True)


def _last_registered(hukou: pd.DataFrame, codes: Sequence[str]) -> tuple[int, float]:
    """Last year in which every county has a registered population, and their sum in persons."""
    years = _complete_years(hukou, codes)
    year = int(years.index.max())
    return year, float(years["registered"][year])


def carried_registered(hukou: pd.DataFrame, codes: Sequence[str], year: int) -> tuple[float, int, int]:
    """Registered population carried on from the last complete year at the pace of the counties that report later.

    Returns
    -------
    persons in `year`; the last year that some counties report; their number. Where no county reports later, the last
    complete figure, its year, and 0.
    """
    start, total = _last_registered(hukou, codes)
    rows = hukou[hukou["code"].isin(list(codes))].dropna(subset=["hukou_population_10k"])
    later = rows[rows["year"].gt(start)]
    if later.empty:
        return total, start, 0
    end = int(later["year"].max())
    after = later[later["year"].eq(end)].set_index("code")["hukou_population_10k"]
    before = rows[rows["year"].eq(start)].set_index("code")["hukou_population_10k"].reindex(after.index)
    growth = float(after.sum() / before.sum()) ** (1 / (end - start))
    return total * growth ** (year - start), end, len(after)


def _complete_years(hukou: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    """Registered and resident persons by year, for years with the registered population of all counties."""
    rows = hukou[hukou["code"].isin(list(codes))].dropna(subset=["hukou_population_10k"])
    columns = [name for name in ("resident_urban_10k", "resident_rural_10k") if name in rows.columns]
    rows = rows.assign(residents=rows[columns].sum(axis=1, skipna=False) if len(columns) == 2 else float("nan"))
    counted = rows.groupby("year")["code"].nunique()
    years = counted.index[counted.eq(len(set(codes)))]
    if years.empty:
        raise MissingDataError(
            f"county_hukou has no year with all counties of {sorted(codes)}; years with some: {sorted(counted.index)};"
            f" no figure at all: {sorted(set(codes) - set(rows['code'])) or 'of none'}."
        )
    grouped = rows[rows["year"].isin(years)].groupby("year")
    sums = pd.DataFrame({"registered": grouped["hukou_population_10k"].sum()})
    sums["residents"] = grouped["residents"].sum(min_count=len(set(codes)))
    return sums * 10_000


def _prefecture_row(census: pd.DataFrame, prefecture: str) -> pd.Series:
    rows = census[census["code"].eq(prefecture) & census["level"].eq("prefecture")]
    if len(rows) != 1:
        raise MissingDataError(f"The census has {len(rows)} rows of prefecture {prefecture!r}; one is needed.")
    return rows.iloc[0]


def by_county(tables: Tables, groups: Sequence[Sequence[str]], zones: Mapping[str, float]) -> pd.DataFrame:
    """Registered less resident population of counties, in 2010 and between the last yearbook and the census of 2020.

    Parameters
    ----------
    tables : county_hukou, census_2010, census_2020.
    groups : codes that share one ground over time, such as a district and the one that was cut out of it.
    zones : residents of 2020 that the census prints apart, by a code of their ground; they are added to its group.

    Returns
    -------
    DataFrame
        codes (joined by ``+``), registered_2010, residents_2010, difference_2010, registered_year, registered,
        residents_2020, difference (persons), share (difference in percent of the registered).
    """
    censuses = {year: county_rows(tables[f"census_{year}"]) for year in (2010, 2020)}
    rows = []
    for group in groups:
        before = censuses[2010].reindex(list(group)).dropna(how="all")
        resident = float(censuses[2020]["population"].reindex(list(group)).sum())
        resident += sum(people for code, people in zones.items() if code in group)
        year, registered = _last_registered(tables["county_hukou"], group)
        at_start = float(before["hukou_population"].sum()), float(before["population"].sum())
        rows.append(("+".join(group), *at_start, year, registered, resident))
    names = ["codes", "registered_2010", "residents_2010", "registered_year", "registered", "residents_2020"]
    frame = pd.DataFrame(rows, columns=names)
    frame["difference_2010"] = frame["registered_2010"] - frame["residents_2010"]
    frame["difference"] = frame["registered"] - frame["residents_2020"]
    return frame.assign(share=100 * frame["difference"] / frame["registered"])


def cohort_losses(before: pd.Series, after: pd.Series) -> pd.DataFrame:
    """Residents of 2010 by age who were no longer there in 2020: a balance of moves and, little below 50, of deaths.

    Parameters
    ----------
    before, after : rows of the censuses of 2010 and 2020 with the columns of ``_COHORTS``.

    Returns
    -------
    DataFrame
        age_2010 (first age of five years), residents_2010, residents_2020, lost (persons), share (percent).

    Raises
    ------
    SpecificationError
        If an age is absent, there twice, missing or negative, or no resident of an age group is counted in 2010.
    """
    ages = [[age for pair in _COHORTS for age in pair[side]] for side in (0, 1)]
    before, after = (_counted(row, names) for row, names in zip((before, after), ages, strict=True))
    rows = []
    for place, (first, last) in enumerate(_COHORTS):
        start, end = float(before[list(first)].sum()), float(after[list(last)].sum())
        rows.append((5 * place, start, end, start - end))
    frame = pd.DataFrame(rows, columns=["age_2010", "residents_2010", "residents_2020", "lost"])
    return frame.assign(share=100 * frame["lost"] / frame["residents_2010"])


def _counted(row: pd.Series, ages: Sequence[str]) -> pd.Series:
    """Residents by age as floats."""
    own = of_units(row, list(dict.fromkeys(ages)), "residents by age")
    people = as_numbers(own, "residents by age")
    if (people < 0).any():
        raise SpecificationError(f"residents by age fall to {people.min():g}; allowed: 0 or more. Check the row.")
    return pd.Series(people, index=own.index)


def expected_in(arrived: float, arrived_nation: float, people: float) -> float:
    """Of some people who left their province, how many a place would have if they spread as all such people do.

    Parameters
    ----------
    arrived : residents of the place who are registered in another province.
    arrived_nation : such residents of the whole country.
    people : those who left.

    Raises
    ------
    SpecificationError
        If a number is missing, infinite or negative.
    MissingDataError
        If there are no such residents in the country, or fewer than in the place.
    """
    arrived, people = as_number(arrived, "arrivals", least=0), as_number(people, "those who left", least=0)
    arrived_nation = as_number(arrived_nation, "arrivals of the country", least=0)
    if arrived_nation == 0 or arrived > arrived_nation:
        raise MissingDataError(
            f"{arrived:g} arrivals of {arrived_nation:g} in the country; needed: the first as a part of the second. "
            "Check both."
        )
    return people * arrived / arrived_nation


def prefecture_rows(tables: Tables, prefecture: str) -> tuple[pd.Series, pd.Series]:
    """Census rows of a prefecture in 2010 and 2020."""
    return _prefecture_row(tables["census_2010"], prefecture), _prefecture_row(tables["census_2020"], prefecture)


def shared_grounds(crosswalk: pd.DataFrame, codes: Sequence[str]) -> list[tuple[str, ...]]:
    """Counties of 2020 by the ground they shared in 2010, such as a district and the one cut out of it; sorted."""
    links = territory_groups(crosswalk, 2010).drop_duplicates("code_2020")
    codes = require_codes(codes, set(links["code_2020"]), "counties of 2020")
    inside = links[links["code_2020"].isin(codes)]
    return sorted(tuple(sorted(part["code_2020"])) for _, part in inside.groupby("group"))


def zone_residents(zones: pd.DataFrame, census: pd.DataFrame, codes: Sequence[str]) -> dict[str, float]:
    """Residents of development zones that the census of 2020 prints apart, by the county whose ground they are on."""
    codes = require_codes(codes, set(census["code"].dropna()), "codes of the census")
    hosted = zones[zones["host_code"].isin(codes)]
    people = census.set_index("row")["population"].reindex(hosted["row_2020"]).to_numpy(dtype=float)
    sums = pd.Series(people, index=hosted["host_code"]).groupby(level=0).sum()
    return {str(code): float(value) for code, value in sums.items()}


def arrivals(census: pd.DataFrame, prefecture: str) -> tuple[float, float, float]:
    """Residents of a prefecture registered in another province, all its residents, and such people in the country."""
    row = _prefecture_row(census, prefecture)
    nation = census[census["level"].eq("nation")].iloc[0]
    return float(row["moved_from_other_province"]), float(row["population"]), float(nation["moved_from_other_province"])


def claimed(claims: pd.DataFrame, claim: str) -> float:
    """The one number that a claim prints.

    Raises
    ------
    MissingDataError
        If the table has no such claim.
    """
    values = claims.loc[claims["id"].eq(claim), "value"]
    if len(values) != 1:
        raise MissingDataError(f"The table claims has {len(values)} rows {claim!r}; one is needed.")
    return float(values.iloc[0])


def people_quantities(years: pd.DataFrame, carried: tuple[float, int, int], expected: float) -> list[Quantity]:
    """Registered less resident population of each year, and what chance would bring to the partner."""
    last = float(years.loc[years["source"].eq("mixed"), "residents"].iloc[0])
    counts = [
        (str(row["source"]), f"residents of {row['year']}", row["difference"]) for row in years.to_dict("records")
    ]
    counts.append(("register carried on", "residents of 2020", carried[0] - last))
    counts.append(("spread of all migrants", "expected in the partner", expected))
    return [
        Quantity("Bazhong", "registered less residents, people", model, term, value, 1, _PEOPLE_ID, "prefectures")
        for model, term, value in counts
    ]
