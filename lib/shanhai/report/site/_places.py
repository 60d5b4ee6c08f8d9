"""Pages of places: each run of the report on places, with ways to its neighbours, its claims and its gaps."""

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from shanhai.core.places import Place
from shanhai.data.load import load_places
from shanhai.report.ledger import ledger_rows
from shanhai.report.results import LANGUAGES, Results, Run
from shanhai.report.site import _pages as pages
from shanhai.report.site._map import neighbours
from shanhai.report.site._notebooks import write_run
from shanhai.report.site._pages import Source, raw


def write_places(source: Source, runs: list[Run], results: Results) -> None:
    """Write the page of each place and the list of them.

    Parameters
    ----------
    source : Source
    runs : list of Run
        All runs of a language.
    results : Results
        Whose claims on each place are counted.
    """
    claimed = _claimed(results)
    known = {place.code: place for place in load_places().all}
    reports = [run for run in runs if run.notebook == pages.PLACES]
    codes = {run.name: code_of(run) for run in reports}
    ordered = sorted(reports, key=lambda run: _rank(run, known, codes[run.name]))
    touching = neighbours(sorted(codes.values()))
    for run in ordered:
        links = _links(source, run, runs, known, touching, claimed)
        see = source.say("places.see", links=source.say("places.between").join(links))
        write_run(source, run, f'<p class="see-also">{see}</p>' if links else "")
    rows = [_row(source, run, known.get(codes[run.name])) for run in ordered]
    heads = [source.say(f"places.{key}") for key in ("name", "name_zh", "finding")]
    if source.language == "zh":
        heads[0], heads[1] = heads[1], heads[0]
    source.page(
        "places/index", source.say("places.title"), source.say("places.about"), source.say("places.lead"),
        raw(pages.table(heads, rows, source.say("places.title"), html=True)),
        pages.toctree([pages.page_of(run).partition("/")[2] for run in ordered]),
    )  # fmt: skip


def _claimed(results: Results) -> list[str]:
    """Places of each entry of the ledger in both languages, as its filter reads them."""
    both = [[row["place"] for row in ledger_rows(results, language)] for language in LANGUAGES]
    return [" ".join(names).casefold() for names in zip(*both, strict=True)]


def code_of(run: Run) -> str:
    """Code of the place that a report is on, or what stands for it."""
    given = [str(value) for name, value in sorted(run.parameters.items()) if name in ("county", "prefecture") and value]
    return given[0] if given else run.name


def place_links(runs: list[Run]) -> dict[str, str]:
    """Address of the page of each place, from the root of the language, by code."""
    return {code_of(run): f"{pages.page_of(run)}.html" for run in runs if run.notebook == pages.PLACES}


def _rank(run: Run, known: dict[str, Place], code: str) -> tuple[int, int, str]:
    """Prefectures before counties, in the order of codes; what is no place comes last."""
    place = known.get(code)
    return (0 if place else 1, 0 if place and place.level == "prefecture" else 1, code)


def _row(source: Source, run: Run, place: Place | None) -> list[str]:
    english, chinese = (place.short_en, place.name_zh) if place else (run.name, run.name)
    first, second = (chinese, english) if source.language == "zh" else (english, chinese)
    address = f"{pages.page_of(run).partition('/')[2]}.html"
    return [pages.link(address, first), escape(second), escape(run.answer[0])]


def _links(
    source: Source,
    run: Run,
    runs: list[Run],
    known: dict[str, Place],
    touching: dict[str, list[str]],
    claimed: Sequence[str],
) -> list[str]:
    """Ways from a place to its claims, its gaps, its neighbours, its prefecture and its counties."""
    code = code_of(run)
    place = known.get(code)
    if place is None:
        return []
    name = pages.place_name(code, source.language)
    addresses = {key: address.partition("/")[2] for key, address in place_links(runs).items()}
    asked = place.name_zh if source.language == "zh" else place.short_en
    count = sum(asked.casefold() in names for names in claimed)
    words = source.say("places.claims", name=name, count=str(count))
    links = [pages.link(f"../ledger.html?place={quote(asked)}", words) if count else escape(words)]
    links += [
        pages.link(f"../{pages.page_of(other)}.html", source.titles[pages.page_of(other)])
        for other in runs
        if other.notebook != pages.PLACES and code in map(str, other.parameters.values())
    ]
    groups = {
        "above": [place.prefecture_code] if place.level == "county" else [],
        "inside": [other for other in addresses if known.get(other) and known[other].prefecture_code == code != other],
        "neighbours": touching.get(code, []),
    }
    for key, codes in groups.items():
        shown = [
            pages.link(addresses[other], pages.place_name(other, source.language))
            for other in codes
            if other in addresses
        ]
        if shown:
            words = source.say(f"places.{key}", name=name) if key == "inside" else source.say(f"places.{key}")
            links.append(f"{escape(words)} {source.say('places.joint').join(shown)}")
    return links
