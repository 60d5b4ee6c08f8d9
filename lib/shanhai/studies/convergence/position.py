"""Where a group of counties stands against others through time, what the seam between sensors does, and inequality."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.data.frames.lights import SENSOR_BREAK, light_years, sensor_of
from shanhai.data.frames.unions import residents
from shanhai.data.years import GDP_YEARS, nearest_census
from shanhai.methods.convergence.inequality import gini_parts, theil_parts
from shanhai.methods.convergence.sigma import spread
from shanhai.studies.convergence.panel import levels


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


def relative_position(frame: pd.DataFrame, group: pd.Series, measure: str) -> pd.DataFrame:
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
        year, ratio (value per head of the group over that of the others, percent), share_value and share_people (of the
        group in the whole, percent), group and others (counties). Only counties with figures in all years count.

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
    totals = per_head * people
    value, heads = totals[inside].sum(), people[inside].sum()
    other_value, other_heads = totals[~inside].sum(), people[~inside].sum()
    return pd.DataFrame(
        {
            "year": list(years),
            "ratio": (100 * (value / heads) / (other_value / other_heads)).to_numpy(),
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


def inequality_path(frame: pd.DataFrame, measure: str, levels_of: Sequence[str]) -> pd.DataFrame:
    """Theil and Gini per resident by year with their parts, on the counties that have figures in all years.

    Parameters
    ----------
    frame : DataFrame
        From ``united_frame``, of the area measured.
    measure : str
    levels_of : sequence of str
        Columns that group counties, coarsest first, such as ``("province_code", "prefecture_code")``. The Gini takes
        the first only, because its overlap has no levels.

    Returns
    -------
    DataFrame
        year, theil, theil_between_1 (2, ...), theil_within, gini, gini_between, gini_within, gini_overlap, n.
    """
    years = years_of(frame, measure)
    per_head = levels(frame, measure, years).dropna()
    people = people_of(frame, measure, years).loc[per_head.index]
    groups = frame.set_index("code").loc[per_head.index, list(levels_of)]
    rows = []
    for year in years:
        values, heads = per_head[year].to_numpy(), people[year].to_numpy()
        theil, gini = theil_parts(values, heads, groups), gini_parts(values, heads, groups[levels_of[0]].tolist())
        parts = {f"theil_between_{place}": part for place, part in enumerate(theil.between, 1)}
        rows.append(
            {
                "year": year,
                "theil": theil.total,
                **parts,
                "theil_within": theil.within,
                "gini": gini.total,
                "gini_between": gini.between,
                "gini_within": gini.within,
                "gini_overlap": gini.overlap,
                "n": len(per_head),
            }
        )
    return pd.DataFrame(rows)
