"""Notebook 07: a border that appeared in 1997, and the zone of nine prefectures at four provinces."""
