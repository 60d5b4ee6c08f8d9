"""Parts of a gap that are worth showing, and how large a gap is in words."""

from math import exp

from shanhai.claims.digits import show
from shanhai.methods.decomposition.gap import GapAccount, GapPart

NOTHING = 1e-9
"""Parts below this are zero by construction, as province effects are inside one province."""


def parts_that_differ(account: GapAccount) -> tuple[GapPart, ...]:
    """Parts of an account without those that are zero by construction, in order."""
    return tuple(part for part in account.parts if abs(part.contribution) > NOTHING)


def percent_of(log_points: float) -> float:
    """A difference of logarithms in percent."""
    return 100 * (exp(log_points) - 1)


def gap_in_words(gap: float, totals: float | None) -> tuple[tuple[str, str], tuple[str, str]]:
    """A gap in log GDP per head as every notebook writes it, in English and Chinese.

    Parameters
    ----------
    gap : float
        Difference of population-weighted means of logs.
    totals : float or None
        Difference of the logs of the totals per head of the same counties; the two differ where counties are unequal.

    Returns
    -------
    pair of pairs
        Size and side, as in ``21 % below``; what was measured, as in ``population-weighted mean of logs, -0.239 log
        points; by totals 25 % below``.
    """
    sizes = [_side(each) for each in (gap, totals) if each is not None]
    logs = show(gap, 3)
    other = (f"; by totals {sizes[1][0]}", f"；按总量计{sizes[1][1]}") if totals is not None else ("", "")
    return sizes[0], (
        f"population-weighted mean of logs, {logs} log points{other[0]}", f"人口加权的对数均值，{logs}对数点{other[1]}",
    )  # fmt: skip


def _side(log_points: float) -> tuple[str, str]:
    value = show(abs(percent_of(log_points)), 0)
    return (f"{value} % below", f"低{value}%") if log_points < 0 else (f"{value} % above", f"高{value}%")
