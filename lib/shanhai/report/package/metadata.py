"""How a package describes itself to repositories and citation managers: CITATION.cff, Zenodo, RO-Crate."""

import json
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from shanhai.core.errors import PackageError

CITATION = "CITATION.cff"

_CRATE = "https://w3id.org/ro/crate/1.1"
_REQUIRED = ("cff-version", "message", "title", "authors", "version", "date-released", "license")
"""Fields of CITATION.cff: those that its schema asks for, and those that every description here repeats."""

_TYPES = {
    ".cff": "application/yaml",
    ".cpg": "text/plain",
    ".csv": "text/csv",
    ".dbf": "application/vnd.dbf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".ipynb": "application/x-ipynb+json",
    ".js": "text/javascript",
    ".json": "application/json",
    ".lock": "text/plain",
    ".md": "text/markdown",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".prj": "text/plain",
    ".py": "text/x-python",
    ".shp": "application/vnd.shp",
    ".shx": "application/vnd.shx",
    ".tex": "application/x-tex",
    ".toml": "application/toml",
    ".txt": "text/plain",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".bib": "application/x-bibtex",
}
"""Media types by ending, so that no table of this machine decides them."""


@dataclass(frozen=True)
class Citation:
    """What CITATION.cff says of the project."""

    title: str
    version: str
    released: str
    """Day as ``YYYY-MM-DD``."""
    licence: str
    """Identifier of SPDX."""
    authors: tuple[str, ...]
    """As printed: ``Family, Given``, or the name of a group."""
    keywords: tuple[str, ...]
    message: str


def read_citation(path: Path) -> Citation:
    """Read CITATION.cff.

    Raises
    ------
    PackageError
        If the file is missing or no YAML, or lacks a field that every description of the package repeats.
    """
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PackageError(f"{path} cannot be read: {error}. Restore it with `git checkout`.") from error
    missing = [name for name in _REQUIRED if not (isinstance(entries, dict) and entries.get(name))]
    if missing:
        raise PackageError(f"{path} lacks {', '.join(missing)}. Add it: a package is cited by these.")
    return Citation(
        title=str(entries["title"]),
        version=str(entries["version"]),
        released=str(entries["date-released"]),
        licence=str(entries["license"]),
        authors=tuple(map(_author, entries["authors"])),
        keywords=tuple(map(str, entries.get("keywords", ()))),
        message=str(entries["message"]),
    )


def _author(entry: Mapping[str, Any]) -> str:
    person = ", ".join(filter(None, (entry.get("family-names"), entry.get("given-names"))))
    return str(entry.get("name") or person)


def zenodo(citation: Citation, description: str, notes: str, dois: Sequence[str]) -> str:
    """``.zenodo.json``: title, authors, licence and version as in CITATION.cff.

    Parameters
    ----------
    citation : Citation
    description, notes : str
        HTML; the notes say whose the data are.
    dois : sequence of str
        Of the sources that have one.
    """
    record: dict[str, Any] = {
        "title": citation.title,
        "upload_type": "software",
        "description": description,
        "notes": notes,
        "creators": [{"name": author} for author in citation.authors],
        "version": citation.version,
        "publication_date": citation.released,
        "license": citation.licence,
        "access_right": "open",
        "language": "eng",
        "keywords": list(citation.keywords),
        "related_identifiers": [
            {"identifier": doi, "relation": "isDerivedFrom", "scheme": "doi"} for doi in sorted(dois)
        ],
    }
    return _json(record)


def crate(
    citation: Citation, description: str, files: Mapping[str, tuple[int, str]], licences: Mapping[str, str], record: str
) -> str:
    """``ro-crate-metadata.json``, version 1.1: the package, each file with size and SHA-256, how they were made.

    Parameters
    ----------
    citation : Citation
    description : str
    files : mapping of str to int and str
        Bytes and SHA-256 of each file by its path.
    licences : mapping of str to str
        Licence in words of each file of others, by its path.
    record : str
        Path of the manifest of the results.
    """
    licence_id = f"https://spdx.org/licenses/{citation.licence}"
    kinds = sorted({text for name, text in licences.items() if name in files})
    named = {text: f"#licence-{number}" for number, text in enumerate(kinds, start=1)}
    authors = [
        {"@id": f"#author-{number}", "@type": "Organization" if "," not in author else "Person", "name": author}
        for number, author in enumerate(citation.authors, start=1)
    ]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": citation.title,
        "description": description,
        "datePublished": citation.released,
        "version": citation.version,
        "license": {"@id": licence_id},
        "author": [{"@id": author["@id"]} for author in authors],
        "keywords": list(citation.keywords),
        "hasPart": [{"@id": _id(name)} for name in sorted(files)],
        "mentions": {"@id": "#reproduce"},
    }
    entities: list[dict[str, Any]] = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": _CRATE},
        },
        root,
        *authors,
        {"@id": licence_id, "@type": "CreativeWork", "name": citation.licence},
        *({"@id": named[text], "@type": "CreativeWork", "name": text} for text in kinds),
        {
            "@id": "#reproduce",
            "@type": "CreateAction",
            "name": "python3 bootstrap.py reproduce",
            "instrument": {"@id": "bootstrap.py"},
            "result": {"@id": _id(record)},
        },
        *(_file(name, files[name], named.get(licences.get(name, ""))) for name in sorted(files)),
    ]
    return _json({"@context": f"{_CRATE}/context", "@graph": entities})


def _file(name: str, size_and_digest: tuple[int, str], licence: str | None) -> dict[str, Any]:
    size, digest = size_and_digest
    is_program = name.endswith((".py", ".ipynb")) and not name.startswith("outputs/")
    entity: dict[str, Any] = {
        "@id": _id(name),
        "@type": ["File", "SoftwareSourceCode"] if is_program else "File",
        "name": name,
        "contentSize": str(size),
        "sha256": digest,
        "encodingFormat": _media_type(name),
    }
    return entity | ({"license": {"@id": licence}} if licence else {})


def _media_type(name: str) -> str:
    """Media type of a file by the ending of its name.

    Examples
    --------
    >>> _media_type("data/a.csv"), _media_type("b.png"), _media_type("LICENSE")
    ('text/csv', 'image/png', 'application/octet-stream')
    """
    ending = Path(name).suffix.lower()
    known = mimetypes.MimeTypes(filenames=())  # without the tables of the system
    return _TYPES.get(ending) or known.guess_type(f"x{ending}")[0] or "application/octet-stream"


def _id(name: str) -> str:
    """A path as an address, as the description asks for."""
    return quote(name, safe="/")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
