"""The frame that the registered regressions are fitted on: the county frame of the project and what they add to it."""

from functools import lru_cache

import geopandas as gpd
import pandas as pd

from shanhai.data.frames.panel import build_county_frame, county_geometry, frame_inputs
from shanhai.data.store import input_files, stored
from shanhai.geo.crs import to_equal_area
from shanhai.geo.edges import shared_edges
from shanhai.studies.border.variables import add_variables


def analysis_frame() -> pd.DataFrame:
    """County frame with the variables of the registered regressions, one row a county.

    Returns
    -------
    DataFrame
        The columns of ``build_county_frame``, those of ``add_variables``, and ``longitude`` and ``latitude`` of each
        county's centre in degrees (missing where a county has no polygon of its own). A copy, built once.
    """
    return _frame().copy()


def county_edges() -> pd.DataFrame:
    """Pairs of counties that share an edge, kept on disk: code_a, code_b, length_km (see ``shanhai.geo.edges``)."""
    return stored("county_edges", input_files([], ["counties"]), lambda: shared_edges(county_geometry()))


@lru_cache(maxsize=1)
def _frame() -> pd.DataFrame:
    return stored("analysis_frame", frame_inputs(), _built_frame)


def _built_frame() -> pd.DataFrame:
    centres = county_centres(county_geometry())
    frame = add_variables(build_county_frame(), centres)
    places = centres.set_index("code").reindex(frame["code"])
    return frame.assign(longitude=places["longitude"].to_numpy(), latitude=places["latitude"].to_numpy())


def county_centres(counties: gpd.GeoDataFrame) -> pd.DataFrame:
    """Centroid of each polygon, taken on an equal-area projection.

    Returns
    -------
    DataFrame
        code, longitude, latitude (degrees, WGS 84).
    """
    centroids = to_equal_area(counties).geometry.centroid.to_crs(counties.crs)
    return pd.DataFrame({"code": counties["code"], "longitude": centroids.x, "latitude": centroids.y})
