"""Cells of a user's own raster in words: a table, and the sentence that says what they show or how to name a raster."""

from math import log

import pandas as pd

from shanhai.methods.records import estimates_of
from shanhai.render.numbers import format_interval, format_number, format_percent
from shanhai.render.tables import ESTIMATE_COLUMNS, Column, TableSpec, build_table, labelled
from shanhai.render.words import Pair
from shanhai.studies.robustness.cells import CellEvidence
from shanhai.studies.robustness.design import WORDS


def cells_table(cells: CellEvidence, language: str = "en") -> TableSpec:
    """Print what ``own_cells`` returns for a raster."""
    columns = (
        Column("quantity", ("quantity", "指标"), source=labelled("quantity", WORDS.labels("cells.quantity"))),
        *ESTIMATE_COLUMNS,
        Column("n", ("strips", "条带数")),
    )
    note = WORDS(
        "cells.note",
        language,
        joint="\n",
        segments=format_number(cells.segments),
        cells=format_number(cells.cells),
        width=format_number(cells.cell_km, 1),
        left_out=format_number(cells.left_out),
        donut=format_number(cells.donut_km, 1),
        bandwidth=format_number(cells.bandwidth_km),
        largest=format_number(cells.largest, 1),
    )
    estimates = estimates_of(
        cells.table,
        sample=f"strips of {cells.source}",
        outcome="light over the mean of the segment",
        model="cells by distance to the border",
        term=cells.table["quantity"],
        estimand="share of the segment's mean",
        unit="strips of cells",
        clusters=cells.segments,
    )
    caption = WORDS.pair("cells.caption", source=cells.source)
    return build_table(cells.table, columns, language, caption, note.splitlines(), estimates)


def cells_sentence(cells: CellEvidence | None, language: str = "en") -> str:
    """What the cells show, or how to name a raster where there is none."""
    if cells is None:
        return WORDS("cells.answer.none", language, joint="\n")
    return WORDS(
        "cells.answer.some",
        language,
        joint="\n",
        source=cells.source,
        **_printed("doubling", cells.row("gradient"), 100 * log(2)),
        **_printed("step", cells.row("last_20km"), 100.0),
        share=_share(cells.row("share_20km")),
        **_printed("jump", cells.row("jump"), 100.0),
    )


def _share(row: pd.Series) -> Pair:
    """How much of the rise is done by 20 km, or that nobody can say."""
    if pd.isna(row["estimate"]):
        return WORDS.pair("cells.share.none")
    low, high = (format_percent(100 * row[bound]) for bound in ("low", "high"))
    return WORDS.pair("cells.share.some", share=format_percent(100 * row["estimate"]), low=low, high=high)


def _printed(name: str, row: pd.Series, scale: float) -> dict[str, str]:
    """An estimate and its interval, times a scale."""
    low, high = sorted((scale * row["low"], scale * row["high"]))
    return {name: format_number(scale * row["estimate"], 1), f"{name}_interval": format_interval(low, high, 1)}
