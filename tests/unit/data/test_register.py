"""Tables are committed in one canonical form, and the registry knows every file."""

import json
from pathlib import Path

import pandas as pd
import pytest

from shanhai.core import fields, sources
from shanhai.core.errors import ChecksumError
from shanhai.core.paths import DATA
from shanhai.data import register
from shanhai.data._canonical import write_table
from shanhai.data.load import load_table


@pytest.mark.parametrize("name", fields.table_names())
def test_committed_tables_are_canonical_whatever_the_order_they_come_in(name: str, tmp_path: Path) -> None:
    shuffled = load_table(name, corrected=False).sample(frac=1, random_state=20201101)
    written = write_table(name, shuffled, tmp_path)
    assert written.read_bytes() == (DATA / f"{name}.csv").read_bytes()


def test_other_columns_are_left_out_and_whole_numbers_have_no_point(tmp_path: Path) -> None:
    frame = load_table("zones").head(2).assign(scratch=1.0).astype({"row_2020": "float64"})
    text = write_table("zones", frame, tmp_path).read_text(encoding="utf-8")
    assert "scratch" not in text
    assert ",59\n" in text


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one table, its registry still without checksum."""
    data, shapes = tmp_path / "data", tmp_path / "shapefiles"
    data.mkdir()
    shapes.mkdir()
    (data / "provinces.csv").write_text("code\n330000\n", encoding="utf-8")
    header = "file,sha256,title,title_zh,origin,origin_zh,licence,licence_zh,accessed,vintage,vintage_zh"
    row = "data/provinces.csv,,T,题,O,源,L,许可,2026-11-22,2020,2020年"
    (data / "registry.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    for module, name, value in (
        (register, "DATA", data),
        (register, "SHAPEFILES", shapes),
        (register, "ROOT", tmp_path),
        (register, "PACKAGE", data / "datapackage.json"),
        (sources, "ROOT", tmp_path),
        (sources, "REGISTRY", data / "registry.csv"),
    ):
        monkeypatch.setattr(module, name, value)
    read = sources.read_registry
    monkeypatch.setattr(sources, "read_registry", lambda: read(data / "registry.csv"))
    return tmp_path


def test_building_the_registry_fills_in_checksums_and_tells_what_changed(project: Path) -> None:
    assert register.build_registry() == ["data/provinces.csv"]
    row = sources.read_registry()[0]
    assert row.sha256 == sources.sha256(project / "data" / "provinces.csv")
    assert row.title == "T"
    assert register.build_registry() == []


def test_a_file_without_a_row_and_a_row_without_a_file_are_named(project: Path) -> None:
    (project / "shapefiles" / "new.shp").write_bytes(b"")
    (project / "data" / "provinces.csv").unlink()
    with pytest.raises(ChecksumError) as error:
        register.build_registry()
    assert "shapefiles/new.shp has no row" in str(error.value)
    assert "data/provinces.csv has a row but is missing" in str(error.value)


def test_the_package_describes_each_table_once() -> None:
    package = json.loads(register.PACKAGE.read_text(encoding="utf-8"))
    resources = pd.DataFrame(package["resources"])
    assert resources["name"].is_unique
    assert set(resources["path"]) == {f"{name}.csv" for name in fields.table_names()}
