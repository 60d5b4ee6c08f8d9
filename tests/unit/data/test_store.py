"""Frames kept on disk: read only while their content holds."""

import hashlib
import io
import os
import pickle
from pathlib import Path
from threading import Event

import numpy as np
import pandas as pd
import pytest

from shanhai.core import installed
from shanhai.core.errors import InputsChangedError
from shanhai.core.modules import files_behind
from shanhai.core.paths import DATA, SHAPEFILES
from shanhai.data import store
from shanhai.data.store import input_files, stored


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
    orders = [table, other], [other, table], [table]
    builders = [Builder(1) for _ in orders]
    for inputs, builder in zip(orders, builders, strict=True):
        stored("frame", inputs, builder, tmp_path / "store")
    assert [builder.calls for builder in builders] == [1, 0, 1]


def test_inputs_are_the_tables_and_every_part_of_a_layer() -> None:
    files = input_files(["county_gdp"], ["counties"])
    assert files[0] == DATA / "county_gdp.csv"
    assert {path.suffix for path in files[1:]} >= {".shp", ".shx", ".dbf", ".prj", ".cpg"}
    assert all(path.parent == SHAPEFILES for path in files[1:])


def stored_file(folder: Path) -> Path:
    (path,) = folder.glob("*.npz")
    return path


def every_type() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "text": pd.Series(["衢州", None, "", "a,\n\"b\""], dtype="str"),
            "number": [0.1 + 0.2, float("nan"), -0.0, 5e-324],
            "integer": [2**62 + 1, -1, 0, 3],
            "truth": [True, False, True, False],
            "unsure": pd.Series([True, None, False, None], dtype="boolean"),
        },
        index=pd.Index(["330800", "511900", "x", "y"], name="code", dtype="str"),
    )  # fmt: skip


def test_every_type_comes_back_bit_by_bit(tmp_path: Path, table: Path) -> None:
    both = every_type(), every_type().iloc[:0].reset_index(drop=True)
    first = stored("frames", [table], lambda: both, tmp_path)
    second = stored("frames", [table], lambda: pytest.fail("it is built again"), tmp_path)
    for frames in (first, second):
        for frame, original in zip(frames, both, strict=True):
            pd.testing.assert_frame_equal(frame, original, check_exact=True)
            assert frame.to_csv() == original.to_csv()
    assert str(second[0].loc["x", "number"]) == "-0.0"


def test_a_type_that_the_file_cannot_hold_is_refused(tmp_path: Path, table: Path) -> None:
    with pytest.raises(TypeError, match="'when' is of type datetime64"):
        stored("frame", [table], lambda: pd.DataFrame({"when": pd.to_datetime(["2020-11-01"])}), tmp_path)


def test_numpy_reads_the_file_and_colleagues_may(tmp_path: Path, table: Path) -> None:
    stored("frame", [table], Builder(7), tmp_path / "store")
    path = stored_file(tmp_path / "store")
    with np.load(path, allow_pickle=False) as arrays:
        assert arrays["0.int64"].tolist() == [[7]]
        assert "衢州" in arrays["schema"].tobytes().decode()
    assert path.stat().st_mode & 0o777 == table.stat().st_mode & 0o777


def test_a_file_with_any_byte_lost_or_changed_is_built_anew(tmp_path: Path, table: Path) -> None:
    stored("frame", [table], Builder(1), tmp_path / "store")
    path = stored_file(tmp_path / "store")
    whole = path.read_bytes()
    places = [*range(0, len(whole), 97), len(whole) - 1]
    damaged = [whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :] for place in places]
    for content in (b"", whole[:-1], whole[:200], whole + b"\0", b"\0" * len(whole), *damaged):
        path.write_bytes(content)
        builder = Builder(1)
        assert stored("frame", [table], builder, tmp_path / "store")["value"].tolist() == [1]
        assert builder.calls == 1
        assert path.read_bytes() == whole  # it is whole again


def test_a_foreign_file_runs_no_code_and_another_frame_is_not_taken(tmp_path: Path, table: Path) -> None:
    ran = tmp_path / "ran"

    class Code:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return Path.touch, (ran,)

    folder = tmp_path / "store"
    stored("frame", [table], Builder(1), folder)
    path = stored_file(folder)
    with_objects = io.BytesIO()
    np.savez(with_objects, schema=np.array([Code()], dtype=object))
    for body in (pickle.dumps(Code()), with_objects.getvalue()):
        for content in (body, body + hashlib.sha256(body).hexdigest().encode()):
            path.write_bytes(content)
            assert stored("frame", [table], Builder(1), folder)["value"].tolist() == [1]
    assert not ran.exists()
    stored("other", [table], Builder(9), folder)
    path.write_bytes(next(folder.glob("other-*")).read_bytes())
    assert stored("frame", [table], Builder(1), folder)["value"].tolist() == [1]


@pytest.mark.parametrize("schema", ["{}", "[]", "1", '{"label": "x", "single": true, "frames": [{}]}', "nonsense"])
def test_an_archive_of_another_shape_is_not_read(schema: str, tmp_path: Path, table: Path) -> None:
    folder = tmp_path / "store"
    stored("frame", [table], Builder(1), folder)
    stream = io.BytesIO()
    np.savez(stream, schema=np.frombuffer(schema.encode(), np.uint8))
    content = stream.getvalue()
    stored_file(folder).write_bytes(content + hashlib.sha256(content).hexdigest().encode())
    assert stored("frame", [table], Builder(2), folder)["value"].tolist() == [2]


