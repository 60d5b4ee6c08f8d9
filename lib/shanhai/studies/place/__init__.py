"""Notebook 04: what the suite says about one place: position, comparison, gap, claims."""
