"""Notebook 14: a collaboration, assessed by what is printed of it."""
