"""Sentences of the convergence notebook: what the numbers say, in words that follow the numbers."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from shanhai.data.frames.lights import SENSOR_BREAK
from shanhai.methods.convergence.clubs import Clubs
from shanhai.render.numbers import format_interval, format_number, format_p_value
from shanhai.render.style import label
from shanhai.render.words import Pair, Words, listed
from shanhai.studies.convergence.design import DARK_RULES
from shanhai.studies.convergence.elsewhere import Elsewhere

WORDS = Words.beside(__file__)

MEASURES = WORDS.labels("measures")
"""Measures by key."""

SAMPLES = WORDS.labels("samples")
"""Samples by key."""

_LIGHT, _GDP = "lights_per_head", "gdp_per_head"

_Span = tuple[pd.DataFrame, int, int, Pair, str]
"""Path by year, first and last year, measure, and the measure whose unit distances have."""


def seam_sentence(size: Mapping[str, float], language: str = "en") -> str:
    """What ``seam_size`` says of the seam between the sensors, beside an ordinary year."""
    growth, usual_growth = (format_number(100 * np.expm1(size[key]), signed=True) for key in ("growth", "usual_growth"))
    step, usual = format_number(size["step"], 2, signed=True), format_number(size["usual"], 2)
    return _line("seam", language, growth=growth, usual_growth=usual_growth, step=step, usual=usual)


def answer(paths: Mapping[str, pd.DataFrame], beside: Elsewhere, language: str = "en") -> str:
    """How the 26 moved against the rest of Zhejiang by light since the sensors changed, and by GDP in the last decade,
    in percent and in distance; how others rose, and in which years everything jumps.

    Parameters
    ----------
    paths : mapping
        ``lights_per_head`` and ``gdp_per_head``, both from ``relative_position``.
    beside : Elsewhere
    language : str
    """
    answered, _ = _spans(paths)
    sentences = [*(_moved(*span) for span in answered), _rises_elsewhere(beside), _steps(beside)]
    return "\n".join(label(language, *sentence, joint="\n") for sentence in sentences)


def elsewhere_sentences(beside: Elsewhere, equal: pd.DataFrame, language: str = "en") -> str:
    """Growth from an equal start; the years in which the 26 rose most, and the others; how the comparison was chosen.

    Parameters
    ----------
    beside : Elsewhere
    equal : DataFrame
        From ``equal_start_table``.
    language : str
    """
    table = beside.steps.years
    jumps = [str(year) for year in table.loc[table["step"], "year"]]
    largest = beside.largest_years
    both = [str(year) for year in largest if year in beside.step_years]
    lines = [
        label(language, *_equal_start(equal), joint="\n"),
        _line(
            "elsewhere.largest",
            language,
            years=_named(largest),
            carried=format_number(beside.carried(largest), 1),
            rise=format_number(beside.rise_of_the_26, 1),
            common=_named(both) if both else WORDS.pair("elsewhere.none"),
        ),
        _line("elsewhere.jumps", language, years=_named(jumps) if jumps else WORDS.pair("elsewhere.none")),
        _line("elsewhere.seen", language),
    ]
    return "\n".join(lines)


def _rises_elsewhere(beside: Elsewhere) -> Pair:
    rises, years = beside.rises(beside.main), beside.the_26.index
    low, median, high = (format_number(rises.quantile(at), 1) for at in (0.25, 0.5, 0.75))
    return WORDS.pair(
        "elsewhere.rise",
        first=str(years[0]),
        last=str(years[-1]),
        provinces=str(len(rises)),
        year=str(DARK_RULES[beside.main].year),
        low=low,
        median=median,
        high=high,
        more=str(beside.rank(beside.main) - 1),
    )


def _equal_start(table: pd.DataFrame) -> Pair:
    """The main row of each measure: Zhejiang, nothing else held fixed."""
    rows = _records(table.drop_duplicates("measure"))
    parts = [
        WORDS.pair(
            "elsewhere.equal_measure",
            measure=MEASURES[row["measure"]],
            first=str(row["first"]),
            amount=f"{format_number(row['estimate'], 1, signed=True)} ({format_number(row['se'], 1)})",
            verdict=WORDS.pair(f"elsewhere.equal_verdict.{_side(row)}"),
        )
        for row in rows
    ]
    return WORDS.pair("elsewhere.equal", parts=listed(parts))


def _side(row: Mapping[str, Any]) -> str:
    return "slower" if row["high"] < 0 else "faster" if row["low"] > 0 else "open"


def _steps(beside: Elsewhere) -> Pair:
    years = beside.step_years
    if not years:
        return WORDS.pair("elsewhere.no_step")
    counts = beside.light_steps.years.set_index("year")["above"]
    return WORDS.pair(
        "elsewhere.steps",
        years=_named(years),
        counts=_named(counts[year] for year in years),
        provinces=str(beside.light_steps.places),
        carried=format_number(beside.carried(years), 1),
        rise=format_number(beside.rise_of_the_26, 1),
    )


def _named(numbers: Iterable[int | str]) -> Pair:
    """Years or counts as a list: ``2014, 2017 and 2021``."""
    *first, last = map(str, numbers)
    return f"{', '.join(first)} and {last}" if first else last, "、".join([*first, last])


def position_sentences(paths: Mapping[str, pd.DataFrame], language: str = "en") -> str:
    """How the 26 moved in the other periods, how much of all this is residents moving, and the two prefectures.

    Parameters
    ----------
    paths : mapping
        ``lights_per_head``, ``gdp_per_head`` (both from ``relative_position``), ``prefectures``, and if wanted
        ``same_counties``: light on the counties that have GDP.
    language : str
    """
    answered, others = _spans(paths)
    sentences = [(_moved(*span), _residents("position.residents", *span)) for span in others]
    said = [(f"{moved[0]} {share[0]}", f"{moved[1]}{share[1]}") for moved, share in sentences]
    said += [_residents("position.residents_of", *span) for span in answered]
    lines = [label(language, *pair, joint="\n") for pair in said]
    ratio = paths["prefectures"].set_index("year")["ratio"]
    return "\n".join([*lines, _prefecture_line(ratio, language), _line("position.elsewhere", language)])


def _spans(paths: Mapping[str, pd.DataFrame]) -> tuple[list[_Span], list[_Span]]:
    """The periods that the answer speaks of, and the others."""
    by_year = {key: path.set_index("year") for key, path in paths.items()}
    light, gdp = by_year[_LIGHT], by_year[_GDP]
    first, last = int(light.index.min()), int(light.index.max())
    *earlier, decade = [(gdp, start, end, MEASURES[_GDP], _GDP) for start, end in pairwise(gdp.index)]
    others = [(light, first, SENSOR_BREAK - 1, MEASURES[_LIGHT], _LIGHT), *earlier]
    if "same_counties" in by_year:
        others.append((by_year["same_counties"], SENSOR_BREAK, last, WORDS.pair("position.same_counties"), _LIGHT))
    return [(light, SENSOR_BREAK, last, MEASURES[_LIGHT], _LIGHT), decade], others


def _moved(path: pd.DataFrame, first: int, last: int, measure: Pair, unit: str) -> Pair:
    before, after = (path.loc[[year]].iloc[0] for year in (first, last))
    moved = after["ratio"] - before["ratio"]
    years = path.loc[first:last, "ratio"]
    old, new, points = (format_number(value, 1) for value in (before["ratio"], after["ratio"], abs(moved)))
    within = f" [{format_number(years.min())}%–{format_number(years.max())}%]" if len(years) > 3 else ""
    return WORDS.pair(
        "position.moved",
        measure=measure,
        first=str(first),
        last=str(last),
        group=str(int(after["group"])),
        others=str(int(after["others"])),
        old=old,
        new=new,
        within=within,
        points=points,
        direction=WORDS.pair(f"position.direction.{'closer' if moved > 0 else 'apart'}"),
        distance=_distance(path, first, last, unit),
    )


def _distance(path: pd.DataFrame, first: int, last: int, unit: str) -> Pair:
    """How the others less the 26 moved, in the unit of the measure."""
    old, new = (path["distance"][year] for year in (first, last))
    digits = 0 if unit == _GDP else 1
    return WORDS.pair(
        f"position.distance.{'wider' if new > old else 'narrower'}",
        old=format_number(old, digits),
        new=format_number(new, digits),
        unit=WORDS.pair(f"position.unit.{unit}"),
    )


def _residents(key: str, path: pd.DataFrame, first: int, last: int, measure: Pair, _: str) -> Pair:
    shares = " → ".join(f"{format_number(path.loc[year, 'share_people'], 1)}%" for year in (first, last))
    return WORDS.pair(key, measure=measure, first=str(first), last=str(last), residents=shares)


def _prefecture_line(ratio: pd.Series, language: str) -> str:
    since = ratio[ratio.index >= 2001]
    years = {"first": ratio.index[0], "low_year": ratio.idxmin(), "high_year": since.idxmax(), "last": ratio.index[-1]}
    values = zip(("start", "low", "high", "end"), years.values(), strict=True)
    return _line(
        "position.prefectures",
        language,
        **{name: str(year) for name, year in years.items()},
        **{name: format_number(ratio[year]) for name, year in values},
    )


def beta_sentences(table: pd.DataFrame, language: str = "en") -> str:
    """What the unconditional regressions of Zhejiang say, and whether light and GDP agree on the last decade."""
    rows = _records(table[table["conditions"].eq("none") & table["sample"].eq("zhejiang")])
    lines = [
        _line(
            "beta.regression",
            language,
            measure=MEASURES[row["measure"]],
            years=f"{row['first']}–{row['last']}",
            beta=f"{format_number(row['estimate'], 2)} {format_interval(row['low'], row['high'], 2)}",
            direction=_direction(row),
        )
        for row in rows
    ]
    if len({_direction(row) for row in rows if row["first"] >= 2011}) > 1:
        lines.append(_line("beta.disagree", language))
    return "\n".join(lines)


def growth_sentence(correlations: Mapping[str, tuple[float, int]], language: str = "en") -> str:
    """Correlation of the growth of light and of GDP, and number of counties, by key of the area."""
    areas = [
        WORDS.pair("growth.area", area=SAMPLES[key], correlation=format_number(value, 2), count=format_number(count))
        for key, (value, count) in correlations.items()
    ]
    english, chinese = (mark.join(area[side] for area in areas) for side, mark in ((0, "; "), (1, "；")))
    return _line("growth.all", language, areas=(english, chinese))


def noise_sentences(table: pd.DataFrame, language: str = "en") -> str:
    """What each instrument leaves of convergence."""
    return "\n".join(
        _line(
            "noise.reading",
            language,
            sample=SAMPLES[row["sample"]],
            measure=MEASURES[row["measure"]],
            years=f"{row['first']}–{row['last']}",
            instrument=MEASURES[row["instrument"]],
            year=str(row["instrument_year"]),
            betas=f"{format_number(row['least_squares'], 2)} → {format_number(row['estimate'], 2)}",
            direction=_direction(row),
        )
        for row in _records(table)
    )


def sigma_sentence(table: pd.DataFrame, language: str = "en", samples: tuple[str, ...] = ("china", "zhejiang")) -> str:
    """Where the spread shrank, grew, or cannot be told."""
    periods: dict[str, list[str]] = {"fell": [], "rose": [], "open": []}
    for row in _records(table[table["sample"].isin(samples)]):
        verdict = "fell" if row["high"] < 0 else "rose" if row["low"] > 0 else "open"
        where, measure, years = SAMPLES[row["sample"]], MEASURES[row["measure"]], f"{row['first']}–{row['last']}"
        periods[verdict].append(WORDS("sigma.period", language, sample=where, measure=measure, years=years))
    heads = {verdict: WORDS(f"sigma.verdict.{verdict}", language) for verdict in periods}
    return "\n".join(f"{heads[verdict]}: {'; '.join(named)}." for verdict, named in periods.items() if named)


def transition_sentence(table: pd.DataFrame, sample: str, language: str = "en") -> str:
    """How much moves, and what the long run would be if chances never changed."""
    lines = []
    for segment, rows in table[table["sample"].eq(sample)].groupby("segment", sort=False):
        ordered = rows.sort_values("start")
        lowest, highest = ordered.iloc[0], ordered.iloc[-1]
        lines.append(
            _line(
                "transitions",
                language,
                segment=str(segment),
                mobility=format_number(lowest["mobility"], 2),
                low=format_number(100 * lowest["share_last"]),
                low_ergodic=format_number(100 * lowest["ergodic"]),
                high=format_number(100 * highest["share_last"]),
                high_ergodic=format_number(100 * highest["ergodic"]),
            )
        )
    return "\n".join(lines)


def clubs_sentence(clubs: Mapping[str, tuple[str, Clubs, Clubs]], language: str = "en") -> str:
    """Whether all converge, and whether the clubs stay the same unfiltered and in another unit."""
    years, first, merged = clubs["late"]
    main, *others = [variant.membership() for key, (_, _, variant) in clubs.items() if key.startswith("late")]
    return _line(
        "clubs.all",
        language,
        years=years,
        t=format_number(first.whole.t, 1),
        verdict=WORDS.pair(f"clubs.verdict.{'kept' if first.whole.converge else 'rejected'}"),
        sizes=" + ".join(str(len(club.members)) for club in merged.clubs),
        moved=str(sum(int((main != other.reindex(main.index)).sum()) for other in others)),
    )


def moran_sentence(table: pd.DataFrame, language: str = "en") -> str:
    """Lowest and highest Moran's I by measure, with the largest p-value."""
    lines = []
    for measure, rows in table.groupby("measure", sort=False):
        ordered = _records(rows.sort_values("moran"))
        low, high = (f"{format_number(ordered[end]['moran'], 2)} ({ordered[end]['year']})" for end in (0, -1))
        name, p = MEASURES[str(measure)], format_p_value(rows["p"].max())
        lines.append(_line("moran", language, measure=name, low=low, high=high, count=str(ordered[0]["n"]), p=p))
    return "\n".join(lines)


def province_names(frame: pd.DataFrame) -> dict[str, Pair]:
    """English and Chinese names of the provinces of a frame by code."""
    rows = frame[["province_code", "province", "province_zh"]].drop_duplicates("province_code")
    return {code: (en, zh) for code, en, zh in rows.itertuples(index=False, name=None)}


def _line(key: str, language: str, **values: str | Pair) -> str:
    """A sentence; in both languages the Chinese one stands on a line of its own."""
    return WORDS(key, language, joint="\n", **values)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def _direction(row: Mapping[str, Any]) -> Pair:
    """What the interval of a beta says."""
    return WORDS.pair(f"beta.direction.{'behind' if row['high'] < 0 else 'ahead' if row['low'] > 0 else 'open'}")
