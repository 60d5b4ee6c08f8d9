"""Synthetic difference-in-differences for whole prefectures, registered with the main design and before its result.

All six counties of Quzhou and all nine of Lishui are among the 26, so that each prefecture is one treated unit. Donors:
every prefecture of the adjacent provinces Anhui, Fujian and Jiangxi (Shanghai and Jiangsu have none that is like them).
Outcome: log of light per km2 of the prefecture. Window: all years; the change of sensor is met by donors that are as
bright, and checked by placebos in space.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from shanhai.core.errors import MissingDataError
from shanhai.core.places import require_codes
from shanhai.data.frames.lights import PREFIX, light_years
from shanhai.methods.synthetic.sdid import SdidPlacebo, sdid_placebo

TREATED = ("330800", "331100")
"""Prefectures that the policy covers wholly: Quzhou, Lishui."""

DONOR_PROVINCES = ("340000", "350000", "360000")
"""Anhui, Fujian, Jiangxi."""

OUTCOME = "log_lights_per_km2"
"""Name of the outcome in results."""


def prefecture_lights(frame: pd.DataFrame, provinces: Sequence[str]) -> pd.DataFrame:
    """Log of light per km2 of prefectures: light and area of the counties that have both, added up.

    Parameters
    ----------
    frame : DataFrame
        County frame with ``lights_<year>``, ``area_km2``, ``province_code``, ``prefecture_code``.
    provinces : sequence of str

    Returns
    -------
    DataFrame
        Index the prefecture code, columns the years.

    Raises
    ------
    UnknownPlaceError
        If the frame has no county in a province.
    MissingDataError
        If a prefecture has no light at all in a year.
    """
    years = light_years(frame)
    columns = [f"{PREFIX}{year}" for year in years]
    asked = require_codes(provinces, set(frame["province_code"]), "provinces of the frame")
    chosen = frame[frame["province_code"].isin(asked)]
    complete = chosen[chosen[[*columns, "area_km2"]].notna().all(axis=1)]
    sums = complete.groupby("prefecture_code")[[*columns, "area_km2"]].sum()
    density = sums[columns].div(sums["area_km2"], axis=0).set_axis(list(years), axis="columns")
    dark = density.index[density.le(0).any(axis=1)]
    if len(dark):
        raise MissingDataError(
            f"no light in some year in {', '.join(dark)}; needed: light in every year, as zero has no logarithm. Leave "
            "these prefectures out, or begin later."
        )
    return density.apply(np.log)


def prefecture_effects(frame: pd.DataFrame, policy_year: int) -> dict[str, SdidPlacebo]:
    """Synthetic difference-in-differences of Quzhou and of Lishui, each against the same donors.

    Raises
    ------
    MissingDataError
        If there are fewer than two years before the policy year.
    """
    panel = prefecture_lights(frame, ("330000", *DONOR_PROVINCES))
    at_home = frame.loc[frame["province_code"].eq("330000"), "prefecture_code"]
    donors = [code for code in panel.index if code not in set(at_home)]
    return {code: sdid_placebo(panel, code, OUTCOME, policy_year, donors) for code in TREATED}
