"""Maps of counties that a journal can print, and what maps on a page are made of."""

from shanhai.render.maps._area import MapArea, map_area
from shanhai.render.maps._compose import draw_map, draw_maps, numeric_classes, small_print
from shanhai.render.maps._flows import Flow

__all__ = [
    "Flow",
    "MapArea",
    "draw_map",
    "draw_maps",
    "map_area",
    "numeric_classes",
    "small_print",
]
