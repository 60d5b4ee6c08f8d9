"""Claims on people, from censuses of three areas drawn here; the answers are written out as arithmetic."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from shanhai.claims.claims import Claim, claims_from
from shanhai.claims.engine import find
from shanhai.claims.evidence import Evidence
from shanhai.claims.findings import Finding
from shanhai.data.load import load_table

AGES = ("age_60_64", "age_65_69", "age_70_74", "age_75_79", "age_80_84", "age_85plus")


def row(level: str, code: str, population: int, urban: int, aged: int, illiterate: int) -> dict[str, Any]:
    """One census row; the aged are spread evenly over the six groups from 60 on."""
    return {
        "level": level,
        "code": code,
        "population": population,
        "urban_population": urban,
        "illiterate_15plus": illiterate,
        "illiterate_share_15plus_pct": 100 * illiterate / (0.85 * population),
        **dict.fromkeys(AGES, aged / len(AGES)),
    }


def census(**changed: int) -> pd.DataFrame:
    quzhou = {"population": 2_000, "urban": 1_000, "aged": 500, "illiterate": 100} | changed
    return pd.DataFrame(
        [
            row("nation", "", 1_000_000, 630_000, 187_000, 27_000),
            row("province", "330000", 60_000, 43_200, 11_220, 1_620),
            row("prefecture", "330100", 12_000, 9_600, 2_000, 200),
            row("prefecture", "330800", **quzhou),
        ]
    )


CLAIMS = {claim.id: claim for claim in claims_from(load_table("claims"))}


def claim(claim_id: str, value: str) -> Claim:
    """The claim of the table, which names its basis, with another printed figure."""
    return replace(CLAIMS[claim_id], value=value)


def finding(claimed: Claim, **changed: int) -> Finding:
    return find(claimed, Evidence.of({"census_2020": census(**changed)}))


def test_share_aged_60_and_over_to_the_printed_digits() -> None:
    # 500 of 2,000 are 25.00 %; in the province 11,220 of 60,000 are 18.7 %.
    own, province = finding(claim("Q13a", "25.00")), finding(claim("Q13b", "18.7"))
    assert (own.verdict, province.verdict) == ("reproduced", "reproduced")
    assert (own.computed, province.computed) == (pytest.approx(25.0), pytest.approx(18.7))


def test_one_more_old_person_in_a_hundred_flips_the_verdict() -> None:
    assert finding(claim("Q13a", "25.00"), aged=520).verdict == "contradicted"


def test_illiteracy_is_decided_among_all_residents() -> None:
    # 100 of all 2,000 are 5.0 %; of the 1,700 aged 15 and over they are 5.88 %. Province: 1,620 of 60,000 are 2.7 %.
    of_all = finding(claim("Q14a", "5.0"))
    assert of_all.verdict == "reproduced" and "of every age" in of_all.basis
    assert (of_all.others[0].verdict, of_all.others[0].computed) == ("contradicted", pytest.approx(100 / 17))
    assert finding(claim("Q14b", "2.7")).verdict == "reproduced"
    of_adults = finding(claim("Q14a", "5.88"))
    assert of_adults.verdict == "contradicted" and of_adults.robustness == "1 hold, 1 fail, 0 undecided"


def test_urban_shares_keep_their_order_or_not() -> None:
    below = claim("Q02", "59.3")
    assert finding(below).verdict == "consistent"  # 50.0 below 72.0, two years before the claim
    assert finding(below, urban=1_500).verdict == "contradicted"  # 75.0 above 72.0


def test_rank_among_prefectures() -> None:
    last = claim("Q04", "2")
    assert finding(last).computed == 2  # 50 % after 80 % of the other prefecture
    assert finding(last).verdict == "consistent"
    assert finding(last, urban=1_900).verdict == "contradicted"


def test_urbanisation_on_its_way() -> None:
    # 40 % in 2010 and 50 % in 2020: one point a year leads to 52 % in 2022.
    tables = {"census_2020": census(), "census_2010": census(urban=800)}
    for printed, verdict in (("51.5", "consistent"), ("52.5", "contradicted"), ("49.9", "contradicted")):
        assert find(claim("Q01", printed), Evidence.of(tables)).verdict == verdict
