"""What a regression returns: frozen values with their shapes said, and plain frames for tables and files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_names
from shanhai.methods.estimate import Estimate, interval, two_sided_p
from shanhai.methods.records import EstimateRecord
from shanhai.methods.regression.design import DroppedRows, Scale
from shanhai.methods.spec import RegressionSpec

FEW_CLUSTERS = 40
"""Below this many clusters, cluster-robust tests reject too often (Cameron & Miller 2015, section VI)."""

_LEAST_DETERMINED = 1e-10
"""Smallest eigenvalue of the correlation of estimates at which a joint test keeps its first digits."""


@dataclass(frozen=True)
class Clusters:
    """How many clusters a column makes.

    Examples
    --------
    >>> from shanhai.methods.regression.results import Clusters
    >>> Clusters("town", 12).count
    12
    """

    by: str
    """Cluster column."""
    count: int
    """Number of different clusters among the rows."""


@dataclass(frozen=True, repr=False)
class FitResult(Shown):
    """Estimates of one regression. Arrays are read-only; k is the number of coefficients that could be estimated."""

    spec: RegressionSpec
    """What was estimated."""
    names: tuple[str, ...]
    """k names of the coefficients; ``intercept`` first where there are no fixed effects."""
    params: Array
    """k coefficients."""
    covariance: Array
    """k x k covariance."""
    n: int
    """Rows used."""
    df: float
    """Degrees of freedom of t: G - 1 for clusters (the smaller of two), N - K otherwise."""
    absorbed: int
    """Degrees of freedom that fixed effects (or the intercept) use up; counted in K."""
    r2: float
    """Share of the variance of the outcome explained, fixed effects included."""
    r2_within: float
    """Share of the variance within fixed effects explained."""
    outcome_mean: float
    """Mean of the transformed outcome over the rows, weighted as the regression is."""
    clusters: tuple[Clusters, ...]
    """Number of clusters, one entry a cluster column; empty for other covariances."""
    rows: NDArray[np.int64]
    """Positions of the n rows in the frame."""
    residuals: Array
    """n residuals, in the unit of the outcome."""
    dropped_rows: tuple[DroppedRows, ...]
    """Rows of the sample left out, with the reason."""
    dropped_columns: tuple[str, ...]
    """Controls left out because the others determine them, and bands without a row."""
    scales: tuple[Scale, ...]
    """What one unit of each centred or standardised variable means."""
    notes: tuple[str, ...]
    """What a reader of the numbers must know: few clusters, outcomes among the controls, what was dropped."""
    df_by_term: tuple[float, ...] = ()
    """k degrees of freedom where each coefficient has its own (cluster CR2); empty where ``df`` holds for all."""
    on_one_group: tuple[str, ...] = ()
    """Coefficients that one cluster alone determines (one row under HC1), whose standard errors are far too small."""

    @property
    def error(self) -> str:
        """Label of the covariance, as an :class:`Estimate` has it."""
        return self.spec.covariance.label

    @property
    def se(self) -> Array:
        """k standard errors; NaN where residuals leave no variance, or the covariance gives a negative one."""
        return _root(np.diag(self.covariance))

    @property
    def degrees(self) -> Array:
        """k degrees of freedom of t."""
        return np.array(self.df_by_term or [self.df] * len(self.params))

    @property
    def t(self) -> Array:
        """k ratios of coefficient and standard error."""
        return self.params / self.se

    @property
    def p(self) -> Array:
        """k two-sided p-values from t with ``degrees`` of freedom."""
        return two_sided_p(self.t, self.degrees)

    @property
    def ci(self) -> Array:
        """k x 2 bounds of the confidence intervals."""
        return np.column_stack(interval(self.params, self.se, self.degrees))

    def position(self, name: str) -> int:
        """Place, from 0, of the coefficient ``name``.

        Raises
        ------
        SpecificationError
            If the regression has no such coefficient, or dropped it.
        """
        if name not in self.names:
            dropped = f" {name!r} was dropped." if name in self.dropped_columns else ""
            raise SpecificationError(
                f"no coefficient {name!r};{dropped} allowed: {', '.join(self.names)}. Name one of these."
            )
        return self.names.index(name)

    def tested(self, name: str) -> int:
        """Place, from 0, of the coefficient ``name``, which has a standard error.

        Raises
        ------
        SpecificationError
            As in :meth:`position`, or if residuals leave the coefficient no variance.
        """
        place = self.position(name)
        if not self.se[place] > 0:
            raise SpecificationError(
                f"coefficient {name!r} has no standard error under {self.error} ({' '.join(self.notes)}); allowed: a "
                "coefficient with one. Leave out what is the outcome itself, or take another covariance."
            )
        return place

    def to_frame(self) -> pd.DataFrame:
        """One row a coefficient: term, estimate, se, t, p, low, high (of the 95 % interval), is_outcome."""
        outcomes = set(self.spec.outcome_controls)
        return pd.DataFrame(
            {
                "term": self.names,
                "estimate": self.params,
                "se": self.se,
                "t": self.t,
                "p": self.p,
                "low": self.ci[:, 0],
                "high": self.ci[:, 1],
                "is_outcome": [name in outcomes for name in self.names],
            }
        )

    def estimate(self, name: str) -> Estimate:
        """The coefficient ``name`` with its standard error.

        Raises
        ------
        SpecificationError
            As :meth:`position`.
        """
        place = self.position(name)
        return Estimate(float(self.params[place]), float(self.se[place]), float(self.degrees[place]), self.error)

    def records(self) -> tuple[EstimateRecord, ...]:
        """One record a coefficient that has a standard error, as the files of results hold them."""
        numbers = zip(self.names, map(self.estimate, self.names), strict=True)
        return tuple(self._record(name, number) for name, number in numbers if np.isfinite(number.se))

    def combination_record(self, weights: Mapping[str, float]) -> EstimateRecord:
        """Record of a weighted sum of coefficients, named as in ``on_border + on_border:z_ruggedness``.

        Parameters
        ----------
        weights : mapping of name to float
            As for :func:`combine`.

        Raises
        ------
        SpecificationError
            As :func:`combine`.
        """
        parts = " ".join(f"{'+' if weight > 0 else '-'} {_times(weight)}{name}" for name, weight in weights.items())
        return self._record(parts.removeprefix("+ "), combine(self, weights), "combination")

    def _record(self, term: str, number: Estimate, estimand: str = "coefficient") -> EstimateRecord:
        spec = self.spec
        return EstimateRecord.of(
            number, spec.sample.name, spec.outcome.name, spec.model, term, self.n, estimand=estimand,
            clusters=min((level.count for level in self.clusters), default=None), design_id=spec.spec_id,
        )  # fmt: skip


@dataclass(frozen=True, repr=False)
class JointTest(Shown):
    """Test that several coefficients are all zero."""

    names: tuple[str, ...]
    """Coefficients tested."""
    statistic: float
    """Wald statistic over the number of coefficients, F."""
    df_numerator: int
    """Number of coefficients tested."""
    df_denominator: float
    """Degrees of freedom of the covariance."""
    p: float
    """p-value from F."""


def combine(result: FitResult, weights: Mapping[str, float]) -> Estimate:
    """Weighted sum of coefficients, such as the effect of a border in rugged terrain, with its exact standard error.

    Under CR2 the degrees of freedom are the fewest of the coefficients that take part.

    Parameters
    ----------
    result : FitResult
    weights : mapping of name of a coefficient to float
        Coefficients not named weigh zero.

    Raises
    ------
    SpecificationError
        If a name is no coefficient of the result, or there is none.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable, combine
    >>> from shanhai.methods.regression.fit import fit
    >>> rng = np.random.default_rng(2)
    >>> frame = pd.DataFrame({"union": rng.normal(size=60), "town": np.arange(60) // 5})
    >>> frame["pay"] = frame["union"] + rng.normal(size=60)
    >>> spec = RegressionSpec(Variable("pay"), (Variable("union"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> round(combine(fit(spec, frame), {"union": 2.0}).value, 2)
    1.68
    """
    _require_any(weights, result)
    vector = np.zeros(len(result.names))
    for name, weight in weights.items():
        vector[result.position(name)] = weight
    estimate = float(vector @ result.params)
    se = float(_root(np.array([vector @ result.covariance @ vector]))[0])
    df = float(result.degrees[vector != 0].min(initial=np.inf))
    return Estimate(estimate, se, df, result.error)


def _require_any(names: Iterable[str], result: FitResult) -> None:
    """Refuse a test of nothing."""
    if not list(names):
        raise SpecificationError(f"no coefficient is named; allowed: {', '.join(result.names)}. Name one or more.")


def joint_test(result: FitResult, names: str | Iterable[str]) -> JointTest:
    """Wald test that the named coefficients are all zero, as F with the degrees of freedom of the covariance.

    Parameters
    ----------
    result : FitResult
    names : str or sequence of str
        Coefficients.

    Raises
    ------
    SpecificationError
        If a name is no coefficient or there is none, clusters are too few to test so many at once, the covariance is
        CR2, or it does not tell the coefficients apart.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable, joint_test
    >>> from shanhai.methods.regression.fit import fit
    >>> rng = np.random.default_rng(2)
    >>> frame = pd.DataFrame({"union": rng.normal(size=60), "town": np.arange(60) // 5})
    >>> frame["pay"] = frame["union"] + rng.normal(size=60)
    >>> spec = RegressionSpec(Variable("pay"), (Variable("union"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> joint_test(fit(spec, frame), ("union",)).p < 0.001
    True
    """
    if result.df_by_term:
        raise SpecificationError(
            f"no joint test under {result.error!r}, whose degrees of freedom belong to single coefficients; allowed: "
            "any other covariance. Use CV3 for a test as cautious."
        )
    names = as_names(names)
    _require_any(names, result)
    places = [result.position(name) for name in names]
    if any(cluster.count <= len(names) for cluster in result.clusters):
        said = ", ".join(f"{cluster.count} by {cluster.by}" for cluster in result.clusters)
        raise SpecificationError(
            f"{len(names)} coefficients cannot be tested at once with so few clusters ({said}); allowed: fewer "
            "coefficients than clusters. Test fewer, or use a larger sample."
        )
    part, matrix = result.params[places], result.covariance[np.ix_(places, places)]
    scale = np.sqrt(np.maximum(np.diag(matrix), 0.0))
    correlation = matrix / np.outer(scale, scale) if (scale > 0).all() else np.zeros_like(matrix)
    if np.linalg.eigvalsh(correlation)[0] < _LEAST_DETERMINED:
        raise SpecificationError(
            f"the covariance {result.error!r} of {', '.join(names)} is not positive definite to the digits it has, so "
            "they cannot be tested at once; allowed: coefficients that it tells apart. Test fewer, centre the terms, "
            "or take another covariance."
        )
    ratios = part / scale
    statistic = float(ratios @ np.linalg.solve(correlation, ratios)) / len(names)
    p = float(special.fdtrc(len(names), result.df, statistic))
    return JointTest(names, statistic, len(names), result.df, p)


def _times(weight: float) -> str:
    """A weight of a sum as text: nothing for one."""
    return "" if abs(weight) == 1 else f"{abs(weight):g} * "


def _root(variances: Array) -> Array:
    """Square roots; NaN where there is no variance, or a negative one."""
    return np.sqrt(np.where(variances > 0, variances, np.nan))
