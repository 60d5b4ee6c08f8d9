"""Sentences on a city, composed from numbers, in English, Chinese or both."""

from collections.abc import Callable, Sequence
from typing import Literal

import pandas as pd

from shanhai.claims.digits import show
from shanhai.claims.engine import Finding
from shanhai.claims.verdicts import Verdict
from shanhai.core.errors import ParameterError
from shanhai.core.places import Places
from shanhai.methods.decomposition.gap import FIXED_EFFECTS, REMAINDER, GapAccount, parts_that_differ
from shanhai.render.gaps import gap_in_words
from shanhai.studies.place.city import City, ProfileLine

LANGUAGES = ("en", "zh", "both")

PART_NAMES = {
    "border": ("the border", "省界"),
    "terrain": ("terrain", "地形"),
    "border x terrain": ("border and terrain jointly", "省界与地形的交互"),
    "district status": ("district status", "市辖区"),
    FIXED_EFFECTS: ("differences between provinces", "省份差异"),
    REMAINDER: ("what the model does not explain", "模型未解释的部分"),
}
"""Names of the parts of a gap."""

VERDICT_NAMES = {
    Verdict.REPRODUCED: ("reproduced", "可复现"),
    Verdict.CONSISTENT: ("consistent", "相符"),
    Verdict.CONTRADICTED: ("contradicted", "不符"),
    Verdict.UNTESTABLE: ("untestable", "无法检验"),
    Verdict.UNDERSPECIFIED: ("underspecified", "表述不明"),
}
"""Names of the verdicts."""


def in_language(language: str, english: Callable[[], str], chinese: Callable[[], str]) -> str:
    """One text or both, each on its own line.

    Raises
    ------
    ParameterError
        If the language is not en, zh or both.
    """
    if language not in LANGUAGES:
        raise ParameterError(f"Language {language!r} is unknown; choose one of {', '.join(LANGUAGES)}.")
    texts = {"en": (english,), "zh": (chinese,), "both": (english, chinese)}[language]
    return "\n".join(text() for text in texts)


def position_text(subject: City, places: Places, language: str = "en") -> str:
    """Where the city lies: borders, neighbouring provinces, relief, and counties among the 26."""
    rows, place = subject.counties, subject.place
    border, unknown = int(rows["on_border"].fillna(False).sum()), int(rows["on_border"].isna().sum())
    codes = sorted(
        {code for text in rows["neighbour_provinces"].dropna().astype(str) for code in text.split(";") if code}
    )
    names = [places.province(code) for code in codes]
    listed = int(rows["is_mountain_26"].sum())
    relief = rows["relief_m"].median()

    def english() -> str:
        neighbours = f" ({', '.join(name.short_en for name in names)})" if border else ""
        touch = "touches" if border == 1 else "touch"
        start = "is a province of its own" if subject.fills_province else f"lies in {subject.province.short_en}"
        text = f"{place.short_en} {start}. "
        text += f"{border} of its {len(rows)} county-level units {touch} another province{neighbours}."
        text += f" For {unknown} it is not known." if unknown else ""
        if pd.notna(relief):
            text += f" In its median county the highest point lies {show(relief, 0)} m above the lowest."
        return text + (f" {listed} {'is' if listed == 1 else 'are'} among the 26 mountain counties." if listed else "")

    def chinese() -> str:
        touch = f"与外省（{'、'.join(name.short_zh for name in names)}）接壤" if border else "与外省接壤"
        start = "为省级单位" if subject.fills_province else f"位于{subject.province.short_zh}"
        rest = f"，{unknown}个不详。" if unknown else "。"
        text = f"{place.name_zh}{start}，所辖{len(rows)}个县级单位中有{border}个{touch}{rest}"
        if pd.notna(relief):
            text += f"县域地形起伏（最高减最低）的中位数为{show(relief, 0)}米。"
        return text + (f"其中{listed}个属于山区26县。" if listed else "")

    return in_language(language, english, chinese)


