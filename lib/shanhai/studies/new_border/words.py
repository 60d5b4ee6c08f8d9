"""Sentences of notebook 07: what happened on both sides of the new border, and between nine prefectures."""

import numpy as np
import pandas as pd

from shanhai.core.places import Place
from shanhai.data.load import load_places
from shanhai.render.numbers import format_interval, format_number, format_p_value
from shanhai.render.style import label
from shanhai.render.words import Pair, Words
from shanhai.studies.new_border.analysis import BorderStudy
from shanhai.studies.new_border.design import CHONGQING, SICHUAN, UNIONS
from shanhai.studies.new_border.nine_prefectures import PREFECTURES

WORDS = Words.beside(__file__)

SIDES = WORDS.labels("sides")
"""Sides of the new border by key."""

_LEVEL = 0.05
"""Level below which a p-value is taken as evidence."""


def unit_name(code: str) -> Pair:
    """Name of a prefecture of the panel; a union carries both names, Chongqing that of the municipality."""
    places = load_places()
    parts = [places.province(code)] if code == CHONGQING else map(places.prefecture, UNIONS.get(code, (code,)))
    return _listed(list(parts), " + ", "与")


def border_name(border: str, language: str = "en") -> str:
    """Name of the border of two provinces, as Zhejiang-Jiangxi; of an empty text, the same province."""
    if not border:
        return WORDS("same_province", language)
    return label(language, *_listed([_province(code) for code in border.split("-")], "–", "–"))


def units_text(study: BorderStudy, language: str = "en") -> str:
    """Who stands on the border, who may weigh, who is left out."""
    units, donors = study.units, {code[:2] for code in study.donors}
    without = sorted({code[:2] for code in units.panel.left_out["code"]} - donors - {CHONGQING[:2], SICHUAN[:2]})
    provinces = _listed([_province(code) for code in without], ", ", "、")
    return _line(
        "units",
        language,
        border=_joined([unit_name(code) for code in units.of("border")]),
        neighbours=_joined([unit_name(code) for code in units.of("neighbour")]),
        interior=str(len(units.of("interior"))),
        donors=str(len(study.donors)),
        provinces=str(len(donors)),
        first=str(study.design.first),
        last=str(study.design.last),
        without=provinces if without else WORDS.pair("no_province"),
        **{reason: str(count) for reason, count in units.panel.counts().items()},
    )


def sides_text(effects: pd.DataFrame, language: str = "en") -> str:
    """What ``side_effects`` says, one sentence a side, with what could have been seen at all."""
    return "\n".join(
        _line(
            "effect.side",
            language,
            side=SIDES[row["side"]],
            percent=format_number(100 * np.expm1(row["estimate"]), 1, signed=True),
            interval=format_interval(100 * np.expm1(row["low"]), 100 * np.expm1(row["high"]), 0),
            p=format_p_value(row["p"]),
            verdict=WORDS.pair("effect.verdict.extreme" if row["p"] < _LEVEL else "effect.verdict.ordinary"),
            detectable=format_number(100 * np.expm1(row["detectable"]), 0),
        )
        for row in effects.to_dict("records")
    )


def course_text(study: BorderStudy, language: str = "en") -> str:
    """When the gap of each side is lowest after the border, and where it ends; a description without a test."""
    lines, last = [], study.design.last
    for side, gap in study.side_gaps.items():
        after = gap.loc[study.design.treated_from : last]
        low, end = (format_number(value, 2, signed=True) for value in (after.min(), after.iloc[-1]))
        lines.append(
            _line("course", language, side=SIDES[side], year=str(after.idxmin()), low=low, end=end, last=str(last))
        )
    return "\n".join(lines)


def new_border_answer(effects: pd.DataFrame, language: str = "en") -> str:
    """Whether ``side_effects`` agree with Dong & Cui (2023), who find that cities on the new border were slowed."""
    sides = effects.set_index("side").loc[["sichuan", "chongqing"]]
    behind, clear = sides["estimate"] < 0, sides["p"] < _LEVEL
    verdict = "agrees" if (behind & clear).all() else "disagrees" if (clear & ~behind).any() else "open"
    return _line("agreement.answer", language, verdict=WORDS.pair(f"agreement.verdict.{verdict}"))


