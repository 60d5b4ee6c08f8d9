"""Registered runs: every notebook that answers a question, with the parameters that runs.toml lists for it."""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from shanhai.core.errors import ParameterError
from shanhai.core.nearest import nearest
from shanhai.core.notebooks import find_notebooks, study_notebooks
from shanhai.core.paths import MINE
from shanhai.run.codes import with_codes
from shanhai.run.parameters import check_parameters, read_parameters

_REGISTER = "runs.toml"

LANGUAGE, CHINESE = "language", "zh"
"""Parameter that chooses the language of a run, and its value for Chinese."""

_LONGEST_NAME = 100
"""Characters of parameters in the name of a run; file systems end at 255 bytes, and names of tables follow."""


@dataclass(frozen=True)
class Run:
    """One execution of one notebook."""

    name: str
    """Stem of the notebook, followed by the values of its parameters where they are listed."""
    notebook: Path
    parameters: Mapping[str, Any] = field(default_factory=dict)
    edition: str = ""
    """Folder of the results that holds another language than the first: ``zh``, or none."""
    page: bool = False
    """Whether a page of its own is made with it, for the site of a batch."""

    @property
    def key(self) -> str:
        """Name in the manifest, one for each edition."""
        return f"{self.edition}/{self.name}" if self.edition else self.name


def find_notebook(folder: Path, query: str, *, own: bool = False) -> Path:
    """The notebook of this stem, number (``04``, or ``4``), file name, or path as seen from here or from the project.

    With `own` also one of the user's own, in ``mine/``, by its path.

    Raises
    ------
    ParameterError
        If no notebook or more than one answers to the query, or if it is the path of a file elsewhere.
    """
    known = find_notebooks(folder)
    path = Path(query)
    for place in (path, folder.parent / path) if own else ():
        if place.suffix == ".ipynb" and place.is_file() and place.parent.resolve() == (folder / MINE.name).resolve():
            return folder / MINE.name / path.name
    stem = path.name.removesuffix(".ipynb")
    committed = known.get(stem)
    is_elsewhere = (
        path.parent != Path(folder.name) if not path.exists() else not (committed and path.samefile(committed))
    )
    if len(path.parts) > 1 and is_elsewhere:
        raise ParameterError(
            f"{query} is no notebook of this project, which are, in {folder}: {', '.join(known) or 'none'}. "
            f"Copy it to {folder / MINE.name}, which is for notebooks of your own, and give that path."
        )
    # a number is written with two digits in names; 4 and 004 are the same number
    start = f"{int(stem):02d}" if stem.isascii() and stem.isdigit() else stem
    found = [known[stem]] if stem in known else [path for name, path in known.items() if name.startswith(f"{start}-")]
    if len(found) != 1:
        choices = ", ".join(known) or "none"
        raise ParameterError(f"There is no notebook {query!r}; choose one of {choices}.{nearest(query, known)}")
    return found[0]


def listed_runs(folder: Path) -> list[Run]:
    """All runs: those of ``runs.toml`` for the notebooks it lists, one with defaults for each other study.

    Raises
    ------
    ParameterError
        If ``runs.toml`` names a notebook that is not there, a parameter that the notebook lacks, or one run twice.
    """
    notebooks = study_notebooks(folder)
    listed = _read_register(folder / _REGISTER, notebooks)
    runs = [_listed_run(path, values) for stem, path in notebooks.items() for values in listed.get(stem, [{}])]
    names = [run.name for run in runs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ParameterError(f"{_REGISTER} lists {', '.join(twice)} twice; remove one.")
    return runs


def with_editions(runs: Sequence[Run]) -> list[Run]:
    """The runs, each followed by its edition in Chinese if its notebook has a ``language`` that the run leaves open."""
    return [edition for run in runs for edition in (run, *_chinese(run))]


def _chinese(run: Run) -> tuple[Run, ...]:
    language = read_parameters(run.notebook).get(LANGUAGE)
    if language is None or LANGUAGE in run.parameters or language.default == CHINESE:
        return ()
    return (replace(run, parameters={**run.parameters, LANGUAGE: CHINESE}, edition=CHINESE),)


def _listed_run(notebook: Path, values: Mapping[str, Any]) -> Run:
    """A run of a notebook with checked parameters, named by their values: the register sees to it that names differ."""
    parameters = check_parameters(notebook, values)
    return Run("-".join([notebook.stem, *map(_slug, parameters.values())]), notebook, parameters)


def named_run(notebook: Path, values: Mapping[str, Any]) -> Run:
    """A run of a notebook with checked parameters, named by names and values, so that no two have one name.

    Places are named by their codes, however they were written.

    Examples
    --------
    ``09-follow-targets-announced_growth=-8.2``, ``11-evaluate-counties-weights=growth%3D2,space%3D0-draws=50``, and
    ``mine-my-question`` of a notebook in ``mine/``, which may be a copy of one of the project's.
    """
    parameters = with_codes(check_parameters(notebook, values), pairs=True)
    given = "-".join(f"{name}={_spelt(value)}" for name, value in parameters.items())
    if len(given) > _LONGEST_NAME or given != given.casefold() or "[]" in given:
        # where file names are short, or their case does not count, a hash tells runs apart
        given = f"{given[:_LONGEST_NAME]}-{sha256(json.dumps(parameters).encode()).hexdigest()[:16]}"
    stem = f"{MINE.name}-{notebook.stem}" if notebook.parent.name == MINE.name else notebook.stem
    return Run(f"{stem}-{given}" if parameters else stem, notebook, parameters)


def _spelt(value: Any) -> str:
    """A value in characters that every file system takes; ``%`` and two digits stand for others, as in addresses."""
    if isinstance(value, list):
        return ",".join(quote(str(item), safe="") for item in value) or "[]"
    return quote(str(value), safe="")


def _slug(value: Any) -> str:
    text = "-".join(map(str, value)) if isinstance(value, list) else str(value)
    return re.sub(r"[\W_]+", "-", text).strip("-") or "empty"


def _read_register(register: Path, notebooks: Mapping[str, Path]) -> dict[str, list[dict[str, Any]]]:
    if not register.is_file():
        return {}
    try:
        tables = tomllib.loads(register.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ParameterError(f"{register} is not text in UTF-8: {error}. Save it in that encoding.") from error
    except tomllib.TOMLDecodeError as error:
        raise ParameterError(f"{register} is not valid TOML: {error}. Correct the line it names.") from error
    for stem, table in tables.items():
        if stem not in notebooks:
            raise ParameterError(
                f"{register.name} lists {stem!r}, which is no notebook; choose one of {', '.join(notebooks)}."
            )
        if not isinstance(table, dict) or set(table) != {"runs"} or not _is_list_of_tables(table["runs"]):
            raise ParameterError(
                f'{register.name}: ["{stem}"] needs exactly one line: runs = [{{name = "value"}}, ...].'
            )
    return {stem: table["runs"] for stem, table in tables.items()}


def _is_list_of_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
