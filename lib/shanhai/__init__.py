"""Shanhai 山海: mountain counties and provincial borders in China, computed and checked.

``import shanhai as sh`` and ``sh.guide()`` show what there is; ``sh.<tab>`` lists it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shanhai.core.shown import speak
    from shanhai.desk.documents import findings, gap
    from shanhai.desk.frames import along_border, counties
    from shanhai.desk.guide import guide
    from shanhai.desk.paper import map_of, save, table
    from shanhai.desk.places import borders, place
    from shanhai.desk.regression import fit

__version__ = "0.1.0"

__all__ = [
    "along_border",
    "borders",
    "counties",
    "findings",
    "fit",
    "gap",
    "guide",
    "map_of",
    "place",
    "save",
    "speak",
    "table",
]


def __getattr__(name: str) -> Any:
    """A name of the desk, imported when it is first used."""
    if name not in __all__:
        raise AttributeError(f"shanhai has no {name!r}; it offers {', '.join(__all__)}. Ask shanhai.guide().")
    found = getattr(_home(name), name)
    globals()[name] = found
    return found


def _home(name: str) -> Any:
    """The module that a name of the desk lies in."""
    match name:
        case "along_border" | "counties":
            from shanhai.desk import frames

            return frames
        case "borders" | "place":
            from shanhai.desk import places

            return places
        case "findings" | "gap":
            from shanhai.desk import documents

            return documents
        case "map_of" | "save" | "table":
            from shanhai.desk import paper

            return paper
        case "fit":
            from shanhai.desk import regression

            return regression
        case "speak":
            from shanhai.core import shown

            return shown
        case _:
            from shanhai.desk import guide

            return guide


def __dir__() -> list[str]:
    return sorted(__all__)
