"""Findings of the literature that the suite stands beside: autocorrelation and dispersion."""

import numpy as np
import pandas as pd

from shanhai.data.lights import SENSOR_BREAK
from shanhai.findings import rules
from shanhai.findings.claims import Claim, Measured, check
from shanhai.findings.digits import show
from shanhai.findings.evidence import Evidence
from shanhai.findings.moran import moran
from shanhai.findings.quantities import (
    ZHEJIANG,
    counties_of,
)
from shanhai.model.convergence.sigma import spread

DELTA = ("310000", "320000", "330000", "340000")
"""Shanghai, Jiangsu, Zhejiang and Anhui: the Yangtze River Delta."""

SEED = 20210520
"""Start of the permutations, fixed so that two runs give the same p-value."""

LIGHT_DRAWS = 999
"""Permutations of each year of lights."""


@check(
    "L05",
    rule=rules.positive_at(0.05),
    data=("county_gdp", "county_lights", "census_2010", "census_2020", "shapefiles"),
)
def autocorrelation(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Moran's I in Zhejiang: GDP per head of 2011 and 2001 (in the paper's period) and 2021, lights 2001-2012."""
    province = counties_of(evidence, ZHEJIANG).set_index("code")
    pairs = evidence.neighbours(ZHEJIANG)
    found = []
    for year, people in ((2011, "population_2010"), (2001, "population_2010"), (2021, "population_2020")):
        result = moran(province[f"gdp_{year}"] / province[people], pairs, np.random.default_rng(SEED))
        found.append(
            Measured(
                {f"Moran's I {year}": result.statistic, "p (one-sided)": result.p_value},
                f"GDP of {year} over residents of {people[-4:]}, {result.units} counties of Zhejiang with figures and "
                "a neighbour; row-standardised weights of shared edges; 9,999 permutations",
                note=f"{result.islands} counties without neighbour left out; most districts have no GDP before 2021. "
                "The direction from southwest to northeast is not tested.",
            )
        )
    return (*found, _autocorrelation_of_lights(province, pairs))


def _autocorrelation_of_lights(province: pd.DataFrame, pairs: pd.DataFrame) -> Measured:
    """The lowest Moran's I of log light per resident over the years of the first sensor, with its p-value."""
    years = range(2001, SENSOR_BREAK)
    light = province[[f"lights_{year}" for year in years]].div(province["population_2010"], axis=0)
    logs = pd.DataFrame(np.log(light.where(light > 0)))
    results = {
        year: moran(logs[f"lights_{year}"], pairs, np.random.default_rng(SEED), draws=LIGHT_DRAWS) for year in years
    }
    lowest = min(results, key=lambda year: results[year].statistic)
    highest = max(results, key=lambda year: results[year].statistic)
    return Measured(
        {
            f"lowest Moran's I 2001-2012 ({lowest})": results[lowest].statistic,
            "largest p (one-sided)": max(one.p_value for one in results.values()),
        },
        f"log light per resident of 2010, every year from 2001 to 2012, {results[lowest].units} counties of Zhejiang; "
        f"row-standardised weights of shared edges; {LIGHT_DRAWS} permutations a year",
        note=f"Highest {show(results[highest].statistic, 2)} in {highest}. Light is no GDP, but it has every year.",
    )


@check("L06", rule=rules.falls_every_step(), data=("county_lights", "shapefiles"))
def dispersion_of_lights(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Coefficient of variation of lights over the counties on borders inside the Yangtze River Delta, 2013-2019."""
    frame = evidence.frame
    touching = frame["neighbour_provinces"].fillna("").astype(str).str.split(";")
    others = [any(code in DELTA for code in codes) for codes in touching]
    rows = frame[frame["province_code"].isin(DELTA) & np.array(others)]
    years = range(2013, 2020)
    lights = rows[[f"lights_{year}" for year in years]].dropna()
    density = lights.div(rows.loc[lights.index, "area_km2"], axis=0)
    found = []
    logs = spread(lights.set_axis(list(years), axis="columns")).set_index("year")["sd_log"]
    for name, values in (("light sum of the county", lights), ("light per km2", density)):
        variation = 100 * values.std(ddof=1) / values.mean()
        first, last = float(variation.iloc[0]), float(variation.iloc[-1])
        found.append(
            Measured(
                {str(year): float(value) for year, value in zip(years, variation, strict=True)},
                f"coefficient of variation, percent, of the {name}, over {len(lights)} counties of Shanghai, Jiangsu, "
                "Zhejiang and Anhui that touch another of these provinces; VIIRS-like composites",
                note=f"From {show(first, 1)} in 2013 to {show(last, 1)} in 2019.",
            )
        )
    spread_of_logs = Measured(
        {str(year): float(value) for year, value in logs.items()},
        f"standard deviation of the log light sum over the same {len(lights)} counties; VIIRS-like composites",
        note=f"From {show(float(logs.iloc[0]), 3)} in 2013 to {show(float(logs.iloc[-1]), 3)} in 2019.",
    )
    return (*found, spread_of_logs)
