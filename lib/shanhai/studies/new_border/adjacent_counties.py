"""The same question on adjacent counties: more pairs, and a reference that is a boundary too.

Labelled variants of :mod:`shanhai.studies.new_border.nine_prefectures`. Two counties that share an edge lie in one
prefecture, in two of one province, or in two provinces. The effect of a provincial border is what comes on top of a
prefectural boundary. Night light per square kilometre (2013 to 2021, one sensor) or GDP per census resident (2011 over
the residents of 2010, 2021 over those of 2020).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from pyproj import Geod

from shanhai.core.errors import SpecificationError
from shanhai.methods.checks import as_codes, as_links, as_numbers, require_once
from shanhai.methods.regression.growth import fit_pairs, income_pairs
from shanhai.methods.regression.pairs import as_degrees
from shanhai.methods.spec.identity import digest
from shanhai.studies.new_border.nine_prefectures import permuted_effect
from shanhai.studies.new_border.pair_design import PREFECTURES

_TERMS = ("gap_start", "other_prefecture", "other_province", "log_distance")


@dataclass(frozen=True)
class _CountyDesign:
    """A Barro regression on pairs of adjacent counties."""

    measure: str
    """``lights`` (per km2) or ``gdp`` (per head)."""
    start: int
    end: int
    in_nine: bool
    """Only pairs inside the nine prefectures; otherwise the whole country."""

    @property
    def spec_id(self) -> str:
        """Twelve hexadecimal digits that follow from the content, under the names that the fields had at first."""
        named = {"measure": self.measure, "start": self.start, "end": self.end, "zone": self.in_nine}
        return digest({"class": "CountyDesign", **named})


COUNTY_VARIANTS: Mapping[str, _CountyDesign] = {
    "nine_lights": _CountyDesign("lights", 2013, 2021, True),
    "nine_lights_early": _CountyDesign("lights", 2013, 2017, True),
    "nine_lights_late": _CountyDesign("lights", 2017, 2021, True),
    "nine_gdp": _CountyDesign("gdp", 2011, 2021, True),
    "china_lights": _CountyDesign("lights", 2013, 2021, False),
    "china_lights_early": _CountyDesign("lights", 2013, 2017, False),
    "china_lights_late": _CountyDesign("lights", 2017, 2021, False),
    "china_gdp": _CountyDesign("gdp", 2011, 2021, False),
}
"""Variants on counties, fixed on 2026-11-22 before a result."""

_PLACED = ["prefecture_code", "province_code", "longitude", "latitude"]
"""What a county needs to be in a pair, beside its figures."""

_RESIDENTS = {2011: "population_2010", 2021: "population_2020"}
"""Census residents that GDP of a year is divided by."""


def _county_measure(frame: pd.DataFrame, measure: str, year: int) -> pd.Series:
    """Light per km2 or GDP per resident by county code; counties without a positive figure left out.

    Raises
    ------
    SpecificationError
        For another measure, a year that the frame does not hold, a code that is missing or there twice, or figures that
        are no numbers or infinite.
    """
    require_once(frame.columns, "columns of the frame")
    columns = {"lights": (f"lights_{year}", "area_km2"), "gdp": (f"gdp_{year}", _RESIDENTS.get(year, ""))}
    if measure not in columns or not set(columns[measure]) <= set(frame.columns):
        raise SpecificationError(
            f"{measure!r} of {year}; allowed: 'lights' of 2001 to 2022 or 'gdp' of {', '.join(map(str, _RESIDENTS))}. "
            "Choose one of these."
        )
    require_once(frame["code"], "codes of the frame")
    above, below = (as_numbers(frame[column], column, missing=True) for column in columns[measure])
    values = pd.Series(above / np.where(below > 0, below, np.nan), index=frame["code"].to_numpy())
    if frame.empty:
        raise SpecificationError("the frame has no rows; needed: a county or more. Pass the county frame.")
    return values[values > 0].rename_axis("code")


def _county_pairs(design: _CountyDesign, frame: pd.DataFrame, edges: pd.DataFrame) -> pd.DataFrame:
    """Adjacent counties with figures in both years.

    Parameters
    ----------
    frame : DataFrame
        That of ``analysis_frame``.
    edges : DataFrame
        Columns ``code_a`` and ``code_b``: counties that share an edge.

    Returns
    -------
    DataFrame
        The columns of ``income_pairs``, the terms of the regression, ``border`` (the two provinces, empty inside one),
        ``prefecture_richer`` and ``prefecture_poorer``.

    Raises
    ------
    SpecificationError
        As in :func:`_county_measure`; if edges lack a column; if coordinates are out of range, or two adjacent counties
        have the same.
    """
    edges = as_links(edges, "edges")
    start, end = (_county_measure(frame, design.measure, year) for year in (design.start, design.end))
    places = frame.set_index("code")
    known = places.index.intersection(start.index).intersection(end.index)
    known = known.intersection(places.index[places[_PLACED].notna().all(axis=1)])
    if design.in_nine:
        known = known[places.loc[known, "prefecture_code"].isin(PREFECTURES)]
    wanted = edges[edges["code_a"].isin(known) & edges["code_b"].isin(known)]
    pairs = income_pairs(start, end, design.end - design.start, wanted)
    for name in ("prefecture_code", "province_code"):
        as_codes(places.loc[known, name], f"the {name} of a county")  # refuses mixed ones
    places = places[_PLACED]
    richer, poorer = (places.loc[pairs[side]] for side in ("richer", "poorer"))
    prefectures = [side["prefecture_code"].to_numpy().astype(str) for side in (richer, poorer)]
    provinces = np.sort([side["province_code"].to_numpy().astype(str) for side in (richer, poorer)], axis=0)
    (west, south), (east, north) = (as_degrees(side["longitude"], side["latitude"]) for side in (richer, poorer))
    metres = np.asarray(Geod(ellps="WGS84").inv(west, south, east, north)[2])
    if (metres == 0).any():
        raise SpecificationError(
            f"{int((metres == 0).sum())} pairs of adjacent counties lie at one place, and zero has no logarithm; "
            "needed: centres that differ. Check longitude and latitude."
        )
    apart = provinces[0] != provinces[1]
    return pairs.assign(
        other_prefecture=(prefectures[0] != prefectures[1]).astype(float),
        other_province=apart.astype(float),
        log_distance=np.log(metres / 1000),
        border=np.where(apart, np.char.add(np.char.add(provinces[0], "-"), provinces[1]), ""),
        prefecture_richer=prefectures[0],
        prefecture_poorer=prefectures[1],
    )


def _county_effect(design: _CountyDesign, frame: pd.DataFrame, edges: pd.DataFrame) -> dict[str, float]:
    """Effect of a provincial border beyond that of a prefectural boundary.

    In the nine prefectures p is exact, by all assignments of them to provinces (``permuted_effect``): dyadic errors of
    nine clusters are no estimates. In the country errors are dyadic by prefecture, with Student's t.

    Returns
    -------
    dict
        estimate, low, high (percentage points a year), se (missing in the nine prefectures), p, mean_change (of all
        gaps), pairs, across (pairs across a provincial border), prefectures.
    """
    pairs = _county_pairs(design, frame, edges)
    sides = pairs["prefecture_richer"], pairs["prefecture_poorer"]
    if design.in_nine:
        controls = [term for term in _TERMS if term != "other_province"]
        exact = permuted_effect(pairs, controls, "other_province", *sides)
        effect = {name: exact[name] for name in ("estimate", "low", "high", "p")} | {"se": float("nan")}
    else:
        dyadic = fit_pairs(pairs, _TERMS, *sides).estimate("other_province")
        low, high = dyadic.interval()
        effect = {"estimate": dyadic.value, "se": dyadic.se, "low": low, "high": high, "p": dyadic.p}
    return {
        **effect,
        "mean_change": float(pairs["change"].mean()),
        "pairs": len(pairs),
        "across": int(pairs["other_province"].sum()),
        "prefectures": len({*sides[0], *sides[1]}),
    }


def county_effects(frame: pd.DataFrame, edges: pd.DataFrame) -> pd.DataFrame:
    """All variants on counties: one row a design, its key and fields, ``spec_id`` and what ``_county_effect`` gives."""
    rows = [
        {"design": name, **asdict(design), "spec_id": design.spec_id, **_county_effect(design, frame, edges)}
        for name, design in COUNTY_VARIANTS.items()
    ]
    return pd.DataFrame(rows)
