"""A small checkout with results in both languages, and what unpacks an archive made of them."""

import json
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from shanhai.core.manifest import MANIFEST
from shanhai.core.sources import hash_file
from shanhai.report.package.write import write_package
from shanhai.report.results import Results

FILES = {
    "CITATION.cff": 'cff-version: 1.2.0\nmessage: "Cite it."\ntitle: "Small & <b>bold</b>"\nversion: 0.3.0\n'
    'date-released: 2026-11-22\nlicense: MIT\nauthors:\n  - family-names: "Li"\n    given-names: "Na"\n'
    '  - name: "The developers"\nkeywords:\n  - borders\n',
    "LICENSE": "MIT License\n",
    "README.md": "# Small\n",
    "bootstrap.py": "print('installed')\n",
    "pyproject.toml": '[project]\nrequires-python = ">=3.11"\ndependencies = ["numpy>=1.26"]\n'
    "[project.optional-dependencies]\nsuite = []\n",
    "run.sh": "#!/bin/sh\n",
    "lib/requirements.lock": "numpy==2.0.0 \\\n    --hash=sha256:0\npandas==2.2.0 \\\n    --hash=sha256:1\n",
    "lib/shanhai/studies/audit/design.py": "DRAWS, SEED = 9, 7\n",
    "lib/shanhai/data/load.py": "",
    "data/counties.csv": "code\n330802\n",
    "data/dictionary.csv": "table,column,type,unit,minimum,maximum,allowed,nullable,key,english,chinese\n"
    "counties,code,code,,,,,false,true,Code | of *it*,代码\ncounties,area,number,km2,0,,,true,false,Area,面积\n",
    "data/frame_dictionary.csv": "table,column,type,unit,minimum,maximum,allowed,nullable,key,english,chinese\n"
    "county_frame,level,text,,,,county;zone,false,false,Level,层级\n",
    "data/registry.csv": "file,sha256,title,title_zh,origin,origin_zh,licence,licence_zh,accessed,vintage,vintage_zh\n"
    'data/counties.csv,0,Counties,各县,"Census, as compiled in the public repository a/b (Chen et al. 2021)",普查资料,'
    "Facts,属事实,2026-11-22,2001;2011,2001、2011年\n"
    "shapefiles/counties.shp,0,Counties (polygons): geometry,各县（面）：几何,Map by `shanhai build boundaries`,地图,"
    "MIT,MIT许可,2026-11-22,2017,2017年\n"
    "shapefiles/counties.dbf,0,Counties (polygons): attributes,各县（面）：属性,Map by `shanhai build boundaries`,地图,"
    "MIT,MIT许可,2026-11-22,2017,2017年\n",
    "shapefiles/counties.shp": "shp",
    "shapefiles/counties.dbf": "dbf",
    "说明.txt": "一\n",
}
"""What git tracks of the small checkout, beside its notebook."""

CELLS = ("# Audit the data 数据审计", 'seed: int = 1  # of the draws\nlanguage: str = "en"', "publish()")


