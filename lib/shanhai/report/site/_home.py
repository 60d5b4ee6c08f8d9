"""The first page of a language, the list of notebooks, and the page of the ledger."""

import re
from collections import Counter
from collections.abc import Iterator
from html import escape
from pathlib import Path
from urllib.parse import quote

import shanhai
from shanhai.claims.verdicts import Verdict
from shanhai.core.errors import ReportError
from shanhai.core.paths import ROOT
from shanhai.core.places import ZHEJIANG
from shanhai.data.load import load_places
from shanhai.render.numbers import with_minus
from shanhai.report.ledger import ledger_html, ledger_rows
from shanhai.report.results import Results, Run
from shanhai.report.site import _pages as pages
from shanhai.report.site._map import mountain_map, mountain_types
from shanhai.report.site._pages import Source, raw
from shanhai.report.site._places import place_links
from shanhai.report.site.extension import LEDGER

_END = re.compile("</(?:td|th|dt|dd|li|option)>")
_RELEASED = re.compile(r"^date-released: (\d{4})", re.MULTILINE)


def write_notebooks(source: Source, runs: list[Run]) -> None:
    """Write the list of the notebooks with their questions."""
    own = [run for run in runs if run.notebook != pages.PLACES]
    rows = [[pages.link(f"{run.name}.html", source.titles[pages.page_of(run)]), escape(run.question)] for run in own]
    heads = [source.say("notebooks.page"), source.say("notebooks.question")]
    places = pages.link("../places/index.html", source.say("places.title"))
    source.page(
        "notebooks/index", source.say("notebooks.title"), source.say("notebooks.about"), source.say("notebooks.lead"),
        raw(f"<p>{source.say('notebooks.places', link=places)}</p>\n"
            + pages.table(heads, rows, source.say("notebooks.title"), html=True)),
        pages.toctree([run.name for run in own]),
    )  # fmt: skip


def write_home(source: Source, results: Results, runs: list[Run], shared: Path) -> None:
    """Write the first page.

    Parameters
    ----------
    source : Source
    results : Results
    runs : list of Run
        Those of the language.
    shared : Path
        Folder of the report, whose papers, interactive pages and files are offered.
    """
    say = source.say
    parts = [
        raw(f'<p class="question">{escape(say("home.question"))}</p>\n<p>{escape(say("home.caution"))}</p>'),
        f"## {say('home.findings')}", say("home.findings_lead"), raw(_headlines(source, results, runs)),
        raw(_every_finding(source, runs)),
        f"## {say('home.map')}", raw(_map(source, runs, shared)),
    ]  # fmt: skip
    for title, folders in (("papers", ("papers", "files")), ("explore", ("explore",))):
        offered = list(_offered(source, shared, folders))
        if offered:
            parts += [f"## {say(f'home.{title}')}", raw("<ul>\n" + "\n".join(offered) + "\n</ul>")]
    sources = pages.link("data/sources.html", say("sources.title"))
    parts += [
        f"## {say('home.cite')}", raw(f"<p>{say('home.cite_lead', link=sources)}</p>"),
        raw(f"<p>{escape(say('home.cite_text', year=_year(), version=shanhai.__version__))}</p>"),
        f"## {say('home.reproduce')}", say("home.reproduce_lead"), "```\npython3 bootstrap.py reproduce\n```",
        pages.toctree(["notebooks/index", "places/index", "ledger", "exhibits"], say("part.results")),
        pages.toctree(["methods/index", "api/index", "data/index"], say("part.background")),
    ]  # fmt: skip
    source.page("index", say("home.title"), say("home.about"), *parts)


def _map(source: Source, runs: list[Run], shared: Path) -> str:
    say, links, types = source.say, place_links(runs), mountain_types()
    counties = load_places().counties_of(ZHEJIANG)
    names = {place.code: place.name_zh if source.language == "zh" else place.short_en for place in counties}
    groups = "\n".join(
        f'<div><h3 class="{kind}">{escape(say(f"class.{kind}"))}</h3>\n<ul>'
        + " ".join(_item(code, names, links) for code, own in types.items() if own == kind)
        + "</ul></div>"
        for kind in ("leapfrog", "ecological")
    )
    more = []
    interactive = f"explore/map-{source.language}.html"
    if (shared / interactive).is_file():
        more.append(pages.link(f"../{interactive}", say("home.map_open")))
    maps = [run for run in runs if run.notebook.startswith("02-")]
    if maps:
        address = f"{pages.page_of(maps[0])}.html"
        more.append(say("home.map_record", link=pages.link(address, source.titles[pages.page_of(maps[0])])))
    return (
        f'<div class="home-map">\n{mountain_map(names, links, say("home.map_alt"))}\n<div class="home-counties">\n'
        f"{groups}\n</div>\n</div>\n<p>{' '.join(more)}</p>"
    )


