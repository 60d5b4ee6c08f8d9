"""The one reader of a folder of results: runs in both languages with what they say and show, claims, estimates."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from shanhai.core.errors import ReportError
from shanhai.core.manifest import MANIFEST, is_inside, read_records
from shanhai.core.notebooks import read_cells, sentences, tagged_text

Language = Literal["en", "zh"]

LANGUAGES: tuple[Language, ...] = ("en", "zh")

_SHOWN_AS = {"image/png": "figure", "text/html": "table"}
"""Kind of an exhibit by the form in which a cell shows it."""

REPORT = "report"
"""Folder of the report in a folder of results; what lies in it is made from the results and is none."""

_AGAIN = "run `shanhai reproduce` again"


@dataclass(frozen=True)
class Exhibit:
    """A table or figure that a run published.

    Attributes
    ----------
    kind : {"table", "figure"}
    name : str
        Such as ``battery``; unique among the tables and among the figures of a run.
    stem : str
        Run and name, ``13-check-robustness--battery``; the name of the files.
    caption : str
    files : mapping of ending to Path
        ``csv``, ``html`` and ``tex`` of a table; ``png``, ``pdf`` and ``csv`` of a figure.
    heads, rows, numeric, rules_before, notes
        Of a table as it is printed: heads and cells as text, columns set to the right, rows above which a rule stands.
    width_inches, height_inches : float
        Of a figure.
    """

    kind: Literal["table", "figure"]
    name: str
    stem: str
    caption: str
    files: Mapping[str, Path]
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    numeric: tuple[bool, ...] = ()
    rules_before: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    width_inches: float = 0.0
    height_inches: float = 0.0


@dataclass(frozen=True)
class Run:
    """An executed notebook of one edition.

    Attributes
    ----------
    name : str
        ``04-report-city-330800``: the same in both editions.
    notebook : str
        Stem of the notebook, ``04-report-city``.
    parameters : mapping
        What was given beside the notebook's defaults, without the language.
    language : {"en", "zh"}
    path : Path
        The executed copy.
    exhibits : mapping of kind and name to Exhibit
        By ``"table battery"`` or ``"figure battery"``, in the order in which they were published.
    outputs : mapping of str to str
        SHA-256 of each file by its path in the folder of results.
    """

    name: str
    notebook: str
    parameters: Mapping[str, Any]
    language: Language
    path: Path
    exhibits: Mapping[str, Exhibit]
    outputs: Mapping[str, str] = field(repr=False)

    @cached_property
    def cells(self) -> list[dict[str, Any]]:
        """Cells of the executed copy, the source of each as one text."""
        return read_cells(self.path)

    @property
    def title(self) -> str:
        """Title of the notebook, in both languages as it is written."""
        first = next((cell["source"] for cell in self.cells if cell["cell_type"] == "markdown"), self.name)
        return first.strip().lstrip("# ")

    @property
    def question(self) -> str:
        """What the notebook asks, as one line.

        Raises
        ------
        ReportError
            If not exactly one cell is tagged so and shows text.
        """
        return self._tagged("question").lstrip("# ")

    @property
    def answer(self) -> tuple[str, ...]:
        """Sentences of the answer, the finding first.

        Raises
        ------
        ReportError
            If not exactly one cell is tagged so and shows text.
        """
        return sentences(self._tagged("answer"))

    def exhibit(self, kind: Literal["table", "figure"], name: str) -> Exhibit:
        """The table or figure of this name.

        Raises
        ------
        ReportError
            If the run published none; the message lists those that it did.
        """
        asked = f"{kind} {name}"
        if asked not in self.exhibits:
            raise ReportError(f"{self.name} has no {asked!r}; it has {', '.join(self.exhibits) or 'none'}.")
        return self.exhibits[asked]

    def shown(self, cell: Mapping[str, Any]) -> tuple[Exhibit, ...]:
        """Tables and figures that a cell shows, in their order."""
        keys = [
            (_SHOWN_AS[form], details["exhibit"])
            for output in cell.get("outputs", ())
            for form, details in output.get("metadata", {}).items()
            if form in _SHOWN_AS and isinstance(details, dict) and "exhibit" in details
        ]
        by_key = {(exhibit.kind, exhibit.stem): exhibit for exhibit in self.exhibits.values()}
        return tuple(by_key[key] for key in keys if key in by_key)

    def _tagged(self, tag: str) -> str:
        count, text = tagged_text(self.cells, tag)
        if count != 1 or not text:
            raise ReportError(
                f"{self.path} has {count} cells tagged {tag!r}, which show {text!r}; needed: one that shows text. "
                f"Mend the notebook, then {_AGAIN}."
            )
        return text


@dataclass(frozen=True)
class Results:
    """What ``reproduce`` left in a folder.

    Attributes
    ----------
    folder : Path
    editions : mapping of language to mapping of run name to Run
        The same runs in both languages, in the order of their names.
    manifest : mapping
    alone : tuple of str
        Runs that are there in one language only, such as one of `runs.toml` that asks for it: no report shows them.
    """

    folder: Path
    editions: Mapping[Language, Mapping[str, Run]] = field(repr=False)
    manifest: Mapping[str, Any] = field(repr=False)
    alone: tuple[str, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> "Results":
        """Read a folder of results; its files are read when they are asked for.

        Parameters
        ----------
        folder : Path
            Folder with a ``manifest.json``.

        Raises
        ------
        ReportError
            If the folder holds no results, if a run failed, if a file is gone or not as it was written, or if no run
            is there in both languages.
        """
        folder = folder.resolve()
        require_results(folder)
        records = {name: record for name, record in read_records(folder).items() if name != REPORT}
        failed = sorted(name for name, record in records.items() if not record.ok)
        if failed or not records:
            raise ReportError(f"{folder}: {', '.join(failed) or 'all runs'} failed or are not there; {_AGAIN}.")
        changed = sorted(name for name, record in records.items() if not record.is_intact(folder))
        if changed:
            raise ReportError(f"{folder}: files of {', '.join(changed)} are gone or not as they were; {_AGAIN}.")
        editions: dict[Language, dict[str, Run]] = {language: {} for language in LANGUAGES}
        for key, record in sorted(records.items()):
            if record.notebook is not None:
                start, _, name = key.rpartition("/")
                if start not in ("", "zh") or not isinstance(record.parameters, dict):
                    raise ReportError(f"{folder}: the run {key!r} is none that `reproduce` lists; {_AGAIN}.")
                language: Language = "zh" if start else "en"
                editions[language][name] = _run(folder, name, language, record.notebook, record)
        both = set(editions["en"]) & set(editions["zh"])
        alone = tuple(sorted(set(editions["en"]) ^ set(editions["zh"])))
        if not both:
            raise ReportError(f"{folder}: {', '.join(alone)} is there in one language only; {_AGAIN}.")
        editions = {
            language: {name: run for name, run in runs.items() if name in both} for language, runs in editions.items()
        }
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return cls(folder, editions, manifest, alone)

    def run(self, name: str, language: Language = "en") -> Run:
        """A run of one edition.

        Raises
        ------
        ReportError
            If there is none of this name; the message lists those that there are.
        """
        runs = self.editions[language]
        if name not in runs:
            raise ReportError(f"There is no run {name!r}; there are {', '.join(runs)}.")
        return runs[name]

    @cached_property
    def findings(self) -> list[dict[str, Any]]:
        """One entry a claim, in the order of the claims."""
        return self._list("findings")

    @cached_property
    def estimates(self) -> list[dict[str, Any]]:
        """Every estimate with its error."""
        return self._list("estimates")

    @cached_property
    def tests(self) -> list[dict[str, Any]]:
        """Every test statistic."""
        return self._list("tests")

    @cached_property
    def quantities(self) -> list[dict[str, Any]]:
        """Every number without an error."""
        return self._list("quantities")

    def _list(self, kind: str) -> list[dict[str, Any]]:
        file = self.folder / f"{kind}.json"
        if not file.is_file():
            raise ReportError(f"{self.folder} holds no {file.name}; {_AGAIN}.")
        rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
        return rows


def require_results(folder: Path) -> None:
    """Refuse a folder that no batch has written to; cheap, unlike reading it.

    Raises
    ------
    ReportError
        If it has no manifest.
    """
    if not (folder / MANIFEST).is_file():
        raise ReportError(f"{folder} holds no {MANIFEST}; name a folder that `shanhai reproduce` has written.")


def _run(folder: Path, name: str, language: Language, notebook: str, record: Any) -> Run:
    base = folder if language == "en" else folder / language
    listed = base / "parts" / f"{name}.exhibits.json"
    try:
        entries = json.loads(listed.read_text(encoding="utf-8")) if listed.is_file() else []
        exhibits = {f"{entry['kind']} {entry['name']}": _exhibit(base, entry) for entry in entries}
        files = {path for exhibit in exhibits.values() for path in exhibit.files.values()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ReportError(f"{listed} is no list of exhibits: {type(error).__name__}: {error}; {_AGAIN}.") from error
    if foreign := sorted(path.name for path in files if path.relative_to(folder).as_posix() not in record.outputs):
        raise ReportError(f"{listed} names {', '.join(foreign[:5])}, which the manifest has not of {name}; {_AGAIN}.")
    parameters = {key: value for key, value in record.parameters.items() if key != "language"}
    path = base / "notebooks" / f"{name}.ipynb"
    return Run(name, notebook.removesuffix(".ipynb"), parameters, language, path, exhibits, dict(record.outputs))


def _exhibit(base: Path, entry: Mapping[str, Any]) -> Exhibit:
    if entry["kind"] not in ("table", "figure") or not is_inside(entry["stem"], base) or "/" in entry["stem"]:
        raise ReportError(f"The exhibit {entry['stem']!r} in {base} has a name or kind that no run gives; {_AGAIN}.")
    for name in entry["files"].values():
        if not is_inside(name, base):
            raise ReportError(f"The exhibit {entry['stem']!r} names {name!r}, outside of {base}; {_AGAIN}.")
    return Exhibit(
        kind=entry["kind"],
        name=entry["name"],
        stem=entry["stem"],
        caption=entry["caption"],
        files={ending: base / name for ending, name in entry["files"].items()},
        heads=tuple(entry.get("heads", ())),
        rows=tuple(map(tuple, entry.get("rows", ()))),
        numeric=tuple(entry.get("numeric", ())),
        rules_before=tuple(entry.get("rules_before", ())),
        notes=tuple(entry.get("notes", ())),
        width_inches=entry.get("width_inches", 0.0),
        height_inches=entry.get("height_inches", 0.0),
    )
