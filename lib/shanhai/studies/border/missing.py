"""The main border regression and the counties whose GDP is missing: six readings, and what each assumes.

Most counties without GDP are urban districts, few of them on a border, so that they are not missing at random. The six
readings stand in the order of what they assume, the strongest first. The main column had been seen when they were
declared; the range, the monotone end, the imputation model and the number of imputations were fixed by argument in this
file before any other reading was computed. ``extremes`` came last, when all others had been seen. None of them takes
the place of the main column.

``observed``
    Counties with a figure: as good as random given district status, terrain and province.
``remainder``
    The published GDP of the prefecture less that of its counties with a figure belongs to those without; each of these
    gets their joint GDP per head. Accounting, not a model: only differences among the missing of one prefecture are
    lost. A remainder outside the range of ``RANGE`` tells of two statistics that do not fit, and is not used.
``imputed``
    Drawn from a regression of the known figures on lights, census, border, terrain and province with random prefecture
    effects. Random given all of that; every regressor of the border regression is in the model (Meng 1994).
``monotone``
    A district without a figure lies between the median county, not district, of its province and the upper end of
    ``RANGE``. Counties become districts because they are urban and rich enough for it, and districts are the cities'
    cores. A missing county that is no district, or in a province of districts only, may lie anywhere in the range.
``percentiles``
    A missing figure lies anywhere within ``RANGE``, the 1st to the 99th percentile of the observed ones (Horowitz &
    Manski 1995). No assumption on who is missing, but one on how extreme: this is no worst case.
``extremes``
    A missing figure lies anywhere between the lowest and the highest observed one.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from shanhai.core.shared import shared
from shanhai.data.vintage import PRE_SPECIFIED, Vintage
from shanhai.methods.estimate import Estimate
from shanhai.methods.missing import bound_coefficient, pool_estimates
from shanhai.methods.regression.design import sample_mask
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import RegressionSpec
from shanhai.studies.border.design import FAMILY_TERMS, border_spec, sample
from shanhai.studies.border.missing_figures import (
    IMPUTATIONS,
    fill_remainders,
    gdp_range,
    impute_gdp,
    monotone_ends,
)

READINGS = ("observed", "remainder", "imputed", "monotone", "percentiles", "extremes")
"""In the order of the table."""


@shared
def missing_readings(
    frame: pd.DataFrame,
    prefectures: pd.DataFrame,
    rng: Generator,
    sample_key: str = "china",
    vintage: Vintage = PRE_SPECIFIED,
    imputations: int = IMPUTATIONS,
) -> pd.DataFrame:
    """The main border regression under each of ``READINGS``.

    Parameters
    ----------
    frame : DataFrame
        Analysis frame of the whole country.
    prefectures : DataFrame
        Prefecture frame: code, ``gdp_<year>`` in yuan and ``gdp_<year>_basis``.
    rng : Generator
        For the imputations.
    sample_key : str
        The range and the imputation model are always those of the whole country.
    vintage : Vintage
        Years.
    imputations : int
        Number of imputed data sets.

    Returns
    -------
    DataFrame
        reading, term (one of ``FAMILY_TERMS``), low, high (ends of the set of estimates; equal but for the bounds), se
        (missing for bounds), df, p (likewise), from, to (95 % interval; of bounds the one of Imbens & Manski), n,
        filled (counties without a figure that the reading has), missing_share (share of the variance due to what is
        missing, of imputations), vcov, clusters, sample, sample_translation, outcome, spec_id.
    """
    spec = border_spec(sample_key=sample_key, vintage=vintage)
    column = spec.outcome.column
    unknown = frame[column].isna().to_numpy()
    rows = [row for term in FAMILY_TERMS for row in _readings(spec, term, frame, prefectures, vintage)]
    filled = impute_gdp(frame, rng, vintage, imputations)
    fits = [fit(spec, frame.assign(**{column: values})) for values in filled]
    for term in FAMILY_TERMS:
        pooled = pool_estimates([result.estimate(term) for result in fits])
        row = _point(term, "imputed", pooled.estimate, fits[0], unknown)
        rows.append({**row, "missing_share": pooled.missing_share})
    table = pd.DataFrame(rows)
    table["reading"] = pd.Categorical(table["reading"], READINGS, ordered=True)
    table["term"] = pd.Categorical(table["term"], FAMILY_TERMS, ordered=True)
    table = table.sort_values(["term", "reading"], ignore_index=True).astype({"reading": object, "term": object})
    return table.assign(
        sample=spec.sample.name,
        sample_translation=spec.sample.translation,
        outcome=spec.outcome.name,
        spec_id=spec.spec_id,
    )


def _readings(
    spec: RegressionSpec, term: str, frame: pd.DataFrame, prefectures: pd.DataFrame, vintage: Vintage
) -> Iterator[dict[str, object]]:
    """Every reading of one coefficient but the imputed one."""
    column = spec.outcome.column
    unknown = frame[column].isna().to_numpy()
    for reading, rows in (("observed", frame), ("remainder", fill_remainders(frame, prefectures, vintage))):
        result = fit(spec, rows)
        yield _point(term, reading, result.estimate(term), result, unknown)
    least, most = gdp_range(frame, vintage)
    known = frame[column].astype(float)
    for reading, low, high in (
        ("monotone", monotone_ends(frame, vintage), most),
        ("percentiles", least, most),
        ("extremes", float(known.min()), float(known.max())),
    ):
        bounds = bound_coefficient(spec, frame, term, low, high)
        start, end = bounds.interval()
        ends = {"low": bounds.low.value, "high": bounds.high.value, "from": start, "to": end}
        error = {"df": bounds.low.df, "vcov": bounds.low.error, "clusters": int(bounds.low.df) + 1}
        yield {"reading": reading, "term": term, **ends, **error, "n": bounds.n, "filled": bounds.n_missing}


def _point(
    term: str, reading: str, number: Estimate, result: FitResult, unknown: NDArray[np.bool_]
) -> dict[str, object]:
    """A reading that gives one estimate; the result tells rows and clusters."""
    low, high = number.interval()
    error = {"se": number.se, "df": number.df, "p": number.p, "vcov": number.error}
    ends = {"low": number.value, "high": number.value, "from": low, "to": high}
    counts = {"n": result.n, "filled": int(unknown[result.rows].sum()), "clusters": result.clusters[0].count}
    return {"reading": reading, "term": term, **ends, **error, **counts}


def who_is_missing(frame: pd.DataFrame, sample_key: str = "china", vintage: Vintage = PRE_SPECIFIED) -> pd.DataFrame:
    """Counties of a sample without and with GDP, of those whose border and terrain are known.

    Returns
    -------
    DataFrame
        Rows ``missing`` and ``known``: counties, district_pct and border_pct (missing without any county).
    """
    rows = frame[sample_mask(frame, sample(sample_key)) & frame["on_border"].notna() & frame["ruggedness"].notna()]
    state = rows[vintage.column("gdp_per_capita")].isna().map({True: "missing", False: "known"})
    shares = rows[["is_district", "on_border"]].astype(float).groupby(state).mean() * 100
    table = shares.rename(columns={"is_district": "district_pct", "on_border": "border_pct"})
    return table.assign(counties=state.value_counts()).reindex(["missing", "known"]).fillna({"counties": 0})
