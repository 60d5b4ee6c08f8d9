"""Sentences of notebook 07: what happened on both sides of the new border, and between nine prefectures."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from shanhai.core.places import Place
from shanhai.data.load import load_places
from shanhai.render.numbers import format_interval, format_number, format_p_value
from shanhai.render.style import label
from shanhai.render.words import Pair, Words
from shanhai.studies.new_border.analysis import BorderStudy
from shanhai.studies.new_border.design import CHONGQING, SICHUAN, UNIONS
from shanhai.studies.new_border.pair_design import FIRST_DESIGN, MAIN, PREFECTURES

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
    neighbours = _joined([unit_name(code) for code in units.of("neighbour")])
    return _line(
        "units",
        language,
        border=_joined([unit_name(code) for code in units.of("border")]),
        neighbours=neighbours if neighbours[0] else WORDS.pair("no_neighbour"),
        interior=str(len(units.of("interior"))),
        donors=str(len(study.donors)),
        provinces=str(len(donors)),
        first=str(study.design.first),
        last=str(study.design.last),
        without=provinces if without else WORDS.pair("no_province"),
        growth=str(len(units.unpublished)),
        **{reason: str(count) for reason, count in units.panel.counts().items()},
    )


def power_text(effects: pd.DataFrame, language: str = "en") -> str:
    """What ``side_effects`` could find, one sentence a side: in the first window and in the last."""
    lines = []
    for side in ("sichuan", "chongqing"):
        rows = effects[effects["side"].eq(side) & ~effects["whole"]]
        first, last = rows.iloc[0], rows.iloc[-1]
        lines.append(
            _line(
                "effect.power", language, side=SIDES[side], first=_period(first), last=_period(last),
                loss=_loss(first["detectable"]), gain=_gain(first["detectable"]),
                last_loss=_loss(last["detectable"]), last_gain=_gain(last["detectable"]),
                provinces=str(first["provinces"]),
            )
        )  # fmt: skip
    return "\n".join(lines)


def sides_text(effects: pd.DataFrame, language: str = "en") -> str:
    """What ``side_effects`` says, one sentence a side, window by window."""
    lines = []
    for side in ("sichuan", "chongqing", "contrast"):
        rows = effects[effects["side"].eq(side) & ~effects["whole"]]
        windows = [
            WORDS.pair(
                "effect.window",
                period=_period(row),
                percent=_percent(row["estimate"]),
                interval=format_interval(100 * np.expm1(row["low"]), 100 * np.expm1(row["high"]), 0),
                p=format_p_value(row["p"]),
            )
            for _, row in rows.iterrows()
        ]
        verdict = "extreme" if (rows["p_holm"] < _LEVEL).any() else "ordinary"
        lines.append(
            _line(
                "effect.contrast" if side == "contrast" else "effect.side",
                language,
                side=SIDES[side],
                windows=("; ".join(one[0] for one in windows), "；".join(one[1] for one in windows)),
                verdict=WORDS.pair(f"effect.verdict.{verdict}"),
            )
        )
    return "\n".join(lines)


def backdated_text(effects: pd.DataFrame, language: str = "en") -> str:
    """What ``side_effects`` says of the placebo in time."""
    rows = effects.set_index("side")
    values = {
        name: text
        for side in ("sichuan", "chongqing")
        for name, text in (
            (side, format_number(rows.loc[side, "estimate"], 3, signed=True)),
            (f"{side}_p", format_p_value(rows.loc[side, "p"])),
        )
    }
    return _line("backdated", language, **values)


def ruler_text(designs: pd.DataFrame, language: str = "en") -> str:
    """How far the donors' own gaps spread in ``compare_designs``: at constant and at current prices."""
    spread = designs.drop_duplicates("design").set_index("design")["spread"]
    names = {"constant": "main", "current": "current", "same": "current_same", "filled": "filled"}
    return _line("ruler", language, **{name: format_number(spread[key], 3) for name, key in names.items()})


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
    """Whether ``side_effects`` agree with Dong & Cui (2023), who find that cities on the new border were slowed.

    By the windows of both sides, adjusted for their number: they agree if one of each side lies below zero and none
    above, disagree if one lies above, and stay open otherwise.
    """
    rows = effects[~effects["whole"] & effects["side"].isin(["sichuan", "chongqing"])]
    clear = rows[rows["p_holm"] < _LEVEL]
    above, below = clear["estimate"] > 0, set(clear.loc[clear["estimate"] < 0, "side"])
    verdict = "disagrees" if above.any() else "agrees" if len(below) == 2 else "open"
    first = rows.drop_duplicates("side").set_index("side")
    return _line(
        "agreement.answer",
        language,
        verdict=WORDS.pair(f"agreement.verdict.{verdict}"),
        first=_period(first.iloc[0]),
        **{side: _percent(first.loc[side, "estimate"]) for side in first.index},
        **{f"{side}_loss": _loss(first.loc[side, "detectable"]) for side in first.index},
    )


