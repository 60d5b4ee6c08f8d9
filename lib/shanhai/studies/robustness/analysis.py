"""The estimate under other comparisons, specifications and tests: what notebook 13 computes away from the line."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.core.shared import shared
from shanhai.methods.adjustment.comparison import ESTIMANDS, AdjustedEstimate, Comparison, build_comparison
from shanhai.methods.adjustment.matching import matched_difference
from shanhai.methods.adjustment.overlap import balance_table
from shanhai.methods.adjustment.weighting import doubly_robust_difference, entropy_difference, weighted_difference
from shanhai.methods.checks import as_distances, as_generator, require_columns
from shanhai.methods.curve import adjusted_tests
from shanhai.methods.estimate import Estimate
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import RegressionSpec, Variable
from shanhai.render.words import Pair
from shanhai.studies.border.design import border_spec
from shanhai.studies.robustness.design import ADJUSTMENTS, FAMILIES, WORDS, border_comparison


@dataclass(frozen=True)
class BorderOrMountain:
    """All adjusted estimates of one outcome and sample."""

    table: pd.DataFrame
    """adjustment, method, method_zh, estimand, identifies, estimate, se, p, low, high, df, clusters,
    vcov, spec_id (of regressions), sample, outcome, model, term, n_treated, n_control, effective_treated,
    effective_control, largest_difference (of the covariates of the adjustment, in standard deviations, after it;
    missing for regressions)."""
    balance: pd.DataFrame
    """adjustment, then the columns of ``balance_table`` for overlap weights, entropy balancing and pairs; of all
    variables of the widest adjustment, adjusted for or not."""


def all_differences(spec: RegressionSpec, frame: pd.DataFrame) -> tuple[Comparison, tuple[AdjustedEstimate, ...]]:
    """Every estimator on one comparison.

    Returns
    -------
    Comparison, tuple of AdjustedEstimate
        Overlap (ATO), inverse-probability (ATE) and odds weights (ATT), entropy balancing (ATT), doubly robust ATE and
        ATT, matched pairs (ATM).

    Raises
    ------
    SpecificationError
        If both kinds of rows do not overlap or the specification is no comparison.
    """
    comparison = build_comparison(spec, frame)
    return comparison, (
        weighted_difference(comparison, "ATO"),
        weighted_difference(comparison, "ATE"),
        weighted_difference(comparison, "ATT"),
        entropy_difference(comparison),
        doubly_robust_difference(comparison, "ATE"),
        doubly_robust_difference(comparison, "ATT"),
        matched_difference(comparison),
    )


@shared
def border_or_mountain(
    frame: pd.DataFrame,
    adjustments: Iterable[str] = ("terrain", "terrain_district", "geography"),
    outcome: str = "gdp",
    sample_key: str = "china",
) -> BorderOrMountain:
    """The border difference under every adjustment, the pre-specified main estimate first.

    Parameters
    ----------
    frame : DataFrame
        Analysis frame.
    adjustments : iterable of str
        Keys of ``ADJUSTMENTS``.
    outcome, sample_key : str
        Keys of the pre-specified outcomes and samples.

    Raises
    ------
    SpecificationError
        If a key is unknown or the counties do not overlap.
    """
    main = fit(border_spec("main", sample_key, outcome), frame)
    rows = [_of_regression("pre_specified", "main", main, frame)]
    tables: list[pd.DataFrame] = []
    for key in adjustments:
        spec = border_comparison(key, outcome, sample_key)
        rows.append(_of_regression(key, "other", fit(spec, frame), frame))
        comparison, estimates = all_differences(spec, frame)
        balance = balance_table(
            comparison, frame, ADJUSTMENTS["geography"], {estimate.method: estimate.weights for estimate in estimates}
        )
        rows.extend(_of_weights(key, estimate, balance) for estimate in estimates)
        drawn = ["unweighted", *(estimate.method for estimate in estimates if estimate.estimand in ("ATO", "ATM"))]
        drawn.append(next(estimate.method for estimate in estimates if estimate.method.startswith("entropy")))
        tables.append(balance[balance["scheme"].isin(drawn)])
        tables[-1].insert(0, "adjustment", key)
    return BorderOrMountain(pd.DataFrame(rows), pd.concat(tables, ignore_index=True))


def _of_regression(key: str, kind: str, result: FitResult, frame: pd.DataFrame) -> dict[str, object]:
    """Row of a regression; all counties count once."""
    spec = result.spec
    treated = frame.iloc[result.rows]["on_border"].to_numpy(dtype=bool)
    counts = (int(treated.sum()), int((~treated).sum()))
    return {
        **_row(key, "OLS", WORDS.pair(f"regression.{kind}"), result.estimate("on_border"), spec),
        "model": spec.model,
        "spec_id": spec.spec_id,
        **dict(zip(_COUNTS, (*counts, *map(float, counts)), strict=True)),
        "largest_difference": np.nan,
    }


def _of_weights(key: str, adjusted: AdjustedEstimate, balance: pd.DataFrame) -> dict[str, object]:
    """Row of an adjusted estimate."""
    spec = adjusted.spec
    own = {term.name for term in spec.controls if isinstance(term, Variable)}
    reached = balance[(balance["scheme"] == adjusted.method) & balance["variable"].isin(own)]["difference_sd"]
    vcov = f"cluster({', '.join(spec.covariance.by)}) of influences"
    number = Estimate(adjusted.estimate, adjusted.se, adjusted.df, vcov)
    return {
        **_row(key, adjusted.estimand, WORDS.pair(f"adjustments.method.{adjusted.method}"), number, spec),
        "model": f"{adjusted.method} on {key}",
        "spec_id": "",
        **{name: getattr(adjusted, name) for name in _COUNTS},
        "largest_difference": float(reached.abs().max()),
    }


_COUNTS = ("n_treated", "n_control", "effective_treated", "effective_control")


def _row(key: str, estimand: str, method: Pair, number: Estimate, spec: RegressionSpec) -> dict[str, object]:
    """What regressions and adjusted estimates have in common."""
    low, high = number.interval()
    return {
        "adjustment": key,
        "method": method[0],
        "method_zh": method[1],
        "estimand": estimand,
        "identifies": ESTIMANDS[estimand],
        "estimate": number.value,
        "se": number.se,
        "p": number.p,
        "low": low,
        "high": high,
        "df": number.df,
        "clusters": round(number.df) + 1,  # the degrees of freedom are clusters less one
        "vcov": number.error,
        "sample": spec.sample.name,
        "outcome": spec.outcome.name,
        "term": spec.term_names[0],
    }


def add_choice_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """The analysis frame with the columns that the choices of the specification curve need beside it.

    Parameters
    ----------
    frame : DataFrame
        From ``analysis_frame``.

    Returns
    -------
    DataFrame
        A copy with ``edge_within_10km``, ``centre_within_25km`` and ``centre_within_50km`` (nullable booleans).

    Raises
    ------
    SpecificationError
        If a column is absent, or holds no distances.
    """
    require_columns(frame, ("gap_to_border_km", "distance_to_border_km"))
    return frame.assign(
        edge_within_10km=_within(frame["gap_to_border_km"], 10.0),
        centre_within_25km=_within(frame["distance_to_border_km"], 25.0),
        centre_within_50km=_within(frame["distance_to_border_km"], 50.0),
    )


def _within(distance: pd.Series, limit: float) -> pd.Series:
    """Whether a distance is at most the limit; missing stays missing."""
    kilometres = pd.Series(as_distances(distance, f"column {distance.name!r}"), index=distance.index)
    return (kilometres <= limit).astype("boolean").mask(kilometres.isna())


def estimate_family(
    key: str, frame: pd.DataFrame, rng: np.random.Generator, *, by: str = "prefecture_code", draws: int = 9999
) -> pd.DataFrame:
    """Tests of a declared family with raw and adjusted p-values: see :func:`shanhai.methods.curve.adjusted_tests`.

    Parameters
    ----------
    key : str
        Of ``FAMILIES``.
    frame : DataFrame
        From ``analysis_frame``.
    rng : Generator
        Source of the signs.
    by : str
        Cluster column of the bootstrap.
    draws : int

    Returns
    -------
    DataFrame
        One row a test: family, outcome, sample, sample_translation, term, model, vcov, estimate, se, n, clusters, p,
        p_holm, p_bh, p_romano_wolf, family_size, spec_id.

    Raises
    ------
    SpecificationError
        If the family is unknown or a test has no estimate.
    """
    rng = as_generator(rng)
    if key not in FAMILIES:
        raise SpecificationError(f"no family {key!r}; allowed: {', '.join(FAMILIES)}. Declare a new one in the code.")
    adjusted = adjusted_tests(FAMILIES[key], frame, rng, by=by, draws=draws)
    adjusted.insert(0, "family", key)
    return adjusted
