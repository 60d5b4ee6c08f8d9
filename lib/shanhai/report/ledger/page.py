"""The ledger as a fragment of HTML: whole and readable by itself; ``ledger.js`` adds filters, sorting and links."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from shanhai.claims.verdicts import VERDICT_NAMES, Verdict
from shanhai.core.paths import ROOT
from shanhai.report.ledger.rows import SYMBOLS, WORDS, ledger_rows
from shanhai.report.results import LANGUAGES, Language, Results

_COLUMNS = ("id", "gist", "document", "place", "claimed", "computed", "verdict")
"""Columns of the table, each with a button that sorts by it."""

_PLACE_SEPARATOR = re.compile(r"[;、，]\s*")

_REPOSITORY = re.compile(r"https://[\w.-]+(/[\w.-]+)+")


def ledger_html(results: Results, language: Language) -> str:
    """All claims as a fragment of HTML, with every text escaped.

    Each claim is there without JavaScript, its details in a ``<details>`` element. The page that holds the fragment
    links ``ledger.css`` and ``ledger.js``, which lie beside this module. State is in the address: ``#M27`` opens a
    claim, ``#verdict=contradicted&place=Quzhou`` filters; a place by part of its name in either language, which the
    box shows in the language of the page.

    Parameters
    ----------
    results : Results
    language : {"en", "zh"}

    Raises
    ------
    ReportError
        See :func:`shanhai.report.ledger.rows.ledger_rows`.
    """
    both = {each: ledger_rows(results, each) for each in LANGUAGES}
    rows, others = both[language], both["zh" if language == "en" else "en"]
    headings = _first_of_each_whole(rows)
    repository = _repository()
    bodies = [
        _claim(row, other, headings.get(row["id"], ""), repository, language)
        for row, other in zip(rows, others, strict=True)
    ]
    distinct = [row for row in rows if not row["same_as"]]
    numbers = {"all": len(rows), "counted": len(distinct), "repeated": len(rows) - len(distinct)}
    numbers["literature"] = sum(row["seed"] == "literature" for row in rows)
    lead = WORDS("page.lead", language, **{name: str(number) for name, number in numbers.items()})
    foreign = any(row["english"] for row in rows)
    count = WORDS("page.count", language, shown="{shown}", all=str(len(rows)), five="{five}", literature="{literature}")
    return "\n".join(
        [
            f'<div class="ledger" data-count="{escape(count)}">',
            f"<p>{escape(lead)}</p>",
            *([f"<p>{escape(WORDS('page.language', language))}</p>"] if foreign else []),
            _verdicts(distinct, language),
            _filters(rows, others, language),
            f'<p class="ledger-none" hidden>{escape(WORDS("page.none", language))}</p>',
            '<table class="ledger-table">',
            f'<caption class="ledger-hidden">{escape(WORDS("page.caption", language))}</caption>',
            _head(language),
            *bodies,
            "</table>",
            "</div>",
            "",
        ]
    )


def _repository() -> str:
    """Address of the repository, as pyproject.toml names it; empty if it names none."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    address = str(project.get("urls", {}).get("Repository", "")).removesuffix("/")
    return address if _REPOSITORY.fullmatch(address) else ""


