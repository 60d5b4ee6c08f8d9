"""Pairs of a treated and an untreated unit of the same group that are alike in what is older than the treatment."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.adjustment.comparison import AdjustedEstimate, Comparison, adjusted, with_notes
from shanhai.methods.arrays import Array, Codes
from shanhai.methods.regression.absorb import group_means
from shanhai.methods.regression.fit import fit
from shanhai.methods.spec import CovarianceSpec, SampleSpec, Variable

_CALIPER = 0.25
"""Widest distance within a pair, in standard deviations per covariate; a convention, after the quarter of a standard
deviation of the logit of the propensity that Rosenbaum & Rubin (1985) use."""


@dataclass(frozen=True, repr=False)
class Pairs(Shown):
    """Matched pairs; positions refer to the rows of the comparison."""

    treated: Codes
    """Position of the treated row of each of m pairs."""
    control: Codes
    """Position of its untreated row; no row is used twice."""
    distance: Array
    """m distances: Mahalanobis' over the root of the number of covariates."""
    caliper: float
    """Widest distance allowed."""
    unmatched: int
    """Treated rows without a counterpart within the caliper."""


def match_pairs(comparison: Comparison, caliper: float = _CALIPER) -> Pairs:
    """Pairs within groups that are as many as the caliper allows and, among these, closest in total.

    Distance is Mahalanobis' with the covariance of the covariates within groups and arms, over the root of their
    number, so that a caliper means the same with two covariates and with five. Optimal assignment within each group,
    without replacement (Rosenbaum 1989): no order of rows, no random draw.

    Parameters
    ----------
    comparison : Comparison
    caliper : float
        In standard deviations.

    Raises
    ------
    SpecificationError
        If the caliper is not positive, covariates determine each other, or no pair lies within the caliper.

    Examples
    --------
    Treatment follows height; its effect is 1:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import build_comparison, match_pairs
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
    >>> comparison = build_comparison(spec, frame)
    >>> len(match_pairs(comparison).treated) > 50
    True
    """
    if not caliper > 0:
        raise SpecificationError(f"the caliper is {caliper!r}; allowed: a positive number of standard deviations.")
    scaled = _whitened(comparison)
    treated, control, distance = [], [], []
    for group in range(int(comparison.groups.max()) + 1):
        left, right = (
            np.flatnonzero((comparison.groups == group) & (comparison.treated == side)) for side in (True, False)
        )
        gaps = cdist(scaled[left], scaled[right])
        # a pair beyond the caliper costs more than all pairs within it together, so it is never bought with one
        cost = np.where(gaps <= caliper, gaps, caliper * (len(left) + 1.0))
        row, column = linear_sum_assignment(cost)
        close = gaps[row, column] <= caliper
        treated.append(left[row[close]])
        control.append(right[column[close]])
        distance.append(gaps[row, column][close])
    found = np.concatenate(treated)
    if len(found) == 0:
        raise SpecificationError(
            f"no overlap: no untreated row lies within {caliper:g} standard deviations of a treated row of its "
            f"{comparison.spec.fixed_effects[0]} in {', '.join(comparison.names)}; allowed: a caliper with "
            "pairs. Widen it, or take fewer covariates."
        )
    unmatched = int(comparison.treated.sum()) - len(found)
    return Pairs(found, np.concatenate(control), np.concatenate(distance), caliper, unmatched)


def matched_difference(comparison: Comparison, caliper: float = _CALIPER) -> AdjustedEstimate:
    """Mean difference within pairs, adjusted for what is left of the covariates inside a pair.

    Regression on the matched rows with a fixed effect for each pair; errors clustered by pair and by the cluster of
    the comparison. Clusters by pair are valid after matching without replacement (Abadie & Spiess 2022); for
    matching *with* replacement they are not, nor is the bootstrap (Abadie & Imbens 2008), so that form is not offered.

    Returns
    -------
    AdjustedEstimate
        Of the treated rows that have a counterpart, not of all (ATM); the notes say how many have none.

    Raises
    ------
    SpecificationError
        If no pair lies within the caliper.

    Examples
    --------
    Treatment follows height; its effect is 1:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import build_comparison, matched_difference
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
    >>> comparison = build_comparison(spec, frame)
    >>> round(matched_difference(comparison).estimate, 1)
    1.1
    """
    pairs = match_pairs(comparison, caliper)
    frame = _pair_frame(comparison, pairs)
    by = comparison.spec.covariance.by[0]
    result = fit(
        replace(
            comparison.spec,
            outcome=Variable("outcome"),
            terms=(Variable("treated"),),
            controls=tuple(Variable(f"covariate_{j}") for j in range(len(comparison.names))),
            fixed_effects=("pair",),
            covariance=CovarianceSpec("cluster", ("pair", by), "CR1"),
            sample=SampleSpec(comparison.spec.sample.name, comparison.spec.sample.translation),
        ),
        frame,
    )
    result.tested("treated")
    weights = np.zeros(len(comparison.treated))
    weights[np.concatenate([pairs.treated, pairs.control])] = 1.0
    estimate = adjusted(
        comparison,
        ("matched pairs", "ATM"),
        (float(result.params[0]), float(result.se[0])),
        weights,
    )
    return with_notes(estimate, f"{pairs.unmatched} treated rows have no counterpart within {caliper:g} SD.")


def _pair_frame(comparison: Comparison, pairs: Pairs) -> pd.DataFrame:
    """Matched rows as a frame for the regression within pairs."""
    rows = np.concatenate([pairs.treated, pairs.control])
    covariates = {f"covariate_{j}": comparison.covariates[rows, j] for j in range(len(comparison.names))}
    return pd.DataFrame(
        {
            "outcome": comparison.outcome[rows],
            "treated": comparison.treated[rows],
            "pair": np.tile(np.arange(len(pairs.treated)), 2),
            comparison.spec.covariance.by[0]: comparison.clusters[rows],
            **covariates,
        }
    )


def _whitened(comparison: Comparison) -> Array:
    """Covariates turned and scaled so that Euclid's distance is Mahalanobis' over the root of k."""
    cells = np.unique(comparison.groups * 2 + comparison.treated, return_inverse=True)[1].astype(np.int64)
    inside = comparison.covariates - group_means(comparison.covariates, cells, np.ones(len(cells)))
    covariance = np.atleast_2d(np.cov(inside, rowvar=False))
    if np.linalg.matrix_rank(covariance) < len(covariance):
        raise SpecificationError(
            f"covariates {', '.join(comparison.names)} determine each other within groups; allowed: covariates with "
            "variation of their own. Leave one out."
        )
    factor = np.linalg.cholesky(np.linalg.inv(covariance))
    return np.asarray(comparison.covariates @ factor / np.sqrt(len(covariance)))
