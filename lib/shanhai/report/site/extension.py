"""What the site adds to Sphinx: a search that splits Chinese, folded appendices, descriptions, the other language."""

import re
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish

_WORDS = re.compile(r"[a-z0-9_\u00c0-\u024f\u0370-\u03ff]+|[\u3400-\u9fff\uf900-\ufaff]+", re.IGNORECASE)
"""Runs of letters and digits, or of Chinese characters; the same pattern stands in :data:`SPLITTER`."""

_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")

SPLITTER = r"""
function splitQuery(query) {
  const words = query.match(/[a-z0-9_\u00c0-\u024f\u0370-\u03ff]+|[\u3400-\u9fff\uf900-\ufaff]+/gi) || [];
  return words.flatMap((word) =>
    /^[\u3400-\u9fff\uf900-\ufaff]{2,}$/.test(word)
      ? Array.from({ length: word.length - 1 }, (_, start) => word.slice(start, start + 2))
      : [word]
  );
}
"""
"""What the browser does to a query: pairs of neighbouring characters, which are all in the index of a text."""

APPENDIX = "appendix"
"""Class of the section that is folded."""

LEDGER = "ledger"
"""Page that has a style and a script of its own, which bear its name."""


def _split_words(text: str) -> list[str]:
    """Words of a text as the index holds them: of Chinese, each character and each pair of neighbours.

    Examples
    --------
    >>> _split_words("省际边界 B01a")
    ['省', '际', '边', '界', '省际', '际边', '边界', 'B01a']
    """
    words: list[str] = []
    for word in _WORDS.findall(text):
        if _CHINESE.match(word):
            words += [*word, *(word[start : start + 2] for start in range(len(word) - 1))]
        else:
            words.append(word)
    return words


class _BilingualSearch(SearchEnglish):
    """Search in English and Chinese text alike: English by stems, Chinese by characters and pairs of them."""

    lang = "shanhai"
    js_splitter_code = SPLITTER

    def __init__(self, options: dict[str, str]) -> None:
        super().__init__(options)
        self._stems: dict[str, str] = {}

    def split(self, input: str) -> list[str]:  # the name that Sphinx gives it
        """Words of a text, see :func:`_split_words`."""
        return _split_words(input)

    def stem(self, word: str) -> str:
        """Stem of a word, worked out once for all pages."""
        if word not in self._stems:
            self._stems[word] = super().stem(word)
        return self._stems[word]


class _Folded(nodes.General, nodes.Element):
    """Content that opens on demand."""


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx calls this."""
    app.add_config_value("shanhai_descriptions", {}, "html")
    app.add_config_value("shanhai_other", {}, "html")
    app.add_config_value("shanhai_unfold", "", "html")
    app.add_search_language(_BilingualSearch)
    app.add_node(_Folded, html=(_open_fold, _close_fold))
    app.connect("doctree-resolved", _fold_appendix)
    app.connect("html-page-context", _complete_page)
    app.connect("html-page-context", _escape_title, priority=900)  # after the theme
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def _fold_appendix(_: Sphinx, document: nodes.document, __: str) -> None:
    """Put the subsections of an appendix into a fold; its heading and first words stay in sight."""
    for mark in list(document.findall(lambda node: isinstance(node, nodes.Element) and APPENDIX in node["classes"])):
        section = mark.parent
        inside = [child for child in section.children if isinstance(child, nodes.section)]
        mark.parent.remove(mark)
        if inside:
            fold = _Folded()
            section.insert(section.index(inside[0]), fold)
            for child in inside:
                section.remove(child)
                fold += child


def _open_fold(translator: Any, _: _Folded) -> None:
    summary = escape(translator.builder.config.shanhai_unfold)
    translator.body.append(f'<details class="fold"><summary>{summary}</summary>\n')


def _close_fold(translator: Any, _: _Folded) -> None:
    translator.body.append("</details>\n")


def _complete_page(app: Sphinx, page: str, _: str, context: dict[str, Any], __: nodes.document | None) -> None:
    """Description of the page, and where its twin in the other language is."""
    if page == LEDGER:
        app.add_css_file(f"{LEDGER}.css")
        app.add_js_file(f"{LEDGER}.js", loading_method="defer")
    description = app.config.shanhai_descriptions.get(page)
    if description:
        context["metatags"] = (
            f'{context.get("metatags", "")}\n<meta name="description" content="{escape(description)}">'
        )
    root = "../" * (page.count("/") + 1)
    context["other_language"] = {
        **app.config.shanhai_other,
        "address": f"{root}{app.config.shanhai_other['code']}/{page}.html",
    }


def _escape_title(_: Sphinx, __: str, ___: str, context: dict[str, Any], ____: nodes.document | None) -> None:
    """The theme puts a title as plain text into the heading that it prints."""
    if "pagetitle" in context:
        context["pagetitle"] = escape(context["pagetitle"])
