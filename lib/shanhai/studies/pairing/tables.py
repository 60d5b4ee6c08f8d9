"""Tables on paired places, and their flow lines for a map."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from shanhai.core.fields import label_of
from shanhai.data.map_base import load_map_base
from shanhai.methods.placebo.partners import PairTest
from shanhai.render.maps import draw_map
from shanhai.render.maps.flows import Flow
from shanhai.render.maps.topics import Outline, topic
from shanhai.render.numbers import format_interval, format_number, format_p_value
from shanhai.render.style import check_language, label
from shanhai.render.table_columns import three_line
from shanhai.render.tables import TableSpec
from shanhai.studies.pairing.registered import PairingSpec
from shanhai.studies.pairing.rows import city_estimates, pair_estimates

OUTCOMES: Mapping[str, tuple[str, str]] = {
    "distance_km": ("distance of centres, km", "中心距离（千米）"),
    "gap_2021": ("gap of GDP per head 2021, log", "2021年人均GDP对数差"),
    "light_gap_2021": ("gap of light per resident 2021, log", "2021年人均灯光对数差"),
    "gap_change": ("change of the GDP gap 2011-2021, log", "2011—2021年人均GDP对数差变化"),
    "light_change_early": ("change of the light gap 2001/03-2010/12, log", "2001/03—2010/12年灯光对数差变化"),
    "light_change_late": ("change of the light gap 2013/15-2020/22, log", "2013/15—2020/22年灯光对数差变化"),
    "gap_2011": ("gap of GDP per head 2011, log", "2011年人均GDP对数差"),
}
"""Outcomes in words."""

NULLS: Mapping[str, tuple[str, str]] = {
    "province": ("any county outside the 26", "26县以外任一县"),
    "list": ("named partners dealt anew", "所列结对方重新分配"),
    "as_rich": ("counties as rich as the partners", "与结对方同样富裕的县"),
}
"""Whom a county could have been paired with."""

Names = Mapping[str, str]


def place_names(frame: pd.DataFrame, language: str) -> dict[str, str]:
    """Name by code of counties or prefectures."""
    rows = frame[["code", "name_en", "name_zh"]].to_numpy()
    return {str(code): label(language, str(en), str(zh)) for code, en, zh in rows}


def both_names(prefectures: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Short English and Chinese name of prefectures by code."""
    rows = prefectures[["code", "name_short_en", "name_short_zh"]].to_numpy()
    return {str(code): (str(en), str(zh)) for code, en, zh in rows}


def titled_tests(tests: Mapping[PairingSpec, PairTest]) -> dict[tuple[str, str], PairTest]:
    """Tests that are drawn, by their titles: those against any county of the province, all pairs or most of them."""
    shown = ("distance_km", "gap_2021", "light_change_late", "gap_change")
    by_outcome = {spec.outcome: test for spec, test in tests.items() if spec.null == "province"}
    return {OUTCOMES[name]: by_outcome[name] for name in shown}


