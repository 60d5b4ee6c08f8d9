"""Jump of an outcome at a cut-off by local polynomials, with robust bias-corrected inference.

Calonico, Cattaneo & Titiunik (2014, Econometrica 82:2295-2326). The conventional interval is centred on an estimate
whose bias is of the order of its standard error when the bandwidth minimises the mean squared error; the robust one
takes the estimated bias off and counts the noise of that estimate.
"""

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes, Flags
from shanhai.methods.checks import as_codes, as_numbers, require_same_rows
from shanhai.methods.discontinuity._local import (
    Bandwidths,
    KernelShape,
    Noise,
    Side,
    Smoothing,
    covariate_slopes,
    linear_variance,
    optimal_bandwidths,
    residuals,
    scaled_scores,
    smoother,
)
from shanhai.methods.estimate import interval, two_sided_p

Selection = Literal["mserd", "msetwo"]
"""One bandwidth for both sides, or one for each."""

_NO_NOISE = 1e-13
"""Share of the largest outcome below which a standard error is rounding."""


@dataclass(frozen=True)
class JumpSpec:
    """How a jump is estimated; every choice has a value, so that a result can name all of them.

    Examples
    --------
    >>> from shanhai.methods.discontinuity import JumpSpec
    >>> JumpSpec(bandwidth=(12.0, 18.0), bias_bandwidth=25.0, kernel="uniform").selection
    'mserd'
    """

    order: int = 1
    """Order of the polynomial; 1 is the choice of the literature (Gelman & Imbens 2019 on higher ones)."""
    bias_order: int = 2
    """Order of the polynomial that estimates the bias, above ``order``."""
    kernel: KernelShape = "triangular"
    """Weights by distance to the cut-off."""
    bandwidth: float | tuple[float, float] | None = None
    """Bandwidth in the unit of the running variable, or one left and one right of the cut-off; none: chosen."""
    bias_bandwidth: float | tuple[float, float] | None = None
    """Bandwidth of the bias, or two; none: the optimal one, or ``bandwidth`` where that is given."""
    selection: Selection = "mserd"
    """How bandwidths are chosen where none is given: ``mserd``, the one that minimises the mean squared error of the
    jump, on both sides; ``msetwo``, on each side the one that minimises that of its limit. Names of rdrobust."""
    noise: Noise | None = None
    """Residuals of the variance; none: ``neighbours`` without clusters, ``HC0`` with them (which makes CR1 of it)."""
    neighbours: int = 3
    """Least number of neighbours of ``noise="neighbours"``."""
    donut: float = 0.0
    """Rows nearer to the cut-off than this are left out."""
    least_unique: float = 0.5
    """Least number of different values of the running variable per row on each side. Below, the values are mass
    points and a limit at the cut-off is not identified by the rows near it (Cattaneo, Idrobo & Titiunik 2024)."""

    def __post_init__(self) -> None:
        choices = (
            (self.kernel, KernelShape, "kernel"),
            (self.noise, Noise, "noise"),
            (self.selection, Selection, "selection"),
        )
        for value, options, what in choices:
            if value not in get_args(options) and not (what == "noise" and value is None):
                raise SpecificationError(f"{what} is {value!r}; allowed: {', '.join(get_args(options))}. Name one.")
        if not 0 <= self.order < self.bias_order:
            raise SpecificationError(
                f"orders are {self.order} and {self.bias_order} for the bias; allowed: 0 or more, and a higher one "
                "for the bias. Take 1 and 2."
            )
        for what, width in (("bandwidth", self.bandwidth), ("bias bandwidth", self.bias_bandwidth)):
            if width is not None and not (len(_both(width)) == 2 and all(0 < side < np.inf for side in _both(width))):
                raise SpecificationError(
                    f"{what} is {width}; allowed: above 0, two of them for left and right, or None to have it chosen."
                )
        if self.bias_bandwidth is not None and self.bandwidth is None:
            raise SpecificationError("a bias bandwidth without bandwidth; allowed: both, the first, or none of them.")
        if self.neighbours < 1 or not 0 <= self.donut < np.inf or not 0 <= self.least_unique <= 1:
            raise SpecificationError(
                f"neighbours {self.neighbours}, donut {self.donut}, least unique share {self.least_unique}; allowed: "
                "1 or more, 0 or more, 0 to 1. Change the one outside."
            )


