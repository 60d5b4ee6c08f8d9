"""The border at the level of cells: gradient, valley and jump of a user's own raster of lights or population.

The design that claims L01 and L02 need (Ma & Zhao 2022: lights sink towards provincial borders, mostly in the last 20
km, and do not jump at the line). No raster is bundled, and none was looked at when it was fixed.

Cells within 100 km of a border are summed to strips (:mod:`shanhai.geo.strips`). The outcome is the light of a strip
over the mean light of its segment of the border (100 km long, both sides): cells without light count, the unit of the
product drops out, and each stretch of border counts once, be it bright or dark. Segments of which a whole side is
without any light, as where a file is filled with zeros, are left out. Cells that the line may cut are left out too,
since they hold the light of both sides: strips begin half a diagonal of a cell from it, which is where the last 20 km
end. Errors of the slopes are those of SCPC over segments, since neighbouring segments share what lies around them;
errors of the jump, which compares places at the same stretch, are clustered by segment. Slopes were clustered too until
28 November 2026: in simulations they rejected in up to 24 % of draws without valley (lib/docs/own-raster.md).

- Gradient: slope on the logarithm of the distance, within each side of a segment, up to 100 km.
- Last 20 km: strips nearer than 20 km less those at 20 to 40 km, within each side of a segment.
- Share: part of the rise from the line to 100 km that a natural spline has done by 20 km.
- Jump: local lines in the distance on both sides with effects of segments; robust interval; the right side is the
  province of higher GDP per head. The bandwidth is at least five strips beyond the cells left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from shanhai.core import sources
from shanhai.core.errors import RasterError
from shanhai.data.frames.panel import county_geometry
from shanhai.data.load import load_layer
from shanhai.geo.raster import Raster, open_geotiff
from shanhai.geo.segments import border_segments
from shanhai.geo.strips import LEVELS_COUNTED, Strips, border_strips
from shanhai.methods.discontinuity.geographic import BorderJump, BorderSpec, border_jump
from shanhai.methods.discontinuity.sample import border_sample, rank_units
from shanhai.methods.discontinuity.valley import Valley, ValleySpec, spline_valley
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.results import FitResult
from shanhai.methods.regression.scpc import ScpcSum
from shanhai.methods.spec import CovarianceSpec, Filter, RegressionSpec, SampleSpec, Variable
from shanhai.studies.robustness.design import NEAR_KM

GRID = "lights_grid"
"""Name of the raster under ``[replace]`` of ``.shanhai.toml``."""

_REACH_KM = 100.0
_KNOTS_KM = (2.0, 10.0, 20.0, 40.0, 70.0)
"""Closer to the line than those of counties, since cells lie there."""

_FEWEST_SEGMENTS = 8
"""Segments, which are the clusters, below which no error can be trusted."""

_FEWEST_STRIPS = 5
"""Strips of a side within the bandwidth of the jump: a parabola takes three, and two are left to judge it."""

_CORRELATION = 0.1
"""Average correlation of all pairs of segments that tests of slopes allow for: of 0.03 (the usual one), 0.05 and 0.1
the first under which they reject in no more than 8 % of draws in any simulated world without valley."""

_OUTCOME = "relative_light"
_BY_SEGMENT = CovarianceSpec("cluster", ("segment",), "CR1")


@dataclass(frozen=True)
class CellEvidence:
    """What a raster says on both sides of the borders."""

    source: str
    """Name of the file."""
    table: pd.DataFrame
    """One row a quantity (``gradient``, ``last_20km``, ``share_20km``, ``jump``): quantity, estimate, se (missing for
    the share), low, high, p (missing for the share), df, vcov, n (strips); in shares of a segment's mean
    light. The share of 20 km is missing where the whole rise may be zero."""
    valley: Valley
    """The curve behind the share."""
    cells: int
    """Cells with a value."""
    segments: int
    """Segments used."""
    left_out: int
    """Segments that the raster does not cover on both sides, or not lit on both."""
    cell_km: float
    """Width of a cell."""
    donut_km: float
    """Cells whose centre is nearer to the line than this are left out: the line may cut them."""
    bandwidth_km: float
    """Bandwidth of the jump."""
    at_line: float
    """Light at the line, in shares of a segment's mean: middle of where the parabolas of both sides meet it. A jump
    over it is what log points are, but for a hundredth where it is a half."""
    largest: float
    """Largest value of a cell, in the unit of the raster: a small one may be a logarithm."""

    def row(self, quantity: str) -> pd.Series:
        """Row of a quantity."""
        return self.table[self.table["quantity"] == quantity].iloc[0]


def own_cells(frame: pd.DataFrame) -> CellEvidence | None:
    """Evidence of the raster that the user's settings name, or None if they name none.

    Parameters
    ----------
    frame : DataFrame
        Of ``analysis_frame()``: GDP per head of provinces says which side of a border is the right one.

    Raises
    ------
    RasterError
        If the file cannot be read, or cannot show the borders.
    """
    if not sources.is_replaced(GRID, "grid"):
        return None
    return raster_cells(frame, open_geotiff(sources.resolve(GRID, "grid")))


def raster_cells(frame: pd.DataFrame, raster: Raster) -> CellEvidence:
    """Evidence of a raster at the provincial borders.

    Parameters
    ----------
    frame : DataFrame
        As for :func:`own_cells`.
    raster : Raster

    Raises
    ------
    RasterError
        If it cannot be read, or cannot show the borders.
    """
    rank = rank_units(frame, "province_code", "gdp_2021", "population_2020")
    counties = county_geometry().merge(frame[["code", "province_code"]], on="code")
    segments = border_segments(load_layer("provincial_borders"))
    return cell_evidence(raster, segments, counties, rank)


def cell_evidence(
    raster: Raster, segments: gpd.GeoDataFrame, units: gpd.GeoDataFrame, rank: Mapping[str, float] | pd.Series
) -> CellEvidence:
    """Gradient, valley and jump of a raster at the borders of some units.

    Parameters
    ----------
    raster : Raster
        Light or people of each cell.
    segments, units
        As :func:`shanhai.geo.strips.border_strips`.
    rank : mapping of province to number
        The province with the higher number is the right side.

    Raises
    ------
    RasterError
        As :func:`shanhai.geo.strips.border_strips`, or if fewer than eight segments are covered and lit on both
        sides, or cells hold fewer than ten different values.
    SpecificationError
        If a province has no rank.
    """
    strips = border_strips(raster, segments, units, _REACH_KM, NEAR_KM)
    placed = _relative(strips, raster)
    frame, positions = _frame_and_positions(placed)
    sample = border_sample(frame, positions, rank, unit="code", region="province_code").assign(
        log_distance=lambda rows: np.log(rows["distance_km"]), is_near=lambda rows: rows["distance_km"] < NEAR_KM
    )
    gradient = fit(_within_sides("log_distance", _REACH_KM), sample)
    step = fit(_within_sides("is_near", 2 * NEAR_KM), sample)
    valley = spline_valley(
        sample,
        ValleySpec(
            _OUTCOME,
            "level",
            distance="distance_km",
            within="side",
            knots_km=_KNOTS_KM,
            reach_km=_REACH_KM,
            inside_km=_REACH_KM,
            by="segment",
        ),
    )
    jump = _jump(sample, strips.donut_km + _FEWEST_STRIPS * strips.strip_km)
    share = valley.share_by(NEAR_KM)
    if not np.isfinite([share["low"], share["high"]]).all():  # the whole rise may be zero, and its share anything
        share[["share", "low", "high"]] = np.nan
    rows = [
        _slope_row("gradient", gradient, sample, "log_distance"),
        _slope_row("last_20km", step, sample, "is_near"),
        {"quantity": "share_20km", "estimate": share["share"], "low": share["low"], "high": share["high"]}
        | {"df": valley.result.df, "vcov": valley.result.error, "n": valley.result.n},
        _jump_row(jump.robust),
    ]
    used = int(placed["segment"].nunique())
    return CellEvidence(
        source=raster.source,
        table=pd.DataFrame(rows),
        valley=valley,
        cells=int(placed["cells"].sum()),
        segments=used,
        left_out=len(segments) - used,
        cell_km=strips.cell_km,
        donut_km=strips.donut_km,
        bandwidth_km=jump.bandwidth_km,
        at_line=_light_at_line(sample, jump.bandwidth_km),
        largest=strips.largest,
    )


def _light_at_line(sample: pd.DataFrame, bandwidth_km: float) -> float:
    """Mean of the limits of both sides, by the parabolas, weights and bandwidth of the robust jump.

    The mean of the nearest strips would be brighter, since a valley is deepest at the line.
    """
    near = sample[sample["distance_km"] < bandwidth_km]
    limits = [
        np.polynomial.polynomial.polyfit(
            side["distance_km"], side[_OUTCOME], 2, w=np.sqrt(1 - side["distance_km"] / bandwidth_km)
        )[0]
        for _, side in near.groupby("right_side")
    ]
    return float(np.mean(limits))


def _jump(sample: pd.DataFrame, least_km: float) -> BorderJump:
    """Jump at the line within the bandwidth of least mean squared error, but no less than what is given."""
    spec = BorderSpec(_OUTCOME, "level", by="segment")
    found = border_jump(sample, spec)
    return found if found.bandwidth_km >= least_km else border_jump(sample, replace(spec, bandwidth_km=least_km))


def _relative(strips: Strips, raster: Raster) -> pd.DataFrame:
    """Strips of segments lit on both sides with their light over the mean of the segment."""
    table = strips.table.assign(light=strips.table["value"] * strips.table["cells"])
    sums = table.groupby("segment")[["light", "cells"]].transform("sum")
    mean = sums["light"] / sums["cells"]
    sides = table.groupby(["segment", "province_code"])["light"].transform("sum")
    lit = table[sides.groupby(table["segment"]).transform("min") > 0]
    count = lit["segment"].nunique()
    if count < _FEWEST_SEGMENTS:
        raise RasterError(
            f"{raster.source} covers {count} lit segments of the border on both sides; allowed: {_FEWEST_SEGMENTS} or"
            f" more, since errors are clustered by segment (not covered: {len(strips.left_out)}; all zero on one side:"
            f" {table['segment'].nunique() - count}). Take a raster that reaches along more of the borders; where zeros"
            " stand for missing values write another one such as -1 in their place and declare it with"
            " `gdal_edit -a_nodata -1`."
        )
    if strips.levels < LEVELS_COUNTED:
        raise RasterError(
            f"the cells of {raster.source} near the borders have {strips.levels} different values, the largest"
            f" {strips.largest:g}; allowed: {LEVELS_COUNTED} or more, as light and people have, since a mask or a map"
            " of classes has no mean. Name the band or the file that holds light or people."
        )
    return lit.assign(**{_OUTCOME: lit["value"] / mean[lit.index], "side": lit["segment"] + " " + lit["province_code"]})


def _frame_and_positions(placed: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Strips as places with their positions, as the designs of counties take them."""
    code = placed["side"] + " " + placed["strip"].astype("str")
    positions = placed.assign(code=code, is_nearest=True, x_km=placed["longitude"], y_km=placed["latitude"])
    where = ["province_code", "across", "pair", "segment", "distance_km", "is_nearest", "x_km", "y_km"]
    return placed[[_OUTCOME, "side"]].assign(code=code), positions[["code", *where]]


