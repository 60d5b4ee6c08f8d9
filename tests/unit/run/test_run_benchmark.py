"""The benchmark command gathers the rows of every file, in one form, and refuses what is not there."""

import json
import runpy
import sys

import pytest

from shanhai.core.errors import ParameterError
from shanhai.run import benchmark as module
from shanhai.run.benchmark import BENCHMARKS, KEYS, as_table, benchmark
from shanhai.run.cli import main

ROW = {"work": "add", "ours_s": 0.5, "peer": "abacus", "peer_s": 5.0, "ratio": 10.0, "target": None, "agree": True}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    text = f"import os\ndef measure():\n    return [{ROW!r} | {{'peer': os.environ.get('SHANHAI_PEERS', 'none')}}]\n"
    for name in ("sums", "products"):
        (tmp_path / f"bench_{name}.py").write_text(text, encoding="utf-8")
    (tmp_path / "bench_wrong.py").write_text("def measure():\n    return [{'work': 'x'}]\n", encoding="utf-8")
    monkeypatch.delenv("SHANHAI_PEERS", raising=False)
    return tmp_path


def test_rows_of_chosen_files_come_in_order(folder):
    assert benchmark(["sums", "products"], folder=folder) == [ROW | {"peer": "none"}] * 2


def test_peers_reach_the_benchmark_and_only_it(folder, tmp_path):
    interpreter = tmp_path / "python"
    interpreter.touch()
    assert benchmark(["sums"], interpreter, folder)[0]["peer"] == str(interpreter)
    assert benchmark(["sums"], folder=folder)[0]["peer"] == "none"


def test_what_is_not_there_is_refused(folder, tmp_path):
    with pytest.raises(ParameterError, match="allowed: products, sums, wrong"):
        benchmark(["speed"], folder=folder)
    with pytest.raises(ParameterError, match="no interpreter"):
        benchmark(["sums"], tmp_path / "nowhere", folder)
    with pytest.raises(ParameterError, match="wrong"):
        benchmark(["wrong"], folder=folder)
    with pytest.raises(ParameterError, match="at all"):
        benchmark(folder=tmp_path / "empty")


def test_table_shows_every_field():
    lines = as_table([ROW, ROW | {"peer_s": None, "ratio": None, "agree": False}]).splitlines()
    assert lines[1].split() == ["add", "0.5", "abacus", "5", "10", "-", "yes"]
    assert lines[2].split() == ["add", "0.5", "abacus", "-", "-", "-", "NO"]


def test_command_prints_json(folder, monkeypatch, capsys):
    monkeypatch.setattr(module.benchmark, "__defaults__", ((), None, folder))
    assert main(["benchmark", "sums", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0].keys() == set(KEYS)
    assert main(["benchmark", "speed"]) == 1


TIMED = sorted(path for path in BENCHMARKS.glob("*.py") if path.stem != "bare")


@pytest.mark.parametrize("path", TIMED, ids=lambda path: path.stem)
def test_the_benchmarks_of_the_project_find_what_they_time(path, monkeypatch):
    """They are run by hand: a name of the library that moved would be noticed by nobody."""
    monkeypatch.setattr(sys, "path", [*sys.path])  # they add the folders that they read
    loaded = runpy.run_path(str(path), run_name=path.stem)
    assert callable(loaded["measure_growth" if path.stem == "growth" else "measure"])
    assert not path.stem.startswith("bench_") or callable(loaded["works"])
