"""Claims of the paper on the Mountain-Sea Collaboration (2023) and of the plan for 2021-2025."""

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.claims.papers.magazine_lists import NAMED_COUNTIES
from shanhai.claims.papers.quzhou_economy import published_against
from shanhai.claims.quantities import GDP_BASIS, LISHUI, QUZHOU, ZHEJIANG, counties_of, gdp_per_head

_TYPES = {"P01a": "leapfrog", "P01b": "ecological"}


@check("S02a", rule=rules.ordering(), data=("shapefiles",))
def _in_the_west(_: Claim, evidence: Evidence) -> Measured:
    """Longitude of Quzhou and of Zhejiang, with Quzhou's place among the prefectures."""
    frame = evidence.analysis
    rows = frame[frame["province_code"].eq(ZHEJIANG)]
    by_prefecture = rows.groupby("prefecture_code")["longitude"].mean()
    further = int((by_prefecture < by_prefecture[QUZHOU]).sum())
    return Measured(
        "centres",
        {"Quzhou": float(by_prefecture[QUZHOU]), "Zhejiang": float(rows["longitude"].mean())},
        "mean longitude of the centres of the counties, degrees east",
        note=f"Of {len(by_prefecture)} prefectures {further} lie further west.",
    )


@check("S02b", rule=rules.ordering(), data=("county_gdp", "census_2020", "prefecture_economy"))
def _weaker_than_province(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """GDP per head of Quzhou and of Zhejiang, with the rank of Quzhou."""
    prefectures = sorted(set(counties_of(evidence, ZHEJIANG)["prefecture_code"]))
    by_prefecture = {code: gdp_per_head(evidence, code) for code in prefectures}
    poorer = sum(value < by_prefecture[QUZHOU] for value in by_prefecture.values())
    return (
        published_against(evidence, "Zhejiang"),
        Measured(
            "residents_2020",
            {"Quzhou": by_prefecture[QUZHOU], "Zhejiang": gdp_per_head(evidence, ZHEJIANG)},
            f"{GDP_BASIS}; the paper names no measure and no year",
            note=f"Of {len(by_prefecture)} prefectures {poorer} have less GDP per head than Quzhou.",
        ),
    )


@check("P01a", "P01b", rule=rules.same_number(), data=("counties", "mountain_counties"))
def _types_of_counties(claim: Claim, evidence: Evidence) -> Measured:
    """Number of counties that the plan lists under a type, and whether its lists are the magazine's 26."""
    listed = evidence.table("mountain_counties")
    counties = evidence.table("counties")
    zhejiang = counties[counties["province_code"] == ZHEJIANG]
    described = zhejiang["prefecture_code"].isin([QUZHOU, LISHUI]) | zhejiang["name_zh"].isin(NAMED_COUNTIES)
    differing = sorted(set(zhejiang.loc[described, "code"]) ^ set(listed["code"]))
    return Measured(
        "names",
        int(listed["type"].eq(_TYPES[claim.id]).sum()),
        "names that the plan itself lists, each found once among the counties of the 2020 census",
        documents_only=True,
        note=f"Both lists together are {'' if not differing else 'not '}the 26 that the magazine describes, and the "
        f"magazine gives the same sizes; differing: {', '.join(differing) or 'none'}. "
        f"The ecological ones hold {show(_ecological_share(evidence), 1)} % of the GDP of the 26.",
    )


def _ecological_share(evidence: Evidence) -> float:
    frame = evidence.frame
    listed = frame[frame["is_mountain_26"]]
    return float(100 * listed.loc[listed["type"] == "ecological", "gdp_2021"].sum() / listed["gdp_2021"].sum())
