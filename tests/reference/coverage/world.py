"""Counties that do not exist: a chessboard of provinces, mountains that rise towards borders, three kinds of errors.

The map of `shanhai.methods.discontinuity.simulated` (provinces, prefectures, positions at borders, neighbours) with
terrain and the truths below. Errors have the same variance in all three worlds:

- independent;
- clustered: half of the variance is shared by the counties of a prefecture;
- spatial: half of the variance is a smooth surface whose correlation falls as exp(-distance / 76 km) across all
  borders, about what notebook 13 finds in the residuals of the real counties.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.methods.discontinuity.sample import border_sample
from shanhai.methods.discontinuity.simulated import BorderTruth, simulated_borders
from shanhai.methods.placebo._noise import SpatialNoise, simulate_noise
from shanhai.methods.spec import CovarianceSpec, Interaction, RegressionSpec, SampleSpec, Variable

Array = NDArray[np.float64]

SEED = 20261122
COUNTIES, SIDE, MAPS = 600, 4, 8
"""Counties, provinces along a side (16 of about 37 counties, with 64 prefectures), maps that draws take in turn."""

ERRORS = ("independent", "clustered", "spatial")
SHARED, RANGE_KM, SPREAD = 0.5, 76.0, 0.3
"""Share of the variance that is shared, range of the spatial part, standard deviation of the whole."""

BORDER, TERRAIN, PRODUCT, DISTRICT = -0.15, -0.10, -0.05, 0.40
"""Effects in log points: border at mean terrain, one SD of terrain, their product, being a district."""

JUMP, VALLEY = 0.30, 0.30
"""At the border in the second world: black provinces above white ones, and the valley on both sides."""

KM_A_DEGREE = 111.195


@dataclass(frozen=True)
class Country:
    """One map with everything but the errors."""

    frame: pd.DataFrame
    """One row a county; `mean` is the expected log outcome of a regression, `at_border` that of a border design."""
    edges: pd.DataFrame
    sample: pd.DataFrame
    """Counties at the borders of their province, for border designs."""
    shared: NDArray[np.int64]
    """Prefecture of each county."""


@cache
def country(number: int) -> Country:
    """Map `number`; the same whenever it is called."""
    rng = np.random.default_rng([SEED, number])
    frame, positions, edges = simulated_borders(rng, BorderTruth(JUMP, VALLEY, noise=0.0), n=COUNTIES, side=SIDE)
    places = positions.drop_duplicates("unit").set_index("unit").loc[frame["unit"]]
    province = frame.set_index("unit")["region"]
    abroad = province.loc[edges["unit_a"]].to_numpy() != province.loc[edges["unit_b"]].to_numpy()
    touching = set(edges.loc[abroad, ["unit_a", "unit_b"]].to_numpy().ravel())
    frame = frame.assign(
        longitude=100.0 + places["x_km"].to_numpy() / KM_A_DEGREE,
        latitude=places["y_km"].to_numpy() / KM_A_DEGREE,
        on_border=frame["unit"].isin(touching),
        gap_to_border_km=frame["border_km"],
        band=(places["y_km"].to_numpy() // 100.0).astype(int).astype(str),
        is_district=rng.uniform(size=COUNTIES) < 0.3,
        at_border=np.log(frame["income"]),
    )
    smooth = simulate_noise(SpatialNoise(0.9, 150.0), frame["longitude"], frame["latitude"], 1, rng)[:, 0]
    rugged = 100.0 * np.exp(0.6 * (smooth + np.exp(-frame["border_km"] / 60.0)))
    z = (rugged - rugged.mean()) / rugged.std(ddof=1)
    border = frame["on_border"].astype(float)
    of_province = rng.normal(scale=0.4, size=SIDE**2)[pd.factorize(frame["region"], sort=True)[0]]
    mean = 10.0 + of_province + BORDER * border + TERRAIN * z + PRODUCT * border * z + DISTRICT * frame["is_district"]
    frame = frame.assign(ruggedness=rugged, z_ruggedness=z, mean=mean, without_product=mean - PRODUCT * border * z)
    rank = {code: float(black) for code, black in zip(frame["region"], frame["is_black"], strict=True)}
    shared = pd.factorize(frame["district"], sort=True)[0].astype(np.int64)
    return Country(frame, edges, border_sample(frame, positions, rank), shared)


def draw(kind: str, number: int, columns: int = 1) -> tuple[Country, Array, np.random.Generator]:
    """Map, errors (counties x columns) and a generator for whatever else is random in this draw."""
    rng = np.random.default_rng([SEED, ERRORS.index(kind), number])
    made = country(number % MAPS)
    n = len(made.frame)
    if kind == "spatial":
        noise = SpatialNoise(SHARED, RANGE_KM)
        return made, SPREAD * simulate_noise(noise, made.frame["longitude"], made.frame["latitude"], columns, rng), rng
    own = rng.standard_normal((n, columns))
    if kind == "independent":
        return made, SPREAD * own, rng
    common = rng.standard_normal((int(made.shared.max()) + 1, columns))[made.shared]
    return made, SPREAD * (np.sqrt(SHARED) * common + np.sqrt(1.0 - SHARED) * own), rng


def main_design(covariance: CovarianceSpec, product: bool = True) -> RegressionSpec:
    """The regression of the border like the registered one: terrain, their product, districts, effects of provinces."""
    border, terrain = Variable("on_border"), Variable("z_ruggedness")
    return RegressionSpec(
        outcome=Variable("outcome"),
        terms=(border, terrain, Interaction(border, terrain)) if product else (border,),
        controls=(Variable("is_district"),) if product else (Variable("ruggedness"), Variable("is_district")),
        sample=SampleSpec("simulated", "模拟"),
        fixed_effects=("region",),
        covariance=covariance,
    )
