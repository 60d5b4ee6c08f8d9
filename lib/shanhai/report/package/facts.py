"""What the descriptions of a package state, gathered from results, registry, notebooks and checkout."""

import ast
import csv
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from shanhai.core.bibliography import works
from shanhai.core.paths import DATA, LIBRARY, LOCK, NOTEBOOKS, ROOT
from shanhai.core.sources import Kind, Source, read_registry
from shanhai.report.package.contents import STORED, Contents
from shanhai.report.package.metadata import CITATION, Citation, read_citation
from shanhai.report.results import LANGUAGES, Language, Results, Run

_BUILD = re.compile(r"`shanhai build ([\w-]+)`")
_PIN = re.compile(r"^([a-z0-9][\w.-]*)==", re.MULTILINE)


@dataclass(frozen=True)
class Origin:
    """A source of data: what the registry says once of one or more files."""

    number: int
    origin: str
    licence: str
    in_chinese: tuple[str, str]
    """Origin and licence."""
    files: tuple[Source, ...]
    works: tuple[str, ...]
    """Keys of the works of the bibliography that the registry names by author and year."""

    def said(self, language: Language) -> tuple[str, str]:
        """Origin and licence in a language."""
        return self.in_chinese if language == "zh" else (self.origin, self.licence)

    @property
    def is_compiled(self) -> bool:
        """Whether figures came by way of a public repository of somebody else."""
        return "public repository" in self.origin

    @property
    def builder(self) -> str:
        """Part that ``shanhai build`` makes from it, empty if no program of the package does."""
        found = _BUILD.search(self.origin)
        if found:
            return found[1]
        return "terrain" if any(file.name == "county_terrain" for file in self.files) else ""

    @property
    def is_own(self) -> bool:
        """Whether the project wrote it, without a source of others."""
        return self.origin.startswith(("Shanhai project", "none:", "Made from"))

    @property
    def accessed(self) -> str:
        """Day on which the last of its files was taken over."""
        return max(file.accessed for file in self.files)

    def sets(self, language: Language) -> tuple["_DataSet", ...]:
        """Its files by what they hold: the parts of a layer are one."""
        grouped: dict[str, list[Source]] = {}
        for file in self.files:
            grouped.setdefault(file.file if file.kind != "layer" else file.file.rpartition(".")[0], []).append(file)
        return tuple(_data_set(files, language) for files in grouped.values())


@dataclass(frozen=True)
class _DataSet:
    """A table, or a layer with all its parts."""

    names: str
    """Path; of a layer with the endings of its parts in braces."""
    title: str
    years: str


def _data_set(files: Sequence[Source], language: Language) -> _DataSet:
    first, is_chinese = files[0], language == "zh"
    title = first.title_zh if is_chinese else first.title
    years = first.vintage_zh if is_chinese else first.vintage.replace(";", ", ")
    if len(files) == 1:
        return _DataSet(first.file, title, years)
    stem = first.file.rpartition(".")[0]
    endings = ",".join(file.path.suffix[1:] for file in files)
    return _DataSet(f"{stem}.{{{endings}}}", title.rpartition("：" if is_chinese else ": ")[0], years)


@dataclass(frozen=True)
class _Program:
    """A notebook as it was executed."""

    stem: str
    titles: tuple[str, str]
    """English and Chinese."""
    runs: int
    seconds: float
    """Of all its runs in both languages together."""
    longest: float
    seeds: tuple[tuple[str, str], ...]
    """Name and value of each seed among the parameters."""


@dataclass(frozen=True)
class Shown:
    """A table or figure of a notebook, in one language."""

    notebook: str
    cell: int
    """Number of the code cell that shows it, from 1; 0 where none does."""
    kind: str
    name: str
    caption: str
    files: tuple[str, ...]
    """Those of its first run that are in the package."""
    runs: int


