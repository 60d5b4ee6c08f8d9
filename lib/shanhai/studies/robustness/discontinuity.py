"""Jump or valley at provincial borders: the designs of ``design.py`` on the counties of the project."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from shanhai.core.shared import shared
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
from shanhai.studies.border.design import BORDER_COLUMNS
from shanhai.studies.robustness.design import BORDER_OUTCOMES, NEAR_KM, VALLEY_CONTROLS

_REGION = BORDER_COLUMNS.region

_RANKED_BY = ("gdp_2021", "population_2020")
"""GDP per head over whole units says which side of a border is the right one."""


def _add_border_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with ``lights_per_km2_2013`` (light sum of 2013 over area) and ``log_area_km2``.

    Raises
    ------
    SpecificationError
        If ``lights_2013`` or ``area_km2`` is absent or holds no numbers, or an area is not positive.
    """
    require_columns(frame, ("lights_2013", "area_km2"))
    area = as_weights(frame["area_km2"], "area_km2", missing=True)
    return frame.assign(lights_per_km2_2013=numbers(frame, "lights_2013") / area, log_area_km2=np.log(area))


@shared
def counties_at_borders(frame: pd.DataFrame) -> pd.DataFrame:
    """Counties of the frame at every border of their province, by the layers of the project.

    Parameters
    ----------
    frame : DataFrame
        Of ``analysis_frame()``.

    Returns
    -------
    DataFrame
        As :func:`shanhai.methods.discontinuity.sample.border_sample`, with the outcomes of ``BORDER_OUTCOMES``.
    """
    frame = _add_border_columns(frame)
    centres = county_centres(county_geometry()).merge(frame[["code", "province_code"]], on="code")
    positions = locate_places(centres, border_segments(load_layer("provincial_borders")))
    rank = rank_units(frame, _REGION, *_RANKED_BY)
    return border_sample(frame, positions, rank, unit=BORDER_COLUMNS.unit, region=_REGION)


def robust_jump(sample: pd.DataFrame, spec: BorderSpec) -> dict[str, Any]:
    """The robust estimate of a jump.

    Returns
    -------
    dict
        Fields of :meth:`shanhai.methods.discontinuity.geographic.BorderJump.to_frame`, then ``equivalence_bound`` (log
        points: smallest size that the jump can be said not to have at 5 %).
    """
    jump = border_jump(sample, spec)
    rows = {row["method"]: row for row in jump.to_frame().to_dict("records")}
    return {**{str(key): value for key, value in rows["robust"].items()}, "equivalence_bound": jump.equivalence_bound}


@shared
def jump_evidence(sample: pd.DataFrame, outcomes: Sequence[str] = BORDER_OUTCOMES) -> pd.DataFrame:
    """The jump by distance (the first is the main design) and by coordinates, for each outcome, as ``robust_jump``."""
    return pd.DataFrame(
        [
            robust_jump(sample, BorderSpec(outcome, location=location))
            for outcome in outcomes
            for location in ("distance", "coordinates")
        ]
    )


def single_pair_evidence(sample: pd.DataFrame, jumps: pd.DataFrame) -> pd.DataFrame:
    """The jump of each pair of provinces by itself, within twice the bandwidth of the pooled one.

    Parameters
    ----------
    sample : DataFrame
        Of :func:`counties_at_borders`.
    jumps : DataFrame
        Of :func:`jump_evidence`, for its outcomes and bandwidths by distance.

    Returns
    -------
    DataFrame
        outcome, bandwidth_km, then the entries of :func:`shanhai.methods.discontinuity.pairs.pair_summary`.
    """
    pooled = jumps[jumps["location"].eq("distance")]
    return pd.DataFrame(
        [
            {"outcome": outcome, "bandwidth_km": width}
            | pair_summary(pair_jumps(sample, BorderSpec(outcome), width, region=_REGION))
            for outcome, width in zip(pooled["outcome"], 2 * pooled["bandwidth_km"], strict=True)
        ]
    )


def pair_evidence(frame: pd.DataFrame, edges: pd.DataFrame) -> pd.DataFrame:
    """Adjacent counties across provincial borders beside those across borders of prefectures.

    ``frame`` is that of ``analysis_frame()``, ``edges`` of :func:`shanhai.geo.edges.shared_edges`; columns as
    :func:`shanhai.methods.discontinuity.pairs.pair_table`, with ``boundary`` province or prefecture.
    """
    table = pair_table(
        _add_border_columns(frame), edges, BORDER_OUTCOMES, *_RANKED_BY, regions=(_REGION, "prefecture_code"),
        unit=BORDER_COLUMNS.unit, pair=BORDER_COLUMNS.edges,
    )  # fmt: skip
    return table.assign(boundary=table["boundary"].str.removesuffix("_code"))


def valley_evidence(frame: pd.DataFrame, sample: pd.DataFrame) -> pd.DataFrame:
    """The valley of each outcome: alone, with terrain, and with terrain and size of the county held fixed.

    Returns
    -------
    DataFrame
        outcome, controls (key of ``VALLEY_CONTROLS``), p_flat (test of no valley), bottom_km, depth, low, high (lowest
        point of the curve against 100 km, log points, and its pointwise interval), half_km (where half of it is made up
        for), share_20km, share_low, share_high (share of the rise from the line to 100 km that is done by 20 km;
        infinite bounds: not identified), p_same_sides (test that both sides have the same shape; no controls), f_flat
        and f_same_sides (statistics of both tests) with df and df_same_sides (their denominators), clusters,
        nearest_km, n_within_20km, n.
    """
    rows = []
    columns = _add_border_columns(frame)
    for outcome in BORDER_OUTCOMES:
        sides = ValleySpec(outcome, distance="distance_km", within="segment", by="pair")
        same = same_valley_on_both_sides(sample, sides)
        for key, controls in VALLEY_CONTROLS.items():
            valley = spline_valley(columns, _between_counties(outcome, controls))
            share = valley.share_by(NEAR_KM)
            rows.append(
                {
                    "outcome": outcome,
                    "controls": key,
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


def _between_counties(outcome: str, controls: tuple[str, ...]) -> ValleySpec:
    """The valley of an outcome between counties of a province."""
    return ValleySpec(
        outcome, distance="distance_to_border_km", within="province_code", by="prefecture_code", controls=controls
    )


def valley_curves(frame: pd.DataFrame, outcome: str) -> dict[str, pd.DataFrame]:
    """Curves of an outcome from 0 to 150 km, one a key of ``VALLEY_CONTROLS``, as of ``Valley.curve``."""
    columns = _add_border_columns(frame)
    return {
        key: spline_valley(columns, _between_counties(outcome, controls)).curve(np.linspace(0.0, 150.0, 151))
        for key, controls in VALLEY_CONTROLS.items()
    }
