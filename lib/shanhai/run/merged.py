"""What all runs of a batch leave, put together: lists of numbers, numbers that differ, and how the batch ended."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from math import isclose
from pathlib import Path
from typing import Any

from shanhai.core import sources
from shanhai.core.manifest import MANIFEST, Record, write_json
from shanhai.render.numbers import LAST_DIGITS
from shanhai.run.folder import Folder
from shanhai.run.runs import CHINESE

KINDS = ("estimates", "tests", "quantities")
"""What runs leave in ``parts/``, merged into one file each."""

_ORDER = ("notebook", "spec_id", "sample", "outcome", "quantity", "model", "term", "statistic", "id")
"""Fields by which a file is sorted."""

NUMBERS = ("estimate", "value", "se", "low", "high", "p", "df", "n", "rejected")
"""Fields that are the same wherever a number is shown."""


def merge_parts(folder: Folder, records: Mapping[str, Record]) -> dict[str, str]:
    """Write all estimates into one list, all tests and all quantities into two more; return their hashes by name."""
    hashes = {}
    output = folder.path
    names = [name for record in records.values() if record.ok for name in record.outputs if "parts/" in name]
    folder.bring(names)
    # numbers are the same in either language: those of the Chinese edition are taken where there is no other
    parts = "parts/" if any(name.startswith("parts/") for name in names) else f"{CHINESE}/parts/"
    for kind in KINDS:
        ordered = sorted(_rows(output, records, kind, parts), key=lambda row: [str(row.get(key, "")) for key in _ORDER])
        write_json(output / f"{kind}.json", ordered, folder.staging)
        hashes[f"{kind}.json"] = sources.hash_file(output / f"{kind}.json")
    return hashes


def _rows(output: Path, records: Mapping[str, Record], kind: str, folder: str) -> list[dict[str, Any]]:
    """Rows of one kind that runs left in a folder of the results."""
    written = [name for record in records.values() if record.ok for name in record.outputs]
    parts = [name for name in written if name.startswith(folder) and name.endswith(f".{kind}.json")]
    return [row for name in parts for row in json.loads((output / name).read_text(encoding="utf-8"))]


def disagreements(output: Path, records: Mapping[str, Record], *, across: bool = True) -> list[str]:
    """Numbers of one id that two runs, or two editions of a run, give differently, one line each.

    Numbers agree if they are equal to eight digits; what only one of two runs knows is no disagreement.

    Parameters
    ----------
    output : Path
    records : mapping of name to Record
    across : bool
        Whether runs are held against each other; else each run's editions alone, since runs of one notebook with other
        parameters give other numbers under one id.
    """
    lines = []
    for kind in KINDS:
        first: dict[tuple[str, str], dict[str, Any]] = {}
        merged = json.loads((output / f"{kind}.json").read_text(encoding="utf-8"))
        translated = [
            {**row, "notebook": f"{CHINESE}/{row['notebook']}"}
            for row in _rows(output, records, kind, f"{CHINESE}/parts/")
        ]
        for row in (*merged, *translated):
            run = "" if across else row["notebook"].removeprefix(f"{CHINESE}/")
            other = first.setdefault((run, row.get("id", "")), row)
            for name in (name for name in NUMBERS if "id" in row and _differ(other.get(name), row.get(name))):
                places = f"{other['notebook']} ({other[name]}) and {row['notebook']} ({row[name]})"
                lines.append(f"{kind}.json: {name} of {row['term']!r} in {row['model']!r} differs between {places}")
    return lines


def _differ(left: float | None, right: float | None) -> bool:
    return left is not None and right is not None and not isclose(left, right, rel_tol=LAST_DIGITS, abs_tol=1e-12)


def print_summary(
    folder: Folder,
    records: Mapping[str, Record],
    executed: int,
    differing: Sequence[str],
    say: Callable[[str], str] = str,
) -> None:
    """Say what was executed, what failed and where its partial copy is, and which numbers differ."""
    failed = {name: record for name, record in records.items() if not record.ok}
    print(end="", flush=True)
    for name, record in failed.items():
        print(say(f"FAILED {name}: {record.error}"), file=sys.stderr)
        for copy in record.outputs:
            print(say(f"  partial copy: {folder.shown}/{copy}"), file=sys.stderr)
    unchanged = len(records) - executed
    counts = f"{executed} executed, {unchanged} unchanged, {len(failed)} failed"
    print(say(f"{counts}. Results: {folder.shown} ({MANIFEST} says how)"))
    print(*(say(f"FAILED {line}") for line in differing), sep="\n", end="\n" if differing else "", file=sys.stderr)
