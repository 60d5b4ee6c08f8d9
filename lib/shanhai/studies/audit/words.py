"""Whether the figures can be trusted, in sentences that follow the numbers."""

import re

import pandas as pd

from shanhai.data.years import NEWEST
from shanhai.render.numbers import format_interval, format_number, format_percent
from shanhai.render.words import Pair, Words, listed, paragraph

WORDS = Words.beside(__file__)
"""Words of this study."""

NOTEBOOK = Words.beside(__file__, "notebook.toml")
"""Standing prose of notebook 01."""


def answer(
    overview: pd.DataFrame,
    kinds: pd.DataFrame,
    overall: pd.DataFrame,
    effects: pd.DataFrame,
    flags: pd.DataFrame,
    language: str = "en",
) -> str:
    """How many figures are corrected, what that does to the main estimate, and what stays in doubt.

    Parameters
    ----------
    overview, kinds, overall, effects, flags : DataFrame
        From ``table_overview``, ``summarise_kinds``, ``overall_effects``, ``correction_effects`` and ``load_flags``.
    language : str
    """
    tables, figures = overview[overview["published"] > 0], kinds[kinds["kind"] != "name"]
    published, cells = tables["published"].sum(), figures["cells"].sum()
    rows = {row["without"]: row for row in overall.to_dict("records")}
    main, uncorrected = rows["main"], rows["uncorrected"]
    change = main["estimate"] - uncorrected["estimate"]
    of_units = effects.loc[effects["rule"].eq("gdp-unit"), "effect"].sum()
    kept = flags[flags["table"].isin(tables["table"]) & ~flags["flag"].str.endswith("_unit_corrected")]
    doubted = kept.drop_duplicates(["table", "code", "column"])
    years = re.findall(r"\d{4}", " ".join(tables["years"]))
    sentences = [
        WORDS.pair(
            "answer.figures",
            figures=format_number(published),
            first=min(years),
            last=max(years),
            corrected=format_number(cells),
            share=format_percent(100 * cells / published),
            blanks=format_number(figures.loc[figures["kind"].eq("blank"), "cells"].sum()),
        ),
        WORDS.pair(
            "answer.effect" if change else "answer.no_effect",
            year=str(NEWEST),
            uncorrected=format_number(uncorrected["estimate"], 3),
            uncorrected_interval=format_interval(uncorrected["low"], uncorrected["high"]),
            main=format_number(main["estimate"], 3),
            main_interval=format_interval(main["low"], main["high"]),
            units=format_percent(100 * of_units / change if change else float("nan"), 0),
        ),
        WORDS.pair(
            "answer.doubt",
            flags=format_number(len(doubted)),
            doubtful=format_number(rows["doubtful"]["counties"]),
            certain=format_number(rows["doubtful"]["estimate"], 3),
        ),
    ]
    return paragraph(sentences, language)


def nation_text(national: pd.DataFrame, language: str = "en") -> str:
    """Population of the country in print, and added up, by census (``national_population``)."""
    return paragraph(
        (
            WORDS.pair(
                "nation.differs" if row["difference"] else "nation.one",
                year=row["table"][-4:],
                published=format_number(row["published"]),
                counties=format_number(row["counties"]),
                zones=format_number(row["zones"]),
                **({"difference": format_number(row["difference"])} if row["difference"] else {}),
            )
            for row in national.to_dict("records")
        ),
        language,
    )


def polygons_text(missing: pd.DataFrame, near: pd.DataFrame, km: float, language: str = "en") -> str:
    """Counties without a polygon, and those within ``km`` of another province that are not on its border."""
    return paragraph(
        (
            WORDS.pair(
                "polygons",
                count=str(len(missing)),
                people=format_number(missing["population_2020"].sum()),
                names=_names(missing),
            ),
            WORDS.pair("near", count=str(len(near)), km=format_number(km), names=_names(near)),
        ),
        language,
    )


def unions_text(ratios: pd.Series, language: str = "en") -> str:
    """Population of 2020 over that of 2010 by union of units (``sum_over_unions``)."""
    quantiles = {"least": 0.0, "low": 0.05, "median": 0.5, "high": 0.95, "most": 1.0}
    known = ratios.dropna()
    values = {name: format_number(known.quantile(share), 2) for name, share in quantiles.items()}
    return paragraph([WORDS.pair("unions", unions=format_number(len(known)), **values)], language)


def _names(rows: pd.DataFrame) -> Pair:
    return listed(zip(rows["name_en"], rows["name_zh"], strict=True), (", ", "、"))
