"""Levels, growth and relative positions of counties and prefectures through time, and the seam between sensors."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.core.shared import shared
from shanhai.data.frames.aggregates import build_prefecture_frame
from shanhai.data.frames.lights import PREFIX, SENSOR_BREAK, light_years, require_one_sensor, require_years, sensor_of
from shanhai.data.frames.unions import residents
from shanhai.data.load import load_table
from shanhai.data.years import GDP_YEARS, nearest_census
from shanhai.methods.checks import as_numbers, require_once
from shanhai.methods.convergence.sigma import spread
from shanhai.methods.estimate import Estimate
from shanhai.methods.panels import as_period
from shanhai.studies.convergence.design import MEASURES, Period

_ZHEJIANG = "330000"

_WHOLLY_OF_THE_26 = ("330800", "331100")
"""Quzhou and Lishui: all of their counties are among the 26."""

_FIRST_YEAR = 1994
"""First year of the series of prefectures: before it many report the city proper only."""


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
    _require_measure_years(frame, measure, wanted)
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


def _require_measure_years(frame: pd.DataFrame, measure: str, years: tuple[int, ...]) -> None:
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
    years = light_years(frame)
    return tuple(y for y in years if y < SENSOR_BREAK), tuple(y for y in years if y >= SENSOR_BREAK)


def people_of(frame: pd.DataFrame, measure: str, years: Sequence[int]) -> pd.DataFrame:
    """Residents that a measure of each year is divided by; index code, one column a year."""
    if measure == "gdp_per_head":
        people = pd.DataFrame({year: frame[f"population_{nearest_census(year)}"] for year in years})
    else:
        people = residents(frame, tuple(years))
    return people.set_axis(frame["code"].to_numpy(), axis="index").rename_axis("code").astype(float)


def years_of(frame: pd.DataFrame, measure: str) -> tuple[int, ...]:
    """Years in which a measure is compared."""
    return GDP_YEARS if measure == "gdp_per_head" else light_years(frame)


def _relative_position(frame: pd.DataFrame, group: pd.Series, measure: str) -> pd.DataFrame:
    """A group against all others, together: value per head, and its two sides.

    Parameters
    ----------
    frame : DataFrame
        From ``united_frame``, of the area compared, such as a province.
    group : Series of bool
        Rows of the frame that are the group.
    measure : str
        ``lights_per_head`` or ``gdp_per_head``.

    Returns
    -------
    DataFrame
        As :func:`against_others`. Only counties with figures in all years count.

    Raises
    ------
    SpecificationError
        If the group, or the rest, has no county with figures in all years.
    """
    years = years_of(frame, measure)
    per_head = levels(frame, measure, years).dropna()
    people = people_of(frame, measure, years).loc[per_head.index]
    inside = pd.Series(group.to_numpy(dtype=bool), index=frame["code"].to_numpy()).loc[per_head.index]
    if inside.all() or not inside.any():
        raise SpecificationError(
            f"{int(inside.sum())} counties of the group and {int((~inside).sum())} others have {measure} in all years; "
            "needed: one or more of each. Take another measure or area."
        )
    return against_others(per_head, people, inside)


def prefecture_series() -> tuple[pd.DataFrame, pd.DataFrame]:
    """GDP per resident of Zhejiang's prefectures since 1994, and Quzhou with Lishui against the other nine.

    Returns
    -------
    series : DataFrame
        Yuan at current prices; index code, one column a year up to the last of ``prefecture_economy``. Residents are
        held at the census of 2010 before it and at that of 2020 after it, and grow at a constant rate between.
    position : DataFrame
        As :func:`against_others`.

    Raises
    ------
    MissingDataError
        If a prefecture lacks a year; the message names the first few.
    """
    prefectures, economy = build_prefecture_frame(), load_table("prefecture_economy")
    home = prefectures[prefectures["province_code"].eq(_ZHEJIANG)]
    rows = economy[economy["code"].isin(home["code"]) & economy["year"].ge(_FIRST_YEAR)]
    gdp = rows.pivot(index="code", columns="year", values="gdp_100m_yuan").reindex(sorted(home["code"])) * 1e8
    gaps = [f"{code} {year}" for year in gdp.columns for code in gdp.index[gdp[year].isna()]]
    if gaps or gdp.empty:
        raise MissingDataError(
            f"GDP is missing for {len(gaps)} prefectures and years, such as {', '.join(gaps[:5]) or 'all'}; needed: "
            f"every year from {_FIRST_YEAR} on. Start later, or leave these prefectures out."
        )
    people = residents(home.set_index("code").loc[gdp.index], tuple(int(year) for year in gdp.columns))
    series = gdp / people
    return series, against_others(series, people, pd.Series(series.index.isin(_WHOLLY_OF_THE_26), series.index))


@shared
def positions_of_the_26(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The 26 against the rest of Zhejiang by measure, of which ``frame`` has the counties.

    Returns
    -------
    dict
        ``lights_per_head``, ``gdp_per_head`` (counties with figures in all years), ``same_counties`` (light on the
        counties with GDP) of its position, and ``prefectures``, the position of Quzhou and Lishui.
    """
    known = frame.dropna(subset=[f"gdp_{year}" for year in GDP_YEARS])
    return {
        **{key: _relative_position(frame, frame["is_mountain_26"], key) for key in ("lights_per_head", "gdp_per_head")},
        "same_counties": _relative_position(known, known["is_mountain_26"], "lights_per_head"),
        "prefectures": prefecture_series()[1],
    }


