"""The gap between two places, shared out among groups of variables: what notebook 08 shows and findings rest on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.claims.evidence import Evidence
from shanhai.core.errors import ParameterError
from shanhai.methods.decomposition import GapShares, OaxacaResult, oaxaca_blinder, share_gap, share_variance
from shanhai.methods.decomposition.gap import GapPart
from shanhai.methods.regression.design import sample_mask
from shanhai.studies.gap.places import GapArea, gap_areas
from shanhai.studies.gap.registered import DRAWS, GAP_DESIGN, MOUNTAIN_DESIGN, SEED, add_gap_variables, variants

SMALL_GAP = 0.1
"""Log points below which shares of a gap mean little, since the parts are as large as the whole; parts are then given
in log points."""

LEAST_DRAWS = 99
"""Draws from which the ends of a 95 % interval lie inside them."""

TRAITS: Mapping[str, tuple[str, ...]] = {
    "terrain": ("ruggedness",),
    "border": ("on_border",),
    "distance": ("distance_to_capital_km",),
    "district status": ("is_district",),
    "schooling": ("mean_schooling_2020",),
    "age structure": ("share_60_plus_2020",),
    "sector": ("primary_share_2021",),
}
"""Columns behind each group, in their own units."""


@dataclass(frozen=True)
class GapAnswer:
    """The account of one gap."""

    place: GapArea
    reference: GapArea
    shares: GapShares

    @property
    def in_percent(self) -> bool:
        """Whether the gap is large enough to speak of percent of it."""
        return abs(self.shares.gap) >= SMALL_GAP


def explain_places(
    place: str | int,
    reference: str | int,
    evidence: Evidence,
    *,
    design: str = "main",
    draws: int = DRAWS,
    seed: int = SEED,
) -> GapAnswer:
    """Share out the gap of a place to a reference by the registered design, or by one that differs in one thing.

    Parameters
    ----------
    place, reference : str
        Six-digit codes, as in :func:`shanhai.studies.gap.places.gap_areas`, whose errors are raised.
    evidence : Evidence
    design : str
        Key of :func:`shanhai.studies.gap.registered.variants`.
    draws, seed : int
        Draws of prefectures behind the intervals, and their start.

    Raises
    ------
    ParameterError
        If there are fewer draws than ``LEAST_DRAWS``.
    """
    if draws < LEAST_DRAWS:
        raise ParameterError(
            f"draws is {draws}; allowed: {LEAST_DRAWS} or more, as fewer give no 95 % interval. 999 are usual."
        )
    here, there = gap_areas(place, reference, evidence.frame)
    frame, chosen = gap_frame(evidence), variants()[design].design
    generator = np.random.default_rng(seed)
    return GapAnswer(
        here, there, share_gap(chosen, frame, here.counties, there.counties, draws=draws, generator=generator)
    )


def gap_frame(evidence: Evidence) -> pd.DataFrame:
    """The analysis frame with the variables of the decompositions, made once; do not change it in place."""
    made: pd.DataFrame = evidence.kept(
        "gap frame", lambda: add_gap_variables(evidence.analysis, evidence.table("census_2020"))
    )
    return made


def trait_table(answer: GapAnswer, evidence: Evidence) -> pd.DataFrame:
    """Population-weighted means of what the groups consist of, in place and reference, over the counties used.

    Returns
    -------
    DataFrame
        group, column, place, reference, difference.
    """
    frame = gap_frame(evidence)
    columns = [column for names in TRAITS.values() for column in names]
    complete = frame[[*columns, "gdp_per_capita_2021"]].notna().all(axis=1) & sample_mask(
        frame, GAP_DESIGN.regression.sample
    )
    means = []
    for area in (answer.place, answer.reference):
        rows = frame[complete & frame["code"].isin(area.counties)]
        values = rows[columns].astype("Float64").astype(float)
        means.append(values.mul(rows["population_2020"], axis=0).sum() / rows["population_2020"].sum())
    table = pd.DataFrame({"place": means[0], "reference": means[1]}).rename_axis("column").reset_index()
    groups = [group for group, names in TRAITS.items() for _ in names]
    return table.assign(difference=table["place"] - table["reference"]).assign(group=groups)[
        ["group", "column", "place", "reference", "difference"]
    ]


def variant_table(answer: GapAnswer, evidence: Evidence) -> pd.DataFrame:
    """Shapley shares under designs that change one thing at a time, without intervals.

    Returns
    -------
    DataFrame
        One row a design: key, label, label_zh, spec_id, n, n_place, gap, then the parts in log points (missing where a
        design has no such group).
    """
    frame = gap_frame(evidence)
    rows: list[dict[str, object]] = []
    for key, variant in variants().items():
        found = share_gap(
            variant.design,
            frame,
            answer.place.counties,
            answer.reference.counties,
            draws=0,
            generator=np.random.default_rng(0),
        )
        row = {"key": key, "label": variant.label, "label_zh": variant.label_zh, "spec_id": variant.design.spec_id}
        numbers = {"n": found.n, "n_place": found.n_place, "gap": found.gap}
        rows.append({**row, **numbers, **{part.name: part.contribution for part in found.parts}})
    return pd.DataFrame(rows)


def country_shares(evidence: Evidence, *, draws: int = DRAWS, seed: int = SEED) -> tuple[GapPart, ...]:
    """Shapley shares of the groups in the variance of log GDP per head between all counties."""
    return share_variance(GAP_DESIGN, gap_frame(evidence), draws=draws, generator=np.random.default_rng(seed))


def explain_mountain_counties(
    evidence: Evidence, *, by_row: bool = True, draws: int = DRAWS, seed: int = SEED
) -> OaxacaResult:
    """Oaxaca-Blinder decomposition of the gap between the 26 and the other counties of Zhejiang.

    Parameters
    ----------
    evidence : Evidence
    by_row : bool
        Draw counties (registered) or their prefectures.
    draws, seed : int
    """
    generator = np.random.default_rng(seed)
    return oaxaca_blinder(MOUNTAIN_DESIGN, gap_frame(evidence), by_row=by_row, draws=draws, generator=generator)
