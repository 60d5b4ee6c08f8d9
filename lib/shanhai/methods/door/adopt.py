"""Models that people have already: the same regression with our errors, tests and sensitivity."""

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array, Codes
from shanhai.methods.checks import as_codes
from shanhai.methods.door._models import Held, held_by, refused
from shanhai.methods.door._predict import WITHIN
from shanhai.methods.door.errors import Errors, read_errors, require_named
from shanhai.methods.door.frames import GEOMETRY, as_frame, in_degrees
from shanhai.methods.door.regression import UNNAMED, Regression
from shanhai.methods.regression.absorb import FixedEffects, within
from shanhai.methods.regression.fit import solve
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import RegressionSpec, SampleSpec, Variable

_SAME_VALUE: Final = 1e-6
"""Share of a value, or of the largest within fixed effects, by which a column of the frame may differ."""

_AGREE: Final = 1e-8
"""Share of a coefficient, or of its classical standard error, by which two programs may differ."""


def adopt(
    model: object,
    data: object = None,
    *,
    vcov: Errors | None = None,
    coords: tuple[str, str] = GEOMETRY,
    crs: object = None,
) -> Regression:
    """Take a model that another package has fitted, for errors and tests that the package lacks.

    Parameters
    ----------
    model : fitted model
        OLS or WLS of statsmodels (from a formula or from arrays), PanelOLS, PooledOLS, AbsorbingLS or IV2SLS without
        instruments of linearmodels, feols of pyfixest.
    data : frame, optional
        Where columns of clusters, places or regions stand, with the rows of the fit: as many in the same order, or
        under the same labels of the index (pyfixest: the frame that was fitted, whatever its index). Outcome and
        regressors in it are compared with those of the model, regressors within its fixed effects. By default the
        frame that the model keeps (formulas of statsmodels, pyfixest).
    vcov : str, mapping or CovarianceSpec, optional
        As for :func:`shanhai.methods.fit`; the errors of the model are not taken over.
    coords, crs
        Columns of the places, as for :func:`shanhai.methods.fit`.

    Returns
    -------
    Regression
        Terms under the names of the model; the constant is ``intercept``. Rows that are alone in a fixed effect are
        left out, which changes no coefficient. pyfixest keeps regressors within fixed effects: those that are no
        column of the frame, such as dummies of ``C(type)``, can neither be predicted from nor exchanged.

    Raises
    ------
    SpecificationError
        If it is another kind of model, has weights of another kind, rows cannot be told, columns of the frame have
        other values than those of the model, or its coefficients are not those of least squares to eight digits.

    Examples
    --------
    >>> import statsmodels.formula.api as smf
    >>> from shanhai.methods import adopt
    >>> import pandas as pd
    >>> schools = pd.DataFrame({"score": [3.0, 5.0, 4.0, 8.0], "hours": [1.0, 2.0, 3.0, 4.0]})
    >>> adopt(smf.ols("score ~ hours", schools).fit(), vcov="HC3").names
    ('intercept', 'hours')
    """
    held = held_by(model)
    table, coords = in_degrees(_aligned(held, data), coords, crs)
    constant, regressors = _apart(held)
    made: dict[str, object] = {}
    outcome = _placed(held.outcome, held.values, table, made)
    terms = tuple(
        Variable(_regressor(held, name, values, table, made), written=name) for name, values in regressors.items()
    )
    covariance = read_errors("HC1" if vcov is None else vcov, coords)
    require_named(table, covariance)
    effects = tuple(_grouping(name, np.asarray(labels), table, made) for name, labels in held.effects.items())
    weights = None if held.weights is None else _placed("weights", held.weights, table, made)
    spec = RegressionSpec(
        Variable(outcome, written=held.outcome),
        terms,
        SampleSpec(f"rows of the model ({held.name})"),
        covariance,
        fixed_effects=effects,
        weights=weights,
    )
    frame = pd.concat([table, pd.DataFrame(made, index=table.index)], axis=1)
    result = solve(spec, frame, drops=True).result()
    _require_all_rows(held, result)
    _require_same(held, result, constant)
    notes = (UNNAMED, *result.notes) if vcov is None else result.notes
    return Regression.of(replace(result, notes=notes), frame=frame, coords=coords)