def _both(width: float | tuple[float, float]) -> tuple[float, ...]:
    """A bandwidth left and right."""
    return tuple(width) if isinstance(width, tuple | list) else (width, width)


@dataclass(frozen=True, repr=False)
class Jump(Shown):
    """A jump, right limit minus left limit, with three kinds of inference."""

    spec: JumpSpec
    """How the jump was estimated."""
    cutoff: float
    """In the unit of the running variable."""
    conventional: float
    """Estimate of order ``order``."""
    corrected: float
    """Estimate minus its estimated bias: the centre of the robust interval."""
    se_conventional: float
    """Standard error of ``conventional``, in the unit of the outcome."""
    se_robust: float
    """Standard error of ``corrected``, with the noise of the estimated bias."""
    bandwidths: Bandwidths
    """Of the estimate and of its bias, left and right, in the unit of the running variable."""
    n: tuple[int, int]
    """Rows left and right."""
    n_inside: tuple[int, int]
    """Rows with weight in the estimate, left and right."""
    unique: tuple[int, int]
    """Different values of the running variable, left and right."""
    nearest: tuple[float, float]
    """Distance of the nearest row to the cut-off, left and right: what the limits are extrapolated over."""
    dropped: int
    """Rows with a missing value."""
    in_donut: int
    """Rows left out because they are too near."""
    notes: tuple[str, ...]
    """What a reader of the numbers must know."""
    slopes: tuple[float, ...] = ()
    """Slope of each covariate, the same on both sides, in units of the outcome per unit of the covariate."""

    def to_frame(self) -> pd.DataFrame:
        """One row a method (conventional, bias-corrected, robust): estimate, se, z, p, low, high (95 %)."""
        pairs = (
            ("conventional", self.conventional, self.se_conventional),
            ("bias-corrected", self.corrected, self.se_conventional),
            ("robust", self.corrected, self.se_robust),
        )
        table = pd.DataFrame(pairs, columns=["method", "estimate", "se"])
        estimate, se = (table[name].to_numpy() for name in ("estimate", "se"))
        low, high = interval(estimate, se)
        return table.assign(z=estimate / se, p=two_sided_p(estimate / se), low=low, high=high)


def local_jump(
    outcome: ArrayLike,
    running: ArrayLike,
    spec: JumpSpec | None = None,
    *,
    cutoff: float = 0.0,
    clusters: ArrayLike | None = None,
    covariates: ArrayLike | None = None,
) -> Jump:
    """Jump of the outcome where the running variable passes the cut-off.

    Parameters
    ----------
    outcome, running : array_like
        n numbers, the second in the unit that bandwidths are named in; a row with a missing value in either, in
        ``clusters`` or in ``covariates`` is dropped and counted.
    spec : JumpSpec, optional
        Order, kernel, bandwidths and residuals; by default those of the literature.
    cutoff : float
        In the unit of ``running``. Rows at the cut-off count as right of it.
    clusters : array_like, optional
        n labels: clusters of the variance; one with rows on both sides counts once.
    covariates : array_like, optional
        n numbers, or n x k: fixed before the treatment. They get one slope for both sides, so that the jump stays the
        same in the limit and only its noise shrinks.

    Returns
    -------
    Jump

    Raises
    ------
    SpecificationError
        If lengths differ, a value is infinite, a side is empty or too short, the running variable has mass points, a
        side has one cluster, clusters come with the residuals of neighbours, or no residual is left.

    References
    ----------
    Calonico, Cattaneo & Titiunik 2014; Calonico, Cattaneo & Farrell 2020; mass points and clusters as in Calonico,
    Cattaneo, Farrell & Titiunik 2017 (Stata Journal 17); covariates as in Calonico, Cattaneo, Farrell & Titiunik 2019
    (Review of Economics and Statistics 101).

    Examples
    --------
    A jump of 1 at zero, with little noise:

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> running = rng.uniform(-1, 1, 400)
    >>> outcome = running + (running >= 0) + rng.normal(0, 0.1, 400)
    >>> found = local_jump(outcome, running, JumpSpec(bandwidth=0.5))
    >>> found.to_frame().set_index("method").loc["robust", ["estimate", "low", "high"]].astype(float).round(2).tolist()
    [1.0, 0.91, 1.09]
    """
    spec = with_noise(spec or JumpSpec(), clustered=clusters is not None)
    values, codes, present = complete_rows(outcome, running, clusters, covariates)
    return jump_and_scores(values, codes, present, spec, cutoff=cutoff)[0]


