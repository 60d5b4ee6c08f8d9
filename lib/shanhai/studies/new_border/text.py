"""Sentences, figures' input and rows of estimates of the notebook on the border of 1997."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from shanhai.render.numbers import format_interval, format_number, format_p_value
from shanhai.render.style import label
from shanhai.studies.new_border.design import CHONGQING, SICHUAN
from shanhai.studies.new_border.study import BorderStudy, side_effects
from shanhai.studies.new_border.tables import ROLE_NAMES, SIDE_NAMES, province_name, unit_name

LEVEL = 0.05
"""Level below which a p-value is taken as evidence."""


def units_text(study: BorderStudy, language: str = "en") -> str:
    """Who stands on the border, who may weigh, who is left out."""
    border, border_zh = ([unit_name(code, one) for code in study.units.of("border")] for one in ("en", "zh"))
    beside, beside_zh = ([unit_name(code, one) for code in study.units.of("neighbour")] for one in ("en", "zh"))
    counts, donors = study.units.panel.counts(), study.donors
    provinces = {code[:2] for code in donors}
    without = sorted(
        {code[:2] for code in study.units.panel.left_out["code"]} - provinces - {CHONGQING[:2], SICHUAN[:2]}
    )
    interior = len(study.units.of("interior"))
    first, last = study.design.first, study.design.last
    english = (
        f"Sichuan's side of the new border: {', '.join(border)}.\n"
        f"Sichuan's interior: {interior} units. Donors: {len(donors)} prefectures of {len(provinces)} other provinces. "
        f"They touch Chongqing and are no donors: {', '.join(beside)}.\n"
        f"Left out for {first}-{last}: {counts['missing']} with a year missing, {counts['jump']} with a leap, "
        f"{counts['repeated']} with a repeated figure. No donor is left in "
        f"{', '.join(province_name(code, 'en') for code in without) or 'no province'}."
    )
    chinese = (
        f"新省界四川一侧：{'、'.join(border_zh)}。\n"
        f"四川腹地：{interior}个单元。对照池：{len(provinces)}个其他省级区的{len(donors)}个地市。毗邻重庆而不作对照："
        f"{'、'.join(beside_zh)}。\n"
        f"{first}至{last}年剔除：缺年份{counts['missing']}个，跳跃{counts['jump']}个，重复数字{counts['repeated']}个。"
        f"没有对照的省级区：{'、'.join(province_name(code, 'zh') for code in without) or '无'}。"
    )
    return label(language, english, chinese, joint="\n")


def sides_text(study: BorderStudy, language: str = "en") -> str:
    """What ``side_effects`` says, one sentence a side, with what could have been seen at all."""
    return "\n".join(_side_sentence(side, row, language) for side, row in _sides(study).items())


def course_text(study: BorderStudy, language: str = "en") -> str:
    """When the gap of each side is lowest after the border, and where it ends; a description without a test."""
    sides = {"sichuan": study.gaps("border").mean(), "chongqing": study.fits[CHONGQING].gap}
    lines = []
    for side, gap in sides.items():
        after = gap.loc[study.design.treated_from : study.design.last]
        year, last = int(after.index.to_numpy()[int(after.to_numpy().argmin())]), study.design.last
        low, end = (format_number(value, 2, signed=True) for value in (after.min(), after.iloc[-1]))
        lines.append(
            label(
                language,
                f"{SIDE_NAMES[side][0]}: lowest in {year} ({low} log points), {end} in {last}.",
                f"{SIDE_NAMES[side][1]}：{year}年最低（{low}对数点），{last}年为{end}。",
                joint="\n",
            )
        )
    return "\n".join(lines)


def _sides(study: BorderStudy) -> dict[str, dict[str, Any]]:
    """Rows of ``side_effects`` by side."""
    rows = side_effects(study)
    return {side: dict(rows.iloc[place]) for place, side in enumerate(rows["side"])}


def _side_sentence(side: str, row: Mapping[str, Any], language: str) -> str:
    percent = format_number(100 * np.expm1(row["estimate"]), 1, signed=True)
    seen = format_number(100 * np.expm1(row["detectable"]), 0)
    low, high = (100 * np.expm1(row[end]) for end in ("low", "high"))
    interval = format_interval(low, high, 0)
    chance, found = format_p_value(row["p"]), row["p"] < LEVEL
    english = "among the extreme placebos" if found else "no more than placebos show"
    chinese = "在安慰剂中属极端" if found else "不超过安慰剂的幅度"
    return label(
        language,
        f"{SIDE_NAMES[side][0]}: {percent}% of GDP on average, 95% interval {interval}, p {chance}: {english}. "
        f"Less than about {seen}% could not be told from noise.",
        f"{SIDE_NAMES[side][1]}：平均为GDP的{percent}%，95%区间{interval}，p值{chance}：{chinese}。"
        f"小于约{seen}%的影响无法与噪声区分。",
        joint="\n",
    )


def agreement_text(study: BorderStudy, designs: pd.DataFrame, language: str = "en") -> str:
    """Whether this panel agrees with Dong & Cui (2023), who find that cities on the new border were slowed."""
    rows = _sides(study)
    negative = {side: rows[side]["estimate"] < 0 for side in ("sichuan", "chongqing")}
    clear = {side: rows[side]["p"] < LEVEL for side in negative}
    tested = designs[~designs["design"].eq("backdated")]
    below = int((tested["p"] < LEVEL).sum())
    if all(negative.values()) and all(clear.values()):
        english, chinese = "agrees: both sides fall behind, more than placebos do", "一致：两侧均落后，且超过安慰剂"
    elif any(clear[side] and not negative[side] for side in negative):
        english, chinese = "disagrees: a side pulls ahead, more than placebos do", "不一致：有一侧领先，且超过安慰剂"
    else:
        english, chinese = "neither confirms nor refutes it", "既不能证实也不能否定"
    signs = [f"{SIDE_NAMES[side][0]} {_sign(behind)[0]}" for side, behind in negative.items()]
    signs_zh = [f"{SIDE_NAMES[side][1]}{_sign(behind)[1]}" for side, behind in negative.items()]
    return label(
        language,
        f"Dong & Cui (2023) find that the new border slowed the cities along it. This panel {english}. Signs: "
        f"{', '.join(signs)}. Of {len(tested)} estimates by side and design, {below} have p below {LEVEL}.",
        f"董雪兵、崔宁（2023）认为新省界拖累了沿线城市。本面板{chinese}。符号：{'，'.join(signs_zh)}。"
        f"按侧与设定共{len(tested)}个估计，其中{below}个p值低于{LEVEL}。",
        joint="\n",
    )


def _sign(negative: bool) -> tuple[str, str]:
    return ("behind", "落后") if negative else ("ahead", "领先")


def leave_out_text(by_province: pd.DataFrame, by_donor: pd.DataFrame, language: str = "en") -> str:
    """Range of the estimates without each province of donors, and without each heavy donor."""
    parts = []
    for side in ("sichuan", "chongqing"):
        ordered = by_province.sort_values(side, kind="stable")
        without = [str(code) for code in ordered["left_out"].iloc[[0, -1]]]
        low, high = (format_number(value, 3) for value in ordered[side].iloc[[0, -1]])
        one, other = (format_number(by_donor[side].agg(end), 3) for end in ("min", "max"))
        parts.append(
            label(
                language,
                f"{SIDE_NAMES[side][0]}: {low} (without {province_name(without[0], 'en')}) to {high} "
                f"(without {province_name(without[1], 'en')}); without single donors {one} to {other}.",
                f"{SIDE_NAMES[side][1]}：{low}（不含{province_name(without[0], 'zh')}）至{high}"
                f"（不含{province_name(without[1], 'zh')}）；逐一剔除对照{one}至{other}。",
                joint="\n",
            )
        )
    return "\n".join(parts)


def gap_panels(study: BorderStudy, language: str = "en") -> dict[str, tuple[pd.Series, pd.DataFrame]]:
    """Input of ``gap_plot``: Sichuan's side among groups of neighbours, Chongqing among donors."""
    gaps = study.gaps("donor")
    groups = pd.DataFrame([gaps.loc[list(group)].mean() for group in study.groups])
    return {
        label(language, *SIDE_NAMES["sichuan"]): (study.gaps("border").mean(), groups),
        label(language, *SIDE_NAMES["chongqing"]): (study.fits[CHONGQING].gap, gaps),
    }


def unit_paths(study: BorderStudy, language: str = "en") -> dict[str, tuple[pd.Series, pd.Series]]:
    """Input of ``path_plot``: log GDP over that of the last year before the border, less the mean of the donors."""
    donors = pd.DataFrame([study.fits[code].observed for code in study.donors]).mean()
    paths = {}
    for code in study.units.of("border", "chongqing"):
        fit = study.fits[code]
        base = study.design.treated_from - 1
        level = fit.observed.loc[base] - donors.loc[base]
        paths[unit_name(code, language)] = (fit.observed - donors - level, fit.synthetic - donors - level)
    return paths


def role_effects(study: BorderStudy, language: str = "en") -> dict[str, pd.Series]:
    """Input of ``role_plot``: effects of Sichuan's border, its interior, and the donors."""
    effects = study.table.set_index("unit")["effect"]
    return {
        label(language, *ROLE_NAMES[role]): effects.loc[study.units.of(role)]
        for role in ("border", "interior", "donor")
    }


def sichuan_names(study: BorderStudy, language: str = "en") -> dict[str, str]:
    """Names of the units of Sichuan, for ``role_plot``."""
    return {code: unit_name(code, language) for code in study.units.of("border", "interior")}
