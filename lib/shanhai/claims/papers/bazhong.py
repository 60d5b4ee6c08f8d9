"""Claims of the paper on Jinhua and Bazhong (2024)."""

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.claims.quantities import (
    BAZHONG,
    GDP_BASIS,
    JINHUA,
    SICHUAN,
    area,
    codes_by_name,
    codes_of,
    counties_of,
    gdp_per_head,
    percent,
    prefecture_value,
)
from shanhai.core.places import NATION


@check("B01b", rule=rules.every_condition(), data=("counties", "pairings"))
def _counties_paired(claim: Claim, evidence: Evidence) -> Measured:
    """Whether so many counties of Bazhong can be among the six, and whether the paper names as many elsewhere."""
    inside = set(codes_of(evidence, BAZHONG))
    pairs = evidence.table("pairings")
    named = set(pairs.loc[pairs["source"] == "bazhong-2024", "mountain_code"]) & inside
    return Measured(
        "names",
        {
            "as many counties in Bazhong": len(inside) >= claim.number,
            "as many counties with a park of Jinhua": len(named) == claim.number,
        },
        "counties of the 2020 census; the paper's own list of parks",
        documents_only=True,
        same_quantity=False,
        note=f"Bazhong has {len(inside)} counties; parks are named in {', '.join(sorted(named))}. The two counties "
        "outside Bazhong are not named. Needed: the list of pairings of 2021.",
    )


@check("B09a", rule=rules.signed_number(), data=("census_2010", "census_2020"))
def _villages_lose_people(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Rural residents of China and of Bazhong, 2020 less 2010."""
    found = []
    for key, name in (
        ("rural_residents_china", "China (sum of the provinces)"),
        ("rural_residents_bazhong", "Bazhong"),
    ):
        before, after = (
            float(table.loc[rows, "rural_population"].sum())
            for table in (evidence.table("census_2010"), evidence.table("census_2020"))
            for rows in [table["level"].eq("province") if "china" in key else table["code"].eq(BAZHONG)]
        )
        found.append(
            Measured(
                key,
                {"rural residents, 2020 less 2010": int(after - before)},
                f"rural residents of {name}, censuses of 2010 and 2020",
                note=f"{show(percent(after - before, before), 1)} % in ten years.",
            )
        )
    return tuple(found)


@check("B10", rule=rules.every_condition(), data=("prefectures", "provinces"))
def _province_of_bazhong(claim: Claim, evidence: Evidence) -> Measured:
    """Whether Bazhong lies in the province that is named."""
    provinces = codes_by_name(evidence.table("provinces"), "name_short_en")
    code = str(evidence.table("prefectures").set_index("code")["province_code"][BAZHONG])
    own = next(name for name, each in provinces.items() if each == code)
    return Measured(
        "divisions_2020",
        {f"Bazhong lies in {name}": each == code for name, each in claim.named("reference_value", provinces).items()},
        "official divisions of 2020",
        same_basis=True,
        note=f"Bazhong lies in {own}.",
    )


@check("B11a", rule=rules.ordering(), data=("prefecture_economy",))
def _farm_products(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Primary share of GDP of Bazhong, against its partner and against Sichuan."""
    year = 2021
    own, partner = (_primary_share(evidence, (code,), year) for code in (BAZHONG, JINHUA))
    table = evidence.table("prefecture_economy")
    inside = tuple(sorted(set(table.loc[table["code"].str.startswith(SICHUAN[:2]), "code"])))
    return (
        Measured(
            "primary_share_2021",
            {"Bazhong": own, "Jinhua": partner},
            "primary sector in percent of GDP, sectors as published by prefecture, 2021",
            same_quantity=False,
            note="The share says how far the economy rests on farming, not that its produce has an advantage. Needed: "
            "output of farm products of both prefectures.",
        ),
        Measured(
            "sichuan_2021",
            {"Bazhong": own, "prefectures of Sichuan": _primary_share(evidence, inside, year)},
            "the same, against the prefectures of Sichuan with figures together",
            same_quantity=False,
        ),
    )


@check("B02b", rule=rules.every_condition(), data=("county_terrain",))
def _mountains(_: Claim, evidence: Evidence) -> Measured:
    """Whether most counties of Bazhong are more rugged than the median county of China."""
    frame, rows = evidence.frame, counties_of(evidence, BAZHONG)
    typical = float(frame["ruggedness"].median())
    rugged = int((rows["ruggedness"] > typical).sum())
    return Measured(
        "ruggedness",
        {"most counties rougher than the median county": rugged * 2 > len(rows)},
        "ruggedness as in Nunn & Puga (2012) on a grid of 5 arc minutes",
        note=f"{rugged} of {len(rows)} counties are more rugged than China's median county ({show(typical, 0)} m).",
    )


@check("B02c", rule=rules.every_condition(), data=("county_gdp", "census_2020"))
def _latecomer(_: Claim, evidence: Evidence) -> Measured:
    """Whether Bazhong has less GDP per head than Sichuan and China."""
    own, province, nation = (gdp_per_head(evidence, code) for code in (BAZHONG, SICHUAN, NATION))
    return Measured(
        "gdp_2021_residents_2020",
        {"poorer than Sichuan": own < province, "poorer than China": own < nation},
        GDP_BASIS,
        note=f"GDP per head is {show(percent(own, province), 1)} % of Sichuan's and {show(percent(own, nation), 1)} % "
        "of China's.",
    )


@check("B03c", rule=rules.within(0, 100), data=("county_gdp", "census_2020"))
def _parks_output(claim: Claim, evidence: Evidence) -> Measured:
    """Expected output of the parks in percent of Bazhong's GDP, and per job."""
    gdp, output = float(area(evidence, BAZHONG)["gdp_2021"]), claim.number * 1e8
    return Measured(
        "gdp_2021",
        {"percent of GDP": percent(output, gdp)},
        "expected gross output over GDP of 2021; possible if not above 100 %",
        note=f"With over 5,000 jobs this is {show(output / 5_000, 0)} yuan of output a job.",
    )


def _primary_share(evidence: Evidence, codes: tuple[str, ...], year: int) -> float:
    """Primary sector of one prefecture or several together, percent of the sum of the three sectors."""
    names = ["primary_gdp_10k_yuan", "secondary_gdp_10k_yuan", "tertiary_gdp_10k_yuan"]
    if len(codes) == 1:
        primary, *others = (prefecture_value(evidence, codes[0], year, name) for name in names)
        return percent(primary, primary + sum(others))
    table = evidence.table("prefecture_economy")
    sectors = table.loc[table["code"].isin(codes) & table["year"].eq(year), names].dropna().sum()
    return percent(sectors[names[0]], sectors.sum())
