"""Jump of an outcome at the borders between regions: regression discontinuity on the map.

Keele & Titiunik (2015, Political Analysis 23) and Dell (2010, Econometrica 78): places just across a border share
nature and history, and differ in who governs them. The running variable is the distance to the line (positive in the
region of higher rank), or position itself in two dimensions; effects of border segments compare each place with those
at the same stretch. The jump is what remains when both sides are followed to the line; a valley, lower outcomes on both
sides, is no jump (see :mod:`shanhai.methods.discontinuity.valley`). A figure shows it by bins of signed distance and
the lines that meet at the border.
"""

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.checks import require_columns
from shanhai.methods.discontinuity._local import KernelShape, kernel_weights, smoother
from shanhai.methods.discontinuity._planes import net_of_planes
from shanhai.methods.discontinuity.polynomial import Jump, JumpSpec, local_jump
from shanhai.methods.discontinuity.sample import outcome_values
from shanhai.methods.estimate import critical_value
from shanhai.methods.regression.design import numbers
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

Location = Literal["distance", "coordinates"]
"""``distance``: a line (parabola) in the signed distance on each side, segment effects. ``coordinates``: a plane
(quadratic surface) in projected coordinates for each pair of regions, and segment effects."""

_REACH_KM = 200.0
"""Places farther from their border have no part in choosing the bandwidth."""

_NEAR_KM = 20.0
"""Within this distance Ma & Zhao (2022) find most of the valley; how many places lie there is reported."""

_JUMP = "right_side"


@dataclass(frozen=True)
class BorderSpec:
    """How the jump at the borders is estimated.

    Examples
    --------
    >>> from shanhai.methods.discontinuity import BorderSpec
    >>> BorderSpec("income", transform="level", bandwidth_km=60.0, controls=("ruggedness",)).by
    'pair'
    """

    outcome: str
    """Column of the outcome."""
    transform: Literal["level", "log"] = "log"
    """Outcome in levels or natural logarithms."""
    location: Location = "distance"
    """What is followed to the border."""
    bandwidth_km: float | None = None
    """Places nearer than this count; none: the one that minimises the mean squared error, net of segment effects."""
    kernel: KernelShape = "triangular"
    """Weights by distance over bandwidth."""
    donut_km: float = 0.0
    """Places nearer than this are left out."""
    controls: tuple[str, ...] = ()
    """Columns held fixed, linearly; what nature made, not what the border did."""
    by: str = "pair"
    """Clusters of the errors. Pairs of regions hold both sides and all segments of a line together."""

    def __post_init__(self) -> None:
        if self.location not in get_args(Location):
            raise SpecificationError(
                f"location is {self.location!r}; allowed: {', '.join(get_args(Location))}. Name one of these."
            )
        JumpSpec(kernel=self.kernel, bandwidth=self.bandwidth_km, donut=self.donut_km)  # checks all three


