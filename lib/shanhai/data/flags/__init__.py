"""Doubtful values that no rule corrects."""

from shanhai.data.flags._gdp import frame_flags, gdp_from_prefecture

__all__ = [
    "frame_flags",
    "gdp_from_prefecture",
]
