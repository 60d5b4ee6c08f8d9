"""The border valley: how far below the interior places lie, band by band of distance to the border."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.regression.design import numbers
from shanhai.methods.regression.fit import require_fitted
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import Bands


def valley(result: FitResult, frame: pd.DataFrame) -> pd.DataFrame:
    """Estimates of the distance bands of a regression, nearest first, the reference last at zero.

    Bands let the data draw the shape that Ma & Zhao (2022) call a valley, instead of a line or a logarithm.

    Parameters
    ----------
    result : FitResult
        Of a specification with exactly one ``Bands`` term.
    frame : DataFrame
        The frame that was fitted, for the number of rows in each band.

    Returns
    -------
    DataFrame
        band, from_km, to_km (missing for the open reference), estimate, se, p, low, high (outcome against the
        reference, in units of the outcome; missing for an empty band), n (rows), is_reference.

    Raises
    ------
    SpecificationError
        If the specification has no bands, or several, or another frame was fitted.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods import Bands, CovarianceSpec, RegressionSpec, SampleSpec, Variable, valley
    >>> from shanhai.methods.regression.fit import fit
    >>> frame = pd.DataFrame({"km": np.arange(60.0), "noise": np.random.default_rng(1).normal(0, 0.1, 60)})
    >>> frame["pay"] = frame["noise"] - (frame["km"] < 20)
    >>> spec = RegressionSpec(Variable("pay"), (Bands("km", (0, 20, 40)),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> valley(fit(spec, frame), frame)[["band", "estimate", "n"]].round(1)
            band  estimate   n
    0   km[0,20)      -1.0  20
    1  km[20,40)       0.0  20
    2    km[40,)       0.0  20
    """
    found = [term for term in result.spec.terms if isinstance(term, Bands)]
    if len(found) != 1:
        raise SpecificationError(
            f"model {result.spec.model!r} has {len(found)} sets of bands; allowed: exactly one Bands among the terms. "
            "Fit a specification with distance bands."
        )
    bands = found[0]
    require_fitted(result, frame)
    values = numbers(frame.iloc[result.rows], bands.column)
    table = pd.DataFrame(
        {
            "band": [*bands.names, bands.reference],
            "from_km": list(bands.edges),
            "to_km": [*bands.edges[1:], np.nan],
            "n": np.histogram(values, [*bands.edges, np.inf])[0],
            "is_reference": [False] * len(bands.names) + [True],
        }
    )
    columns = ["term", "estimate", "se", "p", "low", "high"]
    estimates = result.to_frame()[columns].rename(columns={"term": "band"})
    table = table.merge(estimates, on="band", how="left", validate="one_to_one")
    table.loc[table["is_reference"], ["estimate", "low", "high"]] = 0.0
    return table[["band", "from_km", "to_km", *columns[1:], "n", "is_reference"]]


def valleys(results: Iterable[FitResult], frame: pd.DataFrame) -> pd.DataFrame:
    """Valleys of several regressions in one table.

    Parameters
    ----------
    results : iterable of FitResult
        Each of a specification with exactly one ``Bands`` term.
    frame : DataFrame
        The one that all were fitted on.

    Returns
    -------
    DataFrame
        sample, sample_translation, outcome, the columns of ``valley``, then model, vcov, spec_id, df, clusters and
        n_all (rows of the regression).

    Raises
    ------
    SpecificationError
        If a regression has no bands, or several.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from shanhai.methods import Bands, CovarianceSpec, RegressionSpec, SampleSpec, Variable, valleys
    >>> from shanhai.methods.regression.fit import fit
    >>> frame = pd.DataFrame({"km": np.arange(60.0), "noise": np.random.default_rng(1).normal(0, 0.1, 60)})
    >>> frame["pay"] = frame["noise"] - (frame["km"] < 20)
    >>> spec = RegressionSpec(Variable("pay"), (Bands("km", (0, 20, 40)),), SampleSpec("all"), CovarianceSpec("HC1"))
    >>> valleys([fit(spec, frame)], frame)[["sample", "band", "n_all"]]
      sample       band  n_all
    0    all   km[0,20)     60
    1    all  km[20,40)     60
    2    all    km[40,)     60
    """
    tables = []
    for result in results:
        table = valley(result, frame)
        known = dict(zip(result.names, result.degrees, strict=True))
        table = table.assign(
            model=result.spec.model,
            vcov=result.error,
            spec_id=result.spec.spec_id,
            df=[known.get(name, np.nan) for name in table["band"]],
            clusters=min((level.count for level in result.clusters), default=None),
            n_all=result.n,
        )
        table.insert(0, "outcome", result.spec.outcome.name)
        table.insert(0, "sample_translation", result.spec.sample.translation)
        table.insert(0, "sample", result.spec.sample.name)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)
