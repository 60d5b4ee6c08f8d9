"""Citations in text and lists of references, in English (author-date, as Chicago has it) and Chinese (GB/T 7714-2015).

Works are named by their keys in ``data/references.bib``. In prose ``@key`` is a narrative citation and ``[@a; @b]`` one
in brackets, as Pandoc writes them.
"""

import re
from collections.abc import Iterable, Sequence

from shanhai.core.bibliography import Name, Work, work, works
from shanhai.render.style import check_language, label

_KEY = r"@([A-Za-z]\w*)"
_CITATION = re.compile(rf"\[({_KEY}(?:; ?{_KEY})*)\]|(?<![\w.@]){_KEY}", re.ASCII)
_NAMED_IN_TEXT = 3
"""Authors that a citation names; of more, the first."""
_NAMED_IN_LIST = 10
"""Authors that an English entry names; of more, the first seven."""
_NAMED_IN_CHINESE = 3
"""Authors that a Chinese entry names."""
_KIND = {"article-journal": "J", "book": "M", "chapter": "M", "paper-conference": "C", "report": "R", "document": "Z"}
"""Letter of GB/T 7714 by the type of CSL."""


def cite(*keys: str, language: str = "en", bracket: bool = False) -> str:
    """Citation of one or more works by author and year.

    Parameters
    ----------
    keys : keys of the bibliography.
    language : ``en``, ``zh`` or ``both``.
    bracket : with True, names and years stand in brackets.

    Raises
    ------
    ReportError
        If a key is in no entry; the message names the nearest.
    ParameterError
        If the language is unknown.

    Examples
    --------
    >>> cite("dong2023"), cite("dong2023", language="zh")
    ('Dong & Cui (2023)', '董雪兵、崔宁（2023）')
    >>> cite("conley1999", "abadie2010", bracket=True)
    '(Conley 1999; Abadie, Diamond & Hainmueller 2010)'
    >>> cite("conley1999", language="zh", bracket=True)
    '（Conley 1999）'
    """
    cited = [work(key) for key in keys]
    if bracket:
        english = "; ".join(f"{_named(entry)} {_year(entry)}" for entry in cited)
        chinese = "；".join(
            f"{_named_zh(entry)}{'，' if entry.is_chinese else ' '}{_year(entry, 'zh')}" for entry in cited
        )
        return label(language, f"({english})", f"（{chinese}）")
    english = "; ".join(f"{_named(entry)} ({_year(entry)})" for entry in cited)
    chinese = "；".join(f"{_named_zh(entry)}（{_year(entry, 'zh')}）" for entry in cited)
    return label(language, english, chinese)


def with_citations(text: str, language: str) -> str:
    """Text with ``[@key]``, ``[@a; @b]`` and ``@key`` put into words; an address of mail is left alone.

    Raises
    ------
    ReportError
        If a key is in no entry; the message names the nearest.
    ParameterError
        If the language is unknown.

    Examples
    --------
    >>> with_citations("@dong2023 find a loss [@conley1999; @ma2022].", "en")
    'Dong & Cui (2023) find a loss (Conley 1999; Ma & Zhao 2022).'
    >>> with_citations("@dong2023发现", "zh")
    '董雪兵、崔宁（2023）发现'
    """
    check_language(language)

    def put(found: re.Match[str]) -> str:
        keys = re.findall(_KEY, found[0], re.ASCII)
        return cite(*keys, language=language, bracket=found[0].startswith("["))

    return _CITATION.sub(put, text)


def cited_keys(text: str) -> list[str]:
    """Keys that a text cites, each once, in the order of their first place.

    Raises
    ------
    ReportError
        If a key is in no entry; the message names the nearest.

    Examples
    --------
    >>> cited_keys("@dong2023 and others [@conley1999; @dong2023]")
    ['dong2023', 'conley1999']
    """
    found = [key for match in _CITATION.finditer(text) for key in re.findall(_KEY, match[0], re.ASCII)]
    return [work(key).key for key in dict.fromkeys(found)]


