"""Direct, indirect and total effects of a regressor in the spatial lag and Durbin models.

With ``y = rho W y + X b + W X t + e`` a change of regressor r in one unit changes all outcomes, by the columns of
``S_r = (I - rho W)^-1 (I b_r + W t_r)``. The direct effect is the mean of the diagonal of ``S_r`` (own unit, feedback
included), the total the mean of its row sums, the indirect effect the rest (LeSage & Pace 2009, section 2.7). A
coefficient of such a model is none of the three.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_generator
from shanhai.methods.estimate import LEVEL, two_sided_p
from shanhai.methods.spatial._data import SpatialData
from shanhai.methods.spatial._determinant import WIDEST, DeterminantCurve, determinant_curve, factor
from shanhai.methods.spatial._ml import SpatialFit

_NODES = 24
"""Values of rho at which row sums of the inverse are computed when they are not known in closed form."""

_KINDS = ("direct", "indirect", "total")


@dataclass(frozen=True, repr=False)
class Impacts(Shown):
    """Effects of every shown regressor of one model, with simulated draws for their intervals."""

    model: str
    """``lag`` or ``durbin``."""
    names: tuple[str, ...]
    """m regressors."""
    effects: Array
    """m x 3: direct, indirect, total."""
    draws: Array
    """d x m x 3, effects at parameters drawn from their normal distribution."""
    discarded: int
    """Draws with rho outside (-1, 1), taken out of ``draws``."""

    def to_frame(self) -> pd.DataFrame:
        """One row a regressor and effect: model, term, impact, estimate, se, z, p, low, high.

        Estimates are at the maximum, ``se`` is the standard deviation of the draws, ``low`` and ``high`` their
        quantiles; ``z`` and ``p`` (normal) follow from estimate and se.
        """
        tail = (1 - LEVEL) / 2
        se = self.draws.std(axis=0, ddof=1)
        low, high = np.quantile(self.draws, (tail, 1 - tail), axis=0)
        z = self.effects / se
        return pd.DataFrame(
            {
                "model": self.model,
                "term": np.repeat(self.names, len(_KINDS)),
                "impact": list(_KINDS) * len(self.names),
                "estimate": self.effects.ravel(),
                "se": se.ravel(),
                "z": z.ravel(),
                "p": two_sided_p(z).ravel(),
                "low": low.ravel(),
                "high": high.ravel(),
            }
        )


def impacts(fit: SpatialFit, rng: np.random.Generator, draws: int = 2_000) -> Impacts:
    """Direct, indirect and total effects, with intervals from simulated parameters.

    Parameters
    ----------
    fit : SpatialFit
        A lag or Durbin model.
    rng : numpy.random.Generator
    draws : int
        Parameter vectors drawn.

    Raises
    ------
    SpecificationError
        If the model is an error model (its coefficients are the effects), draws are too few, or more than one in ten
        draws of rho lies outside (-1, 1), so that normal draws do not describe its uncertainty.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.spatial import contiguity_weights, fit_lag, impacts, spatial_arrays
    >>> rng = np.random.default_rng(0)
    >>> codes = [f"u{number:02d}" for number in range(40)]
    >>> edges = pd.DataFrame({"code_a": codes[:-1], "code_b": codes[1:]})
    >>> weights = contiguity_weights(edges, codes)
    >>> x = rng.normal(size=40)
    >>> y = 1 + 2 * x + rng.normal(0, 0.5, 40)
    >>> data = spatial_arrays(y, x[:, None], ["x"], weights, codes)
    >>> impacts(fit_lag(data), rng, draws=200).to_frame()[["term", "impact", "estimate"]].round(1)
      term    impact  estimate
    0    x    direct       1.9
    1    x  indirect       0.2
    2    x     total       2.1
    """
    rng = as_generator(rng)
    if fit.model == "error":
        raise SpecificationError(
            "impacts of the error model; allowed: lag, durbin. The coefficients of an error model are its effects."
        )
    if draws < 100:
        raise SpecificationError(f"{draws} draws; allowed: 100 or more, so that quantiles mean something. Take 2000.")
    # intercept and dummies take no part in any effect, and their zero is that of the regressors: they are not drawn
    first = fit.data.nuisance
    centre, covariance = np.append(fit.params, fit.spatial)[first:], fit.covariance[first:, first:]
    drawn = rng.multivariate_normal(centre, covariance, size=draws, method="cholesky")
    drawn = drawn[np.abs(drawn[:, -1]) < WIDEST]
    if len(drawn) < 0.9 * draws:
        raise SpecificationError(
            f"{draws - len(drawn)} of {draws} draws of rho lie outside (-1, 1); allowed: at most one in ten. "
            f"Rho is {fit.spatial:.3f} with a standard error of {fit.se[-1]:.3f}: report coefficients only."
        )
    data, names, places, lag_places = fit.data, *_places(fit.data)
    every = np.vstack([centre, drawn])
    rho = every[:, -1]
    padded = np.column_stack([every, np.zeros(len(every))])  # the last column stands for lags that are not there
    own, lag = padded[:, places], padded[:, lag_places]
    curve = determinant_curve(data.weights, rho.min() - 1e-3, rho.max() + 1e-3)
    effects = _effects(data, curve, rho, own, lag)
    return Impacts(fit.model, names, effects[0], effects[1:], draws - len(drawn))


def _places(data: SpatialData) -> tuple[tuple[str, ...], list[int], list[int]]:
    """Regressors that are no lags, their places among the shown, and those of their lags (-1 without)."""
    names = tuple(name for name in data.shown if not name.startswith("W "))
    columns = {name: place for place, name in enumerate(data.shown)}
    return names, [columns[name] for name in names], [columns.get(f"W {name}", -1) for name in names]


def _effects(data: SpatialData, curve: DeterminantCurve, rho: Array, own: Array, lag: Array) -> Array:
    """Direct, indirect and total effects for each row of parameters, d x m x 3."""
    diagonal = curve.mean_diagonal(rho)
    rows = _mean_row_sum(data, rho)
    # (I - rho W)^-1 W = ((I - rho W)^-1 - I) / rho, and W itself as rho goes to zero
    near_zero = np.abs(rho) < 1e-6
    divisor = np.where(near_zero, 1.0, rho)
    lag_diagonal = np.where(near_zero, 0.0, (diagonal - 1) / divisor)
    lag_rows = np.where(near_zero, float(data.weights.sum()) / len(data.outcome), (rows - 1) / divisor)
    direct = own * diagonal[:, None] + lag * lag_diagonal[:, None]
    total = own * rows[:, None] + lag * lag_rows[:, None]
    return np.stack([direct, total - direct, total], axis=2)


def _mean_row_sum(data: SpatialData, rho: Array) -> Array:
    """Mean of the row sums of (I - rho W)^-1: 1 / (1 - rho) where all rows of W sum to one."""
    sums = np.asarray(data.weights.sum(axis=1))
    if np.allclose(sums, 1.0, rtol=0, atol=1e-12):
        return np.asarray(1.0 / (1.0 - rho))
    low, high = float(rho.min()) - 1e-3, float(rho.max()) + 1e-3
    ones = np.ones(len(sums))
    curve = np.polynomial.Chebyshev.interpolate(
        # times 1 - rho the pole at one is gone, and the polynomial is exact to rounding error
        lambda points: np.array([(1 - r) * factor(data.weights, r).solve(ones).mean() for r in points]),
        _NODES,
        [low, high],
    )
    return np.asarray(curve(rho) / (1.0 - rho))
