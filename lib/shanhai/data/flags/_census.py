"""Flags on the census tables: figures of counties that no rule corrects and that a user should know about.

Flags of 2010 carry codes of 2010, all others codes of 2020.
"""

import numpy as np
import pandas as pd

from shanhai.data.frames.crosswalk import select_vintage, sum_over_unions
from shanhai.data.frames.totals import IDENTIFIERS
from shanhai.data.rules import FLAG_COLUMNS, Tables, as_flags

NEEDS = ("census_2010", "census_2020", "counties", "crosswalk", "zones")
"""Tables that the flags look at."""

SECTOR_SHARES = ("employed_share_primary_pct", "employed_share_secondary_pct", "employed_share_tertiary_pct")

_SHARE_ROUNDING = 0.05
"""Percentage points by which three shares of two decimals may miss 100."""

_SEX_RATIO = (0.75, 1.5)
"""Men per woman. The national ratio was 1.05 in both censuses."""

_SMALLEST_PRESENCE = 0.4
"""Residents over registered population. The counties that lost most people keep half."""

_HOUSING_AREA = (10.0, 100.0)
"""Square metres a head."""

_SMALLEST_SAMPLE = {"long_form_employed": ("population", 0.02), "long_form_households": ("family_households", 0.05)}
"""Long-form figures, and the share of a full count (a tenth is sampled) below which they are too few."""

_POPULATION_CHANGE = (0.5, 2.0)
"""Population of 2020 over that of 2010 on the same ground."""

_DISTRICT_LOSS = 0.9
"""Population of 2020 over that of 2010, below which a zone may have been taken out of a district. Of the districts in
prefectures with zones of unknown host a quarter lie below, of all others a seventh."""

_ZONE_SHARE = 0.02
"""Share of a zone in the population of its host and itself, from which the host of 2010 and of 2020 differ."""

_ILLITERATES_PER_UNSCHOOLED = 2.0
"""Factor between the illiterates for one unschooled resident of a county and what its prefecture, and its own other
census, lead one to expect. Nearly everybody without schooling is illiterate and hardly anybody else: ninety-nine
counties of a hundred lie within a factor of 1.7 of their province. Beyond two, one of the two figures is wrong."""

_FEWEST_NEIGHBOURS = 3
"""Other counties of a prefecture that a median needs; with fewer the province stands in."""

LITERACY_FLAGS = {"illiterate_15plus": "illiteracy_doubtful", "edu_no_schooling": "schooling_doubtful"}
"""Flag of each of the two figures."""

_LITERACY_REASON = (
    "illiterates per unschooled resident less than half or more than twice those of the prefecture, and of the county"
    " in the other census; as printed, but"
)

_DOUBTED = {
    "illiteracy_doubtful": "of the two figures the illiterates depart further: they are doubtful",
    "schooling_doubtful": "of the two figures the unschooled depart further: they, and mean schooling, are doubtful",
}
"""Which figure each flag doubts."""

_MEAN_SCHOOLING = "mean_years_schooling"
"""Mean of the years of schooling, of which the unschooled count as zero."""


def census_flags(tables: Tables) -> pd.DataFrame:
    """All flags on the census tables.

    Parameters
    ----------
    tables : corrected frames by the names in `NEEDS`.

    Returns
    -------
    pandas.DataFrame with the columns code, table, column, flag, reason, sorted.
    """
    parts = [_change_flags(tables), zone_flags(tables), literacy_flags(tables)]
    for name in ("census_2010", "census_2020"):
        counties = tables[name].loc[tables[name]["is_county"]]
        parts += [check(counties, name) for check in (_blanks, _sexes, _areas)]
    earlier = tables["census_2010"].loc[tables["census_2010"]["is_county"]]
    later = tables["census_2020"].loc[tables["census_2020"]["is_county"]]
    parts += [_sectors(earlier), _absent(earlier), _samples(later)]
    flags = pd.concat(parts, ignore_index=True)
    return flags.sort_values(["table", "code", "column", "flag"], ignore_index=True)[list(FLAG_COLUMNS)]


