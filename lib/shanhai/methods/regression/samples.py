"""Which rows of a frame a sample holds."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.core.errors import SpecificationError
from shanhai.methods.door import require_columns
from shanhai.methods.spec import Filter, SampleSpec

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def sample_mask(frame: pd.DataFrame, spec: SampleSpec) -> NDArray[np.bool_]:
    """Which rows of the frame belong to a sample.

    Parameters
    ----------
    frame : DataFrame
        With ``province_code`` where the sample names provinces, and the columns of its filters.
    spec : SampleSpec

    Returns
    -------
    array of bool, n

    Raises
    ------
    SpecificationError
        If a column is absent, or a province of the sample has no row at all.
    """
    keep = np.ones(len(frame), dtype=bool)
    if spec.provinces:
        codes = _column(frame, "province_code", spec.name)
        absent = sorted(set(spec.provinces) - set(codes.dropna().unique()))
        if absent:
            raise SpecificationError(
                f"sample {spec.name!r} names provinces without a row: {', '.join(absent)}; the frame has: "
                f"{', '.join(sorted(map(str, codes.dropna().unique())))}. Codes are text, such as '330000'."
            )
        keep &= codes.isin(spec.provinces).to_numpy(dtype=bool)
    for condition in spec.filters:
        keep &= _meets(_column(frame, condition.column, spec.name), condition)
    return keep


def _column(frame: pd.DataFrame, column: str, name: str) -> pd.Series:
    """A column that a sample needs."""
    require_columns(frame, (column,), f"the frame for sample {name!r}")
    return frame[column]


def _meets(series: pd.Series, condition: Filter) -> NDArray[np.bool_]:
    """Rows that meet a condition; missing values never do."""
    if isinstance(condition.value, tuple):
        return series.isin(condition.value).to_numpy(dtype=bool)
    try:
        met = _COMPARE[condition.relation](series, condition.value)
    except TypeError as error:
        raise SpecificationError(
            f"column {condition.column!r} holds {series.dtype} values, which cannot be {condition.relation} "
            f"{condition.value!r}; allowed: values of that type. Convert it, with pd.to_numeric for numbers."
        ) from error
    return np.asarray(met.astype("boolean").fillna(False) & series.notna(), dtype=bool)
