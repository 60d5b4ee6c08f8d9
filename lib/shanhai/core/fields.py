"""The data dictionary: one row of ``data/dictionary.csv`` a column, from which schemas and metadata are generated.

Types are ``code`` (six digits, text), ``text``, ``integer``, ``number`` and ``boolean``. In a frame a required integer
is ``int64``; an integer that may be missing is ``float64`` holding whole numbers, so that missing is NaN everywhere.
"""

import csv
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from shanhai.core import sources
from shanhai.core.errors import UnknownTableError, ValidationError
from shanhai.core.paths import DATA

if TYPE_CHECKING:
    import pandera.pandas as pa  # imported where it is used: most processes read tables that were validated before

_FieldType = Literal["code", "text", "integer", "number", "boolean"]

DICTIONARY = DATA / "dictionary.csv"

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
    chinese: str

    @property
    def dtype(self) -> str:
        """Name of the pandas dtype in a loaded frame."""
        if self.type == "integer":
            return "float64" if self.nullable else "int64"
        if self.type == "boolean":
            return "boolean" if self.nullable else "bool"
        return "float64" if self.type == "number" else "str"


def read_dictionary(path: Path = DICTIONARY) -> tuple[Field, ...]:
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
    return _read_dictionary(path, sources.state(path))


@lru_cache(maxsize=8)
def _read_dictionary(path: Path, state: sources.State) -> tuple[Field, ...]:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    if rows and tuple(rows[0]) != DICTIONARY_COLUMNS:
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
    )


def table_names() -> tuple[str, ...]:
    """Sorted names of all tables of the dictionary."""
    return tuple(sorted({field.table for field in read_dictionary()}))


def fields_of(table: str) -> tuple[Field, ...]:
    """Fields of a table in the order of its columns.

    Raises
    ------
    UnknownTableError
        If the dictionary has no such table.
    """
    found = tuple(field for field in read_dictionary() if field.table == table)
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
    what = f"{case['column']} = {case['failure_case']!r} breaks {case['check']}"
    if pd.isna(case["index"]):
        return f"  {what}"
    row = frame.loc[case["index"]]
    return f"  {';'.join(f'{name}={row[name]}' for name in key)}: {what}"


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
