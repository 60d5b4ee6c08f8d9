"""What JupyterLab keeps: a real server over its REST API, on a small project."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

Write = Callable[..., Path]

SERVER = """\
import sys
from pathlib import Path
from shanhai.core import paths
root = Path(sys.argv[1])
paths.ROOT, paths.NOTEBOOKS, paths.MINE = root, root / "notebooks", root / "notebooks" / "mine"
paths.OUTPUTS = root / "outputs"
from shanhai.lab.launch import run_lab
run_lab(["--no-browser", "--allow-root", "--IdentityProvider.token=t", "--ServerApp.port_retries=50",
         "--ServerApp.log_level=40"], edit=sys.argv[2] == "edit")
"""
"""JupyterLab on the project of a test, as `shanhai lab` starts it."""

COMMITTED = "notebooks/03-look.ipynb"

SECONDS_TO_START = 60


class Server:
    """A running server of a project."""

    def __init__(self, root: Path, home: Path, edit: str, language: str) -> None:
        self.root = root
        names = {"HOME": str(home), "LC_ALL": language, "JUPYTER_RUNTIME_DIR": str(home / "runtime")}
        unset = ("JUPYTER_CONFIG_DIR", "JUPYTER_CONFIG_PATH", "JUPYTER_DATA_DIR", "IPYTHONDIR", "PYTHONWARNINGS")
        environment = {name: value for name, value in os.environ.items() if name not in unset}
        command = [sys.executable, "-P", "-c", SERVER, str(root), edit]
        self.process = subprocess.Popen(command, env=environment | names, stderr=subprocess.DEVNULL)
        end = time.monotonic() + SECONDS_TO_START
        while not (found := sorted((home / "runtime").glob("jpserver-*.json"))):
            assert self.process.poll() is None and time.monotonic() < end, "the server did not start"
            time.sleep(0.1)
        self.address = json.loads(found[0].read_text(encoding="utf-8"))["url"]
        while not self._answers():
            assert self.process.poll() is None and time.monotonic() < end, "the server does not answer"
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            return self.ask("GET", "api")[0] == 200
        except URLError:  # its file is there before it listens
            return False

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and answer of a request, its JSON read."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.address + quote(path, safe="/?=&"), data, {"Authorization": "token t"}, method=method)
        try:
            with urlopen(request) as answer:
                status, text = answer.status, answer.read().decode()
        except HTTPError as error:
            status, text = error.code, error.read().decode()
        return status, json.loads(text) if text.startswith(("{", "[")) else text

    def open(self, path: str) -> dict[str, Any]:
        """A notebook as JupyterLab gets it."""
        status, model = self.ask("GET", f"api/contents/{path}")
        assert status == 200, model
        return dict(model)

    def save(self, path: str, model: dict[str, Any]) -> tuple[int, Any]:
        return self.ask("PUT", f"api/contents/{path}", {key: model[key] for key in ("type", "format", "content")})

    def sources(self, path: str) -> list[str]:
        cells = json.loads((self.root / path).read_text(encoding="utf-8"))["cells"]
        return ["".join(cell["source"]) for cell in cells]


def started(folder: Path, write_notebook: Write, edit: str = "", language: str = "C.UTF-8") -> Iterator[Server]:
    write_notebook(folder / "项 目" / COMMITTED, "1 + 1", "2 + 2")
    server = Server(folder / "项 目", folder / "home", edit, language)
    yield server
    server.process.terminate()
    assert server.process.wait(30) == 0
    assert not list((folder / "home" / "runtime").glob("jpserver-*"))


@pytest.fixture
def server(tmp_path: Path, write_notebook: Write) -> Iterator[Server]:
    yield from started(tmp_path, write_notebook)


def changed(model: dict[str, Any], source: str) -> dict[str, Any]:
    """A notebook as a user leaves it who changed the first cell."""
    model = json.loads(json.dumps(model))
    model["content"]["cells"][0]["source"] = source
    return model


def test_a_changed_notebook_of_the_project_stays_and_the_change_goes_to_a_copy(server: Server) -> None:
    before = (server.root / COMMITTED).read_bytes()
    model = server.open(COMMITTED)
    status, said = server.save(COMMITTED, changed(model, "first"))
    assert status == 403
    assert said["message"].startswith("Saved as a copy: notebooks/mine/03-look")
    assert "notebooks/mine/03-look.ipynb" in said["message"]
    assert server.sources("notebooks/mine/03-look.ipynb") == ["first", "2 + 2"]
    # said once: what the tab still saves goes the same way, without a word
    assert server.save(COMMITTED, changed(model, "second"))[0] == 200
    assert server.sources("notebooks/mine/03-look.ipynb") == ["second", "2 + 2"]
    assert (server.root / COMMITTED).read_bytes() == before


def test_no_copy_that_its_user_went_on_with_is_written_over(server: Server) -> None:
    model = server.open(COMMITTED)
    server.save(COMMITTED, changed(model, "first"))
    copy = server.open("notebooks/mine/03-look.ipynb")
    assert server.save("notebooks/mine/03-look.ipynb", changed(copy, "mine"))[0] == 200
    assert server.save(COMMITTED, changed(model, "first"))[0] == 200  # nothing new in the tab of the project's notebook
    status, said = server.save(COMMITTED, changed(model, "third"))
    assert (status, "notebooks/mine/03-look-1.ipynb" in said["message"]) == (403, True)
    server.open(COMMITTED)  # opened anew, it begins with the project's cells: another copy
    status, said = server.save(COMMITTED, changed(model, "fourth"))
    assert (status, "notebooks/mine/03-look-2.ipynb" in said["message"]) == (403, True)
    kept = {name: server.sources(f"notebooks/mine/03-look{name}.ipynb")[0] for name in ("", "-1", "-2")}
    assert kept == {"": "mine", "-1": "third", "-2": "fourth"}


def test_outputs_of_unchanged_cells_are_not_saved(server: Server) -> None:
    before = (server.root / COMMITTED).read_bytes()
    model = server.open(COMMITTED)
    model["content"]["cells"][0]["execution_count"] = 7
    model["content"]["metadata"]["language_info"] = {"name": "python", "version": "4"}
    assert server.save(COMMITTED, model)[0] == 200
    assert (server.root / COMMITTED).read_bytes() == before
    assert not list((server.root / "notebooks" / "mine").iterdir())


def test_new_and_duplicated_notebooks_come_to_lie_in_the_users_folder(server: Server) -> None:
    new = server.ask("POST", "api/contents/notebooks", {"type": "notebook"})
    twin = server.ask("POST", "api/contents/notebooks", {"copy_from": COMMITTED})
    assert [(status, model["path"]) for status, model in (new, twin)] == [
        (201, "notebooks/mine/Untitled.ipynb"),
        (201, "notebooks/mine/03-look.ipynb"),
    ]
    status, said = server.save("notebooks/99-my-own.ipynb", server.open(COMMITTED))
    assert (status, "notebooks/mine/99-my-own.ipynb" in said["message"]) == (403, True)
    assert server.ask("POST", "api/contents/lib", {"type": "file"})[0] == 404  # no such folder: nothing is redirected
    assert [path.name for path in (server.root / "notebooks").glob("*.ipynb")] == ["03-look.ipynb"]


def test_notebooks_of_the_project_are_not_moved_deleted_or_replaced(server: Server) -> None:
    own = server.ask("POST", "api/contents/notebooks", {"type": "notebook"})[1]["path"]
    refused = [
        server.ask("PATCH", f"api/contents/{COMMITTED}", {"path": "notebooks/mine/x.ipynb"}),
        server.ask("PATCH", f"api/contents/{own}", {"path": "notebooks/16-x-y.ipynb"}),
        server.ask("DELETE", f"api/contents/{COMMITTED}"),
        server.ask("PUT", f"api/contents/{COMMITTED}", {"type": "file", "format": "text", "content": "x"}),
    ]
    assert [status for status, _ in refused] == [403] * 4
    assert server.sources(COMMITTED) == ["1 + 1", "2 + 2"]
    assert server.ask("DELETE", f"api/contents/{own}")[0] == 204


def test_maintainers_edit_in_place(tmp_path: Path, write_notebook: Write) -> None:
    for server in started(tmp_path, write_notebook, edit="edit"):
        assert server.save(COMMITTED, changed(server.open(COMMITTED), "better"))[0] == 200
        assert server.sources(COMMITTED) == ["better", "2 + 2"]


def test_messages_follow_the_language_of_the_user(tmp_path: Path, write_notebook: Write) -> None:
    for server in started(tmp_path, write_notebook, language="zh_CN.UTF-8"):
        said = server.save(COMMITTED, changed(server.open(COMMITTED), "x"))[1]["message"]
        assert said.startswith("已另存为副本：notebooks/mine/03-look.ipynb")
        settings = server.ask("GET", "lab/api/settings/@jupyterlab/translation-extension:plugin")[1]
        assert settings["schema"]["properties"]["locale"]["default"] == "zh_CN"


def test_the_report_is_shown_as_pages_and_where_there_is_none_how_it_is_made(server: Server) -> None:
    status, page = server.ask("GET", "report/")
    assert (status, "bootstrap.py reproduce" in page, "报告尚未生成" in page) == (404, True, True)
    folder = server.root / "outputs" / "reproduce" / "report"
    (folder / "en").mkdir(parents=True)
    (folder / "index.html").write_text("home", encoding="utf-8")
    (folder / "en" / "index.html").write_text("English", encoding="utf-8")
    assert [server.ask("GET", f"report/{name}") for name in ("", "en/index.html")] == [(200, "home"), (200, "English")]
    assert server.ask("GET", "report/en/nothing.html")[0] == 404
    with urlopen(Request(f"{server.address}report/", headers={"Authorization": "token t"})) as answer:
        assert "sandbox" not in answer.headers["Content-Security-Policy"]
    with urlopen(f"{server.address}report/") as answer:  # of one who has not logged in
        assert "/login" in answer.url
