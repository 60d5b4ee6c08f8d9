"""Notebook 08: why one place is poorer than another."""
