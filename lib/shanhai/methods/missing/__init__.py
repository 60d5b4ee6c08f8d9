"""Regressions where the outcome of some units is missing: bounds without a model, imputation with one.

Every function takes plain frames and arrays; what is missing, and within which range, is an argument.
"""

from shanhai.methods.missing._bounds import CoefficientBounds, bound_coefficient
from shanhai.methods.missing._imputation import PosteriorDraws, draw_posterior
from shanhai.methods.missing._rubin import PooledEstimate, pool_estimates

__all__ = [
    "CoefficientBounds",
    "PooledEstimate",
    "PosteriorDraws",
    "bound_coefficient",
    "draw_posterior",
    "pool_estimates",
]
