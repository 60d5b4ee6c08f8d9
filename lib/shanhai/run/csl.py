"""CSL-JSON of a bibliography in BibTeX."""

import json
from typing import Any

from shanhai.core.errors import ReportError

_TYPES = {
    "article": "article-journal",
    "book": "book",
    "incollection": "chapter",
    "inproceedings": "paper-conference",
    "techreport": "report",
    "misc": "document",
}
"""Type of CSL by that of BibTeX."""

_FIELDS = {
    "title": "title",
    "journal": "container-title",
    "booktitle": "container-title",
    "volume": "volume",
    "pages": "page",
    "edition": "edition",
    "publisher": "publisher",
    "institution": "publisher",
    "address": "publisher-place",
    "type": "genre",
    "issn": "ISSN",
    "doi": "DOI",
    "url": "URL",
    "note": "note",
}
"""Field of CSL by that of BibTeX; ``number`` is an issue or the number of a report."""

_OWN = {"document"} | {f"{name}_en" for name in _FIELDS}
"""Fields of ours, which CSL keeps under ``custom``."""

_DATES = ("year", "month", "day")


def csl_text(bibtex: str) -> str:
    """CSL-JSON of a bibliography in BibTeX, sorted by key.

    Raises
    ------
    ReportError
        If the text is no BibTeX, or an entry has a type or field that is not known here.

    Examples
    --------
    >>> print(csl_text("@book{theil1967, author = {Theil, Henri}, title = {Economics}, year = {1967}}"))
    [
     {
      "id": "theil1967",
      "type": "book",
      "author": [
       {
        "family": "Theil",
        "given": "Henri"
       }
      ],
      "issued": {
       "date-parts": [
        [
         1967
        ]
       ]
      },
      "title": "Economics"
     }
    ]
    <BLANKLINE>
    """
    from pybtex.database import BibliographyDataError, parse_string
    from pybtex.scanner import PybtexSyntaxError

    try:
        entries = parse_string(bibtex, "bibtex").entries
    except (PybtexSyntaxError, BibliographyDataError) as error:
        raise ReportError(f"data/references.bib is no BibTeX: {error}. Correct the entry.") from error
    items = [_csl_item(key, entries[key]) for key in sorted(entries)]
    return json.dumps(items, ensure_ascii=False, indent=1) + "\n"


def _csl_item(key: str, entry: Any) -> dict[str, Any]:
    if entry.type not in _TYPES:
        raise ReportError(
            f"{key} is of type {entry.type!r}; allowed: {', '.join(_TYPES)}. Correct data/references.bib."
        )
    item: dict[str, Any] = {"id": key, "type": _TYPES[entry.type]}
    item |= {role: [_csl_name(person) for person in people] for role, people in entry.persons.items()}
    fields = {name.lower(): str(value) for name, value in entry.fields.items()}
    if date := [int(fields[part]) for part in _DATES if part in fields]:
        item["issued"] = {"date-parts": [date]}
    if fields.get("langid") == "chinese":
        item["language"] = "zh-CN"
    custom: dict[str, Any] = {}
    for name, value in fields.items():
        if name == "author_en":
            custom[name] = _csl_names(value)
        elif name == "number":
            item["issue" if entry.type == "article" else "number"] = value
        elif name in _FIELDS:
            item[_FIELDS[name]] = value.replace("--", "–") if name == "pages" else value
        elif name in _OWN:
            own = name.removesuffix("_en")
            custom[f"{_FIELDS[own]}_en" if name.endswith("_en") else name] = value
        elif name not in {*_DATES, "langid"}:
            raise ReportError(
                f"{key} has a field {name!r}; allowed: {', '.join(sorted({*_FIELDS, *_OWN}))}. Correct it."
            )
    return item | ({"custom": custom} if custom else {})


def _csl_names(text: str) -> list[dict[str, str]]:
    from pybtex.bibtex.utils import split_name_list
    from pybtex.database import Person

    return [_csl_name(Person(name)) for name in split_name_list(text)]


def _csl_name(person: Any) -> dict[str, str]:
    family = " ".join([*person.prelast_names, *person.last_names])
    if family.startswith("{"):
        return {"literal": family.strip("{}")}
    return {"family": family, "given": " ".join([*person.first_names, *person.middle_names])}