def jump_and_scores(
    values: Array, codes: Codes | None, present: Flags, spec: JumpSpec, *, cutoff: float = 0.0, dimension: int = 1
) -> tuple[Jump, Array]:
    """The jump, and how much each row moves its robust estimate.

    Parameters
    ----------
    values : array, n x (2 + k)
        Outcome, running variable and covariates of complete rows, as of :func:`complete_rows`.
    codes : array, n, or none
        Clusters.
    present : flags
        Which of the user's rows are complete, n of them.
    spec : JumpSpec
        With its residuals named, as of :func:`with_noise`.
    cutoff : float
    dimension : int
        2 where the running variable is a distance from a point: it sets the rate at which chosen bandwidths shrink.

    Returns
    -------
    Jump and array
        The scores are of all of the user's rows, zero where a row has no part; the sum of their squares (of their sums
        by cluster) is the variance of the robust estimate.

    Raises
    ------
    SpecificationError
        If a side of the cut-off has too few rows, or mass points.

    Examples
    --------
    >>> import numpy as np
    >>> from shanhai.methods.discontinuity.polynomial import JumpSpec, complete_rows, jump_and_scores, with_noise
    >>> running = np.linspace(-1, 1, 200)
    >>> outcome = (running > 0) + np.random.default_rng(0).normal(0, 0.1, 200)
    >>> values, codes, present = complete_rows(outcome, running, None, None)
    >>> jump, scores = jump_and_scores(values, codes, present, with_noise(JumpSpec(), clustered=False))
    >>> round(jump.corrected, 1), len(scores)
    (1.0, 200)
    """
    values = values.copy()
    values[:, 1] -= cutoff
    kept = np.abs(values[:, 1]) >= spec.donut
    in_donut = int((~kept).sum())
    rows = np.flatnonzero(present)[kept]
    left, right = _split(values[kept], None if codes is None else codes[kept], rows, cutoff)
    notes = tuple(note for side, name in ((left, "left"), (right, "right")) for note in _mass_points(side, name, spec))
    widths = _bandwidths(left, right, spec, dimension)
    slopes = covariate_slopes((left, right), widths.main, spec.order, spec.kernel)
    left, right = left.less(slopes), right.less(slopes)
    conventional, corrected, variances, scores = _estimate(left, right, spec, widths)
    found = Jump(
        spec=spec,
        cutoff=cutoff,
        conventional=conventional,
        corrected=corrected,
        se_conventional=float(np.sqrt(variances[0])),
        se_robust=float(np.sqrt(variances[1])),
        bandwidths=widths,
        n=(len(left.outcome), len(right.outcome)),
        n_inside=(len(left.within(widths.main[0]).outcome), len(right.within(widths.main[1]).outcome)),
        unique=(left.unique, right.unique),
        nearest=(float(np.abs(left.running).min()), float(right.running.min())),
        dropped=int((~present).sum()),
        in_donut=in_donut,
        notes=notes,
        slopes=tuple(map(float, slopes)),
    )
    whole = np.zeros(len(present))
    whole[scores[0]] = scores[1]
    return found, whole


