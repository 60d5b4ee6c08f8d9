"""Claims of the magazine (2021) on who lives and works in single counties."""

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.claims.quantities import (
    LONGGANG,
    ZHEJIANG,
    census_unit,
    employed,
    mountain_codes,
    percent,
    registered_population,
    urban_share,
)

_HERB_WORKERS = 68_000
"""Workers that the magazine prints beside their share (claim M27a)."""

_SANMEN = "331022"

_YUNHE, _PANAN, _QUJIANG = "331125", "330727", "330803"

_WENCHENG, _WENZHOU, _XIANJU, _TAIZHOU = "330328", "330300", "331024", "331000"

_CANGNAN, _SHENGSI = "330327", "330922"

_TOYS = {"M33e": _YUNHE, "M87": "330324"}
"""Yunhe and Yongjia, where toys are made."""

_CITIES = {"M51a": ("330802", "330803"), "M51b": ("331102",)}
"""City districts of Quzhou and of Lishui."""

_HOMESTAY_WORKERS = 6_000
"""People in homestays that the magazine prints beside their share (claim M74a)."""

_OLD = ("age_65_69", "age_70_74", "age_75_79", "age_80_84", "age_85plus")


@check("M27a", rule=rules.within(0, 100), data=("census_2020",))
def _herb_workers(claim: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """The herb workers in percent of Pan'an's employed residents, and of those in farming."""
    row = census_unit(evidence, _PANAN)
    raised = "the 2020 census, long form raised by all family households; possible if not above 100 %"
    return (
        Measured(
            "employed_2020", {"percent of the employed": percent(claim.number, employed(row))}, f"employed in {raised}"
        ),
        Measured(
            "farming_2020",
            {"percent of those in farming": percent(claim.number, employed(row, "long_form_agriculture"))},
            f"employed in farming in {raised}",
        ),
    )


@check("M27b", rule=rules.spoken_fraction(), data=("county_hukou", "census_2020"))
def _herb_growers(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """The printed herb workers in percent of Pan'an's resident and registered population."""
    registered = registered_population(evidence, [_PANAN], 2020)
    resident = float(census_unit(evidence, _PANAN)["population"])
    note = "Nearest of the fractions 1/10, 1/5, 1/4, 1/3, 2/5, 1/2, ...; the number of workers itself is not checked."
    return (
        Measured("residents_2020", percent(_HERB_WORKERS, resident), "of the residents of the 2020 census", note=note),
        Measured(
            "registered_2020",
            percent(_HERB_WORKERS, registered),
            "of the registered population at the end of 2020 (yearbook)",
            also_meant=True,
        ),
    )


@check("M32", rule=rules.printed_digits(), data=("census_2020",))
def _yunhe_urbanisation(_: Claim, evidence: Evidence) -> Measured:
    """Urban share of Yunhe."""
    return Measured(
        "residents_2020",
        urban_share(census_unit(evidence, _YUNHE)),
        "urban over all residents of the 2020 census",
        same_basis=True,
    )


@check("M33a", rule=rules.at_least_claim(), data=("census_2020", "county_hukou"))
def _yunhe_seat(claim: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Urban residents of Yunhe, the most that its seat can hold, in percent of residents and of registered people."""
    row = census_unit(evidence, _YUNHE)
    urban = float(row["urban_population"])
    registered = registered_population(evidence, [_YUNHE], 2020)
    note = "People in the seat are part of the urban residents, so that this is the highest share the seat can have."
    return (
        Measured(
            "residents_2020",
            percent(urban, row["population"]),
            "urban residents over residents, 2020 census",
            note=f"The paper prints {claim.value} % in the seat beside an urbanisation rate of 73.1 %. {note}",
        ),
        Measured(
            "registered_2020",
            percent(urban, registered),
            "urban residents of the 2020 census over the registered population of 2020",
            note=note,
            also_meant=True,
        ),
    )


@check("M33e", "M87", rule=rules.within(0, 100), data=("census_2020",))
def _toy_jobs(claim: Claim, evidence: Evidence) -> Measured:
    """Jobs in toys in percent of the residents of the county employed in manufacturing."""
    row = census_unit(evidence, _TOYS[claim.id])
    return Measured(
        "manufacturing_2020",
        {"percent of those in manufacturing": percent(claim.number, employed(row, "long_form_manufacturing"))},
        "employed in manufacturing in the 2020 census, long form raised by all family households; possible if not "
        "above 100 %",
    )


@check("M36b", rule=rules.within(0, 100), data=("census_2020",))
def _industrial_city(claim: Claim, evidence: Evidence) -> Measured:
    """People of the industrial city in percent of Sanmen's residents."""
    return Measured(
        "residents_2020",
        {"percent of residents": percent(claim.number, float(census_unit(evidence, _SANMEN)["population"]))},
        "of the residents of the county, 2020 census; possible if not above 100 %",
    )


@check("M37c", rule=rules.within(0, 100), data=("census_2020",))
def _qujiang_reached(claim: Claim, evidence: Evidence) -> Measured:
    """The beneficiaries in percent of Qujiang's rural residents."""
    rural = float(census_unit(evidence, _QUJIANG)["rural_population"])
    if claim.number <= 0:
        raise claim.error("value", "its test shares a sum among people and needs a number above 0")
    return Measured(
        "residents_2020",
        {"percent of rural residents": percent(claim.number, rural)},
        "of the rural residents of the 2020 census; the claim is possible if not above 100 %",
        note=f"The 6 million yuan are {show(600 * 10_000 / claim.number, 1)} yuan for each of them.",
    )


@check("M51a", "M51b", rule=rules.open_target(), data=("census_2010", "census_2020", "county_hukou"))
def _city_of_a_million(claim: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Urban residents of the city districts, all their residents, and those registered there."""
    codes = _CITIES[claim.id]
    before, now = (
        sum(float(census_unit(evidence, code, year)["urban_population"]) for code in codes) for year in (2010, 2020)
    )
    return (
        Measured(
            "urban_residents_2020",
            now,
            "urban residents of the city districts, 2020 census",
            note=f"{show(claim.number - now, 0)} to go, {show(claim.number / now)} times; from 2010 to 2020 they grew "
            f"by {show(percent(now - before, before), 1)} %, boundaries as they were.",
        ),
        Measured(
            "residents_2020",
            sum(float(census_unit(evidence, code)["population"]) for code in codes),
            "all residents of the city districts, 2020 census",
        ),
        Measured(
            "registered_2020",
            registered_population(evidence, codes, 2020),
            "registered population of the city districts, yearbook of 2020",
        ),
    )


@check("M60", rule=rules.near_claim(), data=("census_2010", "census_2020", "county_hukou", "counties"))
def _people_of_wenzhou(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Residents of Wenzhou and people registered there."""
    counties, before = evidence.table("counties"), census_unit(evidence, _WENZHOU, 2010)
    hukou = evidence.table("county_hukou")
    codes = set(counties.loc[counties["prefecture_code"].eq(_WENZHOU), "code"])
    listed = codes | ({LONGGANG} & set(hukou.loc[hukou["year"].eq(2020), "code"]))
    return (
        Measured(
            "residents_2020",
            int(census_unit(evidence, _WENZHOU)["population"]),
            "residents of Wenzhou, 2020 census; agreeing within 5 %",
        ),
        Measured(
            "registered_2020",
            registered_population(evidence, listed, 2020),
            "registered population of its counties, yearbook of 2020",
        ),
        Measured(
            "urban_residents_2020",
            int(census_unit(evidence, _WENZHOU)["urban_population"]),
            "urban residents of Wenzhou, 2020 census",
        ),
        Measured("residents_2010", int(before["population"]), "residents, 2010 census"),
        Measured("registered_2010", int(before["hukou_population"]), "registered population, 2010 census"),
    )


@check("M61", rule=rules.ordering(), data=("census_2020",))
def _long_lives(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """The very old among the old, and among all, of Wencheng and of Zhejiang."""
    rows = {"Wencheng": census_unit(evidence, _WENCHENG), "Zhejiang": census_unit(evidence, ZHEJIANG)}

    def shares(part: tuple[str, ...], whole: tuple[str, ...]) -> dict[str, float]:
        return {
            name: percent(sum(row[age] for age in part), sum(row[age] for age in whole)) for name, row in rows.items()
        }

    table = evidence.table("census_2020")
    counties = table[table["is_county"].astype(bool) & table["code"].str.startswith(ZHEJIANG[:2], na=False)]
    among = (counties["age_85plus"] / counties[list(_OLD)].sum(axis=1)).set_axis(counties["code"])
    rank = int(among.rank(ascending=False, method="min").get(_WENCHENG, 0))
    return (
        Measured(
            "aged_85_of_65",
            shares(("age_85plus",), _OLD),
            "residents of 85 and over in percent of those of 65 and over, 2020 census",
            same_quantity=False,
            note=f"Number {rank} of the {len(among)} counties of Zhejiang. The share depends on births of long ago and "
            "on who moved as well as on how long people live. Needed: the society's list of titles, or life tables.",
        ),
        Measured(
            "aged_85_of_all",
            shares(("age_85plus",), ("population",)),
            "85 and over, percent of all residents",
            same_quantity=False,
        ),
        Measured(
            "aged_80_of_all",
            shares(("age_80_84", "age_85plus"), ("population",)),
            "80 and over, percent of all residents",
            same_quantity=False,
        ),
    )


@check("M62b", rule=rules.ordering(), data=("census_2020",))
def _degrees(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Residents with a degree in Xianju, against Zhejiang and against its prefecture."""

    def share(code: str, *columns: str) -> float:
        row = census_unit(evidence, code)
        return percent(sum(row[name] for name in columns), row["population"])

    degree, college = ("edu_bachelor_plus",), ("edu_college", "edu_bachelor_plus")
    return tuple(
        Measured(
            key,
            {"Xianju": share(_XIANJU, *columns), name: share(code, *columns)},
            f"{what} in percent of residents, 2020 census",
        )
        for key, name, code, columns, what in (
            ("degree_2020", "Zhejiang", ZHEJIANG, degree, "residents with a bachelor's degree or more"),
            ("degree_2020_taizhou", "Taizhou", _TAIZHOU, degree, "residents with a bachelor's degree or more"),
            ("college_2020", "Zhejiang", ZHEJIANG, college, "residents with college or more"),
        )
    )


@check("M74a", rule=rules.at_least_claim(), data=("census_2020",))
def _homestay_workers(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Employed in hotels and catering in Shengsi: the most that homestays can have."""
    row = census_unit(evidence, _SHENGSI)
    hotels = employed(row, "long_form_hotels_catering")
    return (
        Measured(
            "hotels_catering_2020",
            hotels,
            "employed in hotels and catering, November 2020, long form raised by all family households; possible if "
            "not below the claim",
            note=f"{show(percent(hotels, employed(row)), 1)} % of all employed, who are {show(employed(row), 0)}. "
            "Helpers of the family and side jobs are outside the census, so that this is no upper bound.",
            same_quantity=False,
        ),
        Measured(
            "one_tenth",
            10.0 * float(row["long_form_hotels_catering"]),
            "the same, the long form taken as one tenth of all employed",
            same_quantity=False,
        ),
    )


@check("M74b", rule=rules.spoken_fraction(), data=("census_2010", "census_2020", "county_hukou"))
def _homestay_share(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """The printed homestay workers in percent of the rural people of Shengsi."""
    rural = float(census_unit(evidence, _SHENGSI)["rural_population"])
    found = [
        Measured(
            "rural_residents_2020",
            percent(_HOMESTAY_WORKERS, rural),
            "of the rural residents of the 2020 census",
            note="Nearest of the fractions 1/10, 1/5, 1/4, 1/3, 2/5, 1/2, ...; the number of workers itself is not "
            "checked.",
        ),
        Measured(
            "agricultural_2010",
            percent(_HOMESTAY_WORKERS, _agricultural(evidence, _SHENGSI)),
            "of those with agricultural registration, 2010 census",
            also_meant=True,
        ),
    ]
    table = evidence.table("county_hukou")
    yearbook = table[table["code"].eq(_SHENGSI)].dropna(subset=["resident_rural_10k"])
    if not yearbook.empty:
        last = yearbook.sort_values("year").iloc[-1]
        found.append(
            Measured(
                "rural_yearbook",
                percent(_HOMESTAY_WORKERS, 10_000 * float(last["resident_rural_10k"])),
                f"of the rural residents of the county yearbook {int(last['year'])}",
            )
        )
    return tuple(found)


@check("M76", rule=rules.at_least_claim(), data=("census_2010", "census_2020", "county_hukou", "mountain_counties"))
def _safe_drinking_water(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Rural residents of the 26, the most that can be reached, beside wider groups."""
    codes, hukou = mountain_codes(evidence), evidence.table("county_hukou")
    rural = {
        year: sum(float(census_unit(evidence, code, year)["rural_population"]) for code in codes)
        for year in (2010, 2020)
    }
    listed = set(codes) | ({LONGGANG} & set(hukou.loc[hukou["year"].eq(2020), "code"]))
    possible = "possible if not below the claim"
    return (
        Measured("rural_residents_2020", rural[2020], f"rural residents of the 26, 2020 census; {possible}"),
        Measured("rural_residents_2010", rural[2010], f"rural residents of the 26, 2010 census; {possible}"),
        Measured(
            "registered_2020",
            registered_population(evidence, listed, 2020),
            f"all people registered in the 26, yearbook of 2020, with Longgang; {possible}",
            same_quantity=False,
        ),
        Measured(
            "agricultural_2010",
            sum(_agricultural(evidence, code) for code in codes),
            f"people with agricultural registration in the 26, 2010 census; {possible}",
            also_meant=True,
        ),
        Measured(
            "rural_residents_province",
            float(census_unit(evidence, ZHEJIANG)["rural_population"]),
            f"rural residents of the whole province, 2020 census; {possible}",
            same_quantity=False,
        ),
    )


@check("M82", rule=rules.open_target(), data=("census_2020", "mountain_counties"))
def _people_in_seats(claim: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Urban residents of the smallest county and of the median county of the 26."""
    urban = {code: float(census_unit(evidence, code)["urban_population"]) for code in mountain_codes(evidence)}
    ordered = sorted(urban.values())
    below = sum(number < claim.number for number in ordered)
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    return (
        Measured(
            "urban_residents_2020",
            ordered[0],
            "urban residents of the smallest of the 26, 2020 census: the most that its seat can hold",
            note=f"Of {len(ordered)} counties {below} have fewer urban residents than {show(claim.number, 0)}.",
        ),
        Measured("urban_residents_2020_median", middle, "urban residents of the median county of the 26, 2020 census"),
    )


@check("M83", rule=rules.at_least_claim(), data=("census_2010", "census_2020"))
def _farmers_moved(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """People with agricultural registration in Yunhe, and its urban residents: the most that can have moved to town."""
    return (
        Measured(
            "agricultural_2010",
            _agricultural(evidence, _YUNHE),
            "people with agricultural registration, 2010 census; possible if not below the claim",
        ),
        Measured(
            "urban_residents_2020",
            float(census_unit(evidence, _YUNHE)["urban_population"]),
            "urban residents, 2020 census; possible if not below the claim",
        ),
    )


@check("M85", rule=rules.within(0, 100), data=("census_2020",))
def _energy_jobs(claim: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """The jobs in percent of those in Cangnan's manufacturing, utilities and construction, and of all."""
    row = census_unit(evidence, _CANGNAN)
    trades = ("long_form_manufacturing", "long_form_utilities", "long_form_construction")
    raised = "2020 census, long form raised by all family households; possible if not above 100 %"
    return (
        Measured(
            "industry_building_2020",
            {"percent of these jobs": percent(claim.number, sum(employed(row, name) for name in trades))},
            f"of the employed in manufacturing, utilities and construction, {raised}",
        ),
        Measured("employed_2020", {"percent of all jobs": percent(claim.number, employed(row))}, f"of all, {raised}"),
    )


def _agricultural(evidence: Evidence, code: str) -> float:
    """People with agricultural registration by the census of 2010."""
    row = census_unit(evidence, code, 2010)
    return float(row["hukou_population"]) * (1 - float(row["nonagricultural_hukou_share_pct"]) / 100)
