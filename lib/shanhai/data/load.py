"""The only reader of the files in ``data/`` and ``shapefiles/``.

A table is read by the types of the data dictionary, corrected by the written rules, and validated, once per process
and state of the file; a user's own file in its place passes through the same, and is held against the limits of what is
plausible. The frame returned is a copy that the caller may change.
"""

import logging
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import pandas as pd

from shanhai.core import fields, own_terrain, sources
from shanhai.core.errors import SettingsError
from shanhai.core.paths import ROOT
from shanhai.core.places import Places
from shanhai.data import codes, plausibility, reading, rules, store
from shanhai.data.corrections import all_rules as clean
from shanhai.geo.door import CheckedLayer, Registry, check_layer, layer_registry, read_layer

_REGISTERS = ("counties", "prefectures", "provinces", "crosswalk", "zones")
"""Tables that say what the code of a polygon stands for."""

_NAMES = ("counties", "prefectures", "provinces", "crosswalk")
"""Tables that say which places there are, and what other years called them."""


def load_table(name: str, *, corrected: bool = True) -> pd.DataFrame:
    """A table of the project, or the user's own file in its place.

    Parameters
    ----------
    name : a table of the data dictionary, e.g. ``"census_2020"``.
    corrected : with False, the figures exactly as published: no rule is applied and ranges are not checked.

    Returns
    -------
    pandas.DataFrame with the columns of the dictionary, sorted by its key; units are those of the dictionary. The rules
    know a defect by its values, so that they correct a user's own file as they correct ours.

    Raises
    ------
    UnknownTableError, ChecksumError, SettingsError
    UnknownPlaceError
        If a user's own file holds codes that are in no table of the project.
    ValidationError
        If the file cannot be read as this table, or holds a figure that no rule corrects and nothing true could be.
    """
    return (_load(name)[0] if corrected else _read(name)).copy()


def load_own_table(name: str, path: Path) -> pd.DataFrame:
    """A user's file as the table of this name, by its path: read, corrected and checked as one that the settings name.

    Parameters
    ----------
    name : a table of the data dictionary.
    path : of a CSV file; a relative one counts from the root of the project.

    Raises
    ------
    SettingsError
        If there is no such file.
    UnknownTableError, UnknownPlaceError, ValidationError
        As :func:`load_table`.
    """
    file = (ROOT / path).resolve()
    if not file.is_file():
        raise SettingsError(
            f"There is no file {path}; allowed: a CSV file, its path counted from the root of the project. Correct the"
            " path, or leave it empty for the table in force."
        )
    return _corrected(name, file, sources.state(file), True)[0].copy()


def load_corrections(name: str) -> pd.DataFrame:
    """Log of the corrections that :func:`load_table` applied: rule, table, key, column, before, after (all text)."""
    return _load(name)[1].copy()


def load_layer(name: str) -> gpd.GeoDataFrame:
    """A layer (``counties``, ``prefectures``, ``provinces``, ``provincial_borders``) in WGS 84, or the user's own.

    Raises
    ------
    UnknownTableError, ChecksumError, SettingsError
    BoundaryError
        If the user's own layer does not pass :func:`shanhai.geo.door.check_layer`.
    """
    return _layer(name, *file_state(name, "layer")).frame.copy()


def layer_notes(name: str) -> tuple[str, ...]:
    """What the check of the user's own layer noted: units that are absent, names in another writing.

    Raises
    ------
    UnknownTableError, ChecksumError, SettingsError, BoundaryError
    """
    return _layer(name, *file_state(name, "layer")).notes


def load_bundled_layer(name: str) -> gpd.GeoDataFrame:
    """A layer of the project itself, whatever the settings put in its place: what is known beyond a user's own.

    Raises
    ------
    UnknownTableError, ChecksumError
    """
    return _layer(name, *_bundled_state(name, "layer")).frame.copy()


def load_places() -> Places:
    """The counties, prefectures and provinces of the 2020 census, to look up by code, 中文 or English name."""
    return _places(*(file_state(name) for name in _NAMES))


