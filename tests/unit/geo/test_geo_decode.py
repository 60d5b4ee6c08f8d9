"""The two forms in which the package stores rings."""

import numpy as np
import pytest

from shanhai.geo.boundaries._source import GRID, decode_ring, polygons_of


def encode_ring(cells: list[tuple[int, int]], offset: tuple[int, int]) -> str:
    """The published encoding: difference, zigzag, plus 64."""
    steps = np.diff(np.array([offset, *cells]), axis=0).ravel()
    return "".join(chr(int(step * 2 if step >= 0 else -step * 2 - 1) + 64) for step in steps)


CELLS = [(107520, 30720), (107530, 30720), (107530, 30713), (107519, 30600), (107520, 30720)]


def test_one_step_by_hand() -> None:
    # 'B' is 66, less 64 is 2, which is +1; 'C' is 3, which is -2; both from the cell (10, 20).
    assert decode_ring("BC", (10, 20)).tolist() == [[11 / GRID, 18 / GRID]]


def test_a_ring_comes_back_as_it_was_encoded() -> None:
    assert (decode_ring(encode_ring(CELLS, (107000, 30000)), (107000, 30000)) * GRID).tolist() == [
        list(c) for c in CELLS
    ]


@pytest.mark.parametrize("single", [True, False])
def test_compressed_and_plain_give_the_same(single: bool) -> None:
    offset = (107000, 30000)
    text, plain = encode_ring(CELLS, offset), [[x / GRID, y / GRID] for x, y in CELLS]
    kind = "Polygon" if single else "MultiPolygon"
    packed = {"type": kind, "coordinates": [text] if single else [[text]]}
    packed["encodeOffsets"] = [offset] if single else [[offset]]
    unpacked = {"type": kind, "coordinates": [plain] if single else [[plain]]}
    (first,), (second,) = polygons_of(packed, compressed=True), polygons_of(unpacked, compressed=False)
    assert len(first) == len(second) == 1
    assert np.array_equal(first[0], second[0])


@pytest.mark.parametrize("geometry", [None, {}, {"type": "Polygon", "coordinates": []}])
def test_an_empty_geometry_has_no_polygons(geometry: dict[str, object] | None) -> None:
    assert polygons_of(geometry, compressed=False) == ()