@dataclass(frozen=True)
class Facts:
    """Everything that the descriptions of one package state."""

    results: Results
    contents: Contents
    root: Path

    @cached_property
    def citation(self) -> Citation:
        """What CITATION.cff says."""
        return read_citation(self.root / CITATION)

    @property
    def manifest(self) -> Mapping[str, Any]:
        """Manifest of the results."""
        return self.results.manifest

    @cached_property
    def origins(self) -> tuple[Origin, ...]:
        """Sources in the order of the registry; files of one origin and licence together."""
        grouped: dict[tuple[str, str], list[Source]] = {}
        for source in read_registry(self.root / DATA.relative_to(ROOT) / "registry.csv"):
            grouped.setdefault((source.origin, source.licence), []).append(source)
        return tuple(
            Origin(
                number, origin, licence, (files[0].origin_zh, files[0].licence_zh), tuple(files), _works_named(origin)
            )
            for number, ((origin, licence), files) in enumerate(grouped.items(), start=1)
        )

    @cached_property
    def programs(self) -> tuple[_Program, ...]:
        """Notebooks in their order."""
        runs: dict[str, list[Run]] = {}
        for run in self.results.editions["en"].values():
            runs.setdefault(run.notebook, []).append(run)
        records = self.manifest["runs"]
        seconds: dict[str, list[float]] = {}
        for record in records.values():
            if record["notebook"]:
                seconds.setdefault(record["notebook"].removesuffix(".ipynb"), []).append(record["seconds"])
        return tuple(
            _Program(stem, _titles(own[0]), len(own), sum(seconds[stem]), max(seconds[stem]), tuple(_seeds(own[0])))
            for stem, own in sorted(runs.items())
        )

    @cached_property
    def derived(self) -> tuple[tuple[str, float], ...]:
        """Name and seconds of each result that no notebook makes."""
        runs = self.manifest["runs"].items()
        return tuple((name, record["seconds"]) for name, record in sorted(runs) if not record["notebook"])

    @cached_property
    def fixed_seeds(self) -> tuple[tuple[str, str, str], ...]:
        """File, name and value of each seed that the code of the studies fixes."""
        folder = self.root / LIBRARY.relative_to(ROOT)
        found = []
        for path in sorted(folder.glob("studies/**/*.py")):
            name = path.relative_to(self.root).as_posix()
            found += [(name, *seed) for seed in _constants(path.read_text(encoding="utf-8"))]
        return tuple(found)

    def exhibits(self, language: Language) -> tuple[Shown, ...]:
        """Tables and figures by notebook in the order of publication, each once."""
        shown: dict[tuple[str, str], list[tuple[Run, int]]] = {}
        for run in self.results.editions[language].values():
            cells = _cells_by_exhibit(run)
            for key in run.exhibits:
                shown.setdefault((run.notebook, key), []).append((run, cells.get(key, 0)))
        return tuple(self._shown(key, found) for (_, key), found in shown.items())

    def every_exhibit(self) -> Iterator[tuple[str, str, str, int, str, str, str, str, str]]:
        """Edition, run, notebook, cell, kind, name, caption, file and SHA-256 of each file of each exhibit."""
        digests = self.manifest["outputs"]
        for language in LANGUAGES:
            for run in self.results.editions[language].values():
                cells = _cells_by_exhibit(run)
                for key, exhibit in run.exhibits.items():
                    for path in exhibit.files.values():
                        file = path.relative_to(self.results.folder).as_posix()
                        yield (
                            *(language, run.name, f"{NOTEBOOKS.name}/{run.notebook}.ipynb", cells.get(key, 0)),
                            *(exhibit.kind, exhibit.name, exhibit.caption, f"{STORED}/{file}", digests.get(file, "")),
                        )

    def _shown(self, key: str, found: Sequence[tuple[Run, int]]) -> Shown:
        run, cell = found[0]
        exhibit = run.exhibits[key]
        paths = (f"{STORED}/{path.relative_to(self.results.folder).as_posix()}" for path in exhibit.files.values())
        files = tuple(path for path in paths if path in self.contents.outputs)
        return Shown(run.notebook, cell, exhibit.kind, exhibit.name, exhibit.caption, files, len(found))

    def held(self, kind: Kind) -> int:
        """Tables or layers of the registry."""
        return len({file.name for origin in self.origins for file in origin.files if file.kind == kind})

    def count(self, kind: str) -> int:
        """Tables or figures of all runs in one language."""
        runs = self.results.editions["en"].values()
        return sum(exhibit.kind == kind for run in runs for exhibit in run.exhibits.values())

    @cached_property
    def packages(self) -> tuple[tuple[str, str], ...]:
        """Name and version of each package that the project asks for by name, as it was when the results were made."""
        project = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        declared = project["dependencies"] + project["optional-dependencies"]["suite"]
        versions = {_normal(name): version for name, version in self.manifest["packages"].items()}
        names = sorted({re.split(r"[<>=!~\[; ]", line, maxsplit=1)[0] for line in declared}, key=str.lower)
        return tuple((name, versions[_normal(name)]) for name in names if _normal(name) in versions)

    @cached_property
    def python_required(self) -> str:
        """Oldest Python, as ``3.11``."""
        project = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        return str(project["requires-python"]).removeprefix(">=")

    @cached_property
    def pinned(self) -> int:
        """Packages in the lock."""
        return len(_PIN.findall((self.root / LOCK.relative_to(ROOT)).read_text(encoding="utf-8")))

    @cached_property
    def rooms(self) -> tuple[str, ...]:
        """Parts of the library."""
        start = f"{LIBRARY.relative_to(ROOT).as_posix()}/"
        inside = (name.removeprefix(start) for name in self.contents.code if name.startswith(start))
        return tuple(sorted({name.partition("/")[0] for name in inside if "/" in name}))

    @cached_property
    def dictionaries(self) -> dict[str, list[dict[str, str]]]:
        """Rows of both dictionaries by table."""
        tables: dict[str, list[dict[str, str]]] = {}
        for name in ("dictionary.csv", "frame_dictionary.csv"):
            with (self.root / DATA.relative_to(ROOT) / name).open(encoding="utf-8", newline="") as stream:
                for row in csv.DictReader(stream):
                    tables.setdefault(row["table"], []).append(row)
        return tables