def population_change(tables: Tables) -> pd.Series:
    """Population of 2020 over that of 2010, by county of 2020, on the smallest union that allows the comparison."""
    earlier, later = (tables[name].loc[tables[name]["is_county"]] for name in ("census_2010", "census_2020"))
    unions = sum_over_unions(earlier, later, tables["crosswalk"], 2010, "population").set_index("union_code")["ratio"]
    links = select_vintage(tables["crosswalk"], 2010).drop_duplicates("code_2020").set_index("code_2020")["union_code"]
    return links.map(unions)


def _change_flags(tables: Tables) -> pd.DataFrame:
    """Counties of 2020 on ground whose population halved or doubled, and districts that a zone may have left."""
    change = population_change(tables)
    jumped = change.index[~change.between(*_POPULATION_CHANGE)].to_series()
    growth = (
        "population of 2020 is not 0.5 to 2 times that of 2010 on the same ground: growth, or boundaries unknown to us"
    )
    zones = tables["zones"]
    homeless = zones.loc[zones["host_code"].isna() & zones["kind"].ne("island_group"), "prefecture_code"]
    counties = tables["counties"].set_index("code")
    near = counties["kind"].eq("district") & counties["prefecture_code"].isin(homeless)
    fell = near & change.reindex(counties.index).lt(_DISTRICT_LOSS)
    zone = "lost a tenth since 2010 in a prefecture whose zones are printed apart; in 2010 it may have included one"
    return pd.concat(
        [
            as_flags(jumped, "census_2020", "population", "population_jump", growth),
            as_flags(counties.index[fell].to_series(), "census_2020", "population", "zone_unassigned", zone),
        ]
    )


def zone_flags(tables: Tables) -> pd.DataFrame:
    """Counties of 2020 without a development zone on their territory that the census prints apart."""
    people = tables["census_2020"].set_index("row")["population"]
    zones = tables["zones"].dropna(subset="host_code")
    apart = zones["row_2020"].map(people).groupby(zones["host_code"]).sum()
    counties = tables["census_2020"].loc[tables["census_2020"]["is_county"]].set_index("code")["population"]
    share = apart / (apart + counties.reindex(apart.index))
    hosts = share[share > _ZONE_SHARE].index.to_series()
    reason = "a development zone on the territory of the county is printed apart; in 2010 it was a part of the county"
    return as_flags(hosts, "census_2020", "population", "zone_apart", reason)


def literacy_flags(tables: Tables) -> pd.DataFrame:
    """Counties whose illiterates cannot be true beside their unschooled, in either census.

    A county is flagged if its illiterates for one unschooled are less than half or more than twice the median of the
    other counties of its prefecture and, where the same code has one, its own ratio in the other census, carried over
    with the median of its province. The flag is on the figure whose share departs further from the same two.
    """
    rates = {year: _literacy_rates(tables[f"census_{year}"]) for year in (2010, 2020)}
    parts = []
    limit = np.log(_ILLITERATES_PER_UNSCHOOLED)
    for year, other in ((2010, 2020), (2020, 2010)):
        here, near, province = (part.apply(np.log) for part in rates[year])
        there, near_there, province_there = (part.apply(np.log).reindex(here.index) for part in rates[other])
        from_near = (here - near)["ratio"].abs()
        from_own = (here - there - province + province_there)["ratio"].abs()
        doubtful = (from_near > limit) & ((from_own > limit) | from_own.isna())
        departure = (here - near - (there - near_there).fillna(0)).abs()
        unschooled = departure["unschooled"] > departure["illiterate"]
        for column, figure, rows in (
            ("illiterate_15plus", "illiterate_15plus", doubtful & ~unschooled),
            ("edu_no_schooling", "edu_no_schooling", doubtful & unschooled),
            (_MEAN_SCHOOLING, "edu_no_schooling", doubtful & unschooled),
        ):
            codes, flag = here.index[rows].to_series(), LITERACY_FLAGS[figure]
            parts.append(as_flags(codes, f"census_{year}", column, flag, f"{_LITERACY_REASON} {_DOUBTED[flag]}"))
    return pd.concat(parts, ignore_index=True)


