"""One specification by itself, through ``fit``: the reference for the engine, and its way out of hard cases."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import RegressionSpec


@dataclass(frozen=True)
class Alone:
    """Estimate of the treatment in one specification, or the reason why there is none."""

    estimate: float = np.nan
    se: float = np.nan
    n: int = 0
    df: float = np.nan
    clusters: int = 0
    problem: str = ""


def fit_alone(spec: RegressionSpec, frame: pd.DataFrame) -> Alone:
    """Estimate one specification with ``fit``; a specification that it refuses keeps its reason.

    Parameters
    ----------
    spec : RegressionSpec
        Its first term is the treatment.
    frame : DataFrame
    """
    try:
        return _of(fit(spec, frame))
    except SpecificationError as error:
        return Alone(problem=str(error))


def _of(result: FitResult) -> Alone:
    """The treatment's line of a result."""
    treatment = result.spec.term_names[0]
    place = result.position(treatment)
    variance = float(result.covariance[place, place])
    if not variance > 0:
        raise SpecificationError(
            f"the variance of {treatment!r} under {result.vcov} is {variance:.3g}, which a covariance that is not "
            "positive semidefinite can give; allowed: above 0. Take the Bartlett kernel, another cutoff, or clusters."
        )
    groups = min((one.count for one in result.clusters), default=0)
    return Alone(float(result.params[place]), variance**0.5, result.n, float(result.degrees[place]), groups)
