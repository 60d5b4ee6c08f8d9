"""Cells of a raster at the borders: a valley and a jump that were put in come back, and nothing else does."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from simulated_lights import RANK, WAVY, LightsTruth, country, simulate_lights

from shanhai.core.errors import RasterError
from shanhai.geo.raster import raster_from_array
from shanhai.studies.robustness.cells import CellEvidence, cell_evidence, own_cells
from shanhai.studies.robustness.tables_cells import cells_sentence, cells_table

FLAT, VALLEY, JUMP = LightsTruth(valley=0.0), LightsTruth(), LightsTruth(jump=2.0)

Country = tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]


@pytest.fixture(scope="module")
def place() -> Country:
    return country()


@pytest.fixture(scope="module")
def found(place: Country) -> dict[LightsTruth, CellEvidence]:
    rng = np.random.default_rng(7)
    return {truth: cell_evidence(simulate_lights(rng, truth), *place, RANK) for truth in (FLAT, VALLEY, JUMP)}


def mean_light(truth: LightsTruth) -> float:
    """Mean up to 100 km of both sides: the unit of every quantity."""
    return truth.level + truth.jump / 2 - truth.valley * truth.valley_km / 100 * (1 - np.exp(-100 / truth.valley_km))


def within(evidence: CellEvidence, quantity: str, value: float, errors: float = 3.0) -> bool:
    """Whether an estimate lies within some of its standard errors of a value."""
    row = evidence.row(quantity)
    return bool(abs(row["estimate"] - value) <= errors * row["se"])


def test_a_known_jump_comes_back_and_none_is_found_where_there_is_none(found: dict[LightsTruth, CellEvidence]) -> None:
    assert within(found[JUMP], "jump", JUMP.jump / mean_light(JUMP))
    assert found[JUMP].row("jump")["p"] < 0.001
    # the middle of both sides at the line itself, where the valley is deepest
    at_line = (JUMP.level + JUMP.jump / 2 - JUMP.valley) / mean_light(JUMP)
    assert found[JUMP].at_line == pytest.approx(at_line, rel=0.05)
    for truth in (FLAT, VALLEY):  # a valley is no jump
        assert within(found[truth], "jump", 0.0) and found[truth].row("jump")["p"] > 0.01


def test_a_known_valley_comes_back(found: dict[LightsTruth, CellEvidence]) -> None:
    evidence, truth = found[VALLEY], VALLEY

    def mean_valley(start: float, end: float) -> float:
        return truth.valley_km * (np.exp(-start / truth.valley_km) - np.exp(-end / truth.valley_km)) / (end - start)

    near = 1 - np.exp(-20 / truth.valley_km)
    step = -truth.valley * (mean_valley(evidence.donut_km, 20) - mean_valley(20, 40)) / mean_light(truth)
    # strips are 2.2 km wide, so the bounds of 20 and 40 km are met to half a strip: 3 % of the step
    row = evidence.row("last_20km")
    assert abs(row["estimate"] - step) <= 3 * row["se"] + 0.03 * abs(step)
    share = evidence.row("share_20km")
    assert share["estimate"] == pytest.approx(near / (1 - np.exp(-100 / truth.valley_km)), abs=0.02)
    assert share["low"] < share["estimate"] < share["high"]
    depth = evidence.valley.curve([3.0])["estimate"].iloc[0]
    assert depth == pytest.approx(-truth.valley * np.exp(-3 / truth.valley_km) / mean_light(truth), rel=0.1)
    assert evidence.row("gradient")["low"] > 0


def test_flat_light_has_neither_gradient_nor_valley(found: dict[LightsTruth, CellEvidence]) -> None:
    assert within(found[FLAT], "gradient", 0.0) and within(found[FLAT], "last_20km", 0.0)
    assert found[FLAT].valley.test.p > 0.01


def test_the_unit_of_the_raster_drops_out_and_a_run_repeats(place: Country) -> None:
    raster = simulate_lights(np.random.default_rng(7), JUMP)
    scaled = replace(raster, read_block=lambda rows, columns: 1000 * raster.read_block(rows, columns))
    first, again, larger = (cell_evidence(each, *place, RANK).table for each in (raster, raster, scaled))
    pd.testing.assert_frame_equal(first, again)
    pd.testing.assert_frame_equal(first, larger)


def test_a_segment_with_one_side_filled_with_zeros_is_left_out(place: Country) -> None:
    raster = simulate_lights(np.random.default_rng(7), JUMP)

    def filled(rows: slice, columns: slice) -> np.ndarray:
        values = raster.read_block(rows, columns).copy()
        values[np.ix_(np.arange(rows.start, rows.stop) < 200, np.arange(columns.start, columns.stop) >= 100)] = 0.0
        return values

    whole = cell_evidence(raster, *place, RANK)
    part = cell_evidence(replace(raster, read_block=filled), *place, RANK)
    assert part.left_out - whole.left_out == whole.segments - part.segments >= 2
    with pytest.raises(RasterError, match=r"covers 0 lit .* all zero on one side: \d+.*gdal_edit -a_nodata -1"):
        dark = np.where(np.arange(200) < 100, 1.0, 0.0)
        cell_evidence(
            replace(raster, read_block=lambda rows, columns: np.tile(dark[columns], (rows.stop - rows.start, 1))),
            *place,
            RANK,
        )


@pytest.mark.parametrize(("levels", "refused"), [(1, True), (9, True), (10, False)])
def test_a_mask_or_a_map_of_classes_is_refused(place: Country, levels: int, refused: bool) -> None:
    """Classes 1 to ``levels``, brighter away from the line."""
    apart = np.abs(np.arange(200) - 99.5)
    noise = np.random.default_rng(7).integers(0, 2, (600, 200))
    classes = 1 + np.minimum(apart * levels // 50 + noise, levels - 1)
    raster = raster_from_array(classes, 110.0, 36.0, 0.02)
    if refused:
        with pytest.raises(RasterError, match=rf"have {levels} different values, the largest {levels}; allowed: 10 or"):
            cell_evidence(raster, *place, RANK)
    else:
        assert cell_evidence(raster, *place, RANK).largest == levels


def test_a_jump_at_a_wavy_line_off_the_grid_comes_back_and_a_valley_is_none() -> None:
    """Cells at the line hold the mean of both sides. How often the test errs stands in tests/reference/cells."""
    place = country(WAVY)
    jump = cell_evidence(simulate_lights(np.random.default_rng(0), JUMP, swing=WAVY), *place, RANK)
    assert within(jump, "jump", JUMP.jump / mean_light(JUMP)) and jump.row("jump")["p"] < 0.001
    assert jump.bandwidth_km >= jump.donut_km + 5 * jump.cell_km
    for seed in (100, 101):
        none = cell_evidence(simulate_lights(np.random.default_rng(seed), VALLEY, swing=WAVY), *place, RANK)
        assert within(none, "jump", 0.0)


def test_too_few_lit_segments_are_refused(place: Country) -> None:
    segments, units = place
    raster = simulate_lights(np.random.default_rng(7), JUMP)
    with pytest.raises(RasterError, match=r"covers 4 lit segments .* allowed: 8 or more"):
        cell_evidence(raster, segments.iloc[4:8].reset_index(drop=True), units, RANK)
    dark = replace(raster, read_block=lambda rows, columns: np.zeros((rows.stop - rows.start, columns.stop)))
    with pytest.raises(RasterError, match="no value above zero"):
        cell_evidence(dark, segments, units, RANK)


def test_without_a_raster_the_notebook_says_how_to_name_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "none.toml"
    settings.write_text("", encoding="utf-8")
    monkeypatch.setenv("SHANHAI_SETTINGS", str(settings))
    assert own_cells(pd.DataFrame()) is None
    assert "`lights_grid` under [replace]" in cells_sentence(None)
    assert "没有栅格层面的结果" in cells_sentence(None, "zh")


def test_what_is_printed_holds_the_numbers(found: dict[LightsTruth, CellEvidence]) -> None:
    evidence = found[JUMP]
    table = cells_table(evidence)
    assert [row[0] for row in table.cells()][-1] == "jump at the line, richer province's side"
    assert len({record.id for record in table.estimates}) == 4
    assert any(f"largest value of a cell within 100 km is {evidence.largest:.1f}" in note for note in table.notes)
    jump = f"the jump at the line is {100 * evidence.row('jump')['estimate']:.1f}%"
    assert jump in cells_sentence(evidence)
    assert cells_sentence(evidence, "zh").startswith("据lights.tif")
    # of a rise that may be zero there is no share
    assert "is not identified, since there may be none" in cells_sentence(found[FLAT])
    assert cells_table(found[FLAT]).cells()[2][1:4] == ["–", "–", "–"]
