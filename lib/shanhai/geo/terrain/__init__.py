"""Elevation grids, slope and ruggedness, and what they say of counties."""
