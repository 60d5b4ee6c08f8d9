"""Notebook 11: an open ranking of the 26: indicators, scores, ranks with intervals, change."""
