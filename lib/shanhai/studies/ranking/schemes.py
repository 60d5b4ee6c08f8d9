"""Weighting schemes of an evaluation: the user's or the declared weights first, then equal, entropy and components."""

from collections.abc import Sequence
from itertools import product

import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.composite import entropy_weights, group_weights, normalise, parse_weights, pca_weights
from shanhai.studies.ranking.indicators import BOTH, directions_of, groups_of, indicators_of
from shanhai.studies.ranking.registered import CLASS_WEIGHTS, EvaluationSpec


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


def known_type(kind: str) -> str:
    """The type, if it is one of the two."""
    if kind not in BOTH:
        raise SpecificationError(f"type {kind!r} is unknown; choose one of {', '.join(BOTH)}.")
    return kind


def own_weights(entries: Sequence[str], kind: str, *, repeated: bool) -> pd.Series:
    """First scheme: the user's weights, or those declared for the type. What weighs nothing is no indicator at all."""
    if entries:
        weights = _user_weights(entries, kind, repeated=repeated)
        return weights[weights > 0]
    groups = groups_of(indicators_of(kind, repeated=repeated))
    present = set(groups)
    return group_weights(groups, {name: value for name, value in CLASS_WEIGHTS[kind].items() if name in present})


def declared_for(kind: str) -> tuple[pd.Series, pd.Series]:
    """Groups and directions of the indicators of a type."""
    return groups_of(indicators_of(kind)), directions_of(indicators_of(kind))


def build_schemes(
    spec: EvaluationSpec, own: pd.Series, values: pd.DataFrame, groups: pd.Series, directions: pd.Series
) -> dict[str, pd.Series]:
    """Weights by scheme; entropy and components are those of the values given."""
    others = {
        "equal": group_weights(groups),
        "entropy": entropy_weights(normalise(values, directions, "range")),
        "components": pca_weights(values),
    }
    return {spec.schemes[0]: own, **{name: others[name] for name in spec.schemes[1:]}}


def _user_weights(entries: Sequence[str], kind: str, *, repeated: bool) -> pd.Series:
    """Weights of a user for the indicators of a type; entries on indicators that it is not judged by are skipped."""
    every = pd.concat([groups_of(indicators_of(one)) for one in BOTH])
    groups, known = groups_of(indicators_of(kind, repeated=repeated)), every[~every.index.duplicated()]
    parse_weights(list(entries), known)
    absent = (set(known) | set(known.index)) - set(groups) - set(groups.index)
    return parse_weights([entry for entry in entries if entry.partition("=")[0].strip() not in absent], groups)
