"""Words of the worked example, from ``words.toml`` and ``notebook.toml``: what two years say of one border."""

from collections.abc import Sequence
from math import expm1

import pandas as pd

from shanhai.core.places import Place
from shanhai.methods.estimate import SIGNIFICANCE, Estimate
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import Variable
from shanhai.render.numbers import format_interval, format_number, format_percent, state_p_value
from shanhai.render.words import Pair, Words, paragraph

WORDS = Words.beside(__file__)

NOTEBOOK = Words.beside(__file__, "notebook.toml")
"""Standing prose of notebook 15."""

TERM = "along"
"""Column of counties along the border, and its coefficient."""


def names_of(places: Sequence[Place]) -> tuple[Pair, ...]:
    """Short names of places, in English and Chinese."""
    return tuple((place.short_en, place.short_zh) for place in places)


def border_answer(
    fits: Sequence[FitResult],
    counties: pd.DataFrame,
    places: Sequence[Place],
    years: tuple[int, int],
    language: str = "en",
) -> str:
    """What the regressions say of counties along one border in two years, and of the change.

    Parameters
    ----------
    fits : sequence of three FitResult
        Log light of the earlier and of the later year, and its change, each on ``along``.
    counties : DataFrame
        What the regressions were fitted on, with ``along``.
    places : sequence of two Place
        The provinces on either side.
    years : pair of int
    language : str
    """
    earlier, later, change = (fit.estimate(TERM) for fit in fits)
    home, neighbour = names_of(places)
    used = counties.dropna(
        subset=[
            TERM,
            *(term.column for term in fits[0].spec.terms if isinstance(term, Variable)),
            fits[2].spec.outcome.column,
        ]
    )
    along, interior = (format_number(int(used[TERM].eq(side).sum())) for side in (True, False))
    main = WORDS.pair(
        "answer.main",
        later=str(years[1]),
        earlier=str(years[0]),
        home=home,
        neighbour=neighbour,
        along=along,
        interior=interior,
        now=_difference(later),
        now_interval=_percent_interval(later),
        then=_difference(earlier),
        then_interval=_percent_interval(earlier),
    )
    changed = WORDS.pair(
        f"answer.change.{'significant' if change.p < SIGNIFICANCE else 'open'}",
        change=format_number(change.value, 3, signed=True),
        interval=format_interval(*change.interval()),
        p=state_p_value(change.p),
    )
    return paragraph([main, changed, WORDS.pair("answer.doubt", along=along)], language)


def _difference(log_points: Estimate) -> Pair:
    """A difference of logarithms in percent."""
    size = expm1(log_points.value) * 100
    return WORDS.pair(f"answer.side.{'less' if size < 0 else 'more'}", amount=format_percent(abs(size)))


def _percent_interval(log_points: Estimate) -> str:
    """The interval of a difference of logarithms, in percent."""
    low, high = (format_percent(expm1(bound) * 100) for bound in log_points.interval())
    return f"[{low}, {high}]"
