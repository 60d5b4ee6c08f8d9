"""What pairs and people moved show, in sentences that follow the numbers."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from shanhai.report.numbers import format_number, format_p_value, format_percent
from shanhai.report.style import check_language, label

Row = Mapping[Hashable, Any]


def pairs_text(tests: pd.DataFrame, pairs: pd.DataFrame, language: str = "en") -> str:
    """Whether named partners are nearer, richer, and whether their gap closed faster than that of drawn pairs.

    Parameters
    ----------
    tests : of ``tests_frame``.
    pairs : of ``pair_table``.
    """
    check_language(language)
    rows = {(row["outcome"], row["null"]): row for row in tests.to_dict("records")}
    lines = [
        _distance(rows["distance_km", "province"], language),
        _richer(rows["gap_2021", "province"], pairs, language),
        _closing(rows["light_change_late", "province"], language),
    ]
    small = int((tests["p_holm"] < 0.05).sum())
    lines.append(
        label(
            language,
            f"Of {len(tests)} declared comparisons {small} {'differs' if small == 1 else 'differ'} from pairs drawn at "
            "random at 5 % (Holm).",
            f"{len(tests)}项预先声明的比较中，{small}项在5%水平上与随机结对不同（Holm）。",
        )
    )
    return "\n".join(lines)


def _verdict(row: Row, words: tuple[tuple[str, str], tuple[str, str]], language: str) -> str:
    """Smaller, larger, or not to be told apart, by the p-value of the row."""
    p, observed, expected = (float(row[name]) for name in ("p", "observed", "expected"))
    if p >= 0.05:
        return label(language, "not to be told apart from drawn pairs", "与随机结对无法区分")
    return label(language, *words[0 if observed < expected else 1])


def _distance(row: Row, language: str) -> str:
    verdict = _verdict(
        row, (("nearer than drawn pairs", "比随机结对近"), ("farther than drawn pairs", "比随机结对远")), language
    )
    a, b = (format_number(row[name]) for name in ("observed", "expected"))
    p = format_p_value(row["p"])
    return label(
        language,
        f"Distance: partners are {a} km apart on average, drawn pairs {b} km (p = {p}): {verdict}.",
        f"距离：所列结对平均相距{a}千米，随机结对{b}千米（p = {p}）：{verdict}。",
    )


def _richer(row: Row, pairs: pd.DataFrame, language: str) -> str:
    words = (
        ("less rich than drawn pairs", "结对方富裕程度低于随机结对"),
        ("richer than drawn pairs", "结对方富裕程度高于随机结对"),
    )
    verdict = _verdict(row, words, language)
    a, b = (format_number(np.exp(float(row[name])), 2) for name in ("observed", "expected"))
    known = pairs["gap_2021"].dropna()
    above, p = int((known > 0).sum()), format_p_value(row["p"])
    return label(
        language,
        f"Income: the partner is richer in {above} of {len(known)} pairs; on (geometric) average it has {a} times the "
        f"GDP per head, drawn partners {b} times (p = {p}): {verdict}.",
        f"收入：{len(known)}对中有{above}对结对方更富；人均GDP之比（几何平均）为{a}，随机结对为{b}"
        f"（p = {p}）：{verdict}。",
    )


def _closing(row: Row, language: str) -> str:
    words = (("closing faster", "缩小更快"), ("closing more slowly", "缩小更慢"))
    verdict = _verdict(row, words, language)
    a, b = (format_percent(100 * (np.exp(float(row[name])) - 1), 0, signed=True) for name in ("observed", "expected"))
    p = format_p_value(row["p"])
    return label(
        language,
        f"Gap of light since 2013 (main question, {row['pairs']} pairs): the ratio changed by {a}, that of drawn pairs "
        f"by {b} (p = {p}): {verdict}.",
        f"2013年以来灯光差距（主要问题，{row['pairs']}对）：比值变化{a}，随机结对{b}（p = {p}）：{verdict}。",
    )


def cities_text(ranks: pd.DataFrame, ratios: pd.DataFrame, first: int, language: str = "en") -> str:
    """How Jinhua stands among the prefectures of Zhejiang as a partner of Bazhong, and when the gap changed.

    Parameters
    ----------
    ranks : of ``city_ranks`` with Bazhong as the place.
    ratios : of ``yearly_ratio``.
    first : year in which the pair began.
    """
    check_language(language)
    rows = {row["outcome"]: row for row in ranks.to_dict("records")}
    gdp = ratios.set_index("year")["gdp"]
    then, now = (format_number(np.exp(rows[name]["value"]), 1) for name in ("gap_2011", "gap_2021"))
    near, fall, among = rows["distance_km"], rows["gap_change"], rows["gap_change"]["among"]
    p, km = format_p_value(fall["p"]), format_number(near["value"])
    years = [int(gdp.index.min()), 2011, int(gdp.index.max()) - 1, int(gdp.index.max())]
    english = ", ".join(f"{format_number(gdp[year], 1)} in {year}" for year in years)
    chinese = "，".join(f"{year}年{format_number(gdp[year], 1)}" for year in years)
    by_gdp = float(np.log(gdp[years[-1]] / gdp[2011]))
    parts = [format_number(part, 2, signed=True) for part in (fall["value"], by_gdp, fall["value"] - by_gdp)]
    return label(
        language,
        f"Jinhua lies {km} km away, rank {near['rank']} of {among} by nearness among Zhejiang's prefectures. It had "
        f"{then} times the GDP per resident of Bazhong in 2011 and {now} times in 2021; by the change of that gap it "
        f"ranks {fall['rank']} of {among} (p = {p}). The pair began in {first}: what happened before cannot be its "
        f"work. GDP itself, Jinhua over Bazhong: {english}. Of the change of {parts[0]} log points since 2011, GDP makes "
        f"{parts[1]} and the number of residents {parts[2]}.",
        f"金华相距{km}千米，在浙江{among}个地市中由近到远居第{near['rank']}位。人均GDP为巴中的倍数2011年为{then}、"
        f"2021年为{now}，按差距变化由小到大居{among}个地市第{fall['rank']}位（p = {p}）。"
        f"结对始于{first}年，此前变化非其所致。GDP总量之比（金华比巴中）：{chinese}。2011年以来对数差变化{parts[0]}，其中GDP占{parts[1]}，常住人口占{parts[2]}。",
        joint="\n",
    )


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
