"""Chinese letters for machines that have none, and the program that draws formulas: files that both languages share."""

import shutil
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

from shanhai.core.errors import ReportError
from shanhai.report.fonts import cut_font

_LICENCE = ("zhplot", "zhplot/fonts/OFL.txt")
_MATHJAX = ("sphinx-mathjax-offline", "sphinx-mathjax-offline/static/mathjax")
_MATHJAX_PARTS = ("tex-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions")
"""What formulas of the pages need; the rest is other input, other output and speech."""

_FONT_FILE = "noto-sans-sc.woff"


def write_font(characters: Iterable[str], to: Path) -> None:
    """Write the Chinese font with the characters that the site shows, and its licence.

    Parameters
    ----------
    characters : strs
    to : Path
        Folder.
    """
    (to / _FONT_FILE).write_bytes(cut_font("".join(sorted(set().union(*characters)))))
    shutil.copyfile(_located(*_LICENCE), to / "noto-sans-sc-licence.txt")


def copy_mathjax(to: Path) -> None:
    """Copy what draws formulas."""
    source = _located(*_MATHJAX)
    for part in _MATHJAX_PARTS:
        target = to / "mathjax" / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if (source / part).is_dir():
            shutil.copytree(source / part, target)
        else:
            shutil.copyfile(source / part, target)


def _located(package: str, name: str) -> Path:
    path = Path(str(distribution(package).locate_file(name)))
    if not path.exists():
        raise ReportError(f"{name} is not in the installed {package}; install the locked version.")
    return path
