"""Permutation inference for one policy in few clusters: units change places within strata, clusters as wholes.

With 26 treated units in six prefectures a cluster covariance promises too much. Exchanging treatment keeps the outcomes
as they are and asks how large differences are when nothing was done. Units in strata: exact if any unit of a stratum
could have been treated as well. Whole clusters: each cluster keeps its units, the share of them that is treated moves
as a whole, so that shocks that a cluster shares stay in the draws.

References
----------
Conley, T. G. & Taber, C. R. (2011), Inference with difference in differences with a small number of policy changes,
Review of Economics and Statistics 93(1). MacKinnon, J. G. & Webb, M. D. (2020), Randomization inference for
difference-in-differences with few treated clusters, Journal of Econometrics 218(2).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.did.effect import change_frame, contrast, effect_spec
from shanhai.methods.did.panel import PolicyPanel
from shanhai.methods.door import as_codes, as_generator
from shanhai.methods.door_shapes import as_count
from shanhai.methods.placebo import RandomizationTest
from shanhai.methods.placebo.randomization import permutation_test, permutations, randomization_test
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

LEAST_CLUSTERS = 6
"""Clusters below which whole clusters are not exchanged: four coefficients leave nothing to compare."""


@dataclass(frozen=True)
class UnitPermutation:
    """The effect and the event study among those of treatments drawn by exchanging units within strata."""

    test: RandomizationTest
    """The effect, by its t-ratio."""
    years: tuple[int, ...]
    """T years of the window."""
    paths: Array
    """Draws x T differences by year against the reference year, each with treatment drawn anew."""


def permute_units(panel: PolicyPanel, draws: int, rng: np.random.Generator) -> UnitPermutation:
    """Exchange treatment between the units of a stratum (a matched pair, or units of like level).

    Raises
    ------
    SpecificationError
        If no stratum holds both treated and untreated units, or there are no draws.
    """
    rng, draws = as_generator(rng), as_count(draws, "draws", least=1)
    strata = as_codes(panel.units["stratum"], "the stratum")
    share = np.bincount(strata, weights=panel.treated) / np.bincount(strata)
    if not ((share > 0) & (share < 1)).any():
        raise SpecificationError(
            "no stratum holds treated and untreated units, so that nothing can change places; allowed: one such "
            "stratum or more. Take another comparison."
        )
    drawn = permutations(panel.treated.astype(np.float64), strata, draws, rng)
    test = randomization_test(effect_spec(panel), change_frame(panel), drawn, "treated")
    return UnitPermutation(test, panel.design.years, contrast(drawn, panel.covariates) @ panel.paths)


def permute_clusters(panel: PolicyPanel, draws: int, rng: np.random.Generator) -> RandomizationTest:
    """Exchange the treated share between whole clusters.

    Regression of the clusters' mean change on the share of their units that is treated, mean level and mean terrain,
    each cluster counted once, t-ratios with HC1. The slope is what full treatment of a cluster would do.

    Raises
    ------
    SpecificationError
        If there are fewer than six clusters, or the treated share is the same in all.
    """
    rng, draws = as_generator(rng), as_count(draws, "draws", least=1)
    means = cluster_means(panel)
    if len(means) < LEAST_CLUSTERS or means["treated"].nunique() < 2:
        raise SpecificationError(
            f"{len(means)} clusters with {means['treated'].nunique()} different treated shares; needed: "
            f"{LEAST_CLUSTERS} clusters or more that differ. Take a comparison with more clusters."
        )
    spec = RegressionSpec(
        outcome=Variable("change"),
        terms=(Variable("treated"),),
        sample=SampleSpec("clusters", "clusters"),
        covariance=CovarianceSpec("HC1"),
        controls=(Variable("level"), Variable("terrain")),
    )
    return permutation_test(spec, means, "treated", draws, rng, strata=None)


def cluster_means(panel: PolicyPanel) -> pd.DataFrame:
    """Clusters with the means of change, treatment, level and terrain over their units."""
    columns = ["change", "treated", "level", "terrain"]
    units = change_frame(panel).astype({"treated": "float64"})
    return units.groupby("cluster", sort=True)[columns].mean().reset_index()
