"""One coefficient under many covariances: how far its standard error and test depend on the errors assumed."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from shanhai.core.shared import shared
from shanhai.methods.checks import require_columns
from shanhai.methods.regression.fit import fit, fit_many
from shanhai.methods.regression.scpc import scpc
from shanhai.methods.regression.wild import Weights, wild_bootstrap
from shanhai.methods.spec import CovarianceSpec, RegressionSpec

_CUTOFFS_KM = (100.0, 200.0, 400.0)
"""Cutoffs of Conley's covariance: a county and its neighbours, a commuting zone and its neighbours, a state."""


def usual_covariances(finer: str, coarser: str) -> tuple[CovarianceSpec, ...]:
    """Covariances from independent errors to errors shared by large regions and by neighbours.

    Parameters
    ----------
    finer, coarser : columns of clusters, such as counties and states.

    Returns
    -------
    tuple of CovarianceSpec

    Examples
    --------
    >>> from shanhai.methods.regression.comparison import usual_covariances
    >>> [covariance.kind for covariance in usual_covariances("county", "state")[:4]]
    ['iid', 'HC1', 'HC3', 'cluster']
    """
    return (
        CovarianceSpec("iid"),
        CovarianceSpec("HC1"),
        CovarianceSpec("HC3"),
        CovarianceSpec("cluster", (finer,), "CR1S"),
        CovarianceSpec("cluster", (finer,), "CV3"),
        CovarianceSpec("cluster", (coarser,), "CR1S"),
        CovarianceSpec("cluster", (coarser,), "CR2"),
        CovarianceSpec("cluster", (coarser,), "CV3"),
        CovarianceSpec("cluster", (finer, coarser), "CR1S"),
        *(CovarianceSpec.conley(kernel, cutoff) for kernel in ("bartlett", "uniform") for cutoff in _CUTOFFS_KM),
    )


def compare_covariances(
    spec: RegressionSpec, frame: pd.DataFrame, terms: Sequence[str], covariances: Sequence[CovarianceSpec]
) -> pd.DataFrame:
    """Standard error, test and interval of some terms under each covariance.

    Parameters
    ----------
    spec : RegressionSpec
        Its own covariance is not used. Rows without coordinates count out of Conley's only: see ``n``.
    frame : DataFrame
    terms : names of coefficients.
    covariances : what to compare, in order.

    Returns
    -------
    DataFrame
        term, covariance, estimate, se, df, p, low, high, n, clusters (the smaller number; missing without), note (state
        of a covariance that is not positive semidefinite, else empty), sample, outcome, model, spec_id, vcov (the
        covariance, with the seed where there is one).

    Raises
    ------
    SpecificationError
        As ``fit``, or if a term has no coefficient.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.regression.comparison import compare_covariances
    >>> rng = np.random.default_rng(2)
    >>> frame = pd.DataFrame({"union": rng.normal(size=60), "town": np.arange(60) // 5})
    >>> frame["pay"] = frame["union"] + rng.normal(size=60)
    >>> spec = RegressionSpec(Variable("pay"), (Variable("union"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> errors = (CovarianceSpec("HC1"), CovarianceSpec("cluster", ("town",), "CR1S"))
    >>> compare_covariances(spec, frame, ["union"], errors)[["covariance", "df"]]
               covariance    df
    0                 HC1  58.0
    1  cluster(town) CR1S  11.0
    """
    rows = []
    for result in fit_many(spec, frame, covariances):
        note = " ".join(remark for remark in result.notes if "positive semi" in remark or "No standard error" in remark)
        for term in terms:
            number = result.estimate(term)
            low, high = number.interval()
            rows.append(
                {
                    "term": term,
                    "covariance": result.error,
                    "estimate": number.value,
                    "se": number.se,
                    "df": number.df,
                    "p": number.p,
                    "low": low,
                    "high": high,
                    "n": result.n,
                    "clusters": min((level.count for level in result.clusters), default=None),
                    "note": note,
                    **_names(result.spec),
                    "vcov": result.error,
                }
            )
    return pd.DataFrame(rows).astype({"clusters": "Int64"})


@shared
def compare_resampling(
    spec: RegressionSpec,
    frame: pd.DataFrame,
    terms: Sequence[str],
    clusters: Sequence[str],
    *,
    seed: int,
    draws: int = 9999,
) -> pd.DataFrame:
    """Tests of some terms without a t-distribution: the wild cluster bootstrap and SCPC.

    Parameters
    ----------
    spec, frame, terms : as for ``compare_covariances``.
    clusters : columns, one bootstrap each; Webb's weights where clusters are twelve or fewer, else Rademacher's.
    seed : of the draws.
    draws : of each bootstrap.

    Returns
    -------
    DataFrame
        The columns of ``compare_covariances``; se and df are missing for the bootstrap, df for SCPC.

    Raises
    ------
    SpecificationError
        As ``compare_covariances``, or if a column of clusters is absent or of coordinates.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods import CovarianceSpec, RegressionSpec, SampleSpec, Variable
    >>> from shanhai.methods.regression.comparison import compare_resampling
    >>> rng = np.random.default_rng(2)
    >>> frame = pd.DataFrame({"union": rng.normal(size=60), "town": np.arange(60) // 5})
    >>> frame["pay"] = frame["union"] + rng.normal(size=60)
    >>> spec = RegressionSpec(Variable("pay"), (Variable("union"),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> frame["longitude"], frame["latitude"] = rng.uniform(100, 110, 60), rng.uniform(25, 35, 60)
    >>> found = compare_resampling(spec, frame, ["union"], ["town"], seed=1, draws=199)
    >>> found["p"].lt(0.05).tolist()
    [True, True]
    """
    require_columns(frame, clusters)
    rows: list[dict[str, object]] = []
    for term in terms:
        for column in clusters:
            clustered = replace(spec, covariance=CovarianceSpec("cluster", (column,), "CR1S"))
            weights: Weights = "webb" if frame[column].nunique() <= 12 else "rademacher"
            wild = wild_bootstrap(clustered, frame, term, draws=draws, weights=weights, seed=seed)
            rows.append(
                {"term": term, "covariance": wild.label, "estimate": wild.test.estimate, "p": wild.p, "low": wild.low}
                | {"high": wild.high, "n": fit(clustered, frame).n, "clusters": wild.test.clusters, "note": ""}
                | {**_names(clustered), "vcov": f"{wild.label}, seed {seed}"}
            )
        located = replace(spec, covariance=CovarianceSpec.conley("bartlett", _CUTOFFS_KM[0]))
        found = scpc(located, frame, term)
        rows.append(
            {"term": term, "covariance": found.label, "estimate": found.estimate, "se": found.se, "p": found.p}
            | {"low": found.low, "high": found.high, "n": found.n, "clusters": None, "note": ""}
            | {**_names(replace(spec, covariance=CovarianceSpec("iid"))), "vcov": found.label}
        )
    table = pd.DataFrame(rows).assign(df=float("nan")).astype({"clusters": "Int64"})
    columns = ["term", "covariance", "estimate", "se", "df", "p", "low", "high", "n", "clusters", "note"]
    return table.reindex(columns=[*columns, "sample", "outcome", "model", "spec_id", "vcov"])


def _names(spec: RegressionSpec) -> dict[str, str]:
    """Sample, outcome, model and id of a regression."""
    names = {"sample": spec.sample.name, "outcome": spec.outcome.name, "model": spec.model}
    return {**names, "spec_id": spec.spec_id}
