"""Notebook 15: a question of one's own, worked out in ten lines."""
