"""Findings of the literature that the suite stands beside: autocorrelation and dispersion."""

import numpy as np
import pandas as pd

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.data.frames.lights import SENSOR_BREAK
from shanhai.methods.convergence.sigma import spread
from shanhai.studies.convergence.analysis import moran_table

_DELTA = ("310000", "320000", "330000", "340000")
"""Shanghai, Jiangsu, Zhejiang and Anhui: the Yangtze River Delta."""

_DRAWS, _SEED = 999, 1
"""Permutations behind each p-value, and their start, as in notebook 05."""


@check(
    "L05",
    rule=rules.positive_at(0.05),
    data=("county_gdp", "county_lights", "census_2010", "census_2020", "shapefiles"),
)
def _autocorrelation(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Moran's I in Zhejiang: GDP per head of 2011 and 2001 (in the paper's period) and 2021, lights 2001-2012."""
    table = evidence.kept("moran", lambda: moran_table(_DRAWS, _SEED))
    wealth = table[table["measure"].eq("gdp_per_head")].set_index("year")
    found = [
        Measured(
            f"gdp_{year}",
            {f"Moran's I {year}": float(row["moran"]), "p (one-sided)": float(row["p"])},
            f"log GDP of {year} over residents of the census before, {int(row['n'])} counties of Zhejiang on constant "
            "ground that have figures in 2001, 2011 and 2021 and a neighbour (notebook 05); row-standardised weights "
            f"of shared edges; {_DRAWS} permutations",
            note="Most districts have no GDP before 2021. The direction from southwest to northeast is not tested.",
        )
        for year, row in ((year, wealth.loc[year]) for year in (2011, 2001, 2021))
    ]
    return (*found, _autocorrelation_of_lights(table))


def _autocorrelation_of_lights(table: pd.DataFrame) -> Measured:
    """The lowest Moran's I of log light per resident over the years of the first sensor, with the largest p-value."""
    early = table[table["measure"].eq("lights_per_head") & table["year"].lt(SENSOR_BREAK)].set_index("year")
    ordered = early["moran"].sort_values(kind="stable")
    return Measured(
        "lights_2001_2012",
        {
            f"lowest Moran's I 2001-2012 ({ordered.index[0]})": float(ordered.iloc[0]),
            "largest p (one-sided)": float(early["p"].max()),
        },
        f"log light per resident, every year from 2001 to 2012, {int(early['n'].iloc[0])} counties of Zhejiang on "
        f"constant ground (notebook 05); row-standardised weights of shared edges; {_DRAWS} permutations a year",
        note=f"Highest {show(float(ordered.iloc[-1]), 2)} in {ordered.index[-1]}. Light is no GDP, but it has every "
        "year.",
    )


@check("L06", rule=rules.falls_every_step(), data=("county_lights", "shapefiles"))
def _dispersion_of_lights(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Coefficient of variation of lights over the counties on borders inside the Yangtze River Delta, 2013-2019."""
    frame = evidence.frame
    touching = frame["neighbour_provinces"].fillna("").astype(str).str.split(";")
    others = [any(code in _DELTA for code in codes) for codes in touching]
    rows = frame[frame["province_code"].isin(_DELTA) & np.array(others)]
    years = range(2013, 2020)
    lights = rows[[f"lights_{year}" for year in years]].dropna()
    density = lights.div(rows.loc[lights.index, "area_km2"], axis=0)
    found = []
    logs = spread(lights.set_axis(list(years), axis="columns")).set_index("year")["sd_log"]
    for key, name, values in (
        ("light_sum", "light sum of the county", lights),
        ("light_per_km2", "light per km2", density),
    ):
        variation = 100 * values.std(ddof=1) / values.mean()
        first, last = float(variation.iloc[0]), float(variation.iloc[-1])
        found.append(
            Measured(
                key,
                {str(year): float(value) for year, value in zip(years, variation, strict=True)},
                f"coefficient of variation, percent, of the {name}, over {len(lights)} counties of Shanghai, Jiangsu, "
                "Zhejiang and Anhui that touch another of these provinces; VIIRS-like composites",
                note=f"From {show(first, 1)} in 2013 to {show(last, 1)} in 2019.",
            )
        )
    spread_of_logs = Measured(
        "log_lights",
        {str(year): float(value) for year, value in logs.items()},
        f"standard deviation of the log light sum over the same {len(lights)} counties; VIIRS-like composites",
        note=f"From {show(float(logs.iloc[0]), 3)} in 2013 to {show(float(logs.iloc[-1]), 3)} in 2019.",
    )
    return (*found, spread_of_logs)
