"""Take a file in: read, map, check and keep it, or list everything that is wrong with it and write nothing."""

import datetime
import io
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from shanhai.claims.claims import claims_from
from shanhai.core import imported, sources
from shanhai.core.errors import ParameterError, SettingsError, ShanhaiError, UnknownPlaceError, ValidationError
from shanhai.core.imported import Import
from shanhai.data.collaboration import check_collaboration
from shanhai.data.load import load_own_table, load_places, load_table
from shanhai.intake import comparing, files, keeping, keyed, merging, rows
from shanhai.intake.cells import NoNumberError, plain
from shanhai.intake.grid import Grid, read_grids
from shanhai.intake.kinds import FILES, TABLES, Kind, all_targets, guess
from shanhai.intake.layout import Layout, find_table
from shanhai.intake.mapping import (
    Kept,
    Source,
    Wish,
    described,
    fits,
    kept_of,
    map_columns,
    mapping_problems,
    read_mapping,
    written,
    year_elsewhere,
)
from shanhai.intake.names import Namer
from shanhai.intake.problems import Problem, harmless, refuse, shown
from shanhai.intake.rows import Taken

_FIRST_ROWS, _NOTES = 5, 12
"""Rows that a preview shows, and notes on names."""


@dataclass(frozen=True)
class Choices:
    """What a user says of a file beside its name and kind."""

    sheet: str = ""
    wishes: Mapping[str, Wish] = field(default_factory=dict)
    mapping: Path | None = None
    province: str = ""
    year: int | None = None
    unit: str = ""
    aside: tuple[str, ...] = ()
    replace_published: bool = False


@dataclass
class _Outcome:
    """What a file would become, or became."""

    lines: list[str]
    """What is said of it: mapping, rows, what was set aside and done."""
    made: Import
    """The import; without checksums where it is a preview."""


@dataclass(frozen=True)
class _Table:
    """The table of a file, read and mapped."""

    layout: Layout
    found: tuple[Source, ...]
    kept: Kept
    name: str
    """Table of the project."""
    reused: str = ""


def import_file(path: Path, kind: str, choices: Choices, *, preview: bool = False) -> _Outcome:
    """Take a file in as a table, layer or grid of the project, or show what it would become.

    Parameters
    ----------
    path : Path
    kind : one of ``TABLES`` and ``FILES`` of :mod:`shanhai.intake.kinds`.
    choices : what the user says.
    preview : whether nothing is kept.

    Raises
    ------
    ShanhaiError
        Listing all that is wrong with the file; nothing was written.
    """
    if kind not in TABLES and kind not in FILES:
        raise ParameterError(f"--as {kind}: allowed: {', '.join([*TABLES, *FILES])}. Write one of these.")
    _require_name(path)
    if preview:
        with tempfile.TemporaryDirectory() as passing:
            return _stage(path, kind, choices, Path(passing), 0)
    with keeping.folder_alone() as folder, keeping.staged(folder, kind) as (number, staged):
        outcome = _stage(path, kind, choices, staged, number)
        keeping.keep(folder, outcome.made)
    outcome.lines.append(
        f"Imported as number {number}: {outcome.made.did}. It is now in force as"
        f" {', '.join(outcome.made.files)}; `shanhai data undo` takes it back."
    )
    return outcome


def _require_name(path: Path) -> None:
    """Refuse a name that neither a message nor the register can hold."""
    if not path.name.replace("\u3000", "").replace("\xa0", "").isprintable():  # blanks are none of them
        raise ValidationError(
            f"The name of the file, {shown(path.name)}, holds control characters or bytes that are no UTF-8. Rename it."
        )


def _stage(path: Path, kind: str, choices: Choices, staged: Path, number: int) -> _Outcome:
    """Write what a file becomes into a folder, if all of it is valid."""
    _require_free(kind, choices)
    if kind in FILES:
        made, notes = _stage_file(path, kind, choices, staged)
        return _Outcome(notes, _entry(path, kind, number, made, staged, "", notes[0]))
    return _stage_table(path, TABLES[kind], choices, staged, number)


def _require_free(kind: str, choices: Choices) -> None:
    """Refuse what the user's settings name already."""
    if kind in FILES:
        wanted = {FILES[kind]} | ({("table", "county_terrain")} if kind == "dem" else set())
    else:
        wanted = {("table", name) for name in TABLES[kind].tables}
    named = sorted(name for _, name in wanted & set(sources.named_files()))
    if named:
        raise SettingsError(
            f"{sources.settings_file()} names {named} already. Remove the line under [replace], and import the file"
            " that it names first if you want both."
        )


