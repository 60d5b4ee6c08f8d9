"""Claims of the documents on where a place lies: its neighbours, coast, height and distances."""

import math
from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.claims.quantities import PUBLISHED_KM2, QUZHOU, ZHEJIANG, codes_by_name, codes_of, counties_of, percent
from shanhai.geo.crs import CONFORMAL_CHINA, ELLIPSOID

_LAYER = ("shapefiles",)

_EDGES = "edges on land of at least 1 km; boundaries of 2017 on codes of 2020"

_SANMEN, _CANGNAN, _TAISHUN, _SHENGSI = "331022", "330327", "330329", "330922"

_WUYI = "330723"

_PARK = {"Longquan": "331181", "Qingyuan": "331126", "Jingning": "331127"}

_PARTNERS = ("330822", "330282")
"""Changshan and Cixi."""

_TAIZHOU = "331000"

_COAST_KM = 10.0
"""Least outline without a neighbour that counts as a coast: pairs of less than 1 km of edge are no neighbours."""

_DETOUR = 1.6
"""How much longer than a straight line a road of the region is at most."""

_FOREST_KM2, _FOREST_LAND_KM2 = 60_788.0, 65_935.0
"""Forest area and forest land of Zhejiang as the magazine prints them: 6.0788 and 6.5935 million hectares."""

_HEIGHTS = {
    "M52a": ("elevation_mean_m", "elevation", "mean elevation, metres"),
    "M52b": ("distance_to_capital_km", "distance", "distance to the seat of the province, straight line, km"),
    "M52c": ("slope_mean_deg", "slope", "mean slope on a grid of 5 arc minutes, degrees"),
}
"""Column, beginning of the key and name of what each part of the claim measures."""


@check("Q26", rule=rules.every_condition(), data=("shapefiles", "prefectures"))
def _prefectures_across(claim: Claim, evidence: Evidence) -> Measured:
    """Whether the prefectures named share an edge with Quzhou, and which others of other provinces do."""
    prefectures = evidence.table("prefectures").set_index("code")
    touched = _prefectures_beside(evidence, codes_of(evidence, QUZHOU))
    across = {str(prefectures.loc[code, "name_short_en"]) for code in touched if not code.startswith(ZHEJIANG[:2])}
    named = claim.named("reference_value", codes_by_name(prefectures.reset_index(), "name_short_en"))
    others = sorted(across - set(named))
    seen = _complete(evidence, codes_of(evidence, QUZHOU))
    return Measured(
        "boundaries_2017",
        {
            "as many as printed": len(named) == claim.number,
            **{name: name in across if name in across or seen else math.nan for name in named},
        },
        f"prefectures that share an edge with Quzhou; {_EDGES}",
        note=f"Others across the border: {', '.join(others) or 'none'}.",
    )


@check("M55", rule=rules.every_condition(), data=("shapefiles", "provinces"))
def _where_provinces_meet(claim: Claim, evidence: Evidence) -> Measured:
    """Whether Taishun shares an edge with a county of the province that is named."""
    provinces = codes_by_name(evidence.table("provinces"), "name_short_en")
    beside, named = _beside(evidence, [_TAISHUN]), claim.named("reference_value", provinces)
    lengths = {
        name: sum(km for code, km in beside.items() if code.startswith(province[:2]))
        for name, province in named.items()
    }
    length = sum(lengths.values())
    return Measured(
        "boundaries_2017",
        {f"touches {name}": _found(evidence, [_TAISHUN], km > 0) for name, km in lengths.items()},
        _EDGES,
        note=f"{show(length, 0)} km of common edge.",
    )


@check("M63", rule=rules.every_condition(), data=("shapefiles", "counties", "prefectures"))
def _towards_ningbo(claim: Claim, evidence: Evidence) -> Measured:
    """Whether Sanmen shares an edge with a county of Ningbo, and which other counties of Taizhou do."""
    prefectures = codes_by_name(evidence.table("prefectures"), "name_short_en")
    ((name, prefecture),) = claim.named("reference_value", prefectures).items()
    ningbo = set(codes_of(evidence, prefecture))
    names = evidence.table("counties").set_index("code")["name_en"]
    beside = {code: sorted(set(_beside(evidence, [code])) & ningbo) for code in codes_of(evidence, _TAIZHOU)}
    others = sorted(str(names[code]) for code, found in beside.items() if found and code != _SANMEN)
    return Measured(
        "boundaries_2017",
        {f"touches {name}": _found(evidence, [_SANMEN], bool(beside[_SANMEN]))},
        _EDGES,
        note=f"Touches {', '.join(str(names[code]) for code in beside[_SANMEN]) or f'no county of {name}'}; other "
        f"counties of Taizhou that touch {name}: {', '.join(others) or 'none'}.",
    )