def _apart(held: Held) -> tuple[str | None, dict[str, Array]]:
    """Name of the constant, and the other regressors."""
    constants = [name for name, values in held.regressors.items() if values[0] != 0 and np.ptp(values) == 0]
    if not constants and not held.effects:
        raise refused(held.name, "has no constant", "Fit it with one")
    others = {name: values for name, values in held.regressors.items() if name not in constants}
    if len(constants) > 1 or not others:
        raise refused(held.name, f"has {len(constants)} constants and {len(others)} regressors", "Fit it with one each")
    return (constants[0] if constants else None), others


def _aligned(held: Held, data: object) -> pd.DataFrame:
    """The rows of the fit in a frame of theirs."""
    n = len(held.values)
    if data is None and held.frame is None:
        rows = held.rows.to_frame(index=False) if isinstance(held.rows, pd.MultiIndex) else pd.DataFrame(index=range(n))
        return rows.rename(columns=str)
    frame = as_frame(held.frame if data is None else data)
    orders = _orders(held, frame)
    if not orders:
        raise SpecificationError(
            f"the frame has {len(frame)} rows and the model {n}, and labels of the index do not tell which; allowed: "
            "the rows of the fit, or a frame whose index names each of them once. Drop rows with missing values before "
            "fitting."
        )
    others = [_others(held, frame.iloc[order]) for order in orders]
    told = [order for order, names in zip(orders, others, strict=True) if not names]
    if not told:
        raise SpecificationError(
            f"column {others[0][0]!r} of the frame has other values than the model ({held.name}) in the same rows; "
            "allowed: the frame that was fitted, in its order or with its index. Pass it as it was, or fit anew."
        )
    if len(told) > 1:
        raise SpecificationError(
            f"labels of the frame's index and the order of its {len(frame)} rows tell different rows of the model "
            f"({held.name}); allowed: a frame in the order of the fit with its index, or one that holds the outcome "
            f"{held.outcome!r} too. Add that column."
        )
    return frame.iloc[told[0]].reset_index(drop=True)


def _orders(held: Held, frame: pd.DataFrame) -> list[Codes]:
    """Places in the frame that the rows of the model may have: by label, by place, and in order; each way once."""
    n, found = len(held.values), []
    labels = None if held.rows is None else pd.Index(held.rows)
    if labels is not None and held.rows_are == "places":
        found += [labels.to_numpy()] if labels.max() < len(frame) else []
    elif labels is not None and frame.index.is_unique and labels.isin(frame.index).all():
        found.append(frame.index.get_indexer(labels))
    if len(frame) == n:
        found.append(np.arange(n))
    return [
        order
        for place, order in enumerate(found)
        if not any(np.array_equal(order, earlier) for earlier in found[:place])
    ]


def _others(held: Held, rows: pd.DataFrame) -> list[str]:
    """Columns of the frame that have the name, but not the values, of the outcome or a regressor of the model.

    Regressors are compared within fixed effects, as pyfixest keeps no others.
    """
    theirs = {name: rows[name] for name in (*held.regressors, held.outcome) if _is_number(rows, name)}
    pairs = {
        name: (column.to_numpy(dtype=float), held.values if name == held.outcome else held.regressors[name])  # noqa: PD011 - an array
        for name, column in theirs.items()
    }
    effects = _effects(held)
    return [name for name, pair in pairs.items() if not _alike(*pair, None if name == held.outcome else effects)]


def _is_number(rows: pd.DataFrame, name: str) -> bool:
    """Whether a frame has one column of the name, of numbers."""
    return (rows.columns == name).sum() == 1 and rows[name].dtype.kind in "fiub"


