"""What stands beside an account: slopes of the province's own, how usual the unexplained part is, forms of terrain."""

from dataclasses import dataclass, replace
from math import hypot

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.core.places import Place
from shanhai.core.shared import shared
from shanhai.data.load import load_places
from shanhai.methods.decomposition import GapShares, oaxaca_blinder, share_gap
from shanhai.methods.decomposition.gap import GapPart
from shanhai.methods.estimate import Estimate
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.results import FitResult
from shanhai.studies.border.design import RUGGEDNESS
from shanhai.studies.gap.analysis import GapAnswer, GapData, design_row, shares_under
from shanhai.studies.gap.design import (
    DRAWS,
    MAIN_COEFFICIENTS,
    SEED,
    elsewhere_design,
    forms,
    gap_design,
    own_design,
)


@dataclass(frozen=True)
class OwnSlopes:
    """The account of a gap with the slopes of the one province that place and reference lie in."""

    province: Place
    national: GapShares
    """The account with national slopes, the main column."""
    shares: GapShares
    """The account with the province's own."""
    slopes: tuple[Estimate, Estimate, Estimate]
    """What a national standard deviation of ruggedness is associated with off the border: in the country, in the
    province, and the difference of the province from all others (degrees of freedom: its prefectures less one)."""

    def either(self, name: str) -> GapPart:
        """A part with the union of both intervals, which holds whichever of the two sets of slopes is right, and is
        wider than needed if one knew which. The contribution is that of the main column."""
        main, own = self.national.part(name), self.shares.part(name)
        return GapPart(name, main.contribution, float("nan"), min(main.low, own.low), max(main.high, own.high))


@dataclass(frozen=True)
class NoOwnSlopes:
    """Why an account has no own slopes beside it."""

    province: Place | None
    """The province that cannot carry a regression; None if place and reference are not of one province."""
    clusters: int
    """Prefectures of the province with figures."""


@dataclass(frozen=True)
class Residual:
    """How usual it is that as much of a place's GDP per head is left unexplained."""

    value: float
    """Mean residual of the place under the main design, log points; beside its province, whose own mean is zero."""
    percentile: float
    """Percent of places of its level whose mean residual is lower."""
    places: int
    """Places of its level with figures, itself among them."""
    level: str
    """``prefecture`` or ``county``."""


@shared
def own_slopes(answer: GapAnswer, data: GapData, *, draws: int = DRAWS, seed: int = SEED) -> OwnSlopes | NoOwnSlopes:
    """Share the gap out once more, with slopes estimated in the province alone.

    Parameters
    ----------
    answer : GapAnswer
        From ``explain_places``.
    data : GapData
    draws, seed : int
        Draws of the province's prefectures, and their start.

    Returns
    -------
    OwnSlopes or NoOwnSlopes
        The second where place and reference lie in several provinces, or one that has no more prefectures than
        coefficients, or a trait that does not vary.
    """
    frame = data.frame
    codes = sorted(
        frame.loc[frame["code"].isin(answer.place.counties | answer.reference.counties), "province_code"].unique()
    )
    if len(codes) > 1:
        return NoOwnSlopes(None, 0)
    province = load_places().province(codes[0])
    design = own_design(data.vintage, codes[0])
    try:
        own = fit(design.regression, frame)
    except SpecificationError:  # too few clusters, or a trait that does not vary: a property of the province
        known = frame.loc[frame["province_code"].eq(codes[0]) & frame[data.vintage.column("gdp_per_capita")].notna()]
        return NoOwnSlopes(province, int(known["prefecture_code"].nunique()))
    shares = share_gap(
        design,
        frame,
        answer.place.counties,
        answer.reference.counties,
        draws=draws,
        generator=np.random.default_rng(seed),
    )
    country = fit(gap_design(data.vintage).regression, frame)
    unit = _deviation(country)
    whole, inside, others = (
        _per_unit(result, unit) for result in (country, own, fit(elsewhere_design(data.vintage, codes[0]), frame))
    )
    # prefectures lie in one province each, so that the two samples share no cluster
    apart = Estimate(inside.value - others.value, hypot(inside.se, others.se), inside.df, inside.error)
    return OwnSlopes(province, answer.shares, shares, (whole, inside, apart))


def _deviation(result: FitResult) -> float:
    """Metres of a standard deviation of ruggedness in a sample."""
    return next(scale.deviation for scale in result.scales if scale.term == RUGGEDNESS.name)


