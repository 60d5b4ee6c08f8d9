"""Sentences of the convergence notebook: what the numbers say, in words that follow the numbers."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from shanhai.data.frames.lights import SENSOR_BREAK
from shanhai.methods.convergence.clubs import Clubs
from shanhai.methods.estimate import Estimate
from shanhai.render.numbers import format_interval, format_number, format_p_value
from shanhai.render.words import Pair, Words, listed, paragraph
from shanhai.studies.convergence.design import DARK_RULES
from shanhai.studies.convergence.elsewhere import Elsewhere

WORDS = Words.beside(__file__)

NOTEBOOK = Words.beside(__file__, "notebook.toml")
"""Standing prose of the notebook."""

MEASURES = WORDS.labels("measures")
"""Measures by key."""

SAMPLES = WORDS.labels("samples")
"""Samples by key."""

_LIGHT, _GDP = "lights_per_head", "gdp_per_head"


def seam_sentence(size: Mapping[str, float], language: str = "en") -> str:
    """What ``seam_size`` says of the seam between the sensors, beside an ordinary year."""
    growth, usual_growth = (format_number(100 * np.expm1(size[key]), signed=True) for key in ("growth", "usual_growth"))
    step, usual = format_number(size["step"], 2, signed=True), format_number(size["usual"], 2)
    sizes = {"growth": growth, "usual_growth": usual_growth, "step": step, "usual": usual}
    return paragraph([WORDS.pair("seam", **sizes)], language)


def answer(
    paths: Mapping[str, pd.DataFrame], changes: Mapping[str, Estimate], beside: Elsewhere, language: str = "en"
) -> str:
    """How the 26 moved against the rest of Zhejiang by light since the sensors changed, and by GDP in the last decade,
    in percent and in distance; in which years light jumps everywhere, and how dark counties elsewhere rose.

    Parameters
    ----------
    paths : mapping
        ``lights_per_head`` and ``gdp_per_head``, both from ``positions_of_the_26``.
    changes : mapping
        Change of both ratios, from ``position_change``.
    beside : Elsewhere
    language : str
    """
    light, gdp = (paths[measure].set_index("year") for measure in (_LIGHT, _GDP))
    first, last = SENSOR_BREAK, int(light.index.max())
    gdp_first, gdp_last = map(int, gdp.index[-2:])
    ways = [_way(changes[measure]) for measure in (_LIGHT, _GDP)]
    old, new, gdp_start, gdp_end = (
        format_number(path["ratio"][year], 1)
        for path, year in ((light, first), (light, last), (gdp, gdp_first), (gdp, gdp_last))
    )
    position = WORDS.pair(
        "answer.position",
        first=str(first),
        last=str(last),
        light_way=WORDS.pair(f"answer.light.{ways[0]}", old=old, new=new),
        interval=format_interval(*changes[_LIGHT].interval(), 1),
        gdp_way=WORDS.pair(f"answer.gdp.{'same' if ways[0] == ways[1] else ways[1]}"),
        gdp_first=str(gdp_first),
        gdp_last=str(gdp_last),
        gdp_interval=format_interval(*changes[_GDP].interval(), 1),
        known=str(int(gdp["group"][gdp_last])),
    )
    wider = [
        path["distance"][end] > path["distance"][start]
        for path, start, end in ((light, first, last), (gdp, gdp_first, gdp_last))
    ]
    gaps = WORDS.pair(
        "answer.gaps",
        gdp_start=gdp_start,
        gdp_end=gdp_end,
        which=WORDS.pair(f"answer.distance.{_WIDER[wider[0], wider[1]]}"),
        light_old=format_number(light["distance"][first], 1),
        light_new=format_number(light["distance"][last], 1),
        gdp_old=format_number(gdp["distance"][gdp_first]),
        gdp_new=format_number(gdp["distance"][gdp_last]),
    )
    return paragraph([position, gaps, _doubt(beside)], language)


_WIDER = {
    (True, True): "both_wider", (False, False): "both_narrower", (True, False): "light_wider",
    (False, True): "gdp_wider",
}  # fmt: skip
"""Key of the words by whether the absolute gap grew in light and in GDP."""


def _way(change: Estimate) -> str:
    low, high = change.interval()
    return "closer" if low > 0 else "apart" if high < 0 else "open"


def _doubt(beside: Elsewhere) -> Pair:
    median, years = format_number(beside.rises(beside.main).median(), 1), beside.step_years
    if not years:
        return WORDS.pair("answer.doubt.smooth", median=median)
    counts = beside.light_steps.years.set_index("year")["above"]
    return WORDS.pair(
        "answer.doubt.steps",
        carried=format_number(beside.carried(years), 1),
        years=_named(years),
        counts=_named(counts[year] for year in years),
        provinces=str(beside.light_steps.places),
        median=median,
    )


def elsewhere_sentences(beside: Elsewhere, equal: pd.DataFrame, language: str = "en") -> str:
    """How dark counties of other provinces rose; growth from an equal start; the years in which the 26 rose most.

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
    largest_years = WORDS.pair(
        "elsewhere.largest",
        years=_named(largest),
        carried=format_number(beside.carried(largest), 1),
        common=_named(both) if both else WORDS.pair("elsewhere.none"),
    )
    together = WORDS.pair("elsewhere.jumps", years=_named(jumps) if jumps else WORDS.pair("elsewhere.none"))
    return paragraph([_rises_elsewhere(beside), _equal_start(equal), largest_years, together], language)


