"""Which runs a batch is asked for: by a file, by places, by a grid. What is wrong is said all together."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import product
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shanhai.core.errors import MissingDataError, ParameterError, ShanhaiError, UnknownPlaceError
from shanhai.run.codes import is_place
from shanhai.run.parameters import check_parameters, parse_parameters
from shanhai.run.runs import LANGUAGE, Run, find_notebook, named_run, with_editions
from shanhai.run.runs_file import read_runs
from shanhai.run.values import check_together, check_value

if TYPE_CHECKING:
    from shanhai.data.vintage import Vintage

LANGUAGES = ("en", "zh", "both")

_ALL, _MOUNTAIN = "all", "mountain-26"

_IN_CHINESE = {"全部": _ALL, "所有": _ALL, "山区26县": _MOUNTAIN, "山区二十六县": _MOUNTAIN, "26县": _MOUNTAIN}
"""What somebody may write for these words."""

_NOTEBOOK = "04-report-city"

_MOST = 20_000
"""Runs of one batch in one language: seven times the counties."""

_SHOWN = 20
"""Problems that are printed; the others are counted."""

_SEPARATORS = re.compile("[,，、]")


@dataclass(frozen=True)
class Asked:
    """What the command line says.

    Attributes
    ----------
    file : Path, optional
    notebook : str
        Of places, of a grid, and of a batch without either; empty: the report on a city or county.
    prefectures, counties, province : str
        Codes or names separated by commas, or ``all``; counties also ``mountain-26``; empty: not asked for.
    grid, parameters : sequences of str
        ``name=a,b`` and ``name=value``.
    language : {"en", "zh", "both"}
    """

    file: Path | None = None
    notebook: str = ""
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
    if not any((asked.file, asked.notebook, asked.prefectures, asked.counties, asked.province, asked.grid)):
        _require_parameters(asked)
    problems: list[str] = []
    checker = _Checker(folder, problems)
    wanted = _wanted(asked, checker, problems)
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
        count = "1 problem" if len(unique) == 1 else f"{len(unique):,} problems"
        others = [f"... and {len(unique) - _SHOWN:,} others"] if len(unique) > _SHOWN else []
        raise ParameterError("\n  ".join([f"{count}; nothing was run:", *unique[:_SHOWN], *others]))
    return found


def _require_parameters(asked: Asked) -> None:
    if not asked.parameters:
        raise ParameterError(
            "Nothing is asked for. Say which places, for example --prefectures all, --counties mountain-26 or "
            "--province 浙江; or values, as --notebook 08 --grid place=330800,511900; or a file of runs, as RUNS.yaml. "
            "--dry-run prints the runs and does none."
        )


def _editions(runs: list[Run], language: str, problems: list[str]) -> list[Run]:
    both = with_editions(runs)
    if language == "zh":
        chinese = [run for run in both if run.edition]
        missing = sorted({run.notebook.stem for run in runs} - {run.notebook.stem for run in chinese})
        problems += [f"--language zh: {stem} has no parameter {LANGUAGE!r}; ask for en." for stem in missing]
        return chinese
    return both if language == "both" else runs


def _wanted(asked: Asked, checker: "_Checker", problems: list[str]) -> list[_Wanted]:
    """Every combination of what the file or the places say with the grid and the fixed values."""
    notebook = asked.notebook or _NOTEBOOK
    base = list(_from_file(asked.file, problems)) if asked.file else []
    base += [_Wanted(value.where, notebook, {level: value}) for level, value in _places(asked, problems)]
    nothing = not (asked.file or asked.prefectures or asked.counties or asked.province)
    base += [_Wanted("the command line", notebook, {})] if nothing else []
    given = _pairs("-p", asked.parameters, problems)
    grids = _pairs("--grid", asked.grid, problems)
    problems += [f"--grid and -p both give {name}; give it once." for name in sorted(set(given) & set(grids))]
    options = {
        name: [_Value("--grid", text, is_text=True) for text in _grid(name, value, problems)]
        for name, value in grids.items()
    }
    fixed = {name: _Value("-p", text, is_text=True) for name, text in given.items()}
    for want in base:
        twice = sorted(set(want.values) & {*given, *grids})
        problems += [f"{want.where}: {name} is given there, and by -p or --grid too." for name in twice]
    count = len(base) * prod(map(len, options.values()))
    if count > _MOST:
        problems.append(f"{count:,} runs are asked for; a batch has at most {_MOST:,} in a language. Ask for fewer.")
    # combinations are built only of values that are right, and only if a batch can do them
    values = [*fixed.items(), *((name, value) for name, listed in options.items() for value in listed)]
    right = [checker.is_right(want, values) for want in {want.notebook: want for want in base}.values()]
    if count > _MOST or not all(right):
        return base[:_MOST]
    return [
        _Wanted(want.where, want.notebook, {**want.values, **dict(zip(options, chosen, strict=True)), **fixed})
        for want in base
        for chosen in product(*options.values())
    ]


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


def _items(text: str) -> list[str]:
    """Texts separated by commas, of either width, or by 、."""
    return [item.strip() for item in _SEPARATORS.split(text)]


def _grid(name: str, text: str, problems: list[str]) -> list[str]:
    """Values of a parameter; none of them empty or twice."""
    counts = Counter(_items(text))
    if "" in counts:
        problems.append(f"--grid {name}={text}: a value is missing; write {name}=a,b.")
    if twice := sorted(item for item, count in counts.items() if item and count > 1):
        problems.append(f"--grid {name}={text}: {', '.join(twice)} stands there twice.")
    return [item for item in counts if item]


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
        word = text.strip().casefold()
        if word in _words(level):
            codes = _known(level, province) if word == _ALL else _mountain_counties(province)
            found = {code: code for code in codes}
            if province and not codes:
                problems.append(
                    f"{option} {word} in {asked.province}: no such place has the figures of a report. Leave --province"
                    " out, or name another."
                )
        else:
            found = _named(option, level, text, province, problems) if text else {}
        for code, query in found.items():
            yield level, _Value(f"{option} {query}", code, is_text=True, has_data=word == _ALL)


def _words(level: str) -> tuple[str, ...]:
    """What stands for several places of a level."""
    return (_ALL, _MOUNTAIN) if level == "county" else (_ALL,)


def _province(text: str, problems: list[str]) -> str:
    from shanhai.data.load import load_places

    if not text:
        return ""
    try:
        return load_places().province(text).code
    except UnknownPlaceError as error:
        problems.append(f"--province: {error}")
        return ""


def _named(option: str, level: str, text: str, province: str, problems: list[str]) -> dict[str, str]:
    """Codes of a list of codes or names, each once, with what was written for it."""
    from shanhai.data.load import load_places

    look_up = getattr(load_places(), level)
    items = _items(text)
    if not all(items):
        problems.append(
            f"{option} {text}: a place is missing beside a comma; write codes or names separated by commas, "
            f"for example {option} {'衢州,巴中' if level == 'prefecture' else '开化,龙游'}."
        )
    found: dict[str, str] = {}
    for item in filter(None, dict.fromkeys(items)):
        try:
            found.setdefault(look_up(item, province).code, item)
        except UnknownPlaceError as error:
            problems.append(f"{option}: {error}{_meant(item, _words(level))}")
    return found


def _meant(item: str, allowed: tuple[str, ...]) -> str:
    if item.casefold() in allowed:
        return f" {item} stands alone, without other places."
    near = [_IN_CHINESE[item]] if item in _IN_CHINESE else get_close_matches(item.casefold(), allowed, n=1)
    return f" Or did you mean {near[0]!r}?" if near and near[0] in allowed else ""


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

    def is_right(self, want: _Wanted, values: Sequence[tuple[str, _Value]]) -> bool:
        """Whether a notebook takes each of these values; what is wrong is noted."""
        notebook = self._notebook(want)
        if notebook is None:
            return False
        typed = [self._value(notebook, *named) for named in values]  # each, so that all problems are noted
        return all(value is not None for value in typed)

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
        if is_place(name) and isinstance(value.raw, str) and not value.raw.strip():
            return None, f"{name} is empty; give a code or a name, or leave {name} out."
        read = parse_parameters if value.is_text else check_parameters
        try:
            typed = read(notebook, {name: value.raw})[name]
            if not value.has_data:
                check_value(name, typed, notebook.stem)
        except ShanhaiError as error:
            return None, f"{error}"
        return typed, ""
