"""Notebook 05: convergence of counties since 2001."""
