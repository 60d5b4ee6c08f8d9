"""A regression that reports: the frozen result with its frame, and what an economist asks of it as verbs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.checks import as_share
from shanhai.methods.door.errors import read_errors
from shanhai.methods.estimate import LEVEL, interval
from shanhai.methods.regression.fit import fit as fit_spec
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import CovarianceSpec

if TYPE_CHECKING:
    from shanhai.methods.door._columns import Recipe

UNNAMED = (
    "no errors were named, so these are HC1: rows are taken as independent of each other. Where they share shocks name "
    'them, as in vcov="cluster:firm" or vcov="conley:200km".'
)
"""Note of a regression whose errors nobody named."""


@dataclass(frozen=True, repr=False)
class Regression(FitResult):
    """Estimates of one regression, with the frame they were made of."""

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
        """Confidence intervals of all coefficients: conf.low and conf.high, indexed by term."""
        return self.tidy(level).set_index("term")[["conf.low", "conf.high"]]

    def vcov(self, vcov: str | Mapping[str, str] | CovarianceSpec) -> "Regression":
        """The same estimates under other errors: the same rows and coefficients with another covariance.

        Parameters
        ----------
        vcov : str, mapping or CovarianceSpec
            As :func:`shanhai.methods.fit` takes it.

        Raises
        ------
        SpecificationError
            If the errors are unknown, or a column of theirs is missing in rows of the regression.
        """
        covariance = read_errors(vcov, self.coords)
        return self._again(fit_spec(replace(self.spec, covariance=covariance), self.frame.iloc[self.rows]))

    def _again(self, other: FitResult) -> "Regression":
        """This regression with the covariance of the same one fitted on its rows alone."""
        if other.n != self.n or other.names != self.names:
            said = "; ".join(f"{drop.reason}: {drop.count}" for drop in other.dropped_rows)
            raise SpecificationError(
                f"{self.n - other.n} of {self.n} rows of the regression cannot be used under {other.error} ({said}); "
                "allowed: errors that all its rows have. Fit it anew under these errors, which leaves the rows out."
            )
        dropped = tuple(note for note in self.notes if "rows dropped" in note and note not in other.notes)
        return replace(
            self,
            spec=replace(self.spec, covariance=other.spec.covariance),
            covariance=other.covariance,
            df=other.df,
            df_by_term=other.df_by_term,
            clusters=other.clusters,
            notes=(*other.notes, *dropped),
        )
