"""Which elevation model a user's own terrain table was made from, so that no run passes over the model unread.

A run reads heights from the table ``county_terrain`` alone: measuring every county takes minutes, and packages that
only building needs. ``shanhai build terrain`` makes the table and writes beside it, as ``NAME.made-from.json``, the
checksum of the elevation model.
"""

import json
from pathlib import Path

from shanhai.core import sources
from shanhai.core.errors import SettingsError

TABLE = "county_terrain"
GRID = "elevation"


def note_of(table: Path) -> Path:
    """File beside a terrain table that says what it was made from."""
    return table.with_suffix(".made-from.json")


def require_own_terrain() -> None:
    """Refuse settings whose elevation model a run would not use.

    Raises
    ------
    SettingsError
        ``elevation`` stands under ``[replace]``, and the terrain table that is read was not made from it.
    """
    if not sources.is_replaced(GRID, "grid"):
        return
    grid, settings = sources.resolve(GRID, "grid"), sources.settings_file()
    named = f"`{GRID}` in {settings} names {grid.name}, but a run reads heights from the table {TABLE}, which"
    if not sources.is_replaced(TABLE):
        raise SettingsError(
            f"{named} is still the project's own. Run `shanhai build terrain`, write the line that it prints under"
            f" [replace], and run again; or remove the line `{GRID}`."
        )
    table = sources.resolve(TABLE)
    if _made_from(table) != sources.sha256(grid):
        raise SettingsError(
            f"{named} is {table.name} and was not made from this file. Run `shanhai build terrain --to"
            f' "{table}"` to make it anew; or remove the line `{GRID}` if {table.name} has the heights you want.'
        )


def _made_from(table: Path) -> str | None:
    """Checksum of the elevation model that a table was made from; None if nothing readable says so."""
    try:
        note = json.loads(note_of(table).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    checksum = note.get("sha256") if isinstance(note, dict) else None
    return checksum if isinstance(checksum, str) else None
