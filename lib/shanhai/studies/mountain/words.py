"""Sentences of notebook 02, every number computed."""

from collections.abc import Sequence

import pandas as pd

from shanhai.claims.quantities import LONGGANG_KM2, PUBLISHED_KM2, held_by_the_26, surveyed_land_of_the_26
from shanhai.data.vintage import Vintage
from shanhai.render.maps.topics import Topic
from shanhai.render.numbers import format_number, format_percent
from shanhai.render.style import check_language, label
from shanhai.studies.mountain.analysis import Contrast
from shanhai.studies.mountain.design import WORDS
from shanhai.studies.mountain.tables import contrast_cells


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
    return label(language, english, chinese, joint="\n")


def border_text(frame: pd.DataFrame, language: str = "en") -> str:
    """How many of the 26, and of the other counties, share an edge with another province."""
    check_language(language)
    inside, known = frame["is_mountain_26"].astype(bool), frame["on_border"].notna()
    border = frame["on_border"].astype("boolean").fillna(False).astype(bool)
    groups = {"ours": inside & known, "others": ~inside & known}
    counts = {name: group.sum() for name, group in groups.items()}
    counts |= {f"{name}_on_border": (border & group).sum() for name, group in groups.items()}
    counts["unknown"] = (~known).sum()
    return WORDS("border", language, joint="\n", **{name: str(count) for name, count in counts.items()})


def contrast_text(contrasts: Sequence[tuple[Topic, Contrast]], language: str = "en") -> str:
    """One sentence a topic: medians of the 26 and of the other counties, and the ends of the 26.

    Raises
    ------
    ParameterError
        If the language is unknown.
    """
    check_language(language)
    names = ("ours", "others", "low", "high", "counted")
    lines = []
    for topic, found in contrasts:
        sides = zip(*(contrast_cells(found, topic, side) for side in ("en", "zh")), strict=True)
        titles = topic.title("en"), topic.title("zh")
        lines.append(WORDS("contrast", language, joint="\n", topic=titles, **dict(zip(names, sides, strict=True))))
    return "\n".join(lines)
