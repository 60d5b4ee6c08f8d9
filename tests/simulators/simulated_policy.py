"""A made-up country with one policy, for tests and examples: the truth is known."""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Country:
    """How the made-up country works. Regions lie in a row, each beside the next; the policy is in the first."""

    regions: int = 6
    units: int = 60
    """Units of each region, ten a cluster."""
    treated: int = 15
    """Units that the policy treats, drawn among the lower half of the first region."""
    years: tuple[int, int] = (2008, 2022)
    policy_year: int = 2015
    effect: float = 0.0
    """Log points from the policy year on."""
    trend: float = 0.0
    """Log points a year by which the treated grow faster all the time: parallel trends are violated."""
    catching_up: float = 0.0
    """Log points a year and unit of level by which low units grow faster, everywhere."""
    noise: float = 0.05
    """Standard deviation of a unit's year."""
    shocks: float = 0.0
    """Standard deviation of a step of the random walk that the units of a cluster share."""


def simulate_country(country: Country, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Units and values of a made-up country, as :func:`shanhai.methods.did.build_panel` takes them.

    Returns
    -------
    units, values : DataFrame
    """
    units = _units(country, rng)
    count, years = len(units), np.arange(country.years[0], country.years[1] + 1)
    level = units.pop("true_level").to_numpy()
    codes = pd.factorize(units["cluster"])[0]
    treated = units["treated"].to_numpy(dtype=np.float64)
    steps = rng.normal(0, 1, (codes.max() + 1, len(years))).cumsum(axis=1)
    since = years - years[0]
    log = level[:, None] + 0.03 * since - country.catching_up * level[:, None] * since
    log += country.trend * treated[:, None] * since
    log += country.effect * treated[:, None] * (years >= country.policy_year)
    log += country.shocks * steps[codes] + rng.normal(0, country.noise, (count, len(years)))
    values = pd.DataFrame(np.exp(log), index=units["code"], columns=years.tolist())
    return units, values


def _units(country: Country, rng: np.random.Generator) -> pd.DataFrame:
    count = country.regions * country.units
    region = np.repeat(np.arange(country.regions), country.units)
    level = rng.normal(0, 1, count)
    home = np.flatnonzero(region == 0)
    low = home[np.argsort(level[home])][: max(country.units // 2, country.treated)]
    treated = np.zeros(count, dtype=bool)
    treated[rng.choice(low, country.treated, replace=False)] = True
    code = np.array([f"{number:05d}" for number in range(count)])
    beside = [
        ";".join(f"R{neighbour}" for neighbour in (number - 1, number + 1) if 0 <= neighbour < country.regions)
        for number in region
    ]
    return pd.DataFrame(
        {
            "code": code,
            "name_en": [f"unit {digits}" for digits in code],
            "name_zh": [f"县{digits}" for digits in code],
            "region": [f"R{number}" for number in region],
            "cluster": [f"R{number}C{place % country.units // 10}" for place, number in enumerate(region)],
            "treated": treated,
            "alike": level < 0,
            "adjacent": beside,
            "terrain": 300 - 60 * level + rng.normal(0, 50, count),
            "true_level": level,
        }
    )
