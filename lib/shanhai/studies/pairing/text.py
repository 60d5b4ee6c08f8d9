"""What pairs show, in sentences that follow the numbers."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from shanhai.render.numbers import format_number, format_p_value, format_percent
from shanhai.render.style import check_language, label

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
        f"work. GDP itself, Jinhua over Bazhong: {english}. Of the change of {parts[0]} log points since 2011, GDP "
        f"makes {parts[1]} and the number of residents {parts[2]}.",
        f"金华相距{km}千米，在浙江{among}个地市中由近到远居第{near['rank']}位。人均GDP为巴中的倍数2011年为{then}、"
        f"2021年为{now}，按差距变化由小到大居{among}个地市第{fall['rank']}位（p = {p}）。"
        f"结对始于{first}年，此前变化非其所致。GDP总量之比（金华比巴中）：{chinese}。2011年以来对数差变化{parts[0]}，其中GDP占{parts[1]}，常住人口占{parts[2]}。",
        joint="\n",
    )
