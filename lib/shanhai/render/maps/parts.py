"""What every map sheet is put together from: rows of its counties, classes, outlined group, legend entries."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from shanhai.core.errors import ReportError
from shanhai.render.maps.area import MapArea
from shanhai.render.maps.classes import MapClass, named_classes, numeric_classes
from shanhai.render.maps.furniture import class_handles, line_handles
from shanhai.render.maps.region import in_region, require_rows
from shanhai.render.maps.topics import Kinds, Outline, Topic
from shanhai.render.style import label


def rows_on_map(frame: pd.DataFrame, area: MapArea) -> pd.DataFrame:
    """Rows of the counties on the map, so that classes are those of the map.

    Raises
    ------
    ReportError
        If a county of the map has no row.
    """
    require_rows(frame, area.counties, area.places)
    return frame[frame["code"].isin(set(area.counties["code"]))].reset_index(drop=True)


def rows_without_polygon(frame: pd.DataFrame, area: MapArea) -> pd.DataFrame:
    """Rows of the region that the boundaries do not draw, such as a county younger than they are."""
    prefectures = frame["prefecture_code"] if "prefecture_code" in frame.columns else frame["code"].str[:4] + "00"
    inside = in_region(frame["code"], prefectures, area.places)
    return frame[inside & ~frame["code"].isin(set(area.counties["code"]))]


def classes_of(rows: pd.DataFrame, subject: Topic | Kinds, language: str) -> list[MapClass]:
    """Classes of a subject: quantiles of a number, or named kinds."""
    if isinstance(subject, Kinds):
        return named_classes(rows, subject, language)
    return numeric_classes(rows, subject, language)


def outlined_codes(rows: pd.DataFrame, outline: Outline | None) -> frozenset[str]:
    """Codes of the group with a heavy outline.

    Raises
    ------
    ReportError
        If its column is absent.
    """
    if outline is None:
        return frozenset()
    if outline.column not in rows.columns:
        raise ReportError(f"Column {outline.column!r} is not in the frame; outline a boolean column that is.")
    return frozenset(rows["code"][rows[outline.column].fillna(False).astype(bool)])


def legend_entries(
    classes: Sequence[MapClass], area: MapArea, outline: Outline | None, language: str
) -> list[Patch | Line2D]:
    """Boxes of the classes, then lines of outline and provincial border."""
    named = label(language, outline.en, outline.zh, joint="\n") if outline else ""
    return [*class_handles(classes), *line_handles(language, borders=len(area.borders) > 0, outlined=named)]
