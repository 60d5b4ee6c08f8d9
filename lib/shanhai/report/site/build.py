"""The report as a static site: pages written for each language, Sphinx side by side, then fonts and the way in."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from html import escape, unescape
from pathlib import Path
from typing import Any

from shanhai.core.beside import beside
from shanhai.report.results import LANGUAGES, Language, Results
from shanhai.report.site import _pages as pages
from shanhai.report.site._api import write_api
from shanhai.report.site._font import copy_mathjax, write_font
from shanhai.report.site._home import write_home, write_ledger, write_notebooks
from shanhai.report.site._methods import write_methods
from shanhai.report.site._notebooks import copy_files, write_run
from shanhai.report.site._pages import WORDS, Source
from shanhai.report.site._places import write_places
from shanhai.report.site._reference import write_data_pages, write_exhibits
from shanhai.report.site._sphinx import SETTINGS, build_pages
from shanhai.report.site.extension import LEDGER

_SHARED = "assets"
"""Folder beside the languages with what both use."""

_LOCALE: Mapping[Language, str] = {"en": "en", "zh": "zh_CN"}
_LANG: Mapping[Language, str] = {"en": "en", "zh": "zh-CN"}
_OTHER: Mapping[Language, Language] = {"en": "zh", "zh": "en"}

_HERE = Path(__file__).parent
_UNNEEDED = ("**/*.map", "_static/*.html", "objects.inv", ".buildinfo", "genindex.html")
"""What Sphinx and the theme leave that no reader opens."""


def build_site(results: Results, to: Path) -> None:
    """Write the site of a set of results.

    Parameters
    ----------
    results : Results
    to : Path
        Folder of the report; papers, interactive pages and files that lie in it already are offered on the first page.

    Raises
    ------
    ReportError
        If Sphinx warns of a page, or a page of the methods is in no list.
    """
    with tempfile.TemporaryDirectory(prefix="shanhai-site-") as name, ExitStack() as running:
        work = Path(name)
        sources, processes = dict[Language, Source](), list[Callable[[], None]]()
        for language in LANGUAGES:
            sources[language] = _write_source(results, language, work, to)
            made = work / f"{language}.html"
            processes.append(running.enter_context(beside(build_pages, sources[language].folder, made, language)))
        for language in LANGUAGES:
            for run in results.editions[language].values():
                copy_files(run, to / language)
        for finish in processes:
            finish()
        for language in LANGUAGES:
            built = work / f"{language}.html"
            for pattern in _UNNEEDED:
                for path in built.glob(pattern):
                    path.unlink()
            _name_parts(built, sources[language])
            shutil.copytree(built, to / language, dirs_exist_ok=True)
    shared = to / _SHARED
    shared.mkdir()
    copy_mathjax(shared)
    (to / "index.html").write_text(_entrance(), encoding="utf-8", newline="\n")
    write_font(_characters(to), shared)


def _write_source(results: Results, language: Language, work: Path, to: Path) -> Source:
    """Pages of a language as Sphinx reads them."""
    runs = list(results.editions[language].values())
    source = Source(work / language, language, {run.notebook: pages.page_of(run) for run in reversed(runs)})
    others = [run for run in runs if run.notebook != pages.PLACES]
    for run in others:
        write_run(source, run)
    write_places(source, runs, results)
    write_notebooks(source, runs)
    write_methods(source)
    write_api(source)
    write_data_pages(source)
    write_exhibits(source, runs)
    write_ledger(source, results)
    write_home(source, results, runs, to)
    shutil.copytree(_HERE / "templates", source.folder / "_templates")
    shutil.copytree(_HERE / "static", source.folder / "_static")
    for file in (f"{LEDGER}.css", f"{LEDGER}.js"):
        shutil.copyfile(_HERE.with_name(LEDGER) / file, source.folder / "_static" / file)
    (source.folder / SETTINGS).write_text(json.dumps(_settings(source)), encoding="utf-8")
    return source


def _settings(source: Source) -> dict[str, Any]:
    """What the two languages differ in."""
    other = _OTHER[source.language]
    return {
        "language": _LOCALE[source.language],
        "title": source.say("site.title"),
        "contents": source.say("site.contents"),
        "search": source.say("site.search"),
        "unfold": source.say("site.unfold"),
        "code_show": source.say("code.cell_show"),
        "code_hide": source.say("code.cell_hide"),
        "shared": _SHARED,
        "descriptions": source.descriptions,
        "other": {"code": other, "lang": _LANG[other], "name": source.say("site.other")},
    }


def _name_parts(built: Path, source: Source) -> None:
    """Give a name to the sidebar and to the buttons that open its branches, which the theme leaves without."""
    branch, title = escape(source.say("site.branch")), escape(source.say("site.title"))
    names = {
        '<summary><span class="toctree-toggle"': f'<summary aria-label="{branch}"><span class="toctree-toggle"',
        '<div id="pst-primary-sidebar"': f'<div id="pst-primary-sidebar" role="region" aria-label="{title}"',
    }
    for page in built.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for old, new in names.items():
            text = text.replace(old, new)
        page.write_text(text, encoding="utf-8", newline="\n")


def _characters(to: Path) -> Iterator[str]:
    """Every character that a page of the site shows."""
    for page in (to / "index.html", *(page for language in LANGUAGES for page in (to / language).rglob("*.html"))):
        yield unescape(page.read_text(encoding="utf-8"))


def _entrance() -> str:
    """The page that asks for a language, and needs no script to do so."""
    doors = "\n".join(
        f'<p><a href="{language}/index.html" lang="{_LANG[language]}" hreflang="{_LANG[language]}">'
        f"{escape(WORDS('site.choose', language))}</a></p>"
        for language in LANGUAGES
    )
    english, chinese = WORDS.pair("site.chooser")
    style = (_HERE / "entrance.css").read_text(encoding="utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(WORDS('site.title', 'en'))}</title>\n"
        f'<meta name="description" content="{escape(english)}">\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n'
        f"<h1>{escape(WORDS('site.title', 'en'))}</h1>\n"
        f'<p>{escape(english)}<br><span lang="zh-CN">{escape(chinese)}</span></p>\n'
        f"{doors}\n</main>\n</body>\n</html>\n"
    )