@dataclass(frozen=True, repr=False)
class BorderJump(Shown):
    """Jump at the borders: outcome of the right side minus that of the left side, at the line."""

    spec: BorderSpec
    """How the jump was estimated."""
    conventional: FitResult
    """Line on each side, or plane."""
    robust: FitResult
    """One order higher at the same bandwidth: the bias-corrected estimate with b = h (Calonico, Cattaneo & Titiunik
    2014, remark 7). Its interval is the one to read."""
    pilot: Jump
    """Jump of the outcome net of segment effects, without them; it chose the bandwidth."""
    bandwidth_km: float
    """Places nearer than this count."""
    n: tuple[int, int]
    """Places with weight in segments of two or more, left and right."""
    near: tuple[int, int]
    """Of these, places nearer than ``_NEAR_KM``."""
    nearest_km: tuple[float, float]
    """Distance of the nearest place to the border, left and right."""
    segments: tuple[int, int]
    """Segments with weight, and those of them with places on both sides: only these identify the jump."""
    pairs: int
    """Pairs of regions."""

    @property
    def equivalence_bound(self) -> float:
        """Smallest size that a true jump can be said not to have: two one-sided tests at 5 %, robust (log points)."""
        at = self.robust.position(_JUMP)
        reach = float(critical_value(self.robust.df, 0.9) * self.robust.se[at])
        return abs(float(self.robust.params[at])) + reach

    def to_frame(self) -> pd.DataFrame:
        """One row a method (conventional, robust): outcome, location, bandwidth, estimate, interval, counts."""
        rows = []
        for method, result in (("conventional", self.conventional), ("robust", self.robust)):
            at = result.position(_JUMP)
            rows.append(
                {
                    "outcome": self.spec.outcome,
                    "location": self.spec.location,
                    "method": method,
                    "bandwidth_km": self.bandwidth_km,
                    "donut_km": self.spec.donut_km,
                    "estimate": float(result.params[at]),
                    "se": float(result.se[at]),
                    "p": float(result.p[at]),
                    "low": float(result.ci[at, 0]),
                    "high": float(result.ci[at, 1]),
                    "n_left": self.n[0],
                    "n_right": self.n[1],
                    "near_left": self.near[0],
                    "near_right": self.near[1],
                    "nearest_left_km": self.nearest_km[0],
                    "nearest_right_km": self.nearest_km[1],
                    "segments": self.segments[0],
                    "segments_both_sides": self.segments[1],
                    "pairs": self.pairs,
                    "df": result.df,
                    "clusters": min((level.count for level in result.clusters), default=None),
                    "vcov": result.error,
                }
            )
        return pd.DataFrame(rows)


def border_jump(sample: pd.DataFrame, spec: BorderSpec) -> BorderJump:
    """Jump at all borders together, each place at its nearest border.

    Parameters
    ----------
    sample : DataFrame
        Of :func:`shanhai.methods.discontinuity.sample.border_sample`.
    spec : BorderSpec

    Raises
    ------
    SpecificationError
        If a column is absent, a side is empty, distances have mass points, or too few places or clusters are left.

    Examples
    --------
    Made-up regions on a chessboard, the richer of which jump by 0.5 log points at their borders:

    >>> import numpy as np
    >>> from shanhai.methods.discontinuity.simulated import BorderTruth, simulated_borders
    >>> frame, positions, edges = simulated_borders(np.random.default_rng(1), BorderTruth(jump=0.5))
    >>> from shanhai.methods.discontinuity import BorderSpec, border_jump
    >>> from shanhai.methods.discontinuity.sample import border_sample, rank_units
    >>> sample = border_sample(frame, positions, rank_units(frame, "region", "output", "people"))
    >>> found = border_jump(sample, BorderSpec("income"))
    >>> found.to_frame()[["method", "estimate", "low", "high"]].round(2)
             method  estimate   low  high
    0  conventional      0.49  0.36  0.62
    1        robust      0.46  0.29  0.64
    """
    local = _border_columns(sample, spec)
    pilot = local_jump(local["net"], local["signed_km"], _pilot_spec(spec))
    width = spec.bandwidth_km or pilot.bandwidths.main[0]
    local["weight"] = kernel_weights(local["signed_km"].to_numpy() / width, spec.kernel)
    used = local[(local["weight"] > 0) & (local["distance_km"] >= spec.donut_km)]
    used = used[used.groupby("segment")["y"].transform("size") > 1]  # a place alone in its segment says nothing
    frames = [_net(used, order, spec) for order in (1, 2)]
    results = [fit(_second_stage(spec, order), frame) for order, frame in zip((1, 2), frames, strict=True)]
    kept = used.loc[frames[0].index]
    right = kept[_JUMP].to_numpy() == 1
    distance = kept["distance_km"].to_numpy()
    sides = kept.groupby("segment")[_JUMP].nunique()
    return BorderJump(
        spec=spec,
        conventional=results[0],
        robust=results[1],
        pilot=pilot,
        bandwidth_km=float(width),
        n=(int((~right).sum()), int(right.sum())),
        near=(int((distance[~right] < _NEAR_KM).sum()), int((distance[right] < _NEAR_KM).sum())),
        nearest_km=(float(distance[~right].min()), float(distance[right].min())),
        segments=(len(sides), int((sides == 2).sum())),
        pairs=int(kept["pair"].nunique()),
    )


