"""Paths of the mountain counties on ground that stays the same: GDP per head since 2001, urban share since 2010.

Three things stand between the published figures and a path, and each is dealt with in the open:

* Cangnan lost Longgang in 2019, so its path is that of both (any group that the crosswalk of 2010 ties together is).
* Some districts have no GDP of their own before 2021. Where all such districts of a prefecture are mountain counties,
  the prefecture's published GDP less that of its other counties is theirs together (``remainder``).
* There is no count of residents near 2001. GDP per head over *residents* joins GDP of 2011 and 2021 to the censuses of
  2010 and 2020; over *registered* persons it reaches back to 2001 (yearbook of 2001, census of 2010, yearbook of 2020).

Money is in yuan at current prices: only ratios of one year mean something over time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from shanhai.core.errors import MissingDataError
from shanhai.core.places import ZHEJIANG
from shanhai.data.frames.harmonise import published_gdp, territory_groups
from shanhai.data.frames.panel import county_rows
from shanhai.data.years import GDP_YEARS
from shanhai.studies.targets.design import GROUP

_RESIDENTS_OF: Mapping[int, int] = {2011: 2010, 2021: 2020}
"""Census whose residents GDP of a year is divided by."""

_CHANGED = 2019
"""Later figures are on the counties of 2020, earlier ones on those of 2010: the year Longgang was founded."""

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Ground:
    """One unit of the paths: mountain counties, and what else is needed to keep the ground the same."""

    unit: str
    """Codes of its mountain counties joined by ``+``."""
    members: tuple[str, ...]
    """Mountain counties whose path this is."""
    codes: tuple[str, ...]
    """All counties of 2020 on the ground."""
    earlier: tuple[str, ...]
    """All counties of 2010 on it: a county that was cut out later is not among them."""
    prefecture: str
    remainder: bool
    """Whether GDP of some year is the prefecture's less that of its other counties."""

    def units(self, year: int) -> tuple[str, ...]:
        """Counties on the ground in a year of GDP."""
        return self.codes if year > _CHANGED else self.earlier


def grounds(tables: Tables, for_gdp: bool = True) -> tuple[Ground, ...]:
    """Units of the paths, sorted; every mountain county is a member of exactly one.

    Districts without GDP of their own are one unit for GDP; the censuses count each of them (``for_gdp`` False).
    """
    links = territory_groups(tables["crosswalk"], 2010)
    tied = links.drop_duplicates("code_2020").set_index("code_2020")["group"]
    prefecture = tables["counties"].set_index("code")["prefecture_code"]
    listed = sorted(tables["mountain_counties"]["code"])
    without = _without_gdp(tables, listed) if for_gdp else set()
    units = []
    for home, members in pd.Series(listed).groupby(prefecture.reindex(listed).to_numpy()):
        short = [code for code in members if code in without]
        alone = [(code,) for code in members if code not in without]
        for group in [*alone, *([tuple(short)] if short else [])]:
            names = tied.reindex(list(group))
            ground = tuple(sorted(tied.index[tied.isin(names)]))
            before = tuple(sorted(set(links.loc[links["group"].isin(names), "code"])))
            units.append(Ground("+".join(group), group, ground, before, str(home), group[0] in without))
    return tuple(sorted(units, key=lambda ground: ground.unit))


def _without_gdp(tables: Tables, codes: list[str]) -> set[str]:
    """Codes that lack GDP in a year."""
    rows = tables["county_gdp"].dropna(subset=["gdp_10k_yuan"])
    compared = rows[rows["code"].isin(codes) & rows["year"].isin(GDP_YEARS)]
    years = compared.groupby("code")["year"].nunique().reindex(codes, fill_value=0)
    return set(years.index[years < len(GDP_YEARS)])


