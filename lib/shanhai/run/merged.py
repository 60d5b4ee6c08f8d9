"""What all runs of a batch leave, put together: lists of numbers, numbers that differ, and how the batch ended."""

import json
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from math import isclose
from pathlib import Path
from typing import Any

from shanhai.core import sources
from shanhai.core.manifest import JOURNAL, MANIFEST, Record, read_manifest, write_json
from shanhai.run.folder import Folder
from shanhai.run.runs import CHINESE

KINDS = ("estimates", "tests", "quantities")
"""What runs leave in ``parts/``, merged into one file each."""

_ORDER = ("notebook", "spec_id", "sample", "outcome", "quantity", "model", "term", "statistic", "id")
"""Fields by which a file is sorted."""

NUMBERS = ("estimate", "value", "se", "low", "high", "p", "df", "n", "rejected")
"""Fields that are the same wherever a number is shown."""


DIFFERING = "differing"
"""Entry of the manifest: numbers that two runs give differently, once all runs were compared."""


def merged_before(
    output: Path,
    records: Mapping[str, Record],
    earlier: Mapping[str, Record],
    head: Mapping[str, Any],
    others: Collection[str],
) -> dict[str, str]:
    """Hashes of the files made of all runs, where the last batch made them of the same and they are as it left them.

    Parameters
    ----------
    output : Path
    records, earlier : mapping
        Of all runs, and of those that the last batch left.
    head : mapping
        What this batch is made from.
    others : collection of str
        Files made of all runs beside the merged ones, where there are any.

    Returns
    -------
    dict
        Empty where they have to be made: by other runs or inputs, of a batch that was stopped, damaged, or with numbers
        that differ, which are named at each call.
    """
    manifest = read_manifest(output)
    if (output / JOURNAL).exists():
        return {}
    if manifest.get(DIFFERING) != [] or manifest.get("inputs") != head["inputs"]:
        return {}
    if any(earlier.get(name) != record for name, record in records.items()):
        return {}
    if any(record.notebook and name not in records for name, record in earlier.items()):
        return {}
    required = [f"{kind}.json" for kind in KINDS]
    listed = {name: digest for name, digest in manifest["outputs"].items() if name in {*required, *others}}
    are_there = all((output / name).is_file() and sources.hash_file(output / name) == listed[name] for name in listed)
    return listed if are_there and set(required) <= set(listed) else {}


def merge_parts(folder: Folder, records: Mapping[str, Record]) -> dict[str, str]:
    """Write all estimates into one list, all tests and all quantities into two more; return their hashes by name."""
    hashes = {}
    output = folder.path
    names = [name for record in records.values() if record.ok for name in record.outputs if "parts/" in name]
    folder.bring(names)
    english = {name for name in names if name.startswith("parts/")}
    # numbers are the same in either language: those of the Chinese edition are taken where a run has no other
    taken = [name for name in names if name in english or name.removeprefix(f"{CHINESE}/") not in english]
    for kind in KINDS:
        ordered = sorted(_rows(output, taken, kind), key=lambda row: [str(row.get(key, "")) for key in _ORDER])
        write_json(output / f"{kind}.json", ordered, folder.staging)
        hashes[f"{kind}.json"] = sources.hash_file(output / f"{kind}.json")
    return hashes


def _rows(output: Path, names: Sequence[str], kind: str) -> list[dict[str, Any]]:
    """Rows of one kind in those of some files that have it."""
    parts = [name for name in names if name.endswith(f".{kind}.json")]
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
    written = [name for record in records.values() if record.ok for name in record.outputs]
    chinese = [name for name in written if name.startswith(f"{CHINESE}/parts/")]
    for kind in KINDS:
        first: dict[tuple[str, str], dict[str, Any]] = {}
        merged = json.loads((output / f"{kind}.json").read_text(encoding="utf-8"))
        translated = [{**row, "notebook": f"{CHINESE}/{row['notebook']}"} for row in _rows(output, chinese, kind)]
        for row in (*merged, *translated):
            run = "" if across else row["notebook"].removeprefix(f"{CHINESE}/")
            other = first.setdefault((run, row.get("id", "")), row)
            for name in (name for name in NUMBERS if "id" in row and _differ(other.get(name), row.get(name))):
                places = f"{other['notebook']} ({other[name]}) and {row['notebook']} ({row[name]})"
                lines.append(f"{kind}.json: {name} of {row['term']!r} in {row['model']!r} differs between {places}")
    return lines


def _differ(left: float | None, right: float | None) -> bool:
    from shanhai.render.numbers import LAST_DIGITS  # with what writes tables; a batch without work needs none

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
