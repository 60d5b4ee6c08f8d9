"""Making the committed data files anew: boundaries, terrain, registry; each step reads what the one before wrote."""

from collections.abc import Callable, Mapping

from shanhai import sources
from shanhai.errors import ShanhaiError
from shanhai.paths import ROOT, SHAPEFILES


def build(part: str) -> list[str]:
    """Make one part of the committed data and say what was written.

    Parameters
    ----------
    part : str
        ``boundaries`` (shapefiles/), ``terrain`` (data/county_terrain.csv, from the user's elevation model if the
        settings name one) or ``registry`` (checksums of both, to be made after either).

    Raises
    ------
    ShanhaiError
        If a package of the extra ``build`` is missing, or the part itself refuses its input.
    """
    try:
        return BUILDERS[part]()
    except ModuleNotFoundError as error:
        raise ShanhaiError(
            f"`shanhai build {part}` needs the package {error.name}, which only maintainers install: "
            "run `.venv/bin/python -m pip install '.[build]'` at the root of the project."
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


def _terrain() -> list[str]:
    from shanhai.data.load import load_layer
    from shanhai.data.register import write_table
    from shanhai.geo.elevation import read_altitude_h5, read_geotiff
    from shanhai.geo.terrain import build_terrain

    own = sources.is_replaced("elevation", "grid")
    elevation = read_geotiff(sources.resolve("elevation", "grid")) if own else read_altitude_h5()
    terrain = build_terrain(load_layer("counties"), elevation)
    path = write_table("county_terrain", terrain)
    written = path.relative_to(ROOT).as_posix()
    return [f"{written}: {len(terrain)} counties from {elevation.source}. Next: shanhai build registry"]


def _registry() -> list[str]:
    from shanhai.data.register import build_registry

    changed = build_registry()
    return [f"new checksum: {file}" for file in changed] or ["no checksum changed"]


BUILDERS: Mapping[str, Callable[[], list[str]]] = {
    "boundaries": _boundaries,
    "terrain": _terrain,
    "registry": _registry,
}
