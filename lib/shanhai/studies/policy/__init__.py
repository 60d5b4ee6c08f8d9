"""One policy, one date, few treated clusters: difference-in-differences with what it can and cannot show.

``build_panel`` needs nothing of China: units with a region, a cluster, marks of treatment and terrain, and a table of
values by year.
"""