def _first_of_each_whole(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Compound claim by the part of it that comes first, where a link to the whole leads."""
    first: dict[str, str] = {}
    for row in rows:
        if row["part_of"]:
            first.setdefault(row["part_of"], row["id"])
    return {part: whole for whole, part in first.items()}


def _verdicts(distinct: Sequence[Mapping[str, Any]], language: Language) -> str:
    """What each verdict means and how many claims have it; each leads to these."""
    counts = Counter(row["verdict"] for row in distinct)
    items = "".join(
        f'<li data-verdict="{verdict}"><a href="#verdict={verdict.replace(" ", "+")}">{_mark(verdict, language)}</a>'
        f' <span class="ledger-number">{counts[verdict]}</span>'
        f' <span class="ledger-meaning">{escape(WORDS(f"verdict.{verdict}", language))}</span></li>'
        for verdict in Verdict
    )
    return (
        f'<details class="ledger-verdicts" open><summary>{escape(WORDS("page.verdicts", language))}</summary>'
        f"<ul>{items}</ul></details>"
    )


def _mark(verdict: str, language: Language) -> str:
    """Sign and name of a verdict."""
    sign, name = SYMBOLS[Verdict(verdict)], VERDICT_NAMES[verdict][LANGUAGES.index(language)]
    return (
        f'<span class="ledger-verdict"><span class="ledger-sign" aria-hidden="true">{sign}</span>'
        f'<span class="ledger-name">{escape(name)}</span></span>'
    )


def _filters(rows: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]], language: Language) -> str:
    """Controls, which the script shows; their names are those in the address, places in either language."""
    documents = {row["seed"]: row["document"] for row in rows}
    verdicts = {verdict.value: VERDICT_NAMES[verdict][LANGUAGES.index(language)] for verdict in Verdict}
    places = _place_names(rows, others)
    options = "".join(
        f'<option value="{escape(name)}" data-other="{escape(other)}"></option>'
        for name, other in sorted(places.items())
    )

    def hint(key: str) -> str:
        return escape(WORDS(f"page.{key}", language))

    return (
        f'<form class="ledger-filters" role="search" aria-label="{hint("filters")}" hidden>'
        + _select("document", documents, language)
        + _control("place", f'<input name="place" list="ledger-places" placeholder="{hint("place_hint")}">', language)
        + f'<datalist id="ledger-places">{options}</datalist>'
        + _select("verdict", verdicts, language)
        + f"<label><span>{hint('search')}</span>"
        + f'<input name="words" type="search" placeholder="{hint("search_hint")}"></label>'
        + f'<button type="reset">{hint("reset")}</button>'
        + '<p class="ledger-count" role="status"></p></form>'
    )


def _place_names(rows: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Places of the claims, each with its name in the other language, empty where lists do not match."""
    names: dict[str, str] = {}
    for row, other in zip(rows, others, strict=True):
        own, foreign = (_PLACE_SEPARATOR.split(each["place"]) for each in (row, other))
        for number, name in enumerate(own):
            names[name] = names.get(name) or (foreign[number] if len(own) == len(foreign) else "")
    return names


def _control(key: str, control: str, language: Language) -> str:
    return f"<label><span>{escape(WORDS(f'head.{key}', language))}</span>{control}</label>"


def _select(key: str, names: Mapping[str, str], language: Language) -> str:
    options = "".join(f'<option value="{escape(value)}">{escape(name)}</option>' for value, name in names.items())
    every = f'<option value="">{escape(WORDS("page.all", language))}</option>'
    return _control(key, f'<select name="{key}">{every}{options}</select>', language)


def _head(language: Language) -> str:
    """Heads of the columns; the script makes buttons of them."""
    sort = escape(WORDS("page.sort", language))
    cells = "".join(
        f'<th scope="col" data-key="{key}" data-sort="{sort}">{escape(WORDS(f"head.{key}", language))}</th>'
        for key in _COLUMNS
    )
    return f"<thead><tr>{cells}</tr></thead>"


def _claim(row: Mapping[str, Any], other: Mapping[str, Any], whole: str, repository: str, language: Language) -> str:
    """One claim: a row of cells, and below it a row with the details."""
    heads = {key: WORDS(f"head.{key}", language) for key in _COLUMNS}
    cells = {
        "id": (f'<a id="{escape(whole)}"></a>' if whole else "")
        + f'<a href="#{escape(row["id"])}">{escape(row["id"])}</a>',
        "gist": _text(row, "gist") or _text(row, "indicator"),
        "document": f"{escape(row['document_short'])}<br>{_source(row, language)}",
        "place": _text(row, "place"),
        "claimed": "" if row["claimed"] == row["gist"] else _text(row, "claimed"),
        "computed": escape(row["computed"])
        or f'<span class="ledger-nothing">{escape(WORDS("page.nothing", language))}</span>',
        "verdict": _mark(row["verdict"], language)
        + (f'<br><span class="ledger-source">{escape(row["reason"])}</span>' if row["reason"] else ""),
    }
    shown = "".join(
        f'<{tag} data-head="{escape(heads[key])}" class="ledger-{key}">{cells[key] and f"<span>{cells[key]}</span>"}'
        f"</{tag.split()[0]}>"
        for key, tag in zip(_COLUMNS, ('th scope="row"', *["td"] * (len(_COLUMNS) - 1)), strict=True)
    )
    names = ("document", "document_short", "place", "gist", "indicator", "verdict_name")
    alike = " ".join(str(other[name]) for name in names)
    data = {
        "document": row["seed"],
        "place": f"{row['place']} {other['place']} {row['within']}".strip(),
        "verdict": row["verdict"],
        "order": str(list(Verdict).index(Verdict(row["verdict"]))),
        "value": "" if row["computed_value"] is None else repr(row["computed_value"]),
        "part": row["part_of"],
        "alike": alike,
    }
    attributes = "".join(f' data-{name}="{escape(value)}"' for name, value in data.items() if value)
    label = WORDS("page.of_claim", language, id=row["id"])
    return (
        f'<tbody class="ledger-claim" id="{escape(row["id"])}"{attributes}><tr>{shown}</tr>'
        f'<tr class="ledger-more"><td colspan="{len(_COLUMNS)}"><details><summary>'
        f'{escape(WORDS("page.details", language))} <span class="ledger-hidden">{escape(label)}</span></summary>'
        f"{_details(row, repository, language)}</details></td></tr></tbody>"
    )


def _source(row: Mapping[str, Any], language: Language) -> str:
    """Line and statements of the document; of the literature, the paper."""
    parts = [row["reference"]] if row["seed"] == "literature" else []
    parts += [WORDS("page.line", language, line=row["line"])] if row["line"] else []
    return f'<span class="ledger-source">{escape(WORDS("page.clause", language).join(filter(None, parts)))}</span>'


def _details(row: Mapping[str, Any], repository: str, language: Language) -> str:
    """Everything behind the verdict, as a list of terms."""
    ids = WORDS("page.comma", language).join(filter(None, row["statements"].split(";")))
    whole = WORDS("page.whole", language, id=row["part_of"], text=row["whole"]) if row["part_of"] else ""
    line = WORDS("page.line", language, line=row["line"]) if row["line"] else ""
    statements = WORDS("page.statements", language, ids=ids) if ids else ""
    source = WORDS("page.clause", language).join(filter(None, [row["document"], line, statements]))
    meaning = WORDS(f"verdict.{row['verdict']}", language)
    terms = [
        ("part_of", _link(row["part_of"], whole)),
        ("same_as", _link(row["same_as"], row["same_as"])),
        ("indicator", escape(row["indicator"])),
        ("period", escape(row["period"])),
        ("why", f"{_mark(row['verdict'], language)} {escape(meaning)}"),
        ("rule", _text(row, "rule")),
        ("computed", _text(row, "computed")),
        ("uncertainty", escape(row["uncertainty"])),
        ("formula", _text(row, "basis", row["formula"])),
        ("basis_reason", _text(row, "basis_reason")),
        ("tables", _listed(map(escape, row["tables"]))),
        ("robustness", escape(row["robustness"])),
        ("others", _listed(_other(other, language) for other in row["others"])),
        ("note", _text(row, "note")),
        ("refuted_by", _text(row, "refuted_by")),
        ("seen", _text(row, "seen")),
        ("needs", _text(row, "needs")),
        ("source", escape(source)),
        ("code", _code(row["code"], repository)),
    ]
    listed = (
        f"<div><dt>{escape(WORDS(f'head.{key}', language))}</dt><dd>{html}</dd></div>" for key, html in terms if html
    )
    return f"<dl>{''.join(listed)}</dl>"


def _text(row: Mapping[str, Any], name: str, text: str | None = None) -> str:
    """A text of the findings; one that has no Chinese is marked as English."""
    said = escape(row[name] if text is None else text)
    return f'<span lang="en">{said}</span>' if said and name in row["english"] else said


def _link(claim: str, text: str) -> str:
    return f'<a href="#{escape(claim)}">{escape(text)}</a>' if claim else ""


def _listed(items: Iterable[str]) -> str:
    held = "".join(f"<li>{item}</li>" for item in items)
    return f"<ul>{held}</ul>" if held else ""


def _other(other: Mapping[str, Any], language: Language) -> str:
    """Another basis: what it is, what it gives, which verdict would follow."""
    computed = _text(other, "computed") or escape(WORDS("page.nothing", language))
    note = f" {_text(other, 'note')}" if other["note"] else ""
    return f"{_text(other, 'basis')}<br>{computed} {_mark(other['verdict'], language)}{note}"


def _code(code: str, repository: str) -> str:
    """File and line of the test; a link where the address of the repository is known."""
    shown = f"<code>{escape(code)}</code>" if code else ""
    file, _, line = code.rpartition(":")
    if not (repository and file.startswith("lib/")):
        return shown
    return f'<a href="{escape(f"{repository}/blob/HEAD/{file}#L{line}")}">{shown}</a>'
