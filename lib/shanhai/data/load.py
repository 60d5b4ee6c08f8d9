"""The only reader of the files in ``data/`` and ``shapefiles/``.

A table is read by the types of the data dictionary, corrected by the written rules, and validated, once per process
and state of the file. The frame returned is a copy that the caller may change.
"""

from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import pandas as pd
from pyogrio.errors import DataSourceError

from shanhai import fields, sources
from shanhai.data import clean, rules
from shanhai.errors import BoundaryError, ValidationError
from shanhai.places import Places

ENCODING = "utf-8-sig"
"""UTF-8, with or without the mark that spreadsheets put in front."""

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
        If the layer has no reference system or no column of six-digit codes.
    """
    path, modified, _ = _state(name, "layer")
    return _layer(name, path, modified).copy()


def load_places() -> Places:
    """The counties, prefectures and provinces of the 2020 census, to look up by code, 中文 or English name."""
    frames = [load_table(name) for name in ("counties", "prefectures", "provinces")]
    return Places.from_frames(*frames)


def _load(name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    return _corrected(name, *_state(name, "table"))


def _read(name: str) -> pd.DataFrame:
    return _published(name, *_state(name, "table"))


def _state(name: str, kind: sources.Kind) -> tuple[Path, int, bool]:
    """Path, time of change and replacement of a file, a bundled one verified: what a frame in memory depends on."""
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
    published = _published(name, path, modified, replaced)
    applied = () if replaced else tuple(rule for rule in clean.RULES if rule.table == name)
    needed = {other: load_table(other) for rule in applied for other in rule.needs}
    frame, log = rules.apply_rules(name, published, applied, fields.key_of(name), needed)
    return fields.validate(name, frame), log


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
