"""The table and the sentence on counties without GDP."""

from math import expm1

import pandas as pd

from shanhai.methods.records import EstimateRecord, estimates_of
from shanhai.render.errors import error_words
from shanhai.render.numbers import format_number, format_percent
from shanhai.render.style import label
from shanhai.render.tables import Column, TableSpec, build_table, interval, labelled, p_values
from shanhai.render.words import Pair, paragraph
from shanhai.studies.border.design import MODELS
from shanhai.studies.border.missing import READINGS
from shanhai.studies.border.words import WORDS, outcome_label, term_label

_ENDS = ("low", "high", "from", "to")


def _values(rows: pd.DataFrame, language: str) -> list[str]:
    """One number, or the ends of a set."""
    shown = [[format_number(value, 3) for value in ends] for ends in rows[["low", "high"]].to_numpy()]
    return [low if low == high else label(language, f"from {low} to {high}", f"自{low}至{high}") for low, high in shown]


_COLUMNS = (
    Column(
        "term",
        ("term", "变量"),
        source=lambda rows, language: [label(language, *term_label(name)) for name in rows["term"]],
    ),
    Column(
        "reading",
        ("treatment of counties without GDP", "缺GDP县的处理方式"),
        source=labelled("reading", WORDS.labels("reading")),
    ),
    Column("estimate", ("estimate", "估计值"), source=_values),
    Column("interval", ("95% interval", "95%置信区间"), source=interval("from", "to")),
    Column("p", ("p", "p值"), source=p_values("p")),
    Column("filled", ("filled in", "填补数")),
    Column("n", ("counties", "县数")),
)


def missing_table(
    readings: pd.DataFrame, ends: tuple[float, float], held: tuple[float, int], imputations: int, language: str = "en"
) -> TableSpec:
    """Print what ``missing_readings`` returns.

    Parameters
    ----------
    readings : DataFrame
    ends : pair of float
        Range of a missing GDP per head in yuan, from ``gdp_range``.
    held : share and number
        Districts with a figure for which the monotone reading holds, from ``monotone_share``.
    imputations : int
    language : str
    """
    first = readings.iloc[0]
    notes = WORDS(
        "note.missing",
        language,
        sample=(str(first["sample"]), str(first["sample_translation"])),
        outcome=outcome_label(first["outcome"]),
        errors=error_words(first["vcov"]),
        least=format_number(round(ends[0], -2)),
        most=format_number(round(ends[1], -2)),
        share=format_percent(100 * held[0], 0),
        districts=format_number(held[1]),
        imputations=str(imputations),
        missing_share=format_percent(100 * readings["missing_share"].max(), 1),
    )
    return build_table(readings, _COLUMNS, language, WORDS.pair("caption.missing"), (notes,), _records(readings))


def _records(readings: pd.DataFrame) -> tuple[EstimateRecord, ...]:
    """Results of the readings, of bounds both ends; the main column is the regression that it is everywhere."""
    main = MODELS["main"].label
    rows = readings.assign(model=[main if key == "observed" else f"{main}, {key}" for key in readings["reading"]])
    bounded = rows["se"].isna()
    records: list[EstimateRecord] = []
    for shown, end, estimand in (
        (rows[~bounded], "low", "coefficient"),
        (rows[bounded], "low", "lowest value"),
        (rows[bounded], "high", "highest value"),
    ):
        method = "" if estimand == "coefficient" else "interval of Imbens and Manski"
        ends = shown.drop(columns=["low", "high"]).rename(columns={"from": "low", "to": "high"})
        records += estimates_of(ends, estimate=shown[end], estimand=estimand, method=method)
    return tuple(records)


def missing_sentence(readings: pd.DataFrame, who: pd.DataFrame, language: str = "en") -> str:
    """Who has no GDP, and what each reading leaves of the border difference at mean terrain, in percent.

    Parameters
    ----------
    readings : DataFrame
        From ``missing_readings``.
    who : DataFrame
        From ``who_is_missing``, of the same sample.
    language : str
    """
    rows = readings[readings["term"] == "on_border"].set_index("reading")
    sample = str(readings["sample"].iloc[0]), str(readings["sample_translation"].iloc[0])
    missing = who.loc["missing"]
    if not missing["counties"]:
        return paragraph([WORDS.pair("sentence.missing_sign.none", sample=sample)], language)
    sentence = WORDS.pair(
        "sentence.missing",
        sample=sample,
        missing=format_number(missing["counties"]),
        all=format_number(who["counties"].sum()),
        districts=format_percent(missing["district_pct"], 0),
        border=format_percent(missing["border_pct"], 0),
        border_known=format_percent(who.loc["known", "border_pct"], 0),
        **{reading: _amount(*(float(rows[end][reading]) for end in _ENDS)) for reading in READINGS},
        verdict=WORDS.pair(f"sentence.missing_sign.{_sign(rows)}"),
    )
    return paragraph([sentence], language)


def _amount(*ends: float) -> Pair:
    """A difference in percent with its interval, or the set of differences with its own; ends as in ``_ENDS``."""
    low, high, start, end = (format_percent(100 * expm1(value), signed=True) for value in ends)
    held = f"[{start}, {end}]"
    amount = f"{low} {held}"
    return (amount, amount) if ends[0] == ends[1] else (f"{low} to {high} {held}", f"{low}至{high} {held}")


def _sign(rows: pd.DataFrame) -> str:
    """Key of the sentence on the sign: what is needed for the bounds to have one."""

    def same(reading: str, *ends: str) -> bool:
        first, second = (float(rows[end][reading]) for end in ends)
        return first * second > 0

    answers = {
        "any": same("extremes", "from", "to"),
        "monotone": same("monotone", "from", "to"),
        "any_values": same("extremes", "low", "high"),
        "monotone_values": same("monotone", "low", "high"),
    }
    return next((key for key, holds in answers.items() if holds), "open")
