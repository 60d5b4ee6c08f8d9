"""Estimators: specifications and frames in, frozen results out; this page has those of regressions, folders the others.

None knows China or reads a file: any frame with the columns that a specification names will do. Names are listed in
``_offered`` and imported when the first of them is used, so that ``import shanhai.methods`` takes no time.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shanhai.methods._offered import *  # noqa: F403


def __getattr__(name: str) -> Any:
    """A name that is offered, or the list of all."""
    if name == "__all__" or not name.startswith("_"):
        from shanhai.methods import _offered

        if name == "__all__" or name in _offered.__all__:
            return getattr(_offered, name)
    raise AttributeError(f"shanhai.methods has no {name!r}; dir(shanhai.methods) lists what it has")


def __dir__() -> list[str]:
    return sorted({*globals(), *__getattr__("__all__")})
