"""The offsets of Chinese web maps: published pairs, and the way there and back."""

import numpy as np
import pytest

from shanhai.geo.crs import ELLIPSOID
from shanhai.geo.datum import OFFSETS, without_offset


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [  # published with the project eviltransform, for all its languages
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
        # published with the project coordtransform
        ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
    ],
)
def test_published_pairs_of_gcj02(wgs84: tuple[float, float], gcj02: tuple[float, float]) -> None:
    assert OFFSETS["GCJ-02"](np.array([wgs84]))[0] == pytest.approx(gcj02, abs=1e-12)


def test_a_published_pair_of_bd09() -> None:
    # coordtransform: 116.404, 39.915 in GCJ-02 is this in BD-09
    wgs84 = without_offset(np.array([[116.404, 39.915]]), "GCJ-02")
    assert OFFSETS["BD-09"](wgs84)[0] == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-9)


@pytest.mark.parametrize("datum", OFFSETS)
def test_there_and_back_is_within_a_millimetre(datum: str) -> None:
    longitude, latitude = np.meshgrid(np.linspace(74, 134, 61), np.linspace(4, 53, 50))
    places = np.column_stack([longitude.ravel(), latitude.ravel()])
    back = without_offset(OFFSETS[datum](places), datum)
    assert np.abs(ELLIPSOID.inv(*places.T, *back.T)[2]).max() < 1e-3
