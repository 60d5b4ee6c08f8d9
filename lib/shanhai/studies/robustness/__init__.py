"""Notebook 13: how far the main estimate stands: placebo borders, discontinuities, adjustments, the curve."""
