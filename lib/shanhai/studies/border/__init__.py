"""Notebook 03: the pre-specified regressions on borders and mountains."""
