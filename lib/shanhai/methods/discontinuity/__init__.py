"""Jumps and valleys at a border: local polynomials, border segments, contiguous pairs, splines."""
