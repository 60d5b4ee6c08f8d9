"""Gaps of places on a map that needs no script: each place leads to its page."""

from collections.abc import Mapping
from html import escape

import numpy as np
import shapely

from shanhai.data.load import load_layer
from shanhai.geo.crs import to_equal_area
from shanhai.render import own_line
from shanhai.render.maps.topics import WORDS as MAP_WORDS
from shanhai.report.batch.page import WORDS

_WIDTH = 760

_BOUNDS = (-0.5, -0.25, -0.05, 0.05, 0.25)
"""Where one class of gaps ends and the next begins, in log points: half and a quarter behind are 39 and 22 percent.

Around zero lies a class without a colour: places that are about as well off as their reference."""


def gap_map(gaps: Mapping[str, float], names: Mapping[str, str], links: Mapping[str, str], language: str) -> str:
    """SVG of places, filled by the class of their gap, with its legend.

    Parameters
    ----------
    gaps, names, links : mappings by code
        Gap in log points, name as it is printed, and address of the page.
    language : {"en", "zh"}
    """
    shapes = _shapes(set(gaps))
    if not shapes:
        return ""
    provinces = to_equal_area(load_layer("provinces"))
    near = {code[:2] for code in shapes}
    outlines = [shape for code, shape in zip(provinces["code"], provinces.geometry, strict=True) if code[:2] in near]
    west, south, east, north = shapely.total_bounds([*outlines, *shapes.values()])
    scale = _WIDTH / (east - west)
    height = round((north - south) * scale)

    def path(shape: shapely.Geometry) -> str:
        flat = shapely.simplify(shape, 0.7 / scale)
        drawn = shapely.transform(flat, lambda points: ((points - [west, north]) * [scale, -scale]).round(1))
        rings = [shapely.get_coordinates(part.exterior) for part in shapely.get_parts(drawn) if not part.is_empty]
        return "".join("M" + "L".join(f"{x:g},{y:g}" for x, y in ring[:-1]) + "Z" for ring in rings if len(ring) > 3)

    drawn = "\n".join(
        f'<a href="{escape(links[code])}"><path class="gap-{_class(gaps[code])}" d="{path(shape)}">'
        f"<title>{escape(names[code])}</title></path></a>"
        for code, shape in sorted(shapes.items())
    )
    borders = "".join(path(shape) for shape in outlines)
    label = escape(WORDS("map.label", language))
    notes = [MAP_WORDS("print.base_map", language), own_line(WORDS("map.label", language))]
    noted = "".join(f"<p>{escape(note)}</p>" for note in notes if note)
    return (
        f'<figure>\n<svg class="gaps" viewBox="-2 -2 {_WIDTH + 4} {height + 4}" role="group" aria-label="{label}">\n'
        f'{drawn}\n<path class="province" d="{borders}"/>\n</svg>\n'
        f"<figcaption>{label}\n{_legend(language)}{noted}</figcaption>\n</figure>"
    )


def _shapes(codes: set[str]) -> dict[str, shapely.Geometry]:
    """Polygons of prefectures and counties by code; a county lies over its prefecture."""
    found: dict[str, shapely.Geometry] = {}
    for layer in ("prefectures", "counties"):
        frame = load_layer(layer)
        frame = to_equal_area(frame[frame["code"].isin(codes)])
        found = dict(zip(frame["code"], frame.geometry, strict=True)) | found
    return found


def _class(gap: float) -> int:
    """Number of the class of a gap, from 0, far behind."""
    return int(np.searchsorted(_BOUNDS, gap, side="right"))


def _legend(language: str) -> str:
    keys = [WORDS(f"map.class_{number}", language) for number in range(len(_BOUNDS) + 1)]
    items = "".join(f'<li><span class="gap-{number}"></span>{escape(text)}</li>' for number, text in enumerate(keys))
    return f'<ul class="legend">{items}</ul>'
