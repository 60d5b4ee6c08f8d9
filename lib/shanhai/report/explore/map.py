"""The map: every mapped indicator and year, Zhejiang and the whole country, with the classes of the printed maps."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from shanhai.core.fields import field_of, label_of
from shanhai.core.places import ZHEJIANG, bare_name
from shanhai.data.frames.lights import SENSOR_BREAK
from shanhai.data.frames.panel import build_county_frame
from shanhai.data.frames.unions import with_joint_gdp
from shanhai.data.load import load_table
from shanhai.data.map_base import load_map_base
from shanhai.data.vintage import Vintage, allowed_years, vintage_of
from shanhai.render.maps import MapArea, map_area, numeric_classes, small_print
from shanhai.render.maps.topics import WORDS as MAP_WORDS
from shanhai.render.maps.topics import Topic, topics_of
from shanhai.render.numbers import format_number, round_half_up
from shanhai.report.explore._page import WORDS, Explorer, build_page
from shanhai.report.explore._shapes import Canvas, Coverage, svg_path
from shanhai.report.results import Language, Results
from shanhai.studies.border.analysis import analysis_frame
from shanhai.studies.mountain.analysis import add_lights
from shanhai.studies.mountain.design import MOUNTAIN_OUTLINE

_EXTENTS = {"zhejiang": (ZHEJIANG, 1500), "china": ("100000", 2500)}
"""Region of each extent, and steps from side to side of its map."""

_FURTHER_DIGITS = 1
"""Decimals of a value beyond those of the limits between classes."""

_SHORT = 8
"""Share of the points of a county's longest outline, as its inverse, below which an island has none."""

_LITERACY = {"illiteracy": "illiteracy_doubtful", "mean_schooling": "schooling_doubtful"}
"""Flag of the county frame that doubts an indicator of literacy."""

_PLACES = "04-report-city"
"""Notebook whose runs are reports on places."""

_FIRST = "gdp_per_capita"
"""Indicator that the page opens with."""


@dataclass(frozen=True)
class MapData:
    """What both languages of the map show.

    Attributes
    ----------
    vintage : Vintage
    frame : DataFrame
        One row a county, with every mapped column.
    areas : mapping of extent to MapArea
    pages : mapping of code to str
        Pages of the site on places.
    """

    vintage: Vintage
    frame: pd.DataFrame
    areas: Mapping[str, MapArea]
    pages: Mapping[str, str]

    @classmethod
    def of(cls, results: Results, areas: Mapping[str, MapArea]) -> "MapData":
        """Frames of the newest vintage, and the places that results have a report of."""
        vintage = vintage_of()
        return cls(vintage, _mapped_frame(vintage), areas, _place_pages(results))

    @cached_property
    def topics(self) -> tuple[Topic, ...]:
        """Topics that the frame has values of in every area: a year of one's own may cover a part of the country."""
        drawn = [self.frame[self.frame["code"].isin(area.counties["code"])] for area in self.areas.values()]
        return tuple(
            topic for topic in topics_of(self.frame.columns) if all(rows[topic.column].notna().any() for rows in drawn)
        )

    @cached_property
    def rows(self) -> dict[str, pd.DataFrame]:
        """Rows of the frame in each area."""
        return {extent: area.rows_of(self.frame) for extent, area in self.areas.items()}

    @cached_property
    def figures(self) -> dict[str, dict[str, Any]]:
        """Values of each topic, and what is to be said of them, without words."""
        return {topic.column: _figures(self.frame, topic) for topic in self.topics}

    @cached_property
    def shapes(self) -> dict[str, dict[str, Any]]:
        """Shapes of each extent, without words."""
        return {extent: self._shapes(extent) for extent in _EXTENTS}

    def _shapes(self, extent: str) -> dict[str, Any]:
        area, steps = self.areas[extent], _EXTENTS[extent][1]
        canvas = Canvas(area, steps)
        polygons = canvas.rings(area.counties)
        coverage, codes = Coverage(polygons), list(area.counties["code"])
        ours = set(self.frame.loc[self.frame[MOUNTAIN_OUTLINE.column], "code"])
        between = [
            line
            for (left, right), lines in coverage.common_edges().items()
            if codes[left][:2] != codes[right][:2]
            for line in lines
        ]
        around = [] if area.is_country else canvas.lines(area.borders)
        row = pd.Series(self.frame.index, index=self.frame["code"])
        return {
            "width": canvas.width,
            "height": canvas.height,
            "counties": row[codes].tolist(),
            "paths": [svg_path(rings, closed=True) for rings in polygons],
            "others": svg_path([ring for rings in canvas.rings(area.neighbours) for ring in rings], closed=True),
            "provinces": svg_path([*between, *around]),
            "outline": "".join(
                svg_path(_main_lines(coverage.outline([number]))) for number, code in enumerate(codes) if code in ours
            ),
        }


