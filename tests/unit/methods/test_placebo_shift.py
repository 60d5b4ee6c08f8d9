"""Borders moved as one sheet: motions keep distances, the real map stays itself, the outside is counted."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import BoundaryError, SpecificationError
from shanhai.methods.placebo._partition import unit_graph
from shanhai.methods.placebo.maps import shift_borders

SIDE = 20
"""Counties along each side of a square country of sixteen provinces, half a degree (56 km) apart at the equator."""


def country(longitude: float = 0.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counties with centre, province and whether they are on a border, and their edges."""
    row, column = np.divmod(np.arange(SIDE**2), SIDE)
    codes = np.array([f"{number:04d}" for number in range(SIDE**2)])
    province = [f"{10 + 4 * (r // 5) + c // 5}0000" for r, c in zip(row, column, strict=True)]
    east, south = np.flatnonzero(column < SIDE - 1), np.flatnonzero(row < SIDE - 1)
    first, second = np.r_[east, south], np.r_[east + 1, south + SIDE]
    edges = pd.DataFrame({"unit_a": codes[first], "unit_b": codes[second]})
    counties = pd.DataFrame({"unit": codes, "region": province})
    counties["border"] = unit_graph(counties, edges).on_border
    return counties.assign(longitude=longitude + 0.5 * column, latitude=4.75 - 0.5 * row), edges


def test_a_motion_of_nothing_leaves_the_map() -> None:
    counties, edges = country()
    shifts = shift_borders(counties, edges, 3, 1, distance_km=(0, 0.01), rotation_degrees=0)
    for labels in shifts.labels:
        np.testing.assert_array_equal(labels, shifts.graph.regions)
    np.testing.assert_array_equal(shifts.on_border[0], shifts.graph.on_border)
    assert (shifts.outside == 0).all()


def test_a_half_turn_maps_the_square_onto_itself() -> None:
    """Turned by 180 degrees each county finds the province of the county opposite."""
    counties, edges = country()
    shifts = shift_borders(counties, edges, 400, 2, distance_km=(0, 1), rotation_degrees=180)
    nearest = int(np.argmax(np.abs(shifts.rotation_degrees)))
    assert abs(shifts.rotation_degrees[nearest]) > 179
    np.testing.assert_array_equal(shifts.labels[nearest], shifts.graph.regions[::-1])
    np.testing.assert_array_equal(shifts.on_border[nearest], shifts.graph.on_border[::-1])


def test_placebo_borders_lie_where_the_motion_puts_them() -> None:
    """Moved by about two counties and a half: lines stay straight, and about as many counties touch one."""
    counties, edges = country()
    shifts = shift_borders(counties, edges, 60, 3, distance_km=(120, 140), rotation_degrees=0)
    far = shifts.describe()
    real = int(counties["border"].sum())
    assert far["units_on_border"].between(0.6 * real, 1.2 * real).all()
    assert far["pairs_kept"].mean() < 40
    assert ((far["outside"] > 0) & (far["outside"] <= 25)).all()
    assert far["distance_km"].between(120, 140).all()
    assert len(np.unique(shifts.walk)) == 60


def test_longitudes_beyond_180_are_the_same_places() -> None:
    here, edges = country(175.0)
    wrapped = here.assign(longitude=np.where(here["longitude"] > 180, here["longitude"] - 360, here["longitude"]))
    left, right = (shift_borders(counties, edges, 5, 4) for counties in (here, wrapped))
    np.testing.assert_array_equal(left.labels, right.labels)


def test_seed_and_order() -> None:
    counties, edges = country()
    first, same, other = (shift_borders(counties, edges, 5, seed) for seed in (4, 4, 5))
    np.testing.assert_array_equal(first.labels, same.labels)
    assert (first.labels != other.labels).any()
    mixed = shift_borders(counties.sample(frac=1, random_state=1), edges, 5, 4)
    np.testing.assert_array_equal(first.labels, mixed.labels[:, np.argsort(mixed.graph.codes)])


@pytest.mark.parametrize(
    ("change", "options", "words"),
    [
        (lambda c: c.drop(columns="latitude"), {}, "no column 'latitude'"),
        (lambda c: c.assign(latitude=c["latitude"].mask(c["unit"].eq("0000"))), {}, "1 units have no centre: 0000"),
        (lambda c: c, {"distance_km": (50, 20)}, "two rising distances"),
        (lambda c: c, {"rotation_degrees": 270}, "0 to 180"),
        (lambda c: c, {"distance_km": (3000, 3001)}, "Move by less"),
    ],
)
def test_motions_that_cannot_be_are_refused(change, options, words: str) -> None:
    counties, edges = country()
    with pytest.raises((BoundaryError, SpecificationError), match=words):
        shift_borders(change(counties), edges, 2, 1, **options)
