"""Scores and ranks of the 26 within their types, how far they can be trusted, and their change between two dates."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import beta

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.core.shared import shared
from shanhai.data.vintage import PRE_SPECIFIED, Vintage
from shanhai.methods.arrays import Array
from shanhai.methods.checks import require_present
from shanhai.methods.composite import (
    Spread,
    among,
    coordination_table,
    entropy_weights,
    group_scores,
    group_weights,
    normalise,
    pair_table,
    parse_weights,
    pca_weights,
    rank_table,
    ranks_of,
    single_changes,
    spread_scores,
    variance_shares,
)
from shanhai.methods.panels import as_table
from shanhai.methods.records import Quantity
from shanhai.studies.ranking.design import (
    BOTH,
    CLASS_WEIGHTS,
    CONCENTRATION,
    DRAWS,
    INDICATORS,
    SURE,
    RankingSpec,
    ranking_spec,
)
from shanhai.studies.ranking.values import county_types, position_values, repeated_values

_CONCENTRATIONS = (6.0, 12.0, 24.0, 96.0)
"""From every division of six equal groups alike (6) to weights that hardly leave their scheme (96)."""


MOSTLY = 0.8
"""Share of pairs, as of the cases in which a test is asked to find a difference."""


@dataclass(frozen=True)
class Ranking:
    """Scores and ranks of the counties of one type."""

    kind: str
    """``leapfrog`` or ``ecological``."""
    spec: RankingSpec
    vintage: Vintage
    weights: pd.DataFrame = field(repr=False)
    """Indicators by weighting schemes."""
    indicators: pd.DataFrame = field(repr=False)
    """Values of all 26 in their own units; all of them fix the limits of the scales."""
    spread: Spread = field(repr=False)
    """Scores of the counties of the type under every combination."""
    ranks: pd.DataFrame = field(repr=False)
    """See :func:`~shanhai.methods.composite.rank_table`."""
    groups: pd.DataFrame = field(repr=False)
    """Scores of the groups from 0 to 100, reference scaling and weights."""
    coordination: pd.DataFrame = field(repr=False)
    """See :func:`~shanhai.methods.composite.coordination_table`."""
    without: tuple[str, ...] = ()
    """Indicators that no county has a figure of, left out."""

    @cached_property
    def pairs(self) -> pd.Series:
        """Share of the rankings that agree on the order of two counties, by pair."""
        return pair_table(self.spread)[["ahead", "behind"]].max(axis=1)

    @cached_property
    def variance(self) -> pd.Series:
        """Shares of the variance of ranks by decision; see :func:`~shanhai.methods.composite.variance_shares`."""
        return variance_shares(self.spread)

    @cached_property
    def single(self) -> pd.DataFrame:
        """One decision changed at a time; see :func:`~shanhai.methods.composite.single_changes`."""
        return single_changes(self.spread)

    @cached_property
    def apart(self) -> tuple[float, float]:
        """Places, and points of the reference score, from which on two counties mostly keep their order.

        Of the pairs that lie as far apart or farther in the reference, :data:`MOSTLY` keep their order in
        :data:`~shanhai.studies.ranking.design.SURE` of the rankings; infinite if not even the farthest do.
        """
        table = pair_table(self.spread)
        kept = (table[["ahead", "behind"]].max(axis=1) >= SURE).to_numpy()
        first, second = (self.ranks.loc[table[side], ["rank", "score"]].to_numpy() for side in ("first", "second"))
        places, points = np.abs(first - second).T
        return _least_apart(places, kept), _least_apart(points, kept)

    @property
    def width(self) -> float:
        """Median number of places that the interval of a county's rank covers."""
        return float((self.ranks["high"] - self.ranks["low"] + 1).median())


@dataclass(frozen=True)
class Change:
    """Change of the counties of one type between 2010/11 and today on one scale."""

    kind: str
    against_province: bool
    """Whether indicators are gaps to the province."""
    spec: RankingSpec
    vintage: Vintage
    table: pd.DataFrame = field(repr=False)
    """By code: early, late (reference scores from 0 to 100), change (late less early, in standard deviations of the
    scores of all counties and both dates), low, high (middle 90 % of the draws), improved (share of the draws with a
    higher score), rank_early, rank_late (within the type), and their low and high."""
    left_out: tuple[str, ...]
    """Codes without figures for both dates."""

    @property
    def reach(self) -> float:
        """Median half-width of the intervals of change, standard deviations: smaller changes are not significant."""
        return float(((self.table["high"] - self.table["low"]) / 2).median())


