"""Variables of the border regressions that the county frame does not hold: ratios, the mountain dummy, remoteness."""

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.door import as_codes, as_weights, require_columns, require_unique
from shanhai.methods.regression.design import numbers
from shanhai.methods.regression.pairs import as_degrees

MOUNTAIN_QUANTILE = 2.0 / 3.0
"""A county is mountainous when its ruggedness lies in the upper third of all counties of the frame. Ruggedness follows
Nunn & Puga (2012); unlike relief, the difference of two points, it does not grow with the area of the county. The share
was fixed before any result was seen; continuous ruggedness is the main measure."""

DOUBTS = frozenset(
    {
        "gdp_2021_disagrees_with_per_head",
        "gdp_2021_growth",
        "gdp_2021_includes_zone",
        "gdp_2021_lags_prefecture",
        "gdp_2021_may_include_zone",
        "gdp_2021_redrawn",
    }
)
"""Flags under which the GDP of 2021 may not belong to the residents it is divided by. Rounded figures, corrected units
and figures that nothing checks are no reason for doubt by themselves."""

POSITIVE = ("area_km2", "population_2020")
"""Columns that cannot be zero, as ratios are taken over them."""

EARTH_KM = 6371.01
"""Mean radius of the earth in km."""


def add_variables(frame: pd.DataFrame, centres: pd.DataFrame) -> pd.DataFrame:
    """The county frame with the variables that the registered regressions need beside it.

    Parameters
    ----------
    frame : DataFrame
        County frame of the whole country (the mountain dummy compares with all of its rows).
    centres : DataFrame
        code, longitude, latitude (degrees, WGS 84) of a point that stands for each county.

    Returns
    -------
    DataFrame
        A copy with ``lights_per_head_2021`` and ``lights_per_km2_2021`` (light sum over residents of 2020 and over
        km2), ``is_mountainous``, ``distance_to_capital_km``, ``gdp_is_doubtful`` (one of ``DOUBTS`` is flagged).

    Raises
    ------
    SpecificationError
        If columns are absent, codes are missing or occur twice, figures are no numbers, residents or areas are not
        positive, or a coordinate is out of range.
    """
    require_columns(
        frame, ("code", "province_code", "prefecture_code", *POSITIVE, "ruggedness", "lights_2021", "flags")
    )
    require_columns(centres, ("code", "longitude", "latitude"), "the table of centres")
    for table in (frame, centres):
        require_unique(table["code"])
    as_codes(frame["province_code"], "province_code", missing=True)
    terrain = pd.Series(numbers(frame, "ruggedness"), index=frame.index)
    mountainous = (terrain >= mountain_threshold(frame)).astype("boolean").mask(terrain.isna())
    area, people = (as_weights(frame[name], name, missing=True) for name in POSITIVE)
    return frame.assign(
        lights_per_head_2021=numbers(frame, "lights_2021") / people,
        lights_per_km2_2021=numbers(frame, "lights_2021") / area,
        is_mountainous=mountainous,
        distance_to_capital_km=distance_to_capital(frame, centres),
        gdp_is_doubtful=[not DOUBTS.isdisjoint(flags.split(";")) for flags in frame["flags"].fillna("").astype(str)],
    )


def mountain_threshold(frame: pd.DataFrame) -> float:
    """Ruggedness in metres from which a county counts as mountainous: the upper tercile of the frame."""
    return float(pd.Series(numbers(frame, "ruggedness")).quantile(MOUNTAIN_QUANTILE))


def capital_codes(frame: pd.DataFrame) -> pd.Series:
    """County that stands for the capital of each province, by province code.

    It is the most densely populated county of the capital's prefecture, whose code always ends in 0100. That also
    finds the old centre of a municipality as large as Chongqing.
    """
    prefecture = frame["prefecture_code"]
    if not prefecture.dropna().map(lambda code: isinstance(code, str)).all():
        raise SpecificationError(
            f"prefecture_code holds {prefecture.dtype} values; allowed: text of six digits, such as '330100'. Convert "
            "it with astype(str)."
        )
    capital = frame[(prefecture.astype("string").str.slice(2) == "0100").fillna(False).to_numpy(dtype=bool)]
    people, area = (numbers(capital, name) for name in ("population_2020", "area_km2"))
    density = capital[["province_code", "code"]].assign(density=people / area).dropna()
    densest = density.reset_index(drop=True).groupby("province_code", observed=True)["density"].idxmax()
    return density.iloc[densest].set_index("province_code")["code"]


def distance_to_capital(frame: pd.DataFrame, centres: pd.DataFrame) -> pd.Series:
    """Great-circle distance in km from the centre of each county to that of its province's capital.

    Never less than the mean distance inside the county itself, two thirds of the radius of a circle of its area
    (Head & Mayer 2002), so that the capital has a distance whose logarithm exists.
    """
    east, north = as_degrees(centres["longitude"], centres["latitude"], missing=True)
    place = pd.DataFrame(np.column_stack([east, north]), index=centres["code"].to_numpy(dtype=object))
    capitals = capital_codes(frame).to_dict()
    capital = [capitals.get(province) for province in frame["province_code"]]
    here, there = place.reindex(list(frame["code"])).to_numpy(), place.reindex(capital).to_numpy()
    inside = 2.0 / 3.0 * np.sqrt(numbers(frame, "area_km2") / np.pi)
    return pd.Series(np.maximum(great_circle_km(here, there), inside), index=frame.index)


def great_circle_km(here: Array, there: Array) -> Array:
    """Haversine distance in km between rows of longitude and latitude in degrees (n x 2 each)."""
    (lon_a, lat_a), (lon_b, lat_b) = np.radians(here).T, np.radians(there).T
    half = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    return np.asarray(2.0 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0))))
