"""Chinese letters for machines that have none, and the program that draws formulas: files that both languages share."""

import shutil
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

from fontTools import subset

from shanhai.core.errors import ReportError

_FONT = ("zhplot", "zhplot/fonts/NotoSansSC-Regular.ttf")
_LICENCE = ("zhplot", "zhplot/fonts/OFL.txt")
_MATHJAX = ("sphinx-mathjax-offline", "sphinx-mathjax-offline/static/mathjax")
_MATHJAX_PARTS = ("tex-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions")
"""What formulas of the pages need; the rest is other input, other output and speech."""

FONT_FILE = "noto-sans-sc.woff"


def write_font(characters: Iterable[str], to: Path) -> None:
    """Write the Chinese font with the characters that the site shows, and its licence.

    Parameters
    ----------
    characters : strs
    to : Path
        Folder.
    """
    options = subset.Options(flavor="woff", notdef_outline=True, layout_features=["*"], hinting=False)
    with subset.load_font(str(_located(*_FONT)), options) as font:
        font.recalcTimestamp = False  # otherwise the file says when it was made
        cutter = subset.Subsetter(options)
        cutter.populate(text="".join(sorted(set(characters))))
        cutter.subset(font)
        subset.save_font(font, str(to / FONT_FILE), options)
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
