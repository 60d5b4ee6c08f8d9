"""Claims of the paper on the Mountain-Sea Collaboration (2023) and of the plan for 2021-2025."""

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.claims.papers.magazine_lists import NAMED_COUNTIES
from shanhai.claims.quantities import GDP_BASIS, LISHUI, QUZHOU, ZHEJIANG, counties_of, gdp_per_head

_WRITTEN = 2023
"""Year of the paper, whose text speaks of more than twenty years of collaboration."""


@check("S02", rule=rules.below_second(), data=("county_gdp", "census_2020"))
def _weaker_than_province(_: Claim, evidence: Evidence) -> Measured:
    """GDP per head of Quzhou and of Zhejiang, with the rank of Quzhou."""
    prefectures = sorted(set(counties_of(evidence, ZHEJIANG)["prefecture_code"]))
    by_prefecture = {code: gdp_per_head(evidence, code) for code in prefectures}
    poorer = sum(value < by_prefecture[QUZHOU] for value in by_prefecture.values())
    return Measured(
        "gdp_2021_residents_2020",
        {"Quzhou": by_prefecture[QUZHOU], "Zhejiang": gdp_per_head(evidence, ZHEJIANG)},
        f"{GDP_BASIS}; the paper names no measure and no year",
        note=f"Of {len(by_prefecture)} prefectures {poorer} have less GDP per head than Quzhou.",
    )


@check("S03", rule=rules.at_least(20), data=("claims",))
def _years_of_collaboration(claim: Claim, _: Evidence) -> Measured:
    """Years from the stated start to the paper, which speaks of more than twenty."""
    start = int(claim.printed[0].split("-")[0])
    return Measured(
        "documents",
        {"years": _WRITTEN - start},
        f"the paper's own figures: from {claim.value} to {_WRITTEN}, against 'more than twenty years'",
        note="The date itself needs the province's document of 2002.",
    )


@check("P01", rule=rules.printed_digits(), data=("counties", "mountain_counties"))
def _types_of_counties(_: Claim, evidence: Evidence) -> Measured:
    """Sizes of the two lists of the plan, and whether together they are the magazine's 26."""
    listed = evidence.table("mountain_counties")
    counties = evidence.table("counties")
    zhejiang = counties[counties["province_code"] == ZHEJIANG]
    described = zhejiang["prefecture_code"].isin([QUZHOU, LISHUI]) | zhejiang["name_zh"].isin(NAMED_COUNTIES)
    differing = sorted(set(zhejiang.loc[described, "code"]) ^ set(listed["code"]))
    sizes = listed["type"].value_counts()
    return Measured(
        "names",
        {"leapfrog": int(sizes["leapfrog"]), "ecological": int(sizes["ecological"])},
        "names of the plan found among the counties of the 2020 census, each once",
        same_basis=not differing,
        note=f"Together they are {'' if not differing else 'not '}the 26 that the magazine describes, and the magazine "
        f"gives the same sizes; differing: {', '.join(differing) or 'none'}. "
        f"The ecological ones hold {show(_ecological_share(evidence), 1)} % of the GDP of the 26.",
    )


def _ecological_share(evidence: Evidence) -> float:
    frame = evidence.frame
    listed = frame[frame["is_mountain_26"]]
    return float(100 * listed.loc[listed["type"] == "ecological", "gdp_2021"].sum() / listed["gdp_2021"].sum())
