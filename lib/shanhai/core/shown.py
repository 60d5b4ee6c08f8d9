"""Values that say what they are: a few lines in a terminal, a three-line table in JupyterLab.

A specification or a result knows nothing of printing, and this room does not either. Which words and how many digits a
type is shown with stands in ``render/objects.py``, which is imported when the first value is shown; where the library
comes without it, a value names its type and what tells it apart.
"""

import importlib
from dataclasses import dataclass
from functools import lru_cache, singledispatch
from html import escape
from typing import Any, Final

from shanhai.core.errors import ParameterError

LANGUAGES: Final = ("en", "zh", "both")
"""Languages that values can be shown in."""

_SCREEN: Final = 25
"""Rows that are shown of a long table."""

_spoken = ["en"]
"""The language of this process, alone in a list that :func:`speak` changes."""


@dataclass(frozen=True)
class Description:
    """What a value says of itself."""

    text: str
    """A screen of a terminal at most."""
    html: str
    """The same for JupyterLab, escaped."""


@singledispatch
def describe(value: object, language: str) -> Description | None:
    """What a value says of itself in a language; None if nothing is registered for its type.

    Parameters
    ----------
    value : object
    language : str
        One of :data:`LANGUAGES`.
    """
    return None


def speak(language: str = "") -> str:
    """Set the language in which values show themselves from now on, and return it; without one, say which it is.

    Raises
    ------
    ParameterError
        If there is no such language.

    Examples
    --------
    >>> speak("zh"), speak(), speak("en")
    ('zh', 'zh', 'en')
    """
    if language and language not in LANGUAGES:
        raise ParameterError(
            f"language {language!r} is unknown; allowed are {', '.join(LANGUAGES)}. Write one of these."
        )
    _spoken[0] = language or _spoken[0]
    return _spoken[0]


class Shown:
    """A value that shows itself by what is registered with :func:`describe` for its type."""

    def __repr__(self) -> str:
        return (_said(self) or self._own_words()).text

    def _repr_html_(self) -> str:
        return (_said(self) or self._own_words()).html

    def _own_words(self) -> Description:
        """What the value says where nothing is registered for its type."""
        plain = _plain(self)
        return Description(plain, f"<pre>{escape(plain)}</pre>")


def _plain(value: object) -> str:
    """The type of a value with its table, or else with its texts and numbers, where nothing prints it."""
    table: Any = value.to_frame() if hasattr(value, "to_frame") else None
    if table is not None:
        rows = table if len(table) > 1 else table.T.rename(columns={table.index[0]: ""}) if len(table) else table
        left = f"\n{len(table):,} rows in all" if len(table) > _SCREEN else ""
        return f"{type(value).__name__}\n{rows.head(_SCREEN).to_string()}{left}"
    return f"{type(value).__name__}({', '.join(f'{name}={said}' for name, said in _held(value).items())})"


def _held(value: object) -> dict[str, str]:
    """Texts and numbers of a value, those of a result inside it among them."""
    said = {}
    for name, part in vars(value).items():
        if isinstance(part, float):
            said[name] = f"{part:.6g}"
        elif isinstance(part, str | int):
            said[name] = repr(part)
        elif isinstance(part, Shown) and not name.startswith("_") and name != "spec":
            said |= {key: text for key, text in _held(part).items() if key not in said}
    return said


def _said(value: object) -> Description | None:
    _import_descriptions()
    return describe(value, speak())


@lru_cache(maxsize=1)
def _import_descriptions() -> None:
    from shanhai.core.modules import matching_modules  # when the first value is shown, not when its type is defined

    for module in matching_modules("render/objects"):
        try:
            importlib.import_module(module)
        except ModuleNotFoundError as error:  # the methods alone are installed, without what tables and figures need
            if str(error.name).startswith("shanhai"):
                raise
