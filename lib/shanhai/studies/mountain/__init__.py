"""Notebook 02: the 26 mountain counties on the map."""
