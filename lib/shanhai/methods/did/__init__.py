"""Difference-in-differences of one policy in few clusters: effects, trends before, permutations, honest bounds."""
