"""One design estimated and tested in every way of this package, and tables over several designs."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.random import default_rng

from shanhai.methods.did.effect import EventStudy, effect, event_study, wild_effect
from shanhai.methods.did.panel import PolicyDesign, PolicyPanel, build_panel
from shanhai.methods.did.permutation import (
    LEAST_CLUSTERS,
    PreTrend,
    UnitPermutation,
    cluster_means,
    permute_clusters,
    permute_units,
    pre_trend,
)
from shanhai.methods.did.placebo import RegionPlacebo, placebo_regions
from shanhai.methods.placebo import RandomizationTest
from shanhai.methods.regression.results import FitResult
from shanhai.methods.regression.wild import WildResult


@dataclass(frozen=True)
class Draws:
    """How many draws each test takes, and where they start."""

    permutations: int = 999
    """Permutations of units, of clusters, and bootstrap weights."""
    placebos: int = 1000
    """Sets of stand-ins in other regions."""
    seed: int = 1
    """Start of every generator."""


@dataclass(frozen=True)
class Evaluation:
    """A design with its estimate and every test."""

    panel: PolicyPanel
    result: FitResult
    """The effect: coefficient ``treated``."""
    study: EventStudy
    wild: WildResult
    permuted: UnitPermutation
    clusters: RandomizationTest | None
    """Whole clusters exchanged; None with too few clusters."""
    placebo: RegionPlacebo
    trend: PreTrend

    @property
    def design(self) -> PolicyDesign:
        """What was evaluated."""
        return self.panel.design

    @property
    def estimate(self) -> float:
        """Effect, in the unit of the outcome."""
        return float(self.result.params[self.result.position("treated")])

    @property
    def se(self) -> float:
        """Standard error, clustered."""
        return float(self.result.se[self.result.position("treated")])

    @property
    def p(self) -> float:
        """p-value of the cluster covariance."""
        return float(self.result.p[self.result.position("treated")])


def evaluate(design: PolicyDesign, units: pd.DataFrame, values: pd.DataFrame, draws: Draws) -> Evaluation:
    """Estimate and test a design.

    Parameters
    ----------
    design : PolicyDesign
    units, values : DataFrame
        As for :func:`shanhai.methods.did.panel.build_panel`, with all regions.
    draws : Draws

    Raises
    ------
    MissingDataError, SpecificationError
        As the parts.
    """
    panel = build_panel(design, units, values)
    study = event_study(panel)
    permuted = permute_units(panel, draws.permutations, default_rng(draws.seed))
    enough = len(cluster_means(panel)) >= LEAST_CLUSTERS
    return Evaluation(
        panel=panel,
        result=effect(panel),
        study=study,
        wild=wild_effect(panel, draws.permutations, draws.seed),
        permuted=permuted,
        clusters=permute_clusters(panel, draws.permutations, default_rng(draws.seed)) if enough else None,
        placebo=placebo_regions(panel, units, values, draws.placebos, default_rng(draws.seed)),
        trend=pre_trend(design, study.to_frame()["estimate"].to_numpy(), permuted),
    )


def evaluation_table(evaluations: Mapping[str, Evaluation]) -> pd.DataFrame:
    """One row a design.

    Returns
    -------
    DataFrame
        design, estimate, se, p, wild_p, wild_low, wild_high, unit_p, cluster_p (missing with too few clusters),
        placebo_mean, net, region_p, regions, n_treated, n_comparison, clusters, pre_p, hidden_50, hidden_80 (bias that
        a straight trend could hide with these chances of being found), spec_id.
    """
    rows = []
    for name, one in evaluations.items():
        treated = int(one.panel.treated.sum())
        rows.append(
            {
                "design": name,
                "estimate": one.estimate,
                "se": one.se,
                "p": one.p,
                "wild_p": one.wild.p,
                "wild_low": one.wild.low,
                "wild_high": one.wild.high,
                "unit_p": one.permuted.test.p,
                "cluster_p": np.nan if one.clusters is None else one.clusters.p,
                "placebo_mean": one.placebo.mean,
                "net": one.placebo.net,
                "region_p": one.placebo.p,
                "regions": len(one.placebo.region_means),
                "n_treated": treated,
                "n_comparison": len(one.panel.units) - treated,
                "clusters": one.study.clusters,
                "pre_p": one.trend.p,
                "hidden_50": one.trend.hidden_50,
                "hidden_80": one.trend.hidden_80,
                "spec_id": one.design.spec_id,
            }
        )
    return pd.DataFrame(rows)
