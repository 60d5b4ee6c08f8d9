"""Statements on where a place lies, on squares of an eighth of a degree drawn here."""

from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from shanhai.claims.claims import claims_from
from shanhai.claims.engine import find
from shanhai.claims.evidence import Evidence
from shanhai.claims.findings import Finding
from shanhai.core.errors import ClaimError
from shanhai.data.load import load_table
from shanhai.geo.edges import shared_edges

CLAIMS = {claim.id: claim for claim in claims_from(load_table("claims"))}

SQUARES = {
    "330802": (0, 0),  # Kecheng of Quzhou
    "341002": (1, 0),  # east of it, Huangshan
    "361102": (0, 1),  # north of it, Shangrao
    "350702": (1, 1),  # meets Kecheng in a point only, Nanping
    "330922": (5, 5),  # Shengsi, far from all
    "330327": (2, 0),  # Cangnan, with sea on three sides
}


def square(x: int, y: int) -> shapely.Polygon:
    """An eighth of a degree has the same digits wherever it is counted from, so that neighbours share vertices."""
    return shapely.box(120 + x / 8, 28 + y / 8, 120 + (x + 1) / 8, 28 + (y + 1) / 8)


def counties() -> pd.DataFrame:
    codes = list(SQUARES)
    return pd.DataFrame(
        {
            "code": codes,
            "name_en": ["Kecheng", "Tunxi", "Xinzhou", "Yanping", "Shengsi", "Cangnan"],
            "prefecture_code": [f"{code[:4]}00" for code in codes],
            "province_code": [f"{code[:2]}0000" for code in codes],
            "flags": "",
            "ruggedness": [100.0, 200.0, 300.0, 400.0, 500.0, 450.0],
            "slope_mean_deg": [0.1, 0.2, 0.3, 0.4, 0.1, 0.5],
            "is_mountain_26": [True, False, False, False, False, True],
            "is_district": False,
            "area_km2": [1_000.0, 500.0, 500.0, 500.0, 3_000.0, 1_000.0],
            "elevation_mean_m": [600.0, 0.0, 0.0, 0.0, 100.0, 200.0],
        }
    )


def evidence(moved: dict[str, tuple[int, int]] | None = None, **changed: Any) -> Evidence:
    places = SQUARES | (moved or {})
    boxes = [square(*place) for place in places.values()]
    shapes = gpd.GeoDataFrame({"code": list(places)}, geometry=boxes, crs=4326)
    prefectures = pd.DataFrame(
        {"code": ["341000", "361100", "350700"], "name_short_en": ["Huangshan", "Shangrao", "Nanping"]}
    )
    frame = counties().assign(**changed)
    tables = {"counties": frame, "prefectures": prefectures}
    return Evidence.of(tables, frame, analysis=frame, shapes=shapes, edges=shared_edges(shapes))


def found(claim_id: str, given: Evidence | None = None, **changed: str) -> Finding:
    return find(replace(CLAIMS[claim_id], **changed), given or evidence())


def test_prefectures_across_the_border_share_a_line_and_no_point() -> None:
    three = found("Q26")
    assert three.computed == {"as many as printed": True, "Huangshan": True, "Nanping": False, "Shangrao": True}
    assert three.verdict == "contradicted"
    two = found("Q26", value="1", reference_value="Huangshan")
    assert found("Q26", value="2", reference_value="Huangshan").verdict == "contradicted"
    assert two.verdict == "consistent" and "Others across the border: Shangrao." in two.note


def test_a_neighbour_that_the_layer_may_lack_is_not_missed() -> None:
    part = evidence(flags="border_unknown")
    assert found("Q26", part).verdict == "no data"
    assert found("Q26", part, value="1", reference_value="Huangshan").verdict == "consistent"  # found all the same
    assert found("M75", part).verdict == "no data"


def test_an_island_has_no_neighbour_and_a_coast_no_other_side() -> None:
    assert found("M75").verdict == "consistent"
    assert found("M75", evidence({"330922": (1, 2)})).verdict == "contradicted"
    # One side of Cangnan is shared; the other three are 12.3 + 12.3 + 13.9 km.
    coast = found("M65a")
    assert coast.verdict == "consistent" and coast.note.startswith("38 km")
    ring = {"341002": (2, 1), "361102": (1, 0), "350702": (3, 0), "330922": (2, -1)}
    assert found("M65a", evidence(ring)).verdict == "contradicted"


def test_hills_are_rougher_than_the_median_county() -> None:
    assert found("M65b").verdict == "consistent"  # 450 m; the median is 350
    assert found("M65b", evidence(ruggedness=[100.0, 200.0, 300.0, 400.0, 500.0, 250.0])).verdict == "contradicted"


