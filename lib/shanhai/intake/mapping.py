"""Which column of a file becomes which of ours: guessed with a reason, corrected by the user, kept for next year."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from shanhai.core import sources
from shanhai.core.errors import ParameterError, ValidationError
from shanhai.intake.cells import Unit, unit_of_head, units_in, without_unit
from shanhai.intake.kinds import ROLES, Kind, Target, all_targets, guess, no_figure_of_year
from shanhai.intake.layout import Column, Layout
from shanhai.intake.problems import Problem, shown

UNUSED: Final = "-"
"""What a column is mapped to that is not taken over."""


@dataclass(frozen=True)
class Source:
    """What one column of a file means."""

    column: Column
    to: str
    """Column of ours, a role (place, code, year, province, prefecture), or ``-``."""
    unit: Unit | None
    reason: str
    """Why, in words."""

    @property
    def year(self) -> int | None:
        return self.column.year


@dataclass(frozen=True)
class Wish:
    """What a user says a column means."""

    to: str
    unit: str = ""
    by: str = field(default="as you say", compare=False)
    """Who says it, as the preview gives the reason."""


@dataclass(frozen=True)
class Kept:
    """A mapping as a file holds it."""

    kind: str
    columns: Mapping[str, Wish]
    """By head without its year."""
    aside: tuple[str, ...] = ()
    province: str = ""
    sheet: str = ""


def wishes_of(texts: Iterable[str]) -> dict[str, Wish]:
    """What ``--map`` says: HEAD=COLUMN or HEAD=COLUMN:UNIT.

    Raises
    ------
    ParameterError
        If a text has no sign of equality, or a head is named twice.

    Examples
    --------
    >>> wishes_of(["产值=gdp_10k_yuan:亿元"])
    {'产值': Wish(to='gdp_10k_yuan', unit='亿元')}
    """
    found: dict[str, Wish] = {}
    for text in texts:
        head, sign, rest = text.rpartition("=")
        to, _, unit = rest.partition(":")
        if not sign or not head.strip() or not to.strip():
            raise ParameterError(
                f"--map {shown(text)}: write HEAD=COLUMN or HEAD=COLUMN:UNIT, as 产值=gdp_10k_yuan:亿元."
            )
        if head.strip() in found:
            raise ParameterError(f"--map names {shown(head.strip())} twice; give each column one meaning.")
        found[head.strip()] = Wish(to.strip(), unit.strip())
    return found


def read_mapping(path: Path) -> Kept:
    """A mapping that an import saved, or a user wrote.

    Raises
    ------
    ValidationError
        If it is no TOML of this form.
    """
    if not path.is_file():
        raise ValidationError(f"There is no mapping {path}. Correct the path.")
    try:
        read: dict[str, Any] = tomllib.loads(sources.read_text(path, ValidationError))
        if unknown := sorted(set(read) - {"as", "sheet", "province", "aside", "column"}):
            raise ValidationError(
                f"{path.name} has the unknown entries {unknown}; allowed: as, sheet, province, aside, column."
            )
        if not isinstance(read["column"], list):
            raise TypeError("column is no list of tables")
        columns = {str(entry["head"]): Wish(str(entry["to"]), str(entry.get("unit", ""))) for entry in read["column"]}
        aside = tuple(str(name) for name in read.get("aside", ()))
        return Kept(str(read["as"]), columns, aside, str(read.get("province", "")), str(read.get("sheet", "")))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise ValidationError(
            f"{path.name} is no mapping ({error}). It needs `as = ...` and for each column [[column]] with head and to;"
            " take one that an import saved."
        ) from error


def written(kept: Kept) -> str:
    """A mapping as TOML; texts are quoted as JSON, whose strings TOML reads alike."""
    lines = [f"as = {_quoted(kept.kind)}"]
    lines += [f"sheet = {_quoted(kept.sheet)}"] if kept.sheet else []
    lines += [f"province = {_quoted(kept.province)}"] if kept.province else []
    lines += [f"aside = [{', '.join(map(_quoted, kept.aside))}]"] if kept.aside else []
    for head, wish in kept.columns.items():
        lines += ["", "[[column]]", f"head = {_quoted(head)}", f"to = {_quoted(wish.to)}"]
        lines += [f"unit = {_quoted(wish.unit)}"] if wish.unit else []
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def map_columns(
    layout: Layout, kind: Kind, table: str, wishes: Mapping[str, Wish], unit: str = ""
) -> tuple[Source, ...]:
    """The meaning of every column of a table.

    Parameters
    ----------
    layout : Layout
    kind, table : what the file becomes.
    wishes : what the user says of columns, by head, head without its year, or letter of the column.
    unit : of all columns of money whose head names none, where the user gives it.

    Raises
    ------
    ParameterError
        If a wish names a column that the file or the table does not have, or a unit that is not known.
    """
    _require_known(layout, kind, table, wishes)
    targets = {target.column: target for target in all_targets(kind, table)}
    general = _unit(unit) if unit else None
    return tuple(_source(column, layout, kind, table, targets, wishes, general) for column in layout.columns)


def _source(
    column: Column,
    layout: Layout,
    kind: Kind,
    table: str,
    targets: Mapping[str, Target],
    wishes: Mapping[str, Wish],
    general: Unit | None,
) -> Source:
    wish = wishes.get(column.head) or wishes.get(column.stem)
    if wish is not None:
        to, reason = wish.to, wish.by
    elif column.stem or column.year is None:
        to, reason = _guessed(column, kind, table)
    else:
        to, reason = _of_title(layout, kind)
    target = targets.get(to)
    if not to and kind.targets and (words := no_figure_of_year(column.head)):
        return Source(column, UNUSED, None, f"{shown(words)} in the head: no figures of a whole year at current prices")
    if target is None or not target.dimension:
        return Source(column, to or UNUSED, None, reason or "no column of the table goes by this head")
    found, why = _unit_for(column, target, layout, wish, general)
    return Source(column, to, found, f"{reason}; {why}")


_TOTALS: Final = ("总额", "总量", "绝对数", "绝对额", "绝对值", "总值", "总计", "全市", "全县", "total")
"""Lower heads of the figure that the upper one names."""


def _of_title(layout: Layout, kind: Kind) -> tuple[str, str]:
    """What the lines above say of columns whose heads are years alone."""
    title = without_unit(" ".join(layout.above))
    meant = [target for target in kind.targets if target.heads and re.search(target.heads, title)]
    if any(target.per_head for target in meant):  # its name holds that of the total
        meant = [target for target in meant if target.per_head]
    return (meant[0].column, "the heads are years; a line above names it") if len(meant) == 1 else ("", "")


def _guessed(column: Column, kind: Kind, table: str) -> tuple[str, str]:
    to, reason = guess(column.stem, kind, table)
    if to:
        return to, reason
    parts = column.stem.split()  # heads of two rows: the lower one alone may say it, or the upper one
    meanings = {guess(part, kind, table)[0] for part in [*parts, "".join(parts)]} - {""}
    if column.year is None and len(meanings) > 1:
        meanings -= set(ROLES)
    joined = guess("".join(parts), kind, table)
    if joined[0]:
        return joined
    is_total = len(parts) == 2 and without_unit(parts[1]) in _TOTALS
    if is_total and (upper := guess(parts[0], kind, table))[0]:
        return upper
    lower = guess(parts[-1], kind, table) if parts else ("", "")
    if lower[0] and lower[0] not in ROLES and len(meanings) <= 2:
        return lower
    return "", ""


def _unit_for(
    column: Column, target: Target, layout: Layout, wish: Wish | None, general: Unit | None
) -> tuple[Unit | None, str]:
    """Unit of a column of figures, and where it is said."""
    if wish is not None and wish.unit:
        return _unit(wish.unit), f"unit {wish.by}, {wish.unit}"
    if column.head == target.column or column.stem == target.column:
        return Unit(target.dimension, target.factor, "ours", target.per_head), "in the unit of the column"
    own = unit_of_head(column.head)
    if own is not None:
        return own, f"unit in the head, {own.text}"
    if target.dimension == "people" and (counted := re.search(r"[百千万萬亿]人", column.head)):
        return _unit(counted[0]), f"unit in the head, {counted[0]}"
    named = [unit for unit in layout.units if unit.dimension in (target.dimension, "unknown")]
    fitting = [unit for unit in named if unit.per_head == target.per_head] or [
        unit for unit in named if target.per_head
    ]
    if len({unit.factor for unit in fitting}) == 1:
        return fitting[0], f"unit in a line above, {fitting[0].text}"
    if general is not None and general.dimension == target.dimension:
        return general, f"unit by --unit, {general.text}"
    if target.dimension == "share":
        return Unit("share", 1.0, "%"), "read as percent"
    if target.dimension == "people":
        return Unit("people", 1.0, "人"), "read as persons"
    return None, "no unit is given"


def _unit(text: str) -> Unit:
    found = units_in(text)
    if len(found) != 1 or found[0].dimension == "unknown":
        raise ParameterError(
            f"The unit {shown(text)} is not known; allowed: 元, 万元, 亿元, yuan, 人, 万人, %. Write one."
        )
    return found[0]


def _require_known(layout: Layout, kind: Kind, table: str, wishes: Mapping[str, Wish]) -> None:
    heads = {name for column in layout.columns for name in (column.head, column.stem) if name}
    allowed = [UNUSED, *(ROLES if kind.level else ()), *(target.column for target in all_targets(kind, table))]
    for head, wish in wishes.items():
        if head not in heads:
            near = get_close_matches(head, sorted(heads), n=3, cutoff=0.4)
            raise ParameterError(
                f"No column has the head {shown(head)}; near: {_named(near)}; heads: {_named(sorted(heads)[:40])}."
                " Write one of these."
            )
        if wish.to not in allowed:
            near = get_close_matches(wish.to, allowed, n=3, cutoff=0.4)
            raise ParameterError(
                f"{shown(head)} is to become {shown(wish.to)}, which table {table!r} does not have; near:"
                f" {_named(near)}; allowed: {', '.join(allowed)}. Write one of these."
            )


def _named(names: Sequence[str]) -> str:
    return ", ".join(map(shown, names)) or "-"


def mapping_problems(found: Sequence[Source], kind: Kind, table: str) -> list[Problem]:
    """What stops a mapping: nothing mapped, two columns for one, units that are not said or not right."""
    targets = {target.column: target for target in all_targets(kind, table)}
    problems = []
    counts = Counter((source.to, source.year) for source in found if source.to != UNUSED)
    for (to, year), count in counts.items():
        if count > 1:
            heads = [source.column.label for source in found if (source.to, source.year) == (to, year)]
            rule = f"{count} columns would become {to}: {heads}; say which by --map, and give the others the meaning -"
            problems.append(Problem(rule, column=heads[0]))
    for source in found:
        target = targets.get(source.to)
        if target is not None and target.dimension:
            problems += _unit_problems(source, target)
        if target is not None and not target.dimension and re.search(r"[百千万萬亿][户戶]", source.column.head):
            rule = f"{source.to} counts households one by one; convert the figures"
            problems.append(Problem(rule, column=source.column.label))
        if target is not None and kind.targets and (words := no_figure_of_year(source.column.head)):
            rule = (
                f"{shown(words)} says that it holds no figures of a whole year at current prices; leave the column out"
            )
            problems.append(Problem(rule, column=source.column.label))
    filled = [source for source in found if source.to in targets]
    if not filled:
        heads = [source.column.label for source in found]
        refused = [text for text in map(no_figure_of_year, heads) if text] if kind.targets else []
        near = [target.column for target in targets.values() if target.dimension] or list(targets)
        head = next((source.column.label for source in found if source.to == UNUSED), heads[0])
        rule = f'no column of {table} is found among the heads {heads}; say what they are, as --map "{head}={near[0]}"'
        if refused:
            rule = f"{refused} in the heads say that no column holds figures of a whole year at current prices"
        problems.append(Problem(rule))
    if kind.level and not any(source.to in ("place", "code") for source in found):
        problems.append(Problem('no column names the places; say which does, as --map "HEAD=place"'))
    return problems


def _unit_problems(source: Source, target: Target) -> list[Problem]:
    unit, label = source.unit, source.column.label
    if unit is None:
        rule = f'no unit is given; say it, as --map "{label}={source.to}:万元", or --unit 万元'
        return [Problem(rule, column=label)]
    if unit.dimension != target.dimension:
        rule = (
            f"the unit {unit.text} is none of {target.dimension}, which {source.to} needs; convert it, or leave it out"
        )
        return [Problem(rule, column=label)]
    return []


def kept_of(
    found: Sequence[Source], kind: Kind, aside: Sequence[str], province: str, sheet: str, given: Mapping[str, Wish]
) -> Kept:
    """A mapping to be saved: every column by its head without year, with the unit where the user gave it.

    A unit that the file itself says is read there again: the next year's file may be in another one.
    """
    columns = {}
    for source in found:
        if stem := source.column.stem:
            wish = given.get(source.column.head) or given.get(stem)
            columns[stem] = Wish(source.to, wish.unit if wish else "")
    return Kept(kind.name, columns, tuple(aside), province, sheet)


def fits(kept: Kept, layout: Layout) -> bool:
    """Whether a file has the shape of the one that a mapping was made for: the same heads but for years."""
    return set(kept.columns) == {column.stem for column in layout.columns if column.stem}


def year_elsewhere(layout: Layout, given: int | None, table: str) -> tuple[int | None, str]:
    """Year of figures of which neither head nor row says it, and where it is said.

    Parameters
    ----------
    layout : Layout
    given : year that the user says.
    table : table of the project; of a census it names the year.
    """
    if given:
        return given, "year as you say"
    if layout.year_line:
        return layout.year, f"year in a line above, {shown(layout.year_line)}"
    if layout.year:
        return layout.year, "year in the name of the sheet"
    if table.startswith("census_"):
        return int(table[-4:]), "year of the newest census"
    return None, "no year is said"


def described(found: Sequence[Source], layout: Layout, elsewhere: tuple[int | None, str] | None) -> list[str]:
    """A mapping as lines: head, meaning, unit, year, reason, and how many cells hold results of formulas.

    Parameters
    ----------
    found, layout : meaning of the columns of a table.
    elsewhere : as :func:`year_elsewhere` gives it; None for tables whose figures are not those of years.
    """
    lines = []
    by_row = next((source.column.label for source in found if source.to == "year"), None)
    for source in found:
        unit = f" in {source.unit.text}" if source.unit and source.unit.text != "ours" else ""
        year, reason = f"{source.year or ''}", source.reason
        if elsewhere and source.to not in (UNUSED, *ROLES):
            if source.year:
                said = "year in the head"
            elif by_row is not None:
                year, said = "year by row", f"year in the column {shown(by_row)}"
            else:
                year, said = f"{elsewhere[0] or ''}", elsewhere[1]
            reason = f"{reason}; {said}"
        to = "not used" if source.to == UNUSED else f"{source.to}{unit}{f', {year}' if year else ''}"
        lines.append(f"  {shown(source.column.label)} -> {to} ({reason})")
        computed = sum((row, source.column.index) in layout.grid.formulas for row, _ in layout.rows)
        if computed and source.to != UNUSED:
            lines.append(
                f"    formulas in {computed} of {len(layout.rows)} cells: read as the values stored when the file was"
                " last saved; nothing is computed here"
            )
    return lines
