"""The declared choices of the border effect: every option that a careful author could defend, and why.

All specifications estimate one thing: the difference, in log points, between counties at a provincial border and other
counties compared under the same fixed effects, at mean terrain. Options that would answer another question are not
here: continuous distance (another unit), schooling, ageing or urbanisation held fixed (borders may have changed them),
samples of single provinces (another population; notebook 03 has them), no fixed effects (compares rich with poor
provinces).
"""

import pandas as pd

from shanhai.methods.checks import as_distances, require_columns
from shanhai.methods.curve.grid import Exclusion, Grid
from shanhai.studies.robustness.curve_border_design import COVARIANCE, EFFECTS, SAMPLE, WEIGHTS
from shanhai.studies.robustness.curve_border_measures import (
    AREA,
    BORDER,
    DISTRICT,
    ELEVATION,
    OUTCOME,
    REMOTENESS,
    TERRAIN_FORM,
)


def add_choice_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """The analysis frame with the columns that the choices need beside it.

    Parameters
    ----------
    frame : DataFrame
        From ``analysis_frame``.

    Returns
    -------
    DataFrame
        A copy with ``edge_within_10km``, ``centre_within_25km`` and ``centre_within_50km`` (nullable booleans).

    Raises
    ------
    SpecificationError
        If a column is absent, or holds no distances.
    """
    require_columns(frame, ("gap_to_border_km", "distance_to_border_km"))
    return frame.assign(
        edge_within_10km=_within(frame["gap_to_border_km"], 10.0),
        centre_within_25km=_within(frame["distance_to_border_km"], 25.0),
        centre_within_50km=_within(frame["distance_to_border_km"], 50.0),
    )


def _within(distance: pd.Series, limit: float) -> pd.Series:
    """Whether a distance is at most the limit; missing stays missing."""
    kilometres = pd.Series(as_distances(distance, f"column {distance.name!r}"), index=distance.index)
    return (kilometres <= limit).astype("boolean").mask(kilometres.isna())


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
