"""Which language a user reads, as their system says it."""

import locale
import os
from collections.abc import Mapping
from typing import Literal

_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
"""Variables that name the language of messages, the first that is set first (POSIX)."""


def language_of(environment: Mapping[str, str] = os.environ, system: str | None = None) -> Literal["en", "zh"]:
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
