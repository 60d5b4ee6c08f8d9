"""What specifications, results and tables say of themselves at a desk: one table each, by type."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass, replace
from html import escape

import pandas as pd

from shanhai.core.errors import ReportError, SpecificationError
from shanhai.core.fields import label_of
from shanhai.core.shown import Description, Shown, describe
from shanhai.methods.decomposition import GapShares
from shanhai.methods.decomposition.gap import GapAccount, parts_that_differ
from shanhai.methods.estimate import Estimate
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec
from shanhai.render import _table_files as table_files
from shanhai.render._fields import estimate_words, lines_of, text_of
from shanhai.render.errors import error_words
from shanhai.render.numbers import MISSING, format_interval, format_number
from shanhai.render.style import label
from shanhai.render.tables import TableSpec, regression_table
from shanhai.render.words import Pair, Words, listed

_WORDS = Words.beside(__file__, "objects.toml")

_DROPPED = re.compile(r"\d+ rows? dropped")
"""Note of the estimator that the table of several regressions says in a row of its own."""

_PRODUCT = re.compile(r"(?<!:):(?!//|:)(?![^\[(]*[\])])")
"""Sign of a product in a term: not that of an address, of a level in brackets, or of pyfixest's ``year::2002``."""

_SCREEN = 25
"""Rows that are printed of a long table."""

_ACROSS = 10
"""Columns up to which a single row is printed across the screen."""

TABLE_ENDINGS = (".csv", ".docx", ".html", ".tex")
"""Endings of the files that tables are written to."""


def regressions(results: Sequence[FitResult], language: str = "en", heads: Sequence[str] = ()) -> TableSpec:
    """Three-line table of one or several regressions, one column each.

    Parameters
    ----------
    results : sequence of FitResult
    language : str
    heads : sequence of str, optional
        Of the columns; by default their outcomes where these differ, else (1), (2), ...

    Raises
    ------
    ReportError
        If there is no regression, or heads are not one a regression, all different.
    """
    columns = list(heads) or _heads(results, language)
    if not results or len(columns) != len(results) or len(set(columns)) < len(columns):
        raise ReportError(
            f"{len(results)} regressions under the heads {columns}; allowed: one regression or more, each under a head "
            "of its own. Give as many heads as regressions."
        )
    frames = [  # with an empty row for fixed effects alone, which have no coefficient
        _tested(result).reindex(range(max(len(result.names), 1))).assign(model=head)
        for result, head in zip(results, columns, strict=True)
    ]
    names = dict.fromkeys(name for result in results for name in result.names)
    outcomes = dict.fromkeys(label(language, *column_words(result.spec.outcome.name)) for result in results)
    alone = len(outcomes) == 1
    shown = regression_table(
        pd.concat(frames, ignore_index=True),
        terms={name: label(language, *column_words(name)) for name in names},
        models=dict(zip(columns, columns, strict=True)),
        statistics=_statistics(results, language),
        caption=next(iter(outcomes)) if alone else _WORDS("regression.several", language),
        notes=_notes(results, language),
        language=language,
    )
    return replace(shown, estimates=tuple(record for result in results for record in result.records()))


def _tested(result: FitResult) -> pd.DataFrame:
    """Coefficients; without p, and so without stars, where one cluster or row alone determines them."""
    table = result.to_frame()
    return table.assign(p=table["p"].where(~table["term"].isin(result.on_one_group)))


def _heads(results: Sequence[FitResult], language: str) -> list[str]:
    outcomes = [label(language, *column_words(result.spec.outcome.name)) for result in results]
    if len(set(outcomes)) == len(outcomes) > 1:
        return outcomes
    return [f"({position})" for position in range(1, len(results) + 1)]


def column_words(name: str) -> Pair:
    """Words for a column or a term: those of the data dictionary, or the name itself for a column of one's own.

    Examples
    --------
    >>> column_words("log_gdp_per_capita_2021"), column_words("my_score")
    (('log GDP per head 2021 (yuan)', '2021年人均GDP（元，对数）'), ('my_score', 'my_score'))
    """
    if name == "intercept":
        return _WORDS.pair("regression.intercept")
    parts = [part for part in _PRODUCT.split(name) if part]
    if len(parts) > 1:
        english, chinese = zip(*map(column_words, parts), strict=True)
        return " × ".join(english), "×".join(chinese)
    try:
        return label_of(name)
    except SpecificationError:  # a column that the user made
        return name, name


