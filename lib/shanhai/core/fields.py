"""The data dictionary: one row of ``data/dictionary.csv`` a column, from which schemas and metadata are generated.

``data/frame_dictionary.csv`` describes the county frame and what studies compute from it, and is the one place where
the labels of these columns are written: a short one for tables and axes, a title for maps, and the printed unit, in
English and Chinese. A column that carries a year is written once, as ``gdp_per_capita_{year}``; ``{grid}`` in a label
is the grid of heights that terrain was measured on.

Types are ``code`` (six digits, text), ``text``, ``integer``, ``number`` and ``boolean``. In a frame a required integer
is ``int64``; an integer that may be missing is ``float64`` holding whole numbers, so that missing is NaN everywhere.
"""

import csv
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from shanhai.core import sources
from shanhai.core.errors import SpecificationError, UnknownTableError, ValidationError
from shanhai.core.paths import DATA

if TYPE_CHECKING:
    import pandera.pandas as pa  # imported where it is used: most processes read tables that were validated before

_FieldType = Literal["code", "text", "integer", "number", "boolean"]

DICTIONARY = DATA / "dictionary.csv"
FRAME_DICTIONARY = DATA / "frame_dictionary.csv"

Pair = tuple[str, str]
"""English and Chinese."""

DICTIONARY_COLUMNS = (
    "table",
    "column",
    "type",
    "unit",
    "minimum",
    "maximum",
    "allowed",
    "nullable",
    "key",
    "english",
    "chinese",
)

_LABEL_COLUMNS = ("short_english", "short_chinese", "title_english", "title_chinese", "unit_english", "unit_chinese")
"""Further columns of the dictionary of the county frame."""

_GRID = ("on a 9-km grid", "9千米网格")
"""The bundled grid of 5 arc-minutes: 9.3 km from north to south, 8 km from west to east at 30 degrees north."""

COMPUTED = "derived"
"""What that dictionary calls the table of the columns that studies compute from the county frame."""


@dataclass(frozen=True)
class Field:
    """One column of one table."""

    table: str
    column: str
    type: _FieldType
    unit: str
    """Unit of the figures; empty for names, codes and truth values."""
    minimum: float | None
    maximum: float | None
    allowed: tuple[str, ...]
    """Closed list of values of a text column; empty if any text is allowed."""
    nullable: bool
    key: bool
    """Whether the column is part of the primary key of its table."""
    english: str
    """What the column holds."""
    chinese: str
    short: Pair = ("", "")
    """Label in tables and on axes, without the unit."""
    title: Pair = ("", "")
    """Label over maps, without the unit."""
    printed_unit: Pair = ("", "")
    """Unit as it is printed; empty if the labels say it, or there is none."""

    @property
    def dtype(self) -> str:
        """Name of the pandas dtype in a loaded frame."""
        if self.type == "integer":
            return "float64" if self.nullable else "int64"
        if self.type == "boolean":
            return "boolean" if self.nullable else "bool"
        return "float64" if self.type == "number" else "str"


def _read_dictionary(path: Path = DICTIONARY) -> tuple[Field, ...]:
    """All fields of the project, in the order of the file: by table, then as the columns stand.

    Read once per state of the file; one that the registry lists is verified like every other.

    Raises
    ------
    ChecksumError
        If it is not the file of the registry.
    ValidationError
        If a row of the dictionary is malformed; the message names the table and column.
    """
    if any(source.path == path for source in sources.read_registry()):
        sources.verify(path.stem)
    return _fields_in(path, sources.state(path))


@lru_cache(maxsize=8)
def _fields_in(path: Path, state: sources.State) -> tuple[Field, ...]:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    if rows and tuple(rows[0]) not in (DICTIONARY_COLUMNS, (*DICTIONARY_COLUMNS, *_LABEL_COLUMNS)):
        raise ValidationError(f"{path.name} has the columns {list(rows[0])}; it needs {list(DICTIONARY_COLUMNS)}.")
    return tuple(_field(row) for row in rows)


