"""How much of the specification curve agrees with a claim that the registered main specification has decided.

Shares are shown in notes and never decide. To stay cheap they are taken over the outcome of the claim with errors by
prefecture, the covariance of the registered specification; notebook 13 draws the curve over all outcomes.
"""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from shanhai.claims.digits import show
from shanhai.claims.evidence import Evidence
from shanhai.methods.curve import Grid, estimate_variations
from shanhai.methods.spec import Interaction, RegressionSpec, Variable
from shanhai.studies.border.design import LOG_DISTANCE
from shanhai.studies.robustness.curve_border import add_choice_columns, border_grid

LEVEL = 0.05
"""Level at which a specification counts as significant."""


def border_curve(outcome: str) -> Grid:
    """The border coefficient: all specifications of an outcome (key of the curve's choice), errors by prefecture."""
    return border_grid().only({"outcome": (outcome,), "covariance": ("prefecture",)})


def dual_curve(outcome: str) -> tuple[RegressionSpec, ...]:
    """The product of border and terrain: those of ``border_curve`` that hold it, for counties that touch a border."""
    grid = border_curve(outcome).only({"border": ("touches",)})
    specs = (grid.spec(index) for index in range(grid.size))
    return tuple(
        replace(spec, terms=(spec.terms[-1], *spec.terms[:-1]))
        for spec in specs
        if isinstance(spec.terms[-1], Interaction)
    )


def distance_curve(outcome: str) -> tuple[RegressionSpec, ...]:
    """The gradient of distance: ``border_curve`` with the logarithm of the distance in place of the border."""
    grid = border_curve(outcome).only({"border": ("touches",)})
    return tuple(_by_distance(grid.spec(index)) for index in range(grid.size))


def agreement(evidence: Evidence, source: Grid | Sequence[RegressionSpec], sign: int) -> str:
    """Sentence on how many specifications have the claimed sign, and how many of them with p below 0.05.

    Parameters
    ----------
    evidence : Evidence
    source : Grid or sequence of RegressionSpec
        The first term of each specification is the one that the claim is about.
    sign : int
        Claimed sign, +1 or -1.
    """
    return agreement_text(estimate_variations(source, add_choice_columns(evidence.analysis)).estimated, sign)


def agreement_text(table: pd.DataFrame, sign: int) -> str:
    """The sentence of ``agreement`` for estimates with p-values (columns ``estimate`` and ``p``)."""
    agrees, sure = sign * table["estimate"] > 0, table["p"] < LEVEL
    shares = [show(100 * float(part.mean()), 0) for part in (agrees, agrees & sure, ~agrees & sure)]
    return (
        f"Of {len(table):,} defensible specifications of this outcome (errors by prefecture) {shares[0]} % have the "
        f"claimed sign, {shares[1]} % with p < 0.05; {shares[2]} % have the other sign with p < 0.05."
    )


def _by_distance(spec: RegressionSpec) -> RegressionSpec:
    terms: list[Variable | Interaction] = [LOG_DISTANCE]
    for term in spec.terms[1:]:
        if isinstance(term, Interaction):
            terms.append(Interaction(LOG_DISTANCE, term.right))
        elif isinstance(term, Variable):
            terms.append(term)
    return replace(spec, terms=tuple(terms))
