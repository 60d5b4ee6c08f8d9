"""Targets: the growth still needed, where a path leads at its own pace, and how far such a rule has erred before.

Everything works on plain numbers and frames; nothing knows of Zhejiang.
"""

from shanhai.model.targets.arithmetic import annual_growth, annual_points, carried_on, growth_needed, points_needed
from shanhai.model.targets.follow import TargetSpec, backtest, follow_target, pace_range, paces, ratio_to

__all__ = [
    "TargetSpec",
    "annual_growth",
    "annual_points",
    "backtest",
    "carried_on",
    "follow_target",
    "growth_needed",
    "pace_range",
    "paces",
    "points_needed",
    "ratio_to",
]