def reference_list(keys: Iterable[str], language: str) -> list[str]:
    """Entries of works as Markdown, each work once, sorted by author and year.

    Parameters
    ----------
    keys : keys of the bibliography.
    language : ``en``: Chicago's author-date; ``zh``: GB/T 7714-2015 by author and year, works in Chinese first;
        ``both``: each work in the language that it is written in.

    Raises
    ------
    ReportError
        If a key is in no entry; the message names the nearest.
    ParameterError
        If the language is unknown.

    Examples
    --------
    >>> reference_list(["theil1967"], "en")
    ['Theil, Henri. 1967. *Economics and information theory*. Amsterdam: North-Holland.']
    >>> reference_list(["theil1967"], "zh")
    ['THEIL H, 1967. Economics and information theory[M]. Amsterdam: North-Holland.']
    """
    form = check_language(language)
    listed = sorted({key: work(key) for key in keys}.values(), key=_order)
    if form != "en":
        listed.sort(key=lambda entry: not entry.is_chinese)
    is_chinese_entry = {entry.key: form == "zh" or (form == "both" and entry.is_chinese) for entry in listed}
    return [_entry_zh(entry) if is_chinese_entry[entry.key] else _entry(entry) for entry in listed]


def _order(entry: Work) -> tuple[str, str, str]:
    return " ".join(name.family for name in entry.authors_en).lower(), entry.year, entry.field("title")


def _named(entry: Work) -> str:
    names = [name.family for name in entry.authors_en]
    if len(names) > _NAMED_IN_TEXT:
        return f"{names[0]} et al."
    return " & ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _named_zh(entry: Work) -> str:
    """Chinese authors as Chinese texts name them, others as English ones do."""
    if not entry.is_chinese:
        return _named(entry).replace(" et al.", "等")
    names = [f"{name.family}{name.given}" for name in entry.authors]
    if len(names) >= _NAMED_IN_TEXT:
        return f"{names[0]}等"
    return "、".join(names)


def _year(entry: Work, language: str = "en") -> str:
    return lettered_year(entry) or ("年份不详" if language == "zh" else "n.d.")


def lettered_year(entry: Work) -> str:
    """Year of a work, with a letter where others of the same authors have the same year; empty without a year."""
    twins = [other for other in works().values() if other.year == entry.year and _named(other) == _named(entry)]
    if not entry.year or len(twins) == 1:
        return entry.year
    return entry.year + chr(ord("a") + sorted(twins, key=_order).index(entry))


def _entry(entry: Work) -> str:
    """Entry as Chicago's author-date has it; a Chinese title follows its translation in square brackets."""
    title = entry.field_en("title")
    original = f" [{entry.field('title')}]" if entry.is_chinese else ""
    parts = [_people(entry.authors_en).rstrip("."), _year(entry).rstrip(".")]
    if entry.is_chinese and entry.kind != "document":
        parts.append(f"“{title}”{original}")
    elif entry.kind in ("book", "document"):
        edition = f", {_ordinal(entry.field('edition'))} ed" if entry.field("edition") else ""
        parts.append(f"*{title}*{original}{edition}")
    else:
        parts.append(f"“{title}{'' if title.endswith('?') else '.'}”")
    text = ". ".join(parts)
    text += " " if text.endswith("”") else ". "
    return (text + _source(entry)).rstrip() + _link(entry) + (" In Chinese." if entry.is_chinese else "")


def _source(entry: Work) -> str:
    """Where the work was published, up to its full stop."""
    container, publisher = entry.field_en("container-title"), _publisher(entry)
    if entry.kind == "article-journal":
        issue = f"({entry.field('issue')})" if entry.field("issue") else ""
        where = f"*{container}*" if container else f"ISSN {entry.field('ISSN')}"
        pages = f": {entry.field('page')}" if entry.field("page") else ""
        return " ".join(part for part in (where, entry.field("volume"), issue) if part) + f"{pages}."
    if entry.kind in ("chapter", "paper-conference"):
        volume = f" {entry.field('volume')}" if entry.field("volume") else ""
        editors = f", edited by {_editors(entry, ' and ')}" if entry.field("editor") else ""
        pages = f", {entry.field('page')}" if entry.field("page") else ""
        return f"In *{container}*{volume}{editors}{pages}. " + (f"{publisher}." if publisher else "")
    if entry.kind == "report":
        number = f" {entry.field('number')}" if entry.field("number") else ""
        return f"{entry.field_en('genre')}{number}. {publisher}."
    return f"{publisher}." if publisher else f"{entry.field('date')}." if entry.field("date") else ""