def _statistics(results: Sequence[FitResult], language: str) -> Mapping[str, Sequence[str]]:
    """Rows below the coefficients."""
    reasons = [drop.reason for result in results for drop in result.dropped_rows]
    dropped = "dropped" if all(reason.endswith(" missing") for reason in reasons) else "dropped_otherwise"
    rows = {
        "n": [format_number(result.n) for result in results],
        dropped: [format_number(sum(drop.count for drop in result.dropped_rows)) for result in results],
        "clusters": [" × ".join(format_number(level.count) for level in result.clusters) for result in results],
        "fixed_effects": [_effects(result.spec, language) for result in results],
        "r2": [format_number(result.r2, 3) for result in results],
        "r2_within": [format_number(result.r2_within, 3) if result.spec.fixed_effects else "" for result in results],
    }
    return {
        _WORDS(f"regression.{key}", language): [value or MISSING for value in values]
        for key, values in rows.items()
        if any(values)
    }


def _notes(results: Sequence[FitResult], language: str) -> list[str]:
    errors = listed(dict.fromkeys(error_words(result.error) for result in results))
    said = [_WORDS("note.errors", language, errors=errors)]
    samples = dict.fromkeys((result.spec.sample.name, result.spec.sample.translation) for result in results)
    said.append(_WORDS("note.sample", language, sample=listed([(name, zh or name) for name, zh in samples])))
    notes = dict.fromkeys(note for result in results for note in result.notes)
    alone = len(results) == 1
    return [*said, *(label(language, *_note_words(note)) for note in notes if alone or not _DROPPED.match(note))]


def described(spec: TableSpec) -> Description:
    """A table as text and as HTML."""
    return Description(table_files.to_text(spec), table_files.to_html(spec))


def table_as(spec: TableSpec, ending: str, language: str = "en") -> bytes:
    """A table as the content of a file.

    Parameters
    ----------
    spec : TableSpec
    ending : str
        One of :data:`TABLE_ENDINGS`.
    language : str
        Of a Word document.

    Raises
    ------
    ReportError
        If tables are not written so.
    """
    match ending:
        case ".csv":
            return table_files.to_bytes(table_files.to_csv(spec))
        case ".html":
            return table_files.to_html(spec).encode()
        case ".tex":
            return table_files.to_latex(spec, "table").encode()
        case ".docx":
            from shanhai.render.office import add_table, saved, word_document  # takes long to import; few need it

            document = word_document(language)
            add_table(document, spec)
            return saved(document)
    raise ReportError(f"A table cannot be written as {ending!r}; allowed: {', '.join(TABLE_ENDINGS)}. Take one.")


def _note_words(note: str) -> Pair:
    """English and Chinese of a note of the methods; one that ``objects.toml`` does not know stays as it is."""
    for english, chinese in _WORDS.labels("said").values():
        form = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(english))
        if found := re.fullmatch(form, note):
            return note, chinese.format(**found.groupdict())
    return note, note


def _effects(spec: RegressionSpec, language: str) -> str:
    named = _WORDS.labels("effect")
    return label(language, *listed((named.get(name, (name, name)) for name in spec.fixed_effects), (", ", "、")))


@describe.register
def _(value: FitResult, language: str) -> Description:
    return described(regressions([value], language))


@describe.register
def _(value: TableSpec, language: str) -> Description:
    return described(value)


@describe.register
def _(value: Estimate, language: str) -> Description:
    return _line(estimate_words(value, language))


@describe.register
def _(value: CovarianceSpec, language: str) -> Description:
    return _line(label(language, *error_words(value.label)))


def _line(text: str) -> Description:
    return Description(text, f"<p>{escape(text)}</p>")


