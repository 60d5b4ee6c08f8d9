"""All spatial results of one regression as tidy frames: tests of its residuals, three models, effects."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from shanhai.core.shown import Shown
from shanhai.methods.estimate import interval, two_sided_p
from shanhai.methods.regression.projection import less_projection
from shanhai.methods.spatial._data import SpatialData
from shanhai.methods.spatial._ml import SpatialFit, fit_durbin, fit_error, fit_lag
from shanhai.methods.spatial.impacts import impacts
from shanhai.methods.spatial.tests import DRAWS, MoranTest, lagrange_tests, residual_moran_test


@dataclass(frozen=True, repr=False)
class SpatialOverview(Shown):
    """Spatial results of one regression under one rule of neighbourhood."""

    weights: str
    """The rule and its islands."""
    moran: MoranTest
    """Moran's I of the least-squares residuals."""
    tests: pd.DataFrame
    """One row a test: test, statistic, df, p. Moran's I stands as its z with df missing; then as permutation p."""
    coefficients: pd.DataFrame
    """One row a model and term: model (ols, lag, error, durbin), term, estimate, se, z, p, low, high, n."""
    effects: pd.DataFrame
    """One row a model (lag, durbin), term and impact (direct, indirect, total), with simulated intervals."""
    fit: pd.DataFrame
    """One row a model: model, spatial parameter with se, log_likelihood, likelihood_ratio, lr_p, aic, n."""
    notes: tuple[str, ...]
    """What belongs beside the tables."""


def spatial_overview(
    data: SpatialData, rng: np.random.Generator, *, permutations: int = DRAWS, draws: int = 2_000
) -> SpatialOverview:
    """Tests of the residuals, lag, error and Durbin model, and effects.

    Parameters
    ----------
    data : SpatialData
        From ``spatial_data`` or ``spatial_arrays``.
    rng : numpy.random.Generator
        For permutations and simulated intervals.
    permutations, draws : int

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.spatial import contiguity_weights, spatial_arrays, spatial_overview
    >>> rng = np.random.default_rng(0)
    >>> codes = [f"u{number:02d}" for number in range(40)]
    >>> edges = pd.DataFrame({"code_a": codes[:-1], "code_b": codes[1:]})
    >>> weights = contiguity_weights(edges, codes)
    >>> x = rng.normal(size=40)
    >>> y = 1 + 2 * x + rng.normal(0, 0.5, 40)
    >>> data = spatial_arrays(y, x[:, None], ["x"], weights, codes)
    >>> overview = spatial_overview(data, rng, permutations=99, draws=100)
    >>> list(overview.fit["parameter"].unique())[:2]
    ['rho', 'lambda']
    """
    moran = residual_moran_test(data, rng, permutations)
    fits = (fit_lag(data), fit_error(data), fit_durbin(data))
    effects = pd.concat([impacts(fits[place], rng, draws).to_frame() for place in (0, 2)], ignore_index=True)
    coefficients = pd.concat([_ols_frame(data), *(fit.to_frame() for fit in fits)], ignore_index=True)
    return SpatialOverview(
        weights=data.weights_label,
        moran=moran,
        tests=_tests_frame(data, moran),
        coefficients=coefficients,
        effects=effects,
        fit=pd.DataFrame([_fit_row(fit) for fit in fits]),
        notes=tuple(dict.fromkeys((*data.notes, *fits[2].data.notes))),
    )


def _tests_frame(data: SpatialData, moran: MoranTest) -> pd.DataFrame:
    rows: list[dict[str, object]] = [
        {"test": "Moran's I", "statistic": moran.statistic, "df": None, "p": moran.p_permutation},
        {"test": "Moran's I, z", "statistic": moran.z, "df": None, "p": moran.p},
    ]
    rows += [
        {"test": f"LM {test.name}", "statistic": test.statistic, "df": test.df, "p": test.p}
        for test in lagrange_tests(data)
    ]
    return pd.DataFrame(rows).astype({"df": "Int64"})


def _ols_frame(data: SpatialData) -> pd.DataFrame:
    """Least squares with the same likelihood: errors of one variance, divided by n."""
    basis, root = data.factors
    n = len(data.outcome)
    params = root @ (basis.T @ data.outcome)
    residuals = less_projection(data.outcome[:, None], basis)[:, 0]
    se = np.sqrt(float(residuals @ residuals) / n * (root**2).sum(axis=1))
    z = params / se
    low, high = interval(params, se)
    table = pd.DataFrame(
        {
            "model": "ols",
            "term": data.names,
            "estimate": params,
            "se": se,
            "z": z,
            "p": two_sided_p(z),
            "low": low,
            "high": high,
            "n": n,
        }
    )
    return table.iloc[data.nuisance :].reset_index(drop=True)


def _fit_row(fit: SpatialFit) -> dict[str, object]:
    return {
        "model": fit.model,
        "parameter": fit.spatial_name,
        "estimate": fit.spatial,
        "se": float(fit.se[-1]),
        "log_likelihood": fit.log_likelihood,
        "likelihood_ratio": fit.likelihood_ratio,
        "lr_p": float(stats.chi2.sf(fit.likelihood_ratio, 1)),
        "aic": fit.aic,
        "n": len(fit.residuals),
    }
