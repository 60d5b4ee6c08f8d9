"""The Dockerfile: what can be checked without an engine. Docker, and Binder, which reads .binder/, use the same one."""

import json
import re
import subprocess

from shanhai.core.paths import LOCK, ROOT

FILE = ROOT / ".binder" / "Dockerfile"
IGNORED = FILE.with_name("Dockerfile.dockerignore")
INSTRUCTIONS = {"FROM", "ARG", "RUN", "ENV", "COPY", "WORKDIR", "USER", "EXPOSE", "CMD"}


def instructions() -> list[tuple[str, str]]:
    """Instructions with their arguments, continued lines joined."""
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in joined.splitlines()]


def said(name: str) -> list[str]:
    return [argument for instruction, argument in instructions() if instruction == name]


def test_each_instruction_is_known_and_the_first_names_a_version() -> None:
    assert {name for name, _ in instructions()} <= INSTRUCTIONS
    assert instructions()[0][0] == "FROM"
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", said("FROM")[0])


def test_what_is_copied_is_there_and_nothing_of_one_machine_is() -> None:
    sources = [part for argument in said("COPY") for part in argument.split()[:-1] if not part.startswith("--")]
    assert sources == ["."]
    patterns = IGNORED.read_text(encoding="utf-8").splitlines()
    assert {"**/.git", "**/.venv", "outputs/cache"} <= set(patterns)


def test_the_image_installs_from_the_lock_by_the_commands_of_the_readme() -> None:
    commands = [*said("RUN"), " ".join(json.loads(said("CMD")[0]))]
    called = [command for command in commands if "bootstrap.py" in command]
    assert [re.match(r"python3 bootstrap\.py (\w+)", command)[1] for command in called] == ["list", "lab"]  # type: ignore[index]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"`python3 bootstrap.py {name}`" in readme for name in ("list", "lab"))
    assert not [command for command in commands if re.search(r"\bpip\b|\bconda\b|\bcurl\b", command)]
    assert not [name for name in FILE.parent.iterdir() if name.suffix in (".txt", ".yml")]  # a second list of packages


def test_binder_finds_its_user_its_port_and_jupyterlab() -> None:
    """Binder starts an image as ``jovyan`` with id 1000 and calls ``jupyter-lab``, if it is version 3 or newer."""
    assert {"NB_USER=jovyan", "NB_UID=1000"} <= set(said("ARG"))
    assert said("USER") == ["${NB_USER}"]
    assert said("EXPOSE") == ["8888"]
    assert "--port=8888" in json.loads(said("CMD")[0])
    assert said("ENV")[-1].startswith("PATH=${HOME}/shanhai/.venv/bin:")
    found = re.search(r"^jupyterlab==(\d+)\.", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    assert int(found[1]) >= 3


def test_shell_commands_are_understood_by_a_shell() -> None:
    for command in said("RUN"):
        assert subprocess.run(["sh", "-n", "-c", command], capture_output=True).returncode == 0, command
