"""Reference of the methods: every public name with its signature and docstring, which Sphinx reads from the code.

English pages hold the docstrings; their Chinese twins name what there is and lead to them, as docstrings are English.
"""

import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from importlib import import_module
from itertools import groupby
from types import ModuleType
from typing import Any

from sphinx.pycode import ModuleAnalyzer

from shanhai import methods
from shanhai.report.site import _pages as pages
from shanhai.report.site._pages import Source, raw

_ROOT = methods.__name__
_DOOR = ("door", "estimate", "regression", "spec")
"""Parts of the methods that the first page of the reference holds, with what the package itself offers."""

_INSIDE = ("arrays", "checks", "number_text", "panels", "records", "regression.absorb", "regression.covariance",
           "regression.design", "regression.fit", "regression.projection", "spec.identity")  # fmt: skip
"""Modules with names for other modules of the library and nobody else."""


@dataclass(frozen=True)
class _Name:
    """A public name, where it is imported from."""

    module: str
    name: str
    value: Any

    @property
    def anchor(self) -> str:
        return f"{self.module}.{self.name}"


def write_api(source: Source) -> None:
    """Write the index of the reference and a page for each part of the methods."""
    rooms = public_names()
    for room, names in rooms.items():
        title, about = (source.say(f"api.room.{room}.{key}") for key in ("title", "about"))
        shown = _documented(names) if source.language == "en" else _linked(source, room, names)
        source.page(f"api/{room}", title, about, about, *shown)
    rows = [
        [
            pages.link(f"{room}.html", source.say(f"api.room.{room}.title")),
            escape(source.say(f"api.room.{room}.about")),
            str(len(names)),
        ]
        for room, names in rooms.items()
    ]
    heads = [source.say(f"api.{key}") for key in ("part", "holds", "names")]
    source.page(
        "api/index", source.say("api.title"), source.say("api.about"), source.say("api.lead"),
        raw(pages.table(heads, rows, source.say("api.title"), html=True)), pages.toctree(list(rooms)),
    )  # fmt: skip


def public_names() -> Mapping[str, list[_Name]]:
    """Names by part of the methods; each once, under the shortest path that it is imported from."""
    found: dict[str, list[_Name]] = {"regression": []}
    seen: set[int] = set()
    for module in sorted(_modules(), key=lambda module: (module.__name__.count("."), module.__name__)):
        part = module.__name__.removeprefix(_ROOT).lstrip(".").partition(".")[0]
        room = "regression" if not part or part in _DOOR else part
        for name, value in _offered(module):
            if id(value) not in seen:
                seen.add(id(value))
                found.setdefault(room, []).append(_Name(module.__name__, name, value))
    return found


def _modules() -> Iterator[ModuleType]:
    yield methods
    for found in pkgutil.walk_packages(methods.__path__, f"{_ROOT}."):
        path = found.name.removeprefix(f"{_ROOT}.")
        if path not in _INSIDE and not any(part.startswith("_") for part in path.split(".")):
            yield import_module(found.name)


def _offered(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """What a module says that it offers, or else the functions and classes written in it."""
    for name in getattr(module, "__all__", None) or vars(module):
        value = getattr(module, name)
        written = getattr(value, "__module__", "") == module.__name__ and _kind(value) != "data"
        if hasattr(module, "__all__") or (written and not name.startswith("_")):
            yield name, value


def _kind(value: Any) -> str:
    if inspect.isclass(value):
        return "class"
    return "function" if inspect.isfunction(value) else "data"


def _documented(names: list[_Name]) -> Iterator[str]:
    """Sections by module, with directives that take signatures and docstrings from the code."""
    for module, inside in groupby(names, key=lambda each: each.module):
        yield f"## {pages.escaped(module)}"
        directives = "\n\n".join(map(_directive, inside))
        yield f"````{{eval-rst}}\n{directives}\n````"  # one block, as each is a document to docutils


def _directive(each: _Name) -> str:
    kind = _kind(each.value)
    if kind == "data":
        said = _said_of_data(each)
        return f".. py:currentmodule:: {each.module}\n\n.. py:data:: {each.name}\n\n" + "\n".join(
            f"   {line}".rstrip() for line in said
        )
    return f".. auto{kind}:: {each.anchor}" + ("\n   :members:" if kind == "class" else "")


def _said_of_data(each: _Name) -> list[str]:
    """The text below a constant or an alias, from the module below this one that defines it."""
    for found in pkgutil.walk_packages(import_module(each.module).__path__, f"{each.module}."):
        said = ModuleAnalyzer.for_module(found.name).find_attr_docs().get(("", each.name))
        if said:
            return said
    return []


def _linked(source: Source, room: str, names: list[_Name]) -> list[str]:
    """Names that lead to the English page, where their docstrings are."""
    items = "\n".join(
        f'<li lang="en">{pages.link(f"../../en/api/{room}.html#{each.anchor}", each.anchor)}</li>' for each in names
    )
    return [source.say("api.in_english"), raw(f"<ul>\n{items}\n</ul>")]
