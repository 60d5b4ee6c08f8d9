"""What the register and the censuses say about people who left, in sentences that follow the numbers."""

import pandas as pd

from shanhai.render.numbers import format_number, format_percent
from shanhai.render.style import check_language, label


def people_text(years: pd.DataFrame, carried: tuple[float, int, int], claimed: float, language: str = "en") -> str:
    """The difference of registered and resident population against the claim, and what it contains.

    Parameters
    ----------
    years : of ``registered_less_resident``.
    carried : of ``carried_registered`` for 2020.
    claimed : people working elsewhere by the paper.
    """
    check_language(language)
    rows = {row["source"]: row for row in years.to_dict("records")}
    mixed, census = rows["mixed"], rows["census"]
    low = carried[0] - float(mixed["residents"])
    at_2010, high = format_number(census["difference"]), format_number(mixed["difference"])
    share = format_percent(100 * mixed["difference"] / mixed["registered"], 0)
    inside = min(low, float(mixed["difference"])) <= claimed <= max(low, float(mixed["difference"]))
    fit = label(language, "lies inside" if inside else "lies outside", "落在其中" if inside else "不在其中")
    return label(
        language,
        f"In 2010 {at_2010} more people were registered in Bazhong than lived there. The last complete register "
        f"({mixed['registered_year']}) less the residents of 2020 is {high}, {share} of the registered; carried on at "
        f"the pace of the {carried[2]} counties that report until {carried[1]} it is {format_number(low)}. The paper's "
        f"{format_number(claimed)} {fit} this range. But it counts workers, and the difference counts everybody: "
        "children, students and the old who went along are in it, arrivals are taken off.",
        f"2010年巴中户籍人口比常住人口多{at_2010}人。最近一次完整户籍数（{mixed['registered_year']}年）减2020年常住人口为"
        f"{high}人，占户籍{share}；若按{carried[2]}个县到{carried[1]}年的变化推算，则为{format_number(low)}人。文中的"
        f"{format_number(claimed)}人{fit}。但该数指务工者，差额包含所有人：随迁儿童、学生与老人在内，并扣除了外来人口。",
        joint="\n",
    )


def twelve_thousand_text(
    claimed: float, elsewhere: float, arrived: float, expected: float, residents: float, language: str = "en"
) -> str:
    """How large the people of Bazhong in Jinhua are against those who left, against arrivals, and against chance.

    Parameters
    ----------
    claimed : people of Bazhong working in Jinhua by the paper.
    elsewhere : people of Bazhong working elsewhere by the paper.
    arrived, residents : residents of Jinhua registered in another province, and all its residents (2020 census).
    expected : of ``expected_in``, if all who work elsewhere had left their province.
    """
    check_language(language)
    of_left, of_arrived = format_percent(100 * claimed / elsewhere), format_percent(100 * claimed / arrived, 2)
    of_residents = format_percent(100 * claimed / residents, 2)
    share = format_percent(100 * claimed / expected, 0)
    return label(
        language,
        f"The {format_number(claimed)} in Jinhua are {of_left} of those who work elsewhere, {of_arrived} of Jinhua's "
        f"residents from other provinces and {of_residents} of all its residents. If all {format_number(elsewhere)} "
        "had left Sichuan and spread as China's migrants between provinces do, "
        f"{format_number(expected)} would be in Jinhua; as many as the paper says are there if {share} of them left "
        "Sichuan. How many did, no table shows: the pair need not have drawn anybody.",
        f"在金华的{format_number(claimed)}人占外出务工者的{of_left}、金华省外户籍常住人口的{of_arrived}、全部常住人口的"
        f"{of_residents}。若{format_number(elsewhere)}人全部出省并按全国跨省流动人口分布，金华应有{format_number(expected)}人；"
        f"若其中{share}出省，则与文中人数相当。实际出省人数无表可查：未必因结对而来。",
        joint="\n",
    )


def cohorts_text(cohorts: pd.DataFrame, language: str = "en") -> str:
    """Which ages were gone after ten years."""
    check_language(language)
    worst = cohorts.sort_values("share").iloc[-1]
    total = cohorts[["residents_2010", "lost"]].sum()
    age = int(worst["age_2010"])
    lost, share = format_number(total["lost"]), format_percent(100 * total["lost"] / total["residents_2010"], 0)
    return label(
        language,
        f"Of the residents under 50 in 2010, {lost} ({share}) were no longer there in 2020, most among those aged "
        f"{age} to {age + 4} in 2010 ({format_percent(worst['share'], 0)}). Deaths are in these numbers.",
        f"2010年50岁以下常住人口中，到2020年减少{lost}人（{share}），2010年{age}—{age + 4}岁者最多"
        f"（{format_percent(worst['share'], 0)}）。数字含死亡。",
        joint="\n",
    )
