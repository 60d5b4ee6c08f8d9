"""Border segments and positions, on lines whose lengths are known."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from shanhai.core.errors import BoundaryError
from shanhai.geo.crs import ELLIPSOID, WGS84
from shanhai.geo.segments import border_segments, locate_places


def lines(*geometries: shapely.Geometry) -> gpd.GeoDataFrame:
    pairs = {"prov_a": ["110000", "110000"][: len(geometries)], "prov_b": ["120000", "130000"][: len(geometries)]}
    return gpd.GeoDataFrame(pairs, geometry=list(geometries), crs=WGS84)


MERIDIAN = shapely.LineString([(105, 30), (105, 30.4), (105, 35)])  # about 555 km
PARALLEL = shapely.segmentize(shapely.LineString([(105, 30), (106, 30)]), 0.01)  # else straight on the projection


def test_pieces_are_equal_and_make_up_the_line() -> None:
    """Cuts between two vertices are linear in degrees, which on a step of 500 km is off by some 0.02 %."""
    pieces = border_segments(lines(MERIDIAN))
    assert pieces["segment"].tolist() == [f"110000-120000-0{number}" for number in range(1, 7)]
    assert pieces["length_km"].to_numpy() == pytest.approx(ELLIPSOID.geometry_length(MERIDIAN) / 6000, rel=1e-3)
    assert shapely.equals(
        shapely.line_merge(shapely.union_all(pieces.geometry.values)).normalize(), MERIDIAN.normalize()
    )


def test_short_parts_join_the_nearest_piece_and_a_short_line_is_one() -> None:
    speck = shapely.LineString([(105.2, 34.9), (105.3, 34.9)])
    pieces = border_segments(lines(shapely.MultiLineString([MERIDIAN, speck])))
    assert len(pieces) == 6
    assert shapely.get_num_geometries(pieces.geometry.values).tolist() == [1, 1, 1, 1, 1, 2]
    assert len(border_segments(lines(speck))) == 1


def test_places_are_measured_to_each_border_of_their_province() -> None:
    segments = border_segments(lines(MERIDIAN, PARALLEL))
    places = pd.DataFrame(
        {
            "code": ["b", "a", "z"],
            "province_code": ["120000", "110000", "990000"],
            "longitude": [104.0, 105.5, 100.0],
            "latitude": [34.9, 30.2, 30.0],
        }
    )
    table = locate_places(places, segments)
    assert table["code"].tolist() == ["a", "a", "b"]
    assert table["across"].tolist() == ["120000", "130000", "110000"]
    assert table["is_nearest"].tolist() == [False, True, True]
    assert table["segment"].tolist() == ["110000-120000-01", "110000-130000-01", "110000-120000-06"]
    north = ELLIPSOID.inv(105.5, 30.2, 105.5, 30.0)[2] / 1000
    assert table["distance_km"].iloc[1] == pytest.approx(north, rel=1e-4)
    west = ELLIPSOID.inv(104.0, 34.9, 105.0, 34.9)[2] / 1000
    assert table["distance_km"].iloc[2] == pytest.approx(west, rel=1e-3)  # the nearest point lies a little north


def test_bad_lines_and_places_are_refused() -> None:
    segments = border_segments(lines(MERIDIAN))
    places = pd.DataFrame({"code": ["a"], "province_code": ["110000"], "longitude": [105.5], "latitude": [np.nan]})
    with pytest.raises(BoundaryError, match="1 places lack coordinates or province: a"):
        locate_places(places, segments)
    with pytest.raises(BoundaryError, match="no column longitude"):
        locate_places(places.drop(columns="longitude"), segments)
    with pytest.raises(BoundaryError, match="No place lies in a province"):
        locate_places(places.fillna(30.0).assign(province_code="990000"), segments)
    with pytest.raises(BoundaryError, match="no column prov_a"):
        border_segments(lines(MERIDIAN).drop(columns="prov_a"))
    with pytest.raises(BoundaryError, match="Segments of 0 km"):
        border_segments(lines(MERIDIAN), 0)
    with pytest.raises(BoundaryError, match="projected"):
        border_segments(lines(MERIDIAN).to_crs(3857))
