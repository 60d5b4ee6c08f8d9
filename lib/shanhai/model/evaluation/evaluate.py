"""Scores and ranks of the 26 within their types, today and since 2010/11."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.errors import MissingDataError, SpecificationError
from shanhai.model.composite import (
    Spread,
    among,
    coordination_table,
    entropy_weights,
    group_scores,
    group_weights,
    normalise,
    parse_weights,
    pca_weights,
    rank_table,
    ranks_of,
    spread_scores,
)
from shanhai.model.evaluation.indicators import BOTH, directions_of, groups_of, indicators_of
from shanhai.model.evaluation.registered import CLASS_WEIGHTS, CONCENTRATION, DRAWS, EvaluationSpec, evaluation_spec
from shanhai.model.evaluation.values import county_types, position_values, repeated_values


@dataclass(frozen=True)
class Evaluation:
    """Evaluation of the counties of one type.

    Attributes
    ----------
    kind : str
        ``leapfrog`` or ``ecological``.
    spec : EvaluationSpec
    weights : DataFrame
        Indicators by weighting schemes.
    indicators : DataFrame
        Values of all 26 in their own units; all of them fix the limits of the scales.
    spread : Spread
        Scores of the counties of the type under every combination.
    ranks : DataFrame
        See :func:`~shanhai.model.composite.rank_table`.
    groups : DataFrame
        Scores of the groups from 0 to 100, reference scaling and weights; missing where a group rests on nothing.
    coordination : DataFrame
        See :func:`~shanhai.model.composite.coordination_table`.
    """

    kind: str
    spec: EvaluationSpec
    weights: pd.DataFrame = field(repr=False)
    indicators: pd.DataFrame = field(repr=False)
    spread: Spread = field(repr=False)
    ranks: pd.DataFrame = field(repr=False)
    groups: pd.DataFrame = field(repr=False)
    coordination: pd.DataFrame = field(repr=False)


@dataclass(frozen=True)
class Change:
    """Change of the counties of one type between 2010/11 and 2020/21 on one scale.

    Attributes
    ----------
    kind : str
    against_province : bool
        Whether indicators are gaps to the province.
    spec : EvaluationSpec
    table : DataFrame
        By code: early, late (reference scores from 0 to 100), change (late less early, in standard deviations of the
        scores of all counties and both dates), low, high (middle 90 % of the draws), improved (share of the draws with
        a higher score), rank_early, rank_late (within the type), and their low and high.
    points : DataFrame
        By code and group: how many points of the reference score each group brought; a row adds up to its change.
    left_out : tuple of str
        Codes without figures for both dates.
    """

    kind: str
    against_province: bool
    spec: EvaluationSpec
    table: pd.DataFrame = field(repr=False)
    points: pd.DataFrame = field(repr=False)
    left_out: tuple[str, ...]


def evaluate(
    kind: str,
    user_weights: Sequence[str] = (),
    *,
    concentration: float = CONCENTRATION,
    draws: int = DRAWS,
    seed: int = 1,
    values: pd.DataFrame | None = None,
) -> Evaluation:
    """Score and rank the counties of one type by the indicators that it is judged by.

    Parameters
    ----------
    kind : str
    user_weights : sequence of str
        ``name=weight`` of groups or indicators (see :func:`~shanhai.model.composite.parse_weights`), in place of the
        declared weights. Names that only the other type is judged by are skipped.
    concentration, draws, seed
        See :class:`~shanhai.model.composite.Choices`.
    values : DataFrame, optional
        Indicators of the 26; computed if not given.

    Raises
    ------
    SpecificationError
        For an unknown type or weight.
    """
    check_weights(user_weights)
    judged = indicators_of(_known(kind))
    groups, directions = groups_of(judged), directions_of(judged)
    spec = evaluation_spec(
        kind, tuple(groups.index), user_weights=tuple(user_weights), concentration=concentration, draws=draws, seed=seed
    )
    chosen = (position_values() if values is None else values)[list(groups.index)]
    schemes = _schemes(spec, kind, chosen, groups, directions)
    codes = county_types()[lambda types: types.eq(kind)].index
    spread = among(spread_scores(chosen, directions, groups, schemes, spec.choices), codes)
    reference = schemes[spec.schemes[0]]
    systems = _group_table(chosen, directions, groups, reference, spec.normalisations[0])
    shares = reference.groupby(groups).sum().reindex(systems.columns)
    return Evaluation(
        kind,
        spec,
        pd.DataFrame(schemes),
        chosen,
        spread,
        rank_table(spread, spec.level),
        systems.loc[codes] * 100,
        coordination_table(systems.loc[codes], shares),
    )


def evaluate_change(
    kind: str,
    user_weights: Sequence[str] = (),
    *,
    against_province: bool = False,
    concentration: float = CONCENTRATION,
    draws: int = DRAWS,
    seed: int = 1,
) -> Change:
    """Compare both dates on one scale: limits, ideal points, entropy and components come from both dates together.

    Only indicators that were measured alike at both dates are used, only counties that have them all, and the same
    random weights at both dates. Cangnan is taken together with Longgang.

    Raises
    ------
    MissingDataError
        If fewer than three counties of the type have figures for both dates.
    """
    check_weights(user_weights)
    judged = indicators_of(_known(kind), repeated=True)
    groups, directions = groups_of(judged), directions_of(judged)
    spec = evaluation_spec(
        kind, tuple(groups.index), user_weights=tuple(user_weights), concentration=concentration, draws=draws, seed=seed
    )
    waves = repeated_values(against_province=against_province)
    used = {wave: table[list(groups.index)] for wave, table in waves.items()}
    complete = used["early"].notna().all(axis=1) & used["late"].notna().all(axis=1)
    own = county_types().eq(kind)
    codes = complete.index[complete & own]
    if len(codes) < 3:
        raise MissingDataError(f"{len(codes)} {kind} counties have figures for both dates; three are needed.")
    stacked = pd.concat({wave: table[complete] for wave, table in used.items()})
    schemes = _schemes(spec, kind, stacked, groups, directions)
    spread = spread_scores(stacked, directions, groups, schemes, spec.choices)
    reference = schemes[spec.schemes[0]]
    scaled = normalise(stacked, directions, spec.normalisations[0])
    early, late = (scaled.loc[[(wave, code) for code in codes]].droplevel(0) for wave in ("early", "late"))
    points = (late - early) * reference * 100
    return Change(
        kind,
        against_province,
        spec,
        _change_table(spread, codes, spec.level),
        points.T.groupby(groups, sort=False).sum().T,
        tuple(own.index[own & ~complete]),
    )


def check_weights(entries: Sequence[str]) -> None:
    """Refuse unknown names, negative values, and weights that leave fewer than two groups, today or at both dates.

    Raises
    ------
    SpecificationError
    """
    for kind, repeated in product(BOTH, (False, True)):
        groups = groups_of(indicators_of(kind, repeated=repeated))
        weights = _user_weights(entries, kind, repeated=repeated)
        left = list(dict.fromkeys(groups[weights > 0]))
        if len(left) < 2:
            raise SpecificationError(
                f"the weights leave {', '.join(left)} alone for {kind} counties{' at both dates' if repeated else ''}; "
                f"two groups are needed, of {', '.join(dict.fromkeys(groups))}. Weigh one more."
            )


def _known(kind: str) -> str:
    if kind not in BOTH:
        raise SpecificationError(f"type {kind!r} is unknown; choose one of {', '.join(BOTH)}.")
    return kind


def _user_weights(entries: Sequence[str], kind: str, *, repeated: bool) -> pd.Series:
    """Weights of a user for the indicators of a type; entries on indicators that it is not judged by are skipped."""
    every = pd.concat([groups_of(indicators_of(one)) for one in BOTH])
    groups, known = groups_of(indicators_of(kind, repeated=repeated)), every[~every.index.duplicated()]
    parse_weights(list(entries), known)
    absent = (set(known) | set(known.index)) - set(groups) - set(groups.index)
    return parse_weights([entry for entry in entries if entry.partition("=")[0].strip() not in absent], groups)


def _schemes(
    spec: EvaluationSpec, kind: str, values: pd.DataFrame, groups: pd.Series, directions: pd.Series
) -> dict[str, pd.Series]:
    present = set(groups)
    declared = {name: weight for name, weight in CLASS_WEIGHTS[kind].items() if name in present}
    scaled = normalise(values, directions, "range")
    repeated = len(groups) < len(indicators_of(kind))
    known = {
        "user": lambda: _user_weights(spec.user_weights, kind, repeated=repeated),
        "declared": lambda: group_weights(groups, declared),
        "equal": lambda: group_weights(groups),
        "entropy": lambda: entropy_weights(scaled),
        "components": lambda: pca_weights(values),
    }
    return {name: known[name]() for name in spec.schemes}


def _group_table(
    values: pd.DataFrame, directions: pd.Series, groups: pd.Series, weights: pd.Series, way: str
) -> pd.DataFrame:
    """Scores of groups from 0 to 1; what is missing counts as the median of the others."""
    scaled = normalise(values, directions, way)
    means, _ = group_scores(scaled.fillna(scaled.median()).to_numpy(), weights.to_numpy(dtype=float), groups)
    names = [name for name in dict.fromkeys(groups) if weights[groups.eq(name)].sum() > 0]
    return pd.DataFrame(means, index=values.index, columns=names)


def _change_table(spread: Spread, codes: pd.Index, level: float) -> pd.DataFrame:
    both = {wave: among(spread, pd.MultiIndex.from_product([[wave], codes])) for wave in ("early", "late")}
    flat = {wave: one.scores.reshape(-1, len(codes)) for wave, one in both.items()}
    # methods and scalings have units of their own: each is measured by the spread of its scores over both dates
    moved = (flat["late"] - flat["early"]) / _deviations(spread.scores).reshape(-1, 1)
    bounds = [0.5 - level / 2, 0.5 + level / 2]
    low, high = np.quantile(moved, bounds, axis=0)
    reference = {wave: one.fixed[0, 0, 0] for wave, one in both.items()}
    table = pd.DataFrame({wave: scores * 100 for wave, scores in reference.items()}, index=codes)
    table["change"] = (reference["late"] - reference["early"]) / _deviations(spread.fixed)[0, 0, 0]
    table["low"], table["high"] = low, high
    table["improved"] = (moved > 0).mean(axis=0)
    for wave, one in both.items():
        ranks = ranks_of(one.scores).reshape(-1, len(codes))
        edges = np.quantile(ranks, bounds, axis=0, method="inverted_cdf")
        table[f"rank_{wave}"] = ranks_of(one.fixed[0, 0, 0])
        table[f"rank_{wave}_low"], table[f"rank_{wave}_high"] = edges.astype(int)
    return table


def _deviations(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard deviation over all places and dates of each combination and draw."""
    return np.asarray(scores.std(axis=-1))