def _effects(held: Held) -> FixedEffects | None:
    """Levels of the fixed effects of a model, None without any."""
    if not held.effects:
        return None
    weights = np.ones(len(held.values)) if held.weights is None else held.weights
    return FixedEffects(
        tuple(as_codes(labels, f"fixed effect {name!r}") for name, labels in held.effects.items()), weights
    )


def _alike(theirs: Array, ours: Array, effects: FixedEffects | None) -> bool:
    """Whether two columns are the same, within fixed effects if there are any."""
    if effects is None or not np.isfinite(theirs).all():
        return np.allclose(theirs, ours, rtol=_SAME_VALUE, atol=0)
    left = within(np.column_stack([theirs, ours]), effects)
    return bool(np.abs(left[:, 0] - left[:, 1]).max() <= _SAME_VALUE * max(np.abs(left).max(), 1e-9 * np.ptp(theirs)))


def _regressor(held: Held, name: str, values: Array, table: pd.DataFrame, made: dict[str, object]) -> str:
    """The column of a regressor: that of the frame where it is the same within the fixed effects."""
    if held.effects and _is_number(table, name):
        return name
    return _placed(name + WITHIN if held.within else name, values, table, made)


def _placed(name: str, values: Array, table: pd.DataFrame, made: dict[str, object]) -> str:
    """Enter a column under a name that is free, and return that name; one that the frame has already stays there."""
    key = name
    theirs = table[name] if name not in made and (table.columns == name).sum() == 1 else None
    if theirs is not None and theirs.dtype.kind in "fiub" and np.array_equal(theirs.to_numpy(dtype=float), values):
        return name
    while key in table.columns or key in made:
        key += " (of the model)"
    made[key] = values
    return key


def _grouping(name: str, labels: NDArray[np.generic], table: pd.DataFrame, made: dict[str, object]) -> str:
    """The column of a fixed effect: that of the frame where it groups rows alike."""
    if name in table.columns and (table.columns == name).sum() == 1:
        theirs, ours = pd.factorize(labels)[0], pd.factorize(table[name])[0]
        if len(np.unique(np.column_stack([theirs, ours]), axis=0)) == theirs.max() + 1 == ours.max() + 1:
            return name
    return _placed(name, pd.factorize(labels, sort=True)[0].astype(np.float64), table, made)


def _require_all_rows(held: Held, result: FitResult) -> None:
    """Refuse errors whose clusters or places are missing in rows of the model, which has its coefficients from all."""
    lost = [drop for drop in result.dropped_rows if drop.reason.endswith(" missing")]
    if lost:
        said = "; ".join(f"{drop.reason}: {drop.count}" for drop in lost)
        raise SpecificationError(
            f"rows of the model ({held.name}) cannot be used under {result.error} ({said}); allowed: columns of errors "
            "that all its rows have. Fit the model anew on the rows that have them, or name other errors."
        )


def _require_same(held: Held, result: FitResult, constant: str | None) -> None:
    """Refuse a model whose coefficients are not ours."""
    ours = dict(zip(result.names, result.params, strict=True))
    if constant is not None and "intercept" in ours:
        ours[constant] = ours.pop("intercept") / float(held.regressors[constant][0])
    classical = dict(zip(result.names, result.se, strict=True))
    for name, value in held.params.items():
        if name in ours:
            allowed = _AGREE * (abs(value) + np.nan_to_num(classical.get(name, 0.0)))
            if not abs(ours[name] - value) <= allowed:
                if result.dropped_columns:
                    raise refused(
                        held.name,
                        f"has regressors that others determine ({', '.join(result.dropped_columns)}), so that its "
                        "coefficients are one choice among many",
                        "Leave these out and fit it anew",
                    )
                raise SpecificationError(
                    f"coefficient {name!r} is {value:.10g} in the model ({held.name}) and {ours[name]:.10g} by least "
                    "squares on its arrays; allowed: the same to eight digits. A penalty, constraints, weights of "
                    "another kind or a loose tolerance (pyfixest: demeaner=MapDemeaner(fixef_tol=1e-12)) do this. Fit "
                    "it without, or anew from a formula."
                )