def _least_apart(distances: Array, kept: NDArray[np.bool_]) -> float:
    """Smallest distance such that of all pairs as far apart or farther :data:`MOSTLY` are kept."""
    enough = [distance for distance in distances if kept[distances >= distance].mean() >= MOSTLY]
    return float(min(enough, default=np.inf))


def rank_counties(
    kind: str,
    user_weights: Sequence[str] = (),
    *,
    vintage: Vintage = PRE_SPECIFIED,
    concentration: float = CONCENTRATION,
    draws: int = DRAWS,
    seed: int = 1,
    values: pd.DataFrame | None = None,
) -> Ranking:
    """Score and rank the counties of one type by the indicators that it is judged by.

    Parameters
    ----------
    kind : str
    user_weights : sequence of str
        ``name=weight`` of groups or indicators (see :func:`~shanhai.methods.composite.parse_weights`), in place of the
        declared weights. Names that only the other type is judged by are skipped; what weighs zero is left out of every
        scheme.
    vintage : Vintage
        Years of the figures.
    concentration, draws, seed
        See :class:`~shanhai.methods.composite.Choices`.
    values : DataFrame, optional
        Indicators of the 26; computed if not given.

    Raises
    ------
    SpecificationError
        For an unknown type or weight, and for values that are no numbers or lack an indicator.
    MissingDataError
        If values lack a county of the type.
    """
    check_weights(user_weights)
    judged = _first_weights(user_weights, _known_type(kind)).index
    known = position_values(vintage) if values is None else as_table(values, "values", missing=True)
    absent = [name for name in judged if name not in known.columns]
    if absent:
        raise SpecificationError(
            f"values lack the indicators {', '.join(absent)}; needed: those that {kind} counties are judged by. Take "
            "position_values()."
        )
    without = tuple(name for name in judged if len(known) and known[name].isna().all())
    own = _first_weights(user_weights, kind, without=without)
    groups, directions = _groups(kind).reindex(own.index), _directions().reindex(own.index)
    spec = ranking_spec(
        kind,
        tuple(own.index),
        user_weights=tuple(user_weights),
        concentration=concentration,
        draws=draws,
        seed=seed,
        gdp_year=vintage.gdp,
    )
    chosen = known[list(own.index)]
    schemes = _schemes(spec, own, chosen, groups, directions)
    codes = county_types()[lambda types: types.eq(kind)].index
    require_present(codes, chosen.index, "values")
    spread = among(spread_scores(chosen, directions, groups, schemes, spec.choices), codes)
    reference = schemes[spec.schemes[0]]
    # what is missing counts as the median of the others
    scaled = normalise(chosen, directions, spec.normalisations[0])
    means, _ = group_scores(scaled.fillna(scaled.median()).to_numpy(), reference.to_numpy(dtype=float), groups)
    systems = pd.DataFrame(means, index=chosen.index, columns=list(dict.fromkeys(groups))).loc[codes]
    shares = reference.groupby(groups).sum().reindex(systems.columns)
    return Ranking(
        kind,
        spec,
        vintage,
        pd.DataFrame(schemes),
        chosen,
        spread,
        rank_table(spread, spec.level),
        systems * 100,
        coordination_table(systems, shares),
        without,
    )


def compare_dates(
    kind: str,
    user_weights: Sequence[str] = (),
    *,
    vintage: Vintage = PRE_SPECIFIED,
    against_province: bool = False,
    concentration: float = CONCENTRATION,
    draws: int = DRAWS,
    seed: int = 1,
) -> Change:
    """Compare 2010/11 with today on one scale: limits, ideal points, entropy and components come from both together.

    Only indicators that were measured alike at both dates are used, only counties that have them all, and the same
    random weights at both dates. Cangnan is taken together with Longgang.

    Raises
    ------
    MissingDataError
        If fewer than three counties of the type have figures for both dates.
    """
    check_weights(user_weights)
    waves = repeated_values(vintage, against_province=against_province)
    without = tuple(str(name) for name in waves["late"] if waves["late"][name].isna().all())
    own = _first_weights(user_weights, _known_type(kind), repeated=True, without=without)
    groups, directions = _groups(kind).reindex(own.index), _directions().reindex(own.index)
    spec = ranking_spec(
        kind,
        tuple(own.index),
        user_weights=tuple(user_weights),
        concentration=concentration,
        draws=draws,
        seed=seed,
        gdp_year=vintage.gdp,
    )
    used = {wave: table[list(own.index)] for wave, table in waves.items()}
    complete = used["early"].notna().all(axis=1) & used["late"].notna().all(axis=1)
    members = county_types().eq(kind)
    codes = complete.index[complete & members]
    if len(codes) < 3:
        raise MissingDataError(f"{len(codes)} {kind} counties have figures for both dates; three are needed.")
    stacked = pd.concat({wave: table[complete] for wave, table in used.items()})
    schemes = _schemes(spec, own, stacked, groups, directions)
    spread = spread_scores(stacked, directions, groups, schemes, spec.choices)
    return Change(
        kind,
        against_province,
        spec,
        vintage,
        _change_table(spread, codes, spec.level),
        tuple(members.index[members & ~complete]),
    )


