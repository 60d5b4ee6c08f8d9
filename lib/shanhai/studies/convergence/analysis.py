"""Convergence on the data of the project: the frame, and the tables and clubs that notebook and claims share.

Tables that need ``giddy``, ``esda`` or ``inequality`` are kept on disk with the frames of the project, because these
packages take up to eight seconds of processor time to import. They follow from the data alone, like those frames.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from shanhai.core import fields, sources
from shanhai.data.frames.lights import SENSOR_BREAK
from shanhai.data.frames.panel import TABLES
from shanhai.data.frames.unions import (
    unions_of_counties,
    united_frame,
    with_hosted_zones,
    with_redrawn_districts,
)
from shanhai.data.load import load_layer, load_table
from shanhai.data.store import input_files, stored
from shanhai.geo.edges import shared_edges
from shanhai.methods.convergence.clubs import Clubs, find_clubs, merge_clubs, trend
from shanhai.methods.convergence.inequality import gini_parts, theil_parts, unweighted_inequality
from shanhai.methods.convergence.mobility import (
    classes_of,
    count_moves,
    homogeneity_test,
    rank_mobility,
    relative_logs,
    transitions,
)
from shanhai.methods.convergence.sigma import moran_path, spread_change
from shanhai.studies.border.analysis import analysis_frame
from shanhai.studies.convergence.design import PERIODS, Period
from shanhai.studies.convergence.panel import (
    levels,
    people_of,
    prefecture_series,
    sensor_years,
    years_of,
)

ZHEJIANG = "330000"

_SCOPES: dict[str, tuple[str, ...]] = {
    "provinces": ("province_code", "prefecture_code"),
    "prefectures": ("prefecture_code",),
    "the_26": ("is_mountain_26",),
}
"""Decompositions: provinces of China with prefectures inside them; prefectures of Zhejiang; the 26 against the rest."""

_SMOOTHING = 400.0
"""Filter of the club regressions, as Phillips & Sul (2009) take it."""


@lru_cache(maxsize=1)
def _frame() -> pd.DataFrame:
    crosswalk = load_table("crosswalk")
    counties = with_hosted_zones(analysis_frame(), load_table("zones"), load_table("census_2020"))
    counties = with_redrawn_districts(counties, crosswalk, load_table("county_lights"), load_table("county_gdp"))
    return united_frame(counties, load_table("census_2010"), crosswalk)


def convergence_frame() -> pd.DataFrame:
    """Counties of the project on the same ground since 2010: see :func:`~shanhai.data.frames.unions.united_frame`."""
    return _frame().copy()


def _of_zhejiang(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of Zhejiang."""
    return frame[frame["province_code"].eq(ZHEJIANG)].reset_index(drop=True)


