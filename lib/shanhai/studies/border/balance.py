"""How border and interior counties of a province differ in geography, before any outcome is looked at."""

from collections.abc import Iterable

import pandas as pd

from shanhai.methods.regression.fit import fit
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, Variable
from shanhai.studies.border.samples import sample

BALANCED = ("ruggedness", "distance_to_capital_km", "area_km2")
"""Geography that the border did not choose, compared between border and interior."""


def border_balance(frame: pd.DataFrame, samples: Iterable[str]) -> pd.DataFrame:
    """Geography of border and interior counties of the same province, by sample.

    Parameters
    ----------
    frame : DataFrame
        Analysis frame.
    samples : iterable of str
        Keys of registered samples.

    Returns
    -------
    DataFrame
        sample, sample_zh, variable, difference (mean of border minus interior counties, within provinces), se (HC3), p,
        difference_sd (difference over the standard deviation within province and group; Imbens & Rubin 2015 call 0.25
        already large), n, n_border.

    Raises
    ------
    SpecificationError
        If a sample has no border or no interior county.
    """
    rows = []
    for key in samples:
        for variable in BALANCED:
            spec = RegressionSpec(
                outcome=Variable(variable),
                terms=(Variable("on_border"),),
                sample=sample(key),
                covariance=CovarianceSpec("HC3"),
                fixed_effects=("province_code",),
            )
            result = fit(spec, frame)
            rest = result.n - len(result.names) - result.absorbed
            spread = float((result.residuals @ result.residuals / rest) ** 0.5)
            rows.append(
                {
                    "sample": spec.sample.name,
                    "sample_zh": spec.sample.label_zh,
                    "variable": variable,
                    "difference": float(result.params[0]),
                    "se": float(result.se[0]),
                    "p": float(result.p[0]),
                    "difference_sd": float(result.params[0]) / spread,
                    "n": result.n,
                    "n_border": int(frame["on_border"].iloc[result.rows].sum()),
                }
            )
    return pd.DataFrame(rows)
