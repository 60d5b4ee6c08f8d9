"""Sentences on a county, composed from numbers, in English, Chinese or both."""

from collections.abc import Sequence

import pandas as pd

from shanhai.claims.digits import show
from shanhai.claims.engine import Finding
from shanhai.core.places import Places
from shanhai.methods.decomposition.gap import REMAINDER, parts_that_differ
from shanhai.render.gaps import gap_in_words
from shanhai.studies.place.county import KINDS, County, CountyGap
from shanhai.studies.place.prose import PART_NAMES, in_language, verdict_counts
from shanhai.studies.place.standing import Standing, Union, gaps, strengths

NAMED = 4
"""Strengths or gaps that a sentence names, the clearest first."""

SMALL_GAP = 0.05
"""Log points below which shares of a gap say nothing."""


def county_position_text(subject: County, places: Places, language: str = "en") -> str:
    """What the county is, which class it belongs to, which provinces it touches, how rugged it is."""
    row, place = subject.row, subject.place
    border, border_zh = _border_sentence(row, places)
    listed = bool(row["is_mountain_26"])
    relief = row["relief_m"]
    _, kind_en, kind_zh = KINDS[place.kind]

    def english() -> str:
        where = subject.province.short_en
        within = (
            f"that {where} administers directly" if subject.is_direct else f"of {subject.prefecture.short_en}, {where}"
        )
        article = "an" if kind_en[0] in "aeiou" else "a"
        text = f"{place.name_en} is {article} {kind_en} {within}"
        text += f", one of the {subject.peers.name('en')}. " if listed else ". "
        text += border
        if pd.notna(relief):
            text += f" On the coarse grid its relief is {show(relief, 0)} m."
        return text

    def chinese() -> str:
        where = subject.province.short_zh
        parent = (
            subject.prefecture.name_zh if where == subject.prefecture.short_zh else where + subject.prefecture.name_zh
        )
        within = f"{where}直接管理的" if subject.is_direct else f"{parent}所辖的"
        text = f"{place.name_zh}是{within}{kind_zh}"
        text += f"，属{subject.peers.name('zh')}之一。" if listed else "。"
        text += border_zh
        if pd.notna(relief):
            text += f"按粗格网计，地形起伏为{show(relief, 0)}米。"
        return text

    return in_language(language, english, chinese)


def _border_sentence(row: pd.Series, places: Places) -> tuple[str, str]:
    """Which provinces a county touches, or how far it is from a border, in English and Chinese; empty if unknown."""
    codes = sorted(code for code in str(row["neighbour_provinces"]).split(";") if code.isdigit())
    names, gap = [places.province(code) for code in codes], row["gap_to_border_km"]
    if names:
        touched = _and([name.short_en for name in names])
        return f"It touches {touched}.", f"与{'、'.join(name.short_zh for name in names)}接壤。"
    if gap == 0:
        english = "It meets another province in a point or along less than a kilometre, which counts as no border."
        return english, "与外省仅相交于一点或不足1千米，不计为省界县。"
    if pd.notna(gap):
        english = f"It touches no other province; the nearest border is {show(gap, 0)} km from its edge."
        return english, f"不与外省接壤，距最近省界{show(gap, 0)}千米。"
    if "border_unknown" in row["flags"].split(";") and pd.isna(row["on_border"]):
        english = "The layer of counties does not show whether it touches another province."
        return english, "所用县界图层不足以判断是否与外省接壤。"
    return "", ""


def standing_text(subject: County, found: Sequence[Standing], union: Union | None, language: str = "en") -> str:
    """In what the county is ahead of its class and behind it, and what cannot be compared."""
    ahead, behind = strengths(found), gaps(found)
    unknown = [one.yardstick.indicator for one in found if not one.rank]
    doubtful = [one.yardstick.indicator for one in found if one.rank and one.is_doubtful]

    def english() -> str:
        text = f"Judged against the {subject.peers.name('en')}. "
        text += f"Best quarter: {_ranks(ahead, 'en')}. " if ahead else "In no indicator is it in the best quarter. "
        text += f"Last quarter: {_ranks(behind, 'en')}." if behind else "In none is it in the last quarter."
        if unknown:
            text += f" Not comparable: {'; '.join(_plain(one.en) for one in unknown)}."
        if doubtful:
            text += f" Flagged as doubtful, its rank with it: {'; '.join(_plain(one.en) for one in doubtful)}."
        if union:
            others = _and([name for name in union.names_en if name != subject.place.name_en])
            text += f" Its ground changed after 2010. Residents together with {others}, 2010 to 2020: "
            text += f"{_signed(union.change)} %." if pd.notna(union.change) else "not known."
        return text

    def chinese() -> str:
        text = f"与{subject.peers.name('zh')}相比，"
        text += f"处于最好四分之一的指标：{_ranks(ahead, 'zh')}。" if ahead else "没有指标处于最好的四分之一。"
        text += f"处于最后四分之一的指标：{_ranks(behind, 'zh')}。" if behind else "没有指标处于最后的四分之一。"
        if unknown:
            text += f"无法比较：{'；'.join(_plain(one.zh) for one in unknown)}。"
        if doubtful:
            text += f"数据标为存疑，位次仅供参考：{'；'.join(_plain(one.zh) for one in doubtful)}。"
        if union:
            others = "、".join(name for name in union.names_zh if name != subject.place.name_zh)
            text += f"2010年后区划有变：与{others}合计，2010年至2020年常住人口变化"
            text += f"{_signed(union.change)}%。" if pd.notna(union.change) else "不详。"
        return text

    return in_language(language, english, chinese)


