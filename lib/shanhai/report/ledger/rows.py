"""The ledger as plain rows: each claim with its verdict and all that stands behind it, in one language."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeGuard

from shanhai.claims.digits import in_plain_units, with_thousands
from shanhai.claims.findings import computed_text, reason_of
from shanhai.claims.verdicts import VERDICT_NAMES, Verdict
from shanhai.core.bibliography import documents, work
from shanhai.core.errors import ClaimError, ReportError, SpecificationError, UnknownTableError
from shanhai.core.fields import COMPUTED, field_of, fields_of
from shanhai.core.places import ZHEJIANG, Place
from shanhai.core.sources import read_registry
from shanhai.data.load import load_places
from shanhai.render.citations import cite
from shanhai.render.numbers import format_number, format_p_value, state_p_value
from shanhai.render.words import Words
from shanhai.report.results import Language, Results

WORDS = Words.beside(__file__)

SYMBOLS = {
    Verdict.REPRODUCED: "●", Verdict.CONSISTENT: "◐", Verdict.CONTRADICTED: "×", Verdict.COHERENT: "○",
    Verdict.INCONCLUSIVE: "?", Verdict.NO_DATA: "–", Verdict.TARGET: "→", Verdict.UNDERSPECIFIED: "~",
}  # fmt: skip
"""A sign for each verdict, beside its name, so that none is told by colour."""

_TEXTS = (
    *("whole", "place", "indicator", "gist", "claimed", "reference", "unit", "rule", "basis", "basis_reason"),
    *("robustness", "refuted_by", "seen", "needs", "note"),
)
"""Fields of a finding that have a Chinese one beside them."""

_CODES = ("id", "seed", "part_of", "same_as", "line", "statements", "period", "code", "basis_key")
"""Fields that are the same in both languages."""

_NUMBERS = ("p", "p_holm", "p_bh")

_FRAME = "county_frame"
"""What studies compute from the county frame counts as part of it."""

_FILES = {"shapefiles": "shapefiles/", _FRAME: "county_frame.csv"}
"""Files of what is no table of the registry."""

_FURTHER = ("computed", "verdict", "others", "data", "columns", "bases", "agreeing", "one_sided")

_PART_OF = re.compile("(of|over|employed) ")
"""How a basis begins by which the printed figure is set against a whole."""

_PART = re.compile("^((of|over) (the )?|占|除以)")
"""The same, where it is left out before the name of the whole."""

_EXPLAINED = re.compile(r"\s*[(（][^)）]*[;；:：].*|[;；:：].*")
"""What explains a column behind its name, an opened bracket with it."""

_PROVINCES = (ZHEJIANG, "510000")
"""Provinces whose counties and prefectures the claims name; Zhejiang first."""

_THE_26 = "山区26县"
"""Place of the claims on all mountain counties, as the claims table writes it."""

_INTERVAL = ("estimate", "low", "high")


def ledger_rows(results: Results, language: Language) -> list[dict[str, Any]]:
    """Rows of the ledger, one a claim, in the order of the claims.

    Parameters
    ----------
    results : Results
        Of which the findings are read.
    language : {"en", "zh"}

    Returns
    -------
    list of dict
        ``id``, ``seed``, ``document``, ``document_short``, ``verdict`` (its English name), ``verdict_name``,
        ``symbol``, ``within`` (names in both languages of the prefectures and provinces that its places lie in),
        ``reason`` (why contradicted), ``computed`` (text), ``computed_value`` (number, or None),
        ``uncertainty``, ``formula``,
        ``tables``, ``others`` (a list of mappings), the codes and texts of the finding, and ``english``: names of
        texts that have no Chinese, which stand in English. Whoever prints the texts escapes them.

    Raises
    ------
    ReportError
        If a finding lacks a field, as in results of an older version.
    """
    return [_row(finding, language) for finding in results.findings]


def _row(finding: Mapping[str, Any], language: Language) -> dict[str, Any]:
    needed = {*_TEXTS, *(f"{name}_zh" for name in _TEXTS), *_CODES, *_NUMBERS, *_FURTHER}
    if missing := sorted(needed - set(finding)):
        raise ReportError(
            f"The finding {finding.get('id')!r} has no {', '.join(missing)}: the results were made by an older "
            "version. Run `shanhai reproduce` again."
        )
    verdict = Verdict(finding["verdict"])
    computed, computed_in = _computed(finding["computed"], language)
    row = {name: finding[name] for name in (*_CODES, *_NUMBERS)}
    row |= {name: _said(finding, name, language) for name in _TEXTS}
    row |= {
        "english": frozenset(name for name in _TEXTS if _is_english(finding, name, language)) | computed_in,
        "document": _document_name(finding["seed"], language),
        "document_short": _document_short(finding["seed"], language),
        "verdict": verdict.value,
        "verdict_name": VERDICT_NAMES[verdict][_side(language)],
        "symbol": SYMBOLS[verdict],
        "within": _within(finding["place_zh"]),
        "reason": reason_of(finding, language),
        "computed": _with_unit(computed, finding, row["unit"], language),
        "claimed": _grouped(row["claimed"].removesuffix(" date"), language),
        "computed_value": _number(finding["computed"]),
        "uncertainty": _uncertainty(finding, language),
        "robustness": _robustness(finding, row["robustness"], language),
        "formula": _formula(finding, row, language),
        "tables": _tables(finding, language),
        "others": [_other(other, language) for other in finding["others"]],
    }
    return row


@cache
def _named_places() -> tuple[Mapping[str, Place], re.Pattern[str]]:
    """Counties and prefectures of the provinces that the documents are about by Chinese name, and what finds them.

    A name that several bear, as districts do, is that of a county of Zhejiang, or of none.
    """
    by_name: dict[str, Place] = {}
    for province in (*_PROVINCES[1:], _PROVINCES[0]):  # Zhejiang last, so that its counties keep a shared name
        by_name |= {
            place.name_zh: place
            for place in load_places().all
            if place.level != "province" and place.province_code == province
        }
    return by_name, re.compile("|".join(sorted(map(re.escape, by_name), key=lambda name: (-len(name), name))))


@cache
def _within(place_zh: str) -> str:
    """Names in both languages of the prefectures and provinces that the places of a claim lie in."""
    places, by_name = load_places(), _named_places()
    inside = [by_name[0][name] for name in by_name[1].findall(place_zh)]
    larger = {places.prefecture(place.prefecture_code) for place in inside if place.level == "county"}
    larger |= {places.province(place.province_code) for place in inside}
    if place_zh == _THE_26:
        larger.add(places.province(ZHEJIANG))
    return " ".join(f"{place.short_en} {place.name_zh}" for place in sorted(larger, key=lambda place: place.code))


def _side(language: Language) -> int:
    return 0 if language == "en" else 1


def _is_english(finding: Mapping[str, Any], name: str, language: Language) -> bool:
    return language == "zh" and bool(finding[name]) and not finding[f"{name}_zh"]


def _said(finding: Mapping[str, Any], name: str, language: Language) -> str:
    """A text of a finding in the language; in English where there is no Chinese."""
    return str((language == "zh" and finding[f"{name}_zh"]) or finding[name])


@cache
def _document_short(seed: str, language: Language) -> str:
    """Document as a text cites it."""
    if seed in (known := documents()):
        return cite(known[seed], language=language)
    names = WORDS.labels("short")
    return names[seed][_side(language)] if seed in names else seed


@cache
def _document_name(seed: str, language: Language) -> str:
    """Title of the document of a claim; the code itself if the bibliography does not know it."""
    if seed in (known := documents()):
        entry = work(known[seed])
        return entry.field("title") if language == "zh" else entry.field_en("title")
    names = WORDS.labels("document")
    return names[seed][_side(language)] if seed in names else seed


def _computed(computed: Any, language: Language) -> tuple[str, frozenset[str]]:
    """What was computed, and that it is in English, where a name in it has no Chinese."""
    try:
        return computed_text(computed, language), frozenset()
    except ClaimError:  # a name from a claims table of a user's own
        return computed_text(computed), frozenset({"computed"})


def _with_unit(text: str, finding: Mapping[str, Any], unit: str, language: Language) -> str:
    """A single number has the unit of the claim; numbers with names that of their list, where all have one."""
    computed = finding["computed"]
    if _is_number(computed) and unit:
        return _grouped(f"{text}{unit}" if language == "zh" else f"{text} {unit}", language)
    units = WORDS.labels("unit")
    if not isinstance(computed, Mapping) or finding["id"] not in units:
        return text
    between = WORDS("page.between", language)
    own = units[finding["id"]][_side(language)]
    return between.join(_grouped(f"{piece}{own}", language) for piece in text.split(between))


def _grouped(text: str, language: Language) -> str:
    """Long numbers in groups; in English millions and billions instead of Chinese steps of counting."""
    return with_thousands(in_plain_units(text) if language == "en" else text)


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(computed: Any) -> float | None:
    """The number that decides, which stands first where there are several; None of names and conditions."""
    first = next(iter(computed.values()), None) if isinstance(computed, Mapping) else computed
    return float(first) if _is_number(first) else None


def _uncertainty(finding: Mapping[str, Any], language: Language) -> str:
    """Interval and p-values; empty of figures that no sample stands behind."""
    computed, parts = finding["computed"], []
    if isinstance(computed, Mapping) and set(_INTERVAL) <= set(computed):
        low, high = (format_number(computed[name], 3) for name in ("low", "high"))
        parts.append(WORDS("page.interval", language, low=low, high=high))
    if finding["p"] is not None:
        key = "page.p_one" if finding["one_sided"] else "page.p"
        parts.append(WORDS(key, language, p=state_p_value(finding["p"])))
    if finding["p_holm"] is not None:
        holm, bh = format_p_value(finding["p_holm"]), format_p_value(finding["p_bh"])
        parts.append(WORDS("page.p_adjusted", language, holm=holm, bh=bh))
    return WORDS("page.between", language).join(parts)


def _robustness(finding: Mapping[str, Any], text: str, language: Language) -> str:
    if finding["bases"] < 2:
        return text
    numbers = {name: str(finding[name]) for name in ("agreeing", "bases")}
    return WORDS("page.bases", language, text=text, **numbers)


def _formula(finding: Mapping[str, Any], row: Mapping[str, Any], language: Language) -> str:
    """What was computed as what the primary basis divides or compares: one value by its name, else the indicator."""
    if not row["basis"]:
        return ""
    computed = finding["computed"]
    what, unit = row["indicator"], row["unit"] if _is_number(computed) else ""
    if isinstance(computed, Mapping) and len(computed) == 1:
        (name,) = computed
        what, _ = _computed(name, language)
        if "percent" in name and _PART_OF.match(finding["basis"]):
            return WORDS("page.formula_part", language, what=what, basis=_whole(row["basis"]))
    if not unit:
        return WORDS("page.formula", language, what=what, basis=row["basis"])
    return WORDS("page.formula_unit", language, what=what, unit=unit, basis=row["basis"])


def _whole(basis: str) -> str:
    """The whole of which a basis takes a part."""
    return _PART.sub("", basis, count=1).replace("的比重", "", 1)


def _tables(finding: Mapping[str, Any], language: Language) -> list[str]:
    """Tables that the test read, each with its file, its years and the columns that the test names."""
    columns: dict[str, list[str]] = {}
    for entry in filter(None, finding["columns"].split("; ")):
        table, _, column = entry.partition(".")
        columns.setdefault(_FRAME if table == COMPUTED else table, []).append(column)
    tables = list(dict.fromkeys([*filter(None, finding["data"].split("; ")), *columns]))
    return [_table(name, columns.get(name, []), language) for name in tables]


def _table(name: str, columns: Sequence[str], language: Language) -> str:
    titles, (file, vintage) = WORDS.labels("table"), _registered(name)
    title = titles[name][_side(language)] if name in titles else name
    years = _years(vintage, language)
    key, more = ("page.table", {"vintage": years}) if years else ("page.table_alone", {})
    text = WORDS(key, language, name=title, file=file, **more)
    if not columns:
        return text
    listed = WORDS("page.comma", language).join(_column(name, column, language) for column in columns)
    return WORDS("page.columns", language, table=text, columns=listed)


@cache
def _registered(name: str) -> tuple[str, str]:
    """File of a table as the registry has it, and the years that it describes."""
    for source in read_registry():
        if source.kind == "table" and source.name == name:
            return source.file, source.vintage
    return _FILES.get(name, name), ""


def _years(vintage: str, language: Language) -> str:
    """First and last year of a vintage; empty where the registry says it in words alone."""
    years = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", vintage)
    if not years:
        return ""
    first, last = min(years), max(years)
    if first == last:
        return WORDS("vintage.year", language, first=first)
    return WORDS("vintage.span", language, first=first, last=last)


def _column(table: str, column: str, language: Language) -> str:
    """What a column holds, in the words of the data dictionary; its name if that does not know it."""
    try:
        known = {field.column: field for field in fields_of(table)}
    except UnknownTableError:  # the county frame, or a table of another version
        known = {}
    try:
        field = known[column] if column in known else field_of(column)
    except SpecificationError:
        return column
    return _EXPLAINED.sub("", (field.english, field.chinese)[_side(language)])


def _other(other: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """What another basis says."""
    verdict = Verdict(other["verdict"])
    computed, computed_in = _computed(other["computed"], language)
    return {
        "basis": _said(other, "basis", language),
        "computed": computed,
        "verdict": verdict.value,
        "verdict_name": VERDICT_NAMES[verdict][_side(language)],
        "symbol": SYMBOLS[verdict],
        "note": _said(other, "note", language),
        "english": frozenset(name for name in ("basis", "note") if _is_english(other, name, language)) | computed_in,
    }
