"""One specification by itself, through ``fit``: the reference for the engine, and its way out of hard cases."""

from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import pandas as pd

from shanhai.errors import SpecificationError
from shanhai.model.absorb import within
from shanhai.model.conley import conley_covariance
from shanhai.model.design import build_design
from shanhai.model.fit import fit
from shanhai.model.results import FitResult
from shanhai.model.variations.spatial import ConleySpec
from shanhai.spec import CovarianceSpec, Filter, RegressionSpec


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
        Its first term is the treatment. The covariance may be a ConleySpec.
    frame : DataFrame
    """
    try:
        return _conley(spec, frame) if isinstance(spec.covariance, ConleySpec) else _plain(fit(spec, frame))
    except SpecificationError as error:
        return Alone(problem=str(error))


def _plain(result: FitResult) -> Alone:
    """The treatment's line of a result."""
    place = result.position(result.spec.term_names[0])
    groups = min((one.count for one in result.clusters), default=0)
    return Alone(float(result.params[place]), float(result.se[place]), result.n, result.df, groups)


def _conley(spec: RegressionSpec, frame: pd.DataFrame) -> Alone:
    """Conley's standard error from the residuals of ``fit`` and the regressors that it kept."""
    covariance = cast(ConleySpec, spec.covariance)
    places = frame[[covariance.longitude, covariance.latitude]].notna().all(axis=1)
    located = frame.assign(has_place=places)
    sample = replace(spec.sample, filters=(*spec.sample.filters, Filter("has_place", "==", True)))
    plain = replace(spec, covariance=CovarianceSpec("HC1"), sample=sample)
    result, design = fit(plain, located), build_design(plain, located)
    kept = [design.names.index(name) for name in result.names if name != "intercept"]
    root = np.sqrt(design.effects.weights)
    columns = within(design.matrix[:, kept], design.effects) * root[:, None]
    scores = np.asarray(columns * (result.residuals * root)[:, None], dtype=np.float64)
    rows = frame.iloc[result.rows]
    matrix = conley_covariance(
        scores,
        np.asarray(np.linalg.inv(columns.T @ columns), dtype=np.float64),
        rows[covariance.longitude].to_numpy(dtype=np.float64),
        rows[covariance.latitude].to_numpy(dtype=np.float64),
        kernel=covariance.kernel,
        cutoff_km=covariance.cutoff_km,
        radius_km=covariance.radius_km,
    )
    names = [design.names[place] for place in kept]
    treatment = spec.term_names[0]
    se = float(matrix.se[names.index(treatment)])
    if np.isnan(se):
        raise SpecificationError(
            f"the {covariance.label} variance of {treatment!r} is negative, which a kernel that is not positive "
            "semidefinite can give; allowed: the Bartlett kernel or another cutoff. Change the covariance."
        )
    estimate = float(result.params[result.position(treatment)])
    return Alone(estimate, se, result.n, result.df, 0)
