"""Beta convergence of the counties: the pre-specified regressions, their variants, and what noise does to them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.convergence.beta import Instrumented, gap_left, half_life, instrumented, noise_bounds
from shanhai.methods.records import EstimateRecord, estimates_of
from shanhai.methods.regression.fit import fit, fit_many
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import Variable
from shanhai.studies.border.design import ROBUST, CountySample
from shanhai.studies.convergence.design import (
    AREA_PERIODS,
    CONDITIONS,
    COVARIANCES,
    GDP_LATE,
    LIGHTS_LATE,
    PERIODS,
    READINGS,
    SAMPLES,
    Period,
    convergence_spec,
)
from shanhai.studies.convergence.panel import add_periods, levels

_LEAST_COUNTIES = 15
"""Counties that a province needs for a regression of its own."""


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
        df, r2, mean (of growth), vcov, spec_id.
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
                rows.append(_row(sample, key, period, fit(convergence_spec(period, sample, key), frame), frame))
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


def _row(sample: str, conditions: str, period: Period, result: FitResult, frame: pd.DataFrame) -> dict[str, object]:
    """One regression on the rows of a frame, read as a speed."""
    place = result.position(period.initial)
    estimate, (low, high) = float(result.params[place]), map(float, result.ci[place])
    return {
        "sample": sample,
        "period": period.name,
        "measure": period.measure,
        "first": period.first,
        "last": period.last,
        "conditions": conditions,
        "estimate": estimate,
        "se": float(result.se[place]),
        "p": float(result.p[place]),
        "low": low,
        "high": high,
        "gap_left": gap_left(estimate, period.years),
        "half_life": half_life(estimate, period.years),
        "n": result.n,
        "clusters": min((way.count for way in result.clusters), default=None),
        "df": float(result.degrees[place]),
        "r2": result.r2,
        "mean": float(frame[period.growth].iloc[result.rows].mean()),
        "vcov": result.error,
        "spec_id": result.spec.spec_id,
    }


def error_table(frame: pd.DataFrame, period: Period, sample: str = "zhejiang") -> pd.DataFrame:
    """One unconditional regression under every covariance of its sample; columns as in ``beta_table``."""
    results = fit_many(convergence_spec(period, sample), frame, COVARIANCES[sample])
    return pd.DataFrame([_row(sample, "none", period, result, frame) for result in results])


def by_province(frame: pd.DataFrame, period: Period, least: int = _LEAST_COUNTIES) -> pd.DataFrame:
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
        sample = CountySample(str(code), str(code), provinces=(str(code),))
        spec = replace(convergence_spec(period, "china"), sample=sample, covariance=ROBUST)
        rows.append({"province_code": code, **_row(str(code), "none", period, fit(spec, frame), frame)})
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
        code, initial, growth, line (fitted growth), marked (the boolean column of that name).
    """
    result = fit(convergence_spec(period, sample), frame)
    rows = frame.iloc[result.rows]
    growth = rows[period.growth].to_numpy(dtype=float)
    return pd.DataFrame(
        {
            "code": rows["code"].to_numpy(),
            "initial": rows[period.initial].to_numpy(dtype=float),
            "growth": growth,
            "line": growth - result.residuals,
            "marked": rows[marked].to_numpy(dtype=bool),
        }
    )


def beta_estimates(table: pd.DataFrame) -> tuple[EstimateRecord, ...]:
    """Estimates of the initial level in ``beta_table``, ``error_table`` or ``by_province``."""
    periods = [Period(*key) for key in table[["measure", "first", "last"]].itertuples(index=False, name=None)]
    return estimates_of(
        table,
        sample=[SAMPLES[key].name if key in SAMPLES else f"province {key}" for key in table["sample"]],
        outcome=[period.growth for period in periods],
        model=[f"beta convergence, {CONDITIONS[key].label}" for key in table["conditions"]],
        term=[period.initial for period in periods],
    )


def noise_table(
    frame: pd.DataFrame, samples: tuple[str, ...] = ("china", "zhejiang")
) -> tuple[pd.DataFrame, list[Instrumented]]:
    """Instrumented estimates and bounds of the pre-specified readings.

    Parameters
    ----------
    frame : DataFrame
        From ``united_frame``.
    samples : tuple of str
        Keys of the samples.

    Returns
    -------
    table : DataFrame
        sample, measure, first, last, instrument, instrument_year, least_squares, estimate, se, p, low, high,
        first_stage_f, upper (Frisch bound), noise_needed (percent), n.
    results : list of Instrumented
        One a row.
    """
    rows, results = [], []
    for sample in samples:
        for period, measure, year in READINGS:
            name = f"log_{measure}_{year}"
            reading = pd.Series(np.log(levels(frame, measure, (year,))[year].to_numpy()), index=frame.index)
            columns = add_periods(frame, (period,)).assign(**{name: reading})
            spec = convergence_spec(period, sample)
            result = instrumented(spec, Variable(name), columns)
            low, high = result.estimate.interval()
            bounds = noise_bounds(spec, period.years, columns.dropna(subset=[name]))
            results.append(result)
            rows.append(
                {
                    "sample": sample,
                    "measure": period.measure,
                    "first": period.first,
                    "last": period.last,
                    "instrument": measure,
                    "instrument_year": year,
                    "least_squares": result.least_squares,
                    "estimate": result.estimate.value,
                    "se": result.estimate.se,
                    "p": result.estimate.p,
                    "low": low,
                    "high": high,
                    "first_stage_f": result.first_stage_f,
                    "upper": bounds.upper,
                    "noise_needed": 100 * bounds.noise_needed,
                    "n": result.n,
                }
            )
    return pd.DataFrame(rows), results
