"""Registry of data files: where each comes from, its checksum, and the user's own file in its place.

``data/registry.csv`` has one row a file. A user's own files are named in the table ``[replace]`` of
``.shanhai.toml`` at the root of the project, or of the file that the variable ``SHANHAI_SETTINGS`` names::

    [replace]
    county_gdp = "my_yearbook.csv"      # a table
    counties = "my_boundaries.shp"      # a layer
    elevation = "my_dem.tif"            # a grid of heights
    lights_grid = "my_lights.tif"       # a grid of lights or population

    [named.county_gdp]                  # optional: what figures say of it
    file = "yearbook-2022.xlsx"
    sheet = "3-2"
    day = "2026-11-29"

The ending of the file says whether a table, a layer or a grid is replaced, so ``counties`` can mean the
table of counties (``.csv``) or their polygons (``.shp``). Paths are relative to the settings file; that of the settings
file itself, in ``SHANHAI_SETTINGS``, to the root of the project, so that a command and a kernel read the same file
wherever they run. Settings are text in UTF-8, with or without its mark.

What ``shanhai data import`` took in stands in the folder ``own`` beside the settings file
(:mod:`shanhai.core.imported`) and counts like a line under ``[replace]``.
"""

import codecs
import csv
import hashlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from shanhai.core import imported
from shanhai.core.errors import ChecksumError, SettingsError, ShanhaiError, UnknownTableError
from shanhai.core.paths import DATA, ROOT

Kind = Literal["table", "layer", "grid"]

SETTINGS_VARIABLE = "SHANHAI_SETTINGS"
"""Environment variable that names a settings file elsewhere than ``.shanhai.toml`` at the root."""

REGISTRY = DATA / "registry.csv"

_SUFFIXES: Mapping[Kind, tuple[str, ...]] = {
    "table": (".csv",),
    "layer": (".shp", ".gpkg", ".geojson"),
    "grid": (".tif", ".tiff"),
}
"""Endings of the files that can stand for a table, a layer, a grid."""

LAYERS = ("counties", "prefectures", "provinces", "provincial_borders")
"""Layers of ``shapefiles/``."""

_GRIDS = ("elevation", "lights_grid")
"""Grids are never bundled: the terrain table is made from one, the cell level of notebook 13 needs the other."""


@dataclass(frozen=True)
class Source:
    """One bundled file: what it holds, who published it, under what licence, and its checksum."""

    file: str
    """Path from the root of the project, with forward slashes."""
    sha256: str
    title: str
    title_zh: str
    origin: str
    origin_zh: str
    licence: str
    licence_zh: str
    accessed: str
    """Day on which the figures were taken over, ``YYYY-MM-DD``."""
    vintage: str
    """Year or years that the contents describe."""
    vintage_zh: str

    @cached_property
    def path(self) -> Path:
        return ROOT / self.file

    @cached_property
    def name(self) -> str:
        return self.path.stem

    @cached_property
    def kind(self) -> Kind | None:
        """None for the bibliography, which no file of the user's own replaces."""
        if self.file.startswith("data/"):
            return "table" if self.path.suffix == ".csv" else None
        return "layer"


def read_registry(path: Path = REGISTRY) -> tuple[Source, ...]:
    """All rows of the registry, in the order of the file; read once per state of it.

    Raises
    ------
    ChecksumError
        If the registry is missing or lacks a column.
    """
    if not path.is_file():
        raise ChecksumError(f"The registry {path} is missing. Restore it with `git checkout -- data/registry.csv`.")
    return _read_registry(path, state(path))


@lru_cache(maxsize=2)
def _read_registry(path: Path, state: "State") -> tuple[Source, ...]:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    columns = {field.name for field in fields(Source)}
    if rows and set(rows[0]) != columns:
        raise ChecksumError(f"{path.name} has the columns {sorted(rows[0])}; it needs exactly {sorted(columns)}.")
    return tuple(Source(**row) for row in rows)


def names(kind: Kind = "table") -> tuple[str, ...]:
    """Sorted names of all registered tables, of the layers, or of the grids that a user may give."""
    if kind == "table":
        return tuple(sorted({source.name for source in read_registry() if source.kind == "table"}))
    return tuple(sorted(LAYERS)) if kind == "layer" else _GRIDS


def settings_file() -> Path | None:
    """The settings file in force, or None if the user has none.

    Raises
    ------
    SettingsError
        If ``SHANHAI_SETTINGS`` names a file that does not exist.
    """
    named = os.environ.get(SETTINGS_VARIABLE)
    if named:
        path = (ROOT / Path(named).expanduser()).resolve()
        if not path.is_file():
            raise SettingsError(
                f"{SETTINGS_VARIABLE} names {named!r}, but {path} does not exist. A relative path counts from the root"
                " of the project, in a command and in a kernel alike: give the whole path, or unset the variable."
            )
        return path
    path = ROOT / ".shanhai.toml"
    return path if path.is_file() else None