def titled_ranks(helper: pd.DataFrame, helped: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    """Both sides of the pair of cities with the title of their block."""
    return {("prefectures of Zhejiang", "浙江各地市"): helper, ("prefectures of Sichuan", "四川各地市"): helped}


def county_flows(pairs: pd.DataFrame, places: pd.DataFrame) -> list[Flow]:
    """Flow lines from each partner to its mountain county; `places` has longitude and latitude by code."""
    ends = {code: (float(x), float(y)) for code, x, y in places[["longitude", "latitude"]].itertuples(name=None)}
    return [Flow(ends[sea], ends[mountain]) for mountain, sea in pairs[["mountain_code", "sea_code"]].to_numpy()]


def city_flow(places: pd.DataFrame, start: str, end: str, names: Mapping[str, tuple[str, str]], km: float) -> Flow:
    """Flow line between two prefectures, with their names and distance for the legend."""
    (first_en, first_zh), (last_en, last_zh) = names[start], names[end]
    ends = [(float(places["longitude"][code]), float(places["latitude"][code])) for code in (start, end)]
    number = format_number(km)
    return Flow(ends[0], ends[1], f"{first_en} to {last_en}, {number} km", f"{first_zh}至{last_zh}，{number}千米")


def flow_map(
    counties: pd.DataFrame, pairs: pd.DataFrame, far: Sequence[Flow], province: str, language: str = "en"
) -> Figure:
    """Map of GDP per head with an arrow from each partner to its county; arrows that leave it are in the inset.

    Parameters
    ----------
    counties : rows of the county frame with longitude and latitude.
    pairs : columns mountain_code, sea_code.
    far : flows to places outside the province.
    province : its code.
    language : str
    """
    flows = [*county_flows(pairs, counties.set_index("code")), *far]
    ends = (*pairs["mountain_code"], *pairs["sea_code"])
    wealth = topic("gdp_per_capita_2021")
    outline = Outline("is_mountain_26", *label_of("is_mountain_26"))
    return draw_map(
        load_map_base(), counties, wealth, province, language=language, outline=outline, named=ends, flows=flows
    )


def pairs_table(pairs: pd.DataFrame, names: Names, language: str = "en") -> TableSpec:
    """Every named pair of counties with distance, ratios and changes; pairs as ``pair_table`` gives them."""
    check_language(language)
    frame = pd.DataFrame(
        {
            "county": [names[code] for code in pairs["mountain_code"]],
            "partner": [names[code] for code in pairs["sea_code"]],
            "since": [format_number(year, grouped=False) for year in pairs["first_year"]],
            "distance_km": pairs["distance_km"],
            "ratio_2021": np.exp(pairs["gap_2021"]),
            "gap_change": pairs["gap_change"],
            "light_change_early": pairs["light_change_early"],
            "light_change_late": pairs["light_change_late"],
        }
    )
    heads = {
        "county": ("mountain county", "山区县"),
        "partner": ("partner", "结对方"),
        "since": ("named since", "文中最早年份"),
        "distance_km": ("km", "千米"),
        "ratio_2021": ("GDP per head 2021, partner over county", "2021年人均GDP之比"),
        "gap_change": ("change of its log, 2011-2021", "其对数变化2011—2021"),
        "light_change_early": ("light, 2001/03-2010/12", "灯光2001/03—2010/12"),
        "light_change_late": ("light, 2013/15-2020/22", "灯光2013/15—2020/22"),
    }
    notes = (
        label(
            language,
            "Changes of the log gap, partner less county: negative is a closing gap. Districts have no GDP of their "
            "own before 2021; Xiaoshan was redrawn in 2021 and has neither GDP nor light on its ground of 2020.",
            "对数差为结对方减受帮扶县，负值为差距缩小。市辖区2021年以前无单独GDP；萧山2021年区划调整，无2020年范围的GDP与"
            "灯光。",
            joint="\n",
        ),
    )
    digits = {"distance_km": 0}
    return three_line(frame, ("Pairs that the papers name", "文中所列结对"), notes, digits, heads, language)


def tests_table(tests: pd.DataFrame, seed: int, language: str = "en") -> TableSpec:
    """Means of the named pairs beside those of pairs that could have been; of ``tests_frame``, drawn from a seed."""
    check_language(language)
    digits = [0 if outcome == "distance_km" else 2 for outcome in tests["outcome"]]
    main = label(language, " (main)", "（主）")
    rows = tests.to_dict("records")
    frame = pd.DataFrame(
        {
            "outcome": [label(language, *OUTCOMES[row["outcome"]]) + (main if row["main"] else "") for row in rows],
            "null": [label(language, *NULLS[row["null"]]) for row in rows],
            "observed": [format_number(row["observed"], d) for row, d in zip(rows, digits, strict=True)],
            "expected": [format_number(row["expected"], d) for row, d in zip(rows, digits, strict=True)],
            "interval": [format_interval(row["low"], row["high"], d) for row, d in zip(rows, digits, strict=True)],
            "p": [format_p_value(row["p"]) for row in rows],
            "p_holm": [format_p_value(row["p_holm"]) for row in rows],
            "pairs": tests["pairs"].to_numpy(),
            "candidates": tests["candidates"].to_numpy(),
        }
    )
    heads = {
        "outcome": ("mean over pairs of", "各对均值"),
        "null": ("could have been", "可能的结对方"),
        "observed": ("named pairs", "所列结对"),
        "expected": ("drawn pairs", "随机结对"),
        "interval": ("middle 95 %", "中间95%"),
        "p": ("p", "p值"),
        "p_holm": ("p (Holm)", "p值（Holm）"),
        "pairs": ("pairs", "对数"),
        "candidates": ("candidates", "候选县数"),
    }
    draws, exact = int(tests.loc[~tests["exact"], "draws"].max()), int(tests.loc[tests["exact"], "draws"].max())
    notes = (
        label(
            language,
            f"Permutation, two-sided, {format_number(draws)} draws; named partners dealt anew in all "
            f"{format_number(exact)} ways. With so few pairs only large differences could be seen.",
            f"置换检验，双侧，抽样{format_number(draws)}次；重新分配取全部{format_number(exact)}种。对数很少，只能识别"
            "大的差异。",
            joint="\n",
        ),
    )
    caption = ("Named pairs against pairs that could have been", "所列结对与可能的结对")
    return three_line(frame, caption, notes, {}, heads, language, pair_estimates(tests, seed))


def cities_table(ranks: Mapping[tuple[str, str], pd.DataFrame], language: str = "en") -> TableSpec:
    """A pair of prefectures among the partners that either could have had; of ``city_ranks``, one block a side."""
    check_language(language)
    parts, starts, count = [], [], 0
    for title, table in ranks.items():
        digits = [0 if outcome == "distance_km" else 2 for outcome in table["outcome"]]
        parts.append(
            pd.DataFrame(
                {
                    "side": [label(language, *title)] + [""] * (len(table) - 1),
                    "outcome": [label(language, *OUTCOMES[name]) for name in table["outcome"]],
                    "value": [format_number(v, d) for v, d in zip(table["value"], digits, strict=True)],
                    "median": [format_number(v, d) for v, d in zip(table["median"], digits, strict=True)],
                    "rank": [f"{rank} / {among}" for rank, among in table[["rank", "among"]].to_numpy()],
                    "p": [format_p_value(value) for value in table["p"]],
                }
            )
        )
        starts.append(count)
        count += len(table)
    heads = {
        "side": ("compared with", "比较对象"),
        "outcome": ("outcome", "指标"),
        "value": ("this pair", "本对"),
        "median": ("median of all", "全部中位数"),
        "rank": ("rank from the smallest", "由小到大位次"),
        "p": ("p", "p值"),
    }
    notes = (
        label(
            language,
            "The partner less the place. p: share of possible partners whose rank is at least as far from the middle; "
            "with n partners it cannot be below 2/n.",
            "结对方减本地。p值：位次离中间至少同样远的可能结对方所占比例，n个候选时不小于2/n。",
        ),
    )
    caption = ("Jinhua and Bazhong among possible partners", "金华与巴中在可能结对中的位置")
    spec = three_line(pd.concat(parts, ignore_index=True), caption, notes, {}, heads, language)
    estimates = tuple(row for (title, _), table in ranks.items() for row in city_estimates(table, title))
    return replace(spec, rules_before=frozenset(starts[1:]), estimates=estimates)
