"""Works that a text names by authors and year, found in the forms that pages, words and docstrings use."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping

from shanhai.core.bibliography import Work, works
from shanhai.render.citations import lettered_year

_SURNAME = r"(?:de |van |Montiel )?[A-ZÀ-ÖØ-Þ](?:[\w’-]|'(?!s\b))++"
_NAMES = rf"{_SURNAME}(?:, {_SURNAME})*+(?:,? (?:&|and) {_SURNAME})?(?: et al\.)?"
_MENTION = re.compile(rf"(?<![\w.-])({_NAMES})(?:['’]s)?,? \(?((?:1[89]|20)\d\d(?:[a-z]\b|\b(?![.,]?\d)))")
_INITIALS = re.compile(r",(?: [A-Z]\.(?:-[A-Z]\.)*)+(?=,? [&(]|, | et al|\s*$)")

Mention = tuple[str, str]
"""Names and year as a text has them: ``("Ma & Zhao", "2022")``."""


def mentions(text: str) -> Iterator[Mention]:
    """Names and years that a text has in the form of a citation, whether or not they name a work.

    Examples
    --------
    >>> list(mentions("Gelbach's (2016) account; Conley, T. G. (1999); (Ma & Zhao 2022)"))
    [('Gelbach', '2016'), ('Conley', '1999'), ('Ma & Zhao', '2022')]
    """
    plain = _INITIALS.sub("", re.sub(r"\s+", " ", text))
    for found in _MENTION.finditer(plain):
        if not found[1].isupper():
            yield found[1], found[2]


def works_of(names: str, year: str) -> list[Work]:
    """Works of these authors and this year: all authors are named, or the first with *et al.*

    Examples
    --------
    >>> [each.key for each in works_of("Mueller & Watson", "2022")]
    ['muller2022']
    """
    is_short = names.endswith(" et al.")
    family = [part for part in re.split(r", (?:& |and )?| (?:&|and) ", names.removesuffix(" et al.")) if part]

    def fits(work: Work, form: Callable[[str], str]) -> bool:
        own = [form(name.family) for name in work.authors_en]
        named = [form(name) for name in family]
        return own[: len(named)] == named and len(own) > len(named) if is_short else own == named

    of_year = [work for work in works().values() if year[:4] == work.year]
    found = [work for work in of_year if fits(work, _plain) or fits(work, _german)]
    return [work for work in found if year in (work.year, lettered_year(work))]


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.replace("ø", "o").replace("Ø", "O").replace("’", "'"))
    return "".join(char for char in decomposed if not unicodedata.combining(char)).lower()


_UMLAUTS: Mapping[str, str] = {"ä": "ae", "ö": "oe", "ü": "ue"}


def _german(name: str) -> str:
    """Plain letters of a name whose umlauts are written with an e."""
    return _plain("".join(_UMLAUTS.get(char, char) for char in name))
