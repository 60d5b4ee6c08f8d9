"""What there is: one line of example a name, in the language that is spoken."""

from dataclasses import dataclass

import pandas as pd

from shanhai.core.shown import Description, Shown, describe
from shanhai.render.objects import described
from shanhai.render.tables import Column, build_table, labelled
from shanhai.render.words import Words

_WORDS = Words.beside(__file__, "guide.toml")


@dataclass(frozen=True, repr=False)
class Guide(Shown):
    """The names of ``shanhai`` with an example of each."""

    examples: dict[str, str]
    """Code by name, in an order in which it runs after ``import shanhai as sh``."""


def guide() -> Guide:
    """What ``shanhai`` offers, with an example of each to copy into a cell.

    Examples
    --------
    >>> import shanhai as sh
    >>> sorted(sh.guide().examples) == dir(sh)
    True
    """
    return Guide({name: code for name, (code, _) in _WORDS.labels("example").items()})


@describe.register
def _(value: Guide, language: str) -> Description:
    does = _WORDS.labels("does")
    rows = pd.DataFrame({"name": list(value.examples), "example": list(value.examples.values())})
    columns = (
        Column("name", _WORDS.pair("guide.name")),
        Column("does", _WORDS.pair("guide.does"), source=labelled("name", does)),
        Column("example", _WORDS.pair("guide.example")),
    )
    caption, note = _WORDS.pair("guide.caption"), _WORDS("guide.note", language)
    spec = build_table(rows, columns, language, caption, [note])
    return described(spec)
