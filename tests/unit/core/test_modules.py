"""What a kept result stands on: found in the text of the library, too large rather than too small."""

import ast
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest

from shanhai.core import modules
from shanhai.core.modules import files_behind, imports_of, matching_modules
from shanhai.core.notebooks import read_cells
from shanhai.core.paths import LIBRARY, NOTEBOOKS

SOURCES = {
    "__init__.py": "",
    "methods/__init__.py": "",
    "methods/fit.py": "from shanhai.methods import absorb\n",
    "methods/absorb.py": "def demean():\n    from shanhai.core.paths import (\n        ROOT,\n    )\n",
    "methods/wild.py": "import shanhai.methods.fit\n",
    "core/__init__.py": "",
    "core/paths.py": "ROOT = 1\n",
    "studies/__init__.py": "",
    "studies/gap/__init__.py": "from shanhai.studies.gap.analysis import gap\n",
    "studies/gap/analysis.py": "from shanhai.methods.fit import fit\n",
    "studies/gap/charts.py": "# nothing but drawing\n",
    "studies/gap/claims.py": "from shanhai.methods.wild import wild\n",
    "studies/gap/words.toml": 'gap = "gap"\n',
    "claims/__init__.py": "",
    "claims/engine.py": (
        "from shanhai.core.modules import matching_modules\n"
        'for name in matching_modules("studies/*/claims"):\n    import_module(name)\n'
    ),
    "claims/any.py": "import_module(name)\n",
}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    for name, source in SOURCES.items():
        path = tmp_path / "lib" / "shanhai" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    return tmp_path / "lib" / "shanhai"


def behind(library: Path, *modules: str) -> set[str]:
    """Modules of the library behind some; that its other files always are is a test of its own."""
    files = {path.relative_to(library).as_posix() for path in files_behind(modules, library)}
    return {name for name in files if name.endswith(".py")}


def test_a_module_stands_on_what_it_imports_at_any_distance_and_on_the_packages_around(library: Path) -> None:
    assert behind(library, "shanhai.methods.wild") == {
        "__init__.py", "methods/__init__.py", "methods/wild.py", "methods/fit.py", "methods/absorb.py",
        "core/__init__.py", "core/paths.py",
    }  # fmt: skip


def test_a_package_brings_what_its_own_file_imports_but_not_its_charts(library: Path) -> None:
    files = behind(library, "shanhai.studies.gap")
    assert {"studies/gap/analysis.py", "methods/absorb.py"} <= files
    assert not files & {"studies/gap/charts.py", "studies/gap/claims.py", "methods/wild.py"}


def test_computed_imports_bring_the_modules_they_name_or_else_the_whole_library(library: Path) -> None:
    files = behind(library, "shanhai.claims.engine")
    assert {"studies/gap/claims.py", "methods/wild.py"} <= files
    assert "claims/any.py" not in files
    assert behind(library, "shanhai.claims.any") == {name for name in SOURCES if name.endswith(".py")}


def test_files_that_are_not_python_stand_behind_every_module(library: Path) -> None:
    for name in ("core/limits.csv", "methods/tables/deep/critical.toml", "core/__pycache__/paths.cpython-311.pyc"):
        (library / name).parent.mkdir(parents=True, exist_ok=True)
        (library / name).write_text("1", encoding="utf-8")
    files = {path.relative_to(library).as_posix() for path in files_behind(["shanhai.core.paths"], library)}
    assert files == {
        "__init__.py", "core/__init__.py", "core/paths.py",
        "core/limits.csv", "methods/tables/deep/critical.toml", "studies/gap/words.toml",
    }  # fmt: skip


