"""bootstrap.py on a small library with an empty lock: real environments, no network."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest

from shanhai.core.paths import ROOT

COMMAND = """\
import os, sys
import shanhai
print(ascii(sys.argv[1:]), ascii(shanhai.__file__), os.environ.get("PYTHONPATH"), sys.flags.utf8_mode)
sys.exit(7 if "fail" in sys.argv else 0)
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in a folder with a space and 中文, installed once."""
    root = tmp_path_factory.mktemp("boot") / "山 海"
    (root / "lib" / "shanhai").mkdir(parents=True)
    shutil.copy(ROOT / "bootstrap.py", root)
    (root / "lib" / "requirements.lock").touch()
    (root / "lib" / "shanhai" / "__init__.py").touch()
    (root / "lib" / "shanhai" / "__main__.py").write_text(COMMAND, encoding="utf-8")
    done = bootstrap(root, "list")
    assert done.returncode == 0, done.stderr
    assert "Installing" in done.stderr
    return root


def bootstrap(root: Path, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "PYTHONPATH": str(root / "foreign"),
        "PYTHONWARNINGS": "error",
        "PYTHONSAFEPATH": "",
        "PIP_TARGET": "elsewhere",
    }
    command = [sys.executable, str(root / "bootstrap.py"), *arguments]
    return subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True, encoding="utf-8")


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """bootstrap.py as a module whose folders are in a temporary place."""
    specification = importlib.util.spec_from_file_location("bootstrap_under_test", ROOT / "bootstrap.py")
    assert specification is not None and specification.loader is not None
    loaded = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(loaded)
    for name, path in {
        "ROOT": tmp_path,
        "VENV": tmp_path / ".venv",
        "STAMP": tmp_path / ".venv" / "shanhai.stamp",
    }.items():
        monkeypatch.setattr(loaded, name, path)
    return loaded


def test_second_call_installs_nothing_and_hands_arguments_and_status_over(checkout: Path, tmp_path: Path) -> None:
    before = (checkout / ".venv" / "shanhai.stamp").stat().st_mtime_ns
    done = bootstrap(checkout, "run", "04", "-p", "name=衢 州", "fail", cwd=tmp_path)
    assert done.returncode == 7
    assert done.stderr == ""
    assert ascii(["run", "04", "-p", "name=衢 州", "fail"]) in done.stdout
    assert (checkout / ".venv" / "shanhai.stamp").stat().st_mtime_ns == before


def test_settings_of_the_user_do_not_leak(checkout: Path) -> None:
    shown = bootstrap(checkout, "list").stdout
    assert ascii(str(checkout / "lib" / "shanhai" / "__init__.py")) in shown
    assert "foreign" not in shown
    assert shown.split()[-2:] == ["None", "1"]
    assert not list(checkout.rglob("elsewhere"))


@pytest.mark.skipif(os.name == "nt", reason="the command is a shell script on POSIX")
def test_command_of_the_environment_works_from_any_folder(checkout: Path, tmp_path: Path) -> None:
    command = [checkout / ".venv" / "bin" / "shanhai", "a b"]
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=tmp_path, env=clean, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "'a b'" in done.stdout


def test_moved_or_changed_checkout_is_not_taken_for_installed(
    checkout: Path, module: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_installed(venv: Path, lock: Path) -> bool:
        for name, path in {"LOCK": lock, "VENV": venv, "STAMP": venv / "shanhai.stamp"}.items():
            monkeypatch.setattr(module, name, path)
        return module.is_installed()

    moved = tmp_path / ".venv"
    shutil.copytree(checkout / ".venv", moved, symlinks=True)
    assert is_installed(checkout / ".venv", checkout / "lib" / "requirements.lock")
    assert not is_installed(checkout / ".venv", ROOT / "lib" / "requirements.lock")
    assert not is_installed(moved, checkout / "lib" / "requirements.lock")


def test_failed_installation_runs_nothing_and_is_not_taken_for_done(checkout: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(checkout, broken, symlinks=True, ignore=shutil.ignore_patterns(".venv"))
    (broken / "lib" / "requirements.lock").write_text("shanhai-is-on-no-index==1.0\n", encoding="utf-8")  # and unhashed
    done = bootstrap(broken, "list")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "installation failed" in done.stderr
    assert not (broken / ".venv" / "shanhai.stamp").exists()


def test_python_without_ensurepip_is_told_what_to_install(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
    with pytest.raises(SystemExit, match="sudo apt install python3-venv"):
        module.install()
    assert not module.VENV.exists()


def test_old_python_is_told_the_version_needed(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 13))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer"):
        module.main(["reproduce"])


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (
            ["test", "-n", "0"],
            ["-m", "pytest", "--numprocesses=logical", "--maxprocesses=8", "--dist=loadfile", "-n", "0"],
        ),
        (["lab", "--edit"], ["-m", "shanhai", "lab", "--edit"]),
        (["reproduce", "--jobs", "1"], ["-m", "shanhai", "reproduce", "--jobs", "1"]),
    ],
)
def test_commands(
    arguments: list[str], command: list[str], module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path.cwd())
    assert module.command_line(arguments)[1:] == command


@pytest.mark.skipif(os.name == "nt", reason="the lock is one of POSIX")
def test_two_first_calls_at_once_install_once(checkout: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    shutil.copytree(checkout, fresh, ignore=shutil.ignore_patterns(".venv"))
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: bootstrap(fresh, "list"), range(2))
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert (first.stderr + second.stderr).count("Installing") == 1


SHADOWS = (
    "random",
    "shanhai",
    "sitecustomize",
    "usercustomize",
    "numpy",
    "hashlib",
    "pip",
    "venv",
    "subprocess",
    "json",
)


@pytest.mark.parametrize("command", ["run", "test"])
def test_modules_that_lie_around_are_not_run(command: str, checkout: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    shutil.copytree(checkout, root, symlinks=True, ignore=shutil.ignore_patterns(".venv"))
    (root / "lib" / "shanhai" / "__main__.py").write_text("import random\n" + COMMAND, encoding="utf-8")
    for folder in (root, tmp_path):
        for name in SHADOWS:
            (folder / f"{name}.py").write_text(f"raise SystemExit('{name}.py of the user was run')", encoding="utf-8")
    done = bootstrap(root, command, cwd=tmp_path)
    words = done.stdout + done.stderr
    assert "of the user was run" not in words
    assert (done.returncode, command) in ((0, "run"), (1, "test")), words  # of pytest there is none in the empty lock
    if command == "run" and os.name == "posix":
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        own = [str(root / ".venv" / "bin" / "shanhai")]
        done = subprocess.run(own, cwd=tmp_path, env=clean, capture_output=True, text=True, encoding="utf-8")
        assert done.returncode == 0, done.stdout + done.stderr


def test_help_names_every_command() -> None:
    asked = [sys.executable, str(ROOT / "bootstrap.py"), "--help"]
    said = subprocess.run(asked, capture_output=True, text=True, encoding="utf-8", check=True).stdout
    full = subprocess.run(
        [sys.executable, "-P", "-m", "shanhai", "--help"], capture_output=True, text=True, encoding="utf-8", check=True
    ).stdout
    commands = set(re.findall(r"^    ([a-z][a-z-]*)(?: |$)", full, re.MULTILINE))
    assert {"batch", "data", "report", "package", "verify"} <= commands
    assert {name for name in commands if not re.search(rf"(?<![\w-]){name}(?![\w-])", said)} == set()
