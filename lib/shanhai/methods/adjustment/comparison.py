"""The two arms of a comparison: border and interior units of the same group, with what was older than the border.

The comparison is an ordinary ``RegressionSpec`` (outcome on one 0/1 treatment, covariates as controls, one fixed
effect, clusters), so ``fit`` gives the regression that stands beside every weighted or matched estimate.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array, Codes, Flags
from shanhai.methods.estimate import LEVEL, Estimate
from shanhai.methods.regression.design import DroppedRows, build_design
from shanhai.methods.spec import RegressionSpec, Variable

ESTIMANDS: dict[str, str] = {
    "ATT": "mean effect on units of the kind that were treated",
    "ATE": "mean effect on all units of groups that have both kinds",
    "ATO": "mean effect on units that could as well have been of either kind",
    "ATM": "mean effect on treated units that have a match",
    "OLS": "mean over units weighted by the variance of treatment given covariates",
}
"""What an estimate is the mean of, by its short name."""


@dataclass(frozen=True, repr=False)
class Comparison(Shown):
    """Rows of a comparison in groups that hold both kinds; n rows, k covariates."""

    spec: RegressionSpec
    """The comparison."""
    outcome: Array
    """n values of the transformed outcome."""
    treated: Flags
    """n marks of treatment."""
    covariates: Array
    """n x k, standardised over the rows."""
    names: tuple[str, ...]
    """k names."""
    groups: Codes
    """Group of each row, 0..L-1."""
    clusters: Codes
    """Cluster of each row, 0..G-1."""
    rows: Codes
    """Positions of the n rows in the frame."""
    dropped: tuple[DroppedRows, ...]
    """Rows left out, with the reason."""

    @property
    def group_dummies(self) -> Array:
        """n x L, one column a group."""
        return np.eye(int(self.groups.max()) + 1)[self.groups]

    def moments(self, order: int) -> tuple[Array, tuple[str, ...]]:
        """Covariates and, for order 2, their squares; the square of a 0/1 covariate says nothing new.

        Raises
        ------
        SpecificationError
            If the order is not 1 or 2.
        """
        if order not in (1, 2):
            raise SpecificationError(f"moments of order {order!r}; allowed: 1 (means) or 2 (means and squares).")
        if order == 1:
            return self.covariates, self.names
        many = [j for j in range(len(self.names)) if len(np.unique(self.covariates[:, j])) > 2]
        squares = self.covariates[:, many] ** 2
        return np.column_stack([self.covariates, squares]), (*self.names, *(f"{self.names[j]}^2" for j in many))


@dataclass(frozen=True, repr=False)
class AdjustedEstimate(Shown):
    """A difference between treated and untreated units after adjustment, with what it is the mean of."""

    method: str
    """Name of the method."""
    estimand: str
    """Key of ``ESTIMANDS``."""
    spec: RegressionSpec
    """The comparison."""
    estimate: float
    """Difference, in the unit of the outcome."""
    se: float
    """Standard error, clustered as the comparison says."""
    df: float
    """Degrees of freedom of t: clusters less one."""
    n_treated: int
    """Treated rows with a positive weight."""
    n_control: int
    """Untreated rows with a positive weight."""
    effective_treated: float
    """Rows of equal weight with the same variance as the treated rows (Kish 1965)."""
    effective_control: float
    """The same of the untreated rows."""
    weights: Array
    """Weight of each row of the comparison; zero for rows not used."""
    notes: tuple[str, ...] = ()
    """What a reader of the numbers must know."""

    @property
    def identifies(self) -> str:
        """What the estimate is the mean of, if nothing but the covariates differs between the arms."""
        return ESTIMANDS[self.estimand]

    @property
    def p(self) -> float:
        """Two-sided p-value."""
        return Estimate(self.estimate, self.se, self.df).p

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Bounds of the confidence interval that covers with probability ``level``, in the unit of the outcome."""
        return Estimate(self.estimate, self.se, self.df).interval(level)