def _change_table(spread: Spread, codes: pd.Index, level: float) -> pd.DataFrame:
    both = {wave: among(spread, pd.MultiIndex.from_product([[wave], codes])) for wave in ("early", "late")}
    flat = {wave: part.scores.reshape(-1, len(codes)) for wave, part in both.items()}
    # methods and scalings have units of their own: each is measured by the spread of its scores over both dates
    moved = (flat["late"] - flat["early"]) / np.asarray(spread.scores.std(axis=-1)).reshape(-1, 1)
    bounds = [0.5 - level / 2, 0.5 + level / 2]
    low, high = np.quantile(moved, bounds, axis=0)
    reference = {wave: part.fixed[0, 0, 0] for wave, part in both.items()}
    table = pd.DataFrame({wave: scores * 100 for wave, scores in reference.items()}, index=codes)
    table["change"] = (reference["late"] - reference["early"]) / np.asarray(spread.fixed.std(axis=-1))[0, 0, 0]
    table["low"], table["high"] = low, high
    table["improved"] = (moved > 0).mean(axis=0)
    for wave, part in both.items():
        ranks = ranks_of(part.scores).reshape(-1, len(codes))
        edges = np.quantile(ranks, bounds, axis=0, method="inverted_cdf")
        table[f"rank_{wave}"] = ranks_of(part.fixed[0, 0, 0])
        table[f"rank_{wave}_low"], table[f"rank_{wave}_high"] = edges.astype(int)
    return table


