"""Functions that a formula may call beside those of formulaic: categories by their own names, and fixest's ``i()``."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from shanhai.methods.arrays import Array


@lru_cache(maxsize=1)
def context() -> Mapping[str, Any]:
    """What may be called, beside formulaic's own."""
    from formulaic.transforms import C, center, scale

    def categories(data: Any, *args: Any, **kwargs: Any) -> Any:
        """Whole numbers as such, so that levels are called 2001 and not 2001.0."""
        values = np.asarray(data)
        whole = values.dtype.kind == "f" and bool((values == np.trunc(values)).all())
        return C(pd.Series(values.astype(np.int64)) if whole else data, *args, **kwargs)

    return {
        "log1p": np.log1p, "asinh": np.arcsinh, "sqrt": np.sqrt, "abs": np.abs, "centred": center, "z": scale,
        "standardised": scale, "C": categories, "i": _interactions(),
    }  # fmt: skip


def _interactions() -> Callable[..., Any]:
    """fixest's ``i()``: a dummy a level, or the product of a number with each, one level left out."""
    from formulaic.materializers.types import FactorValues
    from formulaic.utils.stateful_transforms import stateful_transform

    @stateful_transform
    def i(factor: Any, by: Any = None, ref: Any = None, _state: dict[str, Any] = {}) -> Any:  # noqa: B006
        labels = np.asarray(factor)
        if "levels" not in _state:
            levels = list(factor.cat.categories if hasattr(factor, "cat") else np.unique(labels))
            refs = _references(ref, levels)
            if ref is None and by is None:
                refs = levels[:1]
            _state["all"] = levels
            _state["levels"] = [level for level in levels if level not in refs]
        elif unseen := sorted({short(level) for level in np.unique(labels) if level not in _state["all"]}):
            raise ValueError(
                f"i(): levels {', '.join(unseen[:20])} that the regression has not seen; it has: "
                f"{', '.join(map(short, _state['all'][:20]))}; allowed: these. Leave the other rows out"
            )
        share = 1.0 if by is None else _multiplier(by)
        made = {short(level): (labels == level) * share for level in _state["levels"]}
        return FactorValues(made, kind="numerical", spans_intercept=False)

    return i


def _references(ref: Any, levels: Sequence[Any]) -> list[Any]:
    """Levels that are left out."""
    if isinstance(ref, np.ndarray | pd.Series):
        raise ValueError("i(): its third argument is a column; allowed: levels to leave out, as in ref=2000")
    refs = [] if ref is None else list(ref) if isinstance(ref, list) else [ref]
    if unknown := [each for each in refs if each not in levels]:
        raise ValueError(f"i(): no level {unknown[0]!r}; allowed: {', '.join(map(short, levels[:20]))}")
    return refs


def _multiplier(by: Any) -> Array:
    """Numbers that dummies are multiplied by."""
    if np.asarray(by).dtype.kind not in "fiub":
        raise ValueError("i(): its second argument holds labels; allowed: numbers. Write C(a):C(b) for pairs of levels")
    return np.asarray(by, dtype=np.float64)


def short(level: Any) -> str:
    """A level as text, whole numbers without a point."""
    number = isinstance(level, float | np.floating) and float(level).is_integer()
    return str(int(level)) if number else str(level)
