"""Sentences of notebook 07: what happened on both sides of the new border, and between nine prefectures."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from shanhai.core.places import Place
from shanhai.data.load import load_places
from shanhai.render.numbers import format_interval, format_number, format_p_value
from shanhai.render.style import label
from shanhai.render.words import Pair, Words, listed, paragraph
from shanhai.studies.new_border.analysis import BorderStudy
from shanhai.studies.new_border.design import CHONGQING, UNIONS
from shanhai.studies.new_border.pair_design import FIRST_DESIGN, MAIN, PREFECTURES

WORDS = Words.beside(__file__)

NOTEBOOK = Words.beside(__file__, "notebook.toml")
"""Standing text of notebook 07."""

SIDES = WORDS.labels("sides")
"""Sides of the new border by key."""

_TREATED = ("sichuan", "chongqing")

_COMMA: Pair = (", ", "、")

_LEVEL = 0.05
"""Level below which a p-value is taken as evidence."""


def unit_name(code: str) -> Pair:
    """Name of a prefecture of the panel; a union carries both names, Chongqing that of the municipality."""
    places = load_places()
    parts = [places.province(code)] if code == CHONGQING else map(places.prefecture, UNIONS.get(code, (code,)))
    return listed(map(_short, parts), ("–", "—"))


def border_name(border: str, language: str = "en") -> str:
    """Name of the border of two provinces, as Zhejiang–Jiangxi; of an empty text, the same province."""
    if not border:
        return WORDS("same_province", language)
    return label(language, *listed((_province(code) for code in border.split("-")), ("–", "—")))


def period(start: int, end: int, language: str = "en") -> str:
    """Years as they are printed; a window of one year is a year.

    Examples
    --------
    >>> period(2002, 2006), period(2002, 2006, "zh"), period(2002, 2002)
    ('2002–2006', '2002—2006', '2002')
    """
    return str(start) if start == end else f"{start}{'—' if language == 'zh' else '–'}{end}"


def answer_text(effects: pd.DataFrame, pair_effects: pd.DataFrame, language: str = "en") -> str:
    """The answer of the notebook: both sides of the border of 1997, the nine prefectures, and what limits both.

    The panel agrees with Dong & Cui (2023), who report that cities on the new border were slowed, if one window of each
    side lies significantly below zero, adjusted for their number, and none above; it disagrees if one lies above; else
    it neither confirms nor refutes them.

    Parameters
    ----------
    effects : DataFrame
        Of ``side_effects``.
    pair_effects : DataFrame
        Of ``border_effects``, with designs ``main`` and ``no_distance``, of the same years.
    language : str
    """
    rows = effects[~effects["whole"] & effects["side"].isin(_TREATED)]
    clear = rows[rows["p_holm"] < _LEVEL]
    above, below = clear["estimate"] > 0, set(clear.loc[clear["estimate"] < 0, "side"])
    agreement = "disagrees" if above.any() else "agrees" if len(below) == len(_TREATED) else "open"
    first = {str(row["side"]): row for row in rows.drop_duplicates("side").to_dict("records")}
    designs = {str(row["design"]): row for row in pair_effects.to_dict("records")}
    pairs, alone = designs["main"], designs["no_distance"]
    slower = "slower" if pairs["estimate"] > 0 else "faster"
    sentences = (
        WORDS.pair(
            "answer.sides",
            first=_years(first["sichuan"]),
            verdict=WORDS.pair(f"answer.agreement.{agreement}"),
            **{side: _percent(first[side]["estimate"]) for side in _TREATED},
            **{f"{side}_interval": _percent_interval(first[side]) for side in _TREATED},
        ),
        WORDS.pair(
            "answer.pairs",
            years=_years(pairs),
            effect=_points(pairs["estimate"]),
            interval=format_interval(pairs["low"], pairs["high"], 2),
            verdict=WORDS.pair(f"answer.closing.{slower if pairs['p'] < _LEVEL else 'open'}"),
            alone=_points(alone["estimate"]),
            alone_p=format_p_value(alone["p"]),
        ),
        WORDS.pair(
            "answer.doubt",
            detectable=format_number(pairs["detectable"], 1),
            **{side: _loss(first[side]["detectable"]) for side in _TREATED},
        ),
    )
    return paragraph(sentences, language)


def units_text(study: BorderStudy, language: str = "en") -> str:
    """Which prefectures lie on the border, which are donors, and which are left out."""
    units, neighbours = study.units, study.units.of("neighbour")
    sentence = WORDS.pair(
        "units",
        border=listed(map(unit_name, units.of("border")), _COMMA),
        neighbours=listed(map(unit_name, neighbours), _COMMA) if neighbours else WORDS.pair("no_neighbour"),
        interior=str(len(units.of("interior"))),
        donors=str(len(study.donors)),
        provinces=listed(map(_province, sorted({code[:2] for code in study.donors})), _COMMA),
        years=_period_pair(study.design.first, study.design.last),
        growth=str(len(units.unpublished)),
        **{reason: str(count) for reason, count in units.panel.counts().items()},
    )
    return paragraph([sentence], language)


def power_text(
    effects: pd.DataFrame,
    pair_effects: pd.DataFrame,
    contrast: Mapping[str, float],
    change: Mapping[str, float],
    language: str = "en",
) -> str:
    """How large a difference both designs detect with a power of 80 %: by side in the first window and in the last, of
    the pairs, between borders, and between the halves of the years."""
    sentences = []
    for side in _TREATED:
        rows = effects[effects["side"].eq(side) & ~effects["whole"]]
        first, last = rows.iloc[0], rows.iloc[-1]
        sentences.append(
            WORDS.pair(
                "power.side", side=WORDS.pair(f"power.of.{side}"), first=_years(first), last=_years(last),
                loss=_loss(first["detectable"]), gain=_gain(first["detectable"]),
                last_loss=_loss(last["detectable"]), last_gain=_gain(last["detectable"]),
                provinces=str(first["provinces"]),
            )
        )  # fmt: skip
    sizes = (pair_effects.set_index("design")["detectable"]["main"], contrast["detectable"], change["detectable"])
    values = dict(zip(("detectable", "contrast", "change"), (format_number(size, 1) for size in sizes), strict=True))
    return paragraph([*sentences, WORDS.pair("power.pairs", **values)], language)


def windows_text(study: BorderStudy, effects: pd.DataFrame, language: str = "en") -> str:
    """In how many windows each row of ``side_effects`` differs significantly from zero, and the course of the gap.

    The lowest year was not chosen beforehand, so that it has no p-value.
    """
    clear = effects[~effects["whole"]].assign(clear=lambda rows: rows["p_holm"] < _LEVEL).groupby("side")["clear"]
    counts = {str(side): str(int(count)) for side, count in clear.sum().items()}
    key = "some" if clear.sum().any() else "none"
    sentences = [WORDS.pair(f"windows.{key}", windows=str(int(clear.size().iloc[0])), **counts)]
    for side, gap in study.side_gaps.items():
        after = gap.loc[study.design.treated_from : study.design.last]
        low, end = (format_number(value, 2, signed=True) for value in (after.min(), after.iloc[-1]))
        years = {"year": str(after.idxmin()), "last": str(study.design.last)}
        sentences.append(WORDS.pair("windows.course", side=WORDS.pair(f"power.of.{side}"), low=low, end=end, **years))
    return paragraph([*sentences, WORDS.pair("windows.described")], language)


def variants_text(designs: pd.DataFrame, language: str = "en") -> str:
    """How many estimates of ``compare_designs`` are significant one by one, and how far donors' own gaps spread."""
    spread = designs.drop_duplicates("design").set_index("design")["spread"]
    tested = designs[~designs["whole"]]
    names = {"constant": "main", "current": "current", "same": "current_same", "filled": "filled"}
    sentences = (
        WORDS.pair("variants.signs", tested=str(len(tested)), clear=str(int((tested["p"] < _LEVEL).sum()))),
        WORDS.pair("variants.spread", **{name: format_number(spread[key], 3) for name, key in names.items()}),
    )
    return paragraph(sentences, language)


