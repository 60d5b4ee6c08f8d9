"""Words of the spatial check, from ``words.toml`` and ``notebook.toml``, and what they say of one coefficient."""

import re
from collections.abc import Sequence

import pandas as pd

from shanhai.methods.estimate import SIGNIFICANCE
from shanhai.methods.spatial import SpatialOverview
from shanhai.methods.spec import RegressionSpec
from shanhai.render.errors import error_words
from shanhai.render.numbers import format_interval, format_number, state_p_value
from shanhai.render.words import Pair, Words, listed, paragraph
from shanhai.studies.border.words import outcome_words, place_words, term_label

WORDS = Words.beside(__file__)

NOTEBOOK = Words.beside(__file__, "notebook.toml")
"""Standing prose of notebook 12."""

_FEW = 3
"""Most methods that a sentence names one by one."""


def spatial_answer(
    methods: pd.DataFrame, overview: SpatialOverview, spec: RegressionSpec, term: str, language: str = "en"
) -> str:
    """Under how many methods of inference a coefficient is significant, and what spatial models make of it.

    Parameters
    ----------
    methods : DataFrame
        Rows of ``compare_covariances`` and ``compare_resampling``.
    overview : SpatialOverview
        Of the same regression.
    spec : RegressionSpec
        Of a sample of the border study.
    term : str
        One of the terms that the regression is about.
    language : str
    """
    rows = methods[methods["term"] == term]
    kept = rows["p"] < SIGNIFICANCE
    outcome, year = outcome_words(spec)
    digits = format_number(rows["estimate"].iloc[0], 3)
    main = WORDS.pair(
        "answer.main",
        place=place_words(spec),
        year=year,
        estimand=WORDS.pair(f"estimand.{term}", outcome=outcome),
        size=WORDS.pair(f"unit.{'log' if spec.outcome.transform == 'log' else 'level'}", n=digits),
        count=format_number(int(kept.sum())),
        total=format_number(len(rows)),
        others=_others(rows[~kept], len(rows)),
    )
    moran = overview.moran
    residuals = WORDS.pair(
        "answer.residuals",
        correlated=WORDS.pair(f"answer.correlated.{'yes' if moran.p_permutation < SIGNIFICANCE else 'no'}"),
        moran=format_number(moran.statistic, 3),
        p=state_p_value(moran.p_permutation),
        error=_shown(overview.coefficients, term, model="error"),
        durbin=_shown(overview.effects, term, model="durbin", impact="total"),
    )
    return paragraph([main, residuals, WORDS.pair("answer.doubt")], language)


def _others(rows: pd.DataFrame, total: int) -> Pair:
    """Methods under which the coefficient is not significant, where they are few."""
    if not 0 < len(rows) <= _FEW or len(rows) == total:
        return "", ""
    names = [
        WORDS.pair("answer.method", name=error_words(method), p=state_p_value(p))
        for method, p in zip(rows["covariance"], rows["p"], strict=True)
    ]
    return WORDS.pair("answer.others", names=listed(names))


def _shown(table: pd.DataFrame, term: str, **wanted: str) -> str:
    """The one row of a table of an overview that belongs to a term and these keys, with its interval."""
    (row,) = table[(table[["term", *wanted]] == [term, *wanted.values()]).all(axis=1)].itertuples()
    return f"{format_number(row.estimate, 3)} {format_interval(row.low, row.high, 3)}"


def question_words(term: str) -> Pair:
    """What a coefficient says, in the question of the notebook."""
    return WORDS.pair(f"short.{term}")


def covariance_sentences(compared: pd.DataFrame, terms: Sequence[str], language: str = "en") -> str:
    """How far the standard errors of coefficients lie apart, and how many of the tests reject zero at 5 %."""
    sentences = [_covariance_sentence(compared[compared["term"] == term], term) for term in terms]
    english, chinese = ("\n\n".join(sentence[side] for sentence in sentences) for side in (0, 1))
    return paragraph([(english, chinese)], language)


def _covariance_sentence(rows: pd.DataFrame, term: str) -> Pair:
    others = [error_words(name) for name in rows.loc[rows["p"] >= SIGNIFICANCE, "covariance"]]
    silent: Pair = ("", "")
    return WORDS.pair(
        "sentence.rejections",
        term=term_label(term),
        spread=_spread(rows) or silent,
        count=format_number(int((rows["p"] < SIGNIFICANCE).sum())),
        total=format_number(len(rows)),
        others=WORDS.pair("sentence.not_rejected", errors=listed(others)) if 0 < len(others) < len(rows) else silent,
    )


def _spread(rows: pd.DataFrame) -> Pair | None:
    """Largest against smallest standard error; nothing with fewer than two of them."""
    ordered = rows.dropna(subset=["se"]).sort_values("se")
    if len(ordered) < 2:
        return None
    smallest, largest = ordered.iloc[0], ordered.iloc[-1]
    return WORDS.pair(
        "sentence.spread",
        largest=error_words(largest["covariance"]),
        smallest=error_words(smallest["covariance"]),
        times=format_number(largest["se"] / smallest["se"], 1),
    )


def rule_words(rule: str) -> Pair:
    """A rule of neighbourhood in words; one without words stays as it is.

    Examples
    --------
    >>> rule_words("6 nearest")[0]
    'the 6 nearest counties'
    """
    found = re.fullmatch(r"(\d+) nearest", rule)
    return WORDS.pair("rule.nearest", k=found[1]) if found else (rule, rule)