def _stage_file(path: Path, kind: str, choices: Choices, staged: Path) -> tuple[dict[str, Path], list[str]]:
    if kind == "boundaries":
        layer, notes = files.take_layer(path, staged, choices.wishes)
        return {"layer/counties": layer}, notes
    if choices.wishes:
        raise ParameterError(f"--map gives columns and fields a meaning; {kind} has none. Leave it out.")
    if kind == "dem":
        return files.take_elevation(path, staged)
    grid, notes = files.take_lights(path, staged)
    return {"grid/lights_grid": grid}, notes


def _entry(path: Path, kind: str, number: int, made: Mapping[str, Path], staged: Path, sheet: str, did: str) -> Import:
    parts = {name: f"{staged.name}/{file.name}" for name, file in made.items()}
    today = datetime.date.today().isoformat()
    return Import(number, kind, parts, {}, path.name, sources.hash_file(path), sheet, did, today)


def _stage_table(path: Path, kind: Kind, choices: Choices, staged: Path, number: int) -> _Outcome:
    chosen = _chosen_table(path, kind, choices)
    grid = chosen.layout.grid
    lines = [f"{path.name}{f', sheet {shown(grid.sheet)}' if grid.sheet else ''}: {grid.read_as}", "Columns:"]
    lines += _described(chosen, kind, choices)
    if chosen.reused:
        lines.append(chosen.reused)
    taken = _take(chosen, kind, choices)
    lines += _shown(taken)
    try:
        if taken.frame.empty:
            refuse(taken.problems, path.name, grid.sheet)
            raise ValidationError(f"{path.name} has no row of {chosen.name} with a figure. Look at the rows set aside.")
        base = load_table(chosen.name, corrected=False)
        slips, compared = _slips(chosen, kind, taken, base, choices.replace_published)
        lines += compared
        target = staged / f"{chosen.name}.csv"
        _refuse_all(path, chosen, kind, taken, base, slips, target)
        merged = _merge(chosen, kind, taken, base)
        keeping.write(target, _csv(merged.table))
        _require_valid(path, chosen, taken, target)
    except ShanhaiError as error:
        error.add_note("\n".join(lines))
        raise
    keeping.write(staged / f"{chosen.name}.mapping.toml", written(chosen.kept).encode("utf-8"))
    lines += [*merged.notes, f"{chosen.name}: {merged.did}", *comparing.uses_of_years(chosen.name, taken.frame, base)]
    return _Outcome(
        lines, _entry(path, kind.name, number, {f"table/{chosen.name}": target}, staged, grid.sheet, merged.did)
    )


def _refuse_all(
    path: Path, chosen: _Table, kind: Kind, taken: Taken, base: pd.DataFrame, slips: Sequence[Problem], target: Path
) -> None:
    """Refuse a file with problems of cells, together with the limits that its readable rows break."""
    sheet = chosen.layout.grid.sheet
    problems = [*taken.problems, *slips]
    try:
        refuse(problems, path.name, sheet)
    except ValidationError as error:
        if kind.level and not slips:
            readable = replace(
                taken, frame=taken.frame.drop_duplicates([c for c in ("code", "year") if c in taken.frame])
            )
            try:
                keeping.write(target, _csv(_merge(chosen, kind, readable, base).table))
                _require_valid(path, chosen, readable, target)
            except ShanhaiError as further:
                raise ValidationError(f"{error}\nOf the rows that can be read: {further}") from error
        raise


def _chosen_table(path: Path, kind: Kind, choices: Choices) -> _Table:
    """The one sheet of a file that can be the table, mapped.

    Raises
    ------
    ValidationError
        If no sheet can, or several can.
    """
    kept = read_mapping(choices.mapping) if choices.mapping else None
    if kept is not None and kept.kind != kind.name:
        raise ValidationError(f"{choices.mapping} is a mapping for {kept.kind}, not for {kind.name}. Name another one.")
    grids = read_grids(path, choices.sheet)
    if len(grids) > 1 and kept is not None and kept.sheet in {grid.sheet for grid in grids}:
        grids = tuple(grid for grid in grids if grid.sheet == kept.sheet)
    fitting, reasons = [], []
    for grid in grids:
        try:
            table = _mapped(grid, kind, choices, kept)
        except ValidationError as error:
            reasons.append((grid, str(error)))
            continue
        if problems := mapping_problems(table.found, kind, table.name):
            try:
                refuse(problems, path.name, grid.sheet)
            except ValidationError as error:
                error.add_note("\n".join(["Columns:", *_described(table, kind, choices)]))
                reasons.append((grid, str(error)))
                if len(grids) == 1:
                    raise
            continue
        fitting.append(table)
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        told = "\n".join(reason for _, reason in reasons)
        raise ValidationError(told if len(reasons) == 1 else f"{path.name}: none of {len(grids)} sheets fits.\n{told}")
    names = ", ".join(shown(table.layout.grid.sheet) for table in fitting)
    raise ValidationError(f"{path.name}: {len(fitting)} sheets can be {kind.name}: {names}. Say which by --sheet.")


