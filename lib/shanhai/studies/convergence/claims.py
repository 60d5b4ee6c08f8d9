"""Findings of the literature that the suite stands beside: autocorrelation and dispersion."""

import numpy as np
import pandas as pd

from shanhai.claims import rules
from shanhai.claims.claims import Claim, Measured, check
from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.claims.quantities import ZHEJIANG
from shanhai.data.frames.lights import SENSOR_BREAK
from shanhai.methods.convergence.sigma import spread
from shanhai.methods.regression.fit import fit
from shanhai.methods.spec import RegressionSpec, Variable
from shanhai.studies.border.design import BY_PREFECTURE
from shanhai.studies.border.design import ZHEJIANG as ZHEJIANG_COUNTIES
from shanhai.studies.convergence.analysis import convergence_frame, moran_table
from shanhai.studies.convergence.elsewhere import elsewhere
from shanhai.studies.convergence.panel import levels

_DELTA = ("310000", "320000", "330000", "340000")
"""Shanghai, Jiangsu, Zhejiang and Anhui: the Yangtze River Delta."""

_NORTHEAST = "towards_northeast"
"""Column of the position along the line from southwest to northeast, hundreds of km."""

_DEGREE_KM = 111.2
"""Kilometres of a degree of latitude."""

_DRAWS, _SEED = 999, 1
"""Permutations behind each p-value, and their start, as in notebook 05."""


_LAST_OF_PAPER = 2011
"""Last year of county GDP in the paper's period, 2000 to 2013."""

_WEALTH_DATA = ("county_gdp", "county_lights", "census_2010", "census_2020", "shapefiles")


@check("L05a", rule=rules.positive_at(0.05), data=_WEALTH_DATA)
def _autocorrelation(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """Moran's I in Zhejiang: GDP per head of 2011 and 2001 (in the paper's period) and 2021, lights 2001-2012."""
    table = evidence.kept("moran", lambda: moran_table(_DRAWS, _SEED))
    wealth = table[table["measure"].eq("gdp_per_head")].set_index("year")
    found = [
        Measured(
            f"gdp_{year}",
            {f"Moran's I {year}": float(row["moran"]), "p (one-sided)": float(row["p"])},
            f"log GDP of {year} over residents of the census before, {_counties_of_zhejiang(int(row['n']))}",
            note="Most districts have no GDP before 2021.",
            p=float(row["p"]),
            one_sided=True,
        )
        for year, row in ((year, wealth.loc[year]) for year in (_LAST_OF_PAPER, 2001, 2021))
    ]
    return (*found, _autocorrelation_of_lights(table))


@check("L05b", rule=rules.signed(), data=_WEALTH_DATA)
def _towards_northeast(_: Claim, __: Evidence) -> tuple[Measured, ...]:
    """How log GDP per head of Zhejiang's counties rises from the southwest to the northeast, per 100 km."""
    frame = convergence_frame()
    home = frame[frame["province_code"].eq(ZHEJIANG)].reset_index(drop=True)
    east = np.cos(np.deg2rad(home["latitude"].mean())) * home["longitude"]
    home[_NORTHEAST] = (east + home["latitude"]) * _DEGREE_KM / np.sqrt(2) / 100
    return tuple(_slope_of_year(home, year) for year in (_LAST_OF_PAPER, 2001, 2021))


def _slope_of_year(home: pd.DataFrame, year: int) -> Measured:
    column = f"gdp_per_head_{year}"
    values = levels(home, "gdp_per_head", (year,))[year]
    spec = RegressionSpec(
        Variable(column, "log"), (Variable(_NORTHEAST),), ZHEJIANG_COUNTIES, BY_PREFECTURE, model="northeast"
    )
    result = fit(spec, home.assign(**{column: home["code"].map(values)}))
    slope = result.estimate(_NORTHEAST)
    low, high = slope.interval()
    return Measured(
        f"gdp_{year}",
        {"estimate": slope.value, "low": low, "high": high},
        f"log GDP per head of {year} per 100 km towards the northeast, {result.n} counties of Zhejiang on constant "
        f"ground with figures, errors {slope.error}; 95 % interval",
        note="Most districts have no GDP before 2021.",
        p=slope.p,
    )


@check("L05c", rule=rules.positive_at(0.05), data=_WEALTH_DATA)
def _autocorrelation_in_all_years(_: Claim, evidence: Evidence) -> tuple[Measured, ...]:
    """The lowest Moran's I over the years of the paper's period that there are: two of GDP, twelve of light."""
    table = evidence.kept("moran", lambda: moran_table(_DRAWS, _SEED))
    wealth = table[table["measure"].eq("gdp_per_head") & table["year"].le(_LAST_OF_PAPER)]
    lowest = wealth.sort_values("moran", kind="stable").iloc[0]
    return (
        Measured(
            "gdp_2001_2011",
            {f"lowest Moran's I ({lowest['year']})": float(lowest["moran"]), "largest p": float(wealth["p"].max())},
            f"log GDP of 2001 and 2011 over residents of the census before, {_counties_of_zhejiang(int(lowest['n']))}",
            note="Two of the paper's fourteen years; its p-value is counted once, with L05a.",
        ),
        _autocorrelation_of_lights(table),
    )


def _counties_of_zhejiang(count: int) -> str:
    return (
        f"{count} counties of Zhejiang on constant ground with figures in all years and a neighbour (notebook 05); "
        f"row-standardised weights of shared edges; {_DRAWS} permutations a year"
    )


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
        f"log light per resident, every year from 2001 to 2012, {_counties_of_zhejiang(int(early['n'].iloc[0]))}",
        note=f"Highest {show(float(ordered.iloc[-1]), 2)} in {ordered.index[-1]}. Light is no GDP, but it has every "
        "year.",
        p=float(early["p"].max()),
    )


_LIGHT_DATA = ("county_lights", "shapefiles")


@check("L06a", rule=rules.falls_over_all(), data=_LIGHT_DATA)
@check("L06b", rule=rules.falls_every_step(), data=_LIGHT_DATA)
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
                note=f"From {show(first, 1)} in 2013 to {show(last, 1)} in 2019. {_jumps(evidence, years)}",
            )
        )
    spread_of_logs = Measured(
        "log_lights",
        {str(year): float(value) for year, value in logs.items()},
        f"standard deviation of the log light sum over the same {len(lights)} counties; VIIRS-like composites",
        note=f"From {show(float(logs.iloc[0]), 3)} in 2013 to {show(float(logs.iloc[-1]), 3)} in 2019.",
    )
    return (*found, spread_of_logs)


def _jumps(evidence: Evidence, years: range) -> str:
    """In which of the years light itself jumps in nearly all provinces, so that a change may be the product's."""
    beside = evidence.kept("elsewhere", lambda: elsewhere(convergence_frame()))
    jumps = [str(year) for year in beside.step_years if year in years]
    if not jumps:
        return "In none of these years does the light of the provinces jump together (notebook 05)."
    return (
        f"Light jumps in nearly all provinces in {', '.join(jumps)} (notebook 05): a change then may be the product's."
    )
