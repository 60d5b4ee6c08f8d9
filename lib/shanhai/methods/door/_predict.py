"""What a regression predicts: for its own rows, and for new ones."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_numbers, require_columns
from shanhai.methods.door.frames import as_frame
from shanhai.methods.regression.design import regressors
from shanhai.methods.spec import Term, Variable

if TYPE_CHECKING:
    from shanhai.methods.door.regression import Regression

WITHIN = " (within the effects)"
"""End of the name of a column that an adopted model keeps within its fixed effects only."""

_TOLERANCE = 1e-14
"""Accuracy of the intercepts of several fixed effects, relative."""


def predicted(regression: "Regression", data: object) -> pd.Series:
    """Values of the outcome for new rows; see ``Regression.predict``."""
    require_levels(regression.spec.variables)
    frame = as_frame(data)
    reads, groups = _reads(regression), _groups(regression)
    require_columns(frame, (*reads, *(name for group in groups for name in group)))
    known = ~frame[list(dict.fromkeys((*reads, *(name for group in groups for name in group))))].isna().any(axis=1)
    rows = np.flatnonzero(known.to_numpy(dtype=bool))
    values = np.full(len(frame), np.nan)
    part = frame.iloc[rows]
    values[rows] = _linear(regression, part)
    used = regression.frame.iloc[regression.rows]
    for levels, intercepts in _intercepts(regression, used, groups):
        found = _labels(part, [str(name) for name in levels.names])
        place = levels.get_indexer(found)
        if len(place) and (place < 0).all():
            _require_same_type(found, levels)
        values[rows] += np.where(place >= 0, intercepts[place], np.nan)
    return pd.Series(values, index=frame.index, name=regression.spec.outcome.name)


def require_levels(variables: Iterable[Term]) -> None:
    """Refuse regressors that an adopted model keeps within its fixed effects only.

    Raises
    ------
    SpecificationError
    """
    hidden = [each.name for each in variables if isinstance(each, Variable) and each.column.endswith(WITHIN)]
    if hidden:
        raise SpecificationError(
            f"{', '.join(hidden)}: the adopted model keeps the values within its fixed effects only, so that others "
            "cannot take their place; allowed: regressors that are columns of the frame. Pass adopt a frame with them, "
            "or fit the formula by shanhai.methods.fit."
        )


def _reads(regression: "Regression") -> tuple[str, ...]:
    """Columns that the right-hand side is made of."""
    if regression.recipe is not None:
        return regression.recipe.reads
    return tuple(dict.fromkeys(variable.column for variable in regression.spec.variables))


def _groups(regression: "Regression") -> tuple[tuple[str, ...], ...]:
    """Columns of each fixed effect."""
    if regression.recipe is not None:
        return regression.recipe.model.effects
    return tuple((column,) for column in regression.spec.fixed_effects)


def _linear(regression: "Regression", part: pd.DataFrame) -> Array:
    """Coefficients times regressors, with the intercept where there is one, for complete rows."""
    made = regression.recipe.columns(part) if regression.recipe is not None else {}
    spec = regression.spec
    columns = dict.fromkeys(variable.column for variable in spec.variables)
    raw = {
        name: np.where(np.isfinite(made[name]), made[name], np.nan)  # a log of zero is missing here as in the fit
        if name in made
        else as_numbers(part[name], f"column {name!r}")
        for name in columns
    }
    for variable in spec.variables:
        if isinstance(variable, Variable) and variable.transform == "log":
            raw[variable.column] = np.where(raw[variable.column] > 0, raw[variable.column], np.nan)
    found = regressors(spec, raw, {scale.term: scale for scale in regression.scales})
    found["intercept"] = np.ones(len(part))
    return sum((value * found[name] for name, value in zip(regression.names, regression.params, strict=True)),
               start=np.zeros(len(part)))  # fmt: skip


def _intercepts(
    regression: "Regression", used: pd.DataFrame, groups: Sequence[Sequence[str]]
) -> list[tuple[pd.MultiIndex, Array]]:
    """Levels of each fixed effect with their intercepts, which are solved for together."""
    if not groups:
        return []
    from scipy.sparse import csr_array, hstack
    from scipy.sparse.linalg import lsqr

    codes, levels = [], []
    for group in groups:
        labels = _labels(used, list(group))
        levels.append(labels.unique())
        codes.append(levels[-1].get_indexer(labels))
    n, sizes = len(used), [len(each) for each in levels]
    dummies = [
        csr_array((np.ones(n), (np.arange(n), code)), shape=(n, size)) for code, size in zip(codes, sizes, strict=True)
    ]
    left = regression.fitted.to_numpy() - _linear(regression, used)
    solved = lsqr(hstack(dummies).tocsr(), left, atol=_TOLERANCE, btol=_TOLERANCE, conlim=0, iter_lim=100 * sum(sizes))[
        0
    ]
    return list(zip(levels, np.split(solved, np.cumsum(sizes)[:-1]), strict=True))


def _require_same_type(found: pd.MultiIndex, known: pd.MultiIndex) -> None:
    """Refuse levels of which none is known because they are text where the regression has numbers, or the reverse."""
    for name, ours, theirs in zip(known.names, known.levels, found.levels, strict=True):
        types = [{isinstance(label, str) for label in labels} for labels in (ours, theirs)]
        if types in ([{True}, {False}], [{False}, {True}]):
            held, fitted = ("text", "no text") if types[1] == {True} else ("no text", "text")
            raise SpecificationError(
                f"fixed effect {name!r} holds {held} ({theirs[0]!r}) where the regression has {fitted} ({ours[0]!r}); "
                f"allowed: levels of the same type. Convert it with astype({type(ours[0]).__name__})."
            )


def _labels(frame: pd.DataFrame, columns: Sequence[str]) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(frame[list(columns)].astype(object))
