"""The battery in words: its table, with both estimands side by side, and the answer that follows from its rule."""

from collections.abc import Mapping, Sequence
from math import expm1

from shanhai.methods.records import EstimateRecord
from shanhai.render.numbers import format_interval, format_number, format_p_value, format_percent
from shanhai.render.style import label
from shanhai.render.tables import Column, TableSpec, build_table, interval, labelled, p_values
from shanhai.render.words import Pair, listed
from shanhai.studies.robustness.battery import Battery, BatteryRow
from shanhai.studies.robustness.design import LARGE_DIFFERENCE, WORDS

ITEMS = WORDS.labels("battery.item")
"""Names of the items."""

_ROLES, _READINGS = WORDS.labels("battery.role"), WORDS.labels("battery.reading")


def battery_table(batteries: Mapping[str, Battery], language: str = "en") -> TableSpec:
    """Print ``border_batteries``: one row an item, the estimand that decides first, the total difference beside it."""
    main, total = batteries["main"].to_frame(), batteries["total"].to_frame()
    rows = main.merge(total[["key", "estimate", "p", "reading"]], on="key", suffixes=("", "_total"), validate="1:1")
    free = WORDS.pair("battery.estimand.total")
    columns = (
        Column("key", ("evidence", "证据"), source=labelled("key", ITEMS)),
        Column("role", ("role", "作用"), source=labelled("role", _ROLES)),
        Column("estimate", ("at equal status", "控制市辖区"), 3),
        Column("interval", ("95% interval", "95%置信区间"), source=interval()),
        Column("p", ("p", "p值"), source=p_values("p")),
        Column("reading", ("speaks", "判读"), source=labelled("reading", _READINGS)),
        Column("detectable", ("detectable effect", "最小可识别效应"), 3),
        Column("estimate_total", free, 3),
        Column("p_total", ("p, status free", "p值，不控制市辖区"), source=p_values("p_total")),
        Column(
            "reading_total", ("speaks, status free", "判读，不控制市辖区"), source=labelled("reading_total", _READINGS)
        ),
    )
    error = format_number(batteries["main"].row("repartitions").p_error, 3)
    note = WORDS(
        "battery.note",
        language,
        joint="\n",
        large=format_number(LARGE_DIFFERENCE, 2),
        error=error,
        centre=format_number(batteries["main"].row("repartitions").drawn_mean, 3),
        centre_shifts=format_number(batteries["main"].row("shifts").drawn_mean, 3),
    )
    seen = label(language, *batteries["main"].seen, joint="\n")
    records = tuple(_record(row, name) for name, battery in batteries.items() for row in battery.rows)
    return build_table(rows, columns, language, WORDS.pair("battery.caption"), (*note.splitlines(), seen), records)


def _record(row: BatteryRow, estimand: str) -> EstimateRecord:
    """A row as the files of results hold it, under the name of the battery."""
    low, high = row.low, row.high
    english = ITEMS[row.key][0]
    return EstimateRecord(
        sample=row.spec.sample.name if row.spec else "China",
        outcome=row.spec.outcome.name if row.spec else row.key.removeprefix("balance_"),
        model=f"battery, {WORDS.pair(f'battery.estimand.{estimand}')[0]}: {english}",
        term="on_border",
        estimate=row.estimate,
        n=row.n,
        vcov="" if row.is_drawn else row.error,
        method=row.error if row.is_drawn else "",
        estimand="coefficient" if row.spec else "standardised difference",
        low=None if row.is_drawn else low,
        high=None if row.is_drawn else high,
        p=row.p,
        p_error=row.p_error,
        null_low=low if row.is_drawn else None,
        null_high=high if row.is_drawn else None,
        design_id=row.spec.spec_id if row.spec else "",
    )


def battery_sentence(batteries: Mapping[str, Battery], language: str = "en") -> str:
    """What the battery says: the verdict of its rule, what holds, what does not, and the neighbouring questions."""
    main, total = batteries["main"], batteries["total"]
    first, inside = main.row("province"), main.row("prefecture_geography")
    return WORDS(
        "battery.answer",
        language,
        joint="\n",
        verdict=WORDS.pair(f"battery.verdict.{main.verdict}"),
        held=str(len(main.holding)),
        needed=str(len(main.of_role("necessary"))),
        amount=_amount(first.estimate),
        estimate=format_number(first.estimate, 3),
        interval=format_interval(first.low, first.high, 3),
        edges=format_number(main.row("edges").estimate, 3),
        holding=_holding(main),
        failing=_failing(main),
        total=format_number(total.row("province").estimate, 3),
        total_held=str(len(total.holding)),
        total_verdict=_lower(WORDS.pair(f"battery.verdict.{total.verdict}")),
        inside=format_number(inside.estimate, 3),
        inside_interval=format_interval(inside.low, inside.high, 3),
    )


def _lower(pair: Pair) -> Pair:
    return pair[0].lower(), pair[1]


def _amount(estimate: float) -> Pair:
    """A difference of logarithms as percent less or more."""
    percent = format_percent(100 * abs(expm1(estimate)))
    return WORDS.pair("battery.amount.less" if estimate < 0 else "battery.amount.more", percent=percent)


def _failing(battery: Battery) -> Pair:
    """The necessary items that do not hold, with their numbers."""
    rows = [row for row in battery.of_role("necessary") if row.reading != "for"]
    return WORDS.pair("battery.failing.some", items=_items(rows)) if rows else WORDS.pair("battery.failing.none")


def _holding(battery: Battery) -> Pair:
    """The items of any role that speak for the statement, with their numbers."""
    rows = [row for row in battery.rows if row.reading == "for"]
    return WORDS.pair("battery.holding.some", items=_items(rows)) if rows else WORDS.pair("battery.holding.none")


def _items(rows: Sequence[BatteryRow]) -> Pair:
    return listed(
        WORDS.pair(
            "battery.failing.item",
            name=ITEMS[row.key],
            estimate=format_number(row.estimate, 3),
            p=format_p_value(row.p),
        )
        for row in rows
    )
