"""How much of the ranks is left when weights are drawn more or less widely."""

from collections.abc import Sequence

import pandas as pd
from scipy.stats import beta

from shanhai.core.errors import SpecificationError
from shanhai.methods.composite import pair_table
from shanhai.studies.ranking.evaluate import evaluate
from shanhai.studies.ranking.registered import DRAWS
from shanhai.studies.ranking.values import position_values

CONCENTRATIONS = (6.0, 12.0, 24.0, 96.0)
"""From every division of six equal groups alike (6) to weights that hardly leave their scheme (96)."""

SURE = 0.95
"""Share of the rankings that makes an order of two counties, or a third of the table, safe to state."""


def spread_by_concentration(
    kind: str,
    user_weights: Sequence[str] = (),
    *,
    concentrations: Sequence[float] = CONCENTRATIONS,
    draws: int = DRAWS,
    seed: int = 1,
    values: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Safe orders and widths of intervals, by how closely weights are drawn around the schemes.

    Returns
    -------
    DataFrame: kind, concentration, group_low and group_high (percent; where a group of one sixth lies in the middle
    95 % of the draws), kept (share of pairs of counties whose order :data:`SURE` of the rankings agree on), width
    (median number of places that an interval covers), places.
    """
    if not len(concentrations):
        raise SpecificationError("there are no concentrations; needed: one or more. Take CONCENTRATIONS.")
    known = position_values() if values is None else values
    rows = []
    for concentration in concentrations:
        found = evaluate(kind, user_weights, concentration=concentration, draws=draws, seed=seed, values=known)
        pairs = pair_table(found.spread)[["ahead", "behind"]].max(axis=1)
        low, high = _sixth(concentration)
        rows.append(
            {
                "kind": kind,
                "concentration": concentration,
                "group_low": low,
                "group_high": high,
                "kept": float((pairs >= SURE).mean()),
                "width": float((found.ranks["high"] - found.ranks["low"] + 1).median()),
                "places": len(found.ranks),
            }
        )
    return pd.DataFrame(rows)


def _sixth(concentration: float) -> tuple[float, float]:
    """Middle 95 % of the weight of one of six equal groups, in percent: a beta distribution."""
    low, high = beta.ppf([0.025, 0.975], concentration / 6, concentration * 5 / 6) * 100
    return float(low), float(high)
