"""Placebo tests: borders that could have been, treatments drawn at random, outcomes that are spatial noise."""

from shanhai.methods.placebo.drawn import DrawnDesign, drawn_design
from shanhai.methods.placebo.noise import noise_placebo, residual_noise
from shanhai.methods.placebo.randomization import RandomizationTest, permutation_test, permutations, randomization_test
from shanhai.methods.placebo.surface import SpatialNoise, estimate_noise, simulate_noise

__all__ = [
    "DrawnDesign",
    "RandomizationTest",
    "SpatialNoise",
    "drawn_design",
    "estimate_noise",
    "noise_placebo",
    "permutation_test",
    "permutations",
    "randomization_test",
    "residual_noise",
    "simulate_noise",
]
