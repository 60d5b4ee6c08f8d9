"""Making the committed data files anew; needs the packages of the extra ``build``, and its parts one after the other."""

from collections.abc import Callable, Mapping

from shanhai.errors import ShanhaiError


def build(part: str) -> list[str]:
    """Make one part of the committed data and say what was written.

    Parameters
    ----------
    part : str
        ``boundaries`` (shapefiles/), ``terrain`` (data/county_terrain.csv) or ``registry`` (checksums of both).

    Raises
    ------
    ShanhaiError
        If a package of the extra ``build`` is missing, or the part itself refuses its input.
    """
    try:
        return BUILDERS[part]()
    except ModuleNotFoundError as error:
        raise ShanhaiError(
            f"`build {part}` needs the package {error.name}, which only maintainers install: pip install '.[build]' into .venv."
        ) from error


def _registry() -> list[str]:
    from shanhai.data.register import build_registry

    return build_registry()


BUILDERS: Mapping[str, Callable[[], list[str]]] = {"registry": _registry}
