"""A regression that reports: the frozen result with its frame, and what an economist asks of it as verbs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Description
from shanhai.methods.checks import as_count, as_numbers, as_share, require_column
from shanhai.methods.door._arguments import require_arguments
from shanhai.methods.door._predict import predicted
from shanhai.methods.door._said import Summary, one_drawn_note, summarised
from shanhai.methods.door._tabled import Tabled
from shanhai.methods.door.errors import CLUSTER_FACTOR, Errors, Factor, read_errors, require_named
from shanhai.methods.door.frames import as_coords, as_frame, require_places
from shanhai.methods.estimate import LEVEL, interval
from shanhai.methods.regression.design import transformed
from shanhai.methods.regression.fit import fit, solve
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import CovarianceSpec, RegressionSpec

if TYPE_CHECKING:
    from shanhai.methods.curve import Variations
    from shanhai.methods.door._columns import Recipe
    from shanhai.methods.door._sensitivity import Sensitivity
    from shanhai.methods.placebo import BorderPlacebo, RandomizationTest
    from shanhai.methods.regression.scpc import ScpcTest
    from shanhai.methods.regression.wild import WildResult

UNNAMED = (
    "no errors were named, so these are HC1: rows are taken as independent of each other. Where they share shocks name "
    'them, as in vcov="cluster:firm" or vcov="conley:200km".'
)
"""Note of a regression whose errors nobody named."""

_SAME = 1e-7
"""Share of a coefficient, or of its standard error, by which two solutions on the same rows may differ."""


@dataclass(frozen=True, repr=False)
class Regression(FitResult, Tabled):
    """Estimates of one regression, with the frame they were made of.

    Every verb takes the rows of the regression and calls the estimator of that name with its specification; the frame
    is kept by reference, so that a million rows are not copied.
    """

    frame: pd.DataFrame = field(default_factory=pd.DataFrame, compare=False)
    """The frame, and beside its columns those that a formula made; every estimator takes it with ``spec``."""
    formula: str = ""
    """The formula, names without back-ticks; empty where a specification was fitted."""
    coords: tuple[str, str] = ("longitude", "latitude")
    """Columns of the places."""
    recipe: "Recipe | None" = field(default=None, compare=False)
    """How the columns of a formula are made, for new rows; None where a specification was fitted."""

    @classmethod
    def of(cls, result: FitResult, **held: Any) -> "Regression":
        """A result with its frame; ``held`` are the fields that a :class:`FitResult` has not."""
        return cls(**{part.name: getattr(result, part.name) for part in fields(FitResult)}, **held)

    def tidy(self, level: float = LEVEL) -> pd.DataFrame:
        """One row a coefficient, under the names that R's broom gave them.

        Parameters
        ----------
        level : float
            Coverage of the intervals.

        Returns
        -------
        DataFrame
            term, estimate, std.error, statistic (t), p.value, conf.low, conf.high, df (degrees of freedom of t).

        Raises
        ------
        SpecificationError
            If ``level`` is no share.

        Examples
        --------
        >>> import pandas as pd
        >>> from shanhai.methods import fit
        >>> schools = pd.DataFrame({"score": [3.0, 5.0, 4.0, 8.0], "hours": [1.0, 2.0, 3.0, 4.0]})
        >>> fit("score ~ hours", schools, vcov="iid").tidy()[["term", "estimate", "std.error"]].round(3)
                term  estimate  std.error
        0  intercept       1.5      1.775
        1      hours       1.4      0.648
        """
        low, high = interval(self.params, self.se, self.degrees, as_share(level, "level"))
        return pd.DataFrame(
            {
                "term": self.names,
                "estimate": self.params,
                "std.error": self.se,
                "statistic": self.t,
                "p.value": self.p,
                "conf.low": low,
                "conf.high": high,
                "df": self.degrees,
            }
        )

    def glance(self) -> pd.DataFrame:
        """The regression in one row.

        Returns
        -------
        DataFrame
            formula, outcome, fixed_effects, vcov, nobs, dropped (rows left out), df.residual (rows less coefficients
            and absorbed effects), r.squared, r.squared.within, outcome.mean, clusters (the fewest; missing without).
        """
        counted = self.absorbed + len([name for name in self.names if name != "intercept"])
        return pd.DataFrame(
            {
                "formula": [self.formula],
                "outcome": [self.spec.outcome.name],
                "fixed_effects": [" + ".join(self.spec.fixed_effects)],
                "vcov": [self.error],
                "nobs": [self.n],
                "dropped": [sum(drop.count for drop in self.dropped_rows)],
                "df.residual": [self.n - counted],
                "r.squared": [self.r2],
                "r.squared.within": [self.r2_within],
                "outcome.mean": [self.outcome_mean],
                "clusters": pd.array([min((level.count for level in self.clusters), default=pd.NA)], dtype="Int64"),
            }
        )

    def confint(self, level: float = LEVEL) -> pd.DataFrame:
        """Confidence intervals at ``level`` of all coefficients: conf.low and conf.high, indexed by term."""
        return self.tidy(level).set_index("term")[["conf.low", "conf.high"]]

    def summary(self, level: float = LEVEL) -> Summary:
        """The regression in a screenful: outcome, rows, errors in words, coefficients, R squared, notes.

        It prints itself in a terminal and is a table in JupyterLab.

        Intervals cover with probability ``level``.
        """
        return summarised(self, self.formula, self.tidy(level), level)

    def _own_words(self) -> Description:
        return self.summary()

    def vcov(self, vcov: Errors, *, ssc: Factor = CLUSTER_FACTOR) -> "Regression":
        """The same estimates under other errors: the same rows and coefficients with another covariance.

        Parameters
        ----------
        vcov, ssc
            As :func:`shanhai.methods.fit` takes them.

        Raises
        ------
        SpecificationError
            If the errors are unknown, a column of theirs is missing in rows of the regression, or values of the frame
            are others than when it was fitted.
        """
        covariance = read_errors(vcov, self.coords, ssc)
        require_named(self.frame, covariance)
        other = solve(self._spec_with(covariance), self._used, drops=True).result()
        if other.n != self.n or other.names != self.names:
            said = "; ".join(f"{drop.reason}: {drop.count}" for drop in other.dropped_rows)
            raise SpecificationError(
                f"{self.n - other.n} of {self.n} rows of the regression cannot be used under {other.error} ({said}); "
                "allowed: errors that all its rows have. Fit it anew under these errors, which leaves the rows out."
            )
        self._require_same(other)
        dropped = (note for note in self.notes if " dropped: " in note and note not in other.notes)
        return replace(
            self,
            spec=other.spec,
            covariance=other.covariance,
            df=other.df,
            df_by_term=other.df_by_term,
            clusters=other.clusters,
            notes=(*other.notes, *dropped),
            on_one_group=other.on_one_group,
        )

    @property
    def fitted(self) -> pd.Series:
        """Fitted values of the n rows, fixed effects included, with the index of the frame."""
        outcome, used = self.spec.outcome, self._used
        raw = {outcome.column: as_numbers(used[outcome.column], f"column {outcome.column!r}")}
        values = transformed(outcome, raw, {scale.term: scale for scale in self.scales})
        return pd.Series(values - self.residuals, index=used.index, name=outcome.name)

    def predict(self, data: object = None) -> pd.Series:
        """Values of the outcome that the regression predicts, fixed effects included.

        Parameters
        ----------
        data : frame of any kind that :func:`shanhai.methods.fit` takes, optional
            New rows with the columns of the right-hand side; by default the rows of the regression. Means, polynomials,
            splines and categories are those of the regression. A log of the outcome is not undone.

        Returns
        -------
        Series
            With the index of the data. Missing where a value is missing, or a fixed effect has a level that the
            regression has not seen. Levels of several effects that never meet have no common intercept: their sum is
            one of many.

        Raises
        ------
        SpecificationError
            If a column is absent, or holds categories that the regression has not seen.
        """
        if data is None:
            return self.fitted
        return predicted(self, data)

    def wild(self, term: str, *, seed: int, by: str | None = None, level: float = LEVEL, **how: Any) -> "WildResult":
        """Test and interval of one coefficient by the wild cluster bootstrap.

        Parameters
        ----------
        term : str
        seed : int
            Of the draws.
        by : str, optional
            Column of clusters; by default that of the errors.
        level : float
            Coverage of the interval.
        **how
            Further arguments of :func:`shanhai.methods.wild_bootstrap`, such as ``draws`` and ``weights``.

        Raises
        ------
        SpecificationError
            If there are no clusters of one column, or the term or an argument is unknown.
        """
        from shanhai.methods.regression.wild import wild_bootstrap

        of_errors = self.spec.covariance.by
        if by is None and len(of_errors) != 1:
            named = " and ".join(map(repr, of_errors)) or "none"
            raise SpecificationError(
                f"standard errors are {self.error!r}, and columns of clusters: {named}; allowed: one, whose clusters "
                f"the bootstrap draws. Name one, as in wild({term!r}, by={(*of_errors, 'firm')[0]!r}, seed={seed})."
            )
        columns = of_errors if by is None else (by,)
        for column in columns:
            require_column(column, "by")
        spec = self._spec_with(CovarianceSpec("cluster", columns, CLUSTER_FACTOR))
        require_arguments(wild_bootstrap, how, "wild", "seed level")
        frame = self._complete(columns)
        found = wild_bootstrap(spec, frame, term, seed=seed, level=level, **how)
        alone = term in fit(spec, frame).on_one_group
        return replace(found, notes=(one_drawn_note(term, columns[0]),)) if alone else found

    def scpc(self, term: str, *, coords: tuple[str, str] | None = None, **how: Any) -> "ScpcTest":
        """Test one coefficient with spatial correlation principal components (Müller & Watson).

        Parameters
        ----------
        term : str
        coords : tuple of str, optional
            Columns of longitude and latitude; by default those of the fit.
        **how
            Further arguments of :func:`shanhai.methods.scpc`, such as ``rho`` and ``level``.

        Raises
        ------
        SpecificationError
            As there.
        """
        from shanhai.methods.regression.scpc import scpc

        require_arguments(scpc, how, "scpc")
        place = self.coords if coords is None else as_coords(coords)
        self.position(term)
        require_places(self.frame, place)
        spec = self._spec_with(CovarianceSpec.conley("bartlett", 1.0, place))  # only its coordinates are read
        return scpc(spec, self._complete(place), term, **how)

    def randomize(
        self, term: str, *, seed: int, draws: int = 999, units: str | None = None, within: str | None = None
    ) -> "RandomizationTest":
        """Where a coefficient stands among those of its treatment exchanged between the units that it was given to.

        ``p`` of the result compares t-ratios; ritest's compares estimates, which is ``p_of_estimate`` here. Every term
        that the formula makes of the column, such as ``I(d * x)``, ``i(f, d)`` or ``d:C(f)``, follows its draws. A
        column multiplied before it came into the frame cannot be told from others and stays as it is.

        Parameters
        ----------
        term : str
            A column as it stands, without transformation.
        seed, draws : int
            Of the exchanges, and how many.
        units : str, optional
            Column of the units of assignment, such as villages of which rows are persons: each has one value of the
            treatment, and whole units exchange it (ritest's ``cluster()``). By default rows are the units.
        within : str, optional
            Column of strata inside which units change places (ritest's ``strata()``); by default all may.

        Raises
        ------
        SpecificationError
            If the term is no plain column, another term bends in it (a square), the errors are none that draws can
            have, or the treatment or the stratum varies within a unit.
        """
        from shanhai.methods.door._treatment import exchanged

        return exchanged(self, term, as_count(seed, "seed"), draws, within, units)

    def placebo_borders(
        self,
        edges: object,
        *,
        seed: int,
        draws: int = 999,
        unit: str = "unit",
        region: str = "region",
        border: str = "border",
        pair: tuple[str, str] = ("unit_a", "unit_b"),
        **how: Any,
    ) -> "BorderPlacebo":
        """The coefficient on a border among those of borders that could have been drawn.

        Terms that the formula makes of the border follow the drawn ones, as those of a treatment do in ``randomize``.

        Parameters
        ----------
        edges : DataFrame of any make
            Pairs of units that share an edge; each counts once, however often and from whichever side it is named.
        seed, draws : int
            Of the maps, and how many.
        unit, region, border : str
            Columns of units, of the regions whose borders are drawn, and of whether a unit lies on one.
        pair : tuple of str
            Columns of the two units of an edge.
        **how
            ``term`` for an interaction with the border; ``terrain`` and ``rounds``, as for
            :func:`shanhai.methods.placebo.placebo_border`.

        Raises
        ------
        SpecificationError
            As there.
        """
        from shanhai.methods.door._treatment import moved_along
        from shanhai.methods.placebo import BorderColumns, placebo_border

        require_arguments(placebo_border, how, "placebo_borders", "columns made")
        columns, made = BorderColumns(unit, region, border, pair), moved_along(self, border)
        return placebo_border(self.spec, self.frame, as_frame(edges), draws, seed, columns=columns, made=made, **how)

    def sensitivity(
        self,
        term: str,
        benchmarks: str | Sequence[str] | Mapping[str, str | Sequence[str]] = (),
        multiples: Sequence[float] = (1.0, 2.0, 3.0),
    ) -> "Sensitivity":
        """How strong an unseen confounder must be: robustness values (Cinelli & Hazlett) and Oster's delta.

        Robustness values that ask for significance use classical standard errors, as sensemakr does, whatever the
        errors of the regression.

        Parameters
        ----------
        term : str
        benchmarks : coefficient, sequence of them, or mapping of name to coefficients, optional
            Observed covariates by whose strength, or a multiple, a confounder is measured.
        multiples : sequence of float

        Raises
        ------
        SpecificationError
            If a coefficient is unknown, or the regression is weighted.
        """
        from shanhai.methods.door._sensitivity import sensitivity_of

        return sensitivity_of(self._itself, self._used, term, benchmarks, multiples)

    def curve(
        self,
        term: str,
        controls: str | Sequence[str] | None = None,
        *,
        samples: Mapping[str, object] | None = None,
        vcov: Errors | Sequence[Errors] = (),
    ) -> "Variations":
        """Specification curve: the coefficient in every combination of controls, samples and errors.

        Parameters
        ----------
        term : str
            As the formula writes it; it makes one coefficient.
        controls : str or sequence of str, optional
            Terms that may be in or out, as the formula writes them (``C(type)`` is one); by default all others.
        samples : mapping of name to n true or false, optional
            Rows of the frame beside all rows of the regression; a Series has the index of the frame.
        vcov : errors, or sequence of them, optional
            By default those of the regression.

        Returns
        -------
        Variations
            Its table begins with controls, sample and vcov; ``is_main`` is the regression itself. Rows are those of
            the regression throughout, so that controls do not change them.

        Raises
        ------
        SpecificationError
            If a term is unknown, or specifications are more than 50,000.
        """
        from shanhai.methods.door._curve import curve_of

        return curve_of(self, term, controls, samples or {}, vcov)

    @property
    def _used(self) -> pd.DataFrame:
        """The rows of the regression alone."""
        return self.frame.iloc[self.rows]

    def _require_same(self, other: FitResult) -> None:
        """Refuse errors of other coefficients than these: the memory of the frame was written to since."""
        known = np.nan_to_num(self.se)
        if not (np.abs(other.params - self.params) <= _SAME * (np.abs(self.params) + known)).all():
            raise SpecificationError(
                f"the frame has other values than when it was fitted: {self.names[0]!r} is {other.params[0]:g} now and "
                f"was {self.params[0]:g}; allowed: the values of the fit. Fit it anew; where an array below the frame "
                "is written to, pass a copy."
            )

    @property
    def _itself(self) -> FitResult:
        """The result as one of its rows alone."""
        return replace(self, rows=np.arange(self.n))

    def _spec_with(self, covariance: CovarianceSpec) -> RegressionSpec:
        return replace(self.spec, covariance=covariance)

    def _complete(self, columns: Sequence[str]) -> pd.DataFrame:
        """The rows of the regression, refused where clusters or places of some are missing."""
        used = self._used
        lost = {
            name: int(used[name].isna().sum()) for name in columns if name in used.columns and used[name].isna().any()
        }
        if lost:
            said = ", ".join(f"{name!r} in {count}" for name, count in lost.items())
            raise SpecificationError(
                f"missing {said} of {self.n} rows of the regression; allowed: a value in each. Take these rows out of "
                "the frame and fit it anew."
            )
        return used
