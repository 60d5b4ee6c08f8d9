"""The declared choices of the border effect: every option that a careful author could defend, and why.

All specifications estimate one thing: the difference, in log points, between counties at a provincial border and other
counties compared under the same fixed effects, at mean terrain. Options that would answer another question are not
here: continuous distance (another unit), schooling, ageing or urbanisation held fixed (borders may have changed them),
samples of single provinces (another population; notebook 03 has them), no fixed effects (compares rich with poor
provinces).
"""

import pandas as pd

from shanhai.errors import SpecificationError
from shanhai.model.variations.border_design import COVARIANCE, EFFECTS, SAMPLE, WEIGHTS
from shanhai.model.variations.border_measures import (
    AREA,
    BORDER,
    DISTRICT,
    ELEVATION,
    OUTCOME,
    REMOTENESS,
    TERRAIN_FORM,
)
from shanhai.model.variations.grid import Exclusion, Grid


def add_choice_columns(frame: pd.DataFrame, centres: pd.DataFrame | None = None) -> pd.DataFrame:
    """The analysis frame with the columns that the choices need beside it.

    Parameters
    ----------
    frame : DataFrame
        From ``analysis_frame``.
    centres : DataFrame, optional
        code, longitude, latitude (degrees, WGS 84), from ``county_centres``; needed for Conley errors unless the frame
        already has the coordinates.

    Returns
    -------
    DataFrame
        A copy with ``edge_within_10km``, ``centre_within_25km``, ``centre_within_50km`` (nullable booleans) and, from
        ``centres``, ``longitude`` and ``latitude``.

    Raises
    ------
    SpecificationError
        If a column is absent or a code has two centres.
    """
    absent = sorted({"code", "gap_to_border_km", "distance_to_border_km"} - set(frame.columns))
    if absent or (centres is not None and centres["code"].duplicated().any()):
        raise SpecificationError(
            f"the frame lacks {absent} or a code has two centres; allowed: the analysis frame and one centre a county. "
            "Build both from the same boundaries."
        )
    added = frame.assign(
        edge_within_10km=_within(frame["gap_to_border_km"], 10.0),
        centre_within_25km=_within(frame["distance_to_border_km"], 25.0),
        centre_within_50km=_within(frame["distance_to_border_km"], 50.0),
    )
    if centres is None:
        return added
    place = centres.set_index("code")[["longitude", "latitude"]].reindex(frame["code"])
    return added.assign(longitude=place["longitude"].to_numpy(), latitude=place["latitude"].to_numpy())


def _within(distance: pd.Series, limit: float) -> pd.Series:
    """Whether a distance is at most the limit; missing stays missing."""
    return (distance <= limit).astype("boolean").mask(distance.isna())


def border_grid() -> Grid:
    """Every defensible specification of the border effect; the main one is that of ``registered.main_spec``."""
    return Grid(
        choices=(
            OUTCOME,
            BORDER,
            TERRAIN_FORM,
            DISTRICT,
            AREA,
            REMOTENESS,
            ELEVATION,
            SAMPLE,
            WEIGHTS,
            EFFECTS,
            COVARIANCE,
        ),
        exclusions=EXCLUSIONS,
        main=tuple(MAIN.items()),
    )


EXCLUSIONS = (
    Exclusion(
        (("sample", ("no_districts",)), ("district", ("yes",))),
        "without districts in the sample the district dummy does not vary",
    ),
    Exclusion(
        (("effects", ("province_kind",)), ("district", ("yes",))),
        "the kind of unit already tells districts apart",
    ),
    Exclusion(
        (("sample", ("undoubted",)), ("outcome", ("lights_per_head", "lights_per_km2"))),
        "doubts about GDP are no reason to leave counties out of a regression of light",
    ),
)
"""Combinations that contradict themselves."""

MAIN = {
    "outcome": "gdp",
    "border": "touches",
    "terrain": "ruggedness_x_border",
    "district": "yes",
    "area": "no",
    "remoteness": "no",
    "elevation": "no",
    "sample": "china",
    "weights": "county",
    "effects": "province",
    "covariance": "prefecture",
}
"""The registered main specification in terms of these choices."""
