"""Claims of the magazine (2021) on which counties there are, their land and people, and who is paired with whom."""

from collections.abc import Iterable

import pandas as pd

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.claims.quantities import (
    LISHUI,
    LONGGANG,
    LONGGANG_KM2,
    PUBLISHED_KM2,
    QUZHOU,
    ZHEJIANG,
    census_unit,
    codes_by_name,
    counties_of,
    held_by_the_26,
    mountain_codes,
    percent,
    registered_population,
    surveyed_land_of_the_26,
)
from shanhai.core.errors import MissingDataError

NAMED_COUNTIES = (
    "淳安县",
    "永嘉县",
    "平阳县",
    "苍南县",
    "文成县",
    "泰顺县",
    "武义县",
    "磐安县",
    "三门县",
    "天台县",
    "仙居县",
)
"""The eleven counties that the magazine names beside all of Quzhou and Lishui (page 14)."""


@check("M01", rule=rules.same_number(), data=("counties", "mountain_counties"))
def _counties_by_the_magazine(_: Claim, evidence: Evidence) -> Measured:
    """Number of counties by the magazine's description that are also on the lists of the plan."""
    counties = evidence.table("counties")
    zhejiang = counties[counties["province_code"] == ZHEJIANG]
    described = zhejiang["prefecture_code"].isin([QUZHOU, LISHUI]) | zhejiang["name_zh"].isin(NAMED_COUNTIES)
    codes = set(zhejiang.loc[described, "code"])
    common = codes & set(mountain_codes(evidence))
    differing = sorted(codes ^ set(mountain_codes(evidence)))
    return Measured(
        "names",
        len(common),
        "counties of the 2020 census in Quzhou and Lishui with the eleven named, against the lists of the plan of 2022",
        same_basis=True,
        note=f"{len(codes)} counties by the description; on one side only: {', '.join(differing) or 'none'}.",
    )


