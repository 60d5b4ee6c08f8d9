"""How border and interior counties differ before any regression: the two cannot be told apart by comparison alone."""

from collections.abc import Iterable

import pandas as pd

from shanhai.model.samples import sample, sample_mask

BALANCED = ("ruggedness", "distance_to_capital_km", "area_km2")
"""Geography that the border did not choose, compared between border and interior."""


def border_balance(frame: pd.DataFrame, samples: Iterable[str]) -> pd.DataFrame:
    """Geography of border and interior counties by sample.

    Parameters
    ----------
    frame : DataFrame
        Analysis frame.
    samples : iterable of str
        Keys of registered samples.

    Returns
    -------
    DataFrame
        sample, sample_zh, variable, n_border, n_interior, border, interior (means), difference_sd (difference of the
        means over the root of the mean of the two variances: Imbens & Rubin 2015 call 0.25 already large).
    """
    rows = []
    for key in samples:
        spec = sample(key)
        inside = frame[sample_mask(frame, spec)].dropna(subset=["on_border"])
        border = inside["on_border"].astype(bool)
        for variable in BALANCED:
            here, there = inside.loc[border, variable].dropna(), inside.loc[~border, variable].dropna()
            spread = ((here.var(ddof=1) + there.var(ddof=1)) / 2) ** 0.5
            rows.append(
                {
                    "sample": spec.name,
                    "sample_zh": spec.label_zh,
                    "variable": variable,
                    "n_border": len(here),
                    "n_interior": len(there),
                    "border": float(here.mean()),
                    "interior": float(there.mean()),
                    "difference_sd": float((here.mean() - there.mean()) / spread),
                }
            )
    return pd.DataFrame(rows)
