"""Notebook 10: pairs of mountain and sea counties, and people who left."""
