"""House rules that a machine can check: style, types, a lock without hosts, nothing of one machine in the files."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from shanhai.core.paths import LOCK, MINE, ROOT


def run_tool(*command: str) -> str:
    """Standard output of a tool if it found something, else empty."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_ruff_finds_nothing() -> None:
    assert run_tool("ruff", "check", "--no-cache") == ""


def test_code_is_formatted() -> None:
    assert run_tool("ruff", "format", "--check", "--no-cache") == ""


def test_mypy_finds_nothing() -> None:
    assert run_tool("mypy") == ""


def test_lock_is_hashed_and_names_no_host() -> None:
    text = LOCK.read_text(encoding="utf-8")
    pins = re.findall(r"^[a-z0-9].*?(?=^\S|\Z)", text, flags=re.MULTILINE | re.DOTALL)
    assert len(pins) > 100
    assert not [pin.splitlines()[0] for pin in pins if "==" not in pin or "--hash=sha256:" not in pin]
    assert "://" not in text


def test_committed_text_names_no_folder_of_one_machine() -> None:
    own = re.compile(r"/(?:home|root|Users|tmp|work)/[\w.-]+/")
    endings = {".py", ".md", ".toml", ".ipynb", ".json", ".lock", ".cff", ".csv"}
    folders = [ROOT / name for name in ("lib", "tests", "notebooks", "data", ".ci")]
    files = [*ROOT.glob("*"), *(path for folder in folders for path in folder.rglob("*"))]
    files = [path for path in files if path.suffix in endings and MINE not in path.parents]
    texts = {path: path.read_text(encoding="utf-8") for path in files}
    assert len(texts) > 50
    assert not {path.name: own.findall(text) for path, text in texts.items() if own.search(text)}


def loop_names(tree: ast.AST) -> Iterator[str]:
    """Names of what loops, comprehensions and lambdas go through."""
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.comprehension):
            yield from (part.id for part in ast.walk(node.target) if isinstance(part, ast.Name))
        elif isinstance(node, ast.Lambda):
            yield from (argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg))


def test_what_a_loop_goes_through_has_the_noun_of_what_it_is() -> None:
    files = sorted(path for folder in ("lib", "tests") for path in (ROOT / folder).rglob("*.py"))
    assert len(files) > 500
    vague = [path for path in files if "one" in loop_names(ast.parse(path.read_text(encoding="utf-8")))]
    assert {path.relative_to(ROOT).as_posix() for path in vague} == set()


@pytest.mark.parametrize(
    "code",
    [
        "for one in rows: pass",
        "[f(one) for one in rows]",
        "{a: one for a, one in rows}",
        "sorted(rows, key=lambda one: 1)",
    ],
)
def test_a_loop_over_one_is_seen(code: str) -> None:
    assert "one" in loop_names(ast.parse(code))
