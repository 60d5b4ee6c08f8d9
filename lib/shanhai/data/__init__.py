"""Tables of the project, their corrections and flags, and the frames that notebooks and estimates start from."""

from shanhai.data.flags.all_flags import load_flags
from shanhai.data.frames.aggregates import build_prefecture_frame, build_province_frame
from shanhai.data.frames.crosswalk import count_relations, select_vintage, sum_over_unions
from shanhai.data.frames.harmonise import territory_groups, to_counties_2020, wide_to_counties_2020
from shanhai.data.frames.panel import build_county_frame, county_geometry, frame_fields
from shanhai.data.frames.totals import compare_totals, undeclared_differences
from shanhai.data.load import layer_notes, load_corrections, load_layer, load_places, load_table

__all__ = [
    "build_county_frame",
    "build_prefecture_frame",
    "build_province_frame",
    "compare_totals",
    "count_relations",
    "county_geometry",
    "frame_fields",
    "layer_notes",
    "load_corrections",
    "load_flags",
    "load_layer",
    "load_places",
    "load_table",
    "select_vintage",
    "sum_over_unions",
    "territory_groups",
    "to_counties_2020",
    "undeclared_differences",
    "wide_to_counties_2020",
]
