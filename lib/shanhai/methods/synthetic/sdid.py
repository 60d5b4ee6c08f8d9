"""Synthetic difference-in-differences of one treated unit: weighted donors, weighted years before, one difference.

Donors are weighed so that they move as the treated unit before the treatment, years so that their mean resembles the
years after it among the donors; the estimate is the difference-in-differences of the weighted panel. A constant gap
between the unit and its donors is allowed, and years unlike the treated ones count little.

References
----------
Arkhangelsky, D., Athey, S., Hirshberg, D., Imbens, G. & Wager, S. (2021), Synthetic difference-in-differences, American
Economic Review 111(12), 4088-4118 (algorithms 1 and 4).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.panels import as_panel, as_period
from shanhai.methods.synthetic._weights import simplex_weights
from shanhai.methods.synthetic.fit import SyntheticSpec, donor_pool, fit_each, sdid_ridge


@dataclass(frozen=True)
class _SdidFit:
    """A unit beside its weighted donors, over weighted years."""

    treated: str
    """The unit."""
    spec: SyntheticSpec
    """How donors were weighed."""
    unit_weights: pd.Series
    """Weight of each donor; they add up to one."""
    time_weights: pd.Series
    """Weight of each period before the treatment; they add up to one."""
    gap: pd.Series
    """Unit less weighted donors, less the same in the weighted periods before, by period."""

    @property
    def estimate(self) -> float:
        """Mean gap from the treatment on."""
        return float(self.gap.loc[self.spec.first_treated :].mean())

    @property
    def rmspe_pre(self) -> float:
        """Root mean squared gap before the treatment, about its own mean (a constant gap is allowed)."""
        before = self.gap.loc[: self.spec.first_treated - 1]
        return float(np.sqrt(((before - before.mean()) ** 2).mean()))


@dataclass(frozen=True)
class SdidPlacebo:
    """A unit among donors that are treated on paper."""

    fit: _SdidFit
    """The treated unit."""
    placebos: tuple[_SdidFit, ...]
    """Each donor in the place of the treated unit."""

    @property
    def estimates(self) -> np.ndarray:
        """Estimate of each donor."""
        return np.array([placebo.estimate for placebo in self.placebos])

    @property
    def se(self) -> float:
        """Standard deviation of the estimates of the donors (algorithm 4)."""
        return float(self.estimates.std(ddof=1))

    @property
    def p(self) -> float:
        """Share of units, the treated one counted, with an estimate as large in absolute value."""
        as_large = int((np.abs(self.estimates) >= abs(self.fit.estimate)).sum())
        return (1 + as_large) / (1 + len(self.placebos))


def synthetic_did(
    panel: pd.DataFrame, treated: str, outcome: str, first_treated: int, donors: Sequence[str] | None = None
) -> _SdidFit:
    """Synthetic difference-in-differences of one unit.

    Parameters
    ----------
    panel : DataFrame
        Outcome, units in rows, periods in columns (rising whole numbers), nothing missing.
    treated : str
    outcome : str
        Name of the outcome, for results.
    first_treated : int
    donors : sequence of str, optional
        Units that may carry weight; all others by default.

    Returns
    -------
    fit
        estimate (mean effect over the treated periods, in the unit of the outcome), and what it was made with.

    Raises
    ------
    MissingDataError, SpecificationError
        As :func:`shanhai.methods.synthetic.fit_synthetic`.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods.synthetic.sdid import synthetic_did
    >>> values = np.random.default_rng(0).normal(size=(6, 8)).cumsum(axis=1)
    >>> values[0, 6:] += 5
    >>> panel = pd.DataFrame(values, index=list("abcdef"), columns=range(2000, 2008))
    >>> round(synthetic_did(panel, "a", "y", 2006).estimate, 1)
    6.6
    """
    pool = donor_pool(panel, treated, donors)
    return _fit_each(panel, [treated], outcome, first_treated, pool)[0]


def sdid_placebo(
    panel: pd.DataFrame, treated: str, outcome: str, first_treated: int, donors: Sequence[str] | None = None
) -> SdidPlacebo:
    """Estimate the treated unit, and each donor among the other donors.

    Parameters
    ----------
    panel, treated, outcome, first_treated, donors
        As for :func:`synthetic_did`.

    Raises
    ------
    SpecificationError
        If there are fewer than three donors.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods.synthetic.sdid import sdid_placebo
    >>> values = np.random.default_rng(0).normal(size=(6, 8)).cumsum(axis=1)
    >>> values[0, 6:] += 5
    >>> panel = pd.DataFrame(values, index=list("abcdef"), columns=range(2000, 2008))
    >>> found = sdid_placebo(panel, "a", "y", 2006)
    >>> len(found.estimates), round(found.p, 2)
    (5, 0.17)
    """
    pool = donor_pool(panel, treated, donors)
    if len(pool) < 3:
        raise SpecificationError(f"{len(pool)} donors; needed: three or more, so that each has others. Widen the pool.")
    real, *others = _fit_each(panel, [treated, *pool], outcome, first_treated, pool)
    return SdidPlacebo(real, tuple(others))


def _fit_each(
    panel: pd.DataFrame, units: Sequence[str], outcome: str, first_treated: int, donors: Sequence[str]
) -> list[_SdidFit]:
    """Estimate each unit on the donors other than itself."""
    panel, first_treated = as_panel(panel, "the panel", missing=True), as_period(first_treated, "first_treated")
    after = int((panel.columns.to_numpy() >= first_treated).sum())
    spec = SyntheticSpec(outcome, first_treated, intercept=True, ridge=sdid_ridge(max(after, 1)))
    found = []
    for fit in fit_each(panel, units, spec, donors):
        values = panel.loc[list(fit.weights.index)].to_numpy()
        before = panel.columns.to_numpy() < first_treated
        time_weights = _time_weights(values, before)
        difference = fit.observed - fit.weights.to_numpy() @ values
        base = float(time_weights @ difference.to_numpy()[before])
        periods = pd.Series(time_weights, index=panel.columns[before], name="weight")
        found.append(_SdidFit(fit.treated, spec, fit.weights, periods, difference - base))
    return found


def _time_weights(values: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Weights of the periods before that bring the donors' values nearest to their means after, up to a constant.

    Without the tiny ridge of the paper, which only makes them unique; they are so with more donors than periods.
    """
    early, late = values[:, before], values[:, ~before].mean(axis=1)
    return simplex_weights(late - late.mean(), early - early.mean(axis=0)).shares
