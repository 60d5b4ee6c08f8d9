"""A paper from its plan and the results: passages of the runs, ``words.toml``, numbered exhibits, works."""

import csv
import re
import string
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Literal

from shanhai import __version__
from shanhai.claims.claims import Claim, claims_from
from shanhai.claims.digits import in_plain_units, with_thousands
from shanhai.claims.findings import reason_of
from shanhai.claims.verdicts import Verdict
from shanhai.core.bibliography import documents, works
from shanhai.core.errors import ReportError
from shanhai.core.notebooks import sentences
from shanhai.data.load import load_table
from shanhai.render.citations import cite, reference_list
from shanhai.render.numbers import format_number
from shanhai.render.prose import Prose, publish_text
from shanhai.render.words import Pair, Words
from shanhai.report.papers.document import (
    Block,
    Bullets,
    Heading,
    Paper,
    Paragraph,
    PrintedFigure,
    PrintedTable,
    References,
    blocks_of,
    line_of,
    plain,
    typeset,
)
from shanhai.report.papers.numbers import unit_of, values_of, verdicts_of, with_unit
from shanhai.report.papers.plan import (
    Answer,
    Head,
    Joined,
    Part,
    Passage,
    Plan,
    Say,
    SayVerdict,
    Show,
    ShowClaims,
    Stated,
)
from shanhai.report.results import LANGUAGES, Exhibit, Language, Results, Run

WORDS = Words.beside(__file__)
"""Connecting prose of papers and slides."""

_SPECIAL = re.compile(r"([\\`*_\[\]<>#])")
"""Characters that Markdown would read in a value."""

_BEFORE_NUMBER = re.compile(r"(?<=[a-z]{2}\.) (?=\d)", re.ASCII)
"""Where a sentence ends before one that begins with a number."""

_UNBROKEN = "\N{NO-BREAK SPACE}"

DECIDED = tuple(verdict for verdict in Verdict if verdict is not Verdict.NO_DATA)
"""Verdicts in the order in which a paper lists claims; claims without data are counted only."""


def compose(plan: Plan, results: Results, language: Language) -> Paper:
    """The paper of a plan in one language.

    Parameters
    ----------
    plan : Plan
    results : Results
    language : {"en", "zh"}

    Raises
    ------
    ReportError
        If a run, passage, exhibit, column or estimate of the plan is not in the results, or the text refers to no
        table or figure of one label.
    """
    return _Composer(plan, results, language).paper()


def contradicted(ids: Sequence[str], language: Language) -> str:
    """A sentence that names the contradicted claims, or says that there is none.

    Raises
    ------
    ReportError
        If there is no such claim.
    """
    if not ids:
        return WORDS("contradicted.none", language)
    named = [
        WORDS("contradicted.one", language, id=id_, indicator=_in_language(_claim(id_), "indicator", language))
        for id_ in ids
    ]
    return WORDS("contradicted.some", language, listed=("、" if language == "zh" else ", ").join(named))


class Speaker:
    """Entries of ``words.toml`` in one language, with values put in as text and citations in words."""

    def __init__(self, language: Language, values: Mapping[str, str | Pair]) -> None:
        self._prose = Prose(WORDS, language)
        self._values = {name: _escaped(value) for name, value in values.items()}
        self.used: set[str] = set()

    def __call__(self, key: str, **values: str | Pair) -> str:
        """An entry as Markdown.

        Raises
        ------
        ReportError
            If there is no such entry, or nothing for a value that it names.
        """
        pair = WORDS.entries.get(key, ("", ""))
        names = {name for _, name, _, _ in string.Formatter().parse(pair[0]) if name}
        known = self._values | {name: _escaped(value) for name, value in values.items()}
        self.used |= names
        return publish_text(self._prose.text(key, **{name: known[name] for name in names if name in known})).markdown