def _within_sides(term: str, reach_km: float) -> RegressionSpec:
    return RegressionSpec(
        outcome=Variable(_OUTCOME),
        terms=(Variable(term),),
        sample=SampleSpec(
            "strips of cells at borders", "省界两侧栅格条带", filters=(Filter("distance_km", "<", reach_km),)
        ),
        fixed_effects=("side",),
        covariance=_BY_SEGMENT,
        model="cells by distance to the border",
    )


def _slope_row(quantity: str, result: FitResult, sample: pd.DataFrame, term: str) -> dict[str, object]:
    """A slope within sides, with the error that allows for what neighbouring segments share."""
    number = result.estimate(term)
    used = sample.iloc[result.rows]
    left, light = (
        used[name].astype(float) - used[name].astype(float).groupby(used["side"]).transform("mean")
        for name in (term, _OUTCOME)
    )
    scores = (left * (light - number.value * left)).groupby(used["segment"]).sum()
    places = used.groupby("segment")[["x_km", "y_km"]].mean()
    test = ScpcSum(places["x_km"], places["y_km"], rho=_CORRELATION)
    se = float(test.se(scores.to_numpy())) / float((left**2).sum())
    reach = test.critical * se
    return {
        "quantity": quantity,
        "estimate": number.value,
        "se": se,
        "low": number.value - reach,
        "high": number.value + reach,
        "p": test.p(number.value / se),
        "df": np.nan,
        "vcov": f"{test.label} of segments",
        "n": result.n,
    }


def _jump_row(result: FitResult) -> dict[str, object]:
    number = result.estimate("right_side")
    low, high = number.interval()
    return {
        "quantity": "jump",
        "estimate": number.value,
        "se": number.se,
        "low": low,
        "high": high,
        "p": number.p,
        "df": number.df,
        "vcov": number.error,
        "n": result.n,
    }
