"""Simulated ground: its spectrum, its units, and a grid that loses nothing finds the effect that was put in."""

import numpy as np
import pandas as pd
import pytest
from numpy.random import default_rng

from shanhai.studies.border.coarseness import Ground, coarseness, simulated_country, surface
from shanhai.studies.border.words import coarseness_sentence


@pytest.mark.parametrize("hurst", [0.2, 0.8])
def test_amplitudes_fall_as_a_power_of_the_wave_number(hurst: float) -> None:
    heights = surface(default_rng(1).standard_normal((256, 256)), hurst)
    assert (heights.mean(), heights.std()) == pytest.approx((0, 1))
    power = np.abs(np.fft.rfft2(heights)) ** 2
    wave = np.hypot(np.fft.rfftfreq(256)[None, :], np.fft.fftfreq(256)[:, None])
    inside = (wave > 0.02) & (wave < 0.4)
    slope = np.polyfit(np.log(wave[inside]), np.log(power[inside]), 1)[0]
    assert slope == pytest.approx(-2 * (1 + hurst), abs=0.05)


def test_waves_longer_than_asked_are_left_out() -> None:
    heights = surface(default_rng(1).standard_normal((100, 100)), 0.5, longest=0.1)
    assert np.abs(np.fft.rfft2(heights))[:7, :7].max() < 1e-9  # fewer than ten waves along the side


def test_a_grid_that_loses_nothing_finds_the_effect_and_no_border() -> None:
    ground = Ground(cells=360, coarse=1, unit=30, step_m=1e-6, noise=0.0)
    found = coarseness(default_rng(2), countries=2, ground=ground)
    assert found[["correlation", "per_sd", "per_metre", "relief"]].to_numpy() == pytest.approx(1, abs=1e-6)
    assert found["border"].to_numpy() == pytest.approx(0, abs=1e-6)


def test_a_coarser_grid_loses_more_of_the_effect_and_leaves_more_in_the_border() -> None:
    """Fine cells are the same; where textures differ, cells of 18 km know less of them than cells of 6 km."""
    fine, coarse = (
        coarseness(default_rng(4), countries=6, ground=Ground(cells=540, coarse=size, unit=36, noise=0.0))
        for size in (6, 18)
    )
    mixed = [rows.set_index("texture").loc["mixed"] for rows in (fine, coarse)]
    assert mixed[1]["correlation"] < mixed[0]["correlation"] < 1
    assert mixed[1]["per_sd"] < mixed[0]["per_sd"] < 1
    assert mixed[1]["border"] > mixed[0]["border"] > 0


def test_textures_share_their_numbers_and_units_hold_the_relief_of_their_cells() -> None:
    units = simulated_country(default_rng(3), Ground(cells=180))
    assert set(units) == {"same", "mixed", "short"}
    assert all(len(unit) == 16 for unit in units.values())
    for unit in units.values():
        assert (
            unit["relief_coarse"] < unit["relief_fine"]
        ).all()  # means of cells cannot stand out more, but for steps
    again = simulated_country(default_rng(3), Ground(cells=180))
    pd.testing.assert_frame_equal(units["mixed"], again["mixed"])


@pytest.mark.parametrize(("language", "grid"), [("en", "on a 9-km grid"), ("zh", "9千米网格")])
def test_the_sentence_gives_every_number(language: str, grid: str) -> None:
    columns = ["per_sd", "per_metre", "border", "relief", "per_sd_error", "border_error"]
    numbers = np.array([[95, 45, 1, 56, 1, 3], [86, 43, 10, 58, 2, 4], [81, 77, 14, 47, 3, 5]]) / 100
    found = pd.DataFrame(numbers, columns=columns).assign(texture=["same", "mixed", "short"])
    said = coarseness_sentence(found, language)
    assert grid in said
    assert all(f"{share}%" in said for share in (95, 86, 81, 45, 43, 77, 1, 10, 14, 56, 58, 47, 3, 5))