def _kept(name: str, build: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """A table that follows from the project's data alone, from disk if it was built before."""
    inputs = [*input_files(TABLES, ["counties"]), fields.FRAME_DICTIONARY, fields.DICTIONARY, sources.REGISTRY]
    return stored(f"convergence-{name}", inputs, build)


def areas(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Rows of China, Zhejiang, the 26 and the rest of Zhejiang by key."""
    home = _of_zhejiang(frame)
    inside = home["is_mountain_26"].astype(bool)
    return {"china": frame, "zhejiang": home, "the_26": home[inside], "rest": home[~inside]}


def spread_changes(frame: pd.DataFrame, periods: tuple[Period, ...] = PERIODS) -> pd.DataFrame:
    """Change of the spread of log levels of each area over each period, clusters by prefecture.

    Returns
    -------
    DataFrame
        sample, measure, first, last, first_sd, last_sd, change, se, low, high, p, p_pitman, n, clusters.
    """
    rows = []
    for key, rows_of_area in areas(frame).items():
        clusters = rows_of_area.set_index("code")["prefecture_code"]
        for period in periods:
            values = levels(rows_of_area, period.measure, (period.first, period.last))
            result = spread_change(values, period.first, period.last, clusters)
            named = {"sample": key, "measure": period.measure, "first": period.first, "last": period.last}
            rows.append({**named, **result.__dict__})
    return pd.DataFrame(rows)


def _segments() -> dict[str, tuple[int, ...]]:
    early, late = sensor_years(_frame())
    return {f"{years[0]}-{years[-1]}": years for years in (early, late)}


def _measured() -> dict[str, tuple[int, ...]]:
    return {measure: years_of(_frame(), measure) for measure in ("lights_per_head", "gdp_per_head")}


def _states(area: pd.DataFrame, years: tuple[int, ...], classes: int) -> pd.DataFrame:
    values = levels(area, "lights_per_head", years)
    people = people_of(area, "lights_per_head", years)[years[-1]]
    return classes_of(relative_logs(values, people), classes)


def transition_table(classes: int) -> pd.DataFrame:
    """Yearly moves of counties between classes of light per resident relative to China's or Zhejiang's mean.

    Returns
    -------
    DataFrame
        sample, segment, start (class from 1), share_first, share_last, ergodic, to_1 ... to_k (chances), moves,
        mobility (index of Prais and Shorrocks of the whole matrix).
    """
    return _kept(f"transitions-{classes}", lambda: _transition_table(classes))


def _transition_table(classes: int) -> pd.DataFrame:
    rows = []
    for sample in ("china", "zhejiang"):
        for segment, years in _segments().items():
            result = transitions(_states(areas(_frame())[sample], years, classes))
            for start in range(classes):
                row = {"sample": sample, "segment": segment, "start": start + 1, "mobility": result.mobility}
                shares = {"share_first": result.first, "share_last": result.last, "ergodic": result.ergodic}
                row |= {name: float(part[start]) for name, part in shares.items()}
                row |= {f"to_{end + 1}": float(result.shares[start, end]) for end in range(classes)}
                rows.append({**row, "moves": int(result.counts[start].sum())})
    return pd.DataFrame(rows)


def homogeneity_table(classes: int) -> pd.DataFrame:
    """Whether halves of the late segment, and the 26 and the rest of Zhejiang, share one matrix of chances.

    Returns
    -------
    DataFrame
        sample, compared, segment, statistic, degrees, p, statistic_pearson, p_pearson, moves.
    """
    return _kept(f"homogeneity-{classes}", lambda: _homogeneity_table(classes))


def _homogeneity_table(classes: int) -> pd.DataFrame:
    frame = _frame()
    late = next(years for years in _segments().values() if years[0] >= SENSOR_BREAK)
    middle = len(late) // 2
    rows = []
    for sample in ("china", "zhejiang"):
        states = _states(areas(frame)[sample], late, classes)
        halves = (states.iloc[:, : middle + 1], states.iloc[:, middle:])
        pairs = {"halves": {str(n): count_moves(half, classes) for n, half in enumerate(halves)}}
        if sample == "zhejiang":
            inside = frame.set_index("code")["is_mountain_26"].astype(bool).reindex(states.index)
            pairs["the_26"] = {str(side): count_moves(states[inside == side], classes) for side in (True, False)}
        for name, groups in pairs.items():
            moves = int(sum(counts.sum() for counts in groups.values()))
            named = {"sample": sample, "compared": name, "segment": f"{late[0]}-{late[-1]}"}
            rows.append({**named, **homogeneity_test(groups).__dict__, "moves": moves})
    return pd.DataFrame(rows)


def rank_table() -> pd.DataFrame:
    """Kendall's tau of counties' order over each pre-specified period, in China and in Zhejiang.

    Returns
    -------
    DataFrame
        sample, measure, first, last, tau, low, high, swapped, n.
    """
    return _kept("ranks", _rank_table)


def _rank_table() -> pd.DataFrame:
    rows = []
    for sample in ("china", "zhejiang"):
        area = areas(_frame())[sample]
        clusters = area.set_index("code")["prefecture_code"]
        for period in PERIODS:
            values = levels(area, period.measure, (period.first, period.last))
            result = rank_mobility(values, period.first, period.last, clusters)
            named = {"sample": sample, "measure": period.measure, "first": period.first, "last": period.last}
            rows.append({**named, **result.__dict__})
    return pd.DataFrame(rows)


def moran_table(draws: int, seed: int) -> pd.DataFrame:
    """Moran's I of log light and log GDP per resident of Zhejiang's counties, year by year.

    Returns
    -------
    DataFrame
        measure, then as :func:`shanhai.methods.convergence.sigma.moran_path`.
    """
    return _kept(f"moran-{draws}-{seed}", lambda: _moran_table(draws, seed))


def _moran_table(draws: int, seed: int) -> pd.DataFrame:
    home = _of_zhejiang(_frame())
    edges = _edges_of_unions(home)
    parts = []
    for measure, years in _measured().items():
        path = moran_path(pd.DataFrame(np.log(levels(home, measure, years))), edges, seed, draws)
        parts.append(path.assign(measure=measure))
    return pd.concat(parts, ignore_index=True)


def _edges_of_unions(home: pd.DataFrame) -> pd.DataFrame:
    """Pairs of neighbours among unions: two unions touch if a member of one touches a member of the other."""
    layer = load_layer("counties")
    edges = shared_edges(layer[layer["prov_code"] == ZHEJIANG])
    union = unions_of_counties(load_table("crosswalk"))
    head = dict(zip(home["code"].map(union), home["code"], strict=True))
    pairs = edges[["code_a", "code_b"]].apply(lambda side: side.map(union).map(head))
    pairs = pairs[pairs["code_a"].ne(pairs["code_b"])].dropna()
    ordered = pd.DataFrame(np.sort(pairs.to_numpy(dtype=str), axis=1), columns=["code_a", "code_b"])
    return ordered.drop_duplicates(ignore_index=True)


def inequality_paths(frame: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    """Theil and Gini of light and GDP per resident by year with their parts, by scope and measure.

    Returns
    -------
    dict
        By key of a scope (``provinces`` of China with prefectures inside them, ``prefectures`` of Zhejiang, ``the_26``
        against the rest) and measure: year, theil, theil_between_1 (2, ...), theil_within, gini, gini_between,
        gini_within, gini_overlap, n. Counties that have figures in all years.
    """
    home = _of_zhejiang(frame)
    return {
        (scope, measure): _inequality_path(frame if scope == "provinces" else home, measure, columns)
        for scope, columns in _SCOPES.items()
        for measure in ("lights_per_head", "gdp_per_head")
    }


def _inequality_path(frame: pd.DataFrame, measure: str, levels_of: Sequence[str]) -> pd.DataFrame:
    """Parts of inequality on the counties of ``frame``, grouped by columns, coarsest first; the Gini takes the first
    only, because its overlap has no levels."""
    years = years_of(frame, measure)
    per_head = levels(frame, measure, years).dropna()
    people = people_of(frame, measure, years).loc[per_head.index]
    groups = frame.set_index("code").loc[per_head.index, list(levels_of)]
    rows = []
    for year in years:
        values, heads = per_head[year].to_numpy(), people[year].to_numpy()
        theil, gini = theil_parts(values, heads, groups), gini_parts(values, heads, groups[levels_of[0]].tolist())
        parts = {f"theil_between_{place}": part for place, part in enumerate(theil.between, 1)}
        rows.append(
            {
                "year": year,
                "theil": theil.total,
                **parts,
                "theil_within": theil.within,
                "gini": gini.total,
                "gini_between": gini.between,
                "gini_within": gini.within,
                "gini_overlap": gini.overlap,
                "n": len(per_head),
            }
        )
    return pd.DataFrame(rows)


def unweighted_table() -> pd.DataFrame:
    """Gini and Theil of counties that count once each, by year, with Theil's parts: for comparison.

    Returns
    -------
    DataFrame
        scope, measure, year, gini, theil, between, within, n.
    """
    return _kept("unweighted", _unweighted_table)


def _unweighted_table() -> pd.DataFrame:
    frame = _frame()
    rows = []
    for scope, columns in _SCOPES.items():
        area = frame if scope == "provinces" else _of_zhejiang(frame)
        for measure, years in (
            ("lights_per_head", sum(_segments().values(), ())),
            ("gdp_per_head", (2001, 2011, 2021)),
        ):
            values = levels(area, measure, years).dropna()
            groups = area.set_index("code").loc[values.index, columns[0]].tolist()
            for year in years:
                result = unweighted_inequality(values[year].to_numpy(), groups)
                rows.append({"scope": scope, "measure": measure, "year": year, **result.__dict__, "n": len(values)})
    return pd.DataFrame(rows)


def club_variants(frame: pd.DataFrame) -> dict[str, tuple[str, pd.DataFrame]]:
    """Series that the club regression is run on by key, each with the years in words; the first is treated as
    Phillips & Sul treat theirs.

    Counties of Zhejiang: trend of log light per 10,000 residents in the years of one sensor; the same unfiltered, and
    per million residents, which changes nothing but the unit. Prefectures of Zhejiang: trend of log GDP per resident.
    """
    early, late = sensor_years(frame)
    home = _of_zhejiang(frame)
    gdp = pd.DataFrame(np.log(prefecture_series()[0]))
    words = {years: f"{years[0]}–{years[-1]}" for years in (early, late)}
    return {
        "late": (words[late], _club_logs(home, late)),
        "late_raw": (words[late], _club_logs(home, late, smoothing=0.0)),
        "late_million": (words[late], _club_logs(home, late, unit=100.0)),
        "early": (words[early], _club_logs(home, early)),
        "gdp": (f"{gdp.columns[0]}–{gdp.columns[-1]}", trend(gdp, _SMOOTHING)),
    }


def _club_logs(
    frame: pd.DataFrame, years: tuple[int, ...], unit: float = 1.0, smoothing: float = _SMOOTHING
) -> pd.DataFrame:
    """Trend of log light per 10,000 residents (times ``unit``), for counties whose logarithm is positive throughout."""
    logs = pd.DataFrame(np.log(levels(frame, "lights_per_head", years).dropna() * unit))
    return trend(logs[(logs > 0).all(axis=1)], smoothing)


def clubs_of(logs: pd.DataFrame) -> tuple[Clubs, Clubs]:
    """Clubs before and after merging."""
    clubs = find_clubs(logs)
    return clubs, merge_clubs(clubs, logs)