def with_noise(spec: JumpSpec, *, clustered: bool) -> JumpSpec:
    """The specification with its residuals named; those of neighbours do not go with clusters.

    Parameters
    ----------
    spec : JumpSpec
    clustered : bool
        Whether the rows have clusters.

    Raises
    ------
    SpecificationError
        If residuals of neighbours are asked for with clusters.

    Examples
    --------
    >>> from shanhai.methods.discontinuity.polynomial import JumpSpec, with_noise
    >>> with_noise(JumpSpec(), clustered=True).noise
    'HC0'
    """
    if spec.noise is None:
        return replace(spec, noise="HC0" if clustered else "neighbours")
    if clustered and spec.noise == "neighbours":
        raise SpecificationError(
            "noise 'neighbours' with clusters: neighbours mostly lie in other clusters, so what rows of a cluster "
            "share is differenced into the noise of others; allowed: HC0, HC1, HC2, HC3. Leave noise out, or take HC0, "
            "which with clusters is CR1."
        )
    return spec


def complete_rows(
    outcome: ArrayLike, running: ArrayLike, clusters: ArrayLike | None, covariates: ArrayLike | None
) -> tuple[Array, Codes | None, Flags]:
    """Rows without a missing value (outcome, running, covariates), their clusters, and which of all rows they are.

    Parameters
    ----------
    outcome, running : n numbers
        Missing ones allowed.
    clusters : n labels, or None
    covariates : array, n x k, or None

    Returns
    -------
    tuple
        array, complete rows x (2 + k): outcome, running variable, covariates; codes of their clusters, or None; array
        of bool, n: True for the rows that are complete.

    Raises
    ------
    SpecificationError
        If columns have different rows or shapes, or hold no numbers.

    Examples
    --------
    >>> from shanhai.methods.discontinuity.polynomial import complete_rows
    >>> values, codes, present = complete_rows([1.0, 2.0, None], [-1.0, 1.0, 2.0], None, None)
    >>> values.shape, codes, present.tolist()
    ((2, 2), None, [True, True, False])
    """
    columns = {"outcome": outcome, "the running variable": running, "clusters": clusters, "covariates": covariates}
    require_same_rows(columns)
    shapes = {np.shape(column) for column in (outcome, running, *(() if clusters is None else (clusters,)))}
    if len(shapes) != 1 or np.ndim(outcome) != 1:
        raise SpecificationError(
            f"outcome, running variable and clusters have the shapes {sorted(shapes)}; allowed: one column each, of "
            "the same length. Take them from the same frame."
        )
    found = [as_numbers(outcome, "outcome", missing=True), as_numbers(running, "the running variable", missing=True)]
    values = np.column_stack([*found, *_covariates(covariates, len(found[0]))])
    present = ~np.isnan(values).any(axis=1)
    if clusters is None:
        return values[present], None, np.asarray(present)
    labels = pd.Series(np.asarray(clusters, dtype=object))
    present &= labels.notna().to_numpy(dtype=bool)
    return values[present], as_codes(labels[present], "the cluster"), present


def _covariates(covariates: ArrayLike | None, n: int) -> list[Array]:
    """Columns of the covariates."""
    if covariates is None:
        return []
    table = pd.DataFrame(np.asarray(covariates)) if not isinstance(covariates, pd.DataFrame) else covariates
    if len(table) != n:
        raise SpecificationError(
            f"covariates have {len(table)} rows, the outcome {n}; allowed: as many. Take them from the same frame."
        )
    return [as_numbers(column, f"covariate {name!r}", missing=True) for name, column in table.items()]


