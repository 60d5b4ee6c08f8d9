"""Placebo tests: borders that could have been, treatments drawn at random, outcomes that are spatial noise."""

from shanhai.model.placebo.borders import (
    BorderPlacebo,
    compare_borders,
    placebo_border,
)
from shanhai.model.placebo.drawn import DrawnDesign, drawn_design
from shanhai.model.placebo.maps import border_chance, draw_borders, shift_borders
from shanhai.model.placebo.noise import noise_placebo, residual_noise
from shanhai.model.placebo.randomization import (
    RandomizationTest,
    permutation_test,
    permutations,
    randomization_test,
)
from shanhai.model.placebo.several import border_placebos, placebo_borders, placebo_frame
from shanhai.model.placebo.surface import SpatialNoise, estimate_noise, simulate_noise

__all__ = [
    "BorderPlacebo",
    "DrawnDesign",
    "RandomizationTest",
    "SpatialNoise",
    "border_chance",
    "border_placebos",
    "compare_borders",
    "draw_borders",
    "drawn_design",
    "estimate_noise",
    "noise_placebo",
    "permutation_test",
    "permutations",
    "placebo_border",
    "placebo_borders",
    "placebo_frame",
    "randomization_test",
    "residual_noise",
    "shift_borders",
    "simulate_noise",
]
