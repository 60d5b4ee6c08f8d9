"""What a coarse grid of heights does to the coefficient of ruggedness: simulated surfaces, no data.

The table of terrain comes from a grid of about 9 km. How far its ruggedness stands for that of the ground cannot be seen
in it; it can be computed on surfaces whose fine form is known. Natural relief has a spectrum that falls as a power of
the wave number, close to that of a surface with a Hurst exponent of one half (Turcotte 1997, chapter 7). Heights differ
in scale from region to region, as they do; and in one of the two cases in texture too: some regions have their relief
in short waves (hills cut by streams), others in long ones (plateaus, tilted plains). Fixed before it was run.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.random import Generator

from shanhai.geo.terrain import ruggedness_riley
from shanhai.methods.arrays import Array
from shanhai.methods.checks import require
from shanhai.methods.regression.fit import fit
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

Texture = Literal["same", "mixed"]
"""Relief of the same texture everywhere, or of short waves here and long ones there."""


@dataclass(frozen=True)
class Ground:
    """The surface, the grid and the truth of the simulation."""

    cells: int = 765
    """Fine cells of 1 km along each side."""
    coarse: int = 9
    """Fine cells along each side of a coarse one, whose height is their mean."""
    unit: int = 45
    """Fine cells along each side of a unit: the median county is about as large."""
    step_m: float = 28.0
    """Steps in which the coarse heights come, as those of the bundled grid do."""
    scale_m: float = 300.0
    """Median standard deviation of the fine heights of a region."""
    spread: float = 0.8
    """Standard deviation of the logarithm of that scale between regions."""
    rough: float = 0.3
    """Hurst exponent of relief in short waves."""
    smooth: float = 0.8
    """Hurst exponent of relief in long waves."""
    effect: float = -0.2
    """Effect on the outcome of one standard deviation of fine ruggedness."""
    noise: float = 0.1
    """Standard deviation of what else moves the outcome."""


def surface(rng: Generator, cells: int, hurst: float, longest: float = 1.0) -> Array:
    """Random surface whose amplitudes fall as the wave number to the power -(1 + Hurst exponent); mean 0, variance 1.

    Parameters
    ----------
    rng : Generator
    cells : int
        Cells along each side.
    hurst : float
        0 (rough) to 1 (smooth).
    longest : float
        Share of the side above which there are no waves.
    """
    across, down = np.fft.rfftfreq(cells)[None, :], np.fft.fftfreq(cells)[:, None]
    wave = np.hypot(across, down)
    wave[0, 0] = np.inf
    power = np.where(wave * cells >= 1.0 / longest, wave ** -(1.0 + hurst), 0.0)
    heights = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((cells, cells))) * power, s=(cells, cells))
    return np.asarray((heights - heights.mean()) / heights.std())


def simulated_units(rng: Generator, texture: Texture, ground: Ground | None = None) -> pd.DataFrame:
    """Units of a simulated country with their terrain on the fine and on the coarse grid.

    Parameters
    ----------
    rng : Generator
    texture : str
        ``same`` or ``mixed``.
    ground : Ground, optional

    Returns
    -------
    DataFrame
        ruggedness_fine, ruggedness_coarse (mean of Riley's index, m), relief_fine, relief_coarse (highest less lowest
        cell, m), on_border (more often where fine ruggedness is high, without any effect of its own), outcome, unit.

    Raises
    ------
    SpecificationError
        If the texture is unknown.
    """
    require(texture, Texture, "the texture", "Take one of these.")
    given = ground or Ground()
    # regions: the longest waves only, so that scale and texture change from region to region, not from cell to cell
    region = [surface(rng, given.cells, 1.5) for _ in range(2)]
    share = 0.5 if texture == "same" else 1.0 / (1.0 + np.exp(-3.0 * region[1]))
    rough, smooth = (surface(rng, given.cells, hurst, 0.3) for hurst in (given.rough, given.smooth))
    shape = np.sqrt(share) * rough + np.sqrt(1.0 - share) * smooth
    fine = given.scale_m * np.exp(given.spread * region[0]) * shape
    coarse = np.round(_blocks(fine, given.coarse).mean(axis=(2, 3)) / given.step_m) * given.step_m
    columns = {}
    for name, heights, size in (("fine", fine, given.unit), ("coarse", coarse, given.unit // given.coarse)):
        blocks = _blocks(heights, size)
        # the surface goes on at the other side, as Fourier series do
        index = ruggedness_riley(np.pad(heights, 1, mode="wrap"))
        columns[f"ruggedness_{name}"] = _blocks(index, size).mean(axis=(2, 3)).ravel()
        columns[f"relief_{name}"] = (blocks.max(axis=(2, 3)) - blocks.min(axis=(2, 3))).ravel()
    units = pd.DataFrame(columns)
    rugged = (units["ruggedness_fine"] - units["ruggedness_fine"].mean()) / units["ruggedness_fine"].std()
    units["on_border"] = rng.uniform(size=len(units)) < 1.0 / (1.0 + np.exp(1.0 - 0.5 * rugged))
    units["outcome"] = given.effect * rugged + given.noise * rng.standard_normal(len(units))
    return units.assign(unit=np.arange(len(units)))


def _blocks(cells: Array, size: int) -> Array:
    """Square blocks of a grid: rows of blocks, columns of blocks, and the cells of each."""
    count = len(cells) // size
    return cells.reshape(count, size, count, size).swapaxes(1, 2)


def coarseness(rng: Generator, countries: int = 8, ground: Ground | None = None) -> pd.DataFrame:
    """What a regression on coarse ruggedness finds of the known effect of fine ruggedness.

    Parameters
    ----------
    rng : Generator
    countries : int
        Simulated countries a texture.
    ground : Ground, optional

    Returns
    -------
    DataFrame
        One row a texture, means over the countries: correlation (of coarse and fine ruggedness between units), relief
        (coarse over fine, mean of the units), per_sd (coefficient of one standard deviation of coarse ruggedness over
        the true one of fine), per_metre (the same per metre), per_sd_error (standard deviation between countries over
        the root of their number), border (coefficient of a border without effect over the effect of one standard
        deviation of terrain), border_error.
    """
    truth = ground or Ground()
    rows = []
    for texture in get_args(Texture):
        found = []
        for _ in range(countries):
            units = simulated_units(rng, texture, truth)
            fine, coarse = units["ruggedness_fine"], units["ruggedness_coarse"]
            result = fit(_SPEC, units)
            per_sd = float(result.params[result.position("z_ruggedness_coarse")]) / truth.effect
            found.append(
                {
                    "correlation": float(np.corrcoef(fine, coarse)[0, 1]),
                    "relief": float((units["relief_coarse"] / units["relief_fine"]).mean()),
                    "per_sd": per_sd,
                    "per_metre": per_sd * float(fine.std() / coarse.std()),
                    "border": float(result.params[result.position("on_border")]) / truth.effect,
                }
            )
        all_found = pd.DataFrame(found)
        errors = all_found[["per_sd", "border"]].std() / countries**0.5
        rows.append({"texture": texture, **all_found.mean(), **errors.add_suffix("_error")})
    return pd.DataFrame(rows)


_SPEC = RegressionSpec(
    outcome=Variable("outcome"),
    terms=(Variable("on_border"), Variable("ruggedness_coarse", "standardised")),
    sample=SampleSpec("simulated", "模拟"),
    covariance=CovarianceSpec("HC1"),
)