class _Composer:
    """One paper while it is put together."""

    def __init__(self, plan: Plan, results: Results, language: Language) -> None:
        self._plan, self._results, self._language = plan, results, language
        self._numbers: dict[str, int] = {}
        counts = Counter[str]()
        labels: dict[str, str | Pair] = {}
        for part in plan.exhibits():
            kind = _kind(part)
            counts[kind] += 1
            self._numbers[part.label] = counts[kind]
            english, chinese = WORDS.pair(f"form.{kind}_number", n=str(counts[kind]))
            labels[part.label] = english.replace(" ", _UNBROKEN), chinese
        claims = self._claim_rows()
        values = values_of(plan, results, claims)
        values |= {name: _counted(numbers, language) for name, numbers in verdicts_of(plan, results, claims).items()}
        self._say = Speaker(language, {**values, **labels, "contradicted_claims": self._contradicted()})

    def paper(self) -> Paper:
        blocks = [block for part in self._plan.parts for block in self._blocks(part)]
        unnamed = sorted(set(self._numbers) - self._say.used)
        if unnamed:
            raise ReportError(f"No sentence of the paper {self._plan.key!r} refers to {', '.join(unnamed)}; name each.")
        abstract = self._abstract()
        kind = self._plan.kind
        cited = _cited([abstract, *_texts(blocks)])
        entries = tuple(line_of(entry) for entry in reference_list(cited, self._language))
        return Paper(
            language=self._language,
            title=self._plainly(f"title.{kind}"),
            byline=self._plainly("form.byline"),
            abstract=abstract,
            keywords=tuple(re.split("[;；] ?", self._plainly(f"keywords.{self._plan.keywords}"))),
            labels={
                "abstract": WORDS("form.abstract", self._language),
                "keywords": WORDS("form.keywords", self._language),
                "table": WORDS("form.table", self._language),
                "figure": WORDS("form.figure", self._language),
                "imprint": self._say("form.imprint", version=__version__),
            },
            blocks=(*blocks, References(WORDS("form.references", self._language), entries)),
        )

    def _blocks(self, part: Part) -> Iterator[Block]:
        match part:
            case Head():
                yield Heading(part.level, self._plainly(part.key))
            case Say():
                yield from blocks_of(self._say(part.key))
            case Answer():
                yield Paragraph(line_of(self._answer(part)))
            case Joined():
                yield Paragraph(line_of(self._joined(part.parts)))
            case Passage():
                yield from self._passage(part)
            case Show():
                yield self._exhibit(part)
            case ShowClaims():
                yield self._table_of_claims(part)
            case Stated():
                yield Bullets(tuple(line_of(self._stated(_claim(id_))) for id_ in part.ids))

    def _run(self, name: str) -> Run:
        return self._results.run(name, self._language)

    def _plainly(self, key: str) -> str:
        return plain(line_of(self._say(key)))

    def _answer(self, part: Answer) -> str:
        said = self._run(part.run).answer
        if part.sentences and max(part.sentences) >= len(said):
            raise ReportError(f"The answer of {part.run} has {len(said)} sentences; asked for {part.sentences}.")
        chosen = [said[number] for number in part.sentences] if part.sentences else said
        return self._sequence(chosen)

    def _abstract(self) -> str:
        return plain(line_of(self._joined(self._plan.abstract)))

    def _joined(self, parts: Iterable[Say | SayVerdict | Answer]) -> str:
        return self._sequence(map(self._sentence, parts))

    def _sentence(self, part: Say | SayVerdict | Answer) -> str:
        match part:
            case Answer():
                return self._answer(part)
            case SayVerdict():
                verdicts = {finding["id"]: finding["verdict"] for finding in self._results.findings}
                return self._say(f"{part.group}.{verdicts[part.claim]}")
            case Say():
                return self._say(part.key)

    def _sequence(self, said: Iterable[str]) -> str:
        """Sentences one after the other."""
        return ("" if self._language == "zh" else " ").join(said)

    def _passage(self, part: Passage) -> Iterator[Block]:
        run = self._run(part.run)
        cells = [cell for cell in run.cells if cell["cell_type"] == "code" and part.call in cell["source"]]
        said = [
            "".join(output["data"]["text/markdown"])
            for cell in cells
            for output in cell.get("outputs", ())
            if "text/markdown" in output.get("data", {})
        ]
        if len(cells) != 1 or len(said) != 1:
            raise ReportError(
                f"{part.run} has {len(cells)} cells with {part.call!r}, which say {len(said)} texts; needed: one that "
                "says one. Name the passage in the plan as the notebook has it."
            )
        text = said[0] if part.sentences is None else self._sequence(_all_sentences(said[0])[: part.sentences])
        blocks = blocks_of(text)
        yield from (block for block in blocks if isinstance(block, Heading) and part.headed)
        body = [block for block in blocks if not isinstance(block, Heading)]
        yield from _kept(body, part)

    def _exhibit(self, part: Show) -> Block:
        number = self._numbers[part.label]
        kind = _kind(part)
        exhibit = self._run(part.run).exhibit(kind, part.name)
        if exhibit.kind == "figure":
            caption = self._plainly(part.caption) if part.caption else typeset(exhibit.caption)
            return PrintedFigure(
                number, caption, exhibit.files["pdf"], exhibit.files["png"],
                exhibit.width_inches, exhibit.height_inches,
            )  # fmt: skip
        return _table(number, exhibit, part.columns)

    def _claim_rows(self) -> list[tuple[str, Verdict]]:
        """Claims on the place with their verdicts, in the order of its report; none for a paper on no place."""
        shown = [part for part in self._plan.exhibits() if isinstance(part, ShowClaims)]
        if not shown:
            return []
        verdicts = {finding["id"]: Verdict(finding["verdict"]) for finding in self._results.findings}
        exhibit = self._run(shown[0].run).exhibit("table", "claims")
        return [(row[0], verdicts[row[0]]) for row in exhibit.rows if row[0] in verdicts]

    def _table_of_claims(self, part: ShowClaims) -> PrintedTable:
        """Decided claims by verdict, a rule above each further verdict; rows that only introduce parts are left out."""
        exhibit = self._run(part.run).exhibit("table", "claims")
        verdicts = dict(self._claim_rows())
        table = _table(self._numbers[part.label], exhibit, part.columns)
        found = {finding["id"]: finding["computed"] for finding in self._results.findings}
        at = [part.columns.index(column) for column in ("claimed", "computed")]
        printed = [_printed_claim(row, at, found.get(row[0]), self._language) for row in table.rows]
        groups = [[row for row in printed if verdicts.get(row[0]) == verdict] for verdict in DECIDED]
        starts = [sum(map(len, groups[:position])) for position, group in enumerate(groups) if group]
        rows = tuple(row for group in groups for row in group)
        return PrintedTable(
            table.number, table.caption, table.heads, rows, table.numeric, tuple(starts[1:]),
            (WORDS("claims.note", self._language), self._say("claims.denominators")),
        )  # fmt: skip

    def _contradicted(self) -> str:
        refuted = [id_ for id_, verdict in self._claim_rows() if verdict == Verdict.CONTRADICTED]
        findings = {finding["id"]: finding for finding in self._results.findings}
        reasons = [
            WORDS("contradicted.reason", self._language, id=id_, reason=reason_of(findings[id_], self._language))
            for id_ in refuted
        ]
        return self._sequence([contradicted(refuted, self._language), *reasons])

    def _stated(self, claim: Claim) -> str:
        gist = _in_language(claim, "gist", self._language)
        key = documents().get(claim.seed)
        if key is None:
            return self._say("stated.literature", gist=gist, id=claim.id)
        return self._say(
            "stated.line", gist=gist, document=cite(key, language=self._language, bracket=True)[1:-1], line=claim.line,
            id=claim.id,
        )  # fmt: skip


