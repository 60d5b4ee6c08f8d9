"""Timings are kept by machine and compared with those of the same machine only. No test asserts a time."""

import json

import pytest

from shanhai.core.errors import ParameterError
from shanhai.run import benchmark as module
from shanhai.run.cli import main
from shanhai.run.timings import compare_timings, require_timings, store_timings, time_works

MACHINE = {"processor": "abacus", "cores": "2", "python": "CPython 3.11", "numpy": "2.4"}
BEFORE = {"fit": (1.0, 0.02), "curve": (2.0, 0.05), "gone": (1.0, 0.0)}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "kept" / "timings.json"
    store_timings(BEFORE, path, MACHINE)
    return path


def test_what_takes_more_than_a_quarter_longer_is_named(file):
    now = {"fit": (1.26, 0.03), "curve": (2.5, 0.01), "new": (3.0, 0.0)}
    lines, is_slower = compare_timings(now, file, MACHINE)
    assert is_slower
    assert lines == [
        "fit: 1.26 s, before 1 s (+26%, noise 3%): SLOWER",
        "curve: 2.5 s, before 2 s (+25%, noise 5%)",
        "new: 3 s, noise 0%; not timed before",
        "gone: not timed in this run",
        "1 of 3 works took more than 25% longer than before: fit.",
    ]


def test_noise_as_large_as_the_difference_is_said(file):
    lines, is_slower = compare_timings({"fit": (1.3, 0.4)}, file, MACHINE)
    assert is_slower
    assert lines[0].endswith("SLOWER, but the noise is as large; run it again")


def test_nothing_slower_is_said_too(file):
    assert compare_timings(BEFORE, file, MACHINE) == (
        [
            "fit: 1 s, before 1 s (+0%, noise 2%)",
            "curve: 2 s, before 2 s (+0%, noise 5%)",
            "gone: 1 s, before 1 s (+0%, noise 0%)",
            "0 of 3 works took more than 25% longer than before.",
        ],
        False,
    )


@pytest.mark.parametrize("part", MACHINE)
def test_another_machine_is_refused_with_what_differs(file, part):
    other = MACHINE | {part: "other"}
    with pytest.raises(ParameterError, match=f"{part} was {MACHINE[part]}, is other; allowed: the same processor"):
        compare_timings(BEFORE, file, other)
    store_timings({"fit": (9.0, 0.0)}, file, other)
    assert compare_timings({"fit": (1.0, 0.0)}, file, MACHINE)[0][0].startswith("fit: 1 s, before 1 s")
    assert len(json.loads(file.read_text(encoding="utf-8"))) == 2


def test_timings_of_some_works_leave_the_others_kept(file):
    store_timings({"fit": (0.5, 0.0)}, file, MACHINE)
    lines, _ = compare_timings(BEFORE, file, MACHINE)
    assert lines[0].startswith("fit: 1 s, before 0.5 s (+100%")
    assert lines[1].startswith("curve: 2 s, before 2 s")


@pytest.mark.parametrize(
    "text", ["no json", "[]", "{}", '{"a": {}}', '{"a": {"machine": {}, "works": {"b": {"c": 1}}}}']
)
def test_a_file_without_timings_is_refused(tmp_path, text):
    path = tmp_path / "other.json"
    with pytest.raises(ParameterError, match="no timings in"):
        require_timings(path)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError, match="holds no timings"):
        compare_timings(BEFORE, path, MACHINE)


def test_each_work_is_done_once_more_than_the_rounds(tmp_path):
    done = []
    found = time_works({"a": lambda: done.append("a"), "b": lambda: done.append("b")}, 2)
    assert done == ["a", "b"] * 3
    assert list(found) == ["a", "b"]
    with pytest.raises(ParameterError, match="1 rounds; allowed: 2 or more"):
        time_works({}, 1)


def test_commands_keep_and_compare(tmp_path, monkeypatch, capsys):
    text = "def works():\n    return {'sum': lambda: sum(range(9))}\n"
    (tmp_path / "bench_sums.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(module.works, "__defaults__", ((), tmp_path))
    kept = str(tmp_path / "timings.json")
    assert main(["benchmark", "--compare", kept]) == 1
    assert "Run with --store first" in capsys.readouterr().err
    assert main(["benchmark", "--store", kept, "--rounds", "2"]) == 0
    assert "The best times of these works are kept" in capsys.readouterr().out
    main(["benchmark", "sums", "--compare", kept, "--rounds", "2"])
    assert "of 1 works took more than 25% longer than before" in capsys.readouterr().out
