"""What stands between the mountain counties and the targets of 2025, in sentences; every number computed."""

from collections.abc import Mapping

import pandas as pd

from shanhai.render.numbers import format_number, format_percent
from shanhai.render.words import Words
from shanhai.studies.targets.analysis import Followed
from shanhai.studies.targets.design import GROUP

WORDS = Words.beside(__file__)
"""Words of this study."""


def answer(gdp: Followed, language: str = "en") -> str:
    """Where the 26 together stand on the way to the target of GDP per head."""
    row, spec = gdp.of(GROUP), gdp.spec
    now, year = format_percent(row["last"]), str(row["last_year"])
    if row["state"] in ("met", "missed"):
        verdict = WORDS(f"state.{row['state']}", language)
        return WORDS("summary.past", language, now=now, year=year, verdict=verdict)
    return WORDS(
        "summary.gdp",
        language,
        joint="\n",
        now=now,
        year=year,
        start=format_percent(gdp.earlier_level(GROUP, "residents", spec.pace_from)),
        since=str(spec.pace_from),
        target=format_number(spec.target),
        goal=str(spec.year),
        needed=format_percent(row["needed"], signed=True),
        pace=format_percent(row["pace"], signed=True),
        reach=WORDS.pair(f"summary.reach.{'yes' if row['projected_high'] >= spec.target else 'no'}"),
        low=format_percent(row["projected_low"]),
        high=format_percent(row["projected_high"]),
    )


def summary_text(
    gdp: Followed, urban: Followed, nation: Mapping[str, float], growth: float, language: str = "en"
) -> str:
    """What else stands between the 26 and the two targets: the country, the urban share, and county by county.

    Parameters
    ----------
    gdp, urban : Followed
    nation : of :func:`shanhai.studies.targets.analysis.nation_gap`.
    growth : growth of GDP per head that the magazine announces, percent a year.
    language : str
    """
    conflict = WORDS(
        "summary.nation",
        language,
        joint="\n",
        level=format_percent(nation["level"]),
        needed=format_percent(nation["needed"], signed=True),
        growth=format_percent(growth),
        most=format_percent(gdp.fastest_reference(growth)),
    )
    counts = _counts(gdp, "gdp") | _counts(urban, "urban")
    counties = WORDS("summary.counties", language, joint="\n", **counts)
    return "\n".join([conflict, _urban_sentence(urban, language), counties])


def _urban_sentence(urban: Followed, language: str) -> str:
    row, spec = urban.of(GROUP), urban.spec
    return WORDS(
        "summary.urban",
        language,
        joint="\n",
        now=format_percent(row["last"]),
        year=str(row["last_year"]),
        needed=format_number(row["needed"], 2),
        pace=format_number(row["pace"], 2),
        ahead=format_percent(row["projected"]),
        goal=str(spec.year),
        low=format_percent(row["projected_low"]),
        high=format_percent(row["projected_high"]),
        target=format_number(spec.target),
        state=WORDS(f"state.{row['state']}", language),
    )


def _counts(followed: Followed, name: str) -> dict[str, str]:
    states = followed.table.loc[followed.table["unit"].ne(GROUP), "state"]
    kinds = {"above": ["above", "met"], "course": ["on course"], "slow": ["too slow", "missed", "no pace"]}
    return {f"{name}_{kind}": str(states.isin(inside).sum()) for kind, inside in kinds.items()}


def backtest_text(errors: pd.Series, language: str = "en") -> str:
    """How far the rule would have erred before: the pace of 2001-2011 carried on to 2021, over registered persons.

    Parameters
    ----------
    errors : of :func:`shanhai.studies.targets.analysis.backtest_errors`.
    language : str
    """
    own = errors.drop(GROUP)
    return WORDS(
        "backtest",
        language,
        joint="\n",
        count=str(len(own)),
        typical=format_number(own.abs().median(), 1),
        worst=format_number(own.abs().max(), 1),
        group=format_number(errors[GROUP], 1, signed=True),
    )


def gdp_level_text(levels: pd.DataFrame, language: str = "en") -> str:
    """Targets for the GDP of one county, of :func:`shanhai.studies.targets.analysis.gdp_level_targets`."""
    return "\n".join(
        WORDS(
            "gdp_level",
            language,
            joint="\n",
            target=(row["english"], row["chinese"]),
            now=format_number(row["now"], 1),
            needed=format_percent(row["needed"]),
            goal=format_number(row["value"]),
            year=str(row["year"]),
        )
        for row in levels.to_dict("records")
    )


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
        return WORDS("later.none", language, joint="\n")
    rows = [
        WORDS.pair("later.missing", figure=row["missing"], code=row["code"], year=str(row["year"]))
        for row in missing.to_dict("records")
    ]
    listed = ("; ".join(en for en, _ in rows), "；".join(zh for _, zh in rows)) if rows else WORDS.pair("later.nothing")
    return WORDS("later.given", language, joint="\n", given=str(given), rows=str(len(progress)), missing=listed)
