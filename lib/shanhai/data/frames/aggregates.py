"""Frames of prefectures, provinces and the country: published census totals, and GDP with its coverage said.

GDP of a prefecture is the published figure where there is one, else the sum of its counties if every county has GDP.
GDP of a province or of the country is the sum of its prefectures that have GDP; GDP per head divides by the residents
of those prefectures only, and the coverage column says what share of the residents that is.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import pandas as pd

from shanhai.core import fields, sources
from shanhai.core.places import NATION
from shanhai.data.codes import require_same_counties
from shanhai.data.frames.harmonise import published_gdp, territory_groups
from shanhai.data.frames.panel import county_rows, population_shares
from shanhai.data.load import load_table
from shanhai.data.store import FileStates, file_states, input_files, stored
from shanhai.data.years import near_census, nearest_census, years_in_full, years_of_gdp

TABLES = (
    "counties",
    "prefectures",
    "provinces",
    "crosswalk",
    "census_2020",
    "census_2010",
    "county_gdp",
    "prefecture_economy",
)
"""Tables that the frames are made of."""

_PUBLISHED = "published"
_SUM_OF_COUNTIES = "sum of counties"

Tables = Mapping[str, pd.DataFrame]


def _census_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Population and shares of rows of the 2020 census, same index; shares in percent.

    Next to illiteracy among those aged 15 and over stands that among all residents: papers quote either.
    """
    shares = population_shares(rows)
    shares.insert(0, "population_2020", rows["population"].astype(float))
    shares["illiterates_of_residents_2020"] = rows["illiterate_15plus"] / rows["population"] * 100
    shares["minority_share_2020"] = rows["minority_share_pct"]
    return shares


def _county_sums(tables: Tables, year: int) -> pd.DataFrame:
    """GDP of a year summed over the counties of each prefecture of 2020.

    Returns
    -------
    pandas.DataFrame indexed by prefecture code: ``gdp`` (yuan, what is published for its units), ``counties`` (units of
    2020), ``counties_with_gdp`` and ``covered_pct`` (percent of county residents of 2020 in them). A county counts as
    covered if every unit of 2021 on its ground has GDP.
    """
    counties = tables["counties"].set_index("code")["prefecture_code"]
    gdp = tables["county_gdp"].loc[tables["county_gdp"]["year"].eq(year)].set_index("code")["gdp_10k_yuan"]
    links = territory_groups(tables["crosswalk"], 2021)
    links["prefecture"] = links["code_2020"].map(counties)
    links["gdp"] = links["code"].map(gdp) * 10_000
    census = tables["census_2020"]
    rows = census.loc[census["is_county"]].set_index("code")
    covered = links["gdp"].notna().groupby(links["code_2020"]).all().reindex(rows.index, fill_value=False)
    by_prefecture = counties.reindex(rows.index)
    population = rows["population"].groupby(by_prefecture).sum()
    return pd.DataFrame(
        {
            "gdp": links.drop_duplicates(["code", "prefecture"]).groupby("prefecture")["gdp"].sum(min_count=1),
            "counties": covered.groupby(by_prefecture).size(),
            "counties_with_gdp": covered.groupby(by_prefecture).sum(),
            "covered_pct": rows["population"].where(covered, 0).groupby(by_prefecture).sum() / population * 100,
        }
    )


def _assemble_prefectures(tables: Tables) -> pd.DataFrame:
    """The prefecture frame from given tables: pure, no file is read.

    Returns
    -------
    pandas.DataFrame, one row a prefecture, sorted by code: code, names, kind, province_code; census figures of 2020
    (:func:`_census_shares`), population_2010 and hukou_population_2010 (persons); and for each year of county GDP
    ``gdp_<year>`` (yuan), ``gdp_<year>_basis``, ``gdp_<year>_county_sum``, ``gdp_<year>_counties`` (with GDP) and
    ``gdp_<year>_covered_pct``; ``counties``; and ``gdp_per_capita_<year>`` over the residents of the
    nearest census for the years kept in full (:func:`shanhai.data.years.years_in_full`).
    """
    frame = tables["prefectures"].set_index("code").sort_index()
    frame = frame.join(_census_shares(prefecture_rows(tables["census_2020"])))
    frame = frame.join(_people_of_2010(tables))
    for year in years_of_gdp(tables["county_gdp"]):
        frame = frame.join(_gdp_of_prefectures(tables, year, frame.index))
    frame["counties"] = tables["counties"].groupby("prefecture_code").size()
    for year in filter(near_census, years_in_full(tables["county_gdp"])):
        frame[f"gdp_per_capita_{year}"] = frame[f"gdp_{year}"] / frame[f"population_{nearest_census(year)}"]
    return frame.reset_index()


def _level(census: pd.DataFrame, level: str) -> pd.DataFrame:
    return census.loc[census["level"].eq(level) & census["code"].notna()].set_index("code")


def prefecture_rows(census: pd.DataFrame) -> pd.DataFrame:
    """Published rows of prefectures by code; units that a province administers directly have a subtotal instead.

    Henan has one such unit and no subtotal: the county row stands for it.
    """
    own = census.loc[census["level"].eq("prefecture") & census["code"].notna()]
    subtotals = census.loc[census["level"].eq("subtotal") & census["prefecture_code"].str[2:].eq("9000")]
    direct = census.loc[census["level"].eq("county") & census["prefecture_code"].str[2:].eq("9000")]
    alone = direct.loc[~direct["prefecture_code"].duplicated(keep=False)]
    others = pd.concat([subtotals, alone])
    rows = pd.concat([own, others.assign(code=others["prefecture_code"])])
    return rows.drop_duplicates("code").set_index("code").sort_index()


