"""Polygons and grids: boundaries, provincial borders, terrain; on frames that are given, never on files of data/."""