@pytest.mark.parametrize(
    "source",
    [
        "from . import dep",
        "from .dep import K",
        "from ..core import dep",
        "from ..core.dep import K",
        "import shanhai.core.paths, shanhai.core.dep",
        "import os, shanhai.core.dep as d",
        "from shanhai.core import \\\n    dep",
        "from shanhai.core \\\n    import dep",
        "from shanhai.core import (\n    paths,  # where (all)\n    dep,\n)",
        "x = 1; from shanhai.core import dep; y = 2",
        "from\tshanhai.core\timport\tdep",
        "from shanhai.core import *",
        "import shanhai.core as c\nc.dep.K",
        "import shanhai.core.paths\nshanhai.core.dep.K",
        "from shanhai import core\ncore.dep.K",
        "import shanhai.core as c\nd = c\nd.dep.K",
        'import shanhai.core as c\ngetattr(c, "dep")',
        'from importlib import import_module as im\nim("shanhai.core.dep")',
        'import importlib\nimportlib.import_module ("shanhai.core.dep")',
        'import importlib as i\ni.import_module(name="shanhai.core.dep")',
        'from importlib import import_module\nimport_module(".dep", "shanhai.core")',
        'from importlib import import_module\nimport_module(".dep", package=__package__)',
        'from importlib import import_module\nimport_module("shanhai.core").dep.K',
        'import sys\nsys.modules["shanhai.core.dep"].K',
        'from shanhai.core.modules import matching_modules as mm\n[import_module(n) for n in mm("core/d*")]',
    ],
)
def test_every_way_to_write_an_import_is_read(library: Path, source: str) -> None:
    (library / "core" / "dep.py").write_text("K = 1\n", encoding="utf-8")
    (library / "core" / "top.py").write_text(source, encoding="utf-8")
    files = behind(library, "shanhai.core.top")
    assert "core/dep.py" in files
    assert "methods/fit.py" not in files


LOOP = 'from shanhai.core.modules import matching_modules\nfor name in matching_modules("core/*"):\n    '


@pytest.mark.parametrize(
    "source",
    [
        '__import__("os")',
        "import_module(name)",
        'import importlib\nimportlib.import_module(f"shanhai.{x}")',
        "from importlib import import_module\nlist(map(import_module, names))",
        'import importlib\ngetattr(importlib, "import_" + "module")',
        "from importlib import *",
        "from importlib.machinery import SourceFileLoader",
        'import runpy\nrunpy.run_path("lib/shanhai/core/errors.py")',
        'from runpy import run_module as go\ngo("shanhai.core.errors")',
        'import pkgutil\npkgutil.resolve_name("shanhai.core.errors:ShanhaiError")',
        'import pydoc\npydoc.locate("shanhai.core.errors")',
        'import builtins as b\nb.exec("1")',
        'eval("1")',
        'exec ("import os")',
        'x = "import shanhai.core.errors as e"',
        'import subprocess, sys\nsubprocess.run([sys.executable, "-m", "shanhai"])',
        'import pickle\nwith open("kept.pkl", "rb") as file:\n    made = pickle.loads(file.read())',
        "import pickle as p\nread = p.loads",
        "from pickle import loads\nloads(content)",
        "from multiprocessing.reduction import ForkingPickler\nForkingPickler.loads(content)",
        "from multiprocessing import reduction\nreduction.ForkingPickler.loads(content)",
        'import pandas as pd\npd.read_pickle("kept.pkl")',
        "%run other.ipynb",
        "x = 1\n!python other.py",
        'get_ipython().run_line_magic("run", "other")',
        "x = (",
        "from . import dep",  # outside a package there is no telling what it is
        # one declared pattern is no excuse for another import, and a mention of it is no pattern
        f"{LOOP}import_module(name)\nimport_module(other)",
        f"{LOOP}pass\nimport_module(name)",
        f"{LOOP}name = other\n    import_module(name)",
        '"""See matching_modules("core/err*")."""\nimport_module(name)',
        '# matching_modules("core/err*")\nimport_module(name)',
        'matching_modules("core/err*")\nimport_module(name)',
        'def matching_modules(x):\n    return x\nfor name in matching_modules("core/*"):\n    import_module(name)',
        f"{LOOP.replace(chr(34) + 'core/*' + chr(34), 'pattern')}import_module(name)",
    ],
)
def test_what_may_import_anything_stands_on_everything(library: Path, source: str) -> None:
    assert imports_of(source, library) is None


