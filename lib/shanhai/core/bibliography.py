"""Works that the suite cites, as ``data/references.json`` (CSL-JSON) holds them.

The source is ``data/references.bib``; ``shanhai build references`` makes the JSON file from it, so that reading needs
no parser of BibTeX.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from shanhai.core.errors import ReportError
from shanhai.core.paths import DATA

_REFERENCES = DATA / "references.json"


@dataclass(frozen=True)
class Name:
    """A person, or an institution with an empty given name."""

    family: str
    given: str = ""


@dataclass(frozen=True)
class Work:
    """One work of the bibliography."""

    key: str
    kind: str
    """Type of CSL: ``article-journal``, ``book``, ``chapter``, ``paper-conference``, ``report`` or ``document``."""
    authors: tuple[Name, ...]
    """As printed: Chinese characters for a work in Chinese."""
    authors_en: tuple[Name, ...]
    """In Latin letters."""
    year: str
    """Empty where the copy at hand prints none."""
    is_chinese: bool
    fields: Mapping[str, str]
    """Further fields by their CSL name; those of ``custom`` (English forms of Chinese fields) end in ``_en``."""

    def field(self, name: str) -> str:
        """A field, empty where the work has none."""
        return self.fields.get(name, "")

    def field_en(self, name: str) -> str:
        """A field in English: its English form, else the field itself."""
        return self.field(f"{name}_en") or self.field(name)


def work(key: str) -> Work:
    """A work by its key.

    Raises
    ------
    ReportError
        If no work has the key; the message names the nearest ones.

    Examples
    --------
    >>> work("conley1999").authors[0].family
    'Conley'
    """
    known = works()
    if key not in known:
        near = get_close_matches(key, known, n=3)
        hint = f"the nearest are {', '.join(near)}" if near else "none is like it"
        raise ReportError(
            f"The bibliography has no work {key!r}; {hint}. Correct the key, or add the work to data/references.bib "
            "and run `shanhai build references`."
        )
    return known[key]


@lru_cache(maxsize=1)
def works() -> Mapping[str, Work]:
    """All works by key, in the order of keys."""
    items = json.loads(_REFERENCES.read_text(encoding="utf-8"))
    return {item["id"]: _work(item) for item in items}


def documents() -> Mapping[str, str]:
    """Key of the work by the code of the document, as tables of claims and statements name it (``quzhou-2023``)."""
    return {entry.field("document"): entry.key for entry in works().values() if entry.field("document")}


def _work(item: Mapping[str, Any]) -> Work:
    custom = item.get("custom", {})
    apart = {"id", "type", "author", "issued", "language", "custom"}
    fields = {name: value for name, value in item.items() if name not in apart and isinstance(value, str)}
    fields |= {name: value for name, value in custom.items() if isinstance(value, str)}
    if "editor" in item:
        fields["editor"] = "; ".join(f"{editor['family']}, {editor['given']}" for editor in item["editor"])
    date = item.get("issued", {}).get("date-parts", [[]])[0]
    if len(date) > 1:
        fields["date"] = "-".join(f"{part:02d}" for part in date)
    authors = _names(item["author"])
    return Work(
        key=item["id"],
        kind=item["type"],
        authors=authors,
        authors_en=_names(custom["author_en"]) if "author_en" in custom else authors,
        year=str(date[0]) if date else "",
        is_chinese=item.get("language") == "zh-CN",
        fields=fields,
    )


def _names(people: list[Mapping[str, str]]) -> tuple[Name, ...]:
    return tuple(Name(person.get("family") or person["literal"], person.get("given", "")) for person in people)
