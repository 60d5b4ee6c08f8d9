"""Notebook 09: the targets of 2025, followed."""
