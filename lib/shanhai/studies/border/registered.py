"""The registered regressions: fixed in this file before any result was computed, and not tuned since.

Main specification: logarithm of GDP per head 2021 on the border dummy, ruggedness and their product, a district dummy
and province fixed effects; counties count once each; errors clustered by prefecture. ``on_border`` is then the
difference between border and interior counties *of the same province* at mean terrain, and ``on_border:z_ruggedness``
is what the Quzhou paper calls the dual attribute: how that difference changes where terrain is one standard deviation
more rugged. Borders were not drawn at random, and many follow mountains: these are conditional differences.

All other models change one thing at a time. A new model is added here with a date and reason in the changelog.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from shanhai.core.errors import SpecificationError
from shanhai.methods.records import EstimateRecord
from shanhai.methods.regression.families import adjust_family
from shanhai.methods.regression.fit import fit_many
from shanhai.methods.regression.results import FitResult
from shanhai.methods.spec import Bands, CovarianceSpec, Filter, Interaction, RegressionSpec, Term, Variable
from shanhai.studies.border.samples import SAMPLES, sample

BORDER = Variable("on_border")
RUGGEDNESS = Variable("ruggedness", "standardised")
MOUNTAINOUS = Variable("is_mountainous")
DISTRICT = Variable("is_district")
LOG_DISTANCE = Variable("distance_to_border_km", "log")
GEOGRAPHY = (Variable("area_km2", "log"), Variable("distance_to_capital_km", "log"))
"""Older than the outcomes of 2021, though people chose the capital; remoteness is part of what a border does."""

SCHOOLING = Variable("mean_schooling_2020", is_outcome=True)
AGEING = Variable("share_60_plus_2020", is_outcome=True)
URBAN = Variable("urban_share_2020", is_outcome=True)

CENTRE_BANDS = Bands("distance_to_border_km", (0, 20, 40, 60, 80, 100))
"""Distance of the county's centre to the border, against counties 100 km and farther. Ma & Zhao (2022) find the valley
mostly within 20 km on a fine grid; a county is some 40 km across, so the first band holds small counties only."""

EDGE_BANDS = Bands("gap_to_border_km", (0, 1, 20, 40, 60, 80, 100))
"""Distance of the county's nearest edge to the border; the first band is the counties that touch it."""

OUTCOMES: dict[str, Variable] = {
    "gdp": Variable("gdp_per_capita_2021", "log"),
    "lights_per_head": Variable("lights_per_head_2021", "log"),
    "lights_per_km2": Variable("lights_per_km2_2021", "log"),
    "schooling": Variable("mean_schooling_2020"),
    "ageing": Variable("share_60_plus_2020"),
}
"""Outcomes by key: log yuan, log light per resident and per km2, years, percent."""

BY_PREFECTURE = CovarianceSpec("cluster", ("prefecture_code",), "CR1S")
BY_PROVINCE = CovarianceSpec("cluster", ("province_code",), "CR1S")
ROBUST = CovarianceSpec("HC3")

COVARIANCES: dict[str, tuple[CovarianceSpec, ...]] = {
    "zhejiang": (BY_PREFECTURE, ROBUST),
    "four_provinces": (BY_PREFECTURE, ROBUST),
    "sichuan_neighbours": (BY_PREFECTURE, ROBUST),
    "china": (BY_PREFECTURE, BY_PROVINCE, ROBUST),
}
"""Covariances of each sample, the main one first. Clusters by province need many provinces: only China has them."""


@dataclass(frozen=True)
class Model:
    """Right-hand side of a registered regression."""

    label: str
    """English name, used in tables and estimates."""
    label_zh: str
    """Chinese name."""
    terms: tuple[Term, ...]
    """What it is about."""
    controls: tuple[Term, ...] = (DISTRICT,)
    """What is held fixed."""
    weights: str | None = None
    """Column of weights."""
    filters: tuple[Filter, ...] = ()
    """Conditions on rows beside those of the sample."""


_DUAL = (BORDER, RUGGEDNESS, Interaction(BORDER, RUGGEDNESS))

MODELS: dict[str, Model] = {
    "raw": Model("border alone", "仅省界", (BORDER,), ()),
    "border": Model("border", "省界", (BORDER,)),
    "terrain": Model("border + terrain", "省界＋地形", (BORDER, RUGGEDNESS)),
    "main": Model("border x terrain", "省界×地形", _DUAL),
    "geography": Model("+ geography", "＋区位", _DUAL, (DISTRICT, *GEOGRAPHY)),
    "outcomes": Model("+ outcomes held fixed", "＋结果变量", _DUAL, (DISTRICT, *GEOGRAPHY, SCHOOLING, AGEING, URBAN)),
    "mountain": Model("border x mountain dummy", "省界×山区", (BORDER, MOUNTAINOUS, Interaction(BORDER, MOUNTAINOUS))),
    "distance": Model(
        "log distance x terrain", "距省界×地形", (LOG_DISTANCE, RUGGEDNESS, Interaction(LOG_DISTANCE, RUGGEDNESS))
    ),
    "centre_bands": Model("bands of the centre", "中心距离带", (CENTRE_BANDS,), (RUGGEDNESS, DISTRICT)),
    "edge_bands": Model("bands of the edge", "边缘距离带", (EDGE_BANDS,), (RUGGEDNESS, DISTRICT)),
    "weighted": Model("weighted by population", "人口加权", _DUAL, weights="population_2020"),
    "undoubted": Model(
        "doubtful GDP left out", "剔除存疑GDP", _DUAL, filters=(Filter("gdp_is_doubtful", "==", False),)
    ),
}
"""Registered models by key."""

