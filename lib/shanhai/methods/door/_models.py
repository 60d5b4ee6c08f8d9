"""What fitted models of other packages hold: outcome, regressors, effects, weights, coefficients and their rows.

Each reader takes arrays that the package keeps as it used them, so that formulas need no second reading. What is no
least squares of the same kind is refused with the reason.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.core.shown import Shown
from shanhai.methods.arrays import Array

_TAKEN = (
    "OLS and WLS of statsmodels; PanelOLS, PooledOLS, AbsorbingLS and IV2SLS without instruments of linearmodels; "
    "feols of pyfixest"
)


@dataclass(frozen=True, repr=False)
class Held(Shown):
    """A fitted model as arrays of its n rows."""

    name: str
    """Package and model, such as ``statsmodels OLS``."""
    outcome: str
    """Name of the outcome."""
    values: Array
    """n values of it."""
    regressors: Mapping[str, Array]
    """n values of each regressor, a constant among them."""
    params: Mapping[str, float]
    """Coefficient of each."""
    rows: Any
    """The n rows in the frame that was fitted; None if the model does not know."""
    effects: Mapping[str, Any] = field(default_factory=dict)
    """Labels of each fixed effect, n of them."""
    weights: Array | None = None
    """n weights."""
    rows_are: Literal["labels", "places"] = "labels"
    """What names the rows: labels of the index, or places 0, 1, ... whatever the index."""
    frame: pd.DataFrame | None = None
    """The frame that was fitted, where the model keeps it."""
    within: bool = False
    """Whether the model keeps regressors within its fixed effects only."""


def held_by(model: object) -> Held:
    """The arrays of a fitted model.

    Raises
    ------
    SpecificationError
        If it is no model that is taken, or not fitted.
    """
    package = type(model).__module__.partition(".")[0]
    if package in _READERS:
        return _READERS[package](model)
    raise refused(f"{type(model).__name__} of {package}", "is none of the models taken", "Fit one of these")


def refused(name: str, why: str, advice: str) -> SpecificationError:
    """A model that cannot be taken, with the reason."""
    return SpecificationError(f"the model ({name}) {why}; allowed: {_TAKEN}. {advice}.")


def _of_statsmodels(fitted: Any) -> Held:
    model, name = getattr(fitted, "model", None), f"statsmodels {type(getattr(fitted, 'model', fitted)).__name__}"
    if model is None or not hasattr(fitted, "params"):
        raise refused(name, "is not fitted", "Pass what its fit() returns")
    if type(model).__name__ not in ("OLS", "WLS"):
        raise refused(name, "is no least squares with independent weights", "For a binary outcome fit OLS")
    if np.ndim(model.endog) != 1:
        raise refused(name, "has several outcomes", "Fit one at a time")
    data = model.data
    names = list(model.exog_names)
    return Held(
        name,
        str(model.endog_names),
        np.asarray(model.endog, dtype=np.float64),
        dict(zip(names, np.asarray(model.exog, dtype=np.float64).T, strict=True)),
        dict(zip(names, np.asarray(fitted.params, dtype=np.float64), strict=True)),
        data.row_labels,
        weights=np.asarray(model.weights, dtype=np.float64) if type(model).__name__ == "WLS" else None,
        frame=getattr(data, "frame", None),
    )


def _of_pyfixest(model: Any) -> Held:
    name = f"pyfixest {type(model).__name__}"
    if type(model).__name__ != "Feols" or getattr(model, "_is_iv", False):
        raise refused(name, "is no least squares without instruments", "Use feols with one formula of one model")
    if not hasattr(model, "_beta_hat") or getattr(model, "_lean", False) or model._X_is_empty:
        raise refused(name, "does not keep its arrays", "Fit it without lean=True, with a regressor")
    if getattr(model, "_use_mundlak", False) or (model._weights_type != "aweights" and model._has_weights):
        raise refused(name, "has weights that count rows", "Repeat the rows, or use weights_type='aweights'")
    names = [str(each) for each in model._coefnames]
    effects = model._fe if model._has_fixef else pd.DataFrame()
    return Held(
        name,
        str(model._depvar),
        np.asarray(model._Y_untransformed, dtype=np.float64).ravel(),
        dict(zip(names, np.asarray(model._X_untransformed, dtype=np.float64).T, strict=True)),
        dict(zip(names, np.asarray(model._beta_hat, dtype=np.float64), strict=True)),
        model._Y_untransformed.index,
        effects={re.sub(r"^__fixed_effect__\((.*)\)$", r"\1", str(each)): effects[each].to_numpy() for each in effects},
        weights=np.asarray(model._weights, dtype=np.float64).ravel() if model._has_weights else None,
        rows_are="places",
        frame=model._data if model._store_data else None,
        within=bool(model._has_fixef),
    )


def _of_linearmodels(fitted: Any) -> Held:
    model = getattr(fitted, "model", None)
    kind = type(model if model is not None else fitted).__name__
    name = f"linearmodels {kind}"
    if model is None or not hasattr(fitted, "params"):
        raise refused(name, "is not fitted", "Pass what its fit() returns")
    if kind in ("PanelOLS", "PooledOLS"):
        return _of_panel(fitted, model, name)
    endogenous = getattr(model, "endog", None)
    instrumented = endogenous is not None and endogenous.ndarray.size > 0
    if kind not in ("AbsorbingLS", "IV2SLS", "_OLS") or instrumented:
        raise refused(name, "is no least squares without instruments", "Reduced form and first stage can be fitted")
    if getattr(model, "_interaction_list", None):
        raise refused(name, "absorbs slopes", "Put them among the regressors")
    weights = np.asarray(model.weights.ndarray, dtype=np.float64).ravel()
    absorbed = getattr(model, "_absorb", None)
    absorbed = pd.DataFrame() if absorbed is None else absorbed
    lost = getattr(model, "_drop_locs", None)
    if lost is not None and len(lost) == len(absorbed):  # it keeps labels of rows that it left out
        absorbed = absorbed[~np.asarray(lost)]
    effects = {str(each): absorbed[each].to_numpy() for each in absorbed.columns}
    for each, labels in effects.items():
        if not isinstance(absorbed[each].dtype, pd.CategoricalDtype):
            raise refused(name, f"absorbs {each!r} as a number", "Make it a category, or a regressor")
        effects[each] = np.asarray(labels)
    return _arrays(fitted, name, effects, weights)


def _of_panel(fitted: Any, model: Any, name: str) -> Held:
    """Panels, whose index holds unit and period."""
    index = model.dependent.dataframe.index
    effects: dict[str, Any] = {}
    for wanted, place in (("entity_effects", 0), ("time_effects", 1)):
        if getattr(model, wanted, False):
            effects[str(index.names[place] or wanted.partition("_")[0])] = index.get_level_values(place)
    if getattr(model, "other_effects", False):
        raise refused(name, "has effects beside those of unit and period", "Absorb them by AbsorbingLS")
    return _arrays(fitted, name, effects, model.weights.values2d.ravel())


def _arrays(fitted: Any, name: str, effects: Mapping[str, Any], weights: Array) -> Held:
    outcome, exog = (_frame(part) for part in (fitted.model.dependent, fitted.model.exog))
    return Held(
        name,
        str(outcome.columns[0]),
        outcome.iloc[:, 0].to_numpy(dtype=np.float64),
        {str(each): exog[each].to_numpy(dtype=np.float64) for each in exog.columns},
        {str(each): float(value) for each, value in fitted.params.items()},
        outcome.index,
        effects=effects,
        rows_are="places" if isinstance(getattr(fitted.model.dependent, "original", None), np.ndarray) else "labels",
        weights=None if np.ptp(weights) <= 1e-12 * np.abs(weights).max() else weights,
    )


def _frame(part: Any) -> pd.DataFrame:
    """A side of a model of linearmodels."""
    return part.dataframe if hasattr(part, "dataframe") else part.pandas


_READERS: dict[str, Callable[[Any], Held]] = {
    "statsmodels": _of_statsmodels,
    "pyfixest": _of_pyfixest,
    "linearmodels": _of_linearmodels,
}
"""Reader of each package's models."""
