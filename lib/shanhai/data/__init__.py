"""Tables of the project, their corrections and flags, and the frames that notebooks and estimates start from."""

from shanhai.data.aggregates import NATION, build_prefecture_frame, build_province_frame
from shanhai.data.crosswalk import count_relations, select_vintage, sum_over_unions
from shanhai.data.flags import load_flags
from shanhai.data.gdp_evidence import growth_evidence, prefecture_evidence
from shanhai.data.harmonise import territory_groups, to_counties_2020, wide_to_counties_2020
from shanhai.data.load import layer_notes, load_corrections, load_layer, load_places, load_table
from shanhai.data.panel import build_county_frame, county_geometry, frame_fields
from shanhai.data.totals import compare_totals, undeclared_differences

__all__ = [
    "NATION",
    "build_county_frame",
    "build_prefecture_frame",
    "build_province_frame",
    "compare_totals",
    "count_relations",
    "county_geometry",
    "frame_fields",
    "growth_evidence",
    "layer_notes",
    "load_corrections",
    "load_flags",
    "load_layer",
    "load_places",
    "load_table",
    "prefecture_evidence",
    "select_vintage",
    "sum_over_unions",
    "territory_groups",
    "to_counties_2020",
    "undeclared_differences",
    "wide_to_counties_2020",
]