def _people_of_2010(tables: Tables) -> pd.DataFrame:
    """Residents and registered population of 2010 on the prefectures of 2020, from the units of 2010.

    Missing where a unit of 2010 is shared by two prefectures of 2020, or where one publishes no figure.
    """
    units = county_rows(tables["census_2010"])
    links = territory_groups(tables["crosswalk"], 2010)
    links["prefecture"] = links["code_2020"].map(tables["counties"].set_index("code")["prefecture_code"])
    crossed = links.groupby("code")["prefecture"].transform("nunique").gt(1)
    cut = links.loc[crossed, "prefecture"].unique()
    of_one = links.drop_duplicates(["code", "prefecture"]).set_index("code")["prefecture"]
    of_one = of_one.loc[~of_one.isin(cut)]
    figures = units.reindex(of_one.index)[["population", "hukou_population"]].astype(float)
    sums = figures.groupby(of_one).sum(skipna=False).rename_axis("code")
    return sums.rename(columns={"population": "population_2010", "hukou_population": "hukou_population_2010"})


def _gdp_of_prefectures(tables: Tables, year: int, codes: pd.Index) -> pd.DataFrame:
    sums = _county_sums(tables, year).reindex(codes)
    published = published_gdp(tables["prefecture_economy"], year).reindex(codes)
    whole = sums["gdp"].where(sums["counties_with_gdp"].eq(sums["counties"]))
    basis = pd.Series(_SUM_OF_COUNTIES, index=codes).where(whole.notna(), "").mask(published.notna(), _PUBLISHED)
    return pd.DataFrame(
        {
            f"gdp_{year}": published.fillna(whole),
            f"gdp_{year}_basis": basis,
            f"gdp_{year}_county_sum": sums["gdp"],
            f"gdp_{year}_counties": sums["counties_with_gdp"],
            f"gdp_{year}_covered_pct": sums["covered_pct"],
        }
    )


def _assemble_provinces(tables: Tables) -> pd.DataFrame:
    """Provinces and, as the row `NATION`, the country; columns as of the prefectures where they make sense.

    ``gdp_2021`` sums the prefectures that have one; ``gdp_2021_covered_pct`` is the share of residents in them, and
    ``gdp_per_capita_2021`` divides by those residents. So it is for the further years kept in full.
    """
    prefectures = _assemble_prefectures(tables)
    names = tables["provinces"].set_index("code").sort_index()
    rows = _level(tables["census_2020"], "province")
    nation = (
        tables["census_2020"].loc[tables["census_2020"]["level"].eq("nation")].assign(code=NATION).set_index("code")
    )
    frame = names.join(_census_shares(rows), how="left")
    frame["population_2010"] = _level(tables["census_2010"], "province")["population"].astype(float)
    frame["hukou_population_2010"] = _level(tables["census_2010"], "province")["hukou_population"].astype(float)
    country = _census_shares(nation).assign(
        name_zh="中国", name_en="China", name_short_zh="中国", name_short_en="China"
    )
    country = country.assign(
        population_2010=frame["population_2010"].sum(), hukou_population_2010=frame["hukou_population_2010"].sum()
    )
    frame = pd.concat([country[frame.columns], frame]).rename_axis("code")
    everywhere = pd.concat([prefectures, prefectures.assign(province_code=NATION)])
    of_residents = tuple(filter(near_census, years_in_full(tables["county_gdp"])))
    for year in years_of_gdp(tables["county_gdp"]):
        frame = frame.join(_gdp_of_provinces(everywhere, year, per_head=year in of_residents))
    return frame.reset_index()


def _gdp_of_provinces(prefectures: pd.DataFrame, year: int, *, per_head: bool) -> pd.DataFrame:
    with_gdp = prefectures["population_2020"].where(prefectures[f"gdp_{year}"].notna(), 0)
    by_province = prefectures["province_code"]
    residents = with_gdp.groupby(by_province).sum()
    gdp = prefectures[f"gdp_{year}"].groupby(by_province).sum(min_count=1)
    covered = residents / prefectures["population_2020"].groupby(by_province).sum() * 100
    columns = {f"gdp_{year}": gdp, f"gdp_{year}_covered_pct": covered}
    if per_head:
        both = prefectures[[f"gdp_{year}", f"population_{nearest_census(year)}"]]
        both = both.where(both.notna().all(axis=1)).groupby(by_province).sum(min_count=1)
        columns[f"gdp_per_capita_{year}"] = both.iloc[:, 0] / both.iloc[:, 1]
    return pd.DataFrame(columns)


def build_prefecture_frame() -> pd.DataFrame:
    """The prefecture frame of the project's tables: see :func:`_assemble_prefectures`. A copy, built once."""
    return _frames(file_states(_inputs()))[0].copy()


def build_province_frame() -> pd.DataFrame:
    """The province frame, country included: see :func:`_assemble_provinces`. A copy, built once."""
    return _frames(file_states(_inputs()))[1].copy()


def _inputs() -> list[Path]:
    return [*input_files(TABLES, []), fields.DICTIONARY, sources.REGISTRY]


@lru_cache(maxsize=2)
def _frames(states: FileStates) -> tuple[pd.DataFrame, pd.DataFrame]:
    return stored("aggregates", _inputs(), _built_frames)


def _built_frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    tables = {name: load_table(name) for name in TABLES}
    require_same_counties(tables)
    return _assemble_prefectures(tables), _assemble_provinces(tables)
