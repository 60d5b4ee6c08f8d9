"""How JupyterLab starts: in the whole project, on the start page, without questions, in the user's language.

``ProjectContents`` gives it the files, so that committed notebooks stay as they are.
"""

import locale
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from shanhai.core.paths import MINE, ROOT
from shanhai.lab.start import start_file
from shanhai.report.results import Language

_PRESETS = Path(__file__).with_name("presets")
"""Folders of settings, in the form that Jupyter reads: defaults that a user's own settings go before."""

_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
"""Variables that name the language of messages, the first that is set first (POSIX)."""


def language_of(environment: Mapping[str, str] = os.environ, system: str | None = None) -> Language:
    """Language of a user: ``zh`` if the locale is Chinese, ``en`` otherwise.

    Parameters
    ----------
    environment : mapping
        Environment variables.
    system : str, optional
        Locale where no variable names one; by default that of this process, as Windows calls it.

    Examples
    --------
    >>> language_of({"LANG": "zh_CN.UTF-8"}), language_of({}, "Chinese (Simplified)_China"), language_of({"LANG": "C"})
    ('zh', 'zh', 'en')
    """
    set_by_user = (environment[name] for name in _LOCALE if environment.get(name))
    named = next(set_by_user, system or locale.getlocale()[0] or "")
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"


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