@check("M02", rule=rules.near_claim(), data=("shapefiles", "mountain_counties"))
def _share_of_land(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Area of the 26 in percent of Zhejiang's, with and without Longgang."""
    province = counties_of(evidence, ZHEJIANG)
    whole, area = (float(rows["area_km2"].sum()) for rows in (province, province[province["is_mountain_26"]]))
    survey, surveyed = PUBLISHED_KM2[0]
    polygons = "area of the polygons of the 26 (equal-area projection, boundaries of 2017: Cangnan with Longgang)"
    return (
        Measured(
            "survey_2009_without_longgang",
            surveyed_land_of_the_26(province),
            f"area of the polygons of the 26 less the {LONGGANG_KM2} km2 of Longgang, over Zhejiang's land area of "
            f"{show(survey, 0)} km2 ({surveyed}); agreeing within 5 %",
        ),
        Measured(
            "polygons",
            held_by_the_26(province, "area_km2"),
            f"{polygons} over that of all polygons of Zhejiang",
            same_basis=True,
        ),
        Measured(
            "polygons_without_longgang",
            percent(area - LONGGANG_KM2, whole),
            f"area of the polygons of the 26 less the {LONGGANG_KM2} km2 of Longgang, over that of all polygons of "
            "Zhejiang (equal-area projection, boundaries of 2017)",
            same_basis=True,
            note=f"{show(area - LONGGANG_KM2, 0)} of {show(whole, 0)} km2; coast and islands as drawn, without the "
            "sea.",
        ),
        *(
            Measured(
                key,
                held_by_the_26(province, "area_km2", official),
                f"{polygons} over Zhejiang's land area of {show(official, 0)} km2 ({source})",
            )
            for key, (official, source) in zip(("survey_2009", "before_survey"), PUBLISHED_KM2, strict=True)
        ),
    )


@check("M03", rule=rules.near_claim(), data=("census_2010", "census_2020", "county_hukou"))
def _share_of_people(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Population of the 26 in percent of Zhejiang's, registered and resident."""
    codes = mountain_codes(evidence)
    found = [_registered_share(evidence, year) for year in (2021, 2020, 2019)]
    before = census_unit(evidence, ZHEJIANG, 2010)
    units = _census_units(evidence, codes, 2010)
    found.append(
        Measured(
            "registered_census_2010",
            percent(units["hukou_population"].sum(), before["hukou_population"]),
            "registered population, 2010 census, Cangnan with Longgang",
        )
    )
    for year in (2020, 2010):
        share = percent(
            _census_units(evidence, codes, year)["population"].sum(),
            census_unit(evidence, ZHEJIANG, year)["population"],
        )
        found.append(Measured(f"residents_{year}", share, f"residents of the 26 over all of Zhejiang, {year} census"))
    return tuple(found)


def _registered_share(evidence: Evidence, year: int) -> Measured:
    """Registered share of the 26; from 2020 the yearbook counts Longgang by itself, which is put back."""
    table = evidence.table("county_hukou")
    province = table[table["code"].str.startswith("33") & (table["year"] == year)].dropna(
        subset=["hukou_population_10k"]
    )
    codes = set(mountain_codes(evidence)) | ({LONGGANG} & set(province["code"]))
    listed = registered_population(evidence, codes, year)
    return Measured(
        f"registered_{year}",
        percent(listed, province["hukou_population_10k"].sum() * 10_000),
        f"registered population of the county yearbook {year}, Cangnan with Longgang, over all {len(province)} "
        "counties with figures",
        also_meant=year == 2021,
    )


@check("M14", rule=rules.every_condition(), data=("counties", "mountain_counties"))
def _key_assistance(claim: Claim, evidence: Evidence) -> Measured:
    """Whether the counties that the magazine names as in need of special help are on the list of 26, and so many."""
    counties = evidence.table("counties")
    names = codes_by_name(counties[counties["province_code"].eq(ZHEJIANG)], "name_en")
    named, listed = claim.named("reference_value", names), set(mountain_codes(evidence))
    return Measured(
        "names",
        {
            "as many names as printed": len(named) == claim.number,
            **{f"{name} on the list": code in listed for name, code in named.items()},
        },
        "names of the magazine on the lists of the plan",
        documents_only=True,
        note="The list itself is a decision of the province, which no figure can confirm.",
    )


@check("M23", rule=rules.at_least_claim(), data=("counties", "mountain_counties"))
def _strong_counties(_: Claim, evidence: Evidence) -> Measured:
    """County-level units of Zhejiang outside the 26: the most that can help them."""
    counties = evidence.table("counties")
    outside = set(counties.loc[counties["province_code"] == ZHEJIANG, "code"]) - set(mountain_codes(evidence))
    return Measured(
        "counties_2020",
        len(outside),
        "county-level units of Zhejiang in the 2020 census outside the 26; possible if not fewer than the claim says",
    )


@check("M24", rule=rules.same_number(), data=("shapefiles",))
def _largest_county(_: Claim, evidence: Evidence) -> Measured:
    """Rank of Chun'an by area among the counties of Zhejiang."""
    areas = counties_of(evidence, ZHEJIANG).set_index("code")["area_km2"]
    ranked = areas.sort_values(ascending=False)
    return Measured(
        "polygons",
        ranked.index.tolist().index("330127") + 1,
        "area of the polygon, equal-area projection, boundaries of 2017, lakes included; all county-level units, "
        "districts and cities too",
        note=f"{show(float(ranked['330127']), 0)} km2; the largest other unit has "
        f"{show(float(ranked.drop('330127').max()), 0)} km2.",
    )


@check("M29a", rule=rules.every_condition(), data=("counties", "census_2020"))
def _she_county(_: Claim, evidence: Evidence) -> Measured:
    """Whether Jingning is the only county named after the She, and its minority share."""
    counties = evidence.table("counties")
    she = counties[counties["name_zh"].str.contains("畲族")]
    share = float(census_unit(evidence, "331127")["minority_share_pct"])
    return Measured(
        "names",
        {"one autonomous county of the She in China": list(she["code"]) == ["331127"]},
        "names of all county-level units of the 2020 census",
        same_basis=True,
        note=f"All minorities are {show(share)} % of Jingning's residents.",
    )


@check("S01", rule=rules.same_number(), data=("counties", "mountain_counties"))
def _quzhou_on_the_list(_: Claim, evidence: Evidence) -> Measured:
    """How many counties of Quzhou are on the lists of the plan."""
    counties = evidence.table("counties")
    codes = set(counties.loc[counties["prefecture_code"] == QUZHOU, "code"])
    listed = codes & set(mountain_codes(evidence))
    return Measured(
        "names",
        len(listed),
        f"counties of Quzhou in the 2020 census ({len(codes)}) that are on the lists of the plan of 2022",
        same_basis=len(codes) == len(listed),
    )


def _census_units(evidence: Evidence, codes: Iterable[str], year: int = 2020) -> pd.DataFrame:
    """Published census rows of several counties, every one of them.

    Raises
    ------
    MissingDataError
        If a code has no row.
    """
    wanted = sorted(set(codes))
    table = evidence.table(f"census_{year}")
    rows = table[table["code"].isin(wanted)]
    absent = sorted(set(wanted) - set(rows["code"]))
    if absent or len(rows) != len(wanted):
        raise MissingDataError(f"The census of {year} lacks or repeats counties of the list: {absent}.")
    return rows
