"""Words of the spatial check, which stand in ``words.toml``, and what they say of one coefficient."""

import pandas as pd

from shanhai.render.numbers import format_number
from shanhai.render.style import check_language
from shanhai.render.words import Pair, Words
from shanhai.studies.border.words import term_label

WORDS = Words.beside(__file__)


def covariance_sentence(compared: pd.DataFrame, term: str, language: str = "en") -> str:
    """How far the standard errors of a coefficient lie apart, and how many of the tests reject zero at 5 %."""
    check_language(language)
    rows = compared[compared["term"] == term]
    others = rows.loc[rows["p"] >= 0.05, "covariance"].tolist()
    silent: Pair = ("", "")
    return WORDS(
        "sentence.rejections",
        language,
        joint="\n",
        term=term_label(term),
        spread=_spread(rows) or silent,
        count=format_number(int((rows["p"] < 0.05).sum())),
        total=format_number(len(rows)),
        others=WORDS.pair("sentence.not_rejected", errors=(", ".join(others), "、".join(others)))
        if 0 < len(others) < len(rows)
        else silent,
    )


def _spread(rows: pd.DataFrame) -> Pair | None:
    """Largest against smallest standard error; nothing with fewer than two of them."""
    ordered = rows.dropna(subset=["se"]).sort_values("se")
    if len(ordered) < 2:
        return None
    smallest, largest = ordered.iloc[0], ordered.iloc[-1]
    return WORDS.pair(
        "sentence.spread",
        largest=str(largest["covariance"]),
        smallest=str(smallest["covariance"]),
        times=format_number(largest["se"] / smallest["se"], 1),
    )
