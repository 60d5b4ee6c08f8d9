"""What the fork server of a batch has at hand before the first kernel is split off from it.

The module is imported by the fork server only. It imports what the notebooks import and reads what every notebook
reads, once; a kernel that is forked from there begins where a fresh one is after its first cell of imports. Nothing
here changes a result: the same modules are imported under the same rules, and the same tables are read by the same
functions, which look at the files again when they are asked again.
"""

import ctypes
import gc
import importlib
import json
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO

from shanhai.run.strictness import strict_imports

MODULES_VARIABLE = "SHANHAI_PRELOAD"
"""Environment variable with the process of the batch and the modules to import, in JSON."""

SERVER = os.getpid()
"""The process that imported this module: the fork server, in itself and in its forks."""

_KERNEL = ("ipykernel.kernelapp", "ipykernel.debugger")
"""What makes a kernel; the second takes a tenth of a second of each that has not got it."""

_END_WITH_PARENT = 1
"""Number of ``PR_SET_PDEATHSIG`` in Linux."""


def end_with_parent() -> None:
    """Have Linux kill this process when the one that started it ends, however it ends."""
    ctypes.CDLL(None).prctl(_END_WITH_PARENT, signal.SIGKILL)


def _preload(modules: Sequence[str]) -> None:
    """Import the kernel and the modules, and read the common tables if the project's library is among them."""
    for module in _KERNEL:
        importlib.import_module(module)
    with strict_imports():
        for module in modules:
            with suppress(Exception):  # it fails again in the notebook that imports it, which then shows why
                importlib.import_module(module)
        if any(module.startswith("shanhai.render") for module in modules):
            with suppress(Exception):  # so does a table
                _read_common_tables()
    gc.freeze()  # what is here stays here: the collector of a fork need not touch, and so copy, these pages


def _read_common_tables() -> None:
    """Frames, layers, fonts and forms of sentences that most notebooks ask for."""
    from shanhai.claims.engine import find
    from shanhai.claims.evidence import project_evidence
    from shanhai.data.load import load_places
    from shanhai.data.map_base import load_map_base
    from shanhai.data.vintage import vintage_of
    from shanhai.render.maps import draw_map
    from shanhai.render.maps.topics import topic
    from shanhai.render.style import theme

    evidence = project_evidence()
    _ = evidence.frame, evidence.analysis, evidence.provinces, evidence.prefectures, evidence.claims
    for name in ("statements", "prefecture_economy", "county_hukou"):
        evidence.table(name)
    vintage_of()
    load_places().means("浙江", "330000")  # lists every way to write a place
    find(evidence.claims[0], evidence)  # compiles the forms of sentences
    for language in ("en", "zh"):  # finds fonts and sets the first words in them
        figure = draw_map(load_map_base(), evidence.frame, topic("relief_m"), "330800", language=language)
        with theme():
            figure.savefig(BytesIO(), format="pdf")


if os.environ.get(MODULES_VARIABLE):
    _batch, _modules = json.loads(os.environ[MODULES_VARIABLE])
    end_with_parent()
    if os.getppid() != _batch:  # it ended before it could be followed
        os._exit(1)
    _preload(_modules)
