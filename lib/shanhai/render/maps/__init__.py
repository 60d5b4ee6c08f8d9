"""Maps of counties that a journal can print."""

from shanhai.render.maps._compose import draw_map, draw_maps

__all__ = [
    "draw_map",
    "draw_maps",
]
