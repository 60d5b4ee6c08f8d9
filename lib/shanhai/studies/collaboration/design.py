"""Rules of the assessment of a collaboration, written before any share, state or index was computed.

Seen beforehand: every printed figure, since the table was taken from the documents by hand, and that targets are
printed for the programme alone. No rule here picks a figure by its value.
"""

GROUPS = ("projects", "funds", "labour", "consumption", "people", "enclaves", "supervision")
"""Groups of indicators. The paper on Jinhua and Bazhong names all but one at its line 95, where it asks for a system of
assessment: funds, training of people, projects and their effects, supervision, consumption, labour. Enclaves and parks
are what it and the paper on mountain and sea (lines 19, 23, 29) write most about."""

STAGES = ("process", "outcome")
"""What the partners do, and what comes of it."""

LEAST_PAIRS = 3
"""Fewest pairs that an index is computed for, and that must share an indicator. Scaled by the range, two pairs are 0
and 1 in every indicator, whatever the distance, so that their index is the weights alone."""

LEAST_GROUPS = 4
"""Fewest groups that an index must cover: more than half of the seven. With fewer it measures a part."""

FIRMEST = ("exact", "round")
"""How a result must be printed to enter an index; a bound has no place on a scale."""

LEVEL = 0.9
"""Share of the draws of weights between the ends of an interval of ranks."""

PER_RESIDENTS = 10_000
"""Residents of the place that is helped per which an index compares counts and money; shares stay as they are."""

BASE_CHANGE = 0.05
"""Change from one year to the next of the people behind a published GDP per head (GDP over GDP per head) above which
the two years are not joined: residents move by less, so the yearbook counted others."""
