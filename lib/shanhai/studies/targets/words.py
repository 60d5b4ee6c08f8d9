"""What stands between the mountain counties and the targets of 2025, in sentences; every number computed."""

from collections.abc import Mapping

import pandas as pd

from shanhai.render.numbers import format_number, format_percent
from shanhai.render.words import Words, paragraph
from shanhai.studies.targets.analysis import Followed
from shanhai.studies.targets.design import GROUP

WORDS = Words.beside(__file__)
"""Words of this study."""

NOTEBOOK = Words.beside(__file__, "notebook.toml")
"""Standing prose of notebook 09."""


_PER_BILLION = 10
"""Hundred millions of yuan, in which Chinese counts, to the billion."""


def answer(gdp: Followed, urban: Followed, errors: pd.Series, language: str = "en") -> str:
    """Where the 26 together stand on the way to both targets, and how far such a projection has erred before.

    Parameters
    ----------
    gdp, urban : Followed
    errors : Series
        From ``backtest_errors``.
    language : str
    """
    row, spec, towns = gdp.of(GROUP), gdp.spec, urban.of(GROUP)
    now, year = format_percent(row["last"]), str(row["last_year"])
    doubt = WORDS.pair("answer.doubt", typical=_errors(errors)["typical"])
    if row["state"] in ("met", "missed"):
        past = WORDS.pair("answer.past", now=now, year=year, verdict=WORDS.pair(f"state.{row['state']}"))
        return paragraph([past, doubt], language)
    where = WORDS.pair(
        "answer.gdp",
        now=now,
        year=year,
        start=format_percent(gdp.earlier_level(GROUP, "residents", spec.pace_from)),
        since=str(spec.pace_from),
        target=format_number(spec.target),
        goal=str(spec.year),
        needed=format_percent(row["needed"]),
        pace=format_percent(row["pace"], signed=True),
    )
    ahead = WORDS.pair(
        "answer.range",
        reach=WORDS.pair(f"answer.reach.{'yes' if row['projected_high'] >= spec.target else 'no'}"),
        high=format_percent(row["projected_high"]),
        urban_now=format_percent(towns["last"]),
        urban_year=str(towns["last_year"]),
        urban_ahead=format_percent(towns["projected"]),
        urban_goal=str(urban.spec.year),
        urban_low=format_percent(towns["projected_low"]),
        urban_high=format_percent(towns["projected_high"]),
        urban_target=format_number(urban.spec.target),
    )
    return paragraph([where, ahead, doubt], language)


def nation_text(nation: Mapping[str, float], gdp: Followed, growth: float, language: str = "en") -> str:
    """How far the 26 are from the country, and what the announced growth would take.

    Parameters
    ----------
    nation : mapping
        From ``nation_gap``.
    gdp : Followed
    growth : float
        Growth of GDP per head that the magazine announces, percent a year.
    language : str
    """
    sentence = WORDS.pair(
        "nation",
        level=format_percent(nation["level"]),
        needed=format_percent(nation["needed"]),
        growth=format_percent(growth),
        most=format_percent(gdp.fastest_reference(growth)),
    )
    return paragraph([sentence], language)


def counties_text(gdp: Followed, urban: Followed, language: str = "en") -> str:
    """How many counties are above, on course and too slow, for both targets."""
    return paragraph([WORDS.pair("counties", **_counts(gdp, "gdp"), **_counts(urban, "urban"))], language)


def _counts(followed: Followed, name: str) -> dict[str, str]:
    states = followed.table.loc[followed.table["unit"].ne(GROUP), "state"]
    kinds = {"above": ["above", "met"], "course": ["on course"], "slow": ["too slow", "missed", "no pace"]}
    return {f"{name}_{kind}": str(states.isin(inside).sum()) for kind, inside in kinds.items()}


def backtest_text(errors: pd.Series, language: str = "en") -> str:
    """How far the rule would have erred before: the pace of 2001-2011 carried on to 2021, over registered persons.

    Parameters
    ----------
    errors : Series
        From ``backtest_errors``.
    language : str
    """
    return paragraph([WORDS.pair("backtest", **_errors(errors))], language)


def _errors(errors: pd.Series) -> dict[str, str]:
    own = errors.drop(GROUP)
    return {
        "count": str(len(own)),
        "typical": format_number(own.abs().median(), 1),
        "worst": format_number(own.abs().max(), 1),
        "group": format_number(errors[GROUP], 1, signed=True),
    }


def gdp_level_text(levels: pd.DataFrame, language: str = "en") -> str:
    """Targets for the GDP of one county, from ``gdp_level_targets``."""
    sentences = [
        WORDS.pair(
            "gdp_level",
            target=(row["english"], row["chinese"]),
            now=(format_number(row["now"] / _PER_BILLION, 2), format_number(row["now"], 1)),
            needed=format_percent(row["needed"]),
            goal=(format_number(row["value"] / _PER_BILLION), format_number(row["value"])),
            year=str(row["year"]),
        )
        for row in levels.to_dict("records")
    ]
    return paragraph(sentences, language)


def later_text(progress: pd.DataFrame, missing: pd.DataFrame, given: int, language: str = "en") -> str:
    """How many later figures there are, and which of them cannot be used until another is added.

    Parameters
    ----------
    progress : of :func:`shanhai.studies.targets.analysis.later_progress`.
    missing : of :func:`shanhai.studies.targets.analysis.missing_halves`.
    given : rows of the later figures.
    language : str
    """
    if not given:
        return paragraph([WORDS.pair("later.none")], language)
    rows = [
        WORDS.pair("later.missing", figure=row["missing"], code=row["code"], year=str(row["year"]))
        for row in missing.to_dict("records")
    ]
    listed = ("; ".join(en for en, _ in rows), "；".join(zh for _, zh in rows)) if rows else WORDS.pair("later.nothing")
    sentence = WORDS.pair("later.given", given=str(given), rows=str(len(progress)), missing=listed)
    return paragraph([sentence], language)