def signs_text(designs: pd.DataFrame, language: str = "en") -> str:
    """How many estimates of ``compare_designs`` are told from zero one by one."""
    tested = designs[~designs["whole"]]
    return _line(
        "agreement.signs",
        language,
        tested=str(len(tested)),
        below=str(int((tested["p"] < _LEVEL).sum())),
        level=str(_LEVEL),
    )


def leave_out_text(by_province: pd.DataFrame, by_donor: pd.DataFrame, language: str = "en") -> str:
    """Range of the estimates without each province of donors, and without each heavy donor, by window."""
    lines = []
    for side in ("sichuan", "chongqing"):
        for start, end in by_province[["start", "end"]].drop_duplicates().to_numpy():
            part = by_province[by_province["start"].eq(int(start))]
            ordered = part.sort_values(side, kind="stable")
            lowest, highest = (_listed([_province(str(ordered["left_out"].iloc[end]))], "", "") for end in (0, -1))
            low, high = (format_number(ordered[side].iloc[end], 3) for end in (0, -1))
            singly = by_donor[by_donor["start"].eq(int(start))][side]
            least, most = (format_number(singly.agg(end), 3) for end in ("min", "max"))
            lines.append(
                _line(
                    "leave_out", language, side=SIDES[side], period=f"{start}–{end}", low=low, lowest=lowest, high=high,
                    highest=highest, least=least, most=most,
                )
            )  # fmt: skip
    return "\n".join(lines)


def _period(row: pd.Series) -> str:
    return f"{row['start']}–{row['end']}"


def _percent(log_points: float) -> Pair:
    """A difference in percent: signed in English, 高 or 低 in Chinese."""
    percent = 100 * np.expm1(log_points)
    return (
        f"{format_number(percent, 1, signed=True)}%",
        f"{'低' if percent < 0 else '高'}{format_number(abs(percent), 1)}%",
    )


def _points(value: float) -> Pair:
    """A difference in percentage points: signed in English, 高 or 低 in Chinese."""
    return format_number(value, 2, signed=True), f"{'低' if value < 0 else '高'}{format_number(abs(value), 2)}"


def _loss(log_points: float) -> str:
    return format_number(-100 * np.expm1(-log_points), 0)


def _gain(log_points: float) -> str:
    return format_number(100 * np.expm1(log_points), 0)


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


def pair_power_text(
    effects: pd.DataFrame, contrast: Mapping[str, float], change: Mapping[str, float], language: str = "en"
) -> str:
    """What pairs of the nine can show: power of the effect, of the difference between borders, of the change."""
    sizes = [effects.set_index("design")["detectable"]["main"], contrast["detectable"], change["detectable"]]
    values = [format_number(size, 1) for size in sizes]
    return _line("barro.power", language, **dict(zip(("detectable", "contrast", "change"), values, strict=True)))


