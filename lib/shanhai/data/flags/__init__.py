"""Doubtful values that no rule corrects."""
