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
    ('Dong & Cui (2023)', '董雪兵和崔宁（2023）')
    >>> cite("conley1999", "abadie2010", bracket=True)
    '(Conley 1999; Abadie, Diamond & Hainmueller 2010)'
    >>> cite("conley1999", language="zh", bracket=True)
    '（Conley，1999）'
    """
    cited = [work(key) for key in keys]
    if bracket:
        english = "; ".join(f"{_named(each)} {_year(each)}" for each in cited)
        chinese = "；".join(f"{_named_zh(each, '、')}，{_year(each, 'zh')}" for each in cited)
        return label(language, f"({english})", f"（{chinese}）")
    english = "; ".join(f"{_named(each)} ({_year(each)})" for each in cited)
    chinese = "；".join(f"{_named_zh(each, '和')}（{_year(each, 'zh')}）" for each in cited)
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
    '董雪兵和崔宁（2023）发现'
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
        listed.sort(key=lambda each: not each.is_chinese)
    is_chinese_entry = {each.key: form == "zh" or (form == "both" and each.is_chinese) for each in listed}
    return [_entry_zh(each) if is_chinese_entry[each.key] else _entry(each) for each in listed]


def _order(each: Work) -> tuple[str, str, str]:
    return " ".join(name.family for name in each.authors_en).lower(), each.year, each.field("title")


def _named(each: Work) -> str:
    names = [name.family for name in each.authors_en]
    if len(names) > _NAMED_IN_TEXT:
        return f"{names[0]} et al."
    return " & ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _named_zh(each: Work, joint: str) -> str:
    names = [f"{name.family}{name.given}" if each.is_chinese else name.family for name in each.authors]
    if len(names) >= _NAMED_IN_TEXT:
        return f"{names[0]}等"
    return joint.join(names)


def _year(each: Work, language: str = "en") -> str:
    return lettered_year(each) or ("年份不详" if language == "zh" else "n.d.")


def lettered_year(each: Work) -> str:
    """Year of a work, with a letter where others of the same authors have the same year; empty without a year."""
    twins = [other for other in works().values() if other.year == each.year and _named(other) == _named(each)]
    if not each.year or len(twins) == 1:
        return each.year
    return each.year + chr(ord("a") + sorted(twins, key=_order).index(each))


def _entry(each: Work) -> str:
    """Entry as Chicago's author-date has it; a Chinese title follows its translation in square brackets."""
    title = each.field_en("title")
    original = f" [{each.field('title')}]" if each.is_chinese else ""
    parts = [_people(each.authors_en).rstrip("."), _year(each).rstrip(".")]
    if each.is_chinese and each.kind != "document":
        parts.append(f"“{title}”{original}")
    elif each.kind in ("book", "document"):
        edition = f", {_ordinal(each.field('edition'))} ed" if each.field("edition") else ""
        parts.append(f"*{title}*{original}{edition}")
    else:
        parts.append(f"“{title}{'' if title.endswith('?') else '.'}”")
    text = ". ".join(parts)
    text += " " if text.endswith("”") else ". "
    return (text + _source(each)).rstrip() + _link(each) + (" In Chinese." if each.is_chinese else "")


def _source(each: Work) -> str:
    """Where the work was published, up to its full stop."""
    container, publisher = each.field_en("container-title"), _publisher(each)
    if each.kind == "article-journal":
        issue = f"({each.field('issue')})" if each.field("issue") else ""
        where = f"*{container}*" if container else f"ISSN {each.field('ISSN')}"
        pages = f": {each.field('page')}" if each.field("page") else ""
        return " ".join(part for part in (where, each.field("volume"), issue) if part) + f"{pages}."
    if each.kind in ("chapter", "paper-conference"):
        volume = f" {each.field('volume')}" if each.field("volume") else ""
        editors = f", edited by {_editors(each, ' and ')}" if each.field("editor") else ""
        pages = f", {each.field('page')}" if each.field("page") else ""
        return f"In *{container}*{volume}{editors}{pages}. " + (f"{publisher}." if publisher else "")
    if each.kind == "report":
        number = f" {each.field('number')}" if each.field("number") else ""
        return f"{each.field_en('genre')}{number}. {publisher}."
    return f"{publisher}." if publisher else f"{each.field('date')}." if each.field("date") else ""


def _publisher(each: Work) -> str:
    return ": ".join(part for part in (each.field("publisher-place"), each.field_en("publisher")) if part)


def _link(each: Work) -> str:
    address = f"https://doi.org/{each.field('DOI')}" if each.field("DOI") else each.field("URL")
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


def _editors(each: Work, joint: str) -> str:
    pairs = [editor.split(", ") for editor in each.field("editor").split("; ")]
    return joint.join(f"{given} {family}" for family, given in pairs)


def _entry_zh(each: Work) -> str:
    """Entry by author and year of GB/T 7714-2015."""
    edition = each.field("edition")
    printed = (f"{edition}版. " if each.is_chinese else f"{_ordinal(edition)} ed. ") if edition else ""
    number = f": {each.field('number')}" if each.field("number") else ""
    letter = "EB/OL" if each.field("URL") else _KIND[each.kind]
    title = f"{each.field('title')}{number if each.kind == 'report' else ''}[{letter}]"
    source = _source_zh(each)
    published = source if source.startswith("//") else f". {printed}{source}"
    text = f"{_people_zh(each)}, {_year(each, 'zh')}. {title}{published}"
    address = (
        f". DOI: {each.field('DOI')}" if each.field("DOI") else f". {each.field('URL')}" if each.field("URL") else ""
    )
    return f"{text.rstrip('. ')}{address}."


def _source_zh(each: Work) -> str:
    container = each.field("container-title") or (f"ISSN {each.field('ISSN')}" if each.field("ISSN") else "")
    pages = f": {each.field('page').replace('–', '-')}" if each.field("page") else ""
    publisher = ": ".join(part for part in (each.field("publisher-place"), each.field("publisher")) if part)
    if each.kind == "article-journal":
        issue = f"({each.field('issue')})" if each.field("issue") else ""
        parts = [part for part in (container, f"{each.field('volume')}{issue}") if part]
        return ", ".join(parts) + pages
    if each.kind in ("chapter", "paper-conference"):
        editors = [editor.split(", ") for editor in each.field("editor").split("; ")] if each.field("editor") else []
        by = ", ".join(_initialled(Name(family, given)) for family, given in editors)
        volume = f", {each.field('volume')}" if each.field("volume") else ""
        return f"//{f'{by}. ' if by else ''}{container}{volume}{f'. {publisher}' if publisher else ''}{pages}"
    return publisher or each.field("date")


def _people_zh(each: Work) -> str:
    if each.is_chinese:
        names, others = [f"{name.family}{name.given}" for name in each.authors], "等"
    else:
        names, others = [_initialled(name) for name in each.authors], "et al"
    return ", ".join([*names[:_NAMED_IN_CHINESE], others] if len(names) > _NAMED_IN_CHINESE else names)


def _initialled(name: Name) -> str:
    """Surname in capitals and initials without stops; an institution as it is."""
    if not name.given:
        return name.family
    initials = [part[0] for part in re.split(r"[ .\-]+", name.given) if part]
    return f"{name.family.upper()} {' '.join(initials)}"
