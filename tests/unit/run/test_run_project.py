"""Which inputs a result is said to depend on."""

from pathlib import Path

from shanhai.run.project import Inputs, Project


def test_of_the_library_only_python_that_is_not_imported_is_left_out(tmp_path: Path) -> None:
    library = tmp_path / "lib" / "shanhai"
    files = {
        "lib/shanhai/core/one.py": "",
        "lib/shanhai/core/other.py": "",
        "lib/shanhai/render/gaps.toml": "",
        "lib/shanhai/data/deep/limits.csv": "",
        "lib/requirements.lock": "",
        "data/table.csv": "",
        "data/beside.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (library / "core" / "__init__.py").touch()
    inputs = Inputs(dict.fromkeys(files, "hash"), {}, "", files={name: tmp_path / name for name in files})
    for modules, left_out in (({"shanhai.core.one"}, {"other"}), ({"pandas"}, {"one", "other"})):
        used = Project(tmp_path).used(inputs, modules)
        assert set(files) - set(used) == {f"lib/shanhai/core/{name}.py" for name in left_out}
