"""Sentences of notebook 13, every number computed; its standing prose lies in ``notebook.toml``."""

from collections.abc import Mapping, Sequence
from math import expm1

import pandas as pd

from shanhai.core.errors import ReportError
from shanhai.methods.adjustment import Overlap, Robustness
from shanhai.methods.curve import CurveSummary
from shanhai.render.errors import plain_error_words
from shanhai.render.numbers import format_interval, format_number, format_percent, state_p_value
from shanhai.render.words import Pair, Words, listed, paragraph
from shanhai.studies.robustness.battery import Battery, BatteryRow
from shanhai.studies.robustness.by_province import SplitDifference
from shanhai.studies.robustness.design import WORDS

NOTEBOOK = Words.beside(__file__, "notebook.toml")
"""Standing prose of notebook 13."""

_ZHEJIANG, _SICHUAN = "330000", "510000"


def answer(batteries: Mapping[str, Battery], language: str = "en") -> str:
    """What the battery says: its verdict beside the main difference, the necessary items, and the doubt.

    Parameters
    ----------
    batteries : mapping of estimand to Battery
        Of ``border_batteries``.
    language : str
    """
    main = batteries["main"]
    first, necessary = main.row("province"), main.of_role("necessary")
    finding = WORDS.pair(
        "answer.finding",
        verdict=WORDS.pair(f"answer.verdict.{main.verdict}"),
        amount=_amount(first.estimate),
        main_interval=_percent_interval(*main.by_prefecture.interval()),
        main_errors=plain_error_words(main.by_prefecture.error),
        interval=_percent_interval(first.low, first.high),
        errors=plain_error_words(first.error),
        held=str(len(main.holding)),
        needed=str(len(necessary)),
    )
    failing = [row for row in necessary if row.reading != "for"]
    form = "some" if main.holding and failing else "all" if main.holding else "none"
    tests = {"holding": _tests(main.holding, "and"), "failing": _tests(failing, "or")}
    asked = {"some": ("holding", "failing"), "all": ("holding",), "none": ("failing",)}[form]
    evidence = WORDS.pair(f"answer.tests.{form}", **{name: tests[name] for name in asked})
    return paragraph([finding, evidence, WORDS.pair("answer.doubt")], language)


def battery_text(batteries: Mapping[str, Battery], language: str = "en") -> str:
    """The comparison that could refute, the other estimand, and what is left inside prefectures.

    Parameters
    ----------
    batteries : mapping of estimand to Battery
        Of ``border_batteries``.
    language : str
    """
    main, total = batteries["main"], batteries["total"]
    sentences = [
        WORDS.pair("battery.text.edges", **_numbers(main.row("edges"))),
        WORDS.pair(
            "battery.text.total",
            **_numbers(total.row("province")),
            held=str(len(total.holding)),
            needed=str(len(total.of_role("necessary"))),
            verdict=WORDS.pair(f"battery.verdict.{total.verdict}"),
        ),
        WORDS.pair("battery.text.inside", **_numbers(main.row("prefecture_geography"))),
    ]
    return paragraph(sentences, language)


def _numbers(row: BatteryRow) -> dict[str, str]:
    """Estimate, interval and p of an item as they are printed."""
    return {
        "estimate": format_number(row.estimate, 3),
        "interval": format_interval(row.low, row.high, 3),
        "p": state_p_value(row.p),
    }


def _tests(rows: Sequence[BatteryRow], conjunction: str) -> Pair:
    """Items as parts of a sentence, each with its p."""
    names = WORDS.labels("battery.test")
    parts = [WORDS.pair("answer.test", name=names[row.key], p=state_p_value(row.p)) for row in rows]
    if len(parts) < 2:
        return listed(parts)
    before, last = listed(parts[:-1], (", ", "、")), parts[-1]
    return WORDS.pair(f"answer.{conjunction}", before=before, last=last)


def _amount(estimate: float) -> Pair:
    """A difference of logarithms as percent lower or higher."""
    percent = format_percent(100 * abs(expm1(estimate)))
    return WORDS.pair("battery.amount.less" if estimate < 0 else "battery.amount.more", percent=percent)


def _percent_interval(low: float, high: float) -> Pair:
    """Bounds of a difference of logarithms in percent."""
    ends = {name: format_percent(100 * expm1(value)) for name, value in (("low", low), ("high", high))}
    return WORDS.pair("answer.interval", **ends)


