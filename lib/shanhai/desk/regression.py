"""A regression in one line: the front door of the methods for frames of counties, whose errors have to be named."""

from shanhai.methods.door.errors import read_errors
from shanhai.methods.door.fit import fit as fit_spec
from shanhai.methods.door.fit import fit_formula
from shanhai.methods.door.fits import Fits
from shanhai.methods.door.regression import Regression
from shanhai.methods.spec import CovarianceSpec, RegressionSpec


def fit(
    formula: str | RegressionSpec,
    frame: object,
    *,
    errors: str | CovarianceSpec = "",
    weights: str | None = None,
    sample: str = "rows of the frame",
) -> Regression | Fits:
    """Estimate a regression by least squares.

    Parameters
    ----------
    formula : str or RegressionSpec
        ``outcome ~ terms | fixed effects`` as :func:`shanhai.methods.fit` reads it: columns of the frame, ``log()``,
        ``centred()`` or ``z()`` (standard deviations from the mean) around them, ``C()``, ``poly()``, ``I()``;
        ``a * b`` for both and their product, ``a:b`` for it alone. Several outcomes or a stepwise set give several
        regressions.
    frame : DataFrame
        One row a unit, as :func:`shanhai.counties` gives them. Rows with a missing value are left out and counted.
    errors : str or CovarianceSpec
        ``"conley(200 km)"`` (shared by near rows; Bartlett kernel, from ``longitude`` and ``latitude``),
        ``"cluster(prefecture_code)"`` (CR1S unless another factor stands behind it), ``"HC3"``. There is no default:
        neighbouring counties share shocks, and who estimates says how far. Only a ``RegressionSpec`` has its own.
    weights : str, optional
        Column of positive weights.
    sample : str
        What the rows are, for tables.

    Returns
    -------
    Regression, or Fits where the formula asks for several
        Terms bear the names of the data dictionary, such as ``z_ruggedness`` for ``z(ruggedness)``.

    Raises
    ------
    SpecificationError
        If formula or errors cannot be read, a column is unknown, or the regression cannot be estimated.

    Examples
    --------
    >>> import pandas as pd
    >>> import shanhai as sh
    >>> schools = pd.DataFrame({"score": [3.0, 5.0, 4.0, 8.0], "hours": [1.0, 2.0, 3.0, 4.0]})
    >>> result = sh.fit("score ~ hours", schools, errors="HC1")
    >>> [round(float(value), 3) for value in result.params]  # 1.4 = 7 / 5
    [1.5, 1.4]
    """
    if isinstance(formula, RegressionSpec):
        return fit_spec(formula, frame)
    return fit_formula(
        formula, frame, read_errors(errors, factor="CR1S", asked=False), weights=weights, sample=sample, written=False
    )
