"""What a coarse grid of heights does to the coefficient of ruggedness: simulated surfaces, no data.

The table of terrain comes from a grid of about 9 km. How far its ruggedness stands for that of the ground cannot be
seen in it; it can be computed on surfaces whose fine form is known. Natural relief has a spectrum that falls as a power
of the wave number, close to that of a surface with a Hurst exponent of one half (Turcotte 1997, chapter 7). Heights
differ in scale from region to region, as they do, and in two of three cases in texture too: some regions have their
relief in short waves (hills cut by streams), others in long ones (plateaus, tilted plains). The first two cases were
fixed before they were run; the third, with shorter waves, was added because relief in the first two loses less on the
coarse grid than that of Kaihua does (448 m of about 1,250 m). After the first run the surface was made smaller and the
noise of the outcome lower, for speed and precision.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.random import Generator

from shanhai.core.shared import shared
from shanhai.geo.terrain import ruggedness_riley
from shanhai.methods.arrays import Array
from shanhai.methods.regression.fit import fit
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

Texture = Literal["same", "mixed", "short"]
"""The same texture everywhere; short waves here and long ones there; the same with still shorter ones."""


@dataclass(frozen=True)
class Ground:
    """The surface, the grid and the truth of the simulation."""

    cells: int = 720
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
    shortest: float = 0.0
    """Hurst exponent of relief in still shorter waves."""
    smooth: float = 0.8
    """Hurst exponent of relief in long waves."""
    effect: float = -0.2
    """Effect on the outcome of one standard deviation of fine ruggedness."""
    noise: float = 0.1
    """Standard deviation of what else moves the outcome."""

    @property
    def units(self) -> int:
        """Number of units."""
        return (self.cells // self.unit) ** 2


def surface(noise: Array, hurst: float, longest: float = 1.0) -> Array:
    """Random surface whose amplitudes fall as the wave number to the power -(1 + Hurst exponent); mean 0, variance 1.

    Parameters
    ----------
    noise : cells x cells independent normal numbers
    hurst : float
        0 (rough) to 1 (smooth); more for one that changes over long distances only.
    longest : float
        Share of the side above which there are no waves.
    """
    cells = len(noise)
    wave = np.hypot(np.fft.rfftfreq(cells)[None, :], np.fft.fftfreq(cells)[:, None])
    wave[0, 0] = np.inf
    power = np.where(wave * cells >= 1.0 / longest, wave ** -(1.0 + hurst), 0.0)
    heights = np.fft.irfft2(np.fft.rfft2(noise) * power, s=noise.shape)
    return np.asarray((heights - heights.mean()) / heights.std())


def simulated_country(rng: Generator, ground: Ground | None = None) -> dict[Texture, pd.DataFrame]:
    """Units of a simulated country with their terrain on the fine and on the coarse grid, for each texture.

    Parameters
    ----------
    rng : Generator
        Its numbers are the same for all textures.
    ground : Ground, optional

    Returns
    -------
    dict of DataFrame
        ruggedness_fine, ruggedness_coarse (mean of Riley's index, m), relief_fine, relief_coarse (highest less lowest
        cell, m), on_border (more often where fine ruggedness is high, without any effect of its own), outcome.
    """
    given = ground or Ground()
    scale, share, waves, swell = rng.standard_normal((4, given.cells, given.cells))
    chance, noise = rng.uniform(size=given.units), rng.standard_normal(given.units)
    # regions: long waves only, so that scale and texture change from region to region, not from cell to cell
    heights = given.scale_m * np.exp(given.spread * surface(scale, 1.5))
    rough_share = 1.0 / (1.0 + np.exp(-3.0 * surface(share, 1.5)))
    smooth = surface(swell, given.smooth, 0.3)
    rough, short = (surface(waves, hurst, 0.3) for hurst in (given.rough, given.shortest))
    shapes: dict[Texture, Array] = {
        "same": np.sqrt(0.5) * (rough + smooth),
        "mixed": np.sqrt(rough_share) * rough + np.sqrt(1.0 - rough_share) * smooth,
        "short": np.sqrt(rough_share) * short + np.sqrt(1.0 - rough_share) * smooth,
    }
    found = {}
    for texture, shape in shapes.items():
        units = _terrain_of_units(heights * shape, given)
        rugged = (units["ruggedness_fine"] - units["ruggedness_fine"].mean()) / units["ruggedness_fine"].std()
        border = chance < 1.0 / (1.0 + np.exp(1.0 - 0.5 * rugged))
        found[texture] = units.assign(on_border=border, outcome=given.effect * rugged + given.noise * noise)
    return found


def _terrain_of_units(fine: Array, given: Ground) -> pd.DataFrame:
    """Mean ruggedness and relief of square units on the fine grid and on the coarse one that is made of it."""
    coarse = np.round(_blocks(fine, given.coarse).mean(axis=(2, 3)) / given.step_m) * given.step_m
    columns = {}
    for name, heights, size in (("fine", fine, given.unit), ("coarse", coarse, given.unit // given.coarse)):
        blocks = _blocks(heights, size)
        # the surface goes on at the other side, as Fourier series do
        index = ruggedness_riley(np.pad(heights, 1, mode="wrap"))
        columns[f"ruggedness_{name}"] = _blocks(index, size).mean(axis=(2, 3)).ravel()
        columns[f"relief_{name}"] = (blocks.max(axis=(2, 3)) - blocks.min(axis=(2, 3))).ravel()
    return pd.DataFrame(columns)


def _blocks(cells: Array, size: int) -> Array:
    """Square blocks of a grid: rows of blocks, columns of blocks, and the cells of each."""
    count = len(cells) // size
    return cells.reshape(count, size, count, size).swapaxes(1, 2)


@shared
def coarseness(rng: Generator, countries: int = 12, ground: Ground | None = None) -> pd.DataFrame:
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
    drawn = [simulated_country(rng, truth) for _ in range(countries)]
    rows = []
    for texture in get_args(Texture):
        found = pd.DataFrame([_found(country[texture], truth.effect) for country in drawn])
        errors = found[["per_sd", "border"]].std() / countries**0.5
        rows.append({"texture": texture, **found.mean(), **errors.add_suffix("_error")})
    return pd.DataFrame(rows)


def _found(units: pd.DataFrame, effect: float) -> dict[str, float]:
    """What the regression of one country finds, over the true effect."""
    fine, coarse = units["ruggedness_fine"], units["ruggedness_coarse"]
    result = fit(_SPEC, units)
    per_sd = result.estimate("z_ruggedness_coarse").value / effect
    return {
        "correlation": float(np.corrcoef(fine, coarse)[0, 1]),
        "relief": float((units["relief_coarse"] / units["relief_fine"]).mean()),
        "per_sd": per_sd,
        "per_metre": per_sd * float(fine.std() / coarse.std()),
        "border": result.estimate("on_border").value / effect,
    }


_SPEC = RegressionSpec(
    outcome=Variable("outcome"),
    terms=(Variable("on_border"), Variable("ruggedness_coarse", "standardised")),
    sample=SampleSpec("simulated", "模拟"),
    covariance=CovarianceSpec("HC1"),
)