def _mapped(grid: Grid, kind: Kind, choices: Choices, kept: Kept | None) -> _Table:
    namer = _namer(kind, frozenset(), "")
    year = choices.year
    name = kind.table(year)
    layout = find_table(grid, namer.is_place if kind.level else None, lambda text: bool(guess(text, kind, name)[0]))
    if kind.name == "census" and year is None:
        name = kind.table(layout.year)
        if name not in kind.tables:
            raise ValidationError(
                f"{grid.file}: censuses are those of 2010 and 2020, not {layout.year}. Say --year 2020."
            )
    reused = ""
    if kept is None:
        kept, reused = _kept_before(layout, kind)
    earlier = kept.columns if kept else {}
    wishes = {**{head: replace(wish, by="as the mapping says") for head, wish in earlier.items()}, **choices.wishes}
    if kept is not None:
        heads = {text for column in layout.columns for text in (column.head, column.stem)}
        wishes = {head: wish for head, wish in wishes.items() if wish.to != "-" or head in heads}
    if year is not None and layout.year not in (None, year):
        raise ValidationError(f"{grid.file}: --year {year}, but the lines above say {layout.year}. Leave --year out.")
    found = map_columns(layout, kind, name, wishes, choices.unit)
    aside = tuple(dict.fromkeys([*(kept.aside if kept else ()), *choices.aside]))
    province = choices.province or (kept.province if kept else "")
    given = {head: wish for head, wish in wishes.items() if wish.unit}
    return _Table(layout, found, kept_of(found, kind, aside, province, grid.sheet, given), name, reused)


def _kept_before(layout: Layout, kind: Kind) -> tuple[Kept | None, str]:
    """The mapping of the last import of a file of this kind and shape, and what is said of it."""
    folder = sources.own_folder()
    for entry in reversed(imported.read_register(folder)):
        for part in sorted(entry.sums):
            if entry.kind == kind.name and part.endswith(".mapping.toml"):
                kept = read_mapping(folder / part)
                if fits(kept, layout):
                    return (
                        kept,
                        f"The mapping of import {entry.number} ({entry.source}) is used again: the heads are the same.",
                    )
    return None, ""


def _described(table: _Table, kind: Kind, choices: Choices) -> list[str]:
    elsewhere = year_elsewhere(table.layout, choices.year, table.name) if kind.level else None
    return described(table.found, table.layout, elsewhere)


def _namer(kind: Kind, known: frozenset[str], province: str) -> Namer:
    places = load_places()
    return Namer(places, kind.level, known, places.province(province).code if province else "")


def _take(chosen: _Table, kind: Kind, choices: Choices) -> Taken:
    layout = chosen.layout
    if not kind.level:
        return rows.take_rows(layout, chosen.found, chosen.name, _finder())
    known = frozenset(load_table(chosen.name, corrected=False)["code"].dropna())
    namer = _namer(kind, known, chosen.kept.province)
    if not namer.province:
        for line in layout.above:
            namer.title(line)
    year, _ = year_elsewhere(layout, choices.year, chosen.name)
    taken = rows.take_places(layout, chosen.found, kind, chosen.name, namer, year, chosen.kept.aside)
    borne = {name for _, name, why in taken.aside if why == rows.SET_ASIDE}
    if missing := [name for name in choices.aside if plain(name) not in borne]:
        raise ParameterError(
            f"No row bears the name {shown(missing[0])} that --aside gives. Write it as the file does."
        )
    return taken


def _finder() -> Callable[[str], str]:
    """Gives the code of a county, prefecture or province by code or name."""
    places = load_places()

    @lru_cache(maxsize=10_000)
    def find(text: str) -> str:
        try:
            return places.place(text).code
        except UnknownPlaceError as error:
            if re.fullmatch(r"[0-9]{6}", text):
                return text  # the codes of the table's own are looked at with the table
            raise NoNumberError(str(error)) from error

    return find


