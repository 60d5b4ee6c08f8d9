"""Placebo borders for frames whose columns bear names of their own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.placebo import BorderPlacebo, placebo_border
from shanhai.methods.spec import Bands, Interaction, RegressionSpec, Term, Variable

if TYPE_CHECKING:
    from shanhai.methods.door.regression import Regression

_UNIT, _REGION, _BORDER = "code", "province_code", "on_border"
"""Columns as the placebo borders know them."""


def placebo_of(
    regression: "Regression",
    edges: pd.DataFrame,
    *,
    unit: str = _UNIT,
    region: str = _REGION,
    border: str = _BORDER,
    **how: Any,
) -> BorderPlacebo:
    """The border of a regression among drawn ones; see ``Regression.placebo_borders``."""
    absent = [name for name in (unit, region, border) if name not in regression.frame.columns]
    if absent:
        raise SpecificationError(
            f"no column {', '.join(map(repr, absent))} in the frame; it has: {', '.join(regression.frame.columns)}. "
            "Say which columns hold unit, region and border, as in unit='county', region='state', border='at_border'."
        )
    names = {unit: _UNIT, region: _REGION, border: _BORDER}
    taken = [name for name in names.values() if name in regression.frame.columns and name not in names]
    spec = regression.spec
    used = {spec.outcome.column, *(part.column for part in spec.variables), *spec.fixed_effects, *spec.covariance.by}
    if meant := [name for name in taken if name in used]:
        raise SpecificationError(
            f"the regression reads {meant[0]!r}, while unit, region and border are {unit!r}, {region!r}, {border!r}; "
            f"allowed: other names for its columns, as drawn borders take a column {meant[0]!r}. Rename it, and fit it "
            "anew."
        )
    frame = regression.frame.drop(columns=taken).rename(columns=names)
    return placebo_border(_renamed(regression.spec, names), frame, edges, **how)


def _renamed(spec: RegressionSpec, names: Mapping[str, str]) -> RegressionSpec:
    """The specification for a frame whose columns were renamed."""
    covariance = replace(spec.covariance, by=tuple(names.get(name, name) for name in spec.covariance.by))
    return replace(
        spec,
        terms=tuple(_term(term, names) for term in spec.terms),
        controls=tuple(_term(term, names) for term in spec.controls),
        fixed_effects=tuple(names.get(name, name) for name in spec.fixed_effects),
        covariance=covariance,
    )


def _term(term: Term, names: Mapping[str, str]) -> Term:
    if isinstance(term, Interaction):
        left, right = (_term(part, names) for part in (term.left, term.right))
        assert isinstance(left, Variable) and isinstance(right, Variable)
        return Interaction(left, right)
    assert isinstance(term, Variable | Bands)
    return replace(term, column=names.get(term.column, term.column))
