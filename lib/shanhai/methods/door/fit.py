"""The front door: a formula and a frame in, a regression that reports out."""

from dataclasses import replace
from typing import overload

import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.door._rows import Wanted, fit_model
from shanhai.methods.door._text import read_formula
from shanhai.methods.door.errors import CLUSTER_FACTOR, Errors, Factor, read_errors, require_named
from shanhai.methods.door.fits import Fits
from shanhai.methods.door.frames import GEOMETRY, as_coords, as_frame, in_degrees
from shanhai.methods.door.regression import UNNAMED, Regression
from shanhai.methods.regression.fit import solve
from shanhai.methods.spec import CovarianceSpec, RegressionSpec


@overload
def fit(
    formula: RegressionSpec,
    data: object,
    *,
    vcov: Errors | None = ...,
    weights: str | None = ...,
    coords: tuple[str, str] = ...,
    crs: object = ...,
    ssc: Factor = ...,
    sample: str = ...,
) -> Regression: ...
@overload
def fit(
    formula: str,
    data: object,
    *,
    vcov: Errors | None = ...,
    weights: str | None = ...,
    coords: tuple[str, str] = ...,
    crs: object = ...,
    ssc: Factor = ...,
    sample: str = ...,
) -> Regression | Fits: ...
def fit(
    formula: str | RegressionSpec,
    data: object,
    *,
    vcov: Errors | None = None,
    weights: str | None = None,
    coords: tuple[str, str] = GEOMETRY,
    crs: object = None,
    ssc: Factor = CLUSTER_FACTOR,
    sample: str = "all rows",
) -> Regression | Fits:
    """Estimate a regression by least squares, or several at once.

    Parameters
    ----------
    formula : str or RegressionSpec
        ``outcome ~ terms | fixed effects`` in the language of formulaic: ``a:b`` for a product, ``a * b`` for both and
        their product, ``C(a)`` for a dummy a category (text is one by itself, unless it holds numbers, which is
        refused; ``contr.treatment(base=...)`` names the one left out), ``log()``, ``log1p()``, ``log2()``, ``log10()``,
        ``asinh()``, ``exp()``, ``sqrt()``, ``abs()``, ``I(a**2 / b)`` for arithmetic, ``poly(a, 2)``, ``center()``,
        ``scale()`` or ``z()`` (standard deviations from the mean), splines ``bs()``, ``cs()``, ``cr()``, ``cc()``, and
        fixest's ``i(year, treated, ref=2000)``. Back-ticks hold any name of a column, such as ```GDP per head```.
        Behind ``|`` columns whose levels each get an intercept, joined by ``+``; ``a^b`` for their combinations.
        Several outcomes ``y1 + y2 ~ ...`` and the stepwise sets of fixest ``sw(a, b)``, ``sw0()``, ``csw()``,
        ``csw0()`` give a regression each, the first of ``sw0`` and ``csw0`` without their terms. Nothing but
        these functions is ever evaluated.

        ``center``, ``scale``, ``poly`` and splines are computed on the rows of the regression.
    data : DataFrame of pandas or polars, pyarrow Table, or GeoDataFrame
        One row a unit. Rows with a missing value in what the regression reads, and rows alone in a fixed effect, are
        left out and counted; see ``dropped_rows`` of the result.
    vcov : str, mapping or CovarianceSpec, optional
        ``"iid"``; ``"HC1"``, ``"HC2"``, ``"HC3"``; ``"cluster:firm"`` or ``{"CRV1": "firm"}``, ``"cluster:firm+year"``
        (two-way), ``"cluster:firm CR2"`` or another of :class:`CovarianceSpec`; ``"conley:200km"`` (Bartlett kernel)
        or ``"conley:uniform 200km"``, from ``coords``. In a panel these last two count pairs of all periods in full,
        as fixest does; limits in time and flat maps by :meth:`CovarianceSpec.conley`. ``repaired`` behind two-way
        clusters and Conley sets negative eigenvalues to zero, as fixest's ``vcov_fix`` does; without it a coefficient
        with a negative variance has no error. ``"robust"`` and ``"hetero"`` are HC1, as in Stata and pyfixest. A
        specification has its own errors, which ``vcov`` replaces.

        Without any, a formula gets ``HC1``, and the result says so in its notes. ``iid``, the default of most
        programs, asserts what nobody believes, and no program can know who shares shocks with whom: a refusal would
        stop whoever only looks at coefficients, while clusters picked for the user (fixest's habit until 0.13)
        would hide a choice that decides about significance.
    weights : str, optional
        Column of positive weights (of precision or of sampling, with the errors above).
    coords : tuple of str
        Columns of longitude and latitude in degrees, for ``conley`` and for the tests that need places; those of a
        GeoDataFrame come from its geometry.
    crs : str or other reference system, optional
        Of ``coords`` that are metres of a map, such as ``"EPSG:32650"``; they are taken back to degrees by pyproj, so
        that distances are those on the globe. Straight distances on the map itself need no ``crs``, but
        ``vcov=CovarianceSpec.conley("bartlett", 200, ("x", "y"), distance="planar")``, which names its columns.
    ssc : str or SmallSample
        Small-sample factor of clusters where ``vcov`` names none: a program (``"fixest"``, ``"reghdfe"``, ``"areg"``,
        ``"xtreg"`` ...), a convention (``"CR1S"``) or :func:`shanhai.methods.spec.ssc`. Refused beside errors that
        have their own.
    sample : str
        What the rows are, for tables.

    Returns
    -------
    Regression, or Fits where the formula asks for several
        A term that others or the fixed effects determine is left out and named in ``dropped_columns``.

    Raises
    ------
    SpecificationError
        If formula, errors or data cannot be read, a column is absent or of the wrong kind, or there is nothing to be
        estimated from.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods import fit
    >>> schools = pd.DataFrame({"score": [3.0, 5.0, 4.0, 8.0], "hours a day": [1.0, 2.0, 3.0, 4.0]})
    >>> result = fit("score ~ `hours a day`", schools, vcov="HC1")
    >>> [round(float(value), 3) for value in result.params]  # 1.4 = 7 / 5
    [1.5, 1.4]
    """
    if weights is not None and not isinstance(weights, str):
        raise SpecificationError(
            f"weights are of type {type(weights).__name__}; allowed: the name of a column, as text. Put them into the "
            "frame, as in frame.assign(weight=...), and name it."
        )
    if (
        crs is not None
        and isinstance(vcov, CovarianceSpec)
        and (vcov.distance, vcov.coordinates) == ("planar", GEOMETRY)
    ):
        raise SpecificationError(
            f"crs is {crs!r} beside distances on the flat map; allowed: one of the two, as crs= takes {coords} back to "
            "degrees. Leave crs out, or take the default distance."
        )
    if not isinstance(sample, str):
        raise SpecificationError(
            f"sample is {sample!r}; allowed: what the rows are called, as text. Choose rows in the frame, as in "
            "fit(formula, frame[frame['year'] > 2000], sample='after 2000')."
        )
    frame, coords = in_degrees(as_frame(data), as_coords(coords), crs)
    if isinstance(formula, RegressionSpec):
        return _specified(formula, frame, None if vcov is None else read_errors(vcov, coords, ssc), weights, coords)
    covariance = read_errors("HC1" if vcov is None else vcov, coords, ssc)
    require_named(frame, covariance)
    notes = (UNNAMED,) if vcov is None else ()
    return fit_formula(formula, frame, covariance, weights=weights, coords=coords, sample=sample, notes=notes)


