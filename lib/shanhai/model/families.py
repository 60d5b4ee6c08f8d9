"""Several tests of one question: p-values adjusted within a declared family."""

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from shanhai.errors import SpecificationError


def adjust_family(estimates: pd.DataFrame) -> pd.DataFrame:
    """Add Holm's p-values (Holm 1979) for all rows as one family.

    Holm's step-down procedure holds the probability of one or more false rejections whatever the dependence of the
    tests, which are strongly dependent here: samples are nested and outcomes correlated.

    Parameters
    ----------
    estimates : DataFrame
        One row a test, with ``p``.

    Returns
    -------
    DataFrame
        A copy with ``p_holm`` and ``family_size``.

    Raises
    ------
    SpecificationError
        If the family is empty or a p-value is missing.
    """
    if estimates.empty or estimates["p"].isna().any():
        raise SpecificationError(
            f"a family of {len(estimates)} tests with {int(estimates['p'].isna().sum())} missing p-values; allowed: at "
            "least one test, all with p-values. Leave tests out before declaring the family."
        )
    adjusted = multipletests(estimates["p"].to_numpy(dtype=np.float64), method="holm")[1]
    return estimates.assign(p_holm=adjusted, family_size=len(estimates))
