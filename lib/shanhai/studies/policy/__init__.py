"""Notebook 06: the policy for the 26 counties, evaluated as one policy at one date with few treated clusters."""
