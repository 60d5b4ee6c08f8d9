"""Frames that notebooks and estimates start from, on the counties of the 2020 census."""