def write_tree(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def notebook(shown: list[Any], **given: str) -> nbformat.NotebookNode:
    title, parameters, code = CELLS
    document = nbformat.v4.new_notebook()
    document.cells.append(nbformat.v4.new_markdown_cell(title, id="title"))
    document.cells.append(nbformat.v4.new_code_cell(parameters, id="parameters", metadata={"tags": ["parameters"]}))
    if given:
        text = "\n".join(f"{name} = {value!r}" for name, value in given.items())
        tags = {"tags": ["injected-parameters"]}
        document.cells.append(nbformat.v4.new_code_cell(text, id="added-2", metadata=tags))
    document.cells.append(nbformat.v4.new_code_cell(code, id="publish", outputs=shown))
    return document


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", root, *arguments], check=True, capture_output=True)


@pytest.fixture
def tracked() -> frozenset[str]:
    """Names of what git tracks."""
    return frozenset([*FILES, "notebooks/01-audit.ipynb"])


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a notebook, and a file that git does not track."""
    root = tmp_path / "山 海"
    write_tree(root, FILES)
    (root / "notebooks").mkdir()
    nbformat.write(notebook([]), root / "notebooks" / "01-audit.ipynb")
    git(tmp_path, "init", "-q", str(root))
    git(root, "add", "--all")
    (root / "secret.txt").write_text("not tracked", encoding="utf-8")
    return root


@pytest.fixture
def stage(checkout: Path) -> Callable[[str], None]:
    """Track an empty file, stop to track one (``-name``), or track one that is there (``+name``)."""

    def change(name: str) -> None:
        if name.startswith("-"):
            git(checkout, "rm", "-q", "--cached", name[1:])
            return
        if not name.startswith("+"):
            write_tree(checkout, {name: ""})
        git(checkout, "add", "--force", name.removeprefix("+"))

    return change


def exhibits(caption: str) -> list[dict[str, Any]]:
    stem = "01-audit--gdp"
    table = {"kind": "table", "name": "gdp", "stem": stem, "caption": caption, "files": {"csv": f"tables/{stem}.csv"}}
    table |= {"heads": ["place"], "rows": [["Qujiang"]], "numeric": [False], "rules_before": [], "notes": []}
    files = {ending: f"figures/{stem}.{ending}" for ending in ("png", "pdf")}
    return [table, {"kind": "figure", "name": "gdp", "stem": stem, "caption": "GDP", "files": files}]


@pytest.fixture
def write_results(checkout: Path) -> Callable[..., Results]:
    """Write results of the checkout, with further entries of the manifest."""

    def write(caption: str = "GDP by place", **entries: Any) -> Results:
        folder = checkout / "outputs" / "reproduce"
        runs = {}
        for language, edition in (("en", ""), ("zh", "zh/")):
            base = folder / edition
            shown = [
                nbformat.v4.new_output("display_data", {form: "x"}, metadata={form: {"exhibit": "01-audit--gdp"}})
                for form in ("text/html", "image/png")
            ]
            given = {"language": "zh"} if language == "zh" else {}
            files = {
                "tables/01-audit--gdp.csv": "place,gdp\nQujiang,0.3\n",
                "figures/01-audit--gdp.png": "PNG",
                "figures/01-audit--gdp.pdf": "PDF",
                "parts/01-audit.exhibits.json": json.dumps(exhibits(caption)),
            }
            write_tree(base, files)
            (base / "notebooks").mkdir(exist_ok=True)
            nbformat.write(notebook(shown, **given), base / "notebooks" / "01-audit.ipynb")
            names = [f"{edition}{name}" for name in (*files, "notebooks/01-audit.ipynb")]
            digests = {name: hash_file(folder / name) for name in names}
            runs[f"{edition}01-audit"] = {
                "fingerprint": "f",
                "ok": True,
                "seconds": 1.5,
                "outputs": digests,
                "error": None,
                "notebook": "01-audit.ipynb",
                "parameters": given,
            }
        derived = {"findings.json": "[]\n", "county_frame.csv": "code\n330802\n", "report/papers/a.png": "PNG"}
        derived |= {"report/en/index.html": "<p>"}
        write_tree(folder, derived)
        merged = {name: hash_file(folder / name) for name in derived}
        outputs = {name: digest for record in runs.values() for name, digest in record["outputs"].items()} | merged
        manifest = {
            "commit": "0123456789abcdef",
            "uncommitted_changes": False,
            "python": "3.11.7",
            "platform": "Linux-x",
            "packages": {"numpy": "2.0.0"},
            "inputs": {},
            "outputs": outputs,
            "runs": runs,
            "usage": None,
            **entries,
        }
        (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        return Results.read(folder)

    return write


@pytest.fixture
def results(write_results: Callable[..., Results]) -> Results:
    return write_results()


@pytest.fixture
def archive(results: Results, checkout: Path, tmp_path: Path) -> Path:
    """The package of the checkout and its results."""
    return write_package(results, tmp_path / "small.zip", checkout).path


@pytest.fixture
def unpacked(archive: Path, tmp_path: Path) -> Path:
    """Folder of the unpacked package."""
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path / "unpacked")
    return tmp_path / "unpacked" / "shanhai-0.3.0"
