"""Index, map and table of all runs of a batch, in the languages that were made."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import expm1
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote

import pandas as pd
from xlsxwriter import Workbook

from shanhai.core.letters import allowed
from shanhai.core.places import Place
from shanhai.data.load import load_places
from shanhai.render import frame_to_csv
from shanhai.render.numbers import format_number, with_minus
from shanhai.render.office import WRITTEN
from shanhai.report.batch import FILES, STYLE
from shanhai.report.batch.map import gap_map
from shanhai.report.batch.page import WORDS, document


@dataclass(frozen=True)
class _Row:
    """A run as the index lists it."""

    name: str
    place: Place | None
    others: Mapping[str, Any]
    """Parameters beside that of the place."""
    said: Mapping[str, Any]

    def address(self, start: str) -> str:
        return f"{start}pages/{quote(self.name)}.html"

    def title(self, language: str) -> str:
        """Name of its place with the other parameters, or of the run."""
        if self.place is None:
            return self.name
        name = self.place.name_zh if language == "zh" else self.place.short_en
        return ", ".join([name, *(f"{key}={value}" for key, value in self.others.items())])


def write_site(folder: Path, runs: Mapping[str, Sequence[tuple[str, Mapping[str, Any]]]]) -> list[str]:
    """Write the index of each language with its map, and the tables of all places.

    Parameters
    ----------
    folder : Path
        Folder of the results.
    runs : mapping of language to sequence of name and parameters of runs
        Those that have ended well; each has left ``parts/<run>.page.json``.

    Returns
    -------
    list of str
        Names of the files, by their paths in the folder.
    """
    made = [language for language in ("en", "zh") if runs.get(language)]
    known: dict[tuple[str, str], Place] = {(place.level, place.code): place for place in load_places().all}
    written = [STYLE]
    shutil.copyfile(Path(__file__).with_name(STYLE), folder / STYLE)
    for language in made:
        base = folder / language if language == "zh" else folder
        base.mkdir(exist_ok=True)
        rows = [_row(base, name, parameters, known) for name, parameters in runs[language]]
        rows.sort(key=lambda row: (row.place is None, row.place.code if row.place else row.name, row.name))
        root = "../" if language == "zh" else ""
        page = document(WORDS("title", language), _index(rows, language, made), language, root, is_index=True)
        (base / "index.html").write_text(page, encoding="utf-8", newline="\n")
        frame = _frame(rows)
        (base / "places.csv").write_text(frame_to_csv(frame), encoding="utf-8-sig", newline="\n")
        _write_workbook(frame, base / "places.xlsx")
        start = base.relative_to(folder)
        written += [(start / name).as_posix() for name in FILES]
        if made == ["zh"]:  # whoever opens the folder of the results finds the same page there
            page = document(WORDS("title", language), _index(rows, language, made, "zh/"), language, "", is_index=True)
            (folder / "index.html").write_text(page, encoding="utf-8", newline="\n")
            written.append("index.html")
    return written


def _row(base: Path, name: str, parameters: Mapping[str, Any], known: Mapping[tuple[str, str], Place]) -> _Row:
    said = json.loads((base / "parts" / f"{name}.page.json").read_text(encoding="utf-8"))
    levels = [level for level in ("county", "prefecture") if parameters.get(level)]
    place = next((known.get((level, str(parameters[level]))) for level in levels), None)
    others = {key: value for key, value in parameters.items() if key not in (*levels, "language")}
    return _Row(name, place, others, said)


def _index(rows: Sequence[_Row], language: str, made: Sequence[str], start: str = "") -> str:
    """First what was found, in a sentence and on a map; then every run with its finding; files lie below ``start``."""
    gaps = _gaps(rows)
    behind = sum(gap < 0 for gap in gaps.values())
    numbers = {"runs": f"{len(rows):,}", "behind": f"{behind:,}", "places": f"{len(gaps):,}"}
    headline = WORDS("headline.some" if gaps else "headline.none", language, **numbers)
    parts = [f"<h1>{escape(headline)}</h1>"]
    if len(made) == 2:
        other, address = ("en", "../index.html") if language == "zh" else ("zh", "zh/index.html")
        tag = "zh-CN" if other == "zh" else "en"
        parts.append(f'<p><a href="{address}" lang="{tag}" hreflang="{tag}">{escape(WORDS("language", other))}</a></p>')
    if gaps:
        parts.append(f"<p>{escape(_lead(rows, gaps, language))}</p>")
    parts.append(f"<p>{escape(WORDS('lead_runs', language, runs=f'{len(rows):,}'))}</p>")
    if gaps:
        titles = {row.place.code: row.title(language) for row in rows if row.place}
        links = {row.place.code: row.address(start) for row in rows if row.place}
        parts.append(gap_map(gaps, titles, links, language))
    files = " ".join(f'<a href="{start}{name}">{name}</a>' for name in ("places.csv", "places.xlsx"))
    parts.append(f"<p>{escape(WORDS('files', language))} {files}</p>")
    if gaps:
        parts.append(f"<p>{escape(WORDS('measures', language))}</p>")
    parts.append(_table(rows, language, start))
    return "\n".join(parts)


def _lead(rows: Sequence[_Row], gaps: Mapping[str, float], language: str) -> str:
    """The places furthest behind and ahead, as the signs allow to say, the median gap, and what a gap is."""
    titles = {row.place.code: row.title(language) for row in rows if row.place}
    first, last = min(gaps, key=lambda code: (gaps[code], code)), max(gaps, key=lambda code: (gaps[code], code))
    if len(gaps) == 1:
        form = "lead.one"
    elif gaps[last] < 0:
        form = "lead.behind"
    else:
        form = "lead.both" if gaps[first] < 0 else "lead.ahead"
    said = WORDS(
        form,
        language,
        first=titles[first],
        first_gap=_gap_text(gaps[first]),
        first_percent=_percent(gaps[first], language),
        last=titles[last],
        last_gap=_gap_text(gaps[last]),
        last_percent=_percent(gaps[last], language),
        median=_gap_text(median(gaps.values())),
    )
    return said + ("" if language == "zh" else " ") + WORDS("lead.gap", language)


def _gap_text(gap: float) -> str:
    return with_minus(format_number(gap, 2))


def _percent(gap: float, language: str) -> str:
    """A gap in logarithms as a percentage, such as 12% lower."""
    percent = 100 * expm1(gap)
    return WORDS("below" if gap < 0 else "above", language, percent=f"{format_number(abs(percent))}%")


def _gaps(rows: Sequence[_Row]) -> dict[str, float]:
    """Gap of each place by code; of none if a place has several runs, which no map can show at once."""
    codes = [row.place.code for row in rows if row.place]
    if len(set(codes)) < len(codes):
        return {}
    return {row.place.code: row.said["gap"] for row in rows if row.place and row.said["gap"] is not None}


def _table(rows: Sequence[_Row], language: str, start: str) -> str:
    heads = [WORDS(key, language) for key in ("head.place", "head.code", "head.gap", "head.finding")]
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    lines = []
    for row in rows:
        gap = row.said["gap"]
        cells = [
            f'<a href="{row.address(start)}">{escape(row.title(language))}</a>',
            row.place.code if row.place else "",
            "" if gap is None else with_minus(format_number(gap, 3)),
            escape(with_minus(row.said["answer"][0] if row.said["answer"] else row.said["question"])),
        ]
        lines.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    body = "\n".join(lines)
    label = escape(WORDS("table", language))
    return (
        f'<div class="wide places" role="region" tabindex="0" aria-label="{label}">\n'
        f"<table>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody>\n</table>\n</div>"
    )


def _frame(rows: Sequence[_Row]) -> pd.DataFrame:
    """One row a run: names and codes, the gap, each indicator, and the finding in words."""
    records = []
    for row in rows:
        place = row.place
        record: dict[str, Any] = {
            "code": place.code if place else "",
            "name_en": place.name_en if place else "",
            "name_zh": place.name_zh if place else "",
            "level": place.level if place else "",
            "province_code": place.province_code if place else "",
            "run": row.name,
            "gap_log_points": row.said["gap"],
        }
        record |= {entry["variable"]: entry["value"] for entry in row.said["values"]}
        records.append(record | {"finding": " ".join(row.said["answer"])})
    frame = pd.DataFrame.from_records(records)
    return frame[[*(name for name in frame.columns if name != "finding"), "finding"]]


def _write_workbook(frame: pd.DataFrame, target: Path) -> None:
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with Workbook(str(target), plain) as book:
        book.set_properties({"author": "Shanhai", "created": WRITTEN})
        sheet, bold = book.add_worksheet("places"), book.add_format({"bold": True})
        for column, name in enumerate(frame.columns):
            sheet.write_string(0, column, allowed(str(name)), bold)
            for line, value in enumerate(frame[name], start=1):
                if isinstance(value, str):
                    sheet.write_string(line, column, allowed(value))
                elif pd.notna(value):
                    sheet.write_number(line, column, float(value))
        sheet.freeze_panes(1, 0)
