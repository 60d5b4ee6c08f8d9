"""Beta convergence: do places that start lower grow faster?

Growth ``100 (y_T - y_0) / T`` on ``y_0`` (log level) gives beta in percent a year per log point. With ``r = 1 + beta T
/ 100``, the share of a gap that is left after T years, the speed is ``-ln(r) / T`` a year (Barro & Sala-i-Martin 1992).

What noise in the first level does to this is the matter of :mod:`shanhai.methods.convergence.noise`.

Reference
---------
Barro, R. & Sala-i-Martin, X. (1992), Convergence, Journal of Political Economy 100, 223-251.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.door_shapes import as_count, as_number
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import SampleSpec
from shanhai.methods.spec.estimate import Estimate, estimates_of
from shanhai.studies.border.design import ROBUST
from shanhai.studies.convergence.registered import (
    AREA_PERIODS,
    CONDITIONS,
    COVARIANCES,
    GDP_LATE,
    LIGHTS_LATE,
    PERIODS,
    SAMPLES,
    Period,
    convergence_spec,
    in_sample,
)

LEAST_COUNTIES = 15
"""Counties that a province needs for a regression of its own."""


@dataclass(frozen=True)
class Beta:
    """One convergence regression, read as a speed."""

    fitted: FitResult
    """The regression of growth on the initial level."""
    period: Period
    """Measure and years."""

    @property
    def estimate(self) -> float:
        """Percent a year per log point of the initial level."""
        return float(self.fitted.params[self.place])

    @property
    def place(self) -> int:
        """Position of the initial level among the coefficients."""
        return self.fitted.position(self.period.initial)

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the estimate."""
        low, high = self.fitted.ci[self.place]
        return float(low), float(high)


def gap_left(beta: float, years: int) -> float:
    """Share of an initial gap that is left after some years: ``1 + beta T / 100``; above 1 gaps grow."""
    return 1 + as_number(beta, "beta") * as_count(years, "years", least=1) / 100


def half_life(beta: float, years: int) -> float:
    """Years in which half of a gap closes at the speed of the estimate; infinite if gaps do not shrink, missing if the
    estimate says that they turn round within the period."""
    left = gap_left(beta, years)
    if left <= 0:
        return float("nan")
    return float("inf") if left >= 1 else float(-years * np.log(2) / np.log(left))


def estimate_beta(
    frame: pd.DataFrame, period: Period, sample: str = "zhejiang", conditions: str = "none", covariance: int = 0
) -> Beta:
    """One convergence regression by its keys; ``covariance`` is a position in ``COVARIANCES`` of the sample."""
    spec = convergence_spec(period, sample, conditions, COVARIANCES[sample][covariance])
    return Beta(fit(spec, frame), period)


def beta_table(
    frame: pd.DataFrame,
    periods: Iterable[Period] = PERIODS,
    samples: Sequence[str] = ("china", "zhejiang", "the_26"),
    conditions: Sequence[str] = tuple(CONDITIONS),
) -> pd.DataFrame:
    """Convergence regressions of several periods, samples and conditions.

    Parameters
    ----------
    frame : DataFrame
        With the columns of ``add_periods`` for these periods.
    periods, samples, conditions
        What to run; inside one province fixed effects of provinces are the intercept, so that ``province`` equals
        ``none`` and is left out there.

    Returns
    -------
    DataFrame
        sample, period, measure, first, last, conditions, estimate, se, p, low, high, gap_left, half_life, n, clusters,
        df, r2, vcov, spec_id.
    """
    rows = []
    for sample in samples:
        for period in periods:
            for key in conditions:
                if key == "province" and sample not in ("china", "undoubted"):
                    continue
                # 26 counties carry the level, terrain and border, not a fourth regressor
                if key == "district" and sample == "the_26":
                    continue
                rows.append(_row(sample, key, estimate_beta(frame, period, sample, key)))
    return pd.DataFrame(rows)


