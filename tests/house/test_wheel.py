"""The wheel brings the methods with a handful of packages, and the quick start runs where nothing else is installed."""

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


def needed(requirements: list[str]) -> dict[str, importlib.metadata.Distribution]:
    """The packages that pip would install for some requirements without extras, from those that are here."""
    found: dict[str, importlib.metadata.Distribution] = {}
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        requirement = waiting.pop()
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        if name in found or (requirement.marker is not None and not requirement.marker.evaluate({"extra": ""})):
            continue
        found[name] = importlib.metadata.distribution(name)
        waiting += [Requirement(text) for text in found[name].requires or ()]
    return found


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python of an environment that holds the wheel and what it asks for, and nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "env", with_pip=True, symlinks=os.name != "nt")
    python = next(path for path in (folder / "env/bin/python", folder / "env/Scripts/python.exe") if path.exists())
    asked = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip())
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    for distribution in needed(declared).values():
        for file in distribution.files or ():
            source, target = Path(str(file.locate())), site / file
            if ".." not in file.parts and "__pycache__" not in file.parts:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.symlink_to(source)
    pip = [python, "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--no-index", "--no-deps", wheel], check=True)
    subprocess.run([*pip, "check"], check=True)  # what the wheel asks for is there
    return python


def run(command: list[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    """A command in a folder, without what the environment of the tests says to Python."""
    settings = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True)


def said(python: Path, code: str, folder: Path) -> str:
    """What a program prints in that environment, away from the checkout."""
    done = run([python, "-W", "error", "-c", code], folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_asks_for_a_handful_of_packages() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    names = {Requirement(text).name for text in declared}
    assert names == {"numpy", "pandas", "scipy", "statsmodels", "formulaic", "narwhals", "tqdm"}


def test_every_module_of_the_methods_is_imported_without_the_suite(empty: Path, tmp_path: Path) -> None:
    code = (
        "import importlib, json, pkgutil, sys, shanhai.methods as methods\n"
        "for one in pkgutil.walk_packages(methods.__path__, 'shanhai.methods.'): importlib.import_module(one.name)\n"
        "for name in methods.__all__: getattr(methods, name)\n"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    imported = set(json.loads(said(empty, code, tmp_path)))
    assert {"shanhai", "numpy", "pandas"} <= imported
    assert not imported & {"geopandas", "matplotlib", "papermill", "jupyterlab", "libpysal", "pandera"}


def test_an_index_shows_the_methods_and_every_link_leads_out(empty: Path, tmp_path: Path) -> None:
    """What the metadata of the installed wheel say; a link of a checkout would lead nowhere."""
    shown = json.loads(
        said(empty, "import importlib.metadata as m, json; print(json.dumps(m.metadata('shanhai').json))", tmp_path)
    )
    assert "Regressions" in shown["summary"]
    assert "econometrics" in " ".join(shown["keywords"])
    assert shown["description"] == (ROOT / "lib/README.md").read_text(encoding="utf-8")
    assert [link for link in re.findall(r"\]\(([^)]+)\)|src=\"", shown["description"]) if "://" not in link] == []


def test_the_example_of_the_readme_runs_in_an_empty_environment(empty: Path, tmp_path: Path) -> None:
    (block,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "lib/README.md").read_text("utf-8"), re.M | re.S)
    assert re.search(r"R2 0\.9527[\s\S]*0\.096888[\s\S]*0\.018", said(empty, block, tmp_path))


def test_quick_start_runs_in_an_empty_environment(empty: Path, tmp_path: Path) -> None:
    """All that the page does before it installs anything beside the wheel."""
    page = (ROOT / "lib/docs/quick-start.md").read_text(encoding="utf-8")
    _, wheel_alone, *_ = page.split("```bash\n")
    blocks = re.findall(r"^```python\n(.*?)^```", wheel_alone, flags=re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 4
    said(empty, "\n".join(blocks), tmp_path)


def test_commands_of_the_suite_say_where_they_are_to_be_had(empty: Path, tmp_path: Path) -> None:
    command = empty.with_name("shanhai.exe" if os.name == "nt" else "shanhai")
    done = run([command, "reproduce"], tmp_path)
    assert done.returncode == 3
    assert "checkout" in done.stderr
    assert "Traceback" not in done.stderr