def gdp_paths(tables: Tables, provinces: pd.DataFrame, province: str = ZHEJIANG) -> pd.DataFrame:
    """GDP, people and GDP per head of each ground, of the 26 together and of the province.

    Parameters
    ----------
    tables : frames by the names in :data:`shanhai.studies.targets.design.TABLES`.
    provinces : of :func:`shanhai.data.frames.aggregates.build_province_frame`.

    Returns
    -------
    pandas.DataFrame: unit, year, basis (residents | registered), gdp (yuan), people, value (yuan a head), source
    (published | remainder); sorted. The 26 together are on the ground of the paths, Longgang included.

    Raises
    ------
    MissingDataError
        If a mountain county or its prefecture lacks a figure that the path needs; the message names it.
    """
    rows = [row for ground in grounds(tables) for row in _ground_rows(ground, tables)]
    frame = pd.DataFrame(rows, columns=["unit", "year", "basis", "gdp", "people", "source"])
    together = frame.groupby(["year", "basis"], as_index=False)[["gdp", "people"]].sum()
    parts = [frame, together.assign(unit=GROUP, source="sum"), _province_rows(tables, provinces, province)]
    paths = pd.concat(parts, ignore_index=True)
    paths["value"] = paths["gdp"] / paths["people"]
    return paths.sort_values(["unit", "basis", "year"], ignore_index=True)


def _ground_rows(ground: Ground, tables: Tables) -> list[tuple[str, int, str, float, float, str]]:
    rows = []
    for year in GDP_YEARS:
        gdp, source = _gdp(ground, year, tables), "remainder" if ground.remainder else "published"
        if year in _RESIDENTS_OF:
            rows.append((ground.unit, year, "residents", gdp, _residents(tables, ground, year), source))
        rows.append((ground.unit, year, "registered", gdp, _registered(ground, year, tables), source))
    return rows


def _gdp(ground: Ground, year: int, tables: Tables) -> float:
    gdp = _of_year(tables["county_gdp"], year, "gdp_10k_yuan") * 10_000
    if not ground.remainder:
        return _total(gdp, ground.units(year), f"GDP of {year}")
    whole = published_gdp(tables["prefecture_economy"], year)
    others = _others(ground, tables)
    return _total(whole, [ground.prefecture], f"GDP of {year}") - _total(gdp, others, f"GDP of {year}")


def _others(ground: Ground, tables: Tables) -> list[str]:
    counties = tables["counties"]
    inside = counties.loc[counties["prefecture_code"].eq(ground.prefecture), "code"]
    return sorted(set(inside) - set(ground.codes))


def _residents(tables: Tables, ground: Ground, year: int) -> float:
    """Residents of a ground by the census that belongs to a year of GDP."""
    census = _RESIDENTS_OF[year]
    return _total(county_rows(tables[f"census_{census}"])["population"], ground.units(year), f"residents of {census}")


def _registered(ground: Ground, year: int, tables: Tables) -> float:
    """Registered persons: yearbook of 2001, census of 2010, yearbook of 2020."""
    if year == 2011:
        return _total(county_rows(tables["census_2010"])["hukou_population"], ground.units(year), "registered of 2010")
    yearbook = 2001 if year == 2001 else 2020
    persons = _of_year(tables["county_hukou"], yearbook, "hukou_population_10k") * 10_000
    if year != 2001 or not ground.remainder:
        return _total(persons, ground.units(year), f"registered of {yearbook}")
    whole = _implied_population(tables["prefecture_economy"], 2001)
    others = _total(persons, _others(ground, tables), "registered of 2001")
    return _total(whole, [ground.prefecture], "population of 2001") - others


def _implied_population(economy: pd.DataFrame, year: int) -> pd.Series:
    """Population that published GDP and GDP per head of prefectures imply, persons, by code (2001: registered)."""
    rows = economy.loc[economy["year"].eq(year)].set_index("code")
    return rows["gdp_100m_yuan"] * 1e8 / rows["gdp_per_capita_yuan"]


