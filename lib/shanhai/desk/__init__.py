"""What ``import shanhai as sh`` offers at a desk: places, counties, a regression, a map, a table, in a line each.

Each module here is imported when a name of it is first used, so that ``import shanhai`` itself takes no time, and
``sh.fit`` needs no map and no table. What they give shows itself: ``KnownPlace``, ``Gap``, ``Picture``, ``Guide``;
``Explorer`` is what notebook 00-explore shows.
"""
