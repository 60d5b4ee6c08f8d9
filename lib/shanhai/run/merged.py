"""What the runs of a batch estimated, in one list, and whether two of them give one number differently."""

import json
from collections.abc import Mapping
from math import isclose
from pathlib import Path
from typing import Any

from shanhai.run.manifest import Record, write_json
from shanhai.run.project import hash_file

KINDS = ("estimates", "tests", "quantities")
"""What runs leave in ``parts/``, merged into one file each."""

_ORDER = ("notebook", "spec_id", "sample", "outcome", "quantity", "model", "term", "statistic", "id")
"""Fields by which a file is sorted."""

NUMBERS = ("estimate", "value", "se", "low", "high", "p", "df", "n", "rejected")
"""Fields that are the same wherever a number is shown."""


def merge_parts(output: Path, staging: Path, records: Mapping[str, Record]) -> dict[str, str]:
    """Write all estimates into one list, all tests and all quantities into two more; return their hashes by name.

    Unfinished files lie in ``staging``, a folder of the same file system.
    """
    written = [name for record in records.values() if record.ok for name in record.outputs]
    hashes = {}
    for kind in KINDS:
        parts = [name for name in written if name.startswith("parts/") and name.endswith(f".{kind}.json")]
        rows = [row for name in parts for row in json.loads((output / name).read_text(encoding="utf-8"))]
        ordered = sorted(rows, key=lambda row: [str(row.get(key, "")) for key in _ORDER])
        write_json(output / f"{kind}.json", ordered, staging)
        hashes[f"{kind}.json"] = hash_file(output / f"{kind}.json")
    return hashes


def disagreements(output: Path) -> list[str]:
    """Numbers of one id that two runs of the merged files give differently, one line each.

    Numbers agree if they are equal to nine digits; what only one of two runs knows is no disagreement.
    """
    lines = []
    for kind in KINDS:
        first: dict[str, dict[str, Any]] = {}
        for row in json.loads((output / f"{kind}.json").read_text(encoding="utf-8")):
            other = first.setdefault(row.get("id", ""), row)
            for name in (name for name in NUMBERS if "id" in row and _differ(other.get(name), row.get(name))):
                places = f"{other['notebook']} ({other[name]}) and {row['notebook']} ({row[name]})"
                lines.append(f"{kind}.json: {name} of {row['term']!r} in {row['model']!r} differs between {places}")
    return lines


def _differ(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and not isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
