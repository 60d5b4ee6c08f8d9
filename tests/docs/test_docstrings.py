"""Docstrings of what the reference of the methods shows: parameters, returns, errors, sources, examples that run."""

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from shanhai import methods
from shanhai.core.paths import DOCS
from shanhai.methods import checks, panels
from shanhai.report.site._api import public_names
from shanhai.run.mentions import mentions, works_of

Definition = ast.FunctionDef | ast.ClassDef

CHECKS = {
    name
    for module in (checks, panels)
    for name, value in vars(module).items()
    if inspect.isfunction(value) and not name.startswith("_")
}
"""Functions that refuse what they do not take."""

SELF_EVIDENT = {"None", "bool", "float", "int", "str"}
"""Types of which the first line says all, as it does of a public class, whose fields have docstrings."""

WITHOUT_SOURCE = {
    "arithmetic that every textbook has": {
        "combine", "critical_value", "group_weights", "interval", "joint_test", "outcome_values", "rank_units",
        "two_sided_p", "unit_sums",
    },
    "arranges, checks or names what it is given": {
        "adjusted", "adopt", "as_coords", "as_frame", "border_coverage", "border_sample", "build_comparison",
        "build_panel",
        "comparison_mask", "distributions", "donor_pool", "drawn_design", "home_region", "in_degrees", "parse_weights",
        "read_errors", "require_named", "require_places", "require_years", "scale_outcome", "usual_covariances",
        "with_notes",
    },
    "follows the manual of a program": {"ssc"},
    "leads to estimators that name their sources, or puts their results in a table": {
        "compare_covariances", "compare_resampling", "etable", "fit", "fit_formula", "importance_table", "left_out",
        "spatial_overview", "statistics_table", "valleys",
    },
    "makes up data, to try methods on": {"simulated_borders", "simulated_policy"},
}  # fmt: skip
"""Functions without a source, and why."""


class Documented(NamedTuple):
    """A public name of the methods, or a public method of a public class, where it is defined."""

    path: str
    value: Any
    node: Definition
    home: ModuleType

    @property
    def doc(self) -> str:
        return ast.get_docstring(self.node) or ""

    @property
    def said(self) -> str:
        """The docstring up to its examples."""
        return re.split(r"(?m)^Examples\n-+$", self.doc)[0]

    def has(self, section: str) -> bool:
        return bool(re.search(rf"(?m)^{section}\n-+$", self.doc))


@cache
def definitions(home: ModuleType) -> dict[str, Definition]:
    """Functions and classes of a module, also inside its classes (``Class.method``); overloads give way."""
    found: dict[str, Definition] = {}
    for node in ast.parse(inspect.getsource(home)).body:
        if isinstance(node, Definition):
            found[node.name] = node
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{part.name}": part for part in node.body if isinstance(part, ast.FunctionDef)}
    return found


@cache
def documented() -> dict[str, Documented]:
    """Functions and classes of the reference, by the path under which it shows them."""
    names = [each for room in public_names().values() for each in room]
    shown = [each for each in names if inspect.isfunction(each.value) or inspect.isclass(each.value)]
    found = {}
    for each in shown:
        home = importlib.import_module(each.value.__module__)
        node = definitions(home)[each.value.__name__]
        found[each.anchor] = Documented(each.anchor, each.value, node, home)
    return found


def classes() -> Iterator[Documented]:
    return (each for each in documented().values() if isinstance(each.node, ast.ClassDef))


def functions() -> Iterator[Documented]:
    return (each for each in documented().values() if isinstance(each.node, ast.FunctionDef))


def members() -> Iterator[Documented]:
    """Public methods of the classes; properties are fields that are computed."""
    for each in classes():
        for name, node in definitions(each.home).items():
            owner, _, member = name.partition(".")
            is_computed = any("property" in ast.unparse(mark) for mark in node.decorator_list)
            if owner == each.node.name and member and member[0] != "_" and not is_computed:
                yield Documented(f"{each.path}.{member}", None, node, each.home)


