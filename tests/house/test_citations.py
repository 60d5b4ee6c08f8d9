"""Each work that a text names is in the bibliography, and each claim has its document there."""

import io
import json
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from shanhai.core.bibliography import documents, work, works
from shanhai.core.notebooks import study_notebooks
from shanhai.core.paths import DATA, DOCS, LIBRARY, NOTEBOOKS, ROOT
from shanhai.data.load import load_table
from shanhai.render.citations import cited_keys
from shanhai.run.mentions import Mention, mentions, works_of

NO_WORKS = {
    "a name of a quantity or thing that a year follows": {
        "Accounts", "Code", "Codes", "Krasovsky", "Master_thesis", "Statistics", "Window", "Yearbook",
    },
    "a place that is no unit of the tables": {"China", "City", "Delta", "Longgang"},
    "our words for a document; its key is that of its code": {"Collaboration"},
    "a first word of a sentence": {
        "After", "At", "Before", "Between", "By", "Compare", "During", "For", "From", "In", "Into", "Of", "On", "Since",
        "Take", "The", "To", "Until", "With", "Without",
    },
    "a month": {
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    },
}  # fmt: skip
"""Capitalised words before a year that name no work, by the reason; names of places come from the tables."""

WITHOUT_SOURCE = {"L05", "L05a", "L05b", "L05c", "L06", "L06a", "L06b"}
"""Claims of the literature whose paper is not named in what the project was given."""

KEPT_FOR_TESTS = ("*.py", "README.md")
"""Files of the tests that name the works their numbers come from."""


@cache
def mentioned_in(path: Path) -> tuple[Mention, ...]:
    return tuple(mentions(said_in(path)))


def said_in(path: Path) -> str:
    """Prose of a file: texts and comments of code, sources of a notebook, a page without its list of references."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    if path.suffix == ".py":
        kinds = {"STRING", "COMMENT", "FSTRING_MIDDLE"}
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        return "\n".join(token.string.lstrip("# ") for token in tokens if tokenize.tok_name[token.type] in kinds)
    return text.partition("\n## References\n")[0]


def files() -> Iterator[Path]:
    """What is read: library, docs, notebooks, dictionaries, claims."""
    yield from sorted([*LIBRARY.rglob("*.py"), *LIBRARY.rglob("*.toml"), *NOTEBOOKS.glob("*.ipynb")])
    yield from sorted(path for path in DOCS.glob("*.md") if path.stem != "references")
    yield from (DATA / name for name in ("claims.csv", "dictionary.csv", "frame_dictionary.csv", "registry.csv"))


def places() -> set[str]:
    tables = [load_table(name) for name in ("provinces", "prefectures", "counties")]
    columns = [table[name] for table in tables for name in table.columns if name in ("name_en", "name_short_en")]
    return {word for column in columns for name in column for word in (name, name.split(" ")[0])}


def is_no_work(names: str, known: set[str]) -> bool:
    parts = re.split(r", | (?:and|&) ", names)
    return all(part in known for part in parts)


def test_each_work_that_a_text_names_is_in_the_bibliography() -> None:
    known = places().union(*NO_WORKS.values())
    unknown: dict[str, list[Mention]] = {}
    for path in files():
        strays = [
            mention for mention in mentioned_in(path) if not works_of(*mention) and not is_no_work(mention[0], known)
        ]
        if strays:
            unknown[path.relative_to(ROOT).as_posix()] = strays
    assert unknown == {}, "add the work to data/references.bib and run `shanhai build references`"


def test_a_made_up_work_would_be_found() -> None:
    known = places().union(*NO_WORKS.values())
    (found,) = mentions("as Nobody & Nowhere (2019) say")
    assert not works_of(*found) and not is_no_work(found[0], known)


def test_each_work_is_named_somewhere_or_is_one_of_the_documents() -> None:
    tests = [path for pattern in KEPT_FOR_TESTS for path in (ROOT / "tests" / "reference").rglob(pattern)]
    named = {entry.key for path in [*files(), *tests] for mention in mentioned_in(path) for entry in works_of(*mention)}
    assert set(works()) - named - set(documents().values()) == set()


@pytest.mark.parametrize("path", study_notebooks().values(), ids=lambda path: path.stem)
def test_a_notebook_lists_the_works_that_its_prose_names(path: Path) -> None:
    code = said_in(path)
    studies = set(re.findall(r"studies\.(\w+)[\w.]* import", code))
    spoken = {study for study in studies if (LIBRARY / "studies" / study / "notebook.toml").exists()}
    (study,) = spoken - {"border"} or spoken  # others take its frame and its specification
    folder = LIBRARY / "studies" / study
    text = "\n".join(said_in(file) for file in sorted(folder.glob("*.toml")))
    named = {entry.key for mention in mentions(text) for entry in works_of(*mention)} | set(cited_keys(text))
    listed = set(re.findall(r'"(\w+)"', "".join(re.findall(r"say\.references\(([^)]*)\)", code))))
    assert named <= listed <= named | set(documents().values())


def test_each_claim_and_statement_has_its_document_in_the_bibliography() -> None:
    seeds = {
        name: set(load_table(name)[column].astype(str)) - {"literature"}
        for name, column in (("claims", "seed"), ("statements", "seed"), ("collaboration", "document"))
    }
    assert {name: sorted(found - set(documents())) for name, found in seeds.items()} == {name: [] for name in seeds}
    assert set.union(*seeds.values()) == set(documents())


def test_claims_of_the_literature_name_a_work() -> None:
    claims = load_table("claims").query("seed == 'literature'")
    keys = {
        row.id: [entry.key for mention in mentions(str(row.reference)) for entry in works_of(*mention)]
        for row in claims.itertuples()
    }
    assert {claim for claim, found in keys.items() if len(found) != 1} == WITHOUT_SOURCE
    assert {work(key).is_chinese for found in keys.values() for key in found} == {True}
