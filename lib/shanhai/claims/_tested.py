"""Where the test of a claim stands, and which columns of its tables it names: found in the compiled functions."""

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from shanhai.claims.claims import Check
from shanhai.core.fields import field_of, fields_of, is_described, table_names
from shanhai.core.paths import LIBRARY

_OWN = ("shanhai.claims", "shanhai.studies")
"""Packages into whose functions the search goes; what estimators do with a frame they are given is theirs."""


def code_of(tested: Check) -> str:
    """File and line at which a test begins, from the root of the project; of another's own test the file alone.

    Parameters
    ----------
    tested : Check
        A test that functions of the library or a user's own registered.
    """
    test: Any = inspect.unwrap(tested.test)
    path = Path(test.__code__.co_filename).resolve()
    inside = path.is_relative_to(LIBRARY)
    name = f"lib/shanhai/{path.relative_to(LIBRARY).as_posix()}" if inside else path.name
    return f"{name}:{test.__code__.co_firstlineno}"


def columns_of(tested: Check) -> tuple[str, ...]:
    """Columns of its tables that a test names, its own functions and those of the claims that it calls included.

    A column whose name is put together, such as one with a year, is not among them, nor the key of a table, by which
    it is looked up.

    Parameters
    ----------
    tested : Check

    Returns
    -------
    tuple of str
        ``table.column``, in the order of the data dictionary; last those of the county frame.
    """
    named = set(_texts(inspect.unwrap(tested.test), set()))
    known = set(table_names())
    fields = [field for table in tested.data if table in known for field in fields_of(table)]
    found = [field for field in fields if field.column in named]
    of_frame = [field_of(name) for name in sorted(named - {field.column for field in found}) if is_described(name)]
    return tuple(f"{field.table}.{field.column}" for field in [*found, *of_frame] if field.type not in ("code", "text"))


def _texts(test: Callable[..., Any], seen: set[int]) -> Iterator[str]:
    """Texts in a function, in constants that it uses, and in functions of the claims that it calls."""
    if id(test) in seen or not isinstance(test, FunctionType):
        return
    seen.add(id(test))
    test = inspect.unwrap(test)
    names = set[str]()
    yield from _constants(test.__code__, names)
    for name in sorted(names & set(test.__globals__)):
        value = test.__globals__[name]
        if isinstance(value, FunctionType) and value.__module__.startswith(_OWN):
            yield from _texts(value, seen)
        else:
            yield from _strings(value)


def _constants(code: CodeType, names: set[str]) -> Iterator[str]:
    """Texts of a piece of code and of those inside it; the names that they use are added to ``names``."""
    names.update(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _constants(constant, names)
        else:
            yield from _strings(constant)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list | frozenset):
        for item in value:
            yield from _strings(item)