def bandwidth_table(
    sample: pd.DataFrame,
    spec: BorderSpec,
    factors: tuple[float, ...] = (0.5, 1.0, 2.0),
    donuts_km: tuple[float, ...] = (0.0, 10.0),
) -> pd.DataFrame:
    """The jump under other bandwidths and donuts, and in two dimensions.

    Parameters
    ----------
    sample : DataFrame
        Of :func:`~.sample.border_sample`.
    spec : BorderSpec
    factors : tuple of float
        Multiples of the bandwidth.
    donuts_km : tuple of float
        Places nearer than this, in km, are left out.

    Returns
    -------
    DataFrame
        ``factor`` (of the bandwidth chosen without donut), the columns of :meth:`BorderJump.to_frame`,
        ``equivalence_bound``, and ``note``: why a variant has no estimate (then missing), or empty.

    Raises
    ------
    SpecificationError
        If not even the specification itself can be estimated.

    Examples
    --------
    Made-up regions on a chessboard, the richer of which jump by 0.5 log points at their borders:

    >>> import numpy as np
    >>> from shanhai.methods.discontinuity.simulated import BorderTruth, simulated_borders
    >>> frame, positions, edges = simulated_borders(np.random.default_rng(1), BorderTruth(jump=0.5))
    >>> from shanhai.methods.discontinuity import BorderSpec, bandwidth_table
    >>> from shanhai.methods.discontinuity.sample import border_sample, rank_units
    >>> sample = border_sample(frame, positions, rank_units(frame, "region", "output", "people"))
    >>> table = bandwidth_table(sample, BorderSpec("income"), factors=(1.0,), donuts_km=(0.0,))
    >>> table[["location", "method", "estimate"]].round(2)
          location        method  estimate
    0     distance  conventional      0.49
    1     distance        robust      0.46
    2  coordinates  conventional      0.50
    3  coordinates        robust      0.49
    """
    chosen = border_jump(sample, spec).bandwidth_km
    tables = [
        _variant(sample, replace(spec, location=location, bandwidth_km=factor * chosen, donut_km=donut), factor)
        for location in get_args(Location)
        for donut in donuts_km
        for factor in factors
    ]
    return pd.concat(tables, ignore_index=True)


def _variant(sample: pd.DataFrame, spec: BorderSpec, factor: float) -> pd.DataFrame:
    """Rows of one variant; one that its places cannot carry stays in the table with the reason."""
    try:
        found = border_jump(sample, spec)
    except SpecificationError as error:
        known = {"outcome": spec.outcome, "location": spec.location, "bandwidth_km": spec.bandwidth_km}
        return pd.DataFrame([{"factor": factor, **known, "donut_km": spec.donut_km, "note": str(error)}])
    table = found.to_frame().assign(equivalence_bound=found.equivalence_bound, note="")
    table.insert(0, "factor", factor)
    return table


def _border_columns(sample: pd.DataFrame, spec: BorderSpec) -> pd.DataFrame:
    """Complete rows of the sample at their nearest border, with the columns of the regression.

    Returns
    -------
    DataFrame
        right_side, signed_km, distance_km, pair, segment, x_km, y_km, cluster and controls; ``y`` (outcome), ``line``,
        ``parabola`` and their products with the side (distance in hundreds of km), ``net`` (outcome minus effects of
        segments and controls, by a parabola on each side within ``_REACH_KM``).

    Raises
    ------
    SpecificationError
        If a column is absent.
    """
    names = tuple(
        dict.fromkeys((_JUMP, "signed_km", "distance_km", "pair", "segment", "x_km", "y_km", spec.by, *spec.controls))
    )
    require_columns(sample, ("is_nearest", *names), "the sample")
    near = sample[sample["is_nearest"].to_numpy(dtype=bool) & (sample["distance_km"] < _REACH_KM).to_numpy()]
    floats = {name: numbers(near, name) for name in names if name not in ("pair", "segment", spec.by)}
    local = near[list(names)].assign(**floats, y=outcome_values(near, spec.outcome, spec.transform))
    local = local.dropna().reset_index(drop=True)
    scaled = local["signed_km"] / 100
    local = local.assign(
        line=scaled,
        line_right=scaled * local[_JUMP],
        parabola=scaled**2,
        parabola_right=scaled**2 * local[_JUMP],
    )
    if local[_JUMP].nunique() == 2:  # a missing side is refused by local_jump, in its words
        wide = fit(_line_spec(replace(spec, by="segment"), 2, weighted=False), local)
        fitted = local[list(wide.names)].to_numpy() @ wide.params
        rest = local["y"] - fitted
        local["net"] = local["y"] - rest.groupby(local["segment"]).transform("mean") - _controlled(local, wide, spec)
        return local
    return local.assign(net=local["y"])


