"""Where results may go: nothing of the project is written over, and no password is printed."""

import errno
import json
from pathlib import Path

import pytest

from shanhai.core import paths
from shanhai.run import cli
from shanhai.run.folder import publish
from shanhai.run.output import without_secret
from shanhai.run.ownership import LOCK, folder_held
from shanhai.run.pool import Outcome

INSIDE = ["", " ", ".", "data", "lib", "notebooks", "outputs/..", "outputs/../data/new", "file://"]


@pytest.mark.parametrize("folder", INSIDE)
@pytest.mark.parametrize("command", [["batch", "--prefectures", "330800"], ["reproduce"], ["run", "04"]])
def test_results_may_not_go_into_the_project(
    command: list[str], folder: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(paths.ROOT)
    with pytest.raises(SystemExit) as ended:
        cli.main([*command, "--output", folder])
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert "name a folder" in said or "name one under" in said


def test_a_link_from_elsewhere_into_the_project_is_seen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "link").symlink_to(paths.DATA)
    with pytest.raises(SystemExit):
        cli.main(["batch", "--prefectures", "330800", "--output", str(tmp_path / "link" / "new")])
    assert "is a folder of the project itself" in capsys.readouterr().err


@pytest.mark.parametrize(
    "option",
    [
        ["--output", "s3://me:H1DDENRET@bucket/a"], ["--output", "s3://me:H1DDEN/RET@bucket/a"],
        ["--output", "s3://H1DDENRET@bucket"], ["--output", "simplecache::s3://me:H1DDENRET@bucket"],
        ["--scheduler", "tcp://me:H1DDENRET@host:8786"], ["--nonsense=tcp://me:H1DDENRET@host"],
    ],
)  # fmt: skip
def test_a_password_in_an_address_is_refused_and_not_said(
    option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        cli.main(["batch", "--prefectures", "330800", *option])
    said = "".join(capsys.readouterr())
    assert "H1DDEN" not in said
    assert "RET" not in said


def test_a_lock_says_the_command_without_its_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["shanhai", "batch", "--output=s3://me:H1DDEN/RET@bucket/a", "s3://bucket/b@c"])
    with folder_held(tmp_path):
        command = json.loads((tmp_path / LOCK).read_text(encoding="utf-8"))["command"]
    assert command == "shanhai batch --output=s3://...@bucket/a s3://bucket/b@c"
    assert without_secret("tcp://host:8786/a@b") == "tcp://host:8786/a@b"


def test_a_dry_run_says_names_and_an_unknown_option_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["batch", "--counties", "331127", "--language", "en", "--dry-run"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "04-report-city-county=331127 景宁畲族自治县 Jingning", "1 run",
    ]  # fmt: skip
    with pytest.raises(SystemExit):
        cli.main(["batch", "--county", "331127"])
    assert "unrecognized arguments: --county Did you mean '--counties'?" in capsys.readouterr().err


def test_no_empty_folder_stays_where_a_file_could_not_be_put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tmp_path / "made"
    (made / "notebooks").mkdir(parents=True)
    (made / "notebooks" / "a.ipynb").write_text("{}", encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        publish(Outcome("a", made, 0.1, None), tmp_path / "out")
    assert not (tmp_path / "out" / "notebooks").exists()
