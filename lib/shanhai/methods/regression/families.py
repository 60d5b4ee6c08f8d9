"""Several tests of one question: p-values adjusted within a declared family."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.arrays import Array
from shanhai.methods.checks import as_array, as_numbers, require_once

_Adjustment = Literal["holm", "bh", "by"]
"""``holm``: probability of one or more false rejections, any dependence (Holm 1979). ``bh``: expected share of false
rejections among all rejections, independent or positively dependent tests (Benjamini & Hochberg 1995). ``by``: the same
under any dependence (Benjamini & Yekutieli 2001)."""


def holm(p: Array) -> Array:
    """p-values adjusted by the step-down procedure of Holm (1979), in the order given.

    The arithmetic of statsmodels' ``multipletests``, which collects garbage at each call: 0.1 to 0.3 seconds beside a
    few microseconds here, and a table of designs asks once a side and design.

    Parameters
    ----------
    p : array, m
        p-values, none missing.

    Returns
    -------
    array, m

    Raises
    ------
    SpecificationError
        If a p-value is missing or no number.

    Examples
    --------
    >>> holm(np.array([0.04, 0.01, 0.03])).round(2).tolist()
    [0.06, 0.03, 0.06]
    """
    raw = as_array(p, "the p-values")
    order = np.argsort(raw, kind="stable")
    stepped = np.maximum.accumulate(raw[order] * np.arange(len(raw), 0, -1))
    return _put_back(stepped, order)


def _false_discovery(p: Array, penalty: float = 1.0) -> Array:
    """Step-up p-values of Benjamini and Hochberg, times a penalty for dependence."""
    order = np.argsort(p, kind="stable")
    stepped = p[order] * (penalty * len(p)) / np.arange(1, len(p) + 1)
    return _put_back(np.minimum.accumulate(stepped[::-1])[::-1], order)


def _put_back(stepped: Array, order: np.ndarray) -> Array:
    """Stepped p-values, at most 1, in the order before they were sorted."""
    adjusted = np.empty(len(stepped))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def _harmonic(count: int) -> float:
    """1 + 1/2 + ... + 1/m, what any dependence costs (Benjamini & Yekutieli 2001)."""
    return float((1 / np.arange(1, count + 1)).sum())


_ADJUST: Mapping[_Adjustment, Callable[[Array], Array]] = {
    "holm": holm,
    "bh": _false_discovery,
    "by": lambda p: _false_discovery(p, _harmonic(len(p))),
}


def adjust_family(estimates: pd.DataFrame, methods: Sequence[_Adjustment] = ("holm",)) -> pd.DataFrame:
    """Add adjusted p-values for all rows as one family; Holm's by default.

    Holm's step-down procedure holds the probability of one or more false rejections whatever the dependence of the
    tests, which are strongly dependent here: samples are nested and outcomes correlated.

    Parameters
    ----------
    estimates : DataFrame
        One row a test, with ``p``.
    methods : sequence of str
        ``holm``, ``bh``, ``by``; see ``_Adjustment``.

    Returns
    -------
    DataFrame
        A copy with ``p_holm`` (and ``p_bh``, ``p_by``) and ``family_size``.

    Raises
    ------
    SpecificationError
        If the family is empty, a p-value is missing or outside 0 to 1, a column is there twice, or a method is unknown.

    References
    ----------
    Holm 1979 (Scandinavian Journal of Statistics 6); Benjamini & Hochberg 1995 (Journal of the Royal Statistical
    Society B 57); Benjamini & Yekutieli 2001 (Annals of Statistics 29).

    Examples
    --------
    >>> import pandas as pd
    >>> from shanhai.methods import adjust_family
    >>> adjust_family(pd.DataFrame({"p": [0.04, 0.01, 0.03]}))
          p  p_holm  family_size
    0  0.04    0.06            3
    1  0.01    0.03            3
    2  0.03    0.06            3
    """
    unknown = [method for method in methods if method not in get_args(_Adjustment)]
    if unknown:
        raise SpecificationError(
            f"adjustment {unknown[0]!r}; allowed: {', '.join(get_args(_Adjustment))}. Romano and Wolf's needs draws: "
            "use romano_wolf."
        )
    require_once(estimates.columns, "columns of the estimates")
    known = estimates["p"] if "p" in estimates.columns else pd.Series(dtype="float64")
    if known.empty or known.isna().any():
        raise SpecificationError(
            f"a family of {len(known)} tests with {int(known.isna().sum())} missing p-values; allowed: at least one "
            "test, all with p-values in the column p. Leave tests out before declaring the family."
        )
    raw = as_numbers(known, "p")
    if (raw < 0).any() or (raw > 1).any():
        raise SpecificationError(
            f"p-values run from {raw.min():g} to {raw.max():g}; allowed: 0 to 1. Divide percent by 100."
        )
    adjusted = {f"p_{method}": _ADJUST[method](raw) for method in methods}
    return estimates.assign(p=raw, **adjusted, family_size=len(estimates))


def romano_wolf(t: Array, null_t: Array) -> Array:
    """Adjusted p-values of Romano and Wolf's step-down procedure, which uses the dependence between the tests.

    The largest t-ratio is compared with the largest of all tests in each draw, the second with the largest of the rest,
    and so on; a p-value is never smaller than that of a larger t-ratio. Correlated tests cost less than under Holm.

    Parameters
    ----------
    t : array, m
        t-ratios of the data.
    null_t : array, draws x m
        t-ratios of the same tests on data under the null, drawn jointly.

    Returns
    -------
    array, m
        Counted as (r + 1) / (draws + 1).

    Raises
    ------
    SpecificationError
        If shapes differ or a value is missing.

    References
    ----------
    Romano, J. P. & Wolf, M. (2005), Stepwise multiple testing as formalized data snooping, Econometrica 73, 1237-1282.
    Romano, J. P. & Wolf, M. (2016), Efficient computation of adjusted p-values, Statistics & Probability Letters 113.

    Examples
    --------
    >>> import numpy as np
    >>> from shanhai.methods.regression.families import romano_wolf
    >>> romano_wolf(np.array([4.0, 0.5]), np.random.default_rng(1).normal(size=(999, 2))).round(2).tolist()
    [0.0, 0.64]
    """
    size, drawn = np.abs(as_array(t, "the t-ratios")), np.abs(as_array(null_t, "the drawn t-ratios"))
    if size.ndim != 1 or drawn.ndim != 2 or drawn.shape[1] != len(size):
        raise SpecificationError(
            f"t-ratios of shape {size.shape} and draws of shape {drawn.shape}; allowed: m tests and draws x m. Draw "
            "all tests of the family together."
        )
    order = np.argsort(-size, kind="stable")
    # the largest of this test and all that come after it, from the last test backwards
    largest = np.maximum.accumulate(drawn[:, order][:, ::-1], axis=1)[:, ::-1]
    extreme = (largest >= size[order] * (1 - 1e-12)).sum(axis=0)
    adjusted = np.empty(len(size))
    adjusted[order] = np.maximum.accumulate((extreme + 1) / (len(drawn) + 1))
    return adjusted
