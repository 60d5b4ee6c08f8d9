"""Results in a store: uploaded run by run, taken up again where a batch stopped, damaged ones made again."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from shanhai.core.errors import EnvironmentMissingError
from shanhai.run.asked import Asked, asked_runs
from shanhai.run.batch import batch
from shanhai.run.bucket import Bucket
from shanhai.run.jobs import Options
from shanhai.run.project import Project

pytestmark = pytest.mark.slow

CELL = """\
import json, os, pathlib
folder, run = pathlib.Path(os.environ["SHANHAI_OUTPUT"]), os.environ["SHANHAI_RUN"]
(folder / "tables").mkdir(); (folder / "parts").mkdir()
_ = (folder / "tables" / f"{run}--square.csv").write_text(f"{draws},{draws ** 2}")
_ = (folder / "parts" / f"{run}.quantities.json").write_text(json.dumps([{"notebook": run, "value": draws}]))
"""


@pytest.fixture
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """URL of an empty place in a store: memory of this process, or a local S3 server."""
    if request.param == "memory":
        yield "memory://shanhai-test/results"
        fsspec.filesystem("memory").rm("/shanhai-test", recursive=True)
        return
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    settings = {
        "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}",
    }  # fmt: skip
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    fsspec.filesystem("s3", skip_instance_cache=True).mkdir("results")
    yield "s3://results/山海/batch 1"
    server.stop()


@pytest.fixture
def runs(project: Project, write_notebook: Callable[..., Path]) -> list[Any]:
    write_notebook(project.notebooks / "04-report-city.ipynb", CELL, parameters="draws: int = 1  # draws")
    return asked_runs(Asked(grid=["draws=1,2,3"], language="en"), project.notebooks)


def contents(url: str) -> dict[str, bytes]:
    system, root = fsspec.core.url_to_fs(url, skip_instance_cache=True, use_listings_cache=False)
    return {
        name.partition("results/")[2].rpartition("batch 1/")[2]: system.cat_file(name) for name in system.find(root)
    }


def done(runs: list[Any], url: str, project: Project) -> bool:
    return batch(runs, url, project, options=Options(2, is_checked=True))


@pytest.mark.parametrize("store", ["memory", "s3"], indirect=True)
def test_a_store_has_the_files_of_a_folder_and_only_what_is_not_intact_runs_again(
    store: str, runs: list[Any], project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    local = tmp_path / "local"
    assert done(runs, f"file://{local}", project)
    assert done(runs, store, project)
    there = contents(store)
    here = {path.relative_to(local).as_posix(): path.read_bytes() for path in local.rglob("*") if path.is_file()}
    assert {name: there[name] for name in there if name != "manifest.json"} == {
        name: here[name] for name in here if name != "manifest.json"
    }
    capsys.readouterr()
    assert done(runs, store, project)
    assert f"0 executed, 3 unchanged, 0 failed. Results: {store}" in capsys.readouterr().out
    assert contents(store)["quantities.json"] == here["quantities.json"]

    system, root = fsspec.core.url_to_fs(store, skip_instance_cache=True)
    system.pipe_file(f"{root}/tables/04-report-city-draws=2--square.csv", b"2,5")  # of the same size
    system.rm_file(f"{root}/notebooks/04-report-city-draws=3.ipynb")
    assert done(runs, store, project)
    assert "2 executed, 1 unchanged" in capsys.readouterr().out
    assert contents(store)["tables/04-report-city-draws=2--square.csv"] == b"2,4"


@pytest.mark.parametrize("store", ["memory"], indirect=True)
def test_a_batch_that_was_killed_goes_on_from_what_the_store_has(
    store: str, runs: list[Any], project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "settle", die)
        with pytest.raises(KeyboardInterrupt):
            done(runs[:2], store, project)
    assert "manifest.json" not in contents(store)
    assert len([name for name in contents(store) if name.startswith("journal/")]) == 3
    capsys.readouterr()
    assert done(runs, store, project)
    assert "1 executed, 2 unchanged" in capsys.readouterr().out
    assert not [name for name in contents(store) if name.startswith("journal/")]
    assert len(json.loads(contents(store)["manifest.json"])["runs"]) == 3


def test_a_store_that_cannot_be_used_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        EnvironmentMissingError, match=r"Protocol not known: absent.*Give a folder, or s3://bucket/prefix"
    ):
        Bucket("absent://a/b", tmp_path, tmp_path)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_MAX_ATTEMPTS"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    with pytest.raises(EnvironmentMissingError, match=r"s3://bucket/a refuses or does not answer: .*AWS_"):
        Bucket("s3://bucket/a", tmp_path, tmp_path)
