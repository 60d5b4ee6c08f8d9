"""A synthetic control: how donors may be weighed, weights from before the treatment, the gap after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
import pandas as pd

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.checks import as_count, as_number, require_once, require_present
from shanhai.methods.panels import as_panel, as_period, as_table
from shanhai.methods.spec.identity import content_id  # an id of any design of this package
from shanhai.methods.synthetic._importance import matched_weights, scaled_predictors, search_importance
from shanhai.methods.synthetic._weights import simplex_weights

MINIMUM_PRE = 2
"""Periods before the treatment below which nothing is fitted: one period fixes a level, not a path."""


@dataclass(frozen=True)
class SyntheticSpec:
    """One synthetic control: which outcome is matched, from when on the unit is treated, how donors are weighed.

    Examples
    --------
    >>> from shanhai.methods.synthetic import SyntheticSpec
    >>> SyntheticSpec("output", first_treated=1989, intercept=False).ridge
    0.0
    """

    outcome: str
    """Name of the outcome, for results; the panel holds its values."""
    first_treated: int
    """First period that the treatment may have changed; all earlier periods of the panel are matched."""
    intercept: bool = True
    """Whether donors are matched up to a constant: each series less its mean before the treatment (Doudchenko &
    Imbens 2016; Ferman & Pinto 2021). Without it the levels are matched too (Abadie, Diamond & Hainmueller 2010)."""
    ridge: float = 0.0
    """Penalty on unequal weights, in standard deviations s of the donors' changes before the treatment: the squared
    misfit grows by ``(ridge * s)**2 * periods * sum(weights**2)``. Zero is the classic problem, whose weights are not
    unique when there are more donors than periods; :func:`sdid_ridge` is the choice of Arkhangelsky et al. (2021)."""
    last: int | None = None
    """Last period that effects are averaged over; None for the last of the panel."""

    def __post_init__(self) -> None:
        as_number(self.ridge, "ridge", least=0)
        object.__setattr__(self, "first_treated", as_period(self.first_treated, "first_treated"))
        if self.last is not None:
            object.__setattr__(self, "last", as_period(self.last, "last"))
        if self.last is not None and self.last < self.first_treated:
            raise SpecificationError(
                f"effects end in {self.last}, before the treatment begins in {self.first_treated}; allowed: a last "
                "period at or after it. Change one of the two."
            )

    @property
    def spec_id(self) -> str:
        """Twelve hexadecimal digits that follow from the content."""
        return content_id(self)


def sdid_ridge(post_periods: int, treated: int = 1) -> float:
    """Ridge of synthetic difference-in-differences: fourth root of treated units times treated periods.

    Source: Arkhangelsky, Athey, Hirshberg, Imbens & Wager (2021), equation 5.

    Parameters
    ----------
    post_periods : int
        Treated periods, one or more.
    treated : int
        Treated units, one or more.

    Raises
    ------
    SpecificationError
        If one of them is no whole number of one or more.

    Examples
    --------
    >>> from shanhai.methods.synthetic import sdid_ridge
    >>> round(sdid_ridge(12), 3)
    1.861
    """
    periods = as_count(post_periods, "treated periods", least=1)
    return float((periods * as_count(treated, "treated units", least=1)) ** 0.25)


@dataclass(frozen=True, repr=False)
class SyntheticFit(Shown):
    """A unit beside its synthetic control."""

    spec: SyntheticSpec
    """How donors were weighed."""
    treated: str
    """The unit."""
    weights: pd.Series
    """Weight of each donor, by unit; all donors, also those of weight zero."""
    observed: pd.Series
    """Outcome of the treated unit by period."""
    synthetic: pd.Series
    """Weighted donors, plus the intercept where the specification has one, by period."""
    unique: bool
    """Whether no other weights fit as well."""
    importance: pd.Series | None = None
    """How much each predictor counts, by predictor, with the sum one; none where the path itself was matched."""

    @cached_property
    def gap(self) -> pd.Series:
        """Observed less synthetic outcome by period."""
        return self.observed - self.synthetic

    @cached_property
    def _gaps(self) -> tuple[np.ndarray, np.ndarray]:
        periods = self.observed.index.to_numpy()
        gaps = self.observed.to_numpy() - self.synthetic.to_numpy()
        last = periods[-1] if self.spec.last is None else self.spec.last
        before = periods < self.spec.first_treated
        return gaps[before], gaps[~before & (periods <= last)]

    @property
    def effect(self) -> float:
        """Mean gap from the treatment to the last period that effects are averaged over."""
        return float(self._gaps[1].mean())

    @property
    def rmspe_pre(self) -> float:
        """Root mean squared gap before the treatment."""
        return float(np.sqrt((self._gaps[0] ** 2).mean()))

    @property
    def rmspe_post(self) -> float:
        """Root mean squared gap after the treatment."""
        return float(np.sqrt((self._gaps[1] ** 2).mean()))

    @property
    def ratio(self) -> float:
        """RMSPE after over RMSPE before the treatment (Abadie, Diamond & Hainmueller 2010)."""
        return self.rmspe_post / self.rmspe_pre if self.rmspe_pre > 0 else float("inf")

    @property
    def effective_donors(self) -> float:
        """One over the sum of squared weights: how many equally weighted donors spread as much."""
        return float(1 / (self.weights**2).sum())


def fit_synthetic(
    panel: pd.DataFrame,
    treated: str,
    spec: SyntheticSpec,
    donors: Sequence[str] | None = None,
    *,
    predictors: pd.DataFrame | None = None,
    importance: Mapping[str, float] | pd.Series | None = None,
) -> SyntheticFit:
    """Fit the synthetic control of one unit.

    Parameters
    ----------
    panel : DataFrame
        Outcome in its own unit, units in rows (index: unit), periods in columns (whole numbers), nothing missing in the
        units used.
    treated : str
        Unit that is treated from ``spec.first_treated`` on.
    spec : SyntheticSpec
        With ``intercept=False`` and no ridge where predictors are matched.
    donors : sequence of str, optional
        Units that may carry weight; all others of the panel by default. Leave out what the treatment may reach.
    predictors : DataFrame, optional
        Units in rows, predictors in columns, each in its own unit, from before the treatment: means over years, or the
        outcome in chosen years. Weights then match these and not each year of the path (Abadie, Diamond & Hainmueller
        2010).
    importance : mapping or Series, optional
        How much each predictor counts, by its column, none negative; chosen so that the path before the treatment is
        followed best by default (see :func:`importance_table` for how far this choice reaches).

    Returns
    -------
    SyntheticFit

    Raises
    ------
    MissingDataError
        A unit that the panel lacks, values that are missing, or fewer than two periods before the treatment.
    SpecificationError
        The treated unit among its donors, a donor, unit or period twice, values that are no numbers, no period after
        the treatment, predictors with an intercept or a ridge, or an importance that does not name them.

    References
    ----------
    Abadie & Gardeazabal 2003; Abadie, Diamond & Hainmueller 2010; with an intercept, Doudchenko & Imbens 2016.

    Examples
    --------
    A unit that is the mean of two others until 2002:

    >>> import pandas as pd
    >>> panel = pd.DataFrame(
    ...     [[2.0, 3.0, 4.0, 9.0], [1.0, 2.0, 3.0, 4.0], [3.0, 4.0, 5.0, 6.0], [9.0, 1.0, 9.0, 1.0]],
    ...     index=["treated", "low", "high", "other"],
    ...     columns=[2000, 2001, 2002, 2003],
    ... )
    >>> fit = fit_synthetic(panel, "treated", SyntheticSpec("output", first_treated=2003, intercept=False))
    >>> fit.weights.round(3).to_dict(), round(fit.effect, 3)
    ({'low': 0.5, 'high': 0.5, 'other': 0.0}, 4.0)
    """
    chosen = donor_pool(panel, treated, donors)
    return fit_each(panel, [treated], spec, chosen, predictors=predictors, importance=importance)[0]


def donor_pool(panel: pd.DataFrame, treated: str, donors: Sequence[str] | None) -> list[str]:
    """Donors as a list, by default all other units; refuses an empty one, or one with the treated unit in it.

    Parameters
    ----------
    panel : DataFrame
        Units in rows.
    treated : str
    donors : sequence of str, or None

    Returns
    -------
    list of str

    Raises
    ------
    SpecificationError
        If there is no donor, or the treated unit is among them.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods.synthetic.fit import donor_pool
    >>> donor_pool(pd.DataFrame({2000: [1.0, 2.0, 3.0]}, index=["a", "b", "c"]), "a", None)
    ['b', 'c']
    """
    chosen = [unit for unit in panel.index if unit != treated] if donors is None else list(donors)
    if treated in chosen or not chosen:
        raise SpecificationError(
            f"{treated!r} has the donors {chosen}; needed: one donor or more, itself not among. Name others."
        )
    return chosen


def fit_each(
    panel: pd.DataFrame,
    units: Sequence[str],
    spec: SyntheticSpec,
    donors: Sequence[str],
    *,
    predictors: pd.DataFrame | None = None,
    importance: Mapping[str, float] | pd.Series | None = None,
) -> tuple[SyntheticFit, ...]:
    """Fit the synthetic control of each unit on the donors other than itself.

    Parameters
    ----------
    panel : DataFrame
        As of :func:`fit_synthetic`.
    units : sequence of str
        Units to fit, in the order of the results.
    spec : SyntheticSpec
    donors : sequence of str
        Units that may carry weight.
    predictors, importance
        As of :func:`fit_synthetic`; where no importance is given, each unit gets its own.

    Returns
    -------
    tuple of SyntheticFit

    Raises
    ------
    MissingDataError, SpecificationError
        As :func:`fit_synthetic`, and if there are no units.

    References
    ----------
    As :func:`fit_synthetic`: Abadie, Diamond & Hainmueller 2010.

    Examples
    --------
    >>> import pandas as pd
    >>> panel = pd.DataFrame({2000: [1.0, 3.0, 2.0], 2001: [2.0, 4.0, 3.0], 2002: [3.0, 5.0, 4.5]}, index=list("abc"))
    >>> [round(fit.effect, 2) for fit in fit_each(panel, ["c"], SyntheticSpec("y", 2002), ["a", "b"])]
    [0.5]
    """
    pool = list(donors)
    require_once(pool, "donors")
    if not len(units):
        raise SpecificationError("there are no units to fit; needed: one or more. Name those of the panel.")
    names = list(dict.fromkeys([*units, *pool]))
    panel = _checked_panel(panel, names, spec)
    matched = None if predictors is None else Matched.checked(predictors, importance, names, spec)
    values = panel.loc[pool].to_numpy().T
    own = panel.loc[list(units)].to_numpy()
    labels, fits = pd.Index(pool, name="unit"), []
    for unit, path in zip(units, own, strict=True):
        itself = [place for place, name in enumerate(pool) if name == unit]
        observed = pd.Series(path, index=panel.columns, name=unit)
        arguments = np.delete(values, itself, axis=1), observed, labels.delete(itself), spec
        fits.append(_fit(*arguments) if matched is None else _fit_matched(*arguments, matched))
    return tuple(fits)


@dataclass(frozen=True, repr=False)
class Matched(Shown):
    """Predictors that are matched instead of the path.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods.synthetic import SyntheticSpec
    >>> from shanhai.methods.synthetic.fit import Matched
    >>> traits = pd.DataFrame({"height": [1.0, 2.0], "rain": [3.0, 4.0]}, index=["a", "b"])
    >>> spec = SyntheticSpec("y", 2002, intercept=False)
    >>> Matched.checked(traits, {"height": 3.0, "rain": 1.0}, ["a", "b"], spec).importance.to_dict()
    {'height': 0.75, 'rain': 0.25}
    """

    table: pd.DataFrame
    """Units in rows, predictors in columns."""
    importance: pd.Series | None
    """Given importances, or none."""

    @classmethod
    def checked(
        cls,
        predictors: pd.DataFrame,
        importance: Mapping[str, float] | pd.Series | None,
        units: Sequence[str],
        spec: SyntheticSpec,
    ) -> "Matched":
        """Predictors of the units as numbers; refused if one is missing, or the specification matches paths too.

        Parameters
        ----------
        predictors : DataFrame
            Units in rows, predictors in columns.
        importance : mapping or Series by predictor, or None
            Zero or more; divided by their sum. None: to be chosen.
        units : sequence of str
            The treated unit and its donors.
        spec : SyntheticSpec

        Raises
        ------
        MissingDataError
            If the table lacks a unit.
        SpecificationError
            If the specification has an intercept or a ridge, a predictor is missing or no number, or importances are
            not one for each predictor.
        """
        if spec.intercept or spec.ridge:
            raise SpecificationError(
                f"predictors with intercept={spec.intercept} and a ridge of {spec.ridge:g}; allowed: intercept=False "
                "and no ridge, as predictors are matched in levels. Change the specification, or leave predictors out."
            )
        require_present(units, predictors.index, "the table of predictors")
        table = as_table(predictors.loc[list(units)], "the table of predictors")
        if importance is None:
            return cls(table, None)
        given = pd.Series(importance, dtype="float64")
        if set(given.index) != set(table.columns) or not (given >= 0).all() or not given.sum() > 0:
            raise SpecificationError(
                f"importances {given.to_dict()}; allowed: one for each of {', '.join(map(str, table.columns))}, none "
                "negative and not all zero. Leave them out to have them chosen."
            )
        return cls(table, given.loc[list(table.columns)] / given.sum())


def _checked_panel(panel: pd.DataFrame, names: Sequence[str], spec: SyntheticSpec) -> pd.DataFrame:
    """The panel as floats by rising periods; refused if it lacks a unit, a period or a value that is needed."""
    panel = as_panel(panel, "the panel", missing=True)
    require_present(names, panel.index, "the panel")
    used = panel.loc[list(names)]
    holes = used.index[used.isna().any(axis=1)]
    if len(holes):
        years = sorted(used.columns[used.isna().any()])
        raise MissingDataError(
            f"{len(holes)} of {len(used)} units lack periods: {', '.join(map(str, holes[:8]))}; missing in {years}; "
            "allowed: figures for every period. Drop the units or the periods, and say which."
        )
    _check_periods(panel, spec)
    return panel


def _check_periods(panel: pd.DataFrame, spec: SyntheticSpec) -> None:
    periods = [int(period) for period in panel.columns]
    before = [period for period in periods if period < spec.first_treated]
    after = [period for period in periods if period >= spec.first_treated]
    if len(before) < MINIMUM_PRE:
        raise MissingDataError(
            f"{len(before)} periods before {spec.first_treated} ({before}); at least {MINIMUM_PRE} are needed. The "
            f"panel has {panel.columns[0]} to {panel.columns[-1]}: begin it earlier or treat it later."
        )
    if not after:
        raise SpecificationError(
            f"The panel ends in {panel.columns[-1]}, before the treatment in {spec.first_treated}; needed: a period "
            "from it on. Add later periods."
        )


def _fit(donors: np.ndarray, observed: pd.Series, labels: pd.Index, spec: SyntheticSpec) -> SyntheticFit:
    """Fit on arrays that were checked: donors of shape (periods, donors)."""
    before = observed.index.to_numpy() < spec.first_treated
    target = observed.to_numpy(dtype=float)
    centre = donors[before].mean(axis=0) if spec.intercept else 0.0
    own = float(target[before].mean()) if spec.intercept else 0.0
    # the spread of yearly changes sets the size of the ridge, so that it has no unit of its own
    spread = float(np.diff(donors[before], axis=0).std(ddof=1)) if donors[before].size > donors.shape[1] + 1 else 0.0
    penalty = (spec.ridge * spread) ** 2 * int(before.sum())
    found = simplex_weights(target[before] - own, donors[before] - centre, penalty)
    synthetic = (donors - centre) @ found.shares + own
    return SyntheticFit(
        spec,
        str(observed.name),
        pd.Series(found.shares, index=labels, name="weight"),
        observed,
        pd.Series(synthetic, index=observed.index, name="synthetic"),
        found.unique,
    )


def _fit_matched(
    donors: np.ndarray, observed: pd.Series, labels: pd.Index, spec: SyntheticSpec, matched: Matched
) -> SyntheticFit:
    """Fit that matches predictors, on arrays that were checked."""
    before = observed.index.to_numpy() < spec.first_treated
    target, values = scaled_predictors(
        matched.table.loc[cast(str, observed.name)].to_numpy(dtype=float),
        matched.table.loc[list(labels)].to_numpy(dtype=float).T,
    )
    if matched.importance is None:
        path = observed.to_numpy(dtype=float)[before]
        importance = min(search_importance(target, values, path, donors[before]), key=lambda found: found[0])[1]
    else:
        importance = matched.importance.to_numpy()
    found = matched_weights(target, values, importance)
    return SyntheticFit(
        spec,
        str(observed.name),
        pd.Series(found.shares, index=labels, name="weight"),
        observed,
        pd.Series(donors @ found.shares, index=observed.index, name="synthetic"),
        found.unique,
        pd.Series(importance, index=matched.table.columns, name="importance"),
    )