def _printed_claim(row: tuple[str, ...], at: Sequence[int], computed: Any, language: Language) -> tuple[str, ...]:
    """A row of claims whose numbers have their units, thousands apart and decimals only where they tell something."""
    claimed, found = (row[place] for place in at)
    units = WORDS.labels("unit")
    side = 0 if language == "en" else 1
    own = units[row[0]][side] if row[0] in units else unit_of(claimed)
    cells = list(row)
    plain = in_plain_units if language == "en" else str
    cells[at[0]], cells[at[1]] = with_thousands(plain(claimed)), plain(with_unit(found, computed, own))
    return tuple(cells)


def _counted(numbers: Mapping[Verdict, int], language: Language) -> str:
    """How many claims have each verdict, those that none has left out."""
    named = [
        WORDS(f"counted.{verdict.value.replace(' ', '_')}", language, n=format_number(number))
        for verdict, number in numbers.items()
        if number
    ]
    return ("，" if language == "zh" else ", ").join(named)


def _all_sentences(text: str) -> list[str]:
    """Sentences of a paragraph, those too that begin with a number."""
    return [part for sentence in sentences(text) for part in _BEFORE_NUMBER.split(sentence)]


@cache
def _claims() -> Mapping[str, Claim]:
    return {claim.id: claim for claim in claims_from(load_table("claims"))}


