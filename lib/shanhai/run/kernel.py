"""Kernels of this very interpreter, in an environment without the user's own settings.

A kernel specification elsewhere on the machine, a startup file of IPython or a style file of matplotlib would change
results; the variables set here keep all three out, for the runner and for nbval alike.
"""

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from shanhai.core.installed import VARIABLE, read_packages
from shanhai.core.paths import LIBRARY, OUTPUT_VARIABLE, OUTPUTS, RUN_VARIABLE

KERNEL_NAME = "python3"

_REMOVED = (
    *("PYTHONHOME", "PYTHONSTARTUP", "PYTHONWARNINGS", "PYTHONOPTIMIZE", "PYTHONINSPECT"),
    *("MATPLOTLIBRC", "JUPYTER_PATH", "JUPYTER_CONFIG_DIR", "JUPYTER_CONFIG_PATH", "COLUMNS", "LINES"),
    *(OUTPUT_VARIABLE, RUN_VARIABLE),
)
"""Variables that would bring foreign modules, settings or folders into a kernel."""

FIXED: Mapping[str, str] = {
    "PYTHONPATH": str(LIBRARY.parent),
    "PYTHONHASHSEED": "0",
    "PYTHONNOUSERSITE": "1",
    "PYTHONSAFEPATH": "1",  # modules that lie in the folder where a process starts are not run
    "PYTHONUTF8": "1",
    "TZ": "UTC",
    # The census day: a stamp that file formats ask for must not be the time of the run.
    "SOURCE_DATE_EPOCH": "1604188800",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # else the debugger of ipykernel complains at every start
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    # One thread each: kernels run side by side, and the order of a threaded sum changes last digits.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}

_STARTUP = """\
from shanhai.run.strictness import make_warnings_errors
make_warnings_errors()
del make_warnings_errors
"""

_CONFIGURATION = """\
config = get_config()
config.HistoryManager.enabled = False
config.Application.log_level = "ERROR"
config.InteractiveShellApp.ignore_cwd = True
"""


@contextmanager
def isolated_environment(font_cache: Path = OUTPUTS / "cache" / "matplotlib") -> Iterator[None]:
    """Within the context, kernels started by anyone in this process see no settings of the user.

    Parameters
    ----------
    font_cache : Path
        Folder in which matplotlib keeps its list of fonts; kept between runs because the list takes seconds to make.
    """
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="shanhai-", ignore_cleanup_errors=True) as folder:
        profile = Path(folder) / "ipython" / "profile_default"
        (profile / "startup").mkdir(parents=True)
        (profile / "startup" / "00-strict.py").write_text(_STARTUP, encoding="utf-8")
        (profile / "ipython_config.py").write_text(_CONFIGURATION, encoding="utf-8")
        for name in _REMOVED:
            os.environ.pop(name, None)
        os.environ.update(FIXED)
        os.environ["IPYTHONDIR"] = str(profile.parent)
        os.environ["JUPYTER_CONFIG_DIR"] = str(Path(folder) / "config")
        os.environ["JUPYTER_RUNTIME_DIR"] = str(Path(folder) / "runtime")
        os.environ["MPLCONFIGDIR"] = str(font_cache)
        os.environ[VARIABLE] = read_packages()
        font_cache.mkdir(parents=True, exist_ok=True)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def kernel_manager_class(variables: Mapping[str, str], forked: bool = False) -> type:
    """A kernel manager whose kernels are this interpreter, with these variables on top of the environment.

    Parameters
    ----------
    variables : mapping
    forked : bool
        Fork kernels from a process that has imported everything (:mod:`shanhai.run.forked`), not start them anew.
    """
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    description = get_kernel_dict()
    assert description["argv"][0] == sys.executable

    class OwnKernelManager(AsyncKernelManager):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            if forked:
                from shanhai.run.provisioner import ForkedProvisioner

                self.kernel_id = str(uuid4())
                self.provisioner = ForkedProvisioner(
                    kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
                )

        @property
        def kernel_spec(self) -> KernelSpec:
            return KernelSpec(**{**description, "env": dict(variables)})

    return OwnKernelManager