def _main_lines(lines: list[list[tuple[int, int]]]) -> list[list[tuple[int, int]]]:
    """Lines without those around small islands, which a heavy line would hide."""
    longest = max(map(len, lines))
    return [line for line in lines if _SHORT * len(line) > longest]


def _place_pages(results: Results) -> dict[str, str]:
    """Page of the site on each prefecture and county that results have a report of, by code.

    A place reported with several sets of parameters has the page of the shortest name, which is that of the defaults.
    """
    runs = [run for run in results.editions["en"].values() if run.notebook == _PLACES]
    pages: dict[str, str] = {}
    for run in sorted(runs, key=lambda run: (-len(run.name), run.name)):
        code = run.parameters.get("county") or run.parameters.get("prefecture")
        if code:
            pages[str(code)] = f"places/{run.name.removeprefix(f'{_PLACES}-')}.html"
    return pages


def map_areas() -> dict[str, MapArea]:
    """Areas of the maps: ``zhejiang`` and ``china``."""
    base = load_map_base()
    return {extent: map_area(base, region) for extent, (region, _) in _EXTENTS.items()}


def map_page(data: MapData, language: Language) -> Explorer:
    """The map in one language."""
    vintage = data.vintage
    values = {"year": str(vintage.gdp), "census": str(vintage.census), "lights": str(vintage.lights)}
    return build_page("map", language, _content(data, language), **values)


def _mapped_frame(vintage: Vintage) -> pd.DataFrame:
    """Every column that maps show: GDP and lights of all years, with joint GDP where districts were redrawn."""
    frame = add_lights(build_county_frame(), vintage.lights, SENSOR_BREAK)
    years = [int(column[-4:]) for column in frame.columns if re.fullmatch("lights_[0-9]{4}", column)]
    bright = {f"lights_per_km2_{year}": frame[f"lights_{year}"] / frame["area_km2"] for year in years}
    frame = frame.assign(**bright)
    for year in _gdp_years():
        frame = with_joint_gdp(frame, load_table("county_gdp"), load_table("crosswalk"), year)
        frame[f"doubtful_{year}"] = analysis_frame(vintage_of(str(year)))["gdp_is_doubtful"]
    return frame


def _gdp_years() -> tuple[int, ...]:
    return tuple(int(year) for year in allowed_years() if year.isdigit())


def _content(data: MapData, language: Language) -> dict[str, Any]:
    frame, side = data.frame, int(language == "zh")
    provinces = frame.drop_duplicates("province_code").set_index("province_code")
    number = {code: order for order, code in enumerate(provinces.index)}
    names = provinces["province_zh" if side else "province"]
    counties = {
        **{column: frame[column].tolist() for column in ("code", "name_en", "name_zh")},
        "bare": frame["name_zh"].map(bare_name).tolist(),
        "prefecture": frame["prefecture_zh" if side else "prefecture"].tolist(),
        "province": frame["province_code"].map(number).tolist(),
        "mountain": frame[MOUNTAIN_OUTLINE.column].astype(int).tolist(),
        "page": frame["code"].map(data.pages).fillna("").tolist(),
    }
    extents = {
        extent: {
            "name": WORDS(f"map.area.{extent}", language),
            "label": WORDS(f"map.extent.{extent}", language, count=format_number(len(data.areas[extent].counties))),
            "notes": _notes(data, extent, language),
            **data.shapes[extent],
        }
        for extent in _EXTENTS
    }
    return {
        "counties": counties,
        "provinces": [{"code": code, "name": name} for code, name in names.items()],
        "indicators": _indicators(data, language),
        "extents": extents,
        "first": _FIRST,
        "joint": MAP_WORDS("legend.joint", language),
    }


