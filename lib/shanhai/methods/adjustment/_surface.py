"""Terrain by border: the difference at each level of terrain, and each effect where the other is absent.

A smooth curve along terrain is a natural cubic spline, straight beyond the outer knots.

Source: ``lib/docs/border-or-mountain.md``, section 3.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_generator
from shanhai.methods.estimate import LEVEL, interval
from shanhai.methods.regression.design import numbers
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.results import FitResult, JointTest, joint_test
from shanhai.methods.spec import Filter, RegressionSpec, Term, Variable

_KNOT_SHARES = {3: (0.10, 0.50, 0.90), 4: (0.05, 0.35, 0.65, 0.95), 5: (0.05, 0.275, 0.5, 0.725, 0.95)}
"""Quantiles at which knots stand, by their number (Harrell 2015, table 2.3)."""


def knots_at_quantiles(values: Array, count: int = 4) -> Array:
    """Knots of a column.

    Raises
    ------
    SpecificationError
        If the number is not 3, 4 or 5, or quantiles coincide.
    """
    if count not in _KNOT_SHARES:
        raise SpecificationError(
            f"{count!r} knots; allowed: {', '.join(map(str, _KNOT_SHARES))}. More would follow noise."
        )
    knots = np.quantile(values, _KNOT_SHARES[count])
    if (np.diff(knots) <= 0).any():
        raise SpecificationError(
            f"knots {knots} are not rising: too many rows have the same value; allowed: a column that spreads. "
            "Take fewer knots, or bins."
        )
    return np.asarray(knots)


def _spread_of(values: Array, name: str) -> float:
    """Standard deviation of a column, which must have one.

    Raises
    ------
    SpecificationError
        If all rows have the same value.
    """
    if len(values) < 2 or values.min() == values.max():
        raise SpecificationError(
            f"{name!r} is the same in all {len(values)} rows; allowed: a column that varies. Widen the sample."
        )
    return float(values.std(ddof=1))


def natural_spline(values: Array, knots: Array) -> Array:
    """Basis of the natural cubic spline without its constant (Harrell 2015, equation 2.25).

    Returns
    -------
    array, n x (knots - 1)
        The column itself, then one cubic for each inner knot, in the unit of the column.
    """
    last, before, first = knots[-1], knots[-2], knots[0]

    def cube(at: float) -> Array:
        return np.maximum(values - at, 0.0) ** 3

    bends = [
        (cube(knot) - cube(before) * (last - knot) / (last - before) + cube(last) * (before - knot) / (last - before))
        / (last - first) ** 2
        for knot in knots[:-2]
    ]
    return np.column_stack([values, *bends])


_DRAWS = 20_000
"""Normal draws behind the critical value of a band."""


@dataclass(frozen=True, repr=False)
class Surface(Shown):
    """Difference of treated and untreated units along a terrain column, within groups."""

    points: pd.DataFrame
    """Binned: bin, low, high, at (median), estimate, se, p, low_95, high_95, n_treated, n_control. Smooth: at,
    quantile, estimate, se, low_95, high_95, band_low, band_high."""
    flat: JointTest
    """Test that the difference is the same at every level of terrain."""
    result: FitResult
    """The regression behind it."""


def binned_surface(spec: RegressionSpec, frame: pd.DataFrame, terrain: str | None = None, bins: int = 5) -> Surface:
    """Difference within each quantile bin of terrain, from one regression with a dummy for each bin.

    Identifies, in every bin, the mean over groups of treated less untreated units that lie in this bin, weighted by
    the variance of treatment in it, if nothing but the controls differs between them.

    Parameters
    ----------
    spec : RegressionSpec
        One 0/1 term; its controls (terrain column left out) and fixed effects are kept.
    frame : DataFrame
    terrain : str, optional
        Column that is cut at quantiles of the rows estimated on; by default that of the first control.
    bins : int

    Raises
    ------
    SpecificationError
        If bins are fewer than two, or a bin has no treated or no untreated row.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import binned_surface
    >>> rng = np.random.default_rng(0)
    >>> height = rng.normal(size=400)
    >>> frame = pd.DataFrame({"height": height, "treated": rng.uniform(size=400) < 1 / (1 + np.exp(-height))})
    >>> frame["y"] = frame["treated"] - 0.5 * height + rng.normal(0, 0.3, 400)
    >>> frame["group"], frame["town"] = np.arange(400) % 2, np.arange(400) % 40
    >>> spec = RegressionSpec(
    ...     Variable("y"),
    ...     (Variable("treated"),),
    ...     SampleSpec("all"),
    ...     CovarianceSpec("cluster", ("town",), "CR1S"),
    ...     controls=(Variable("height"),),
    ...     fixed_effects=("group",),
    ... )
    >>> type(binned_surface(spec, frame, bins=2)).__name__
    'Surface'
    """
    treatment, terrain = _treatment_column(spec), terrain or _first_control(spec)
    used = _rows(spec, frame, terrain)
    values, treated = numbers(used, terrain), numbers(used, treatment) == 1.0
    if bins < 2:
        raise SpecificationError(f"{bins!r} bins; allowed: two or more. Take five.")
    edges = np.quantile(values, np.linspace(0.0, 1.0, bins + 1))
    place = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, bins - 1)
    counts = [(int((treated & (place == b)).sum()), int((~treated & (place == b)).sum())) for b in range(bins)]
    if min(min(pair) for pair in counts) == 0:
        raise SpecificationError(
            f"treated and untreated rows by bin of {terrain!r}: {counts}; allowed: both in every bin. Take fewer bins."
        )
    effects = {f"difference_{b + 1}": (treated & (place == b)).astype(float) for b in range(bins)}
    levels = {f"level_{b + 1}": (place == b).astype(float) for b in range(1, bins)}
    result = fit(_replaced(spec, terrain, tuple(effects), tuple(levels)), used.assign(**effects, **levels))
    table = pd.DataFrame({"bin": range(1, bins + 1), "low": edges[:-1], "high": edges[1:]})
    table["at"] = [float(np.median(values[place == b])) for b in range(bins)]
    estimates = result.to_frame().iloc[:bins]
    table[["estimate", "se", "p", "low_95", "high_95"]] = estimates[["estimate", "se", "p", "low", "high"]].to_numpy()
    table[["n_treated", "n_control"]] = counts
    return Surface(table, _equality(result, bins), result)


def smooth_surface(
    spec: RegressionSpec,
    frame: pd.DataFrame,
    rng: np.random.Generator,
    terrain: str | None = None,
    knots: int = 4,
    shares: tuple[float, ...] = tuple(np.linspace(0.02, 0.98, 49)),
) -> Surface:
    """Difference as a natural cubic spline of terrain, with pointwise intervals and a band for the whole curve.

    The band covers the whole curve at once with 95 %: its critical value is the quantile of the largest absolute t
    over the curve under normal draws with the estimated correlation (sup-t, Montiel Olea & Plagborg-Moller 2019).

    Parameters
    ----------
    spec, frame, terrain
        As in ``binned_surface``.
    rng : Generator
        Draws behind the band.
    knots : int
        3, 4 or 5.
    shares : tuple of float
        Quantiles of terrain at which the curve is given.

    Raises
    ------
    SpecificationError
        If the number of knots is another, or terrain does not spread.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import smooth_surface
    >>> rng = np.random.default_rng(0)
    >>> height = rng.normal(size=400)
    >>> frame = pd.DataFrame({"height": height, "treated": rng.uniform(size=400) < 1 / (1 + np.exp(-height))})
    >>> frame["y"] = frame["treated"] - 0.5 * height + rng.normal(0, 0.3, 400)
    >>> frame["group"], frame["town"] = np.arange(400) % 2, np.arange(400) % 40
    >>> spec = RegressionSpec(
    ...     Variable("y"),
    ...     (Variable("treated"),),
    ...     SampleSpec("all"),
    ...     CovarianceSpec("cluster", ("town",), "CR1S"),
    ...     controls=(Variable("height"),),
    ...     fixed_effects=("group",),
    ... )
    >>> surface = smooth_surface(spec, frame, rng, terrain="height")
    >>> type(surface).__name__
    'Surface'
    """
    rng = as_generator(rng)
    treatment, terrain = _treatment_column(spec), terrain or _first_control(spec)
    used = _rows(spec, frame, terrain)
    values, treated = numbers(used, terrain), numbers(used, treatment)
    scale = _spread_of(values, terrain)
    where = knots_at_quantiles(values / scale, knots)
    basis = natural_spline(values / scale, where)
    effects = {"difference": treated}
    effects |= {f"difference_x_{j + 1}": treated * column for j, column in enumerate(basis.T)}
    curve = {f"terrain_{j + 1}": column for j, column in enumerate(basis.T)}
    result = fit(_replaced(spec, terrain, tuple(effects), tuple(curve)), used.assign(**effects, **curve))
    for name in effects:
        result.tested(name)
    at = np.quantile(values, shares)
    size = len(effects)
    vectors = np.column_stack([np.ones(len(at)), natural_spline(at / scale, where)])
    estimate = vectors @ result.params[:size]
    covariance = vectors @ result.covariance[:size, :size] @ vectors.T
    se = np.sqrt(np.diag(covariance))
    low, high = interval(estimate, se, result.df)
    wide = _critical_value(vectors, result.covariance[:size, :size], rng) * se
    table = pd.DataFrame({"at": at, "quantile": shares, "estimate": estimate, "se": se})
    table = table.assign(low_95=low, high_95=high)
    table = table.assign(band_low=estimate - wide, band_high=estimate + wide)
    return Surface(table, joint_test(result, tuple(effects)[1:]), result)


def _rows(spec: RegressionSpec, frame: pd.DataFrame, terrain: str) -> pd.DataFrame:
    """Rows that the regression uses, terrain among its columns."""
    with_terrain = replace(spec, controls=(Variable(terrain), *_without_column(spec.controls, terrain)))
    return frame.iloc[fit(with_terrain, frame).rows]


def _replaced(spec: RegressionSpec, terrain: str, effects: tuple[str, ...], levels: tuple[str, ...]) -> RegressionSpec:
    """The specification with the treatment and terrain in parts."""
    return replace(
        spec,
        terms=tuple(Variable(name) for name in effects),
        controls=(*(Variable(name) for name in levels), *_without_column(spec.controls, terrain)),
        model=f"{spec.term_names[0]} by {terrain}",
    )


def _equality(result: FitResult, bins: int) -> JointTest:
    """Wald test that the first coefficients are equal, as F with the degrees of freedom of the covariance."""
    contrast = np.column_stack([np.ones(bins - 1), -np.eye(bins - 1)])
    gaps = contrast @ result.params[:bins]
    spread = contrast @ result.covariance[:bins, :bins] @ contrast.T
    statistic = float(gaps @ np.linalg.solve(spread, gaps)) / (bins - 1)
    p = float(stats.f.sf(statistic, bins - 1, result.df))
    return JointTest(result.names[:bins], statistic, bins - 1, result.df, p)


def _critical_value(vectors: Array, covariance: Array, rng: np.random.Generator) -> float:
    """Quantile of the largest absolute t over the points of a curve."""
    values, axes = np.linalg.eigh(covariance)
    root = vectors @ (axes * np.sqrt(np.maximum(values, 0.0)))
    root = root / np.linalg.norm(root, axis=1)[:, None]
    draws = rng.standard_normal((root.shape[1], _DRAWS))
    return float(np.quantile(np.abs(root @ draws).max(axis=0), LEVEL))


_BEYOND_KM = 20.0
"""Interior units whose edge is this far from a border: what spills over it has faded there (Ma & Zhao 2022 find the
valley mostly within 20 km)."""

_FLAT_SHARE = 1.0 / 3.0
"""Terrain in the lower third counts as flat, the counterpart of the upper third that is called rugged."""


@dataclass(frozen=True, repr=False)
class Dose(Shown):
    """Outcome along terrain on units away from the border, with the regressions behind each part."""

    table: pd.DataFrame
    """quantity (``terrain``: slope by standard deviation of terrain; ``border``: difference), part (key of ``_PARTS``),
    estimate, se, p, low, high, n, n_treated (missing where nothing is treated)."""
    steps: pd.DataFrame
    """Quintiles of terrain among interior units, against the flattest: bin, low, high, estimate, se, low_95,
    high_95, n."""
    straight: JointTest
    """Test that the outcome falls along terrain in a straight line (inner terms of a natural spline)."""
    results: tuple[FitResult, ...]
    """The regressions of the table, in its order."""
    beyond_km: float = _BEYOND_KM
    """How far from the border the units of the part ``far`` lie at least."""


_PARTS = {
    "interior": ("terrain", "interior"),
    "far": ("terrain", f"interior, {_BEYOND_KM:g} km off"),
    "border": ("terrain", "border"),
    "flat": ("border", "flat"),
    "rugged": ("border", "rugged"),
}
"""Quantity and units of each part: terrain with no border near, the same without spill-overs, terrain on the border;
the border where it is flat, and where it is rugged."""


def dose_of_terrain(spec: RegressionSpec, frame: pd.DataFrame, gap: str, terrain: str | None = None) -> Dose:
    """Effect of terrain away from borders, and of borders on flat ground.

    A standard deviation of terrain is that of all rows of the comparison, the same in every part, so slopes compare.

    Parameters
    ----------
    spec : RegressionSpec
        One 0/1 term (on the border); other controls, fixed effects and covariance are kept. Controls that measure
        terrain beside ``terrain`` should be left out, or they share its slope.
    frame : DataFrame
    gap : str
        Column of the distance in km from the edge of a unit to the border.
    terrain : str, optional
        By default the column of the first control.

    Returns
    -------
    Dose
        Slopes and differences identify effects if nothing but the controls differs along terrain within groups.

    Raises
    ------
    SpecificationError
        If columns are absent or a part has too few rows.

    Examples
    --------
    Units on the border are 1 higher, wherever the ground is flat or not:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import dose_of_terrain
    >>> rng = np.random.default_rng(0)
    >>> height = rng.normal(size=400)
    >>> frame = pd.DataFrame({"height": height, "treated": rng.uniform(size=400) < 1 / (1 + np.exp(-height))})
    >>> frame["y"] = frame["treated"] - 0.5 * height + rng.normal(0, 0.3, 400)
    >>> frame["group"], frame["town"] = np.arange(400) % 2, np.arange(400) % 40
    >>> spec = RegressionSpec(
    ...     Variable("y"),
    ...     (Variable("treated"),),
    ...     SampleSpec("all"),
    ...     CovarianceSpec("cluster", ("town",), "CR1S"),
    ...     controls=(Variable("height"),),
    ...     fixed_effects=("group",),
    ... )
    >>> frame["km"] = np.where(frame["treated"], 0.0, rng.uniform(1, 300, 400))
    >>> dose = dose_of_terrain(spec, frame, "km", terrain="height")
    >>> type(dose).__name__
    'Dose'
    """
    border, terrain = _treatment_column(spec), terrain or _first_control(spec)
    kept = _without_column(spec.controls, terrain)
    whole = replace(spec, controls=(Variable(terrain), *kept))
    used = frame.iloc[fit(whole, frame).rows]
    raw = numbers(used, terrain)
    used = used.assign(terrain_in_sd=(raw - raw.mean()) / _spread_of(raw, terrain))
    cuts = (float(np.quantile(raw, _FLAT_SHARE)), float(np.quantile(raw, 1.0 - _FLAT_SHARE)))
    parts = _parts(whole, kept, (border, terrain, gap), cuts)
    results = tuple(fit(part, used) for part in parts)
    interior = used[numbers(used, border) == 0.0]
    steps = _steps(replace(whole, controls=kept), interior, terrain)
    return Dose(_table(results, used, border), steps, _straight(whole, kept, interior, terrain), results)


def _parts(
    spec: RegressionSpec, kept: tuple[Term, ...], columns: tuple[str, str, str], cuts: tuple[float, float]
) -> tuple[RegressionSpec, ...]:
    """Specifications of the parts, in the order of the table; columns are border, terrain and gap."""
    border, terrain, gap = columns
    dose = Variable("terrain_in_sd")
    inside = Filter(border, "==", False)
    conditions = (
        (dose, (inside,)),
        (dose, (inside, Filter(gap, ">=", _BEYOND_KM))),
        (dose, (Filter(border, "==", True),)),
        (Variable(border), (Filter(terrain, "<=", cuts[0]),)),
        (Variable(border), (Filter(terrain, ">=", cuts[1]),)),
    )
    return tuple(
        replace(
            spec,
            terms=(term,),
            controls=kept if term is dose else (dose, *kept),
            sample=replace(spec.sample, filters=(*spec.sample.filters, *filters)),
            model=", ".join(names),
        )
        for (term, filters), names in zip(conditions, _PARTS.values(), strict=True)
    )


def _table(results: tuple[FitResult, ...], frame: pd.DataFrame, border: str) -> pd.DataFrame:
    """One row a part."""
    rows = []
    for result, (part, (quantity, _)) in zip(results, _PARTS.items(), strict=True):
        first = result.to_frame().iloc[0]
        treated = int(numbers(frame.iloc[result.rows], border).sum()) if quantity == "border" else None
        rows.append(
            {
                "quantity": quantity,
                "part": part,
                **{key: float(first[key]) for key in ("estimate", "se", "p", "low", "high")},
                "n": result.n,
                "n_treated": treated,
            }
        )
    return pd.DataFrame(rows).astype({"n_treated": "Int64"})


def _steps(spec: RegressionSpec, frame: pd.DataFrame, terrain: str, bins: int = 5) -> pd.DataFrame:
    """Outcome by quintile of terrain against the flattest."""
    values = numbers(frame, terrain)
    edges = np.quantile(values, np.linspace(0.0, 1.0, bins + 1))
    place = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, bins - 1)
    dummies = {f"step_{b + 1}": (place == b).astype(float) for b in range(1, bins)}
    result = fit(replace(spec, terms=tuple(Variable(name) for name in dummies)), frame.assign(**dummies))
    table = pd.DataFrame({"bin": range(1, bins + 1), "low": edges[:-1], "high": edges[1:]})
    numbers_of = result.to_frame().iloc[: bins - 1][["estimate", "se", "low", "high"]].to_numpy()
    table[["estimate", "se", "low_95", "high_95"]] = np.vstack([[0.0, np.nan, 0.0, 0.0], numbers_of])
    table["n"] = np.bincount(place[result.rows], minlength=bins)
    return table


def _straight(spec: RegressionSpec, kept: tuple[Term, ...], frame: pd.DataFrame, terrain: str) -> JointTest:
    """Wald test of the inner terms of a natural spline of terrain among interior units."""
    values = numbers(frame, terrain) / _spread_of(numbers(frame, terrain), terrain)
    basis = natural_spline(values, knots_at_quantiles(values))
    columns = {f"terrain_{j + 1}": column for j, column in enumerate(basis.T)}
    terms = tuple(Variable(name) for name in columns)
    result = fit(replace(spec, terms=terms, controls=kept), frame.assign(**columns))
    return joint_test(result, tuple(columns)[1:])


def _treatment_column(spec: RegressionSpec) -> str:
    """Column of the only term of a comparison.

    Raises
    ------
    SpecificationError
        If there are several terms, or the term is no plain variable.
    """
    if len(spec.terms) != 1 or not isinstance(spec.terms[0], Variable):
        raise SpecificationError(
            f"model {spec.model!r} has the terms {', '.join(spec.term_names)}; allowed: one 0/1 Variable. Take "
            "border_comparison, or leave the other terms out."
        )
    return spec.terms[0].column


def _first_control(spec: RegressionSpec) -> str:
    """Column of the first control, which is the terrain where none is named."""
    for term in spec.controls[:1]:
        if isinstance(term, Variable):
            return term.column
    raise SpecificationError(
        f"no terrain is named, and the first control of model {spec.model!r} is no column; allowed: the name of one. "
        "Give terrain='height'."
    )


def _without_column(terms: tuple[Term, ...], column: str) -> tuple[Term, ...]:
    """Terms other than the plain variables of a column."""
    return tuple(term for term in terms if not (isinstance(term, Variable) and term.column == column))