def _per_unit(result: FitResult, unit: float) -> Estimate:
    """Slope of ruggedness per ``unit`` metres."""
    slope, turn = result.estimate(RUGGEDNESS.name), unit / _deviation(result)
    return Estimate(slope.value * turn, slope.se * turn, slope.df, slope.error)


def residual_of(answer: GapAnswer, data: GapData) -> Residual:
    """Where the place stands among all places of its level by what is left unexplained.

    Counties with all figures, under the main design; means over residents. Places that a province lists for units it
    administers directly are no prefectures and are left out.

    Parameters
    ----------
    answer : GapAnswer
    data : GapData
    """
    result = fit(gap_design(data.vintage).regression, data.frame)
    rows = data.frame.iloc[result.rows]
    people = rows[data.vintage.column("population")].to_numpy(dtype=float)
    known = pd.DataFrame(
        {"code": rows["code"].to_numpy(), "prefecture": rows["prefecture_code"].to_numpy(), "people": people}
    ).assign(left=result.residuals * people)
    here = known[known["code"].isin(answer.place.counties)]
    value = float(here["left"].sum() / here["people"].sum())
    prefectures = {place.code for place in load_places().all if place.level == "prefecture" and place.kind != _DIRECT}
    of_prefecture = answer.place.code in prefectures
    units = (
        known[known["prefecture"].isin(prefectures)].groupby("prefecture") if of_prefecture else known.groupby("code")
    )
    sums = units[["left", "people"]].sum()
    means = sums["left"] / sums["people"]
    lower = 100.0 * float((means < value - _ROUNDING).mean())
    return Residual(value, lower, len(means), "prefecture" if of_prefecture else "county")


_DIRECT = "direct_administration"

_ROUNDING = 1e-12
"""A mean that is nearer is the place's own."""


def form_table(answer: GapAnswer, data: GapData) -> pd.DataFrame:
    """What terrain accounts for, and what is left, under each form in which terrain enters, without intervals.

    Returns
    -------
    DataFrame
        One row a form (key of :func:`shanhai.studies.gap.design.forms`): key, spec_id, n, gap, terrain, remainder (log
        points, of the gap of the place); mountain_n, mountain_gap, mountain_terrain, mountain_remainder (of the 26
        against the rest of Zhejiang).
    """
    rows = []
    for key, (shares_design, mountain) in forms(data.vintage).items():
        shares = shares_under(shares_design, answer, data)
        parts = oaxaca_blinder(mountain, data.frame, by_row=True, draws=0, generator=np.random.default_rng(0))
        explained = {part.name: part.contribution for part in parts.explained[MAIN_COEFFICIENTS]}
        rows.append(
            {
                "key": key,
                "spec_id": shares_design.spec_id,
                "n": shares.n,
                "gap": shares.gap,
                "terrain": shares.part("terrain").contribution,
                "remainder": shares.part("remainder").contribution,
                "mountain_spec_id": mountain.shares.spec_id,
                "mountain_n": parts.n_first + parts.n_second,
                "mountain_gap": parts.gap.contribution,
                "mountain_terrain": explained["terrain"],
                "mountain_remainder": parts.twofold[MAIN_COEFFICIENTS][1].contribution,
            }
        )
    return pd.DataFrame(rows)


def own_rows(answer: GapAnswer, own: OwnSlopes | NoOwnSlopes, data: GapData) -> pd.DataFrame:
    """Rows of ``design_table`` for own slopes, and for those estimated without the place; none without own slopes."""
    if isinstance(own, NoOwnSlopes):
        return pd.DataFrame()
    accounts = {"own": own.shares, "own_apart": _without_place(answer, own, data)}
    return pd.DataFrame([design_row(key, shares) for key, shares in accounts.items()])


def _without_place(answer: GapAnswer, own: OwnSlopes, data: GapData) -> GapShares:
    """Shares with own slopes to which the place adds nothing: it stays in the means, and its weight in the regression
    is a billionth of its residents."""
    frame, design = data.frame, own.shares.design
    people = frame[data.vintage.column("population")].astype(float)
    inside = frame["code"].isin(answer.place.counties)
    given = GapData(frame.assign(**{_APART: people.where(~inside, people * 1e-9)}), data.vintage)
    return shares_under(replace(design, regression=replace(design.regression, weights=_APART)), answer, given)


_APART = "residents_elsewhere"