def _listed(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


@describe.register
def _(value: SampleSpec, language: str) -> Description:
    filters = [f"{part.column} {part.relation} {_listed(part.value)}" for part in value.conditions]
    said = [(_WORDS("sample.filters", language), "; ".join(filters))] if filters else []
    name = label(language, value.name, value.translation or value.name)
    return described(
        _two_columns(said or [(_WORDS("sample.caption", language), _WORDS("sample.all", language))], name, language)
    )


@describe.register
def _(value: RegressionSpec, language: str) -> Description:
    """The formula in words: what is explained by what, given what, within what, on which rows, with which errors."""
    between = (" + ", " + ")
    held = {
        "outcome": label(language, *column_words(value.outcome.name)),
        "terms": label(language, *listed(map(column_words, value.term_names), between)),
        "controls": label(language, *listed(map(column_words, value.names[len(value.term_names) :]), between)),
        "fixed_effects": _effects(value, language),
        "weights": label(language, *column_words(value.weights)) if value.weights else "",
        "sample": text_of(value.sample, _WORDS, language),
        "errors": label(language, *error_words(value.covariance.label)),
        "spec_id": value.spec_id,
    }
    lines = [(_WORDS(f"spec.{key}", language), text) for key, text in held.items() if text]
    return described(_two_columns(lines, value.model or _WORDS("spec.caption", language), language))


@describe.register(GapAccount)
@describe.register(GapShares)
def _(value: GapAccount | GapShares, language: str) -> Description:
    parts = parts_that_differ(value.parts)
    rows = [
        (part.name, part.contribution, format_interval(part.low, part.high), 100 * part.contribution / value.gap)
        for part in parts
    ]
    heads = ("part", "contribution", "interval", "share")
    frame = pd.DataFrame([*rows, (_WORDS("head.gap", language), value.gap, MISSING, 100.0)], columns=list(heads))
    counts = {"place": value.n_place, "reference": value.n_reference, "n": value.n}
    caption = _WORDS("gap.caption", language, **{key: format_number(count) for key, count in counts.items()})
    printed = {head: _WORDS(f"head.{head}", language) for head in heads}
    return described(
        TableSpec(frame, caption, (), {"contribution": 3, "share": 0}, printed, rules_before=frozenset({len(rows)}))
    )


@describe.register(Shown)
def _(value: Shown, language: str) -> Description:
    """Any other result: its own rows where it has some, else what each field holds; its notes below."""
    notes = [label(language, *_note_words(note)) for note in getattr(value, "notes", ())]
    rows = value.to_frame() if hasattr(value, "to_frame") else None
    if isinstance(rows, pd.DataFrame) and len(rows) == 1 and rows.shape[1] > _ACROSS:
        named = _WORDS.labels("field")
        held = {str(name): column.iloc[0] for name, column in rows.items()}
        lines = [(label(language, *named.get(name, (name, name))), text_of(part, _WORDS, language, name))
                 for name, part in held.items()]  # fmt: skip
        return described(_two_columns(lines, _kind(value, language), language, notes))
    if isinstance(rows, pd.DataFrame):
        notes = notes if len(rows) <= _SCREEN else [_first_rows(len(rows), language), *notes]
        return described(TableSpec(rows.head(_SCREEN), _kind(value, language), tuple(notes), 3))
    lines = list(lines_of(value, _WORDS, language)) if is_dataclass(value) else []
    return described(_two_columns(lines, _kind(value, language), language, notes))


def _kind(value: object, language: str) -> str:
    """What a result is called; by its type where it has no name of its own."""
    name = type(value).__name__
    return label(language, *_WORDS.labels("kind").get(name, (name, name)))


def _first_rows(count: int, language: str) -> str:
    return _WORDS("shape.first", language, shown=format_number(_SCREEN), rows=format_number(count))


def _two_columns(lines: Sequence[tuple[str, str]], caption: str, language: str, notes: Sequence[str] = ()) -> TableSpec:
    heads = {head: _WORDS(f"head.{head}", language) for head in ("field", "value")}
    return TableSpec(pd.DataFrame(list(lines), columns=["field", "value"]), caption, tuple(notes), headers=heads)
