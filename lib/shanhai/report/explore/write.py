"""All interactive pages, in both languages, from a folder of results."""

from pathlib import Path

from shanhai.report.explore._page import Explorer
from shanhai.report.explore.curve import CurveData, curve_page
from shanhai.report.explore.gap import GapPlaces, gap_page
from shanhai.report.explore.map import MapData, map_areas, map_page
from shanhai.report.explore.placebo import PlaceboData, placebo_page
from shanhai.report.results import LANGUAGES, Results


def write_explorers(results: Results, to: Path) -> tuple[Path, ...]:
    """Write the interactive pages.

    Parameters
    ----------
    results : Results
    to : Path
        Folder of the pages, ``report/explore``; made if it is not there.

    Returns
    -------
    tuple of Path
        The files: ``map-en.html``, ``curve-en.html``, ``gap-en.html``, ``placebo-en.html``, and the same in ``-zh``.

    Raises
    ------
    ReportError
        If results lack the figure or table that a page rests on, or a page is too large.
    """
    to.mkdir(parents=True, exist_ok=True)
    pages = _build_explorers(results)
    for page in pages:
        (to / page.file).write_text(page.html, encoding="utf-8", newline="\n")
    return tuple(to / page.file for page in pages)


def _build_explorers(results: Results) -> tuple[Explorer, ...]:
    """The map, the specification curve, gaps and placebo borders in English and in Chinese."""
    areas = map_areas()
    mapped, drawn = MapData.of(results, areas), PlaceboData.of(results, areas["china"])
    curve, places = CurveData.of(results), GapPlaces.of()
    return tuple(
        page
        for language in LANGUAGES
        for page in (
            map_page(mapped, language),
            curve_page(curve, language),
            gap_page(places, language),
            placebo_page(drawn, language),
        )
    )
