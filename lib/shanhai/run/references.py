"""The bibliography: CSL-JSON and the pages' lists of references, made from ``data/references.bib``."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from shanhai.core.bibliography import Work, works
from shanhai.core.errors import ReportError
from shanhai.core.paths import DATA, ROOT
from shanhai.render.citations import lettered_year, reference_list

SOURCE = DATA / "references.bib"
CSL = DATA / "references.json"
DOCS = ROOT / "lib" / "docs"
PAGE = DOCS / "references.md"

MADE_OTHERWISE = {"pre-specification", "references"}
"""Pages that a command makes as a whole: they end without a section of references."""

_HEADING = "## References"
_MARK = "<!-- From here on made by `shanhai build references`. -->"

_OPENING = """\
# References 参考文献

This page is made by `shanhai build references` from `data/references.bib`, the one place where a work is described;
`data/references.json` holds the same as CSL-JSON. A field that could not be verified is left out. Notebooks print works
by their keys: `cite`, `with_citations`, `cited_keys` and `reference_list` of `shanhai.render.citations`.
本页由`shanhai build references`生成，无法核实的字段从缺。"""

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


def build_references() -> list[Path]:
    """Write ``data/references.json``, the page of all works, and the section of references of each page.

    Returns
    -------
    Files written; pages whose section stays as it is are not among them.

    Raises
    ------
    ReportError
        If the source cannot be read as BibTeX, or an entry has a type or field that is not known here.
    """
    CSL.write_text(csl_text(SOURCE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    works.cache_clear()
    PAGE.write_text(references_page(), encoding="utf-8", newline="\n")
    changed = []
    for path in pages_with_references():
        text = path.read_text(encoding="utf-8")
        if (made := page_with_references(text)) != text:
            path.write_text(made, encoding="utf-8", newline="\n")
            changed.append(path)
    return [CSL, PAGE, *changed]


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


def references_page() -> str:
    """The page of all works in both languages, as Markdown."""
    keys = list(works())
    parts = [_OPENING]
    for heading, language in (("In English", "en"), ("中文格式（GB/T 7714—2015）", "zh")):
        parts += [f"## {heading}", "\n".join(f"- {entry}" for entry in reference_list(keys, language))]
    return "\n\n".join(parts) + "\n"


def pages_with_references() -> list[Path]:
    """Pages of the docs that end with a list of the works they name."""
    return [path for path in sorted(DOCS.glob("*.md")) if path.stem not in MADE_OTHERWISE]


def page_with_references(text: str) -> str:
    """A page with its list of references made anew from the works that it names; without any, no list.

    Examples
    --------
    >>> print(page_with_references("After Theil (1967).").splitlines()[-1])
    - Theil, Henri. 1967. *Economics and information theory*. Amsterdam: North-Holland.
    """
    body = text.partition(f"\n{_HEADING}\n\n{_MARK}")[0].rstrip() + "\n"
    keys = [each.key for mention in mentions(body) for each in works_of(*mention)]
    entries = "\n".join(f"- {entry}" for entry in reference_list(keys, "both"))
    return f"{body}\n{_HEADING}\n\n{_MARK}\n\n{entries}\n" if keys else body


_SURNAME = r"(?:de |van |Montiel )?[A-ZÀ-ÖØ-Þ](?:[\w’-]|'(?!s\b))++"
_NAMES = rf"{_SURNAME}(?:, {_SURNAME})*+(?:,? (?:&|and) {_SURNAME})?(?: et al\.)?"
_MENTION = re.compile(rf"(?<![\w.-])({_NAMES})(?:['’]s)?,? \(?((?:1[89]|20)\d\d(?:[a-z]\b|\b(?![.,]?\d)))")
_INITIALS = re.compile(r",(?: [A-Z]\.(?:-[A-Z]\.)*)+(?=,? [&(]|, | et al|\s*$)")

Mention = tuple[str, str]
"""Names and year as a text has them: ``("Ma & Zhao", "2022")``."""


def mentions(text: str) -> Iterator[Mention]:
    """Names and years that a text has in the form of a citation, whether or not they name a work.

    Examples
    --------
    >>> list(mentions("Gelbach's (2016) account; Conley, T. G. (1999); (Ma & Zhao 2022)"))
    [('Gelbach', '2016'), ('Conley', '1999'), ('Ma & Zhao', '2022')]
    """
    plain = _INITIALS.sub("", re.sub(r"\s+", " ", text))
    for found in _MENTION.finditer(plain):
        if not found[1].isupper():
            yield found[1], found[2]


def works_of(names: str, year: str) -> list[Work]:
    """Works of these authors and this year: all authors are named, or the first with *et al.*

    Examples
    --------
    >>> [each.key for each in works_of("Mueller & Watson", "2022")]
    ['muller2022']
    """
    is_short = names.endswith(" et al.")
    family = [part for part in re.split(r", (?:& |and )?| (?:&|and) ", names.removesuffix(" et al.")) if part]

    def fits(each: Work, form: Callable[[str], str]) -> bool:
        own = [form(name.family) for name in each.authors_en]
        named = [form(name) for name in family]
        return own[: len(named)] == named and len(own) > len(named) if is_short else own == named

    of_year = [each for each in works().values() if year[:4] == each.year]
    found = [each for each in of_year if fits(each, _plain) or fits(each, _german)]
    return [each for each in found if year in (each.year, lettered_year(each))]


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.replace("ø", "o").replace("Ø", "O").replace("’", "'"))
    return "".join(char for char in decomposed if not unicodedata.combining(char)).lower()


_UMLAUTS: Mapping[str, str] = {"ä": "ae", "ö": "oe", "ü": "ue"}


def _german(name: str) -> str:
    """Plain letters of a name whose umlauts are written with an e."""
    return _plain("".join(_UMLAUTS.get(char, char) for char in name))
