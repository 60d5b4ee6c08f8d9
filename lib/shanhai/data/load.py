"""The only reader of the files in ``data/`` and ``shapefiles/``.

A table is read by the types of the data dictionary, corrected by the written rules, and validated, once per process
and state of the file; a user's own file in its place passes through the same, and is held against the limits of what is
plausible. The frame returned is a copy that the caller may change.
"""

from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import pandas as pd
from pyogrio.errors import DataSourceError

from shanhai import fields, sources
from shanhai.data import clean, codes, plausibility, reading, rules, store
from shanhai.errors import BoundaryError
from shanhai.places import Places

LAYER_CODES = {
    "counties": "code",
    "prefectures": "code",
    "provinces": "code",
    "provincial_borders": "prov_a",
}
"""Column of each layer that must hold six-digit codes."""


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


def load_corrections(name: str) -> pd.DataFrame:
    """Log of the corrections that :func:`load_table` applied: rule, table, key, column, before, after (all text)."""
    return _load(name)[1].copy()


def load_layer(name: str) -> gpd.GeoDataFrame:
    """A layer (``counties``, ``prefectures``, ``provinces``, ``provincial_borders``) in WGS 84, or the user's own.

    Raises
    ------
    UnknownTableError, ChecksumError, SettingsError
    BoundaryError
        If the layer has no reference system or no column of six-digit codes.
    """
    path, modified, _ = file_state(name, "layer")
    return _layer(name, path, modified).copy()


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
    if not sources.is_replaced(name, kind):
        return bundled_state(name, kind)
    path = sources.resolve(name, kind)
    return path, path.stat().st_mtime_ns, True


def bundled_state(name: str, kind: sources.Kind = "table") -> FileState:
    """State of the project's own file, verified, whether or not a user's stands in its place.

    Raises
    ------
    UnknownTableError, ChecksumError
    """
    sources.verify(name, kind)
    path = sources.bundled(name, kind)[0].path
    return path, path.stat().st_mtime_ns, False


@lru_cache(maxsize=64)
def _published(name: str, path: Path, modified: int, replaced: bool) -> pd.DataFrame:
    return reading.read_table(name, path, own=replaced)


@lru_cache(maxsize=64)
def _corrected(name: str, path: Path, modified: int, replaced: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
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
    tables = {other: load_table(other) for other in needed}
    frame, log = rules.apply_rules(name, published, clean.RULES, fields.key_of(name), tables)
    fields.validate(f"{name} ({path.name})" if replaced else name, frame, fields.fields_of(name))
    if replaced:
        ours, _ = _corrected(name, *bundled_state(name))
        codes.require_known_codes(name, path.name, frame, ours, tables)
        plausibility.require_plausible(name, path.name, frame, ours, tables)
    return frame, log


@lru_cache(maxsize=2)
def _places(*states: FileState) -> Places:
    """Of the three tables in these states; a place cannot be changed, so that all callers share them."""
    return Places.from_frames(*(load_table(name) for name in ("counties", "prefectures", "provinces")))


@lru_cache(maxsize=8)
def _layer(name: str, path: Path, modified: int) -> gpd.GeoDataFrame:
    try:
        frame = gpd.read_file(path)
    except DataSourceError as error:
        raise BoundaryError(
            f"{path.name} cannot be read as layer {name!r}: {error}. Check the file in a GIS."
        ) from error
    column = LAYER_CODES[name]
    if frame.crs is None:
        raise BoundaryError(f"{path.name} has no reference system. Add a .prj file that names it.")
    if column not in frame.columns:
        raise BoundaryError(
            f"{path.name} has the attributes {list(frame.columns[:-1])}; layer {name!r} needs {column!r}."
        )
    codes = frame[column].astype("str")
    if not codes.str.fullmatch(r"\d{6}").all():
        wrong = codes[~codes.str.fullmatch(r"\d{6}")].head().tolist()
        raise BoundaryError(f"{path.name}: {column} must hold codes of six digits, but holds {wrong}.")
    return frame.to_crs("EPSG:4326")
