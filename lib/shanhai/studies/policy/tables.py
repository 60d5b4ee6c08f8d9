"""Tables of the policy notebook: who is compared, effects under each design, trends before, whole prefectures."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from shanhai.methods.did.panel import PolicyPanel
from shanhai.methods.synthetic.sdid import SdidPlacebo
from shanhai.render.numbers import MISSING, format_interval, format_number, format_p_value
from shanhai.render.style import check_language, label
from shanhai.render.table_columns import named, three_line
from shanhai.render.tables import TableSpec
from shanhai.studies.policy.estimates import effect_estimates, prefecture_estimates, trend_test
from shanhai.studies.policy.evaluation import Evaluation

DESIGNS: dict[str, tuple[str, str]] = {
    "main": ("main: matched counties of Zhejiang", "主设定：省内匹配县"),
    "chosen": ("chosen parameters", "所选参数"),
    "home": ("all other counties of Zhejiang", "省内其他全部县"),
    "neighbours": ("border-and-mountain counties of neighbours", "邻省省界山区县"),
    "all": ("both of these", "以上两者"),
    "rank": ("main, percentile rank", "主设定，百分位名次"),
    "level": ("main, level", "主设定，水平值"),
    "wide": ("main, caliper 1 SD", "主设定，卡尺1个标准差"),
    "long": ("main, window from 2005", "主设定，窗口自2005年"),
    "2021": ("main, policy year 2021", "主设定，政策年2021"),
}
"""Designs by key."""

UNITS: dict[str, tuple[str, str]] = {
    "log": ("log points", "对数点"),
    "rank": ("percentile points", "百分位点"),
    "level": ("nW/cm²/sr per km²", "nW/cm²/sr每平方千米"),
}
"""Unit of an effect by outcome."""


def pairs_table(panel: PolicyPanel, language: str = "en") -> TableSpec:
    """Print the units of a panel: pairs side by side, or means of treated and comparison where there are no pairs."""
    check_language(language)
    frame = _pairs(panel, language) if panel.design.comparison == "matched" else _means(panel, language)
    heads = {
        "one": ("of the 26", "26县"),
        "other": ("compared with", "比较对象"),
        "level_one": ("log light, of the 26", "灯光对数，26县"),
        "level_other": ("compared", "比较对象"),
        "terrain_one": ("ruggedness (m), of the 26", "崎岖度（米），26县"),
        "terrain_other": ("compared ", "比较对象 "),
    }
    years = panel.design.level_years
    notes = (
        label(
            language,
            f"Log light per km²: mean of {years[0]}–{years[-1]}, before the window. Ruggedness: "
            "index of Riley, metres.",
            f"灯光对数：{years[0]}–{years[-1]}年每平方千米灯光对数的均值，早于窗口。崎岖度：Riley指数，米。",
        ),
    )
    digits = {"level_one": 2, "level_other": 2, "terrain_one": 0, "terrain_other": 0}
    return three_line(frame, ("Who is compared", "比较对象"), notes, digits, heads, language)


def effects_table(table: pd.DataFrame, evaluations: Mapping[str, Evaluation], language: str = "en") -> TableSpec:
    """Print what ``evaluation_table`` returns: the effect under each design, and its p-values."""
    check_language(language)
    frame = pd.DataFrame(
        {
            "design": named(table["design"], DESIGNS, language),
            "estimate": table["estimate"],
            "interval": [format_interval(low, high) for low, high in table[["wild_low", "wild_high"]].to_numpy()],
            "unit_p": [format_p_value(value) for value in table["unit_p"]],
            "cluster_p": [format_p_value(value) for value in table["cluster_p"]],
            "placebo_mean": table["placebo_mean"],
            "net": table["net"],
            "region_p": [format_p_value(value) for value in table["region_p"]],
            "counties": [f"{treated} / {other}" for treated, other in table[["n_treated", "n_comparison"]].to_numpy()],
            "clusters": table["clusters"],
        }
    )
    heads = {
        "design": ("design", "设定"),
        "estimate": ("effect", "效应"),
        "interval": ("95% interval", "95%区间"),
        "unit_p": ("p, counties exchanged", "p值，县互换"),
        "cluster_p": ("p, prefectures exchanged", "p值，地级互换"),
        "placebo_mean": ("placebo mean", "安慰剂均值"),
        "net": ("effect less placebo", "效应减安慰剂"),
        "region_p": ("p, placebo provinces", "p值，安慰剂省份"),
        "counties": ("of the 26 / compared", "26县／比较县"),
        "clusters": ("prefectures", "地级数"),
    }
    scales = dict.fromkeys(one.design.outcome for one in evaluations.values())
    units, units_zh = (mark.join(UNITS[scale][place] for scale in scales) for place, mark in ((0, "; "), (1, "；")))
    provinces = "–".join(format_number(value) for value in sorted({table["regions"].min(), table["regions"].max()}))
    notes = (
        label(
            language,
            f"Effect: mean of the policy years less mean of the years before, level and ruggedness held fixed by year. "
            f"Units: {units}. Interval: wild cluster bootstrap by prefecture (Webb weights). Placebo: the same design "
            f"on counties like the 26 in {provinces} other provinces.",
            f"效应：政策年均值减政策前均值，按年控制亮度水平与崎岖度。单位：{units_zh}。区间：按地级的野聚类自助法"
            f"（Webb权重）。安慰剂：在其他{provinces}个省对与26县相似的县用同一设定。",
        ),
    )
    digits = {"estimate": 3, "placebo_mean": 3, "net": 3}
    caption = ("The estimate under each design", "各设定下的估计值")
    estimates = tuple(row for name, one in evaluations.items() for row in effect_estimates(name, one))
    return three_line(frame, caption, notes, digits, heads, language, estimates)


def trends_table(table: pd.DataFrame, evaluations: Mapping[str, Evaluation], language: str = "en") -> TableSpec:
    """Print the tests of trends before the policy and what they could have missed."""
    check_language(language)
    before = [one.design.pre_years for one in evaluations.values()]
    frame = pd.DataFrame(
        {
            "design": named(table["design"], DESIGNS, language),
            "years": [f"{years[0]}–{years[-1]}" for years in before],
            "pre_p": [format_p_value(value) for value in table["pre_p"]],
            "estimate": table["estimate"],
            "hidden_50": table["hidden_50"],
            "hidden_80": table["hidden_80"],
        }
    )
    heads = {
        "design": ("design", "设定"),
        "years": ("years before", "政策前年份"),
        "pre_p": ("p, same trend before", "p值，事前趋势相同"),
        "estimate": ("effect", "效应"),
        "hidden_50": ("bias missed half of the time", "半数情况下未被发现的偏误"),
        "hidden_80": ("missed one time in five", "五分之一情况下未被发现"),
    }
    notes = (
        label(
            language,
            "Test: largest difference before the policy among those of exchanged counties. The last two columns: bias "
            "that a straight trend between the groups would bring into the effect if it is so steep that the test "
            "finds it half, or four fifths, of the time (Roth 2022).",
            "检验：政策前各年差异的最大值与县互换后的最大值相比。后两列：若两组间存在直线趋势，且其陡度使检验有一半或"
            "五分之四的机会发现它，效应中会带入的偏误（Roth 2022）。",
        ),
    )
    digits = {"estimate": 3, "hidden_50": 3, "hidden_80": 3}
    caption = ("Trends before the policy", "政策前趋势")
    tests = tuple(trend_test(name, one) for name, one in evaluations.items())
    return three_line(frame, caption, notes, digits, heads, language, tests)


def prefectures_table(
    effects: Mapping[str, SdidPlacebo], names: Mapping[str, tuple[str, str]], language: str = "en"
) -> TableSpec:
    """Print synthetic difference-in-differences of whole prefectures."""
    check_language(language)
    frame = pd.DataFrame(
        {
            "prefecture": [label(language, *names[code]) for code in effects],
            "estimate": [one.fit.estimate for one in effects.values()],
            "se": [one.se for one in effects.values()],
            "p": [format_p_value(one.p) for one in effects.values()],
            "rmspe_pre": [one.fit.rmspe_pre for one in effects.values()],
            "weight": [_heaviest(one, names, language) for one in effects.values()],
            "donors": [len(one.placebos) for one in effects.values()],
        }
    )
    heads = {
        "prefecture": ("prefecture", "地级市"),
        "estimate": ("effect", "效应"),
        "se": ("placebo s.e.", "安慰剂标准误"),
        "p": ("p among donors", "在供体中的p值"),
        "rmspe_pre": ("misfit before", "事前拟合误差"),
        "weight": ("heaviest donor and year", "权重最大的供体与年份"),
        "donors": ("donors", "供体数"),
    }
    notes = (
        label(
            language,
            "Log light per km² of the prefecture, 2001–2022; donors: prefectures of Anhui, Fujian and Jiangxi. "
            "Synthetic difference-in-differences (Arkhangelsky et al. 2021); standard error and p from donors treated "
            "on paper.",
            "地级市每平方千米灯光对数，2001–2022年；供体：安徽、福建、江西各地级市。合成双重差分"
            "（Arkhangelsky等2021）；标准误与p值来自对供体的安慰剂处理。",
        ),
    )
    digits = {"estimate": 3, "se": 3, "rmspe_pre": 3}
    caption = ("Whole prefectures", "整个地级市")
    return three_line(frame, caption, notes, digits, heads, language, prefecture_estimates(effects))


def _pairs(panel: PolicyPanel, language: str) -> pd.DataFrame:
    column = {"en": "name_en", "zh": "name_zh"}.get(language)
    units = panel.units.assign(
        name=panel.units[column] if column else panel.units["name_zh"] + " " + panel.units["name_en"]
    )
    one, other = (units[units["treated"].eq(side)].sort_values("stratum") for side in (True, False))
    return pd.DataFrame(
        {
            "one": one["name"].to_list(),
            "other": other["name"].to_list(),
            "level_one": one["level"].to_numpy(),
            "level_other": other["level"].to_numpy(),
            "terrain_one": one["terrain"].to_numpy(),
            "terrain_other": other["terrain"].to_numpy(),
        }
    )


def _means(panel: PolicyPanel, language: str) -> pd.DataFrame:
    counts = [int(panel.treated.sum()), int((~panel.treated).sum())]
    one, other = (label(language, f"mean of {count} counties", f"{count}个县均值") for count in counts)
    means = panel.units.groupby("treated")[["level", "terrain"]].mean()
    return pd.DataFrame(
        {
            "one": [one],
            "other": [other],
            "level_one": [means.loc[True, "level"]],
            "level_other": [means.loc[False, "level"]],
            "terrain_one": [means.loc[True, "terrain"]],
            "terrain_other": [means.loc[False, "terrain"]],
        }
    )


def _heaviest(one: SdidPlacebo, names: Mapping[str, tuple[str, str]], language: str) -> str:
    donor, year = one.fit.unit_weights.idxmax(), one.fit.time_weights.idxmax()
    shares = [format_number(100 * weights.max()) for weights in (one.fit.unit_weights, one.fit.time_weights)]
    if not np.isfinite(one.fit.estimate):
        return MISSING
    return f"{label(language, *names[str(donor)])} {shares[0]}%; {year} {shares[1]}%"