def backdated_text(effects: pd.DataFrame, language: str = "en") -> str:
    """What ``side_effects`` says of the placebo in time."""
    rows = effects.set_index("side")
    values = {}
    for side in _TREATED:
        values[side] = format_number(rows.loc[side, "estimate"], 3, signed=True)
        values[f"{side}_p"] = format_p_value(rows.loc[side, "p"])
    return paragraph([WORDS.pair("backdated", **values)], language)


def nine_text(language: str = "en") -> str:
    """The nine prefectures by province."""
    places = load_places()
    groups = []
    for province in sorted({code[:2] for code in PREFECTURES}):
        members = [_short(places.prefecture(code)) for code in PREFECTURES if code[:2] == province]
        groups.append(WORDS.pair("nine.group", province=_province(province), members=listed(members, _COMMA)))
    return paragraph([WORDS.pair("nine.all", groups=listed(groups))], language)


def pairs_text(
    effects: pd.DataFrame,
    contrast: Mapping[str, float],
    change: Mapping[str, float],
    without: pd.DataFrame,
    language: str = "en",
) -> str:
    """What ``border_effects`` leans on, beside Wang et al. (2024).

    Parameters
    ----------
    effects : DataFrame
        Of ``border_effects``.
    contrast, change : mapping
        Of ``border_contrast`` and ``effect_change``: estimate and p.
    without : DataFrame
        Of ``without_each``.
    language : str
    """
    first = effects.set_index("design").loc["current"]
    clear = {"contrast": contrast["p"] < _LEVEL, "change": change["p"] < _LEVEL}
    kind = "both" if all(clear.values()) else next((name for name, is_clear in clear.items() if is_clear), "open")
    lowest, highest = (format_number(without["estimate"].agg(end), 2, signed=True) for end in ("min", "max"))
    values: dict[str, str | Pair] = {"verdict": WORDS.pair(f"pairs.parts.{kind}")}
    for name, found in (("change", change), ("contrast", contrast)):
        values[name] = format_number(found["estimate"], 2, signed=True)
        values[f"{name}_p"] = format_p_value(found["p"])
    sentences = (
        WORDS.pair(
            "pairs.robust",
            lowest=lowest,
            highest=highest,
            years=_years(first),
            current=format_number(first["estimate"], 2, signed=True),
            current_p=format_p_value(first["p"]),
        ),
        _small_rows(effects),
        WORDS.pair("pairs.wang", **values),
    )
    return paragraph(sentences, language)


