"""Scores and ranks of the 26 within their types."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.checks import as_table, require_present
from shanhai.methods.composite import (
    Spread,
    among,
    coordination_table,
    group_scores,
    normalise,
    rank_table,
    spread_scores,
)
from shanhai.studies.ranking.registered import CONCENTRATION, DRAWS, EvaluationSpec, evaluation_spec
from shanhai.studies.ranking.schemes import build_schemes, check_weights, declared_for, known_type, own_weights
from shanhai.studies.ranking.values import county_types, position_values


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
        See :func:`~shanhai.methods.composite.rank_table`.
    groups : DataFrame
        Scores of the groups from 0 to 100, reference scaling and weights.
    coordination : DataFrame
        See :func:`~shanhai.methods.composite.coordination_table`.
    """

    kind: str
    spec: EvaluationSpec
    weights: pd.DataFrame = field(repr=False)
    indicators: pd.DataFrame = field(repr=False)
    spread: Spread = field(repr=False)
    ranks: pd.DataFrame = field(repr=False)
    groups: pd.DataFrame = field(repr=False)
    coordination: pd.DataFrame = field(repr=False)


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
        ``name=weight`` of groups or indicators (see :func:`~shanhai.methods.composite.parse_weights`), in place of the
        declared weights. Names that only the other type is judged by are skipped; what weighs zero is left out of every
        scheme.
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
    own = own_weights(user_weights, known_type(kind), repeated=False)
    groups, directions = (part.reindex(own.index) for part in declared_for(kind))
    spec = evaluation_spec(
        kind, tuple(groups.index), user_weights=tuple(user_weights), concentration=concentration, draws=draws, seed=seed
    )
    known = position_values() if values is None else as_table(values, "values", missing=True)
    absent = [name for name in groups.index if name not in known.columns]
    if absent:
        raise SpecificationError(
            f"values lack the indicators {', '.join(absent)}; needed: those that {kind} counties are judged by. Take "
            "position_values()."
        )
    chosen = known[list(groups.index)]
    schemes = build_schemes(spec, own, chosen, groups, directions)
    codes = county_types()[lambda types: types.eq(kind)].index
    require_present(codes, chosen.index, "values")
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


def _group_table(
    values: pd.DataFrame, directions: pd.Series, groups: pd.Series, weights: pd.Series, way: str
) -> pd.DataFrame:
    """Scores of groups from 0 to 1; what is missing counts as the median of the others."""
    scaled = normalise(values, directions, way)
    means, _ = group_scores(scaled.fillna(scaled.median()).to_numpy(), weights.to_numpy(dtype=float), groups)
    return pd.DataFrame(means, index=values.index, columns=list(dict.fromkeys(groups)))