def test_drafts_of_killed_processes_go_and_those_of_others_stay(tmp_path: Path, table: Path) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    (folder / f"frame-{'0' * 24}.npz.{2**22 + 1}.draft").touch()
    living = folder / f"frame-{'0' * 24}.npz.{os.getpid()}.draft"
    living.touch()
    stored("frame", [table], Builder(1), folder)
    assert sorted(path.suffix for path in folder.iterdir()) == [".draft", ".npz"]
    assert living.exists()


def test_a_frame_that_cannot_be_kept_is_still_given(tmp_path: Path, table: Path) -> None:
    (tmp_path / "store").write_text("a file where the folder belongs", encoding="utf-8")
    assert stored("frame", [table], Builder(3), tmp_path / "store")["value"].tolist() == [3]


def test_a_name_that_begins_like_another_removes_nothing_of_it(tmp_path: Path, table: Path) -> None:
    stored("frame-a", [table], Builder(1), tmp_path / "store")
    stored("frame", [table], Builder(2), tmp_path / "store")
    assert stored("frame-a", [table], Builder(3), tmp_path / "store")["value"].tolist() == [1]


def test_an_input_that_changes_while_the_frame_is_built_and_is_put_back_is_noticed(tmp_path: Path, table: Path) -> None:
    status = table.stat()
    text = table.read_text(encoding="utf-8")

    def build() -> pd.DataFrame:
        read = "a\n2\n" if not builds else text
        builds.append(read)
        table.write_text(read, encoding="utf-8")
        frame = pd.read_csv(table)
        table.write_text(text, encoding="utf-8")
        os.utime(table, ns=(status.st_atime_ns, status.st_mtime_ns))
        return frame

    builds: list[str] = []
    with pytest.raises(InputsChangedError, match=r"table\.csv: one of them changes while frame is built"):
        stored("frame", [table], build, tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_the_key_follows_the_packages(tmp_path: Path, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = builders = [Builder(1) for _ in range(3)]
    for builder in builders:
        if builder is third:
            monkeypatch.setenv(installed.VARIABLE, "other packages")
        stored("frame", [table], builder, tmp_path / "store")
    assert (first.calls, second.calls, third.calls) == (1, 0, 1)


def test_the_key_follows_a_function_that_is_used_indirectly_and_no_chart(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = tmp_path / "shanhai"
    texts = {"frame": "from shanhai.far import far", "far": "far = 1", "chart": "drawn = 1"}
    (library / "data").mkdir(parents=True)
    for name, text in texts.items():
        (library / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(store, "LIBRARY", library)
    monkeypatch.setattr(store, "files_behind", lambda modules: files_behind(modules, library))

    def is_built() -> bool:
        builder = Builder(1)
        builder.__module__ = "shanhai.frame"
        stored("frame", [table], builder, tmp_path / "store")
        return builder.calls == 1

    assert is_built()
    (library / "chart.py").write_text("drawn = 1  # a comment", encoding="utf-8")
    assert not is_built()
    (library / "far.py").write_text("far = 2", encoding="utf-8")
    assert is_built()
    for name in ("words.toml", "deep/limits.csv"):  # also within one living process
        (library / name).parent.mkdir(exist_ok=True)
        for text in ("a = 1", "a = 2"):
            (library / name).write_text(text, encoding="utf-8")
            assert is_built()


def test_any_changed_file_of_a_package_changes_the_digest(tmp_path: Path) -> None:
    folder = tmp_path / "site-packages"
    (folder / "package" / "__pycache__").mkdir(parents=True)
    module = folder / "package" / "module.py"
    module.write_text("one = 1", encoding="utf-8")
    (folder / "package-1.0.dist-info").mkdir()

    def digest() -> str:
        return installed.read_packages((str(folder),), tmp_path / "cache" / "packages.json")

    first = digest()
    assert digest() == first
    (folder / "package" / "__pycache__" / "module.pyc").touch()
    assert digest() == first
    status = module.stat()
    module.write_text("one = 2", encoding="utf-8")
    os.utime(module, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert digest() != first
    module.write_text("one = 1", encoding="utf-8")
    assert digest() == first
    (tmp_path / "cache" / "packages.json").write_text("damaged", encoding="utf-8")
    assert digest() == first
    (folder / "package-1.0.dist-info" / "METADATA").touch()
    assert digest() != first


@pytest.mark.parametrize(("waits", "lines"), [(True, 1), (False, 0)])
def test_who_waits_for_a_long_build_is_told_once_what_is_built(
    waits: bool,
    lines: int,
    tmp_path: Path,
    table: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(store, "_PATIENCE", 0.01)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    if waits:
        monkeypatch.setenv("JPY_SESSION_NAME", "a.ipynb")
    ready = Event()

    def inner() -> pd.DataFrame:
        ready.wait(0.5)
        return pd.DataFrame({"a": [1]})

    def outer() -> pd.DataFrame:
        return stored("inner", [table], inner, tmp_path)

    stored(f"outer-{waits}", [table], outer, tmp_path)
    said = capsys.readouterr().err.splitlines()
    assert [f"building the table outer-{waits}" in line for line in said] == [True] * lines
    stored(f"outer-{waits}", [table], outer, tmp_path)
    assert capsys.readouterr().err == ""
