"""Jumps and valleys at a border: local polynomials, points along it, border segments, contiguous pairs, splines."""

from shanhai.methods.discontinuity.along import JumpsAlong, distances_to, jumps_along
from shanhai.methods.discontinuity.geographic import (
    BorderJump,
    BorderSpec,
    bandwidth_table,
    border_jump,
    jump_bins,
    jump_lines,
)
from shanhai.methods.discontinuity.pairs import (
    PairSpec,
    contiguous_pairs,
    no_jump_anywhere,
    pair_jump,
    pair_jumps,
    pair_summary,
    pair_table,
)
from shanhai.methods.discontinuity.polynomial import Jump, JumpSpec, local_jump
from shanhai.methods.discontinuity.sample import border_coverage, border_sample
from shanhai.methods.discontinuity.valley import (
    Valley,
    ValleySpec,
    natural_spline,
    same_valley_on_both_sides,
    spline_valley,
)

__all__ = [
    "BorderJump",
    "BorderSpec",
    "Jump",
    "JumpSpec",
    "JumpsAlong",
    "PairSpec",
    "Valley",
    "ValleySpec",
    "bandwidth_table",
    "border_coverage",
    "border_jump",
    "border_sample",
    "contiguous_pairs",
    "distances_to",
    "jump_bins",
    "jump_lines",
    "jumps_along",
    "local_jump",
    "natural_spline",
    "no_jump_anywhere",
    "pair_jump",
    "pair_jumps",
    "pair_summary",
    "pair_table",
    "same_valley_on_both_sides",
    "spline_valley",
]