def variant_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Variants: light per km2, whose denominator does not move; light on the counties that have GDP; GDP without
    counties whose figures are doubtful."""
    by_area = beta_table(frame, AREA_PERIODS, conditions=("none", "terrain"))
    undoubted = beta_table(frame, (GDP_LATE,), ("undoubted",), ("none", "terrain"))
    same = beta_table(frame, (LIGHTS_LATE,), ("with_gdp",), ("none", "terrain"))
    return pd.concat([by_area, same, undoubted], ignore_index=True)


def growth_correlation(frame: pd.DataFrame, first: Period, second: Period) -> tuple[float, int]:
    """Correlation of the growth of two periods over the counties that have both, and their number."""
    known = frame[[first.growth, second.growth]].dropna()
    return float(known[first.growth].corr(known[second.growth])), len(known)


def _row(sample: str, conditions: str, beta: Beta) -> dict[str, object]:
    (low, high), result, period = beta.interval, beta.fitted, beta.period
    return {
        "sample": sample,
        "period": period.name,
        "measure": period.measure,
        "first": period.first,
        "last": period.last,
        "conditions": conditions,
        "estimate": beta.estimate,
        "se": float(result.se[beta.place]),
        "p": float(result.p[beta.place]),
        "low": low,
        "high": high,
        "gap_left": gap_left(beta.estimate, period.years),
        "half_life": half_life(beta.estimate, period.years),
        "n": result.n,
        "clusters": min((one.count for one in result.clusters), default=None),
        "df": float(result.degrees[beta.place]),
        "r2": result.r2,
        "vcov": result.vcov,
        "spec_id": result.spec.spec_id,
    }


def error_table(frame: pd.DataFrame, period: Period, sample: str = "zhejiang") -> pd.DataFrame:
    """One unconditional regression under every covariance of its sample; columns as in ``beta_table``."""
    count = len(COVARIANCES[sample])
    return pd.DataFrame([_row(sample, "none", estimate_beta(frame, period, sample, "none", i)) for i in range(count)])


def by_province(frame: pd.DataFrame, period: Period, least: int = LEAST_COUNTIES) -> pd.DataFrame:
    """Unconditional convergence inside each province with enough counties, errors HC3.

    Returns
    -------
    DataFrame
        province_code, then as in ``beta_table``; sorted by code.
    """
    known = frame.dropna(subset=[period.initial, period.growth])
    counts = known["province_code"].value_counts().sort_index()
    rows = []
    for code in counts.index[counts >= least]:
        spec = in_sample(convergence_spec(period, "china"), SampleSpec(str(code), str(code), (str(code),)), ROBUST)
        rows.append({"province_code": code, **_row(str(code), "none", Beta(fit(spec, frame), period))})
    if not rows:
        raise SpecificationError(
            f"no province has {least} counties with {period.name}; the most are {counts.max() if len(counts) else 0}; "
            "needed: one province with as many. Lower `least`, or take a measure with more figures."
        )
    return pd.DataFrame(rows)


def beta_points(frame: pd.DataFrame, period: Period, sample: str, marked: str) -> pd.DataFrame:
    """Points and line of an unconditional regression, for a figure.

    Returns
    -------
    DataFrame
        initial, growth, line (fitted growth), marked (the boolean column of that name).
    """
    result = estimate_beta(frame, period, sample).fitted
    rows = frame.iloc[result.rows]
    growth = rows[period.growth].to_numpy(dtype=float)
    return pd.DataFrame(
        {
            "initial": rows[period.initial].to_numpy(dtype=float),
            "growth": growth,
            "line": growth - result.residuals,
            "marked": rows[marked].to_numpy(dtype=bool),
        }
    )


def beta_estimates(table: pd.DataFrame) -> tuple[Estimate, ...]:
    """Estimates of the initial level in ``beta_table``, ``error_table`` or ``by_province``."""
    periods = [Period(*key) for key in table[["measure", "first", "last"]].itertuples(index=False, name=None)]
    return estimates_of(
        table,
        sample=[SAMPLES[key].name if key in SAMPLES else f"province {key}" for key in table["sample"]],
        outcome=[period.growth for period in periods],
        model=[f"beta convergence, {CONDITIONS[key].label}" for key in table["conditions"]],
        term=[period.initial for period in periods],
    )
