"""Maps of counties that a journal can print."""

from shanhai.render.maps._compose import draw_map, draw_maps
from shanhai.render.maps._flows import Flow
from shanhai.render.maps._furniture import silhouette

__all__ = [
    "Flow",
    "draw_map",
    "draw_maps",
    "silhouette",
]
