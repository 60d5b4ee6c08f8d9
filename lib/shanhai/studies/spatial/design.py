"""What the spatial check holds fixed: the tests without a t-distribution, and the draws behind the spatial models."""

CLUSTERS = ("prefecture_code", "province_code")
"""Clusters of the wild bootstrap, the finer first."""

PERMUTATIONS = 999
"""Permutations of the residuals behind the p-value of Moran's I."""

EFFECT_DRAWS = 1000
"""Draws from the likelihood behind the intervals of direct and indirect effects."""