def _small_rows(effects: pd.DataFrame) -> Pair:
    """How many rows of the table have a p below the level, and which."""
    small = effects[effects["p"] < _LEVEL]
    if small.empty:
        return WORDS.pair("pairs.small.none", rows=str(len(effects)))
    designs, prices = WORDS.labels("pair_designs"), WORDS.labels("pair_prices")
    named = (
        WORDS.pair(
            "pairs.small.row",
            design=designs[row["design"]],
            prices=prices[row["prices"]],
            effect=format_number(row["estimate"], 2, signed=True),
            p=format_p_value(row["p"]),
        )
        for row in small.to_dict("records")
    )
    return WORDS.pair("pairs.small.some", rows=str(len(effects)), count=str(len(small)), listed=listed(named))


def prices_text(prices: pd.DataFrame, missing: pd.DataFrame, language: str = "en") -> str:
    """Which cells of growth are missing, and how far growth at current prices runs from growth at constant prices."""
    cells = ((unit_name(str(code)), str(years)) for code, years in missing[["code", "years"]].to_numpy())
    named = listed((f"{name[0]} {years}", f"{name[1]}{years.replace(', ', '、')}年") for name, years in cells)
    ordered = prices.sort_values("whole", kind="stable")
    low, high = (format_number(ordered["whole"].iloc[end], 0, signed=True) for end in (0, -1))
    lowest, highest = (unit_name(str(ordered["code"].iloc[end])) for end in (0, -1))
    whole, last = _period_pair(MAIN.start, FIRST_DESIGN.end), str(FIRST_DESIGN.end)
    sentences = (
        WORDS.pair("prices.missing", cells=named, years=_period_pair(MAIN.start, MAIN.end), last=last),
        WORDS.pair("prices.implied", low=low, lowest=lowest, high=high, highest=highest, whole=whole),
    )
    return paragraph(sentences, language)


def _years(row: Any) -> Pair:
    """First and last year of a row."""
    return _period_pair(row["start"], row["end"])


def _period_pair(start: int, end: int) -> Pair:
    return period(start, end), period(start, end, "zh")


def _percent(log_points: float) -> Pair:
    """A difference in percent, as in 0.9% below."""
    percent = 100 * np.expm1(log_points)
    key = "below" if percent < 0 else "above"
    return WORDS.pair(f"answer.percent.{key}", percent=format_number(abs(percent), 1))


def _points(value: float) -> Pair:
    """A difference in percentage points: signed in English, 高 or 低 in Chinese."""
    return format_number(value, 2), f"{'低' if value < 0 else '高'}{format_number(abs(value), 2)}"


def _percent_interval(row: Mapping[Any, Any]) -> str:
    return format_interval(100 * np.expm1(row["low"]), 100 * np.expm1(row["high"]), 0)


def _loss(log_points: float) -> str:
    return format_number(-100 * np.expm1(-log_points), 0)


def _gain(log_points: float) -> str:
    return format_number(100 * np.expm1(log_points), 0)


def _province(code: str) -> Pair:
    """Name of a province by its first two digits or its code."""
    return _short(load_places().province(f"{code[:2]}0000"))


def _short(place: Place) -> Pair:
    return place.short_en, place.short_zh