def calls(node: ast.AST) -> set[str]:
    return {part.func.id for part in ast.walk(node) if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)}


def refuses(node: Definition, home: ModuleType, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a definition raises an error, itself, by a check or by another function of its module."""
    if any(isinstance(part, ast.Raise) for part in ast.walk(node)) or calls(node) & CHECKS:
        return True
    near = definitions(home)
    helpers = {name for name in calls(node) - seen if isinstance(near.get(name), ast.FunctionDef)}
    return any(refuses(near[name], home, seen | helpers) for name in sorted(helpers))


def shows_nothing(each: Documented, returned: str) -> bool:
    """Whether a name has no example: a class may have that of a function that returns it."""
    stands_for = isinstance(each.node, ast.ClassDef) and re.search(rf"\b{each.node.name}\b", returned)
    return ">>>" not in each.doc and not stands_for


def has_source(text: str) -> bool:
    """Whether a text names a work of the bibliography, or a page of the docs that does."""
    pages = re.findall(r"lib/docs/([\w-]+\.md)", text)
    return any((DOCS / page).exists() for page in pages) or any(works_of(*each) for each in mentions(text))


def parameters(node: Definition) -> list[str]:
    assert isinstance(node, ast.FunctionDef)
    given = node.args
    rest = [part for part in (given.vararg, given.kwarg) if part]
    names = [part.arg for part in (*given.posonlyargs, *given.args, *given.kwonlyargs, *rest)]
    return [name for name in names if name not in ("self", "cls")]


def test_each_parameter_is_described() -> None:
    silent = {
        each.path: [name for name in parameters(each.node) if not re.search(rf"\b{name}\b", each.said)]
        for each in (*functions(), *members())
    }
    assert {path: names for path, names in silent.items() if names} == {}


def test_what_is_returned_is_described_where_its_type_does_not_say_it() -> None:
    public = SELF_EVIDENT | {each.node.name for each in classes()}
    silent = [
        each.path
        for each in functions()
        if ast.unparse(each.node.returns) not in public and not each.has("Returns")  # type: ignore[union-attr,arg-type]
    ]
    assert silent == []


def test_errors_are_named() -> None:
    silent = [
        each.path for each in (*functions(), *members()) if refuses(each.node, each.home) and not each.has("Raises")
    ]
    assert silent == []


def test_each_name_has_an_example() -> None:
    returned = " ".join(ast.unparse(each.node.returns) for each in functions())  # type: ignore[union-attr,arg-type]
    assert [each.path for each in documented().values() if shows_nothing(each, returned)] == []


def test_functions_name_their_source_or_are_no_method() -> None:
    """In their own docstring or in that of their module."""
    silent = [each.node.name for each in functions() if not has_source(f"{each.doc}\n{inspect.getdoc(each.home)}")]
    assert set(silent) == set().union(*WITHOUT_SOURCE.values())


def test_fields_have_docstrings() -> None:
    """A string below each, or a line in the docstring of the class."""
    silent = {}
    for each in classes():
        parts = each.node.body
        fields = [
            part.target.id
            for part, after in zip(parts, [*parts[1:], None], strict=True)
            if isinstance(part, ast.AnnAssign)
            and isinstance(part.target, ast.Name)
            and not (isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant))
        ]
        silent[each.path] = [name for name in fields if name[0] != "_" and not re.search(rf"\b{name}\b", each.said)]
    assert {path: names for path, names in silent.items() if names} == {}


@pytest.mark.parametrize("folder", sorted(part.name for part in pkgutil.iter_modules(methods.__path__)))
def test_examples_print_what_they_say(folder: str) -> None:
    whole = importlib.import_module(f"{methods.__name__}.{folder}")
    inside = [part.name for part in pkgutil.walk_packages(getattr(whole, "__path__", []), f"{whole.__name__}.")]
    for module in (whole, *(importlib.import_module(name) for name in inside)):
        found = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
        assert found.failed == 0, module.__name__