def position_change(frame: pd.DataFrame, measure: str, first: int, last: int) -> Estimate:
    """Change of the position of the 26, value per resident in percent of that of the others, between two years.

    Parameters
    ----------
    frame : DataFrame
        From ``united_frame``: counties of Zhejiang.
    measure : str
        ``lights_per_head`` or ``gdp_per_head``.
    first, last : int
        Years in which the measure is compared.

    Returns
    -------
    Estimate
        Percentage points, on the counties with figures in all years. The standard error leaves out one prefecture at a
        time, as that of a change of dispersion; t with one degree of freedom fewer than prefectures.

    Raises
    ------
    SpecificationError
        If the 26, or the rest, have no county with figures once a prefecture is left out.
    """
    parts = [frame, *(frame[frame["prefecture_code"].ne(code)] for code in sorted(set(frame["prefecture_code"])))]
    ratios = [_relative_position(part, part["is_mountain_26"], measure).set_index("year")["ratio"] for part in parts]
    whole, *without = (float(ratio[last] - ratio[first]) for ratio in ratios)
    groups = len(without)
    se = np.sqrt((groups - 1) / groups * ((np.array(without) - np.mean(without)) ** 2).sum())
    return Estimate(whole, float(se), groups - 1, "jackknife(prefecture_code)")


def against_others(per_head: pd.DataFrame, people: pd.DataFrame, inside: pd.Series) -> pd.DataFrame:
    """A group of places together against all others, by year.

    Parameters
    ----------
    per_head, people : DataFrame
        Value per head and heads, one row a place, one column a year; none missing.
    inside : Series of bool
        Places of the group, by the same index.

    Returns
    -------
    DataFrame
        year; own and other (value per head of the group and of the others, in the unit of ``per_head``); ratio (own in
        percent of other); distance (other less own); share_value and share_people (of the group in all, percent);
        group and others (places).
    """
    totals = per_head * people
    value, heads = totals[inside].sum(), people[inside].sum()
    other_value, other_heads = totals[~inside].sum(), people[~inside].sum()
    return pd.DataFrame(
        {
            "year": [int(year) for year in per_head.columns],
            "own": (value / heads).to_numpy(),
            "other": (other_value / other_heads).to_numpy(),
            "ratio": (100 * (value / heads) / (other_value / other_heads)).to_numpy(),
            "distance": (other_value / other_heads - value / heads).to_numpy(),
            "share_value": (100 * value / (value + other_value)).to_numpy(),
            "share_people": (100 * heads / (heads + other_heads)).to_numpy(),
            "group": int(inside.sum()),
            "others": int((~inside).sum()),
        }
    )


def seam_evidence(frame: pd.DataFrame) -> pd.DataFrame:
    """What each year's composite says about all counties of a frame, to show the seam between sensors.

    Returns
    -------
    DataFrame
        year, sensor, total (light sum), sd_log (of light per km2), correlation (of log light with the year before; low
        where satellites change), change (median log growth), n. Counties with light in every year.
    """
    values = levels(frame, "lights_per_km2", light_years(frame)).dropna()
    logs = pd.DataFrame(np.log(values))
    sums = values.mul(frame.set_index("code")["area_km2"].reindex(values.index), axis=0).sum()
    spreads = spread(values).set_index("year")["sd_log"]
    years = light_years(frame)
    before = logs.shift(1, axis="columns")
    rows = [
        {
            "year": year,
            "sensor": sensor_of(year),
            "total": float(sums[year]),
            "sd_log": float(spreads[year]),
            "correlation": float(logs[year].corr(before[year])) if year != years[0] else np.nan,
            "change": float((logs[year] - before[year]).median()) if year != years[0] else np.nan,
            "n": len(values),
        }
        for year in years
    ]
    return pd.DataFrame(rows)


def seam_size(seam: pd.DataFrame) -> dict[str, float]:
    """The step of the spread at the seam beside the usual yearly step within sensors, and the growth of the median.

    Returns
    -------
    dict
        step (change of sd_log into the first year of the new sensor), usual (mean absolute change in all other years),
        growth (median log growth into that year), usual_growth (mean of the medians of all other years).
    """
    steps = seam.set_index("year")["sd_log"].diff()
    growth = seam.set_index("year")["change"]
    others = [year for year in steps.index if year != SENSOR_BREAK]
    return {
        "step": float(steps[SENSOR_BREAK]),
        "usual": float(steps[others].abs().mean()),
        "growth": float(growth[SENSOR_BREAK]),
        "usual_growth": float(growth[others].mean()),
    }
