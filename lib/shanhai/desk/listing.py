"""Rows of the project that show themselves as a table: borders, claims, a place."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from shanhai.core.shown import Description, Shown, describe
from shanhai.render.numbers import format_number
from shanhai.render.objects import described
from shanhai.render.tables import Column, build_table
from shanhai.render.words import Pair, Words

WORDS = Words.beside(__file__)
"""Words of the desk."""

_SCREEN = 25
"""Rows that are printed of a long table."""


@dataclass(frozen=True, repr=False)
class Listing(Shown):
    """Rows with how they are printed: ``.frame`` holds them all as they are, the table shows the first of them."""

    frame: pd.DataFrame
    columns: tuple[Column, ...]
    caption: Pair
    notes: tuple[Pair, ...] = ()

    def __len__(self) -> int:
        return len(self.frame)


def listing(
    frame: pd.DataFrame, columns: Sequence[tuple[str, int | None]], caption: Pair, notes: Sequence[Pair] = ()
) -> Listing:
    """Rows under the heads that ``words.toml`` has for their columns.

    Parameters
    ----------
    frame : DataFrame
    columns : names of the columns that are printed, each with its decimals, none for whole numbers and texts
    caption, notes : English and Chinese
    """
    heads = WORDS.labels("head")
    return Listing(frame, tuple(Column(name, heads[name], digits) for name, digits in columns), caption, tuple(notes))


@describe.register
def _(value: Listing, language: str) -> Description:
    notes = list(value.notes)
    if len(value) > _SCREEN:
        notes.append(WORDS.pair("listing.first", shown=format_number(_SCREEN), rows=format_number(len(value))))
    printed = value.frame.head(_SCREEN).assign(**_in_language(value, language))
    sides = {"en": (0,), "zh": (1,), "both": (0, 1)}[language]
    spec = build_table(
        printed, value.columns, language, value.caption, [note[side] for note in notes for side in sides]
    )
    return described(spec)


def _in_language(value: Listing, language: str) -> dict[str, pd.Series]:
    """Columns that have a Chinese one beside them, ``name_zh`` beside ``name``, in the language that is shown."""
    rows = value.frame.head(_SCREEN)
    both = [column.key for column in value.columns if f"{column.key}_zh" in rows.columns]
    chinese = {name: rows[f"{name}_zh"] for name in both}
    if language == "zh":
        return chinese
    return {name: chinese[name] + " " + rows[name] for name in both} if language == "both" else {}
