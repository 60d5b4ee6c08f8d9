"""Pages to look things up: columns, sources, terms, works, and where each exhibit comes from."""

import csv
from collections.abc import Iterator
from html import escape
from itertools import groupby

import pandas as pd

from shanhai.core.bibliography import works
from shanhai.core.paths import DATA
from shanhai.core.places import ZHEJIANG
from shanhai.core.sources import hash_file
from shanhai.data.frames.panel import build_county_frame
from shanhai.render.citations import reference_list
from shanhai.render.numbers import format_number
from shanhai.report.results import Exhibit, Run
from shanhai.report.site import _pages as pages
from shanhai.report.site._notebooks import anchor_of, file_of, offered
from shanhai.report.site._pages import Source, raw


def write_data_pages(source: Source) -> None:
    """Write the data dictionary, the sources, the glossary and the references, and their index."""
    registry = _rows("registry.csv")
    said = {
        name: f"{name}_zh" if source.language == "zh" else name for name in ("title", "origin", "licence", "vintage")
    }
    origins = {row["file"].removeprefix("data/").removesuffix(".csv"): row[said["origin"]] for row in registry}
    _write_dictionary(source, origins)
    _write_table(
        source,
        "sources",
        registry,
        ("file", *said.values(), "accessed", "sha256"),
        _samples(source, build_county_frame()),
    )
    _write_table(source, "glossary", _rows("glossary.csv"), ("english", "zh", "code_name"))
    entries = "\n".join(f"- {entry}" for entry in reference_list(list(works()), source.language))
    source.page("data/references", source.say("references.title"), source.say("references.about"), entries)
    names = ("dictionary", "sources", "glossary", "references")
    rows = [
        [pages.link(f"{name}.html", source.say(f"{name}.title")), escape(source.say(f"{name}.about"))] for name in names
    ]
    heads = [source.say("methods.page_head"), source.say("methods.what")]
    source.page(
        "data/index", source.say("data.title"), source.say("data.about"), source.say("data.lead"),
        raw(pages.table(heads, rows, source.say("data.title"), html=True)), pages.toctree(names),
    )  # fmt: skip


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


_HEADS = {
    "sources": ("file", "holds", "origin", "licence", "vintage", "accessed", "checksum"),
    "glossary": ("english", "chinese", "code"),
}


def _write_table(source: Source, name: str, rows: list[dict[str, str]], columns: tuple[str, ...], *before: str) -> None:
    title = source.say(f"{name}.title")
    heads = [source.say(f"{name}.{key}") for key in _HEADS[name]]
    cells = [[row[column] for column in columns] for row in rows]
    tag, other = ("zh-CN", "zh") if source.language == "en" else ("en", "english")
    foreign = {columns.index(other): tag} if other in columns else {}
    table = pages.table(heads, cells, title, classes=f"plain {name}", foreign=foreign)
    source.page(f"data/{name}", title, source.say(f"{name}.about"), *before, raw(table))


def _samples(source: Source, frame: pd.DataFrame) -> str:
    """How many counties of Zhejiang each sample holds, and which are not in it."""
    counties = frame[frame["province_code"] == ZHEJIANG]
    gdp, polygon = (counties[name].notna() for name in ("gdp_per_capita_2021", "on_border"))
    held = {"census": counties["code"].notna(), "polygon": polygon, "gdp": gdp, "both": gdp & polygon}
    held["the_26"] = counties["is_mountain_26"].astype(bool)
    rows = []
    for key, inside in held.items():
        left = [pages.place_name(code, source.language) for code in counties.loc[~inside, "code"]]
        named = source.say("places.joint").join(left) if key != "the_26" else ""
        rows.append([source.say(f"sample.{key}"), format_number(int(inside.sum())), named])
    heads = [source.say(f"sample.{key}") for key in ("name", "count", "missing")]
    numbers = {key: format_number(int(inside.sum())) for key, inside in held.items() if key != "the_26"}
    title = source.say("sample.title")
    return f"## {title}\n\n{source.say('sample.lead', **numbers)}\n\n" + raw(pages.table(heads, rows, title))


def _write_dictionary(source: Source, origins: dict[str, str]) -> None:
    own, other = ("english", "chinese") if source.language == "en" else ("chinese", "english")
    heads = [source.say(f"dictionary.{key}") for key in ("column", "meaning", "meaning_zh", "type", "unit", "range")]
    foreign = {2: "zh-CN" if source.language == "en" else "en"}
    parts = [source.say("dictionary.lead", data="`data/`")]
    for file in ("dictionary.csv", "frame_dictionary.csv"):
        for name, rows in groupby(_rows(file), key=lambda row: row["table"]):
            cells = [[row["column"], row[own], row[other], row["type"], row["unit"], _range(row)] for row in rows]
            origin = origins.get(name)
            note = (
                source.say("dictionary.source", origin=escape(origin)) if origin else source.say("dictionary.computed")
            )
            parts += [
                f"## {pages.escaped(name)}",
                raw(f"<p>{note}</p>"),
                raw(pages.table(heads, cells, name, classes="plain dictionary", foreign=foreign)),
            ]
    source.page("data/dictionary", source.say("dictionary.title"), source.say("dictionary.about"), *parts)


def _range(row: dict[str, str]) -> str:
    if row["allowed"]:
        return row["allowed"].replace(";", "; ")
    low, high = row["minimum"], row["maximum"]
    if low and high:
        return f"{low} … {high}"
    return f"≥ {low}" if low else f"≤ {high}" if high else ""


def write_exhibits(source: Source, runs: list[Run]) -> None:
    """Write the map of exhibits: each with its cell, its files and their hashes."""
    heads = [source.say(f"exhibits.{key}") for key in ("exhibit", "cell", "files")]
    parts = [source.say("exhibits.lead")]
    for run in runs:
        title = source.titles[pages.page_of(run)]
        rows = list(_exhibit_rows(source, run))
        if rows:
            parts += [
                f"## {pages.escaped(title)}",
                raw(pages.table(heads, rows, title, html=True, classes="plain exhibits")),
            ]
    source.page("exhibits", source.say("exhibits.title"), source.say("exhibits.about"), *parts)


def _exhibit_rows(source: Source, run: Run) -> Iterator[list[str]]:
    cells = {
        (exhibit.kind, exhibit.name): number for number, cell in enumerate(run.cells, 1) for exhibit in run.shown(cell)
    }
    for exhibit in run.exhibits.values():
        number = cells.get((exhibit.kind, exhibit.name), "")
        yield [_named(source, run, exhibit), str(number), "<br>".join(_files(exhibit, run))]


def _named(source: Source, run: Run, exhibit: Exhibit) -> str:
    kind = source.say(f"exhibits.{exhibit.kind}")
    address = f"{pages.page_of(run)}.html#{anchor_of(exhibit, run)}"
    return f"{escape(kind)} {pages.link(address, exhibit.caption or exhibit.name)}"


def _files(exhibit: Exhibit, run: Run) -> Iterator[str]:
    """Name and hash of each file, as a link to those that the site holds."""
    held = offered(exhibit, run)
    for ending, path in sorted(exhibit.files.items()):
        name = f"{path.parent.name}/{path.name}"
        shown = pages.link(file_of(exhibit, ending), name) if ending in held else escape(name)
        yield f"{shown} <code>{hash_file(path)}</code>"