def _item(code: str, names: dict[str, str], links: dict[str, str]) -> str:
    name = names.get(code, code)
    return f"<li>{pages.link(links[code], name) if code in links else escape(name)}</li>"


_HEADLINES = ("13-check-robustness", "05-track-convergence", "06-evaluate-policy", "04-report-city-330800")
"""Runs whose findings come first: borders, the 26 counties, the policy for them, Quzhou; the ledger follows."""


def _headlines(source: Source, results: Results, runs: list[Run]) -> str:
    """First sentence of the answers that the question of the page is about, and the state of the ledger."""
    by_name = {run.name: run for run in runs}
    items = [_finding(source, by_name[name]) for name in _HEADLINES if name in by_name]
    return _listed([*items, f"<li>{_state(source, results)}</li>"])


def _every_finding(source: Source, runs: list[Run]) -> str:
    """First sentence of each notebook's answer, folded; of the reports on places, those on prefectures."""
    shown = [run for run in runs if run.notebook != pages.PLACES or "prefecture" in run.parameters]
    items = _listed([_finding(source, run) for run in shown])
    summary, measures = (escape(source.say(f"home.{key}")) for key in ("findings_all", "measures"))
    return f'<details class="fold"><summary>{summary}</summary>\n<p>{measures}</p>\n{items}\n</details>'


def _finding(source: Source, run: Run) -> str:
    page = pages.page_of(run)
    name = pages.link(f"{page}.html", source.titles[page])
    return f"<li>{source.say('home.finding', text=escape(with_minus(run.answer[0])), link=name)}</li>"


def _listed(items: list[str]) -> str:
    return '<ul class="findings">\n' + "\n".join(items) + "\n</ul>"


def _state(source: Source, results: Results) -> str:
    """Number of distinct claims under each verdict, each leading to these claims."""
    distinct = [row for row in ledger_rows(results, source.language) if not row["same_as"]]
    names = {row["verdict"]: row["verdict_name"] for row in distinct}
    counts = Counter(row["verdict"] for row in distinct)
    shown = [
        pages.link(
            f"ledger.html?verdict={quote(verdict)}",
            source.say("home.ledger_count", count=str(counts[verdict]), verdict=names[verdict]),
        )
        for verdict in Verdict
        if counts[verdict]
    ]
    rule = pages.link("methods/claims.html", source.say("methods.page.claims.title"))
    listed = source.say("places.joint").join(shown)
    text = source.say("home.ledger_state", total=str(len(distinct)), counts=listed)
    return source.say("home.ledger_sentences", state=text, rule=source.say("home.ledger_link", link=rule))


_OTHER = {"en": "zh", "zh": "en"}


def _offered(source: Source, shared: Path, folders: tuple[str, ...]) -> Iterator[str]:
    """One line for each paper, page or table of some folders that is in this language or in both, with its forms."""
    for folder in folders:
        forms: dict[str, list[Path]] = {}
        for path in sorted((shared / folder).glob("*")):
            name, _, language = path.stem.rpartition("-")
            if path.is_file() and language != _OTHER[source.language]:
                forms.setdefault(name if language == source.language else path.stem, []).append(path)
        for kind, paths in forms.items():
            yield f"<li>{_offer(source, folder, kind, paths)}</li>"


_PROGRAMS = {".docx": "Word", ".pptx": "PowerPoint", ".xlsx": "Excel", ".tex": "LaTeX"}


def _offer(source: Source, folder: str, kind: str, paths: list[Path]) -> str:
    """The name of what is offered with a link for each form; an interactive page is a link itself."""
    names = {key: source.say(f"file.name.{key}") for key in pages.WORDS.labels("file.name")}
    name = names.get(kind) or pages.place_name(kind, source.language)
    if folder == "explore":
        return " · ".join(pages.link(f"../{folder}/{path.name}", name) for path in paths)
    linked = " · ".join(
        pages.link(f"../{folder}/{path.name}", _PROGRAMS.get(path.suffix, path.suffix[1:].upper())) for path in paths
    )
    key = "file.paper" if folder == "papers" and kind != "slides" else "file.other"
    return source.say(key, name=escape(name), forms=linked)


def _year() -> str:
    """Year of the release, as the file for citations has it."""
    found = _RELEASED.search((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    if found is None:
        raise ReportError("CITATION.cff has no line with date-released, such as date-released: 2026-11-22; add it.")
    return found[1]


def write_ledger(source: Source, results: Results) -> None:
    """Write the page of the ledger; cells are set apart, so that the search does not read two as one word."""
    html = _END.sub(r"\g<0> ", ledger_html(results, source.language))
    source.page(LEDGER, source.say("ledger.title"), source.say("ledger.about"), raw(html))
