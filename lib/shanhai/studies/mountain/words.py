"""Sentences of notebook 02, every number computed."""

from collections.abc import Sequence

import pandas as pd

from shanhai.claims.quantities import LONGGANG_KM2, PUBLISHED_KM2, held_by_the_26, surveyed_land_of_the_26
from shanhai.data.vintage import Vintage
from shanhai.render.maps.topics import Topic
from shanhai.render.numbers import format_number, format_percent
from shanhai.render.style import check_language
from shanhai.render.words import Pair, Words, paragraph
from shanhai.studies.mountain.analysis import Contrast
from shanhai.studies.mountain.design import WORDS

NOTEBOOK = Words.beside(__file__, "notebook.toml")
"""Standing prose of notebook 02."""


def share_text(frame: pd.DataFrame, residents: float, years: Vintage, language: str = "en") -> str:
    """How many counties of each kind, and their share of the province's land and residents.

    Parameters
    ----------
    frame : DataFrame
        All counties of the province, with ``mountain_kind``.
    residents : float
        Of the province at the census, those of development zones included, whom the census assigns to no county.
    years : Vintage
    language : str

    Raises
    ------
    ParameterError
        If the language is unknown.
    """
    check_language(language)
    inside = frame["is_mountain_26"].astype(bool)
    kinds = frame.loc[inside, "mountain_kind"]
    counts = {
        "count": inside.sum(),
        "counties": len(frame),
        "key": kinds.str.endswith("-key").sum(),
        **{kind: kinds.str.startswith(kind).sum() for kind in ("leapfrog", "ecological")},
    }
    pair = WORDS.pair(
        "share",
        **{name: str(count) for name, count in counts.items()},
        land=format_percent(held_by_the_26(frame, "area_km2")),
        surveyed=format_percent(surveyed_land_of_the_26(frame), 2),
        square=format_number(PUBLISHED_KM2[0][0]),
        longgang=format_number(LONGGANG_KM2),
        people=format_percent(held_by_the_26(frame, years.column("population"), residents)),
        census=str(years.census),
    )
    lines = [pair]
    unmeasured = frame[frame["area_km2"].isna()]
    if len(unmeasured):
        names = ", ".join(unmeasured["name_en"]), "、".join(unmeasured["name_zh"])
        lines.append(WORDS.pair("share_unmeasured", names=names))
    english, chinese = ("\n".join(texts) for texts in zip(*lines, strict=True))
    return paragraph([(english, chinese)], language)


def _border_counts(frame: pd.DataFrame) -> dict[str, str]:
    """Counties whose border is known, and those on one, of the 26 and of the others."""
    inside, known = frame["is_mountain_26"].astype(bool), frame["on_border"].notna()
    border = frame["on_border"].astype("boolean").fillna(False).astype(bool)
    groups = {"ours": inside & known, "others": ~inside & known}
    counts = {name: group.sum() for name, group in groups.items()}
    counts |= {f"{name}_on_border": (border & group).sum() for name, group in groups.items()}
    return {name: str(count) for name, count in counts.items()}


def answer(
    frame: pd.DataFrame, contrasts: Sequence[tuple[Topic, Contrast]], years: Vintage, language: str = "en"
) -> str:
    """How the 26 differ from the other counties in wealth, land and people, and where they lie.

    Parameters
    ----------
    frame : DataFrame
        All counties of the province.
    contrasts : sequence of Topic and Contrast
        With GDP per head, ruggedness, distance to the border, share of the old and urban share among them.
    years : Vintage
    language : str
    """
    found = {topic.column: (topic, contrast) for topic, contrast in contrasts}
    column = years.column("gdp_per_capita")
    gdp = found[column][1]
    ends = {name: _end(row, column) for name, row in (("low", gdp.low), ("high", gdp.high))}
    wealth = {"ours": format_number(gdp.ours), "others": format_number(gdp.others), "n": format_number(gdp.counted[1])}
    numbers: dict[str, str] = {}
    for name, column in (
        ("rugged", "ruggedness"),
        ("km", "distance_to_border_km"),
        ("old", years.column("share_60_plus")),
        ("urban", years.column("urban_share")),
    ):
        topic, contrast = found[column]
        numbers[name], numbers[f"{name}_others"] = (
            format_number(median, max(topic.digits, 0)) for median in (contrast.ours, contrast.others)
        )
    counts = _border_counts(frame)
    numbers |= {"on_border": counts["ours_on_border"], "known": counts["ours"]}
    numbers |= {"others_on_border": counts["others_on_border"], "others_known": counts["others"]}
    sentences = [
        WORDS.pair("answer.wealth", year=str(years.gdp), **wealth, **ends),
        WORDS.pair("answer.land", **numbers),
        WORDS.pair("answer.doubt", year=str(years.gdp), census=str(years.census)),
    ]
    return paragraph(sentences, language)


def _end(row: pd.Series, column: str) -> Pair:
    """Value of a county with its name."""
    return WORDS.pair("answer.end", value=format_number(row[column]), name=(str(row["name_en"]), str(row["name_zh"])))