def _claim(id_: str) -> Claim:
    if id_ not in _claims():
        raise ReportError(f"There is no claim {id_!r}; data/claims.csv lists those that there are.")
    return _claims()[id_]


def _in_language(claim: Claim, column: str, language: Language) -> str:
    return str(getattr(claim, f"{column}_zh" if language == "zh" else column))


def _kind(part: Show | ShowClaims) -> Literal["table", "figure"]:
    """Kind of an exhibit, which its label begins with."""
    return "figure" if part.label.startswith("fig_") else "table"


def _table(number: int, exhibit: Exhibit, columns: Sequence[str]) -> PrintedTable:
    with exhibit.files["csv"].open(encoding="utf-8-sig", newline="") as stream:
        keys = next(csv.reader(stream))
    absent = [column for column in columns if column not in keys]
    if absent:
        raise ReportError(f"{exhibit.stem} has no column {', '.join(absent)}; it has {', '.join(keys)}.")
    chosen = [keys.index(column) for column in columns] if columns else range(len(keys))
    return PrintedTable(
        number=number,
        caption=typeset(exhibit.caption),
        heads=tuple(exhibit.heads[position] for position in chosen),
        rows=tuple(tuple(typeset(row[position]) for position in chosen) for row in exhibit.rows),
        numeric=tuple(exhibit.numeric[position] for position in chosen),
        rules_before=exhibit.rules_before,
        notes=tuple(typeset(note.replace("`", "")) for note in exhibit.notes),
    )


def _kept(blocks: Sequence[Block], part: Passage) -> Iterator[Block]:
    """The paragraphs and items of a passage that the plan takes."""
    if not part.keep:
        yield from blocks
        return
    position = 0
    found: set[int] = set()
    for block in blocks:
        items = block.items if isinstance(block, Bullets) else (None,)
        places = range(position, position + len(items))
        taken = [place for place in places if place in part.keep]
        found |= set(taken)
        position += len(items)
        if isinstance(block, Bullets) and taken:
            yield Bullets(tuple(block.items[place - places.start] for place in taken))
        elif taken:
            yield block
    if found != set(part.keep):
        raise ReportError(f"{part.run}, {part.call!r}: there are {position} passages; asked for {part.keep}.")


def _escaped(value: str | Pair) -> str | Pair:
    """A value as text that Markdown does not read."""
    if isinstance(value, str):
        return _SPECIAL.sub(r"\\\1", value)
    return _SPECIAL.sub(r"\\\1", value[0]), _SPECIAL.sub(r"\\\1", value[1])


def _texts(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        match block:
            case Paragraph(line=line):
                yield plain(line)
            case Bullets(items=items):
                yield from map(plain, items)
            case PrintedTable(caption=caption, notes=notes):
                yield " ".join((caption, *notes))
            case _:
                pass


def _cited(texts: Iterable[str]) -> list[str]:
    """Works that the texts cite, found by the forms of their citations, since a notebook writes them out."""
    text = "\n".join(texts)
    forms = {form: key for key in works() for form in _forms(key)}
    found = set()
    for form in sorted(forms, key=len, reverse=True):  # the longest first: one citation may end like another
        if form in text:
            found.add(forms[form])
            text = text.replace(form, "")
    return sorted(found)


def _forms(key: str) -> Iterator[str]:
    """A citation in a sentence and in brackets, in either language; Chinese texts also cite as English ones do."""
    for language in LANGUAGES:
        yield cite(key, language=language)
        bracketed = cite(key, language=language, bracket=True)[1:-1]
        yield bracketed
        names, _, year = bracketed.rpartition("，" if "，" in bracketed else " ")
        yield f"{names}（{year}）"
