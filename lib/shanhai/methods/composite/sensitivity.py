"""Which decision moves the ranks: shares of their variance, and what a single changed decision does."""

import numpy as np
import pandas as pd

from shanhai.methods.composite.ranks import Spread, ranks_of


def variance_shares(spread: Spread) -> pd.Series:
    """Shares of the variance of ranks, summed over places, that add up to one.

    All combinations are computed with the same number of draws, so the variance divides exactly: between the levels of
    each choice, their interactions, and the draws inside a combination (random weights, and values drawn for missing
    ones).

    Returns
    -------
    Series with the choices, ``interactions`` and ``draws``. All zero if no rank ever changes.
    """
    ranks = ranks_of(spread.scores).astype(float)
    axes = tuple(range(len(spread.levels)))
    cells = ranks.mean(axis=len(axes))
    total = ranks.reshape(-1, ranks.shape[-1]).var(axis=0).sum()
    parts = {
        name: cells.mean(axis=tuple(other for other in axes if other != axis)).var(axis=0).sum()
        for axis, name in enumerate(spread.levels)
    }
    between = cells.reshape(-1, cells.shape[-1]).var(axis=0).sum()
    parts["interactions"] = between - sum(parts.values())
    parts["draws"] = total - between
    return pd.Series(parts, name="share") / (total if total > 0 else 1.0)


def single_changes(spread: Spread) -> pd.DataFrame:
    """What one decision other than that of the reference does to the ranks, the weights of the schemes held fixed.

    Returns ------- DataFrame: choice, level, mean_shift (mean absolute change of rank), largest_shift, place (that
    moves most; the first of several), correlation (of ranks with the reference's, Spearman).
    """
    reference = ranks_of(spread.fixed[0, 0, 0]).astype(float)
    rows = []
    for axis, (choice, levels) in enumerate(spread.levels.items()):
        for position, level in enumerate(levels[1:], start=1):
            cell = tuple(position if other == axis else 0 for other in range(len(spread.levels)))
            ranks = ranks_of(spread.fixed[cell]).astype(float)
            shift = np.abs(ranks - reference)
            most = int(np.argmax(shift))
            rows.append(
                {
                    "choice": choice,
                    "level": level,
                    "mean_shift": shift.mean(),
                    "largest_shift": int(shift[most]),
                    "place": spread.places[most],
                    "correlation": float(np.corrcoef(ranks, reference)[0, 1]),
                }
            )
    return pd.DataFrame(rows)