def _indicators(data: MapData, language: Language) -> list[dict[str, Any]]:
    """Indicators with the series of each year, in the order of the topics."""
    side, groups = int(language == "zh"), dict[str, list[Topic]]()
    for topic in data.topics:
        groups.setdefault(_stem(topic.column), []).append(topic)
    found = []
    for stem, topics in groups.items():
        columns = [topic.column for topic in topics]
        ours = data.vintage.column(stem)
        found.append(
            {
                "key": stem,
                "name": label_of(columns[0], unit=False, year=len(_years(columns[0])) > 1)[side],
                "unit": field_of(columns[0]).printed_unit[side],
                "year": _key(ours if ours in columns else columns[-1]),
                "years": [_series(data, topic, language) for topic in topics],
            }
        )
    return found


def _series(data: MapData, topic: Topic, language: Language) -> dict[str, Any]:
    """One year of an indicator: values, their class in each extent, what is to be said of them."""
    return {
        "key": _key(topic.column),
        "year": _printed_years(topic.column, language),
        "title": topic.title(language),
        "definition": _definition(topic, language),
        **data.figures[topic.column],
        "shown": {extent: _classes(data.areas[extent], data.rows[extent], topic, language) for extent in _EXTENTS},
        "notes": _note_key(topic),
    }


def _figures(frame: pd.DataFrame, topic: Topic) -> dict[str, Any]:
    """Values of one year of an indicator, and which of them are small, joint or doubtful."""
    digits = max(topic.digits + _FURTHER_DIGITS, 0)
    values = frame[topic.column].astype("Float64").astype(float)
    joint: Sequence[str] = list(frame.index[frame[topic.joint].notna()]) if topic.joint else []
    doubt, doubted = _doubted(frame, topic)
    rounded = [None if pd.isna(value) else float(round_half_up(value, digits)) for value in values]
    # what is small is not nothing; a change may be of either sign, and none of its values is called small
    signless = bool(values.dropna().ge(0).all())
    small = values.gt(0) & pd.Series([signless and value == 0 for value in rounded], index=values.index)
    return {
        "digits": digits,
        "values": rounded,
        "small": list(map(int, frame.index[small])),
        "joint": list(map(int, joint)),
        "doubt": doubt,
        "doubtful": list(map(int, frame.index[doubted & values.notna()])),
    }


def _doubted(frame: pd.DataFrame, topic: Topic) -> tuple[str, pd.Series]:
    """What is doubtful about a topic, ``gdp`` or ``literacy``, and the counties of which it is."""
    if topic.joint:  # only GDP per head has joint figures, and doubts about its numerator
        return "gdp", frame[f"doubtful_{topic.column[-4:]}"]
    flag = _LITERACY.get(_stem(topic.column), "")
    flags = frame["flags"].fillna("").astype(str).str.split(";")
    return "literacy", flags.map(lambda held: bool(flag) and flag in held)


def _classes(area: MapArea, rows: pd.DataFrame, topic: Topic, language: Language) -> dict[str, Any]:
    """Classes of the printed map of an area, and the number of the class of each of its counties."""
    classes = numeric_classes(rows, topic, language)
    number = {code: str(order) for order, group in enumerate(classes) for code in group.codes}
    return {
        "classes": [{"label": group.label, "colour": group.colour, "missing": bool(group.hatch)} for group in classes],
        "member": "".join(number[code] for code in area.counties["code"]),
    }


def _notes(data: MapData, extent: str, language: Language) -> dict[str, str]:
    """Small print of an area, which is the same for topics of the same sources."""
    area, alike = data.areas[extent], {_note_key(topic): topic for topic in data.topics}
    rows, absent = data.rows[extent], area.rows_without_polygon(data.frame)
    return {key: small_print([topic], area, rows, absent, language) for key, topic in alike.items()}


def _note_key(topic: Topic) -> str:
    return " ".join((*topic.sources, topic.joint))


def _definition(topic: Topic, language: Language) -> str:
    """What a column is, by the data dictionary; of lights also what the sum is that is divided."""
    side, described = int(language == "zh"), [field_of(topic.column)]
    if topic.column.startswith("lights_per_km2"):
        described.append(field_of(topic.column.replace("lights_per_km2", "lights")))
    texts = [(field.english, field.chinese)[side] for field in described]
    return WORDS("map.definition", language, text=("; ", "；")[side].join(texts))


def _stem(column: str) -> str:
    return re.sub("(_[0-9]{4})+$", "", column)


def _years(column: str) -> list[str]:
    return re.findall("(?<=_)[0-9]{4}", column.removeprefix(_stem(column)))


def _key(column: str) -> str:
    return "-".join(_years(column)) or "none"


def _printed_years(column: str, language: Language) -> str:
    years = _years(column)
    return WORDS("map.between", language).join(years) if years else WORDS("map.undated", language)
