"""The map itself, without anything around it: land, counties by class, borders, outlines."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.text import Text

from shanhai.core.errors import ReportError
from shanhai.render.maps.area import MapArea
from shanhai.render.maps.classes import MapClass, class_of_each
from shanhai.render.maps.furniture import BORDER, BORDER_STYLE, HATCH_INK, LAND, LAND_EDGE, OUTLINE
from shanhai.render.maps.labels import MapLabel, place_labels
from shanhai.render.maps.paths import Geometries, add_lines, add_polygons, strokes_of
from shanhai.render.style import label

NEIGHBOUR_SHARE = 0.01
"""Share of the map window from which a neighbour is named."""

MANY_COUNTIES = 250
"""Counties from which lines grow thinner."""

NEIGHBOUR_COLOUR = "#6b6b6b"
COUNTY_EDGE, PREFECTURE_EDGE = "#757575", "#404040"
LONG_NAME = 5
"""Chinese characters that fit on one line."""


@dataclass(frozen=True)
class MapLines:
    """Lines of a map, made once for all maps of one sheet.

    Attributes
    ----------
    counties, prefectures, borders : array of LineString
        Outlines of counties, lines between prefectures, provincial borders.
    outline : array of LineString
        Outer boundary of the group drawn heavier; empty for none.
    """

    counties: Geometries
    prefectures: Geometries
    borders: Geometries
    outline: Geometries


def map_lines(area: MapArea, outlined: Collection[str] = ()) -> MapLines:
    """Lines of an area, with an outline around the counties of the codes given."""
    group = area.counties.geometry[area.counties["code"].isin(set(outlined))].to_numpy()
    return MapLines(
        strokes_of(shapely.boundary(area.counties.geometry.to_numpy())),
        inner_lines(area.prefectures.geometry.to_numpy()),
        strokes_of(area.borders.geometry.to_numpy()),
        outer_line(group, (area.extent[2] - area.extent[0]) / 120),
    )


def draw_area(axes: Axes, area: MapArea, classes: Sequence[MapClass], lines: MapLines) -> None:
    """Fill axes with one map.

    Parameters
    ----------
    axes : Axes
    area : MapArea
    classes : sequence of MapClass
        Together they hold every county of the area.
    lines : MapLines

    Raises
    ------
    ReportError
        If a county of the area is in no class, which would hide it.
    """
    west, south, east, north = area.extent
    axes.set(xlim=(west, east), ylim=(south, north), aspect="equal", xticks=[], yticks=[])
    axes.set_autoscale_on(False)
    neighbours = area.neighbours.geometry.to_numpy()
    add_polygons(axes, neighbours, facecolor=LAND, edgecolor=LAND_EDGE, linewidth=0.4, zorder=1)
    _fill_counties(axes, area, classes)
    # Lines of a country's counties would cover their fills at the width that suits a province.
    weight = min(1.0, (MANY_COUNTIES / len(area.counties)) ** 0.5)
    add_lines(axes, lines.counties, edgecolor=COUNTY_EDGE, linewidth=0.35 * weight, zorder=3)
    add_lines(axes, lines.prefectures, edgecolor=PREFECTURE_EDGE, linewidth=0.6 * weight, zorder=4)
    add_lines(axes, lines.outline, edgecolor=OUTLINE, linewidth=1.1, zorder=5, gid="outline")
    style = {"edgecolor": BORDER, "linewidth": max(0.7, 1.3 * weight), "linestyle": BORDER_STYLE, "capstyle": "butt"}
    add_lines(axes, lines.borders, zorder=6, gid="provincial-border", **style)


def inner_lines(polygons: Geometries) -> Geometries:
    """Lines that polygons share with each other: their boundaries without coast and outer border."""
    return strokes_of(shapely.difference(shapely.boundary(polygons), _union(polygons).boundary))


def outer_line(polygons: Geometries, smallest: float) -> Geometries:
    """Outer boundary of a group of polygons, without islets narrower than ``smallest`` metres.

    A heavy line around an islet would hide its fill.
    """
    parts = shapely.get_parts(_union(polygons))
    return strokes_of(shapely.boundary(parts[shapely.area(parts) >= smallest**2]))


def _union(polygons: Geometries) -> shapely.Geometry:
    """Union of polygons; boundaries that a user brings may not share their edges exactly."""
    exact = shapely.coverage_is_valid(polygons)
    return shapely.coverage_union_all(polygons) if exact else shapely.union_all(polygons)


def _fill_counties(axes: Axes, area: MapArea, classes: Sequence[MapClass]) -> None:
    members = class_of_each(classes)
    hidden = sorted(set(area.counties["code"]) - set(members))
    if hidden:
        raise ReportError(
            f"Counties {hidden} are on the map but in no class; pass a frame with a row for each of them."
        )
    for position, one in enumerate(classes):
        polygons = area.counties.geometry[area.counties["code"].isin(one.codes)].to_numpy()
        add_polygons(
            axes, polygons, facecolor=one.colour, edgecolor=HATCH_INK, linewidth=0, hatch=one.hatch or None,
            zorder=2, gid=f"class-{position}",
        )  # fmt: skip


def write_names(axes: Axes, area: MapArea, rows: pd.DataFrame, language: str, named: Collection[str]) -> list[Text]:
    """Name counties and, in grey, the neighbours that show enough land; return the texts."""
    by_code = rows.set_index("code")
    names = [
        MapLabel(place_name(by_code.loc[code], language), polygon)
        for code, polygon in zip(area.counties["code"], area.counties.geometry, strict=True)
        if code in set(named)
    ]
    west, south, east, north = area.extent
    enough = NEIGHBOUR_SHARE * (east - west) * (north - south)
    around = [
        MapLabel(place_name(row, language), row.geometry, 7.0, NEIGHBOUR_COLOUR)
        for _, row in area.neighbours.iterrows()
        if row.geometry.area >= enough and not area.is_country
    ]
    return place_labels(axes, [*names, *around])


def place_name(row: pd.Series, language: str) -> str:
    """Name of a place for a map; long Chinese names take two lines, as does a name in both languages."""
    chinese = str(row["name_zh"])
    if len(chinese) > LONG_NAME:
        chinese = f"{chinese[: len(chinese) - 3]}\n{chinese[-3:]}"
    return label(language, str(row["name_en"]), chinese, joint="\n")


def plain_name(row: pd.Series, language: str) -> str:
    """Name of a place on one line."""
    return label(language, str(row["name_en"]), str(row["name_zh"]))
