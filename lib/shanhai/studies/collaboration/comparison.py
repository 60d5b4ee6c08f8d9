"""An index over several pairs, never without its sensitivity, and refused where too little is printed."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from shanhai.data.collaboration import PROGRAMME
from shanhai.data.load import load_table
from shanhai.methods.composite import (
    Choices,
    entropy_weights,
    normalise,
    pair_table,
    parse_weights,
    rank_table,
    spread_scores,
)
from shanhai.studies.collaboration.design import (
    FIRMEST,
    LEAST_GROUPS,
    LEAST_PAIRS,
    LEVEL,
    PER_RESIDENTS,
    STAGES,
)

_ENTROPY = ["entropy"]


@dataclass(frozen=True)
class Basis:
    """What an index could rest on: the indicators that enough pairs print, and the pairs that print all of them."""

    table: pd.DataFrame = field(repr=False)
    """Pairs by indicators: per 10,000 residents of the place that is helped, or percent."""
    groups: pd.Series = field(repr=False)
    stages: pd.Series = field(repr=False)
    years: pd.Series = field(repr=False)
    """Year of each indicator, the same for all pairs."""
    given: int
    """Pairs with any result that can be scaled."""

    @property
    def suffices(self) -> bool:
        """Whether an index may be computed."""
        return len(self.table) >= LEAST_PAIRS and self.groups.nunique() >= LEAST_GROUPS


@dataclass(frozen=True)
class PairIndex:
    """The index of each pair with what its weights could make of it."""

    table: pd.DataFrame = field(repr=False)
    """By pair (``mountain-sea``): score, process, outcome (missing where no indicator of the stage enters), low and
    high (the index over all weights), rank, rank_low, rank_high (the middle 90 % of the draws), best, worst."""
    reversals: pd.DataFrame = field(repr=False)
    """Each two pairs: first, second, ahead, behind (shares of the draws)."""
    weights: pd.Series = field(repr=False)
    """By indicator."""
    draws: int

    @property
    def settled(self) -> int:
        """Comparisons of two pairs with one order in all draws of weights."""
        return int((self.reversals[["ahead", "behind"]].max(axis=1) >= 1).sum())


def check_collaboration_weights(weights: Sequence[str]) -> None:
    """Refuse weights that name no group or indicator, or are negative.

    Raises
    ------
    SpecificationError
    """
    if list(weights) != _ENTROPY:
        table = load_table("collaboration_indicators").set_index("indicator")
        parse_weights(list(weights), table["group"])


def index_basis(figures: pd.DataFrame, indicators: pd.DataFrame, residents: pd.Series) -> Basis:
    """Find the indicators and pairs of an index, by what is printed and never by its value.

    Results printed exactly or as a round figure enter, in the period of their indicator. Of each indicator the year
    counts that most pairs print (of several, the latest). Indicators that fewer than ``LEAST_PAIRS`` pairs print, or
    that do not vary, are left out. While fewer pairs than that print all others, the indicator goes that fewest print
    (of several, the last by name).

    Parameters
    ----------
    figures : of :func:`shanhai.data.collaboration.check_collaboration`, of all pairs.
    indicators : table ``collaboration_indicators``.
    residents : by code of the place that is helped.
    """
    known = indicators.set_index("indicator")
    rows = figures[figures["kind"].eq("result") & figures["bound"].isin(FIRMEST) & figures["year"].notna()]
    rows = rows[rows["period"].eq(rows["indicator"].map(known["period"])) & rows["mountain_code"].ne(PROGRAMME[0])]
    pair = rows["mountain_code"] + "-" + rows["sea_code"]
    scale = np.where(rows["unit"].eq("%"), 1.0, rows["mountain_code"].map(residents) / PER_RESIDENTS)
    rows = rows.assign(pair=pair, scaled=rows["value"] / scale).dropna(subset="scaled")
    columns, years = {}, {}
    for name, part in rows.groupby("indicator", sort=True):
        counts = part.groupby("year")["pair"].nunique()
        year = max(counts.index[counts.eq(counts.max())])
        values = part[part["year"].eq(year)].drop_duplicates("pair").set_index("pair")["scaled"]
        if len(values) >= LEAST_PAIRS and values.max() > values.min():
            columns[str(name)], years[str(name)] = values, int(year)
    table = pd.DataFrame(columns).sort_index()
    while len(table.columns) and len(table.dropna()) < LEAST_PAIRS:
        fewest = table.notna().sum()
        table = table.drop(columns=max(fewest.index[fewest.eq(fewest.min())]))
    table = table.dropna()
    table = table.loc[:, table.nunique().gt(1)]
    names = list(table.columns)
    return Basis(
        table,
        known["group"].reindex(names),
        known["stage"].reindex(names),
        pd.Series({name: years[name] for name in names}, dtype="int64"),
        int(rows["pair"].nunique()),
    )


def pair_index(basis: Basis, weights: Sequence[str], draws: int, seed: int) -> PairIndex | None:
    """Index of each pair, and how far its weights carry it; none where the basis does not suffice.

    The index is the weighted mean of indicators scaled by their range, all of which are better the more there is.
    Weights are equal by group, or the user's, or by entropy. Draws of weights are Dirichlet, of groups and within,
    every division being as likely as any other (:func:`shanhai.methods.composite.draw_weights`). Over all weights
    whatever, a weighted mean lies between the least and the greatest of its parts.

    Parameters
    ----------
    basis : Basis
    weights : sequence of str
        Empty: equal by group. ``["entropy"]``, or entries such as ``funds=2`` and ``goods_sold=0``.
    draws, seed : int

    Raises
    ------
    SpecificationError
        If a name is unknown, or the weights leave none of the indicators that enter.
    """
    check_collaboration_weights(weights)
    if not basis.suffices:
        return None
    directions = pd.Series(1, index=basis.table.columns)
    scaled = normalise(basis.table, directions)
    own = entropy_weights(scaled) if list(weights) == _ENTROPY else _entered(weights, basis)
    equal = _entered([], basis)
    groups = int(basis.groups.nunique())
    choices = Choices(("range",), ("mean",), float(groups), draws, seed)
    spread = spread_scores(basis.table, directions, basis.groups, {"equal": equal}, choices)
    ranks = rank_table(spread, LEVEL)
    score = scaled @ own
    table = pd.DataFrame(
        {
            "score": score,
            **{stage: _stage_score(scaled, own, basis.stages.eq(stage)) for stage in STAGES},
            "low": scaled.min(axis=1),
            "high": scaled.max(axis=1),
            "rank": score.rank(ascending=False, method="min").astype(int),
            "rank_low": ranks["low"],
            "rank_high": ranks["high"],
            "best": ranks["best"],
            "worst": ranks["worst"],
        }
    ).sort_values(["rank"], kind="stable")
    return PairIndex(table, pair_table(spread), own, draws)


def _entered(weights: Sequence[str], basis: Basis) -> pd.Series:
    """Weights of the indicators that enter; entries about others, which are known, say nothing here."""
    inside = {*basis.groups, *basis.groups.index}
    kept = [entry for entry in weights if entry.partition("=")[0].strip() in inside]
    return parse_weights(kept, basis.groups)


def _stage_score(scaled: pd.DataFrame, weights: pd.Series, chosen: pd.Series) -> pd.Series:
    total = weights[chosen].sum()
    if not total > 0:
        return pd.Series(np.nan, index=scaled.index)
    return scaled.loc[:, chosen] @ weights[chosen] / total