@check("M67", rule=rules.every_condition(), data=("shapefiles", "counties"))
def _beside_wuyi(claim: Claim, evidence: Evidence) -> Measured:
    """Whether Wuyi and the county named share an edge."""
    counties = evidence.table("counties")
    names = codes_by_name(counties[counties["province_code"].eq(ZHEJIANG)], "name_en")
    ((name, other),) = claim.named("reference_value", names).items()
    length = _beside(evidence, [_WUYI]).get(other, 0.0)
    return Measured(
        "boundaries_2017",
        {f"touches {name}": _found(evidence, [_WUYI, other], length > 0)},
        _EDGES,
        note=f"{show(length, 0)} km of common edge.",
    )


@check("M77", rule=rules.every_condition(), data=_LAYER)
def _counties_of_the_park(_: Claim, evidence: Evidence) -> Measured:
    """Whether each two of the three counties share an edge."""
    names = list(_PARK)
    pairs = [(first, second) for at, first in enumerate(names) for second in names[at + 1 :]]
    lengths = {pair: _beside(evidence, [_PARK[pair[0]]]).get(_PARK[pair[1]], 0.0) for pair in pairs}
    return Measured(
        "boundaries_2017",
        {
            f"{first} touches {second}": _found(evidence, [_PARK[first], _PARK[second]], lengths[first, second] > 0)
            for first, second in pairs
        },
        _EDGES,
        note="Common edge: "
        + ", ".join(f"{first} and {second} {show(km, 0)} km" for (first, second), km in lengths.items())
        + ".",
    )


@check("M65a", rule=rules.every_condition(), data=_LAYER)
def _by_the_sea(_: Claim, evidence: Evidence) -> Measured:
    """Whether part of Cangnan's outline has no county on its other side."""
    coast = _open_outline_km(evidence, _CANGNAN)
    return Measured(
        "boundaries_2017",
        {"outline without neighbour": math.nan if math.isnan(coast) else coast >= _COAST_KM},
        f"at least {show(_COAST_KM, 0)} km of outline that is shared with no county; boundaries of 2017, with Longgang",
        note=f"{show(coast, 0)} km, islands included." if coast >= 0 else "",
    )


