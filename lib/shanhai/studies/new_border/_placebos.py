"""Effects among placebos: a vote a province, or all ways to choose."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np

from shanhai.core.errors import MissingDataError
from shanhai.methods.estimate import ENDS, Estimate
from shanhai.studies.new_border._power import detectable, detectable_by_t


def by_province(estimate: float, placebos: np.ndarray, provinces: Sequence[str]) -> dict[str, float]:
    """Place of an estimate among placebos of which each province together has one vote.

    Placebos of one province share prefectures and shocks, so that their number says nothing; that of provinces does.
    """
    names, own = np.unique(np.asarray(provinces), return_inverse=True)
    if len(names) < 2:
        raise MissingDataError(
            f"Placebos of {len(names)} provinces; needed: two or more, to see how provinces differ. Take other prices "
            "or smaller groups."
        )
    votes = (1 / np.bincount(own))[own] / len(names)
    se = float(np.sqrt(votes @ placebos**2))
    found = Estimate(estimate, se, len(names) - 1)
    low, high = found.interval()
    as_large = len(names) * float(votes @ (np.abs(placebos) >= abs(estimate) - 1e-12))
    return {
        "estimate": estimate,
        "se": se,
        "low": low,
        "high": high,
        "p": found.p,
        "p_rank": min((1 + as_large) / (1 + len(names)), 1.0),
        "detectable": detectable_by_t(se, len(names) - 1),
        "provinces": len(names),
        "placebos": len(placebos),
    }


def against_all(estimate: float, ways: np.ndarray) -> dict[str, float]:
    """Place of an estimate among all ways to assign, the real one of them."""
    low, high = np.quantile(ways, ENDS)
    p = float((np.abs(ways) >= abs(estimate) - 1e-12).mean())
    return {
        "estimate": estimate,
        "se": float("nan"),
        "low": estimate - float(high),
        "high": estimate - float(low),
        "p": p,
        "p_rank": p,
        "detectable": detectable(ways),
        "provinces": 1,
        "placebos": len(ways),
    }


def regroup(values: np.ndarray, size: int) -> np.ndarray:
    """Difference of means, chosen less others, for every choice of ``size`` of the values (exact permutation)."""
    chosen = _choices(len(values), size)
    inside = values[chosen].sum(axis=1)
    return np.asarray(inside / size - (values.sum() - inside) / (len(values) - size))


@lru_cache(maxsize=8)
def _choices(count: int, size: int) -> np.ndarray:
    return np.array(list(combinations(range(count), size)), dtype=np.intp)
