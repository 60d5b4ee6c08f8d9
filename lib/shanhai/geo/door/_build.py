"""The command ``shanhai build boundaries --from``: a user's counties made fit for the door, and what changed."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from shanhai.core.errors import BoundaryError
from shanhai.geo.boundaries import write_layer
from shanhai.geo.crs import WGS84
from shanhai.geo.datum import OFFSETS, without_offset
from shanhai.geo.door._check import check_layer
from shanhai.geo.door._clean import COLUMNS, Change, change_row, clean_layer, usable_rows
from shanhai.geo.door._files import read_layer
from shanhai.geo.door._form import IN_CHINA, code_text, is_code, likely_columns, looks_like, require_columns, to_degrees
from shanhai.geo.door._place import province_datums
from shanhai.geo.door._registry import Registry


@dataclass(frozen=True)
class OwnReport:
    """What the cleaning of a user's layer did.

    Attributes
    ----------
    rows : rows read
    units : units written
    changes : ``change, number, area_km2, codes``, one row a kind of change
    unknown : ``code, what``: codes left out, and what they are
    notes : of the check that the result passed: units that are absent
    files : files written
    """

    rows: int
    units: int
    changes: pd.DataFrame
    unknown: pd.DataFrame
    notes: tuple[str, ...]
    files: tuple[Path, ...]

    def lines(self) -> list[str]:
        """The report as lines of text."""
        text = [f"{self.rows} rows read, {self.units} units written"]
        for change, number, area, codes in self.changes.to_numpy().tolist():
            land = "" if np.isnan(area) else f", {area:.2f} km²"
            text.append(f"{change}: {number}{land}{f' ({codes})' if codes else ''}")
        for what, rows in self.unknown.groupby("what")["code"]:
            text.append(f"rows left out, {what}: {len(rows)} ({' '.join(rows)})")
        return [*text, *self.notes, *map(str, self.files)]


def build_own_layer(source: Path, folder: Path, registry: Registry) -> OwnReport:
    """Clean a user's layer and write it as a shapefile that the door accepts.

    Parameters
    ----------
    source : Path
        The user's file; it is only read.
    folder : Path
        Where ``counties.shp`` (or the registry's other layer of polygons) goes. No file there is overwritten.
    registry : Registry
        Of the layer that the file stands for.

    Raises
    ------
    BoundaryError
        The file cannot be read or mended (see :func:`~shanhai.geo.door._check.check_layer`), or the folder has such a
        file already.

    Notes
    -----
    Codes become text; earlier or later codes of one county take the code of 2020; rows without code or polygon and
    codes that are no unit of 2020 are left out and named; degrees without a stated reference system are taken for
    WGS 84 and held against the registry; GCJ-02 and BD-09 are taken back to WGS 84; then
    :func:`~shanhai.geo.door._clean.clean_layer`. The bytes depend on the file and the registry only.
    """
    target = folder / f"{registry.layer}.shp"
    present = sorted(path.name for path in folder.glob(f"{registry.layer}.*")) if folder.is_dir() else []
    if present:
        raise BoundaryError(f"{folder} holds {', '.join(present)} already. Name another folder with --to.")
    read = read_layer(source, registry.layer)
    changes: list[Change] = []
    frame = _coded(read, registry, source.name, changes)
    frame, unknown = _of_the_census(frame, registry, source.name, changes)
    rows = usable_rows(frame)
    placed = _in_degrees(rows.frame, source.name, changes)
    placed = _without_offsets(placed, registry, changes)
    cleaned = clean_layer(placed)
    checked = check_layer(cleaned.frame, registry, source.name)
    folder.mkdir(parents=True, exist_ok=True)
    table = pd.concat([pd.DataFrame(changes, columns=COLUMNS), rows.changes, cleaned.changes], ignore_index=True)
    files = tuple(write_layer(checked.frame, target))
    return OwnReport(len(read), len(checked.frame), table, unknown, checked.notes, files)


def _coded(frame: gpd.GeoDataFrame, registry: Registry, file: str, changes: list[Change]) -> gpd.GeoDataFrame:
    """Codes and shapes; a column of another name serves if it is the only one that holds codes."""
    likely = likely_columns(frame, registry)
    if "code" not in frame.columns and len(likely) == 1:
        frame = frame.rename(columns={likely[0]: "code"})
        changes.append(change_row(f"codes taken from the column {likely[0]!r}", [], len(frame)))
    require_columns(frame, registry, ("code",), file)
    codes = code_text(frame["code"])
    written = frame["code"].map(lambda value: value if isinstance(value, str) else None)
    rewritten = is_code(codes) & (written != codes).to_numpy(bool)
    if rewritten.any():
        changes.append(change_row("codes written as six digits of text", [], int(rewritten.sum())))
    none = ~is_code(codes)
    if none.any():
        changes.append(change_row("rows left out: no code", frame["code"][none], int(none.sum())))
    shapes = np.array(frame.geometry.values)[~none]
    return gpd.GeoDataFrame({"code": codes[~none].astype("str").to_numpy()}, geometry=shapes, crs=frame.crs)


def _of_the_census(
    frame: gpd.GeoDataFrame, registry: Registry, file: str, changes: list[Change]
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Rows of units of 2020, and the codes that are none."""
    other = ~frame["code"].isin(registry.units["code"])
    earlier = frame["code"].isin(registry.successors) & other
    if earlier.any():
        named = frame["code"][earlier] + ">" + frame["code"][earlier].map(registry.successors)
        changes.append(change_row("codes of other years taken to those of 2020", named, int(earlier.sum())))
        frame = frame.assign(code=frame["code"].where(~earlier, frame["code"].map(registry.successors)))
    strange = other & ~earlier
    codes = frame["code"][strange].tolist()
    unknown = pd.DataFrame({"code": codes, "what": [registry.explain(code) for code in codes]})
    if strange.all():
        raise BoundaryError(
            f"{file}: no code is a unit of the layer {registry.layer!r} of 2020: {codes[:8]}. Name another file."
        )
    return frame[~strange].reset_index(drop=True), unknown.sort_values("code", ignore_index=True)


def _in_degrees(frame: gpd.GeoDataFrame, file: str, changes: list[Change]) -> gpd.GeoDataFrame:
    bounds = shapely.bounds(np.array(frame.geometry.values))
    if frame.crs is None and looks_like(bounds) == IN_CHINA:
        frame = frame.set_crs(WGS84)
        changes.append(change_row("no reference system stated: degrees taken for WGS 84", [], len(frame)))
    elif frame.crs is not None and frame.crs != WGS84:
        changes.append(change_row(f"converted from {frame.crs.name} to WGS 84", [], len(frame)))
    return to_degrees(frame, file, frame["code"].to_numpy())


def _without_offsets(frame: gpd.GeoDataFrame, registry: Registry, changes: list[Change]) -> gpd.GeoDataFrame:
    """The layer in WGS 84 where provinces of it are in an offset datum."""
    registered = registry.shapes.set_index("code").geometry
    shapes, codes = np.array(frame.geometry.values), frame["code"]
    known = codes.isin(registered.index).to_numpy(bool)
    datums = province_datums(shapes[known], np.array(registered.loc[codes[known]].values), codes[known].to_numpy())
    for datum in OFFSETS:
        provinces = [province for province, nearest in datums.items() if nearest == datum]
        own = codes.str[:2].isin([province[:2] for province in provinces]).to_numpy(bool)
        if own.any():
            shapes[own] = shapely.transform(shapes[own], lambda points, datum=datum: without_offset(points, datum))
            changes.append(change_row(f"converted from {datum} to WGS 84", provinces, int(own.sum())))
    return frame.set_geometry(shapes, crs=WGS84)
