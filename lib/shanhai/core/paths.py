"""Root folders of the project, named once."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "data"
SHAPEFILES = ROOT / "shapefiles"
NOTEBOOKS = ROOT / "notebooks"
MINE = NOTEBOOKS / "mine"
"""Notebooks of the user's own, which git ignores and no command runs unasked."""

LIBRARY = ROOT / "lib" / "shanhai"
DOCS = ROOT / "lib" / "docs"
LOCK = ROOT / "lib" / "requirements.lock"
OUTPUTS = ROOT / "outputs"

INSTALL_BUILD = f'"{sys.executable}" -m pip install -e "{ROOT}[build]"'
"""Command that adds to this Python what only building needs; from this folder, since no registry has the project."""

OUTPUT_VARIABLE = "SHANHAI_OUTPUT"
"""Environment variable by which the batch runner tells a kernel where results go."""

LIMIT_VARIABLE = "SHANHAI_CELL_LIMIT"
"""Environment variable with the seconds that a cell may take; commands set it by ``--cell-limit``."""

RUN_VARIABLE = "SHANHAI_RUN"
"""Environment variable by which the batch runner tells a kernel the name of its run."""


def output_folder() -> Path:
    """Folder that results of this process go to: the runner's, or ``outputs/interactive``."""
    return Path(os.environ.get(OUTPUT_VARIABLE, OUTPUTS / "interactive"))


def run_name() -> str:
    """Name of the current run (notebook stem and registered suffix), or ``interactive``."""
    return os.environ.get(RUN_VARIABLE, "interactive")