def _field(row: dict[str, str]) -> Field:
    where = f"{row['table']}.{row['column']}"
    if row["type"] not in get_args(_FieldType):
        raise ValidationError(f"{where}: type {row['type']!r} is none of {list(get_args(_FieldType))}.")
    for name in ("nullable", "key"):
        if row[name] not in ("true", "false"):
            raise ValidationError(f"{where}: {name} is {row[name]!r}; write true or false.")
    if not row["english"] or not row["chinese"]:
        raise ValidationError(f"{where}: say in english and in chinese what the column means.")
    return Field(
        table=row["table"],
        column=row["column"],
        type=row["type"],  # type: ignore[arg-type]  # checked above
        unit=row["unit"],
        minimum=float(row["minimum"]) if row["minimum"] else None,
        maximum=float(row["maximum"]) if row["maximum"] else None,
        allowed=tuple(row["allowed"].split(";")) if row["allowed"] else (),
        nullable=row["nullable"] == "true",
        key=row["key"] == "true",
        english=row["english"],
        chinese=row["chinese"],
        short=_pair(row, "short", where),
        title=_pair(row, "title", where),
        printed_unit=_pair(row, "unit", where),
    )


def _pair(row: dict[str, str], kind: str, where: str) -> Pair:
    """Label of a kind in both languages, or in none."""
    pair = row.get(f"{kind}_english", ""), row.get(f"{kind}_chinese", "")
    if any(pair) and not all(pair):
        raise ValidationError(f"{where}: {kind} is {pair}; write it in English and in Chinese, or in neither.")
    return pair


def field_of(column: str) -> Field:
    """Description of a column of the county frame, or of one computed from it, its years filled in.

    Parameters
    ----------
    column : str
        As in the frame: ``"relief_m"``, ``"gdp_per_capita_2023"``.

    Raises
    ------
    SpecificationError
        If the dictionary describes no such column.

    Examples
    --------
    >>> field_of("gdp_per_capita_2023").title
    ('GDP per head, 2023', '2023年人均地区生产总值')
    """
    field, years = _described(column)
    return replace(
        field,
        column=column,
        english=field.english.format(**years),
        chinese=field.chinese.format(**years),
        short=_filled(field.short, years),
        title=_filled(field.title, years),
    )


def label_of(column: str, *, unit: bool = True, year: bool = True) -> Pair:
    """Short label of a column of the county frame, of one computed from it, or of a transformation of one.

    Parameters
    ----------
    column : str
        As in the frame; ``log_`` before it for its logarithm, ``z_`` for standard deviations.
    unit : bool
        Whether the unit of measure stands behind it.
    year : bool
        Whether it names the year of the column; a table that says the year elsewhere leaves it out.

    Raises
    ------
    SpecificationError
        If the dictionary describes no such column, or gives it no label.

    Examples
    --------
    >>> label_of("log_gdp_per_capita_2023")
    ('log GDP per head 2023 (yuan)', '2023年人均GDP（元，对数）')
    >>> label_of("z_ruggedness")
    ('ruggedness on a 9-km grid (1 SD)', '9千米网格地形崎岖度（1个标准差）')
    >>> label_of("lights_per_km2_2021", year=False)
    ('night light per km²', '每平方千米夜间灯光')
    """
    form = next((form for form in ("log_", "z_") if column.startswith(form)), "")
    field, years = _described(column.removeprefix(form))
    if not all(field.short):
        raise SpecificationError(
            f"Column {column!r} has no label; write short_english and short_chinese in its row of {_where()}."
        )
    template = field.short if year else (field.short[0].replace(" {year}", ""), field.short[1].replace("{year}年", ""))
    english, chinese = _filled(template, years)
    measure = field.printed_unit if unit else ("", "")
    if form == "z_":
        measure = ("1 SD", "1个标准差")
    elif form == "log_":
        english, measure = f"log {english}", (measure[0], "，".join(filter(None, (measure[1], "对数"))))
    return english + (f" ({measure[0]})" if measure[0] else ""), chinese + (f"（{measure[1]}）" if measure[1] else "")


