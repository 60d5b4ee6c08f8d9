"""How strong an unseen confounder must be: Cinelli & Hazlett and Oster for one coefficient, in one value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from shanhai.core.shown import Shown
from shanhai.methods.adjustment import Robustness, Stability, benchmark_bounds, oster_table, robustness, stability
from shanhai.methods.checks import as_names
from shanhai.methods.regression.results import FitResult

OSTER = 1.3
"""R_max over R squared with controls, as Oster (2019) proposes."""


@dataclass(frozen=True, repr=False)
class Sensitivity(Shown):
    """Strength that an unseen confounder needs against one coefficient."""

    term: str
    """The coefficient."""
    robustness: Robustness
    """Partial R squared and robustness values (Cinelli & Hazlett 2020)."""
    bounds: pd.DataFrame
    """Estimates if a confounder were as strong as observed covariates or a multiple, as ``benchmark_bounds`` gives
    them; empty without benchmarks."""
    stability: Stability | None
    """What Oster's formulas need; None without controls or fixed effects to compare with."""
    oster: pd.DataFrame
    """Delta and adjusted coefficient by R_max, as ``oster_table`` gives them; empty without controls."""

    def to_frame(self) -> pd.DataFrame:
        """One row: term, estimate, std.error (classical), partial_r2, robustness_value (for an estimate of zero),
        robustness_value_5pct (for one that just is not significant), and Oster's r_max, delta and beta at 1.3 times R
        squared."""
        found = self.robustness
        row = {
            "term": self.term,
            "estimate": found.estimate,
            "std.error": found.se,
            "partial_r2": found.partial_r2,
            "robustness_value": found.value,
            "robustness_value_5pct": found.value_significant,
        }
        chosen = self.oster[self.oster["multiple"].eq(OSTER)] if len(self.oster) else self.oster
        oster = {name: float(chosen[name].iloc[0]) for name in ("r_max", "delta", "beta") if len(chosen)}
        return pd.DataFrame([row | oster])


def sensitivity_of(
    result: FitResult,
    frame: pd.DataFrame,
    term: str,
    benchmarks: str | Sequence[str] | Mapping[str, str | Sequence[str]],
    multiples: Sequence[float],
) -> Sensitivity:
    """Both analyses of a fitted regression; see ``Regression.sensitivity``."""
    given = benchmarks if isinstance(benchmarks, Mapping) else {name: (name,) for name in as_names(benchmarks)}
    named = {name: as_names(group) for name, group in given.items()}
    bounds = benchmark_bounds(result, frame, named, multiples, term) if named else pd.DataFrame()
    alone = len([name for name in result.names if name not in (term, "intercept")]) == 0
    moved = None if alone else stability(result, frame, term)
    return Sensitivity(
        term, robustness(result, frame, term), bounds, moved, pd.DataFrame() if moved is None else oster_table(moved)
    )
