"""The only reader of the files in ``data/`` and ``shapefiles/``.

A table is read by the types of the data dictionary, corrected by the written rules, and validated, once per process
and state of the file. The frame returned is a copy that the caller may change.
"""

import logging
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import pandas as pd

from shanhai import fields, sources
from shanhai.data import clean, rules, store
from shanhai.errors import ValidationError
from shanhai.geo.door import CheckedLayer, Registry, check_layer, layer_registry, read_layer
from shanhai.places import Places

ENCODING = "utf-8-sig"
"""UTF-8, with or without the mark that spreadsheets put in front."""

REGISTERS = ("counties", "prefectures", "provinces", "crosswalk", "zones")
"""Tables that say what the code of a polygon stands for."""


def load_table(name: str, *, corrected: bool = True) -> pd.DataFrame:
    """A table of the project, or the user's own file in its place.

    Parameters
    ----------
    name : a table of the data dictionary, e.g. ``"census_2020"``.
    corrected : with False, the figures exactly as published: no rule is applied and ranges are not checked.

    Returns
    -------
    pandas.DataFrame with the columns of the dictionary; units are those of the dictionary. A user's own file is
    validated but never corrected: the rules are about the published files.

    Raises
    ------
    UnknownTableError, ChecksumError, ValidationError, SettingsError
    """
    return (_load(name)[0] if corrected else _read(name)).copy()


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


def load_places() -> Places:
    """The counties, prefectures and provinces of the 2020 census, to look up by code, 中文 or English name."""
    return _places(*(file_state(name) for name in ("counties", "prefectures", "provinces")))


def _load(name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    return _corrected(name, *file_state(name))


def _read(name: str) -> pd.DataFrame:
    return _published(name, *file_state(name))


FileState = tuple[Path, int, bool]
"""Path of a file, time of its last change, and whether it is the user's own: what a frame in memory depends on."""


def file_state(name: str, kind: sources.Kind = "table") -> FileState:
    """State of the file behind a table or layer, a bundled one verified; the key of what is kept in memory.

    Raises
    ------
    UnknownTableError, ChecksumError, SettingsError
    """
    replaced = sources.is_replaced(name, kind)
    if not replaced:
        sources.verify(name, kind)
    path = sources.resolve(name, kind)
    return path, path.stat().st_mtime_ns, replaced


@lru_cache(maxsize=64)
def _published(name: str, path: Path, modified: int, replaced: bool) -> pd.DataFrame:
    types = fields.dtypes(fields.fields_of(name))
    try:
        header = list(pd.read_csv(path, nrows=0, encoding=ENCODING).columns)
        if header != list(types):
            raise ValidationError(
                f"{path.name} has the columns {header}; table {name!r} needs {list(types)}, in this order."
            )
        return pd.read_csv(path, dtype=types, encoding=ENCODING, keep_default_na=False, na_values=[""])
    except ValueError as error:
        raise ValidationError(
            f"{path.name} cannot be read as table {name!r}: {error}. Save it as CSV in UTF-8 with the types that"
            " data/dictionary.csv lists."
        ) from error


@lru_cache(maxsize=64)
def _corrected(name: str, path: Path, modified: int, replaced: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Corrected and validated table with its log; a file that was validated before is not validated again."""
    applied = () if replaced else tuple(rule for rule in clean.RULES if rule.table == name)
    needed = sorted({other for rule in applied for other in rule.needs})
    inputs = [path, fields.DICTIONARY, *store.input_files(needed, [])]
    state = path, modified, replaced
    return store.stored(f"table-{name}", inputs, lambda: _correct(name, state, applied, needed))


def _correct(
    name: str, state: FileState, applied: tuple[rules.Rule, ...], needed: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    tables = {other: load_table(other) for other in needed}
    frame, log = rules.apply_rules(name, _published(name, *state), applied, fields.key_of(name), tables)
    return fields.validate(name, frame), log


@lru_cache(maxsize=2)
def _places(*states: FileState) -> Places:
    """Of the three tables in these states; a place cannot be changed, so that all callers share them."""
    return Places.from_frames(*(load_table(name) for name in ("counties", "prefectures", "provinces")))


@lru_cache(maxsize=8)
def _layer(name: str, path: Path, modified: int, replaced: bool) -> CheckedLayer:
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
    sources.verify(name, "layer")
    path = sources.bundled(name, "layer")[0].path
    own = _layer(name, path, path.stat().st_mtime_ns, False).frame
    return layer_registry(name, own, {table: load_table(table) for table in REGISTERS})
