"""Levels, growth and relative positions of counties, in columns that say the measure and the years."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.data.frames.lights import PREFIX, light_years, require_one_sensor, require_years
from shanhai.data.frames.unions import residents
from shanhai.data.years import nearest_census
from shanhai.methods.checks import as_numbers, as_period, require_once
from shanhai.studies.convergence.registered import MEASURES, Period


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
        exist). Residents as :func:`shanhai.data.frames.unions.residents` has them; GDP over those of the nearest
        census.

    Raises
    ------
    MissingDataError
        If the measure is unknown or a year has no figures.
    SpecificationError
        If the frame has no rows, lacks a column or has it twice, a code is missing or there twice, or figures are no
        numbers or infinite.
    """
    wanted = tuple(sorted({as_period(year, "the years") for year in years}))
    require_measure_years(frame, measure, wanted)
    figures = _figures(frame, measure, wanted)
    if measure == "gdp_per_head":
        people = {year: figures[f"population_{nearest_census(year)}"] for year in wanted}
        values = pd.DataFrame({year: figures[f"gdp_{year}"] / people[year] for year in wanted})
    else:
        lights = figures[[f"{PREFIX}{year}" for year in wanted]].set_axis(list(wanted), axis="columns")
        if measure == "lights_per_km2":
            values = lights.div(figures["area_km2"], axis=0)
        else:
            values = lights / residents(figures, wanted) * 10_000
    values = values.where((values > 0) & np.isfinite(values)).set_axis(frame["code"].to_numpy(), axis="index")
    return values.rename_axis("code").rename_axis(columns="year")


def _figures(frame: pd.DataFrame, measure: str, years: tuple[int, ...]) -> pd.DataFrame:
    """The columns behind a measure as floats, rows in their order; zero or fewer people or area are missing."""
    above = [f"{'gdp_' if measure == 'gdp_per_head' else PREFIX}{year}" for year in years]
    below = {
        "gdp_per_head": [f"population_{nearest_census(year)}" for year in years],
        "lights_per_km2": ["area_km2"],
        "lights_per_head": ["population_2010", "population_2020"],
    }[measure]
    require_once(frame.columns, "columns of the frame")
    absent = [name for name in ("code", *above, *below) if name not in frame.columns]
    if absent or frame.empty:
        raise SpecificationError(
            f"the frame has {len(frame)} rows and lacks {', '.join(absent) or 'nothing'}; needed: rows with code and "
            "the columns of the measure. Pass the county frame."
        )
    require_once(frame["code"], "codes of the frame")
    figures = pd.DataFrame({name: as_numbers(frame[name], name, missing=True) for name in (*above, *below)})
    return figures.assign(**{name: figures[name].where(figures[name] > 0) for name in below})


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
    # by place: an index that holds a label twice would multiply the rows of a join
    kept = frame.drop(columns=[name for name in columns if name in frame.columns])
    return kept.assign(**{name: values.to_numpy() for name, values in columns.items()})


def sensor_years(frame: pd.DataFrame) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Years of the frame's lights, those before the seam and those after it."""
    from shanhai.data.frames.lights import SENSOR_BREAK

    years = light_years(frame)
    return tuple(y for y in years if y < SENSOR_BREAK), tuple(y for y in years if y >= SENSOR_BREAK)
