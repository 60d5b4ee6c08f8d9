"""Pairs of places: what was paired against what could have been, and the people who moved between them."""