def _fitted_border_columns(sample: pd.DataFrame, found: BorderJump) -> pd.DataFrame:
    """Columns of :func:`border_columns` of the sample that a jump was estimated on.

    Raises
    ------
    SpecificationError
        If it was estimated on another sample.
    """
    local = _border_columns(sample, found.spec)
    again = local_jump(local["net"], local["signed_km"], _pilot_spec(found.spec))
    if (again.n, again.nearest, again.conventional) != (found.pilot.n, found.pilot.nearest, found.pilot.conventional):
        raise SpecificationError(
            f"the jump was estimated on another sample ({sum(found.pilot.n)} places, here {sum(again.n)}); allowed: "
            "that sample itself. Pass it, or estimate the jump on this one."
        )
    return local


def _controlled(local: pd.DataFrame, wide: FitResult, spec: BorderSpec) -> np.ndarray:
    """Part of the outcome that the controls explain."""
    names = [name for name in spec.controls if name in wide.names]
    return local[names].to_numpy(dtype=float) @ wide.params[[wide.position(name) for name in names]]


def _pilot_spec(spec: BorderSpec) -> JumpSpec:
    return JumpSpec(kernel=spec.kernel, bandwidth=spec.bandwidth_km, donut=spec.donut_km)


def _line_spec(spec: BorderSpec, order: int, *, weighted: bool = True) -> RegressionSpec:
    powers = ("line", "line_right", "parabola", "parabola_right")[: 2 * order]
    return RegressionSpec(
        outcome=Variable("y"),
        terms=(Variable(_JUMP),),
        controls=tuple(Variable(name) for name in (*powers, *spec.controls)),
        sample=SampleSpec("at the border"),
        fixed_effects=("segment",),
        covariance=_covariance(spec),
        weights="weight" if weighted else None,
    )


def _second_stage(spec: BorderSpec, order: int) -> RegressionSpec:
    """Regression on signed distance, or on what surfaces and segments leave."""
    return _line_spec(spec, order) if spec.location == "distance" else replace(_line_spec(spec, 0), fixed_effects=())


def _net(used: pd.DataFrame, order: int, spec: BorderSpec) -> pd.DataFrame:
    return used if spec.location == "distance" else net_of_planes(used, order, ("y", _JUMP, *spec.controls))


def _covariance(spec: BorderSpec) -> CovarianceSpec:
    """CR1: effects of segments, and planes of pairs, lie inside the clusters and so are not counted again."""
    return CovarianceSpec("cluster", (spec.by,), "CR1")


_BIN_KM = 5.0
"""Width of a bin; no bin spans the border."""


