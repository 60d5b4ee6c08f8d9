"""Notebook 01: what the tables hold, and what was done to them."""
