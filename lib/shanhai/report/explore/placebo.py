"""The first of the maps that notebook 13 draws, and the border difference that each of them gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.core.errors import ReportError
from shanhai.methods.arrays import Flags
from shanhai.methods.placebo import BorderPlacebo, Partitions, Shifts, compare_borders
from shanhai.render.maps import MapArea
from shanhai.render.maps.topics import WORDS as MAP_WORDS
from shanhai.render.numbers import format_number, round_half_up
from shanhai.report.explore._page import Explorer, build_page
from shanhai.report.explore._shapes import Canvas, Coverage, svg_path
from shanhai.report.results import Language, Results
from shanhai.studies.border.analysis import analysis_frame, county_edges
from shanhai.studies.border.design import main_spec
from shanhai.studies.robustness.battery import draw_maps
from shanhai.studies.robustness.design import BATTERY_SEED
from shanhai.studies.robustness.design import WORDS as ROBUSTNESS

RUN, EXHIBIT = "13-check-robustness", "placebo-borders"
"""Run and table that hold the test on all maps."""

SHOWN = 96
"""Maps of each kind on the page: the first of those that the notebook draws, six of each of sixteen walks."""

_STEPS = 1600

_DIGITS = 4

_NUMERALS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""A character a province of a map."""


@dataclass(frozen=True)
class PlaceboData:
    """Drawn maps with their estimates.

    Attributes
    ----------
    maps : mapping of kind to Partitions or Shifts
    tests : mapping of kind to BorderPlacebo
        On these maps, with the fixed effects of the real provinces, as the battery has them.
    record : mapping of kind to mapping
        Of all maps of the notebook: draws, p, interval, drawn_mean.
    shapes : mapping
        Polygons and common edges of the counties drawn.
    """

    maps: Mapping[str, Partitions | Shifts]
    tests: Mapping[str, BorderPlacebo]
    record: Mapping[str, Mapping[str, Any]]
    shapes: Mapping[str, Any]

    @classmethod
    def of(cls, results: Results, area: MapArea) -> "PlaceboData":
        """Draw the maps again over the area of the country, and read from results what all of them say."""
        frame, edges = analysis_frame(), county_edges()
        maps = draw_maps(frame, edges, SHOWN, BATTERY_SEED)
        tests = {kind: compare_borders(main_spec(), frame, drawn) for kind, drawn in maps.items()}
        codes = next(iter(maps.values())).graph.codes
        return cls(maps, tests, {kind: _record(results, kind) for kind in maps}, _shapes(area, list(codes)))


def placebo_page(data: PlaceboData, language: Language) -> Explorer:
    """The page of placebo borders in one language."""
    first = next(iter(data.tests.values()))
    record = next(iter(data.record.values()))
    return build_page(
        "placebo",
        language,
        _content(data, language),
        shown=format_number(SHOWN),
        draws=format_number(record["draws"]),
        n=format_number(first.n),
        base_map=MAP_WORDS("print.base_map", language),
    )


def _record(results: Results, kind: str) -> Mapping[str, Any]:
    """What the table says of all maps of a kind, fixed effects of the real provinces and chance not held fixed."""
    table = results.run(RUN).exhibit("table", EXHIBIT)
    rows = pd.read_csv(table.files["csv"], dtype={"p": "str"})
    wanted = {"maps": f"maps.{kind}", "effects": "effects.real", "chance_held": "yes_no.no"}
    said = {column: ROBUSTNESS.pair(key)[0] for column, key in wanted.items()}
    found = rows[(rows[list(said)] == pd.Series(said)).all(axis=1)]
    if len(found) != 1:
        raise ReportError(
            f"{table.files['csv'].name} has {len(found)} rows on {kind!r} with real provinces; needed: one. Run "
            "`shanhai reproduce` again."
        )
    return {str(name): value for name, value in found.iloc[0].items()}


def _shapes(area: MapArea, codes: list[str]) -> dict[str, Any]:
    """Polygons of the counties of the maps in their order, those that no map holds, and edges between them."""
    canvas = Canvas(area, _STEPS)
    polygons = canvas.rings(area.counties)
    place = {code: number for number, code in enumerate(codes)}
    where = [place.get(code) for code in area.counties["code"]]
    paths = dict(zip(area.counties["code"], (svg_path(rings, closed=True) for rings in polygons), strict=True))
    edges = [
        [where[left], where[right], svg_path(lines)]
        for (left, right), lines in Coverage(polygons).common_edges().items()
        if where[left] is not None and where[right] is not None
    ]
    return {
        "width": canvas.width,
        "height": canvas.height,
        "paths": [paths[code] for code in codes],
        "undrawn": "".join(path for code, path in paths.items() if code not in place),
        "others": svg_path([ring for rings in canvas.rings(area.neighbours) for ring in rings], closed=True),
        "edges": edges,
    }


def _content(data: PlaceboData, language: Language) -> dict[str, Any]:
    first, test = next(iter(data.maps.values())).graph, next(iter(data.tests.values())).test
    real: dict[str, Any] = {
        **_map(first.regions, first.on_border),
        "estimate": _short(test.estimate),
        "t": _short(test.t),
    }
    kinds = []
    for kind, maps in data.maps.items():
        found, record = data.tests[kind].test, data.record[kind]
        drawn = [
            {**_map(labels, on), "estimate": _short(estimate), "t": _short(t), "large": bool(abs(t) >= abs(found.t))}
            for labels, on, estimate, t in zip(
                maps.labels, maps.on_border, found.estimates, found.t_ratios, strict=True
            )
            if np.isfinite(t)
        ]
        low, high = str(record["interval"]).strip("[]").split(", ")
        p = f"p < {record['p'][1:]}" if record["p"].startswith("<") else f"p = {record['p']}"
        said: dict[str, Any] = {"draws": format_number(record["draws"]), "p": p, "low": low, "high": high}
        said["mean"] = _short(float(record["drawn_mean"]))
        name = ROBUSTNESS.pair(f"maps.{kind}")[language == "zh"]
        kinds.append({"key": kind, "name": name, "maps": drawn, "record": said})
    return {**data.shapes, "real": real, "kinds": kinds}


def _map(labels: NDArray[np.integer], on_border: Flags) -> dict[str, Any]:
    """A map in short: a character a county for its province, four counties a digit for those on a border."""
    bits = np.append(on_border, np.zeros(-len(on_border) % 4, dtype=bool)).reshape(-1, 4) @ [8, 4, 2, 1]
    return {
        "labels": "".join(_NUMERALS[label] for label in labels),
        "on": "".join(f"{four:x}" for four in bits),
        "counties": int(on_border.sum()),
    }


def _short(value: float) -> float:
    return float(round_half_up(value, _DIGITS))
