"""Every public function and every specification of the designs has an example, and all examples run."""

import doctest
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import get_args

import pytest

import shanhai.methods

DONE = (
    "adjustment",
    "composite",
    "convergence",
    "decomposition",
    "did",
    "discontinuity",
    "missing",
    "spatial",
    "synthetic",
)
"""Folders of ``shanhai.methods`` of which each public name has an example."""

ELSEWHERE = ("curve", "placebo", "regression", "spec")
"""Folders whose names ``shanhai.methods`` itself offers, or that others keep."""


def packages() -> Iterator[str]:
    return (part.name for part in pkgutil.iter_modules(shanhai.methods.__path__) if part.ispkg)


def public(folder: str) -> dict[str, object]:
    package = importlib.import_module(f"shanhai.methods.{folder}")
    return {name: getattr(package, name) for name in package.__all__}


def returned(names: dict[str, object]) -> set[object]:
    """Classes that public functions return: their example is that of the function."""
    found: set[object] = set()
    for value in names.values():
        if inspect.isfunction(value):
            answer = inspect.signature(value).return_annotation
            found |= {answer, *get_args(answer)}
    return found


def modules(folder: str) -> list[ModuleType]:
    package = importlib.import_module(f"shanhai.methods.{folder}")
    names = [part.name for part in pkgutil.iter_modules(package.__path__)]
    return [package, *(importlib.import_module(f"{package.__name__}.{name}") for name in names)]


def test_every_folder_is_in_one_list() -> None:
    assert sorted((*DONE, *ELSEWHERE)) == sorted(packages())


@pytest.mark.parametrize("folder", DONE)
def test_each_public_name_has_an_example(folder: str) -> None:
    names = public(folder)
    answers = returned(names)
    silent = [
        name
        for name, value in names.items()
        if (inspect.isfunction(value) or (inspect.isclass(value) and value not in answers))
        and ">>>" not in (inspect.getdoc(value) or "")
    ]
    assert silent == []


@pytest.mark.parametrize("folder", DONE)
def test_examples_print_what_they_say(folder: str) -> None:
    for module in modules(folder):
        found = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
        assert found.failed == 0, module.__name__
