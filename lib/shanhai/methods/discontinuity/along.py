"""The jump at points along a border, with an interval at each and a band for the whole line.

A single jump is a mean over a line along which it may change. Keele & Titiunik (2015, Political Analysis 23) estimate
it at chosen points of the border: the running variable is the distance of each place to the point, positive on the
right side, and places of either side are followed to the point. Cattaneo, Titiunik & Yu (2025) give the theory: the
bandwidth of least mean squared error shrinks more slowly, because places within h of a point are as many as the square
of h, and estimates at near points share places, so that a band for the whole line takes the largest of their t-ratios
(Montiel Olea & Plagborg-Møller 2019, Journal of Applied Econometrics 34).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_array, as_count, as_generator, as_marks
from shanhai.methods.discontinuity.polynomial import Jump, JumpSpec, complete_rows, jump_and_scores, with_noise
from shanhai.methods.estimate import LEVEL, interval, two_sided_p
from shanhai.methods.regression.pairs import EARTH_RADIUS_KM, as_degrees


@dataclass(frozen=True, repr=False)
class JumpsAlong(Shown):
    """Jumps at points of a border, right side minus left side."""

    spec: JumpSpec
    """How each jump was estimated."""
    jumps: tuple[Jump | None, ...]
    """The jump at each point; none where places are too few."""
    refused: tuple[str, ...]
    """Why a point has no estimate; empty where it has one."""
    covariance: Array
    """Covariance of the robust estimates of the points that have one, in their order."""
    critical: float
    """Standard errors to either side that the band holds: the quantile of the largest absolute t-ratio."""
    p_anywhere: float
    """p-value of no jump at any point: share of draws in which the largest absolute t-ratio is as large."""
    draws: int
    """Draws behind both."""

    def to_frame(self) -> pd.DataFrame:
        """One row a point, in the order of the columns of the distances.

        Returns
        -------
        DataFrame
            point, estimate, se, p, low, high (robust, 95 %, this point alone), band_low, band_high (95 % for all points
            together), bandwidth_left, bandwidth_right, n_left, n_right (places with weight), note.
        """
        rows = [_row(jump, note) for jump, note in zip(self.jumps, self.refused, strict=True)]
        table = pd.DataFrame(rows)
        estimate, se = table["estimate"].to_numpy(dtype=float), table["se"].to_numpy(dtype=float)
        low, high = interval(estimate, se)
        table.insert(0, "point", np.arange(1, len(table) + 1))
        table.insert(3, "p", two_sided_p(estimate / se))
        for place, (name, values) in enumerate(
            {
                "low": low,
                "high": high,
                "band_low": estimate - self.critical * se,
                "band_high": estimate + self.critical * se,
            }.items(),
            start=4,
        ):
            table.insert(place, name, values)
        return table

    def mean(self) -> pd.Series:
        """Mean of the jumps at the points that have one, each with the same weight: estimate, se, low, high (95 %)."""
        found = np.array([jump.corrected for jump in self.jumps if jump is not None])
        se = float(np.sqrt(self.covariance.mean()))
        low, high = interval(float(found.mean()), se)
        return pd.Series({"estimate": float(found.mean()), "se": se, "low": low, "high": high})


def _row(jump: Jump | None, note: str) -> dict[str, object]:
    if jump is None:
        names = ("estimate", "se", "bandwidth_left", "bandwidth_right")
        return {**dict.fromkeys(names, np.nan), "n_left": 0, "n_right": 0, "note": note}
    return {
        "estimate": jump.corrected,
        "se": jump.se_robust,
        "bandwidth_left": jump.bandwidths.main[0],
        "bandwidth_right": jump.bandwidths.main[1],
        "n_left": jump.n_inside[0],
        "n_right": jump.n_inside[1],
        "note": note,
    }


def jumps_along(
    outcome: ArrayLike,
    distances: ArrayLike,
    right_side: ArrayLike,
    spec: JumpSpec | None = None,
    *,
    clusters: ArrayLike | None = None,
    covariates: ArrayLike | None = None,
    draws: int = 9999,
    generator: np.random.Generator,
) -> JumpsAlong:
    """Jumps of the outcome at points along a border, with a band for all of them.

    Parameters
    ----------
    outcome : array_like
        n numbers.
    distances : array_like
        n x m distances of each place to each point, in the unit that bandwidths are named in (most often km), as of
        :func:`distances_to`; none negative.
    right_side : array_like
        n times true or false: which places lie on the right side.
    spec : JumpSpec, optional
        As of :func:`~shanhai.methods.discontinuity.polynomial.local_jump`. By default the bandwidth of each point is
        chosen; one named holds at all points. Residuals are HC3 where no specification is given: neighbours in the
        distance to a point lie anywhere on a half circle, and few places lie near.
    clusters : array_like, optional
        n labels: clusters of the variance, which also tie the points together.
    covariates : array_like, optional
        n x k numbers fixed before the treatment.
    draws : int
        Draws of the largest t-ratio.
    generator : Generator
        Draws them.

    Returns
    -------
    JumpsAlong

    Raises
    ------
    SpecificationError
        If shapes differ, a distance is negative, right_side holds other than true and false, or no point has an
        estimate. A single point without stays in the table with the reason.

    References
    ----------
    Keele & Titiunik 2015; Cattaneo, Titiunik & Yu 2025; band: Montiel Olea & Plagborg-Møller 2019.

    Examples
    --------
    A border along the equator with a jump of 1 everywhere:

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> x, y = rng.uniform(-3, 3, 2000), rng.uniform(-1, 1, 2000)
    >>> outcome = (y >= 0) + 0.2 * x + rng.normal(0, 0.1, 2000)
    >>> distances = np.hypot(x[:, None] - np.array([-1.0, 0.0, 1.0]), y[:, None])
    >>> found = jumps_along(outcome, distances, y >= 0, JumpSpec(bandwidth=0.8), generator=rng)
    >>> found.to_frame()[["estimate", "band_low", "band_high"]].round(1).to_numpy().tolist()
    [[0.9, 0.7, 1.1], [1.1, 1.0, 1.3], [1.1, 0.9, 1.2]]
    """
    generator, draws = as_generator(generator), as_count(draws, "draws", least=1)
    table, right = _checked(distances, right_side)
    spec = with_noise(spec or JumpSpec(noise=None if clusters is not None else "HC3"), clustered=clusters is not None)
    jumps: list[Jump | None] = []
    refused, scores = [], []
    values, codes, present = complete_rows(outcome, np.zeros(len(table)), clusters, covariates)
    for distance in table.T:
        values[:, 1] = np.where(right, distance, -distance)[present]
        try:
            jump, moved = jump_and_scores(values, codes, present, spec, dimension=2)
        except SpecificationError as error:
            jumps.append(None)
            refused.append(str(error))
        else:
            jumps.append(jump)
            refused.append("")
            scores.append(moved)
    if not scores:
        raise SpecificationError(f"no point has an estimate; at the first: {refused[0]}")
    covariance = _covariance(np.column_stack(scores), codes, present)
    t = np.array([jump.corrected for jump in jumps if jump is not None]) / np.sqrt(np.diagonal(covariance))
    largest = _largest(covariance, draws, generator)
    return JumpsAlong(
        spec=spec,
        jumps=tuple(jumps),
        refused=tuple(refused),
        covariance=covariance,
        critical=float(np.quantile(largest, LEVEL)),
        p_anywhere=float((1 + (largest >= np.abs(t).max()).sum()) / (1 + draws)),
        draws=draws,
    )


def _checked(distances: ArrayLike, right_side: ArrayLike) -> tuple[Array, np.ndarray]:
    table, right = as_array(distances, "the distances", axes=2), as_marks(right_side, "right_side")
    if len(right) != len(table) or not table.size or (table < 0).any():
        raise SpecificationError(
            f"distances of shape {table.shape} (least {table.min() if table.size else np.nan:g}), right_side of "
            f"{len(right)} places; allowed: one row per place and one column per point, none negative. The side gives "
            "the sign."
        )
    return table, right


def _covariance(scores: Array, codes: np.ndarray | None, present: np.ndarray) -> Array:
    """Covariance of the points: products of scores, summed by cluster first."""
    if codes is not None:
        inside = scores[present]
        scores = np.column_stack([np.bincount(codes, weights=column) for column in inside.T])
    return np.asarray(scores.T @ scores)


def _largest(covariance: Array, draws: int, generator: np.random.Generator) -> Array:
    """Largest absolute value of normal vectors with the correlations of the estimates."""
    se = np.sqrt(np.diagonal(covariance))
    values, vectors = np.linalg.eigh(covariance / np.outer(se, se))
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.asarray(np.abs(generator.standard_normal((draws, len(se))) @ root.T).max(axis=1))


def distances_to(longitude: ArrayLike, latitude: ArrayLike, points: Sequence[tuple[float, float]] | ArrayLike) -> Array:
    """Great-circle distances of places to points of a border.

    Parameters
    ----------
    longitude, latitude : array_like
        n places in degrees. With projected coordinates, ``numpy.hypot`` of their differences does the same.
    points : array_like
        m pairs of longitude and latitude in degrees.

    Returns
    -------
    array, n x m
        Kilometres.

    Raises
    ------
    SpecificationError
        If a coordinate is no number or out of range, or points are no pairs.

    Examples
    --------
    A degree of latitude:

    >>> distances_to([120.0], [29.0], [(120.0, 30.0)]).round(1).tolist()
    [[111.2]]
    """
    table = as_array(points, "the points", axes=2)
    if table.shape[1] != 2:
        raise SpecificationError(f"points of shape {table.shape}; allowed: pairs of longitude and latitude.")
    east, north = (np.radians(values)[:, None] for values in as_degrees(longitude, latitude))
    there_east, there_north = (np.radians(values)[None, :] for values in as_degrees(table[:, 0], table[:, 1]))
    half = np.sin((north - there_north) / 2) ** 2
    half = half + np.cos(north) * np.cos(there_north) * np.sin((east - there_east) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0))))
