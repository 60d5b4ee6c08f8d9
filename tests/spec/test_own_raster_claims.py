"""A raster of the user's own stands beside the counties in the findings on L01 and L02, and decides nothing."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from simulated_cells import KNOWN, STEP, Noise, World, draw, ground
from simulated_lights import LightsTruth

from shanhai.claims.claims import claims_from
from shanhai.claims.engine import find
from shanhai.claims.evidence import Evidence, project_evidence
from shanhai.claims.findings import Finding
from shanhai.data.load import load_table
from shanhai.geo.raster import raster_from_array

CLAIMS = {claim.id: claim for claim in claims_from(load_table("claims"))}


@pytest.fixture(scope="module")
def counties() -> Evidence:
    return project_evidence()


def findings(counties: Evidence) -> dict[str, Finding]:
    """Findings on the project's counties and the raster that the settings name now."""
    evidence = Evidence.of(estimates=counties.estimates, analysis=counties.analysis)
    return {name: find(CLAIMS[name], evidence) for name in ("L01a", "L01b", "L02")}


def name_raster(folder: Path, monkeypatch: pytest.MonkeyPatch, truth: LightsTruth) -> None:
    """Settings that name a raster over Zhejiang's borders, which is read as the one of a simulated world."""
    world = World("around zhejiang", Noise(10), truth)
    on = ground(world.ground)
    raster = raster_from_array(draw(world, np.random.default_rng(1)), on.west, on.north, STEP, source="own.tif")
    (folder / "own.tif").touch()
    settings = folder / "own.toml"
    settings.write_text('[replace]\nlights_grid = "own.tif"\n', encoding="utf-8")
    monkeypatch.setenv("SHANHAI_SETTINGS", str(settings))
    monkeypatch.setattr("shanhai.studies.robustness.cells.open_geotiff", lambda _: raster)


def test_the_raster_is_one_more_basis_and_changes_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counties: Evidence
) -> None:
    without = {name: asdict(finding) for name, finding in findings(counties).items()}
    name_raster(tmp_path, monkeypatch, KNOWN)
    beside = {name: asdict(finding) for name, finding in findings(counties).items()}
    for name in without:
        added = [other for other in beside[name]["others"] if other["key"] == "own_raster"]
        assert len(added) == 1 and "own.tif, a raster of the user's own" in added[0]["basis"]
        beside[name]["others"] = tuple(other for other in beside[name]["others"] if other["key"] != "own_raster")
        assert beside[name] == without[name]
        beside[name] = added[0]
    step, jump = beside["L01b"]["computed"], beside["L02"]["computed"]
    assert beside["L01a"]["verdict"] == beside["L01b"]["verdict"] == "consistent"
    # means of the valley exp(-d / 8) over 1.5 to 20 and 20 to 40 km, over a mean light of about 10.5
    assert step["low"] < -6 * (8 / 18.5 * 0.746 - 8 / 20 * 0.0754) / 10.5 < step["high"] < 0
    # at the line light is four tenths of the level on the poorer side, and a jump of a fifth of it higher beyond
    assert beside["L02"]["verdict"] == "contradicted"
    assert jump["low"] < np.log(6 / 4) < jump["high"]


def test_flat_light_has_no_valley_and_its_jump_is_excluded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counties: Evidence
) -> None:
    name_raster(tmp_path, monkeypatch, LightsTruth(valley=0.0))
    verdicts = {
        name: other.verdict
        for name, finding in findings(counties).items()
        for other in finding.others
        if other.key == "own_raster"
    }
    assert verdicts == {"L01a": "inconclusive", "L01b": "inconclusive", "L02": "consistent"}
