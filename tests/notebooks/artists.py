"""Whether the data of a figure are what it draws: their numbers are looked for among those of its artists."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle, StepPatch

from shanhai.render.figure_data import data_of, described

DRAWN = (
    *("value", "low", "high", "band_low", "band_high", "chance_low", "chance_high", "placebo_low", "placebo_high"),
    *("allowed_low", "allowed_high", "initial_log", "growth_percent_a_year", "line_percent_a_year", "gap_log_points"),
    *("gap_start_log_points", "change_points_a_year", "pace", "needed", "from_value", "to_value", "observed"),
    *("expected", "rank", "median", "best", "worst", "residual", "residual_of_neighbours", "residents_10000"),
    *("registered_elsewhere_10000", "mean_of_period", "percent", "begins_at", "distance_km", "ruggedness_m"),
)
"""Columns whose numbers stand on an axis of their figure."""

_OTHERWISE = ("class_shown", "printed", "is_main", "unit_code")
"""Columns of figures that draw no number as it is: maps colour it, the curve of thousands is drawn by medians, figures
of a document are printed, small multiples of the targets have axes in millimetres."""


def _numbers(axes: Axes) -> Iterator[np.ndarray]:
    """Coordinates and sizes of lines, dots, fields, bars and images."""
    for line in axes.lines:
        yield from (np.asarray(data, dtype=float) for data in line.get_data())
    for collection in axes.collections:
        if isinstance(collection, PathCollection):
            yield np.asarray(collection.get_offsets(), dtype=float)
        else:
            yield from (path.vertices for path in collection.get_paths())
    for patch in axes.patches:
        if isinstance(patch, Rectangle):
            x, y, width, height = *patch.get_xy(), patch.get_width(), patch.get_height()
            yield np.array([x, y, width, height, x + width, y + height])
        elif isinstance(patch, StepPatch):
            yield from (np.asarray(data) for data in patch.get_data()[:2])
    for image in axes.images:
        yield np.ma.getdata(image.get_array())


def undrawn(figure: Figure) -> dict[str, list[float]]:
    """Numbers of a figure's data that none of its artists has, by column; empty for figures that draw none as it is."""
    data = data_of(figure)
    assert data is not None
    if set(data.columns) & set(_OTHERWISE) and not {"pace"} & set(data.columns):
        return {}
    found = np.concatenate([values.ravel() for axes in figure.axes for values in _numbers(axes)])
    found = np.sort(found[np.isfinite(found)])
    found = np.sort(np.concatenate([found, 100 * found]))  # shares of an image are told in percent
    start = data.get("begins_at", 0.0)
    absent = {}
    for column in (name for name in DRAWN if name in data.columns):
        values = data[column] + (start if column in ("low", "high") else 0.0)
        wanted = values.dropna().to_numpy(dtype=float)
        nearest = np.clip(np.searchsorted(found, wanted), 1, len(found) - 1)
        distance = np.minimum(abs(found[nearest] - wanted), abs(found[nearest - 1] - wanted))
        if len(lost := wanted[distance > 1e-9 * np.maximum(1, abs(wanted))]):
            absent[column] = lost.tolist()
    return absent


def faults(figure: Figure, given: pd.DataFrame | None = None) -> list[str]:
    """What is wrong with the data of a figure: none, columns without description, numbers that are not drawn."""
    data = data_of(figure) if given is None else given
    if data is None:
        return ["no data"]
    lacking = sorted(set(data.columns) - set(described(data.columns)))
    found = [f"no words for {lacking}"] if lacking else []
    absent = undrawn(figure) if given is None else {}
    return found + [f"{column}: {values[:3]} of {len(values)} not drawn" for column, values in absent.items()]