def _literacy_rates(census: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """By county: share of illiterates, of unschooled, illiterates per unschooled; medians of these rates over the other
    counties of its prefecture and over its province. A rate of zero, or of a column that is not there, is missing."""
    counties = census.loc[census["is_county"] & census["code"].notna()].set_index("code")
    figures = counties.reindex(columns=["illiterate_15plus", "illiterate_share_15plus_pct", "edu_no_schooling"])
    here = pd.DataFrame(
        {
            "illiterate": figures["illiterate_share_15plus_pct"],
            "unschooled": figures["edu_no_schooling"] / counties["population"],
            "ratio": figures["illiterate_15plus"] / figures["edu_no_schooling"],
        }
    )
    here = here.where((here > 0) & np.isfinite(here))
    province = here.groupby(here.index.str[:2]).transform("median")
    prefecture = counties["prefecture_code"]
    near = pd.DataFrame({rate: here[rate].groupby(prefecture).transform(_median_of_others) for rate in here})
    return here, near.fillna(province), province


def _median_of_others(values: pd.Series) -> pd.Series:
    """Median of the other rows, missing if there are fewer than `_FEWEST_NEIGHBOURS`."""
    others = np.tile(values.to_numpy(float), (len(values), 1))
    np.fill_diagonal(others, np.nan)
    enough = np.count_nonzero(~np.isnan(others), axis=1) >= _FEWEST_NEIGHBOURS
    medians = np.full(len(values), np.nan)
    if enough.any():
        medians[enough] = np.nanmedian(others[enough], axis=1)
    return pd.Series(medians, index=values.index)


def _blanks(counties: pd.DataFrame, table: str) -> pd.DataFrame:
    columns = [column for column in counties.columns if column not in IDENTIFIERS]
    missing = counties.set_index("code")[columns].isna()
    found = [
        as_flags(codes, table, column, "not_published", "blank in print, and not determined by any total")
        for column in columns
        if len(codes := missing.index[missing[column]].to_series())
    ]
    return pd.concat([as_flags(pd.Series(dtype="str"), table, "", "", ""), *found])


def _sexes(counties: pd.DataFrame, table: str) -> pd.DataFrame:
    ratio = counties["male"] / counties["female"]
    reason = "men per woman outside 0.75 to 1.5: work camps, emigration of men, or an error in print"
    return as_flags(counties.loc[~ratio.between(*_SEX_RATIO), "code"], table, "male", "sex_ratio", reason)


def _areas(counties: pd.DataFrame, table: str) -> pd.DataFrame:
    area = counties["housing_area_per_head_m2"]
    outside = area.notna() & ~area.between(*_HOUSING_AREA)
    reason = "housing area outside 10 to 100 square metres a head (in 玉树县 2010 the earthquake of April)"
    return as_flags(counties.loc[outside, "code"], table, "housing_area_per_head_m2", "housing_area", reason)


def _sectors(counties: pd.DataFrame) -> pd.DataFrame:
    shares = counties[list(SECTOR_SHARES)]
    wrong = shares.notna().all(axis=1) & (shares.sum(axis=1) - 100).abs().gt(_SHARE_ROUNDING)
    reason = "the three shares of employment do not add up to 100; which of them is wrong cannot be told"
    codes = counties.loc[wrong, "code"]
    return pd.concat([as_flags(codes, "census_2010", column, "sector_shares", reason) for column in SECTOR_SHARES])


def _absent(counties: pd.DataFrame) -> pd.DataFrame:
    presence = counties["population"] / counties["hukou_population"]
    reason = "residents are less than 0.4 of the registered population"
    codes = counties.loc[presence < _SMALLEST_PRESENCE, "code"]
    return as_flags(codes, "census_2010", "hukou_population", "few_residents", reason)


def _samples(counties: pd.DataFrame) -> pd.DataFrame:
    found = []
    for column, (base, least) in _SMALLEST_SAMPLE.items():
        few = counties[column] < least * counties[base]
        reason = f"less than {least:.0%} of {base.replace('_', ' ')}, where a tenth is sampled"
        found.append(as_flags(counties.loc[few, "code"], "census_2020", column, "small_sample", reason))
    return pd.concat(found)
