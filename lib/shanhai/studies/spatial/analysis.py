"""The spatial models of one regression, and their results as estimates that files can hold."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from shanhai.core.shared import shared
from shanhai.methods.records import EstimateRecord, HypothesisTest, estimates_of, hypothesis_tests
from shanhai.methods.spatial import SpatialOverview, nearest_weights, spatial_codes, spatial_data, spatial_overview
from shanhai.methods.spec import CovarianceSpec, RegressionSpec
from shanhai.methods.spec.identity import content_id
from shanhai.studies.spatial.design import EFFECT_DRAWS, PERMUTATIONS
from shanhai.studies.spatial.words import WORDS


@shared
def check_spatial(spec: RegressionSpec, frame: pd.DataFrame, neighbours: int, seed: int) -> SpatialOverview:
    """Tests of the residuals of a regression, and lag, error and Durbin model, among the nearest counties.

    Parameters
    ----------
    spec : RegressionSpec
        Its covariance is not used.
    frame : DataFrame
        Analysis frame: code, longitude, latitude and the columns of the regression.
    neighbours : int
        Nearest counties that count as neighbours.
    seed : int
        Seed of permutations and simulated intervals.

    Raises
    ------
    SpecificationError
        As ``fit``, or if there are no more counties than neighbours.
    """
    rows = frame[frame["code"].isin(spatial_codes(spec, frame))]
    data = spatial_data(spec, frame, nearest_weights(rows, neighbours))
    return spatial_overview(data, np.random.default_rng(seed), permutations=PERMUTATIONS, draws=EFFECT_DRAWS)


def compared_estimates(compared: pd.DataFrame) -> tuple[EstimateRecord, ...]:
    """One coefficient under each covariance; what a bootstrap draws is a method, no covariance."""
    drawn = compared["vcov"].str.startswith("wild")
    return estimates_of(compared, vcov=compared["vcov"].mask(drawn, ""), method=compared["vcov"].where(drawn, ""))


def residual_tests(overview: SpatialOverview, spec: RegressionSpec) -> tuple[HypothesisTest, ...]:
    """Moran's I and the Lagrange multiplier tests of the least-squares residuals."""
    tests = overview.tests
    return hypothesis_tests(
        tests,
        **_names(overview, spec, ["ols"] * len(tests)),
        term="no spatial correlation of residuals",
        statistic=tests["test"],
        value=tests["statistic"],
        n=len(overview.moran.deviations),
        method=[_test_errors(str(test), overview) for test in tests["test"]],
    )


def parameter_estimates(overview: SpatialOverview, spec: RegressionSpec) -> tuple[EstimateRecord, ...]:
    """The spatial parameter of lag, error and Durbin model."""
    return estimates_of(
        overview.fit,
        **_names(overview, spec, overview.fit["model"]),
        term=overview.fit["parameter"],
        p=overview.fit["lr_p"],
        df=1,
        estimand="spatial parameter",
        vcov="maximum likelihood",
        method="p by likelihood ratio",
    )


def coefficient_estimates(
    overview: SpatialOverview, spec: RegressionSpec, terms: tuple[str, ...]
) -> tuple[EstimateRecord, ...]:
    """Coefficients of some terms in least squares and in the spatial models."""
    chosen = overview.coefficients[overview.coefficients["term"].isin(terms)]
    return estimates_of(chosen, **_names(overview, spec, chosen["model"]), vcov="maximum likelihood", method="normal")


def effect_estimates(
    overview: SpatialOverview, spec: RegressionSpec, terms: tuple[str, ...]
) -> tuple[EstimateRecord, ...]:
    """Direct, indirect and total effects of some terms in the lag and Durbin model."""
    chosen = overview.effects[overview.effects["term"].isin(terms)].reset_index(drop=True)
    return estimates_of(
        chosen,
        **_names(overview, spec, chosen["model"]),
        estimand=chosen["impact"] + " effect",
        n=len(overview.moran.deviations),
        method="simulated from the likelihood",
    )


@dataclass(frozen=True)
class _SpatialDesign:
    """A regression without its covariance, and who is a neighbour of whom."""

    regression: str
    weights: str


def _names(overview: SpatialOverview, spec: RegressionSpec, models: pd.Series | list[str]) -> dict[str, object]:
    """Sample, outcome, models and id of rows of an overview, the model named before the rule of neighbourhood."""
    plain = replace(spec, covariance=CovarianceSpec("iid")).spec_id
    names = WORDS.labels("model")
    return {
        "sample": spec.sample.name,
        "outcome": spec.outcome.name,
        "model": [f"{spec.model}, {names[model][0]}, {overview.weights}" for model in models],
        "design_id": content_id(_SpatialDesign(plain, overview.weights)),
    }


def _test_errors(test: str, overview: SpatialOverview) -> str:
    """How the p-value of a test of residuals is obtained."""
    if test.startswith("LM"):
        return "chi-squared"
    return "normal, upper tail" if test.endswith("z") else f"permutation ({overview.moran.draws}), upper tail"