def profile_text(subject: City, profile: Sequence[ProfileLine], language: str = "en") -> str:
    """GDP per head and population of the city against province and country."""
    lines = {line.indicator.column: line for line in profile}
    gdp, people = lines["gdp_per_capita_2021"], lines["population_change"]
    own = gdp.place

    def english() -> str:
        if pd.isna(own):
            return f"{subject.place.short_en} has no GDP of 2021 for the whole prefecture."
        parts = [f"{show(100 * own / gdp.country, 0)} % of the country's"]
        if not subject.fills_province:
            parts.insert(0, f"{show(100 * own / gdp.province, 0)} % of {subject.province.short_en}'s")
        moved = "grew" if people.place >= 0 else "fell"
        return (
            f"GDP per head of 2021 was {show(own, 0)} yuan, {' and '.join(parts)}. "
            f"Residents {moved} by {show(abs(people.place), 1)} % from 2010 to 2020."
        )

    def chinese() -> str:
        if pd.isna(own):
            return f"{subject.place.name_zh}没有2021年全市GDP数据。"
        parts = [f"全国平均的{show(100 * own / gdp.country, 0)}%"]
        if not subject.fills_province:
            parts.insert(0, f"{subject.province.short_zh}平均的{show(100 * own / gdp.province, 0)}%")
        moved = "增长" if people.place >= 0 else "减少"
        return (
            f"2021年人均GDP为{show(own, 0)}元，相当于{'、'.join(parts)}。"
            f"2010年至2020年常住人口{moved}{show(abs(people.place), 1)}%。"
        )

    return in_language(language, english, chinese)


def gap_text(subject: City, account: GapAccount, language: str = "en") -> str:
    """The gap in log GDP per head and its parts, with intervals."""
    size, measured = gap_in_words(account.gap, account.aggregate_gap)

    def parts(position: int) -> list[tuple[str, str, str, str]]:
        return [
            (PART_NAMES[part.name][position], show(part.contribution, 3), show(part.low, 3), show(part.high, 3))
            for part in parts_that_differ(account.parts)
        ]

    def english() -> str:
        listing = "; ".join(f"{name} {value} [{low}, {high}]" for name, value, low, high in parts(0))
        return (
            f"By the counties that the registered model covers ({account.n_place} of {len(subject.counties)}), GDP "
            f"per head lies {size[0]} {subject.reference_names[0]} ({measured[0]}). These counties hold "
            f"{show(account.covered_place, 0)} % of its residents, those of the reference "
            f"{show(account.covered_reference, 0)} %; the profile above is of all. Of the log points go with: "
            f"{listing}. Square brackets are 95 % intervals; the parts add up to the gap and are an account, not "
            "causes. Notebook 08 shares the same gap out among distance, schooling, age and sectors too."
        )

    def chinese() -> str:
        listing = "；".join(f"{name}{value} [{low}, {high}]" for name, value, low, high in parts(1))
        return (
            f"按注册回归覆盖的{account.n_place}个县级单位（共{len(subject.counties)}个）计，人均GDP比"
            f"{subject.reference_names[1]}{size[1]}（{measured[1]}），分别覆盖本地和参照常住人口的"
            f"{show(account.covered_place, 0)}%和{show(account.covered_reference, 0)}%；上文概况按全部人口计。"
            f"其中对应于：{listing}。方括号为95%区间；各部分之和等于差距，是分解而非因果。"
            "笔记本08将同一差距进一步分解到距离、教育、年龄与产业。"
        )

    return in_language(language, english, chinese)


def claims_text(subject: City, findings: Sequence[Finding], language: str = "en") -> str:
    """How many claims name the city or its counties, by verdict; or that no paper names it."""

    def english() -> str:
        if not findings:
            return f"None of the papers makes a claim about {subject.place.short_en} or its counties."
        verb = "claim names" if len(findings) == 1 else "claims name"
        return f"{len(findings)} {verb} {subject.place.short_en} or its counties: {verdict_counts(findings, 'en')}."

    def chinese() -> str:
        if not findings:
            return f"五篇文献均未提及{subject.place.name_zh}及其县（市、区）。"
        counts = verdict_counts(findings, "zh")
        return f"有{len(findings)}条论断涉及{subject.place.name_zh}及其县（市、区）：{counts}。"

    return in_language(language, english, chinese)


def verdict_counts(findings: Sequence[Finding], language: Literal["en", "zh"]) -> str:
    """Findings counted by verdict, as in ``2 reproduced, 1 untestable``."""
    counts = {verdict: sum(finding.verdict == verdict for finding in findings) for verdict in Verdict}
    found = [(VERDICT_NAMES[verdict], count) for verdict, count in counts.items() if count]
    if language == "en":
        return ", ".join(f"{count} {english}" for (english, _), count in found)
    return "、".join(f"{chinese}{count}条" for (_, chinese), count in found)