def signs_text(effects: pd.DataFrame, designs: pd.DataFrame, language: str = "en") -> str:
    """Signs of ``side_effects``, and how many estimates are told from zero.

    ``designs`` are the rows of ``compare_designs``, of which the placebo in time is no estimate.
    """
    behind = effects.set_index("side").loc[["sichuan", "chongqing"], "estimate"] < 0
    signs = [
        WORDS.pair(f"agreement.sign.{'behind' if slowed else 'ahead'}", side=SIDES[str(side)])
        for side, slowed in behind.items()
    ]
    tested = designs[~designs["design"].eq("backdated")]
    return _line(
        "agreement.signs",
        language,
        signs=(", ".join(sign[0] for sign in signs), "，".join(sign[1] for sign in signs)),
        tested=str(len(tested)),
        below=str(int((tested["p"] < _LEVEL).sum())),
        level=str(_LEVEL),
    )


def leave_out_text(by_province: pd.DataFrame, by_donor: pd.DataFrame, language: str = "en") -> str:
    """Range of the estimates without each province of donors, and without each heavy donor."""
    lines = []
    for side in ("sichuan", "chongqing"):
        ordered = by_province.sort_values(side, kind="stable")
        lowest, highest = (_listed([_province(str(ordered["left_out"].iloc[end]))], "", "") for end in (0, -1))
        low, high = (format_number(ordered[side].iloc[end], 3) for end in (0, -1))
        least, most = (format_number(by_donor[side].agg(end), 3) for end in ("min", "max"))
        lines.append(
            _line(
                "leave_out", language, side=SIDES[side], low=low, lowest=lowest, high=high, highest=highest,
                least=least, most=most,
            )
        )  # fmt: skip
    return "\n".join(lines)


def nine_text(language: str = "en") -> str:
    """The nine prefectures by province."""
    places = load_places()
    parts = []
    for province in sorted({code[:2] for code in PREFECTURES}):
        members = [places.prefecture(code) for code in PREFECTURES if code[:2] == province]
        own = _province(province)
        parts.append(
            WORDS(
                "nine", language, joint=" / ", province=(own.short_en, own.short_zh),
                members=_listed(members, ", ", "、"),
            )
        )  # fmt: skip
    return ("; " if language == "en" else "；").join(parts)


def nine_prefectures_answer(effects: pd.DataFrame, language: str = "en") -> str:
    """What ``border_effects`` says beside Wang et al. (2024): the sign, whether it weakens, what nine places show."""
    rows = effects.set_index("design")
    size = rows["estimate"]
    whole, early, late = (format_number(size[key], 2, signed=True) for key in ("main", "first_half", "second_half"))
    pace = "slower" if size["main"] > 0 else "faster"
    p = float(rows["p"]["main"])
    shrinks = abs(size["second_half"]) < abs(size["first_half"])
    return _line(
        "barro.all",
        language,
        pace=WORDS.pair(f"barro.pace.{pace}"),
        effect=whole,
        p=format_p_value(p),
        early=early,
        late=late,
        size=WORDS.pair(f"barro.size.{'shrinks' if shrinks else 'lasts'}"),
        sign=WORDS.pair(f"barro.sign.{pace}"),
        verdict=WORDS.pair(f"barro.verdict.{'clear' if p < _LEVEL else 'open'}"),
    )


def _line(key: str, language: str, **values: str | Pair) -> str:
    """A sentence; in both languages the Chinese one stands on a line of its own."""
    return WORDS(key, language, joint="\n", **values)


def _province(code: str) -> Place:
    """A province by its first two digits or its code."""
    return load_places().province(f"{code[:2]}0000")


def _listed(places: list[Place], mark: str, mark_zh: str) -> Pair:
    return mark.join(place.short_en for place in places), mark_zh.join(place.short_zh for place in places)


def _joined(names: list[Pair]) -> Pair:
    return ", ".join(name[0] for name in names), "、".join(name[1] for name in names)
