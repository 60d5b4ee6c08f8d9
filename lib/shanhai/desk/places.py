"""A place by any of its names, and the borders between provinces."""

from dataclasses import dataclass
from math import nan

import pandas as pd

from shanhai.core.errors import UnknownPlaceError
from shanhai.core.fields import label_of
from shanhai.core.places import NATION, Place, Places
from shanhai.core.shown import Description, Shown, describe
from shanhai.data.frames.aggregates import build_prefecture_frame, build_province_frame
from shanhai.data.load import load_layer, load_places
from shanhai.desk.listing import WORDS, Listing, listing
from shanhai.geo.crs import ELLIPSOID
from shanhai.render.numbers import format_number
from shanhai.render.objects import described
from shanhai.render.style import label
from shanhai.render.tables import Column, Source, TableSpec, build_table
from shanhai.render.words import Pair, listed
from shanhai.studies.border.analysis import analysis_frame

_FIGURES = {
    "population_2010": 0,
    "population_2020": 0,
    "gdp_2021": -6,
    "gdp_per_capita_2021": 0,
    "urban_share_2020": 1,
    "share_60_plus_2020": 1,
    "mean_schooling_2020": 2,
    "relief_m": 0,
    "distance_to_border_km": 0,
}
"""Figures of a place, and their decimals; the last two are of counties only."""


@dataclass(frozen=True, repr=False)
class KnownPlace(Shown):
    """A place with where it lies and what the tables say of it."""

    place: Place
    above: tuple[Place, ...]
    """Its prefecture and its province, as far as they are not the place itself."""
    counties: tuple[Place, ...]
    """Its counties of 2020, itself if it is one."""
    border_counties: int
    """How many of these share an edge on land with another province."""
    neighbours: tuple[Place, ...]
    """The provinces that they meet there."""
    figures: pd.DataFrame
    """``figure`` (column of the county frame), ``place``, ``province``, ``country``; missing where nothing is known."""

    @property
    def code(self) -> str:
        """Six digits of the 2020 census."""
        return self.place.code

    @property
    def name(self) -> Pair:
        """English and Chinese."""
        return self.place.name_en, self.place.name_zh


def place(query: str | int, within: str | int = "") -> KnownPlace:
    """A province, prefecture or county, by code or by name.

    Parameters
    ----------
    query : str or int
        巴中, 巴中市, Bazhong, ``"511900"`` or 511900.
    within : str or int, optional
        Province or prefecture that a name borne by several is looked up in.

    Raises
    ------
    UnknownPlaceError
        If there is no such place (the message names the nearest), or if several bear the name (it names them all).

    Examples
    --------
    >>> import shanhai as sh
    >>> sh.place("巴中").code, sh.place("Bazhong").name, len(sh.place(511900).counties)
    ('511900', ('Bazhong City', '巴中市'), 5)
    """
    places = load_places()
    found = places.place(query, within)
    frame = analysis_frame().set_index("code", drop=False)
    counties = (found,) if found.level == "county" else places.counties_of(found.code)
    rows = frame.reindex([county.code for county in counties])
    meets = sorted({code for text in rows["neighbour_provinces"].dropna() for code in str(text).split(";") if code})
    above = dict.fromkeys(code for code in (found.prefecture_code, found.province_code) if code != found.code)
    return KnownPlace(
        found,
        tuple(larger for code in above for larger in _of(code, places)),
        counties,
        int(rows["on_border"].eq(True).sum()),
        tuple(places.province(code) for code in meets),
        _figures(found, frame),
    )


def _of(code: str, places: Places) -> list[Place]:
    """The prefecture or province of a code; a province's list of what it administers directly is no place."""
    found = [place for place in places.all if place.code == code and place.level != "county"]
    return [place for place in found[:1] if place.kind != "direct_administration"]


def _figures(place: Place, counties: pd.DataFrame) -> pd.DataFrame:
    provinces = build_province_frame().set_index("code")
    own = {"county": counties, "prefecture": build_prefecture_frame().set_index("code"), "province": provinces}
    sides = (own[place.level], place.code), (provinces, place.province_code), (provinces, NATION)
    values = [[_value(frame, code, column) for column in _FIGURES] for frame, code in sides]
    return pd.DataFrame({"figure": list(_FIGURES), "place": values[0], "province": values[1], "country": values[2]})


def _value(frame: pd.DataFrame, code: str, column: str) -> float:
    return float(frame[column].astype(float).get(code, nan)) if column in frame.columns else nan


@describe.register
def _(value: KnownPlace, language: str) -> Description:
    shown = _portrait(value, language)
    return described(shown)


def _portrait(known: KnownPlace, language: str) -> TableSpec:
    """Names in both languages, where the place lies, and its figures beside province and country."""
    rows = known.figures.dropna(subset=["place"]).reset_index(drop=True)
    province = next((place for place in known.above if place.level == "province"), None)
    sides: list[tuple[str, Pair]] = [("place", (known.place.short_en, known.place.short_zh))]
    sides += [("province", (province.short_en, province.short_zh))] if province else []
    sides += [("country", WORDS.pair("place.country"))]
    columns = [Column("figure", WORDS.pair("place.figure"), source=_figure_names)]
    columns += [Column(side, head, source=_figures_of(side)) for side, head in sides]
    above = [f"{place.name_zh} {place.name_en}" for place in known.above]
    level = f"{WORDS(f'level.{known.place.level}', language)} {known.place.code}"
    caption = " · ".join([f"{known.place.name_zh} {known.place.name_en}", level, *above])
    return build_table(rows, columns, language, (caption, caption), [_border_note(known, language)])


