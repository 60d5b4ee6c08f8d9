"""Every adjustment beside the registered estimate, in one table."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from shanhai.methods.adjustment.arms import ESTIMANDS, AdjustedEstimate, Arms, build_arms, effective_size
from shanhai.methods.adjustment.matching import matched_difference
from shanhai.methods.adjustment.oster import oster_table, stability
from shanhai.methods.adjustment.overlap import balance_table, measure_overlap, propensity
from shanhai.methods.adjustment.sensitivity import robustness
from shanhai.methods.adjustment.weighting import doubly_robust_difference, entropy_difference, weighted_difference
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import RegressionSpec, Variable
from shanhai.studies.border.design import DISTRICT, GEOGRAPHY, border_spec
from shanhai.studies.robustness.adjustments import TERRAIN, border_comparison

SHOWN = (*TERRAIN, DISTRICT, *GEOGRAPHY)
"""Variables of the love plot, adjusted for or not."""


@dataclass(frozen=True)
class BorderOrMountain:
    """All adjusted estimates of one outcome and sample."""

    table: pd.DataFrame
    """adjustment, method, method_zh, estimand, identifies, identifies_zh, estimate, se, p, low, high, df, clusters,
    vcov, spec_id (of regressions), sample, outcome, model, term, n_treated, n_control, effective_treated,
    effective_control, largest_difference (of the covariates of the adjustment, in standard deviations, after it;
    missing for regressions)."""
    balance: pd.DataFrame
    """adjustment, then the columns of ``balance_table`` for overlap weights, entropy balancing and pairs."""
    estimates: tuple[AdjustedEstimate, ...]
    """The estimates of the table that are not regressions, in its order."""


def all_differences(spec: RegressionSpec, frame: pd.DataFrame) -> tuple[Arms, tuple[AdjustedEstimate, ...]]:
    """Every estimator on one comparison.

    Returns
    -------
    Arms, tuple of AdjustedEstimate
        Overlap (ATO), inverse-probability (ATE) and odds weights (ATT), entropy balancing (ATT), doubly robust ATE and
        ATT, matched pairs (ATM).

    Raises
    ------
    SpecificationError
        If the arms do not overlap or the specification is no comparison.
    """
    arms = build_arms(spec, frame)
    return arms, (
        weighted_difference(arms, "ATO"),
        weighted_difference(arms, "ATE"),
        weighted_difference(arms, "ATT"),
        entropy_difference(arms),
        doubly_robust_difference(arms, "ATE"),
        doubly_robust_difference(arms, "ATT"),
        matched_difference(arms),
    )


def border_or_mountain(
    frame: pd.DataFrame,
    adjustments: Iterable[str] = ("terrain", "terrain_district", "geography"),
    outcome: str = "gdp",
    sample_key: str = "china",
) -> BorderOrMountain:
    """The border difference under every adjustment, the registered main estimate first.

    Parameters
    ----------
    frame : DataFrame
        Analysis frame.
    adjustments : iterable of str
        Keys of ``ADJUSTMENTS``.
    outcome, sample_key : str
        Keys of the registered outcomes and samples.

    Raises
    ------
    SpecificationError
        If a key is unknown or the arms do not overlap.
    """
    rows = [_regression_row("registered", fit(border_spec("main", sample_key, outcome), frame), frame)]
    tables: list[pd.DataFrame] = []
    found: list[AdjustedEstimate] = []
    for key in adjustments:
        spec = border_comparison(key, outcome, sample_key)
        rows.append(_regression_row(key, fit(spec, frame), frame))
        arms, estimates = all_differences(spec, frame)
        found.extend(estimates)
        schemes = {one.method: one.weights for one in estimates}
        balance = balance_table(arms, frame, SHOWN, schemes)
        rows.extend(
            {"adjustment": key, **_names(spec, f"{one.method} on {key}"), **_row(one, spec, balance)}
            for one in estimates
        )
        drawn = ["unweighted", *(one.method for one in estimates if one.estimand in ("ATO", "ATM"))]
        drawn.append(next(one.method for one in estimates if one.method.startswith("entropy")))
        tables.append(balance[balance["scheme"].isin(drawn)].assign(adjustment=key))
    balance = pd.concat(tables, ignore_index=True)
    ordered = ["adjustment", *(name for name in balance.columns if name != "adjustment")]
    return BorderOrMountain(pd.DataFrame(rows), balance[ordered], tuple(found))


def overlap_by_adjustment(
    frame: pd.DataFrame,
    adjustments: Iterable[str] = ("terrain", "terrain_district", "geography"),
    sample_key: str = "china",
    outcome: str = "gdp",
) -> pd.DataFrame:
    """How much of the sample can be compared under each adjustment.

    Returns
    -------
    DataFrame
        adjustment, then the fields of ``Overlap``.

    Raises
    ------
    SpecificationError
        If a key is unknown or the arms do not overlap.
    """
    rows = []
    for key in adjustments:
        arms = build_arms(border_comparison(key, outcome, sample_key), frame)
        rows.append({"adjustment": key, **asdict(measure_overlap(arms, propensity(arms)))})
    return pd.DataFrame(rows)


def robustness_by_model(results: Iterable[FitResult], frame: pd.DataFrame, term: str = "on_border") -> pd.DataFrame:
    """Robustness values and Oster's delta of one coefficient in several regressions.

    Returns
    -------
    DataFrame
        model, then the fields of ``Robustness``; delta and beta at Oster's R_max of 1.3 times R squared with controls.

    Raises
    ------
    SpecificationError
        If a regression lacks the coefficient or controls, or is weighted.
    """
    rows = []
    for result in results:
        stable = oster_table(stability(result, frame, term), (1.3,)).iloc[0]
        oster = {"delta": float(stable["delta"]), "beta": float(stable["beta"])}
        rows.append({"model": result.spec.model, **asdict(robustness(result, frame, term)), **oster})
    return pd.DataFrame(rows)


def _names(spec: RegressionSpec, model: str) -> dict[str, str]:
    """Sample, outcome, model and term of a row."""
    return {"sample": spec.sample.name, "outcome": spec.outcome.name, "model": model, "term": spec.term_names[0]}


def _regression_row(key: str, result: FitResult, frame: pd.DataFrame) -> dict[str, object]:
    """Row of a regression."""
    term = result.to_frame().iloc[0]
    treated = frame.iloc[result.rows]["on_border"].to_numpy(dtype=bool)
    return {
        "adjustment": key,
        "method": "registered main regression" if key == "registered" else "regression",
        "method_zh": "登记的主回归" if key == "registered" else "回归",
        "estimand": "OLS",
        "identifies": ESTIMANDS["OLS"][0],
        "identifies_zh": ESTIMANDS["OLS"][1],
        **{name: float(term[name]) for name in ("estimate", "se", "p", "low", "high")},
        "df": float(result.degrees[0]),
        "clusters": min((each.count for each in result.clusters), default=None),
        "vcov": result.vcov,
        "spec_id": result.spec.spec_id,
        **_names(result.spec, result.spec.model),
        "n_treated": int(treated.sum()),
        "n_control": int((~treated).sum()),
        "effective_treated": effective_size(np.ones(treated.sum())),
        "effective_control": effective_size(np.ones((~treated).sum())),
        "largest_difference": np.nan,
    }


def _row(one: AdjustedEstimate, spec: RegressionSpec, balance: pd.DataFrame) -> dict[str, object]:
    """Row of an adjusted estimate."""
    own = {term.name for term in spec.controls if isinstance(term, Variable)}
    reached = balance[(balance["scheme"] == one.method) & balance["variable"].isin(own)]["difference_sd"]
    low, high = one.interval
    return {
        "method": one.method,
        "method_zh": one.method_zh,
        "estimand": one.estimand,
        "identifies": ESTIMANDS[one.estimand][0],
        "identifies_zh": ESTIMANDS[one.estimand][1],
        "estimate": one.estimate,
        "se": one.se,
        "p": one.p,
        "low": low,
        "high": high,
        "df": one.df,
        "clusters": round(one.df) + 1,
        "vcov": f"cluster({', '.join(spec.covariance.by)}) of influences",
        "spec_id": "",
        "n_treated": one.n_treated,
        "n_control": one.n_control,
        "effective_treated": one.effective_treated,
        "effective_control": one.effective_control,
        "largest_difference": float(reached.abs().max()),
    }