def _rises_elsewhere(beside: Elsewhere) -> Pair:
    rises, years = beside.rises(beside.main), beside.the_26.index
    low, high = (format_number(rises.quantile(at), 1) for at in (0.25, 0.75))
    return WORDS.pair(
        "elsewhere.rise",
        first=str(years[0]),
        last=str(years[-1]),
        provinces=str(len(rises)),
        year=str(DARK_RULES[beside.main].year),
        low=low,
        high=high,
        more=str(beside.rank(beside.main) - 1),
        rise=format_number(beside.rise_of_the_26, 1),
    )


def _equal_start(table: pd.DataFrame) -> Pair:
    """The main row of each measure: Zhejiang, nothing else held fixed."""
    rows = _records(table.drop_duplicates("measure"))
    parts = [
        WORDS.pair(
            "elsewhere.equal_measure",
            measure=MEASURES[row["measure"]],
            first=str(row["first"]),
            amount=(
                f"{format_number(row['estimate'], 1, signed=True)} ({format_number(row['se'], 1)})",
                f"{format_number(row['estimate'], 1, signed=True)}（{format_number(row['se'], 1)}）",
            ),
            verdict=WORDS.pair(f"elsewhere.equal_verdict.{_side(row)}"),
        )
        for row in rows
    ]
    return WORDS.pair("elsewhere.equal", parts=listed(parts))


def _side(row: Mapping[str, Any]) -> str:
    return "slower" if row["high"] < 0 else "faster" if row["low"] > 0 else "open"


def _named(numbers: Iterable[int | str]) -> Pair:
    """Years or counts as a list: ``2014, 2017 and 2021``."""
    *first, last = map(str, numbers)
    return f"{', '.join(first)} and {last}" if first else last, "、".join([*first, last])


