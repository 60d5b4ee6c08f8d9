"""Rubin's rules: one estimate from those of several completed data sets."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from shanhai.core.errors import SpecificationError
from shanhai.methods.estimate import Estimate


@dataclass(frozen=True)
class PooledEstimate:
    """An estimate over several imputations, and how much of its variance they make."""

    estimate: Estimate
    """Mean over the imputations, with Rubin's total variance and Barnard and Rubin's degrees of freedom."""
    within: float
    """Mean variance of the estimates of completed data."""
    between: float
    """Variance of these estimates from imputation to imputation."""
    missing_share: float
    """Share of the total variance that is due to what is missing."""
    draws: int
    """Number of imputations."""


def pool_estimates(estimates: Iterable[Estimate]) -> PooledEstimate:
    """Combine the estimates of several imputed data sets.

    Total variance: mean variance within, plus (1 + 1/M) times the variance between imputations (Rubin 1987). Degrees of
    freedom: Barnard & Rubin (1999), never more than those of the completed data, such as clusters less one.

    Parameters
    ----------
    estimates : Estimates
        One an imputation, at least two, with the same degrees of freedom and the same kind of error.

    Raises
    ------
    SpecificationError
        If there are fewer than two, a value is missing, or their errors are missing or of several kinds.

    Examples
    --------
    >>> pooled = pool_estimates([Estimate(1.0, 2.0), Estimate(3.0, 2.0)])
    >>> pooled.estimate.value, round(pooled.estimate.se**2, 9), pooled.within, pooled.between
    (2.0, 7.0, 4.0, 2.0)
    """
    estimates = list(estimates)
    errors, degrees = {estimate.error for estimate in estimates}, {estimate.df for estimate in estimates}
    variances = np.array([estimate.se for estimate in estimates]) ** 2
    if len(estimates) < 2 or len(errors) > 1 or len(degrees) > 1 or not (variances > 0).all():
        raise SpecificationError(
            f"{len(estimates)} estimates with errors {sorted(errors)}, degrees of freedom {sorted(degrees)} and "
            f"{int((variances > 0).sum())} standard errors; allowed: two or more, alike in error and degrees of "
            "freedom, each with a standard error. Fit the same regression to each imputed data set."
        )
    draws = len(estimates)
    values = np.array([estimate.value for estimate in estimates])
    if np.isnan(values).any():
        raise SpecificationError(
            f"{int(np.isnan(values).sum())} of {draws} estimates are NaN; allowed: numbers. Find out why these imputed "
            "data sets give none; leaving them out would choose among imputations."
        )
    within, between = float(variances.mean()), float(values.var(ddof=1))
    total = within + (1 + 1 / draws) * between
    share = (1 + 1 / draws) * between / total
    df = _degrees(draws, share, within / total, degrees.pop())
    label = f"{errors.pop()}, Rubin ({draws} imputations)".removeprefix(", ")
    return PooledEstimate(Estimate(float(values.mean()), total**0.5, df, label), within, between, share, draws)


def _degrees(draws: int, share: float, rest: float, complete: float) -> float:
    """Degrees of freedom of Barnard & Rubin (1999); Rubin's of 1987 where the complete data have infinitely many.

    The rest is one less the share, which rounds to zero where the share rounds to one.
    """
    imputed = np.inf if share == 0 else (draws - 1) / share**2
    if np.isinf(complete):
        return float(imputed)
    observed = (complete + 1) / (complete + 3) * complete * rest
    return float(observed / (1 + observed / imputed))
