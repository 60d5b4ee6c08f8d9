"""Borders depend on the ground, not on names, order or place: checked on provinces drawn at random."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from shanhai.geo.beyond import KnownBorders
from shanhai.geo.borders import border_lines, measure_borders
from shanhai.geo.edges import shared_edges

SIDE = 4
PROVINCES = st.lists(st.sampled_from("ABC"), min_size=SIDE**2, max_size=SIDE**2)
ORDERS = st.permutations(range(SIDE**2))
SEEN = ["gap_to_border_km", "distance_to_border_km"]
MEASURES = ["on_border", "gap_to_border_km", "distance_to_border_km", "centre", "neighbour_provinces"]


def country(provinces: list[str], longitude: int = 105) -> gpd.GeoDataFrame:
    """Sixteen squares of a quarter degree (exact in binary) at latitude 30, each in the province given for it."""
    cells = [(longitude + column / 4, 30 + row / 4) for row in range(SIDE) for column in range(SIDE)]
    shapes = [shapely.box(x, y, x + 0.25, y + 0.25) for x, y in cells]
    codes = [f"{number:06d}" for number in range(SIDE**2)]
    return gpd.GeoDataFrame({"code": codes, "prov_code": provinces}, geometry=shapes, crs=4326)


def measure_whole(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    return measure_borders(frame, known=KnownBorders.of(frame))


def by_code(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    return measure_whole(frame).set_index("code").sort_index()[MEASURES]


@settings(max_examples=25)
@given(PROVINCES, ORDERS)
def test_the_order_of_rows_changes_nothing(provinces: list[str], order: list[int]) -> None:
    drawn = country(provinces)
    shuffled = drawn.iloc[order].reset_index(drop=True)
    pd.testing.assert_frame_equal(by_code(shuffled), by_code(drawn), rtol=1e-9)
    assert measure_whole(shuffled)["code"].tolist() == shuffled["code"].tolist()
    lines, again = border_lines(drawn), border_lines(shuffled)
    assert lines[["prov_a", "prov_b"]].to_numpy().tolist() == again[["prov_a", "prov_b"]].to_numpy().tolist()
    assert all(a.equals(b) for a, b in zip(lines.geometry, again.geometry, strict=True))
    pd.testing.assert_frame_equal(shared_edges(shuffled), shared_edges(drawn))


@settings(max_examples=25)
@given(PROVINCES)
def test_names_change_nothing_but_names(provinces: list[str]) -> None:
    drawn = country(provinces)
    other = {"A": "A9", "B": "B8", "C": "C7"}  # keeps the order in which neighbours are listed
    renamed = drawn.assign(code="9" + drawn["code"].str[1:], prov_code=drawn["prov_code"].map(other))
    known, found = measure_whole(drawn), measure_whole(renamed)
    spelled = known["neighbour_provinces"].replace(other, regex=True)
    assert found["neighbour_provinces"].tolist() == spelled.tolist()
    numbers = MEASURES[:4]
    pd.testing.assert_frame_equal(found[numbers], known[numbers])


@settings(max_examples=15)
@given(PROVINCES, st.sampled_from([75, 90, 120, 134]))
def test_a_shift_along_the_parallel_changes_distances_by_less_than_half_a_per_cent(
    provinces: list[str], longitude: int
) -> None:
    here, there = by_code(country(provinces)), by_code(country(provinces, longitude))
    pd.testing.assert_frame_equal(there, here, rtol=0.005)


@settings(max_examples=25)
@given(PROVINCES)
def test_borders_are_what_pairwise_intersection_finds(provinces: list[str]) -> None:
    """The second route looks at every pair of polygons; sixteen squares allow it."""
    drawn = country(provinces)
    shapes, owner = np.array(drawn.geometry.values), np.array(provinces)
    common = shapely.length(shapely.intersection(shapes[:, None], shapes[None, :]))
    across = (common > 0) & (owner[:, None] != owner[None, :])
    measured = measure_whole(drawn)
    assert measured["on_border"].tolist() == across.any(axis=1).tolist()
    seen = [";".join(sorted(set(owner[row]))) for row in across]
    assert measured["neighbour_provinces"].tolist() == seen
    lengths = {(a, b): line.length for a, b, line in border_lines(drawn).itertuples(index=False)}
    for (first, second), length in lengths.items():
        pairs = across & (owner[:, None] == first) & (owner[None, :] == second)
        assert length == common[pairs].sum()
    assert sum(lengths.values()) == common[across].sum() / 2


@settings(max_examples=40)
@given(PROVINCES, st.lists(st.booleans(), min_size=SIDE**2, max_size=SIDE**2), st.booleans())
def test_a_part_of_a_country_says_nothing_that_the_whole_denies(
    provinces: list[str], kept: list[bool], is_known: bool
) -> None:
    """Whatever squares are absent: a border or a distance is that of the whole country, or missing."""
    drawn = country(provinces)
    part = drawn[np.array(kept)].reset_index(drop=True)
    if part.empty:
        return
    whole = by_code(drawn).loc[sorted(part["code"])]
    seen = measure_borders(part, known=KnownBorders.of(drawn) if is_known else None).set_index("code").loc[whole.index]
    for column in ("on_border", *SEEN):
        told = seen[column].notna()
        assert np.allclose(seen.loc[told, column].astype(float), whole.loc[told, column].astype(float), rtol=1e-9)
    flagged = seen["border_flags"].str.contains("border_unknown")
    assert flagged[seen["on_border"].isna()].all()
    lost = seen[SEEN].isna() & whole[SEEN].notna()
    assert flagged[lost.any(axis=1)].all()