def _works_named(origin: str) -> tuple[str, ...]:
    """Works whose first author and year a text gives, as ``Chen et al. 2021``."""
    return tuple(
        key
        for key, work in works().items()
        if work.year and work.authors_en and f"{work.authors_en[0].family} et al. {work.year}" in origin
    )


def _titles(run: Run) -> tuple[str, str]:
    """Title of a notebook in English and in Chinese, which stand in one heading with a mark between, or as one."""
    first = run.title.splitlines()[0].lstrip("# ")
    han = re.search(r"[㐀-鿿]", first)
    if han is None:
        return first, first
    english, chinese = first[: han.start()].rstrip(" ·|/—–-"), first[han.start() :]
    return (english, chinese) if english else (first, first)


def _seeds(run: Run) -> Iterator[tuple[str, str]]:
    """Seeds among the parameters of a run, with the values that it had."""
    values: dict[str, str] = {}
    for cell in run.cells:
        if {"parameters", "injected-parameters"} & set(cell["metadata"].get("tags", [])):
            values |= dict(_assigned(cell["source"]))
    return ((name, value) for name, value in values.items() if "seed" in name.lower())


def _constants(source: str) -> Iterator[tuple[str, str]]:
    """Seeds that a module assigns outside of functions."""
    return ((name, value) for name, value in _assigned(source) if "SEED" in name)


def _assigned(source: str) -> Iterator[tuple[str, str]]:
    """Names and values, as written, that a source assigns at its top; several at once are taken apart."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            yield ast.unparse(node.target), ast.unparse(node.value)
        elif isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                yield from zip(map(ast.unparse, target.elts), map(ast.unparse, value.elts), strict=True)
            else:
                yield ast.unparse(target), ast.unparse(value)


def _cells_by_exhibit(run: Run) -> dict[str, int]:
    """Number of the code cell that shows an exhibit, by its key in the run."""
    codes = [cell for cell in run.cells if cell["cell_type"] == "code"]
    return {
        f"{exhibit.kind} {exhibit.name}": number
        for number, cell in enumerate(codes, start=1)
        for exhibit in run.shown(cell)
    }


def _normal(name: str) -> str:
    """Name of a package as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
