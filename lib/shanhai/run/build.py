"""Making committed files anew: boundaries, terrain, registry, README; each step reads what the one before wrote."""

from collections.abc import Callable, Mapping
from pathlib import Path

from shanhai.errors import ParameterError, ShanhaiError
from shanhai.paths import INSTALL_BUILD, ROOT, SHAPEFILES


def build(part: str, to: Path | None = None) -> list[str]:
    """Make one part of the committed data and say what was written.

    Parameters
    ----------
    part : str
        ``boundaries`` (shapefiles/), ``terrain`` (data/county_terrain.csv, from the user's elevation model if the
        settings name one), ``registry`` (checksums of both, to be made after either) or ``readme`` (findings and map).

    to : Path, optional
        For ``terrain``: the file to write instead, a table of the user's own.

    Raises
    ------
    ShanhaiError
        If a package of the extra ``build`` is missing, or the part itself refuses its input.
    """
    if to is not None and part != "terrain":
        raise ParameterError(
            f"`--to {to}` is for `build terrain`; what `build {part}` writes has its place. Leave it out."
        )
    try:
        return _terrain(to) if part == "terrain" else BUILDERS[part]()
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


def _terrain(to: Path | None = None) -> list[str]:
    from shanhai.data.terrain_table import write_terrain_table

    return write_terrain_table(to)


def _registry() -> list[str]:
    from shanhai.data.register import build_registry

    changed = build_registry()
    return [f"new checksum: {file}" for file in changed] or ["no checksum changed"]


def _readme() -> list[str]:
    from shanhai.run.readme import build_readme

    return [path.relative_to(ROOT).as_posix() for path in build_readme()]


BUILDERS: Mapping[str, Callable[[], list[str]]] = {
    "boundaries": _boundaries,
    "terrain": _terrain,
    "registry": _registry,
    "readme": _readme,
}