def position_sentences(paths: Mapping[str, pd.DataFrame], language: str = "en") -> str:
    """How the ratio of light moved in between, on the counties with GDP, and the two prefectures by GDP.

    Parameters
    ----------
    paths : mapping
        ``lights_per_head``, ``same_counties`` (light on the counties that have GDP) and ``prefectures``.
    language : str
    """
    light, same, prefectures = (paths[key].set_index("year") for key in (_LIGHT, "same_counties", "prefectures"))
    first, last = SENSOR_BREAK, int(light.index.max())
    between = light.loc[first:last, "ratio"]
    years = {"first": str(first), "last": str(last)}
    sentences = [
        WORDS.pair("position.range", low=format_number(between.min()), high=format_number(between.max()), **years),
        WORDS.pair(
            "position.same_counties",
            group=str(int(same["group"][last])),
            others=str(int(same["others"][last])),
            old=format_number(same["ratio"][first], 1),
            new=format_number(same["ratio"][last], 1),
            **years,
        ),
        _prefecture_sentence(prefectures["ratio"]),
        WORDS.pair("position.elsewhere"),
    ]
    return paragraph(sentences, language)


def _prefecture_sentence(ratio: pd.Series) -> Pair:
    since = ratio[ratio.index >= 2001]
    years = {"first": ratio.index[0], "low_year": ratio.idxmin(), "high_year": since.idxmax(), "last": ratio.index[-1]}
    values = zip(("start", "low", "high", "end"), years.values(), strict=True)
    return WORDS.pair(
        "position.prefectures",
        **{name: str(year) for name, year in years.items()},
        **{name: format_number(ratio[year]) for name, year in values},
    )


def beta_sentences(table: pd.DataFrame, language: str = "en") -> str:
    """What the unconditional regressions of Zhejiang say, and whether light and GDP agree on the last decade."""
    rows = _records(table[table["conditions"].eq("none") & table["sample"].eq("zhejiang")])
    named = [
        (
            _direction(row),
            WORDS.pair("regressions.named.least_squares", measure=MEASURES[row["measure"]], years=_span(row)),
        )
        for row in rows
    ]
    apart = len({_direction(row) for row in rows if row["first"] >= 2011}) > 1
    sentences = [WORDS.pair("beta.opening"), *_by_verdict("regressions.verdict", ("behind", "ahead", "open"), named)]
    return paragraph([*sentences, *([WORDS.pair("beta.disagree")] if apart else [])], language)


def growth_sentence(correlations: Mapping[str, tuple[float, int]], language: str = "en") -> str:
    """Correlation of the growth of light and of GDP, and number of counties, by key of the area."""
    areas = [
        WORDS.pair("growth.area", area=SAMPLES[key], correlation=format_number(value, 2), count=format_number(count))
        for key, (value, count) in correlations.items()
    ]
    return paragraph([WORDS.pair("growth.all", areas=listed(areas))], language)


def noise_sentences(table: pd.DataFrame, language: str = "en") -> str:
    """What each instrument leaves of convergence."""
    named = [
        (
            _direction(row),
            WORDS.pair(
                "regressions.named.instrumented",
                measure=MEASURES[row["measure"]],
                years=_span(row),
                instrument=MEASURES[row["instrument"]],
                year=str(row["instrument_year"]),
            ),
        )
        for row in _records(table)
    ]
    return paragraph(_by_verdict("regressions.verdict", ("behind", "ahead", "open"), named), language)


def sigma_sentence(table: pd.DataFrame, language: str = "en", samples: tuple[str, ...] = ("china", "zhejiang")) -> str:
    """Where the dispersion fell, rose, or did not change significantly."""
    named = [
        (
            "fell" if row["high"] < 0 else "rose" if row["low"] > 0 else "open",
            WORDS.pair(
                "sigma.named", sample=SAMPLES[row["sample"]], measure=MEASURES[row["measure"]], years=_span(row)
            ),
        )
        for row in _records(table[table["sample"].isin(samples)])
    ]
    return paragraph(_by_verdict("sigma.verdict", ("fell", "rose", "open"), named), language)


def _by_verdict(group: str, verdicts: Iterable[str], named: Iterable[tuple[str, Pair]]) -> list[Pair]:
    """A sentence for each verdict that is given, in their order, with what it is given of."""
    given = list(named)
    held = {verdict: [name for said, name in given if said == verdict] for verdict in verdicts}
    return [WORDS.pair(f"{group}.{verdict}", named=listed(names)) for verdict, names in held.items() if names]


