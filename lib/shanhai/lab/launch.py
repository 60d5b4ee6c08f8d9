"""How JupyterLab starts: in the whole project, on the start page, without questions, in the user's language.

``ProjectContents`` gives it the files, so that committed notebooks stay as they are.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from shanhai.core.locales import language_of
from shanhai.core.paths import MINE, ROOT
from shanhai.lab.start import start_file
from shanhai.report.results import Language

_PRESETS = Path(__file__).with_name("presets")
"""Folders of settings, in the form that Jupyter reads: defaults that a user's own settings go before."""


def run_lab(options: Sequence[str], *, edit: bool = False) -> None:
    """Run JupyterLab in this process until it is stopped.

    Parameters
    ----------
    options : sequence of str
        Options of JupyterLab, and the path of a file or folder to open instead of the start page.
    edit : bool
        Whether committed notebooks may be changed in place.
    """
    from jupyterlab.labapp import LabApp

    language = language_of()
    MINE.mkdir(exist_ok=True)
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, _config_path(language, os.environ)))
    LabApp.launch_instance([*_arguments(language, edit), *options])


def _config_path(language: Language, environment: Mapping[str, str]) -> list[str]:
    """Folders of settings: the user's first, for the first one decides."""
    presets = [_PRESETS / "zh"] if language == "zh" else []
    return [environment.get("JUPYTER_CONFIG_PATH", ""), *map(str, [*presets, _PRESETS / "all"])]


def _arguments(language: Language, edit: bool) -> list[str]:
    """Options that go before the user's own, which may repeat them."""
    return [
        f"--ServerApp.root_dir={ROOT}",
        "--ServerApp.contents_manager_class=shanhai.lab.contents.ProjectContents",
        f"--LabApp.default_url=/lab/tree/{start_file(language).relative_to(ROOT).as_posix()}",
        f"--ProjectContents.edit={edit}",
        f"--ProjectContents.language={language}",
    ]
