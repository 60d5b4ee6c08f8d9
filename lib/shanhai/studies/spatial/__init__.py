"""Notebook 12: one coefficient under many errors, and spatial models."""