def replacements() -> dict[tuple[Kind, str], Path]:
    """The user's own files by kind and name, named in the settings or imported; empty where there are neither.

    Raises
    ------
    SettingsError
        If the file is no TOML, has unknown entries, or names a file that does not exist or has an unknown ending; if a
        table is both named there and imported, or an imported file is not as it was.
    """
    taken_in, named = _imported_files(), named_files()
    if both := sorted(name for _, name in taken_in.keys() & named.keys()):
        raise SettingsError(
            f"{settings_file()} names {both}, which `shanhai data import` took in as well. Remove the line, or take the"
            " import back with `shanhai data undo`."
        )
    return named | taken_in


def named_files() -> dict[tuple[Kind, str], Path]:
    """The user's own files that the settings name under ``[replace]``.

    Raises
    ------
    SettingsError
        As :func:`replacements`.
    """
    path = settings_file()
    if path is None:
        return {}
    known = {kind: names(kind) for kind in _SUFFIXES}
    return dict(_replacement(path, name, value, known) for name, value in _replace_table(path).items())


@dataclass(frozen=True)
class Origin:
    """Where a file of the user's own comes from, as figures say it: no path, which would say whose desk it is."""

    file: str
    """Name of the file."""
    sheet: str = ""
    day: str = ""
    """Day of the import, ``YYYY-MM-DD``; empty for a file that the settings name."""


def origins() -> dict[tuple[Kind, str], Origin]:
    """Origin of each of the user's own files, by kind and name.

    Raises
    ------
    SettingsError
        As :func:`replacements`.
    """
    entries = {name: entry for name, (entry, _) in imported.in_force(imported.read_register(own_folder())).items()}
    settings = settings_file()
    said = tomllib.loads(read_text(settings, SettingsError)).get("named", {}) if settings else {}
    found: dict[tuple[Kind, str], Origin] = {}
    for (kind, name), path in sorted(replacements().items()):
        entry = entries.get(f"{kind}/{name}")
        if entry is not None:
            found[kind, name] = Origin(entry.source, entry.sheet, entry.day)
        else:
            found[kind, name] = Origin(**said[name]) if name in said else Origin(path.name)
    return found


def own_folder() -> Path:
    """Folder of what was imported: ``own`` beside the settings file, or at the root of the project.

    Raises
    ------
    SettingsError
        As :func:`settings_file`.
    """
    settings = settings_file()
    return (settings.parent if settings else ROOT) / imported.FOLDER


def _imported_files() -> dict[tuple[Kind, str], Path]:
    """Files that were imported and are in force, each as it was when it was taken in.

    Raises
    ------
    SettingsError
        If the register is damaged, or a file is missing or was changed.
    """
    folder = own_folder()
    found: dict[tuple[Kind, str], Path] = {}
    for name, (entry, part) in imported.in_force(imported.read_register(folder)).items():
        for file, digest in entry.sums.items():
            path = folder / file
            if not path.is_file() or sha256(path) != digest:
                raise SettingsError(
                    f"{path} was imported from {entry.source} and is missing or was changed since. Take the import back"
                    " with `shanhai data undo`, and import the file again."
                )
        for kind in _SUFFIXES:
            table = name.removeprefix(f"{kind}/")
            if table != name and table in names(kind):
                found[kind, table] = folder / part
    return found


def _replace_table(path: Path) -> dict[str, object]:
    try:
        settings = tomllib.loads(read_text(path, SettingsError))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}. Correct the line it names.") from error
    unknown = sorted(set(settings) - {"replace", "named"})
    if unknown:
        raise SettingsError(
            f"{path} has the unknown entries {unknown}; the only table allowed is [replace], with [named] beside it."
        )
    table = settings.get("replace", {})
    if not isinstance(table, dict):
        raise SettingsError(f"`replace` in {path} must be a table: write [replace] on a line of its own.")
    _require_named(path, settings.get("named", {}), table)
    return table


def _require_named(path: Path, named: object, replaced: Mapping[str, object]) -> None:
    keys = {field.name for field in fields(Origin)}
    if not isinstance(named, dict) or not all(
        name in replaced
        and isinstance(said, dict)
        and said.get("file")
        and set(said) <= keys
        and all(isinstance(text, str) and text.isprintable() for text in said.values())
        and imported.is_day(said.get("day", ""))
        for name, said in named.items()
    ):
        raise SettingsError(
            f"`named` in {path} is not understood; allowed: for each name under [replace] a table [named.NAME] with"
            f" {', '.join(sorted(keys))}, each a text in quotes, file always, day as YYYY-MM-DD. Correct or remove it."
        )


def _replacement(
    settings: Path, name: str, value: object, known: Mapping[Kind, tuple[str, ...]]
) -> tuple[tuple[Kind, str], Path]:
    if not isinstance(value, str):
        raise SettingsError(f"`{name} = {value!r}` in {settings}: the value must be a path in quotes.")
    target = (settings.parent / Path(value).expanduser()).resolve()
    kind = next((kind for kind, endings in _SUFFIXES.items() if target.suffix.lower() in endings), None)
    if kind is None:
        endings = sorted(ending for group in _SUFFIXES.values() for ending in group)
        raise SettingsError(f"`{name}` in {settings} names {target.name}; its ending must be one of {endings}.")
    if name not in known[kind]:
        raise SettingsError(
            f"`{name}` in {settings} is no {kind} of the project; a {kind} is one of {list(known[kind])}."
        )
    if not target.is_file():
        raise SettingsError(f"`{name}` in {settings} names {target}, which does not exist. Correct or remove the line.")
    return (kind, name), target