def fit_formula(
    formula: str,
    data: object,
    covariance: CovarianceSpec,
    *,
    weights: str | None = None,
    coords: tuple[str, str] = GEOMETRY,
    sample: str = "all rows",
    written: bool = True,
    notes: tuple[str, ...] = (),
) -> Regression | Fits:
    """Every regression of a formula, under errors that are a value already.

    Parameters
    ----------
    formula, data, weights, coords, sample
        As for :func:`fit`.
    covariance : CovarianceSpec
    written : bool
        Name terms as the formula writes them, such as ``log(gdp)``; else as a specification does, ``log_gdp``.
    notes : tuple of str
        What is to be said of each regression.

    Returns
    -------
    Regression, or Fits where the formula holds several.

    Raises
    ------
    SpecificationError
        As :func:`fit`.

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec
    >>> from shanhai.methods.door.fit import fit_formula
    >>> schools = pd.DataFrame({"score": [3.0, 5.0, 4.0, 8.0], "hours": [1.0, 2.0, 3.0, 4.0]})
    >>> fit_formula("score ~ hours", schools, CovarianceSpec("HC1")).params.round(2).tolist()
    [1.5, 1.4]
    """
    table, wanted = as_frame(data), Wanted(covariance, weights, sample, written)
    found = {}
    for model in read_formula(formula):
        made = fit_model(model, table, wanted)
        result = replace(made.result, notes=(*notes, *made.result.notes))
        found[model.text] = Regression.of(
            result, frame=made.frame, formula=model.text, coords=coords, recipe=made.recipe
        )
    return Fits(found) if len(found) > 1 else next(iter(found.values()))


def _specified(
    spec: RegressionSpec,
    table: pd.DataFrame,
    covariance: CovarianceSpec | None,
    weights: str | None,
    coords: tuple[str, str],
) -> Regression:
    """The regression of a specification, which says everything but other errors."""
    if weights is not None:
        raise SpecificationError(
            f"weights are {weights!r} beside a specification, which names its own; allowed: weights of a formula. Use "
            "dataclasses.replace(spec, weights=...)."
        )
    if covariance is not None:
        spec = replace(spec, covariance=covariance)
    return Regression.of(solve(spec, table).result(), frame=table, coords=spec.covariance.coordinates or coords)