def jump_bins(
    sample: pd.DataFrame, found: BorderJump, width_km: float = _BIN_KM, reach_km: float = 100.0
) -> pd.DataFrame:
    """Mean outcome, net of segment effects and controls, by bins of the signed distance.

    Parameters
    ----------
    sample : DataFrame
        What ``found`` was estimated on.
    found : BorderJump
    width_km, reach_km : float
        Width of a bin and distance drawn on each side.

    Returns
    -------
    DataFrame
        from_km, to_km, middle_km, mean, se (of the mean; missing with one place), n; empty bins are left out.

    Raises
    ------
    SpecificationError
        If the width is not above 0 and below the reach, or no place lies within reach.

    Examples
    --------
    Made-up regions on a chessboard, the richer of which jump by 0.5 log points at their borders:

    >>> import numpy as np
    >>> from shanhai.methods.discontinuity.simulated import BorderTruth, simulated_borders
    >>> frame, positions, edges = simulated_borders(np.random.default_rng(1), BorderTruth(jump=0.5))
    >>> from shanhai.methods.discontinuity import BorderSpec, border_jump, jump_bins
    >>> from shanhai.methods.discontinuity.sample import border_sample, rank_units
    >>> sample = border_sample(frame, positions, rank_units(frame, "region", "output", "people"))
    >>> found = border_jump(sample, BorderSpec("income"))
    >>> jump_bins(sample, found, width_km=25.0, reach_km=50.0)[["from_km", "to_km", "mean", "n"]].round(2)
       from_km  to_km  mean    n
    0    -50.0  -25.0  0.00  108
    1    -25.0    0.0  0.02  126
    2      0.0   25.0  0.51  151
    3     25.0   50.0  0.51  111
    """
    if not 0 < width_km < reach_km < np.inf:
        raise SpecificationError(f"bins of {width_km} km up to {reach_km} km; allowed: above 0, and below the reach.")
    local = _fitted_border_columns(sample, found)
    local = local[local["distance_km"] < reach_km]
    if local.empty:
        raise SpecificationError(f"no place lies within {reach_km} km of a border. Widen the reach.")
    number = np.floor(local["distance_km"] / width_km).where(local["right_side"] == 1)
    number = number.fillna(-np.floor(local["distance_km"] / width_km) - 1)
    table = local.groupby(number)["net"].agg(["mean", "sem", "size"]).reset_index(names="number")
    start = table["number"] * width_km
    return pd.DataFrame(
        {
            "from_km": start,
            "to_km": start + width_km,
            "middle_km": start + width_km / 2,
            "mean": table["mean"],
            "se": table["sem"],
            "n": table["size"],
        }
    )


def jump_lines(sample: pd.DataFrame, found: BorderJump) -> pd.DataFrame:
    """Local lines of the outcome net of segment effects, from the border to the bandwidth on each side.

    They show what the pilot estimate sees (``found.pilot``); the estimates of ``found`` weigh segments anew inside the
    bandwidth and so differ somewhat.

    Parameters
    ----------
    sample : DataFrame
        The one that the jump was estimated on.
    found : BorderJump
        Of :func:`border_jump`.

    Returns
    -------
    DataFrame
        side (``left``, ``right``), distance_km (signed), estimate; two rows a side, enough for a straight line.

    Raises
    ------
    SpecificationError
        If the jump was estimated on another sample.

    Examples
    --------
    Made-up regions on a chessboard, the richer of which jump by 0.5 log points at their borders:

    >>> import numpy as np
    >>> from shanhai.methods.discontinuity.simulated import BorderTruth, simulated_borders
    >>> frame, positions, edges = simulated_borders(np.random.default_rng(1), BorderTruth(jump=0.5))
    >>> from shanhai.methods.discontinuity import BorderSpec, border_jump, jump_lines
    >>> from shanhai.methods.discontinuity.sample import border_sample, rank_units
    >>> sample = border_sample(frame, positions, rank_units(frame, "region", "output", "people"))
    >>> jump_lines(sample, border_jump(sample, BorderSpec("income"))).round(1)
        side  distance_km  estimate
    0   left          0.0       0.0
    1   left        -40.2       0.0
    2  right          0.0       0.5
    3  right         40.2       0.5
    """
    local = _fitted_border_columns(sample, found)
    local = local[local["distance_km"] >= found.spec.donut_km]
    rows = []
    for side, sign in (("left", -1.0), ("right", 1.0)):
        part = local[local["right_side"] == (sign > 0)]
        running = part["signed_km"].to_numpy()
        used = kernel_weights(running / found.bandwidth_km, found.spec.kernel) > 0
        level, slope = smoother(running[used], found.bandwidth_km, 1, found.spec.kernel) @ part["net"].to_numpy()[used]
        ends = (0.0, sign * found.bandwidth_km)
        rows += [{"side": side, "distance_km": end, "estimate": float(level + slope * end)} for end in ends]
    return pd.DataFrame(rows)