def overlap_text(overlap: Overlap, language: str = "en") -> str:
    """How many counties have a counterpart of like terrain on the other side."""
    sentence = WORDS.pair(
        "overlap.sentence",
        border=format_percent(overlap.support_treated),
        n_border=format_number(overlap.n_treated),
        interior=format_percent(overlap.support_control),
        n_interior=format_number(overlap.n_control),
        trimmed=format_percent(overlap.trimmed),
        auc=format_number(overlap.auc, 2),
    )
    return paragraph([sentence], language)


def unseen_text(strength: Robustness, language: str = "en") -> str:
    """How strong a confounder must be."""
    sentence = WORDS.pair(
        "bounds.sentence",
        zero=format_percent(100 * strength.value),
        estimate=format_number(strength.estimate, 3),
        significant=format_percent(100 * strength.value_significant),
        clustered=format_percent(100 * strength.value_clustered),
    )
    return paragraph([sentence], language)


def curve_text(summary: CurveSummary, options: pd.DataFrame, language: str = "en") -> str:
    """What a specification curve says of each outcome, that of the main specification first: they have other units.

    Parameters
    ----------
    summary : CurveSummary
        Of the whole curve.
    options : DataFrame
        As ``summarise_options`` gives it.
    language : {"en", "zh", "both"}

    Raises
    ------
    ReportError
        If the curve does not hold the main specification.
    """
    outcomes = options[options["choice"].eq("outcome")].sort_values("main", ascending=False, kind="stable")
    if summary.main is None or not outcomes["main"].any():
        raise ReportError("The curve has no main specification; keep its options when a grid is narrowed.")
    sentences = [
        WORDS.pair(
            "curve.main" if row["main"] else "curve.other",
            all=format_number(summary.specifications),
            main=format_number(summary.main, 3),
            outcome=(row["label"], row["translation"]),
            count=format_number(row["count"]),
            negative=format_percent(100 * row["share_negative"]),
            significant=format_percent(100 * row["share_significant"]),
            median=format_number(row["median"], 3),
        )
        for row in outcomes.to_dict("records")
    ]
    return paragraph(sentences, language)


def split_text(splits: Mapping[str, SplitDifference], language: str = "en") -> str:
    """Mean and spread of both splits, how many units differ from zero after shrinking, and two provinces by name.

    Parameters
    ----------
    splits : mapping of split to SplitDifference
        Of ``border_by``.
    language : str
    """
    sentences = [
        WORDS.pair(f"split.text.{split}", **_split_numbers(difference)) for split, difference in splits.items()
    ]
    named = {"zhejiang": _unit(splits["province"], _ZHEJIANG), "sichuan": _unit(splits["province"], _SICHUAN)}
    return paragraph([*sentences, WORDS.pair("split.text.named", **named)], language)


def _split_numbers(found: SplitDifference) -> dict[str, str]:
    value, low, high = found.pooled.spread
    mean = found.pooled.mean
    return {
        "mean": f"{format_number(mean.value, 3)} {format_interval(*mean.interval(), 3)}",
        "spread": f"{format_number(value, 3)} {format_interval(low, high, 3)}",
        "share": format_percent(100 * found.pooled.heterogeneity[0]),
        "negative": format_number((found.units["high"] < 0).sum()),
        "positive": format_number((found.units["low"] > 0).sum()),
        "n": format_number(len(found.units)),
    }


def _unit(found: SplitDifference, code: str) -> str:
    row = found.units.set_index("unit").loc[code]
    return f"{format_number(row['shrunk'], 3)} {format_interval(row['low'], row['high'], 3)}"


def ledger_text(tests: pd.DataFrame, language: str = "en") -> str:
    """How many claims rest on a p-value, and whose verdict would change after correction over all of them.

    Parameters
    ----------
    tests : DataFrame
        Of ``ledger_tests``.
    language : str
    """
    sentence = WORDS.pair(
        "ledger.sentence", count=str(len(tests)), holm=_changed(tests, "holm"), bh=_changed(tests, "bh")
    )
    return paragraph([sentence], language)


def _changed(tests: pd.DataFrame, method: str) -> Pair:
    changed = tests.loc[tests["verdict"].ne(tests[f"verdict_{method}"]), "id"]
    return listed(((name, name) for name in changed), (", ", "、")) if len(changed) else WORDS.pair("ledger.none")