def _slips(
    chosen: _Table, kind: Kind, taken: Taken, base: pd.DataFrame, may_replace: bool
) -> tuple[list[Problem], list[str]]:
    """Figures in another unit than they are said to be, or far from those that are there, and how far these are."""
    if not kind.level:
        return keyed.wrong_rows(chosen.name, taken.frame, base, _finder()), []
    targets = {target.column: target for target in all_targets(kind, chosen.name)}
    found = merging.shares_of_one(taken.frame, chosen.found, targets)
    if kind.name == "census":
        return [*found, *merging.slips_of_census(taken.frame, base)], []
    asked = taken.frame, load_table(chosen.name), base, chosen.found, targets
    found += [*merging.slips_of_unit(*asked), *comparing.scales_of_shares(*asked)]
    lines, far = comparing.far_from_published(*asked)
    return [*found, *([] if may_replace or found else far)], lines


def _merge(chosen: _Table, kind: Kind, taken: Taken, base: pd.DataFrame) -> merging.Merged:
    if kind.name == "census":
        known = set(base.loc[base["is_county"], "code"].dropna())
        wrong = [
            Problem("the census has no such county; leave the row out", int(row["source_row"]), "", row["code"])
            for row in taken.frame.to_dict("records")
            if row["code"] not in known
        ]
        refuse(wrong, chosen.layout.grid.file, chosen.layout.grid.sheet)
        return merging.merge_census(taken.frame.drop(columns="source_row"), base)
    return (
        merging.merge_years(kind, taken.frame, base)
        if kind.level
        else merging.merge_keys(chosen.name, taken.frame, base)
    )


def _csv(table: pd.DataFrame) -> bytes:
    """A table as it is kept: whole numbers of columns that may be empty without a point."""
    text = table.copy()
    for name in text.select_dtypes(include="float"):
        text[name] = [_number_text(value) for value in text[name]]
    stream = io.StringIO()
    text.to_csv(stream, index=False, lineterminator="\n")
    return stream.getvalue().encode("utf-8")


def _number_text(value: Any) -> str:
    return (
        ""
        if pd.isna(value)
        else f"{value:.0f}"
        if float(value).is_integer() and abs(value) < 1e15
        else repr(float(value))
    )


def _require_valid(path: Path, chosen: _Table, taken: Taken, target: Path) -> None:
    """Read what was staged as every table of a user's own is read, and as the studies that use it check it.

    Raises
    ------
    ShanhaiError
        As they say it, with the row of the file behind each key.
    """
    try:
        frame = load_own_table(chosen.name, target)
        if chosen.name == "claims":
            claims_from(frame)
        if chosen.name == "collaboration":
            check_collaboration(frame, load_table("collaboration_indicators"), load_table("pairings"))
    except ShanhaiError as error:
        message = str(error).replace(target.name, path.name)
        raise type(error)(_with_rows(message, taken, chosen.layout.grid)) from error


def _with_rows(message: str, taken: Taken, grid: Grid) -> str:
    """A message in which the row of the file stands behind the key of each of its figures."""
    if "code" not in taken.frame or "year" not in taken.frame:
        return message
    sheet = f"sheet {shown(grid.sheet)}, " if grid.sheet else ""

    def place(match: re.Match[str]) -> str:
        found = taken.frame.loc[taken.frame["code"].eq(match[1]) & taken.frame["year"].eq(int(match[2])), "source_row"]
        if found.empty:
            return match[0]
        row = int(found.iloc[0])
        return f"{match[0]} ({sheet}row {row}, {taken.names.get(row, match[1])})"

    return re.sub(r"code=(\d{6});year=(\d{4})", place, message)


def _shown(taken: Taken) -> list[str]:
    """First rows, what was set aside and what was noted, as lines."""
    lines = []
    if not taken.frame.empty:
        first = min(_FIRST_ROWS, len(taken.frame))
        lines.append(f"First {first} of {len(taken.frame)} rows, in the units of the table:")
        text = taken.frame.drop(columns="source_row").head(_FIRST_ROWS).to_csv(index=False).splitlines()
        lines += [harmless(f"  {line}") for line in text]
    if taken.aside:
        lines += [f"Left out, rows: {len(taken.aside)}", *rows.aside_lines(taken)]
    if taken.notes:
        more = [f"  and {len(taken.notes) - _NOTES} more"] if len(taken.notes) > _NOTES else []
        lines += [
            "Names read as those of other writings or years:",
            *(f"  {note}" for note in taken.notes[:_NOTES]),
            *more,
        ]
    return lines