def _publisher(entry: Work) -> str:
    return ": ".join(part for part in (entry.field("publisher-place"), entry.field_en("publisher")) if part)


def _link(entry: Work) -> str:
    address = f"https://doi.org/{entry.field('DOI')}" if entry.field("DOI") else entry.field("URL")
    return f" <{address}>." if address else ""


def _ordinal(number: str) -> str:
    return number + {"1": "st", "2": "nd", "3": "rd"}.get(number, "th")


def _people(names: Sequence[Name]) -> str:
    shown = list(names) if len(names) <= _NAMED_IN_LIST else list(names[:7])
    first, *others = shown
    texts = [", ".join(part for part in (first.family, first.given) if part)]
    texts += [f"{name.given} {name.family}".strip() for name in others]
    if len(shown) < len(names):
        return ", ".join(texts) + ", et al."
    return ", and ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else texts[0]


def _editors(entry: Work, joint: str) -> str:
    pairs = [editor.split(", ") for editor in entry.field("editor").split("; ")]
    return joint.join(f"{given} {family}" for family, given in pairs)


def _entry_zh(entry: Work) -> str:
    """Entry by author and year of GB/T 7714-2015."""
    edition = entry.field("edition")
    printed = (f"{edition}版. " if entry.is_chinese else f"{_ordinal(edition)} ed. ") if edition else ""
    number = f": {entry.field('number')}" if entry.field("number") else ""
    letter = "EB/OL" if entry.field("URL") else _KIND[entry.kind]
    title = f"{entry.field('title')}{number if entry.kind == 'report' else ''}[{letter}]"
    source = _source_zh(entry)
    published = source if source.startswith("//") else f". {printed}{source}"
    text = f"{_people_zh(entry)}, {_year(entry, 'zh')}. {title}{published}"
    doi, url = entry.field("DOI"), entry.field("URL")
    address = f". DOI: {doi}" if doi else f". {url}" if url else ""
    return f"{text.rstrip('. ')}{address}."


def _source_zh(entry: Work) -> str:
    container = entry.field("container-title") or (f"ISSN {entry.field('ISSN')}" if entry.field("ISSN") else "")
    pages = f": {entry.field('page').replace('–', '-')}" if entry.field("page") else ""
    publisher = ": ".join(part for part in (entry.field("publisher-place"), entry.field("publisher")) if part)
    if entry.kind == "article-journal":
        issue = f"({entry.field('issue')})" if entry.field("issue") else ""
        parts = [part for part in (container, f"{entry.field('volume')}{issue}") if part]
        return ", ".join(parts) + pages
    if entry.kind in ("chapter", "paper-conference"):
        editors = [editor.split(", ") for editor in entry.field("editor").split("; ")] if entry.field("editor") else []
        by = ", ".join(_initialled(Name(family, given)) for family, given in editors)
        volume = f", {entry.field('volume')}" if entry.field("volume") else ""
        return f"//{f'{by}. ' if by else ''}{container}{volume}{f'. {publisher}' if publisher else ''}{pages}"
    return publisher or entry.field("date")


def _people_zh(entry: Work) -> str:
    if entry.is_chinese:
        names, others = [f"{name.family}{name.given}" for name in entry.authors], "等"
    else:
        names, others = [_initialled(name) for name in entry.authors], "et al"
    return ", ".join([*names[:_NAMED_IN_CHINESE], others] if len(names) > _NAMED_IN_CHINESE else names)


def _initialled(name: Name) -> str:
    """Surname in capitals and initials without stops; an institution as it is."""
    if not name.given:
        return name.family
    initials = [part[0] for part in re.split(r"[ .\-]+", name.given) if part]
    return f"{name.family.upper()} {' '.join(initials)}"
