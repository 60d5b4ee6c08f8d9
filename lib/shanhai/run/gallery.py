"""Pictures of the pages of ``lib/docs``: each made by the block of code right above it."""

import io
import re
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
from PIL import Image

from shanhai.core.paths import DOCS

PAGE = DOCS / "gallery.md"
_BLOCK = re.compile(
    r"^```python\n(?P<code>.*?)^```$(?:\n\n!\[[^\]]*\]\((?P<name>[\w-]+\.png)\))?", re.DOTALL | re.MULTILINE
)
_DPI = 150
_GREYS = 16


def examples(page: Path) -> list[tuple[str, str]]:
    """Code of the examples of a page, each with the picture below it or ``""``.

    A block of the gallery runs by itself. On any other page a block that draws goes on where the one before it ended,
    and makes one example with it.
    """
    found: list[tuple[str, str]] = []
    for block in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        code, name = block["code"], block["name"] or ""
        if name and found and page != PAGE:
            code = f"{found.pop()[0]}\n{code}"
        found.append((code, name))
    return found


def blocks() -> dict[str, str]:
    """Code of each picture of the pages, by the name of its file."""
    return {name: code for page in sorted(DOCS.glob("*.md")) for code, name in examples(page) if name}


def draw(code: str, to: Path) -> dict[str, Any]:
    """Run an example of a page and store the figure that it leaves in a few greys; the same code gives the same bytes.

    Returns
    -------
    dict
        The names that the example leaves.
    """
    names: dict[str, Any] = {"__name__": to.stem}
    with plt.rc_context():
        plt.rcdefaults()  # not what this process has set for other figures
        plt.rcParams.update({"font.size": 9, "savefig.dpi": _DPI})
        exec(compile(code, to.stem, "exec"), names)
        drawn = io.BytesIO()
        plt.gcf().savefig(drawn)
        plt.close("all")
    Image.open(drawn).convert("L").quantize(_GREYS).save(to, optimize=True)  # a quarter of the bytes in colours
    return names


def build_gallery() -> list[Path]:
    """Draw every picture of the pages anew."""
    made = {DOCS / name: code for name, code in blocks().items()}
    for path, code in made.items():
        draw(code, path)
    return list(made)