def title_of(column: str) -> Pair:
    """Long label of a column, as maps and reports print it, without its unit (``field_of(column).printed_unit``).

    Raises
    ------
    SpecificationError
        If the dictionary describes no such column, or gives it no title.
    """
    field = field_of(column)
    if not all(field.title):
        raise SpecificationError(
            f"Column {column!r} has no title; write title_english and title_chinese in its row of {_where()}."
        )
    return field.title


def is_described(column: str) -> bool:
    """Whether :func:`field_of` knows a column."""
    return _found(column) is not None


def _described(column: str) -> tuple[Field, dict[str, str]]:
    """The row of the dictionary that describes a column, and the years in its name."""
    if (found := _found(column)) is not None:
        return found
    fields = _read_dictionary(FRAME_DICTIONARY)
    raise SpecificationError(
        f"There is no column {column!r} in the county frame; its dictionary describes "
        f"{', '.join(field.column for field in fields)}. Choose one of these, or add a row to {_where()}."
    )


def _found(column: str) -> tuple[Field, dict[str, str]] | None:
    for field in _read_dictionary(FRAME_DICTIONARY):
        match = re.fullmatch(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[0-9]{4})", re.escape(field.column)), column)
        if match:
            return field, match.groupdict() or {"year": column[-4:]}
    return None


def _filled(texts: Pair, years: Mapping[str, str]) -> Pair:
    """Both languages of a text with the years and the grid that they name."""
    english, chinese = terrain_grid() if "{grid}" in texts[0] else ("", "")
    return texts[0].format(**years, grid=english), texts[1].format(**years, grid=chinese)


def terrain_grid() -> Pair:
    """The grid of heights behind relief, slope and ruggedness, which all depend on the width of its cells.

    Examples
    --------
    >>> terrain_grid()
    ('on a 9-km grid', '9千米网格')
    """
    return ("on a grid of one's own", "自备网格") if sources.is_replaced("county_terrain") else _GRID


def _where() -> str:
    """Name of the dictionary of the county frame in messages."""
    return f"{FRAME_DICTIONARY.parent.name}/{FRAME_DICTIONARY.name}"


def table_names() -> tuple[str, ...]:
    """Sorted names of all tables of the dictionary."""
    return tuple(sorted({field.table for field in _read_dictionary()}))


def fields_of(table: str) -> tuple[Field, ...]:
    """Fields of a table in the order of its columns.

    Raises
    ------
    UnknownTableError
        If the dictionary has no such table.
    """
    found = tuple(field for field in _read_dictionary() if field.table == table)
    if not found:
        raise UnknownTableError(f"There is no table {table!r}; the dictionary lists {list(table_names())}.")
    return found


def key_of(table: str) -> tuple[str, ...]:
    """Columns of the primary key of a table."""
    return tuple(field.column for field in fields_of(table) if field.key)


def dtypes(fields: Sequence[Field]) -> dict[str, str]:
    """Pandas dtype by column, as :func:`pandas.read_csv` takes them."""
    return {field.column: field.dtype for field in fields}


def _build_schema(fields: Sequence[Field]) -> "pa.DataFrameSchema":
    """Pandera schema of a table: types, ranges, closed lists, required values, unique primary key, no other columns."""
    import pandera.pandas as pa

    return pa.DataFrameSchema(
        {field.column: _column(field) for field in fields},
        unique=[field.column for field in fields if field.key] or None,
        strict=True,
        ordered=True,
        name=fields[0].table,
    )


def _column(field: Field) -> "pa.Column":
    import pandera.pandas as pa

    checks = []
    if field.type == "code":
        checks.append(pa.Check(_is_code, name="six_digits", error="has not six digits"))
    if field.minimum is not None:
        checks.append(pa.Check.ge(field.minimum))
    if field.maximum is not None:
        checks.append(pa.Check.le(field.maximum))
    if field.allowed:
        checks.append(pa.Check.isin(field.allowed))
    if field.type == "integer" and field.nullable:
        checks.append(pa.Check(_is_whole, name="whole_number", error="is no whole number"))
    return pa.Column(field.dtype, checks=checks, nullable=field.nullable)


