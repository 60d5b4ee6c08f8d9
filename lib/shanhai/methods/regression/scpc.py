"""Spatial correlation principal components (SCPC): a t-test that allows for any correlation up to a stated strength.

Conley's covariance needs a cutoff beyond which nothing is shared, and rejects too often when correlation is strong.
SCPC (Mueller & Watson 2022) estimates the variance from the q principal components of a worst-case exponential
correlation whose average over all pairs of places is ``rho``, and takes the critical value that holds the size for
every exponential correlation no stronger than that. q makes the interval shortest where errors are independent.

For a regression the components apply to the score of the coefficient, ``w u``, with w what the other regressors and the
fixed effects leave of the tested one. The null distribution is taken twice, and the more cautious counts: with the
scores themselves correlated, and given the regressors, with the projection on regressors and fixed effects carried
through (Mueller & Watson 2023). What errors are like given the regressors has to be said (``ErrorModel``).

References
----------
Mueller, U. K. & Watson, M. W. (2022), Spatial correlation robust inference, Econometrica 90(6), 2901-2935.
Mueller, U. K. & Watson, M. W. (2023), Spatial correlation robust inference in linear regression and panel models,
Journal of Business & Economic Statistics 41(4), 1050-1064.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.regression.absorb import within
from shanhai.methods.regression.design import build_design
from shanhai.methods.regression.projection import independent_columns, less_projection, rounding
from shanhai.methods.regression.scpc_null import (
    NullDistribution,
    place_distances,
)
from shanhai.methods.spec import RegressionSpec

MOST_PLACES = 5_000
"""Rows up to which the n x n correlation is held (200 MB)."""

ErrorModel = Literal["proportional", "homoskedastic", "unconditional"]
"""Errors of the second distribution. ``proportional``: u is w times what is correlated, so that a product with the sign
of w is as correlated as the first distribution has it; the programs of Mueller and Watson (Stata's scpc, and scpcR and
scpc-python after it) take this one. ``homoskedastic``: u itself is correlated, with one variance.
``unconditional``: the first distribution alone, as Stata's scpc with the option ``uncond``."""

LEAST_PLACES = 5
"""Fewest rows, as in Stata's scpc."""


@dataclass(frozen=True)
class ScpcTest:
    """Test and interval of one coefficient that hold under spatial correlation up to ``rho``."""

    spec: RegressionSpec
    """What was estimated."""
    term: str
    """Coefficient tested."""
    rho: float
    """Average correlation of all pairs of places that is allowed for."""
    estimate: float
    """Least-squares coefficient."""
    se: float
    """Standard error from the q components."""
    t: float
    """Ratio of both."""
    p: float
    """Largest probability of a larger t-ratio under any correlation up to ``rho``."""
    critical: float
    """Critical value of the t-ratio for the level of the interval."""
    low: float
    """Lower bound of the interval."""
    high: float
    """Upper bound of the interval."""
    components: int
    """q, the number of principal components."""
    n: int
    """Rows used."""

    @property
    def label(self) -> str:
        """Short name for tables, such as ``scpc(0.03)``."""
        return f"scpc({self.rho:g})"


