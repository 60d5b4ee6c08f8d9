"""Pictures of the gallery: each made by the block of code above it on the page."""

import re
from pathlib import Path

import matplotlib.pyplot as plt

from shanhai.core.paths import ROOT

PAGE = ROOT / "lib" / "docs" / "gallery.md"
_BLOCK = re.compile(r"```python\n(?P<code>.*?)```\n\n!\[[^\]]*\]\((?P<name>[\w-]+\.png)\)", re.DOTALL)
_DPI = 150


def blocks() -> dict[str, str]:
    """Code of each picture of the page, by the name of its file."""
    return {found["name"]: found["code"] for found in _BLOCK.finditer(PAGE.read_text(encoding="utf-8"))}


def draw(code: str, to: Path) -> None:
    """Run a block of the page and store the figure that it leaves; the same code gives the same bytes."""
    with plt.rc_context():
        plt.rcdefaults()  # not what this process has set for other figures
        plt.rcParams.update({"font.size": 9, "savefig.dpi": _DPI})
        exec(compile(code, PAGE.name, "exec"), {"__name__": PAGE.stem})
        plt.gcf().savefig(to, metadata={"Software": None})
        plt.close("all")


def build_gallery() -> list[Path]:
    """Draw every picture of the page anew."""
    made = {PAGE.with_name(name): code for name, code in blocks().items()}
    for path, code in made.items():
        draw(code, path)
    return list(made)
