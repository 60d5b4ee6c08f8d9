"""Levels, growth and relative positions of counties, in columns that say the measure and the years."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from shanhai.data.lights import PREFIX, light_years, require_one_sensor, require_years
from shanhai.data.unions import residents
from shanhai.data.years import nearest_census
from shanhai.errors import MissingDataError
from shanhai.model.convergence.registered import MEASURES, Period


def levels(frame: pd.DataFrame, measure: str, years: Iterable[int]) -> pd.DataFrame:
    """A measure of each county and year.

    Parameters
    ----------
    frame : DataFrame
        From ``united_frame``: code, population_2010, population_2020, area_km2, lights_<year>, gdp_<year>.
    measure : ``"lights_per_head"`` (per 10,000 residents), ``"lights_per_km2"`` or ``"gdp_per_head"`` (yuan)
    years : iterable of int

    Returns
    -------
    DataFrame
        Index code, one column a year; missing where the frame has nothing or no light at all (its logarithm does not
        exist). Residents as :func:`shanhai.data.unions.residents` has them; GDP over those of the nearest census.

    Raises
    ------
    MissingDataError
        If the measure is unknown or a year has no figures.
    """
    wanted = tuple(sorted(set(years)))
    require_measure_years(frame, measure, wanted)
    if measure == "gdp_per_head":
        values = pd.DataFrame({year: frame[f"gdp_{year}"] / _people(frame, year) for year in wanted})
    else:
        lights = frame[[f"{PREFIX}{year}" for year in wanted]].set_axis(list(wanted), axis="columns").astype(float)
        if measure == "lights_per_km2":
            values = lights.div(frame["area_km2"].astype(float), axis=0)
        else:
            values = lights / residents(frame, wanted) * 10_000
    values = values.where(values > 0).set_axis(frame["code"].to_numpy(), axis="index")
    return values.rename_axis("code").rename_axis(columns="year")


def _people(frame: pd.DataFrame, year: int) -> pd.Series:
    return frame[f"population_{nearest_census(year)}"].astype(float)


def require_measure_years(frame: pd.DataFrame, measure: str, years: tuple[int, ...]) -> None:
    """Refuse an unknown measure and years without figures."""
    if measure not in MEASURES:
        raise MissingDataError(f"No measure {measure!r}; allowed: {', '.join(MEASURES)}. Name one of these.")
    if measure != "gdp_per_head":
        require_years(frame, years)
        return
    known = sorted(int(name[4:]) for name in frame.columns if str(name).startswith("gdp_") and str(name)[4:].isdigit())
    absent = sorted(set(years) - set(known))
    if absent or not years:
        raise MissingDataError(
            f"GDP of counties asked for: {', '.join(map(str, absent)) or 'no year'}; years with data: "
            f"{', '.join(map(str, known)) or 'none'}. Choose among these."
        )


def add_periods(frame: pd.DataFrame, periods: Iterable[Period]) -> pd.DataFrame:
    """The frame with the log level of the first year and the growth of each period.

    Growth is the difference of logarithms over the years between, times 100: percent a year. Levels of light a year
    after the first (instrument's turn) come with it: ``log_<measure>_<first + 1>`` where the series has that year.

    Raises
    ------
    MissingDataError
        If a period crosses the seam between sensors, runs backwards, or has no figures.
    """
    columns: dict[str, pd.Series] = {}
    for period in periods:
        if period.measure == "gdp_per_head" and period.first >= period.last:
            raise MissingDataError(f"A period from {period.first} to {period.last} has no length; turn the years.")
        if period.measure != "gdp_per_head":
            require_one_sensor(period.first, period.last)
        logs = np.log(levels(frame, period.measure, (period.first, period.last)))
        columns[period.initial] = logs[period.first]
        columns[period.growth] = 100 * (logs[period.last] - logs[period.first]) / period.years
    added = pd.DataFrame({name: values.to_numpy() for name, values in columns.items()}, index=frame.index)
    return frame.drop(columns=[name for name in added.columns if name in frame.columns]).join(added)


def sensor_years(frame: pd.DataFrame) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Years of the frame's lights, those before the seam and those after it."""
    from shanhai.data.lights import SENSOR_BREAK

    years = light_years(frame)
    return tuple(y for y in years if y < SENSOR_BREAK), tuple(y for y in years if y >= SENSOR_BREAK)
