"""Draws from a regression with random cluster effects, of which missing values are predicted with all uncertainty."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.random import Generator

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_array, as_codes, as_count, as_matrix, as_numbers, require_same_rows


@dataclass(frozen=True, repr=False)
class PosteriorDraws(Shown):
    """Draws of the parameters of y = X b + u(cluster) + e, given the rows whose y is known."""

    slopes: Array
    """D x k draws of b."""
    effects: pd.DataFrame
    """D x G draws of u, one column a cluster."""
    spread_between: Array
    """D draws of the standard deviation of u."""
    spread_within: Array
    """D draws of the standard deviation of e."""

    def predict(self, regressors: Array, clusters: pd.Series, rng: Generator) -> Array:
        """One value of y a draw and row: mean, cluster effect and noise, all drawn.

        Parameters
        ----------
        regressors : n x k, or D x n x k where they are themselves drawn
        clusters : Series of n labels
            One that no known row has gets an effect drawn anew, the same for all its rows.
        rng : Generator

        Returns
        -------
        D x n

        Raises
        ------
        SpecificationError
            If regressors are missing or have another shape than these draws, or a label is missing or of another type
            than those of the known rows.
        """
        regressors = as_array(regressors, "regressors")
        as_codes(pd.Series([*clusters, *self.effects.columns], dtype=object), "the cluster, known rows included,")
        draws, k = self.slopes.shape
        rows = len(clusters)
        if regressors.shape not in ((rows, k), (draws, rows, k)):
            raise SpecificationError(
                f"regressors have the shape {regressors.shape}; allowed: {(rows, k)} or {(draws, rows, k)}. Give the "
                "columns of the regression, one row a value to predict."
            )
        new = sorted(set(clusters) - set(self.effects.columns))
        fresh = rng.standard_normal((draws, len(new))) * self.spread_between[:, None]
        effects = pd.concat([self.effects, pd.DataFrame(fresh, columns=new)], axis=1)[list(clusters)].to_numpy()
        every = np.broadcast_to(regressors, (draws, rows, k))
        mean = np.einsum("dnk,dk->dn", every, self.slopes)
        return np.asarray(mean + effects + rng.standard_normal((draws, rows)) * self.spread_within[:, None])


def draw_posterior(
    outcome: Array,
    regressors: Array | pd.DataFrame,
    clusters: pd.Series,
    rng: Generator,
    draws: int = 100,
    burn_in: int = 500,
    thin: int = 10,
) -> PosteriorDraws:
    """Gibbs sampler of a regression with random cluster effects (the imputation model of Schafer & Yucel 2002).

    Slopes have a flat prior, the logarithm of the variance of e too, and the standard deviation of u is uniform (Gelman
    2006). Rows of one cluster that are missing together share its drawn effect, and parameters differ from draw to
    draw, so that imputations are proper in Rubin's sense.

    Parameters
    ----------
    outcome : n numbers
        Known values only.
    regressors : n x k array or DataFrame
        Of full column rank; an intercept is a column of ones.
    clusters : Series of n labels
        Four clusters or more.
    rng : Generator
    draws : int
        Draws kept.
    burn_in, thin : int
        Steps thrown away at the start (0 or more), and steps from one kept draw to the next (1 or more).

    Raises
    ------
    SpecificationError
        If a value is missing, shapes or indexes differ, regressors determine one another or the outcome, clusters are
        fewer than four, or a number of steps is none.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.missing import draw_posterior
    >>> rng = np.random.default_rng(0)
    >>> columns = np.column_stack([np.ones(60), rng.normal(size=60)])
    >>> outcome = columns @ np.array([1.0, 2.0]) + rng.normal(0, 0.1, 60)
    >>> posterior = draw_posterior(outcome, columns, pd.Series(np.arange(60) % 12), rng, draws=20, burn_in=50, thin=2)
    >>> posterior.slopes.mean(axis=0).round(1)
    array([1., 2.])
    """
    draws, burn_in, thin = (
        as_count(draws, "draws", least=1),
        as_count(burn_in, "burn_in"),
        as_count(thin, "thin", least=1),
    )
    require_same_rows({"outcome": outcome, "regressors": regressors, "clusters": clusters})
    outcome, regressors = as_numbers(outcome, "outcome"), as_matrix(regressors, "regressors")
    n, k = regressors.shape
    codes, labels = pd.factorize(clusters, sort=True)
    groups = len(labels)
    if not len(outcome) == len(clusters) == n:
        raise SpecificationError(
            f"{len(outcome)} outcomes, {n} rows of regressors and {len(clusters)} clusters; allowed: one row a "
            "unit. Pass the rows whose outcome is known."
        )
    as_codes(clusters, "the cluster")
    # powers of two, so that neither a square overflows nor a digit changes
    units, unit = _power(regressors), _power(outcome[:, None])[0]
    regressors, outcome = regressors / units, outcome / unit
    if np.linalg.matrix_rank(regressors) < k or n <= k or groups < 4:
        raise SpecificationError(
            f"{n} rows, {k} regressors of rank {np.linalg.matrix_rank(regressors)}, {groups} clusters; allowed: more "
            "rows than regressors, none determined by the others, and four clusters or more. Leave columns out, or "
            "impute without clusters."
        )
    basis, root = np.linalg.qr(regressors)
    sizes = np.bincount(codes, minlength=groups).astype(float)
    effects = np.zeros(groups)
    left = outcome - basis @ (basis.T @ outcome)
    within = float(left @ left) / (n - k)
    if within <= (np.finfo(float).eps * n) ** 2:
        raise SpecificationError(
            "the regressors determine the outcome, so that nothing is left to draw; allowed: an outcome that varies "
            "beside them. Compute the missing values from the regressors."
        )
    between = within / 2
    kept: list[tuple[Array, Array, float, float]] = []
    for step in range(burn_in + draws * thin):
        # slopes given effects, in the orthonormal basis
        slopes = basis.T @ (outcome - effects[codes]) + within**0.5 * rng.standard_normal(k)
        left = outcome - basis @ slopes
        # effects given slopes: shrunk means of their clusters
        precision = sizes / within + 1 / between
        mean = np.bincount(codes, left, minlength=groups) / within / precision
        effects = mean + rng.standard_normal(groups) / np.sqrt(precision)
        left = left - effects[codes]
        within = float(left @ left) / rng.chisquare(n)
        between = float(effects @ effects) / rng.chisquare(groups - 1)
        if step >= burn_in and (step - burn_in) % thin == thin - 1:
            kept.append((np.linalg.solve(root, slopes), effects, between**0.5, within**0.5))
    all_slopes, all_effects, spreads_between, spreads_within = zip(*kept, strict=True)
    return PosteriorDraws(
        np.array(all_slopes) * unit / units,
        pd.DataFrame(np.array(all_effects) * unit, columns=labels),
        np.array(spreads_between) * unit,
        np.array(spreads_within) * unit,
    )


def _power(columns: Array) -> Array:
    """The power of two next above the largest size of each column; one for a column of zeros."""
    largest = np.abs(columns).max(axis=0, initial=0.0)
    return np.where(largest > 0, np.ldexp(1.0, np.frexp(largest)[1] - 1), 1.0)