def transition_sentence(table: pd.DataFrame, tests: pd.DataFrame, sample: str, language: str = "en") -> str:
    """How much moves, what the stationary distribution would be, and whether groups share one matrix.

    Parameters
    ----------
    table, tests : DataFrame
        Of ``transition_table`` and ``homogeneity_table``.
    sample : str
        Whose matrices are described; tests are told of all samples.
    language : str
    """
    sentences = []
    for segment, rows in table[table["sample"].eq(sample)].groupby("segment", sort=False):
        ordered = rows.sort_values("start")
        lowest, highest = ordered.iloc[0], ordered.iloc[-1]
        sentences.append(
            WORDS.pair(
                "transitions.segment",
                segment=_years_pair(*str(segment).split("-")),
                mobility=format_number(lowest["mobility"], 2),
                low=format_number(100 * lowest["share_last"]),
                low_ergodic=format_number(100 * lowest["ergodic"]),
                high=format_number(100 * highest["share_last"]),
                high_ergodic=format_number(100 * highest["ergodic"]),
            )
        )
    parts = [
        WORDS.pair(f"transitions.compared.{row['compared']}", sample=SAMPLES[row["sample"]], p=format_p_value(row["p"]))
        for row in _records(tests)
    ]
    return paragraph([*sentences, WORDS.pair("transitions.alike", parts=listed(parts))], language)


def clubs_sentence(clubs: Mapping[str, tuple[str, Clubs, Clubs]], language: str = "en") -> str:
    """Whether all converge, and whether the clubs stay the same unfiltered and in another unit."""
    years, first, merged = clubs["late"]
    main, *others = [variant.membership() for key, (_, _, variant) in clubs.items() if key.startswith("late")]
    said = WORDS.pair(
        "clubs.all",
        years=_years_pair(*years.split("–")),
        t=format_number(first.whole.t, 1),
        verdict=WORDS.pair(f"clubs.verdict.{'kept' if first.whole.converge else 'rejected'}"),
        sizes=_named(len(club.members) for club in merged.clubs),
        moved=str(sum(int((main != other.reindex(main.index)).sum()) for other in others)),
    )
    return paragraph([said], language)


def moran_sentence(table: pd.DataFrame, language: str = "en") -> str:
    """Lowest and highest Moran's I by measure, with the largest p-value."""
    sentences = []
    for measure, rows in table.groupby("measure", sort=False):
        ordered = _records(rows.sort_values("moran"))
        low, high = (
            WORDS.pair("moran.year", value=format_number(end["moran"], 2), year=str(end["year"]))
            for end in (ordered[0], ordered[-1])
        )
        english, chinese = MEASURES[str(measure)]
        name, p = (english[:1].upper() + english[1:], chinese), format_p_value(rows["p"].max())
        sentences.append(WORDS.pair("moran.range", measure=name, low=low, high=high, count=str(ordered[0]["n"]), p=p))
    return paragraph(sentences, language)


def province_names(frame: pd.DataFrame) -> dict[str, Pair]:
    """English and Chinese names of the provinces of a frame by code."""
    rows = frame[["province_code", "province", "province_zh"]].drop_duplicates("province_code")
    return {code: (en, zh) for code, en, zh in rows.itertuples(index=False, name=None)}


def years_between(first: int | str, last: int | str, language: str) -> str:
    """Two years with the dash of the language, as in ``2013–2022``."""
    return _years_pair(first, last)[language == "zh"]


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def _direction(row: Mapping[str, Any]) -> str:
    """What the interval of a beta says."""
    return "behind" if row["high"] < 0 else "ahead" if row["low"] > 0 else "open"


def _span(row: Mapping[str, Any]) -> Pair:
    return _years_pair(row["first"], row["last"])


def _years_pair(first: int | str, last: int | str) -> Pair:
    return f"{first}–{last}", f"{first}—{last}"
