"""What figures say of the documents' claims, and what lies behind the gap of a place."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from html import escape

import pandas as pd

from shanhai.claims.engine import evaluate, find, without_headings
from shanhai.claims.evidence import project_evidence
from shanhai.claims.findings import Finding
from shanhai.claims.verdicts import VERDICT_NAMES
from shanhai.core.errors import ClaimError, UnknownPlaceError
from shanhai.core.places import NATION, Place, is_nation
from shanhai.core.shown import Description, Shown, describe
from shanhai.data.load import load_places
from shanhai.desk.listing import WORDS, Listing, listing
from shanhai.render.objects import described
from shanhai.render.prose import publish_text
from shanhai.render.tables import TableSpec
from shanhai.studies.gap.analysis import GapAnswer, check_draws, design_table, explain_places, gap_data
from shanhai.studies.gap.beside import NoOwnSlopes, OwnSlopes, Residual, own_rows, own_slopes, residual_of
from shanhai.studies.gap.design import DRAWS
from shanhai.studies.gap.tables import shares_table
from shanhai.studies.gap.words import gap_answer


def findings(about: str = "") -> Listing:
    """Claims of the documents with what official figures say of each.

    Parameters
    ----------
    about : str, optional
        A claim (``"Q22"``), a document (``"quzhou-2023"``), a verdict (``"contradicted"``, ``"不符"``), a place
        (``"Bazhong"``, ``"巴中"``) or any words of a claim; by default all claims.

    Returns
    -------
    Listing
        Shows itself as a table; ``.frame`` holds all that is known of each claim: basis, formula, other bases, notes.
        All of them, or those with a verdict, take minutes to test; those of a place seconds.

    Raises
    ------
    ClaimError
        If nothing is said about it.

    Examples
    --------
    >>> import shanhai as sh
    >>> sh.findings("Q25").frame[["place", "verdict"]].to_numpy().tolist()
    [['Quzhou', 'consistent']]
    """
    evidence = project_evidence()
    known = evidence.claims
    chosen = _about(pd.DataFrame([asdict(claim) for claim in known]), about)
    verdict = next((key for key, names in VERDICT_NAMES.items() if about.strip().casefold() in (key, *names)), "")
    if not about or verdict:  # every claim has to be tested to know
        tested: Iterable[Finding] = evaluate(evidence)
    else:
        tested = [find(claim, evidence) for claim in without_headings(known) if chosen[claim.id]]
    rows = pd.DataFrame([asdict(finding) for finding in tested if not verdict or finding.verdict == verdict])
    if rows.empty:
        documents = ", ".join(sorted({claim.seed for claim in known}))
        raise ClaimError(
            f"No claim is about {about!r}; allowed: an id such as Q22, a document ({documents}), a verdict "
            f"({', '.join(VERDICT_NAMES)}), a place, or words of a claim. Ask for one of these."
        )
    rows["verdict_zh"] = [VERDICT_NAMES[name][1] for name in rows["verdict"]]
    columns = [(name, None) for name in ("id", "place", "claimed", "verdict")]
    return listing(rows, columns, WORDS.pair("findings.caption"))


def _about(claims: pd.DataFrame, about: str) -> dict[str, bool]:
    """Which claims are about a text: those with this id or document, else of the place, else with these words."""
    text = about.strip().casefold()
    exact = claims[["id", "part_of", "seed"]].apply(lambda column: column.str.casefold().eq(text)).any(axis=1)
    names = [text, *(name.casefold() for name in _english_names(about))]
    words = claims[["place", "indicator", "indicator_zh", "gist", "gist_zh", "whole", "whole_zh"]]
    said = words.apply(lambda column: column.str.casefold().map(lambda cell: any(name in cell for name in names)))
    found = exact if exact.any() else said.any(axis=1)
    return dict(zip(claims["id"], found, strict=True))


def _english_names(query: str) -> list[str]:
    """English name of a place, which the claims name in English; none if the text is no place."""
    try:
        return [load_places().place(query).short_en] if query else []
    except UnknownPlaceError:  # words of a claim
        return []


@dataclass(frozen=True, repr=False)
class Gap(Shown):
    """The gap of a place to a reference, shared out: a sentence and a table."""

    answer: GapAnswer
    own: OwnSlopes | NoOwnSlopes
    left: Residual
    designs: pd.DataFrame

    def sentence(self, language: str) -> str:
        """How large the gap is and what goes with it."""
        return gap_answer(self.answer, self.own, self.designs, language)

    def table(self, language: str) -> TableSpec:
        """Parts of the gap with their intervals."""
        return shares_table(self.answer, self.own, self.left, language)


@describe.register
def _(value: Gap, language: str) -> Description:
    said, table = publish_text(value.sentence(language)), value.table(language)
    paragraphs = "".join(f"<p>{escape(line)}</p>\n" for line in said.markdown.split("\n\n"))
    shown = described(table)
    return Description(f"{said!r}\n\n{shown.text}", paragraphs + shown.html)


def gap(place: str | int, reference: str | int = "", *, gdp_year: str = "newest", draws: int = DRAWS) -> Gap:
    """The gap in GDP per head between two places, and how much of it goes with border, terrain, distance and more.

    Parameters
    ----------
    place : str or int
        Prefecture or county, by code or name.
    reference : str or int, optional
        Province, prefecture or county, or China; by default the province of the place.
    gdp_year : str
        Year of GDP, or ``newest``.
    draws : int
        Draws of prefectures behind the intervals.

    Raises
    ------
    UnknownPlaceError, ParameterError, MissingDataError
        If the places cannot be compared; the message says why.

    Examples
    --------
    >>> import shanhai as sh
    >>> found = sh.gap("巴中", "四川", draws=99)
    >>> round(found.answer.shares.gap, 2)  # log points of GDP per head, means of counties
    -0.73
    """
    check_draws(draws)
    if is_nation(place):
        raise UnknownPlaceError(
            f"{place!r} is the country, which has no gap to itself; allowed: a prefecture or a county. To compare one "
            'with the country: shanhai.gap("巴中", "China").'
        )
    here = load_places().place(place)
    there, data = _reference(reference, here), gap_data(gdp_year)
    answer = explain_places(here.code, there, data, draws=draws)
    own = own_slopes(answer, data, draws=draws)
    designs = pd.concat([design_table(answer, data), own_rows(answer, own, data)], ignore_index=True)
    return Gap(answer, own, residual_of(answer, data), designs)


def _reference(reference: str | int, place: Place) -> str:
    """Code of what a place is compared with."""
    if reference == "":
        return place.province_code
    return NATION if is_nation(reference) else load_places().place(reference).code
