"""The border designs of this project, fixed before results were seen, beside Ma & Zhao (2022).

Ma & Zhao find on a fine grid of night lights, 1992-2013, that lights do not jump where a provincial border runs, and
that they dip on both sides, mostly within 20 km. Here the unit is the county, whose centre can hardly lie nearer than
half its width: the jump is read off places some 20 km away, and the share of the valley within 20 km off small
counties. What this cannot decide is part of the tables: bounds, counts of near places, and the nearest distance.
"""

import numpy as np
import pandas as pd

from shanhai.data.frames.panel import county_geometry
from shanhai.data.load import load_layer
from shanhai.geo.segments import border_segments, locate_places
from shanhai.methods.checks import as_weights, require_columns
from shanhai.methods.discontinuity.geographic import BorderSpec, border_jump
from shanhai.methods.discontinuity.pairs import pair_jumps, pair_summary, pair_table
from shanhai.methods.discontinuity.sample import border_sample, rank_units
from shanhai.methods.discontinuity.valley import ValleySpec, same_valley_on_both_sides, spline_valley
from shanhai.methods.regression.design import numbers
from shanhai.studies.border.analysis import county_centres

OUTCOMES = ("lights_per_km2_2013", "lights_per_km2_2021", "lights_per_head_2021", "gdp_per_capita_2021")
"""In logarithms. The first is the last year of Ma & Zhao; the others are those of the registered regressions."""

MAIN = BorderSpec("lights_per_km2_2013")
"""Main design of the jump: a line in distance on each side, effects of segments of 100 km, the bandwidth of least mean
squared error, the triangular kernel, clusters by pair of provinces, the robust interval. The right side is the province
of higher GDP per head in 2021."""

TERRAIN = ("ruggedness", "is_district")
"""Held fixed in the second curve: borders follow mountains, and districts are urban."""

SIZE = (*TERRAIN, "log_area_km2")
"""Held fixed in the third curve, which was added after the first two turned up near the line: the centre of a county
lies within 10 km of the border only if the county is small, and small counties are bright for other reasons."""

NEAR_KM = 20.0
"""Distance within which Ma & Zhao find most of the valley."""