def _split(values: Array, codes: Codes | None, rows: Codes, cutoff: float) -> tuple[Side, Side]:
    order = np.argsort(values[:, 1], kind="stable")
    values = values[order]
    start = int(np.searchsorted(values[:, 1], 0.0))
    if start == 0 or start == len(values):
        low, high = (values[:, 1].min() + cutoff, values[:, 1].max() + cutoff) if len(values) else (np.nan, np.nan)
        raise SpecificationError(
            f"{start} rows lie left and {len(values) - start} right of the cut-off {cutoff:g} (running variable from "
            f"{low:g} to {high:g}); allowed: rows on both sides. Give the distance a sign, or move the cut-off."
        )
    left, right = (
        Side(
            values[part, 0],
            values[part, 1],
            None if codes is None else codes[order][part],
            values[part, 2:] if values.shape[1] > 2 else None,
            rows[order][part],
        )
        for part in (slice(None, start), slice(start, None))
    )
    return left, right


def _mass_points(side: Side, name: str, spec: JumpSpec) -> list[str]:
    """Refuse a side whose rows share few values of the running variable; say it where some do."""
    rows, unique = len(side.running), side.unique
    if unique < spec.least_unique * rows:
        raise SpecificationError(
            f"mass points: {rows} rows on the {name} of the cut-off have {unique} different values of the running "
            f"variable ({unique / rows:.0%}); allowed: {spec.least_unique:.0%} or more. A limit at the cut-off cannot "
            "be read from so few places: use unrounded distances, compare the places themselves by local "
            "randomization, or lower least_unique and answer for it."
        )
    return [f"{rows - unique} of {rows} rows on the {name} repeat a running value"] if unique < rows else []


def _bandwidths(left: Side, right: Side, spec: JumpSpec, dimension: int) -> Bandwidths:
    if spec.bandwidth is not None:
        main, bias = (_both(width) for width in (spec.bandwidth, spec.bias_bandwidth or spec.bandwidth))
        return Bandwidths((main[0], main[1]), (bias[0], bias[1]))
    apart = spec.selection == "msetwo"
    smoothing = replace(_smoothing(spec), dimension=dimension)
    return optimal_bandwidths(left, right, spec.order, spec.bias_order, smoothing, apart=apart)


def _smoothing(spec: JumpSpec) -> Smoothing:
    assert spec.noise is not None  # named by with_noise
    return Smoothing(spec.kernel, spec.noise, spec.neighbours)


def _estimate(
    left: Side, right: Side, spec: JumpSpec, widths: Bandwidths
) -> tuple[float, float, tuple[float, float], tuple[Codes, Array]]:
    """Conventional and corrected jump, the variance of each, and rows with their scores in the corrected one."""
    plain, robust, rows = [], [], []
    jump = corrected = 0.0
    power, smoothing = spec.order + 1, _smoothing(spec)
    for whole, sign, width, bias_width in zip((left, right), (-1.0, 1.0), widths.main, widths.bias, strict=True):
        side = whole.within(max(width, bias_width))
        main = smoother(side.running, width, spec.order, spec.kernel)
        curve = smoother(side.running, bias_width, spec.bias_order, spec.kernel)
        weights = sign * main[0]
        free = weights - float(weights @ side.running**power) * curve[power]
        jump += float(weights @ side.outcome)
        corrected += float(free @ side.outcome)
        plain.append((weights, residuals(side, main, smoothing), side.clusters))
        robust.append((free, residuals(side, curve, smoothing), side.clusters))
        rows.append(side.rows if side.rows is not None else np.arange(len(side.running)))
    variances = linear_variance(plain, spec.order + 1), linear_variance(robust, spec.bias_order + 1)
    scores = np.concatenate([scaled_scores(*part, spec.bias_order + 1) for part in robust])
    size = max(float(np.abs(side.outcome).max()) for side in (left, right))
    if min(variances) <= (_NO_NOISE * size) ** 2:
        raise SpecificationError(
            f"residuals by {spec.noise!r} are zero inside the bandwidths {widths.main}, so no error can be stated; "
            "allowed: an outcome with noise around its polynomial. Check that the outcome is not made from the running "
            "variable."
        )
    return jump, corrected, variances, (np.concatenate(rows), scores)
