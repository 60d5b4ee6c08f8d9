"""Wild cluster bootstrap of one term of a regression: a specification and a frame in, a frozen result out."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.regression.design import build_design
from shanhai.methods.regression.wild import Weights, WildTest, wild_interval, wild_test
from shanhai.methods.regression.wild_forms import cluster_forms
from shanhai.methods.spec import RegressionSpec


@dataclass(frozen=True)
class WildResult:
    """Test and interval of one term by the wild cluster bootstrap with the null imposed."""

    spec: RegressionSpec
    """What was estimated; its covariance names the clusters."""
    term: str
    """Coefficient tested."""
    test: WildTest
    """Test of zero, with its draws, ties and clusters."""
    low: float
    """Lower bound of the interval; minus infinity where no value is rejected."""
    high: float
    """Upper bound of the interval."""
    seed: int
    """Seed of the draws, for the test and again for the interval; without effect where all were enumerated."""

    @property
    def p(self) -> float:
        """p-value, ties not counted."""
        return self.test.p

    @property
    def label(self) -> str:
        """Short name for tables, such as ``wild(province_code, webb, 9999)``."""
        return f"wild({self.spec.covariance.by[0]}, {self.test.weights}, {self.test.draws})"


def wild_bootstrap(
    spec: RegressionSpec,
    frame: pd.DataFrame,
    term: str,
    *,
    draws: int = 9999,
    weights: Weights = "rademacher",
    seed: int,
    level: float = 0.95,
) -> WildResult:
    """Test one term of a regression by the wild cluster bootstrap, the null imposed, and invert the test.

    Parameters
    ----------
    spec : RegressionSpec
        Its covariance must be ``cluster`` with one column; the small-sample factor cancels and has no effect.
    frame : DataFrame
        One row a unit, with every column that the specification names.
    term : str
        Name of a coefficient, one of ``spec.names``.
    draws : int
        Number of draws; all combinations of weights are taken once where they are no more.
    weights : ``"rademacher"`` or ``"webb"``.
    seed : int
        Seed of the draws.
    level : float
        Coverage of the interval.

    Returns
    -------
    WildResult

    Raises
    ------
    SpecificationError
        If the covariance has no single cluster column, the term is unknown, or as ``fit`` and ``wild_test`` say.
    """
    if len(spec.covariance.by) != 1:
        raise SpecificationError(
            f"covariance {spec.covariance.label!r} for a wild cluster bootstrap; allowed: 'cluster' with one column. "
            "Set covariance=CovarianceSpec('cluster', ('province_code',), 'CR1S') or another column."
        )
    design = build_design(spec, frame)
    if term not in design.names:
        raise SpecificationError(
            f"no coefficient {term!r} to test; allowed: {', '.join(design.names)}. Name one of these."
        )
    forms = cluster_forms(
        design.outcome,
        design.matrix,
        design.clusters[0],
        design.names.index(term),
        fixed_effects=design.effects.codes,
        row_weights=design.effects.weights,
    )
    test = wild_test(forms, weights=weights, draws=draws, generator=np.random.default_rng(seed))
    low, high = wild_interval(forms, level=level, weights=weights, draws=draws, generator=np.random.default_rng(seed))
    return WildResult(spec, term, test, low, high, seed)
