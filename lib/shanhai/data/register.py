"""Keep the registry and ``datapackage.json`` in step with the files."""

import csv
import json
from dataclasses import asdict, replace
from pathlib import Path

from shanhai.core import fields, sources
from shanhai.core.errors import ChecksumError
from shanhai.core.paths import DATA, ROOT, SHAPEFILES

_UNREGISTERED = ("registry.csv", "datapackage.json")
"""Files about the files: they cannot hold their own checksum."""

PACKAGE = DATA / "datapackage.json"


def build_registry() -> list[str]:
    """Recompute every checksum in ``data/registry.csv`` and write ``data/datapackage.json`` from the dictionary.

    Titles, origins, licences and dates are written by hand in the registry; only ``sha256`` is computed.

    Returns
    -------
    Files whose checksum changed.

    Raises
    ------
    ChecksumError
        After writing, if a file has no row in the registry or a row has no file; the message names them.
    """
    before = sources.read_registry()
    after = [
        replace(source, sha256=sources.sha256(source.path)) if source.path.is_file() else source for source in before
    ]
    after.sort(key=lambda source: source.file)
    _write_registry(after)
    PACKAGE.write_text(json.dumps(_describe_package(after), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    _require_complete({source.file for source in after})
    known = {source.file: source.sha256 for source in before}
    return [source.file for source in after if known[source.file] != source.sha256]


def _data_files() -> list[str]:
    """Every file of ``data/`` and ``shapefiles/`` that the registry must list, as paths from the root."""
    files = [path for folder in (DATA, SHAPEFILES) for path in folder.rglob("*") if path.is_file()]
    return sorted(
        path.relative_to(ROOT).as_posix()
        for path in files
        if path.name not in _UNREGISTERED and not path.name.startswith(".")
    )


def _describe_package(registry: list[sources.Source]) -> dict[str, object]:
    """Frictionless data package of all tables, from the dictionary and the registry."""
    described = set(fields.table_names())
    tables = [source for source in registry if source.kind == "table" and source.name in described]
    return {
        "name": "shanhai",
        "title": "Shanhai 山海: counties of China, their census, economy, lights and terrain",
        "profile": "tabular-data-package",
        "resources": [
            {
                "name": source.name.replace("_", "-"),
                "path": Path(source.file).name,
                "profile": "tabular-data-resource",
                "title": source.title,
                "encoding": "utf-8",
                "hash": f"sha256:{source.sha256}",
                "sources": [{"title": source.origin}],
                "licenses": [{"name": "MIT", "title": source.licence}],
                "schema": fields.frictionless_resource(fields.fields_of(source.name)),
            }
            for source in tables
        ],
    }


def _write_registry(rows: list[sources.Source]) -> None:
    with sources.REGISTRY.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(asdict(rows[0])), lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


def _require_complete(listed: set[str]) -> None:
    there = set(_data_files())
    problems = [f"{file} has no row" for file in sorted(there - listed)]
    problems += [f"{file} has a row but is missing" for file in sorted(listed - there)]
    if problems:
        raise ChecksumError(
            "data/registry.csv does not match the files: " + "; ".join(problems) + ". Add or remove the rows by hand:"
            " file, accessed, and title, origin, licence and vintage in both languages; `shanhai build registry` fills"
            " in the checksum."
        )
