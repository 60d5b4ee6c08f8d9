"""One file a page: markup, words, data, scripts and font together, and a policy under which nothing else is loaded."""

import html
import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from string import Template
from typing import Any

from shanhai.core.errors import ReportError
from shanhai.render.words import Words
from shanhai.report.fonts import cut_font
from shanhai.report.results import LANGUAGES, Language

WORDS = Words.beside(__file__)
"""Words of the interactive pages."""

LARGEST = 3_000_000
"""Bytes of a page, at most."""

NAMES = ("map", "curve", "gap", "placebo")
"""Pages, in the order in which they name each other."""

_HERE = Path(__file__).parent

_FAMILY = "Shanhai"
"""Name of the font on a page."""

_CHINESE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")

_TAGS = {"en": "en", "zh": "zh-CN"}


@dataclass(frozen=True)
class Explorer:
    """An interactive page; JupyterLab shows it in the cell that returns it.

    Attributes
    ----------
    name : str
        Of ``NAMES``.
    language : {"en", "zh"}
    title : str
    html : str
        The whole page.
    """

    name: str
    language: Language
    title: str
    html: str = field(repr=False)

    @property
    def file(self) -> str:
        """Name of its file."""
        return _file(self.name, self.language)

    def _repr_html_(self) -> str:
        """A frame that holds the page and lets it run its own script only."""
        return (
            f'<iframe srcdoc="{html.escape(self.html)}" title="{html.escape(self.title)}" sandbox="allow-scripts" '
            'width="100%" height="900" style="border:1px solid #767676"></iframe>'
        )


def build_page(name: str, language: Language, data: Mapping[str, Any], **shown: str) -> Explorer:
    """Put a page together from ``<name>.html``, ``<name>.js``, the words of its group and its data.

    Parameters
    ----------
    name : str
        Of ``NAMES``.
    language : {"en", "zh"}
    data : mapping
        What its script reads; numbers rounded by whoever gives it.
    **shown : str
        Texts that its markup, or the words of its group, name.

    Raises
    ------
    ReportError
        If the page is larger than ``LARGEST``.
    """
    words = {key: _said(f"{name}.page", key, language, shown) for key in WORDS.labels(f"{name}.page")}
    words |= {key: pair[language == "zh"] for key, pair in WORDS.labels("common.page").items()}
    body = Template((_HERE / f"{name}.html").read_text(encoding="utf-8")).substitute(_escaped({**shown, **words}))
    spoken = {**WORDS.labels("common.script"), **WORDS.labels(f"{name}.script")}
    content = {"language": language, "words": {key: pair[language == "zh"] for key, pair in spoken.items()}, **data}
    inside = _json(content)
    script = "\n".join((_HERE / file).read_text(encoding="utf-8") for file in ("common.js", f"{name}.js"))
    style = (_HERE / "style.css").read_text(encoding="utf-8").replace("$family", _FAMILY)
    style += _font_face(body + inside + "".join(words.values()) + _links(name, language))
    shell = Template((_HERE / "shell.html").read_text(encoding="utf-8"))
    text = shell.substitute(
        _escaped(words),
        tag=_TAGS[language],
        policy=_policy(script, style),
        style=style,
        script=script,
        data=inside,
        body=body,
        links=_links(name, language),
        report=f"../{language}/index.html",
    )
    if len(text.encode("utf-8")) > LARGEST:
        raise ReportError(
            f"{_file(name, language)} would have {len(text.encode('utf-8')):,} bytes; allowed: {LARGEST:,}. Give it "
            "data of fewer counties or years."
        )
    return Explorer(name, language, words["title"], text)


def _said(group: str, key: str, language: Language, shown: Mapping[str, str]) -> str:
    asked = WORDS.entries[f"{group}.{key}"][0]
    return WORDS(f"{group}.{key}", language, **{name: text for name, text in shown.items() if f"{{{name}}}" in asked})


def _file(name: str, language: str) -> str:
    return f"{name}-{language}.html"


def _escaped(words: Mapping[str, str]) -> dict[str, str]:
    return {key: html.escape(text) for key, text in words.items()}


def _json(content: Mapping[str, Any]) -> str:
    """Data as text that cannot end the element it stands in, whatever names hold."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _policy(script: str, style: str) -> str:
    """Content security policy that names this script and this style by their hashes and forbids the network."""
    hashes = (b64encode(sha256(text.encode("utf-8")).digest()).decode("ascii") for text in (script, style))
    allowed = " ".join(
        f"{kind}-src 'sha256-{digest}';" for kind, digest in zip(("script", "style"), hashes, strict=True)
    )
    return f"default-src 'none'; {allowed} font-src data:; img-src data:; base-uri 'none'; form-action 'none'"


def _links(name: str, language: Language) -> str:
    """Links to the other pages, and to this one in the other language."""
    others = [
        f'<a data-outside href="{_file(other, language)}">{html.escape(WORDS(f"{other}.page.name", language))}</a>'
        for other in NAMES
        if other != name
    ]
    other = next(code for code in LANGUAGES if code != language)
    own = html.escape(WORDS("common.own_name", other))
    tag = _TAGS[other]
    here = f'<a data-outside id="other-language" href="{_file(name, other)}" lang="{tag}" hreflang="{tag}">{own}</a>'
    return " ".join([*others, here])


def _font_face(text: str) -> str:
    """Style rule of a font that holds the Chinese characters and punctuation of a text, as a data address."""
    content = b64encode(cut_font("".join(sorted(set(_CHINESE.findall(text)))))).decode("ascii")
    return f'@font-face{{font-family:"{_FAMILY}";src:url(data:font/woff;base64,{content}) format("woff")}}'
