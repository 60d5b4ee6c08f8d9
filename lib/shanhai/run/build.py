"""Making committed files anew: boundaries, terrain, registry, README, a page; each step reads the one before."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from shanhai.core.errors import ParameterError, ShanhaiError
from shanhai.core.paths import INSTALL_BUILD, OUTPUTS, ROOT, SHAPEFILES


def build(part: str, source: Path | None = None, to: Path | None = None) -> list[str]:
    """Make one part of the committed data, or clean a user's layer, and say what was written.

    Parameters
    ----------
    part : str
        ``boundaries`` (shapefiles/), ``terrain`` (data/county_terrain.csv, from the user's elevation model if the
        settings name one), ``registry`` (checksums of both, to be made after either) ``readme`` (findings and map),
        ``start`` (the start pages, from results of ``reproduce`` in outputs/),
        ``pre-specification`` (the page of the docs on what was fixed beforehand), ``references`` (CSL-JSON, the page
        of all works and the pages' lists, from data/references.bib), or ``gallery`` (pictures of the pages of methods).
    source : Path, optional
        With ``boundaries``: a user's own layer of counties, to be cleaned. Neither the file nor ``shapefiles/`` is
        touched.
    to : Path, optional
        Where the user's own goes: the folder of the cleaned layer (default: ``outputs/boundaries/`` and the name of the
        file), the table of terrain (a ``.csv``; default: beside the settings file).

    Raises
    ------
    ParameterError
        If a file or folder is given for another part.
    ShanhaiError
        If a package of the extra ``build`` is missing, or the part itself refuses its input.
    """
    if source is not None and part != "boundaries":
        raise ParameterError(f"--from {source} is an option of `shanhai build boundaries` only. Leave it out.")
    if to is not None and part != "terrain" and source is None:
        raise ParameterError(
            f"--to {to} is an option of `shanhai build terrain`, and beside --from FILE of `shanhai build boundaries`;"
            f" what `build {part}` makes has its place. Leave it out."
        )
    makers: dict[str, Callable[[], list[str]]] = {**_BUILDERS, "terrain": partial(_terrain, to)}
    try:
        return makers[part]() if source is None else _own_boundaries(source, to)
    except ModuleNotFoundError as error:
        raise ShanhaiError(
            f"`shanhai build {part}` needs the package {error.name}, which only maintainers install: "
            f"run `{INSTALL_BUILD}`."
        ) from error


def _boundaries() -> list[str]:
    from shanhai.data.load import load_table
    from shanhai.geo.boundaries import build_boundaries

    counties, prefectures, provinces = (load_table(name) for name in ("counties", "prefectures", "provinces"))
    report = build_boundaries(
        SHAPEFILES, counties=counties, prefectures=prefectures, provinces=provinces, crosswalk=load_table("crosswalk")
    )
    written = [path.relative_to(ROOT).as_posix() for path in report.files]
    return [
        f"{report.polygons} polygons of {report.package}, {report.invalid} repaired, {report.counties} counties",
        report.excused.to_string(index=False),
        report.checks.to_string(index=False),
        *written,
        f"{report.size / 1e6:.1f} MB in all. Next: shanhai build registry",
    ]


def _own_boundaries(source: Path, folder: Path | None) -> list[str]:
    from shanhai.data.load import load_registry
    from shanhai.geo.door import build_own_layer

    if not source.is_file():
        raise ParameterError(f"--from {source}: there is no such file. Give the path of a .shp, .gpkg or .geojson.")
    folder = (folder or OUTPUTS / "boundaries" / source.stem).resolve()
    report = build_own_layer(source, folder, load_registry("counties"))
    layer = next(path for path in report.files if path.suffix == ".shp")
    path = json.dumps(layer.as_posix(), ensure_ascii=False)
    return [*report.lines(), "Next, in .shanhai.toml:", "[replace]", f"counties = {path}"]


def _terrain(to: Path | None = None) -> list[str]:
    from shanhai.data.terrain_table import write_terrain_table

    return write_terrain_table(to)


def _registry() -> list[str]:
    from shanhai.data.register import build_registry

    changed = build_registry()
    return [f"new checksum: {file}" for file in changed] or ["no checksum changed"]


def _pre_specification() -> list[str]:
    from shanhai.run.pre_specification import build_pre_specification

    return [path.relative_to(ROOT).as_posix() for path in build_pre_specification()]


def _readme() -> list[str]:
    from shanhai.run.readme import build_readme

    return [path.relative_to(ROOT).as_posix() for path in build_readme()]


def _start() -> list[str]:
    from shanhai.lab.start import build_start

    return [path.relative_to(ROOT).as_posix() for path in build_start()]


def _references() -> list[str]:
    from shanhai.run.references import build_references

    return [*(path.relative_to(ROOT).as_posix() for path in build_references()), "Next: shanhai build registry"]


def _gallery() -> list[str]:
    from shanhai.run.gallery import build_gallery

    return [path.relative_to(ROOT).as_posix() for path in build_gallery()]


_BUILDERS: Mapping[str, Callable[[], list[str]]] = {
    "boundaries": _boundaries,
    "terrain": _terrain,
    "registry": _registry,
    "readme": _readme,
    "start": _start,
    "references": _references,
    "gallery": _gallery,
    "pre-specification": _pre_specification,
}