def build_comparison(spec: RegressionSpec, frame: pd.DataFrame) -> Comparison:
    """Arrays of a comparison.

    Parameters
    ----------
    spec : RegressionSpec
        One 0/1 term, covariates as controls, one fixed effect (the group), one cluster column, no weights.
    frame : DataFrame

    Returns
    -------
    Comparison
        Groups without treated or without untreated rows are dropped and counted: nothing in them can be compared.

    Raises
    ------
    SpecificationError
        If the specification is of another form, holds an outcome fixed, the treatment is not 0/1, or no group has
        both kinds.

    Examples
    --------
    Treatment follows height; its effect is 1:

    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods.regression.fit import fit
    >>> from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import build_comparison
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
    >>> int(comparison.treated.sum())
    189
    """
    _require_comparison(spec)
    design = build_design(spec, frame)
    treatment = design.matrix[:, 0]
    if not np.isin(treatment, (0.0, 1.0)).all():
        values = np.unique(treatment)[:4]
        raise SpecificationError(
            f"treatment {spec.term_names[0]!r} holds {values}; allowed: 0 and 1, or false and true. "
            "Make a column that says which units are treated."
        )
    groups = design.effects.codes[0]
    share = np.bincount(groups, weights=treatment) / np.bincount(groups)
    both = ((share > 0) & (share < 1))[groups]
    if not both.any():
        raise SpecificationError(
            f"no {spec.fixed_effects[0]} has treated and untreated rows in sample {spec.sample.name!r}; allowed: at "
            "least one with both. Take a coarser group, or widen the sample."
        )
    if len(np.unique(design.clusters[0][both])) < 2:
        raise SpecificationError(
            f"the rows that can be compared lie in one {spec.covariance.by[0]}; allowed: two clusters or more, as "
            "standard errors come from differences between clusters. Cluster by a finer unit."
        )
    lost = int((~both).sum())
    reason = f"{spec.fixed_effects[0]} without both kinds"
    values = design.matrix[both, 1:]
    return Comparison(
        spec=spec,
        outcome=design.outcome[both],
        treated=treatment[both] == 1.0,
        covariates=_standardised(values, design.names[1:]),
        names=design.names[1:],
        groups=np.unique(groups[both], return_inverse=True)[1].astype(np.int64),
        clusters=np.unique(design.clusters[0][both], return_inverse=True)[1].astype(np.int64),
        rows=design.rows[both],
        dropped=(*design.dropped, *((DroppedRows(reason, lost),) if lost else ())),
    )


def _effective_size(weights: Array) -> float:
    """Number of rows of equal weight that have the same variance (Kish 1965)."""
    return float(weights.sum() ** 2 / (weights @ weights))


def adjusted(
    comparison: Comparison, names: tuple[str, str], numbers: tuple[float, float], weights: Array
) -> AdjustedEstimate:
    """An estimate from (method, estimand), (estimate, se) and the weights of the rows.

    Parameters
    ----------
    comparison : Comparison
    names : tuple of str
        Method and estimand.
    numbers : tuple of float
        Estimate and standard error, in the unit of the outcome.
    weights : array, n
        Weight of each row of the comparison; rows of weight zero do not count. Made read-only.

    Raises
    ------
    SpecificationError
        If the standard error is not above zero.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import build_comparison
    >>> from shanhai.methods.adjustment.comparison import adjusted
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"treated": np.arange(40) % 2 == 0, "age": rng.normal(size=40), "y": rng.normal(size=40)})
    >>> frame["group"], frame["town"] = np.arange(40) // 20, np.arange(40) // 4
    >>> spec = RegressionSpec(
    ...     Variable("y"),
    ...     (Variable("treated"),),
    ...     SampleSpec("all"),
    ...     CovarianceSpec("cluster", ("town",), "CR1S"),
    ...     controls=(Variable("age"),),
    ...     fixed_effects=("group",),
    ... )
    >>> comparison = build_comparison(spec, frame)
    >>> found = adjusted(comparison, ("equal weights", "mean difference"), (0.5, 0.1), np.ones(40))
    >>> found.n_treated, found.df
    (20, 9.0)
    """
    if not numbers[1] > 0:
        raise SpecificationError(
            f"{names[0]} leaves no residual to take a standard error from; allowed: an outcome that covariates and "
            "groups do not determine. Leave out what is the outcome itself, or widen the sample."
        )
    used = weights > 0
    weights.setflags(write=False)
    return AdjustedEstimate(
        method=names[0],
        estimand=names[1],
        spec=comparison.spec,
        estimate=numbers[0],
        se=numbers[1],
        df=float(len(np.unique(comparison.clusters[used])) - 1),
        n_treated=int((used & comparison.treated).sum()),
        n_control=int((used & ~comparison.treated).sum()),
        effective_treated=_effective_size(weights[comparison.treated]),
        effective_control=_effective_size(weights[~comparison.treated]),
        weights=weights,
        notes=tuple(drop.note for drop in comparison.dropped),
    )


