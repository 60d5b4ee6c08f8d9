"""What the site adds to Sphinx: a search that splits Chinese, folded appendices, descriptions, the other language."""

import re
from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment.adapters.toctree import global_toctree_for_doc
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
        """Stem of a word, worked out once for all pages; Chinese has none."""
        if word not in self._stems:
            self._stems[word] = word if _CHINESE.match(word) else super().stem(word)
        return self._stems[word]


_LINK = '<a class="reference internal" href="'
_TAG = re.compile(rf'(</?ul[^>]*>|<li class="toctree-l[^"]*">|</li>|</?details>|{_LINK}[^"]*">)')
"""What a tree of pages is made of, as Sphinx and the theme write it where no page is marked."""


class _Navigation:
    """The tree of all pages beside each of them, put together once for the site.

    Sphinx puts it together for every page and the theme takes it apart and adds to it, which is a third of all their
    time. Pages differ in the addresses, which count from their folder, and in the branch that is marked.
    """

    def __init__(self) -> None:
        self._trees = dict[tuple[str, str], list[str]]()

    def put(self, app: Sphinx, page: str, _: str, context: dict[str, Any], __: nodes.document | None) -> None:
        """Give a page its tree in the place of what Sphinx and the theme would make."""
        context["page_tree"] = lambda themed: themed
        if page == app.config.root_doc:
            return

        def tree(**options: Any) -> str:
            return self._tree_of(app, page, ("current", repr(options)), partial(_tree_of_root, app, options))

        def themed_tree(themed: Callable[..., object], **options: Any) -> str:
            def make() -> str:
                context["toctree"] = lambda **inner: _tree_of_root(app, inner)
                made = str(themed(**options))
                context["toctree"] = tree
                return made

            return self._tree_of(app, page, ("current active", repr(options)), make)

        context["toctree"] = tree
        context["page_tree"] = lambda themed: partial(themed_tree, themed)

    def _tree_of(self, app: Sphinx, page: str, kind: tuple[str, str], make: Callable[[], str]) -> str:
        """The tree of a page from the one that `make` makes; a kind is the mark of entries and what was asked for."""
        if kind not in self._trees:
            self._trees[kind] = _TAG.split(make())
        mark, parts = kind[0], self._trees[kind]
        addresses = {place: part[len(_LINK) : -2] for place, part in enumerate(parts) if part.startswith(_LINK)}
        pages = {place: address.removesuffix(".html") for place, address in addresses.items()}
        marked = _branch(parts, [place for place, name in pages.items() if name == page])
        made = list(parts)
        for place, name in pages.items():
            made[place] = f'{_LINK}{app.builder.get_relative_uri(page, name)}">'
        for place in marked:
            made[place] = _marked(parts[place], mark)
        return "".join(made)


def _tree_of_root(app: Sphinx, options: dict[str, Any]) -> str:
    """The tree beside the first page, which is not in it."""
    tree = global_toctree_for_doc(app.env, app.config.root_doc, app.builder, tags=app.tags, **options)
    return str(app.builder.render_partial(tree)["fragment"])  # type: ignore[attr-defined]  # it writes HTML


def _branch(parts: list[str], links: list[int]) -> set[int]:
    """Places of some links, of all lists and entries that they are in, and of the folds of these entries."""
    found, above = set(links), list[int]()
    for place, part in enumerate(parts):
        if part.startswith(("<ul", "<li", "<details")):
            if part.startswith("<details") and above[-1] in found:
                found.add(place)
            above.append(place)
        elif part.startswith(("</ul", "</li", "</details")):
            above.pop()
        elif place in links:
            found.update(above)
    return found


def _marked(part: str, mark: str) -> str:
    if part.startswith(_LINK):
        return '<a class="current reference internal" href="#">'
    if part.startswith("<li"):
        level, _, others = part[len('<li class="') : -2].partition(" ")
        return f'<li class="{" ".join(filter(None, (level, mark, others)))}">'
    if part == "<details>":
        return '<details open="open">'
    return '<ul class="current">' if part == "<ul>" else part.replace('class="', 'class="current ')


def _remember_code(app: Sphinx) -> None:
    """Colour a piece of code once, though dozens of pages show it: reports on places have the same cells."""
    if isinstance(app.builder, StandaloneHTMLBuilder):
        highlighter, known = app.builder.highlighter, dict[str, str]()
        colour = highlighter.highlight_block

        def remembered(source: str, lang: str, *arguments: Any, **options: Any) -> str:
            told = {name: value for name, value in options.items() if name != "location"}  # of a warning
            key = repr((source, lang, arguments, sorted(told.items())))
            if key not in known:
                known[key] = colour(source, lang, *arguments, **options)
            return known[key]

        highlighter.highlight_block = remembered  # type: ignore[method-assign]


class _Folded(nodes.General, nodes.Element):
    """Content that opens on demand."""


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx calls this."""
    app.add_config_value("shanhai_descriptions", {}, "html")
    app.add_config_value("shanhai_other", {}, "html")
    app.add_config_value("shanhai_unfold", "", "html")
    app.add_search_language(_BilingualSearch)
    app.add_node(_Folded, html=(_open_fold, _close_fold))
    app.setup_extension("sphinx.ext.autodoc")  # whose event it is
    app.connect("builder-inited", _remember_code)
    app.connect("autodoc-process-docstring", _keep_sentence, priority=400)  # before napoleon
    app.connect("autodoc-process-docstring", _as_sentence, priority=600)
    app.connect("doctree-resolved", _fold_appendix)
    app.connect("html-page-context", _complete_page)
    app.connect("html-page-context", _Navigation().put, priority=400)  # before the theme makes its sidebar of it
    app.connect("html-page-context", _escape_title, priority=900)  # after the theme
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


_sentences: dict[str, list[str]] = {}
"""Texts of fields, which napoleon would take apart at their first colon, into a type and what is left."""


def _keep_sentence(_: Sphinx, kind: str, name: str, ___: object, ____: object, lines: list[str]) -> None:
    """Remember the text of a field that has no sections."""
    if kind in ("attribute", "data", "property") and not any(line.startswith("---") for line in lines):
        _sentences[name] = list(lines)


def _as_sentence(_: Sphinx, __: str, name: str, ___: object, ____: object, lines: list[str]) -> None:
    """Put the text of a field back as it was written."""
    if name in _sentences:
        lines[:] = _sentences.pop(name)


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
    if "body" in context:  # the corner of a table heads nothing
        context["body"] = context["body"].replace('<th class="head"><p></p></th>', "<td></td>")
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
