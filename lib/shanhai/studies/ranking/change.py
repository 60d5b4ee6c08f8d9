"""Change of the 26 between 2010/11 and 2020/21 on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.core.errors import MissingDataError
from shanhai.methods.composite import Spread, among, normalise, ranks_of, spread_scores
from shanhai.studies.ranking.registered import CONCENTRATION, DRAWS, EvaluationSpec, evaluation_spec
from shanhai.studies.ranking.schemes import build_schemes, check_weights, declared_for, known_type, own_weights
from shanhai.studies.ranking.values import county_types, repeated_values


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
    own = own_weights(user_weights, known_type(kind), repeated=True)
    groups, directions = (part.reindex(own.index) for part in declared_for(kind))
    spec = evaluation_spec(
        kind, tuple(groups.index), user_weights=tuple(user_weights), concentration=concentration, draws=draws, seed=seed
    )
    waves = repeated_values(against_province=against_province)
    used = {wave: table[list(groups.index)] for wave, table in waves.items()}
    complete = used["early"].notna().all(axis=1) & used["late"].notna().all(axis=1)
    members = county_types().eq(kind)
    codes = complete.index[complete & members]
    if len(codes) < 3:
        raise MissingDataError(f"{len(codes)} {kind} counties have figures for both dates; three are needed.")
    stacked = pd.concat({wave: table[complete] for wave, table in used.items()})
    schemes = build_schemes(spec, own, stacked, groups, directions)
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
        tuple(members.index[members & ~complete]),
    )


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