@check("M65b", rule=rules.every_condition(), data=("county_terrain", "mountain_counties", "shapefiles"))
def _by_the_hills(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Whether Cangnan is more rugged than the median county of China, steeper than the coast, and on the list."""
    frame = evidence.frame.set_index("code")
    own, typical = float(frame["ruggedness"][_CANGNAN]), float(frame["ruggedness"].median())
    coast = [code for code in codes_of(evidence, ZHEJIANG) if _open_outline_km(evidence, code) >= _COAST_KM]
    slope = frame["slope_mean_deg"]
    return (
        Measured(
            "ruggedness",
            {"rougher than the median county": own > typical},
            "ruggedness as in Nunn & Puga (2012) on a grid of 5 arc minutes",
            note=f"{show(own, 0)} m; the median county of China has {show(typical, 0)} m.",
        ),
        Measured(
            "slope_of_coast",
            {
                "steeper than the median county by the sea": float(slope[_CANGNAN]) > float(slope[coast].median())
                if coast
                else math.nan
            },
            f"mean slope on the same grid, against the {len(coast)} counties of Zhejiang by the sea",
        ),
        Measured("list_of_26", {"one of the 26": bool(frame["is_mountain_26"][_CANGNAN])}, "the lists of the plan"),
    )


@check("M75", rule=rules.every_condition(), data=_LAYER)
def _islands(_: Claim, evidence: Evidence) -> Measured:
    """Whether Shengsi shares no edge on land with any county."""
    alone = not _beside(evidence, [_SHENGSI])
    return Measured(
        "boundaries_2017",
        {"no neighbour on land": math.nan if alone and not _complete(evidence, [_SHENGSI]) else alone},
        f"{_EDGES}; a strip along a bridge is no land",
    )


@check("M52a", "M52b", "M52c", rule=rules.ordering(), data=("county_terrain", "mountain_counties", "shapefiles"))
def _high_far_and_steep(claim: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Height, distance to the capital or slope of the 26 and of the other counties of Zhejiang."""
    column, key, what = _HEIGHTS[claim.id]
    rows = evidence.analysis[evidence.analysis["province_code"].eq(ZHEJIANG)]
    counties = rows[~rows["is_district"].astype(bool)]
    found = (
        Measured(f"{key}_area", _two(rows, column, weighted=True), f"{what}; counties weighted by area"),
        Measured(f"{key}_median", _two(rows, column), f"{what}; median county"),
        Measured(
            f"{key}_area_without_districts",
            _two(counties, column, weighted=True),
            f"{what}; counties weighted by area, districts left out",
        ),
    )
    if claim.id != "M52c":
        return found
    rough = Measured("ruggedness_area", _two(rows, "ruggedness", weighted=True), "ruggedness, metres, by area")
    needed = "Needed: the area of flat land by county."
    return (
        replace(found[0], same_quantity=False, note=needed),
        *(replace(measured, same_quantity=False) for measured in (*found[1:], rough)),
    )


@check("M78", rule=rules.within(1.0, _DETOUR), data=_LAYER)
def _way_to_the_enclave(claim: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """The printed distance over a straight line between Changshan and Cixi."""
    straight = nearest = math.nan
    if set(_PARTNERS) <= set(evidence.shapes["code"]):
        centres = evidence.analysis.set_index("code")[["longitude", "latitude"]]
        (x_1, y_1), (x_2, y_2) = (centres.loc[code].astype(float) for code in _PARTNERS)
        straight = float(ELLIPSOID.inv(x_1, y_1, x_2, y_2)[2]) / 1000
        two = evidence.shapes.set_index("code").geometry.loc[list(_PARTNERS)].to_crs(CONFORMAL_CHINA)
        line = two.iloc[[0]].shortest_line(two.iloc[1]).to_crs(evidence.shapes.crs).iloc[0]
        nearest = float(ELLIPSOID.geometry_length(line)) / 1000
    return tuple(
        Measured(
            key,
            {"printed over straight": claim.number / km, "straight line, km": km},
            f"straight line between {what}, boundaries of 2017; possible from 1 to {show(_DETOUR, 1)} times",
        )
        for key, what, km in (
            ("centres", "the centres of the two counties", straight),
            ("nearest_edges", "the nearest edges of the two counties", nearest),
        )
    )


@check("M73", rule=rules.near_claim(), data=("shapefiles",))
def _forest_cover(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Forest area and forest land as printed over areas of Zhejiang, percent."""
    polygons = float(counties_of(evidence, ZHEJIANG)["area_km2"].sum(min_count=1))
    survey, source = PUBLISHED_KM2[0]
    wholes = (
        ("polygons", polygons, f"all polygons of Zhejiang ({show(polygons, 0)} km2)"),
        ("survey", survey, f"the land area of {show(survey, 0)} km2 ({source})"),
    )
    return tuple(
        Measured(
            f"{kind}{key}",
            percent(part, whole),
            f"{what} as the magazine prints it over {name}; agreeing within 5 %",
        )
        for kind, part, what in (
            ("", _FOREST_KM2, "forest area"),
            ("forest_land_", _FOREST_LAND_KM2, "forest land"),
        )
        for key, whole, name in wholes
    )


def _beside(evidence: Evidence, codes: Iterable[str]) -> dict[str, float]:
    """Counties outside the given ones that share an edge with them on land, with its length in km."""
    own, edges = set(codes), evidence.edges
    both = pd.concat([edges, edges.rename(columns={"code_a": "code_b", "code_b": "code_a"})])
    found = both[both["code_a"].isin(own) & ~both["code_b"].isin(own)]
    return {str(code): float(km) for code, km in found.groupby("code_b")["length_km"].sum().items()}


def _prefectures_beside(evidence: Evidence, codes: Iterable[str]) -> set[str]:
    """Codes of the prefectures of the counties that share an edge with the given ones."""
    prefecture = evidence.table("counties").set_index("code")["prefecture_code"]
    return {str(prefecture[code]) for code in _beside(evidence, codes)}


def _complete(evidence: Evidence, codes: Iterable[str]) -> bool:
    """Whether the layer holds all these counties and shows all their neighbours."""
    frame = evidence.frame.set_index("code")
    return set(codes) <= set(evidence.shapes["code"]) and not any(
        {"border_unknown", "no_polygon"} & set(str(frame.loc[code, "flags"]).split(";")) for code in codes
    )


def _found(evidence: Evidence, codes: Iterable[str], holds: bool) -> bool | float:
    """A contact that was found, or its absence if the layer would show it; otherwise missing."""
    return True if holds else (False if _complete(evidence, codes) else math.nan)


def _open_outline_km(evidence: Evidence, code: str) -> float:
    """Kilometres of a county's outline that it shares with no county; missing where the layer may lack a neighbour."""
    if not _complete(evidence, [code]):
        return math.nan
    shape = evidence.shapes.set_index("code").geometry[code]
    outline = float(ELLIPSOID.geometry_length(shape.boundary)) / 1000
    return max(0.0, outline - sum(_beside(evidence, [code]).values()))


def _two(rows: pd.DataFrame, column: str, *, weighted: bool = False) -> dict[str, float]:
    """A column of the 26 and of the other counties: mean by area, or median."""
    listed = rows["is_mountain_26"].astype(bool)
    found = {}
    for name, part in (("26 counties", rows[listed]), ("rest of Zhejiang", rows[~listed])):
        known = part.dropna(subset=[column, "area_km2"])
        by_area = float((known[column] * known["area_km2"]).sum() / known["area_km2"].sum()) if weighted else math.nan
        found[name] = by_area if weighted else float(known[column].median())
    return found
