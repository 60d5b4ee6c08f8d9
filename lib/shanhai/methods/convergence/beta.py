"""Beta convergence: how fast a gap closes, and what noise in the first level does to the answer.

Growth ``100 (y_T - y_0) / T`` on ``y_0`` (log level) gives beta in percent a year per log point. With ``r = 1 + beta T
/ 100``, the share of a gap that is left after T years, the speed is ``-ln(r) / T`` a year (Barro & Sala-i-Martin 1992).

Noise in ``y_0`` stands on both sides and pulls beta below zero even where nothing converges: Galton's fallacy (Friedman
1992; Quah 1993b). Three answers here. An instrument with other noise (the level of another year or another source).
Bounds: with classical errors in both years the share of the gap that is left lies between the slope of the last level
on the first and one over the reverse slope (Frisch 1934). And the share of noise in the variance of the first level
that would make up the whole estimate.

References
----------
Barro, R. & Sala-i-Martin, X. (1992), Convergence, Journal of Political Economy 100, 223-251.
Friedman, M. (1992), Do old fallacies ever die?, Journal of Economic Literature 30, 2129-2132.
Quah, D. (1993b), Galton's fallacy and tests of the convergence hypothesis, Scand. J. of Economics 95, 427-443.
Frisch, R. (1934), Statistical confluence analysis by means of complete regression systems, Oslo.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.checks import as_count, as_number
from shanhai.methods.estimate import Estimate
from shanhai.methods.records import EstimateRecord
from shanhai.methods.regression.absorb import within
from shanhai.methods.regression.design import build_design
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.projection import without
from shanhai.methods.spec import RegressionSpec, Variable
from shanhai.methods.spec.identity import content_id


def gap_left(beta: float, years: int) -> float:
    """Share of an initial gap that is left after some years: ``1 + beta T / 100``; above 1 gaps grow.

    Parameters
    ----------
    beta : float
        Percent a year per log point of the first level.
    years : int
        Length of the period, one or more.

    Raises
    ------
    SpecificationError
        If ``beta`` is no finite number, or ``years`` no whole number of one or more.

    Examples
    --------
    With beta of -2 (percent a year, per log point) over 20 years, 60 percent of a gap are left:

    >>> from shanhai.methods.convergence import gap_left
    >>> gap_left(-2.0, 20)
    0.6
    """
    return 1 + as_number(beta, "beta") * as_count(years, "years", least=1) / 100


def half_life(beta: float, years: int) -> float:
    """Years in which half of a gap closes at the speed of the estimate; infinite if gaps do not shrink, missing if the
    estimate says that they turn round within the period.

    Parameters
    ----------
    beta, years
        As for :func:`gap_left`.

    Returns
    -------
    float
        Years.

    Raises
    ------
    SpecificationError
        As :func:`gap_left`.

    Examples
    --------
    With beta of -2 (percent a year, per log point) over 20 years:

    >>> from shanhai.methods.convergence import half_life
    >>> round(half_life(-2.0, 20), 1)
    27.1
    """
    left = gap_left(beta, years)
    if left <= 0:
        return float("nan")
    return float("inf") if left >= 1 else float(-years * np.log(2) / np.log(left))


@dataclass(frozen=True, repr=False)
class Instrumented(Shown):
    """Beta with the initial level instrumented by another reading of it."""

    estimate: Estimate
    """Percent a year per log point; two-stage least squares under the covariance of the regression."""
    clusters: int | None
    """Clusters behind the error."""
    first_stage_f: float
    """F of the instrument in the first stage, under the same covariance."""
    least_squares: float
    """Estimate of least squares on the same rows."""
    n: int
    """Rows."""
    regression: RegressionSpec
    """The regression."""
    instrument: Variable
    """The instrument."""

    def as_estimate(self) -> EstimateRecord:
        """The estimate with its name; its id follows from regression and instrument."""
        spec, (low, high) = self.regression, self.estimate.interval()
        return EstimateRecord(
            spec.sample.name, spec.outcome.name, f"{spec.model}, instrumented by {self.instrument.name}",
            spec.term_names[0], self.estimate.value, self.n, spec.covariance.label, "coefficient", self.estimate.se,
            low, high, self.estimate.p, self.estimate.df, self.clusters,
            design_id=content_id(_Design(spec.spec_id, self.instrument.name)),
        )  # fmt: skip


@dataclass(frozen=True)
class _Design:
    """A regression and what its term is instrumented by."""

    regression: str
    instrument: str


def instrumented(spec: RegressionSpec, instrument: Variable, frame: pd.DataFrame) -> Instrumented:
    """Two-stage least squares with one instrument for the one term of a regression.

    With as many instruments as endogenous terms the estimate is reduced form over first stage, and its variance is that
    of the instrument's coefficient in a regression of the structural residual, over the square of the first stage. So
    every covariance of :func:`shanhai.methods.regression.fit.fit` serves here too.

    Parameters
    ----------
    spec : RegressionSpec
        Growth on the first level alone, with any controls and fixed effects.
    instrument : Variable
        Another reading of the first level.
    frame : DataFrame

    Raises
    ------
    SpecificationError
        If the regression has other than one term, or the instrument does not vary on its rows.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.convergence import instrumented
    >>> rng = np.random.default_rng(0)
    >>> start, lit = rng.normal(size=(2, 80))
    >>> frame = pd.DataFrame({"initial": start, "earlier": start + 0.2 * lit})
    >>> frame["growth"] = 3 - start + rng.normal(0, 0.1, 80)
    >>> spec = RegressionSpec(Variable("growth"), (Variable("initial"),), SampleSpec("all"), CovarianceSpec("HC3"))
    >>> found = instrumented(spec, Variable("earlier"), frame)
    >>> round(found.estimate.value, 1), found.n
    (-1.0, 80)
    """
    if len(spec.terms) != 1 or not isinstance(spec.terms[0], Variable):
        raise SpecificationError(f"{len(spec.terms)} terms; allowed: one variable, the one that is instrumented.")
    level = spec.terms[0]
    rows = frame.dropna(subset=[spec.outcome.column, level.column, instrument.column])
    reduced = fit(replace(spec, terms=(instrument,)), rows)
    first = fit(replace(spec, outcome=level, terms=(instrument,)), rows)
    place = reduced.position(instrument.name)
    slope, stage = float(reduced.params[place]), float(first.params[place])
    estimate = slope / stage
    structural = rows.assign(structural_residual=rows[spec.outcome.column] - estimate * rows[level.column])
    last = fit(replace(spec, outcome=Variable("structural_residual"), terms=(instrument,)), structural)
    df = float(last.degrees[place])
    plain = fit(spec, rows)
    return Instrumented(
        estimate=Estimate(estimate, float(last.se[place]) / abs(stage), df, last.error),
        clusters=min((level.count for level in last.clusters), default=None),
        first_stage_f=float(first.t[place]) ** 2,
        least_squares=float(plain.params[plain.position(level.name)]),
        n=last.n,
        regression=spec,
        instrument=instrument,
    )


@dataclass(frozen=True)
class NoiseBounds:
    """What noise in the levels can do to a convergence estimate."""

    lower: float
    """Beta of least squares: the most convergence, if all error is in the first level."""
    upper: float
    """Beta from the reverse regression: the least convergence, if all error is in the last level."""
    ratio_of_spread: float
    """Spread (standard deviation) of the last level over that of the first, given the controls."""
    noise_needed: float
    """Share of the variance of the first level that would have to be noise for beta to be zero."""
    n: int
    """Rows."""


def noise_bounds(spec: RegressionSpec, years: int, frame: pd.DataFrame) -> NoiseBounds:
    """Frisch bounds of beta, within the controls and fixed effects of a regression of growth on the first level.

    The deviation of a unit from the common path counts as error in the last level here, so the upper bound is a
    cautious one: the truth of a noise-free first level is the lower one.

    Parameters
    ----------
    spec : RegressionSpec
        Growth in percent a year; the first term is the log level of the first year.
    years : int
        Years of growth.
    frame : DataFrame

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.convergence import noise_bounds
    >>> rng = np.random.default_rng(0)
    >>> start, lit = rng.normal(size=(2, 80))
    >>> frame = pd.DataFrame({"initial": start, "earlier": start + 0.2 * lit})
    >>> frame["growth"] = 3 - start + rng.normal(0, 0.1, 80)
    >>> spec = RegressionSpec(Variable("growth"), (Variable("initial"),), SampleSpec("all"), CovarianceSpec("HC3"))
    >>> found = noise_bounds(spec, 10, frame)
    >>> round(found.lower, 2), round(found.upper, 2)
    (-1.02, -1.02)
    """
    design = build_design(spec, frame)
    columns = np.column_stack([design.outcome, design.matrix])
    columns = within(columns, design.effects)
    growth, first = (without(columns[:, place], columns[:, 2:]) for place in (0, 1))
    last = first + growth * years / 100
    forward = float(first @ last / (first @ first))
    backward = float(last @ last / (first @ last))
    return NoiseBounds(
        lower=100 * (forward - 1) / years,
        upper=100 * (backward - 1) / years,
        ratio_of_spread=float(np.sqrt(last @ last / (first @ first))),
        noise_needed=max(0.0, 1 - forward),
        n=len(growth),
    )