def _figure_names(rows: pd.DataFrame, language: str) -> list[str]:
    return [label(language, *label_of(column)) for column in rows["figure"]]


def _figures_of(side: str) -> Source:
    return lambda rows, language: [
        format_number(value, _FIGURES[column]) for column, value in rows[["figure", side]].itertuples(index=False)
    ]


def _border_note(known: KnownPlace, language: str) -> str:
    """How many counties lie on a provincial border, and with whom."""
    neighbours = listed([(place.short_en, place.short_zh) for place in known.neighbours], (", ", "、"))
    if known.place.level == "county":
        return WORDS(f"place.county.{'on' if known.border_counties else 'off'}", language, neighbours=neighbours)
    counts = {"count": format_number(known.border_counties), "counties": format_number(len(known.counties))}
    form = "on" if known.border_counties else "off"
    return WORDS(f"place.counties.{form}", language, neighbours=neighbours, **counts)


def borders(first: str | int = "", second: str | int = "") -> Listing:
    """Borders between provinces: all of them, those of one province, or the counties along one.

    Parameters
    ----------
    first, second : str or int, optional
        Provinces by code or name. With one, its borders; with both, the counties along the border of the two.

    Returns
    -------
    Listing
        Shows itself as a table; ``.frame`` holds the rows.

    Raises
    ------
    UnknownPlaceError
        If a province is unknown, or the two share no border on land.

    Examples
    --------
    >>> import shanhai as sh
    >>> len(sh.borders()), sh.borders("浙江").frame["neighbour"].tolist()
    (68, ['Shanghai', 'Jiangsu', 'Anhui', 'Fujian', 'Jiangxi'])
    >>> sh.borders("Zhejiang", "江西").frame["name_zh"].tolist()
    ['常山县', '开化县', '江山市', '广丰区', '玉山县', '婺源县', '德兴市']
    """
    places, counties = load_places(), analysis_frame()
    chosen = [places.province(query) for query in (first, second) if query != ""]
    if len(chosen) == 2:
        return _counties_along(chosen[0], chosen[1], counties)
    rows = pd.concat([_lengths(counties, places, "prov_a", "prov_b"), _lengths(counties, places, "prov_b", "prov_a")])
    rows = rows[rows["code"].eq(chosen[0].code)] if chosen else rows[rows["code"] < rows["neighbour_code"]]
    columns = [("province", None), ("neighbour", None), ("length_km", 0), ("counties", None), ("across", None)]
    rows = rows.sort_values(["code", "neighbour_code"], ignore_index=True)
    return listing(rows, columns, WORDS.pair("borders.caption"), [WORDS.pair("borders.note")])


def _lengths(counties: pd.DataFrame, places: Places, here: str, there: str) -> pd.DataFrame:
    """Borders as seen from one side: names, length in km, how many counties lie along either side."""
    layer = load_layer("provincial_borders")
    pairs = list(zip(layer[here], layer[there], strict=True))
    rows = pd.DataFrame(pairs, columns=["code", "neighbour_code"])
    for name, codes in (("province", rows["code"]), ("neighbour", rows["neighbour_code"])):
        named = [places.province(code) for code in codes]
        rows[name], rows[f"{name}_zh"] = [place.short_en for place in named], [place.short_zh for place in named]
    rows["length_km"] = [ELLIPSOID.geometry_length(line) / 1000 for line in layer.geometry]
    rows["counties"] = [len(_facing(counties, *pair)) for pair in pairs]
    rows["across"] = [len(_facing(counties, *pair[::-1])) for pair in pairs]
    return rows


def _facing(counties: pd.DataFrame, here: str, there: str) -> pd.DataFrame:
    """Counties of a province that share an edge on land with another."""
    own = counties[counties["province_code"].eq(here)]
    return own[own["neighbour_provinces"].fillna("").str.split(";").map(lambda codes: there in codes)]


def _counties_along(first: Place, second: Place, counties: pd.DataFrame) -> Listing:
    rows = pd.concat([_facing(counties, *pair) for pair in ((first.code, second.code), (second.code, first.code))])
    if rows.empty:
        raise UnknownPlaceError(
            f"{first.code} {first.name_zh} and {second.code} {second.name_zh} share no border on land; allowed: two "
            f'neighbours. shanhai.borders("{first.code}") lists those of the first.'
        )
    rows = rows.assign(name=rows["name_en"], province_zh=rows["province_zh"]).reset_index(drop=True)
    columns = [("code", None), ("name", None), ("province", None), ("relief_m", 0), ("gdp_per_capita_2021", 0)]
    names = {"first": (first.short_en, first.short_zh), "second": (second.short_en, second.short_zh)}
    return listing(rows, columns, WORDS.pair("borders.along", **names))
