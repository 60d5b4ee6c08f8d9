"""What a kept result stands on: found in the text of the library, too large rather than too small."""

import subprocess
import sys
from pathlib import Path

import pytest

from shanhai.core.modules import files_behind, imports_of, matching_modules

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
    "claims/engine.py": 'for name in matching_modules("studies/*/claims"):\n    import_module(name)\n',
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
    return {path.relative_to(library).as_posix() for path in files_behind(modules, library)}


def test_a_module_stands_on_what_it_imports_at_any_distance_and_on_the_packages_around(library: Path) -> None:
    assert behind(library, "shanhai.methods.wild") == {
        "__init__.py", "methods/__init__.py", "methods/wild.py", "methods/fit.py", "methods/absorb.py",
        "core/__init__.py", "core/paths.py",
    }  # fmt: skip


def test_a_package_brings_what_its_own_file_imports_and_its_words_but_not_its_charts(library: Path) -> None:
    files = behind(library, "shanhai.studies.gap")
    assert {"studies/gap/analysis.py", "studies/gap/words.toml", "methods/absorb.py"} <= files
    assert not files & {"studies/gap/charts.py", "studies/gap/claims.py", "methods/wild.py"}


def test_computed_imports_bring_the_modules_they_name_or_else_the_whole_library(library: Path) -> None:
    files = behind(library, "shanhai.claims.engine")
    assert {"studies/gap/claims.py", "methods/wild.py"} <= files
    assert "claims/any.py" not in files
    assert behind(library, "shanhai.claims.any") == set(SOURCES)
    assert imports_of('__import__("os")', library) is None


def test_what_is_no_module_of_the_library_stands_on_none_of_its_files(library: Path) -> None:
    assert behind(library, "pandas", "shanhai.methods.absent") == {"__init__.py", "methods/__init__.py"}


def test_every_import_of_the_real_library_is_found_in_its_text() -> None:
    """A process that has imported the engine has loaded no module of the library that is not behind it."""
    code = "import sys, shanhai.claims.engine; print(*[m for m in sys.modules if m.split('.')[0] == 'shanhai'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {Path(sys.modules["shanhai"].__path__[0]).joinpath(*name.split(".")[1:]) for name in done.stdout.split()}
    files = files_behind(["shanhai.claims.engine"])
    assert [path for path in loaded if not {path.with_suffix(".py"), path / "__init__.py"} & files] == []


def test_matching_modules_are_sorted_and_packages_are_none(library: Path) -> None:
    assert matching_modules("studies/*/c*", library=library) == (
        "shanhai.studies.gap.charts",
        "shanhai.studies.gap.claims",
    )
    assert matching_modules("studies/*/__init__", library=library) == ()
