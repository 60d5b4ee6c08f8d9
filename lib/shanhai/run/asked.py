"""Which runs a batch is asked for: by a file, by places, by a grid. What is wrong is said all together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shanhai.core.errors import MissingDataError, ParameterError, ShanhaiError, UnknownPlaceError
from shanhai.run.parameters import check_parameters, parse_parameters
from shanhai.run.runs import LANGUAGE, Run, find_notebook, named_run, with_editions
from shanhai.run.runs_file import read_runs
from shanhai.run.values import check_together, check_value

if TYPE_CHECKING:
    from shanhai.data.vintage import Vintage

LANGUAGES = ("en", "zh", "both")

_ALL, _MOUNTAIN = "all", "mountain-26"


@dataclass(frozen=True)
class Asked:
    """What the command line says.

    Attributes
    ----------
    file : Path, optional
    notebook : str
        Of places, of a grid, and of a batch without either.
    prefectures, counties, province : str
        Codes or names separated by commas, or ``all``; counties also ``mountain-26``; empty: not asked for.
    grid, parameters : sequences of str
        ``name=a,b`` and ``name=value``.
    language : {"en", "zh", "both"}
    """

    file: Path | None = None
    notebook: str = "04-report-city"
    prefectures: str = ""
    counties: str = ""
    province: str = ""
    grid: Sequence[str] = ()
    parameters: Sequence[str] = ()
    language: str = "both"


@dataclass(frozen=True)
class _Value:
    """A value as it was given, and where."""

    where: str
    raw: Any
    is_text: bool
    has_data: bool = False
    """Of a place among all: that a report can be made of it has been seen already."""


@dataclass(frozen=True)
class _Wanted:
    """A run before it is checked."""

    where: str
    notebook: str
    values: Mapping[str, _Value]


def asked_runs(asked: Asked, folder: Path) -> list[Run]:
    """The runs that are asked for, checked, each once for each language.

    Parameters
    ----------
    asked : Asked
    folder : Path
        Of the notebooks.

    Raises
    ------
    ParameterError
        Naming everything that is wrong, one line each.
    """
    problems: list[str] = []
    wanted = _wanted(asked, problems)
    checker = _Checker(folder, problems)
    runs: dict[str, Run] = {}
    first: dict[str, str] = {}
    for want in wanted:
        run = checker.run(want)
        if run is None:
            continue
        name = run.name.casefold()
        if name in runs:
            problems.append(f"{want.where}: {run.name} is asked for by {first[name]} already; ask for each run once.")
        runs[name], first[name] = run, first.get(name, want.where)
    found = _editions(list(runs.values()), asked.language, problems)
    if problems:
        unique = list(dict.fromkeys(problems))
        count = "1 problem" if len(unique) == 1 else f"{len(unique)} problems"
        raise ParameterError("\n  ".join([f"{count}; nothing was run:", *unique]))
    return found


def _editions(runs: list[Run], language: str, problems: list[str]) -> list[Run]:
    both = with_editions(runs)
    if language == "zh":
        chinese = [run for run in both if run.edition]
        missing = sorted({run.notebook.stem for run in runs} - {run.notebook.stem for run in chinese})
        problems += [f"--language zh: {stem} has no parameter {LANGUAGE!r}; ask for en." for stem in missing]
        return chinese
    return both if language == "both" else runs


def _wanted(asked: Asked, problems: list[str]) -> list[_Wanted]:
    """Every combination of what the file or the places say with the grid and the fixed values."""
    base = list(_from_file(asked.file, problems)) if asked.file else []
    base += [_Wanted(value.where, asked.notebook, {level: value}) for level, value in _places(asked, problems)]
    nothing = not (asked.file or asked.prefectures or asked.counties or asked.province)
    base += [_Wanted("the command line", asked.notebook, {})] if nothing else []
    given = _pairs("-p", asked.parameters, problems)
    grids = _pairs("--grid", asked.grid, problems)
    problems += [f"--grid and -p both give {name}; give it once." for name in sorted(set(given) & set(grids))]
    options = [
        [(name, _Value("--grid", text, is_text=True)) for text in _items("--grid", name, value, problems)]
        for name, value in grids.items()
    ]
    fixed = {name: _Value("-p", text, is_text=True) for name, text in given.items()}
    wanted = []
    for want in base:
        twice = sorted(set(want.values) & {*given, *grids})
        problems += [f"{want.where}: {name} is given there, and by -p or --grid too." for name in twice]
        wanted += [
            _Wanted(want.where, want.notebook, {**want.values, **dict(chosen), **fixed}) for chosen in product(*options)
        ]
    return wanted


def _from_file(file: Path, problems: list[str]) -> Iterator[_Wanted]:
    entries, wrong = read_runs(file)
    problems += wrong
    for entry in entries:
        values = {
            name: _Value(entry.where, raw, entry.is_text) for name, raw in entry.values.items() if raw is not None
        }
        yield _Wanted(entry.where, entry.notebook, values)


def _pairs(option: str, texts: Sequence[str], problems: list[str]) -> dict[str, str]:
    """Names and texts of ``name=text``; a name given twice is a problem."""
    found: dict[str, str] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        name = name.strip()
        if not sign or not name:
            problems.append(f"{option} {text}: write NAME=VALUE, for example {option} prefecture=330800.")
        elif name in found:
            problems.append(f"{option} gives {name} more than once; give each parameter once.")
        else:
            found[name] = value
    return found


def _items(option: str, name: str, text: str, problems: list[str]) -> list[str]:
    """Texts separated by commas; none of them empty or twice."""
    items = [item.strip() for item in text.split(",")]
    if not all(items):
        problems.append(f"{option} {name}={text}: a value is missing; write {name}=a,b.")
    if twice := sorted({item for item in items if item and items.count(item) > 1}):
        problems.append(f"{option} {name}={text}: {', '.join(twice)} stands there twice.")
    return list(dict.fromkeys(item for item in items if item))


def _places(asked: Asked, problems: list[str]) -> Iterator[tuple[str, _Value]]:
    """Level and code of each place that is asked for."""
    asked_for = {"prefecture": asked.prefectures, "county": asked.counties}
    if asked.province and not any(asked_for.values()):
        asked_for["prefecture"] = _ALL
    if not any(asked_for.values()):
        return
    province = _province(asked.province, problems)
    for level, text in asked_for.items():
        option = "--prefectures" if level == "prefecture" else "--counties"
        if text in (_ALL, _MOUNTAIN) and not (text == _MOUNTAIN and level == "prefecture"):
            codes = _known(level, province) if text == _ALL else _mountain_counties(province)
            found = [(code, code) for code in codes]
        else:
            found = list(_named(option, level, text, province, problems)) if text else []
        for query, code in found:
            yield level, _Value(f"{option} {query}", code, is_text=True, has_data=text == _ALL)


def _province(text: str, problems: list[str]) -> str:
    from shanhai.data.load import load_places

    if not text:
        return ""
    try:
        return load_places().province(text).code
    except UnknownPlaceError as error:
        problems.append(f"--province: {error}")
        return ""


def _named(option: str, level: str, text: str, province: str, problems: list[str]) -> Iterator[tuple[str, str]]:
    """What was written, and the code of the place, of a list of codes or names."""
    from shanhai.data.load import load_places

    look_up = getattr(load_places(), level)
    allowed = (_ALL, _MOUNTAIN) if level == "county" else (_ALL,)
    for item in _items(option, "", text, problems):
        try:
            yield item, look_up(item, province).code
        except UnknownPlaceError as error:
            near = get_close_matches(item, allowed, n=1)
            problems.append(f"{option}: {error}" + (f" Or did you mean {near[0]!r}?" if near else ""))


def _known(level: str, province: str) -> list[str]:
    """Codes of all places of a level, in a province or the country, that a report can be made of."""
    from shanhai.data.load import load_places
    from shanhai.data.vintage import vintage_of

    codes = [
        place.code for place in load_places().all if place.level == level and province in ("", place.province_code)
    ]
    newest = vintage_of()
    return sorted(code for code in codes if _has_data(level, code, newest))


def _has_data(level: str, code: str, vintage: "Vintage") -> bool:
    from shanhai.studies.place.analysis import check_county, check_prefecture

    try:
        (check_prefecture if level == "prefecture" else check_county)(code, vintage)
    except (MissingDataError, UnknownPlaceError):
        return False
    return True


def _mountain_counties(province: str) -> list[str]:
    from shanhai.data.load import load_table

    codes = load_table("mountain_counties")["code"]
    return sorted(code for code in codes if code[:2] == province[:2] or not province)


class _Checker:
    """Turns what was asked for into runs, and notes what is wrong; each value is looked at once."""

    def __init__(self, folder: Path, problems: list[str]) -> None:
        self._folder, self._problems = folder, problems
        self._notebooks: dict[str, Path | None] = {}
        self._values: dict[tuple[Path, str, str], Any] = {}

    def run(self, want: _Wanted) -> Run | None:
        """The run, or None if anything about it is wrong."""
        notebook = self._notebook(want)
        if notebook is None:
            return None
        values = {name: self._value(notebook, name, value) for name, value in want.values.items()}
        if any(value is None for value in values.values()):
            return None
        try:
            check_together(values)
            return replace(named_run(notebook, values), page=True)
        except ShanhaiError as error:
            self._problems.append(f"{want.where}: {error}")
            return None

    def _notebook(self, want: _Wanted) -> Path | None:
        if want.notebook not in self._notebooks:
            try:
                self._notebooks[want.notebook] = find_notebook(self._folder, want.notebook, own=True)
            except ParameterError as error:
                self._problems.append(f"{want.where}: {error}")
                self._notebooks[want.notebook] = None
        return self._notebooks[want.notebook]

    def _value(self, notebook: Path, name: str, value: _Value) -> Any:
        """The value as the notebook's type, or None if it is refused."""
        key = (notebook, name, f"{value.is_text} {value.raw!r}")
        if key not in self._values:
            self._values[key] = self._checked(notebook, name, value)
        typed, refusal = self._values[key]
        if refusal:
            self._problems.append(f"{value.where}: {refusal}")
        return typed

    def _checked(self, notebook: Path, name: str, value: _Value) -> tuple[Any, str]:
        if name == LANGUAGE:
            return None, f"{LANGUAGE} is chosen for the whole batch; give --language {', '.join(LANGUAGES)}."
        read = parse_parameters if value.is_text else check_parameters
        try:
            typed = read(notebook, {name: value.raw})[name]
            if not value.has_data:
                check_value(name, typed, notebook.stem)
        except ShanhaiError as error:
            return None, f"{error}"
        return typed, ""
