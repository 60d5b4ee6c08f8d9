"""The 26 mountain counties on a small map whose counties lead to their pages, drawn without a script."""

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

import geopandas as gpd
import shapely

from shanhai.core.places import ZHEJIANG
from shanhai.data.load import load_layer, load_table
from shanhai.geo.crs import to_equal_area

_WIDTH = 640
_TOLERANCE_METRES = 700
_UNIT = re.compile(".族自治县$|[县市区]$")


def mountain_types() -> dict[str, str]:
    """Class of each of the 26 mountain counties, ``leapfrog`` or ``ecological``, by code."""
    table = load_table("mountain_counties")
    return dict(zip(table["code"], table["type"], strict=True))


def neighbours(codes: list[str]) -> dict[str, list[str]]:
    """Which of some counties share a border, by code."""
    layer = load_layer("counties")
    shapes = dict(zip(layer["code"], layer.geometry, strict=True))
    known = [code for code in codes if code in shapes]
    return {
        code: [other for other in known if other != code and shapes[code].intersects(shapes[other])] for code in known
    }


def mountain_map(names: Mapping[str, str], links: Mapping[str, str], label: str) -> str:
    """SVG of Zhejiang's counties, the 26 filled by class.

    Parameters
    ----------
    names : mapping of str to str
        Name of each county of Zhejiang by code, as it is printed.
    links : mapping of str to str
        Address of the page of those that have one.
    label : str
        What the map shows, for those who do not see it.
    """
    layer = load_layer("counties")
    counties = to_equal_area(layer[layer["prov_code"] == ZHEJIANG]).sort_values("code")
    west, south, east, north = counties.total_bounds
    scale = _WIDTH / (east - west)
    height = round((north - south) * scale)
    flat = shapely.coverage_simplify(counties.geometry.to_numpy(), _TOLERANCE_METRES)
    drawn = shapely.transform(flat, lambda points: ((points - [west, north]) * [scale, -scale]).round(1))
    types = mountain_types()
    shapes = "\n".join(_county(counties, number, shape, types, names, links) for number, shape in enumerate(drawn))
    labels = "\n".join(_labels(counties, drawn, types, names))
    return (
        f'<svg class="mountain-map" viewBox="-2 -2 {_WIDTH + 4} {height + 4}" role="group"'
        f' aria-label="{escape(label)}">\n'
        '<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect class="ecological-ground" width="5" height="5"/><line class="ecological-line" y2="5"/></pattern>'
        "</defs>\n"
        f"{shapes}\n{labels}\n</svg>"
    )


def _county(
    counties: gpd.GeoDataFrame,
    number: int,
    shape: Any,
    types: Mapping[str, str],
    names: Mapping[str, str],
    links: Mapping[str, str],
) -> str:
    code = counties["code"].iloc[number]
    name = escape(names.get(code, code))
    path = f'<path class="{types.get(code, "other")}" d="{_path(shape)}"><title>{name}</title></path>'
    return f'<a href="{escape(links[code])}" aria-label="{name}">{path}</a>' if code in links else path


def _labels(
    counties: gpd.GeoDataFrame, drawn: Any, types: Mapping[str, str], names: Mapping[str, str]
) -> Iterator[str]:
    for code, shape in zip(counties["code"], drawn, strict=True):
        if code in types:
            point = shapely.Point(shapely.maximum_inscribed_circle(shape).coords[0])  # where a name has most room
            name = escape(_short(names.get(code, code)))
            yield f'<text aria-hidden="true" x="{point.x:.1f}" y="{point.y:.1f}">{name}</text>'


def _short(name: str) -> str:
    """A Chinese name without the kind of unit, which has no room on the map."""
    return _UNIT.sub("", name) if len(name) > len("丽水") else name


def _path(shape: Any) -> str:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return "".join(
        "M" + "L".join(f"{x:g},{y:g}" for x, y in shapely.get_coordinates(part.exterior)[:-1]) + "Z" for part in parts
    )
