"""The table of the battery, with both estimands side by side."""

from collections.abc import Mapping

from shanhai.methods.records import EstimateRecord
from shanhai.render.numbers import format_number
from shanhai.render.style import label
from shanhai.render.tables import Column, TableSpec, build_table, interval, labelled, p_values
from shanhai.studies.robustness.battery import Battery, BatteryRow
from shanhai.studies.robustness.design import LARGE_DIFFERENCE, WORDS

ITEMS = WORDS.labels("battery.item")
"""Names of the items."""

_ROLES, _READINGS = WORDS.labels("battery.role"), WORDS.labels("battery.reading")


def battery_table(batteries: Mapping[str, Battery], language: str = "en") -> TableSpec:
    """Print ``border_batteries``: one row per item, the estimand that decides first, the total difference beside it."""
    main, total = batteries["main"].to_frame(), batteries["total"].to_frame()
    rows = main.merge(total[["key", "estimate", "p", "reading"]], on="key", suffixes=("", "_total"), validate="1:1")
    free = WORDS.pair("battery.estimand.total")
    columns = (
        Column("key", ("evidence", "证据"), source=labelled("key", ITEMS)),
        Column("role", ("role", "作用"), source=labelled("role", _ROLES)),
        Column("estimate", WORDS.pair("battery.estimand.main"), 3),
        Column("interval", ("95% interval", "95%置信区间"), source=interval()),
        Column("p", ("p", "p值"), source=p_values("p")),
        Column("reading", ("reading", "判读"), source=labelled("reading", _READINGS)),
        Column("detectable", ("detectable effect", "最小可识别效应"), 3),
        Column("estimate_total", free, 3),
        Column("p_total", ("p, district status free", "p值，不控制市辖区"), source=p_values("p_total")),
        Column(
            "reading_total",
            ("reading, district status free", "判读，不控制市辖区"),
            source=labelled("reading_total", _READINGS),
        ),
    )
    error = format_number(batteries["main"].row("repartitions").p_error, 3)
    note = WORDS(
        "battery.note",
        language,
        joint="\n",
        n=format_number(batteries["main"].row("province").n),
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
