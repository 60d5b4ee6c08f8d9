"""Claims of the magazine (2021) on administrative divisions: kinds, numbers and membership."""

import pandas as pd

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.evidence import Evidence
from shanhai.claims.quantities import codes_of, percent

_AUTONOMOUS = {
    "autonomous counties": "autonomous_county",
    "autonomous banners": "autonomous_banner",
}

_EAST = ("310000", "320000", "330000", "340000", "350000", "360000", "370000")
"""Shanghai, Jiangsu, Zhejiang, Anhui, Fujian, Jiangxi and Shandong: East China of official statistics."""

_BARRED = ("淳安县", "文成县", "泰顺县")
"""Counties with lists of barred industries that the magazine names."""

_NAMED_WITH_PREFECTURE = {
    "莲都区": "丽水市",
    "建德市": "杭州市",
    "瑞安市": "温州市",
    "瓯海区": "温州市",
    "西湖区": "杭州市",
    "柯城区": "衢州市",
    "余杭区": "杭州市",
    "柯桥区": "绍兴市",
    "北仑区": "宁波市",
    "嵊泗县": "舟山市",
}

_QIANTANG, _HANGZHOU, _ZHOUSHAN = "330114", "330100", "330900"


@check("M54a", rule=rules.same_number(), data=("mountain_counties",))
def _zones_of_ecological_function(_: Claim, evidence: Evidence) -> Measured:
    """Number of the 26 that the plan calls counties of key ecological function zones."""
    return Measured(
        "names",
        int(evidence.table("mountain_counties")["ecological_function"].astype(bool).sum()),
        "names that the plan lists; two documents side by side",
        documents_only=True,
    )


@check("M54b", rule=rules.every_condition(), data=("mountain_counties",))
def _named_among_the_zones(_: Claim, evidence: Evidence) -> Measured:
    """Whether the three counties named are on the plan's list."""
    table = evidence.table("mountain_counties")
    listed = set(table.loc[table["ecological_function"].astype(bool), "name_zh"])
    return Measured(
        "names",
        {"three names": set(_BARRED) <= listed},
        "names of the magazine on the list of the plan",
        documents_only=True,
    )


@check("M57", "M58", rule=rules.same_number(), data=("counties",))
def _autonomous_counties(claim: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Autonomous counties and banners of the country, or of East China."""
    counties = evidence.table("counties")
    if claim.reference:
        claim.named("reference", {"East China": ""})  # the one part of the country that is known here
        counties = counties[counties["province_code"].isin(_EAST)]
    kinds = counties["kind"].value_counts()
    numbers = {name: int(kinds.get(kind, 0)) for name, kind in _AUTONOMOUS.items()}
    found = sorted(counties.loc[counties["kind"].isin(_AUTONOMOUS.values()), "name_en"])
    return (
        Measured(
            "divisions_2020",
            sum(numbers.values()),
            "autonomous counties and banners among the county-level units of the 2020 census, "
            f"{claim.reference or 'China'}",
            same_basis=True,
            note="; ".join(f"{name} {number}" for name, number in numbers.items())
            + (f": {', '.join(found)}." if claim.reference else "."),
        ),
        Measured(
            "without_banners",
            numbers["autonomous counties"],
            "autonomous counties alone",
            same_basis=True,
        ),
    )


@check("M69", rule=rules.every_condition(), data=("counties", "prefectures"))
def _named_with_prefecture(_: Claim, evidence: Evidence) -> Measured:
    """Whether each of the ten counties lies in the prefecture with which it is named."""
    prefectures = evidence.table("prefectures").set_index("code")["name_zh"]
    counties = evidence.table("counties")
    own = pd.DataFrame({"county": counties["name_zh"], "prefecture": counties["prefecture_code"].map(prefectures)})
    pairs = set(own.itertuples(index=False, name=None))
    wrong = [county for county, prefecture in _NAMED_WITH_PREFECTURE.items() if (county, prefecture) not in pairs]
    return Measured(
        "divisions_2020",
        {"ten counties in the prefectures named": not wrong},
        "official divisions of 2020",
        note=f"Elsewhere: {', '.join(wrong)}." if wrong else "",
    )


@check("M72", rule=rules.every_condition(), data=("crosswalk", "counties"))
def _qiantang(_: Claim, evidence: Evidence) -> Measured:
    """Whether all units of 2020 that Qiantang was made of lie in Hangzhou."""
    crosswalk = evidence.table("crosswalk")
    rows = crosswalk[crosswalk["vintage"].eq(2021) & crosswalk["code"].eq(_QIANTANG)]
    counties = evidence.table("counties").set_index("code")
    origins = sorted(set(rows["code_2020"].dropna()))
    parents = {str(counties.loc[code, "prefecture_code"]) for code in origins}
    names = ", ".join(str(counties.loc[code, "name_en"]) for code in origins)
    return Measured(
        "divisions_2021",
        {"made of parts of Hangzhou": parents == {_HANGZHOU}},
        "divisions of 2021 on units of 2020 by the crosswalk",
        note=f"Made of parts of {names}.",
    )


@check("M80", rule=rules.within(0, 100), data=("counties",))
def _enclaves_of_zhoushan(claim: Claim, evidence: Evidence) -> Measured:
    """The city and its county-level units in percent of the enclaves."""
    needed = len(codes_of(evidence, _ZHOUSHAN)) + 1
    return Measured(
        "divisions_2020",
        {"units to cover, percent of enclaves": percent(needed, claim.number), "units to cover": needed},
        "the city itself and its county-level units of 2020; possible if not above 100 %",
        same_quantity=False,
        note="Neither the number of enclaves nor which unit has which is in any table. "
        "Needed: the city's list of them.",
    )
