"""What stands in for a missing GDP: its range, the remainder of its prefecture, draws from lights and census.

Fixed by argument before any estimate was made with them; which reading takes which is said in ``missing``.
"""

import numpy as np
import pandas as pd
from numpy.random import Generator

from shanhai.core.errors import SpecificationError
from shanhai.data.vintage import PRE_SPECIFIED, Vintage
from shanhai.methods.arrays import Array
from shanhai.methods.missing import draw_posterior
from shanhai.methods.regression.design import numbers

RANGE = (0.01, 0.99)
"""Quantiles of the known GDP per head of all mainland counties between which a missing figure lies. That many missing
ones are more extreme than 99 in 100 of the known would be a claim of its own; the very ends are oil fields and flagged
figures."""

MONOTONE_QUANTILE = 0.5
"""Quantile of the counties of the province, districts apart, below which no district without a figure lies."""

IMPUTATIONS = 100
"""At least 100 times the share of missing information (White, Royston & Wood 2011), which can be no more than one."""

_LOGGED = ("population", "area_km2")
_CENSUS = ("mean_schooling", "urban_share", "share_60_plus", "illiteracy")


def gdp_range(frame: pd.DataFrame, vintage: Vintage = PRE_SPECIFIED) -> tuple[float, float]:
    """Ends of the range of a missing GDP per head in yuan: the quantiles of ``RANGE`` of the known ones."""
    known = frame[vintage.column("gdp_per_capita")].astype(float)
    return float(known.quantile(RANGE[0])), float(known.quantile(RANGE[1]))


def monotone_ends(frame: pd.DataFrame, vintage: Vintage = PRE_SPECIFIED) -> Array:
    """Lower end of a missing GDP per head in yuan, by county, under the monotone reading."""
    least, most = gdp_range(frame, vintage)
    typical = _typical_counties(frame, vintage).clip(least, most)
    return np.where(frame["is_district"].to_numpy(dtype=bool), typical.fillna(least), least)


def _typical_counties(frame: pd.DataFrame, vintage: Vintage) -> pd.Series:
    """``MONOTONE_QUANTILE`` of the known GDP per head of counties, not districts, of each row's province."""
    rural = frame[~frame["is_district"].astype(bool)]
    typical = rural.groupby("province_code")[vintage.column("gdp_per_capita")].quantile(MONOTONE_QUANTILE)
    return frame["province_code"].map(typical).astype(float)


def monotone_share(frame: pd.DataFrame, vintage: Vintage = PRE_SPECIFIED) -> tuple[float, int]:
    """Share of the districts with a figure that lie where the monotone reading puts those without, and their number."""
    known = frame[vintage.column("gdp_per_capita")].astype(float)
    judged = frame["is_district"].astype(bool) & known.notna() & _typical_counties(frame, vintage).notna()
    return float((known >= _typical_counties(frame, vintage))[judged].mean()), int(judged.sum())


def fill_remainders(frame: pd.DataFrame, prefectures: pd.DataFrame, vintage: Vintage = PRE_SPECIFIED) -> pd.DataFrame:
    """The frame with the joint GDP per head of a prefecture's counties without a figure put in each of them.

    Parameters
    ----------
    frame : DataFrame
        Analysis frame.
    prefectures : DataFrame
        code, ``gdp_<year>`` and ``gdp_<year>_basis``; a sum of counties has no remainder.
    vintage : Vintage

    Returns
    -------
    DataFrame
        A copy; missing as before where no GDP of the prefecture is published or the remainder lies outside the range.
    """
    gdp, head, people = (vintage.column(stem) for stem in ("gdp", "gdp_per_capita", "population"))
    unknown = frame[head].isna()
    published = prefectures[prefectures[f"{gdp}_basis"].eq("published")].set_index("code")[gdp].astype(float)
    own = frame[gdp].astype(float).groupby(frame["prefecture_code"]).sum()
    rest = published.sub(own, fill_value=0.0).reindex(published.index)
    residents = frame[people].where(unknown).groupby(frame["prefecture_code"]).sum()
    joint = frame["prefecture_code"].map(rest / residents.where(residents > 0))
    least, most = gdp_range(frame, vintage)
    return frame.assign(**{head: frame[head].where(~unknown, joint.where(joint.between(least, most)))})


def impute_gdp(
    frame: pd.DataFrame, rng: Generator, vintage: Vintage = PRE_SPECIFIED, imputations: int = IMPUTATIONS
) -> Array:
    """GDP per head of every county, the missing ones drawn, for each imputation.

    Counties without lights (they have no polygon of their own in that layer) lack GDP too: lights are drawn first, from
    the same regressors without lights.

    Parameters
    ----------
    frame : DataFrame
        Analysis frame of the whole country.
    rng : Generator
    vintage : Vintage
    imputations : int

    Returns
    -------
    imputations x counties, yuan; missing where border, terrain or census are.

    Raises
    ------
    SpecificationError
        If a county with GDP has no lights.
    """
    gdp = numbers(frame, vintage.column("gdp_per_capita"))
    lights = numbers(frame, vintage.column("lights"))
    regressors = _imputed_from(frame, vintage)
    usable = np.isfinite(regressors).all(axis=1) & frame["prefecture_code"].notna().to_numpy()
    lit, known = usable & (lights > 0), usable & np.isfinite(gdp)
    if (known & ~lit).any():
        raise SpecificationError(
            f"{int((known & ~lit).sum())} counties have GDP but no lights; allowed: lights wherever there is GDP. "
            "Complete the table of lights, or leave these counties out."
        )
    prefecture = frame["prefecture_code"]
    log_lights = np.broadcast_to(np.log(np.where(lit, lights, 1.0)), (imputations, len(frame))).copy()
    dark = usable & ~lit
    if dark.any():
        drawn = draw_posterior(log_lights[0, lit], regressors[lit], prefecture[lit], rng, imputations)
        log_lights[:, dark] = drawn.predict(regressors[dark], prefecture[dark], rng)
    wanted = usable & ~known
    every = np.broadcast_to(regressors, (imputations, *regressors.shape))
    full = np.concatenate([every[:, wanted], log_lights[:, wanted, None]], axis=2)
    observed = np.column_stack([regressors[known], log_lights[0, known]])
    values = np.broadcast_to(gdp, (imputations, len(frame))).copy()
    if wanted.any():
        drawn = draw_posterior(np.log(gdp[known]), observed, prefecture[known], rng, imputations)
        values[:, wanted] = np.exp(drawn.predict(full, prefecture[wanted], rng))
    return values


def _imputed_from(frame: pd.DataFrame, vintage: Vintage) -> Array:
    """Regressors of the imputation model but lights: provinces, border, terrain, their product, status, census."""
    names = {
        stem: vintage.column(stem) if stem in _CENSUS or stem == "population" else stem for stem in (*_LOGGED, *_CENSUS)
    }
    border, ruggedness = numbers(frame, "on_border"), numbers(frame, "ruggedness")
    columns = [
        border,
        ruggedness,
        border * ruggedness,
        numbers(frame, "is_district"),
        *(np.log(numbers(frame, names[stem])) for stem in _LOGGED),
        *(numbers(frame, names[stem]) for stem in _CENSUS),
    ]
    provinces = pd.get_dummies(frame["province_code"]).to_numpy(dtype=float)
    return np.column_stack([provinces, *columns])
