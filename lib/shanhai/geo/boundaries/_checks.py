"""Checks that a set of boundary layers must pass before it is written, and again when it is tested."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from shanhai.geo.borders import border_lines
from shanhai.geo.boundaries._codes import SHOWN_ONLY
from shanhai.geo.boundaries._coverage import enclosed_gaps
from shanhai.geo.crs import WGS84, to_equal_area

_KNOWN_AREAS = (
    ("counties", "330127", "Chun'an", 4_417, 0.01),
    ("prefectures", "511900", "Bazhong", 12_301, 0.01),
    ("prefectures", "330800", "Quzhou", 8_845, 0.01),
    ("provinces", "330000", "Zhejiang", 105_500, 0.02),
    ("provinces", "510000", "Sichuan", 486_000, 0.01),
)
"""Published land areas in km²: layer, code, name, area, tolerance (share; coasts differ by tidal flats and islets)."""

LINES = "provincial_borders: the edges that counties of two provinces share"

_MAINLAND_KM2 = (9_200_000, 9_600_000)
"""Bounds of the area of all counties: published totals differ with what is counted on the frontier."""


def check_boundaries(
    layers: Mapping[str, gpd.GeoDataFrame], counties: pd.DataFrame, excused: pd.DataFrame
) -> pd.DataFrame:
    """Check the four layers against themselves, the registry of counties, and published areas.

    Parameters
    ----------
    layers : ``counties``, ``prefectures``, ``provinces``, ``provincial_borders``
    counties : registry of the 2020 census with ``code``
    excused : counties without a polygon of their own, ``code`` and ``reason``

    Returns
    -------
    DataFrame with ``check``, ``expected``, ``found`` (text) and ``passed`` (bool), one row a check
    """
    rows = [*_form(layers), *_topology(layers), *_presence(layers["counties"], counties, excused), *_areas(layers)]
    return pd.DataFrame(rows, columns=["check", "expected", "found", "passed"])


Row = tuple[str, str, str, bool]


def _row(check: str, expected: object, found: object) -> Row:
    return check, str(expected), str(found), bool(expected == found)


def _form(layers: Mapping[str, gpd.GeoDataFrame]) -> list[Row]:
    rows = []
    for name, frame in layers.items():
        rows.append(_row(f"{name}: reference system", WGS84.name, frame.crs.name if frame.crs else "none"))
        for column in [c for c in frame.columns if c == "code" or c.endswith("_code") or c.startswith("prov_")]:
            wrong = ~frame[column].astype("str").str.fullmatch(r"\d{6}")
            rows.append(_row(f"{name}: {column} not six digits", 0, int(wrong.sum())))
        key = ["prov_a", "prov_b"] if name == "provincial_borders" else ["code"]
        rows.append(_row(f"{name}: rows with a repeated key", 0, int(frame.duplicated(key).sum())))
    return rows


def _topology(layers: Mapping[str, gpd.GeoDataFrame]) -> list[Row]:
    rows = []
    for name in ("counties", "prefectures", "provinces"):
        shapes = np.array(layers[name].geometry.values)
        invalid = int((~shapely.is_valid(shapes)).sum())
        fits = invalid == 0 and bool(shapely.coverage_is_valid(shapes))
        rows.append(_row(f"{name}: invalid polygons", 0, invalid))
        rows.append(_row(f"{name}: valid coverage (no overlaps, same vertices)", True, fits))
        rows.append(_row(f"{name}: enclosed gaps", 0, len(enclosed_gaps(shapes)) if fits else "not countable"))
        if name == "counties":
            rows.append(_row(LINES, True, fits and _same_lines(layers)))
    return rows


def _same_lines(layers: Mapping[str, gpd.GeoDataFrame]) -> bool:
    drawn, expected = layers["provincial_borders"], border_lines(layers["counties"])
    same_pairs = drawn[["prov_a", "prov_b"]].to_numpy().tolist() == expected[["prov_a", "prov_b"]].to_numpy().tolist()
    return same_pairs and bool(shapely.equals_exact(drawn.geometry.values, expected.geometry.values).all())


def _presence(drawn: gpd.GeoDataFrame, counties: pd.DataFrame, excused: pd.DataFrame) -> list[Row]:
    missing = set(counties["code"]) - set(drawn["code"]) - set(excused["code"])
    strange = set(drawn["code"]) - set(counties["code"])
    silent = excused.loc[excused["reason"].fillna("") == "", "code"].tolist()
    return [
        _row("counties of 2020 without polygon and without reason", [], sorted(missing)),
        _row("polygons of no county of 2020", [], sorted(strange)),
        _row("excused counties without a reason", [], silent),
    ]


def _areas(layers: Mapping[str, gpd.GeoDataFrame]) -> list[Row]:
    rows = []
    areas = {name: _square_kilometres(layers[name]) for name in ("counties", "prefectures", "provinces")}
    for layer, code, name, known, share in _KNOWN_AREAS:
        found = float(areas[layer].get(code, np.nan))
        bounds = f"{known * (1 - share):.0f} to {known * (1 + share):.0f}"
        rows.append((f"area of {name} ({code}), km²", bounds, f"{found:.0f}", abs(found / known - 1) <= share))
    low, high = _MAINLAND_KM2
    total = float(areas["counties"].sum())
    rows.append(("area of all counties, km²", f"{low} to {high}", f"{total:.0f}", low <= total <= high))
    mainland = areas["provinces"][~areas["provinces"].index.str.startswith(SHOWN_ONLY)]
    rows.append(_row("mainland provinces", 31, len(mainland)))
    return rows


def _square_kilometres(layer: gpd.GeoDataFrame) -> pd.Series:
    return to_equal_area(layer).area.set_axis(layer["code"]) / 1e6