def _load(name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    return _corrected(name, *file_state(name))


def _read(name: str) -> pd.DataFrame:
    return _published(name, *file_state(name))


FileState = tuple[Path, sources.State, bool]
"""Path of a file, its state, and whether it is the user's own: what a frame in memory depends on."""


def file_state(name: str, kind: sources.Kind = "table") -> FileState:
    """State of the file behind a table or layer, a bundled one verified; the key of what is kept in memory.

    Raises
    ------
    UnknownTableError, ChecksumError, SettingsError
    """
    if (kind, name) == ("table", own_terrain.TABLE):
        own_terrain.require_own_terrain()
    if not sources.is_replaced(name, kind):
        return _bundled_state(name, kind)
    path = sources.resolve(name, kind)
    return path, sources.state(path), True


def _bundled_state(name: str, kind: sources.Kind = "table") -> FileState:
    """State of the project's own file, verified, whether or not a user's stands in its place.

    Raises
    ------
    UnknownTableError, ChecksumError
    """
    sources.verify(name, kind)
    path = sources.bundled(name, kind)[0].path
    return path, sources.state(path), False


@lru_cache(maxsize=64)
def _published(name: str, path: Path, modified: sources.State, replaced: bool) -> pd.DataFrame:
    return reading.read_table(name, path, own=replaced)


@lru_cache(maxsize=64)
def _corrected(name: str, path: Path, modified: sources.State, replaced: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Corrected and validated table with its log; a file that was validated before is not validated again."""
    needed = {other for rule in clean.RULES if rule.table == name for other in rule.needs}
    if replaced:
        needed |= plausibility.needs_of(name) | codes.needs_of(name)
    inputs = [path, fields.DICTIONARY, *store.input_files(sorted(needed - {name}), [])]
    if replaced:
        inputs.append(sources.bundled(name)[0].path)
    state = path, modified, replaced
    kept = f"own-table-{name}" if replaced else f"table-{name}"
    return store.stored(kept, inputs, lambda: _correct(name, state, sorted(needed - {name})))


def _correct(name: str, state: FileState, needed: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    published = _published(name, *state)
    path, _, replaced = state
    if replaced:
        plausibility.require_years(name, path.name, published)
    tables = {other: load_table(other) for other in needed}
    if replaced:
        ours, _ = _corrected(name, *_bundled_state(name))
        # codes as printed are known too: a rule may be what corrects them
        known = pd.concat([ours, _published(name, *_bundled_state(name))])
        codes.require_known_codes(name, path.name, published, known, tables)
    frame, log = rules.apply_rules(name, published, clean.RULES, fields.key_of(name), tables)
    fields.validate(f"{name} ({path.name})" if replaced else name, frame, fields.fields_of(name))
    if replaced:
        plausibility.require_plausible(name, path.name, frame, ours, tables)
    return frame, log


@lru_cache(maxsize=2)
def _places(*states: FileState) -> Places:
    """Of the tables in these states; a place cannot be changed, so that all callers share them."""
    return Places.from_frames(*(load_table(name) for name in _NAMES))


@lru_cache(maxsize=8)
def _layer(name: str, path: Path, modified: sources.State, replaced: bool) -> CheckedLayer:
    """The project's own layer as it is (its checksum was verified), a user's one through the door, its notes logged."""
    if not replaced:
        return CheckedLayer(gpd.read_file(path).to_crs("EPSG:4326"), ())
    checked = check_layer(read_layer(path, name), load_registry(name), path.name)
    for note in checked.notes:
        logging.getLogger(__name__).warning("%s: %s", path.name, note)
    return checked


def load_registry(name: str) -> Registry:
    """What a user's own layer of this name is held against: the project's layer, and the tables in force.

    Raises
    ------
    UnknownTableError, ChecksumError, SettingsError, ValidationError
    """
    return layer_registry(name, load_bundled_layer(name), {table: load_table(table) for table in _REGISTERS})