def county_gap_text(subject: County, gap: CountyGap, language: str = "en") -> str:
    """The county's gap to its province, what goes with border and mountain, and what they leave open."""
    account, joint = gap.account, gap.border_and_terrain
    size, _ = gap_in_words(account.gap, None)
    share = ""
    if abs(account.gap) >= SMALL_GAP and joint.contribution * account.gap > 0:
        share = show(100 * joint.contribution / account.gap, 0)
    remainder = next(part for part in account.parts if part.name == REMAINDER)

    def parts(position: int) -> list[tuple[str, str, str, str]]:
        shown = [part for part in parts_that_differ(account.parts) if part.name != REMAINDER]
        return [(PART_NAMES[p.name][position], show(p.contribution, 3), show(p.low, 3), show(p.high, 3)) for p in shown]

    def english() -> str:
        listing = "; ".join(f"{name} {value} [{low}, {high}]" for name, value, low, high in parts(0))
        text = (
            f"GDP per head of 2021 lies {size[0]} {subject.province.short_en} "
            f"({show(account.gap, 3)} log points, against the population-weighted mean of logs of its counties with "
            f"figures, {show(account.covered_reference, 0)} % of its residents). Border and terrain together go with "
            f"{show(joint.contribution, 3)} [{show(joint.low, 3)}, {show(joint.high, 3)}]"
        )
        text += f", {share} % of the gap" if share else _against(account.gap, joint.contribution, 0)
        text += f". Part by part: {listing}. " if listing else ". "
        return text + (
            f"The remaining {show(remainder.contribution, 3)} is the county's own: border, terrain and district status "
            "do not say it. Square brackets are 95 % intervals; the parts add up to the gap and are an account, not "
            "causes."
        )

    def chinese() -> str:
        listing = "；".join(f"{name}{value} [{low}, {high}]" for name, value, low, high in parts(1))
        text = (
            f"2021年人均GDP比{subject.province.short_zh}{size[1]}（{show(account.gap, 3)}对数点，"
            f"参照为有数据县的人口加权对数均值，覆盖全省常住人口的{show(account.covered_reference, 0)}%）。"
            f"省界与地形合计对应{show(joint.contribution, 3)} [{show(joint.low, 3)}, {show(joint.high, 3)}]"
        )
        text += f"，占差距的{share}%" if share else _against(account.gap, joint.contribution, 1)
        text += f"。其中：{listing}。" if listing else "。"
        return text + (
            f"其余{show(remainder.contribution, 3)}是该县自身的部分，省界、地形和市辖区身份未能说明。"
            "方括号为95%区间；各部分之和等于差距，是分解而非因果。"
        )

    return in_language(language, english, chinese)


def county_claims_text(subject: County, findings: Sequence[Finding], language: str = "en") -> str:
    """How many claims name the county, by verdict; or that no paper names it."""

    def english() -> str:
        if not findings:
            return f"None of the papers makes a claim about {subject.place.name_en}."
        verb = "claim names" if len(findings) == 1 else "claims name"
        return f"{len(findings)} {verb} {subject.place.name_en}: {verdict_counts(findings, 'en')}."

    def chinese() -> str:
        if not findings:
            return f"五篇文献均未提及{subject.place.name_zh}。"
        return f"有{len(findings)}条论断提及{subject.place.name_zh}：{verdict_counts(findings, 'zh')}。"

    return in_language(language, english, chinese)


def _against(gap: float, contribution: float, position: int) -> str:
    """Why no share of the gap is given."""
    if abs(gap) < SMALL_GAP:
        return (" (the gap is too small for shares)", "（差距过小，不计占比）")[position]
    return (", against the direction of the gap", "，与差距方向相反")[position]


def _ranks(found: Sequence[Standing], language: str) -> str:
    listed = [
        f"{_plain(one.yardstick.indicator.en)} ({one.rank} of {one.count})"
        if language == "en"
        else f"{_plain(one.yardstick.indicator.zh)}（第{one.rank}位，共{one.count}个）"
        for one in found[:NAMED]
    ]
    more = len(found) - NAMED
    if more > 0:
        listed.append(f"{more} more" if language == "en" else f"另{more}项")
    return ("; " if language == "en" else "；").join(listed)


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{show(value, 1)}"


def _plain(name: str) -> str:
    """Name of an indicator inside a sentence: a lower-case start, but GDP stays."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
