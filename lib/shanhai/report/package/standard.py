"""How a package stands to the points of the Data and Code Availability Standard, DCAS 1.0.

The points are those of the list of Koren et al. (2022), which has sixteen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from shanhai.core.paths import LOCK, ROOT
from shanhai.render.words import Words
from shanhai.report.package.contents import COUNTY_FRAME, STORED
from shanhai.report.package.facts import Facts
from shanhai.report.package.metadata import CITATION
from shanhai.report.results import Language

WORDS = Words.beside(__file__)

Status = Literal["fulfilled", "partly", "open", "not_applicable"]

GROUPS = {"data": range(1, 7), "code": range(7, 10), "supporting": range(10, 14), "sharing": range(14, 17)}
"""Groups of the standard and the numbers of their points."""

README, CODEBOOK, RIGHTS = "README-REPLICATION", "CODEBOOK", "LICENSE-DATA.txt"
"""Descriptions that a package adds; the first two are followed by language and ending."""

ZENODO, CRATE, EXHIBITS = ".zenodo.json", "ro-crate-metadata.json", "EXHIBITS.csv"

_PRE_SPECIFICATION = "lib/docs/pre-specification.md"


@dataclass(frozen=True)
class _Point:
    """One point of the standard and how a package stands to it.

    Attributes
    ----------
    number : int
    group : str
        ``data``, ``code``, ``supporting`` or ``sharing``.
    title : str
    status : {"fulfilled", "partly", "open", "not_applicable"}
        Open is what only the depositor can do.
    how : str
        How it is fulfilled, what is missing, or why it does not apply.
    files : tuple of str
        Files or folders of the package that show it.
    """

    number: int
    group: str
    title: str
    status: Status
    how: str
    files: tuple[str, ...]


def points(facts: Facts, language: Language) -> tuple[_Point, ...]:
    """All points in their order.

    Parameters
    ----------
    facts : Facts
    language : {"en", "zh"}
    """
    titles = WORDS.labels("point")
    found = []
    for group, numbers in GROUPS.items():
        for number in numbers:
            status, files = _SHOWN[number](facts)
            form = f"{number}_own" if status == "partly" and number in _WITH_OWN else f"{number}"
            how = WORDS(f"how.{form}", language)
            title = titles[f"{number}"][language == "zh"]
            found.append(_Point(number, group, title, status, how, files))
    return tuple(found)


_WITH_OWN = (3,)
"""Points whose text depends on whether files of the user's own are missing."""


def _hides_own(facts: Facts) -> bool:
    return any(not file.included for file in facts.contents.own_files)


def _always(status: Status, *files: str) -> Callable[[Facts], tuple[Status, tuple[str, ...]]]:
    return lambda facts: (status, files)


def _analysis_data(facts: Facts) -> tuple[Status, tuple[str, ...]]:
    if _hides_own(facts):
        return "partly", ("lib/shanhai/data",)
    return "fulfilled", (f"{STORED}/{COUNTY_FRAME}", "lib/shanhai/data")


def _readme(facts: Facts) -> tuple[Status, tuple[str, ...]]:
    return "fulfilled", (f"{README}.md", f"{README}.html", LOCK.relative_to(ROOT).as_posix())


_SHOWN: dict[int, Callable[[Facts], tuple[Status, tuple[str, ...]]]] = {
    1: _always("fulfilled", f"{README}.md", "data/registry.csv"),
    2: _always("partly", "data", "shapefiles", "data/registry.csv"),
    3: _analysis_data,
    4: _always("fulfilled", "data", "shapefiles"),
    5: _always("fulfilled", "data/dictionary.csv", "data/frame_dictionary.csv", f"{CODEBOOK}.html"),
    6: _always("fulfilled", f"{README}.md", "data/registry.csv", "data/references.bib"),
    7: _always("partly", "lib/shanhai/geo", "lib/shanhai/data"),
    8: _always("fulfilled", "notebooks", "lib/shanhai"),
    9: _always("fulfilled", "notebooks", "lib/shanhai", "bootstrap.py"),
    10: _always("not_applicable"),
    11: _always("not_applicable"),
    12: _always("not_applicable", _PRE_SPECIFICATION),
    13: _readme,
    14: _always("open", ZENODO, CRATE, CITATION),
    15: _always("partly", "LICENSE", RIGHTS, "data/registry.csv"),
    16: _always("fulfilled", f"{README}.md"),
}
"""Status of each point, and what shows it."""