def test_neighbours_by_code_and_by_prefecture() -> None:
    names = {"330329": "330802", "330723": "330802", "331022": "330802"}
    for own in names:
        places = {own: (0, 0), "350902": (1, 0), "330784": (0, 1), "330226": (-1, 0)}
        boxes = [square(*place) for place in places.values()]
        shapes = gpd.GeoDataFrame({"code": list(places)}, geometry=boxes, crs=4326)
        frame = pd.DataFrame({"code": list(places), "name_en": "X", "flags": ""}).assign(
            prefecture_code=lambda rows: rows["code"].str[:4] + "00",
            province_code=lambda rows: rows["code"].str[:2] + "0000",
        )
        frame.loc[frame["code"].eq("330784"), "name_en"] = "Yongkang"
        tables = {
            "counties": frame,
            "provinces": pd.DataFrame({"code": ["350000", "360000"], "name_short_en": ["Fujian", "Jiangxi"]}),
            "prefectures": pd.DataFrame({"code": ["330200", "330100"], "name_short_en": ["Ningbo", "Hangzhou"]}),
        }
        given = Evidence.of(tables, frame, shapes=shapes, edges=shared_edges(shapes))
        claim_id = {"330329": "M55", "330723": "M67", "331022": "M63"}[own]
        assert found(claim_id, given).verdict == "consistent"
        apart = shapes[shapes["code"].eq(own)]
        alone = Evidence.of(tables, frame, shapes=shapes, edges=shared_edges(apart))
        assert found(claim_id, alone).verdict == "contradicted"
        with pytest.raises(ClaimError, match="column reference_value: 'Atlantis'; its test knows"):
            found(claim_id, given, reference_value="Atlantis")
        if claim_id == "M55":
            assert found(claim_id, given, reference_value="Jiangxi").verdict == "contradicted"


def test_a_common_park_needs_three_common_edges() -> None:
    def verdict(third: tuple[int, int]) -> str:
        # The long county below has a vertex where the two above it meet.
        corners = [(120, 28), (120.25, 28), (120.25, 28.125), (120.125, 28.125), (120, 28.125)]
        places = {"331181": shapely.Polygon(corners), "331126": square(0, 1), "331127": square(*third)}
        shapes = gpd.GeoDataFrame({"code": list(places)}, geometry=list(places.values()), crs=4326)
        frame = pd.DataFrame({"code": list(places), "flags": ""})
        return find(CLAIMS["M77"], Evidence.of(frame=frame, shapes=shapes, edges=shared_edges(shapes))).verdict

    assert verdict((1, 1)) == "consistent"
    assert verdict((5, 5)) == "contradicted"


def test_height_is_weighted_by_area() -> None:
    # (1,000 x 600 + 1,000 x 200) / 2,000 km2 are 400 m; the only other county of Zhejiang has 100.
    finding = found("M52a")
    assert finding.computed == {"26 counties": 400.0, "rest of Zhejiang": 100.0}
    assert finding.verdict == "consistent"
    low = evidence(elevation_mean_m=[60.0, 0.0, 0.0, 0.0, 100.0, 20.0])
    assert found("M52a", low).verdict == "contradicted"


def test_a_road_is_no_shorter_than_a_straight_line() -> None:
    def finding(kilometres: float, printed: str) -> Finding:
        degrees = kilometres / 111.195  # of a great circle; the ellipsoid differs by half a percent
        shapes = gpd.GeoDataFrame(
            {"code": ["330822", "330282"]},
            geometry=[
                shapely.box(118.9, 27.95, 119.0, 28.05),
                shapely.box(119, 27.95 + degrees, 119.1, 28.05 + degrees),
            ],
            crs=4326,
        )
        centres = pd.DataFrame(
            {"code": ["330822", "330282"], "longitude": [119.0, 119.0], "latitude": [28.0, 28.0 + degrees]}
        )
        return find(replace(CLAIMS["M78"], value=printed), Evidence.of(analysis=centres, shapes=shapes))

    assert finding(300, "400").computed["printed over straight"] == pytest.approx(4 / 3, rel=0.01)
    assert finding(300, "400").verdict == "consistent"
    assert finding(500, "400").verdict == "contradicted"
    assert finding(200, "400").verdict == "contradicted"  # twice the line: no road of the region
    assert found("M78").verdict == "no data"  # a layer without the two counties
    assert finding(245, "390").verdict == "coherent"  # 250, which should fail, would be possible


def test_forest_area_over_the_area_of_the_province() -> None:
    frame = counties().assign(area_km2=[60_000.0, 1.0, 1.0, 1.0, 20_000.0, 20_000.0])
    finding = find(replace(CLAIMS["M73"], value="60.8"), Evidence.of(frame=frame))  # 60,788 of 100,000 km2
    assert finding.computed == pytest.approx(60.788)
    assert finding.verdict == "underspecified"  # cover counts shrub land that the area leaves out
    without = frame.assign(area_km2=float("nan"))
    assert find(CLAIMS["M73"], Evidence.of(frame=without)).verdict == "no data"
