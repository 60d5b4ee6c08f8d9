"""Convergence: beta with bounds for noise, sigma, clubs, transitions, neighbours through time.

Statistics on plain frames of any country; :mod:`shanhai.model.convergence.evidence` holds what is of this project.
"""

from shanhai.model.convergence.beta import (
    Beta,
    beta_table,
    by_province,
    error_table,
    estimate_beta,
    gap_left,
    half_life,
)
from shanhai.model.convergence.clubs import Club, Clubs, find_clubs, merge_clubs
from shanhai.model.convergence.log_t import LogT, log_t_test, relative_paths, trend
from shanhai.model.convergence.mobility import (
    classes_of,
    count_moves,
    homogeneity_test,
    rank_mobility,
    relative_logs,
    transitions,
)
from shanhai.model.convergence.noise import Instrumented, NoiseBounds, instrumented, noise_bounds
from shanhai.model.convergence.panel import add_periods, levels
from shanhai.model.convergence.registered import PERIODS, Period, convergence_spec
from shanhai.model.convergence.sigma import SpreadChange, pitman_morgan, spread, spread_change
from shanhai.model.convergence.space import moran_path

__all__ = [
    "PERIODS",
    "Beta",
    "Club",
    "Clubs",
    "Instrumented",
    "LogT",
    "NoiseBounds",
    "Period",
    "SpreadChange",
    "add_periods",
    "beta_table",
    "by_province",
    "classes_of",
    "convergence_spec",
    "count_moves",
    "error_table",
    "estimate_beta",
    "find_clubs",
    "gap_left",
    "half_life",
    "homogeneity_test",
    "instrumented",
    "levels",
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