def read_text(path: Path, error: type[ShanhaiError]) -> str:
    """Text of a file that a user wrote, in UTF-8 with or without its mark.

    Raises
    ------
    The given error
        If the file is in another encoding; the message says which one it looks like.
    """
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" not in text:
        return text
    raise error(
        f'{path} is not in UTF-8: it looks like {_looks_like(content)}. Save it as UTF-8: settings in Notepad by "Save'
        ' as" with the encoding UTF-8, a table as CSV in UTF-8, which Excel calls "CSV UTF-8".'
    )


def _looks_like(content: bytes) -> str:
    if content.startswith(b"PK\x03\x04"):
        return "a workbook of Excel"
    # The mark of UTF-32 begins with that of UTF-16.
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "UTF-32"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in content:
        return "UTF-16"
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return "no text"
    return "GBK or GB18030"


def is_replaced(name: str, kind: Kind = "table") -> bool:
    """Whether the user's settings put a file in the place of this table, layer or grid."""
    return (kind, name) in replacements()


def resolve(name: str, kind: Kind = "table") -> Path:
    """Path of the file to read for a table, layer or grid: the user's own if there is one, else the bundled one.

    Raises
    ------
    UnknownTableError
        If the name is registered neither by the project nor in the user's settings.
    """
    own = replacements().get((kind, name))
    return own if own is not None else bundled(name, kind)[0].path


def bundled(name: str, kind: Kind = "table") -> tuple[Source, ...]:
    """Registry rows of a table (one) or layer (one a part of the shapefile, the ``.shp`` first).

    Raises
    ------
    UnknownTableError
        If the registry has no such table or layer.
    """
    rows = _bundled(name, kind, read_registry())
    if not rows:
        hint = " It is not bundled: name a file of your own under [replace] in .shanhai.toml." if kind == "grid" else ""
        raise UnknownTableError(f"There is no {kind} {name!r}; choose one of {list(names(kind))}.{hint}")
    return rows


@lru_cache(maxsize=256)
def _bundled(name: str, kind: Kind, registry: tuple[Source, ...]) -> tuple[Source, ...]:
    """Kept, because a batch asks for the same few tables for each of its runs."""
    rows = [source for source in registry if source.kind == kind and source.name == name]
    return tuple(sorted(rows, key=lambda source: source.path.suffix not in _SUFFIXES[kind]))


def verify(name: str, kind: Kind = "table") -> None:
    """Check that the bundled files of a table or layer are those of the registry.

    Raises
    ------
    ChecksumError
        If a file is missing or its SHA-256 differs; the message says expected, got, likely cause, next step.
    """
    for source in bundled(name, kind):
        if not source.path.is_file():
            raise ChecksumError(f"{source.file} is missing. Restore it with `git checkout -- {source.file}`.")
        found = sha256(source.path)
        if found != source.sha256:
            raise ChecksumError(
                f"{source.file} is not the file of the registry.\n"
                f"  expected: {source.sha256}\n  got:      {found}\n"
                f"  likely cause: it was edited, or checked out with changed line ends.\n"
                f"  next step: `git checkout -- {source.file}` to restore it, `shanhai build registry` if the change is"
                f" meant, or name your own file under [replace] in .shanhai.toml."
            )


def parts(path: Path) -> tuple[Path, ...]:
    """Every file that is read with a layer or grid, sorted: sidecars in any case of their endings, unwritten changes.

    A shapefile is several files of one stem, and drivers look for others beside any file (``.cpg``, ``.qix``,
    ``.aux.xml``); the changes that a GeoPackage has not taken over lie in a ``-wal`` or ``-journal``.
    """
    stem = f"{path.stem}.".casefold()
    files = (other for other in path.parent.iterdir() if other.name.casefold().startswith(stem) and other.is_file())
    return tuple(sorted(other for other in files if not _is_of_a_reader(other)))


def _is_of_a_reader(path: Path) -> bool:
    """Whether SQLite makes the file when it only reads, and removes it again: shared memory, a journal of nothing."""
    ending = path.suffix.casefold().rpartition("-")[2]
    return ending == "shm" or (ending in ("wal", "journal") and path.stat().st_size == 0)


State = tuple[int, int, int, int]
"""Size, times of the last change and of the last change of state, and number of a file on its disk."""


def state(path: Path) -> State:
    """State of a file: it is another one after any change, also after one that was taken back."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def sha256(path: Path) -> str:
    """SHA-256 of a file as 64 hexadecimal digits; read once per state of the file."""
    return _sha256(path, state(path))


def hash_file(path: Path) -> str:
    """SHA-256 of the bytes of a file as they are now."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@lru_cache(maxsize=1024)
def _sha256(path: Path, state: State) -> str:
    return hash_file(path)
