"""Claims of the paper on Quzhou (2023) about its people, its towns and where it lies."""

import math

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.claims.quantities import (
    QUZHOU,
    ZHEJIANG,
    census_unit,
    codes_of,
    counties_of,
    illiterates_of_all,
    percent,
    registered_population,
    share_60_plus,
    urban_share,
)
from shanhai.core.places import NATION

_AREAS = {"Quzhou": QUZHOU, "Zhejiang": ZHEJIANG}

_CENSUS = ("census_2020",)

_RESIDENTS_2020 = "residents of the 2020 census, boundaries of 2020; the claim is about 2022"


@check("Q01", rule=rules.on_the_way(), data=("census_2010", "census_2020"))
def _urbanisation_on_its_path(claim: Claim, evidence: Evidence) -> Measured:
    """Urban share of 2020, and its continuation to 2022 at the pace between the censuses."""
    before, now = (urban_share(census_unit(evidence, QUZHOU, year)) for year in (2010, 2020))
    continued = now + (now - before) / 10 * 2
    return Measured(
        "residents_2020",
        {"Quzhou 2020": now, "Quzhou 2022 at the pace of 2010-2020": continued},
        f"urban over all {_RESIDENTS_2020}",
        note=f"The printed {claim.value} of 2022 needs the yearbook of 2023; 2010 stood at {show(before)} %.",
    )


@check("Q02", rule=rules.ordering(), data=_CENSUS)
def _urbanisation_against_province(_: Claim, evidence: Evidence) -> Measured:
    """Urban shares of Quzhou and Zhejiang."""
    values = {"Quzhou": QUZHOU, "Zhejiang": ZHEJIANG}
    return Measured(
        "residents_2020",
        {name: urban_share(census_unit(evidence, code)) for name, code in values.items()},
        f"urban over all {_RESIDENTS_2020}",
    )


@check("Q03", rule=rules.ordering(), data=_CENSUS)
def _urbanisation_against_country(_: Claim, evidence: Evidence) -> Measured:
    """Urban shares of Quzhou and China."""
    values = {"Quzhou": QUZHOU, "China": NATION}
    return Measured(
        "residents_2020",
        {name: urban_share(census_unit(evidence, code)) for name, code in values.items()},
        f"urban over all {_RESIDENTS_2020}",
    )


@check("Q04", rule=rules.same_number(), data=_CENSUS)
def _urbanisation_rank(_: Claim, evidence: Evidence) -> Measured:
    """Rank of Quzhou among the prefectures of Zhejiang, 1 the most urban."""
    table = evidence.table("census_2020")
    rows = table[(table["level"] == "prefecture") & table["code"].str.startswith("33")]
    shares = (100 * rows["urban_population"] / rows["population"]).set_axis(rows["code"])
    rank = int(shares.rank(ascending=False)[QUZHOU])
    gap = float(shares.drop(QUZHOU).min() - shares[QUZHOU])
    return Measured(
        "residents_2020",
        rank,
        f"urban over all {_RESIDENTS_2020}; {len(rows)} Zhejiang prefectures",
        note=f"The next lowest prefecture lies {show(gap)} points higher.",
    )


@check("Q13a", "Q13b", rule=rules.printed_digits(), data=_CENSUS)
def _ageing(claim: Claim, evidence: Evidence) -> Measured:
    """Share aged 60 and over in Quzhou or Zhejiang."""
    return Measured(
        "residents_2020",
        share_60_plus(census_unit(evidence, claim.named("place", _AREAS)[claim.place])),
        "aged 60 and over, of all residents of the 2020 census",
        same_basis=True,
    )


@check("Q14a", "Q14b", rule=rules.printed_digits(), data=_CENSUS)
def _illiteracy(claim: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Illiteracy on its two denominators: all residents, and residents aged 15 and over."""
    row = census_unit(evidence, claim.named("place", _AREAS)[claim.place])
    return (
        Measured(
            "all_ages",
            illiterates_of_all(row),
            "illiterates aged 15 and over, of all residents of every age, 2020 census",
            same_basis=True,
        ),
        Measured(
            "aged_15_plus",
            float(row["illiterate_share_15plus_pct"]),
            "illiterates aged 15 and over, of residents aged 15 and over as the census publishes it, 2020",
            same_basis=True,
        ),
    )


@check("Q15a", rule=rules.signed_number(), data=("county_hukou", "census_2010", "census_2020"))
def _registered_above_resident(_: Claim, evidence: Evidence) -> Measured:
    """Registered minus resident population of Quzhou in 2020 and 2010."""
    codes = codes_of(evidence, QUZHOU)
    resident = float(census_unit(evidence, QUZHOU)["population"])
    registered = registered_population(evidence, codes, 2020)
    census = census_unit(evidence, QUZHOU, 2010)
    before = float(census["hukou_population"] - census["population"])
    return Measured(
        "registered_less_residents_2020",
        {"registered minus resident persons": registered - resident},
        "registered population of the counties at the end of 2020 minus residents of the 2020 census; people of all "
        "ages, not workers alone, and net, not by destination",
        note=f"{show(percent(registered - resident, registered), 1)} % of the registered; in the 2010 census "
        f"{show(before, 0)}. Where they went (Shanghai, Hangzhou) the tables do not say.",
    )


@check("Q24a", rule=rules.every_condition(), data=("shapefiles",))
def _on_a_border(_: Claim, evidence: Evidence) -> Measured:
    """Whether Quzhou touches another province."""
    rows = counties_of(evidence, QUZHOU)
    border = int(rows["on_border"].fillna(False).sum())
    unknown = rows["on_border"].isna().any()
    return Measured(
        "boundaries_2017",
        {"touches another province": math.nan if unknown and not border else border > 0},
        "boundaries of 2017 on codes of 2020",
        note=f"Of {len(rows)} counties {border} touch another province.",
    )


@check("Q24b", rule=rules.every_condition(), data=("county_terrain",))
def _in_the_mountains(_: Claim, evidence: Evidence) -> Measured:
    """Whether most counties of Quzhou are more rugged than the median county of China."""
    rows = counties_of(evidence, QUZHOU)
    typical = float(evidence.frame["ruggedness"].median())
    rugged = int((rows["ruggedness"] > typical).sum())
    return Measured(
        "ruggedness",
        {"most counties rougher than the median county": rugged * 2 > len(rows)},
        "ruggedness as in Nunn & Puga (2012) on a grid of 5 arc minutes",
        note=f"Of {len(rows)} counties {rugged} are more rugged than the median county of China "
        f"({show(typical, 0)} m), {int(rows['is_mountain_26'].sum())} are on the list of 26.",
    )


@check("Q25", rule=rules.same_members(), data=("shapefiles", "provinces"))
def _provinces_it_borders(_: Claim, evidence: Evidence) -> Measured:
    """Provinces that share an edge with a county of Quzhou; missing where the layer does not show all neighbours."""
    names = evidence.table("provinces").set_index("code")["name_short_en"]
    unknown = counties_of(evidence, QUZHOU)["flags"].str.split(";").map(lambda flags: "border_unknown" in flags)
    seen = tuple(str(names[code]) for code in _neighbours(evidence, QUZHOU))
    return Measured(
        "boundaries_2017",
        math.nan if unknown.any() else seen,
        "provinces that share at least 1 km of land edge with a county of Quzhou; boundaries of 2017 on codes of 2020",
    )


def _neighbours(evidence: Evidence, code: str) -> tuple[str, ...]:
    texts = counties_of(evidence, code)["neighbour_provinces"].fillna("").astype(str)
    return tuple(sorted({part for text in texts for part in text.split(";") if part}))
