"""Convergence: beta with bounds for noise, sigma, clubs, transitions, neighbours through time.

Statistics on plain frames of any country; :mod:`shanhai.model.convergence.evidence` holds what is of this project.
"""

from shanhai.methods.convergence.beta import (
    Beta,
    beta_table,
    by_province,
    error_table,
    estimate_beta,
    gap_left,
    half_life,
)
from shanhai.methods.convergence.clubs import Club, Clubs, find_clubs, merge_clubs
from shanhai.methods.convergence.log_t import LogT, log_t_test, relative_paths, trend
from shanhai.methods.convergence.mobility import (
    classes_of,
    count_moves,
    homogeneity_test,
    rank_mobility,
    relative_logs,
    transitions,
)
from shanhai.methods.convergence.noise import Instrumented, NoiseBounds, instrumented, noise_bounds
from shanhai.methods.convergence.sigma import SpreadChange, pitman_morgan, spread, spread_change
from shanhai.methods.convergence.space import moran_path

__all__ = [
    "Beta",
    "Club",
    "Clubs",
    "Instrumented",
    "LogT",
    "NoiseBounds",
    "SpreadChange",
    "beta_table",
    "by_province",
    "classes_of",
    "count_moves",
    "error_table",
    "estimate_beta",
    "find_clubs",
    "gap_left",
    "half_life",
    "homogeneity_test",
    "instrumented",
    "log_t_test",
    "merge_clubs",
    "moran_path",
    "noise_bounds",
    "pitman_morgan",
    "rank_mobility",
    "relative_logs",
    "relative_paths",
    "spread",
    "spread_change",
    "transitions",
    "trend",
]
