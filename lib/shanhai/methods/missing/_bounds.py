"""Bounds of a coefficient when missing outcomes may lie anywhere within a range (Horowitz & Manski 1995, 2000)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_number, as_numbers, beside, require_columns
from shanhai.methods.estimate import LEVEL, Estimate, set_interval
from shanhai.methods.regression.design import numbers
from shanhai.methods.regression.fit import fit, fitted_columns
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import RegressionSpec


@dataclass(frozen=True, repr=False)
class CoefficientBounds(Shown):
    """The lowest and the highest value that a coefficient takes over all values the missing outcomes may have."""

    low: Estimate
    """Lowest value, with the standard error of the regression that attains it."""
    high: Estimate
    """Highest value, likewise."""
    n: int
    """Rows, missing outcomes included."""
    n_missing: int
    """Rows whose outcome is missing."""

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Interval that covers the true coefficient with probability ``level``: see :func:`~.estimate.set_interval`."""
        return set_interval(self.low, self.high, level)


def bound_coefficient(
    spec: RegressionSpec,
    frame: pd.DataFrame,
    name: str,
    low: float | Array | pd.Series,
    high: float | Array | pd.Series,
) -> CoefficientBounds:
    """Sharp bounds of one coefficient when each missing outcome lies between two values.

    By Frisch, Waugh and Lovell a coefficient is the sum of outcomes times the regressor freed of the others, over the
    sum of its squares. So it is highest when missing outcomes are at the upper end where that residual is positive and
    at the lower end elsewhere: two regressions, no search. Regressors must be known; rows that lack one are dropped as
    always. Standardised regressors are standardised over all rows, those without outcome included.

    Parameters
    ----------
    spec : RegressionSpec
        Its outcome in levels or logarithms.
    frame : DataFrame
        One row a unit; the column of the outcome is missing in some.
    name : str
        Coefficient.
    low, high : float, or array or Series with one value a row
        Ends of the range of a missing outcome, in the unit of its column; a Series is matched by its
        index. Not used where the outcome is known.

    Returns
    -------
    CoefficientBounds

    Raises
    ------
    SpecificationError
        If the outcome is centred or standardised, an end is missing where it is needed (or not above zero, for a
        logarithm) or the lower one exceeds the upper, ends are no numbers or not one a row, the coefficient does not
        exist or is the intercept, or as :func:`shanhai.methods.regression.fit.fit`.

    Examples
    --------
    Two units with the border and two without, one outcome unknown but between 0 and 10:

    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> frame = pd.DataFrame({"y": [4.0, np.nan, 6.0, 8.0], "d": [1.0, 1.0, 0.0, 0.0]})
    >>> spec = RegressionSpec(Variable("y"), (Variable("d"),), SampleSpec("all", "all"), CovarianceSpec("HC1"))
    >>> bounds = bound_coefficient(spec, frame, "d", 0.0, 10.0)
    >>> round(bounds.low.value, 9), round(bounds.high.value, 9), bounds.n_missing
    (-5.0, 0.0, 1)
    """
    column = spec.outcome.column
    if spec.outcome.transform not in ("level", "log"):
        raise SpecificationError(
            f"outcome {column!r} is {spec.outcome.transform}, so each value shifts all others; allowed: level or log. "
            "Bound the coefficient of the plain outcome."
        )
    if name == "intercept":
        raise SpecificationError(
            "no bounds of the coefficient 'intercept', which is not freed of the other regressors; allowed: "
            f"{', '.join(regressor for regressor in spec.names if regressor != name)}. Name one of these."
        )
    require_columns(frame, (column,))
    known = numbers(frame, column)
    missing = np.isnan(known)
    ends = [_ends(end, frame, what) for end, what in ((low, "low"), (high, "high"))]
    if not (np.isfinite(ends[0][missing]).all() and np.isfinite(ends[1][missing]).all()):
        raise SpecificationError(
            f"the range of a missing {column!r} has no end in some rows; allowed: two finite numbers in each row whose "
            "outcome is missing. Take rows without a range out of the sample."
        )
    if spec.outcome.transform == "log" and min(ends[0][missing].min(initial=1), ends[1][missing].min(initial=1)) <= 0:
        raise SpecificationError(
            f"the range of a missing {column!r} starts at {float(ends[0][missing].min()):g}, which has no logarithm; "
            "allowed: ends above zero. Raise the lower end, or bound the coefficient of the outcome in levels."
        )
    if (ends[0][missing] > ends[1][missing]).any():
        raise SpecificationError(
            f"the lower end of the range of a missing {column!r} is above the upper one in "
            f"{int((ends[0][missing] > ends[1][missing]).sum())} rows; allowed: low <= high. Exchange them."
        )

    def completed(upper: Array) -> pd.DataFrame:
        return frame.assign(**{column: np.where(missing, np.where(upper, ends[1], ends[0]), known)})

    any_end = completed(np.ones(len(frame), dtype=bool))
    first = fit(spec, any_end)
    rising = np.zeros(len(frame), dtype=bool)
    rising[first.rows] = _freed(first, any_end, name) > 0
    lowest, highest = (fit(spec, completed(upper)).estimate(name) for upper in (~rising, rising))
    return CoefficientBounds(lowest, highest, first.n, int(missing[first.rows].sum()))


def _ends(given: float | Array | pd.Series, frame: pd.DataFrame, what: str) -> Array:
    """One end of the range of each row."""
    if np.ndim(given) == 0:
        return np.full(len(frame), as_number(given, what, missing=True))
    values = as_numbers(beside(given, frame, what), what, missing=True)
    if len(values) != len(frame):
        raise SpecificationError(
            f"{what} holds {len(values)} numbers for {len(frame)} rows; allowed: one number, or one a row. Make it a "
            "column of the frame first."
        )
    return values


def _freed(result: FitResult, frame: pd.DataFrame, name: str) -> Array:
    """A regressor less what the others explain of it, within the fixed effects."""
    result.position(name)
    columns = fitted_columns(result, frame)
    others = [columns[other] for other in result.names if other not in (name, "intercept")]
    if name not in columns or not others:
        return columns[name]
    weights = np.ones(result.n) if result.spec.weights is None else numbers(frame, result.spec.weights)[result.rows]
    root, matrix = np.sqrt(weights), np.column_stack(others)
    slopes = np.linalg.lstsq(matrix * root[:, None], columns[name] * root, rcond=None)[0]
    return np.asarray(columns[name] - matrix @ slopes)