def add_threshold_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with ``lights_per_km2_2013`` (light sum of 2013 over area) and ``log_area_km2``.

    Raises
    ------
    SpecificationError
        If ``lights_2013`` or ``area_km2`` is absent or holds no numbers, or an area is not positive.
    """
    require_columns(frame, ("lights_2013", "area_km2"))
    area = as_weights(frame["area_km2"], "area_km2", missing=True)
    return frame.assign(lights_per_km2_2013=numbers(frame, "lights_2013") / area, log_area_km2=np.log(area))


def registered_sample(frame: pd.DataFrame) -> pd.DataFrame:
    """Counties of the frame at every border of their province, by the layers of the project.

    Parameters
    ----------
    frame : DataFrame
        Of ``analysis_frame()``.

    Returns
    -------
    DataFrame
        As :func:`shanhai.methods.discontinuity.sample.border_sample`, with the outcomes of ``OUTCOMES``.
    """
    frame = add_threshold_columns(frame)
    centres = county_centres(county_geometry()).merge(frame[["code", "province_code"]], on="code")
    positions = locate_places(centres, border_segments(load_layer("provincial_borders")))
    return border_sample(frame, positions, rank_units(frame))


def jump_evidence(sample: pd.DataFrame, outcomes: tuple[str, ...] = OUTCOMES) -> pd.DataFrame:
    """The jump by distance (the first is the main design) and by coordinates, for each outcome.

    Returns
    -------
    DataFrame
        Columns of :meth:`shanhai.methods.discontinuity.geographic.BorderJump.to_frame` for the robust estimate, then
        ``equivalence_bound`` (log points: smallest size that the jump can be said not to have at 5 %).
    """
    tables = []
    for outcome in outcomes:
        for location in ("distance", "coordinates"):
            found = border_jump(sample, BorderSpec(outcome, location=location))
            table = found.to_frame().query("method == 'robust'")
            tables.append(table.assign(equivalence_bound=found.equivalence_bound))
    return pd.concat(tables, ignore_index=True)


def single_pair_evidence(sample: pd.DataFrame, jumps: pd.DataFrame) -> pd.DataFrame:
    """The jump of each pair of provinces by itself, within twice the bandwidth of the pooled one.

    Parameters
    ----------
    sample : DataFrame
        Of :func:`registered_sample`.
    jumps : DataFrame
        Of :func:`jump_evidence`, for its outcomes and bandwidths by distance.

    Returns
    -------
    DataFrame
        outcome, bandwidth_km, then the entries of :func:`shanhai.methods.discontinuity.pairs.pair_summary`.
    """
    pooled = jumps[jumps["location"].eq("distance")]
    rows = []
    for outcome, width in zip(pooled["outcome"], 2 * pooled["bandwidth_km"], strict=True):
        rows.append({"outcome": outcome, "bandwidth_km": width} | pair_summary(single_pairs(sample, outcome, width)))
    return pd.DataFrame(rows)


def single_pairs(sample: pd.DataFrame, outcome: str, bandwidth_km: float) -> pd.DataFrame:
    """One row a pair of provinces: :func:`shanhai.methods.discontinuity.pairs.pair_jumps` of an outcome."""
    return pair_jumps(sample, BorderSpec(outcome), bandwidth_km)


def pair_evidence(frame: pd.DataFrame, edges: pd.DataFrame, outcomes: tuple[str, ...] = OUTCOMES) -> pd.DataFrame:
    """Adjacent counties across provincial borders beside those across borders of prefectures.

    ``frame`` is that of ``analysis_frame()``, ``edges`` of :func:`shanhai.geo.edges.shared_edges`; columns as
    :func:`shanhai.methods.discontinuity.pairs.pair_table`.
    """
    return pair_table(add_threshold_columns(frame), edges, outcomes)


def valley_evidence(frame: pd.DataFrame, sample: pd.DataFrame, outcomes: tuple[str, ...] = OUTCOMES) -> pd.DataFrame:
    """The valley of each outcome: alone, with terrain, and with terrain and size of the county held fixed.

    Returns
    -------
    DataFrame
        outcome, controls (joined by ``;``), p_flat (test of no valley), bottom_km, depth, low, high (lowest point of
        the curve against 100 km, log points, and its pointwise interval), half_km (where half of it is made up for),
        share_20km, share_low, share_high (share of the rise from the line to 100 km that is done by 20 km; infinite
        bounds: not identified), p_same_sides (test that both sides have the same shape; no controls), f_flat and
        f_same_sides (statistics of both tests) with df and df_same_sides (their denominators), clusters, nearest_km,
        n_within_20km, n.
    """
    rows = []
    columns = add_threshold_columns(frame)
    for outcome in outcomes:
        sides = ValleySpec(outcome, distance="distance_km", within="segment", by="pair")
        same = same_valley_on_both_sides(sample, sides)
        for controls in ((), TERRAIN, SIZE):
            valley = spline_valley(columns, ValleySpec(outcome, controls=controls))
            share = valley.share_by(NEAR_KM)
            rows.append(
                {
                    "outcome": outcome,
                    "controls": ";".join(controls),
                    "p_flat": valley.test.p,
                    **valley.bottom().to_dict(),
                    "share_20km": share["share"],
                    "share_low": share["low"],
                    "share_high": share["high"],
                    "p_same_sides": same.p,
                    "f_same_sides": same.statistic,
                    "f_flat": valley.test.statistic,
                    "df": valley.test.df_denominator,
                    "df_same_sides": same.df_denominator,
                    "clusters": valley.result.clusters[0].count,
                    "nearest_km": valley.nearest_km,
                    "n_within_20km": valley.count_within(columns, NEAR_KM),
                    "n": valley.result.n,
                }
            )
    return pd.DataFrame(rows)