def _is_code(values: pd.Series) -> pd.Series:
    """Six digits, none of full width; long tables repeat few codes, so each is looked at once."""
    codes = pd.Series(values.unique())
    return ~values.isin(codes[~codes.str.fullmatch(r"[0-9]{6}")])


def _is_whole(values: pd.Series) -> pd.Series:
    return pd.Series(np.mod(values, 1) == 0, index=values.index)


def validate(
    table: str, frame: pd.DataFrame, fields: Sequence[Field] | None = None, dictionary: Path = DICTIONARY
) -> pd.DataFrame:
    """Check a frame against the dictionary and return it unchanged.

    Parameters
    ----------
    table : what the message calls the frame.
    fields : of the frame; those that the dictionary gives the table, if left out.
    dictionary : file that these fields come from.

    Raises
    ------
    ValidationError
        Naming the table, the dictionary, and the first offending values with row, column and broken check.
    """
    import pandera.pandas as pa

    try:
        return _build_schema(fields or fields_of(table)).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases.drop_duplicates(["column", "check", "index"])
        named = [field.column for field in fields or fields_of(table) if field.key and field.column in frame.columns]
        shown = "\n".join(_case(case, frame, named) for case in cases.head(10).to_dict("records"))
        raise ValidationError(
            f"Table {table!r} breaks the data dictionary in {len(cases)} places; first of them:\n{shown}\n"
            f"Correct the values. What is allowed stands in {dictionary.parent.name}/{dictionary.name}."
        ) from error


def _case(case: Mapping[Hashable, Any], frame: pd.DataFrame, key: Sequence[str]) -> str:
    """One broken check: the row by its key, the column, the value and the rule."""
    what = f"{case['column']} = {case['failure_case']!r} breaks {case['check']}{_unit_hint(case)}"
    if pd.isna(case["index"]):
        return f"  {what}"
    row = frame.loc[case["index"]]
    return f"  {';'.join(f'{name}={row[name]}' for name in key)}: {what}"


def _unit_hint(case: Mapping[Hashable, Any]) -> str:
    """What to look at where money is above its limit and would be within it in the next larger unit in print."""
    unit, value = _MONEY.search(str(case["column"])), case["failure_case"]
    limit = re.fullmatch(r"less_than_or_equal_to\((.+)\)", str(case["check"]))
    if not (unit and limit and isinstance(value, float | int) and value / 10_000 <= float(limit[1])):
        return ""
    return f"; it may be in another unit, since a ten-thousandth of it is within: this column is in {_UNITS[unit[1]]}"


_MONEY = re.compile(r"_(10k_|100m_|)yuan$")

_UNITS = {"": "yuan", "10k_": "10,000 yuan", "100m_": "100 million yuan"}


def frictionless_resource(fields: Sequence[Field]) -> dict[str, Any]:
    """Table schema of the Frictionless standard for one table, with English and 中文 descriptions."""
    key = [field.column for field in fields if field.key]
    # The standard allows no blanks in a primary key; a unique key may have them.
    required = not any(field.key and field.nullable for field in fields)
    unique: dict[str, Any] = {"primaryKey": key} if required else {"uniqueKeys": [key]}
    return {"fields": [_frictionless_field(field) for field in fields], "missingValues": [""], **unique}


def _frictionless_field(field: Field) -> dict[str, Any]:
    types = {"code": "string", "text": "string"}
    constraints: dict[str, Any] = {"required": not field.nullable}
    if field.type == "code":
        constraints["pattern"] = r"\d{6}"
    if field.minimum is not None:
        constraints["minimum"] = _short(field.minimum)
    if field.maximum is not None:
        constraints["maximum"] = _short(field.maximum)
    if field.allowed:
        constraints["enum"] = list(field.allowed)
    described: dict[str, Any] = {
        "name": field.column,
        "type": types.get(field.type, field.type),
        "title": field.english,
        "description": field.chinese,
        "constraints": constraints,
    }
    if field.unit:
        described["unit"] = field.unit
    return described


def _short(value: float) -> float | int:
    return int(value) if value == int(value) else value
