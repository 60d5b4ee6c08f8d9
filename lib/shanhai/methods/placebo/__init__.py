"""Placebo tests: borders that could have been, treatments drawn at random, outcomes that are spatial noise."""

from shanhai.methods.placebo._drawn import DrawnDesign, drawn_design
from shanhai.methods.placebo._noise import SpatialNoise, estimate_noise, noise_placebo, residual_noise, simulate_noise
from shanhai.methods.placebo._partition import BorderColumns, Partitions
from shanhai.methods.placebo.borders import (
    BorderPlacebo,
    border_placebos,
    compare_borders,
    placebo_border,
    placebo_borders,
    placebo_frame,
)
from shanhai.methods.placebo.maps import Shifts, border_chance, draw_borders, shift_borders
from shanhai.methods.placebo.randomization import (
    RandomizationTest,
    permutation_test,
    permutations,
    randomization_test,
)

__all__ = [
    "BorderColumns",
    "BorderPlacebo",
    "DrawnDesign",
    "Partitions",
    "RandomizationTest",
    "Shifts",
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