@shared
def spread_by_concentration(
    kind: str,
    user_weights: Sequence[str] = (),
    *,
    vintage: Vintage = PRE_SPECIFIED,
    concentrations: Sequence[float] = _CONCENTRATIONS,
    draws: int = DRAWS,
    seed: int = 1,
    values: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Safe orders and widths of intervals, by how closely weights are drawn around the schemes.

    Returns
    -------
    DataFrame
        kind, concentration, group_low and group_high (percent; where a group of one sixth lies in the middle 95 % of
        the draws), kept (share of pairs of counties whose order :data:`~shanhai.studies.ranking.design.SURE` of the
        rankings agree on), width (median number of places that an interval covers), places.
    """
    if not len(concentrations):
        raise SpecificationError("there are no concentrations; needed: one or more, such as 6, 12, 24 and 96.")
    known = position_values(vintage) if values is None else values
    rows = []
    for concentration in concentrations:
        ranking = rank_counties(
            kind, user_weights, vintage=vintage, concentration=concentration, draws=draws, seed=seed, values=known
        )
        # the weight of one of six equal groups follows a beta distribution
        low, high = beta.ppf([0.025, 0.975], concentration / 6, concentration * 5 / 6) * 100
        kept = float((ranking.pairs >= SURE).mean())
        rows.append((kind, concentration, float(low), float(high), kept, ranking.width, len(ranking.ranks)))
    columns = ["kind", "concentration", "group_low", "group_high", "kept", "width", "places"]
    return pd.DataFrame(rows, columns=columns)


def check_weights(entries: Sequence[str]) -> None:
    """Refuse unknown names, negative values, and weights that leave fewer than two groups, today or at both dates.

    Raises
    ------
    SpecificationError
    """
    for kind, repeated in product(BOTH, (False, True)):
        groups = _groups(kind, repeated=repeated)
        weights = _user_weights(entries, groups)
        left = list(dict.fromkeys(groups[weights > 0]))
        if len(left) < 2:
            raise SpecificationError(
                f"the weights leave {', '.join(left)} alone for {kind} counties{' at both dates' if repeated else ''}; "
                f"two groups are needed, of {', '.join(dict.fromkeys(groups))}. Weigh one more."
            )


def _known_type(kind: str) -> str:
    if kind not in BOTH:
        raise SpecificationError(f"type {kind!r} is unknown; choose one of {', '.join(BOTH)}.")
    return kind


def _groups(kind: str, *, repeated: bool = False) -> pd.Series:
    """Group by key of the indicators that a type is judged by."""
    judging = [each for each in INDICATORS if kind in each.types and (each.repeated or not repeated)]
    return pd.Series({each.key: each.group for each in judging}, name="group")


def _directions() -> pd.Series:
    return pd.Series({each.key: each.direction for each in INDICATORS}, name="direction")


def _first_weights(
    entries: Sequence[str], kind: str, *, repeated: bool = False, without: Sequence[str] = ()
) -> pd.Series:
    """The user's weights, or those declared for the type. What weighs nothing is no indicator at all."""
    groups = _groups(kind, repeated=repeated).drop(list(without), errors="ignore")
    if entries:
        weights = _user_weights(entries, groups)
        return weights[weights > 0]
    present = set(groups)
    return group_weights(groups, {name: value for name, value in CLASS_WEIGHTS[kind].items() if name in present})


def _user_weights(entries: Sequence[str], groups: pd.Series) -> pd.Series:
    """Weights of a user for the indicators of a type; entries on indicators that it is not judged by are skipped."""
    known = pd.Series({each.key: each.group for each in INDICATORS}, name="group")
    parse_weights(list(entries), known)
    absent = (set(known) | set(known.index)) - set(groups) - set(groups.index)
    return parse_weights([entry for entry in entries if entry.partition("=")[0].strip() not in absent], groups)


def _schemes(
    spec: RankingSpec, own: pd.Series, values: pd.DataFrame, groups: pd.Series, directions: pd.Series
) -> dict[str, pd.Series]:
    """Weights by scheme; entropy and components are those of the values."""
    others = {
        "equal": group_weights(groups),
        "entropy": entropy_weights(normalise(values, directions, "range")),
        "components": pca_weights(values),
    }
    return {spec.schemes[0]: own, **{name: others[name] for name in spec.schemes[1:]}}


_RANK_ROWS = (
    ("score", "reference", "score", ""),
    ("rank", "reference", "rank", ""),
    ("rank", "median", "median", ""),
    ("rank", "low", "low", ", from"),
    ("rank", "high", "high", ", to"),
)
"""What is stored of each county: quantity, model, column, and which end of a range it is."""

_CHANGE_ROWS = (("reference", "change", ""), ("", "low", ", from"), ("", "high", ", to"))


def ranking_quantities(rankings: Sequence[Ranking], changes: Sequence[tuple[Change, Change]]) -> list[Quantity]:
    """Scores, ranks and their range, shares of variance, and changes.

    Ranges are over decisions (scalings, weights, methods), not over samples: none of these is an estimate.
    """
    rows: list[Quantity] = []
    for each in rankings:
        count, places, spec_id = f"{each.spread.scores[..., 0].size} rankings", len(each.ranks), each.spec.spec_id
        middle = f"middle {each.spec.level:.0%} of {count}"
        models = {"reference": "reference", "median": f"median of {count}", "low": middle, "high": middle}
        rows += [
            Quantity(
                each.kind, f"composite {what}", models[model], f"county {code}{side}", row[column], places, spec_id
            )
            for code, row in each.ranks.iterrows()
            for what, model, column, side in _RANK_ROWS
        ]
        rows += [
            Quantity(each.kind, "share of rank variance", count, str(name), share, places, spec_id)
            for name, share in each.variance.items()
        ]
    for change in (change for pair in changes for change in pair):
        quantity = f"change of score, {'gaps to the province' if change.against_province else 'levels'}"
        middle, places, spec_id = (
            f"middle {change.spec.level:.0%} of all rankings",
            len(change.table),
            change.spec.spec_id,
        )
        rows += [
            Quantity(change.kind, quantity, model or middle, f"county {code}{side}", row[column], places, spec_id)
            for code, row in change.table.iterrows()
            for model, column, side in _CHANGE_ROWS
        ]
    return rows
