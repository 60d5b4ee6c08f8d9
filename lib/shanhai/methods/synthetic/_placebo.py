"""Placebo tests of a synthetic control: other units, earlier dates, one donor less."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.checks import as_count, as_number
from shanhai.methods.panels import as_panel
from shanhai.methods.synthetic.fit import SyntheticFit, SyntheticSpec, donor_pool, fit_each, fit_synthetic

_STATISTICS = ("unit", "effect", "rmspe_pre", "rmspe_post", "ratio")
"""Columns of the table of placebos."""


@dataclass(frozen=True, repr=False)
class SpacePlacebo(Shown):
    """The treated unit among donors that are treated on paper."""

    fit: SyntheticFit
    """The treated unit."""
    gaps: pd.DataFrame
    """Gap of each donor, donors in rows, periods in columns."""
    table: pd.DataFrame
    """One row a donor: unit, effect, rmspe_pre, rmspe_post, ratio; in the order of the donors."""

    def p_ratio(self) -> float:
        """Share of units, the treated one counted, with an RMSPE ratio as large (Abadie et al. 2010)."""
        return _share(int((self.table["ratio"] >= self.fit.ratio).sum()), len(self.table))

    def p_effect(self) -> float:
        """Share of units, the treated one counted, with a mean gap as large in absolute value."""
        return _share(int((self.table["effect"].abs() >= abs(self.fit.effect)).sum()), len(self.table))

    def p_below(self) -> float:
        """Share of units, the treated one counted, with a mean gap as low."""
        return _share(int((self.table["effect"] <= self.fit.effect).sum()), len(self.table))

    def poor_fit(self, factor: float = 2.0) -> int:
        """Number of donors whose RMSPE before the treatment is more than ``factor`` times that of the treated unit."""
        return int((self.table["rmspe_pre"] > factor * self.fit.rmspe_pre).sum())


def placebo_in_space(
    panel: pd.DataFrame,
    treated: str,
    spec: SyntheticSpec,
    donors: Sequence[str] | None = None,
    *,
    predictors: pd.DataFrame | None = None,
    importance: Mapping[str, float] | pd.Series | None = None,
) -> SpacePlacebo:
    """Fit a synthetic control to the treated unit and to each donor, the treated unit never a donor.

    Parameters
    ----------
    panel, treated, spec, donors, predictors, importance
        As of :func:`fit_synthetic`; at least two donors. Where no importance is given, each unit gets its own.

    Returns
    -------
    SpacePlacebo

    Raises
    ------
    MissingDataError, SpecificationError
        As :func:`fit_synthetic`, and with a single donor.

    References
    ----------
    Abadie, Diamond & Hainmueller 2010, section 3.4.

    Examples
    --------
    The treated unit rises by 5 in the last of six years, donors wander by less:

    >>> import numpy as np, pandas as pd
    >>> values = np.random.default_rng(0).normal(size=(9, 6)).round(2)
    >>> values[0, 5] += 5
    >>> panel = pd.DataFrame(values, index=list("abcdefghi"), columns=range(2000, 2006))
    >>> round(placebo_in_space(panel, "a", SyntheticSpec("y", 2005)).p_effect(), 3)
    0.111
    """
    chosen = donor_pool(panel, treated, donors)
    if len(chosen) < 2:
        raise SpecificationError(f"{len(chosen)} donor; needed: two or more in a placebo in space. Widen the pool.")
    real, *fits = fit_each(panel, [treated, *chosen], spec, chosen, predictors=predictors, importance=importance)
    gaps = pd.DataFrame([fit.gap for fit in fits], index=pd.Index(chosen, name="unit"))
    return SpacePlacebo(real, gaps, statistics_table(fits))


def placebo_in_time(
    panel: pd.DataFrame, treated: str, spec: SyntheticSpec, date: int, donors: Sequence[str] | None = None
) -> SyntheticFit:
    """Fit as if the treatment had begun earlier, on the periods before it really did (backdating).

    Parameters
    ----------
    panel, treated, spec, donors
        As of :func:`fit_synthetic`.
    date : int
        Period in which the treatment is said to begin.

    Raises
    ------
    SpecificationError
        If the date is not before the real one. Errors of :func:`fit_synthetic` hold too: two periods before the date.

    References
    ----------
    Abadie, Diamond & Hainmueller 2015 (American Journal of Political Science 59).

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods.synthetic import SyntheticSpec, placebo_in_time
    >>> panel = pd.DataFrame([[1.0, 2.0, 3.0, 9.0], [2.0, 3.0, 4.0, 5.0]], index=["a", "b"], columns=range(2000, 2004))
    >>> fit = placebo_in_time(panel, "a", SyntheticSpec("y", 2003), 2002)
    >>> round(fit.effect, 3)
    0.0
    """
    if as_count(date, "the date of the placebo") >= spec.first_treated:
        raise SpecificationError(
            f"A placebo in time at {date}; allowed: a period before the treatment in {spec.first_treated}, with two or "
            "more periods before it. Choose an earlier one."
        )
    panel = as_panel(panel, "the panel", missing=True)
    before = panel[panel.columns[panel.columns.to_numpy() < spec.first_treated]]
    return fit_synthetic(before, treated, replace(spec, first_treated=date, last=None), donors)


def leave_one_out(
    panel: pd.DataFrame,
    treated: str,
    spec: SyntheticSpec,
    donors: Sequence[str] | None = None,
    least: float = 0.01,
    *,
    predictors: pd.DataFrame | None = None,
    importance: Mapping[str, float] | pd.Series | None = None,
) -> tuple[SyntheticFit, ...]:
    """Fit again without each donor whose weight is above ``least``, heaviest first; the name is in ``left_out``.

    Parameters
    ----------
    panel, treated, spec, donors, predictors, importance
        As of :func:`fit_synthetic`.
    least : float
        Weight, a share of one, above which a donor is left out in turn.

    Returns
    -------
    tuple of SyntheticFit

    Raises
    ------
    SpecificationError
        If one donor alone carries the fit and there is no other, or ``least`` is no share.

    References
    ----------
    Abadie, Diamond & Hainmueller 2015 (American Journal of Political Science 59).

    Examples
    --------
    >>> import pandas as pd
    >>> panel = pd.DataFrame({2000: [2.5, 1.0, 3.0], 2001: [3.5, 2.0, 4.0], 2002: [5.0, 3.0, 5.0]}, index=list("abc"))
    >>> spec = SyntheticSpec("y", 2002, intercept=False)
    >>> full = fit_synthetic(panel, "a", spec)
    >>> [(left_out(fit, full), round(fit.effect, 2)) for fit in leave_one_out(panel, "a", spec)]
    [('c', 2.0), ('b', 0.0)]
    """
    least = as_number(least, "the least weight", least=0, most=1)

    def again(kept: Sequence[str] | None) -> SyntheticFit:
        return fit_synthetic(panel, treated, spec, kept, predictors=predictors, importance=importance)

    full = again(donors)
    heavy = full.weights[full.weights > least].sort_values(ascending=False, kind="stable").index
    names = list(full.weights.index)
    if len(names) < 2:
        raise SpecificationError("one donor, and without it none; needed: two or more. Widen the donor pool.")
    return tuple(again([name for name in names if name != out]) for out in heavy)


def left_out(fit: SyntheticFit, full: SyntheticFit) -> str:
    """Name of the donor that a fit of :func:`leave_one_out` does without.

    Parameters
    ----------
    fit : SyntheticFit
        Of :func:`leave_one_out`.
    full : SyntheticFit
        With all donors.

    Raises
    ------
    SpecificationError
        If the two fits differ by more or less than one donor.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods.synthetic import SyntheticSpec, fit_synthetic, leave_one_out, left_out
    >>> panel = pd.DataFrame({2000: [2.5, 1.0, 3.0], 2001: [3.5, 2.0, 4.0], 2002: [5.0, 3.0, 5.0]}, index=list("abc"))
    >>> spec = SyntheticSpec("y", 2002, intercept=False)
    >>> full = fit_synthetic(panel, "a", spec)
    >>> left_out(leave_one_out(panel, "a", spec)[0], full)
    'c'
    """
    gone, new = full.weights.index.difference(fit.weights.index), fit.weights.index.difference(full.weights.index)
    if len(gone) != 1 or len(new) or fit.treated != full.treated:
        raise SpecificationError(
            f"fits of {fit.treated!r} and {full.treated!r}, the first with {len(gone)} donors fewer and {len(new)} "
            "others; allowed: one donor fewer. Take a fit of leave_one_out and the fit that it was made from."
        )
    return str(gone[0])


def statistics_table(fits: Sequence[SyntheticFit]) -> pd.DataFrame:
    """Effect and root mean squared gaps of several fits, one row a fit.

    Parameters
    ----------
    fits : sequence of SyntheticFit

    Returns
    -------
    DataFrame
        unit, effect (mean gap after), the root mean squared gaps before and after, and their ratio.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods.synthetic import SyntheticSpec, fit_each, statistics_table
    >>> panel = pd.DataFrame({2000: [2.5, 1.0, 3.0], 2001: [3.5, 2.0, 4.0], 2002: [5.0, 3.0, 5.0]}, index=list("abc"))
    >>> statistics_table(fit_each(panel, ["a"], SyntheticSpec("y", 2002), ["b", "c"]))[["unit", "effect"]].round(2)
      unit  effect
    0    a     0.5
    """
    rows = [(fit.treated, fit.effect, fit.rmspe_pre, fit.rmspe_post, fit.ratio) for fit in fits]
    return pd.DataFrame(rows, columns=list(_STATISTICS))


def _share(as_extreme: int, placebos: int) -> float:
    return (1 + as_extreme) / (1 + placebos)
