"""Frames kept on disk: read only while their content holds."""

from pathlib import Path

import pandas as pd
import pytest

from shanhai.data.store import content_key, input_files, stored
from shanhai.paths import DATA, SHAPEFILES


class Builder:
    def __init__(self, value: int) -> None:
        self.value, self.calls = value, 0

    def __call__(self) -> pd.DataFrame:
        self.calls += 1
        return pd.DataFrame({"value": [self.value], "text": ["衢州"]})


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text("a\n1\n", encoding="utf-8")
    return path


def test_the_second_call_reads_what_the_first_built(tmp_path: Path, table: Path) -> None:
    first, second = Builder(1), Builder(2)
    built = stored("frame", [table], first, tmp_path / "store")
    read = stored("frame", [table], second, tmp_path / "store")
    pd.testing.assert_frame_equal(built, read)
    assert (first.calls, second.calls) == (1, 0)


def test_a_changed_input_is_built_anew_and_the_old_frame_removed(tmp_path: Path, table: Path) -> None:
    folder = tmp_path / "store"
    stored("frame", [table], Builder(1), folder)
    table.write_text("a\n2\n", encoding="utf-8")
    assert stored("frame", [table], Builder(2), folder)["value"].tolist() == [2]
    assert len(list(folder.iterdir())) == 1


def test_frames_of_other_names_stay(tmp_path: Path, table: Path) -> None:
    folder = tmp_path / "store"
    stored("one", [table], Builder(1), folder)
    stored("two", [table], Builder(2), folder)
    assert stored("one", [table], Builder(3), folder)["value"].tolist() == [1]


def test_an_error_of_the_builder_leaves_nothing(tmp_path: Path, table: Path) -> None:
    def fails() -> pd.DataFrame:
        raise ValueError("no data")

    with pytest.raises(ValueError, match="no data"):
        stored("frame", [table], fails, tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_the_key_ignores_the_order_of_inputs(tmp_path: Path, table: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("b\n", encoding="utf-8")
    assert content_key([table, other]) == content_key([other, table])
    assert content_key([table]) != content_key([table, other])


def test_inputs_are_the_tables_and_every_part_of_a_layer() -> None:
    files = input_files(["county_gdp"], ["counties"])
    assert files[0] == DATA / "county_gdp.csv"
    assert {path.suffix for path in files[1:]} >= {".shp", ".shx", ".dbf", ".prj", ".cpg"}
    assert all(path.parent == SHAPEFILES for path in files[1:])
