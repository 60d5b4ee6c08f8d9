"""Placebo tests: borders that could have been, treatments drawn at random, outcomes that are spatial noise."""

from shanhai.model.placebo.borders import (
    BorderPlacebo,
    border_chance,
    compare_borders,
    draw_borders,
    placebo_border,
)
from shanhai.model.placebo.drawn import DrawnDesign, drawn_design
from shanhai.model.placebo.randomization import (
    RandomizationTest,
    permutation_test,
    permutations,
    randomization_test,
)

__all__ = [
    "BorderPlacebo",
    "DrawnDesign",
    "RandomizationTest",
    "border_chance",
    "compare_borders",
    "draw_borders",
    "drawn_design",
    "permutation_test",
    "permutations",
    "placebo_border",
    "randomization_test",
]