def scpc(
    spec: RegressionSpec,
    frame: pd.DataFrame,
    term: str,
    *,
    rho: float = 0.03,
    level: float = 0.95,
    errors: ErrorModel = "proportional",
) -> ScpcTest:
    """Test one coefficient with spatial correlation principal components.

    Parameters
    ----------
    spec : RegressionSpec
        Its covariance must be ``conley``, for its coordinates; kernel and cutoff have no effect here.
    frame : DataFrame
        One row a unit, with every column that the specification names.
    term : str
        Name of a coefficient, one of ``spec.names``.
    rho : float
        Average correlation of all pairs that is allowed for, between 0.001 and 0.5; 0.03 is usual.
    level : float
        Coverage of the interval, between 0.5 and 1.
    errors : ``"proportional"``, ``"homoskedastic"`` or ``"unconditional"``
        What errors are like given the regressors; see ``ErrorModel``.

    Returns
    -------
    ScpcTest

    Raises
    ------
    SpecificationError
        If the term is unknown or determined by the others, coordinates are absent, rows are fewer than
        ``LEAST_PLACES`` or more than ``MOST_PLACES``, so many places coincide that their correlation alone exceeds
        ``rho``, no residual is left, or ``rho``, ``level`` or ``errors`` is out of range.
    """
    if errors not in get_args(ErrorModel):
        raise SpecificationError(f"errors {errors!r}; allowed: {', '.join(get_args(ErrorModel))}. Name one of these.")
    if not (0.001 <= rho <= 0.5 and 0.5 < level < 1):
        raise SpecificationError(
            f"rho {rho} and level {level}; allowed: rho from 0.001 to 0.5, level above 0.5 and below 1. "
            "Use 0.03 and 0.95."
        )
    design = build_design(spec, frame)
    n = len(design.outcome)
    if design.coordinates is None or term not in design.names or not LEAST_PLACES <= n <= MOST_PLACES:
        raise SpecificationError(
            f"term {term!r} on {n} rows with covariance {spec.covariance.label!r}; allowed: one of "
            f"{', '.join(design.names)}, {LEAST_PLACES} to {MOST_PLACES} rows, and CovarianceSpec.conley(...), which "
            "names the coordinates. Change what does not fit."
        )
    root = np.sqrt(design.effects.weights)
    tested = design.names.index(term)
    order = [*(place for place in range(len(design.names)) if place != tested), tested]
    columns = within(np.column_stack([design.outcome, design.matrix[:, order]]), design.effects) * root[:, None]
    found = independent_columns(columns[:, 1:], rounding(design.matrix[:, order], design.effects.weights))
    if len(order) - 1 not in found.kept:
        raise SpecificationError(
            f"term {term!r} does not vary once the others and the fixed effects are held; allowed: a term with "
            "variation of its own. Test another, or take out what determines it."
        )
    basis = found.basis
    outcome, left = less_projection(columns[:, [0, -1]], basis[:, :-1]).T
    estimate = float(left @ outcome / (left @ left))
    residuals = outcome - estimate * left
    if np.linalg.norm(residuals) <= rounding(design.outcome[:, None], design.effects.weights)[0]:
        raise SpecificationError(
            f"the regressors determine outcome {spec.outcome.name!r} to the last digit, so no residual is left to test "
            f"{term!r} with; allowed: an outcome that they do not determine. Leave out what is the outcome itself."
        )
    scores = left * residuals

    def residual_maker(values: Array) -> Array:
        """What regressors and fixed effects leave of columns (which carry the root of the weights)."""
        return less_projection(within(values / root[:, None], design.effects) * root[:, None], basis)

    distances = place_distances(*design.coordinates)
    null = NullDistribution(distances, rho, 1 - level, _given(errors, left, residual_maker))
    sums = null.components.T @ scores
    se = float(np.sqrt(n * (sums**2).mean()) / (left @ left))
    reach = null.critical * se
    return ScpcTest(
        spec,
        term,
        float(rho),
        estimate,
        se,
        estimate / se,
        null.p(estimate / se),
        null.critical,
        estimate - reach,
        estimate + reach,
        null.components.shape[1],
        n,
    )


def _given(
    errors: ErrorModel, left: Array, residual_maker: Callable[[Array], Array]
) -> Callable[[Array], Array] | None:
    """What statistic and components are of the correlated errors, given the regressors: n x q to n x (1 + q)."""
    first = left / np.sqrt(len(left))
    if errors == "homoskedastic":
        return lambda vectors: np.column_stack([first, residual_maker(left[:, None] * vectors)])
    if errors == "proportional":
        sign = np.sign(left)[:, None]
        return lambda vectors: np.column_stack([np.abs(first), left[:, None] * residual_maker(sign * vectors)])
    return None