STEPS = ("raw", "border", "terrain", "main", "geography", "outcomes")
"""Models that add controls one step at a time; the last holds outcomes fixed and says so."""

FAMILY_TERMS = ("on_border", "on_border:z_ruggedness")
"""Tests of one family, in the main model with its main covariance, over all outcomes and samples."""

DUAL_SUM = {"on_border": 1.0, "on_border:z_ruggedness": 1.0}
"""Border difference where terrain is one standard deviation more rugged than the mean."""

GAP_GROUPS: dict[str, tuple[str, ...]] = {
    "border": ("on_border",),
    "terrain": ("z_ruggedness",),
    "border x terrain": ("on_border:z_ruggedness",),
    "district status": ("is_district",),
}
"""Parts of a gap between places under the main model."""


def registered_spec(
    model: str = "main", sample_key: str = "china", outcome: str = "gdp", covariance: CovarianceSpec = BY_PREFECTURE
) -> RegressionSpec:
    """A registered regression by its keys.

    Parameters
    ----------
    model, sample_key, outcome : str
        Keys of ``MODELS``, ``SAMPLES`` and ``OUTCOMES``.
    covariance : CovarianceSpec

    Returns
    -------
    RegressionSpec
        A control that is the outcome itself is left out of the model.

    Raises
    ------
    SpecificationError
        If a key is unknown.
    """
    for key, allowed, what in ((model, MODELS, "model"), (outcome, OUTCOMES, "outcome")):
        if key not in allowed:
            raise SpecificationError(f"no {what} {key!r}; allowed: {', '.join(allowed)}. Name one of these keys.")
    chosen, explained, rows = MODELS[model], OUTCOMES[outcome], sample(sample_key)
    return RegressionSpec(
        outcome=explained,
        terms=chosen.terms,
        controls=tuple(
            term for term in chosen.controls if not (isinstance(term, Variable) and term.column == explained.column)
        ),
        fixed_effects=("province_code",),
        weights=chosen.weights,
        sample=replace(rows, filters=(*rows.filters, *chosen.filters)),
        covariance=covariance,
        model=chosen.label,
    )


def main_spec() -> RegressionSpec:
    """The registered main specification: China, log GDP per head, border x terrain, clusters by prefecture."""
    return registered_spec()


def fit_registered(
    frame: pd.DataFrame,
    models: Iterable[str] = tuple(MODELS),
    samples: Iterable[str] = tuple(SAMPLES),
    outcomes: Iterable[str] = tuple(OUTCOMES),
    all_covariances: bool = True,
) -> tuple[FitResult, ...]:
    """Fit registered regressions: every sample, outcome, model and, if asked for, every covariance of the sample.

    Parameters
    ----------
    frame : DataFrame
        From ``analysis_frame`` (or ``add_variables``).
    models, samples, outcomes : iterables of str
        Keys; all by default.
    all_covariances : bool
        All of ``COVARIANCES``, or the main one only.

    Returns
    -------
    tuple of FitResult
        In the order sample, outcome, model, covariance.
    """
    models, outcomes = tuple(models), tuple(outcomes)
    return tuple(
        result
        for key in samples
        for outcome in outcomes
        for model in models
        for result in fit_many(
            registered_spec(model, key, outcome), frame, COVARIANCES[key] if all_covariances else COVARIANCES[key][:1]
        )
    )


def estimates_frame(results: Iterable[FitResult]) -> pd.DataFrame:
    """Estimates of several regressions in one table.

    Returns
    -------
    DataFrame
        sample, outcome, model, term, estimate, se, p, n, vcov, spec_id, low, high (95 % interval), df, clusters (the
        smaller number; missing without clusters).
    """
    names = ("sample", "outcome", "model", "term", "estimate", "se", "p", "n", "vcov", "spec_id", "low", "high", "df")
    columns = (*names, "clusters")
    rows = [[getattr(row, name) for name in columns] for result in results for row in result.records()]
    return pd.DataFrame(rows, columns=list(columns)).astype({"clusters": "Int64"})


def registered_estimates(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Rows of the main model and the distance models, every sample and outcome, main covariance, for verdicts.

    Returns
    -------
    list of dict
        As in ``estimates_frame``.
    """
    results = fit_registered(frame, models=("main", "distance", "centre_bands", "edge_bands"), all_covariances=False)
    table = estimates_frame(results)
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def all_estimates(results: Iterable[FitResult]) -> list[EstimateRecord]:
    """Every coefficient of several regressions, and where they have them the sums that sentences speak of.

    A regression with border, ruggedness and their product also gives the border where terrain is one standard
    deviation more rugged; one with bands of distance, the step from the first band to the second.
    """
    rows: list[EstimateRecord] = []
    for result in results:
        rows += result.records()
        bands = [name for term in result.spec.terms if isinstance(term, Bands) for name in term.names]
        if set(DUAL_SUM) <= set(result.names):
            rows.append(result.combination_record(DUAL_SUM))
        if len(bands) > 1 and set(bands[:2]) <= set(result.names):
            rows.append(result.combination_record({bands[0]: 1.0, bands[1]: -1.0}))
    return rows


def main_family(frame: pd.DataFrame) -> pd.DataFrame:
    """The declared family of tests: ``FAMILY_TERMS`` in the main model, over all samples and outcomes.

    Returns
    -------
    DataFrame
        As in ``estimates_frame``, with ``sample_zh``, ``p_holm`` and ``family_size``.
    """
    table = estimates_frame(fit_registered(frame, models=("main",), all_covariances=False))
    table["sample_zh"] = table["sample"].map({spec.name: spec.label_zh for spec in SAMPLES.values()})
    return adjust_family(table[table["term"].isin(FAMILY_TERMS)].reset_index(drop=True))