@pytest.mark.parametrize(
    "source",
    [
        f"{LOOP}import_module(name)",
        "import re, importlib.metadata\nre.compile('x')\nimportlib.metadata.version('numpy')\nframe.eval('a + b')",
        '"""Never exec or import_module(name) here."""  # nor __import__(name)',
        "import subprocess\nsubprocess.run(['git', 'log'])",
    ],
)
def test_what_only_looks_like_it_does_not(library: Path, source: str) -> None:
    assert imports_of(source, library) is not None


def test_a_module_that_unpickles_is_passed_by_its_name_alone(library: Path) -> None:
    source = "import pickle\n\n\ndef made(content):\n    return pickle.loads(content)\n"
    for name in ("core/shared.py", "core/kept.py"):
        (library / name).write_text(source, encoding="utf-8")
    assert behind(library, "shanhai.core.shared") == {"__init__.py", "core/__init__.py", "core/shared.py"}
    assert "claims/engine.py" in behind(library, "shanhai.core.kept")  # that is, everything
    (library / "core" / "shared.py").write_text(source.replace("pickle.loads", "pickle.load"), encoding="utf-8")
    assert "claims/engine.py" in behind(library, "shanhai.core.shared")  # it was passed for something else


def test_a_passed_module_reads_no_file() -> None:
    """The reason for which it is passed: what it unpickles comes from the processes of one batch."""
    for name in modules.PASSED:
        tree = ast.parse(LIBRARY.joinpath(*name.split(".")[1:]).with_suffix(".py").read_text(encoding="utf-8"))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not names & {"open", "Path", "read_bytes", "read_text", "mmap", "fdopen", "load"}


def test_what_was_read_is_remembered_and_a_damaged_memory_is_not_believed(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = tmp_path / "cache" / "imports.json"
    monkeypatch.setattr(modules, "_MEMORY", memory)
    monkeypatch.setattr(modules, "LIBRARY", library)

    def fresh() -> set[str]:
        modules._remembered.cache_clear()
        modules._read.cache_clear()
        return behind(library, "shanhai.methods.wild")

    first, kept = fresh(), memory.read_bytes()
    monkeypatch.setattr(modules, "_read", lru_cache(lambda source, package, passed: pytest.fail("it is read again")))
    assert fresh() == first
    monkeypatch.undo()
    monkeypatch.setattr(modules, "_MEMORY", memory)
    monkeypatch.setattr(modules, "LIBRARY", library)
    for damaged in (b"", b"\xff", kept[:-1], kept.replace(b"absorb", b"absorC")):
        memory.write_bytes(damaged)
        assert fresh() == first
        assert memory.read_bytes() == kept


def test_what_is_no_module_of_the_library_stands_on_none_of_its_files(library: Path) -> None:
    assert behind(library, "pandas", "shanhai.methods.absent") == {"__init__.py", "methods/__init__.py"}


def test_every_import_of_the_real_library_is_found_in_its_text() -> None:
    """A process that has imported the engine has loaded no module of the library that is not behind it."""
    code = "import sys, shanhai.claims.engine; print(*[m for m in sys.modules if m.split('.')[0] == 'shanhai'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {Path(sys.modules["shanhai"].__path__[0]).joinpath(*name.split(".")[1:]) for name in done.stdout.split()}
    files = files_behind(["shanhai.claims.engine"])
    assert [path for path in loaded if not {path.with_suffix(".py"), path / "__init__.py"} & files] == []


@pytest.mark.parametrize("notebook", sorted(NOTEBOOKS.glob("[01]*-*-*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_stands_on_a_part_of_the_library(notebook: Path) -> None:
    """Else each change of a command or a page of the site would run all notebooks again."""
    if notebook.stem == "00-explore":  # whose controls write code
        return
    source = "\n".join(cell["source"] for cell in read_cells(notebook) if cell["cell_type"] == "code")
    files = {path.relative_to(LIBRARY).as_posix() for path in files_behind(imports_of(source) or ["shanhai"])}
    assert not {"intake/importing.py", "report/build.py", "run/batch.py"} & files


def test_matching_modules_are_sorted_and_packages_are_none(library: Path) -> None:
    assert matching_modules("studies/*/c*", library=library) == (
        "shanhai.studies.gap.charts",
        "shanhai.studies.gap.claims",
    )
    assert matching_modules("studies/*/__init__", library=library) == ()
