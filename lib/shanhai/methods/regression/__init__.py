"""Regressions within fixed effects, and the covariances and tests of their coefficients."""
