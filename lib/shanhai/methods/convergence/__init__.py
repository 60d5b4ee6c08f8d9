"""Convergence: beta with bounds for noise, sigma, clubs, transitions, neighbours and steps through time.

Statistics on plain frames of any country; what is of this project stands in :mod:`shanhai.studies.convergence`.
"""

from shanhai.methods.convergence.beta import (
    Instrumented,
    NoiseBounds,
    gap_left,
    half_life,
    instrumented,
    noise_bounds,
)
from shanhai.methods.convergence.clubs import (
    Club,
    Clubs,
    LogT,
    find_clubs,
    log_t_test,
    merge_clubs,
    relative_paths,
    trend,
)
from shanhai.methods.convergence.mobility import (
    classes_of,
    count_moves,
    homogeneity_test,
    rank_mobility,
    relative_logs,
    transitions,
)
from shanhai.methods.convergence.sigma import SpreadChange, moran_path, pitman_morgan, spread, spread_change
from shanhai.methods.convergence.steps import CommonSteps, common_steps

__all__ = [
    "Club",
    "Clubs",
    "CommonSteps",
    "Instrumented",
    "LogT",
    "NoiseBounds",
    "SpreadChange",
    "classes_of",
    "common_steps",
    "count_moves",
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
