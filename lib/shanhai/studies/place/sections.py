"""A part of a page: its text, and the figures and tables that go with it, made only when they are published."""

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import Figure

from shanhai.methods.records import EstimateRecord
from shanhai.render.publish import PublishedFigure, PublishedTable, publish_figure, publish_table
from shanhai.render.stored import store_shown
from shanhai.render.tables import TableSpec


@dataclass(frozen=True)
class Exhibit:
    """A figure or table that can be made."""

    name: str
    """Lower-case words joined by hyphens, unique within the run."""
    caption: str
    """What a figure shows; a table carries its own."""
    make: Callable[[], Figure | TableSpec]


@dataclass(frozen=True)
class Section:
    """A part of a page."""

    text: str
    exhibits: tuple[Exhibit, ...] = ()
    estimates: tuple[EstimateRecord, ...] = ()
    """What the text shows that no table does."""


def publish_exhibits(section: Section) -> tuple[PublishedFigure | PublishedTable, ...]:
    """Make and store the exhibits of a section and the estimates of its text; return the exhibits, in order."""
    store_shown(section.estimates)
    return tuple(_publish(exhibit) for exhibit in section.exhibits)


def _publish(exhibit: Exhibit) -> PublishedFigure | PublishedTable:
    made = exhibit.make()
    if isinstance(made, TableSpec):
        return publish_table(made, exhibit.name)
    return publish_figure(made, exhibit.name, exhibit.caption)