def pair_prices_text(prices: pd.DataFrame, missing: pd.DataFrame, language: str = "en") -> str:
    """Which cells of growth are missing, and how far growth at current prices runs from growth at constant prices."""
    cells = [(unit_name(str(code)), str(years)) for code, years in missing[["code", "years"]].to_numpy()]
    ordered = prices.sort_values("whole", kind="stable")
    low, high = (format_number(ordered["whole"].iloc[end], 0, signed=True) for end in (0, -1))
    lowest, highest = (unit_name(str(ordered["code"].iloc[end])) for end in (0, -1))
    years = {"start": str(MAIN.start), "end": str(MAIN.end), "last": str(FIRST_DESIGN.end)}
    named = (
        "; ".join(f"{name[0]} {years_of}" for name, years_of in cells),
        "；".join(f"{name[1]}{years_of.replace(', ', '、')}年" for name, years_of in cells),
    )
    first = _line("barro.missing", language, cells=named, **years)
    del years["end"]
    second = _line("barro.prices", language, low=low, lowest=lowest, high=high, highest=highest, **years)
    return f"{first}\n{second}"


def nine_prefectures_answer(
    effects: pd.DataFrame,
    contrast: Mapping[str, float],
    change: Mapping[str, float],
    without: pd.DataFrame,
    language: str = "en",
) -> str:
    """What ``border_effects`` says beside Wang et al. (2024).

    Parameters
    ----------
    effects : DataFrame
        Of ``border_effects``.
    contrast, change : mapping
        Of ``border_contrast`` and ``effect_change``: estimate and p.
    without : DataFrame
        Of ``without_each``.
    language
    """
    rows = {str(row["design"]): row for row in effects.to_dict("records")}
    main, first = rows["main"], rows["current"]
    clear = float(main["p"]) < _LEVEL
    verdict = ("slower" if main["estimate"] > 0 else "faster") if clear else "open"
    told = {"contrast": float(contrast["p"]) < _LEVEL, "change": float(change["p"]) < _LEVEL}
    parts = "both" if all(told.values()) else next((name for name, found in told.items() if found), "open")
    lowest, highest = (format_number(without["estimate"].agg(end), 2, signed=True) for end in ("min", "max"))
    return _line(
        "barro.all",
        language,
        verdict=WORDS.pair(f"barro.verdict.{verdict}"),
        effect=_points(main["estimate"]),
        interval=format_interval(main["low"], main["high"], 2),
        p=format_p_value(main["p"]),
        detectable=format_number(main["detectable"], 1),
        start=str(main["start"]),
        end=str(main["end"]),
        lowest=lowest,
        highest=highest,
        last=str(first["end"]),
        current=format_number(first["estimate"], 2, signed=True),
        current_p=format_p_value(first["p"]),
        change=format_number(change["estimate"], 2, signed=True),
        change_p=format_p_value(change["p"]),
        contrast=_points(contrast["estimate"]),
        contrast_p=format_p_value(contrast["p"]),
        open=WORDS.pair(f"barro.parts.{parts}"),
        small=_small_rows(effects),
    )


def _small_rows(effects: pd.DataFrame) -> Pair:
    """How many rows of the table have a p below the level, and which."""
    small = effects[effects["p"] < _LEVEL]
    if small.empty:
        return WORDS.pair("barro.small.none", rows=str(len(effects)))
    designs, prices = WORDS.labels("pair_designs"), WORDS.labels("pair_prices")
    named = [
        WORDS.pair(
            "barro.small.row",
            design=designs[row["design"]],
            prices=prices[row["prices"]],
            effect=format_number(row["estimate"], 2, signed=True),
            p=format_p_value(row["p"]),
        )
        for row in small.to_dict("records")
    ]
    listed = ("; ".join(one[0] for one in named), "；".join(one[1] for one in named))
    return WORDS.pair("barro.small.some", rows=str(len(effects)), count=str(len(small)), listed=listed)


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
