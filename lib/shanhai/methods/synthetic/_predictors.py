"""What a reader of a synthetic control with predictors asks: do they agree, and how far does their importance reach?"""

from collections.abc import Sequence

import pandas as pd

from shanhai.methods.panels import as_panel
from shanhai.methods.synthetic._importance import scaled_predictors, search_importance
from shanhai.methods.synthetic.fit import Matched, SyntheticFit, SyntheticSpec, donor_pool, fit_synthetic


def predictor_balance(fit: SyntheticFit, predictors: pd.DataFrame) -> pd.DataFrame:
    """Predictors of the treated unit, of its synthetic control, and of the donors on average.

    Parameters
    ----------
    fit : SyntheticFit
        With or without predictors of its own.
    predictors : DataFrame
        Units in rows, predictors in columns, each in its own unit.

    Returns
    -------
    DataFrame
        One row a predictor: treated, synthetic, donors (their plain mean), in the unit of the predictor; importance,
        where predictors were matched.

    Raises
    ------
    SpecificationError
        If a unit of the fit has no predictors.

    References
    ----------
    Abadie, Diamond & Hainmueller 2010, table 1.

    Examples
    --------
    >>> import pandas as pd
    >>> panel = pd.DataFrame({2000: [2.0, 1.0, 3.0], 2001: [3.0, 2.0, 4.0], 2002: [5.0, 3.0, 5.0]}, index=list("abc"))
    >>> fit = fit_synthetic(panel, "a", SyntheticSpec("y", 2002, intercept=False))
    >>> predictor_balance(fit, pd.DataFrame({"price": [8.0, 2.0, 10.0]}, index=list("abc"))).round(1).to_dict("list")
    {'treated': [8.0], 'synthetic': [6.0], 'donors': [6.0]}
    """
    names = list(fit.weights.index)
    plain = SyntheticSpec(fit.spec.outcome, fit.spec.first_treated, intercept=False)
    table = Matched.checked(predictors, None, [fit.treated, *names], plain).table
    donors = table.loc[names]
    balance = pd.DataFrame(
        {"treated": table.loc[fit.treated], "synthetic": fit.weights @ donors, "donors": donors.mean()}
    )
    return balance if fit.importance is None else balance.assign(importance=fit.importance)


def importance_table(
    panel: pd.DataFrame,
    treated: str,
    spec: SyntheticSpec,
    predictors: pd.DataFrame,
    donors: Sequence[str] | None = None,
) -> pd.DataFrame:
    """How far weights and effect hang on the importances that a search ends at.

    The misfit has many local optima; a program that starts elsewhere reports other weights. One row is one start.

    Parameters
    ----------
    panel, treated, spec, predictors, donors
        As of :func:`~shanhai.methods.synthetic.fit_synthetic`.

    Returns
    -------
    DataFrame
        start (``equal``, ``regression``, or the predictor that began above all others), mspe (mean squared gap before
        the treatment, in squared units of the outcome), effect, and ``weight: <donor>`` and ``importance: <predictor>``
        of each. The fit of ``fit_synthetic`` is the better of the first two.

    Raises
    ------
    MissingDataError, SpecificationError
        As :func:`~shanhai.methods.synthetic.fit_synthetic`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> values = np.random.default_rng(0).normal(size=(6, 5))
    >>> panel = pd.DataFrame(values, index=list("abcdef"), columns=range(2000, 2005))
    >>> predictors = panel[[2000, 2002]].rename(columns=str)
    >>> table = importance_table(panel, "a", SyntheticSpec("y", 2004, intercept=False), predictors)
    >>> table["start"].tolist(), bool((table["mspe"] > 0).all())
    (['equal', 'regression', '2000', '2002'], True)
    """
    names = donor_pool(panel, treated, donors)
    fit_synthetic(panel, treated, spec, names, predictors=predictors)  # refuses what cannot be fitted, in its words
    table = Matched.checked(predictors, None, [treated, *names], spec).table
    outcomes = as_panel(panel, "the panel", missing=True)
    before = outcomes[outcomes.columns[outcomes.columns.to_numpy() < spec.first_treated]]
    found = search_importance(
        *scaled_predictors(table.loc[treated].to_numpy(), table.loc[names].to_numpy().T),
        before.loc[treated].to_numpy(),
        before.loc[names].to_numpy().T,
        every=True,
    )
    rows = []
    for start, (_, shares) in zip(("equal", "regression", *map(str, table.columns)), found, strict=True):
        importance = pd.Series(shares, index=table.columns)
        fit = fit_synthetic(panel, treated, spec, names, predictors=predictors, importance=importance)
        rows.append(
            {"start": start, "mspe": fit.rmspe_pre**2, "effect": fit.effect}
            | fit.weights.add_prefix("weight: ").to_dict()
            | importance.add_prefix("importance: ").to_dict()
        )
    return pd.DataFrame(rows)
