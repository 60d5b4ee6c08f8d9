"""Which places a map shows: one or several, of any level, by code or name."""

import re
from collections.abc import Collection, Iterable

import geopandas as gpd
import pandas as pd

from shanhai.core.errors import ReportError, UnknownPlaceError
from shanhai.core.places import Place
from shanhai.data.load import load_places

COUNTRY = "100000"
"""Region code of the whole country."""

COUNTRY_NAMES = frozenset({COUNTRY, "中国", "全国", "china"})

SHOWN_ONLY = {"71": "Taiwan 台湾", "81": "Hong Kong 香港", "82": "Macau 澳门"}
"""Beginnings of codes of land that a map of the country shows and that the county data leave out."""

SEPARATORS = re.compile("[,，、;；]")

Region = str | int | Iterable[str | int]
"""A place, a text of places separated by commas, or a list of places; each by code, 中文 or English name."""


def map_places(region: Region, counties: gpd.GeoDataFrame) -> tuple[str, ...]:
    """Codes of the places that a map shows, each once, in the order given.

    Parameters
    ----------
    region : str, int or list of these
        Provinces, prefectures and counties, of several levels if wanted: ``"330000"``, ``"330000, 340000"``,
        ``["衢州", "Huangshan", "361100"]``; ``100000`` for the country.
    counties : GeoDataFrame
        The layer of counties: ``code``, ``pref_code``, ``prov_code``.

    Raises
    ------
    UnknownPlaceError
        If a name or code is no place, names several, or the layer has no polygon of it.
    ReportError
        If there is no place, or the country beside a part of it.
    """
    wanted = [text for item in _items(region) for text in SEPARATORS.split(str(item))]
    if not any(text.strip() for text in wanted):
        raise ReportError(f"Region {region!r} names no place. Give codes or names, such as '330000, 衢州', or 100000.")
    places = tuple(dict.fromkeys(_code(text.strip(), counties) for text in wanted if text.strip()))
    if COUNTRY in places and len(places) > 1:
        others = ", ".join(code for code in places if code != COUNTRY)
        raise ReportError(f"Region {region!r} names the country and {others} within it. Give one or the other.")
    return places


def in_region(codes: pd.Series, prefectures: pd.Series, places: Collection[str]) -> pd.Series:
    """Which counties (by their codes and those of their prefectures) lie in one of the places."""
    inside = codes.isin(set(places)) | prefectures.isin(set(places)) | (codes.str[:2] + "0000").isin(set(places))
    return inside | (COUNTRY in places)


def require_rows(frame: pd.DataFrame, counties: gpd.GeoDataFrame, places: Collection[str]) -> None:
    """Refuse a map with a county that the frame has no row for, and say which places are outside it.

    Raises
    ------
    ReportError
    """
    absent = counties[~counties["code"].isin(set(frame["code"]))]
    if absent.empty:
        return
    named = []
    for place in places:
        own = in_region(counties["code"], counties["pref_code"], [place])
        lacking = sorted(absent["code"][in_region(absent["code"], absent["pref_code"], [place])])
        if len(lacking) == own.sum():
            named.append(f"{place} (none of its {len(lacking)} counties)")
        elif lacking:
            more = f" and {len(lacking) - 8} more" if len(lacking) > 8 else ""
            named.append(f"{place} (not {', '.join(lacking[:8])}{more})")
    raise ReportError(
        f"Counties are on the map but not in the frame, of {'; '.join(named)}. Pass a frame with a row for each, such"
        " as build_county_frame(), or draw other places."
    )


def _items(region: Region) -> list[str | int]:
    return [region] if isinstance(region, str | int) else list(region)


def _code(text: str, counties: gpd.GeoDataFrame) -> str:
    """Code of one place, with a polygon in the layer."""
    if text.casefold() in COUNTRY_NAMES:
        return COUNTRY
    if _is_drawn(text, counties):
        return text
    shown = SHOWN_ONLY.get(text[:2]) if text.isdigit() and len(text) == 6 else None
    if shown:
        raise UnknownPlaceError(
            f"{text} lies in {shown}, which the county data leave out; only a map of 100000 shows it."
        )
    place = load_places().place(text)
    if not _is_drawn(place.code, counties):
        raise UnknownPlaceError(_not_drawn(place))
    return place.code


def _is_drawn(code: str, counties: gpd.GeoDataFrame) -> bool:
    return code.isdigit() and len(code) == 6 and bool(in_region(counties["code"], counties["pref_code"], [code]).any())


def _not_drawn(place: Place) -> str:
    above = [code for code in (place.prefecture_code, place.province_code) if code and code != place.code]
    instead = f"Draw {above[0]}, where it lies, or name" if above else "Name"
    return (
        f"{place.level.capitalize()} {place.code} {place.name_zh} ({place.name_en}) has no county polygon in the layer."
        f" {instead} a layer that has one as `counties` under [replace]."
    )