def with_notes(estimate: AdjustedEstimate, *notes: str) -> AdjustedEstimate:
    """The same estimate with further notes.

    Parameters
    ----------
    estimate : AdjustedEstimate
    notes : str
        Sentences, put after those that it has.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.adjustment import build_comparison
    >>> from shanhai.methods.adjustment.comparison import adjusted, with_notes
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"treated": np.arange(40) % 2 == 0, "age": rng.normal(size=40), "y": rng.normal(size=40)})
    >>> frame["group"], frame["town"] = np.arange(40) // 20, np.arange(40) // 4
    >>> spec = RegressionSpec(
    ...     Variable("y"),
    ...     (Variable("treated"),),
    ...     SampleSpec("all"),
    ...     CovarianceSpec("cluster", ("town",), "CR1S"),
    ...     controls=(Variable("age"),),
    ...     fixed_effects=("group",),
    ... )
    >>> comparison = build_comparison(spec, frame)
    >>> found = adjusted(comparison, ("equal weights", "mean difference"), (0.5, 0.1), np.ones(40))
    >>> with_notes(found, "No covariates.").notes
    ('No covariates.',)
    """
    return replace(estimate, notes=(*estimate.notes, *notes))


def _require_comparison(spec: RegressionSpec) -> None:
    """Refuse a specification that is no comparison of two arms."""
    clusters = spec.covariance.by if spec.covariance.kind == "cluster" else ()
    simple = len(spec.terms) == 1 and isinstance(spec.terms[0], Variable) and spec.controls
    plain = all(isinstance(term, Variable) for term in spec.controls) and spec.weights is None
    if not (simple and plain and len(spec.fixed_effects) == 1 and len(clusters) == 1):
        raise SpecificationError(
            f"model {spec.model!r} has {len(spec.terms)} terms, {len(spec.controls)} controls, fixed effects "
            f"{spec.fixed_effects}, clusters {clusters}, weights {spec.weights!r}; allowed: one 0/1 Variable on plain "
            "covariates, one fixed effect, one cluster column, no weights. Use border_comparison, or write such a spec."
        )
    if spec.outcome_controls:
        raise SpecificationError(
            f"covariates {', '.join(spec.outcome_controls)} are outcomes of what is compared; allowed: covariates "
            "older than the treatment. Take them out: balancing them would balance away part of the effect."
        )


def _standardised(values: Array, names: tuple[str, ...]) -> Array:
    """Columns with mean zero and unit deviation over the rows."""
    spread = values.std(axis=0, ddof=1)
    flat = [name for name, deviation in zip(names, spread, strict=True) if not deviation > 0]
    if flat:
        raise SpecificationError(
            f"covariates {', '.join(flat)} are the same in all {len(values)} rows; allowed: covariates that vary. "
            "Leave them out, or widen the sample."
        )
    return np.asarray((values - values.mean(axis=0)) / spread)
