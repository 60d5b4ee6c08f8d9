"""Figures and tables of a run as a list beside its estimates: what a page, a paper or a workbook shows again."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shanhai.core import paths
from shanhai.render.tables import TableSpec

_listed: dict[Path, dict[tuple[str, str], dict[str, Any]]] = {}
"""Exhibits of each file by kind and stem: a table and a figure of one run may have one name."""


def list_exhibit(kind: str, stem: str, caption: str, files: tuple[Path, ...], **shown: Any) -> None:
    """Add an exhibit to ``parts/<run>.exhibits.json``; one that is published again takes the place of the first.

    Parameters
    ----------
    kind : {"figure", "table"}
    stem : str
        Run and name, as its files are called.
    caption : str
    files : tuple of Path
    **shown
        What its kind has beside: printed cells of a table, size of a figure.
    """
    folder = paths.output_folder()
    file = folder / "parts" / f"{paths.run_name()}.exhibits.json"
    listed = _listed.setdefault(file, {})
    listed[kind, stem] = {
        "kind": kind,
        "name": stem.partition("--")[2],
        "stem": stem,
        "caption": caption,
        "files": {path.suffix[1:]: path.relative_to(folder).as_posix() for path in files},
        **shown,
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(list(listed.values()), ensure_ascii=False, indent=1, allow_nan=False)
    file.write_text(text + "\n", encoding="utf-8", newline="\n")


def printed_table(spec: TableSpec) -> Mapping[str, Any]:
    """Heads, cells, alignment, rules and notes of a table as it is printed."""
    return {
        "heads": spec.heads(),
        "rows": spec.cells(),
        "numeric": [bool(right) for right in spec.numeric()],
        "rules_before": sorted(spec.rules_before),
        "notes": list(spec.notes),
    }