def _province_rows(tables: Tables, provinces: pd.DataFrame, province: str) -> pd.DataFrame:
    row = provinces[provinces["code"].eq(province)].iloc[0]
    inside = tables["counties"].loc[tables["counties"]["province_code"].eq(province)]
    prefectures = sorted(inside["prefecture_code"].unique())
    census = tables["census_2010"]
    of_2010 = census.loc[census["code"].eq(province) & census["level"].eq("province"), "hukou_population"]
    of_2020 = _of_year(tables["county_hukou"], 2020, "hukou_population_10k").reindex(inside["code"]) * 10_000
    registered = {
        2001: _total(_implied_population(tables["prefecture_economy"], 2001), prefectures, "population of 2001"),
        2011: float(of_2010.iloc[0]),
        2021: _total(of_2020, list(inside["code"]), "registered of 2020"),
    }
    rows = [(year, "registered", float(row[f"gdp_{year}"]), registered[year]) for year in GDP_YEARS]
    people = {year: float(row[f"population_{of}"]) for year, of in _RESIDENTS_OF.items()}
    rows += [(year, "residents", float(row[f"gdp_{year}"]), people[year]) for year in _RESIDENTS_OF]
    frame = pd.DataFrame(rows, columns=["year", "basis", "gdp", "people"])
    return frame.assign(unit=province, source="published")


def urban_paths(tables: Tables, province: str = ZHEJIANG) -> pd.DataFrame:
    """Urban share of residents in 2010 and 2020, percent: grounds, the 26 together (same ground), the province.

    Returns
    -------
    pandas.DataFrame: unit, year, urban, people (persons), value (percent), sorted.
    """
    rows = []
    for year in (2010, 2020):
        census = tables[f"census_{year}"]
        counties = county_rows(census)
        for ground in grounds(tables, for_gdp=False):
            urban, people = (
                _total(counties[column], ground.units(year), f"{column} of {year}")
                for column in ("urban_population", "population")
            )
            rows.append((ground.unit, year, urban, people))
        whole = census[census["code"].eq(province) & census["level"].eq("province")].iloc[0]
        rows.append((province, year, float(whole["urban_population"]), float(whole["population"])))
    frame = pd.DataFrame(rows, columns=["unit", "year", "urban", "people"])
    together = frame[frame["unit"].ne(province)].groupby("year", as_index=False)[["urban", "people"]].sum()
    paths = pd.concat([frame, together.assign(unit=GROUP)], ignore_index=True)
    return paths.assign(value=100 * paths["urban"] / paths["people"]).sort_values(["unit", "year"], ignore_index=True)


def comparable_levels(tables: Tables, province: str = ZHEJIANG) -> tuple[pd.DataFrame, pd.DataFrame]:
    """GDP per head (2011, 2021) and urban share (2010, 2020) of the province's counties that kept their ground.

    Returns
    -------
    Two frames with unit, year, value; counties without all figures are left out. They give the range of paces.
    """
    links = territory_groups(tables["crosswalk"], 2010).drop_duplicates("code_2020").set_index("code_2020")
    inside = tables["counties"].loc[tables["counties"]["province_code"].eq(province), "code"]
    same = sorted(set(links.index[links["recoverable"]]) & set(inside))
    heads, shares = {}, {}
    for year, of in _RESIDENTS_OF.items():
        census = county_rows(tables[f"census_{of}"])
        people = census["population"].astype(float).reindex(same)
        gdp = _of_year(tables["county_gdp"], year, "gdp_10k_yuan").reindex(same) * 10_000
        heads[year] = gdp / people
        shares[of] = 100 * census["urban_population"].reindex(same) / people
    return _long(pd.DataFrame(heads)), _long(pd.DataFrame(shares))


def _long(wide: pd.DataFrame) -> pd.DataFrame:
    kept = wide.dropna().rename_axis("unit").reset_index()
    long = kept.melt(id_vars="unit", var_name="year", value_name="value").astype({"year": "int64"})
    return long.sort_values(["unit", "year"], ignore_index=True)


def _of_year(table: pd.DataFrame, year: int, column: str) -> pd.Series:
    return table.loc[table["year"].eq(year)].set_index("code")[column]


def _total(values: pd.Series, codes: Sequence[str], what: str) -> float:
    """Sum over units, every one of which has a figure."""
    there = values.reindex(pd.Index(codes))
    absent = sorted(there.index[there.isna()])
    if absent:
        raise MissingDataError(
            f"There is no {what} for {absent}; a path needs it for every unit of its ground. Add it to a table of your "
            "own under [replace] in .shanhai.toml."
        )
    return float(there.sum())
